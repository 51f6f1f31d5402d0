"""Selling what was bought because of one leader, by hand and at once (UX S7a, S16, N3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.hand_views import OrderView, QuoteView
from schemas.money import DecimalText
from schemas.requests import Asked
from schemas.views import AllocationView, View


class SellAsked(Asked):
    """Which positions of the following to sell, all of them unless some are named. ``end`` stops following first ("Stop
    and sell now"); ``preview`` asks for prices only and sells and ends nothing."""

    position_ids: (
        Annotated[
            tuple[Annotated[str, Field(pattern=r"^[0-9]{1,18}$")], ...], Field(min_length=1, max_length=100)
        ]
        | None
    ) = None
    end: bool = False
    preview: bool = False


class SaleLine(View):
    """One position: its quote (at most 5¢ under the best bid, or why there is none) and its order, where one was
    placed."""

    position_id: str
    quote: QuoteView
    order: OrderView | None


class SaleView(View):
    """A sale of positions, one order each. ``about_usdc`` is what they bring at the best bids, after fees at most;
    ``sold`` went whole, ``unsold`` found no buyer (for part of it, or at all), ``under_way`` is not over yet."""

    allocation: AllocationView
    lines: tuple[SaleLine, ...]
    about_usdc: DecimalText
    sold: int
    unsold: int
    under_way: int
