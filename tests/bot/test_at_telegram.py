"""The running bot where Telegram says no: floods, lost answers, blocks, things not modified, updates told twice."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.bots import Bot
from bot.server import running
from bot.settings import BotSettings
from ops.stack.ports import free_port
from ops.telegram.chats import Account, Message
from ops.telegram.faults import Fault, FaultKind
from ops.telegram.limits import Pace
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer
from tests.bot import facts
from tests.bot.answers import World
from tests.bot.api_door import api_of
from tests.bot.stage import SECRET, SIGNING_KEY
from tests.waiting import eventually

TOKEN = "4711:AAF-a_token_of_nobody_at_all_for_tests"
SECONDS = 40.0


class Street:
    """A bot that runs, on a server that keeps Telegram's limits, with people in front of it."""

    def __init__(self, telegram: TelegramServer, world: World, api_url: str) -> None:
        self.telegram = telegram
        self.world = world
        self._api_url = api_url
        self._running = AsyncExitStack()
        self.bot: Bot

    async def start(self, **settings: Any) -> Bot:
        """(Re)start the bot: nothing is remembered."""
        await self.stop()
        given = BotSettings(
            telegram_token=SecretStr(TOKEN), telegram_url=self.telegram.url, api_url=self._api_url,
            bot_signing_key=SIGNING_KEY, bot_secret=SECRET, telegram_poll_seconds=5, **settings,
        )  # fmt: skip
        self.bot = await self._running.enter_async_context(running(given))
        return self.bot

    async def stop(self) -> None:
        """End it."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    def person(self, number: int = 501) -> Person:
        """Somebody."""
        return Person(self.telegram.bot(TOKEN), Account(number))

    async def menu(self, person: Person) -> Message:
        """They have the menu before them."""
        person.send("/menu")
        return await person.until_said("911.20 free", SECONDS)


@pytest.fixture
async def street(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    """Telegram's own limits are in force."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    world = World(followings=[facts.following()])
    async with TelegramServer(pace=Pace()) as telegram, api_of(world) as url:
        made = Street(telegram, world, url)
        await made.start()
        yield made
        await made.stop()


async def test_whoever_taps_fast_never_makes_the_bot_meet_the_limits(street: Street) -> None:
    """Twelve taps at once by each of three people: paced, none refused, each answered."""
    people = [street.person(601 + number) for number in range(3)]
    for person in people:
        await street.menu(person)
    taps = [
        person.press("Copy trading" if number % 2 else "⌂ Menu")
        for number in range(1, 5)
        for person in people
        if person.labels().count("Copy trading" if number % 2 else "⌂ Menu")
    ]
    for person in people:
        for tap in taps:
            await person.until_answered(tap, SECONDS)
    limits = street.telegram.bot(TOKEN).limits
    assert (limits.refused, limits.early) == (0, 0)


async def test_a_flood_is_waited_for_by_all_and_nothing_is_lost(street: Street) -> None:
    """429 with retry_after: not one call before it is over, then the screen is there."""
    person = street.person()
    await street.menu(person)
    street.telegram.faults.add(Fault(kind=FaultKind.FLOOD, method="editMessageText", retry_after=2))
    began = time.monotonic()
    person.press("Copy trading")
    await person.until_said("Alice", SECONDS)
    assert time.monotonic() - began >= 2
    assert street.telegram.bot(TOKEN).limits.early == 0


async def test_nothing_new_to_show_is_no_fault(street: Street) -> None:
    """“message is not modified”: the same page again."""
    person = street.person()
    await street.menu(person)
    person.press("Copy trading")
    shown = await person.until_said("Alice", SECONDS)
    person.press("⌂ Menu")
    await person.until_said("911.20 free", SECONDS)
    street.telegram.faults.add(
        Fault(
            kind=FaultKind.ERROR, method="editMessageText", status=400,
            description="Bad Request: message is not modified: specified new message content and reply markup are"
            " exactly the same as a current content and reply markup of the message",
        )
    )  # fmt: skip
    tap = person.press("Copy trading")
    await person.until_answered(tap, SECONDS)
    await eventually(lambda: street.telegram.faults.waiting == 0, SECONDS)
    person.press("⌂ Menu") if shown.button("⌂ Menu") else person.send("/menu")
    await person.until_said("911.20 free", SECONDS)


