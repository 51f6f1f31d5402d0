"""Why an order by hand was not done, in the words people read: from its reason and the figures that decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas import figures
from schemas.enums import Reason, Side


@dataclass(frozen=True, slots=True)
class NotDone:
    """The end of an order by hand without an order at the exchange. ``value`` is what the check that decided looked at
    and ``limit`` what it allowed, USDC, or shares of a SELL; None where no figure decided, or none was kept.
    ``everybody``: the operators had stopped the buys of all, not of this account alone."""

    side: Side
    reason: Reason
    value: Decimal | None
    limit: Decimal | None
    everybody: bool


def not_done_said(texts: Mapping[str, str], end: NotDone) -> str:
    """The cause as a clause, without a full stop, in the language of ``texts``."""
    key = f"hand.cause.{end.reason}"
    if end.reason is Reason.BUYS_STOPPED and not end.everybody:
        key += ".account"
    elif end.limit is None and f"{key}.plain" in texts:
        key += ".plain"
    text = texts.get(key, texts["hand.cause.other"])
    sell = end.side is Side.SELL
    value, limit = (None if each is None else max(each, Decimal(0)) for each in (end.value, end.limit))
    return text.format(
        value="" if value is None else (figures.share_count if sell else figures.paid)(value),
        limit="" if limit is None else (figures.share_count if sell else figures.had)(limit),
    )
