"""Whether every limit holds after every commit (promise 4), by sums that are exact in 28 digits and nothing of ours."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ops.simulation.tables import Key, Row

OPEN: Final = frozenset({"planned", "submitting", "unknown"})
ENDS: Final = frozenset({"filled", "partial", "unfilled", "rejected", "skipped", "expired"})
ZERO: Final = Decimal(0)
Tables = Mapping[str, Mapping[Key, Row]]
Sums = defaultdict[Any, Decimal]
_SETTINGS: dict[str, dict[str, Any]] = {}


def settings_in(allocation: Row) -> dict[str, Any]:
    """What an allocation is set to, as stored."""
    text = allocation["settings"]
    if text not in _SETTINGS:
        _SETTINGS[text] = json.loads(text)
    return _SETTINGS[text]


class Limits:
    """Budgets, markets, days, cash, and shares on sale."""

    def __init__(self, fee_rate: Decimal) -> None:
        self._with_fee = 1 + fee_rate

    def committed(self, tables: Tables) -> Iterator[str]:
        """Each limit that does not hold."""
        copies = list(tables["copy_orders"].values())
        by_hand = list(tables["manual_orders"].values())
        if any(row["late_fill"] or row["reversed"] for row in (*copies, *by_hand)) or tables["reversals"]:
            return  # what the exchange does late may go over a limit; the books are checked at rest
        lots = [lot for lot in tables["lots"].values() if lot["closed_by"] is None]
        worst, held = self._worst(copies, by_hand), _sums(lots, "cost_usdc")
        for (name,), allocation in tables["allocations"].items():
            yield from _within(name, settings_in(allocation), worst, held)
            yield from _day(name, settings_in(allocation), worst[name], copies)
        for (name,), account in tables["accounts"].items():
            if worst["account", name] > account["cash_usdc"]:
                yield f"promise 4: {name} has {account['cash_usdc']}, open BUYs may cost {worst['account', name]}"
        yield from _sales((*copies, *by_hand, *tables["exit_orders"].values()), lots)

    def _worst(self, copies: list[Row], by_hand: list[Row]) -> Sums:
        """What open BUYs may cost at most: by allocation, by allocation and token, by account."""
        sums: Sums = defaultdict(Decimal)
        for row in (*copies, *by_hand):
            if row["side"] == "BUY" and row["state"] in OPEN and row["amount_usdc"] is not None:
                usdc = row["amount_usdc"] * self._with_fee
                for name in _names(row):
                    sums[name] += usdc
                sums["account", row["account_id"]] += usdc
        return sums


def _names(row: Row) -> tuple[Any, ...]:
    name = row["allocation_id"]
    return () if name is None else (name, (name, row["token_id"]))


def _sums(lots: list[Row], column: str) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for lot in lots:
        for name in _names(lot):
            sums[name] += lot[column]
    return sums


def _within(name: str, settings: Mapping[str, Any], worst: Sums, held: Sums) -> Iterator[str]:
    yield from _most(name, "budget", worst[name] + held[name], settings["budget_usdc"])
    limit = settings.get("max_per_market_usdc")
    if limit is not None:
        for pair in {pair for pair in (*worst, *held) if isinstance(pair, tuple) and pair[0] == name}:
            yield from _most(name, "market", worst[pair] + held[pair], limit)


def _day(name: str, settings: Mapping[str, Any], worst: Decimal, copies: list[Row]) -> Iterator[str]:
    limit = settings.get("max_per_day_usdc")
    if limit is not None:
        ended = (
            c for c in copies if c["allocation_id"] == name and c["side"] == "BUY" and c["state"] in ENDS
        )
        spent = sum((copy["filled_usdc"] + copy["fee_usdc"] for copy in ended), worst)
        yield from _most(name, "day", spent, limit)


def _most(name: str, what: str, used: Decimal, limit: str | None) -> Iterator[str]:
    if limit is not None and used > Decimal(limit):
        yield f"promise 4: {name} uses {used} of its {what}, which is {limit}"


def _sales(orders: tuple[Row, ...], lots: list[Row]) -> Iterator[str]:
    """Never more on sale than is held: by copying, by exit orders and by hand together."""
    selling: Sums = defaultdict(Decimal)
    for row in orders:
        if row["side"] == "SELL" and row["state"] in OPEN:
            selling[_place(row)] += row["shares"] - row["filled_shares"]
    if not selling:
        return
    held: Sums = defaultdict(Decimal)
    for lot in lots:
        held[_place(lot)] += lot["shares"]
    for place, shares in selling.items():
        if shares > held[place]:
            yield f"promise 4: {place[0]} sells {shares} of {held[place]}"


def _place(row: Row) -> tuple[str, str, str]:
    return str(row["allocation_id"]), row["account_id"], row["token_id"]
