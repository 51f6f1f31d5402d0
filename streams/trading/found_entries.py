"""Fills of orders that only the exchange knew, as the rows of a booking: by hand (SAFETY R19, R38). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from schemas.enums import Side, Venue
from schemas.money import EXACT, ZERO, floor_micro
from streams.tables.bookings import OpenLot
from streams.tables.found_orders import TokenFacts
from streams.trading.audit_findings import shares_to_close
from streams.trading.booking import Fill, empty_lot, fee
from streams.trading.endings import AttemptRules
from streams.trading.entries import Entries
from streams.trading.lot_books import LotBook, book_fill, stored
from streams.venues.trades import FillSeen

_NO_ATTEMPTS = AttemptRules((), 0.0)
_FINEST_TICK = Decimal("0.0001")
_EXCHANGE_VERSION = 2


@dataclass(slots=True)
class FoundEntries:
    """What was bought becomes the account's own position by hand; what was sold leaves those first, then the others in
    proportion. ``lots`` are the account's open ones."""

    account_id: str
    user_id: str
    venue: Venue
    lots: Sequence[OpenLot]
    facts: Mapping[str, TokenFacts]
    now: datetime
    entries: Entries = field(init=False)
    orders: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = Entries(self.now, _NO_ATTEMPTS, {}, set())
        self._books = [stored(lot) for lot in self.lots]

    _books: list[LotBook] = field(init=False)

    def book(self, order_hash: str, fills: Sequence[FillSeen]) -> None:
        """One order, with all its fills; each is final."""
        shares = usdc = fees = ZERO
        for seen in fills:
            charged = fee(seen.shares, seen.price, self._rate(seen))
            self._into_lots(seen, charged)
            shares, usdc = EXACT.add(shares, seen.shares), EXACT.add(usdc, seen.usdc)
            fees = EXACT.add(fees, charged)
        first = fills[0]
        assert first.side is not None, "its side was read"
        self.orders.append(
            {
                "order_hash": order_hash,
                "account_id": self.account_id,
                "venue": self.venue.value,
                "token_id": first.token_id,
                "side": first.side.value,
                "open": False,
                "shares": shares,
                "usdc": usdc,
                "fee_usdc": fees,
                "price": first.price,
                "booked": True,
            }
        )

    def _rate(self, seen: FillSeen) -> Decimal:
        if seen.fee_rate is not None:
            return seen.fee_rate
        facts = self.facts.get(seen.token_id)
        return facts.fee_rate if facts is not None else ZERO

    def _into_lots(self, seen: FillSeen, charged: Decimal) -> None:
        ref = f"{seen.trade_id}:{seen.order_hash}"
        if seen.side is Side.BUY:
            lot = self._by_hand(seen)
            book_fill(lot, Side.BUY, Fill(seen.shares, seen.usdc, seen.price, charged), self._rate(seen), ref)
            self._touch(lot)
            cash = -EXACT.add(seen.usdc, charged)
        else:
            self._out_of_lots(seen, charged, ref)
            cash = EXACT.subtract(seen.usdc, charged)
        self._money(seen, charged, cash, ref)

    def _out_of_lots(self, seen: FillSeen, charged: Decimal, ref: str) -> None:
        lots = [
            lot for lot in self._books if lot.held is not None and lot.columns["token_id"] == seen.token_id
        ]
        held = [
            (lot.held.shares, lot.columns["allocation_id"] is None) for lot in lots if lot.held is not None
        ]
        parts = shares_to_close(held, seen.shares)
        gone = sum(parts, ZERO)
        usdc_left, fee_left = seen.usdc, charged
        last = max((place for place, part in enumerate(parts) if part), default=-1)
        for place, (lot, part) in enumerate(zip(lots, parts, strict=True)):
            if not part:
                continue
            whole = place == last
            usdc = usdc_left if whole else _share(seen.usdc, part, gone)
            paid = fee_left if whole else _share(charged, part, gone)
            usdc_left, fee_left = EXACT.subtract(usdc_left, usdc), EXACT.subtract(fee_left, paid)
            book_fill(lot, Side.SELL, Fill(part, usdc, seen.price, paid), self._rate(seen), ref, by_hand=True)
            self._touch(lot)

    def _by_hand(self, seen: FillSeen) -> LotBook:
        for lot in self._books:
            same = lot.columns["token_id"] == seen.token_id and lot.columns["allocation_id"] is None
            if same and lot.held is not None:
                return lot
        facts = self.facts.get(seen.token_id)
        market_id = facts.market_id if facts is not None else seen.token_id
        columns = {
            "allocation_id": None,
            "account_id": self.account_id,
            "user_id": self.user_id,
            "token_id": seen.token_id,
            "market_id": market_id,
            "adds": 0,
            "opened_traded_at": seen.matched_at,
            "tick": facts.tick if facts is not None else _FINEST_TICK,
            "fee_rate": self._rate(seen),
            "neg_risk": facts is not None and facts.neg_risk,
            "exchange_version": facts.exchange_version if facts is not None else _EXCHANGE_VERSION,
        }
        made = LotBook(None, columns, empty_lot(market_id), ZERO, ZERO, 0)
        self._books.append(made)
        return made

    def _touch(self, lot: LotBook) -> None:
        if lot not in self.entries.touched:
            self.entries.touched.append(lot)

    def _money(self, seen: FillSeen, charged: Decimal, cash: Decimal, ref: str) -> None:
        assert seen.side is not None, "its side was read"
        entries, account = self.entries, self.account_id
        entries.cash[account] = EXACT.add(entries.cash.get(account, ZERO), cash)
        cause = seen.side.value.lower()
        entries.cash_entries.append({"account_id": account, "cause": cause, "ref": ref, "usdc": cash})
        entries.fills.append(
            {
                "fill_id": ref,
                "order_hash": seen.order_hash,
                "account_id": account,
                "side": seen.side.value,
                "token_id": seen.token_id,
                "shares": seen.shares,
                "usdc": seen.usdc,
                "price": seen.price,
                "fee_usdc": charged,
                "status": seen.status.value,
                "matched_at": seen.matched_at,
            }
        )


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return floor_micro(EXACT.divide(EXACT.multiply(amount, part), whole))
