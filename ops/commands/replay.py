"""`polycool replay`: recorded trades decided again into topics and tables of their own; a version in the shadow."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from ops.exits import ANSWER_IS_NO, DONE, WRONG_USE
from ops.ground import Ground, check_tables, ground
from ops.output import answer, say
from ops.replay import follow as following
from ops.replay.again import Connection
from ops.replay.choice import Choice, WrongChoice, settings_of
from ops.replay.live import send_again
from ops.replay.outlet import let_go, shadow_names
from ops.replay.plan import Plan, make_plan
from ops.replay.run import Ended, Taken, begin, ended, go
from ops.replay.store import Runs, shadow
from ops.replay.window import Bounds, WrongWindow
from ops.replay.words import differing_lines, ended_text, plan_json, plan_text, runs_text
from ops.spans import span
from schemas.enums import AddressType

app = typer.Typer(add_completion=False, invoke_without_command=True)
T = TypeVar("T")
_Run = Annotated[str, typer.Argument(help="the run's name")]
_Execute = Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")]
_Many = Annotated[list[str] | None, typer.Option(help="only these; may be given again")]


@app.callback()
def command(
    context: typer.Context,
    *,
    from_: Annotated[
        str | None, typer.Option("--from", help="time, span back such as 24h, or offset; else the beginning")
    ] = None,
    to: Annotated[str | None, typer.Option(help="the same; else the end")] = None,
    partition: Annotated[list[int] | None, typer.Option(help="only these; offsets are per partition")] = None,
    leader: _Many = None,
    follower: Annotated[list[str] | None, typer.Option(help="wallets or allocations")] = None,
    token: _Many = None,
    role: Annotated[list[AddressType] | None, typer.Option(help="copy_leader, smart_trader")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE: in place of every allocation's setting")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="messages a second")] = None,
    name: Annotated[str | None, typer.Option(help="of the run; else one is made up")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="exit 1 if a decision differs from then")] = False,
    live_topics: Annotated[
        bool, typer.Option("--live-topics", help="send the window onto the living trades; refused alone")
    ] = False,
    really: Annotated[bool, typer.Option("--old-news-is-not-traded", help="the second flag of it")] = False,
    plan: Annotated[str | None, typer.Option(help="refuse if the plan is another by now")] = None,
    execute: _Execute = False,
) -> int:
    """Decide recorded trades again, into shadow topics and tables; prints its plan, --execute does it."""
    if context.invoked_subcommand is not None:
        return DONE
    if live_topics and not really:
        say(
            "polycool replay: the living topics are not replayed onto; without --live-topics a run goes into topics of"
            " its own. If it must be: --live-topics --old-news-is-not-traded"
        )
        return ANSWER_IS_NO
    try:
        bounds = Bounds(_bound(from_), _bound(to), frozenset(partition or ()))
        roles = frozenset(role or AddressType)
        choice = Choice(_low(leader), _low(follower), frozenset(token or ()), roles, settings_of(set_ or []))
    except WrongChoice as error:
        return _refuse(str(error), WRONG_USE)

    async def work(place: Ground, connection: Connection) -> int:
        found = await make_plan(place.kafka, place.names, connection, bounds, choice)
        if plan not in (None, found.name):
            return _refuse(f"the plan is {found.name} now, not {plan}", ANSWER_IS_NO)
        if not execute:
            answer(plan_json(found, rate, live=live_topics), plan_text(found, rate, live=live_topics))
            return DONE
        if live_topics:
            return await _send_live(place, found, rate)
        run = name or f"r{uuid.uuid4().hex[:7]}"
        await begin(connection, found, run)
        say(f"plan {found.name}, run {run}: polycool replay pause {run} holds it")
        return _tell(await go(place, connection, run, rate=rate, told=_progress()), fail=diff)

    return _with_shadow(work)


@app.command()
def resume(
    run: _Run,
    rate: Annotated[float | None, typer.Option(min=0.1, help="messages a second")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="exit 1 if a decision differs from then")] = False,
    execute: _Execute = False,
) -> int:
    """Go on with a run from its checkpoint."""

    async def work(place: Ground, connection: Connection) -> int:
        if not execute:
            return _tell(await ended(place, connection, run), fail=False)
        return _tell(await go(place, connection, run, rate=rate, told=_progress()), fail=diff)

    return _with_shadow(work)


@app.command()
def pause(run: _Run) -> int:
    """Ask a run to hold at its next checkpoint; resume goes on."""
    return _want(run, "pause")


@app.command()
def abort(run: _Run) -> int:
    """Ask a run to end at its next checkpoint; what it found stays."""
    return _want(run, "abort")


@app.command()
def runs() -> int:
    """Every run, with its state and how many decisions differ."""

    async def work(_place: Ground, connection: Connection) -> int:
        found = await Runs(connection).runs()
        answer({"runs": found}, runs_text(found))
        return DONE

    return _with_shadow(work)


@app.command()
def show(
    run: _Run, diff: Annotated[bool, typer.Option("--diff", help="exit 1 if one differs")] = False
) -> int:
    """What a run has found: the decisions that differ, by reason."""

    async def work(place: Ground, connection: Connection) -> int:
        return _tell(await ended(place, connection, run), fail=diff)

    return _with_shadow(work)


@app.command()
def drop(run: _Run, execute: _Execute = False) -> int:
    """Let go of a run's rows and topics; changes nothing without --execute."""

    async def work(place: Ground, connection: Connection) -> int:
        kept = await Runs(connection).look(run)
        if execute:
            if not await Runs(connection).hold(run):
                return _refuse(f"another process works on run {run}", ANSWER_IS_NO)
            await let_go(place.kafka, shadow_names(place.names, run))
            await Runs(connection).drop(run)
        done = "is gone" if execute else "would go; --execute does it"
        answer({"run": run, "executed": execute}, f"run {run} ({kept.state}, {kept.done:,} messages) {done}")
        return DONE

    return _with_shadow(work)


