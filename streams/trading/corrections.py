"""Fills taken back, turned into the rows of one correction. Pure: rows in, rows out (SAFETY R14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from schemas.enums import AllocationState, Side
from schemas.ids import short_name
from schemas.money import CENT, EXACT, ZERO, plain
from streams.tables.reversals import FillTakenBack, LotOfFill
from streams.trading.owed_exits import Since, kept_of
from streams.trading.taking_back import (
    Entry,
    Held,
    TakenBack,
    purchase_taken_back,
    sale_taken_back,
    to_sell_again,
)

Row = dict[str, Any]
_KEPT: Final = (
    "allocation_id", "account_id", "user_id", "token_id", "market_id", "adds", "applied_number", "opened_traded_at",
    "tick", "fee_rate", "neg_risk", "exchange_version",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class LotState:
    """A lot while it is corrected; ``lot_id`` is None for one that is opened anew."""

    lot_id: int | None
    columns: Row
    held: Held
    realised_usdc: Decimal
    fees_usdc: Decimal
    closed: bool
    closed_by: str | None = None
    entries: list[Row] = field(default_factory=list)

    def row(self) -> Row:
        """The lot as it is stored."""
        return self.columns | {
            "lot_id": self.lot_id,
            "shares": self.held.shares,
            "cost_usdc": self.held.cost_usdc,
            "target_shares": self.held.target_shares,
            "realised_usdc": self.realised_usdc,
            "fees_usdc": self.fees_usdc,
            "closed_by": self.closed_by,
        }

    def take(self, back: TakenBack, fill_id: str) -> None:
        """Keep a correction with its entries; what is dust afterwards is written off."""
        self.book(
            {
                "cause": "reversal",
                "ref": fill_id,
                "shares": back.shares,
                "cost_usdc": back.cost_usdc,
                "realised_usdc": back.realised_usdc,
                "fee_usdc": back.fee_usdc,
            }
        )
        if back.dust_shares or back.dust_cost_usdc:
            lost = -back.dust_cost_usdc
            rest = {"shares": -back.dust_shares, "cost_usdc": lost, "realised_usdc": lost, "fee_usdc": ZERO}
            self.book({"cause": "dust", "ref": fill_id} | rest)
        self.held = Held(self.held.shares, self.held.cost_usdc, back.target_shares)
        if self.held.shares == 0 and not self.closed:
            self.closed, self.closed_by = True, "dust" if back.dust_shares else "reversed"

    def book(self, entry: Row) -> None:
        """Keep an entry; shares, cost, result and fees follow."""
        self.entries.append(entry)
        self.held = Held(
            EXACT.add(self.held.shares, entry["shares"]),
            EXACT.add(self.held.cost_usdc, entry["cost_usdc"]),
            self.held.target_shares,
        )
        self.realised_usdc = EXACT.add(self.realised_usdc, entry["realised_usdc"])
        self.fees_usdc = EXACT.add(self.fees_usdc, entry["fee_usdc"])


@dataclass(slots=True)
class Corrections:
    """The rows of one correction, fill by fill."""

    lots: dict[int, LotState]
    since: Mapping[str, Since]
    on_sale: dict[tuple[str, str], Decimal]
    touched: list[LotState] = field(default_factory=list)
    cash: dict[str, Decimal] = field(default_factory=dict)
    cash_entries: list[Row] = field(default_factory=list)
    reversals: list[tuple[Row, LotState]] = field(default_factory=list)
    shortfalls: list[Row] = field(default_factory=list)
    stops: list[Row] = field(default_factory=list)
    exits: list[Row] = field(default_factory=list)
    notices: list[Row] = field(default_factory=list)

    def take_back(self, fill: FillTakenBack) -> None:
        """Correct the books for one fill whose settlement failed."""
        lot, back = self._purchase(fill) if fill.side is Side.BUY else self._sale(fill)
        lot.take(back, fill.fill_id)
        if lot not in self.touched:
            self.touched.append(lot)
        self._cash(fill, back)
        self.reversals.append((_reversal_row(fill, back), lot))
        if back.shortfall_shares:
            self._shortfall(fill, back.shortfall_shares)
        again = self._sell_again(fill, lot, back) if fill.side is Side.SELL else ZERO
        self.notices.append(_notice(fill, again))

    def _purchase(self, fill: FillTakenBack) -> tuple[LotState, TakenBack]:
        assert fill.lot_id is not None, "a purchase has its lot"
        lot, entry, since = self.lots[fill.lot_id], _entry(fill), self.since.get(fill.order_hash)
        kept = kept_of(entry.shares, since.sells if since is not None else ())
        return lot, purchase_taken_back(lot.held, entry, kept)

    def _sale(self, fill: FillTakenBack) -> tuple[LotState, TakenBack]:
        lot = self._lot_for(fill)
        by_hand = fill.copy_order_id is None and fill.exit_order_id is None
        got = EXACT.subtract(fill.usdc, fill.fee_usdc)
        return lot, sale_taken_back(lot.held, _entry(fill), fill.shares, got, by_hand=by_hand)

    def _lot_for(self, fill: FillTakenBack) -> LotState:
        """Its lot; where that has ended the one open now; else a new one like it."""
        assert fill.lot_id is not None, "what was sold was in a lot"
        old = self.lots[fill.lot_id]
        if not old.closed:
            return old
        for lot in (*self.lots.values(), *self.touched):
            same = all(lot.columns[name] == old.columns[name] for name in ("allocation_id", "token_id"))
            if same and not lot.closed and lot.columns["allocation_id"] is not None:
                return lot
        return LotState(None, old.columns | {"adds": 0}, Held(ZERO, ZERO, ZERO), ZERO, ZERO, closed=False)

    def _cash(self, fill: FillTakenBack, back: TakenBack) -> None:
        self.cash[fill.account_id] = EXACT.add(self.cash.get(fill.account_id, ZERO), back.cash_usdc)
        self.cash_entries.append(
            {
                "account_id": fill.account_id,
                "cause": "reversal",
                "ref": fill.fill_id,
                "usdc": back.cash_usdc,
            }
        )

    def _shortfall(self, fill: FillTakenBack, shares: Decimal) -> None:
        named = {"fill_id": fill.fill_id, "account_id": fill.account_id, "token_id": fill.token_id}
        self.shortfalls.append(named | {"shares": shares})
        self.stops.append({"account_id": fill.account_id, "cause": "shortfall", "ref": fill.fill_id})
        body = named | {"shares": plain(shares)}
        self.notices.append(
            {"user_id": fill.account_user, "kind": "shortfall", "event": fill.fill_id, "body": body}
        )

    def _sell_again(self, fill: FillTakenBack, lot: LotState, back: TakenBack) -> Decimal:
        following, like = fill.following, fill.copy_order_id or fill.like_copy_order_id
        limit = fill.limit_price if fill.copy_order_id else fill.exit_limit_price
        over = fill.allocation_state is AllocationState.ENDED or fill.closed
        if over or following is None or like is None or limit is None:
            return ZERO
        pair = (following, fill.token_id)
        busy = self.on_sale.get(pair, ZERO)
        shares = to_sell_again(back.shares, lot.held.shares, lot.held.target_shares, busy)
        if shares < CENT:
            return ZERO
        self.on_sale[pair] = EXACT.add(busy, shares)
        self.exits.append(
            {
                "exit_order_id": short_name("X", "reversed_sale", fill.fill_id),
                "cause_kind": "reversed_sale",
                "cause_ref": fill.fill_id,
                "copy_order_id": like,
                "allocation_id": following,
                "account_id": fill.account_id,
                "user_id": fill.account_user,
                "venue": fill.venue.value,
                "token_id": fill.token_id,
                "shares": shares,
                "limit_price": limit,
                "cause": "a sale was taken back",
            }
        )
        return shares


def state_of(lot: LotOfFill) -> LotState:
    """A lot as it was loaded."""
    columns = {name: getattr(lot, name) for name in _KEPT}
    held = Held(lot.shares, lot.cost_usdc, lot.target_shares)
    return LotState(lot.lot_id, columns, held, lot.realised_usdc, lot.fees_usdc, lot.closed)


def _entry(fill: FillTakenBack) -> Entry:
    """What the fill did to its lot; a sale whose lot was gone brought its whole price as result."""
    if fill.entry_shares is not None:
        assert fill.entry_cost_usdc is not None
        assert fill.entry_realised_usdc is not None
        assert fill.entry_fee_usdc is not None
        return Entry(fill.entry_shares, fill.entry_cost_usdc, fill.entry_realised_usdc, fill.entry_fee_usdc)
    # No lot's entry says what it brought, so none is taken back from a lot.
    return Entry(-fill.shares, ZERO, ZERO, ZERO)


def _reversal_row(fill: FillTakenBack, back: TakenBack) -> Row:
    return {
        "fill_id": fill.fill_id,
        "order_hash": fill.order_hash,
        "copy_order_id": fill.copy_order_id,
        "exit_order_id": fill.exit_order_id,
        "account_id": fill.account_id,
        "allocation_id": fill.following,
        "side": fill.side.value,
        "token_id": fill.token_id,
        "shares": back.shares,
        "cost_usdc": back.cost_usdc,
        "cash_usdc": back.cash_usdc,
        "fee_usdc": back.fee_usdc,
        "realised_usdc": back.realised_usdc,
        "shortfall_shares": back.shortfall_shares,
    }


def _notice(fill: FillTakenBack, sold_again: Decimal) -> Row:
    body = {
        "copy_order_id": fill.copy_order_id or fill.like_copy_order_id,
        "allocation_id": fill.following,
        "side": fill.side.value,
        "token_id": fill.token_id,
        "shares": plain(fill.shares),
        "usdc": plain(fill.usdc),
        "fee_usdc": plain(fill.fee_usdc),
        "selling_again": plain(sold_again),
    }
    return {"user_id": fill.account_user, "kind": "reversed", "event": fill.fill_id, "body": body}
