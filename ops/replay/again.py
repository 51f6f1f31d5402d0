"""A chunk of recorded messages sorted and decided again, from what was known when they came.

Sorted by the fold of classify, onto the ledgers as they stood before; decided by the deciding function, each from the
inputs stored with its decision (docs/decisions/0003). Every clock is the one that was read then, so that the same chunk
comes to the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.audit.again import Outcome, Stored, decided, outcome_of, outcome_then
from ops.replay.choice import Choice, SettingsThen
from ops.replay.standing_then import RoleRead, RolesThen, StoredTrade, begins, identity, take_up
from ops.statements import statement
from schemas.enums import AddressType, CopyState, TradeKind
from schemas.ids import copy_order_name
from schemas.money import plain
from schemas.trades import LeaderTraded
from streams.classify.reading import Refused, Watched, read
from streams.classify.sorting import TOPIC_OF, sort
from streams.classify.standing import Standing
from streams.copy_execution.decision import Decision
from streams.copy_execution.evidence import checks_json
from streams.copy_execution.finished import ended_at_once
from streams.kafka.guard import Received

Connection = psycopg.AsyncConnection[Any]
# What stands for "no copy order" and for a plan where a reason would stand.
NONE, PLANNED, WAITING = "NONE", "PLANNED", "WAITING"
# A copy order that only the new code makes: nothing was read for it then, so what it would be is not known.
ONLY_NOW: Final = "ONLY_NOW"
GONE: Final = "gone"
"""Said then of a message, and no more: it stands among what was said, and on no topic of the run."""
DEAD_LETTER: Final = "dead_letter"
_PACKAGE: Final = "ops.replay"


class Said(NamedTuple):
    """What classify says of a message now; ``was``: the same as then, something other, or nothing was said then. What
    was said then only is ``gone``, and ``message`` is then's."""

    place: Received
    said_as: str
    wallet: str
    trade_id: str
    message: bytes
    was: str


class Finished(NamedTuple):
    """The end of a copy order that ends with its decision, as it goes onto ``copy_results``."""

    follower: str
    message: bytes


class Made(NamedTuple):
    """A decision made again beside the one that was made; either may be none: no copy order at all."""

    place: Received
    copy_order_id: str
    allocation_id: str
    leader: str
    then: Outcome | None
    now: Outcome | None
    checks: bytes
    decided_at: datetime
    finished: Finished | None = None

    @property
    def differ(self) -> tuple[str, ...]:
        """The names of what differs."""
        now, then = self.now, self.then
        if now is None or then is None:
            return ("copy_order",)
        return tuple(name for name, a, b in zip(now._fields, now, then, strict=True) if a != b)

    @property
    def reasons(self) -> tuple[str, str]:
        """Then and now, in a word each."""
        return reason_of(self.then), ONLY_NOW if self.then is None else reason_of(self.now)


@dataclass(slots=True)
class Chunk:
    """What a chunk came to. ``not_made``: copy orders that never were a decision (they waited to the end)."""

    said: list[Said] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    not_made: int = 0

    def finished(self) -> list[Finished]:
        """Ends in the order of their trades, the same wherever chunks begin."""
        places = sorted(
            self.made, key=lambda made: (made.place.partition, made.place.offset, made.copy_order_id)
        )
        return [made.finished for made in places if made.finished is not None]


def reason_of(outcome: Outcome | None) -> str:
    """PLANNED, WAITING, the reason, or NONE for no copy order at all."""
    if outcome is None:
        return NONE
    return PLANNED if outcome.planned else outcome.reason or WAITING


def outcome_json(outcome: Outcome | None) -> bytes:
    """An outcome as JSON: money as text without trailing zeros, nothing left out."""
    if outcome is None:
        return b"{}"
    return orjson.dumps(outcome._asdict(), default=plain)


