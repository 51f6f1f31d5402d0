"""A redrive's steps without a broker: they grow, wait for their answers, and end at the first that comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.kafka.letters import FIRST_APPENDED, first_appended
from streams.letters.steps import Over, SendNow, Wait, next_deed
from streams.tables.redrives import Letter, Run

NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)


def _run(count: int, *, waited: float = 0) -> Run:
    return Run("R-1", list(range(count)), "ann", NOW, NOW, NOW + timedelta(seconds=waited))


def _letter(number: int, state: str | None = None, **more: Any) -> Letter:
    sent = 5 if state in ("redriving", "redriven", "repeated") else None
    own = "R-1" if state is not None else None
    letter = Letter(number, 0, number, "trades", 0, "", state, own, sent, None, NOW if own else None)
    return letter._replace(**more)


def test_one_then_ten_then_more() -> None:
    """Each step begins when the one before it was answered well."""
    sizes, done = [], 0
    while True:
        letters = [_letter(n, "redriven" if n < done else None) for n in range(900)]
        deed = next_deed(_run(900), letters, 60)
        if isinstance(deed, Over):
            break
        assert isinstance(deed, SendNow)
        assert [letter.letter_id for letter in deed.letters] == list(range(done, done + len(deed.letters)))
        sizes.append(len(deed.letters))
        done += len(deed.letters)
    assert (sizes, deed.cause) == ([1, 9, 40, 200, 500, 150], None)


def test_the_first_repeat_halts_what_is_left() -> None:
    """Nothing more is sent, and the sentence names both letters."""
    letters = [_letter(0, "redriven"), _letter(1, "repeated", became=77), _letter(2)]
    assert next_deed(_run(3), letters, 60) == Over("letter 1 came back as letter 77")


def test_a_step_waits_for_its_answers_and_not_for_ever() -> None:
    """An unanswered message holds the next step back; after its patience the redrive halts."""
    letters = [_letter(0, "redriving"), _letter(1)]
    assert next_deed(_run(2), letters, 60) == Wait()
    late = next_deed(_run(2, waited=61), letters, 60)
    assert isinstance(late, Over)
    assert late.cause is not None


def test_what_was_begun_before_a_crash_is_sent_again() -> None:
    """Nobody knows whether it went out: a message that comes twice has one answer."""
    lost = _letter(0, "redriving", sent_offset=None)
    assert next_deed(_run(2), [lost, _letter(1)], 60) == SendNow((lost,))


def test_a_letter_put_away_meanwhile_halts_the_redrive() -> None:
    """Somebody else decided about it after this redrive was asked for."""
    away = _letter(0, "quarantined", redrive_id=None, changed_at=NOW + timedelta(seconds=1))
    deed = next_deed(_run(1), [away], 60)
    assert deed == Over("letter 0 became quarantined after it was asked for")


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (None, None),
        ((("other", b"1"),), None),
        (((FIRST_APPENDED, b"x"),), None),
        (((FIRST_APPENDED, b"9" * 40),), None),
        (((FIRST_APPENDED, b"1788436800000"),), datetime(2026, 9, 3, 12, tzinfo=UTC)),
        ({FIRST_APPENDED: b"1788436800000"}, datetime(2026, 9, 3, 12, tzinfo=UTC)),
    ],
)
def test_when_a_message_came_first_is_read_from_its_header(headers: object, found: datetime | None) -> None:
    """What no redrive wrote counts for nothing."""
    assert first_appended(headers) == found
