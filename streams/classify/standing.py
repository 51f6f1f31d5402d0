"""What is stored about the wallets of a batch, as the fold needs it: read before, written after, by streams/tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from schemas.enums import AddressType, Source, TradeKind
from streams.classify.ledger import BEGUN_ANEW, Position

# `<tx_hash>-<n>` as DESIGN §5 has it, and the same place in other spellings.
_PLACE: Final = re.compile(r"(0x[0-9a-f]{64})[-_:.](?:log)?0*(\d{1,9})")


class KnownTrade(NamedTuple):
    """A message that is stored, with what was said about it to each role's topic."""

    wallet: str
    trade_id: str
    kind: TradeKind
    source: Source
    token_id: str
    tx_hash: str | None
    undoes: str | None
    content: bytes
    leader_message: bytes | None
    smart_message: bytes | None

    def message(self, role: AddressType) -> bytes | None:
        """What went onto the role's topic."""
        return self.leader_message if role is AddressType.COPY_LEADER else self.smart_message


@dataclass(slots=True)
class Ledger:
    """A wallet's ledger in one role: the last number given, since which version of the roles it runs, whether
    positions of tokens not seen yet start unsure."""

    last_number: int
    since_version: int
    unsure: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A position with the number of the last message that moved it."""

    position: Position
    number: int


@dataclass(slots=True)
class Standing:
    """Stored trades, ledgers and positions; the fold of a batch moves it on. ``lacking``: wallets of which a message is
    a dead letter that was neither redriven nor put away (SAFETY R18)."""

    known: dict[tuple[str, str], KnownTrade] = field(default_factory=dict)
    by_transaction: dict[tuple[str, str], list[KnownTrade]] = field(default_factory=dict)
    undone: dict[tuple[str, str], str] = field(default_factory=dict)
    ledgers: dict[tuple[str, AddressType], Ledger] = field(default_factory=dict)
    positions: dict[tuple[AddressType, str, str], Held] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)

    def add(self, trades: Iterable[KnownTrade]) -> None:
        """Take stored messages up, by id, by transaction, and by what they undo."""
        for trade in trades:
            self.known[trade.wallet, trade.trade_id] = trade
            if trade.tx_hash is not None:
                self.by_transaction.setdefault((trade.wallet, trade.tx_hash), []).append(trade)
            if trade.undoes is not None:
                self.undone[trade.wallet, trade.undoes] = trade.trade_id

    def position(self, role: AddressType, wallet: str, token_id: str, *, unsure: bool) -> Position:
        """What the wallet holds of the token; a token not seen yet starts as sure as the ledger is."""
        held = self.positions.get((role, wallet, token_id))
        if held is not None:
            return held.position
        return BEGUN_ANEW if unsure else Position()


def place_in_transaction(trade_id: str, tx_hash: str) -> int | None:
    """The place that an id of this transaction names, whatever its spelling; None when it names none."""
    match = _PLACE.fullmatch(trade_id.lower())
    return int(match[2]) if match is not None and match[1] == tx_hash else None
