"""`polycool rebuild`: the read tables made anew from the topics and compared, swapped when told to; and how somebody
stood at an earlier instant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from ops.audit.topics import spans
from ops.exits import ANSWER_IS_NO, DONE
from ops.failures import Missing
from ops.ground import Ground, check_tables, ground
from ops.output import answer, say
from ops.rebuild import anew, then
from ops.rebuild.reading import READ, Folded, Forgotten
from ops.rebuild.snapshot import WrongSnapshot, load, save
from ops.rebuild.telling import exact, rebuilt_document, rebuilt_lines, then_lines
from schemas.base import rfc3339
from streams.topology import COPY_LEADER, SMART_TRADER, TRADES, Topic

app = typer.Typer(add_completion=False, invoke_without_command=True)
_TOPICS: Final[Mapping[str, Topic]] = {topic.name: topic for topic in (TRADES, COPY_LEADER, SMART_TRADER)}
_PLACE: Final = re.compile(r"(?:([a-z_]+)/)?(\d{1,5})@(\d{1,18})")


@app.callback()
def make(
    context: typer.Context,
    *,
    snapshot: Annotated[Path | None, typer.Option(help="Begin where this snapshot ends.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep what the topics came to as a snapshot.")] = None,
    swap: Annotated[bool, typer.Option("--swap", help="Put the new rows in the old ones' place.")] = False,
    unequal: Annotated[bool, typer.Option("--unequal", help="Swap even where rows differ.")] = False,
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Make the read tables anew from the topics and compare them row by row with the living ones; exit 1 where one
    differs. --swap puts them in their place, if all are equal; with --unequal even if not."""
    if context.invoked_subcommand is not None:
        return DONE
    if unequal and not swap:
        raise typer.BadParameter("--unequal goes with --swap")
    place = _ground()
    try:
        known = anew.nothing_known() if snapshot is None else load(snapshot, place.names.prefix)
        if not execute:
            return asyncio.run(_plan(place, snapshot, swap=swap))
        made = asyncio.run(_made(place, known, swap=swap, unequal=unequal))
    except (WrongSnapshot, Forgotten, FileNotFoundError) as lacking:
        raise Missing(str(lacking)) from lacking
    if keep is not None:
        save(made.folded, place.names.prefix, keep)
    return _tell(made, keep)


@app.command("as-of")
def as_of(
    name: Annotated[str, typer.Argument(help="A user (U-…) or a following (A-…).")],
    at: Annotated[str | None, typer.Option(help="The instant, such as 2026-11-28T12:03:04Z.")] = None,
    offset: Annotated[
        str | None,
        typer.Option(help="When the message at this place came: PARTITION@OFFSET of copy_leader, or TOPIC/…"),
    ] = None,
) -> int:
    """Cash, positions, copies under way and what each limit left, as of an instant or a message. Reads only."""
    place = _ground()
    wanted = name.strip().upper()
    if not re.fullmatch(r"[UA]-[\w.-]{1,78}", wanted) or (at is None) == (offset is None):
        raise typer.BadParameter("a name such as U-7F3K9QX or A-7F3K9QX, and one of --at and --offset")
    try:
        instant = _instant(at) if at is not None else asyncio.run(_instant_of(place, offset or ""))
    except then.NoSuchPlace as none:
        answer({"error": str(none)}, str(none))
        return ANSWER_IS_NO
    found = asyncio.run(then.stood(place.database_url, name.strip(), instant))
    if not found.accounts:
        text = f"{name} had no account at {rfc3339(instant)}"
        answer({"error": text}, text)
        return ANSWER_IS_NO
    answer(exact(asdict(found)), "\n".join(then_lines(found)))
    return DONE


async def _plan(place: Ground, snapshot: Path | None, *, swap: bool) -> int:
    rows = await anew.rows_now(place.database_url)
    there = {
        topic.name: sum(
            span.end - span.begin for span in (await spans(place.kafka, place.names.of(topic))).values()
        )
        for topic in READ
    }
    lines = [f"{table}: {count:,} rows now" for table, count in rows.items()]
    lines += [f"{topic}: {count:,} messages to read" for topic, count in there.items()]
    if swap:
        lines.append("whoever reads or writes these tables would wait until the rows are swapped")
    lines.append("nothing was read or changed; --execute does it")
    document = {"rows": rows, "messages": there, "snapshot": snapshot, "swap": swap, "executed": False}
    answer(document, "\n".join(lines))
    return DONE


async def _made(place: Ground, known: Folded, *, swap: bool, unequal: bool) -> anew.Rebuilt:
    if swap:
        return await anew.swapped(place, known, say, unequal=unequal)
    return await anew.compared(place, known, say)


def _tell(made: anew.Rebuilt, keep: Path | None) -> int:
    lines = rebuilt_lines(made) + ([f"kept as {keep}"] if keep is not None else [])
    answer(rebuilt_document(made), "\n".join(lines))
    return DONE if made.equal and not made.signals_differing else ANSWER_IS_NO


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as fault:
        raise typer.BadParameter(f"{text} is no time, such as 2026-11-28T12:03:04Z") from fault
    if found.tzinfo is None:
        raise typer.BadParameter("the time needs its zone, such as 2026-11-28T12:03:04Z")
    return found.astimezone(UTC)


async def _instant_of(place: Ground, text: str) -> datetime:
    found = _PLACE.fullmatch(text)
    topic = _TOPICS.get(found[1] or COPY_LEADER.name) if found else None
    if found is None or topic is None:
        raise typer.BadParameter("a place is PARTITION@OFFSET, such as 2@1044, or trades/2@1044")
    return await then.instant_of(place, topic, int(found[2]), int(found[3]))


def _ground() -> Ground:
    place = ground()
    check_tables(place)
    return place
