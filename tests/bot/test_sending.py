"""The one paced sender (UX §4 "Telegram's limits"): the limits hold, nothing is dropped, taps go first."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.pacing import Pace, Ticket
from bot.sending import Limiter, NoRoom, Priority, Sender
from tests.bot.hourglass import Hourglass

# The grain of a float clock, not more.
GRAIN = 1e-6


class Wire:
    """Telegram as a list of what reached it, with times; refuses the calls it is told to."""

    def __init__(self, clock: Hourglass) -> None:
        self.clock = clock
        self.calls: list[tuple[float, object]] = []
        self.refusals: list[Exception] = []

    async def take(self, what: object) -> object:
        if self.refusals:
            raise self.refusals.pop(0)
        self.calls.append((self.clock.now(), what))
        return what

    def taking(self, what: object) -> Callable[[], Awaitable[object]]:
        """A call that brings this."""
        return partial(self.take, what)


def crowded(times: list[float], most: int, seconds: float) -> int:
    """The most calls in any span of so many seconds, less what is allowed."""
    return max(sum(1 for each in times if at <= each < at + seconds - GRAIN) for at in times) - most


@given(
    waiting=st.lists(st.tuples(st.integers(1, 6), st.sampled_from(Priority)), min_size=1, max_size=60),
    seed=st.integers(0, 999),
)
@settings(max_examples=60, deadline=None)
def test_b31_whatever_waits_the_limits_hold_and_nothing_is_dropped(
    waiting: list[tuple[int, Priority]], seed: int
) -> None:
    """B-31: what is over a limit waits; it is neither sent too early nor thrown away."""
    pace, chance, now = Pace(), random.Random(seed), 0.0  # noqa: S311
    tickets = [Ticket(chat, priority) for chat, priority in waiting]
    late = list(tickets)
    went: list[tuple[float, Ticket]] = []
    while late or pace.waiting():
        if late and chance.random() < 0.5:
            pace.add(late.pop(0))
        found = pace.take(now)
        if isinstance(found, Ticket):
            went.append((now, found))
            pace.answered(now)
        elif found is not None:
            assert found > now
            now = found
    assert Counter(id(each) for _, each in went) == Counter(id(each) for each in tickets)
    assert crowded([at for at, _ in went], 25, 1.0) <= 0
    for chat in {each.chat_id for each in tickets}:
        times = [at for at, each in went if each.chat_id == chat]
        assert crowded(times, 3, 1.0) <= 0
        assert crowded(times, 7, 5.0) <= 0


def test_users_take_turns_within_a_class_and_classes_do_not() -> None:
    """One chat with forty results holds nobody else's up; safety goes before them, a tap before all."""
    pace = Pace()
    for _ in range(40):
        pace.add(Ticket(1, Priority.RESULT))
    for chat in (2, 3):
        pace.add(Ticket(chat, Priority.RESULT))
    pace.add(Ticket(4, Priority.DIGEST))
    pace.add(Ticket(5, Priority.SAFETY))
    pace.add(Ticket(6, Priority.TAP))
    now = 0.0
    went: list[int | None] = []
    while len(went) < 6:
        found = pace.take(now)
        if isinstance(found, Ticket):
            went.append(found.chat_id)
            pace.answered(now)
        else:
            assert found is not None
            now = found
    assert went == [6, 5, 1, 2, 3, 1]


def test_a_tap_finds_room_while_a_thousand_notices_wait() -> None:
    """In the midst of a flood a tap goes out within a twenty-fifth of a second."""
    pace, now = Pace(), 0.0
    for chat in range(1_000):
        pace.add(Ticket(chat, Priority.RESULT))
    while now < 5.0:
        found = pace.take(now)
        if isinstance(found, Ticket):
            pace.answered(now)
        else:
            assert found is not None
            now = found
    tap = Ticket(5_000, Priority.TAP)
    pace.add(tap)
    at = now
    while (found := pace.take(at)) is not tap:
        assert isinstance(found, float)
        at = found
    assert at - now <= 0.04 + GRAIN


async def test_calls_go_out_by_the_pace_and_answers_come_back() -> None:
    """Ten calls to one chat: three at once, then one a second; each caller has its own answer."""
    clock = Hourglass()
    wire, sender = Wire(clock), Sender(clock=clock)
    work = [sender.call(7, Priority.RESULT, wire.taking(number)) for number in range(10)]
    assert await clock.within(asyncio.gather(*work)) == list(range(10))
    times = [at for at, _ in wire.calls]
    assert crowded(times, 3, 1.0) <= 0
    assert times[-1] == pytest.approx(7.0, abs=0.1)
    assert sender.waiting() == 0


