"""`polycool dlq`: dead letters, by reason and one by one; redriven in steps, or put away with a note."""

from __future__ import annotations

import asyncio
import getpass
import uuid
from typing import Annotated, Any

import typer

from api.problems import Refused
from api.routes.letters import letter_detail
from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import Ground, check_tables, ground
from ops.letters.counter import desk, groups, until_over, whole_body
from ops.letters.marking import fault_of, hex_lines, text_lines
from ops.output import answer, say
from ops.stack.neighbours import surroundings
from schemas.base import rfc3339
from schemas.enums import DeadLetterReason, RedrivePace
from schemas.ids import short_name
from schemas.letter_views import NewPlan, NewQuarantine, PlanView, RedriveView
from schemas.ops_views import LetterDetail
from streams.topology import TOPICS

app = typer.Typer(add_completion=False, help="Dead letters.", no_args_is_help=True)
_Letters = Annotated[
    list[str] | None, typer.Argument(help="Letters by their number, as list and show give it.")
]
_Execute = Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")]


@app.command("list")
def show_all(
    everything: Annotated[bool, typer.Option("--all", help="Also causes that are all looked after.")] = False,
) -> int:
    """The inbox by reason: how many letters, first and last time; exit 1 while one waits."""
    found = [each for each in asyncio.run(groups(_ground())) if everything or each.letters]
    lines = [
        f"{each.letters:>6} of {each.all:<6} {each.reason} in {each.stage}: {each.words}\n"
        f"{'':>17}{each.topic} · first {rfc3339(each.first_at)} · last {rfc3339(each.last_at)} · "
        f"newest is {each.newest}"
        for each in found
    ]
    waiting = sum(each.letters for each in found)
    last = f"{waiting} letters wait; polycool dlq show NUMBER" if waiting else "no letter waits"
    document = {"letters": waiting, "reasons": [each.model_dump(mode="json") for each in found]}
    answer(document, "\n".join([*lines, last]))
    return ANSWER_IS_NO if waiting else DONE


@app.command()
def show(letter: Annotated[str, typer.Argument(help="The letter's number.")]) -> int:
    """One letter: where it was, why, its bytes as text and in hex with the fault marked, and its history."""
    return asyncio.run(_show(_ground(), letter))


@app.command()
def redrive(
    *,
    letters: _Letters = None,
    reason: Annotated[DeadLetterReason | None, typer.Option(help="All that wait, of this reason.")] = None,
    wallet: Annotated[str | None, typer.Option(help="All that wait, of this wallet.")] = None,
    topic: Annotated[str | None, typer.Option(help="All that wait, of this topic, such as trades.")] = None,
    pace: Annotated[
        RedrivePace, typer.Option(help="The first, the first ten, or all in growing steps.")
    ] = RedrivePace.ONE,
    plan: Annotated[str | None, typer.Option(help="Refuse if the plan is not of this name.")] = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the end.", min=1)] = 600.0,
    execute: _Execute = False,
) -> int:
    """Send letters again into their topics, each wallet's in order; halts at the first that comes back (exit 1). Old
    news is not traded. Sends nothing without --execute."""
    try:
        asked = NewPlan(letters=tuple(letters or ()), reason=reason, wallet=wallet, topic=topic)
    except ValueError as fault:
        raise typer.BadParameter(str(fault).splitlines()[-2].strip()) from fault
    return asyncio.run(_redrive(_ground(), asked, pace, plan, patience if execute else None))


@app.command()
def quarantine(
    letters: Annotated[list[str], typer.Argument(help="Letters by their number.")],
    note: Annotated[str, typer.Option(help="Why nobody needs them; it stands in their history.")],
    execute: _Execute = False,
) -> int:
    """Put letters away with a note: their wallets' ledgers wait for them no more. Changes nothing without --execute."""
    try:
        asked = NewQuarantine(letters=tuple(letters), note=note)
    except ValueError as fault:
        raise typer.BadParameter(str(fault).splitlines()[-2].strip()) from fault
    return asyncio.run(_put_away(_ground(), asked, execute=execute))


