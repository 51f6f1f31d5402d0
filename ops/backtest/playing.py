"""One run over recorded trades: what it counted, how money went, and what was left in the end."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from streams.what_if.following import Following
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


class AtWork:
    """Money at work of all followings together, as a running sum: only a copy with an order moves it."""

    def __init__(self, followings: Iterable[Following]) -> None:
        self._followings = {each.allocation.allocation_id: each for each in followings}
        self._counted = {name: each.books.at_work_usdc for name, each in self._followings.items()}
        self.usdc = self.most_usdc = _sum(self._counted.values())

    def moved(self, allocation_id: str) -> None:
        """A copy of this allocation had an order."""
        now = self._followings[allocation_id].books.at_work_usdc
        self.usdc = EXACT.add(self.usdc, EXACT.subtract(now, self._counted[allocation_id]))
        self._counted[allocation_id] = now

    def weigh(self) -> None:
        """All copies of a trade are carried out: what is at work now may be the most."""
        self.most_usdc = max(self.most_usdc, self.usdc)


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
    with _uncollected():
        return _played(question, on_copies, progress)


def _played(question: Question, on_copies: OnCopies | None, progress: Progress | None) -> Played:
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
    at_work = AtWork(run.followings)
    began = told = time.monotonic()
    every = max(1, len(recorded.trades) // POINTS)
    for number, trade in enumerate(recorded.trades, start=1):
        copies = run.take(trade)
        played.counts.add(copies)
        for copy in copies:
            if copy.decision.reduced_by is not None:
                played.reduced_by[copy.decision.reduced_by] += 1
            if copy.outcome is not None:
                at_work.moved(copy.allocation_id)
        at_work.weigh()
        if on_copies is not None:
            on_copies(copies)
        if number % every == 0 or number == len(recorded.trades):
            played.moments.append(_moment(run, trade.traded_at, at_work.usdc))
        now = time.monotonic()
        if progress is not None and (now - told >= PROGRESS_SECONDS or number == len(recorded.trades)):
            told = now
            progress(number, len(recorded.trades), played.counts.by_state.total())
    played.seconds = time.monotonic() - began
    played.most_at_work_usdc = at_work.most_usdc
    prices = last_prices(recorded.trades)
    played.result_usdc = _sum(result_of(each, recorded.payouts, prices) for each in run.followings)
    played.without_book = fills.without if isinstance(fills, AtTheBook) else 0
    return played


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which would look through millions of objects that live to the end of the run
    again and again: that took half of its time. What is let go of is freed by its count as ever."""
    collecting = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()


def _fills(question: Question) -> Fills:
    if question.model is FillModel.BOOK:
        return AtTheBook(question.books)
    return fills_of(question.model, question.recorded.trades)


def _moment(run: Run, at: datetime, at_work_usdc: Decimal) -> Moment:
    return Moment(at, at_work_usdc, _sum(following.books.realised_usdc for following in run.followings))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
