"""How many POSTs go: what the exchange tells counts, SELLs keep a quarter, a limit is never overrun (SAFETY R7)."""

from __future__ import annotations

import heapq
import random

import pytest

from streams.trading.rate_limits import Allowance, Bucket, RateLimits, Ticket, Told

ASSUMED = Allowance(per_second=20.0, at_once=30.0)


def _drained(bucket: Bucket, now: float, *, sell: bool = False) -> int:
    """How many go at once."""
    count = 0
    while bucket.wait(now, sell=sell) == 0 and count < 1_000:
        bucket.take(now)
        count += 1
    return count


def test_r07_a_quarter_is_kept_for_sells() -> None:
    """BUYs take three quarters of what may go at once; SELLs all that is left."""
    bucket = Bucket(ASSUMED, 0.0)
    assert _drained(bucket, 0.0) == 23
    assert _drained(bucket, 0.0, sell=True) == 7
    assert bucket.wait(0.0, sell=True) == pytest.approx(1 / 20)
    assert bucket.wait(0.0, sell=False) == pytest.approx(8 / 20)


def test_until_it_is_told_the_assumed_rate_stands() -> None:
    """20 a second after the first burst, whatever the moments asked at."""
    bucket = Bucket(ASSUMED, 0.0)
    _drained(bucket, 0.0)
    assert sum(_drained(bucket, step / 100) for step in range(1, 501)) in (99, 100)


def test_what_is_told_replaces_what_was_assumed() -> None:
    """A higher limit lets more go than was assumed, a lower one less."""
    for limit, room in ((1_000.0, 749), (8.0, 5)):
        bucket = Bucket(ASSUMED, 0.0)
        ticket = bucket.take(0.0)
        bucket.answered(0.1, ticket, Told(limit - 1, 9.9, limit))
        assert _drained(bucket, 0.1) == room


def test_after_a_told_reset_all_may_go_again_and_not_before() -> None:
    """Nothing is assumed to come back inside a window that the exchange named."""
    bucket = Bucket(ASSUMED, 0.0)
    ticket = bucket.take(0.0)
    bucket.answered(0.1, ticket, Told(0.0, 5.5, 60.0))
    assert _drained(bucket, 5.0, sell=True) == 0
    assert bucket.wait(5.0, sell=True) == pytest.approx(0.6)
    assert _drained(bucket, 5.7, sell=True) == 60


def test_a_reset_in_whole_seconds_may_have_been_rounded_down() -> None:
    """Told 5: up to 6 seconds."""
    bucket = Bucket(ASSUMED, 0.0)
    bucket.answered(0.0, bucket.take(0.0), Told(0.0, 5.0, 60.0))
    assert bucket.wait(5.5, sell=True) == pytest.approx(0.5)


def test_answers_that_overtake_each_other_never_tell_too_much() -> None:
    """The older answer comes last, with more left than there is: it is not believed."""
    bucket = Bucket(ASSUMED, 0.0)
    first, second = bucket.take(0.0), bucket.take(0.0)
    bucket.answered(0.1, second, Told(3.0, 9.5, 5.0))
    bucket.answered(0.2, first, Told(4.0, 9.4, 5.0))
    assert _drained(bucket, 0.2, sell=True) <= 3


def test_a_refusal_closes_and_halves() -> None:
    """A 429 of an unknown limit: closed for what was told, then half the rate."""
    bucket = Bucket(ASSUMED, 0.0)
    bucket.refused(0.0, 2.0)
    assert bucket.wait(1.0, sell=True) == pytest.approx(1.0)
    assert bucket.wait(2.0, sell=True) == 0
    assert sum(_drained(bucket, 2 + step / 100, sell=True) for step in range(500)) in range(55, 75)


def test_a_signer_that_is_out_of_room_holds_nobody_else_up() -> None:
    """Each signer has a limit of its own; a refusal with a signer's headers is his alone."""
    limits = RateLimits(Allowance(500.0, 500.0), ASSUMED, 100, 0.0)
    limits.refused("a", 0.0, 5.0, signers_own=True)
    assert limits.signer_wait("a", 1.0, sell=True) == pytest.approx(4.0)
    assert limits.signer_wait("b", 1.0, sell=True) == 0
    assert limits.address_wait(1.0, sell=True) == 0
    limits.refused("b", 1.0, 5.0, signers_own=False)
    assert limits.address_wait(1.0, sell=True) == pytest.approx(5.0)


class _Window:
    """An exchange that takes ``limit`` in each window of ``span`` seconds."""

    def __init__(self, limit: int, span: float) -> None:
        self.limit, self.span, self.used, self.began, self.refused = limit, span, 0, 0.0, 0

    def ask(self, at: float) -> Told:
        if at >= self.began + self.span:
            self.began += (at - self.began) // self.span * self.span
            self.used = 0
        self.used += 1
        self.refused += self.used > self.limit
        return Told(max(0.0, self.limit - self.used), self.began + self.span - at, float(self.limit))


class _Drip:
    """An exchange with a token bucket; ``mute``: it tells what is left and nothing else, as the real one may."""

    def __init__(self, limit: int, rate: float, mute: bool) -> None:
        self.limit, self.rate, self.left, self.at, self.refused = limit, rate, float(limit), 0.0, 0
        self.mute = mute

    def ask(self, at: float) -> Told:
        self.left = min(self.limit, self.left + (at - self.at) * self.rate)
        self.at = at
        self.refused += self.left < 1
        self.left = max(0.0, self.left - 1)
        if self.mute:
            return Told(float(int(self.left)))
        return Told(float(int(self.left)), (self.limit - self.left) / self.rate, float(self.limit))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("kind", ["window", "drip", "mute"])
def test_r07_never_a_refusal_of_our_own_making(kind: str, seed: int) -> None:
    """1,000 orders against limits of either kind, answers slow and out of order: none is refused, and they get on."""
    chance = random.Random(seed)  # noqa: S311  # a seed makes a failure repeatable
    limit = chance.choice([8, 60, 300])
    exchange = _Window(limit, 1.0) if kind == "window" else _Drip(limit, limit * 0.7, kind == "mute")
    bucket = Bucket(Allowance(limit * 0.25, limit * 0.5), 0.0)
    now, sent, steps = 0.0, 0, 0
    # (moment, number, ticket, told or None before it arrived)
    coming: list[tuple[float, int, str]] = []
    tickets: dict[int, Ticket] = {}
    told: dict[int, Told] = {}
    while sent < 1_000:
        steps += 1
        assert steps < 300_000, "it does not get on"
        while coming and coming[0][0] <= now:
            at, number, what = heapq.heappop(coming)
            if what == "arrives":
                told[number] = exchange.ask(at)
                heapq.heappush(coming, (at + chance.uniform(0.001, 0.2), number, "answered"))
            else:
                bucket.answered(at, tickets.pop(number), told.pop(number))
        if bucket.wait(now, sell=False) == 0:
            tickets[sent] = bucket.take(now)
            heapq.heappush(coming, (now + chance.uniform(0.001, 0.1), sent, "arrives"))
            sent += 1
        else:
            now += 0.005
    assert exchange.refused == 0
    assert now < 1_000 / limit * 8, f"{1_000 / now:.0f} a second of {limit}"
