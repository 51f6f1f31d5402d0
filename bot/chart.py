"""The picture in the chat: the net result over the last days, legible on a phone, on light and dark."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any, Final

from schemas import figures
from schemas.market_views import PnlView

# A phone shows it some 360 points wide; twice that for sharp screens.
_WIDTH, _HEIGHT, _DPI = 7.2, 4.05, 150
# One picture for both: a ground of its own, with signs that stand out on it.
_GROUND, _INK, _FAINT, _GAIN, _LOSS = "#101820", "#f2f4f7", "#5b6776", "#3ddc97", "#ff6b6b"
_FONT: Final = 13


def net_result(pnl: PnlView, title: str, venue: str) -> bytes:
    """A PNG: a bar per day, and the sum of them as a line. Takes some 200 ms: call it off the loop."""
    # Imported late: it takes a second, and few people ask for a picture. The figure is drawn without pyplot, whose
    # state is shared between threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    days = [each.day.strftime("%d.%m.") for each in pnl.by_day]
    each_day = [each.net_usdc for each in pnl.by_day]
    sums, total = [], Decimal(0)
    for net in each_day:
        total += net
        sums.append(total)
    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor=_GROUND)
    canvas: Any = FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot(facecolor=_GROUND)
    places = list(range(len(days)))
    colors = [_GAIN if net >= 0 else _LOSS for net in each_day]
    axes.bar(places, list(map(float, each_day)), color=colors, alpha=0.55, width=0.8)
    axes.plot(places, list(map(float, sums)), color=_INK, linewidth=2.5)
    axes.axhline(0, color=_FAINT, linewidth=1)
    step = max(1, len(days) // 6)
    axes.set_xticks(places[::step], days[::step])
    axes.tick_params(colors=_INK, labelsize=_FONT)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(f"{venue} · {title}: {figures.signed(total)}", color=_INK, fontsize=_FONT + 3, loc="left")
    figure.tight_layout()
    file = io.BytesIO()
    canvas.print_png(file)
    return file.getvalue()
