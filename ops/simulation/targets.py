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
        self._decided: dict[str, tuple[Pair, int, Fraction]] = {}
        self._returned: set[str] = set()

    def committed(self, tables: Mapping[str, Mapping[Key, Row]]) -> Iterator[str]:
        """After a commit: each lot whose target is above what it may be."""
        lots = {
            (lot["allocation_id"], lot["token_id"]): lot
            for lot in tables["lots"].values()
            if lot["closed_by"] is None and lot["allocation_id"] is not None
        }
        copies = sorted(tables["copy_orders"].values(), key=lambda copy: int(copy["number"]))
        for copy in copies:
            if copy["side"] == "BUY" and copy["filled_shares"]:
                self._buy(copy)
        for row in tables["reversals"].values():
            self._return(row, tables["lots"][row["lot_id"],]["allocation_id"])
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
            # What came after sales of the leader were decided is no target as far as he has sold (RULES §5).
            for other, number, kept in self._decided.values():
                if other == pair and number > copy["number"]:
                    added *= kept
            self._most[pair] = self._most.get(pair, Fraction(0)) + added

    def _return(self, row: Row, allocation_id: str | None) -> None:
        """Shares that a sale by hand had taken, and that follow the leader again."""
        name = row["fill_id"]
        by_hand = row["copy_order_id"] is None and row["exit_order_id"] is None
        if name not in self._returned and by_hand and row["side"] == "SELL" and allocation_id is not None:
            pair = (allocation_id, row["token_id"])
            self._most[pair] = self._most.get(pair, Fraction(0)) + Fraction(row["shares"])
        self._returned.add(name)

    def _sell(self, copy: Row) -> None:
        name, pair = copy["copy_order_id"], (copy["allocation_id"], copy["token_id"])
        if name in self._decided:
            return
        before, size = Fraction(copy["message"].position_before), Fraction(copy["message"].size)
        kept = max(Fraction(0), before - size) / before if before else Fraction(0)
        lowers = copy["reason"] in _LOWERING
        self._decided[name] = (pair, copy["number"], kept if lowers else Fraction(1))
        if lowers and pair in self._most and copy["lowers"]:
            self._most[pair] *= kept
