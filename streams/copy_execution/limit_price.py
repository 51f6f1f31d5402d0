"""The limit of an order (RULES §3, §4)."""

from __future__ import annotations

from decimal import Decimal

from schemas.allocations import AllocationSettings

_HUNDRED = Decimal(100)
_ONE = Decimal(1)


def slip(reference: Decimal, slippage: Decimal, percent: Decimal, tick: Decimal) -> Decimal:
    """How much worse than ``reference`` is still accepted: the smaller of the absolute bound and the relative one,
    the second never less than a tick."""
    return min(slippage, max(tick, reference * percent / _HUNDRED))


def down_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """The highest multiple of the tick not above a price ≥ 0."""
    return price // tick * tick


def up_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """The lowest multiple of the tick not below a price ≥ 0."""
    below = price // tick * tick
    return below if below == price else below + tick


def buy_limit(price: Decimal, tick: Decimal, settings: AllocationSettings) -> Decimal:
    """The most a copy of a BUY at ``price`` may pay per share; below a tick when no such price exists."""
    reach = price + slip(price, settings.buy_slippage, settings.buy_slippage_percent, tick)
    return down_to_tick(min(reach, settings.max_price, _ONE - tick), tick)


def sell_limit(price: Decimal, reference: Decimal, tick: Decimal, settings: AllocationSettings) -> Decimal:
    """The least a copy of a SELL at ``price`` may take per share, slipping from ``reference``: the leader's price for
    the first attempt, the best bid from the second on."""
    reach = reference - slip(reference, settings.sell_slippage, settings.sell_slippage_percent, tick)
    floor = price * settings.exit_min_percent / _HUNDRED
    return min(_ONE - tick, up_to_tick(max(reach, floor, tick), tick))


def next_sell_limit(
    price: Decimal,
    best_bid: Decimal | None,
    former_limit: Decimal,
    tick: Decimal,
    settings: AllocationSettings,
) -> Decimal:
    """The limit of a second or later attempt; without a bid the former limit stays."""
    if best_bid is None:
        return former_limit
    return sell_limit(price, best_bid, tick, settings)