async def _show(place: Ground, name: str) -> int:
    if not name.isdecimal():
        raise typer.BadParameter("a letter's name is a number")
    try:
        async with desk(place) as opened:
            detail = await letter_detail(opened.transaction, name)
            row = await opened.transaction.row("dead_letter", letter_id=name)
    except Refused as refused:
        return _no(refused)
    assert row is not None, "it was just shown"
    body, lacking = await whole_body(place, row)
    kinds = {place.names.of(topic): topic.message for topic in TOPICS}
    fault = fault_of(body, kinds.get(detail.topic))
    document = detail.model_dump(mode="json") | {
        "body": body.decode("utf-8", "backslashreplace"),
        "body_hex": body.hex(),
        "fault": None if fault is None else {"place": fault.place, "words": fault.words},
        "lacking": lacking,
    }
    lines = [*_head(detail), *text_lines(body, fault), "", *hex_lines(body, fault)]
    if fault is None:
        lines.append("this version can read it")
    answer(document, "\n".join([*lines, *([lacking] if lacking else []), "", *_history(detail)]))
    return DONE


def _head(detail: LetterDetail) -> list[str]:
    came = f" · came of letter {detail.came_of}" if detail.came_of else ""
    became = f" · came back as letter {detail.became}" if detail.became else ""
    return [
        f"letter {detail.letter_id} · {detail.state}{came}{became}",
        f"{detail.topic}/{detail.partition}@{detail.offset} · key {detail.key} · {detail.size} bytes",
        f"{detail.reason} in {detail.stage}: {detail.detail}",
        "",
    ]


def _history(detail: LetterDetail) -> list[str]:
    first = f"{rfc3339(detail.first_seen_at)} dead"
    return [first] + [
        f"{rfc3339(each.at)} {each.to_state} by {each.who}"
        + (f" in {each.redrive_id}" if each.redrive_id else "")
        + (f": {each.note}" if each.note else "")
        for each in detail.history
    ]


async def _redrive(
    place: Ground, asked: NewPlan, pace: RedrivePace, name: str | None, patience: float | None
) -> int:
    redrive_id = short_name("R", uuid.uuid4().hex)
    try:
        async with desk(place) as opened:
            planned = await opened.planned(asked)
            if name not in (None, planned.plan_id):
                say(f"polycool dlq: the plan is {planned.plan_id} now, not {name}: the letters are others")
                return ANSWER_IS_NO
            plan = await opened.keep(asked, planned, _who())
            if patience is None or not plan.letters:
                await opened.transaction.undo()
                return _tell_plan(plan)
            await opened.redrive(plan.plan_id, pace, _who(), redrive_id)
        view = await until_over(place, redrive_id, patience, _progress)
    except Refused as refused:
        return _no(refused)
    text = f"{view.redrive_id}: {view.redriven} of {view.letters} letters redriven, {view.state}" + (
        f": {view.cause}" if view.cause else ""
    )
    answer(view.model_dump(mode="json") | {"executed": True}, text)
    return DONE if view.state == "done" else ANSWER_IS_NO


def _tell_plan(plan: PlanView) -> int:
    targets = ", ".join(f"{count} onto {topic}" for topic, count in plan.targets.items()) or "nothing"
    lines = [f"– letter {each.letter_id}: {each.why}" for each in plan.held_back]
    lines += [
        f"plan {plan.plan_id}: {targets}; {len(plan.held_back)} held back",
        f"can create at most {plan.orders_most} orders",
        "nothing was sent; --execute does it",
    ]
    answer(plan.model_dump(mode="json") | {"executed": False}, "\n".join(lines))
    return DONE if plan.letters or not plan.held_back else ANSWER_IS_NO


async def _put_away(place: Ground, asked: NewQuarantine, *, execute: bool) -> int:
    try:
        async with desk(place) as opened:
            await opened.quarantine(asked.letters, asked.note, _who())
            if not execute:
                # What is not committed was not done: the plan is the deed, looked at and let go.
                await opened.transaction.undo()
    except Refused as refused:
        return _no(refused)
    word = "were" if execute else "would be"
    text = f"{len(asked.letters)} letters {word} put away: {asked.note}"
    document: dict[str, Any] = asked.model_dump(mode="json") | {"executed": execute}
    answer(document, text if execute else f"{text}; nothing was changed, --execute does it")
    return DONE


def _progress(view: RedriveView) -> None:
    if view.sent and view.ended_at is None:
        say(f"{view.redriven + view.repeated} of {view.letters} answered, {view.sent} sent")


def _no(refused: Refused) -> int:
    answer({"error": str(refused.detail)}, str(refused.detail))
    return ANSWER_IS_NO


def _who() -> str:
    return getpass.getuser()[:40] or "operator"


def _ground() -> Ground:
    place = ground(surroundings())
    check_tables(place)
    return place
