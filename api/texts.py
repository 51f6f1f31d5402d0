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
