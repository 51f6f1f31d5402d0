"""What the topics ``copy_leader`` and ``smart_trader`` say the read tables must hold. A fold, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from schemas.enums import AddressType, Side, TradeKind
from schemas.money import EXACT, ZERO
from schemas.trades import LeaderTraded, SmartTraded
from streams.classify.burst import continued
from streams.classify.ledger import Position

MESSAGE_OF: Final[dict[AddressType, type[LeaderTraded]]] = {
    AddressType.COPY_LEADER: LeaderTraded,
    AddressType.SMART_TRADER: SmartTraded,
}


class TradeRow(NamedTuple):
    """A row of ``trades``."""

    wallet: str
    trade_id: str
    kind: str
    source: str
    side: str
    token_id: str
    size: Decimal
    price: Decimal | None
    usdc: Decimal | None
    tx_hash: str | None
    order_hash: str | None
    traded_at: datetime
    appended_at: datetime
    classified_at: datetime
    undoes: str | None
    content: bytes
    leader_number: int | None
    smart_number: int | None
    leader_message: bytes | None
    smart_message: bytes | None


class PositionRow(NamedTuple):
    """A row of ``leader_positions`` or ``smart_traders_positions``."""

    shares: Decimal
    gap: Decimal
    unsure: bool
    traded: bool
    buy_burst_started_at: datetime | None
    buy_burst_latest_at: datetime | None
    buy_burst_first: bool
    sell_burst_started_at: datetime | None
    sell_burst_latest_at: datetime | None
    number: int


@dataclass(slots=True)
class Tables:
    """The read tables as far as the messages applied so far make them. ``until``: messages of a ledger beyond its
    number there are left out; without it none is."""

    trades: dict[tuple[str, str], TradeRow] = field(default_factory=dict)
    positions: dict[tuple[AddressType, str, str], tuple[Position, int]] = field(default_factory=dict)
    since: dict[tuple[AddressType, str], int] = field(default_factory=dict)
    last_number: dict[tuple[AddressType, str], int] = field(default_factory=dict)
    until: Mapping[tuple[AddressType, str], int] | None = None

    def apply(self, role: AddressType, raw: bytes) -> None:
        """Take one message of the role's topic; the same number again changes nothing."""
        message = MESSAGE_OF[role].decode(raw)
        wallet = message.wallet
        if message.number <= self.last_number.get((role, wallet), 0):
            return
        if self.until is not None and message.number > self.until.get((role, wallet), 0):
            return
        self.last_number[role, wallet] = message.number
        self._begin_anew(role, message)
        self._move(role, message)
        self.keep_trade(role, message, raw)

    def position_rows(self) -> dict[tuple[AddressType, str, str], PositionRow]:
        """The positions as rows."""
        return {key: _row(position, number) for key, (position, number) in self.positions.items()}

    def _begin_anew(self, role: AddressType, message: LeaderTraded) -> None:
        former = self.since.get((role, message.wallet))
        self.since[role, message.wallet] = message.ledger_since
        if former is None or message.ledger_since <= former:
            return
        for key, (position, number) in self.positions.items():
            if key[:2] == (role, message.wallet):
                anew = replace(position, shares=ZERO, gap=ZERO, unsure=True, buys=None, sells=None)
                self.positions[key] = (anew, number)

    def _move(self, role: AddressType, message: LeaderTraded) -> None:
        key = (role, message.wallet, message.token_id)
        position = self.positions.get(key, (Position(), 0))[0]
        buys, sells = position.buys, position.sells
        if message.kind is TradeKind.TRADE:
            if message.side is Side.BUY:
                buys = continued(buys, message.traded_at, first_entry=not position.traded)
            else:
                sells = continued(sells, message.traded_at, first_entry=not position.traded)
        moved = Position(
            message.position_after,
            EXACT.add(position.gap, message.gap),
            # Unsure only for a dead letter: that is no part of the position, and has its own end (SAFETY R18).
            message.unsure and not (message.unsure_for_now or message.sure_again),
            position.traded or message.kind is TradeKind.TRADE,
            buys,
            sells,
        )
        self.positions[key] = (moved, message.number)

    def keep_trade(self, role: AddressType, message: LeaderTraded, raw: bytes) -> None:
        """The row of ``trades`` that the message makes, or its second role's part of it."""
        key = (message.wallet, message.trade_id)
        leads = role is AddressType.COPY_LEADER
        former = self.trades.get(key)
        if former is not None:
            numbered = (
                former._replace(leader_number=message.number, leader_message=raw)
                if leads
                else former._replace(smart_number=message.number, smart_message=raw)
            )
            self.trades[key] = numbered
            return
        self.trades[key] = TradeRow(
            message.wallet, message.trade_id, message.kind, message.source, message.side, message.token_id,
            message.size, message.price, message.usdc, message.tx_hash, message.order_hash, message.traded_at,
            message.appended_at, message.classified_at, message.undoes, _content(message),
            message.number if leads else None, None if leads else message.number,
            raw if leads else None, None if leads else raw,
        )  # fmt: skip


def _content(message: LeaderTraded) -> bytes:
    """The digest of the fill as it came: with the time it was stamped, also where another counts (SAFETY R17)."""
    stamped = message.stamped_at or message.traded_at
    return message.model_copy(update={"traded_at": stamped}).content_hash()


def _row(position: Position, number: int) -> PositionRow:
    buys, sells = position.buys, position.sells
    return PositionRow(
        position.shares, position.gap, position.unsure, position.traded,
        None if buys is None else buys.started_at, None if buys is None else buys.latest_at,
        buys is not None and buys.first_entry,
        None if sells is None else sells.started_at, None if sells is None else sells.latest_at,
        number,
    )  # fmt: skip
