"""One demo from its start to its end: everything started, people made, trades played, settled, audited, ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.audit.report import Audit
from ops.audit.run import run_audit
from ops.demo.asking import Questions, questions
from ops.demo.faces import open_faces
from ops.demo.keys import in_a_terminal
from ops.demo.live import DemoScene
from ops.demo.options import Options
from ops.demo.outcome import Outcome, outcome
from ops.demo.performance import Performance
from ops.demo.plain import plain
from ops.demo.player import Player
from ops.demo.probe import Probe
from ops.demo.script import Script
from ops.demo.settling import Rest, rest, settle
from ops.demo.stage import set_the_stage
from ops.feed.door import open_door
from ops.figures.broker import counts
from ops.figures.live import LivePicture
from ops.figures.reading import Place
from ops.output import console, current, say
from ops.stack.ports import free_port
from ops.stack.processes import Processes
from schemas.enums import Source
from streams.topology import DEAD_LETTERS, TopicNames

# A demo never goes where others' money might be (SAFETY R9): these are the caller's, and not for it.
NOT_PASSED: Final = (
    "POLYCOOL_KAFKA",
    "POLYCOOL_DATABASE_URL",
    "POLYCOOL_TOPIC_PREFIX",
    "POLYCOOL_STACK_DIR",
)
SETTLING_TOLD_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """How a demo ended. ``left`` is what was still open; ``example`` a copy order worth a look."""

    outcome: Outcome
    left: Rest
    example: str | None


async def show(options: Options, script: Script, directory: Path) -> Shown:
    """Play a script. Raises Missing, StackError and the like when a part is lost; cancelled, it ends all in order."""
    caller = {name: text for name, text in os.environ.items() if name not in NOT_PASSED}
    doors = {f"POLYCOOL_{name}_HTTP_PORT": str(free_port()) for name in ("STREAMS", "TRADING")}
    async with Processes(directory, fresh=True, caller=caller, settings=doors, report=_report) as processes:
        return await _perform(options, script, processes)


async def _perform(options: Options, script: Script, processes: Processes) -> Shown:
    settings = processes.environment
    kafka, database, names = settings["POLYCOOL_KAFKA"], settings["POLYCOOL_DATABASE_URL"], TopicNames()
    async with (
        open_faces(settings) as faces,
        questions(database) as asked,
        counts(kafka, names) as broker,
        open_door(kafka, names) as door,
    ):
        probe = Probe(faces)
        player = Player(
            door, script, Source.GENERATED if options.trades is None else Source.FILE, probe.wanted
        )
        probe.allocations = followers = await set_the_stage(options, script, faces, player, asked)
        place = Place(kafka, database, names, int(settings["POLYCOOL_STREAMS_HTTP_PORT"]))
        performance = Performance(options, processes, player, probe, faces, place)
        await performance.run(_face(performance))
        left = await settle(
            lambda: rest(asked, broker, player.sent, followers), options.settle_seconds, _still()
        )
        await probe.stop()
        say("auditing …")
        audit = await _audit(processes)
        dead = await broker.messages(DEAD_LETTERS)
        found = await outcome(asked, player.sent, dead, probe.all_ms, audit)
        return Shown(found, left, await _example(asked))


def _face(performance: Performance) -> Callable[[], Awaitable[None]]:
    if in_a_terminal() and not current().as_json:
        picture = LivePicture(DemoScene(performance), console(progress=False))

        async def show_and_say() -> None:
            await picture.show()
            say("ending: no more trades; waiting for what is under way …")

        return show_and_say
    performance.brief = True
    return lambda: plain(performance)


def _still() -> Callable[[Rest], None]:
    loop = asyncio.get_running_loop()
    told = [loop.time()]

    def still(left: Rest) -> None:
        if loop.time() - told[0] >= SETTLING_TOLD_SECONDS:
            told[0] = loop.time()
            say(f"settling: {left.sentence()}")

    return still


async def _audit(processes: Processes) -> Audit:
    settings = processes.environment
    return await run_audit(
        database_url=settings["POLYCOOL_DATABASE_URL"],
        kafka=settings["POLYCOOL_KAFKA"],
        logs=sorted((processes.stack.directory / "logs").glob("*.log")),
        environment=settings,
    )


async def _example(asked: Questions) -> str | None:
    rows = await asked.rows("newest_filled")
    return str(rows[0]["copy_order_id"]) if rows else None


def _report(name: str, seconds: float) -> None:
    say(f"{name:<18} {seconds:4.1f} s")
