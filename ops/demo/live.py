"""The demo as a scene of the live picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from ops.demo.faces import Faces
from ops.demo.performance import Performance
from ops.demo.plain import clock
from ops.demo.probe import percentiles
from ops.figures.live import buys_word
from ops.figures.snapshot import Snapshot

SPARKS: Final = "▁▂▃▄▅▆▇█"
SPARK_WIDTH: Final = 16


class DemoScene:
    """What a performance shows; the space bar holds the feed."""

    name = "demo"
    own_keys: Sequence[tuple[str, str]] = (("space", "hold the feed"),)

    def __init__(self, performance: Performance) -> None:
        self._performance = performance

    @property
    def ended(self) -> asyncio.Event:
        """Set when nothing more is to be shown."""
        return self._performance.ended

    @property
    def faces(self) -> Faces:
        """The API."""
        return self._performance.faces

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest look."""
        return self._performance.snapshot

    def pressed(self, key: str) -> None:
        """Hold the feed, or let it go on."""
        if key == " ":
            self._performance.player.hold()

    def looked(self) -> None:
        """All was played, and somebody waits for the end."""
        if self._performance.player.finished and self._performance.options.until_settled:
            self._performance.ended.set()

    def head(self) -> Text:
        """What is played, and how it stands."""
        performance = self._performance
        options = performance.options
        played = options.trades.rsplit("/", 1)[-1] if options.trades else f"seed {options.seed}"
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append("polycool demo", style="bold")
        text.append(f" · 📄 PAPER · {clock(performance.seconds)} · {played} · ")
        text.append(f"api {performance.processes.environment['POLYCOOL_API_URL']} · ")
        text.append(*buys_word(performance.snapshot))
        if performance.player.held:
            text.append(" · feed held", style="bold yellow")
        elif performance.player.finished:
            text.append(" · all played", style="bold")
        text.append(" ●", style="green")
        return text

    def more(self) -> list[tuple[str, str]]:
        """Restarts, and how long a trade takes until it is seen."""
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
