"""Questions about the past and about the last buy: claimed, answered, and what they stand on (UX N14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

from schemas.trades import LeaderTraded, TradeSeen
from schemas.what_if_causes import WhatIfCause
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.following import Following, Surroundings
from streams.copy_execution.inputs import Market
from streams.tables.asking import ask
from streams.tables.books import load_followings, surroundings
from streams.tables.ground import shared_of, shared_questions
from streams.tables.pool import CONNECT_SECONDS, Pool, connection_options
from streams.tables.queries import query
from streams.tables.settings import SettingsKept
from streams.what_if.events import MarketResolved
from streams.what_if.rehearsal import as_now
from streams.what_if.replay import Past, Resolved


class Asked(NamedTuple):
    """A question; ``settings`` as JSON, ``attempts`` with this one."""

    what_if_id: str
    user_id: str
    leader: str
    venue: str
    allocation_id: str | None
    days: int
    settings: str
    asked_at: datetime
    attempts: int


async def claim(pool: Pool, kind: str, silent_seconds: float) -> Asked | None:
    """Take the next question of a kind; also one whose worker has said nothing for so long."""
    async with pool.connection() as connection:
        found = await connection.execute(query("what_if/claim"), {"kind": kind, "silent": silent_seconds})
        row = await found.fetchone()
    return None if row is None else Asked(*row)


async def beat(pool: Pool, what_if_id: str, progress: int) -> None:
    """It is being worked on; so many percent are done."""
    await _write(pool, "beat", {"what_if_id": what_if_id, "progress": progress})


async def finish(pool: Pool, what_if_id: str, result: str) -> None:
    """Its answer, as JSON."""
    await _write(pool, "finish", {"what_if_id": what_if_id, "result": result})


async def fail(pool: Pool, what_if_id: str, cause: WhatIfCause, most_seconds: float | None = None) -> None:
    """It has no answer, and why; ``most_seconds``: how long it might take, where that is why."""
    values = {"what_if_id": what_if_id, "cause": cause.value, "most_seconds": most_seconds}
    await _write(pool, "fail", values)


async def _write(pool: Pool, name: str, values: Mapping[str, object]) -> None:
    async with pool.connection() as connection:
        await connection.execute(query(f"what_if/{name}"), values)


def load_past(url: str, asked: Asked, since: datetime, most: int) -> Past:
    """What is stored of the leader from ``since`` until the question was asked, at most ``most`` trades; blocks."""
    with psycopg.connect(
        url,
        options=connection_options("streams"),
        connect_timeout=CONNECT_SECONDS,
        row_factory=namedtuple_row,
    ) as connection:

        def rows(name: str, **values: object) -> list[Any]:
            return connection.execute(query(f"what_if/{name}").encode(), values).fetchall()

        span = {"leader": asked.leader, "since": since, "until": asked.asked_at}
        found = rows("past_trades", **span, most=most)
        trades = [TradeSeen.model_validate(row._asdict()) for row in reversed(found)]
        tokens = sorted({trade.token_id for trade in trades})
        markets = rows("past_markets", tokens=tokens)
        begun = trades[0].traded_at if len(trades) == most else since
        held = rows("held_before", leader=asked.leader, since=begun, tokens=tokens)
        (facts,) = rows("past_facts", leader=asked.leader, user_id=asked.user_id, venue=asked.venue)
    return Past(
        trades=trades,
        held={row.token_id: row.shares for row in held},
        markets={row.token_id: _market(row) for row in markets},
        resolved=_resolved(markets, since, asked.asked_at),
        payouts={row.token_id: row.payout for row in markets if row.payout is not None},
        value_usdc=facts.value_usdc,
        cash_usdc=facts.cash_usdc,
        known_since=facts.known_since,
        left_out=len(trades) == most,
    )


def _market(row: Any) -> Market:
    """Open until its end is played."""
    return Market(
        row.market_id, row.tick, row.fee_rate, row.min_buy_usdc, row.end_at, False, row.category, row.question
    )


def _resolved(markets: Sequence[Any], since: datetime, until: datetime) -> list[Resolved]:
    ended = [row for row in markets if row.resolved_at is not None and since <= row.resolved_at <= until]
    ended.sort(key=attrgetter("resolved_at", "market_id"))
    found = []
    for (at, market_id), rows in groupby(ended, key=attrgetter("resolved_at", "market_id")):
        payouts: dict[str, Decimal] = {row.token_id: row.payout for row in rows if row.payout is not None}
        found.append(Resolved(at, MarketResolved(market_id, payouts)))
    return found


class Stage(NamedTuple):
    """What a rehearsal stands on: the leader's last buy, and as made now; the follower's books; the rest."""

    last: LeaderTraded
    message: LeaderTraded
    following: Following
    around: Surroundings


async def load_stage(pool: Pool, asked: Asked, live_sources: frozenset[str]) -> Stage | None:
    """Read it all under the locks a decision takes, and let them go at once; None without a buy of the leader's."""
    async with pool.connection() as connection:
        last = await (
            await connection.execute(query("what_if/last_buy"), {"leader": asked.leader})
        ).fetchone()
        row = await (
            await connection.execute(
                query("what_if/following_rehearsed"), {"allocation_id": asked.allocation_id}
            )
        ).fetchone()
        if last is None or row is None:
            return None
        allocation, (versions, times) = AllocationRow(*row[:-2]), row[-2:]
        bought = LeaderTraded.decode(bytes(last[0]))
        (clock,) = (await ask(connection, [("decision/switch_and_clock", {})]))["decision/switch_and_clock"]
        message = as_now(bought, clock[0], allocation.role_version)
        reads = {allocation.leader: list(zip(versions or (), times or (), strict=True))}
        shared = shared_of(await ask(connection, shared_questions([message])), [message], reads)
        loaded = await load_followings(connection, [allocation], [message], shared, SettingsKept())
        await connection.rollback()
    (following,) = loaded.all()
    return Stage(bought, message, following, surroundings(shared, loaded, live_sources))
