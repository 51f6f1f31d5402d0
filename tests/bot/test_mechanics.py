"""How the bot takes what people write and tap, whatever the screens are (UX §1.5, §1.8, §1.10, §4)."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from telegram import Chat, InlineKeyboardButton

from bot import verbs
from bot.callbacks import Tap
from bot.screens.screen import visible
from tests.bot.stage import ALICE, BOB, Scene, as_json, page
from tests.waiting import eventually

OLD = "That page was old; here it is as of now."


async def test_the_first_word_welcomes_and_a_later_start_shows_the_menu(scene: Scene) -> None:
    """S1 for who is new (201), S2 for who is known."""
    from tests.bot.facts import USER

    scene.stub.set("POST", "/v1/bot/users", lambda _request: as_json(USER, 201))
    await scene.write("/start")
    assert visible(scene.panel().text).startswith("Welcome. I copy trades")
    await scene.write("/start")
    assert visible(scene.panel().text).startswith("📄 PAPER 911.20 free · 62.00 at work")


async def test_one_message_per_flow(scene: Scene) -> None:
    """A tap edits the panel it came from; a command sends a new one and takes the buttons off the old one."""
    await scene.write("/menu")
    first = scene.panel().message_id
    await scene.press((scene.panel(), scene.panel().button("Copy trading")))
    assert list(scene.chat.of(ALICE.id)) == [first]
    await scene.write("/menu")
    assert scene.panel().message_id != first
    assert scene.chat.of(ALICE.id)[first].keyboard == []


async def test_a_notice_below_the_panel_makes_the_next_tap_send_a_new_one(scene: Scene) -> None:
    """The old one loses its buttons."""
    await scene.write("/menu")
    first = scene.panel()
    scene.bot.panels.came(ALICE.id, next(scene.chat.ids))
    await scene.press((first, first.button("Copy trading")))
    assert scene.panel().message_id != first.message_id
    assert scene.chat.of(ALICE.id)[first.message_id].keyboard == []


async def test_after_a_restart_a_tap_edits_the_message_it_came_from(scene: Scene) -> None:
    """Nothing is remembered and nothing is needed."""
    await scene.write("/menu")
    scene.start()
    await scene.tap("Copy trading")
    assert len(scene.chat.of(ALICE.id)) == 1


async def test_the_tap_is_answered_before_the_api_is_asked(scene: Scene) -> None:
    """Telegram's spinner ends while the API still thinks."""
    await scene.write("/menu")
    scene.stub.slow = asyncio.Event()
    scene.later(120)
    pressed = asyncio.create_task(scene.tap_no_wait(scene.button("Copy trading")))
    await eventually(lambda: scene.chat.answers == [""])
    scene.stub.slow.set()
    await pressed


async def test_a_tap_while_the_page_looks_again_by_itself_waits_for_it(scene: Scene) -> None:
    """It is no second tap: it is answered at once, not told to wait, and does what it says."""
    await scene.write("/menu")
    at, answered = scene.button("Copy trading"), len(scene.chat.answers)
    async with scene.bot.panels.of(ALICE.id).refreshed():
        pressed = asyncio.create_task(scene.tap_no_wait(at))
        await eventually(lambda: len(scene.chat.answers) > answered)
        assert scene.chat.answers[-1] == ""
        assert not pressed.done()
    await pressed
    assert "911.20 free" not in visible(scene.panel().text)


async def test_a_double_tap_is_one_deed(scene: Scene) -> None:
    """While the first is on its way the second is told so and does nothing."""
    await scene.write("/menu")
    scene.stub.slow = asyncio.Event()
    scene.later(120)
    at = scene.button("Copy trading")
    first = asyncio.create_task(scene.tap_no_wait(at))
    await eventually(lambda: scene.chat.answers == [""])
    before = len(scene.stub.asked)
    await scene.tap_no_wait(at)
    assert scene.chat.answers == ["", "Working…"]
    assert len(scene.stub.asked) == before
    scene.stub.slow.set()
    await first


async def test_an_update_is_handled_once(scene: Scene) -> None:
    """Telegram may repeat an update; its id is known."""
    await scene.write("/menu")
    update = scene.pressing(scene.button("Copy trading"), update_id=4_711)
    for _ in range(3):
        await scene.bot.desk.take(update)
    await scene.bot.desk.settled()
    assert scene.chat.answers == [""]


