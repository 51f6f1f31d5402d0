"""Completeness per leader and day: what of the leader stood on `trades`, what was stored and answered, and where the
indexer's own sequence has holes. Reads the topic's bytes and the tables for itself: no code of those who write them."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.audit.topics import Watch, dead_places, messages
from ops.statements import statement
from streams.topology import TRADES, TopicNames

# A block comes every 2 s. A stream of many wallets that is silent for so long, and for so many times its usual step,
# did not see what happened meanwhile.
SILENT_BLOCKS: Final = 150
SILENT_TIMES: Final = 20
# Doors whose ids count the fills of a transaction one by one; on chain other logs stand between them.
COUNTED: Final = frozenset({"file", "generated"})
RANGES_MAX: Final = 10


class Blocks(NamedTuple):
    """A range of blocks, both ends included, in which nobody's trade came, between two that did come."""

    first: int
    last: int
    from_at: datetime
    to_at: datetime

    def __str__(self) -> str:
        return f"blocks {self.first}–{self.last} ({self.from_at:%H:%M:%S} to {self.to_at:%H:%M:%S} UTC)"


class Places(NamedTuple):
    """Places of a transaction that are missing between others of it, both ends included."""

    tx_hash: str
    first: int
    last: int

    def __str__(self) -> str:
        places = str(self.first) if self.first == self.last else f"{self.first}–{self.last}"
        return f"fill {places} of {self.tx_hash[:14]}…"


@dataclass(slots=True)
class Day:
    """One leader's day (UTC, by the broker's clock). ``due``: copy orders that its trades had to yield."""

    leader: str
    day: date
    seen: int = 0
    stored: int = 0
    dead: int = 0
    undecided: int = 0
    due: int = 0
    answered: int = 0
    gaps: list[Blocks | Places] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Everything that stood on the topic was stored or is a dead letter, decided and answered, without a hole."""
        kept = self.seen <= self.stored + self.dead
        return kept and not self.undecided and self.answered == self.due and not self.gaps

    def as_json(self) -> dict[str, object]:
        """The day as one JSON object; gaps as ranges, both ends included."""
        return {
            "leader": self.leader, "day": self.day.isoformat(), "seen": self.seen, "stored": self.stored,
            "dead": self.dead, "undecided": self.undecided, "due": self.due, "answered": self.answered,
            "complete": self.complete,
            "gaps": [
                {"blocks": [gap.first, gap.last], "from": gap.from_at.isoformat(), "to": gap.to_at.isoformat()}
                if isinstance(gap, Blocks)
                else {"tx_hash": gap.tx_hash, "places": [gap.first, gap.last]}
                for gap in self.gaps
            ],
        }  # fmt: skip

    def line(self) -> str:
        """The day for people."""
        told = f"{'✓' if self.complete else '✗'} {self.day} {self.leader}  seen {self.seen:,}, stored {self.stored:,}"
        told += f", dead {self.dead:,}" if self.dead else ""
        told += f", not decided {self.undecided:,}" if self.undecided else ""
        told += f"; answered {self.answered:,} of {self.due:,}"
        shown = ", ".join(map(str, self.gaps[:RANGES_MAX]))
        more = f" and {len(self.gaps) - RANGES_MAX} more" if len(self.gaps) > RANGES_MAX else ""
        return f"{told}; missing: {shown}{more}" if self.gaps else told


class Stream:
    """The indexer's sequence as it stands on the topic, over all wallets."""

    def __init__(self) -> None:
        self._blocks: dict[int, datetime] = {}
        self._places: dict[str, set[int]] = defaultdict(set)
        self._days: dict[str, tuple[str, date]] = {}

    def take(self, body: Mapping[str, Any], at: datetime) -> None:
        """One message's own words."""
        block = body.get("block_number")
        if isinstance(block, int):
            self._blocks.setdefault(block, at)
        tx_hash, trade_id = body.get("tx_hash"), str(body.get("trade_id", ""))
        if isinstance(tx_hash, str) and body.get("source") in COUNTED and trade_id.startswith(f"{tx_hash}-"):
            place = trade_id.removeprefix(f"{tx_hash}-")
            if place.isdigit():
                self._places[tx_hash].add(int(place))
                self._days[tx_hash] = (str(body["wallet"]).lower(), at.date())

    def silences(self) -> list[Blocks]:
        """Ranges of blocks without anybody's trade that are far longer than is usual here."""
        blocks = sorted(self._blocks)
        steps = [later - earlier for earlier, later in itertools.pairwise(blocks)]
        if not steps:
            return []
        most = max(SILENT_BLOCKS, SILENT_TIMES * statistics.median(steps))
        return [
            Blocks(earlier + 1, later - 1, self._blocks[earlier], self._blocks[later])
            for earlier, later in itertools.pairwise(blocks)
            if later - earlier > most
        ]

    def missing_places(self) -> Iterable[tuple[str, date, Places]]:
        """Holes in the fills of a transaction, by the wallet and day it was last seen for."""
        for tx_hash, places in sorted(self._places.items()):
            for first, last in holes(places):
                yield (*self._days[tx_hash], Places(tx_hash, first, last))


