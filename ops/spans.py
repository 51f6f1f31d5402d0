"""A span of time as people type it."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """``24h``, ``90m``, ``30d`` as a span of time; ``typer.BadParameter`` for anything else."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("must be a number and s, m, h or d, such as 24h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
