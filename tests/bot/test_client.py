"""The API client: again only where that is safe, in time, never by an older answer (UX §4, issue 5.3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest

from bot.client.asking import Api, UserApi
from bot.client.breaker import Breaker
from bot.client.errors import NoAnswer, NotSent, Refused, Unreachable
from bot.client.memory import Memory
from bot.client.rates import Rates
from bot.client.transport import Transport
from bot.minting import Mint
from schemas.views import AllocationView
from tests.bot.facts import following
from tests.bot.stage import SIGNING_KEY, as_json, problem

PATH = "/v1/allocations/A-0000001"
Answers = Callable[[httpx.Request], Any]


@asynccontextmanager
async def asking(answers: Answers, **more: Any) -> AsyncIterator[UserApi]:
    """The API as one user asks it, answered by a function; what that raises never got an answer."""

    async def answer(request: httpx.Request) -> httpx.Response:
        made = answers(request)
        answered: httpx.Response = await made if asyncio.iscoroutine(made) else made
        return answered

    times: dict[str, Any] = {"look_seconds": 0.5, "change_seconds": 1.0, "rates": Rates(clock=lambda: 0.0)}
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://api") as http:
        memory = more.pop("memory", None) or Memory()
        transport = Transport(http, **times | more)
        yield Api(transport, Mint(SIGNING_KEY), memory=memory).acting_for("U-0000001")


def failing(
    times: int, fault: Exception | httpx.Response, then: Any = None
) -> tuple[Answers, list[httpx.Request]]:
    """Fails so often, then answers."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) <= times:
            if isinstance(fault, Exception):
                raise fault
            return fault
        return as_json(following() if then is None else then)

    return answer, asked


async def test_a_look_is_tried_again() -> None:
    """Two lost answers and a 503 cost nobody anything."""
    answers, asked = failing(2, httpx.ReadError("lost"))
    async with asking(answers) as api:
        assert (await api.look(AllocationView, PATH)).version == 7
    assert len(asked) == 3


async def test_a_look_that_gets_no_answer_is_unreachable_in_time() -> None:
    """Within the three seconds of looking (half a second here), not the sum of the tries."""
    began = asyncio.get_running_loop().time()

    async def hangs(request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]["read"]
        await asyncio.Event().wait() if timeout is None else None
        raise httpx.ReadTimeout("slow")

    async with asking(hangs) as api:
        with pytest.raises(Unreachable):
            await api.look(AllocationView, PATH)
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_a_deed_is_tried_again_with_the_same_key_only() -> None:
    """What was lost on the way is asked for again under the same key: done once."""
    answers, asked = failing(1, httpx.ReadError("lost"))
    async with asking(answers) as api:
        await api.post(AllocationView, "/v1/allocations", {"leader": "x"}, key="follow/D-1")
    assert [each.headers["Idempotency-Key"] for each in asked] == ["U-0000001/follow/D-1"] * 2


async def test_a_deed_that_is_not_safe_to_repeat_is_sent_once() -> None:
    """A change without a key or a version."""
    answers, asked = failing(9, httpx.ReadError("lost"))
    async with asking(answers) as api:
        with pytest.raises(NoAnswer):
            await api.patch(AllocationView, PATH, {"label": "x"})
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ReadError("lost"), NoAnswer),
        (httpx.Response(502), NoAnswer),
        (problem(503, "unavailable", "nothing was changed"), NotSent),
        (problem(500, "internal", "failed"), NoAnswer),
    ],
)
async def test_a_deed_without_an_answer_says_whether_it_left(fault: Any, error: type[Exception]) -> None:
    """What never left changed nothing; what left may have been done."""
    answers, _ = failing(99, fault)
    async with asking(answers, breaker=Breaker(failures_most=99)) as api:
        with pytest.raises(error):
            await api.post(AllocationView, "/v1/allocations", {}, key="k")


async def test_the_same_deed_under_way_is_waited_for() -> None:
    """409 with Retry-After: the first of two taps is still being done."""
    answers, asked = failing(1, problem(409, "conflict", "still under way", retry_after=1))
    async with asking(answers, change_seconds=5.0) as api:
        await api.post(AllocationView, "/v1/allocations", {}, key="k")
    assert len(asked) == 2


async def test_a_refusal_is_told_with_its_words() -> None:
    """And not tried again."""
    answers, asked = failing(9, problem(404, "not-found", "There is no such following."))
    async with asking(answers) as api:
        with pytest.raises(Refused) as refused:
            await api.look(AllocationView, PATH)
    assert (refused.value.code, refused.value.status, len(asked)) == ("not-found", 404, 1)


