"""Promise 4 by another hand: what each decision read, weighed again by the rules' own words. Shares no code with the
deciding code: a fault there that decides the same twice is still found here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.audit.report import NAMES_MAX, Check
from ops.statements import statement

CHUNK: Final = 2_000
_ONE: Final = Decimal(1)


class Row(NamedTuple):
    """A planned copy order; the last four are JSON as stored."""

    copy_order_id: str
    venue: str
    side: str
    amount_usdc: Decimal | None
    shares: Decimal | None
    limit_price: Decimal
    reserve_usdc: Decimal | None
    traded_at: datetime
    appended_at: datetime
    price: Decimal
    inputs: str
    settings: str


async def limits_by_hand(connection: psycopg.AsyncConnection[Any], since: datetime) -> Check:
    """Every planned copy order since: its price, its money and its age against its own inputs and settings."""
    total = 0
    over: list[str] = []
    async with connection.transaction(), connection.cursor(name="planned") as cursor:
        cursor.itersize = CHUNK
        await cursor.execute(statement("ops.audit", "planned").encode(), {"since": since})
        with localcontext() as exact:
            exact.prec = 60
            async for values in cursor:
                row = Row(*values)
                total += 1
                over += [f"{row.copy_order_id}: {why}" for why in faults(row)]
    return Check(
        4, "limits by hand", {"planned": total, "over_by_hand": len(over)}, len(over), tuple(over[:NAMES_MAX])
    )


def faults(row: Row) -> Iterator[str]:
    """What the rules do not allow of this order, in RULES' names."""
    read: Mapping[str, Any] = orjson.loads(row.inputs)
    settings: Mapping[str, Any] = orjson.loads(row.settings)
    if row.side == "BUY":
        yield from _buy(row, read, settings)
    else:
        yield from _sell(row, read)


def _buy(row: Row, read: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[str]:
    age = (datetime.fromisoformat(read["now"]) - min(row.traded_at, row.appended_at)).total_seconds()
    if age > settings["max_age_seconds"]:
        yield f"TOO_OLD: {age:.1f} s old, {settings['max_age_seconds']} allowed"
    if read["state"] != "active" or read["buys_stopped"]:
        yield "PAUSED or BUYS_STOPPED, and bought"
    band = Decimal(settings["min_price"]), Decimal(settings["max_price"])
    if not band[0] <= row.price <= band[1]:
        yield f"PRICE_BAND: {row.price} is not within {band[0]} to {band[1]}"
    wanted = _limit(row.price, Decimal(read["market"][0]), settings)
    if row.limit_price != wanted:
        yield f"its limit price is {row.limit_price}, by the rules {wanted}"
    cost = row.reserve_usdc or Decimal(0)
    for name, room in _rooms(row, read, settings):
        if cost > room:
            yield f"{name}: costs {cost} with its fee, {room} was left"


def _limit(price: Decimal, tick: Decimal, settings: Mapping[str, Any]) -> Decimal:
    """RULES §3: down to the tick of min(price + slip, max_price, 1 − tick)."""
    share = price * Decimal(settings["buy_slippage_percent"]) / 100
    slip = min(Decimal(settings["buy_slippage"]), max(tick, share))
    reach = min(price + slip, Decimal(settings["max_price"]), _ONE - tick)
    return reach - reach % tick


def _rooms(row: Row, read: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    at_work = Decimal(read["at_work_usdc"])
    if settings.get("max_per_trade_usdc") is not None:
        yield "TRADE_LIMIT", Decimal(settings["max_per_trade_usdc"])
    if settings.get("budget_usdc") is not None:
        yield "BUDGET", Decimal(settings["budget_usdc"]) - at_work
    if settings.get("budget_percent") is not None:
        whole = Decimal(read["cash_usdc"]) + Decimal(read["lots_cost_usdc"])
        yield "BUDGET", Decimal(settings["budget_percent"]) / 100 * whole - at_work
    if settings.get("max_loss_usdc") is not None:
        lost = min(Decimal(0), Decimal(read["realised_usdc"]))
        yield "LOSS_LIMIT", Decimal(settings["max_loss_usdc"]) + lost - at_work
    if settings.get("max_per_market_usdc") is not None:
        yield (
            "MARKET_LIMIT",
            Decimal(settings["max_per_market_usdc"]) - Decimal(read["market_at_work_usdc"] or 0),
        )
    if settings.get("max_per_day_usdc") is not None:
        yield "DAY_LIMIT", Decimal(settings["max_per_day_usdc"]) - Decimal(read["day_spent_usdc"])
    if row.venue == "polymarket":
        yield "LIVE_DAY_CAP", Decimal(read["live_day_room_usdc"] or 0)
    yield "BALANCE", Decimal(read["cash_usdc"]) - Decimal(read["reserved_usdc"])


def _sell(row: Row, read: Mapping[str, Any]) -> Iterator[str]:
    if read["lot"] is None:
        yield "sells what it did not hold"
        return
    held, selling = Decimal(read["lot"][0]), Decimal(read["lot"][4])
    if (row.shares or Decimal(0)) > held - selling:
        yield f"sells {row.shares} shares of {held - selling} that were free"
