"""A decision as JSON, so that it can be read by people and made again (DESIGN §7).

Decimals are text without trailing zeros, times RFC 3339 in UTC; a check is ``[name, passed, value, limit]``.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import orjson

from schemas.money import plain
from streams.copy_execution.books import Books, Lot
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Account, Allocation, Market

_UTC_Z = orjson.OPT_UTC_Z


def checks_json(decision: Decision) -> bytes:
    """Every check that was made, in order, and behind them the rooms as ``[name, true, room, null]``."""
    rooms = [(f"ROOM_{name}", True, room, None) for name, room in decision.rooms]
    return orjson.dumps([*decision.checks, *rooms], default=_text, option=_UTC_Z)


def inputs_json(seen: Circumstances, allocation: Allocation, account: Account, books: Books) -> bytes:
    """What the decision read beside the trade and the allocation's version, which have rows of their own."""
    trade, market = seen.trade, seen.market
    token_id = trade.token_id
    lot, buys, kept = books.lots.get(token_id), books.open_buys.get(token_id), books.carried.get(token_id)
    read = {
        "now": seen.now,
        "leader_before": trade.leader_before,
        "leader_unsure": trade.unsure,
        "leader_value_usdc": seen.leader_value_usdc,
        "buys_stopped": seen.switches.buys_stopped,
        "copy_of_ours": seen.copy_of_ours,
        "live_source": seen.live_source,
        "market": None if market is None else _market(market),
        "cash_usdc": account.cash_usdc,
        "reserved_usdc": account.reserved_usdc,
        "lots_cost_usdc": account.lots_cost_usdc,
        "live_day_room_usdc": account.live_day_room_usdc,
        "lot": None if lot is None else _lot(lot),
        # Only a SELL of a market that is not known now looks at the one kept with the lot (SAFETY R30).
        "lot_market": None
        if market is not None or lot is None or lot.market is None
        else _market(lot.market),
        "open_buys": None if buys is None else [buys.count, buys.reserved_usdc, buys.overdue],
        "carried": None if kept is None else [kept.usdc, kept.since],
        "at_work_usdc": books.at_work_usdc,
        "buys_reserved_usdc": books.buys_reserved_usdc,
        "market_at_work_usdc": None if market is None else books.market_at_work.get(market.market_id),
        "realised_usdc": books.realised_usdc,
        "day_spent_usdc": books.day_spent_usdc,
        "order_taken_up": trade.order_hash in books.taken_orders,
        "burst_taken_up": (token_id, trade.burst_started_at) in books.taken_bursts,
        "waiting": token_id in books.waiting_tokens,
        "state": allocation.state,
        "buys_from": allocation.buys_from,
    }
    return orjson.dumps(read, default=_text, option=_UTC_Z)


def _market(market: Market) -> list[object]:
    return [market.tick, market.fee_rate, market.min_buy_usdc, market.closed, market.end_at]


def _lot(lot: Lot) -> list[object]:
    sizes: list[object] = [lot.shares, lot.cost_usdc, lot.target_shares, lot.adds, lot.selling_shares]
    return [*sizes, lot.opened_traded_at, lot.applied_number]


# The same few numbers stand in the decisions for all followers of a trade.
@lru_cache(maxsize=8_192)
def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"must be a decimal, a time, text or a truth, was {type(value).__name__}")
