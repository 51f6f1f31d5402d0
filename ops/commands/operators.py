"""`polycool operators`: who of the users may use /admin, look at the operators' pages and stop buying."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import check_tables, ground
from ops.operators import roster
from ops.output import answer
from schemas.base import rfc3339

app = typer.Typer(add_completion=False, help="Users who are operators.", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(help="A user's name (U-7F3K9QX) or Telegram id.")]
_Execute = Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")]


@app.command("list")
def show() -> int:
    """Who is one, since when, and who added them."""
    rows = roster.listed(_database())
    lines = [
        f"{row['user_id']} {row['label']} since {rfc3339(row['added_at'])} by {row['added_by']}"
        for row in rows
    ]
    answer({"operators": [_shown(row) for row in rows]}, "\n".join(lines) or "no user is an operator")
    return DONE


@app.command()
def add(name: _Name, execute: _Execute = False) -> int:
    """Let a user look at the operators' pages and stop with their own token; allowing again still wants the operators'
    token. Changes nothing without --execute."""
    return _change(name, wanted=True, execute=execute)


@app.command()
def remove(name: _Name, execute: _Execute = False) -> int:
    """Take that away, within a second. Changes nothing without --execute."""
    return _change(name, wanted=False, execute=execute)


def _change(name: str, *, wanted: bool, execute: bool) -> int:
    database = _database()
    user = roster.found(database, name)
    if user is None:
        answer({"error": f"there is no user {name}"}, f"there is no user {name}")
        return ANSWER_IS_NO
    word = "an operator" if wanted else "no operator"
    if user["operator"] == wanted:
        text = f"{user['user_id']} {user['label']} is {word} already; nothing was changed"
    elif not execute:
        text = (
            f"{user['user_id']} {user['label']} would become {word}; nothing was changed, --execute does it"
        )
    else:
        if wanted:
            roster.add(database, user["user_id"], getpass.getuser()[:40] or "operator")
        else:
            roster.remove(database, user["user_id"])
        text = f"{user['user_id']} {user['label']} is {word} now"
    answer(_shown(user) | {"wanted": wanted, "executed": execute and user["operator"] != wanted}, text)
    return DONE


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return row | ({"added_at": rfc3339(row["added_at"])} if "added_at" in row else {})


def _database() -> str:
    place = ground()
    check_tables(place)
    return place.database_url
