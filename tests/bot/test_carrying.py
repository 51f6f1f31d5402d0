"""Notices between the API and the chats: none lost, none shown twice without need (UX §4)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, TimedOut

from bot.notices.carrying import Away, Carrier
from bot.sending import NoRoom
from schemas.notices import NoticeClass, NoticeOutcome, NoticeResult, NoticeView
from tests.waiting import eventually


def notice(number: int = 1, **more: Any) -> NoticeView:
    """A notice as the API gives it."""
    row: dict[str, Any] = {
        "notification_id": str(number), "user_id": "U-0000001", "telegram_id": 7, "kind": "buys_allowed",
        "notice_class": NoticeClass.SAFETY, "language": "en", "time_zone": "UTC", "silent": False, "facts": {},
        "telegram_message_id": None, "merges": 0, "revision": 1, "created_at": datetime.now(UTC),
    } | more  # fmt: skip
    return NoticeView(**row)


class Api:
    """Gives what it is told to, keeps the answers; `away` raises so often."""

    def __init__(self, *claims: tuple[NoticeView, ...]) -> None:
        self.claims = list(claims)
        self.answers: list[tuple[str, NoticeResult]] = []
        self.away = 0

    async def claim(self, most: int, wait_seconds: float) -> tuple[NoticeView, ...]:
        return self.claims.pop(0) if self.claims else ()

    async def answer(self, notification_id: str, result: NoticeResult) -> None:
        if self.away:
            self.away -= 1
            raise Away("503")
        self.answers.append((notification_id, result))


class Chats:
    """Keeps what was shown; raises what it is told to."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.shown: list[str] = []

    async def show(self, shown: NoticeView, room_seconds: float) -> int:
        if self.faults:
            raise self.faults.pop(0)
        self.shown.append(shown.notification_id)
        return 100 + len(self.shown)


async def carried(api: Api, chats: Chats, times: int = 1) -> Carrier:
    """Carry so many claims to their ends."""
    carrier = Carrier(api, chats)
    for _ in range(times):
        await carrier.carry_some(0.0)
        await carrier.settled()
    return carrier


async def test_what_is_shown_is_answered_with_its_message() -> None:
    """`sent` names Telegram's id and the revision that was claimed."""
    api, chats = Api((notice(1, revision=3),)), Chats()
    await carried(api, chats)
    ((name, result),) = api.answers
    assert (name, result.outcome, result.telegram_message_id, result.revision) == ("1", "sent", 101, 3)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), NoticeOutcome.BLOCKED),
        (BadRequest("Chat not found"), NoticeOutcome.IMPOSSIBLE),
        (TimedOut(), NoticeOutcome.LATER),
        (NetworkError("httpx.ConnectError"), NoticeOutcome.LATER),
        (NoRoom(), NoticeOutcome.LATER),
        (KeyError("a fault of ours"), NoticeOutcome.LATER),
    ],
)
async def test_each_refusal_has_its_outcome(fault: Exception, outcome: NoticeOutcome) -> None:
    """Blocked, never, later; a fault of ours holds nobody up and loses nothing."""
    api, chats = Api((notice(1), notice(2))), Chats(fault)
    await carried(api, chats)
    assert {name: result.outcome for name, result in api.answers} == {"1": outcome, "2": NoticeOutcome.SENT}


async def test_b19_an_answer_that_does_not_reach_the_api_does_not_show_the_notice_twice() -> None:
    """B-19: it is in the chat; claimed again after its lease, it is answered for and not sent again."""
    api, chats = Api((notice(1),), (notice(1),)), Chats()
    api.away = 5
    carrier = Carrier(api, chats)
    await carrier.carry_some(0.0)
    async with asyncio.timeout(20):
        await carrier.settled()
    assert (chats.shown, api.answers) == (["1"], [])
    await carrier.carry_some(0.0)
    await carrier.settled()
    assert chats.shown == ["1"]
    assert api.answers[0][1].telegram_message_id == 101


async def test_a_later_revision_is_shown_again() -> None:
    """Known messages are known by revision: a copy's next state is an edit, not forgotten."""
    api, chats = Api((notice(1),), (notice(1, revision=2, telegram_message_id=101),)), Chats()
    await carried(api, chats, 2)
    assert chats.shown == ["1", "1"]
    assert [result.revision for _, result in api.answers] == [1, 2]


async def test_an_api_that_is_away_ends_nothing() -> None:
    """Claiming goes on when it is back."""

    class Flaky(Api):
        async def claim(self, most: int, wait_seconds: float) -> tuple[NoticeView, ...]:
            if self.away:
                self.away -= 1
                raise Away("refused")
            return await super().claim(most, wait_seconds)

    api, chats = Flaky((notice(1),)), Chats()
    api.away = 1
    running = asyncio.create_task(Carrier(api, chats).run())
    await eventually(lambda: api.answers)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
