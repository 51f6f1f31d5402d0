"""The door to the texts for people (`schemas/texts/<language>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def texts(language: str) -> Mapping[str, str]:
    """Key → text with named placeholders."""
    return tomllib.loads(files("schemas.texts").joinpath(f"{language}.toml").read_text("utf-8"))


@cache
def texts_or_english(language: str) -> Mapping[str, str]:
    """The same, a key that the language lacks in English; a language that we have no texts in is English."""
    english = texts("en")
    known = files("schemas.texts").joinpath(f"{language}.toml").is_file()
    return english if language == "en" or not known else {**english, **texts(language)}
