"""What is the same for all followers of one trade, worked out once (RULES §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from schemas.money import EXACT
from streams.copy_execution.flood import Flood
from streams.copy_execution.inputs import LeaderValue, Market, Switches, Trade

LEADER_VALUE_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One trade as it looks at ``now``. ``age_seconds`` and ``seconds_to_end`` are exact; ``leader_value_usdc`` is None
    when unknown or older than 24 h; ``category`` and ``question`` are folded for comparing."""

    trade: Trade
    now: datetime
    market: Market | None
    switches: Switches
    happened_at: datetime
    age_seconds: Decimal
    seconds_to_end: Decimal | None
    leader_value_usdc: Decimal | None
    category: str | None
    question: str | None
    copy_of_ours: bool
    live_source: bool
    flood: Flood | None = None


def circumstances(
    trade: Trade,
    now: datetime,
    market: Market | None,
    leader_value: LeaderValue | None = None,
    switches: Switches | None = None,
    *,
    copy_of_ours: bool = False,
    live_source: bool = True,
    flood: Flood | None = None,
) -> Circumstances:
    """Work out once what all followers of ``trade`` share.

    ``copy_of_ours``: the trade is a fill of a copy order of ours (SAFETY R12). ``live_source``: its source is one that
    is trusted with live money (R9). ``flood``: the trade is a BUY over the limit of a minute (R27).
    """
    happened_at = trade.happened_at
    known = leader_value is not None and now - leader_value.taken_at <= LEADER_VALUE_LIFE
    end_at = market.end_at if market is not None else None
    return Circumstances(
        trade=trade,
        now=now,
        market=market,
        switches=switches or Switches(),
        happened_at=happened_at,
        age_seconds=exact_seconds(now - happened_at),
        seconds_to_end=exact_seconds(end_at - now) if end_at is not None else None,
        leader_value_usdc=leader_value.usdc if known and leader_value is not None else None,
        category=market.category.casefold() if market is not None and market.category is not None else None,
        question=market.question.casefold() if market is not None and market.question is not None else None,
        copy_of_ours=copy_of_ours,
        live_source=live_source,
        flood=flood,
    )


def exact_seconds(span: timedelta) -> Decimal:
    """A span in seconds, to the microsecond and without a float."""
    return Decimal(span // timedelta(microseconds=1)).scaleb(-6, EXACT)
