"""`polycool buys`: the operators' kill switch for buys. Stopping acts at once; allowing is a plan until --execute."""

from __future__ import annotations

import asyncio
import getpass
import re
from typing import Annotated

import typer

from ops.demo.faces import open_faces
from ops.exits import DONE
from ops.output import answer
from ops.stack.neighbours import surroundings
from schemas.base import rfc3339
from schemas.ops_views import SwitchView

app = typer.Typer(add_completion=False, help="The kill switch for buys.", no_args_is_help=True)


@app.command()
def stop(
    reason: Annotated[str, typer.Option(help="Why; users read it.", prompt=False)],
) -> int:
    """Stop all buying at once; sells still run."""
    return _tell(asyncio.run(_switch(stopped=True, reason=reason)))


@app.command()
def allow(
    reason: Annotated[str, typer.Option(help="Why; it stands in the history.")] = "allowed again",
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Allow buying again; what was missed is not bought. Changes nothing without --execute."""
    if execute:
        return _tell(asyncio.run(_switch(stopped=False, reason=reason)))
    return _tell(asyncio.run(_show()), plan="would be allowed again; nothing was changed, --execute does it")


@app.command()
def show() -> int:
    """The switch, and its last changes."""
    return _tell(asyncio.run(_show()))


async def _switch(*, stopped: bool, reason: str) -> SwitchView:
    async with open_faces(surroundings(), _operator()) as faces:
        return await faces.switch_buys(stopped=stopped, reason=reason)


async def _show() -> SwitchView:
    async with open_faces(surroundings(), _operator()) as faces:
        return await faces.buys()


def _operator() -> str:
    """The system's name for whoever types; stands in the history."""
    return re.sub(r"[^\w.@-]", "-", getpass.getuser())[:40] or "operator"


def _tell(switch: SwitchView, plan: str | None = None) -> int:
    since = None if switch.changed_at is None else rfc3339(switch.changed_at)
    lines = [line(switch.stopped, switch.who, switch.note, since)]
    for change in switch.history:
        word = "stopped" if change.stopped else "allowed"
        lines.append(f"  {rfc3339(change.changed_at)} {word} by {change.who}: {change.note}")
    answer(switch.model_dump(mode="json"), "\n".join([*lines, *([plan] if plan else [])]))
    return DONE


def line(stopped: bool, who: str, note: str, since: str | None) -> str:
    """How the switch stands, in a sentence."""
    if not stopped:
        return "buying is allowed"
    return f"buying is stopped since {since or 'the beginning'} by {who}: “{note}”; sells still run"
