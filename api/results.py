"""What copies and orders by hand brought at one venue, net of fees (UX S11); paper and live are never summed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from api.database import Transaction
from schemas.enums import Venue
from schemas.market_views import DayResult, LeaderResult, PnlView
from schemas.money import ZERO

Rows = Sequence[Mapping[str, Any]]


async def results(
    transaction: Transaction, user_id: str, venue: Venue, days: int, as_of: datetime
) -> tuple[PnlView, list[str]]:
    """The results of the last ``days`` days (UTC, today is one), and the tokens whose prices they rest on."""
    about = {"user_id": user_id, "venue": venue}
    booked = await transaction.rows("results_by_day", days=days, **about)
    held = await transaction.rows("worth_by_owner", **about)
    names = sorted({row["allocation_id"] for row in (*booked, *held) if row["allocation_id"]})
    owners = await transaction.rows("owners", allocation_ids=names)
    tokens = [token for row in held for token in row["token_ids"]]
    return summed(booked, held, owners, venue=venue, days=days, as_of=as_of), tokens


def summed(booked: Rows, held: Rows, owners: Rows, *, venue: Venue, days: int, as_of: datetime) -> PnlView:
    """What the rows say. Pure."""
    by_day: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in booked:
        by_day[row["day"]] += row["realised_usdc"]
    today = as_of.date()
    window = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    priced_at = [row["prices_at"] for row in held if row["prices_at"] is not None]
    return PnlView(
        venue=venue,
        days=days,
        worth_usdc=_sum(held, "worth_usdc"),
        open_usdc=_sum(held, "open_usdc"),
        unpriced=sum(row["unpriced"] for row in held),
        prices_at=min(priced_at, default=None),
        realised_today_usdc=by_day[today],
        realised_usdc=sum((by_day[day] for day in window), ZERO),
        fees_usdc=_sum(booked, "fees_usdc"),
        by_day=tuple(DayResult(day=day, net_usdc=by_day[day]) for day in window),
        by_leader=_by_leader(booked, held, owners),
        as_of=as_of,
    )


def _by_leader(booked: Rows, held: Rows, owners: Rows) -> tuple[LeaderResult, ...]:
    known = {row["allocation_id"]: row for row in owners}
    found = []
    for name in {row["allocation_id"] for row in (*booked, *held)}:
        mine = [row for row in booked if row["allocation_id"] == name]
        open_lots = [row for row in held if row["allocation_id"] == name]
        priced = not any(row["unpriced"] for row in open_lots)
        found.append(
            LeaderResult(
                allocation_id=name,
                leader=known[name]["leader"] if name in known else None,
                leader_label=known[name]["leader_label"] if name in known else None,
                realised_usdc=_sum(mine, "realised_usdc"),
                open_usdc=_sum(open_lots, "open_usdc") if priced else None,
                fees_usdc=_sum(mine, "fees_usdc"),
                at_work_usdc=_sum(open_lots, "at_work_usdc"),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.realised_usdc, each.allocation_id or "")))


def _sum(rows: Rows, name: str) -> Decimal:
    return sum((row[name] for row in rows), ZERO)
