"""How much a BUY is to spend: wish, budget, minimum, reserve (RULES §3)."""

from __future__ import annotations

from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode
from schemas.money import CENT, ZERO, ceil_cents, floor_micro
from streams.copy_execution.inputs import Account

Wish = tuple[Decimal, Decimal]
"""An exact amount of USDC as numerator and denominator (> 0)."""

_ONE = Decimal(1)
_HUNDRED = Decimal(100)


def budget(settings: AllocationSettings, account: Account) -> Decimal:
    """The most money at work for this leader, in USDC; of both kinds the smaller, the one in percent down to the
    micro. Cash includes reserved money: a reserve is not yet spent."""
    if settings.budget_percent is None:
        assert settings.budget_usdc is not None
        return settings.budget_usdc
    wealth = account.cash_usdc + account.lots_cost_usdc
    part = floor_micro(settings.budget_percent * wealth / _HUNDRED)
    return part if settings.budget_usdc is None else min(part, settings.budget_usdc)


def wish(
    settings: AllocationSettings,
    leader_usdc: Decimal,
    leader_value_usdc: Decimal | None,
    budget_usdc: Decimal,
    carried_usdc: Decimal = ZERO,
) -> Wish:
    """What the follower wants to spend on a trade of ``leader_usdc``, before any room. In ``proportional`` the leader's
    stake never counts for more than his whole portfolio."""
    if settings.mode is CopyMode.FIXED_AMOUNT:
        assert settings.fixed_amount_usdc is not None
        return settings.fixed_amount_usdc + carried_usdc, _ONE
    if settings.mode is CopyMode.MULTIPLIER:
        assert settings.multiplier is not None
        return leader_usdc * settings.multiplier + carried_usdc, _ONE
    assert leader_value_usdc is not None
    if leader_usdc >= leader_value_usdc:
        return budget_usdc + carried_usdc, _ONE
    return budget_usdc * leader_usdc + carried_usdc * leader_value_usdc, leader_value_usdc


def wish_down_to_cents(wished: Wish) -> Decimal:
    """The wish in USDC, down to 0.01."""
    return (wished[0] * _HUNDRED // wished[1]).scaleb(-2)


def wish_down_to_micro(wished: Wish) -> Decimal:
    """The wish in USDC, down to the micro."""
    return (wished[0].scaleb(6) // wished[1]).scaleb(-6)


def minimum(settings: AllocationSettings, min_buy_usdc: Decimal) -> Decimal:
    """The smallest BUY that both the follower and the market allow, up to 0.01."""
    return ceil_cents(max(settings.min_trade_usdc, min_buy_usdc))


def reserve(amount_usdc: Decimal, fee_rate: Decimal) -> Decimal:
    """What a BUY of ``amount_usdc`` can cost at most, its fees included."""
    if fee_rate == 0:
        return ceil_cents(amount_usdc)
    return ceil_cents(amount_usdc * (1 + fee_rate)) + CENT


def largest_amount(room_usdc: Decimal, fee_rate: Decimal) -> Decimal:
    """The largest multiple of 0.01 whose reserve is not above the room; negative when the room is.

    In whole cents, with R the room down to the cent, up(a × (1 + rate)) + 1 ≤ R is the same as
    a ≤ (R − 1) ÷ (1 + rate).
    """
    cents = room_usdc.scaleb(2).to_integral_value(rounding="ROUND_FLOOR")
    if fee_rate == 0:
        return cents.scaleb(-2)
    spare = cents - 1
    # // cuts towards zero; below zero the amount is refused by its minimum anyway.
    return (spare // (1 + fee_rate)).scaleb(-2)
