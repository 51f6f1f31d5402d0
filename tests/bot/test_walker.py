"""A walker presses every button of every screen in every state it can reach (UX §1.4); on the real processes:
`test_whole_walk`."""

from __future__ import annotations

import re
import sys
from typing import Any

import httpx
import pytest
from telegram import InlineKeyboardButton

from bot import verbs
from bot.callbacks import BYTES_MAX, Tap
from bot.reading import COMMANDS, LISTED
from bot.screens.everything import every_action
from bot.screens.screen import ROWS_MAX, TEXT_MAX, visible
from bot.words import LABEL_MAX
from schemas.enums import AllocationState
from tests.bot import facts
from tests.bot.answers import peopled
from tests.bot.stage import ALICE, Scene, Shown

# Pressed in tests of their own: the picture takes a process; what is under way is no place.
ALL = every_action().verbs() - {verbs.CHART}
STARTS = tuple(f"/{name}" for name in (*LISTED, "admin"))
PRESSES_MOST = 2_000
STATES: dict[str, dict[str, Any]] = {
    "active": {"followings": [facts.following(), facts.paused()]},
    "closing": {"followings": [facts.following(state=AllocationState.CLOSING)]},
    "starting": {"followings": [facts.following(starting=True, standing=None)]},
    "ended": {"followings": [facts.following(state=AllocationState.ENDED)]},
    "empty": {"empty": True},
}
OF_THE_WIZARD = (
    verbs.CONFIRM, verbs.RULES, verbs.FOLLOW, verbs.CUSTOM, verbs.CUSTOM_LIMITS, verbs.BUDGET, verbs.PRESET,
    verbs.SET, verbs.SETTING,
)  # fmt: skip
FAULTS = ("Something went wrong on our side", "That page was old", "I cannot reach the server")


def _key(scene: Scene, tap: Tap) -> tuple[str, str, str]:
    """Pages of one list and chips of one setting are pressed once each, but not in each of their combinations."""
    arg = re.sub(r"[0-9a-z]{6,}$", "", tap.arg)
    return tap.verb, tap.ref[:2] if tap.verb != verbs.SETTINGS_OF else tap.ref, arg


async def _walk(scene: Scene, state: str) -> tuple[int, set[str]]:
    """Press what was not pressed yet until nothing new is seen; how many presses, and which verbs were done."""
    pressed: set[tuple[str, str, str]] = set()
    known: dict[tuple[str, str, str], Tap] = {}
    count, done = 0, set()

    def see(shown: Shown) -> None:
        _keeps_limits(shown)
        for row in shown.keyboard:
            for each in row:
                if each.callback_data is not None:
                    read = scene.seal.read(ALICE.id, str(each.callback_data), scene.now)
                    assert read.tap is not None, each
                    if read.tap.verb in ALL:
                        known.setdefault(_key(scene, read.tap), read.tap)

    for command in STARTS:
        await scene.write(command)
        see(scene.panel())
    while count < PRESSES_MOST and (waiting := [key for key in known if key not in pressed]):
        key = waiting[0]
        pressed.add(key)
        done.add(key[0])
        await _press(scene, known[key], state)
        see(scene.panel())
        count += 1
    assert not [key for key in known if key not in pressed], "walked to its end"
    return count, done


async def _press(scene: Scene, tap: Tap, state: str) -> None:
    # The API keeps a pace for each user, and this one taps fast.
    scene.later(3)
    before = len(scene.chat.answers)
    data = scene.seal.write(ALICE.id, tap)
    shown = scene.panel()
    await scene.press((shown, InlineKeyboardButton("x", callback_data=data)))
    assert scene.chat.answers[before:] == [""], (tap, scene.chat.answers[before:])
    text = visible(scene.panel().text)
    found = [fault for fault in FAULTS if fault in text and not (fault == FAULTS[1] and _may_be_old(tap))]
    assert not found, (state, tap, text)


def _may_be_old(tap: Tap) -> bool:
    """The wizard's pages need the draft, which another flow took the place of; it says so and begins anew."""
    return tap.ref == "new" or tap.verb in OF_THE_WIZARD


def _keeps_limits(shown: Shown) -> None:
    assert len(visible(shown.text)) <= TEXT_MAX
    assert len(shown.keyboard) <= ROWS_MAX
    for row in shown.keyboard:
        assert row
        for each in row:
            assert 1 <= len(each.text) <= LABEL_MAX
            assert each.callback_data is None or len(str(each.callback_data).encode()) <= BYTES_MAX
    last = [each.text for each in shown.keyboard[-1]] if shown.keyboard else []
    assert "⌂ Menu" in last or shown.text.startswith(("Welcome", "📄 PAPER 911", "You are forgotten"))


@pytest.mark.parametrize("state", STATES)
async def test_b50_every_button_does_something(scene: Scene, state: str) -> None:
    """B-50: no dead button, no exception, no text over the limits, every callback fits."""
    peopled(scene, **STATES[state])
    count, done = await _walk(scene, state)
    sys.stdout.write(f"{state}: {count} presses of {len(done)} verbs\n")
    assert count > 15
    if state == "active":
        of_flows = {*OF_THE_WIZARD, verbs.SAVE, verbs.SAVE_NOW, verbs.SEE_BOTH, verbs.REHEARSE, verbs.ADDRESS}
        # Of typed answers, and of an order nobody knows the end of.
        typed = {verbs.ARM, verbs.GO_LIVE_NOW, verbs.WITHDRAW_AGAIN, verbs.HAND_ORDER}
        # Under a notice of a sign-in or a new address (`test_stops.py`).
        of_notices = {verbs.END_SESSION, verbs.NOT_ME, verbs.HELLO}
        # Who is armed has a cap; the empty one has none (below).
        never = ALL - done - of_flows - typed - of_notices - {verbs.ARM_CAP}
        assert sorted(never) == [], sorted(never)
    if state == "empty":
        assert verbs.ARM_CAP in done


@pytest.mark.parametrize("command", [name for name, tap in COMMANDS.items() if tap.verb in ALL])
async def test_every_command_says_so_while_the_api_is_down(scene: Scene, command: str) -> None:
    """Looking and stopping each have their sentence, and a button that tries again."""
    await scene.write("/menu")
    scene.later(300)
    scene.stub.down = httpx.ConnectError("away")
    await scene.write(f"/{command}")
    asks_nothing = ("add", "settings", "help")
    if command not in asks_nothing:
        assert "I cannot reach the server" in scene.panel().text
        assert ["Try again"] in scene.panel().labels()
