"""Places and moments of the line of signed orders, to the job and to the moment (SAFETY R7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.enums import Side
from streams.trading.breaker import Breaker, BreakerRules
from streams.trading.rate_limits import ANY, Allowance, RateLimits
from streams.trading.waiting_line import Job, WaitingLine
from tests.trading.test_waiting_line import NOON, _job, _names

SELL = Side.SELL


def line_of(
    *jobs: Job, room: int = 200, limits: RateLimits | None = None, breaker: Breaker | None = None
) -> WaitingLine:
    line = WaitingLine(room, limits, () if breaker is None else (breaker,))
    for job in jobs:
        line.put(job)
    return line


def buys(number: int, who: str = "f") -> list[Job]:
    return [_job(f"{who}{each:03}") for each in range(number)]


def sells(number: int, who: str = "s") -> list[Job]:
    return [_job(f"{who}{each:03}", side=SELL) for each in range(number)]


def test_a_job_is_here_until_it_is_done() -> None:
    """Waiting, under way, nowhere; what is here is not put again, nor is what is under way."""
    job = _job("a")
    line = line_of()
    assert (len(line), line.idle, line.holds("a-0")) == (0, True, False)
    line.put(job)
    line.put(job)
    assert (len(line), line.idle, line.holds("a-0")) == (1, False, True)
    assert line.take(0.0) == [job]
    line.put(job)
    assert (len(line), line.idle, line.holds("a-0")) == (0, True, True)
    line.done(job)
    assert (line.take(0.0), line.holds("a-0")) == ([], False)


@pytest.mark.parametrize(
    ("room", "of_buys"), [(1, 0), (2, 1), (3, 2), (4, 3), (7, 6), (8, 6), (16, 12), (20, 15)]
)
def test_r07_places_of_buys_and_of_all(room: int, of_buys: int) -> None:
    """At least one place is a SELL's; full is full."""
    line = line_of(*sells(room + 1), room=room)
    assert len(line.take(0.0)) == room
    assert line.take(0.0) == []
    line = line_of(*buys(room), room=room)
    assert len(line.take(0.0)) == of_buys


def test_r07_a_place_is_free_again_when_its_job_is_done() -> None:
    """Once, however often that is said; a SELL's end frees no BUY's place."""
    line = line_of(*sells(1), *buys(5), room=4)
    taken = line.take(0.0)
    assert _names(taken) == ["s000-0", "f000-0", "f001-0", "f002-0"]
    line.done(taken[0])
    line.done(taken[0])
    assert line.take(0.0) == []
    line.done(taken[1])
    line.done(taken[1])
    assert _names(line.take(0.0)) == ["f003-0"]
    line.done(_job("nobody"))
    assert line.take(0.0) == []


def test_what_is_put_off_goes_at_its_moment() -> None:
    """Not before, and in its turn then."""
    line = line_of()
    line.put(_job("later"), 5.0)
    line.put(_job("soon"), 2.5)
    assert (len(line), line.idle, line.seconds_to_next(1.0)) == (2, True, 1.5)
    assert line.take(2.4) == []
    assert _names(line.take(2.5)) == ["soon-0"]
    assert (line.seconds_to_next(3.0), line.seconds_to_next(9.0)) == (2.0, 0.0)
    assert _names(line.take(5.0)) == ["later-0"]
    assert line.seconds_to_next(5.0) is None


def test_what_is_pulled_is_nowhere_and_holds_nobody_up() -> None:
    """Ready or put off; a name that is not here is none."""
    line = line_of(_job("a", seconds=1), _job("b"))
    line.put(_job("c"), 1.0)
    assert _names(line.pull(["c-0", "a-0", "x-0"])) == ["c-0", "a-0"]
    assert (len(line), line.holds("a-0"), line.holds("c-0")) == (1, False, False)
    assert _names(line.take(2.0)) == ["b-0"]


def test_a_buy_is_overdue_after_its_deadline() -> None:
    """Not at it."""
    line = line_of(_job("a", seconds=5))
    assert line.overdue(NOON + timedelta(seconds=5)) == []
    assert _names(line.overdue(NOON + timedelta(seconds=5) + timedelta.resolution)) == ["a-0"]
    assert len(line) == 0


def test_everybodys_turn_is_counted_from_what_waits() -> None:
    """What went out or was pulled is no turn any more; of one turn the names decide."""
    line = line_of(_job("m", 0), _job("m", 1))
    line.pull(["m-1"])
    for job in (_job("m", 2), _job("z", 0), _job("z", 1)):
        line.put(job)
    assert _names(line.take(0.0)) == ["m-0", "z-0", "m-2", "z-1"]
    for job in (_job("z", 2), _job("m", 3)):
        line.put(job)
    assert _names(line.take(0.0)) == ["m-3", "z-2"]
    for each in range(3):
        line.put(_job("p", each))
    line.pull(["p-2"])
    for job in (_job("p", 3), *(_job("q", each) for each in range(3))):
        line.put(job)
    assert _names(line.take(0.0)) == ["p-0", "q-0", "p-1", "q-1", "p-3", "q-2"]


