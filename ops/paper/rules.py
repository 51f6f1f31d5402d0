"""The checks that need no balance: form of the amounts, tick, minimums, expiration (polymarket.md §2.1, §2.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ops.paper.orders import PostedOrder
from ops.paper.refusals import BAD_EXPIRATION, Refusal, buy_too_small, inexact, off_tick, too_small
from ops.paper.tokens import PRICE_SCALE, Token
from schemas.money import plain

MICROS: Final = 1_000_000
_SIZE_DECIMALS: Final = 2
_GTD_THRESHOLD_SECONDS: Final = 60
"""A GTD order ends a minute before its expiration, so one that is nearer is refused (polymarket.md §2.1)."""


def is_market(order: PostedOrder) -> bool:
    """FOK and FAK: what does not fill at once is killed."""
    return order.order_type in ("FOK", "FAK")


def limit_steps(order: PostedOrder, token: Token) -> int | None:
    """The limit in ten-thousandths, a multiple of the tick: a BUY's never above what was signed, a SELL's never below.

    None when the signed amounts lie off the grid or outside [tick, 1 - tick]. A market BUY may lie off by what rounding
    its shares down to the tick's decimals explains; everything else must be exact.
    """
    maker, taker = order.fields.maker_amount, order.fields.taker_amount
    usdc, shares = (maker, taker) if order.side == "BUY" else (taker, maker)
    tick = token.tick_steps
    steps = (2 * usdc * PRICE_SCALE + shares * tick) // (2 * shares * tick) * tick
    off_by = usdc * PRICE_SCALE - steps * shares
    slack = 0
    if order.side == "BUY" and is_market(order):
        slack = steps * 10 ** (6 - token.amount_decimals)
    if abs(off_by) > slack or not tick <= steps <= PRICE_SCALE - tick:
        return None
    if order.side == "BUY" and off_by < 0:
        steps -= tick
    return steps if steps >= tick else None


def implied_price(order: PostedOrder) -> str:
    """The price as the amounts say it, at most 16 digits, as the exchange names it in a refusal."""
    maker, taker = Decimal(order.fields.maker_amount), Decimal(order.fields.taker_amount)
    price = maker / taker if order.side == "BUY" else taker / maker
    return plain(round(price, 16))


def refuse_price(order: PostedOrder, order_id: str, token: Token) -> Refusal:
    """The refusal for a limit off the grid."""
    return off_tick(order_id, implied_price(order), plain(token.tick))


def refuse_amounts(
    order: PostedOrder, order_id: str, token: Token, market_taker_decimals: int | None
) -> Refusal | None:
    """Decimals and minimums; ``market_taker_decimals`` caps the counter amount of market orders, None: as the tick."""
    return (
        _refuse_decimals(order, token, market_taker_decimals)
        or _refuse_small_buy(order, token)
        or _refuse_small_rest(order, order_id, token)
    )


def refuse_expiration(order: PostedOrder, now_seconds: int) -> Refusal | None:
    """Only GTD carries an expiration, and one that is far enough away."""
    if order.order_type == "GTD":
        late = order.expiration > now_seconds + _GTD_THRESHOLD_SECONDS
        # A time beyond the year 9999 cannot be kept.
        return None if late and order.expiration < 253_402_300_800 else BAD_EXPIRATION
    return None if order.expiration == 0 else BAD_EXPIRATION


def _refuse_decimals(order: PostedOrder, token: Token, market_taker_decimals: int | None) -> Refusal | None:
    counter = token.amount_decimals
    if is_market(order) and market_taker_decimals is not None:
        counter = min(counter, market_taker_decimals)
    maker, taker = _SIZE_DECIMALS, counter
    kind = "sell"
    if order.side == "BUY":
        kind = "market buy" if is_market(order) else "buy"
        if not is_market(order):
            maker, taker = counter, _SIZE_DECIMALS
    exact = (
        order.fields.maker_amount % 10 ** (6 - maker) == 0
        and order.fields.taker_amount % 10 ** (6 - taker) == 0
    )
    return None if exact else inexact(kind, maker, taker)


def _refuse_small_buy(order: PostedOrder, token: Token) -> Refusal | None:
    if order.side != "BUY" or not is_market(order) or order.fields.maker_amount >= token.min_buy_micro:
        return None
    return buy_too_small(in_units(order.fields.maker_amount), in_units(token.min_buy_micro))


def _refuse_small_rest(order: PostedOrder, order_id: str, token: Token) -> Refusal | None:
    shares = order.fields.taker_amount if order.side == "BUY" else order.fields.maker_amount
    if is_market(order) or shares >= token.min_rest_micro:
        return None
    return too_small(order_id, in_units(shares), in_units(token.min_rest_micro))


def in_units(micros: int) -> str:
    """Micro-units as plain decimal text: 1500000 is ``1.5``."""
    return plain(Decimal(micros).scaleb(-6))
