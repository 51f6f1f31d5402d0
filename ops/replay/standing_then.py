"""The ledgers of wallets as they stood before a message: made again from what is stored of them. Pure.

A wallet's numbers are gapless in the order in which its messages came. What stood before the window is what has a lower
number than the first message of the wallet that the window brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson

from ops.rebuild.fold import Tables
from schemas.enums import AddressType, Source, TradeKind
from schemas.trades import LeaderTraded, SmartTraded
from streams.classify.standing import Held as HeldPosition
from streams.classify.standing import KnownTrade, Ledger, Standing
from streams.kafka.guard import Received
from streams.kafka.roles import Held, RoleBook

MESSAGE_OF = {AddressType.COPY_LEADER: LeaderTraded, AddressType.SMART_TRADER: SmartTraded}


class StoredTrade(NamedTuple):
    """A row of ``trades``, as far as it says what was done with the message."""

    wallet: str
    trade_id: str
    kind: str
    source: str
    token_id: str
    tx_hash: str | None
    undoes: str | None
    content: bytes
    leader_message: bytes | None
    smart_message: bytes | None
    leader_number: int | None
    smart_number: int | None
    appended_at: datetime
    classified_at: datetime

    def said(self) -> dict[AddressType, bytes]:
        """What went onto the topic of each role."""
        both = {
            AddressType.COPY_LEADER: self.leader_message,
            AddressType.SMART_TRADER: self.smart_message,
        }
        return {role: bytes(raw) for role, raw in both.items() if raw is not None}

    def numbers(self) -> dict[AddressType, int]:
        """Its place in each ledger it stands in."""
        both = {AddressType.COPY_LEADER: self.leader_number, AddressType.SMART_TRADER: self.smart_number}
        return {role: number for role, number in both.items() if number is not None}

    def known(self) -> KnownTrade:
        """As the fold of classify knows it."""
        said = self.said()
        return KnownTrade(
            self.wallet, self.trade_id, TradeKind(self.kind), Source(self.source), self.token_id, self.tx_hash,
            self.undoes, bytes(self.content), said.get(AddressType.COPY_LEADER), said.get(AddressType.SMART_TRADER),
        )  # fmt: skip


class RoleRead(NamedTuple):
    """Classify read this version of a wallet's roles at that time; a row per role held then, one without if none."""

    wallet: str
    version: int
    read_at: datetime
    role: str | None
    since_version: int | None


def identity(received: Received) -> tuple[str, str] | None:
    """The wallet and trade id that a message names, as far as it can be read."""
    try:
        body = orjson.loads(received.value or b"")
        wallet, trade_id = body["wallet"].lower(), body["trade_id"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return (wallet, trade_id) if isinstance(trade_id, str) else None


class RolesThen(RoleBook):
    """The roles by which a message was sorted: those it was said in, or those that classify had read by its append."""

    def __init__(self) -> None:
        super().__init__()
        self._reads: dict[str, list[tuple[datetime, Held]]] = {}
        self._of_message: Held | None = None
        self._at: datetime | None = None
        # The wallet lacked a message when this one was sorted: a dead letter not yet redriven (SAFETY R18).
        self.lacking = False

    def take_reads(self, rows: Iterable[RoleRead]) -> None:
        """Take up what was read when; a wallet's rows are in order of version and all at once."""
        versions: dict[tuple[str, int], tuple[datetime, dict[AddressType, int]]] = {}
        for row in rows:
            since = versions.setdefault((row.wallet, row.version), (row.read_at, {}))[1]
            if row.role is not None and row.since_version is not None:
                since[AddressType(row.role)] = row.since_version
        for (wallet, version), (read_at, since) in versions.items():
            self._reads.setdefault(wallet, []).append((read_at, Held(version, since)))

    def look(self, received: Received, stored: StoredTrade | None) -> None:
        """From now on the roles are those of this message."""
        self._at, self._of_message, self.lacking = received.appended_at, None, False
        if stored is None or stored.appended_at != received.appended_at:
            return
        since: dict[AddressType, int] = {}
        version = 0
        for role, raw in stored.said().items():
            message = MESSAGE_OF[role].decode(raw)
            version, since[role] = message.role_version, message.ledger_since
            self.lacking = self.lacking or bool(message.unsure_for_now)
        self._of_message = Held(version, since)

    def of(self, wallet: str) -> Held | None:
        """What the wallet held then; None when nobody watched it."""
        if self._of_message is not None:
            return self._of_message
        found = None
        for read_at, held in self._reads.get(wallet, ()):
            if self._at is not None and read_at <= self._at:
                found = held
        return found if found is not None and found.since else None


@dataclass(slots=True)
class Begin:
    """Where a wallet begins in a window: its first append, and the first number of each ledger that it brought."""

    at: datetime
    numbers: dict[AddressType, int] = field(default_factory=dict)

    def before(self, trade: StoredTrade, role: AddressType) -> bool:
        """Whether the stored trade stood in this ledger already."""
        number, first = trade.numbers()[role], self.numbers.get(role)
        return trade.appended_at < self.at if first is None else number < first


def begins(
    records: Sequence[tuple[Received, tuple[str, str]]], stored: Mapping[tuple[str, str], StoredTrade]
) -> dict[str, Begin]:
    """Where each wallet of these messages begins; a message that only repeats a stored one begins nothing."""
    found: dict[str, Begin] = {}
    for received, key in records:
        begin = found.setdefault(key[0], Begin(received.appended_at))
        trade = stored.get(key)
        if trade is not None and trade.appended_at == received.appended_at:
            for role, number in trade.numbers().items():
                begin.numbers[role] = min(number, begin.numbers.get(role, number))
    return found


def take_up(standing: Standing, history: Iterable[StoredTrade], at: Mapping[str, Begin]) -> None:
    """Put the wallets of ``at`` into the standing, as they stood where they begin."""
    tables = Tables()
    by_ledger: dict[tuple[AddressType, str], list[tuple[int, bytes]]] = {}
    known = []
    for trade in history:
        begin = at[trade.wallet]
        before = [role for role in trade.numbers() if begin.before(trade, role)]
        if before:
            known.append(trade.known())
        for role in before:
            by_ledger.setdefault((role, trade.wallet), []).append((trade.numbers()[role], trade.said()[role]))
    for (role, _), messages in by_ledger.items():
        for _, raw in sorted(messages):
            tables.apply(role, raw)
    standing.add(known)
    for key, (position, number) in tables.positions.items():
        standing.positions[key] = HeldPosition(position, number)
    for (role, wallet), last in tables.last_number.items():
        # A ledger is unsure of tokens it has not seen, and stays so: a position becomes sure alone (decision 26).
        standing.ledgers[wallet, role] = Ledger(last, tables.since[role, wallet], unsure=True)
