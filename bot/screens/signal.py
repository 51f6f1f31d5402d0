"""S12a one signal: who bought, how sure that is, and what it costs now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import Actions
from bot.screens.figures import cents, had, signed
from bot.screens.screen import Button, Row, Screen, Style
from bot.screens.smart import line, moved_cents
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas import figures
from schemas.enums import Venue
from schemas.market_views import PriceView
from schemas.money import floor_cents
from schemas.signal_views import SignalView
from schemas.views import AccountView

actions = Actions()
# UX S12a: what is older is said to be.
FRESH_SECONDS: Final = 300
# Two sums of money to buy for stand in a row; the others are [Other amount…].
AMOUNTS_SHOWN: Final = 3
LIVE_MARK: Final = "L"
POLYMARKET_SEARCH: Final = "https://polymarket.com/profile/"


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """The signal, the person's quick amounts, and whether their live money may trade."""

    signal: SignalView
    amounts: tuple[Decimal, ...]
    armed: bool


def amount_arg(amount: Decimal | None, venue: Venue) -> str:
    """A sum in USDC with at most two decimals, and where it is spent, for a button."""
    return ("" if amount is None else base36(int(amount * 100))) + (
        LIVE_MARK if venue is Venue.POLYMARKET else ""
    )


def amount_of(arg: str) -> tuple[Decimal | None, Venue]:
    """The way back."""
    venue = Venue.POLYMARKET if arg.endswith(LIVE_MARK) else Venue.PAPER
    sum_ = arg.removesuffix(LIVE_MARK)
    return (Decimal(int(sum_, 36)) / 100 if sum_ else None), venue


def signal(words: Words, facts: SignalFacts, now: datetime) -> Screen:
    """S12a."""
    each = facts.signal
    text = lines(
        line(words, each, now),
        _wallet(words, each),
        words.say("s12a.here.first" if each.first_entry else "s12a.here", held=had(each.held_usdc)),
        _score(words, each),
        words.count("s12a.others", each.consensus) if each.consensus else words.say("s12a.nobody_else"),
        _market(words, each, now),
        _at_once(words, facts),
        _age(words, each, now),
    )
    rows: tuple[Row, ...] = (_buying(words, facts, Venue.PAPER),)
    if facts.armed:
        rows += (_buying(words, facts, Venue.POLYMARKET),)
    rows += (
        (
            Button(words.label("s12a.follow"), Tap(verbs.PREVIEW, each.signal_id)),
            Button(words.label("s12a.polymarket"), url=POLYMARKET_SEARCH + each.wallet),
        ),
        (Button(words.label("s12a.copy"), copies=each.wallet),),
    )
    return Screen(text, rows, back=Tap(verbs.SMART))


def sold_at_once(amount: Decimal, price: PriceView | None) -> Decimal | None:
    """What shares bought for so much at the best offer would bring at the best bid, before fees; None: not known."""
    if price is None or not price.offer or price.bid is None:
        return None
    return floor_cents(amount / price.offer * price.bid)


def _buying(words: Words, facts: SignalFacts, venue: Venue) -> Row:
    mark = "🔴 " if venue is Venue.POLYMARKET else ""
    ref = facts.signal.signal_id
    chips = [
        Button(
            mark + words.label("s12a.buy", amount=figures.paid(amount)),
            Tap(verbs.BUY, ref, amount_arg(amount, venue)),
            style=Style.PRIMARY if venue is Venue.PAPER else None,
        )
        for amount in facts.amounts[:AMOUNTS_SHOWN]
    ]
    chips.append(
        Button(mark + words.label("s12a.other_amount"), Tap(verbs.BUY, ref, amount_arg(None, venue)))
    )
    return tuple(chips)


def _wallet(words: Words, each: SignalView) -> Html:
    rate = each.wallet_win_rate
    parts = [
        words.say("s12a.win_rate_unknown")
        if rate is None
        else words.say(
            "s12a.win_rate", rate=_percent(rate.rate), ended=rate.ended, least=_percent(rate.least)
        )
    ]
    if each.wallet_result_usdc is not None:
        parts.append(words.say("s12a.result", result=signed(each.wallet_result_usdc)))
    if each.wallet_seen_since is not None:
        parts.append(words.say("s12a.seen_since", day=words.day(each.wallet_seen_since)))
    return Html(" · ".join(parts))


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.0f}"


def _score(words: Words, each: SignalView) -> Html:
    score = each.wallet_score
    if score is None or score.after_24h_usdc is None or score.after_24h_net_usdc is None:
        return words.say("s12a.score_unknown")
    return words.count(
        "s12a.score",
        score.signals,
        gross=moved_cents(score.after_24h_usdc),
        net=moved_cents(score.after_24h_net_usdc),
    )


def _market(words: Words, each: SignalView, now: datetime) -> Html:
    parts = [
        words.say("s12a.end_unknown")
        if each.end_at is None
        else words.say("s12a.end", left=figures.span(max(0, int((each.end_at - now).total_seconds()))))
    ]
    if each.price is not None and each.price.bid is not None and each.price.offer is not None:
        parts.append(words.say("s12a.spread", spread=cents(each.price.offer - each.price.bid)))
    else:
        parts.append(words.say("s12a.price_unknown"))
    return Html(" · ".join(parts))


def _at_once(words: Words, facts: SignalFacts) -> Html | None:
    amount = facts.amounts[0]
    back = sold_at_once(amount, facts.signal.price)
    if back is None:
        return None
    return words.say("s12a.at_once", amount=figures.paid(amount), back=had(back))


def _age(words: Words, each: SignalView, now: datetime) -> Html | None:
    age = int((now - each.last_at).total_seconds())
    if age <= FRESH_SECONDS:
        return None
    return words.say("s12a.old", age=figures.span(age))


@actions.look(verbs.SIGNAL)
async def show_signal(visit: Visit) -> Screen:
    """S12a."""
    found = await visit.api.look(SignalView, f"/v1/signals/{visit.tap.ref}", fresh=True)
    accounts = await visit.api.look(tuple[AccountView, ...], "/v1/me/accounts")
    armed = any(each.venue is Venue.POLYMARKET and each.armed_at is not None for each in accounts)
    return signal(visit.words, SignalFacts(found, visit.amounts, armed), visit.now)
