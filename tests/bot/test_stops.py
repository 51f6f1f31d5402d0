"""Pausing, resuming and the four ways to stop, by tapping; each once, and never by an old button."""

from __future__ import annotations

import httpx
import pytest

from bot.notices.keyboards import TAPS, Keyboards
from bot.screens.everything import every_action
from bot.screens.history import place_of
from bot.screens.screen import visible
from bot.words import every_text
from schemas.enums import AllocationState
from schemas.notice_buttons import buttons
from tests.bot import facts
from tests.bot.answers import World, peopled
from tests.bot.stage import ALICE, START, Scene, Shown


@pytest.fixture
def following(scene: Scene) -> World:
    """Somebody who follows Alice."""
    return peopled(scene, followings=[facts.following()])


async def _tap(scene: Scene, *labels: str) -> str:
    """Tap one after the other; what the panel then reads."""
    for label in labels:
        scene.later(3)
        await scene.tap(label)
    return visible(scene.panel().text)


async def test_b34_pause_pauses_and_resume_resumes(scene: Scene, following: World) -> None:
    """B-34: pausing reported success and did nothing; resuming could not find the paused row."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice")
    assert "Resume any time" in await _tap(scene, "⏸ Pause")
    assert following.state() is AllocationState.PAUSED
    assert "⏸ paused" in visible(scene.panel().text)
    assert "is copied again, from now on" in await _tap(scene, "▶ Resume")
    assert following.state() is AllocationState.ACTIVE


async def test_b34_an_old_pause_button_pauses_again(scene: Scene, following: World) -> None:
    """The key of a deed is that of the version it is done at: an old button never replays an old answer."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice")
    old = scene.button("⏸ Pause")
    for _ in range(2):
        scene.later(3)
        await scene.press(old)
        assert following.state() is AllocationState.PAUSED
        await _tap(scene, "▶ Resume")


async def test_b35_stopping_stops_and_says_what_becomes_of_the_positions(
    scene: Scene, following: World
) -> None:
    """B-35: stopping failed in the bot. Four ways, each with its effect, each done by the API."""
    await scene.write("/copy")
    text = await _tap(scene, "1 Alice", "Stop…")
    assert "The 3 positions are yours to sell by hand." in text
    assert "is copied any more" in await _tap(scene, "Stop, keep positions")
    assert following.followings[0].state is AllocationState.ENDED


async def test_stop_and_sell_now_asks_and_sells_once(scene: Scene, following: World) -> None:
    """Prices first; the second tap on the same button is the same sale."""
    await scene.write("/copy")
    assert "about 14.05 after fees" in await _tap(scene, "1 Alice", "Stop…", "Stop and sell now…")
    sell = scene.button("Sell 3 now")
    for _ in range(2):
        scene.later(3)
        await scene.press(sell)
    assert visible(scene.panel().text).startswith("Stopped. Sold 2; 1 had no buyer and is under Positions.")
    assert following.done.count(f"POST /v1/allocations/{facts.ALLOCATION}/sell") == 2


async def test_a_list_of_stops_is_over_after_two_minutes(scene: Scene, following: World) -> None:
    """It never acts; the page is shown as of now."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice", "Stop…")
    scene.later(121)
    await _tap(scene, "Stop, keep positions")
    assert scene.chat.answers[-1] == "That page was old; here it is as of now."
    assert following.state() is AllocationState.ACTIVE
    assert visible(scene.panel().text).startswith("You hold 3 positions from Alice")


async def test_stop_all_acts_at_once(scene: Scene, following: World) -> None:
    """No question; resuming asks."""
    await scene.write("/stop_all")
    assert following.state() is AllocationState.PAUSED
    assert visible(scene.panel().text).startswith(
        "⏹ Stopped. No new buys for any of your 1 leader; sells still run. "
        "2 buys not yet sent were dropped; 1 already sent may still fill."
    )
    assert "Buy again for 1 leader" in await _tap(scene, "Resume these 1…")
    assert following.state() is AllocationState.PAUSED
    await _tap(scene, "Resume 1")
    assert following.state() is AllocationState.ACTIVE


async def test_a_change_without_an_answer_is_checked_with_the_same_key(
    scene: Scene, following: World
) -> None:
    """UX §4: "I sent it but got no answer. It will not be done twice." [Check]."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice")
    answer = following.answer

    def lost(request: httpx.Request) -> httpx.Response:
        made = answer(request)
        if request.method == "POST" and request.url.path.endswith("/pause"):
            raise httpx.ReadError("lost")
        return made

    scene.stub.every = lost
    assert await _tap(scene, "⏸ Pause") == "I sent it but got no answer. It will not be done twice."
    scene.stub.every = answer
    await _tap(scene, "Check")
    assert following.done.count(f"POST /v1/allocations/{facts.ALLOCATION}/pause") == 1
    assert following.state() is AllocationState.PAUSED


async def test_not_me_and_end_it_act_at_once_however_old_their_notice(scene: Scene, following: World) -> None:
    """The two notices of a stranger's hand: their buttons do what they say, and lead nowhere first."""
    await scene.write("/menu")
    for kind, facts_of, label, path, said in (
        (
            "withdrawal_address_added", {"address_id": "W-7F3K9QX"}, "Not me",
            "/v1/me/withdrawal-addresses/W-7F3K9QX/not-me", "The address is removed",
        ),
        ("signed_in", {"session_id": "aB3_-xYz09"}, "End it", "/v1/me/sessions/aB3_-xYz09", "The sign-in is ended"),
    ):  # fmt: skip
        rows = Keyboards(scene.seal, every_action()).of(ALICE.id, buttons(kind, facts_of, every_text("en")))
        assert rows is not None
        notice = Shown(9_000, "…", rows.inline_keyboard)
        scene.later(86_400 * 40)
        await scene.press((notice, notice.button(label)))
        assert len(scene.stub.deeds(path)) == 1
        assert said in visible(scene.panel().text)


def test_show_leads_to_what_was_not_copied_of_that_leader() -> None:
    """[Show] under the digest of skips: the skipped ones, of the leader it tells of where it tells of one."""
    for facts_of, ref in (
        ({"allocation_id": "A-7F3K9QX", "leader": "0x" + "ab" * 20}, "A-7F3K9QX"),
        ({}, ""),
    ):
        (row, *_) = buttons("skips_of_the_day", facts_of, every_text("en"))
        tap = TAPS[row[0].verb](row[0].ref)
        assert (tap.verb, tap.ref, place_of(tap.arg, START).kind) == ("hist", ref, "s")
