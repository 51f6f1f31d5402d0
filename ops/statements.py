"""The door to the SQL files of `ops`: one statement a file, named as what it does."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(package: str, name: str) -> str:
    """The text of `<package>/sql/<name>.sql`, where package is dotted (`ops.migration`)."""
    return files(package).joinpath("sql", f"{name}.sql").read_text()
