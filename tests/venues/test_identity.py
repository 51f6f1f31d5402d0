"""Order identity (DESIGN §4.1): the hash is known before the POST; the same plan is the same bytes, whoever signs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket._internal.actions.orders.typed_data import build_order_signature, build_order_typed_data
from polymarket.types import HexString

from ops.paper import signing
from schemas.enums import RejectReason, Side
from schemas.money import floor_to_tick
from streams.trading.identity import salt_of, timestamp_ms_of
from streams.venues.orders import CannotBuild, OrderTerms, OrderType, build, unsigned_order
from streams.venues.wallets import (
    DEPOSIT_WALLET,
    EOA,
    PROXY,
    SAFE,
    Credentials,
    TradingWallet,
    open_key,
    wallet_of_owner,
)

TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
OLDER = str(int("9a" * 32, 16))
NEWER = str(int("01" + "ab" * 18 + "00" * 8 + "ab" * 4 + "01", 16))
COPIES = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", min_size=3, max_size=12)
DECIDED = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def wallet(private_key: bytes, signature_type: int) -> TradingWallet:
    """A wallet of this kind, owned by this key."""
    key = open_key(private_key)
    address = wallet_of_owner(key.address, signature_type)
    return TradingWallet("account", address, key, Credentials("key", "c2VjcmV0", "pass"), signature_type)


@st.composite
def plans(draw: st.DrawFn) -> tuple[str, int, datetime, OrderTerms]:
    """A copy order, its attempt, when it was decided, and its terms, with salt and time of the two."""
    copy_order_id, attempt, decided_at = draw(COPIES), draw(st.integers(1, 5)), draw(DECIDED)
    tick = Decimal(draw(st.sampled_from(TICKS)))
    order_type = draw(st.sampled_from(list(OrderType)))
    timestamp = timestamp_ms_of(decided_at, attempt)
    newer = draw(st.booleans())
    terms = OrderTerms(
        side=draw(st.sampled_from(list(Side))),
        token_id=NEWER if newer else OLDER,
        amount=Decimal(draw(st.integers(100, 1_000_000))).scaleb(-2),
        limit=draw(st.integers(1, int(1 / tick) - 1)) * tick,
        tick=tick,
        neg_risk=draw(st.booleans()),
        salt=salt_of(copy_order_id, attempt),
        timestamp_ms=timestamp,
        exchange_version=draw(st.sampled_from([None, 3 if newer else 2])),
        order_type=order_type,
        expires_at=timestamp // 1000 + 300 if order_type is OrderType.GTD else 0,
        post_only=order_type.rests and draw(st.booleans()),
    )
    return copy_order_id, attempt, decided_at, terms


KINDS = st.sampled_from([EOA, PROXY, SAFE, DEPOSIT_WALLET])
SECRETS = st.binary(min_size=32, max_size=32).filter(lambda secret: 0 < int.from_bytes(secret) < 2**255)


@settings(max_examples=200, deadline=None)
@given(plans(), SECRETS, KINDS)
def test_the_same_plan_is_the_same_bytes_and_the_exchanges_own_hash(
    plan: tuple[str, int, datetime, OrderTerms], secret: bytes, kind: int
) -> None:
    """Built twice: equal to the byte. The exchange, reading the bytes alone, comes to the same hash, for the contract
    of the market's version, and finds the owner's signature in them, for every kind of wallet."""
    copy_order_id, attempt, decided_at, terms = plan
    owner = wallet(secret, kind)
    try:
        made = build(terms, owner)
    except CannotBuild:
        return
    again = build(terms, wallet(secret, kind))
    assert again == made
    assert (terms.salt, terms.timestamp_ms) == (
        salt_of(copy_order_id, attempt), timestamp_ms_of(decided_at, attempt),
    )  # fmt: skip
    body = json.loads(made.body)
    fields = read_as_the_exchange_does(body["order"])
    exchange = {
        (True, False): signing.EXCHANGE_V3, (True, True): signing.EXCHANGE_V3,
        (False, True): signing.NEG_RISK, (False, False): signing.STANDARD,
    }[terms.token_id == NEWER, terms.neg_risk]  # fmt: skip
    contents = signing.struct_hash(fields)
    assert "0x" + signing.order_hash(contents, exchange, 137).hex() == made.order_hash
    signature = bytes.fromhex(body["order"]["signature"][2:])
    assert signing.order_signed_by(fields, contents, signature, exchange, 137) == owner.key.address.lower()
    assert (body["orderType"], body["order"]["expiration"]) == (terms.order_type.value, str(terms.expires_at))
    assert body.get("postOnly", False) is terms.post_only


@settings(max_examples=60, deadline=None)
@given(plans(), SECRETS, KINDS)
def test_every_kind_of_wallet_signs_as_the_sdk_does(
    plan: tuple[str, int, datetime, OrderTerms], secret: bytes, kind: int
) -> None:
    """General typed data and the SDK's own wrapping give the same signature."""
    owner = wallet(secret, kind)
    try:
        unsigned, made = unsigned_order(plan[3], owner), build(plan[3], owner)
    except CannotBuild:
        return
    signed = Account.from_key(secret).sign_typed_data(full_message=build_order_typed_data(unsigned))
    expected = build_order_signature(unsigned, HexString("0x" + signed.signature.hex()))
    assert json.loads(made.body)["order"]["signature"] == expected


