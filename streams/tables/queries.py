"""The door to the SQL files of `streams`: one statement a file, named as what it does."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of ``streams/tables/sql/<stage>/<name>.sql``, asked for as ``"stage/name"``."""
    stage, _, statement = name.partition("/")
    return files("streams.tables").joinpath("sql", stage, f"{statement}.sql").read_text()
