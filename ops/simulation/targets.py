"""Whether each decided SELL has lowered its lot's target by the part the leader sold, from commit to commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from ops.simulation.tables import Key, Row

_MICRO: Final = Fraction(1, 1_000_000)
_LOWERING: Final = (None, "BELOW_MINIMUM", "MARKET_CLOSED", "NOTHING_TO_SELL")
Pair = tuple[str, str]


class Targets:
    """What each open lot's target may be at most, by fractions alone (RULES §4)."""

    def __init__(self) -> None:
        self._most: dict[Pair, Fraction] = {}
        self._bought: dict[str, Fraction] = {}
        self._decided: set[str] = set()

    def committed(self, tables: Mapping[str, Mapping[Key, Row]]) -> Iterator[str]:
        """After a commit: each lot whose target is above what it may be."""
        lots = {
            (lot["allocation_id"], lot["token_id"]): lot
            for lot in tables["lots"].values()
            if lot["closed_by"] is None
        }
        copies = sorted(tables["copy_orders"].values(), key=lambda copy: int(copy["number"]))
        for copy in copies:
            if copy["side"] == "BUY":
                self._buy(copy)
        for copy in copies:
            if copy["side"] == "SELL" and copy["state"] != "waiting":
                self._sell(copy)
        for pair in [pair for pair in self._most if pair not in lots]:
            del self._most[pair]
        for pair, lot in lots.items():
            if Fraction(lot["target_shares"]) > self._most.get(pair, Fraction(0)) + _MICRO:
                yield f"RULES §4: the target of {pair[0]} is {lot['target_shares']}, was to be lowered"

    def _buy(self, copy: Row) -> None:
        name, pair = copy["copy_order_id"], (copy["allocation_id"], copy["token_id"])
        filled = Fraction(copy["filled_shares"])
        added = filled - self._bought.get(name, Fraction(0))
        self._bought[name] = filled
        if added:
            self._most[pair] = self._most.get(pair, Fraction(0)) + added

    def _sell(self, copy: Row) -> None:
        name, pair = copy["copy_order_id"], (copy["allocation_id"], copy["token_id"])
        if name in self._decided:
            return
        self._decided.add(name)
        before, size = Fraction(copy["message"].position_before), Fraction(copy["message"].size)
        if copy["reason"] in _LOWERING and pair in self._most and copy["lowers"]:
            kept = max(Fraction(0), before - size) / before if before else Fraction(0)
            self._most[pair] *= kept
