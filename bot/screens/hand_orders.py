"""S13 an order by hand: a price good for 30 s, then the order, once; what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import BUYING_SECONDS, Actions
from bot.screens.figures import cents, had, market, outcome, paid, venue
from bot.screens.hand_results import ON_ITS_WAY, Became, became
from bot.screens.screen import Button, Row, Screen, Style
from bot.screens.signal import amount_arg, amount_of, sold_at_once
from bot.typed import cents_sum
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas import figures
from schemas.enums import CopyState, Side, Venue
from schemas.hand_views import OrderView, QuoteView
from schemas.market_views import MarketView, PriceView
from schemas.money import CENT, floor_cents
from schemas.requests import HAND_USDC_MAX
from schemas.signal_views import SignalView
from schemas.views import PositionView

actions = Actions()
AMOUNT_MIN: Final = Decimal(1)
# How far over the best offer an order by hand may go (UX N4): what the offer was is the limit less this.
BUY_GUARD: Final = CENT
QUOTE_PREFIX: Final = "Q-"
QUOTE_SIGNS: Final = 7


@dataclass(frozen=True, slots=True)
class Offer:
    """A quote for a signal's outcome, and what the wallet paid."""

    quote: QuoteView
    signal: SignalView
    price: PriceView | None


def offer(words: Words, facts: Offer) -> Screen:
    """S13 for a purchase."""
    quote, signal = facts.quote, facts.signal
    spent = amount_arg(quote.amount_usdc, quote.venue)
    anew = Button(words.label("s13.new_price"), Tap(verbs.BUY, signal.signal_id, spent))
    other = Button(words.label("s13.amount"), Tap(verbs.BUY, signal.signal_id, amount_arg(None, quote.venue)))
    leave = Button(words.label("bot.cancel"), Tap(verbs.SIGNAL, signal.signal_id))
    back = Tap(verbs.SIGNAL, signal.signal_id)
    if quote.limit is None or quote.amount_usdc is None:
        return Screen(_no_offer(words, quote), ((anew, other), (leave,)), back=back)
    said = words.say(
        "s13.buy",
        venue=venue(quote.venue),
        outcome=outcome(quote.outcome),
        market=market(quote.question, words),
        amount=paid(quote.amount_usdc),
        theirs=cents(signal.average_price),
        offer=cents(quote.best_price),
        depth=had(quote.depth_usdc),
        limit=cents(quote.limit),
        fee=paid(quote.fee_usdc),
        shares=had(quote.least_shares),
    )
    back_again = sold_at_once(quote.amount_usdc, facts.price)
    text = lines(said, None if back_again is None else words.say("s13.at_once", back=had(back_again)))
    go = Button(
        words.label("s13.buy_for", amount=figures.paid(quote.amount_usdc)),
        Tap(verbs.ORDER, signal.signal_id, quote.quote_id.removeprefix(QUOTE_PREFIX) + spent),
        style=Style.PRIMARY,
    )
    return Screen(text, ((go,), (anew, other), (leave,)), back=back)


def _no_offer(words: Words, quote: QuoteView) -> Html:
    reason = "OTHER" if quote.refusal is None else quote.refusal.value
    key = f"s13.refused.{reason}"
    try:
        why = words.say(key)
    except KeyError:
        why = words.say("s13.refused.OTHER")
    return Html(f"{venue(quote.venue)}. {why}")


def ask_amount(words: Words, tap: Tap, note: str = "") -> Screen:
    """“How much?”, typed."""
    asked = words.say("s13.how_much", least=had(AMOUNT_MIN), most=had(HAND_USDC_MAX))
    leave = Button(words.label("bot.cancel"), Tap(verbs.SIGNAL, tap.ref))
    return Screen(lines(note or None, asked), ((leave,),), back=Tap(verbs.SIGNAL, tap.ref), asks=tap)


@actions.look(verbs.BUY, step=True)
async def show_offer(visit: Visit) -> Screen:
    """A price for so much; or the question how much."""
    amount, at = amount_of(visit.tap.arg)
    if visit.typed is not None:
        amount = cents_sum(visit.typed)
        if amount is None or not AMOUNT_MIN <= amount <= HAND_USDC_MAX:
            tap = Tap(verbs.BUY, visit.tap.ref, amount_arg(None, at))
            between = visit.words.say("bot.between", min=had(AMOUNT_MIN), max=had(HAND_USDC_MAX))
            return ask_amount(visit.words, tap, between)
    if amount is None:
        return ask_amount(visit.words, visit.tap)
    return offer(visit.words, await _quoted(visit, amount, at))


async def _quoted(visit: Visit, amount: Decimal, at: Venue) -> Offer:
    signal = await visit.api.look(SignalView, f"/v1/signals/{visit.tap.ref}")
    asked = {
        "venue": at.value,
        "side": Side.BUY.value,
        "token_id": signal.token_id,
        "amount_usdc": str(amount),
    }
    quote = await visit.api.post(QuoteView, "/v1/quotes", asked, key=f"quote/{visit.nonce}")
    known = await visit.api.look(MarketView, f"/v1/markets/{signal.token_id}", venue=at.value)
    return Offer(quote, signal, known.price)


def _spent(arg: str) -> str:
    """What stands behind the quote's name in a button: the arg of BUY."""
    return arg[QUOTE_SIGNS:]


@actions.deed(verbs.ORDER, fresh=verbs.BUY, lives_seconds=BUYING_SECONDS, fresh_arg=_spent)
async def buy(visit: Visit) -> Screen:
    """The quote's order: one, however often it is asked for."""
    quote_id = QUOTE_PREFIX + visit.tap.arg[:QUOTE_SIGNS]
    amount, at = amount_of(_spent(visit.tap.arg))
    order = await visit.api.post(OrderView, "/v1/orders", {"quote_id": quote_id}, key=f"order/{quote_id}")
    if order.state is CopyState.UNFILLED and amount is not None:
        now = await _quoted(visit, amount, at)
        if now.quote.best_price is not None and now.quote.best_price > order.limit:
            return moved(visit.words, order, now.quote.best_price, visit.tap.ref)
    return became(visit.words, Became(order, _again(order, visit.tap.ref, amount, at)))


