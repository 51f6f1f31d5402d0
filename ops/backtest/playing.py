"""One run over recorded trades: what it counted, how money went, and what was left in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ops.backtest.allocations_file import AllocationsFile
from ops.backtest.book_fills import AtTheBook, BookEvent
from ops.backtest.recorded import Recorded
from ops.backtest.summary import Counts, last_prices, result_of
from schemas.enums import CopyState
from schemas.money import EXACT, ZERO
from streams.what_if.fill_models import FillModel, Fills, fills_of
from streams.what_if.run import CopyOutcome, Run

POINTS: Final = 400
"""So many moments of a run are drawn: more than a picture has pixels for is only slower."""
PROGRESS_SECONDS: Final = 1.0
COPIED: Final = frozenset({CopyState.FILLED, CopyState.PARTIAL})
OnCopies = Callable[[Sequence[CopyOutcome]], None]
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is played: files as they were read, how orders fill, and how long after the trade we decide."""

    file: AllocationsFile
    recorded: Recorded
    model: FillModel
    delay_seconds: Decimal
    books: Mapping[str, Sequence[BookEvent]] = field(default_factory=dict)

    @property
    def delay(self) -> timedelta:
        """The delay as a span."""
        return timedelta(microseconds=int(self.delay_seconds * 1_000_000))


@dataclass(frozen=True, slots=True)
class Moment:
    """Cost of open positions of all allocations together, and their realised result, USDC, after a trade at ``at``."""

    at: datetime
    at_work_usdc: Decimal
    realised_usdc: Decimal


@dataclass(slots=True)
class Played:
    """A run that is over."""

    run: Run
    counts: Counts = field(default_factory=Counts)
    moments: list[Moment] = field(default_factory=list)
    most_at_work_usdc: Decimal = ZERO
    reduced_by: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    result_usdc: Decimal = ZERO
    without_book: int = 0


def play(question: Question, on_copies: OnCopies | None = None, progress: Progress | None = None) -> Played:
    """Every trade in order, decided, filled and booked for each of its followers by the code that copies for real.

    ``on_copies`` hears the copy orders of each trade, ``progress`` each second (trades done, of how
    many, copies).
    """
    recorded = question.recorded
    fills = _fills(question)
    run = Run(
        followings=question.file.followings(),
        markets=dict(recorded.markets),
        leader_values=question.file.values(),
        fills=fills,
        delay=question.delay,
    )
    played = Played(run)
    began = told = time.monotonic()
    every = max(1, len(recorded.trades) // POINTS)
    for number, trade in enumerate(recorded.trades, start=1):
        copies = run.take(trade)
        played.counts.add(copies)
        for copy in copies:
            if copy.decision.reduced_by is not None:
                played.reduced_by[copy.decision.reduced_by] += 1
        if on_copies is not None:
            on_copies(copies)
        if number % every == 0 or number == len(recorded.trades):
            played.moments.append(_moment(run, trade.traded_at))
        now = time.monotonic()
        if progress is not None and (now - told >= PROGRESS_SECONDS or number == len(recorded.trades)):
            told = now
            progress(number, len(recorded.trades), played.counts.by_state.total())
    played.seconds = time.monotonic() - began
    played.most_at_work_usdc = max((each.at_work_usdc for each in played.moments), default=ZERO)
    prices = last_prices(recorded.trades)
    played.result_usdc = _sum(result_of(each, recorded.payouts, prices) for each in run.followings)
    played.without_book = fills.without if isinstance(fills, AtTheBook) else 0
    return played


def _fills(question: Question) -> Fills:
    if question.model is FillModel.BOOK:
        return AtTheBook(question.books)
    return fills_of(question.model, question.recorded.trades)


def _moment(run: Run, at: datetime) -> Moment:
    books = [following.books for following in run.followings]
    return Moment(at, _sum(each.at_work_usdc for each in books), _sum(each.realised_usdc for each in books))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
