"""What an answer or a look says of an order, as a note or an ending. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.enums import OrderState, Reason, RejectReason
from schemas.unsent_causes import UnsentCause
from streams.tables.orders import Note
from streams.trading.endings import Ending
from streams.venues.answers import Answer, Verdict
from streams.venues.trades import FillSeen


def fills_of_order(found: Sequence[FillSeen], order_hash: str) -> tuple[FillSeen, ...]:
    """The fills of one order among those of its wallet."""
    return tuple(fill for fill in found if fill.order_hash == order_hash)


def dropped(order_hash: str, reason: Reason) -> Ending:
    """A signed order that the last look stopped: it never goes out."""
    return Ending(order_hash, OrderState.DROPPED, UnsentCause.LAST_LOOK, reason=reason)


def learnt(order_hash: str, answer: Answer) -> Ending | Note:
    """What an answer other than matched or wait says."""
    if answer.verdict is Verdict.KILLED:
        return Ending(order_hash, OrderState.KILLED, "nobody sold at its limit or better", words=answer.words)
    if answer.verdict is Verdict.REJECTED:
        reason = answer.reject_reason or RejectReason.OTHER
        return Ending(
            order_hash,
            OrderState.REJECTED,
            "refused by the exchange",
            words=answer.words,
            reject_reason=reason,
        )
    if answer.verdict is Verdict.ACCEPTED:
        return Note(
            order_hash, OrderState.ACCEPTED, "accepted, not matched yet", answer.words, answer.trade_ids
        )
    return Note(order_hash, OrderState.UNKNOWN, "the answer does not say what became of it", answer.words)
