"""S5 a leader before one follows, and their trades."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.copying import pages
from bot.screens.figures import PER_PAGE, cents, had, leader, market, outcome, page_of, signed
from bot.screens.finding import wallet_of
from bot.screens.screen import Button, Screen, Style
from bot.visit import Visit
from bot.wallet_names import wallet_name
from bot.words import Html, Words, foreign, lines
from schemas import figures
from schemas.enums import AddressType, TradeKind
from schemas.money import plain
from schemas.wallet_views import WalletTradeView, WalletView

actions = Actions()
CATEGORIES_SHOWN: Final = 3
TRADES_MOST: Final = 100


def preview(words: Words, facts: WalletView, now: datetime) -> Screen:
    """S5."""
    name = wallet_name(facts.wallet)
    text = lines(
        _head(words, facts, now), _counts(words, facts), _kinds(words, facts), *_result(words, facts)
    )
    if facts.unknown:
        whys = "; ".join(foreign(each.why) for each in facts.unknown)
        text = lines(text, words.say("s5.unknown", what=Html(whys)))
    follow = (
        Button(words.label("s5.follow"), Tap(verbs.WIZARD, name), style=Style.PRIMARY)
        if facts.allocation_id is None
        else Button(words.label("s4a.open"), Tap(verbs.LEADER, facts.allocation_id))
    )
    return Screen(
        text,
        (
            (follow, Button(words.label("s5.what_if"), Tap(verbs.WHAT_IF, name, "c30"))),
            (
                Button(words.label("s5.trades"), Tap(verbs.THEIR_TRADES, name)),
                Button(words.label("s5.copy"), copies=facts.wallet),
            ),
        ),
        back=Tap(verbs.LEADERS),
    )


def _head(words: Words, facts: WalletView, now: datetime) -> Html:
    short = figures.short_wallet(facts.wallet)
    parts = [foreign(f"{facts.label} {short}" if facts.label else short)]
    if facts.seen_since is not None:
        parts.append(words.say("s5.seen", day=words.day(facts.seen_since)))
    if facts.last_trade_at is not None:
        parts.append(words.say("s5.last", ago=words.when(facts.last_trade_at, now)))
    return Html(" · ".join(parts))


def _counts(words: Words, facts: WalletView) -> Html:
    said = words.say("s5.counts", days=facts.days, buys=facts.buys, sells=facts.sells, markets=facts.markets)
    if facts.stake_median_usdc is None or facts.stake_largest_usdc is None:
        return said
    stakes = words.say(
        "s5.stakes", median=had(facts.stake_median_usdc), largest=had(facts.stake_largest_usdc)
    )
    return Html(f"{said} · {stakes}")


def _kinds(words: Words, facts: WalletView) -> Html | None:
    shares = ", ".join(
        f"{foreign(each.category[:1].upper() + each.category[1:], 30)} {plain(round(each.percent, 0))} %"
        for each in facts.categories[:CATEGORIES_SHOWN]
    )
    parts = [shares] if shares else []
    if facts.price_low is not None and facts.price_high is not None:
        parts.append(words.say("s5.band", low=cents(facts.price_low), high=cents(facts.price_high)))
    return Html(" · ".join(parts)) if parts else None


def _result(words: Words, facts: WalletView) -> list[Html]:
    said = []
    if facts.result_usdc is not None:
        said.append(words.say("s5.result", result=signed(facts.result_usdc), markets=facts.result_markets))
    tail = []
    if facts.result_without_best_usdc is not None:
        tail.append(words.say("s5.without_best", result=signed(facts.result_without_best_usdc)))
    if AddressType.SMART_TRADER in facts.roles:
        tail.append(words.say("s5.smart"))
    return [*said, Html(" · ".join(tail))] if tail else said


def trades(
    words: Words, facts: WalletView, found: Sequence[WalletTradeView], page: int, now: datetime
) -> Screen:
    """What the wallet traded, newest first."""
    name = wallet_name(facts.wallet)
    start = page * PER_PAGE
    shown = found[start : start + PER_PAGE]
    head = words.say("s5.trades_of", name=leader(facts.wallet, facts.label))
    listed = [_trade(words, each, now) for each in shown]
    rows = pages(words, verbs.THEIR_TRADES, name, page, more=len(found) > start + PER_PAGE)
    return Screen(
        lines(head, *listed) if listed else lines(head, words.say("s5.no_trades")),
        rows,
        back=Tap(verbs.PREVIEW, name),
    )


def _trade(words: Words, each: WalletTradeView, now: datetime) -> Html:
    what = each.side.value if each.kind is TradeKind.TRADE else each.kind.value
    return words.say(
        "s5.trade",
        ago=words.when(each.traded_at, now),
        what=what,
        outcome=outcome(each.outcome),
        market=market(each.question, words),
        usdc=had(each.usdc),
        price=cents(each.price),
    )


@actions.look(verbs.PREVIEW)
async def show_preview(visit: Visit) -> Screen | Go:
    """S5, of a wallet or of a signal's."""
    wallet = await wallet_of(visit)
    if wallet is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    facts = await visit.api.look(WalletView, f"/v1/wallets/{wallet}")
    visit.wallets.of(wallet)
    return preview(visit.words, facts, visit.now)


@actions.look(verbs.THEIR_TRADES)
async def show_trades(visit: Visit) -> Screen | Go:
    """[Their trades]."""
    wallet = await wallet_of(visit)
    if wallet is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    facts = await visit.api.look(WalletView, f"/v1/wallets/{wallet}")
    found = await visit.api.listed(WalletTradeView, f"/v1/wallets/{wallet}/trades", TRADES_MOST)
    return trades(visit.words, facts, found, page_of(visit.tap.arg), visit.now)
