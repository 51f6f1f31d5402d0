"""How an order fills, by model (DESIGN §8): pure, in micro-units.

``limit`` whole at the order's limit; ``limit_half`` half of it, rounded down to 0.01 (vectors/README); ``last_trade``
whole at the last trade's price where that is not worse than the limit, else not; ``book`` by walking the levels.

The USDC of a fill is always shares × price to the nearest micro, a half up, so that whoever knows size and price of a
trade knows its money exactly. A BUY that spends ``u`` gets ``u`` ÷ price shares down to the micro, or one micro more
where the former would not come to ``u``.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from ops.paper.tokens import Book, Level, Side
from schemas.money import EXACT

CENT_MICROS: Final = 10_000
"""0.01 USDC or shares: the step of a part of an order."""
_WHOLE: Final = Decimal(1)


class FillModel(StrEnum):
    """Where fills come from."""

    LIMIT = "limit"
    LIMIT_HALF = "limit_half"
    LAST_TRADE = "last_trade"
    BOOK = "book"


class Wish(NamedTuple):
    """What an order asks for, at ``limit`` or better: ``amount`` micro-USDC (a market BUY) or micro-shares."""

    side: Side
    unit: Literal["usdc", "shares"]
    amount: int
    limit: Decimal


class Match(NamedTuple):
    """One fill."""

    price: Decimal
    shares: int
    usdc: int


def match(model: FillModel, wish: Wish, last_price: Decimal | None, book: Book | None) -> list[Match]:
    """The fills of a wish, best price first; empty when nothing fills."""
    if model is FillModel.BOOK:
        return _walk(wish, _opposite(wish.side, book))
    price: Decimal | None = wish.limit
    amount = wish.amount
    if model is FillModel.LAST_TRADE:
        price = last_price if last_price is not None and _reaches(wish, last_price) else None
    elif model is FillModel.LIMIT_HALF:
        amount = amount // 2 // CENT_MICROS * CENT_MICROS
    if price is None or amount == 0:
        return []
    whole = _take(wish.unit, amount, price)
    return [whole] if whole.shares > 0 else []


def usdc_of(shares: int, price: Decimal) -> int:
    """Micro-USDC of micro-shares at a price, to the nearest, a half up."""
    return int(EXACT.multiply(Decimal(shares), price).quantize(_WHOLE, ROUND_HALF_UP, EXACT))


def shares_for(usdc: int, price: Decimal) -> int:
    """Micro-shares that ``usdc`` micro-USDC buy at a price."""
    shares = int(EXACT.divide(Decimal(usdc), price).to_integral_value(ROUND_FLOOR, EXACT))
    return shares if usdc_of(shares, price) == usdc else shares + 1


def depleted(book: Book, side: Side, matches: Iterable[Match]) -> Book:
    """The book after an order of ``side`` took ``matches`` from it."""
    taken = {fill.price: fill.shares for fill in matches}
    levels = _opposite(side, book)
    left = tuple(
        Level(level.price, level.shares - taken.get(level.price, 0))
        for level in levels
        if level.shares > taken.get(level.price, 0)
    )
    return book._replace(asks=left) if side == "BUY" else book._replace(bids=left)


def _walk(wish: Wish, levels: Iterable[Level]) -> list[Match]:
    fills: list[Match] = []
    left = wish.amount
    for level in levels:
        if left == 0 or not _reaches(wish, level.price):
            break
        whole = Match(level.price, level.shares, usdc_of(level.shares, level.price))
        if (whole.usdc if wish.unit == "usdc" else whole.shares) > left:
            whole = _take(wish.unit, left, level.price)
        if whole.shares == 0:
            break
        fills.append(whole)
        left -= whole.usdc if wish.unit == "usdc" else whole.shares
    return fills


def _take(unit: Literal["usdc", "shares"], amount: int, price: Decimal) -> Match:
    shares = shares_for(amount, price) if unit == "usdc" else amount
    return Match(price, shares, usdc_of(shares, price))


def _reaches(wish: Wish, price: Decimal) -> bool:
    return price <= wish.limit if wish.side == "BUY" else price >= wish.limit


def _opposite(side: Side, book: Book | None) -> tuple[Level, ...]:
    if book is None:
        return ()
    return book.asks if side == "BUY" else book.bids
