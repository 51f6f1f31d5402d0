"""market_facts on a real database: the highest version wins, a leader's highest value of a day is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from schemas.markets import LeaderValued, MarketSeen
from streams.kafka.guard import Handled, Received
from streams.markets.agent import MarketFacts
from streams.tables.pool import open_pool
from tests.streams.door import wallet

NOW = datetime.now(UTC).replace(microsecond=0)
LEADER = wallet(7)


class Facts:
    """The stage, fed as the guard does."""

    def __init__(self, stage: MarketFacts, database_url: str) -> None:
        self._stage = stage
        self._database_url = database_url

    async def take(self, *facts: MarketSeen | LeaderValued | bytes | None, key: str | None = None) -> Handled:
        """One batch; a fact's own key unless another one is given."""
        batch = []
        for offset, fact in enumerate(facts):
            values = isinstance(fact, LeaderValued)
            own = fact.wallet if isinstance(fact, LeaderValued) else getattr(fact, "token_id", "1")
            value = fact if isinstance(fact, bytes) or fact is None else fact.encode()
            topic = "leader_values" if values else "markets"
            batch.append(Received(topic, 0, offset, (key or own).encode(), value, NOW))
        return await self._stage.handle(batch)

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Rows, as the owner."""
        async with await psycopg.AsyncConnection.connect(
            self._database_url, row_factory=dict_row
        ) as connection:
            cursor = await connection.execute(statement.encode())
            return await cursor.fetchall()


@pytest.fixture
async def facts(database_url: str) -> AsyncIterator[Facts]:
    """The stage on this test's database."""
    pool = await open_pool(database_url, "streams", max_size=2, min_size=1)
    stage = MarketFacts(pool, markets="markets", leader_values_hours=25, now=lambda: datetime.now(UTC))
    yield Facts(stage, database_url)
    await pool.close()


def market(version: int, **changes: Any) -> MarketSeen:
    """A token at a version that its question tells."""
    return MarketSeen(
        version=version, token_id="1" * 78, market_id="0xabc", question=f"v{version}", **changes
    )


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
@pytest.mark.parametrize("together", [True, False])
async def test_r23_the_highest_version_wins_whatever_the_order(
    facts: Facts, order: tuple[int, ...], together: bool
) -> None:
    """In one batch or one after the other."""
    seen = [market(version) for version in order]
    for batch in [seen] if together else [[each] for each in seen]:
        await facts.take(*batch)
    assert [row["question"] for row in await facts.rows("SELECT question FROM markets")] == ["v3"]


async def test_all_facts_of_a_token_are_kept_exactly(facts: Facts) -> None:
    """Ticks and fees to the last decimal, times in UTC, what is not told stays empty."""
    end_at = NOW + timedelta(days=1)
    await facts.take(
        market(
            1,
            tick=Decimal("0.0001"),
            fee_rate=Decimal("0.0625"),
            neg_risk=True,
            category="Sports",
            end_at=end_at,
        )
    )
    (row,) = await facts.rows("SELECT * FROM markets")
    assert (row["token_id"], row["tick"], row["fee_rate"]) == ("1" * 78, Decimal("0.0001"), Decimal("0.0625"))
    assert (row["neg_risk"], row["category"], row["end_at"]) == (True, "Sports", end_at)
    assert (row["payout"], row["closed"], row["outcome"]) == (None, False, None)


async def test_bad_facts_are_dead_letters_and_tombstones_unsay_nothing(facts: Facts) -> None:
    """Garbage, a foreign key, a value of tomorrow; a tombstone leaves the known market."""
    await facts.take(market(1))
    tomorrow = LeaderValued(wallet=LEADER, usdc=Decimal(1), taken_at=NOW + timedelta(days=1))
    bad = [await facts.take(b"garbage"), await facts.take(market(2), key="2"), await facts.take(tomorrow)]
    assert [handled.dead[0].reason.value for handled in bad] == ["UNREADABLE", "WRONG_KEY", "IN_THE_FUTURE"]
    assert not (await facts.take(None)).dead
    assert [row["question"] for row in await facts.rows("SELECT question FROM markets")] == ["v1"]
    assert await facts.rows("SELECT 1 FROM leader_values") == []


async def test_a_days_values_of_a_leader_are_kept_and_older_ones_dropped(facts: Facts) -> None:
    """Of two at the same moment the higher one; what is older than 25 hours goes."""

    def at(hours: int, usdc: int) -> LeaderValued:
        return LeaderValued(wallet=LEADER, usdc=Decimal(usdc), taken_at=NOW - timedelta(hours=hours))

    await facts.take(at(30, 9), at(24, 10), at(1, 60), at(1, 50))
    await facts.take(at(1, 55), at(0, 70))
    rows = await facts.rows("SELECT usdc FROM leader_values ORDER BY taken_at")
    assert [int(row["usdc"]) for row in rows] == [10, 60, 70]
