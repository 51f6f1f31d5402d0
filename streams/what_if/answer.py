"""The answer to a what-if as JSON: both runs put together, with what they assume as codes, which the faces put into
words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from schemas.allocations import AllocationSettings
from schemas.base import rfc3339
from schemas.enums import CopyState, Reason
from schemas.money import plain
from streams.what_if.fill_models import FillModel
from streams.what_if.replay import DELAY, Came, Past, needs_value, replay, start_cash, trades_of


def answer(
    settings: AllocationSettings,
    leader: str,
    past: Past,
    span: tuple[datetime, datetime],
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Play the past at both fill models; ``progress`` hears the percent done, and what it raises ends it."""
    most = max(2 * (len(past.trades) + len(past.resolved)), 1)
    whole = most // 2

    def told(before: int) -> Callable[[int], None]:
        return lambda done: progress(min(99, (before + done) * 100 // most))

    low = replay(settings, leader, past, FillModel.LIMIT, told(0))
    high = replay(settings, leader, past, FillModel.LAST_TRADE, told(whole))
    return _written(settings, past, span, low, high)


def _written(
    settings: AllocationSettings, past: Past, span: tuple[datetime, datetime], low: Came, high: Came
) -> dict[str, Any]:
    results = sorted((low.result_usdc, high.result_usdc))
    return {
        "trades": trades_of(past),
        "buys": low.buys,
        "buys_copied": low.buys_copied,
        "sells": low.sells,
        "sells_copied": low.sells_copied,
        "skips": [
            {"reason": reason, "copies": copies}
            for reason, copies in low.skips.most_common()
            if reason != CopyState.UNFILLED
        ],
        "most_at_work_usdc": plain(low.most_at_work_usdc),
        "fees_usdc": plain(low.fees_usdc),
        "result_low_usdc": plain(results[0]),
        "result_high_usdc": plain(results[1]),
        "from_at": rfc3339(span[0]),
        "to_at": rfc3339(span[1]),
        "assumptions": _assumptions(settings, past, span, low),
    }


def _assumptions(
    settings: AllocationSettings, past: Past, span: tuple[datetime, datetime], low: Came
) -> list[list[Any]]:
    """Codes with the words that belong to each, in the order in which they are said."""
    found: list[list[Any]] = [["delay", {"seconds": str(DELAY.seconds)}], ["fees", {}], ["fills", {}]]
    if past.known_since is not None and past.known_since > span[0]:
        found.append(["known_since", {"since": rfc3339(past.known_since)}])
    if past.left_out:
        found.append(["left_out", {"trades": str(len(past.trades))}])
    unknown = low.skips[Reason.MARKET_UNKNOWN]
    if unknown:
        found.append(["markets_unknown", {"buys": str(unknown)}])
    if needs_value(settings) and past.value_usdc is not None:
        found.append(["value", {"value": plain(past.value_usdc)}])
    cash = start_cash(settings, past.cash_usdc)
    if settings.budget_percent is not None or cash > (past.cash_usdc or Decimal(0)):
        found.append(["cash", {"cash": plain(cash)}])
    if low.open_lots:
        found.append(["open", {"positions": str(low.open_lots)}])
    return found
