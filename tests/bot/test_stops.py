"""Pausing, resuming and the four ways to stop, by tapping; each once, and never by an old button."""

from __future__ import annotations

import httpx
import pytest

from bot.screens.screen import visible
from schemas.enums import AllocationState
from tests.bot import facts
from tests.bot.answers import World, peopled
from tests.bot.stage import Scene


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
