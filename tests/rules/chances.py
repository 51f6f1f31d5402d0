"""Hypothesis' building blocks: settings, markets, trades and fills as wild as the contract allows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from schemas.allocations import AllocationSettings
from schemas.enums import Side, TradeKind
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Market
from tests.rules.situations import LEADER, MARKET, NOW, OTHER_TOKEN, TOKEN, message


def numbers(low: str, high: str, places: int = 6) -> st.SearchStrategy[Decimal]:
    """Decimals between two bounds with up to ``places`` decimals."""
    scale = Decimal(10) ** places
    whole = st.integers(int(Decimal(low) * scale), int(Decimal(high) * scale))
    return whole.map(lambda number: Decimal(number).scaleb(-places))


PRICES = numbers("0.0001", "0.9999", 4) | numbers("0.00000000000000000001", "0.99999999999999999999", 20)
# Where most trading is; a uniform price lands mostly outside every band.
USUAL_PRICES = st.sampled_from([Decimal(price) for price in ("0.02", "0.31", "0.5", "0.5234567", "0.87")])
USUAL_SIZES = st.sampled_from([Decimal(size) for size in ("4", "30", "150.5", "800", "2500.123456")])
LIMITS = st.sampled_from([Decimal(limit) for limit in ("2.2", "7.5", "20", "33.333333", "60", "90")])
TICKS = st.sampled_from([Decimal(tick) for tick in ("0.01", "0.001", "0.0001", "0.005", "0.0025", "0.1")])
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "0.03333", "0.05", "0.07", "1")])
SIDES = st.sampled_from([Side.BUY, Side.BUY, Side.BUY, Side.BUY, Side.SELL])
KINDS = st.sampled_from([TradeKind.TRADE] * 12 + [TradeKind.REDEEM, TradeKind.SPLIT, TradeKind.TRANSFER])


@st.composite
def markets(draw: st.DrawFn, market_id: str = MARKET.market_id) -> Market:
    """An open market of any tick and fee."""
    return Market(market_id, draw(TICKS), draw(RATES), draw(st.sampled_from([Decimal(1), Decimal("2.505")])))


def some(of: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Decimal | None]:
    return st.none() | of


@st.composite
def any_settings(draw: st.DrawFn) -> AllocationSettings:
    """Settings with a budget in USDC and any other limit."""
    given: dict[str, Any] = {
        "mode": draw(st.sampled_from(["fixed_amount", "proportional", "multiplier"])),
        "fixed_amount_usdc": draw(LIMITS | numbers("1", "200")),
        "multiplier": draw(st.sampled_from([Decimal("0.1"), Decimal(1)]) | numbers("0.001", "10", 3)),
        "budget_usdc": draw(st.sampled_from([Decimal(50), Decimal(400), Decimal(5000)])),
        "max_loss_usdc": draw(some(LIMITS)),
        "max_per_trade_usdc": draw(some(LIMITS)),
        "max_per_market_usdc": draw(some(LIMITS)),
        "max_per_day_usdc": draw(some(LIMITS)),
        "min_trade_usdc": draw(st.sampled_from([Decimal(1), Decimal("1.005"), Decimal(5)])),
        "below_minimum": draw(st.sampled_from(["skip", "raise", "carry"])),
        "leader_min_usdc": Decimal(0),
        "min_price": Decimal("0.0001"),
        "max_price": Decimal("0.9999"),
        "buy_slippage": draw(numbers("0", "0.2", 3)),
        "sell_slippage": draw(numbers("0", "0.5", 3)),
        "buy_slippage_percent": draw(numbers("1", "100", 1)),
        "exit_min_percent": draw(numbers("0", "100", 1)),
        "max_age_seconds": 3_600,
        "max_adds": draw(st.none() | st.integers(0, 3)),
        "exit_attempts_max": draw(st.integers(1, 3)),
    }
    return AllocationSettings.model_validate(given)


@st.composite
def message_runs(draw: st.DrawFn, wallets: tuple[str, ...] = (LEADER,)) -> list[TradeSeen]:
    """Messages of leaders in order of arrival: bursts, gaps of days, times that run back, repetitions."""
    sent: list[TradeSeen] = []
    now = NOW
    for number in range(draw(st.integers(4, 30))):
        if sent and draw(st.integers(0, 9)) == 0:
            sent.append(draw(st.sampled_from(sent)))
            continue
        now += timedelta(seconds=draw(st.sampled_from([0, 1, 9, 11, 600, 40_000, -5])))
        sent.append(
            message(
                f"t-{number}",
                draw(SIDES),
                str(draw(USUAL_SIZES | numbers("0.01", "3000"))),
                str(draw(USUAL_PRICES | USUAL_PRICES | PRICES)),
                at=now,
                kind=draw(KINDS),
                token_id=draw(st.sampled_from([TOKEN, OTHER_TOKEN])),
                wallet=draw(st.sampled_from(wallets)),
                order_hash=draw(st.none() | st.sampled_from(["0x" + "ab" * 32, "0x" + "cd" * 32])),
            )
        )
    return sent