@pytest.mark.parametrize("method", ["answerCallbackQuery", "editMessageText", "editMessageReplyMarkup"])
@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.LOSE_CALL])
async def test_a_lost_answer_of_telegram_makes_no_second_deed(
    street: Street, method: str, kind: FaultKind
) -> None:
    """The deed is done once whatever is cut; a later look shows how it is."""
    person = street.person()
    await street.menu(person)
    person.press("Copy trading")
    await person.until_said("Alice", SECONDS)
    person.press("1 Alice")
    await person.until(lambda one: "⏸ Pause" in one.labels(), SECONDS)
    street.telegram.faults.add(Fault(kind=kind, method=method))
    person.press("⏸ Pause")
    await eventually(lambda: street.world.state() == "paused", SECONDS)
    person.send("/copy")
    await person.until_said("⏸ paused", SECONDS)
    assert [each for each in street.world.done if each.endswith("/pause")] == [
        f"POST /v1/allocations/{street.world.followings[0].allocation_id}/pause"
    ]


async def test_a_person_who_blocked_the_bot_holds_nobody_up(street: Street) -> None:
    """403: the others are served; who takes it back is served again."""
    gone, other = street.person(601), street.person(602)
    await street.menu(gone)
    await street.menu(other)
    gone.press("Copy trading")
    gone.block()
    other.press("Copy trading")
    await other.until_said("Alice", SECONDS)
    gone.unblock()
    gone.send("/menu")
    await gone.until(lambda one: one.newest().text.startswith("📄 PAPER 911.20 free"), SECONDS)


async def test_a_webhook_takes_each_update_once_and_none_without_the_secret(street: Street) -> None:
    """Told twice it is done once; forged it is refused."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    await street.start(
        telegram_webhook_url=url,
        telegram_webhook_secret=SecretStr("secret-of-the-webhook"),
        bot_webhook_port=port,
    )
    person = street.person()
    await street.menu(person)
    person.press("Copy trading")
    await person.until_said("Alice", SECONDS)
    person.press("1 Alice")
    await person.until(lambda one: "⏸ Pause" in one.labels(), SECONDS)
    delivery = street.telegram.bot(TOKEN).delivery
    delivery.doubles = 1
    person.press("⏸ Pause")
    await eventually(lambda: street.world.state() == "paused" and delivery.doubles == 0, SECONDS)
    assert len([each for each in street.world.done if each.endswith("/pause")]) == 1
    async with httpx.AsyncClient() as forger:
        forged = {"update_id": 9_999, "message": {"text": "/stop_all"}}
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
            assert (await forger.post(url, json=forged, headers=headers)).status_code == 401


async def test_a_restart_in_the_middle_of_the_wizard_goes_on_where_it_was(street: Street) -> None:
    """The draft is the API's; the buttons need nothing remembered."""
    street.world.followings.clear()
    person = street.person()
    person.send("/start")
    await person.until(
        lambda one: "Copy trading" in one.labels() or "Show me leaders" in one.labels(), SECONDS
    )
    person.send("/copy")
    await person.until_said("You follow nobody yet.", SECONDS)
    for label, said in (
        ("Show me leaders", "Facts, not advice"),
        ("1", "30 days"),
        ("Follow with paper", "most money at work"),
    ):
        person.press(label)
        await person.until_said(said, SECONDS)
    person.press("100")
    await person.until_said("By which rules", SECONDS)
    await street.start()
    person.press("Careful")
    await person.until_said("PAPER. When", SECONDS)
    await street.start()
    person.press("Start copying")
    await person.until(lambda one: "⏸ Pause" in one.labels(), SECONDS)
    assert len(street.world.followings) == 1
