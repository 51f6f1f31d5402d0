"""A market whose price walks: whole ticks, drawn from the play's own chance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from ops.generator.events import Listed
from ops.generator.names import Names
from ops.generator.questions import Question
from schemas.enums import Side

OUTCOMES: Final = ("Yes", "No")
_MICROS: Final = 1_000_000


@dataclass(slots=True)
class Market:
    """A listed question. ``ticks`` is the price of Yes; No is what is left to 1."""

    question: Question
    market_id: str
    tokens: tuple[str, str]
    ticks: int
    top: int
    ended: bool = False

    @classmethod
    def of(cls, question: Question, names: Names) -> Market:
        """The market as it starts."""
        top = int(1 / question.tick)
        tokens = (names.token(question.text, OUTCOMES[0]), names.token(question.text, OUTCOMES[1]))
        return cls(question, names.market(question.text), tokens, question.cents * top // 100, top)

    def step(self, chance: Random) -> None:
        """The price goes a few ticks up or down, now and then back towards where it began, and stays inside."""
        self.ticks += chance.randint(-self.question.restless, self.question.restless)
        home = self.question.cents * self.top // 100
        if chance.randrange(3) == 0:
            self.ticks += (self.ticks < home) - (self.ticks > home)
        self.ticks = min(max(self.ticks, 2), self.top - 2)

    def push(self, outcome: int, side: Side) -> None:
        """A buyer moves the price a tick up, a seller down."""
        up = (side is Side.BUY) == (outcome == 0)
        self.ticks = min(max(self.ticks + (1 if up else -1), 2), self.top - 2)

    def price(self, outcome: int) -> Decimal:
        """USDC per share of an outcome now, a whole number of ticks."""
        return (self.ticks if outcome == 0 else self.top - self.ticks) * self.question.tick

    def listed(self, at: int, outcome: int, *, winner: int | None = None) -> Listed:
        """What is said of one token: that it trades, or what it pays."""
        asked = self.question
        return Listed(
            at=at,
            version=1 if winner is None else 2,
            token_id=self.tokens[outcome],
            market_id=self.market_id,
            question=asked.text,
            outcome=OUTCOMES[outcome],
            category=asked.category,
            tick=asked.tick,
            fee_rate=asked.fee_rate,
            neg_risk=asked.neg_risk,
            ends_after=asked.ends * _MICROS,
            payout=None if winner is None else Decimal(int(winner == outcome)),
        )
