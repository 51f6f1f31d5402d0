"""What a replay would do, counted before it is done: the same window and choice have the same plan name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ops.audit.topics import Span
from ops.replay.again import Connection
from ops.replay.choice import Choice
from ops.replay.code import code_version
from ops.replay.standing_then import identity
from ops.replay.window import Bounds, read, resolve
from ops.statements import statement
from streams.topology import TRADES, TopicNames

# Keys asked for in one statement.
CHUNK: Final = 5_000
# What one core does here with a few decisions a trade (docs/performance.md, `polycool bench replay`).
MESSAGES_PER_SECOND: Final = 1_500
# Nothing in a replay is drawn by chance; the manifest says so.
SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A window with what it holds. ``hashes``: SHA-256 over each partition's messages, with their places and times."""

    topic: str
    spans: dict[int, Span]
    hashes: dict[int, str]
    messages: int
    of_leaders: int
    decisions: int
    choice: Choice
    code: str

    @property
    def name(self) -> str:
        """Short, and another one when the window, its messages, the choice or the code are."""
        return f"P-{hashlib.sha256(orjson.dumps(self.manifest())).hexdigest()[:10]}"

    def manifest(self) -> dict[str, Any]:
        """All that a run depends on."""
        return {
            "code": self.code,
            "topic": self.topic,
            "offsets": {str(part): list(span) for part, span in sorted(self.spans.items())},
            "hashes": {str(part): digest for part, digest in sorted(self.hashes.items())},
            "choice": self.choice.as_json(),
            "seed": SEED,
        }

    def seconds(self, rate: float | None) -> float:
        """How long it will about take."""
        return self.messages / min(rate or MESSAGES_PER_SECOND, MESSAGES_PER_SECOND)


async def make_plan(
    kafka: str, names: TopicNames, connection: Connection, bounds: Bounds, choice: Choice
) -> Plan:
    """Read the window once and count; changes nothing. WrongWindow, KafkaError, psycopg.Error."""
    topic = names.of(TRADES)
    spans = await resolve(kafka, topic, bounds)
    digests = {part: hashlib.sha256() for part in spans}
    messages = of_leaders = decisions = 0
    asked: list[tuple[str, str]] = []
    async for record in read(kafka, topic, spans):
        at = record.appended_at.isoformat().encode()
        for piece in (str(record.offset).encode(), at, record.key or b"-", record.value or b"-"):
            digests[record.partition].update(len(piece).to_bytes(4) + piece)
        messages += 1
        key = identity(record)
        if key is None or not choice.wallet(key[0]):
            continue
        of_leaders += 1
        asked.append(key)
        if len(asked) >= CHUNK:
            decisions += await _decisions(connection, asked)
            asked.clear()
    decisions += await _decisions(connection, asked)
    hashes = {part: digest.hexdigest() for part, digest in digests.items()}
    return Plan(topic, spans, hashes, messages, of_leaders, decisions, choice, code_version())


async def _decisions(connection: Connection, keys: Sequence[tuple[str, str]]) -> int:
    once = sorted(set(keys))
    named = {"wallets": [wallet for wallet, _ in once], "trade_ids": [trade_id for _, trade_id in once]}
    async with connection.cursor() as cursor:
        await cursor.execute(statement("ops.replay", "count_decisions").encode(), named)
        row = await cursor.fetchone()
    return int(row[0]) if row is not None else 0
