"""Work that has time stands still while a trade passes, but never for long (SAFETY R27)."""

from __future__ import annotations

import asyncio

import pytest

from streams.kafka.precedence import PASSING_SECONDS, STILL_MOST_SECONDS, Precedence


class Clock:
    """Moves only while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 50.0
        self.sleeps = 0
        monkeypatch.setattr("streams.kafka.precedence.asyncio.sleep", self.sleep)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.sleeps += 1
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """In place of asyncio's."""
    return Clock(monkeypatch)


async def test_nobody_passes_nobody_waits(clock: Clock) -> None:
    """One turn of the loop, no more."""
    await Precedence(clock).turn().give_way()
    assert (clock.now, clock.sleeps) == (50.0, 1)


async def test_what_was_handed_on_has_passed_after_a_while(clock: Clock) -> None:
    """A stage has done with a trade: others stand still until it has reached the next."""
    precedence = Precedence(clock)
    precedence.on_its_way()
    turn = precedence.turn()
    await turn.give_way()
    assert clock.now == pytest.approx(50 + PASSING_SECONDS)
    await turn.give_way()
    assert clock.now == pytest.approx(50 + PASSING_SECONDS)


async def test_a_trade_in_hand_is_waited_for_within_a_bound(clock: Clock) -> None:
    """It may itself wait for a lock of whoever stands still: all stops of one piece of work are bounded together."""
    precedence = Precedence(clock)
    turn = precedence.turn()
    with precedence.in_hand():
        for _ in range(5):
            await turn.give_way()
        assert clock.now == pytest.approx(50 + STILL_MOST_SECONDS)
    before = clock.now
    await precedence.turn().give_way()
    assert clock.now == before, "it is in hand no more"


async def test_it_goes_on_as_soon_as_the_trade_has_passed() -> None:
    """With a real clock: the work ends soon after the trade, long before the bound."""
    loop = asyncio.get_running_loop()
    precedence = Precedence(loop.time)
    done = asyncio.Event()

    async def work() -> None:
        await precedence.turn().give_way()
        done.set()

    with precedence.in_hand():
        working = asyncio.create_task(work())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not done.is_set()
    await asyncio.wait_for(working, 10)
