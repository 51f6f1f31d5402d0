"""A new version beside the living one: it reads the living ``trades`` in a consumer group of its own and decides into
the tables of a shadow run what the living version has decided; a gate compares the two."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from ops.audit.topics import Span
from ops.broker_access import reach
from ops.ground import Ground
from ops.replay.again import Connection, Deciding
from ops.replay.choice import Choice
from ops.replay.code import code_version
from ops.replay.plan import SEED
from ops.replay.run import CHUNK, Taken
from ops.replay.standing_then import identity
from ops.replay.store import Differing, Kept, Runs
from ops.replay.window import Bounds, read, resolve
from ops.statements import statement
from streams.kafka.guard import Received
from streams.topology import TRADES

# Between two looks at the end of the topic: a gate asks about hours, not about moments.
LOOK_SECONDS: Final = 0.5
# A message that the living version has not answered by then is a message it does not answer: an unwatched wallet.
PATIENCE: Final = timedelta(seconds=30)
# Fewer decisions say nothing about a version.
AT_LEAST: Final = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """Go or no-go, and why. ``missing``: decisions of the span that the shadow has not made."""

    run: str
    code: str
    go: bool
    why: str
    decisions: int
    missing: int
    differing: list[Differing]
    messages_differ: list[Differing]

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return {
            "run": self.run, "code": self.code, "go": self.go, "why": self.why, "decisions": self.decisions,
            "missing": self.missing, "by_reason": [each._asdict() for each in self.differing],
            "messages_differ": [each._asdict() for each in self.messages_differ],
        }  # fmt: skip


async def start(place: Ground, connection: Connection, run: str, choice: Choice) -> None:
    """Write a following run down that begins at the end of the topic as it is now."""
    topic = place.names.of(TRADES)
    ends = {part: span.end for part, span in (await resolve(place.kafka, topic, Bounds())).items()}
    manifest = {
        "code": code_version(), "topic": topic, "choice": choice.as_json(), "seed": SEED, "hashes": {},
        "offsets": {str(part): [end, end] for part, end in ends.items()},
    }  # fmt: skip
    await Runs(connection).open(Kept(run, "follow", "", manifest, ends, "running", "go", 0, 0, 0))


async def follow(
    place: Ground,
    connection: Connection,
    run: str,
    *,
    until: Callable[[Kept], bool] = lambda _kept: False,
    told: Callable[[int], None] = lambda _done: None,
) -> str:
    """Follow the topic until paused or aborted from beside, or ``until`` says so; the state it is left in.

    Raises Taken when another process follows, or when the code is not the run's; KafkaError, psycopg.Error.
    """
    runs = Runs(connection)
    kept = await runs.look(run)
    if kept.manifest["code"] != code_version():
        raise Taken(
            f"run {run} is of the code {kept.manifest['code']}, this is {code_version()}: begin another"
        )
    # Looked at again once it is held: until then an operator may end it.
    if not await runs.hold(run) or (kept := await runs.look(run)).state in ("aborted", "done"):
        raise Taken(f"run {run} is {kept.state}, or another process works on it")
    await runs.set_state(run, "running")
    deciding = Deciding(connection, Choice.from_json(kept.manifest["choice"]))
    group = f"{place.names.prefix}polycool-shadow-{run}"
    consumer = AIOKafkaConsumer(**reach(place.kafka), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        state = "go"
        while state == "go" and not until(kept):
            state, kept = await _round(place, runs, deciding, kept, consumer)
            told(kept.done)
    finally:
        await consumer.stop()
    state = {"go": "paused", "pause": "paused", "abort": "aborted"}[state]
    await runs.set_state(run, state)
    return state


async def _round(
    place: Ground, runs: Runs, deciding: Deciding, kept: Kept, consumer: AIOKafkaConsumer
) -> tuple[str, Kept]:
    """What has come and been answered since the checkpoint; waits a little when there was nothing."""
    topic = place.names.of(TRADES)
    ends = await resolve(place.kafka, topic, Bounds())
    spans = {part: Span(offset, ends[part].end) for part, offset in kept.checkpoint.items()}
    records: list[Received] = []
    checkpoint = dict(kept.checkpoint)
    async for record in read(place.kafka, topic, spans):
        records.append(record)
        if len(records) >= CHUNK:
            break
    ready = await _answered(runs.connection, records)
    chunk = await deciding.chunk(ready)
    checkpoint.update({record.partition: record.offset + 1 for record in ready})
    wanted = await runs.step(kept.run, chunk, checkpoint, len(ready))
    if ready:
        # The group's offsets are for whoever looks at lag; the checkpoint is what counts.
        consumer.assign([TopicPartition(topic, part) for part in checkpoint])
        await consumer.commit(
            {
                TopicPartition(topic, part): OffsetAndMetadata(offset, "")
                for part, offset in checkpoint.items()
            }
        )
    else:
        await asyncio.sleep(LOOK_SECONDS)
    return wanted, await runs.look(kept.run)


async def _answered(connection: Connection, records: Sequence[Received]) -> list[Received]:
    """The first messages of each partition that the living version has answered, or has let pass by now."""
    keys = [identity(record) for record in records]
    named = [key for key in keys if key is not None]
    async with connection.cursor() as cursor:
        await cursor.execute(
            statement("ops.replay", "answered").encode(),
            {"wallets": [wallet for wallet, _ in named], "trade_ids": [trade_id for _, trade_id in named]},
        )
        answered = set(await cursor.fetchall())
    late = datetime.fromtimestamp(time.time(), UTC) - PATIENCE
    stopped: set[int] = set()
    ready = []
    for record, key in zip(records, keys, strict=True):
        if record.partition in stopped:
            continue
        if key in answered or record.appended_at < late:
            ready.append(record)
        else:
            stopped.add(record.partition)
    return ready


async def judge(
    connection: Connection,
    run: str,
    *,
    since: datetime,
    at_least: int = AT_LEAST,
    allowed: Mapping[str, int] | None = None,
) -> Verdict:
    """Whether this run's version decides as the living one did over the span; ``allowed``: differences that are meant,
    as ``THEN>NOW`` with how many at most."""
    runs = Runs(connection)
    kept = await runs.look(run)
    decisions, _, latest = await runs.compared(run, since)
    missing = 0 if latest is None else await runs.unanswered(run, since, latest)
    differing, messages = await runs.differing(run, since), await runs.differing_messages(run)
    meant = allowed or {}
    unmeant = [each for each in differing if each.decisions > meant.get(f"{each.then}>{each.now}", 0)]
    if decisions < at_least:
        why = f"{decisions} decisions are too few to say: {at_least} are asked for"
    elif missing:
        why = f"{missing} decisions of the living version were not made by this one"
    elif unmeant or messages:
        why = f"{sum(each.decisions for each in (*unmeant, *messages))} decisions or messages differ"
    else:
        why = f"{decisions} decisions, none that was not meant differs"
    go = decisions >= at_least and not missing and not unmeant and not messages
    return Verdict(run, kept.manifest["code"], go, why, decisions, missing, differing, messages)
