"""`polycool why ID`: the causal chain of one copy, from the running stack or from the last demo's data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from ops.exits import ANSWER_IS_NO, DONE, WRONG_USE
from ops.explain import explain, newest
from ops.failures import Missing
from ops.figures.why import why_lines
from ops.output import answer, console, current, say
from ops.stack.local import LocalStack
from ops.stack.neighbours import demo_directory, surroundings
from ops.stack.place import stack_directory


def command(
    name: Annotated[str | None, typer.Argument(help="C-…; without it the newest copy.")] = None,
    checks: Annotated[bool, typer.Option("--checks", help="All checks with value and limit.")] = False,
) -> int:
    """The chain of one copy: their trade, seen, decided, sent, filled; first in one sentence."""
    wanted = None if name is None else name.strip().upper()
    if wanted is not None and not wanted.startswith("C-"):
        say(f"polycool why: {name} is not the name of a copy, such as C-7F3K9QX")
        return WRONG_USE
    with _database() as url:
        found = asyncio.run(explain(url, wanted)) if wanted else asyncio.run(newest(url))
    if found is None:
        say(f"polycool why: there is no copy {wanted}" if wanted else "polycool why: there is no copy yet")
        return ANSWER_IS_NO
    if current().as_json:
        answer(found.model_dump(mode="json"), "")
        return DONE
    out = console(progress=False)
    for line in why_lines(found, all_checks=checks):
        out.print(line)
    return DONE


@contextmanager
def _database() -> Iterator[str]:
    """The database of the settings or of what runs here; else that of the last demo, started for the moment."""
    if url := surroundings().get("POLYCOOL_DATABASE_URL"):
        yield url
        return
    place = demo_directory(stack_directory())
    if not (place / "postgres" / "data" / "PG_VERSION").exists():
        raise Missing(
            "nothing runs here and no demo has left its data: polycool up or polycool demo starts one."
        )
    # A broker is not needed to read: naming one keeps the stack from starting it.
    with LocalStack(place, environment={"POLYCOOL_KAFKA": "not used"}) as stack:
        yield stack.database_url
