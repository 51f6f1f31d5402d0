"""The buttons under notices: sealed, short enough, and only to screens there are (UX §1.4, §4)."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import SecretStr

from bot.callbacks import BYTES_MAX, Seal, Standing
from bot.notices.keyboards import TAPS, Keyboards
from bot.registry import Actions
from bot.screens.everything import every_action
from schemas.notice_buttons import NoticeButton, NoticeVerb

SEAL = Seal(SecretStr("a secret of these tests"))
REFS = {NoticeVerb.POSITION: "3656158440062975", NoticeVerb.SELL: "12", NoticeVerb.KEEP: "12"}


def test_every_verb_leads_somewhere_and_fits_a_button() -> None:
    """A tap for each; at most 64 bytes; good for its person for ever, for nobody else at all."""
    assert set(TAPS) == set(NoticeVerb)
    for verb, tap_of in TAPS.items():
        data = SEAL.write(7, tap_of(REFS.get(verb, "C-7F3K9QX")))
        assert len(data.encode()) <= BYTES_MAX
        assert SEAL.read(7, data, datetime(2100, 1, 1, tzinfo=UTC)).standing is Standing.GOOD
        assert SEAL.read(8, data, datetime(2100, 1, 1, tzinfo=UTC)).standing is Standing.NOT_YOURS


def test_no_button_is_dead() -> None:
    """A button whose screen does not exist is left out; rows that hold none too."""
    rows = (
        (
            NoticeButton(NoticeVerb.WHY, "Why", "C-7F3K9QX"),
            NoticeButton(NoticeVerb.POSITION, "Position", "12"),
        ),
        (NoticeButton(NoticeVerb.LEADERS, "Copy trading"),),
    )
    assert Keyboards(SEAL, Actions()).of(7, rows) is None
    actions = every_action()
    made = Keyboards(SEAL, actions).of(7, rows)
    assert made is not None
    for row in made.inline_keyboard:
        for button in row:
            tap = SEAL.read(7, str(button.callback_data), datetime.now(UTC)).tap
            assert tap is not None
            assert actions.of(tap.verb) is not None
