"""Every language says the same things: the same keys, the same placeholders (UX §1.11)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from string import Formatter

import pytest

from schemas.me_views import LANGUAGES


def _texts(language: str) -> dict[str, str]:
    return tomllib.loads(files("schemas.texts").joinpath(f"{language}.toml").read_text("utf-8"))


ENGLISH = _texts("en")


def _placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_language_has_the_same_keys_and_placeholders(language: str) -> None:
    """None is missing, none is left over, and no number or name is lost in translation."""
    theirs = _texts(language)
    assert set(theirs) ^ set(ENGLISH) == set()
    assert [key for key in ENGLISH if _placeholders(theirs[key]) != _placeholders(ENGLISH[key])] == []
    assert [key for key in ENGLISH if bool(theirs[key].strip()) != bool(ENGLISH[key].strip())] == []
