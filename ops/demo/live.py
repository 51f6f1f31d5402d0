"""The demo in a terminal: a picture that renews itself, and four keys."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Final

import httpx
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from ops.demo.keys import keys
from ops.demo.performance import Performance
from ops.demo.plain import clock
from ops.demo.probe import percentiles
from ops.failures import Missing
from ops.figures.picture import event_lines, panels
from ops.figures.why import why_lines

FRAME_SECONDS: Final = 0.25
SPARKS: Final = "▁▂▃▄▅▆▇█"
SPARK_WIDTH: Final = 16
_KEYS: Final = (
    ("q", "end"),
    ("s", "stop or allow buys"),
    ("w", "why of the newest"),
    ("space", "hold the feed"),
)
# What the picture shows, in a line, for those who see it for the first time.
WAY: Final = (
    "leaders trade → classify sorts → copy_execution decides for each follower → "
    "trading sends to the paper exchange"
)
ROOMY_LINES: Final = 30
STOP_REASON: Final = "stopped with the key s in the demo"
ALLOW_REASON: Final = "allowed with the key s in the demo"


class LivePicture:
    """Draws a performance and obeys the keys q, s, w and space."""

    def __init__(self, performance: Performance, console: Console) -> None:
        self._performance = performance
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._why: list[Text] = []
        self._said = ""
        self._errands: set[asyncio.Task[None]] = set()

    async def show(self) -> None:
        """Draw until the performance has ended; the terminal is then as before."""
        performance = self._performance
        with keys(self._pressed), self._live:
            while not performance.ended.is_set():
                self._live.update(self._picture(), refresh=True)
                if performance.player.finished and performance.options.until_settled:
                    performance.ended.set()
                await asyncio.sleep(FRAME_SECONDS)
        if (snapshot := performance.snapshot) is not None:
            self._console.print(self._head(), panels(snapshot, self._more(), self._console), "")
        self._console.print("ending: no more trades; waiting for what is under way …")

    def _pressed(self, key: str) -> None:
        if self._why and key != "q":
            self._why = []
        elif key == "q":
            self._performance.ended.set()
        elif key == " ":
            self._performance.player.hold()
        elif key == "s":
            self._errand(self._switch())
        elif key == "w":
            self._errand(self._explain())

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
        faces = self._performance.faces
        stop = not (await faces.buys()).stopped
        await faces.switch_buys(stopped=stop, reason=STOP_REASON if stop else ALLOW_REASON)
        self._said = "buying stopped for everybody; sells still run" if stop else "buying allowed again"

    async def _explain(self) -> None:
        snapshot = self._performance.snapshot
        if snapshot is None or not snapshot.latest_copies:
            self._said = "there is no copy yet"
            return
        name = snapshot.latest_copies[0].copy_order_id
        self._why = why_lines(await self._performance.faces.why(name))

    def _picture(self) -> RenderableType:
        performance = self._performance
        head = self._head()
        snapshot = performance.snapshot
        if snapshot is None:
            return Group(head, Text("looking …", style="dim"))
        body = panels(snapshot, self._more(), self._console)
        roomy = self._console.height >= ROOMY_LINES
        used = len(self._console.render_lines(body)) + (5 if roomy else 4)
        room = max(1, self._console.height - used)
        if self._why:
            events: Sequence[Text] = [*self._why[: room - 1], Text("any key goes back", style="dim")]
        else:
            events = event_lines(snapshot, room)
        way = [Text(WAY, style="dim", no_wrap=True, overflow="ellipsis")] if roomy else []
        return Group(head, *way, Rule(style="dim"), body, Rule(style="dim"), *events, self._foot())

    def _head(self) -> Text:
        performance = self._performance
        options, snapshot = performance.options, performance.snapshot
        played = options.trades.rsplit("/", 1)[-1] if options.trades else f"seed {options.seed}"
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append("polycool demo", style="bold")
        text.append(f" · 📄 PAPER · {clock(performance.seconds)} · {played} · ")
        text.append(f"api {performance.processes.environment['POLYCOOL_API_URL']} · ")
        stopped = snapshot is not None and snapshot.buys_stopped
        text.append("buys stopped" if stopped else "buys allowed", style="bold red" if stopped else "green")
        if performance.player.held:
            text.append(" · feed held", style="bold yellow")
        elif performance.player.finished:
            text.append(" · all played", style="bold")
        text.append(" ●", style="green")
        return text

    def _foot(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for key, meaning in (
            ("q", "end"),
            ("s", "stop or allow buys"),
            ("w", "why of the newest"),
            ("space", "hold the feed"),
        ):
            text.append(f" {key} ", style="reverse")
            text.append(f" {meaning}   ")
        text.append(self._said, style="yellow")
        return text

    def _more(self) -> list[tuple[str, str]]:
        performance = self._performance
        restarts = performance.processes.restarts
        newest = (
            f"{len(restarts)} ({restarts[-1].name} {clock(restarts[-1].at_seconds)})" if restarts else "0"
        )
        samples = list(performance.probe.newest_ms)
        found = percentiles(samples)
        visible = (
            "–"
            if found is None
            else f"p50 {found['p50']:.0f} p95 {found['p95']:.0f} p99 {found['p99']:.0f} ms"
        )
        return [("restarts", newest), ("append→visible", visible), ("", sparkline(samples))]


def sparkline(samples: Sequence[float]) -> str:
    """The newest samples as bars; the highest of them is the full height."""
    newest = samples[-SPARK_WIDTH:]
    top = max(newest, default=0.0)
    return (
        "".join(SPARKS[min(int(sample / top * len(SPARKS)), len(SPARKS) - 1)] for sample in newest)
        if top
        else ""
    )
