"""The markets of the play: questions worth reading, with what the exchange says about each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Question:
    """A market before it is listed. ``cents`` is where Yes starts, ``restless`` how many ticks a step may be, ``ends``
    seconds after the play's start."""

    text: str
    category: str
    cents: int
    tick: Decimal
    fee_rate: Decimal
    restless: int
    ends: int
    neg_risk: bool = False


_CENT: Final = Decimal("0.01")
_TENTH: Final = Decimal("0.001")

QUESTIONS: Final = (
    Question(
        "Will a person walk on the Moon before 2029?", "Science", 34, _CENT, Decimal("0.04"), 1, 700 * _DAY
    ),
    Question(
        "Will it snow in Vienna on New Year's Eve?", "Weather", 22, _CENT, Decimal("0.05"), 2, 39 * _DAY
    ),
    Question(
        "Will the next Pope choose a name never used before?",
        "Culture",
        8,
        _TENTH,
        Decimal("0.05"),
        4,
        900 * _DAY,
    ),
    Question(
        "Will the central bank cut its rate in December?",
        "Economics",
        61,
        _CENT,
        Decimal("0.05"),
        1,
        18 * _DAY,
        True,
    ),
    Question(
        "Will Bitcoin close the year above 150,000?", "Crypto", 47, _TENTH, Decimal("0.07"), 8, 39 * _DAY
    ),
    Question("Will the home side win Saturday's derby?", "Sports", 55, _CENT, Decimal("0.03"), 2, 6 * _DAY),
    Question(
        "Will the away side score first on Saturday?", "Sports", 41, _CENT, Decimal("0.03"), 2, 6 * _DAY
    ),
    Question(
        "Will the spring election be called early?",
        "Politics",
        29,
        _CENT,
        Decimal("0.04"),
        1,
        120 * _DAY,
        True,
    ),
    Question("Will the governor win a second term?", "Politics", 72, _CENT, Decimal("0.04"), 1, 350 * _DAY),
    Question(
        "Will a film without dialogue win the main prize?", "Culture", 96, _TENTH, Decimal(0), 3, 110 * _DAY
    ),
)


def round_question(number: int) -> Question:
    """A market of a series that is over soon: listed, traded, resolved, and the next one comes."""
    return Question(
        f"Will Ether be higher after round {number}?", "Crypto", 50, _CENT, Decimal("0.05"), 3, 25 * _DAY
    )