def holes(places: Iterable[int]) -> list[tuple[int, int]]:
    """What is missing from 0 on up to the highest, as ranges with both ends."""
    found, next_one = [], 0
    for place in sorted(places):
        if place > next_one:
            found.append((next_one, place - 1))
        next_one = place + 1
    return found


async def completeness(
    connection: psycopg.AsyncConnection[Any],
    kafka: str,
    names: TopicNames,
    since: datetime,
    leader: str | None = None,
) -> list[Day]:
    """Every day since of every leader (or of one), the oldest first. Raises KafkaError, psycopg.OperationalError."""
    async with connection.cursor() as cursor:
        await cursor.execute(statement("ops.audit", "leader_reads").encode())
        watch = Watch(await cursor.fetchall())
        await cursor.execute(statement("ops.audit", "leader_days").encode(), {"since": since})
        rows = await cursor.fetchall()
    days: dict[tuple[str, date], Day] = {}
    for wallet, day, *counts in rows:
        stored, undecided, due, answered = counts
        days[wallet, day] = Day(wallet, day, stored=stored, undecided=undecided, due=due, answered=answered)
    stream = await _read(kafka, names, since, watch, days)
    wanted = [one for one in days.values() if leader is None or one.leader == leader]
    for one in wanted:
        one.gaps += [gap for gap in stream.silences() if gap.from_at.date() <= one.day <= gap.to_at.date()]
    for wallet, day, gap in stream.missing_places():
        if (wallet, day) in days:
            days[wallet, day].gaps.append(gap)
    return sorted(wanted, key=lambda one: (one.day, one.leader))


async def _read(
    kafka: str, names: TopicNames, since: datetime, watch: Watch, days: dict[tuple[str, date], Day]
) -> Stream:
    """Count the leaders' messages by day; each trade once, however often it was sent."""
    topic, stream = names.of(TRADES), Stream()
    dead, _ = await dead_places(kafka, names)
    known: dict[tuple[str, date], set[str]] = defaultdict(set)
    async for place in messages(kafka, topic):
        if place.at < since:
            continue
        body = _body(place.value)
        if body is None:
            continue
        stream.take(body, place.at)
        wallet, day = str(body["wallet"]).lower(), place.at.astimezone(UTC).date()
        if not watch.covers(wallet, place.at):
            continue
        one = days.setdefault((wallet, day), Day(wallet, day))
        if (topic, place.partition, place.offset) in dead:
            one.dead += 1
        known[wallet, day].add(str(body["trade_id"]))
    for key, trades in known.items():
        days[key].seen = len(trades)
    return stream


def _body(value: bytes | None) -> Mapping[str, Any] | None:
    try:
        body = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) and "wallet" in body and "trade_id" in body else None


def counted(days: Sequence[Day]) -> dict[str, int]:
    """Sums over all days, and how many of them are not complete."""
    return {
        "days": len(days),
        "leaders": len({one.leader for one in days}),
        "seen": sum(one.seen for one in days),
        "answered": sum(one.answered for one in days),
        "due": sum(one.due for one in days),
        "gaps": sum(len(one.gaps) for one in days),
        "incomplete": sum(not one.complete for one in days),
    }
