"""Faults of the former product's indexer and listener, as promises of the door and of classify."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from api.webhooks.former import FormerTrade, trade_seen
from schemas.enums import AddressType, Side, TradeKind
from schemas.watched import WatchedAddress
from streams.topology import COPY_LEADER, SMART_TRADER
from streams.venues.order_hash import order_hash
from streams.venues.orders import OrderTerms, unsigned_order
from streams.venues.wallets import EOA, Credentials, TradingWallet, new_secret, open_key
from tests.streams.door import fill, tx, wallet
from tests.streams.sorter import Sorter, leaders, reasons, smart

LEADER, TRADER, STRANGER = wallet(1), wallet(2), wallet(3)
COPY, SHOW = AddressType.COPY_LEADER, AddressType.SMART_TRADER
TOKEN = "9" * 77


def _former(**changed: object) -> FormerTrade:
    body = {
        "tx_id": f"{tx(1)}_41", "user_address": LEADER, "position_id": TOKEN, "market_id": "4" * 77, "outcome": 1,
        "tx_type": "BUY", "amount": "100000000", "price": "0.65", "taking_amount": "65.0", "tx_hash": tx(1),
        "block_number": "7", "timestamp": "2026-11-22T12:00:00Z",
    }  # fmt: skip
    return FormerTrade.model_validate(body | changed)


@pytest.mark.parametrize("market_id", ["4" * 77, None, "", "no number"])
@pytest.mark.parametrize("outcome", [0, 1, None, 7])
def test_b02_the_token_alone_says_market_and_outcome(market_id: str | None, outcome: int | None) -> None:
    """A body's market_id and outcome are never believed: the trade is the same whatever they say."""
    assert trade_seen(_former(market_id=market_id, outcome=outcome)) == trade_seen(_former())
    assert trade_seen(_former()).token_id == TOKEN


async def test_b03_every_fill_of_a_batch_transaction_is_kept(sorter: Sorter) -> None:
    """Forty fills of one transaction in four tokens: forty messages, none thrown away with the batch."""
    sorter.watch(LEADER, COPY)
    bodies = [
        fill(LEADER, trade_id=f"{tx(5)}-{n}", tx_hash=tx(5), token_id=str(1_000 + n % 4)) for n in range(40)
    ]
    handled = await sorter.sort(*bodies)
    assert [message.number for message in leaders(handled)] == list(range(1, 41))
    rows = await sorter.rows("SELECT shares FROM leader_positions WHERE wallet = %s ORDER BY 1", LEADER)
    assert [row["shares"] for row in rows] == [Decimal(100)] * 4


@pytest.mark.parametrize("usdc", ["13", "500", "3.7"])
async def test_b05_money_that_does_not_fit_the_fill_is_refused(sorter: Sorter, usdc: str) -> None:
    """Refunds and other people's flows summed into one amount: a dead letter, not a larger copy (10 shares at 50¢)."""
    sorter.watch(LEADER, COPY)
    handled = await sorter.sort(fill(LEADER, size="10", price="0.5", usdc=usdc))
    assert reasons(handled) == ["INCONSISTENT"]
    assert not handled.sends


@pytest.mark.parametrize(
    ("kind", "side"), [("split", "BUY"), ("merge", "SELL"), ("conversion", "BUY"), ("conversion", "SELL")]
)
async def test_b08_shares_made_or_burnt_move_the_position_and_are_no_trade(
    sorter: Sorter, kind: str, side: str
) -> None:
    """Splits, merges and neg-risk conversions are sided by what they do to the shares, and never copied."""
    sorter.watch(LEADER, COPY)
    await sorter.sort(fill(LEADER, size="10"))
    handled = await sorter.sort(fill(LEADER, kind=kind, side=side, size="4", price=None, usdc=None))
    (message,) = leaders(handled)
    assert message.kind is TradeKind(kind)
    assert (message.position_before, message.position_after) == (
        Decimal(10),
        Decimal(14 if side == "BUY" else 6),
    )
    assert message.burst_started_at is None


def test_b08_an_order_in_a_neg_risk_market_names_its_own_exchange() -> None:
    """The same terms have another hash there: an order signed for the wrong contract would be refused."""
    key = open_key(new_secret())
    hashes = []
    for neg_risk in (False, True):
        terms = OrderTerms(
            side=Side.BUY, token_id=TOKEN, amount=Decimal(5), limit=Decimal("0.5"), tick=Decimal("0.01"),
            neg_risk=neg_risk, salt=1, timestamp_ms=1_760_000_000_000,
        )  # fmt: skip
        signer = TradingWallet("account", key.address, key, Credentials("key", "c2VjcmV0", "pass"), EOA)
        hashes.append(order_hash(unsigned_order(terms, signer)))
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize("stamp", ["2026-11-22T12:00:00", "1761680413", "2026-11-22", "", "noon"])
async def test_b30_a_time_without_its_zone_is_refused_at_the_door(sorter: Sorter, stamp: str) -> None:
    """Naive and aware times never meet inside: what has no zone is a dead letter that names the field."""
    sorter.watch(LEADER, COPY)
    handled = await sorter.sort(fill(LEADER, traded_at=stamp))
    assert reasons(handled) == ["UNREADABLE"]
    assert "traded_at" in handled.dead[0].detail


async def test_b30_times_of_every_zone_are_one_clock(sorter: Sorter) -> None:
    """The same instant in another zone is the same content: a redelivery, no conflict."""
    sorter.watch(LEADER, COPY)
    body = fill(LEADER, traded_at="2026-11-22T12:00:00Z")
    await sorter.sort(body)
    again = await sorter.sort(body | {"traded_at": "2026-11-22T13:00:00+01:00"})
    assert not again.dead
    assert leaders(again)[0].traded_at == datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_finding_the_filter_a_smart_traders_trade_never_reaches_the_copiers(sorter: Sorter) -> None:
    """The listener took messages of every type; here the role decides the topic."""
    sorter.watch(TRADER, SHOW)
    handled = await sorter.sort(fill(TRADER), fill(STRANGER))
    assert not leaders(handled)
    assert [message.wallet for message in smart(handled)] == [TRADER]


@pytest.mark.parametrize("spelling", ["smart_wallet", "smart_trader"])
async def test_finding_the_two_spellings_are_one_role_inside(sorter: Sorter, spelling: str) -> None:
    """Both spellings make the wallet's trades visible; a third is refused."""
    raw = b'{"wallet":"%s","version":1,"roles":["%s"]}' % (TRADER.encode(), spelling.encode())
    sorter.roles.book.take(WatchedAddress.decode(raw))
    assert [message.wallet for message in smart(await sorter.sort(fill(TRADER)))] == [TRADER]
    with pytest.raises(ValidationError, match="roles"):
        WatchedAddress.decode(raw.replace(spelling.encode(), b"smart_whale"))


async def test_finding_the_shared_channel_each_role_has_a_topic_of_its_own(sorter: Sorter) -> None:
    """A wallet of both roles goes to both, once each; nothing else is on either."""
    sorter.watch(LEADER, COPY, SHOW)
    sorter.watch(TRADER, SHOW)
    handled = await sorter.sort(fill(LEADER), fill(TRADER))
    by_topic = {
        topic.name: [send.key for send in handled.sends if send.topic is topic]
        for topic in (COPY_LEADER, SMART_TRADER)
    }
    assert by_topic == {"copy_leader": [LEADER], "smart_trader": [LEADER, TRADER]}
