"""The row of facts of one wallet, out of what the database counted. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from schemas.money import EXACT, MICRO, ZERO, plain
from streams.wallet_facts.results import Results

# A category of at least a quarter of the money is one of the wallet's kinds (filters of the leaders' list).
MAIN_PERCENT: Final = Decimal(25)
UNKNOWN_CATEGORY: Final = "unknown"
_TENTH: Final = Decimal("0.1")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Traded:
    """What a wallet did in the window; stakes in USDC, prices per share; null where there is nothing to say."""

    trades: int
    buys: int
    sells: int
    markets: int
    stake_median_usdc: Decimal | None
    stake_largest_usdc: Decimal | None
    price_low: Decimal | None
    price_high: Decimal | None
    buys_over_minimum: int
    every_seconds: Decimal | None
    seen_since: datetime | None
    last_trade_at: datetime | None


def row_of(
    wallet: str,
    traded: Traded,
    bought: Sequence[tuple[str | None, Decimal]],
    came_to: Results,
    *,
    days: int,
    now: datetime,
) -> dict[str, Any]:
    """The parameters of the statement that keeps the facts. ``bought``: USDC per category."""
    shares = category_percent(bought)
    return {
        "wallet": wallet,
        "days": days,
        "seen_since": traded.seen_since,
        "last_trade_at": traded.last_trade_at,
        "trades": traded.trades,
        "buys": traded.buys,
        "sells": traded.sells,
        "markets": traded.markets,
        "trades_per_day": per_day(traded.trades, traded.seen_since, days, now),
        "every_seconds": None if traded.every_seconds is None else int(traded.every_seconds),
        "stake_median_usdc": traded.stake_median_usdc,
        "stake_largest_usdc": traded.stake_largest_usdc,
        "price_low": traded.price_low,
        "price_high": traded.price_high,
        "buys_over_minimum": traded.buys_over_minimum,
        "categories": json.dumps([[name, plain(percent)] for name, percent in shares]),
        "main_categories": [name.lower() for name, percent in shares if percent >= MAIN_PERCENT],
        "result_usdc": came_to.result_usdc,
        "best_usdc": came_to.best_usdc,
        "result_markets": came_to.markets,
        "won_markets": came_to.won,
        "ended_markets": came_to.ended,
    }


def category_percent(bought: Sequence[tuple[str | None, Decimal]]) -> list[tuple[str, Decimal]]:
    """Percent by money, to a tenth, the largest first; what has no category stands under ``unknown``."""
    total = sum((usdc for _, usdc in bought), ZERO)
    if total <= 0:
        return []
    return [
        (name or UNKNOWN_CATEGORY, EXACT.divide(usdc * 100, total).quantize(_TENTH, context=EXACT))
        for name, usdc in bought
    ]


def per_day(trades: int, seen_since: datetime | None, days: int, now: datetime) -> Decimal | None:
    """Trades a day over the window, or over the part of it since which we know the wallet, at least a day."""
    if seen_since is None:
        return None
    known = max(_DAY, min(now - seen_since, timedelta(days=days)))
    seconds = Decimal(int(known.total_seconds()))
    return EXACT.divide(Decimal(trades) * 86_400, seconds).quantize(MICRO, ROUND_HALF_EVEN, EXACT)
