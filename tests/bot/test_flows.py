"""Whole flows by tapping and typing: onboarding, one's own rules, settings saved over somebody else's, stops."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from bot.screens.screen import visible
from schemas.enums import CopyMode
from tests.bot import facts
from tests.bot.answers import World, peopled
from tests.bot.stage import ALICE, Scene, as_json, problem


@pytest.fixture
def world(scene: Scene) -> World:
    """Somebody who follows nobody yet."""
    return peopled(scene)


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


async def test_from_start_to_following_in_six_taps_and_no_typing(scene: Scene, world: World) -> None:
    """UX §1.1."""
    scene.stub.every = lambda request: (
        as_json(facts.USER, 201) if request.url.path == "/v1/bot/users" else world.answer(request)
    )
    await scene.write("/start")
    taps = ("Show me leaders", "1", "Follow with paper", "100", "Careful", "Start copying")
    assert len(taps) <= 6
    text = await _tap(scene, *taps)
    assert [each.settings.fixed_amount_usdc for each in world.followings] == [Decimal(2)]
    assert world.followings[0].leader == facts.ALICE_WALLET
    assert "When Alice buys, buy the same outcome for 2.00 USDC" in text
    assert len(scene.chat.of(ALICE.id)) == 1


async def test_following_twice_is_one_deed(scene: Scene, world: World) -> None:
    """Two taps on [Start copying], or on two devices: one following, shown twice."""
    await scene.write("/copy")
    await _tap(scene, "Show me leaders", "1", "Follow with paper", "100", "Careful")
    start = scene.button("Start copying")
    for _ in range(2):
        scene.later(3)
        await scene.press(start)
    assert len(world.followings) == 1
    assert "When Alice buys" in visible(scene.panel().text)


async def test_a_restart_loses_no_draft(scene: Scene, world: World) -> None:
    """The wizard goes on where it was: the draft is the API's."""
    await scene.write("/copy")
    await _tap(scene, "Show me leaders", "1", "Follow with paper", "50")
    scene.start()
    await _tap(scene, "Balanced", "Start copying")
    assert world.followings[0].settings.budget_usdc == Decimal(50)


async def test_an_answer_to_a_question_of_before_a_restart_is_told_to_tap_again(
    scene: Scene, world: World
) -> None:
    """Never silence: nothing was changed, the button on the panel asks once more, and the draft is still there."""
    await scene.write("/copy")
    await _tap(scene, "Show me leaders", "1", "Follow with paper", "Type…")
    scene.start()
    await scene.write("75")
    assert "I was restarted and no longer know the question" in visible(scene.panel().text)
    assert world.followings == []
    scene.later(3)
    # The question's own message still leads on, to where it is asked once more; then the answer counts.
    await _tap(scene, "‹ Back")
    await scene.write("75")
    assert "By which rules is Alice copied?" in visible(scene.panel().text)


async def test_ones_own_rules_typed(scene: Scene, world: World) -> None:
    """A budget in percent, a multiple, limits: typed answers are read, taken away, and repeated."""
    await scene.write("/copy")
    await _tap(scene, "Show me leaders", "1", "Follow with paper")
    typed = await scene.write("3")
    assert typed in scene.chat.deleted
    assert visible(scene.panel().text).startswith("Between 5.00 and 1,000,000.00, please.")
    await scene.write("15 %")
    await _tap(scene, "Custom…", "Multiple of their bet", "Type…")
    await scene.write("0.25")
    text = await _tap(scene, "Next", "Next")
    assert "for 0.25 × what they spend" in text
    assert "15 % of your money at work in all" in text
    await _tap(scene, "Start copying")
    assert world.followings[0].settings.mode is CopyMode.MULTIPLIER
    assert len(scene.chat.of(ALICE.id)) == 1


async def test_more_settings_inside_the_wizard(scene: Scene, world: World) -> None:
    """[More…] is S8 on the draft; 2c and 0.02 are the same slippage."""
    await scene.write("/copy")
    await _tap(scene, "Show me leaders", "1", "Follow with paper", "100", "Custom…", "Next", "More…")
    await _tap(scene, "Prices", "Slippage of buys", "Type…")
    await scene.write("4c")
    assert "Slippage of buys: 4¢" in visible(scene.panel().text)
    await _tap(scene, "Slippage of buys", "Type…")
    await scene.write("9")
    assert visible(scene.panel().text).startswith("Not that; allowed: 0¢ to 50¢.")
    await scene.write("0.02")
    assert "at most 2¢ above their price" in await _tap(scene, "Next")


async def test_what_if_leads_into_the_wizard(scene: Scene, world: World) -> None:
    """[What-if 30 days] → [Follow with this] → the rule in a sentence."""
    await scene.write("/copy")
    text = await _tap(scene, "Show me leaders", "1", "What-if 30 days")
    assert "41 of 128 buys copied" in text
    assert "second fill" in await _tap(scene, "Skipped by reason")
    await _tap(scene, "‹ Back", "Follow with this", "Start copying")
    assert len(world.followings) == 1