@settings(max_examples=300, deadline=None)
@given(COPIES, COPIES, st.integers(1, 9), st.integers(1, 9), DECIDED)
def test_another_copy_order_or_attempt_is_another_order(
    one: str, other: str, attempt: int, later: int, decided_at: datetime
) -> None:
    """Equal only where both are: no two orders of ours can meet in one hash, and none has two."""
    same = (one, attempt) == (other, later)
    assert (salt_of(one, attempt) == salt_of(other, later)) is same
    if attempt != later:
        assert timestamp_ms_of(decided_at, attempt) != timestamp_ms_of(decided_at, later)
    assert (
        timestamp_ms_of(decided_at + timedelta(microseconds=10), attempt)
        - timestamp_ms_of(decided_at, attempt)
        < 2
    )


@settings(max_examples=300, deadline=None)
@given(plans(), SECRETS)
def test_amounts_are_exact_and_keep_the_limit(
    plan: tuple[str, int, datetime, OrderTerms], secret: bytes
) -> None:
    """What is offered is what was asked to the cent; the price of the two amounts is the limit or better, but for less
    than the finest tick; no float was in it."""
    terms = plan[3]
    try:
        unsigned = unsigned_order(terms, wallet(secret, EOA))
    except CannotBuild:
        return
    offered, requested = Decimal(unsigned.maker_amount), Decimal(unsigned.taker_amount)
    if terms.side is Side.BUY:
        assert offered / requested < terms.limit + Decimal("0.0001")
        shares = requested
    else:
        assert offered == terms.amount * 1_000_000
        assert requested / offered <= terms.limit
        shares = offered
    if terms.order_type.rests:
        assert shares == terms.amount * 1_000_000
    elif terms.side is Side.BUY:
        assert offered == terms.amount * 1_000_000
    assert floor_to_tick(terms.limit, terms.tick) == terms.limit


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exchange_version": 3}, RejectReason.SIGNATURE),
        ({"post_only": True}, RejectReason.OTHER),
        ({"expires_at": 1_795_348_900}, RejectReason.OTHER),
        ({"order_type": OrderType.GTD}, RejectReason.OTHER),
        ({"order_type": OrderType.GTD, "expires_at": 1_795_348_979}, RejectReason.OTHER),
    ],
)
def test_what_the_exchange_would_refuse_is_not_signed(
    changes: dict[str, object], reason: RejectReason
) -> None:
    """A version that is not the token's, post-only that does not rest, an expiration too near or out of place."""
    good: dict[str, object] = {
        "side": Side.BUY, "token_id": OLDER, "amount": Decimal(5), "limit": Decimal("0.5"), "tick": Decimal("0.01"),
        "neg_risk": False, "salt": 1, "timestamp_ms": 1_795_348_800_000,
    }  # fmt: skip
    build(OrderTerms(**good), wallet(b"\x11" * 32, EOA))  # type: ignore[arg-type]
    with pytest.raises(CannotBuild) as refused:
        build(OrderTerms(**{**good, **changes}), wallet(b"\x11" * 32, EOA))  # type: ignore[arg-type]
    assert refused.value.reason is reason


def read_as_the_exchange_does(order: dict[str, object]) -> signing.OrderFields:
    """The eleven signed fields, from the JSON of the POST alone."""
    return signing.OrderFields(
        int(str(order["salt"])), str(order["maker"]).lower(), str(order["signer"]).lower(), int(str(order["tokenId"])),
        int(str(order["makerAmount"])), int(str(order["takerAmount"])), 0 if order["side"] == "BUY" else 1,
        int(str(order["signatureType"])), int(str(order["timestamp"])), bytes.fromhex(str(order["metadata"])[2:]),
        bytes.fromhex(str(order["builder"])[2:]),
    )  # fmt: skip
