"""Our signed orders are the official SDK's, byte for byte; the same plan always gives the same bytes."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket import AsyncSecureClient
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket._internal.actions.orders.typed_data import build_order_signature, build_order_typed_data
from polymarket._internal.actions.orders.types import UnsignedOrder
from polymarket.types import HexString

from schemas.enums import RejectReason, Side
from streams.trading.identity import salt_of, timestamp_ms_of
from streams.venues.order_hash import order_hash, signed_by
from streams.venues.orders import CannotBuild, OrderTerms, build, unsigned_order
from streams.venues.wallets import DEPOSIT_WALLET, EOA, Credentials, TradingWallet, new_secret, open_key
from tests.paper.exchange import YES, Exchange, Trader, new_trader
from tests.trading.ground import Ground

TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
DEPOSIT = "0x52908400098527886E0F7030069857D2E4169EE7"


def wallet_of(private_key: bytes, api_key: str = "key", *, signature_type: int = EOA) -> TradingWallet:
    key = open_key(private_key)
    address = DEPOSIT if signature_type == DEPOSIT_WALLET else key.address
    return TradingWallet("account", address, key, Credentials(api_key, "c2VjcmV0", "pass"), signature_type)


@st.composite
def terms(draw: st.DrawFn) -> OrderTerms:
    tick = Decimal(draw(st.sampled_from(TICKS)))
    return OrderTerms(
        side=draw(st.sampled_from(list(Side))),
        token_id=str(draw(st.integers(1, (1 << 256) - 1) | st.integers(1, (1 << 40) - 1))),
        amount=Decimal(draw(st.integers(100, 10_000_000))).scaleb(-2),
        limit=draw(st.integers(1, int(1 / tick) - 1)) * tick,
        tick=tick,
        neg_risk=draw(st.booleans()),
        salt=draw(st.integers(0, (1 << 53) - 1)),
        timestamp_ms=draw(st.integers(1_700_000_000_000, 2_000_000_000_000)),
    )


def sdk_signature(order: UnsignedOrder, private_key: bytes) -> str:
    """The signature as the SDK's client makes it: general typed data, then its own wrapping."""
    signed = Account.from_key(private_key).sign_typed_data(full_message=build_order_typed_data(order))
    return str(build_order_signature(order, HexString("0x" + signed.signature.hex())))


@settings(max_examples=150, deadline=None)
@given(terms(), st.binary(min_size=32, max_size=32).filter(any), st.sampled_from([EOA, DEPOSIT_WALLET]))
def test_hash_and_signature_equal_the_sdks(
    asked: OrderTerms, private_key: bytes, signature_type: int
) -> None:
    """Whatever the terms, exchange version, neg-risk and wallet: the direct encoding signs what the SDK signs."""
    try:
        order = unsigned_order(asked, wallet_of(private_key, signature_type=signature_type))
    except (CannotBuild, ValueError):
        return
    name, signature = signed_by(open_key(private_key), order)
    assert signature == sdk_signature(order, private_key)
    assert name == order_hash(order)


@pytest.fixture
async def sdk_and_exchange(ground: Ground) -> tuple[AsyncSecureClient, Exchange, Trader]:
    trader = new_trader()
    await ground.exchange.put_market()
    await ground.exchange.open_account(trader, "100")
    return await trader.client(ground.exchange.url), ground.exchange, trader


@pytest.mark.parametrize("side", ["BUY", "SELL"])
async def test_the_posted_body_equals_the_sdks(
    sdk_and_exchange: tuple[AsyncSecureClient, Exchange, Trader], side: str
) -> None:
    """The SDK's own client signs a market order; with its salt and time ours is the same, to the byte."""
    sdk, _, trader = sdk_and_exchange
    sized: dict[str, Any] = (
        {"amount": "7.77", "max_price": "0.37"} if side == "BUY" else {"shares": "7.77", "min_price": "0.37"}
    )
    theirs = await sdk.create_market_order(token_id=YES, side=side, order_type="FAK", **sized)  # type: ignore[call-overload]
    api_key = sdk._ctx.credentials.key
    wallet = wallet_of(bytes.fromhex(trader.private_key[2:]), api_key)
    ours = build(
        OrderTerms(
            Side(side),
            YES,
            Decimal("7.77"),
            Decimal("0.37"),
            Decimal("0.01"),
            False,
            theirs.salt,
            theirs.timestamp,
        ),
        wallet,
    )
    _, payload = build_post_order_request(theirs, owner_api_key=api_key)
    assert ours.body == json.dumps(payload, separators=(",", ":")).encode()
    await sdk.close()


def test_the_same_plan_is_the_same_order() -> None:
    """Salt and time follow from copy order and attempt alone; another attempt is another order."""
    at = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
    key = new_secret()

    def order(copy_order_id: str, attempt: int) -> bytes:
        asked = OrderTerms(
            Side.BUY, YES, Decimal(5), Decimal("0.5"), Decimal("0.01"), False,
            salt_of(copy_order_id, attempt), timestamp_ms_of(at, attempt),
        )  # fmt: skip
        return build(asked, wallet_of(key)).body

    assert order("C-0000001", 1) == order("C-0000001", 1)
    assert len({order("C-0000001", 1), order("C-0000001", 2), order("C-0000002", 1)}) == 3
    assert timestamp_ms_of(at, 1) == 1_795_348_800_123
    assert timestamp_ms_of(at + timedelta(milliseconds=1), 1) == timestamp_ms_of(at, 2)


@given(st.text(min_size=1), st.integers(1, 100))
def test_a_salt_is_exact_as_a_json_number(copy_order_id: str, attempt: int) -> None:
    """53 bits survive every JSON reader."""
    salt = salt_of(copy_order_id, attempt)
    assert 0 <= salt < 1 << 53
    assert int(float(salt)) == salt


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"limit": Decimal("0.375")}, RejectReason.TICK),
        ({"limit": Decimal(1)}, RejectReason.TICK),
        ({"tick": Decimal("0.02")}, RejectReason.TICK),
        ({"amount": Decimal("0.001")}, RejectReason.SIZE),
    ],
)
def test_terms_no_order_can_have_are_refused_before_signing(
    changed: dict[str, Any], reason: RejectReason
) -> None:
    """Off the tick, out of bounds, too small: nothing is signed, and the reason is the exchange's."""
    good = OrderTerms(
        Side.BUY, YES, Decimal(5), Decimal("0.37"), Decimal("0.01"), False, 1, 1_700_000_000_000
    )
    with pytest.raises(CannotBuild) as refused:
        build(dataclasses.replace(good, **changed), wallet_of(new_secret()))
    assert refused.value.reason is reason
