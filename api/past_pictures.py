"""What the console draws over time: read once for all who look on, and kept for some seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cachetools import TTLCache

from api.database import OPERATOR, Database, Transaction
from api.routes.lists import now
from api.starts import Starts
from schemas.console_views import CopiesAt, History, Mark, StageRate, StepTimes, Waterfall, Window
from schemas.enums import ENDED_COPY_STATES

_STEPS: Final[Mapping[Window, tuple[timedelta, timedelta]]] = {
    Window.MINUTES: (timedelta(minutes=15), timedelta(minutes=1)),
    Window.HOURS: (timedelta(hours=6), timedelta(minutes=15)),
    Window.DAYS: (timedelta(days=7), timedelta(hours=6)),
}
LENGTH: Final[Mapping[Window, timedelta]] = {window: length for window, (length, _) in _STEPS.items()}
# The newest minutes are looked at every few seconds; what is hours old does not change with each.
_KEPT_SECONDS: Final = 3.0
_LONG_KEPT_SECONDS: Final = 60.0
_QUARTER: Final = timedelta(minutes=15)
_DAY: Final = timedelta(days=1)


class PastPictures:
    """Pictures as they were drawn last."""

    def __init__(self, starts: Starts) -> None:
        self._starts = starts
        self._near: TTLCache[str, Any] = TTLCache(8, _KEPT_SECONDS)
        self._far: TTLCache[str, Any] = TTLCache(8, _LONG_KEPT_SECONDS)

    async def history(self, database: Database, window: Window) -> History:
        """Rates, copies and marks of a window."""
        kept = self._near if window is Window.MINUTES else self._far
        if (found := kept.get(window)) is None:
            found = kept[window] = await _history(database, window, self._starts)
        assert isinstance(found, History)
        return found

    async def waterfall(self, database: Database) -> Waterfall:
        """How long each step takes, now and a day before."""
        if (found := self._near.get("waterfall")) is None:
            found = self._near["waterfall"] = await _waterfall(database)
        assert isinstance(found, Waterfall)
        return found


async def _history(database: Database, window: Window, starts: Starts) -> History:
    length, step = _STEPS[window]
    async with database.transaction(OPERATOR) as transaction:
        as_of = await now(transaction)
        # A step begins where a minute, a quarter or a quarter of a day does, so that bars do not move.
        since = _rounded(as_of - length, step)
        about = {"since": since, "step": int(step.total_seconds())}
        rates = await transaction.rows("stage_rates", **about)
        copies = [CopiesAt.model_validate(row) for row in await transaction.rows("copies_by_step", **about)]
        said = [Mark.model_validate(row) for row in await transaction.rows("marks_since", since=since)]
    return History(
        window=window,
        since=since,
        step_seconds=about["step"],
        rates=tuple(StageRate.model_validate(row) for row in rates),
        copies=tuple(copies),
        marks=tuple(sorted((*said, *starts.since(since)), key=lambda mark: mark.at)),
        total=sum(each.copies for each in copies),
        answered=sum(each.copies for each in copies if each.state in ENDED_COPY_STATES),
        as_of=as_of,
    )


def _rounded(at: datetime, step: timedelta) -> datetime:
    return at - timedelta(seconds=at.timestamp() % step.total_seconds())


async def _waterfall(database: Database) -> Waterfall:
    async with database.transaction(OPERATOR) as transaction:
        as_of = await now(transaction)
        return Waterfall(
            now=await _steps(transaction, as_of - _QUARTER, as_of),
            yesterday=await _steps(transaction, as_of - _QUARTER - _DAY, as_of - _DAY),
            as_of=as_of,
        )


async def _steps(transaction: Transaction, since: datetime, until: datetime) -> tuple[StepTimes, ...]:
    rows = await transaction.rows("waterfall", since=since, until=until)
    return tuple(StepTimes.model_validate(row) for row in rows)
