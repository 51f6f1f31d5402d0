"""A Snapshot as a picture in a terminal (UX §6). Pure: values in, something rich can draw out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ops.figures.snapshot import LatestCopy, LatestSignal, Snapshot, StageFigures
from ops.figures.words import GLYPHS, STATES, reason_words
from schemas.enums import CopyState
from schemas.money import truncate_display

# Columns between two parts.
GAP: Final = 3
REASONS_SHOWN: Final = 7
_STATES: Final = (
    CopyState.FILLED,
    CopyState.PARTIAL,
    CopyState.UNFILLED,
    CopyState.UNKNOWN,
    CopyState.REJECTED,
    CopyState.SKIPPED,
    CopyState.EXPIRED,
)


def panels(snapshot: Snapshot, more: Sequence[tuple[str, str]], console: Console) -> RenderableType:
    """Stages, copies, reasons, promises: side by side where there is room, else below each other. ``more`` are further
    lines of the promises' part."""
    stages, copies, promises = (
        stages_table(snapshot.stages),
        copies_table(snapshot),
        promises_table(snapshot, more),
    )
    explained, bare = reasons_table(snapshot, words=True), reasons_table(snapshot, words=False)
    layouts: Sequence[Sequence[Sequence[Table]]] = (
        ((stages, copies, explained, promises),),
        ((stages, copies, bare, promises),),
        ((stages, copies), (explained, promises)),
        ((stages, copies), (bare, promises)),
        ((stages,), (copies, bare), (promises,)),
    )
    for rows in layouts:
        if max(_width(row, console) for row in rows) <= console.width:
            break
    return Group(*(_beside(*row) for row in rows))


def _width(row: Sequence[Table], console: Console) -> int:
    """Columns that these tables need beside each other."""
    return sum(Measurement.get(console, console.options, part).maximum for part in row) + GAP * (len(row) - 1)


def stages_table(stages: Sequence[StageFigures]) -> Table:
    """A line per stage."""
    table = _table(
        ("stage", "left"),
        ("in/s", "right"),
        ("out/s", "right"),
        ("lag s", "right"),
        ("p50", "right"),
        ("p95", "right"),
        ("p99 ms", "right"),
    )
    for stage in stages:
        latency = stage.latency_ms or (None, None, None)
        late = stage.lag_seconds is not None and stage.lag_seconds > 5
        table.add_row(
            stage.name,
            _short(stage.per_second_in),
            _short(stage.per_second_out),
            Text(_short(stage.lag_seconds), style="bold red" if late else ""),
            *(_short(value) for value in latency),
        )
    return table


def copies_table(snapshot: Snapshot) -> Table:
    """A line per state: in the last minute, and all."""
    table = _table(("copies", "left"), ("1 min", "right"), ("all", "right"))
    copies = snapshot.copies
    for state in _STATES:
        style = "bold red" if state is CopyState.REJECTED and copies.by_state.get(state, 0) else ""
        table.add_row(
            Text(f"{GLYPHS[state]} {STATES[state]}", style=style),
            f"{copies.lately.get(state, 0):,}",
            f"{copies.by_state.get(state, 0):,}",
        )
    return table


