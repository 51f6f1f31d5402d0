"""What runs, in a terminal: a picture that renews itself, and a few keys. `up` and `demo` are its scenes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Final, Protocol

import httpx
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from ops.demo.faces import Faces
from ops.demo.keys import keys
from ops.failures import Missing
from ops.figures.picture import event_lines, panels
from ops.figures.snapshot import Snapshot
from ops.figures.why import why_lines

FRAME_SECONDS: Final = 0.25
KEYS: Final = (("q", "end"), ("s", "stop or allow buys"), ("w", "why of the newest"))
# What the picture shows, in a line, for those who see it for the first time.
WAY: Final = (
    "leaders trade → classify sorts → copy_execution decides for each follower → "
    "trading sends to the paper exchange"
)
ROOMY_LINES: Final = 30


class Scene(Protocol):
    """What the picture is of. ``head`` is its first line; ``own_keys`` are (key, meaning) beside q, s and w."""

    name: str
    own_keys: Sequence[tuple[str, str]]

    @property
    def ended(self) -> asyncio.Event:
        """Set when nothing more is to be shown; the key q sets it."""

    @property
    def faces(self) -> Faces:
        """The API, for the keys s and w."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest look; None before the first."""

    def head(self) -> Text:
        """Where and since when it runs, and how it stands."""

    def more(self) -> list[tuple[str, str]]:
        """Lines beneath the promises."""

    def pressed(self, key: str) -> None:
        """A key that is not the picture's own."""

    def looked(self) -> None:
        """A frame was drawn."""


class LivePicture:
    """Draws a scene until it has ended, and obeys the keys."""

    def __init__(self, scene: Scene, console: Console) -> None:
        self._scene = scene
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._why: list[Text] = []
        self._said = ""
        self._errands: set[asyncio.Task[None]] = set()

    async def show(self) -> None:
        """Draw until the scene has ended; the terminal is then as before, with the last picture left in it."""
        scene = self._scene
        with keys(self._pressed), self._live:
            while not scene.ended.is_set():
                self._live.update(self._picture(), refresh=True)
                scene.looked()
                await asyncio.sleep(FRAME_SECONDS)
        if (snapshot := scene.snapshot) is not None:
            self._console.print(scene.head(), panels(snapshot, scene.more(), self._console), "")

    def _pressed(self, key: str) -> None:
        if self._why and key != "q":
            self._why = []
        elif key == "q":
            self._scene.ended.set()
        elif key == "s":
            self._errand(self._switch())
        elif key == "w":
            self._errand(self._explain())
        else:
            self._scene.pressed(key)

    def _errand(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(self._excused(work))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _excused(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except (Missing, httpx.HTTPError) as error:
            self._said = f"that did not work: {error}"

    async def _switch(self) -> None:
        faces, name = self._scene.faces, self._scene.name
        stop = not (await faces.buys()).stopped
        await faces.switch_buys(
            stopped=stop, reason=f"{'stopped' if stop else 'allowed'} with the key s in the {name}"
        )
        self._said = "buying stopped for everybody; sells still run" if stop else "buying allowed again"

    async def _explain(self) -> None:
        snapshot = self._scene.snapshot
        if snapshot is None or not snapshot.latest_copies:
            self._said = "there is no copy yet"
            return
        self._why = why_lines(await self._scene.faces.why(snapshot.latest_copies[0].copy_order_id))

    def _picture(self) -> RenderableType:
        scene, snapshot = self._scene, self._scene.snapshot
        if snapshot is None:
            return Group(scene.head(), Text("looking …", style="dim"))
        body = panels(snapshot, scene.more(), self._console)
        roomy = self._console.height >= ROOMY_LINES
        used = len(self._console.render_lines(body)) + (5 if roomy else 4)
        room = max(1, self._console.height - used)
        if self._why:
            events: Sequence[Text] = [*self._why[: room - 1], Text("any key goes back", style="dim")]
        else:
            events = event_lines(snapshot, room)
        way = [Text(WAY, style="dim", no_wrap=True, overflow="ellipsis")] if roomy else []
        return Group(scene.head(), *way, Rule(style="dim"), body, Rule(style="dim"), *events, self._foot())

    def _foot(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for key, meaning in (*KEYS, *self._scene.own_keys):
            text.append(f" {key} ", style="reverse")
            text.append(f" {meaning}   ")
        text.append(self._said, style="yellow")
        return text


def buys_word(snapshot: Snapshot | None) -> tuple[str, str]:
    """Whether buys are allowed, in words and with a style."""
    stopped = snapshot is not None and snapshot.buys_stopped
    return ("buys stopped", "bold red") if stopped else ("buys allowed", "green")
