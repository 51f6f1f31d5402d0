"""Storing decisions: copy orders by COPY while they are being taken, then what they changed in the books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import orjson

from schemas.trades import LeaderTraded
from streams.copy_execution.answers import Answer, Written
from streams.copy_execution.books import Carried, Lot
from streams.copy_execution.finished import finished_json
from streams.copy_execution.following import Following
from streams.copy_execution.incoming import Trace
from streams.copy_execution.notices import Notice
from streams.tables.arrays import array
from streams.tables.asking import Connection, Question
from streams.tables.queries import query
from streams.topology import COPY_RESULTS

PLANNED: Final = "polycool_planned"
OUTBOX: Final = "polycool_outbox"
GiveWay = Callable[[], Awaitable[None]]
"""Lets others of the process have their turn."""
# Each lot is looked up among those of its statement: the work grows with the square.
LOTS_PER_STATEMENT: Final = 500
ROWS_PER_WRITE: Final = 64
"""Rows handed to the server at a time: it inserts them while the next ones are decided."""
ROWS_AT_ONCE: Final = 8
"""Deciding so many takes a millisecond; then whoever waits for the loop has his turn (SAFETY R27)."""


async def next_turn() -> None:
    """Give way to whatever waits for the loop, for one turn."""
    await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class BooksBefore:
    """What the books held of carried sums and lots before the first decision, by reference."""

    carried: dict[tuple[str, str], Carried]
    lots: dict[tuple[str, str], Lot]

    @classmethod
    def of(cls, followings: Iterable[Following]) -> BooksBefore:
        """Remember what these followings hold now."""
        carried: dict[tuple[str, str], Carried] = {}
        lots: dict[tuple[str, str], Lot] = {}
        for following in followings:
            name = following.allocation.allocation_id
            carried.update(((name, token), kept) for token, kept in following.books.carried.items())
            lots.update(((name, token), lot) for token, lot in following.books.lots.items())
        return cls(carried, lots)


async def write_copy_orders(
    connection: Connection, decided: Iterator[Written], give_way: GiveWay
) -> list[Answer]:
    """Insert the copy orders as their decisions are taken, giving way every few; the answers, for what comes after."""
    answers: list[Answer] = []
    chunk = await _decided(decided, give_way)
    if not chunk:
        return answers
    async with (
        connection.cursor() as cursor,
        cursor.copy(query("copy_execution/copy_orders").encode()) as copy,
    ):
        while chunk:
            answers.extend(answer for answer, _ in chunk)
            await copy.write("".join(row for _, row in chunk))
            chunk = await _decided(decided, give_way)
    return answers


async def _decided(decided: Iterator[Written], give_way: GiveWay) -> list[Written]:
    """The next rows, a few at once."""
    chunk: list[Written] = []
    while len(chunk) < ROWS_PER_WRITE and (few := list(islice(decided, ROWS_AT_ONCE))):
        chunk += few
        await give_way()
    return chunk


async def write_finished(connection: Connection, answers: Iterable[Answer]) -> bool:
    """Put the ends of copy orders that ended at once into the outbox; whether there were any. An account without a
    wallet has no name on the topic: its user reads the copy order."""
    ends = [
        (answer.following.wallet, finished_json(answer))
        for answer in answers
        if answer.ended and answer.following.wallet is not None
    ]
    if ends:
        async with (
            connection.cursor() as cursor,
            cursor.copy(query("decision/finished_into_outbox").encode()) as copy,
        ):
            await copy.write(
                "".join(f"{COPY_RESULTS.name}\t{wallet}\t\\\\x{value.hex()}\n" for wallet, value in ends)
            )
    return bool(ends)


def changes_of_books(followings: Iterable[Following], before: BooksBefore) -> list[Question]:
    """The statements that leave lots and carried sums as the decisions left them in the books."""
    targets: list[tuple[Any, ...]] = []
    kept: list[tuple[Any, ...]] = []
    now_carried: set[tuple[str, str]] = set()
    for following in followings:
        name = following.allocation.allocation_id
        for token_id, lot in following.books.lots.items():
            if before.lots.get((name, token_id)) is not lot:
                targets.append((following.lot_ids[token_id], lot.target_shares, lot.applied_number))
        for token_id, carried in following.books.carried.items():
            now_carried.add((name, token_id))
            if before.carried.get((name, token_id)) is not carried:
                kept.append((name, token_id, carried.usdc, carried.since))
    dropped = [pair for pair in before.carried if pair not in now_carried]
    return [
        *(
            question
            for start in range(0, len(targets), LOTS_PER_STATEMENT)
            for question in _if_any(
                "decision/lower_targets",
                targets[start : start + LOTS_PER_STATEMENT],
                "lots",
                "targets",
                "numbers",
            )
        ),
        *_if_any("decision/keep_carried", kept, "allocations", "tokens", "usdc", "since"),
        *_if_any("decision/drop_carried", dropped, "allocations", "tokens"),
    ]


def decided_messages(
    messages: Sequence[LeaderTraded], counts: Mapping[tuple[str, str], int], now: datetime
) -> list[Question]:
    """Keep that these messages were decided, each for how many allocations (by wallet and trade)."""
    rows = [
        (m.wallet, m.number, m.trade_id, m.kind, m.side, m.traded_at, counts.get((m.wallet, m.trade_id), 0))
        for m in messages
    ]
    names = ("leaders", "numbers", "trades", "kinds", "sides", "traded", "counts")
    return [
        (name, {**parameters, "now": now})
        for name, parameters in _if_any("copy_execution/leader_decisions", rows, *names)
    ]


def traces_kept(traces: Sequence[Trace]) -> list[Question]:
    """Keep where these trades' traces go on in the trading process."""
    return _if_any("copy_execution/keep_traces", traces, "wallets", "trades", "traceparents")


def notices(told: Sequence[Notice]) -> list[Question]:
    """Notices for people, each once per user and event."""
    rows = [
        (notice.user_id, notice.kind, notice.event, orjson.dumps(notice.body).decode()) for notice in told
    ]
    return _if_any("copy_execution/notices", rows, "users", "kinds", "events", "bodies")


def wake_ups(*, planned: bool, finished: bool) -> list[Question]:
    """Wake who acts on what is committed: trading, the outbox's relay."""
    channels = [channel for channel, wake in ((PLANNED, planned), (OUTBOX, finished)) if wake]
    return [("decision/wake", {"channels": array(channels)})] if channels else []


def _if_any(name: str, rows: Sequence[tuple[Any, ...]], *columns: str) -> list[Question]:
    if not rows:
        return []
    return [
        (
            name,
            {column: array(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)},
        )
    ]