async def test_b31_retry_after_holds_everybody_and_the_refused_call_goes_again() -> None:
    """B-31: Telegram says wait: nobody calls before that, and the refused call is made once more, before the others."""
    clock = Hourglass()
    wire, sender = Wire(clock), Sender(clock=clock)
    wire.refusals = [RetryAfter(timedelta(seconds=5))]
    work = [sender.call(chat, Priority.RESULT, wire.taking(chat)) for chat in (1, 2, 3)]
    await clock.within(asyncio.gather(*work))
    assert sorted(str(what) for _, what in wire.calls) == ["1", "2", "3"]
    assert min(at for at, _ in wire.calls) >= 5.0
    assert wire.calls[0][1] == 1


async def test_a_call_with_no_room_in_time_is_not_made() -> None:
    """A lease that would end first: NoRoom, and nothing goes out later."""
    clock = Hourglass()
    wire, sender = Wire(clock), Sender(clock=clock)
    wire.refusals = [RetryAfter(timedelta(seconds=90))]
    work = [
        sender.call(1, Priority.RESULT, wire.taking("a")),
        sender.call(1, Priority.RESULT, wire.taking("b"), within_seconds=45),
    ]
    told = await clock.within(asyncio.gather(*work, return_exceptions=True))
    assert told[0] == "a"
    assert isinstance(told[1], NoRoom)
    assert [what for _, what in wire.calls] == ["a"]


async def test_a_caller_that_goes_away_leaves_no_call_behind() -> None:
    """A cancelled call is not made, and those behind it go on."""
    clock = Hourglass()
    wire, sender = Wire(clock), Sender(clock=clock)
    calls = [
        asyncio.ensure_future(sender.call(1, Priority.RESULT, wire.taking(number))) for number in range(5)
    ]
    await asyncio.sleep(0)
    calls[1].cancel()
    await clock.within(asyncio.gather(*calls, return_exceptions=True))
    assert [what for _, what in wire.calls] == [0, 2, 3, 4]


async def test_other_refusals_are_the_callers() -> None:
    """A blocked bot is told to the caller, once, and holds nobody up."""
    clock = Hourglass()
    wire, sender = Wire(clock), Sender(clock=clock)
    wire.refusals = [Forbidden("Forbidden: bot was blocked by the user")]
    with pytest.raises(Forbidden):
        await clock.within(sender.call(1, Priority.RESULT, wire.taking("a")))
    assert await clock.within(sender.call(1, Priority.RESULT, wire.taking("b"))) == "b"


async def test_under_the_bot_an_edit_that_changes_nothing_counts_as_done() -> None:
    """What "is not modified" is ignored (UX §4); any other bad request is not."""
    clock = Hourglass()
    limiter = Limiter(Sender(clock=clock))

    async def refuse(endpoint: str, sent: dict[str, Any]) -> bool:
        raise BadRequest(sent["words"])

    async def edit(words: str) -> object:
        sent = {"chat_id": 1, "words": words}
        return await limiter.process_request(
            refuse, ("editMessageText", sent), {}, "editMessageText", sent, Priority.RESULT
        )

    assert await clock.within(edit("Message is not modified: same content")) is True
    with pytest.raises(BadRequest):
        await clock.within(edit("Message to edit not found"))
    await limiter.shutdown()


@given(delays=st.lists(st.floats(0.0, 3.0), min_size=60, max_size=90), arrives=st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_however_calls_bunch_on_their_way_no_second_at_telegram_holds_thirty(
    delays: list[float], arrives: float
) -> None:
    """A slow machine or net holds calls up and lets them go together: each arrives some time before its answer."""
    pace, now = Pace(), 0.0
    for chat in range(len(delays)):
        pace.add(Ticket(chat, Priority.RESULT))
    answers: list[float] = []
    at_telegram: list[float] = []
    waiting = list(delays)
    while pace.waiting():
        found = pace.take(now)
        if isinstance(found, Ticket):
            delay = waiting.pop()
            at_telegram.append(now + delay * arrives)
            answers.append(now + delay)
        else:
            assert found is not None
            now = min([found, *answers]) if answers else found
        for answer in [each for each in answers if each <= now]:
            answers.remove(answer)
            pace.answered(answer)
    assert crowded(at_telegram, 29, 1.0) <= 0