async def test_each_request_acts_for_exactly_one_user() -> None:
    """The token names them, for the API alone, for minutes; an id of its own for each token."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"].removeprefix("Bearer "))
        return as_json(following())

    async with asking(answer) as api:
        await api.look(AllocationView, PATH)
    claims = jwt.decode(seen[0], options={"verify_signature": False})
    assert (claims["sub"], claims["aud"], claims["iss"]) == ("U-0000001", "polycool-api", "polycool-bot")
    assert claims["exp"] - claims["iat"] <= 900
    assert claims["jti"]
    assert claims["iat"] <= datetime.now(UTC).timestamp()


async def test_while_the_api_is_down_nobody_waits() -> None:
    """After five failures in a row requests fail at once; after a pause one is let through, and it opens the way."""
    clock = [0.0]
    answers, asked = failing(5, httpx.ConnectError("away"))
    breaker = Breaker(failures_most=5, open_seconds=2.0, clock=lambda: clock[0])
    async with asking(answers, breaker=breaker, look_seconds=5.0) as api:
        for _ in range(2):
            with pytest.raises(Unreachable):
                await api.look(AllocationView, PATH)
        assert len(asked) == 5
        with pytest.raises(Unreachable):
            await api.look(AllocationView, PATH)
        assert len(asked) == 5
        clock[0] = 2.0
        assert (await api.look(AllocationView, PATH)).version == 7
        assert not breaker.is_open


def test_one_request_tries_for_all() -> None:
    """While it is on its way the others still fail at once; should it never tell, the next pause lets another try."""
    clock = [0.0]
    breaker = Breaker(failures_most=1, open_seconds=2.0, clock=lambda: clock[0])
    breaker.failed()
    assert not breaker.lets()
    clock[0] = 2.0
    assert breaker.lets()
    assert not breaker.lets()
    clock[0] = 4.0
    assert breaker.lets()
    breaker.failed()
    assert not breaker.lets()


async def test_who_asks_too_fast_waits_and_others_do_not() -> None:
    """36 looks at once go now, the next a ninth of a second later; another user is not held up."""
    clock = [0.0]
    rates = Rates(clock=lambda: clock[0])
    looks = [await rates.room("U-1", changes=False, within_seconds=0.0) for _ in range(37)]
    assert looks == [True] * 36 + [False]
    assert await rates.room("U-2", changes=False, within_seconds=0.0)
    clock[0] = 0.2
    assert await rates.room("U-1", changes=False, within_seconds=0.0)


async def test_what_finds_no_room_is_not_counted() -> None:
    """Refused for want of room, nothing is taken from the next second."""
    clock = [0.0]
    rates = Rates(clock=lambda: clock[0])
    for _ in range(50):
        await rates.room("U-1", changes=True, within_seconds=0.0)
    clock[0] = 1.0
    assert await rates.room("U-1", changes=True, within_seconds=0.0)


async def test_b46_an_answer_is_kept_for_a_moment_and_forgotten_by_ones_own_write() -> None:
    """B-46: the former cache was emptied before the write, so a look in between filled it with what was old."""
    version = [7]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            version[0] += 1
        return as_json(following(version=version[0]))

    async with asking(answer) as api:
        assert (await api.look(AllocationView, PATH)).version == 7
        version[0] = 8
        assert (await api.look(AllocationView, PATH)).version == 7
        assert (await api.look(AllocationView, PATH, fresh=True)).version == 8
        await api.post(AllocationView, f"{PATH}/pause", key="k")
        assert (await api.look(AllocationView, PATH)).version == 9


async def test_b46_an_older_answer_never_fills_the_cache_after_a_write() -> None:
    """The look began before the write and is answered after it: whoever asked sees it, nobody else."""
    version, held = [7], asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            version[0] += 1
            return as_json(following(version=version[0]))
        seen = version[0]
        if not held.is_set():
            await held.wait()
        return as_json(following(version=seen))

    async with asking(answer) as api:
        early = asyncio.create_task(api.look(AllocationView, PATH))
        await asyncio.sleep(0)
        while not early.done() and version[0] == 7:
            await api.post(AllocationView, f"{PATH}/pause", key="k")
        held.set()
        assert (await early).version in (7, 8)
        assert (await api.look(AllocationView, PATH)).version == 8


def test_b46_a_look_that_began_while_the_write_ran_is_not_kept() -> None:
    """It may have read the rows of before the commit."""
    memory = Memory()
    memory.wrote("U-1")
    begun = memory.begin()
    memory.wrote("U-1")
    memory.keep("U-1", "q", begun, "old")
    assert memory.get("U-1", "q") is None


def test_b46_of_two_looks_the_later_stays() -> None:
    """Answers may overtake each other."""
    memory = Memory()
    first, second = memory.begin(), memory.begin()
    memory.keep("U-1", "q", second, "new")
    memory.keep("U-1", "q", first, "old")
    assert memory.get("U-1", "q") == "new"


def test_b46_anothers_write_forgets_nothing_of_mine() -> None:
    """Each user's answers are their own."""
    memory = Memory()
    memory.keep("U-1", "q", memory.begin(), "mine")
    memory.wrote("U-2")
    assert memory.get("U-1", "q") == "mine"
    assert memory.get("U-2", "q") is None