class Deciding:
    """Goes through a window chunk by chunk; the ledgers of its wallets move on from chunk to chunk."""

    def __init__(self, connection: Connection, choice: Choice) -> None:
        self._connection = connection
        self._choice = choice
        self._settings = SettingsThen(choice.settings)
        self._standing = Standing()
        self._roles = RolesThen()
        self._met: set[str] = set()

    async def chunk(self, records: Sequence[Received]) -> Chunk:
        """Sort and decide these messages again; reads the database, writes nothing. ``psycopg.Error`` without it."""
        named = [(record, key) for record in records if (key := identity(record)) is not None]
        keys = [key for _, key in named if self._choice.wallet(key[0])]
        stored = {(trade.wallet, trade.trade_id): trade for trade in await self._stored("stored", keys)}
        await self._meet([(record, key) for record, key in named if self._choice.wallet(key[0])], stored)
        found = Chunk()
        leading: dict[tuple[str, str], Said] = {}
        for record in records:
            key = identity(record)
            if self._choice.leaders and (key is None or key[0] not in self._choice.leaders):
                continue
            for said in self._sorted(record, stored.get(key) if key is not None else None):
                found.said.append(said)
                if said.said_as == AddressType.COPY_LEADER:
                    # A message that comes again is decided once.
                    leading.setdefault((said.wallet, said.trade_id), said)
        await self._decide(leading, found)
        await self._only_now([said for said in leading.values() if said.was != GONE], found)
        return found

    async def _stored(self, name: str, keys: Sequence[tuple[str, str]]) -> list[StoredTrade]:
        named = {"wallets": [wallet for wallet, _ in keys], "trade_ids": [trade_id for _, trade_id in keys]}
        return [StoredTrade(*row) for row in await self._rows(name, named)]

    async def _meet(
        self,
        named: Sequence[tuple[Received, tuple[str, str]]],
        stored: dict[tuple[str, str], StoredTrade],
    ) -> None:
        """Wallets that were not met yet: as they stood before the first message of theirs in this chunk."""
        new = {wallet for _, (wallet, _) in named} - self._met
        if not new:
            return
        self._met |= new
        wallets = {"wallets": sorted(new)}
        at = begins([one for one in named if one[1][0] in new], stored)
        history = [StoredTrade(*row) for row in await self._rows("history", wallets)]
        take_up(self._standing, history, at)
        self._roles.take_reads(RoleRead(*row) for row in await self._rows("roles", wallets))

    def _sorted(self, record: Received, stored: StoredTrade | None) -> list[Said]:
        """What is said of a message now, and what was said of it when it came and is said no more."""
        self._roles.look(record, stored)
        came_then = stored if stored is not None and stored.appended_at == record.appended_at else None
        item = read(record, self._roles)
        said = [] if item is None else self._said(item, record, stored, came_then)
        if came_then is not None:
            now = {each.said_as for each in said}
            said += [
                Said(record, role, came_then.wallet, came_then.trade_id, raw, GONE)
                for role, raw in came_then.said().items()
                if role not in now and self._choice.message(role, _token(record))
            ]
        return said

    def _said(
        self,
        item: Watched | Refused,
        record: Received,
        stored: StoredTrade | None,
        came_then: StoredTrade | None,
    ) -> list[Said]:
        if came_then is not None:
            lacking = self._standing.lacking
            (lacking.add if self._roles.lacking else lacking.discard)(came_then.wallet)
        now = record.appended_at if came_then is None else came_then.classified_at
        outcome = sort([item], self._standing, now)
        then = stored.said() if stored is not None else {}
        wallet, trade_id = identity(record) or ("", "")
        said = []
        for send in outcome.sends:
            role = next(role for role, topic in TOPIC_OF.items() if topic == send.topic)
            if self._choice.message(role, _token(record)):
                was = "nothing" if role not in then else "same" if then[role] == send.value else "other"
                said.append(Said(record, role, wallet, trade_id, send.value, was))
        if outcome.dead and self._choice.message(AddressType.COPY_LEADER, _token(record)):
            dead = f"{outcome.dead[0].reason}: {outcome.dead[0].detail}"
            said.append(Said(record, DEAD_LETTER, wallet, trade_id, dead.encode(), "same"))
        return said

    async def _decide(self, leading: dict[tuple[str, str], Said], found: Chunk) -> None:
        named = {
            "wallets": [wallet for wallet, _ in leading],
            "trade_ids": [trade_id for _, trade_id in leading],
        }
        for row in await self._rows("decisions", named):
            stored, (leader, trade_id, allocation_id, decided_at, was_made, user_id) = (
                Stored(*row[:19]),
                row[19:],
            )
            if not self._choice.follower(stored.follower, allocation_id):
                continue
            if not was_made:
                found.not_made += 1
                continue
            said = leading[leader, trade_id]
            again = stored._replace(leader_message=said.message)
            gone = said.was == GONE
            decision = None if gone else decided(again, self._settings.of(stored.settings))
            now = None if decision is None else outcome_of(decision)
            checks = b"[]" if decision is None else checks_json(decision)
            found.made.append(
                Made(
                    said.place, stored.copy_order_id, allocation_id, leader, outcome_then(stored), now,
                    checks, decided_at, _finished(again, decision, (allocation_id, user_id), decided_at),
                )
            )  # fmt: skip

    async def _only_now(self, leading: Sequence[Said], found: Chunk) -> None:
        """Copy orders that are due by what is said now, and that nobody made then."""
        said_of = {
            (said.wallet, said.trade_id): (said, LeaderTraded.decode(said.message)) for said in leading
        }
        trades = {key: (s, m) for key, (s, m) in said_of.items() if m.kind is TradeKind.TRADE}
        named = {
            "wallets": [wallet for wallet, _ in trades],
            "trade_ids": [trade_id for _, trade_id in trades],
            "traded_ats": [min(m.traded_at, s.place.appended_at) for s, m in trades.values()],
            "appended_ats": [said.place.appended_at for said, _ in trades.values()],
        }
        for wallet, trade_id, allocation_id, at, follower in await self._rows("unmade", named):
            if self._choice.follower(follower, allocation_id):
                name = copy_order_name(wallet, trade_id, allocation_id, 0)
                place = trades[wallet, trade_id][0].place
                found.made.append(Made(place, name, allocation_id, wallet, None, None, b"[]", at))

    async def _rows(self, name: str, parameters: dict[str, Any]) -> list[Any]:
        async with self._connection.cursor() as cursor:
            await cursor.execute(statement(_PACKAGE, name).encode(), parameters)
            return await cursor.fetchall()


def _finished(
    stored: Stored, decision: Decision | None, whose: tuple[str, str], decided_at: datetime
) -> Finished | None:
    """What the executor would put out; an account without a wallet has no name on the topic."""
    if (
        decision is None
        or decision.state in (CopyState.PLANNED, CopyState.WAITING)
        or stored.follower is None
    ):
        return None
    allocation_id, user_id = whose
    message = LeaderTraded.decode(bytes(stored.leader_message))
    known = (allocation_id, user_id, stored.follower, stored.venue)
    said = ended_at_once(stored.copy_order_id, message, known, decision, decided_at)
    return Finished(stored.follower, said)


def _token(record: Received) -> str:
    try:
        return str(orjson.loads(record.value or b"")["token_id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
