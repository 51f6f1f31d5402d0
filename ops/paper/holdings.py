"""What a batch of orders is decided against, and the rows that come of it: plain values, changed order by order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ops.paper.tokens import Book

CASH: Final = "USDC"
OUTSIDE: Final = "outside"
MARKET: Final = "market"
FEES: Final = "fees"
EXCHANGE_PARTIES: Final = frozenset((OUTSIDE, MARKET, FEES))

Row = dict[str, object]


@dataclass(slots=True)
class Holdings:
    """The ledger's state for the accounts and tokens of one batch; amounts in micro-units.

    ``reserved`` is what open orders hold back, ``lagging`` what is bought but not yet sellable, ``known`` the ids of
    orders that were posted before.
    """

    owners: dict[str, str] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    reserved: dict[tuple[str, str], int] = field(default_factory=dict)
    lagging: dict[tuple[str, str], int] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def balance(self, account: str, asset: str) -> int:
        """What the account holds, without what has not arrived yet."""
        return self.balances.get((account, asset), 0) - self.lagging.get((account, asset), 0)

    def held_back(self, account: str, asset: str) -> int:
        """What the account's open orders hold back."""
        return self.reserved.get((account, asset), 0)


@dataclass(slots=True)
class Rows:
    """What one statement will write."""

    orders: list[Row] = field(default_factory=list)
    trades: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    deltas: dict[tuple[str, str], int] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)

    def move(
        self, sides: tuple[str, str], asset: str, amount: int, *, at: str, cause: str, reference: str
    ) -> None:
        """One transfer from ``sides[0]`` to ``sides[1]``; nothing when the amount is 0."""
        if amount == 0:
            return
        giver, taker = sides
        self.entries.append(
            {
                "at": at,
                "cause": cause,
                "reference": reference,
                "asset": asset,
                "from_party": giver,
                "to_party": taker,
                "amount": amount,
            }
        )
        self.deltas[giver, asset] = self.deltas.get((giver, asset), 0) - amount
        self.deltas[taker, asset] = self.deltas.get((taker, asset), 0) + amount
