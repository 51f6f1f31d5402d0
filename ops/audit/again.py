"""A stored decision made again from its stored inputs (DESIGN §7). Pure; the inverse of ``evidence.inputs_json``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, CopyState, Reason, Side, TradeKind, Venue
from schemas.trades import LeaderTraded
from streams.copy_execution.books import Books, Carried, Lot, OpenBuys
from streams.copy_execution.circumstances import circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.flood import Flood, flooded
from streams.copy_execution.following import NEVER, trade_of
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market, Switches


class Stored(NamedTuple):
    """A copy order as its row says; ``inputs`` and ``checks`` are JSON."""

    copy_order_id: str
    account_id: str
    follower: str | None
    venue: str
    state: str
    reason: str | None
    reduced_by: str | None
    amount_usdc: Decimal | None
    shares: Decimal | None
    limit_price: Decimal | None
    reserve_usdc: Decimal | None
    carried_usdc: Decimal | None
    inputs: str
    checks: str
    settings: str
    leader_message: bytes
    market_id: str | None
    category: str | None
    question: str | None


class Outcome(NamedTuple):
    """What a decision and its row must agree on."""

    planned: bool
    reason: str | None
    reduced_by: str | None
    amount_usdc: Decimal | None
    shares: Decimal | None
    limit_price: Decimal | None
    reserve_usdc: Decimal | None
    carried_usdc: Decimal | None


def decided(stored: Stored, settings: AllocationSettings) -> Decision | None:
    """Decide again what was decided then."""
    read: dict[str, Any] = orjson.loads(stored.inputs)
    message = LeaderTraded.decode(bytes(stored.leader_message))
    if "flood" in read:
        return _over_the_limit(read, message)
    limits = {check[0]: check[3] for check in orjson.loads(stored.checks)}
    now = _time(read["now"])
    value = read["leader_value_usdc"]
    seen = circumstances(
        trade_of(message),
        now,
        _market(read["market"], stored),
        None if value is None else LeaderValue(Decimal(value), now),
        Switches(read["buys_stopped"], _maybe(limits.get(Reason.BUYS_STOPPED))),
        copy_of_ours=read["copy_of_ours"],
        live_source=read["live_source"],
    )
    allocation = Allocation(
        allocation_id="",
        follower=stored.follower or "",
        leader=message.wallet,
        active_from=_maybe(limits.get(Reason.BEFORE_FOLLOWING)) or NEVER,
        settings=settings,
        state=AllocationState(read["state"]),
        buys_from=_maybe(read["buys_from"]),
        live=stored.venue == Venue.POLYMARKET,
    )
    return decide(seen, allocation, _account(read, limits), _books(read, message, stored))


def _over_the_limit(read: dict[str, Any], message: LeaderTraded) -> Decision | None:
    """A BUY of a flood: none, when by what was stored it was not over the limit (SAFETY R27)."""
    buys, most = read["flood"]
    if buys <= most or message.side is not Side.BUY or message.kind is not TradeKind.TRADE:
        return None
    return flooded(Flood(buys, most))


def outcome_of(decision: Decision) -> Outcome:
    """The outcome as just decided."""
    return Outcome(
        decision.state is CopyState.PLANNED, decision.reason, decision.reduced_by, decision.amount_usdc,
        decision.shares, decision.limit_price, decision.reserve_usdc, decision.carried_usdc,
    )  # fmt: skip


def outcome_then(stored: Stored) -> Outcome:
    """The outcome as stored. What was planned may have ended otherwise since; its plan stays in the row."""
    planned = stored.amount_usdc is not None or stored.shares is not None
    return Outcome(
        planned, None if planned else stored.reason, stored.reduced_by, stored.amount_usdc, stored.shares,
        stored.limit_price, stored.reserve_usdc, stored.carried_usdc,
    )  # fmt: skip


def _account(read: dict[str, Any], limits: dict[str, Any]) -> Account:
    room = read["live_day_room_usdc"]
    return Account(
        wallet=str(limits.get(Reason.OWN_WALLET) or ""),
        cash_usdc=Decimal(read["cash_usdc"]),
        reserved_usdc=Decimal(read["reserved_usdc"]),
        lots_cost_usdc=Decimal(read["lots_cost_usdc"]),
        live_day_room_usdc=None if room is None else Decimal(room),
    )


def _books(read: dict[str, Any], message: LeaderTraded, stored: Stored) -> Books:
    token_id, market_id = message.token_id, stored.market_id or ""
    books = Books(
        at_work_usdc=Decimal(read["at_work_usdc"]),
        realised_usdc=Decimal(read["realised_usdc"]),
        day_spent_usdc=Decimal(read["day_spent_usdc"]),
        # Not kept apart by earlier versions; nothing is decided by it.
        buys_reserved_usdc=Decimal(read.get("buys_reserved_usdc", 0)),
    )
    if read["market_at_work_usdc"] is not None:
        books.market_at_work[market_id] = Decimal(read["market_at_work_usdc"])
    if read["lot"] is not None:
        books.lots[token_id] = replace(
            _lot(read["lot"], market_id), market=_market(read["lot_market"], stored)
        )
    if read["open_buys"] is not None:
        books.open_buys[token_id] = _open_buys(*read["open_buys"])
    if read["carried"] is not None:
        books.carried[token_id] = Carried(Decimal(read["carried"][0]), _time(read["carried"][1]))
    if read["order_taken_up"] and message.order_hash is not None:
        books.taken_orders.add(message.order_hash)
    if read["burst_taken_up"] and message.burst_started_at is not None:
        books.taken_bursts.add((token_id, message.burst_started_at))
    if read["waiting"]:
        books.waiting_tokens.add(token_id)
    return books


def _open_buys(count: int, reserved: str, overdue: int = 0) -> OpenBuys:
    return OpenBuys(count, Decimal(reserved), overdue)


def _lot(row: list[Any], market_id: str) -> Lot:
    shares, cost, target, adds, selling, opened, applied = row
    return Lot(
        market_id,
        Decimal(shares),
        Decimal(cost),
        Decimal(target),
        adds,
        Decimal(selling),
        _maybe(opened),
        applied,
    )


def _market(row: list[Any] | None, stored: Stored) -> Market | None:
    if row is None:
        return None
    tick, fee_rate, min_buy, closed, end_at = row
    return Market(
        stored.market_id or "", Decimal(tick), Decimal(fee_rate), Decimal(min_buy), _maybe(end_at), closed,
        stored.category, stored.question,
    )  # fmt: skip


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