@app.command()
def follow(
    run: _Run,
    decisions: Annotated[int | None, typer.Option(help="stop after so many messages")] = None,
    execute: _Execute = False,
) -> int:
    """Run this version in the shadow: read the living trades, decide beside the living version, trade nothing."""

    async def work(place: Ground, connection: Connection) -> int:
        there = {each["run"] for each in await Runs(connection).runs()}
        if not execute:
            how = "goes on from its checkpoint" if run in there else "begins at the end of trades"
            answer({"run": run, "executed": False}, f"run {run} {how}; --execute does it, Ctrl-C holds it")
            return DONE
        if run not in there:
            await following.start(place, connection, run, Choice())
        state = await following.follow(
            place, connection, run, until=lambda kept: decisions is not None and kept.done >= decisions
        )
        answer({"run": run, "state": state}, f"run {run} is {state}")
        return DONE

    return _with_shadow(work)


@app.command()
def gate(
    run: _Run,
    since: Annotated[str, typer.Option(help="how far back decisions are compared, such as 24h")] = "24h",
    at_least: Annotated[int, typer.Option(min=1, help="fewer decisions say nothing")] = following.AT_LEAST,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="THEN>NOW=MOST: a difference that is meant, such as TOO_OLD>PLANNED=5"),
    ] = None,
) -> int:
    """Go or no-go: whether a version in the shadow decides as the living one did; exit 1 is no-go."""
    meant = {}
    for text in allow or ():
        pair, is_there, most = text.partition("=")
        if ">" not in pair or not is_there or not most.isdigit():
            return _refuse(f"{text} is not THEN>NOW=MOST", WRONG_USE)
        meant[pair] = int(most)

    async def work(_place: Ground, connection: Connection) -> int:
        found = await following.judge(
            connection, run, since=datetime.now(UTC) - span(since), at_least=at_least, allowed=meant
        )
        word = "go" if found.go else "no-go"
        lines = [
            f"{word}: {found.why}",
            *differing_lines(found.differing),
            *differing_lines(found.messages_differ),
        ]
        answer(found.as_json(), "\n".join(lines))
        return DONE if found.go else ANSWER_IS_NO

    return _with_shadow(work)


def _with_shadow(work: Callable[[Ground, Connection], Awaitable[int]]) -> int:
    place = ground()
    check_tables(place)

    async def run() -> int:
        async with shadow(place.database_url) as connection:
            return await work(place, connection)

    try:
        return asyncio.run(run())
    except (WrongWindow, WrongChoice) as error:
        return _refuse(str(error), WRONG_USE)
    except Taken as error:
        return _refuse(str(error), ANSWER_IS_NO)


def _want(run: str, wanted: str) -> int:
    async def work(_place: Ground, connection: Connection) -> int:
        runs_ = Runs(connection)
        if not await runs_.want(run, wanted):
            return _refuse(f"run {run} is {(await runs_.look(run)).state}", ANSWER_IS_NO)
        # Nobody works on it: there is no checkpoint to wait for.
        if await runs_.hold(run):
            await runs_.set_state(run, "paused" if wanted == "pause" else "aborted")
        answer({"run": run, "wanted": wanted}, f"run {run} will {wanted} at its next checkpoint")
        return DONE

    return _with_shadow(work)


async def _send_live(place: Ground, plan: Plan, rate: float | None) -> int:
    sent = await send_again(place.kafka, plan, plan.choice, rate=rate, told=_progress())
    answer(
        {"plan": plan.name, "sent": sent, "topic": plan.topic},
        f"{sent:,} messages sent again onto {plan.topic}: what is known changes nothing there",
    )
    return DONE


def _tell(found: Ended, *, fail: bool) -> int:
    answer(found.as_json(), ended_text(found))
    return ANSWER_IS_NO if fail and found.differ else DONE


def _progress() -> Callable[[int, int], None]:
    shown = [0]

    def told(done: int, total: int) -> None:
        if total and done * 20 // total > shown[0]:
            shown[0] = done * 20 // total
            say(f"{done:,} of {total:,} messages")

    return told


def _bound(text: str | None) -> datetime | int | None:
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    if text[-1:] in "smhd":
        return datetime.now(UTC) - span(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter(f"{text} is no time, span such as 24h, or offset") from fault
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _low(words: list[str] | None) -> frozenset[str]:
    return frozenset(word.lower() if word.lower().startswith("0x") else word for word in words or ())


def _refuse(sentence: str, code: int) -> int:
    say(f"polycool replay: {sentence}")
    return code