def _again(order: OrderView, ref: str, amount: Decimal | None, at: Venue) -> Tap | None:
    """Where a purchase that did not come about may be asked for anew."""
    if order.state in (CopyState.FILLED, CopyState.PARTIAL, CopyState.UNKNOWN, *ON_ITS_WAY):
        return None
    return Tap(verbs.BUY, ref, amount_arg(amount, at))


def moved(words: Words, order: OrderView, now: Decimal, ref: str) -> Screen:
    """The price went away while somebody looked; what it was follows from the order's limit."""
    said = words.say("s13.moved", before=cents(order.limit - BUY_GUARD), now=cents(now))
    anew = Tap(verbs.BUY, ref, amount_arg(order.amount_usdc, order.venue))
    row = (Button(words.label("s13.new_price"), anew),)
    return Screen(Html(f"{venue(order.venue)}. {said}"), (row,), back=Tap(verbs.SIGNAL, ref))


@actions.look(verbs.HAND_ORDER, step=True)
async def show_order(visit: Visit) -> Screen:
    """What became of an order by hand."""
    order = await visit.api.look(OrderView, f"/v1/orders/{visit.tap.ref}", fresh=True)
    return became(visit.words, Became(order, None))


@actions.look(verbs.SELL, step=True)
async def show_sale(visit: Visit) -> Screen:
    """A price for some of what one owner holds; or the question how much of it."""
    words, position_id = visit.words, str(int(visit.tap.ref, 36))
    held = await visit.api.look(PositionView, f"/v1/positions/{position_id}", fresh=True)
    shares = _shares(visit, held)
    if shares is None:
        return ask_shares(words, held, visit.tap.ref, visit.typed is not None)
    asked = {"side": Side.SELL.value, "position_id": position_id, "shares": str(shares)}
    asked["venue"] = held.venue.value
    quote = await visit.api.post(QuoteView, "/v1/quotes", asked, key=f"quote/{visit.nonce}")
    return sale(words, quote, held, visit.tap)


def _shares(visit: Visit, held: PositionView) -> Decimal | None:
    whole = floor_cents(held.shares)
    if visit.typed is not None:
        shares = cents_sum(visit.typed)
        return shares if shares is not None and CENT <= shares <= whole else None
    if not visit.tap.arg.isdigit():
        return None
    return max(min(CENT, whole), floor_cents(held.shares * int(visit.tap.arg) / 100))


def ask_shares(words: Words, held: PositionView, ref: str, wrong: bool) -> Screen:
    """How much to sell: a part, or typed shares."""
    whole = floor_cents(held.shares)
    text = lines(
        words.say("bot.between", min=had(CENT), max=had(whole)) if wrong else None,
        words.say(
            "s13.how_many",
            venue=venue(held.venue),
            shares=had(held.shares),
            outcome=outcome(held.outcome),
            market=market(held.question, words),
        ),
    )
    parts: Row = tuple(
        Button(words.label("s13.part", percent=percent), Tap(verbs.SELL, ref, str(percent)))
        for percent in (25, 50)
    )
    parts += (Button(words.label("s13.all"), Tap(verbs.SELL, ref, "100")),)
    back = Tap(verbs.POSITION, ref)
    return Screen(text, (parts,), back=back, asks=Tap(verbs.SELL, ref))


def sale(words: Words, quote: QuoteView, held: PositionView, tap: Tap) -> Screen:
    """S13 for a sale."""
    anew = Button(words.label("s13.new_price"), Tap(verbs.SELL, tap.ref, tap.arg))
    other = Button(words.label("s13.amount"), Tap(verbs.SELL, tap.ref))
    leave = Button(words.label("bot.cancel"), Tap(verbs.POSITION, tap.ref))
    back = Tap(verbs.POSITION, tap.ref)
    if quote.limit is None or quote.shares is None:
        return Screen(_no_offer(words, quote), ((anew, other), (leave,)), back=back)
    text = words.say(
        "s13.sell",
        venue=venue(quote.venue),
        shares=had(quote.shares),
        outcome=outcome(held.outcome),
        market=market(held.question, words),
        bid=cents(quote.best_price),
        depth=had(quote.depth_usdc),
        limit=cents(quote.limit),
        fee=paid(quote.fee_usdc),
        least=had(quote.least_usdc),
    )
    go = Button(
        words.label("s13.sell_now", shares=figures.had(quote.shares)),
        Tap(verbs.SELL_ORDER, tap.ref, quote.quote_id.removeprefix(QUOTE_PREFIX)),
        style=Style.DANGER,
    )
    return Screen(text, ((go,), (anew, other), (leave,)), back=back)


@actions.deed(verbs.SELL_ORDER, fresh=verbs.SELL, lives_seconds=BUYING_SECONDS)
async def sell(visit: Visit) -> Screen:
    """The quote's order."""
    quote_id = QUOTE_PREFIX + visit.tap.arg[:QUOTE_SIGNS]
    order = await visit.api.post(OrderView, "/v1/orders", {"quote_id": quote_id}, key=f"order/{quote_id}")
    ended = order.state in (CopyState.FILLED, *ON_ITS_WAY)
    return became(visit.words, Became(order, None if ended else Tap(verbs.SELL, visit.tap.ref)))


def position_ref(position_id: str) -> str:
    """A position's number for a button."""
    return base36(int(position_id))
