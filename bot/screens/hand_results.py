"""What became of an order by hand, in a sentence with the way on (UX S13, §3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.screens.figures import cents, had, market, outcome, paid, signed, venue
from bot.screens.screen import Button, Row, Screen
from bot.words import Html, Words, foreign
from schemas.enums import CopyState, RejectReason, Side
from schemas.hand_views import OrderView
from schemas.money import ZERO

ON_ITS_WAY: Final = (CopyState.WAITING, CopyState.PLANNED, CopyState.SUBMITTING)


@dataclass(frozen=True, slots=True)
class Became:
    """An order; ``again``: where a new price for it is asked for."""

    order: OrderView
    again: Tap | None


def became(words: Words, facts: Became) -> Screen:
    """The order as it stands; looked at again while it is under way or being checked."""
    order = facts.order
    settling = words.say("copy.settling") if order.settling else ""
    text = Html(f"{venue(order.venue)}. {_sentence(words, order)} {settling}".rstrip())
    row: list[Button] = []
    if facts.again is not None:
        row.append(Button(words.label("s13.new_price"), facts.again))
    row.append(Button(words.label("s2.positions"), Tap(verbs.POSITIONS)))
    rows: tuple[Row, ...] = (tuple(row),)
    moving = order.state in (*ON_ITS_WAY, CopyState.UNKNOWN)
    if moving:
        look = Button(words.label("bot.check"), Tap(verbs.HAND_ORDER, order.order_id))
        rows = ((look, *row),)
    back = Tap(verbs.SMART if order.side is Side.BUY else verbs.POSITIONS)
    return Screen(text, rows, back=back)


def _sentence(words: Words, order: OrderView) -> Html:
    filled = order.filled_shares
    values = {
        "shares": had(filled),
        "of": had(order.shares),
        "outcome": outcome(order.outcome),
        "market": market(order.question, words),
        "usdc": paid(order.usdc) if order.side is Side.BUY else had(order.usdc),
        "amount": paid(order.amount_usdc),
        "price": cents(order.usdc / filled) if filled > ZERO else Html(""),
        "limit": cents(order.limit),
        "fee": paid(order.fee_usdc),
        "result": signed(order.realised_usdc),
        "cause": foreign(order.sentence or words.text("hand.cause.other"), 200),
    }
    side = order.side.value
    match order.state:
        case CopyState.FILLED | CopyState.PARTIAL | CopyState.UNFILLED:
            return words.say(f"s13.{order.state.value}.{side}", **values)
        case CopyState.REJECTED if order.order_hash is None:
            return words.say(f"s13.not_done.{side}", cause=words.say("hand.cause.ours"))
        case CopyState.REJECTED:
            return words.say(f"s13.rejected.{side}", refusal=_refusal(words, order))
        case CopyState.UNKNOWN:
            return words.say("s13.unknown", **values)
        case CopyState.WAITING | CopyState.PLANNED | CopyState.SUBMITTING:
            return words.say("s13.under_way", **values)
        case _:
            return words.say(f"s13.not_done.{side}", **values)


def _refusal(words: Words, order: OrderView) -> Html:
    reason = order.reject_reason or RejectReason.OTHER
    return words.say(f"refusal.{reason.value}", words=order.words or words.text("words.none"))
