"""Every language says the same things: the same keys, the same placeholders (UX §1.11)."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from importlib.resources import files
from itertools import product
from pathlib import Path
from string import Formatter

import pytest

from schemas.enums import Reason, Side
from schemas.hand_causes import NotDone, not_done_said
from schemas.me_views import LANGUAGES
from schemas.stop_causes import StopCause, stop_said
from schemas.unsent_causes import UnsentCause, unsent_said
from schemas.what_if_causes import WhatIfCause
from schemas.what_if_causes import cause_said as failed_because
from schemas.withdrawal_causes import WithdrawalCause, cause_said


def _texts(language: str) -> dict[str, str]:
    return tomllib.loads(files("schemas.texts").joinpath(f"{language}.toml").read_text("utf-8"))


ENGLISH = _texts("en")
CAUSE = "withdrawal.cause."
WHAT_IF = "what_if.cause."
STOP = "stop.cause."
UNSENT = "copy.unsent."


def _placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_language_has_the_same_keys_and_placeholders(language: str) -> None:
    """None is missing, none is left over, and no number or name is lost in translation."""
    theirs = _texts(language)
    assert set(theirs) ^ set(ENGLISH) == set()
    assert [key for key in ENGLISH if _placeholders(theirs[key]) != _placeholders(ENGLISH[key])] == []
    assert [key for key in ENGLISH if bool(theirs[key].strip()) != bool(ENGLISH[key].strip())] == []


def test_every_cause_of_a_withdrawal_is_said_in_words() -> None:
    """What is stored is a closed set; what is none of it is never shown as the server wrote it."""
    keys = {key.removeprefix(CAUSE) for key in ENGLISH if key.startswith(CAUSE)}
    assert keys == {cause.name for cause in WithdrawalCause} | {"OTHER"}
    french = _texts("fr")
    assert cause_said(french, "so much is not free") == "cette somme n'est pas libre"
    assert cause_said(french, "our own signer refused: WALLET") == french[f"{CAUSE}OTHER"]


def test_every_cause_that_statements_write_is_of_the_set() -> None:
    """The statements that move a withdrawal name some themselves."""
    written = set()
    for name in ("look_before_withdrawal", "store_withdrawal"):
        statement = files("streams.tables").joinpath(f"sql/trading/{name}.sql").read_text("utf-8")
        written |= set(re.findall(r"cause = '([^']+)'", statement))
    assert written
    assert written <= set(WithdrawalCause)


@pytest.mark.parametrize(
    ("stored", "seconds", "read"),
    [
        ("TOO_LONG", Decimal("45.0"), "Il a fallu plus de 45 s. Demandez moins de jours."),
        (
            "It took longer than 2.5 s. Ask for fewer days.",
            None,
            "Il a fallu plus de 2.5 s. Demandez moins de jours.",
        ),
        ("BROKE", None, "Le calcul s'est interrompu. Redemandez."),
        ("It broke off. Ask again.", None, "Le calcul s'est interrompu. Redemandez."),
        ("[Errno 104] Connection reset by peer", None, "Le calcul s'est interrompu. Redemandez."),
    ],
)
def test_why_a_what_if_failed_is_said_in_words(stored: str, seconds: Decimal | None, read: str) -> None:
    """A code of a closed set; what a former version stored reads as its code, with its figure."""
    assert failed_because(_texts("fr"), stored, seconds) == read
    keys = {key.removeprefix(WHAT_IF) for key in ENGLISH if key.startswith(WHAT_IF)}
    assert keys == {cause.name for cause in WhatIfCause}


def test_every_cause_that_stops_an_account_is_said_in_words() -> None:
    """The tables' closed set is the enum's, and each of it has its text; anything else is the operators' to look at."""
    newest = [
        found
        for file in sorted(files("schemas.tables").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
        for found in re.findall(
            r"account_stops_cause_check\s+CHECK \(cause IN \(([^)]+)\)", file.read_text("utf-8")
        )
    ][-1]
    assert set(re.findall(r"'([^']+)'", newest)) == set(StopCause)
    for texts in (ENGLISH, _texts("fr")):
        keys = {key.removeprefix(STOP) for key in texts if key.startswith(STOP)}
        assert keys == {*StopCause, "other"}
        said = {stop_said(texts, cause) for cause in (*StopCause, "something else")}
        assert len(said) == len(StopCause) + 1
        assert stop_said(texts, "something else") == texts[f"{STOP}other"]


def test_why_a_copy_was_not_sent_in_time_is_said_in_words() -> None:
    """The causes that are stored each have their text; anything else is said in general."""
    french = _texts("fr")
    keys = {key.removeprefix(UNSENT) for key in ENGLISH if key.startswith(UNSENT)}
    assert keys == {cause.name for cause in UnsentCause} | {"OTHER"}
    assert unsent_said(french, "stopped by the last look before its POST") == french[f"{UNSENT}LAST_LOOK"]
    assert unsent_said(french, "what a log says") == french[f"{UNSENT}OTHER"]


BY_HAND = {
    Reason.BALANCE, Reason.BUYS_STOPPED, Reason.TOO_OLD, Reason.MARKET_UNKNOWN, Reason.MARKET_CLOSED,
    Reason.BELOW_MINIMUM, Reason.LIVE_DAY_CAP, Reason.NOTHING_TO_SELL, Reason.THIN_MARKET,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_an_order_by_hand_is_said_in_words(language: str) -> None:
    """From its reason and its figures, and without them where none was kept; never in the words of our log."""
    texts, said = _texts(language), set()
    for reason, side, everybody, figure in product(Reason, Side, (True, False), (None, Decimal("4.5"))):
        read = not_done_said(texts, NotDone(side, reason, figure, figure, everybody))
        assert read
        assert not set("{}") & set(read)
        assert read[-1] != "."
        assert (read == texts["hand.cause.other"]) == (reason not in BY_HAND)
        said.add(read)
    unsaid = {"hand.cause.ours"}  # not of a reason: the signer's own no
    keys = {key for key in texts if key.startswith("hand.cause.")} - unsaid
    assert len(said) >= len(keys)
    end = NotDone(Side.BUY, Reason.BALANCE, Decimal("5.251"), Decimal("-1"), False)
    assert {"5.26", "0.00"} <= set(not_done_said(texts, end).split())


def test_what_the_api_refuses_with_is_a_text_of_ours() -> None:
    """`spoken` names a key; each is there, with what its text wants (those put together of two are named here)."""
    spoken = [
        key
        for file in (Path(__file__).parents[2] / "api").rglob("*.py")
        for key in re.findall(r'spoken\(\s*"([^"]+)"', file.read_text())
    ]
    assert len(spoken) > 10
    made = {"refused.live_money", "refused.live_positions", "refused.looks", "refused.changes"}
    assert {*spoken, *made} <= ENGLISH.keys()
