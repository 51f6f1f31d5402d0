"""The pictures of a report, as SVG that stands in the page itself. Values in, text out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ops.backtest.limits import WithoutLimit
from ops.backtest.playing import Moment

_COPIED, _NOT, _GOOD, _BAD = "#1a7f4b", "#8a7a50", "#1a7f4b", "#a8071a"
_ROWS_MAX: Final = 20
"""A report for a hundred followers shows those at both ends; all of them stand in its table."""


def outcomes(copied: int, by_reason: Sequence[tuple[str, int]]) -> str:
    """Copied against not copied, the latter by reason."""
    rows = [("copied", copied), *by_reason][:_ROWS_MAX]
    colours = [_COPIED, *[_NOT] * (len(rows) - 1)]
    return _drawn(
        lambda axes: _bars(axes, [name for name, _ in rows], [float(count) for _, count in rows], colours),
        rows=len(rows),
        xlabel="copy orders",
    )


def money_at_work(moments: Sequence[Moment]) -> str:
    """Cost of what is open, and the realised result, over time."""

    def draw(axes: Any) -> None:
        times: list[datetime] = [each.at for each in moments]
        axes.plot(times, [float(each.at_work_usdc) for each in moments], color="#1e60b0", label="at work")
        axes.plot(times, [float(each.realised_usdc) for each in moments], color=_GOOD, label="realised")
        axes.legend(frameon=False)
        axes.tick_params(axis="x", rotation=20)

    return _drawn(draw, rows=8, xlabel="", ylabel="USDC")


def result_ranges(ranges: Sequence[tuple[str, Decimal, Decimal]]) -> str:
    """For each allocation the range its result may lie in."""
    shown = sorted(ranges, key=lambda row: row[1])
    if len(shown) > _ROWS_MAX:
        shown = [*shown[: _ROWS_MAX // 2], *shown[-_ROWS_MAX // 2 :]]

    def draw(axes: Any) -> None:
        for place, (_, low, high) in enumerate(shown):
            colour = _GOOD if low >= 0 else _BAD if high < 0 else "#55565e"
            axes.plot([float(low), float(high)], [place, place], color=colour, marker="|", linewidth=5)
        axes.set_yticks(range(len(shown)), [name for name, _, _ in shown])
        axes.axvline(0, color="#888888", linewidth=0.8)

    return _drawn(draw, rows=len(shown), xlabel="result, USDC")


def limits(found: Sequence[WithoutLimit]) -> str:
    """What each limit saved (to the right) or cost."""
    return _drawn(
        lambda axes: _bars(
            axes,
            [each.limit for each in found],
            [float(each.saved_usdc) for each in found],
            [_GOOD if each.saved_usdc >= 0 else _BAD for each in found],
        ),
        rows=len(found),
        xlabel="USDC saved (below zero: cost)",
    )


def _bars(axes: Any, names: list[str], values: list[float], colours: list[str]) -> None:
    axes.barh(names, values, color=colours)
    axes.invert_yaxis()
    for place, value in enumerate(values):
        axes.annotate(f" {value:,.10g}", (max(value, 0.0), place), va="center", fontsize=8)
    axes.margins(x=0.15)


def _drawn(draw: Callable[[Any], None], *, rows: int, xlabel: str, ylabel: str = "") -> str:
    # Loaded late: it takes a second, and most runs draw nothing.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    out = io.StringIO()
    # Names by a fixed salt and no date: the same run gives the same bytes.
    with mpl.rc_context({"svg.hashsalt": "polycool", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(8.5, 1.2 + 0.28 * max(rows, 3)), layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _own(out.getvalue())


def _own(text: str) -> str:
    """The element alone, without the head of a file of its own and what names outside addresses in it."""
    svg = text[text.index("<svg") :]
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
