"""When an exchange is left alone, and how it is tried again."""

from __future__ import annotations

import pytest

from streams.trading.breaker import Breaker, BreakerRules


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(BreakerRules(after=3, pause=1.0, pause_most=5.0))


def _fail(breaker: Breaker, *names: str, now: float = 0.0) -> None:
    for name in names:
        breaker.gone(name)
        breaker.failed(name, now)


def test_it_opens_after_faults_in_a_row_only(breaker: Breaker) -> None:
    """An answer in between begins the count anew."""
    _fail(breaker, "a", "b")
    breaker.worked("c")
    _fail(breaker, "d", "e")
    assert breaker.room(0.0) is None
    _fail(breaker, "f")
    assert (breaker.room(0.5), breaker.seconds(0.25)) == (0, 0.75)


def test_after_the_pause_one_goes_alone_and_decides(breaker: Breaker) -> None:
    """Half-open: one trial; when it works all may go."""
    _fail(breaker, "a", "b", "c")
    assert breaker.room(1.0) == 1
    breaker.gone("trial")
    assert breaker.room(1.0) == 0
    breaker.worked("older")
    assert breaker.room(1.0) == 0, "an answer to an older POST proves nothing about now"
    breaker.worked("trial")
    assert breaker.room(1.0) is None


def test_a_trial_that_fails_doubles_the_pause_up_to_the_longest(breaker: Breaker) -> None:
    """1, 2, 4, 5, 5 seconds."""
    _fail(breaker, "a", "b", "c")
    now, pauses = 0.0, []
    for number in range(5):
        pauses.append(breaker.seconds(now))
        now += breaker.seconds(now)
        breaker.gone(f"trial-{number}")
        assert breaker.failed(f"trial-{number}", now)
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_late_faults_of_what_was_under_way_open_nothing_anew(breaker: Breaker) -> None:
    """Sixty answers of one outage are one outage."""
    _fail(breaker, "a", "b", "c")
    assert [breaker.failed(f"late-{n}", 0.5) for n in range(60)] == [False] * 60
    assert breaker.seconds(0.5) == 0.5


def test_what_the_exchange_says_of_its_return_counts() -> None:
    """Closed at the first word, for as long as it says, and longer where a later answer says so."""
    breaker = Breaker(BreakerRules(after=1, pause=0.1, pause_most=5.0))
    assert breaker.failed("a", 0.0, 30.0)
    breaker.failed("b", 5.0, 60.0)
    assert breaker.seconds(5.0) == 60.0


def test_a_trial_that_was_stopped_before_its_post_makes_room_for_another(breaker: Breaker) -> None:
    """The last look may stop it; the breaker does not wait for it for ever."""
    _fail(breaker, "a", "b", "c")
    breaker.gone("trial")
    breaker.taken_back("trial")
    assert breaker.room(2.0) == 1
