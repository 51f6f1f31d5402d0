"""`polycool status`: one picture of the whole way."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, Final

from rich.text import Text

from ops.exits import DONE
from ops.figures.picture import event_lines, panels
from ops.figures.reading import Place, reader
from ops.figures.snapshot import Snapshot
from ops.ground import ground
from ops.output import answer, console, current
from ops.stack.neighbours import surroundings

# Rates need two looks.
BETWEEN_SECONDS: Final = 1.0
EVENTS: Final = 8


def command() -> int:
    """Stages with their lag, copies by state and reason, promises, switches, the newest events."""
    environment = surroundings()
    where = ground(environment)
    port = environment.get("POLYCOOL_STREAMS_HTTP_PORT")
    place = Place(where.kafka, where.database_url, where.names, int(port) if port and port != "0" else None)
    snapshot = asyncio.run(_look(place))
    if current().as_json:
        answer(as_json(snapshot), "")
        return DONE
    out = console(progress=False)
    head = Text("polycool status", style="bold")
    head.append(f" · {snapshot.taken_at:%H:%M:%S} UTC · broker {where.kafka} · ", style="not bold")
    for switch in snapshot.switches:
        if switch.name != "live":
            word = "stopped" if switch.stopped else "allowed"
            name = "posting" if switch.name == "halt" else switch.name
            head.append(f"{name} {word} ", style="bold red" if switch.stopped else "green")
    out.print(head)
    for switch in snapshot.switches:
        if switch.stopped and switch.name != "live":
            out.print(f"⚠ {switch.name}: stopped by {switch.who}: “{switch.note}”")
    out.print(panels(snapshot, [("following", f"{snapshot.promises.followings:,}")], out), "")
    for event in event_lines(snapshot, EVENTS):
        out.print(event)
    return DONE


async def _look(place: Place) -> Snapshot:
    async with reader(place) as reading:
        await reading.snapshot(latest=1)
        await asyncio.sleep(BETWEEN_SECONDS)
        return await reading.snapshot(latest=2 * EVENTS)


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The picture as a document."""
    document = dataclasses.asdict(snapshot)
    document["buys_stopped"] = snapshot.buys_stopped
    return document
