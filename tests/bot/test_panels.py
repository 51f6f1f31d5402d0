"""Every panel reads as its golden file, keeps the limits, and has no button that does nothing (UX §1.4, §1.10)."""

from __future__ import annotations

import pytest

from bot import verbs
from bot.callbacks import BYTES_MAX, Seal
from bot.screens.everything import every_action
from bot.screens.screen import faults
from bot.words import Words
from tests.bot import more_panels, panels
from tests.bot.panels import GOLDEN, PANELS, drawn
from tests.bot.stage import SECRET, START

SEAL = Seal(SECRET)
KNOWN = {value for name, value in vars(verbs).items() if name.isupper()}


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_reads_as_its_golden_file(name: str) -> None:
    """python -m tests.bot.panels writes them anew; whoever does reads them first."""
    assert drawn(PANELS[name]()) == (GOLDEN / f"{name}.txt").read_text()


def test_there_is_no_golden_file_of_no_panel() -> None:
    """What is not drawn any more has no file."""
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PANELS)


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_keeps_the_limits(name: str) -> None:
    """1,500 characters, 8 rows, 24 to a label, 64 bytes to a button, at most 6 rows of a list."""
    screen = PANELS[name]()
    assert faults(screen) == []
    taps = [button.tap for button in screen.buttons() if button.tap is not None]
    assert [tap for tap in taps if len(SEAL.write(2**52, tap, START).encode()) > BYTES_MAX] == []


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_keeps_the_limits_in_french(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another language is longer: its labels and texts fit too."""
    for module in (panels, more_panels):
        monkeypatch.setattr(module, "W", Words("fr"))
    assert faults(PANELS[name]()) == []


@pytest.mark.parametrize("name", PANELS)
def test_b50_no_button_leads_nowhere(name: str) -> None:
    """B-50: buttons whose callback nothing handled. Each verb is one of ours, and has an action."""
    screen = PANELS[name]()
    asked = {button.tap.verb for button in screen.buttons() if button.tap is not None} | {screen.back.verb}
    assert asked <= KNOWN
    assert asked & MADE_HERE <= every_action().verbs()


# The desk itself answers the first two.
MADE_HERE = KNOWN - {verbs.WORKING, verbs.CLOSE_PICTURE}


def test_every_verb_has_its_action() -> None:
    """And none is left without."""
    assert MADE_HERE - every_action().verbs() == set()
