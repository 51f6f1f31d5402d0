"""Reads a Snapshot: tables by one read-only connection, topics and the streams process beside it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import psycopg
from psycopg.rows import dict_row

from ops.figures.broker import Counts, counts
from ops.figures.processes import StreamsFigures, streams_figures
from ops.figures.snapshot import Copies, LatestCopy, LatestSignal, Promises, Snapshot, StageFigures, Switch
from ops.statements import statement
from schemas.enums import CopyState
from streams.topology import DEAD_LETTERS, TRADES, TopicNames

# Rates are over this long: short enough to see a change, long enough not to jump.
WINDOW_SECONDS: Final = 5
# A question that takes longer than this disturbs what it looks at.
STATEMENT_SECONDS: Final = 5
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look. ``streams_port``: the loopback door of the streams process, where it is known."""

    kafka: str
    database_url: str
    names: TopicNames
    streams_port: int | None = None


class Reader:
    """Takes snapshots, one after the other; keeps what it needs to tell rates."""

    def __init__(
        self, connection: psycopg.AsyncConnection, broker: Counts, client: httpx.AsyncClient, place: Place
    ) -> None:
        self._connection = connection
        self._broker = broker
        self._client = client
        self._place = place
        self._before: tuple[float, int, Mapping[str, float]] | None = None
        self._all = Copies()
        self._all_due = 0.0

    async def snapshot(self, *, latest: int = 8) -> Snapshot:
        """How everything stands now; of the newest copies half were made, half not. Raises psycopg.OperationalError or
        KafkaError when it cannot be read."""
        streams = await streams_figures(self._client, self._place.streams_port)
        trades = await self._broker.messages(TRADES)
        classify = await self._row("classify_stage", window=WINDOW_SECONDS)
        return Snapshot(
            taken_at=datetime.now(UTC),
            stages=await self._stages(trades, streams, classify),
            behind_ms=_percentiles(classify["behind_ms"]),
            copies=await self._copies(),
            promises=await self._promises(),
            switches=[Switch(**row) for row in await self._rows("switches")],
            latest_copies=[
                _copy(row)
                for made in (True, False)
                for row in await self._rows("latest_copies", rows=max(1, latest // 2), made=made)
            ],
            latest_signals=[
                _signal(row) for row in await self._rows("latest_signals", rows=max(1, latest // 4))
            ],
        )

    async def brief(self) -> Snapshot:
        """Only copies and promises, which cost little however much goes on. Raises as `snapshot` does."""
        await self._count_all()
        return Snapshot(
            taken_at=datetime.now(UTC),
            stages=(),
            copies=self._all,
            promises=await self._promises(),
            switches=(),
        )

    async def _copies(self) -> Copies:
        """The last minute is counted each time; all of them seldom, as that grows with what there is."""
        lately = {CopyState(row["state"]): row["copies"] for row in await self._rows("copies_lately")}
        await self._count_all()
        return replace(self._all, lately=lately)

    async def _count_all(self) -> None:
        began = time.monotonic()
        if began >= self._all_due:
            self._all = _all_copies(await self._rows("copies"))
            # At most a twentieth of the time goes into it.
            self._all_due = time.monotonic() + max(1.0, 20 * (time.monotonic() - began))

    async def _promises(self) -> Promises:
        row = await self._row("promises")
        return Promises(
            bought_twice=row["bought_twice"],
            due=row["due_copies"],
            open=row["open_copies"],
            unknown=row["unknown_orders"],
            oldest_unknown_seconds=_seconds(row["oldest_unknown_seconds"]),
            unsettled=row["unsettled_orders"],
            followings=row["followings"],
            notices=row["notices"],
            signals=row["signals"],
            dead_letters=await self._broker.messages(DEAD_LETTERS),
        )

    async def _stages(self, trades: int, streams: StreamsFigures | None, classify: Row) -> list[StageFigures]:
        execution = await self._row("copy_execution_stage", window=WINDOW_SECONDS)
        trading = await self._row("trading_stage", window=WINDOW_SECONDS)
        recommend = await self._row("recommend_stage", window=WINDOW_SECONDS)
        behind = await self._row("undecided")
        appended, handled = self._rates(trades, {} if streams is None else streams.messages)
        lag: Mapping[str, float] = {} if streams is None else streams.lag_seconds
        return [
            StageFigures("trades", per_second_in=appended),
            StageFigures(
                "classify", handled.get("classify"), _rate(classify["out_count"]), lag.get("classify"),
                _latency(classify),
            ),
            StageFigures(
                "copy_execution", _rate(classify["leader_count"]), _rate(execution["out_count"]),
                _seconds(behind["leader_lag_seconds"]) or 0.0, _latency(execution),
            ),
            StageFigures(
                "trading", _rate(trading["in_count"]), _rate(trading["out_count"]),
                _seconds(trading["lag_seconds"]) or 0.0, _latency(trading),
            ),
            StageFigures(
                "recommend", _rate(classify["smart_count"]), _rate(recommend["out_count"]), lag.get("recommend"),
                _latency(recommend),
            ),
        ]  # fmt: skip

    def _rates(self, trades: int, messages: Mapping[str, float]) -> tuple[float | None, dict[str, float]]:
        """Trades appended and messages handled a second since the snapshot before."""
        now, before = time.monotonic(), self._before
        self._before = (now, trades, messages)
        if before is None or now - before[0] < 0.1:
            return None, {}
        seconds = now - before[0]
        # A process that was started again counts from 0.
        handled = {
            stage: max(0.0, count - before[2].get(stage, 0.0)) / seconds for stage, count in messages.items()
        }
        return (trades - before[1]) / seconds, handled

    async def _rows(self, name: str, **parameters: object) -> list[Row]:
        cursor = self._connection.cursor(row_factory=dict_row)
        await cursor.execute(statement("ops.figures", name).encode(), parameters)
        return await cursor.fetchall()

    async def _row(self, name: str, **parameters: object) -> Row:
        return (await self._rows(name, **parameters))[0]


@asynccontextmanager
async def reader(place: Place) -> AsyncIterator[Reader]:
    """A Reader with its connections; psycopg.OperationalError or KafkaError when there is nothing to read from."""
    options = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_SECONDS}s"
    async with (
        await psycopg.AsyncConnection.connect(
            place.database_url, autocommit=True, options=options
        ) as connection,
        counts(place.kafka, place.names) as broker,
        httpx.AsyncClient() as client,
    ):
        yield Reader(connection, broker, client, place)


def _all_copies(rows: list[Row]) -> Copies:
    by_state: dict[CopyState, int] = {}
    by_reason: dict[str, int] = {}
    for row in rows:
        state = CopyState(row["state"])
        by_state[state] = by_state.get(state, 0) + row["copies"]
        if row["reason"] is not None:
            by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + row["copies"]
    return Copies(by_state, {}, by_reason, sum(row["reversed"] for row in rows))


def _copy(row: Row) -> LatestCopy:
    return LatestCopy(
        copy_order_id=row["copy_order_id"],
        state=CopyState(row["state"]),
        reason=row["reason"],
        side=row["side"],
        filled_usdc=row["filled_usdc"],
        filled_shares=row["filled_shares"],
        amount_usdc=row["amount_usdc"],
        shares=row["shares"],
        at=row["ended_at"] or row["decided_at"],
        follower=row["follower"] or "–",
        leader=row["leader_label"] or row["leader"],
        outcome=row["outcome"],
        question=row["question"],
    )


def _signal(row: Row) -> LatestSignal:
    return LatestSignal(
        signal_id=row["signal_id"],
        usdc=row["usdc"],
        average_price=row["average_price"],
        first_entry=row["first_entry"],
        at=row["last_at"],
        trader=row["trader"] or "–",
        outcome=row["outcome"],
        question=row["question"],
    )


def _rate(count: int) -> float:
    return count / WINDOW_SECONDS


def _seconds(value: Any) -> float | None:
    return None if value is None else max(0.0, float(value))


def _latency(row: Row) -> tuple[float, float, float] | None:
    return _percentiles(row["latency_ms"])


def _percentiles(found: Any) -> tuple[float, float, float] | None:
    if not found or found[0] is None:
        return None
    return float(found[0]), float(found[1]), float(found[2])
