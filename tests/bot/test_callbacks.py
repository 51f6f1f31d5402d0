"""What stands in a button: bound to one person, good for its time, short enough (UX §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import verbs
from bot.callbacks import BYTES_MAX, Read, Seal, Standing, Tap, base36
from tests.bot.stage import START

SEAL = Seal(SecretStr("buttons-of-these-tests-0123456789"))
PERSON, OTHER = 7_001, 7_002
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
taps = st.builds(
    Tap,
    st.text(_SIGNS, min_size=1, max_size=4),
    st.text(_SIGNS + "ABCDEFG-_", max_size=10),
    st.text(_SIGNS + "ABCDEFG-_", max_size=12),
)


@given(taps, st.integers(1, 2**52), st.integers(0, 2**31))
def test_what_is_written_is_read_and_fits(tap: Tap, person: int, seconds: int) -> None:
    """Any tap for anybody: at most 50 signs, and read back until it is over."""
    text = SEAL.write(person, tap, START + timedelta(seconds=seconds))
    assert len(text.encode()) <= 50 < BYTES_MAX
    assert SEAL.read(person, text, START) == Read(Standing.GOOD, tap)
    assert SEAL.read(person, SEAL.write(person, tap), START + timedelta(days=9_999)).standing is Standing.GOOD


def test_a_button_is_over_after_its_time() -> None:
    """A second later it still names what it was for, and that it is over."""
    tap = Tap(verbs.FOLLOW, "d1")
    text = SEAL.write(PERSON, tap, START + timedelta(seconds=30))
    assert SEAL.read(PERSON, text, START + timedelta(seconds=30)).standing is Standing.GOOD
    assert SEAL.read(PERSON, text, START + timedelta(seconds=31)) == Read(Standing.EXPIRED, tap)


def test_a_button_of_another_person_is_not_yours() -> None:
    """The mac holds the person's id; nothing of it is told."""
    text = SEAL.write(PERSON, Tap(verbs.LEADER, "A-7F3K9QX"))
    assert SEAL.read(OTHER, text, START) == Read(Standing.NOT_YOURS)


@settings(max_examples=300)
@given(taps, st.data())
def test_a_forged_button_is_not_yours(tap: Tap, data: st.DataObject) -> None:
    """Any other sign anywhere: refused, or of a version that never acts."""
    text = SEAL.write(PERSON, tap, START + timedelta(seconds=30))
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from([each for each in _SIGNS + "ABC.-_" if each != text[place]]))
    read = SEAL.read(PERSON, text[:place] + sign + text[place + 1 :], START)
    # The last sign of a mac holds two bits that stand for nothing.
    assert read.standing in (Standing.NOT_YOURS, Standing.OLD_VERSION)
    assert read.tap is None


@given(st.text(max_size=64))
def test_anything_else_is_not_yours(text: str) -> None:
    """Whatever comes as data is read without a fault."""
    assert SEAL.read(PERSON, text, START).tap is None


def test_an_old_version_never_acts() -> None:
    """It is told apart from a forged one, and names nothing."""
    assert SEAL.read(PERSON, "0.menu....x", START) == Read(Standing.OLD_VERSION)


@pytest.mark.parametrize("part", ["1" * 78, "0x" + "ab" * 20, "a.b", "a b", "ä"])
def test_b40_long_token_ids_and_addresses_never_stand_in_a_button(part: str) -> None:
    """B-40: 78-digit token ids broke the former buttons; here a tap that holds one cannot be made."""
    with pytest.raises(ValueError, match="cannot stand in a button"):
        Tap(verbs.POSITION, part)
    with pytest.raises(ValueError, match="cannot stand in a button"):
        Tap(verbs.POSITION, "", part)


def test_all_verbs_fit_and_differ() -> None:
    """Four signs at most, no two alike."""
    named = [value for name, value in vars(verbs).items() if name.isupper()]
    assert [Tap(verb).verb for verb in named] == named
    assert len(set(named)) == len(named)


@given(st.integers(0, 10**18))
def test_numbers_in_base_36(number: int) -> None:
    """As Python reads them."""
    assert int(base36(number), 36) == number