async def test_another_persons_button_is_not_yours(scene: Scene) -> None:
    """A forwarded or forged button does nothing but say so, and the API is not asked."""
    await scene.write("/menu")
    before = len(scene.stub.asked)
    await scene.press(scene.button("Copy trading"), BOB)
    assert scene.chat.answers == ["This button is not yours."]
    assert len(scene.stub.asked) == before


async def test_an_expired_button_never_acts(scene: Scene) -> None:
    """It shows the page it was on, as of now."""
    await scene.write("/menu")
    shown = scene.panel()
    data = scene.seal.write(ALICE.id, Tap(verbs.STOP_ALL, "", "1"), scene.now)
    scene.later(1)
    await scene.press((shown, InlineKeyboardButton("x", callback_data=data)))
    assert scene.chat.answers == [OLD]
    assert scene.stub.deeds("/v1/me/stop-all") == []


@pytest.mark.parametrize("data", ["0.menu....abcdefghijk", "7.x"])
async def test_a_button_of_another_version_shows_the_menu(scene: Scene, data: str) -> None:
    """What cannot be read any more never acts."""
    await scene.write("/menu")
    shown = scene.panel()
    await scene.press((shown, InlineKeyboardButton("x", callback_data=data)))
    assert scene.chat.answers == [OLD]
    assert visible(scene.panel().text).startswith("📄 PAPER")


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "ab" * 32,
        "AB" * 32,
        f"my key is {'1f' * 32} ok?",
        " ".join(["abcd1234"] * 8),
        f"0x{'ab' * 16}\u200b{'cd' * 16}",
    ],
)
async def test_64_hex_characters_are_deleted_at_once(scene: Scene, text: str) -> None:
    """Whatever was awaited; the words stand in UX §1.8."""
    message_id = await scene.write(text)
    assert scene.chat.deleted == [message_id]
    assert scene.chat.calls[0] == "delete"
    assert scene.panel().text.startswith("That looks like a private key or a transaction hash. I deleted it.")


@pytest.mark.parametrize("kind", [Chat.GROUP, Chat.SUPERGROUP, Chat.CHANNEL])
async def test_in_a_group_it_says_where_it_works_and_leaves(scene: Scene, kind: str) -> None:
    """And asks the API nothing."""
    await scene.write("/start", chat=Chat(-100, kind))
    assert scene.chat.left == [-100]
    assert scene.chat.calls == ["leave: I only work in a private chat."]
    assert scene.stub.asked == []


async def test_other_text_is_not_understood(scene: Scene) -> None:
    """With the way to the menu and to help; before anything was shown here it may answer a question of a former run."""
    await scene.write("what is this")
    said, lost, buttons = scene.panel().drawn().split("\n")
    assert (said, buttons) == ("I did not understand that.", "[⌂ Menu] [Help]")
    assert lost.startswith("If it was an answer: I was restarted")


async def test_with_the_api_down_looking_says_so(scene: Scene) -> None:
    """And offers the same page again, which works once it is back."""
    await scene.write("/menu")
    scene.stub.down = httpx.ConnectError("away")
    scene.later(120)
    await scene.tap("Copy trading")
    assert scene.panel().text == "I cannot reach the server. Copying does not depend on me and goes on."
    scene.stub.down = None
    scene.stub.set("GET", "/v1/allocations", page([]))
    # The breaker lets somebody try again after a pause.
    scene.later(3)
    await scene.tap("Try again")
    assert scene.panel().text == "You follow nobody yet."


async def test_who_looks_while_the_api_is_down_is_told_of_looking_even_when_not_let_in_yet(
    scene: Scene,
) -> None:
    """Letting in is a change of ours, not of theirs: nobody wonders what was or was not changed."""
    scene.stub.down = httpx.ConnectError("away")
    await scene.write("/menu")
    assert scene.panel().text.startswith(
        "I cannot reach the server. Copying does not depend on me and goes on."
    )
    await scene.write("/stop_all")
    assert scene.panel().text.startswith("I cannot reach the server; nothing was changed.")
