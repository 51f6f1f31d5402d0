"""Whose order goes first (SAFETY R7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from coincurve import PrivateKey

from schemas.enums import Side, Venue
from streams.trading.breaker import Breaker, BreakerRules
from streams.trading.rate_limits import ANY, Allowance, RateLimits
from streams.trading.waiting_line import Job, WaitingLine
from streams.venues.orders import SignedBytes
from streams.venues.wallets import Credentials, SigningKey, TradingWallet

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@lru_cache
def _wallet(name: str) -> TradingWallet:
    key = SigningKey(f"0x{name}", PrivateKey(b"\x01" * 32))
    return TradingWallet(name, f"0x{name}", key, Credentials("", "", ""), 0)


def _job(who: str, number: int = 0, side: Side = Side.BUY, seconds: float = 60) -> Job:
    deadline = NOON + timedelta(seconds=seconds) if side is Side.BUY else None
    signed = SignedBytes(f"{who}-{number}", b"")
    return Job(signed, _wallet(who), Venue.PAPER, side, "1", NOON, deadline)


def _names(jobs: list[Job]) -> list[str]:
    return [job.name for job in jobs]


def test_r07_sells_first_then_the_nearest_deadline() -> None:
    """Whatever came first."""
    line = WaitingLine(16)
    for job in (_job("a", seconds=60), _job("b", seconds=5), _job("c", side=Side.SELL)):
        line.put(job)
    assert _names(line.take(0.0)) == ["c-0", "b-0", "a-0"]


def test_r07_a_quarter_of_the_places_is_for_sells() -> None:
    """100 BUYs take 12 of 16 places; a SELL that comes then goes at once."""
    line = WaitingLine(16)
    for number in range(100):
        line.put(_job(f"f{number}"))
    assert len(line.take(0.0)) == 12
    line.put(_job("z", side=Side.SELL))
    assert _names(line.take(0.0)) == ["z-0"]


def test_of_one_moments_buys_everybodys_first_goes_before_anybodys_second() -> None:
    """One follower with ten orders does not hold up twenty with one each."""
    line = WaitingLine(200)
    for number in range(10):
        line.put(_job("many", number, seconds=60 + number / 100))
    for number in range(20):
        line.put(_job(f"f{number}", seconds=60.5))
    gone = _names(line.take(0.0))
    assert [name.startswith("many") for name in gone[:21]].count(True) == 1
    assert len(gone) == 30


def test_a_signer_out_of_room_holds_nobody_up_and_comes_back() -> None:
    """Two a second each: the third order of one waits, everybody else's goes."""
    limits = RateLimits(ANY, Allowance(2.0, 2.0), 100, 0.0)
    line = WaitingLine(200, limits)
    for number in range(3):
        line.put(_job("many", number))
    line.put(_job("other", seconds=3_000))
    assert len(line.take(0.0)) == 3
    assert line.seconds_to_next(0.0) is not None
    assert _names(line.take(0.6))[0].startswith("many")


def test_r07_where_the_address_is_out_of_room_sells_take_what_is_kept() -> None:
    """60 at once: 45 BUYs, then SELLs alone until there is more room."""
    line = WaitingLine(400, RateLimits(Allowance(1.0, 60.0), ANY, 100, 0.0))
    for number in range(100):
        line.put(_job(f"f{number}"))
    assert len(line.take(0.0)) == 45
    for number in range(20):
        line.put(_job(f"s{number}", side=Side.SELL))
    assert [name[0] for name in _names(line.take(0.0))] == ["s"] * 15


def test_what_was_stopped_before_its_post_gives_its_place_back() -> None:
    """A look that stops an order costs nobody a place."""
    line = WaitingLine(16, RateLimits(Allowance(0.001, 4.0), ANY, 100, 0.0))
    for number in range(8):
        line.put(_job(f"f{number}"))
    taken = line.take(0.0)
    assert len(taken) == 3
    assert line.take(0.0) == []
    for job in taken:
        line.stopped(job, 0.0)
    assert len(line.take(0.0)) == 3


def test_while_a_breaker_is_open_nothing_goes_then_one_alone_and_a_sell_first() -> None:
    """Half-open: the trial is the job that is first in turn."""
    breaker = Breaker(BreakerRules(1, 1.0, 1.0))
    line = WaitingLine(16, None, (breaker,))
    breaker.failed("x", 0.0)
    line.put(_job("a"))
    line.put(_job("b", side=Side.SELL))
    assert line.take(0.5) == []
    assert line.seconds_to_next(0.5) == 0.5
    assert _names(line.take(1.0)) == ["b-0"]
    assert line.take(1.0) == []
    breaker.worked("b-0")
    assert _names(line.take(1.1)) == ["a-0"]


def test_what_is_overdue_leaves_the_line_and_only_that() -> None:
    """BUYs past their deadline; SELLs never age."""
    line = WaitingLine(16)
    for job in (_job("a", seconds=5), _job("b", seconds=50), _job("c", side=Side.SELL)):
        line.put(job)
    assert _names(line.overdue(NOON + timedelta(seconds=10))) == ["a-0"]
    assert _names(line.take(0.0)) == ["c-0", "b-0"]
