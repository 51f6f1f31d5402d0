"""recommend on a real database: what becomes a signal, once, and why the rest does not (RULES §7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from schemas.enums import SignalReason
from schemas.trades import SmartTraded
from streams.kafka.guard import Handled, Received
from streams.smart_trader.agent import Recommend
from streams.smart_trader.recommending import Recommended
from streams.smart_trader.signals import Growth
from streams.tables.pool import open_pool
from tests.streams.door import tx, wallet

WHO, TOKEN = wallet(5), "42"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)


def told(number: int, **changes: Any) -> bytes:
    """A smart trader's BUY of 200 USDC as classify says it."""
    at = START + timedelta(seconds=number)
    body: dict[str, Any] = {
        "trade_id": f"{tx(number)}-0",
        "wallet": WHO,
        "side": "BUY",
        "token_id": TOKEN,
        "size": Decimal(400),
        "price": Decimal("0.5"),
        "usdc": Decimal(200),
        "traded_at": at,
        "number": number,
        "position_before": Decimal(0),
        "position_after": Decimal(400),
        "burst_started_at": START,
        "role_version": 1,
        "appended_at": at + timedelta(seconds=1),
        "classified_at": at + timedelta(seconds=1),
        "first_entry": True,
    }
    return SmartTraded(**(body | changes)).encode()


class Shop:
    """A recommend stage and what it told of."""

    def __init__(self, stage: Recommend, database_url: str, outcomes: list[Recommended]) -> None:
        self.stage = stage
        self.outcomes = outcomes
        self._database_url = database_url

    async def handle(self, *values: bytes) -> Handled:
        """One batch."""
        return await self.stage.handle(
            [Received("smart_trader", 0, n, WHO.encode(), value, START) for n, value in enumerate(values)]
        )

    async def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows, as the owner."""
        async with await psycopg.AsyncConnection.connect(
            self._database_url, row_factory=dict_row
        ) as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []

    def results(self) -> list[tuple[Growth, SignalReason | None]]:
        """What became of each message, over all batches."""
        return [
            (decided.result, decided.reason) for outcome in self.outcomes for decided in outcome.decisions
        ]


@asynccontextmanager
async def opened(database_url: str, threshold: str = "300") -> AsyncIterator[Shop]:
    """A shop over an open market in TOKEN."""
    pool = await open_pool(database_url, "streams", max_size=2, min_size=1)
    outcomes: list[Recommended] = []
    shop = Shop(
        Recommend(pool, threshold_usdc=Decimal(threshold), told=outcomes.append), database_url, outcomes
    )
    await shop.rows(
        "INSERT INTO markets (token_id, version, market_id, tick, min_buy_usdc, min_rest_shares, fee_rate, neg_risk, "
        "exchange_version, closed) VALUES (%s, 1, 'm', 0.01, 1, 5, 0, false, 2, false)",
        TOKEN,
    )
    try:
        yield shop
    finally:
        await pool.close()


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    """A shop with the default threshold."""
    async with opened(database_url) as made:
        yield made


async def test_a_burst_becomes_one_signal_that_grows(shop: Shop) -> None:
    """Below the threshold nothing is shown; with the message that reaches it the signal is new, then it grows."""
    await shop.handle(told(1))
    assert await shop.rows("SELECT 1 FROM smart_signals") == []
    await shop.handle(told(2), told(3))
    assert shop.results() == [
        (Growth.NONE, SignalReason.BELOW_THRESHOLD),
        (Growth.NEW, None),
        (Growth.GROWN, None),
    ]
    (signal,) = await shop.rows("SELECT * FROM smart_signals")
    assert (signal["usdc"], signal["shares"], signal["average_price"], signal["fills"]) == (
        600,
        1200,
        Decimal("0.5"),
        3,
    )
    assert (signal["first_at"], signal["last_at"]) == (
        START + timedelta(seconds=1),
        START + timedelta(seconds=3),
    )
    assert signal["first_entry"]
    assert signal["signal_id"].startswith("S-")


async def test_messages_that_come_again_change_nothing(shop: Shop) -> None:
    """Whole batches, parts of them, and twice in one batch: by the wallet's number each counts once."""
    batch = [told(1), told(2), told(3)]
    await shop.handle(*batch)
    before = await shop.rows("SELECT * FROM smart_signals")
    await shop.handle(*batch, *batch)
    await shop.handle(batch[1])
    assert await shop.rows("SELECT * FROM smart_signals") == before
    assert len(shop.results()) == 3