def reasons_table(snapshot: Snapshot, *, words: bool) -> Table:
    """Why copies were not made, the most frequent first."""
    columns = [("why not", "left"), ("all", "right")] + ([("", "left")] if words else [])
    table = _table(*columns)
    ordered = sorted(snapshot.copies.by_reason.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ordered[:REASONS_SHOWN]:
        table.add_row(reason, f"{count:,}", *([Text(reason_words(reason), style="dim")] if words else []))
    rest = sum(count for _, count in ordered[REASONS_SHOWN:])
    if rest:
        table.add_row("others", f"{rest:,}", *([""] if words else []))
    if not ordered:
        table.add_row(Text("nothing yet", style="dim"), "", *([""] if words else []))
    return table


def promises_table(snapshot: Snapshot, more: Sequence[tuple[str, str]]) -> Table:
    """What must hold, and whether it does."""
    table = _table(("promise", "left"), ("", "left"))
    kept = snapshot.promises
    table.add_row("bought twice", _judged(f"{kept.bought_twice}", good=kept.bought_twice == 0))
    answered = f"{kept.due - kept.open:,} of {kept.due:,}"
    table.add_row(
        "answered", _judged(answered, good=True) if kept.open == 0 else f"{answered}, {kept.open} under way"
    )
    unknown = "0" if not kept.unknown else f"{kept.unknown}, oldest {kept.oldest_unknown_seconds or 0:.0f} s"
    table.add_row("unknown orders", _judged(unknown, good=(kept.oldest_unknown_seconds or 0) < 60))
    table.add_row("dead letters", _judged(f"{kept.dead_letters}", good=kept.dead_letters == 0))
    table.add_row("notices", f"{kept.notices:,}")
    if snapshot.behind_ms is not None:
        p50, p95, p99 = (value / 1000 for value in snapshot.behind_ms)
        table.add_row("trade→append", f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} s")
    for name, text in more:
        table.add_row(name, text)
    return table


def event_lines(snapshot: Snapshot, rows: int) -> list[Text]:
    """The newest copies and signals, newest first; what was made has half of the room, so that a burst of copies not
    made leaves something of it."""
    made = [copy for copy in snapshot.latest_copies if copy.reason is None][: rows // 2]
    signals = snapshot.latest_signals[: rows // 6]
    others = [copy for copy in snapshot.latest_copies if copy.reason is not None]
    timed: list[tuple[datetime, Text]] = [(signal.at, signal_line(signal)) for signal in signals]
    timed += [(copy.at, copy_line(copy)) for copy in made]
    timed += [(copy.at, copy_line(copy)) for copy in others[: rows - len(timed)]]
    return [line for _, line in sorted(timed, key=lambda item: item[0], reverse=True)]


def copy_line(copy: LatestCopy) -> Text:
    """One copy in a line: when, its name, whose, what became of it."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{copy.at:%H:%M:%S} ", style="dim")
    line.append(copy.copy_order_id, style="cyan")
    line.append(f" {copy.follower} {GLYPHS[copy.state]} ")
    line.append(_became(copy), style="" if copy.reason is None else "dim")
    line.append(f" · {copy.outcome or 'token'} · {copy.question or 'question not known'}", style="dim")
    return line


def signal_line(signal: LatestSignal) -> Text:
    """One signal in a line."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{signal.at:%H:%M:%S} ", style="dim")
    line.append(signal.signal_id, style="magenta")
    first = " first entry" if signal.first_entry else ""
    line.append(
        f" signal: {signal.trader} bought for {signal.usdc:,.2f} USDC at {_cents(signal.average_price)}{first}"
    )
    line.append(f" · {signal.outcome or 'token'} · {signal.question or 'question not known'}", style="dim")
    return line


def _became(copy: LatestCopy) -> str:
    if copy.reason is not None:
        return f"{copy.side} not copied: {reason_words(copy.reason)}"
    if copy.state is CopyState.WAITING:
        return "SELL waits until the purchase before it has ended"
    if copy.filled_shares > 0:
        verb = "bought" if copy.side == "BUY" else "sold"
        return (
            f"{verb} {truncate_display(copy.filled_shares):,} for {truncate_display(copy.filled_usdc):,} USDC"
        )
    if copy.state is CopyState.UNFILLED:
        return f"{copy.side}: nobody offered at that price any more"
    wanted = (
        f"for {copy.amount_usdc:,.2f} USDC"
        if copy.amount_usdc is not None
        else f"{copy.shares or 0:,.2f} shares"
    )
    return f"{copy.side} {wanted} {STATES.get(copy.state, 'on its way')}"


def _cents(price: Decimal) -> str:
    return f"{price * 100:.1f}¢"


def _judged(text: str, *, good: bool) -> Text:
    return Text(f"{text} {'✓' if good else '✗'}", style="green" if good else "bold red")


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:.1f}"


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for name, side in columns:
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
    return table


def _beside(*parts: RenderableType) -> Table:
    grid = Table.grid(padding=(0, GAP))
    for _ in parts:
        grid.add_column(vertical="top", no_wrap=True)
    grid.add_row(*parts)
    return grid
