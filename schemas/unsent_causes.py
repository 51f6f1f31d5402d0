"""Why a decided BUY was not sent in time: the closed set of what is stored, and the words people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class UnsentCause(StrEnum):
    """What stands in ``copy_orders.cause`` of a BUY that ended TOO_OLD; people read ``copy.unsent.<name>``."""

    NOT_IN_TIME = "it could not be sent in time"
    LAST_LOOK = "stopped by the last look before its POST"


def unsent_said(texts: Mapping[str, str], stored: str) -> str:
    """The cause in the language of ``texts``; what is none of the set is said in general."""
    known = UnsentCause(stored).name if stored in set(UnsentCause) else "OTHER"
    return texts[f"copy.unsent.{known}"]
