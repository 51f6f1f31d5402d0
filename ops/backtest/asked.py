"""What `polycool backtest` was asked with, read into one question; what does not fit is said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from ops.backtest.allocations_file import read_allocations
from ops.backtest.book_fills import BookEvent, read_books
from ops.backtest.playing import Question
from ops.backtest.recorded import BadFile, Recorded, read_recorded
from ops.backtest.topic_window import read_window
from streams.topology import TopicNames
from streams.what_if.fill_models import FillModel

LONGEST_DELAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were given. Either ``trades`` (a file) or ``topic`` (kafka address and names)."""

    trades: str | None
    allocations: str
    markets: str | None
    books: str | None
    fill: FillModel | None
    delay: str | None
    since: str | None
    until: str | None
    topic: tuple[str, TopicNames] | None


def question_of(asked: Asked) -> Question:
    """Read all files, or the topic. BadFile says what is wrong, TopicAway that the broker is."""
    file = read_allocations(asked.allocations)
    model = asked.fill or file.fill_model
    seconds = file.delay_seconds if asked.delay is None else _seconds(asked.delay)
    if (model is FillModel.BOOK) != (asked.books is not None):
        raise BadFile("--fill book needs recorded order books: --books FILE, and nothing else does.")
    books: Mapping[str, Sequence[BookEvent]] = {} if asked.books is None else read_books(asked.books)
    return Question(file, _recorded(asked), model, seconds, books)


def _recorded(asked: Asked) -> Recorded:
    if (asked.trades is None) == (asked.topic is None):
        raise BadFile("name either --trades FILE or --topic.")
    if asked.topic is None:
        if asked.since is not None or asked.until is not None:
            raise BadFile("--from and --to are a window of the topic: they go with --topic.")
        assert asked.trades is not None, "one of both was named"
        return read_recorded(asked.trades, asked.markets)
    if asked.markets is not None:
        raise BadFile("with --topic the markets are those of the topic: leave out --markets.")
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    since = earliest if asked.since is None else _moment("--from", asked.since)
    until = latest if asked.until is None else _moment("--to", asked.until)
    recorded = read_window(*asked.topic, since, until)
    if not recorded.trades:
        raise BadFile("there is no trade in this window of the topic.")
    return recorded


def _moment(option: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadFile(f"{option} must be a time such as 2026-03-01T12:00:00Z, was {text}.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _seconds(text: str) -> Decimal:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("NaN")
    if not (seconds.is_finite() and 0 <= seconds <= LONGEST_DELAY_SECONDS):
        raise BadFile(f"--delay must be seconds from 0 to {LONGEST_DELAY_SECONDS}, was {text}.")
    return seconds
