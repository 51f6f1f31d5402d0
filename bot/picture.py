"""The picture of results in the chat: net of fees, day by day and added up. Drawn in a process of its own, so that
whoever taps meanwhile does not wait.

Legible on a phone (390 points wide) with a background of its own, so that it does not matter whether the chat is light
or dark.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from multiprocessing import get_context
from typing import Any, Final

from schemas import figures

# Three pixels for each point of a phone.
_INCHES: Final = (7.8, 6.2)
_DPI: Final = 150
# Points of type: 17 here are 12 on the phone.
_TYPE: Final = 17
_PAPER, _INK, _FAINT = "#fbfaf7", "#1c1f24", "#8b9099"
_WON, _LOST, _LINE = "#1a7f4b", "#c2352b", "#24508c"
_TICKS_MAX: Final = 6


@dataclass(frozen=True)
class Chart:
    """What is drawn; ``days`` one after the other, net of fees. The texts hold no emoji: no font here does."""

    title: str
    days: Sequence[tuple[date, Decimal]]
    bars: str
    line: str


def whole_days(days: Sequence[tuple[date, Decimal]], until: date, count: int) -> list[tuple[date, Decimal]]:
    """The last ``count`` days with those on which nothing was realised as zero."""
    known = dict(days)
    first = until - timedelta(days=count - 1)
    return [
        (day, known.get(day, Decimal(0)))
        for day in (first + timedelta(days=number) for number in range(count))
    ]


async def drawn(chart: Chart) -> bytes:
    """The picture as PNG."""
    return await asyncio.get_running_loop().run_in_executor(_painter(), draw, chart)


@cache
def _painter() -> ProcessPoolExecutor:
    # Begun with the first picture: most bots of most days need none of it. Nothing of ours is inherited.
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def draw(chart: Chart) -> bytes:
    """The same, here and now; takes a few tenths of a second."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=_PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(facecolor=_PAPER)
    results = [float(result) for _, result in chart.days]
    sums = list(accumulate((result for _, result in chart.days), initial=Decimal(0)))[1:]
    places = list(range(len(results)))
    axes.bar(places, results, width=0.72, color=[_WON if each >= 0 else _LOST for each in results], zorder=2)
    axes.plot(places, [float(each) for each in sums], color=_LINE, linewidth=3.5, zorder=3)
    axes.plot(places[-1:], [float(sums[-1])], "o", color=_LINE, markersize=9, zorder=4)
    axes.axhline(0, color=_FAINT, linewidth=1.2, zorder=1)
    _label(axes, chart, sums)
    _frame(axes, chart, figures.signed(sums[-1]))
    figure.suptitle(chart.title, color=_INK, fontsize=_TYPE + 3, fontweight="bold")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _label(axes: Any, chart: Chart, sums: Sequence[Decimal]) -> None:
    """The best and the worst day, each beside its bar and inside the picture."""
    low = float(min(*sums, *(result for _, result in chart.days), Decimal(0)))
    high = float(max(*sums, *(result for _, result in chart.days), Decimal(0)))
    room = max(high - low, 0.01)
    axes.set_ylim(low - room * 0.16, high + room * 0.2)
    axes.set_xlim(-0.8, len(sums) - 0.2)
    results = [result for _, result in chart.days]
    for place, color in (
        (results.index(max(results)), _WON),
        (results.index(min(results)), _LOST),
    ):
        value = results[place]
        if (color == _WON and value <= 0) or (color == _LOST and value >= 0):
            continue
        side = "left" if place < 4 else "right" if place > len(results) - 5 else "center"
        axes.annotate(
            figures.signed(value), (place, float(value)), xytext=(0, 5 if value > 0 else -5),
            textcoords="offset points", ha=side, va="bottom" if value > 0 else "top", color=color,
            fontsize=_TYPE, zorder=5, bbox={"facecolor": _PAPER, "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def _frame(axes: Any, chart: Chart, total: str) -> None:
    """Days below, sums of money at the side, the two names, and what it came to."""
    step = max(1, round(len(chart.days) / (_TICKS_MAX - 1)))
    shown = list(range(len(chart.days) - 1, -1, -step))
    axes.set_xticks(shown, [f"{chart.days[at][0].day}.{chart.days[at][0].month}." for at in shown])
    axes.tick_params(labelsize=_TYPE - 1, labelcolor=_INK, color=_FAINT, length=4)
    axes.yaxis.get_major_locator().set_params(nbins=_TICKS_MAX)
    axes.grid(visible=True, axis="y", color=_FAINT, alpha=0.25, linewidth=1)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
    axes.text(
        0.0, 1.02, f"▮ {chart.bars}   ", transform=axes.transAxes, color=_WON, fontsize=_TYPE, va="bottom"
    )
    axes.text(
        1.0, 1.02, f"● {chart.line} {total}", transform=axes.transAxes, color=_LINE, fontsize=_TYPE + 1,
        fontweight="bold", va="bottom", ha="right",
    )  # fmt: skip
