"""An audit for people: a line a promise in the words of UX §6, below it the names of what is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from ops.audit.report import Audit, Check

NAMES: Final = {
    1: "once", 2: "answered", 3: "roles", 4: "limits", 5: "no old news", 6: "unknown", 7: "nothing lost", 8: "money",
    9: "rebuild", 10: "keys",
}  # fmt: skip
# Two columns where both fit: the first is padded to this.
COLUMN: Final = 104
WIDE: Final = 2 * COLUMN


def lines(audit: Audit, width: int = 0) -> list[str]:
    """A line per promise; two columns on a screen of ``width`` characters where they fit. Then what is broken, and what
    is worth naming."""
    by_promise = {number: [check for check in audit.checks if check.promise == number] for number in NAMES}
    rows = [_line(number, checks) for number, checks in by_promise.items() if checks]
    if width >= WIDE and len(rows) == len(NAMES):
        half = len(rows) // 2
        pairs = zip_longest(rows[:half], rows[half:], fillvalue="")
        rows = [
            f"{left:<{COLUMN}}{right}" if len(left) < COLUMN else f"{left} {right}" for left, right in pairs
        ]
    for checks in by_promise.values():
        for check in checks:
            rows += [f"   {check.promise:>2} ✗ {name}{_explained(name)}" for name in check.names]
            hidden = check.broken - len(check.names)
            rows += [f"   {check.promise:>2} ✗ … and {hidden:,} more"] if check.names and hidden > 0 else []
            rows += [f"   {check.promise:>2} named: {note}" for note in check.notes]
    return rows


def _line(number: int, checks: Sequence[Check]) -> str:
    if not any(check.ran for check in checks):
        return f"{number:>2} {NAMES[number]:<13} – {checks[0].why_not}"
    broken = sum(check.broken for check in checks)
    counted: dict[str, Any] = {"broken": broken}
    for check in checks:
        counted |= check.counted
    said = _SAID[number](counted)
    return f"{number:>2} {NAMES[number]:<13} {'✗' if broken else '✓'} {said}{f': {broken:,} broken' if broken else ''}"


def _n(counted: Mapping[str, Any], name: str) -> str:
    value = counted.get(name, 0)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _once(c: Mapping[str, Any]) -> str:
    return (
        f"{_n(c, 'copy_orders')} copy orders, {_n(c, 'orders')} orders: {_n(c, 'beyond')} filled beyond what was "
        f"decided, {_n(c, 'two_open')} with two open"
    )


def _answered(c: Mapping[str, Any]) -> str:
    return (
        f"{_n(c, 'answered')} of {c.get('answered', 0) + c.get('open', 0):,} have exactly one end with a reason; "
        f"{_n(c, 'open_long')} open over 120 s"
    )


def _limits(c: Mapping[str, Any]) -> str:
    return (
        f"{_n(c, 'decisions')} decisions made again from stored inputs: {_n(c, 'differ')} differ, "
        f"{c.get('over_limit', 0) + c.get('over_by_hand', 0):,} over a limit, {_n(c, 'over_sold')} over-sold"
    )


def _money(c: Mapping[str, Any]) -> str:
    if c["broken"]:
        return f"our books are not the venue's, of {_n(c, 'at_rest')} accounts at rest and {_n(c, 'accounts')} in all"
    return f"our books = the venue's to 0.000001 for {_n(c, 'at_rest')} of {_n(c, 'accounts')} accounts"


def _unknown(c: Mapping[str, Any]) -> str:
    return f"{_n(c, 'open')} open ({_n(c, 'ended_by_proof')} ended by proof, longest {_n(c, 'longest_seconds')} s)"


def _lost(c: Mapping[str, Any]) -> str:
    others = c.get("in", 0) - c.get("of_leaders", 0) - c.get("dead", 0) - c.get("lost", 0)
    leaders = f"{_n(c, 'of_leaders')} of leaders, all answered"
    return f"{_n(c, 'in')} in = {leaders} + {others:,} others + {_n(c, 'dead')} dead"


_SAID: Final[Mapping[int, Callable[[Mapping[str, Any]], str]]] = {
    1: _once,
    2: _answered,
    3: lambda c: f"{_n(c, 'no_leader')} copies of wallets that were no copy_leader at that moment",
    4: _limits,
    5: lambda c: f"{_n(c, 'past_age')} buys past their age",
    6: _unknown,
    7: _lost,
    8: _money,
    9: lambda c: (
        f"{_n(c, 'trades')} trades, {_n(c, 'positions')} positions, {_n(c, 'signals')} signals made again"
    ),
    10: lambda c: f"{_n(c, 'hits')} hits in tables, topics and logs",
}


def _explained(name: str) -> str:
    first = name.split(":", 1)[0].split(" ", 1)[0]
    return f"   (polycool why {first})" if first.startswith("C-") else ""
