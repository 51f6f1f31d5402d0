"""What the exchange knows of its markets: one ``Token`` per outcome, its book, and where to find both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from ops.paper.signing import Exchange, exchange_for, keccak

PRICE_SCALE: Final = 10_000
"""Ticks and limits are whole ten-thousandths of a USDC: the finest tick is 0.0001."""
AMOUNT_DECIMALS: Final[dict[Decimal, int]] = {
    Decimal("0.1"): 3,
    Decimal("0.01"): 4,
    Decimal("0.005"): 5,
    Decimal("0.0025"): 6,
    Decimal("0.001"): 5,
    Decimal("0.0001"): 6,
}
"""Decimals of the counter amount, by tick (polymarket.md §2.2)."""

Side = Literal["BUY", "SELL"]


class Level(NamedTuple):
    """Resting shares (micro) at a price."""

    price: Decimal
    shares: int


class Book(NamedTuple):
    """Both sides of a token, best level first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """One outcome of a market; money and shares in micro-units. ``payout_micro`` per share is set once resolved."""

    token_id: str
    market_id: str
    condition_id: str
    question: str
    outcome: str
    tick: Decimal
    min_buy_micro: int
    min_rest_micro: int
    fee_rate: Decimal
    fee_exponent: Decimal
    neg_risk: bool
    accepting_orders: bool
    closed: bool
    seconds_delay: int
    end_at: datetime | None
    last_price: Decimal | None
    last_side: Side | None
    payout_micro: int | None
    resolved_at: datetime | None

    @property
    def tick_steps(self) -> int:
        """The tick in ten-thousandths."""
        return int(self.tick * PRICE_SCALE)

    @property
    def amount_decimals(self) -> int:
        """Decimals the counter amount of an order may have."""
        return AMOUNT_DECIMALS[self.tick]

    @property
    def exchange(self) -> Exchange:
        """The contract its orders are signed for."""
        return exchange_for(int(self.token_id), neg_risk=self.neg_risk)


def condition_id_of(market_id: str) -> str:
    """The market's id if it has the form of a condition id, else one derived from it: clients check the form."""
    lowered = market_id.lower()
    if lowered.startswith("0x") and len(lowered) in (64, 66) and _is_hex(lowered[2:]):
        return lowered
    return "0x" + keccak(market_id.encode()).hex()


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in text)


class Registry:
    """All tokens and books in memory; changed only after the database has them."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._by_condition: dict[str, list[str]] = {}
        self.books: dict[str, Book] = {}

    def put(self, tokens: Iterable[Token]) -> None:
        """Add tokens, or put them in the place of what was known of them."""
        for token in tokens:
            before = self._tokens.get(token.token_id)
            if before is not None and before.condition_id != token.condition_id:
                self._by_condition[before.condition_id].remove(token.token_id)
            siblings = self._by_condition.setdefault(token.condition_id, [])
            if token.token_id not in siblings:
                siblings.append(token.token_id)
            self._tokens[token.token_id] = token

    def get(self, token_id: str) -> Token | None:
        """The token, or None."""
        return self._tokens.get(token_id)

    def market(self, condition_id: str) -> list[Token]:
        """All outcomes of a market in the order they were first named; empty when it is not known."""
        return [self._tokens[token_id] for token_id in self._by_condition.get(condition_id.lower(), ())]

    def conditions(self) -> list[str]:
        """The condition ids of all markets, in the order they were first named."""
        return [condition_id for condition_id, members in self._by_condition.items() if members]

    def __len__(self) -> int:
        return len(self._tokens)
