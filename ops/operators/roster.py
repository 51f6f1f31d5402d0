"""The users who may look at the operators' pages with their own token, and stop: listed, added, removed."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ops.statements import statement

_PACKAGE: Final = "ops.operators"


def listed(database_url: str) -> list[dict[str, Any]]:
    """All of them with name, since when and by whom, oldest first."""
    return _rows(database_url, "listed")


def found(database_url: str, name: str) -> dict[str, Any] | None:
    """The user of this name (U-…) or Telegram id, and whether they are an operator; none where there is nobody."""
    rows = _rows(database_url, "found", name=name)
    return rows[0] if rows else None


def add(database_url: str, user_id: str, who: str) -> None:
    """Mark the user as an operator; already one: nothing changes."""
    _rows(database_url, "add", user_id=user_id, who=who)


def remove(database_url: str, user_id: str) -> None:
    """The user is no operator any more, within a second in every process of the API."""
    _rows(database_url, "remove", user_id=user_id)


def _rows(database_url: str, name: str, /, **values: object) -> list[dict[str, Any]]:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        cursor = connection.execute(statement(_PACKAGE, name).encode(), values)
        return cursor.fetchall() if cursor.description else []
