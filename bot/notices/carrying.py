"""The loop that carries notices: claim, show, answer. Nothing is lost by its end at any moment (UX §4).

A notice counts as sent once Telegram's id of its message is stored by the API. Whoever ends between the two shows it
twice at worst: the lease runs out, and it is claimed again.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from bot.sending import NoRoom
from schemas.notices import NoticeOutcome, NoticeResult, NoticeView

log = structlog.get_logger()
# The lease lasts 60 s: what finds no room in the sender by then is left to the next claim, not sent late.
ROOM_SECONDS: Final = 40.0
# Two seconds of the sender's pace: what waits in the API merges, what waits here does not.
IN_HAND_MOST: Final = 50
CLAIM_MOST: Final = 25
# How long a claim waits in the API for the first notice.
WAIT_SECONDS: Final = 2.0
# Messages whose answer may not have reached the API are remembered, so that the next claim only answers.
_SHOWN_KEPT: Final = 5_000
# An API that answers "nothing" without having waited is not asked in circles.
_BREATH_SECONDS: Final = 0.05
_PAUSES: Final = (0.2, 1.0, 3.0, 10.0)


class Post(Protocol):
    """The API's side. Both raise ``Away`` when it cannot be reached."""

    async def claim(self, most: int, wait_seconds: float) -> tuple[NoticeView, ...]: ...
    async def answer(self, notification_id: str, result: NoticeResult) -> None: ...


class Away(Exception):
    """The API did not take the question, or gave no answer."""


class Chat(Protocol):
    """Telegram's side: the message's id once it stands there. Raises what Telegram says, and ``NoRoom``."""

    async def show(self, notice: NoticeView, room_seconds: float) -> int: ...


class Carrier:
    """Carries notices until cancelled. One for the bot's process; several processes take turns by the leases."""

    def __init__(
        self,
        post: Post,
        chat: Chat,
        *,
        blocked: Callable[[int], None] = lambda _telegram_id: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``blocked`` hears who has blocked the bot: their next word is that of somebody who came back."""
        self._blocked = blocked
        self._post = post
        self._chat = chat
        self._clock = clock
        self._in_hand: set[asyncio.Task[None]] = set()
        self._shown: OrderedDict[tuple[str, int], int] = OrderedDict()

    async def run(self) -> None:
        """For ever. What is in hand is let go when this is cancelled: its lease runs out."""
        failures = 0
        try:
            while True:
                try:
                    if not await self.carry_some(WAIT_SECONDS):
                        await asyncio.sleep(_BREATH_SECONDS)
                    failures = 0
                except Away as away:
                    log.warning("notices_not_claimed", cause=str(away))
                    await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
                    failures += 1
        finally:
            for task in self._in_hand:
                task.cancel()
            await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def carry_some(self, wait_seconds: float) -> int:
        """Claim what there is room for and begin to carry it; how many. Raises ``Away``."""
        while len(self._in_hand) >= IN_HAND_MOST:
            await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)
        most = min(CLAIM_MOST, IN_HAND_MOST - len(self._in_hand))
        claimed_at = self._clock()
        claimed = await self._post.claim(most, wait_seconds)
        for notice in claimed:
            task = asyncio.create_task(self._carry(notice, claimed_at + wait_seconds))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        return len(claimed)

    async def settled(self) -> None:
        """Wait until nothing is in hand."""
        while self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _carry(self, notice: NoticeView, claimed_at: float) -> None:
        try:
            result = await self._result(notice, claimed_at)
        except Exception:  # the outermost edge of one notice: it must not hold the others up
            log.exception("notice_not_shown", notification_id=notice.notification_id, kind=notice.kind)
            result = self._of(notice, NoticeOutcome.LATER, words="it could not be said")
        for pause_seconds in (*_PAUSES, None):
            try:
                await self._post.answer(notice.notification_id, result)
            except Away as away:
                log.warning("notice_not_answered", notification_id=notice.notification_id, cause=str(away))
                if pause_seconds is not None:
                    await asyncio.sleep(pause_seconds)
            else:
                return

    async def _result(self, notice: NoticeView, claimed_at: float) -> NoticeResult:
        key = (notice.notification_id, notice.revision)
        message_id = self._shown.get(key)
        if message_id is None:
            room = ROOM_SECONDS - max(self._clock() - claimed_at, 0.0)
            try:
                message_id = await self._chat.show(notice, max(room, 0.0))
            except NoRoom:
                return self._of(notice, NoticeOutcome.LATER, retry_after=0, words="no room in time")
            except TelegramError as refused:
                return self._refused(notice, refused)
            self._shown[key] = message_id
            while len(self._shown) > _SHOWN_KEPT:
                self._shown.popitem(last=False)
        return self._of(notice, NoticeOutcome.SENT, telegram_message_id=message_id)

    def _refused(self, notice: NoticeView, refused: TelegramError) -> NoticeResult:
        words = refused.message[:300]
        if isinstance(refused, Forbidden):
            outcome = NoticeOutcome.BLOCKED
            self._blocked(notice.telegram_id)
        elif isinstance(refused, BadRequest):
            outcome = NoticeOutcome.IMPOSSIBLE
        else:
            outcome = NoticeOutcome.LATER
        said = log.info if isinstance(refused, Forbidden | NetworkError) else log.warning
        said("notice_refused", notification_id=notice.notification_id, kind=notice.kind, words=words)
        return self._of(notice, outcome, words=words)

    def _of(
        self,
        notice: NoticeView,
        outcome: NoticeOutcome,
        *,
        telegram_message_id: int | None = None,
        retry_after: int | None = None,
        words: str | None = None,
    ) -> NoticeResult:
        return NoticeResult(
            outcome=outcome,
            revision=notice.revision,
            telegram_message_id=telegram_message_id,
            retry_after=retry_after,
            words=words,
        )