async def test_pasting_an_address_works_anywhere(scene: Scene, world: World) -> None:
    """Even while a budget is awaited it is no answer… but the wizard's question is: a typed answer is an answer."""
    await scene.write("/menu")
    await scene.write("  0x" + "AB" * 20 + "\u200b ")
    assert "seen by us since" in visible(scene.panel().text)
    await scene.write("https://polymarket.com/@alice")
    assert "seen by us since" in visible(scene.panel().text)


@pytest.mark.parametrize(
    "detail",
    [
        "That has 39 hex characters; a wallet has 40.",
        "ENS names are not supported; paste the 0x address.",
        "That is your own wallet; you cannot copy yourself.",
    ],
)
async def test_an_address_that_is_none_is_refused_in_the_apis_words(
    scene: Scene, world: World, detail: str
) -> None:
    """And the question stands."""
    answer = world.answer

    def refused(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/wallets/resolve":
            return problem(422, "invalid", detail)
        return answer(request)

    scene.stub.every = refused
    await scene.write("/add")
    await scene.write("something")
    assert visible(scene.panel().text).startswith(detail)
    assert "Send the wallet's address" in visible(scene.panel().text)


async def test_deep_links_lead_to_the_leader(scene: Scene, world: World) -> None:
    """?start=l_<40 hex>."""
    await scene.write("/start l_" + "ab" * 20)
    assert "seen by us since" in visible(scene.panel().text)


async def test_back_keeps_page_and_filters(scene: Scene, following: World) -> None:
    """From the second page of what was skipped to a copy and back."""
    await scene.write("/history")
    await _tap(scene, "Skipped", "Older ▸")
    before = scene.panel().drawn()
    await _tap(scene, "1", "‹ Back")
    assert scene.panel().drawn() == before


async def test_settings_show_old_and_new_and_are_saved_once(scene: Scene, following: World) -> None:
    """[Save 1 change] → old → new and the new sentence → saved as a new version."""
    await scene.write("/copy")
    text = await _tap(scene, "1 Alice", "Settings", "Prices", "Highest price", "95¢", "Save 1 change")
    assert text.startswith("Highest price: 90¢ → 95¢")
    assert "between 10¢ and 95¢" in text
    assert (await _tap(scene, "Save")).startswith("Saved. Counts from the next trade on.")
    assert following.followings[0].settings.max_price == Decimal("0.95")
    assert following.followings[0].version == 8


async def test_changed_elsewhere_saves_nothing_until_said_again(scene: Scene, following: World) -> None:
    """S8: nothing of mine was saved; [See both] shows both, [Apply mine again] saves it on top of theirs."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice", "Settings", "Prices", "Highest price", "95¢", "Save 1 change")
    theirs = following.followings[0].settings.model_copy(update={"min_price": Decimal("0.2")})
    following.followings[0] = following.followings[0].model_copy(update={"settings": theirs, "version": 8})
    text = await _tap(scene, "Save")
    assert text.startswith("Changed elsewhere ")
    assert text.endswith("Nothing of yours was saved.")
    assert following.followings[0].settings.max_price == Decimal("0.9")
    assert "Highest price: 90¢ now, 95¢ yours" in await _tap(scene, "See both")
    await _tap(scene, "Apply mine again")
    saved = following.followings[0].settings
    assert (saved.min_price, saved.max_price) == (Decimal("0.2"), Decimal("0.95"))


async def test_typed_answers_are_awaited_for_fifteen_minutes(scene: Scene, world: World) -> None:
    """Then it says so, in the panel; [Go on] asks again."""
    await scene.write("/add")
    scene.later(901)
    await scene.bot.actor.stop_waiting()
    assert visible(scene.panel().text) == "I stopped waiting. Nothing was changed."
    await scene.write("25")
    assert visible(scene.panel().text) == "I did not understand that."
    await scene.tap("Go on")
    assert visible(scene.panel().text).startswith("Send the wallet's address")


async def test_renaming_is_seen_in_the_list(scene: Scene, following: World) -> None:
    """One's own name for a leader."""
    await scene.write("/copy")
    await _tap(scene, "1 Alice", "Rename")
    await scene.write("My  whale")
    assert visible(scene.panel().text).startswith("My whale ▶")
    sent = [json.loads(each.content) for each in scene.stub.asked if each.method == "PATCH"]
    assert sent == [{"label": "My whale"}]


async def test_why_by_name_and_the_newest(scene: Scene, following: World) -> None:
    """/why alone is the newest, /why C-… that one."""
    await scene.write("/why")
    newest = visible(scene.panel().text)
    await scene.write("/why c-7f3k9qx")
    assert visible(scene.panel().text) == newest
    assert "Will X win?" in newest
