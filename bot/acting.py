"""Does what was asked: lets the person in, runs the action, shows what came of it; whatever fails has its sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import structlog
from telegram import User
from telegram.error import TelegramError

from bot import verbs
from bot.callbacks import Tap
from bot.client.asking import Api
from bot.client.errors import ApiError, NoAnswer, NotSent, Unreachable
from bot.metrics import Metrics
from bot.panel import Panels, View
from bot.people import People
from bot.registry import Actions
from bot.screens import troubles
from bot.screens.screen import Screen
from bot.visit import Visit
from bot.wallet_names import WalletNames
from bot.words import ENGLISH, Words, texts
from schemas.me_views import LANGUAGES
from schemas.views import UserView

log = structlog.get_logger()
# An action sends on to another at most so often.
HOPS_MOST: Final = 4
# A page that shows a progress is looked at anew so often at most; then somebody must tap.
AGAIN_MOST: Final = 60
STEP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks for something: by a button of the message `on`, or by writing."""

    person: User
    tap: Tap
    nonce: str
    on: int | None
    typed: str | None = None
    hint: str | None = None


class Actor:
    """One for the process."""

    def __init__(
        self,
        *,
        api: Api,
        panels: Panels,
        actions: Actions,
        metrics: Metrics,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tell_operator: Callable[[int, str], Awaitable[None]] | None = None,
    ) -> None:
        self._api = api
        self._tell_operator = tell_operator
        self._told_operators: set[int] = set()
        self._panels = panels
        self._actions = actions
        self._metrics = metrics
        self._now = now
        self._people = People(api)
        self._names = WalletNames()
        self._words: dict[tuple[str, str], Words] = {}
        self._looking_again: set[asyncio.Task[None]] = set()

    def words_of(self, person: User, user: UserView | None = None) -> Words:
        """The texts for somebody: as they chose, before that as Telegram says."""
        told = (person.language_code or ENGLISH).split("-")[0]
        language = user.language if user is not None else told
        if language not in LANGUAGES or not texts(language):
            language = ENGLISH
        key = (language, "UTC" if user is None else user.time_zone)
        if key not in self._words:
            self._words[key] = Words(*key, missing=self._metrics.missing)
        return self._words[key]

    async def act(self, asked: Asked) -> None:
        """Run what was asked and show what came of it. The chat's lock is held."""
        chat_id, tap, words = asked.person.id, asked.tap, self.words_of(asked.person)
        try:
            user, new = await self._let_in(asked)
            words = self.words_of(asked.person, user)
            if new and tap.verb == verbs.MENU:
                tap = Tap(verbs.HELLO)
            await self._mark(asked, words)
            tap, screen = await self._run(replace(asked, tap=tap), user, words, new=new)
        except ApiError as error:
            screen = troubles.trouble(words, error, tap)
        except TelegramError:
            raise
        except Exception:  # the outermost edge of an action: what is no answer of ours is told in a sentence
            log.exception("act_failed", verb=tap.verb)
            self._metrics.faults.labels(tap.verb).inc()
            screen = troubles.fault(words)
        await self._panels.show(chat_id, tap, screen, words, self._now(), on=asked.on)
        self._again(asked, tap, screen)

    async def _let_in(self, asked: Asked) -> tuple[UserView, bool]:
        """Who asks. Where the API cannot say, nothing was changed, and who only looks is told that of looking."""
        try:
            user, new = await self._people.of(asked.person)
        except (NotSent, NoAnswer) as error:
            action = self._actions.of(asked.tap.verb)
            deed = action is not None and action.deed
            raise (NotSent if deed else Unreachable)(str(error)) from error
        if user.operator and self._tell_operator is not None and asked.person.id not in self._told_operators:
            self._told_operators.add(asked.person.id)
            await self._tell_operator(asked.person.id, user.language)
        return user, new

    async def other_text(self, asked: Asked) -> None:
        """Text that nobody asked for: perhaps the answer to a question from before a restart, else not understood."""
        words = self.words_of(asked.person)
        forgot = self._panels.of(asked.person.id).tap is None
        await self._panels.say(asked.person.id, troubles.not_understood(words, forgot=forgot), self._now())

    def forget(self, telegram_id: int) -> None:
        """Ask the API anew who they are at their next word."""
        self._people.forget(telegram_id)

    async def sweep(self) -> None:
        """For ever: where an answer was awaited too long, say that it is no more."""
        while True:
            await asyncio.sleep(STEP_SECONDS)
            await self.stop_waiting()

    async def stop_waiting(self) -> None:
        """Say so wherever an answer has been awaited for too long."""
        for chat_id in list(self._panels.late(self._now())):
            try:
                await self._stop_waiting(chat_id)
            except TelegramError as error:
                log.info("telegram_call_failed", error=str(error))

    async def _stop_waiting(self, chat_id: int) -> None:
        view = self._panels.of(chat_id)
        if view.tap is None or view.lock.locked():
            return
        async with view.refreshed():
            words = view.words or Words()
            screen = troubles.stopped_waiting(words, view.tap)
            await self._panels.show(chat_id, view.tap, screen, words, self._now(), on=view.message_id)

    async def _mark(self, asked: Asked, words: Words) -> None:
        """While a deed is done its buttons say so."""
        action = self._actions.of(asked.tap.verb)
        if action is not None and action.deed and asked.on is not None and asked.typed is None:
            try:
                await self._panels.working(asked.person.id, asked.on, asked.tap, words, self._now())
            except TelegramError as error:
                # The deed does not hang on how its buttons look meanwhile.
                log.info("telegram_call_failed", error=str(error))

    async def _run(
        self, asked: Asked, user: UserView, words: Words, *, new: bool = False, again: bool = False
    ) -> tuple[Tap, Screen]:
        visit = Visit(
            telegram_id=asked.person.id,
            user=user,
            api=self._api.acting_for(user.user_id, words.language),
            words=words,
            tap=asked.tap,
            now=self._now(),
            wallets=self._names,
            nonce=asked.nonce,
            typed=asked.typed,
            hint=asked.hint,
            new=new,
            again=again,
            forget_me=lambda: self._people.forget(asked.person.id),
        )
        note = ""
        for _ in range(HOPS_MOST):
            action = self._actions.of(visit.tap.verb)
            if action is None:
                raise LookupError(f"no action of the verb {visit.tap.verb}")
            answer = await action.act(visit)
            if isinstance(answer, Screen):
                return visit.tap, answer.noted(note)
            note = answer.note or note
            visit = replace(visit, tap=answer.tap, typed=None)
        raise RecursionError(f"{asked.tap.verb} leads nowhere")

    def _again(self, asked: Asked, tap: Tap, screen: Screen) -> None:
        """Look again in a while, if the page is still on view then."""
        if screen.again_seconds is None:
            return
        view = self._panels.of(asked.person.id)
        later = replace(asked, tap=tap, typed=None, on=view.message_id)
        task = asyncio.ensure_future(self._look_again(later, view.shows, screen.again_seconds))
        self._looking_again.add(task)
        task.add_done_callback(self._looking_again.discard)

    async def _look_again(self, asked: Asked, shows: int, seconds: float) -> None:
        view = self._panels.of(asked.person.id)
        for _ in range(AGAIN_MOST):
            await asyncio.sleep(seconds)
            if view.shows != shows or view.lock.locked():
                return
            async with view.refreshed():
                screen = await self._anew(asked, view)
            if screen is None or screen.again_seconds is None:
                return
            shows, seconds = view.shows, screen.again_seconds

    async def _anew(self, asked: Asked, view: View) -> Screen | None:
        try:
            user, _ = await self._people.of(asked.person)
            words = self.words_of(asked.person, user)
            tap, screen = await self._run(asked, user, words, again=True)
            if screen != view.screen:
                await self._panels.show(asked.person.id, tap, screen, words, self._now(), on=view.message_id)
        except (ApiError, TelegramError) as error:
            log.info("not_looked_again", error=type(error).__name__)
            return None
        except Exception:  # as in `act`: nobody waits for this task, so it ends here
            log.exception("act_failed", verb=asked.tap.verb)
            return None
        return screen

    async def close(self) -> None:
        """Look at nothing again any more."""
        for task in self._looking_again:
            task.cancel()
        await asyncio.gather(*self._looking_again, return_exceptions=True)
