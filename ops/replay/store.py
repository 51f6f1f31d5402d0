"""The tables of runs: schema ``shadow``, by a role that can write nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.failures import Missing
from ops.replay.again import Chunk, Connection, outcome_json
from ops.statements import statement

ROLE_OPTIONS: Final = "-c role=polycool_shadow -c timezone=UTC -c plan_cache_mode=force_custom_plan"


class Differing(NamedTuple):
    """So many decisions were this and are that now; up to twenty of their names."""

    then: str
    now: str
    decisions: int
    names: list[str]


class Kept(NamedTuple):
    """A run as its row says. ``checkpoint``: partition → the next offset."""

    run: str
    kind: str
    plan: str
    manifest: dict[str, Any]
    checkpoint: dict[int, int]
    state: str
    wanted: str
    total: int
    done: int
    not_made: int


@asynccontextmanager
async def shadow(database_url: str) -> AsyncIterator[Connection]:
    """A connection with the rights of a shadow: reads what was decided, writes the schema ``shadow``."""
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, options=ROLE_OPTIONS, application_name="polycool-replay"
    ) as connection:
        yield connection


class Runs:
    """What is kept of runs, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def open(self, kept: Kept) -> None:
        """A new run, with nothing done."""
        await self._ask(
            "open_run",
            run=kept.run,
            kind=kept.kind,
            plan=kept.plan,
            total=kept.total,
            manifest=orjson.dumps(kept.manifest).decode(),
            checkpoint=_json(kept.checkpoint),
        )

    async def look(self, run: str) -> Kept:
        """The run of this name; Missing when there is none."""
        rows = await self._ask("run", run=run)
        if not rows:
            raise Missing(f"there is no replay run {run}: polycool replay runs lists them.")
        row = rows[0]
        checkpoint = {int(part): offset for part, offset in orjson.loads(row[4]).items()}
        return Kept(row[0], row[1], row[2], orjson.loads(row[3]), checkpoint, *row[5:])

    async def hold(self, run: str) -> bool:
        """Take the run for this connection; False when another process has it."""
        return bool((await self._ask("hold", run=run))[0][0])

    async def step(self, run: str, chunk: Chunk, checkpoint: dict[int, int], done: int) -> str:
        """Keep what a chunk came to, and that it is done, in one transaction; what is wanted of the run."""
        async with self.connection.transaction():
            if chunk.said:
                await self._ask("keep_messages", run=run, **_messages(chunk))
            if chunk.made:
                await self._ask("keep_decisions", run=run, **_decisions(chunk))
            rows = await self._ask(
                "step", run=run, checkpoint=_json(checkpoint), done=done, not_made=chunk.not_made
            )
        return str(rows[0][0])

    async def sent(self, run: str) -> dict[tuple[str, int], int]:
        """How many messages the run has kept as sent, by role and partition."""
        return {(said_as, part): count for said_as, part, count in await self._ask("sent", run=run)}

    async def results_sent(self, run: str) -> dict[str, int]:
        """How many ends of copy orders the run has kept as sent, by follower."""
        return dict(await self._ask("sent_results", run=run))

    async def want(self, run: str, wanted: str) -> bool:
        """Ask a run to pause, to go on or to end; False when it is over."""
        return bool(await self._ask("want", run=run, wanted=wanted))

    async def set_state(self, run: str, state: str) -> None:
        """Running, paused, aborted or done."""
        await self._ask("set_state", run=run, state=state)

    async def drop(self, run: str) -> None:
        """Forget the run with all its rows."""
        await self._ask("drop_run", run=run)

    async def runs(self) -> list[dict[str, Any]]:
        """Every run, the oldest first."""
        names = (
            "run", "kind", "plan", "state", "total", "done", "not_made", "begun_at", "ended_at", "code", "decisions",
            "differing",
        )  # fmt: skip
        return [dict(zip(names, row, strict=True)) for row in await self._ask("runs")]

    async def differing(self, run: str, since: datetime) -> list[Differing]:
        """The decisions that differ, by what they were and are, the most frequent first."""
        return [Differing(*row) for row in await self._ask("differing", run=run, since=since)]

    async def differing_messages(self, run: str) -> list[Differing]:
        """The messages of classify that differ, by topic."""
        return [
            Differing(was, said_as, n, names)
            for said_as, was, n, names in await self._ask("differing_messages", run=run)
        ]

    async def compared(self, run: str, since: datetime) -> tuple[int, datetime | None, datetime | None]:
        """How many decisions were made again, and when the first and the last of them had been made."""
        row = (await self._ask("compared", run=run, since=since))[0]
        return row[0], row[1], row[2]

    async def unanswered(self, run: str, since: datetime, until: datetime) -> int:
        """Decisions of the living version in the span that the run has not made again."""
        return int((await self._ask("unanswered", run=run, since=since, until=until))[0][0])

    async def lines(self, name: str, run: str) -> AsyncIterator[bytes]:
        """The run's rows as lines, in order: ``messages`` or ``decisions``."""
        async with self.connection.transaction(), self.connection.cursor(name="lines") as cursor:
            cursor.itersize = 5_000
            await cursor.execute(statement("ops.replay", f"lines_of_{name}").encode(), {"run": run})
            async for (line,) in cursor:
                yield line.encode()

    async def _ask(self, name: str, **parameters: Any) -> list[Any]:
        async with self.connection.cursor() as cursor:
            await cursor.execute(statement("ops.replay", name).encode(), parameters)
            return await cursor.fetchall() if cursor.description else []


def _json(checkpoint: dict[int, int]) -> str:
    return orjson.dumps({str(part): offset for part, offset in sorted(checkpoint.items())}).decode()


def _messages(chunk: Chunk) -> dict[str, Sequence[Any]]:
    return {
        "parts": [each.place.partition for each in chunk.said],
        "places": [each.place.offset for each in chunk.said],
        "said_as": [str(each.said_as) for each in chunk.said],
        "wallets": [each.wallet for each in chunk.said],
        "trade_ids": [each.trade_id for each in chunk.said],
        "messages": [each.message.decode() for each in chunk.said],
        "was": [each.was for each in chunk.said],
    }


def _decisions(chunk: Chunk) -> dict[str, Sequence[Any]]:
    return {
        "parts": [each.place.partition for each in chunk.made],
        "places": [each.place.offset for each in chunk.made],
        "copy_order_ids": [each.copy_order_id for each in chunk.made],
        "allocation_ids": [each.allocation_id for each in chunk.made],
        "leaders": [each.leader for each in chunk.made],
        "then_reasons": [each.reasons[0] for each in chunk.made],
        "now_reasons": [each.reasons[1] for each in chunk.made],
        "then_decided": [outcome_json(each.then).decode() for each in chunk.made],
        "now_decided": [outcome_json(each.now).decode() for each in chunk.made],
        "checks": [each.checks.decode() for each in chunk.made],
        "differ": [",".join(each.differ) for each in chunk.made],
        "decided_at": [each.decided_at for each in chunk.made],
    }
