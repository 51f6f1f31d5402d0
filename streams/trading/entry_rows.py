"""The rows of one booking, each as its table or message takes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from schemas.copies import CopyFinished
from schemas.enums import RejectReason
from schemas.ids import short_name
from schemas.money import EXACT, ZERO, plain
from streams.tables.bookings import OrderToBook
from streams.tables.exits import ExitToBook
from streams.tables.hands import HandToBook
from streams.trading.endings import After, Ending, Filled
from streams.trading.owed_exits import Since
from streams.venues.trades import FillSeen

Row = dict[str, Any]


@dataclass(slots=True)
class Sums:
    """What the fills of one order come to."""

    shares: Decimal = ZERO
    usdc: Decimal = ZERO
    fee_usdc: Decimal = ZERO
    realised_usdc: Decimal = ZERO


def finished_message(
    order: OrderToBook, after: After, filled: Filled, sums: Sums, now: datetime
) -> CopyFinished | None:
    """The message that says how the copy order ended; None for one without a follower's wallet."""
    if order.follower is None:
        return None
    return CopyFinished(
        copy_order_id=order.copy_order_id,
        trade_id=order.trade_id,
        allocation_id=order.allocation_id,
        user_id=order.user_id,
        follower=order.follower,
        leader=order.leader,
        venue=order.venue,
        side=order.side,
        token_id=order.token_id,
        state=after.state,
        reason=after.reason,
        reject_reason=after.reject_reason,
        usdc=filled.usdc,
        shares=filled.shares,
        fee_usdc=EXACT.add(order.fee_usdc, sums.fee_usdc),
        realised_usdc=EXACT.add(order.realised_usdc, sums.realised_usdc),
        finished_at=now,
    )


def fill_id_of(fill: FillSeen) -> str:
    return f"{fill.trade_id}:{fill.order_hash}"


def fill_row(order: OrderToBook, seen: FillSeen, charged: Decimal) -> Row:
    return {
        "fill_id": fill_id_of(seen),
        "order_hash": order.order_hash,
        "account_id": order.account_id,
        "side": order.side.value,
        "token_id": order.token_id,
        "shares": seen.shares,
        "usdc": seen.usdc,
        "price": seen.price,
        "fee_usdc": charged,
        "status": seen.status.value,
        "matched_at": seen.matched_at,
    }


def order_row(order: OrderToBook, ending: Ending, sums: Sums) -> Row:
    state = order.order_state if order.proven else ending.state
    return {
        "order_hash": order.order_hash,
        "state": state.value,
        "cause": ending.cause,
        "words": ending.words,
        "reject_reason": ending.reject_reason.value if ending.reject_reason else None,
        "trade_ids": ",".join(dict.fromkeys(fill.trade_id for fill in ending.fills)) or None,
        "shares": sums.shares,
        "usdc": sums.usdc,
        "fee_usdc": sums.fee_usdc,
    }


def late_row(order: OrderToBook, sums: Sums) -> Row:
    return {
        "copy_order_id": order.copy_order_id,
        "shares": sums.shares,
        "usdc": sums.usdc,
        "fee_usdc": sums.fee_usdc,
        "realised_usdc": sums.realised_usdc,
    }


def copy_row(order: OrderToBook, after: After, filled: Filled, sums: Sums) -> Row:
    refusal: RejectReason | None = after.reject_reason
    return {
        "copy_order_id": order.copy_order_id,
        "state": after.state.value,
        "cause": after.cause,
        "reason": after.reason.value if after.reason else None,
        "reject_reason": refusal.value if refusal else None,
        "attempts": after.attempts,
        "next_attempt_seconds": after.next_attempt_seconds,
        "filled_shares": filled.shares,
        "filled_usdc": filled.usdc,
        "fee_usdc": EXACT.add(order.fee_usdc, sums.fee_usdc),
        "realised_usdc": EXACT.add(order.realised_usdc, sums.realised_usdc),
        "ended": after.ended,
    }


def notice(order: OrderToBook, after: After, filled: Filled, *, late: bool) -> Row:
    """What its owner is told: of a copy order, or of an exit order (which names the SELL it is like)."""
    what = "exit" if isinstance(order, ExitToBook) else "hand" if isinstance(order, HandToBook) else "copy"
    body = {
        "copy_order_id": order.like_copy_order_id if isinstance(order, ExitToBook) else order.copy_order_id,
        "allocation_id": order.allocation_id,
        "side": order.side.value,
        "token_id": order.token_id,
        "state": after.state.value,
        "reason": after.reason.value if after.reason else None,
        "reject_reason": after.reject_reason.value if after.reject_reason else None,
        "shares": plain(filled.shares),
        "usdc": plain(filled.usdc),
    }
    if isinstance(order, ExitToBook) and order.shares is not None:
        body["wanted"] = plain(order.shares)
    if not after.ended:
        body |= {"attempts": str(after.attempts), "attempts_max": str(order.attempts_max)}
    kind = "late_fill" if late else f"{what}_{after.state.value}" if after.ended else f"{what}_trying"
    event = f"{order.copy_order_id}:{order.order_hash}" if late else order.copy_order_id
    return {"user_id": order.user_id, "kind": kind, "event": event, "body": body}


def exit_row(order: OrderToBook, since: Since, shares: Decimal, limit: Decimal, fill_id: str) -> Row:
    """The exit order of shares that came late, with limits and attempts of the leader's last SELL since."""
    return {
        "exit_order_id": short_name("X", "late_fill", fill_id),
        "cause_kind": "late_fill",
        "cause_ref": fill_id,
        "copy_order_id": since.last.copy_order_id,
        "allocation_id": order.allocation_id,
        "account_id": order.account_id,
        "user_id": order.user_id,
        "venue": order.venue.value,
        "token_id": order.token_id,
        "shares": shares,
        "limit_price": limit,
        "cause": "a purchase was filled after the leader had sold",
    }
