"""One order decided against the ledger: refused, killed, filled or resting. Pure; the clock is an argument."""

from __future__ import annotations

from dataclasses import replace

from ops.paper.booking import book_order, keep_killed
from ops.paper.fees import fee_micro
from ops.paper.fills import CENT_MICROS, FillModel, Wish, depleted, match
from ops.paper.holdings import CASH, Holdings
from ops.paper.placement import Outcome, Placed, Placement, Sitting, Terms, shares_asked
from ops.paper.refusals import FAK_KILLED, FOK_KILLED, POST_ONLY_CROSSES, Refusal, duplicated, not_enough
from ops.paper.requests import STRAIGHT, Twist
from ops.paper.rules import is_market
from ops.paper.tokens import Book


def decide(placement: Placement, book: Book | None, sitting: Sitting) -> Placed | Refusal:
    """Decide the order; brings the sitting's holdings up to date and adds what is to be written to its rows.

    A refusal for a duplicate, a missing balance or a crossing post-only order leaves no trace; a killed FOK or FAK is
    kept, so that its id stays taken. A foreign maker is refused for its missing balance, as the exchange sees it.
    """
    holdings, order = sitting.holdings, placement.order
    if placement.order_id in holdings.known:
        return duplicated(placement.order_id)
    outcome = _outcome(placement, book, sitting.terms.model)
    refusal = _refuse_balance(placement, holdings, outcome)
    if refusal is not None:
        return refusal
    if order.post_only and outcome.matches:
        return POST_ONLY_CROSSES
    holdings.known.add(placement.order_id)
    placement = _delayed(placement, outcome, sitting.terms)
    if placement.twist.rest_as is not None:
        return book_order(placement, Outcome([], [], whole=False), sitting)
    if order.order_type == "FOK" and not outcome.whole:
        keep_killed(placement, sitting)
        return FOK_KILLED
    if order.order_type == "FAK" and not outcome.matches:
        keep_killed(placement, sitting)
        return FAK_KILLED
    if outcome.matches and book is not None and sitting.terms.model is FillModel.BOOK:
        sitting.rows.books[placement.token.token_id] = depleted(book, order.side, outcome.matches)
    return book_order(placement, outcome, sitting)


def _delayed(placement: Placement, outcome: Outcome, terms: Terms) -> Placement:
    """What would match waits as long as its market says, then it is filled; nobody can cancel it meanwhile."""
    seconds = placement.token.seconds_delay
    if not terms.market_delay or not seconds or not outcome.matches or placement.twist != STRAIGHT:
        return placement
    return replace(placement, twist=Twist(rest_as="delayed", due_after=seconds, due_as="fill"))


def _outcome(placement: Placement, book: Book | None, model: FillModel) -> Outcome:
    order, token = placement.order, placement.token
    if order.side == "BUY" and is_market(order):
        wish = Wish("BUY", "usdc", order.fields.maker_amount, placement.limit)
    else:
        wish = Wish(order.side, "shares", shares_asked(order), placement.limit)
    whole = wish.amount
    if placement.twist.percent is not None:
        wish = wish._replace(amount=whole * placement.twist.percent // 100 // CENT_MICROS * CENT_MICROS)
    if order.post_only and model in (FillModel.LIMIT, FillModel.LIMIT_HALF):
        # These models know no other side that a resting order could cross.
        return Outcome([], [], whole=False)
    matches = match(model, wish, token.last_price, book)
    fees = [fee_micro(fill.shares, fill.price, token.fee_rate, token.fee_exponent) for fill in matches]
    done = sum(fill.usdc if wish.unit == "usdc" else fill.shares for fill in matches)
    return Outcome(matches, fees, whole=done == whole)


def _refuse_balance(placement: Placement, holdings: Holdings, outcome: Outcome) -> Refusal | None:
    order, account = placement.order, placement.account
    asset = CASH if order.side == "BUY" else placement.token.token_id
    wanted = order.fields.maker_amount + (sum(outcome.fees) if order.side == "BUY" else 0)
    owner = holdings.owners.get(account)
    balance = holdings.balance(account, asset) if owner == placement.owner else 0
    held = holdings.held_back(account, asset)
    if balance - held < wanted:
        return not_enough(balance, held, wanted)
    proceeds = sum(fill.usdc for fill in outcome.matches)
    short = order.side == "SELL" and holdings.balance(account, CASH) + proceeds < sum(outcome.fees)
    return not_enough(holdings.balance(account, CASH), 0, sum(outcome.fees)) if short else None
