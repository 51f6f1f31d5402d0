"""Why a what-if could not be worked out: the closed set of what is stored, and each in the words people read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.money import plain


class WhatIfCause(StrEnum):
    """What stands in ``what_ifs.cause``; people read ``what_if.cause.<name>`` in their language."""

    TOO_LONG = "TOO_LONG"
    BROKE = "BROKE"


# Before the set was closed the text itself was stored, with the seconds in it.
_FORMER_TOO_LONG: Final = re.compile(r"It took longer than (?P<seconds>\d+(?:\.\d+)?) s\.")


def cause_said(texts: Mapping[str, str], stored: str, most_seconds: Decimal | None) -> str:
    """The cause in the language of ``texts``. What is none of the set was stored by a former version, or broke off;
    ``most_seconds``: how long it might take, where that was the reason."""
    former = _FORMER_TOO_LONG.match(stored)
    if former is not None:
        stored, most_seconds = WhatIfCause.TOO_LONG, Decimal(former["seconds"])
    if stored == WhatIfCause.TOO_LONG and most_seconds is not None:
        return texts["what_if.cause.TOO_LONG"].format(seconds=plain(most_seconds))
    return texts["what_if.cause.BROKE"]