async def test_a_signal_never_leads_to_an_order(shop: Shop) -> None:
    """Neither a copy order nor anything in the outbox."""
    handled = await shop.handle(told(1), told(2))
    assert not handled.sends
    for table in ("copy_orders", "orders", "outbox"):
        assert await shop.rows(f"SELECT 1 FROM {table}") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side": "SELL"}, SignalReason.NOT_A_BUY),
        ({"kind": "split", "price": None, "usdc": None, "burst_started_at": None}, SignalReason.NOT_A_TRADE),
        ({"price": Decimal("0.981")}, SignalReason.PRICE_TOO_HIGH),
        ({"appended_at": START + timedelta(seconds=302)}, SignalReason.TOO_OLD),
        ({"token_id": "43"}, SignalReason.MARKET_UNKNOWN),
    ],
)
async def test_everything_else_is_kept_with_its_reason(
    shop: Shop, change: dict[str, Any], reason: SignalReason
) -> None:
    """And adds nothing to the sum."""
    await shop.handle(told(1, **change), told(2))
    assert shop.results() == [(Growth.NONE, reason), (Growth.NONE, SignalReason.BELOW_THRESHOLD)]
    rows = await shop.rows("SELECT reason, usdc FROM smart_decisions ORDER BY number")
    assert rows == [{"reason": reason.value, "usdc": 0}, {"reason": "BELOW_THRESHOLD", "usdc": 200}]


@pytest.mark.parametrize(("win_rate", "shown"), [("0.54", False), ("0.55", True), (None, True)])
async def test_the_win_rate_is_that_of_the_watched_wallet(
    shop: Shop, win_rate: str | None, shown: bool
) -> None:
    """Known and below 0.55: WIN_RATE_LOW; unknown is no objection."""
    await shop.rows(
        "INSERT INTO watched_addresses (wallet, version, win_rate) VALUES (%s, 1, %s)", WHO, win_rate
    )
    await shop.handle(told(1), told(2))
    assert bool(await shop.rows("SELECT 1 FROM smart_signals")) is shown


@pytest.mark.parametrize("change", ["closed = true", "payout = 1"])
async def test_a_market_that_takes_no_orders_is_not_recommended(shop: Shop, change: str) -> None:
    """Closed or resolved: MARKET_CLOSED."""
    await shop.rows(f"UPDATE markets SET {change}")
    await shop.handle(told(1))
    assert shop.results() == [(Growth.NONE, SignalReason.MARKET_CLOSED)]


async def test_unreadable_messages_are_dead_letters(shop: Shop) -> None:
    """The neighbours count."""
    handled = await shop.handle(b"garbage", told(1), told(2))
    assert [message.reason.value for message in handled.dead] == ["UNREADABLE"]
    assert await shop.rows("SELECT 1 AS one FROM smart_signals") == [{"one": 1}]


async def test_a_name_that_is_taken_gives_way_to_the_next(shop: Shop) -> None:
    """Seven characters can meet: the later burst takes the next name."""
    await shop.handle(told(1), told(2))
    (first,) = await shop.rows("SELECT signal_id FROM smart_signals")
    await shop.rows("DELETE FROM smart_decisions")
    await shop.rows("UPDATE smart_signals SET wallet = %s", wallet(6))
    await shop.handle(told(1), told(2))
    names = {row["signal_id"] for row in await shop.rows("SELECT signal_id FROM smart_signals")}
    assert len(names) == 2
    assert first["signal_id"] in names


async def test_the_threshold_is_a_setting(database_url: str) -> None:
    """200 is reached by the first message."""
    async with opened(database_url, "200") as shop:
        await shop.handle(told(1))
        assert shop.results() == [(Growth.NEW, None)]
