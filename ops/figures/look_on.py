"""A running stack as a scene of the live picture, for `up` in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Final

import psycopg
from aiokafka.errors import KafkaError
from rich.text import Text

from ops.demo.faces import Faces, open_faces
from ops.demo.plain import clock
from ops.failures import Missing
from ops.figures.live import LivePicture, buys_word
from ops.figures.reading import Place, reader
from ops.figures.snapshot import Snapshot
from ops.output import console
from ops.stack.processes import Processes, State
from streams.topology import TopicNames

SNAPSHOT_SECONDS: Final = 1.0
# Looking may take at most a tenth of one processor's time.
TIMES_AS_LONG: Final = 10


class StackScene:
    """What runs here, whoever trades."""

    name = "terminal"
    own_keys: Sequence[tuple[str, str]] = ()

    def __init__(self, processes: Processes, faces: Faces) -> None:
        self._processes = processes
        self._began = time.monotonic()
        self.faces = faces
        self.ended = asyncio.Event()
        self.snapshot: Snapshot | None = None

    def pressed(self, key: str) -> None:
        """No keys of its own."""

    def looked(self) -> None:
        """It ends when somebody ends it."""

    def head(self) -> Text:
        """Since when it runs, where the API is, and what does not stay up."""
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append("polycool up", style="bold")
        text.append(f" · 📄 PAPER · {clock(time.monotonic() - self._began)} · ")
        text.append(f"api {self._processes.environment['POLYCOOL_API_URL']} · ")
        text.append(*buys_word(self.snapshot))
        given_up = [name for name in self._processes.programs if self._failed(name)]
        text.append(
            f" · {', '.join(given_up)} given up" if given_up else " ●", "red" if given_up else "green"
        )
        return text

    def more(self) -> list[tuple[str, str]]:
        """How often a process was started again, and which one last."""
        restarts = self._processes.restarts
        last = f" ({restarts[-1].name} {clock(restarts[-1].at_seconds)})" if restarts else ""
        return [("restarts", f"{len(restarts)}{last}")]

    def _failed(self, name: str) -> bool:
        return self._processes.state_of(name) is State.FAILED


async def look_on(processes: Processes) -> None:
    """Show the running stack until the key q."""
    settings = processes.environment
    place = Place(
        settings["POLYCOOL_KAFKA"],
        settings["POLYCOOL_DATABASE_URL"],
        TopicNames(settings.get("POLYCOOL_TOPIC_PREFIX", "")),
        int(settings["POLYCOOL_STREAMS_HTTP_PORT"]),
    )
    async with open_faces(settings, "terminal") as faces:
        scene = StackScene(processes, faces)
        looking = asyncio.create_task(_look(scene, place))
        try:
            await LivePicture(scene, console(progress=False)).show()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _look(scene: StackScene, place: Place) -> None:
    while True:
        # Away for a while: the last picture stays until they are back.
        with contextlib.suppress(psycopg.OperationalError, KafkaError, Missing):
            async with reader(place) as reading:
                while True:
                    began = time.monotonic()
                    scene.snapshot = await reading.snapshot(latest=24)
                    await asyncio.sleep(max(SNAPSHOT_SECONDS, TIMES_AS_LONG * (time.monotonic() - began)))
        await asyncio.sleep(SNAPSHOT_SECONDS)
