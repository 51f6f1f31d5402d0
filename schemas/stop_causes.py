"""Why live BUYs of an account stand still: the closed set of what is stored, and the words people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class StopCause(StrEnum):
    """What stands in ``account_stops.cause``; people read ``stop.cause.<value>`` in their language."""

    LATE_FILL = "late_fill"
    SHORTFALL = "shortfall"
    AUDIT = "audit"
    EXTERNAL = "external"
    FOUND = "found"
    REFUSALS = "refusals"
    CLOSED_ONLY = "closed_only"


def stop_said(texts: Mapping[str, str], stored: str) -> str:
    """What happened and what to do, in the language of ``texts``; a cause that is none of the set is the operators'
    to look at."""
    return texts.get(f"stop.cause.{stored}", texts["stop.cause.other"])