def test_sells_of_one_moment_go_everybodys_first_before_anybodys_second() -> None:
    """Their deadlines, where they have any, come after."""
    line = line_of(*(_job("m", each, SELL) for each in range(2)), _job("z", 0, SELL))
    assert _names(line.take(0.0)) == ["m-0", "z-0", "m-1"]


@pytest.mark.parametrize(("side", "wait"), [(Side.BUY, 0.02), (SELL, 0.004)])
def test_r07_where_the_address_is_full_the_line_says_when_to_come_again(side: Side, wait: float) -> None:
    """BUYs in small groups, 20 ms apart at least; a SELL at once."""
    limits = RateLimits(Allowance(250.0, 4.0), ANY, 100, 0.0)
    line = line_of(*(_job(f"f{each}", side=side) for each in range(9)), limits=limits)
    assert line.seconds_to_next(0.0) is None
    assert len(line.take(0.0)) == (3 if side is Side.BUY else 4)
    assert line.seconds_to_next(0.0) == pytest.approx(wait)
    assert line.seconds_to_next(0.001) == pytest.approx(wait - 0.001)
    assert line.seconds_to_next(wait) is None
    assert len(line.take(wait)) >= 1


def test_a_longer_wait_of_the_address_is_waited_out() -> None:
    """And forgotten once there is room."""
    line = line_of(*buys(5), limits=RateLimits(Allowance(2.0, 4.0), ANY, 100, 0.0))
    assert len(line.take(0.0)) == 3
    assert line.seconds_to_next(0.0) == pytest.approx(0.5)
    line.pull(["f003-0", "f004-0"])
    assert line.take(0.1) == []
    line.put(_job("s", side=SELL))
    assert line.seconds_to_next(0.1) is None


def test_a_signer_who_is_full_comes_again_when_he_has_room() -> None:
    """Others go past him."""
    limits = RateLimits(ANY, Allowance(2.0, 2.0), 100, 0.0)
    line = line_of(_job("m", 0), _job("m", 1), _job("m", 2), _job("z", 0), _job("z", 1), limits=limits)
    assert _names(line.take(0.0)) == ["m-0", "z-0", "m-1", "z-1"]
    assert line.idle
    assert line.seconds_to_next(0.2) == pytest.approx(0.3)
    assert line.take(0.49) == []
    assert _names(line.take(0.5)) == ["m-2"]


def test_r07_of_a_signers_limit_a_quarter_is_for_his_sells() -> None:
    """The last of four places at once."""
    limits = RateLimits(ANY, Allowance(2.0, 4.0), 100, 0.0)
    line = line_of(*(_job("m", each) for each in range(4)), limits=limits)
    assert len(line.take(0.0)) == 3
    for each in range(8, 10):
        line.put(_job("m", each, SELL))
    assert _names(line.take(0.0)) == ["m-8"]


def test_r07_a_crowd_of_buys_waits_for_a_few_places() -> None:
    """With less than a quarter free; so few that all have a place do not wait, nor does a SELL."""
    line = line_of(*sells(5), room=16)
    gone = line.take(0.0)
    for job in buys(8):
        line.put(job)
    gone += line.take(0.0)
    assert len(gone) == 13
    for job in buys(4, "g"):
        line.put(job)
    assert line.take(0.0) == []
    line.put(_job("now", side=SELL))
    assert _names(line.take(0.0))[0] == "now-0"
    line = line_of(*sells(5), *buys(8), room=16)
    line.take(0.0)
    for job in buys(3, "g"):
        line.put(job)
    assert len(line.take(0.0)) == 3
    for room, first in ((16, 8), (18, 10)):
        line = line_of(*sells(4), *buys(first), room=room)
        line.take(0.0)
        for job in buys(5, "g"):
            line.put(job)
        assert len(line.take(0.0)) == 4


def test_while_a_breaker_is_open_its_moment_is_waited_for() -> None:
    """Only where something is ready; the earliest moment counts; a trial that is stopped lets another be it."""
    breaker = Breaker(BreakerRules(1, 1.0, 1.0))
    line = line_of(breaker=breaker)
    assert line_of(_job("s"), breaker=breaker).seconds_to_next(0.0) is None
    breaker.failed("x", 0.0)
    assert line.seconds_to_next(0.0) is None
    line.put(_job("a"))
    line.put(_job("b"))
    line.put(_job("off"), 0.75)
    assert (line.seconds_to_next(0.5), line.seconds_to_next(0.8)) == (0.25, 0.0)
    (trial,) = line.take(1.0)
    assert line.take(1.0) == []
    line.stopped(trial, 1.0)
    assert not line.holds(trial.name)
    assert len(line.take(1.0)) == 1
