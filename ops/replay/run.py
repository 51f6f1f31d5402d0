"""A run of a replay: chunk by chunk from its checkpoint, paced, until done, paused or aborted."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ops.audit.topics import Span
from ops.ground import Ground
from ops.replay.again import Connection, Deciding
from ops.replay.choice import Choice
from ops.replay.outlet import RESULTS, digests, open_outlet, shadow_names
from ops.replay.plan import Plan
from ops.replay.store import Differing, Kept, Runs
from ops.replay.window import read
from streams.kafka.guard import Received
from streams.kafka.sender import partition_of

# A chunk is one transaction and one look at what is wanted: half a second's work, so that a pause is heard at once.
CHUNK: Final = 500
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
Told = Callable[[int, int], None]


class Taken(Exception):
    """Another process works on the run, or it is over. One sentence."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How far a run came and what it found; ``digests`` of tables and topics once it is done."""

    run: str
    state: str
    total: int
    done: int
    decisions: int
    not_made: int
    differing: list[Differing]
    messages_differ: list[Differing]
    digests: dict[str, str]
    seconds: float

    @property
    def differ(self) -> int:
        """How many decisions and messages differ."""
        return sum(each.decisions for each in (*self.differing, *self.messages_differ))

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        kept = {
            name: getattr(self, name) for name in ("run", "state", "total", "done", "decisions", "not_made")
        }
        by_reason = [each._asdict() for each in self.differing]
        messages = [each._asdict() for each in self.messages_differ]
        return {
            **kept, "differ": self.differ, "by_reason": by_reason, "messages_differ": messages,
            "digests": self.digests, "seconds": round(self.seconds, 2),
        }  # fmt: skip


async def begin(connection: Connection, plan: Plan, run: str) -> None:
    """Write a run down that has yet to go."""
    checkpoint = {part: span.begin for part, span in plan.spans.items()}
    await Runs(connection).open(
        Kept(run, "replay", plan.name, plan.manifest(), checkpoint, "running", "go", plan.messages, 0, 0)
    )


async def go(
    place: Ground,
    connection: Connection,
    run: str,
    *,
    rate: float | None = None,
    told: Told = lambda _done, _total: None,
) -> Ended:
    """Go on with a run from its checkpoint. Whatever ends this in between, the checkpoint stands.

    Raises Taken, KafkaError, psycopg.Error.
    """
    runs = Runs(connection)
    if not await runs.hold(run):
        raise Taken(f"another process works on run {run}")
    # Looked at once it is held: until then an operator may end it.
    kept = await runs.look(run)
    if kept.state in ("aborted", "done"):
        raise Taken(f"run {run} is {kept.state}")
    await runs.set_state(run, "running")
    began = time.monotonic()
    state = await _chunks(place, connection, kept, rate, told)
    await runs.set_state(run, state)
    return await ended(place, connection, run, time.monotonic() - began)


async def _chunks(place: Ground, connection: Connection, kept: Kept, rate: float | None, told: Told) -> str:
    runs, deciding = Runs(connection), Deciding(connection, Choice.from_json(kept.manifest["choice"]))
    ends = {int(part): end for part, (_, end) in kept.manifest["offsets"].items()}
    spans = {part: Span(offset, ends[part]) for part, offset in kept.checkpoint.items()}
    checkpoint, done = dict(kept.checkpoint), 0
    size = CHUNK if rate is None else max(1, min(CHUNK, int(rate)))
    began = time.monotonic()
    own = shadow_names(place.names, kept.run)
    there = await runs.sent(kept.run)
    for follower, count in (await runs.results_sent(kept.run)).items():
        where = RESULTS, partition_of(follower.encode(), max(ends) + 1)
        there[where] = there.get(where, 0) + count
    async with open_outlet(place.kafka, own, max(ends) + 1, there) as outlet:
        gathered: list[Received] = []

        async def step() -> str:
            nonlocal done
            chunk = await deciding.chunk(gathered)
            await outlet.send(chunk.said, chunk.finished())
            checkpoint.update({record.partition: record.offset + 1 for record in gathered})
            wanted = await runs.step(kept.run, chunk, checkpoint, len(gathered))
            done += len(gathered)
            gathered.clear()
            told(kept.done + done, kept.total)
            if rate is not None:
                await asyncio.sleep(max(0.0, done / rate - (time.monotonic() - began)))
            return wanted

        async for record in read(place.kafka, kept.manifest["topic"], spans):
            gathered.append(record)
            if len(gathered) >= size and (wanted := await step()) != "go":
                return "paused" if wanted == "pause" else "aborted"
        if gathered:
            await step()
    return "done"


async def ended(place: Ground, connection: Connection, run: str, seconds: float = 0.0) -> Ended:
    """What a run has found so far."""
    runs = Runs(connection)
    kept = await runs.look(run)
    found: dict[str, str] = {}
    if kept.state == "done":
        for name in ("messages", "decisions"):
            digest = hashlib.sha256()
            async for line in runs.lines(name, run):
                digest.update(len(line).to_bytes(4) + line)
            found[f"shadow.{name}"] = digest.hexdigest()
        partitions = max(int(part) for part in kept.manifest["offsets"]) + 1
        found |= await digests(place.kafka, shadow_names(place.names, run), partitions)
    decisions, _, _ = await runs.compared(run, BEGINNING)
    return Ended(
        run, kept.state, kept.total, kept.done, decisions, kept.not_made, await runs.differing(run, BEGINNING),
        await runs.differing_messages(run), found, seconds,
    )  # fmt: skip
