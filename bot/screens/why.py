"""S10 why a trade was or was not copied, S10's list of checks, and a rehearsal in the same words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import Refused
from bot.registry import Actions
from bot.screens.catalog import BY_NAME
from bot.screens.figures import GLYPHS, TAKEN_BACK, cents, had, market, outcome, paid, venue
from bot.screens.figures import leader as called
from bot.screens.screen import COPIED_MAX, Button, Row, Screen
from bot.visit import Visit
from bot.words import Html, Words, cut, foreign, lines
from schemas.enums import Side
from schemas.money import plain
from schemas.views import CopyOrderView
from schemas.what_if_views import RehearsalView
from schemas.why import WhyDecision, WhyOrder, WhyView

actions = Actions()
ORDERS_SHOWN: Final = 2
SECOND: Final = Decimal(1)


def why(words: Words, view: WhyView, *, rehearsal: bool = False) -> Screen:
    """S10."""
    copy = view.copy_order
    glyph = TAKEN_BACK if copy.reversed else GLYPHS[copy.state]
    head = Html(f"{venue(copy.venue).split()[0]} {glyph} {foreign(view.sentence, 300)}")
    text = lines(
        words.say("s10.rehearsal") if rehearsal else None,
        head,
        _trade(words, view),
        _seen(words, view),
        *_decision(words, view.decision, copy, view.trade.price),
        *([] if rehearsal else [_order(words, each) for each in view.orders[-ORDERS_SHOWN:]]),
        *([] if rehearsal else _fills(words, view)),
    )
    return Screen(text, _rows(words, view, rehearsal=rehearsal), back=Tap(verbs.HISTORY))


def _clock(words: Words, at: datetime) -> Html:
    """A time to the millisecond, in the reader's zone."""
    return Html(f"{at.astimezone(words.zone):%H:%M:%S}.{at.microsecond // 1_000:03}")


def _since(before: datetime, after: datetime) -> str:
    return f"{(after - before).total_seconds():+.2f} s"


def _trade(words: Words, view: WhyView) -> Html:
    trade, copy = view.trade, view.copy_order
    said = words.say(
        "s10.trade",
        at=_clock(words, trade.traded_at),
        side=trade.side.value,
        usdc=had(trade.usdc),
        price=cents(trade.price),
        outcome=outcome(copy.outcome),
        market=market(copy.question, words),
    )
    if trade.tx_hash is None:
        return said
    link = f'<a href="https://polygonscan.com/tx/{foreign(trade.tx_hash)}">{words.say("s10.transaction")}</a>'
    return Html(f"{said} ({link})")


def _seen(words: Words, view: WhyView) -> Html:
    seen = view.seen.appended_at
    return words.say("s10.seen", at=_clock(words, seen), after=_since(view.trade.traded_at, seen))


def _decision(words: Words, decision: WhyDecision, copy: CopyOrderView, price: Decimal | None) -> list[Html]:
    said = [
        words.say(
            "s10.decision",
            at=_clock(words, decision.at),
            after=_since(copy.seen_at, decision.at),
            version=decision.version,
        )
    ]
    parts = []
    if copy.side is Side.BUY and decision.wanted is not None:
        smaller = (
            words.say("s10.not_smaller")
            if decision.reduced_by is None
            else words.say("s10.smaller", by=words.text(f"short.{decision.reduced_by.value}"))
        )
        parts.append(words.say("s10.wanted", wanted=had(decision.wanted), smaller=smaller))
    if decision.limit is not None:
        parts.append(_limit(words, decision.limit, price))
    if parts:
        said[0] = Html(f"{said[0]}: {'; '.join(parts)}")
    passed = sum(check.passed for check in decision.checks)
    rooms = " · ".join(
        f"{words.text(f'short.{room.name.value}')} {had(room.usdc)}" for room in decision.rooms[:6]
    )
    checks = words.say("s10.passed", passed=passed, all=len(decision.checks))
    tail = f"{words.text('s10.room')} {rooms} · {checks}" if rooms else str(checks)
    return [*said, Html(f"  {tail}")] if decision.checks else said


def _limit(words: Words, limit: Decimal, price: Decimal | None) -> Html:
    """`limit 53¢ = 51¢ + 2¢`."""
    if price is None:
        return words.say("s10.limit", limit=cents(limit))
    sign = "+" if limit >= price else "−"
    return words.say(
        "s10.limit_sum", limit=cents(limit), price=cents(price), sign=sign, slippage=cents(abs(limit - price))
    )


def _fine(price: Decimal) -> Html:
    """A price to the hundredth of a cent."""
    return Html(f"{plain(round(price * 100, 2))}¢")


def _order(words: Words, order: WhyOrder) -> Html:
    steps = [
        words.say(f"s10.{name}", at=f".{at.microsecond // 1_000:03}")
        for name, at in (
            ("signed", order.signed_at),
            ("sent", order.posted_at),
            ("answered", order.answered_at),
        )
        if at is not None
    ]
    short = f"{order.order_hash[:6]}…{order.order_hash[-4:]}"
    said = words.say("s10.order", attempt=order.attempt, steps=Html(" · ".join(steps)), hash=short)
    return said if order.words is None else Html(f"{said} “{foreign(order.words)}”")


def _fills(words: Words, view: WhyView) -> list[Html]:
    copy = view.copy_order
    if not view.fills:
        return []
    shares = sum((fill.shares for fill in view.fills), Decimal(0))
    price = sum((fill.usdc for fill in view.fills), Decimal(0)) / shares if shares else Decimal(0)
    parts = [words.say("s10.fills", shares=had(shares), price=_fine(price), fee=paid(copy.fee_usdc))]
    name = called(copy.leader, copy.leader_label)
    if view.trade.price is not None:
        gap = price - view.trade.price
        parts.append(words.say("s10.more" if gap >= 0 else "s10.less", cents=_fine(abs(gap)), name=name))
    after = (max(fill.matched_at for fill in view.fills) - view.trade.traded_at).total_seconds()
    parts.append(words.say("s10.after", seconds=f"{after:.2f}", name=name))
    return [Html(" · ".join(parts))]


def _rows(words: Words, view: WhyView, *, rehearsal: bool) -> tuple[Row, ...]:
    copy, first = view.copy_order, []
    if view.decision.checks and not rehearsal:
        label = words.label("s10.all_checks", n=len(view.decision.checks))
        first.append(Button(label, Tap(verbs.CHECKS, copy.copy_order_id)))
    if view.setting is not None and view.setting.name in BY_NAME:
        number = f"{BY_NAME[view.setting.name]:02}"
        first.append(Button(words.label("s10.change"), Tap(verbs.SETTING, copy.allocation_id, number)))
    second = [Button(words.label("s10.leader"), Tap(verbs.LEADER, copy.allocation_id))]
    if not rehearsal:
        if view.fills:
            second.insert(0, Button(words.label("s10.position"), Tap(verbs.POSITION, copy.copy_order_id)))
        text = cut(f"{copy.copy_order_id}: {view.sentence}", COPIED_MAX)
        second.append(Button(words.label("s10.copy"), copies=text))
    return tuple(tuple(row) for row in (first, second) if row)


def checks(words: Words, view: WhyView) -> Screen:
    """[All 22 checks]: ✓ passed, ✗ not, with what was found and what was asked."""
    listed = []
    for check in view.decision.checks[:30]:
        known = " ".join(
            part
            for part in (
                "" if check.value is None else foreign(check.value, 24),
                "" if check.limit is None else words.say("s10.asked", limit=cut(check.limit, 24)),
            )
            if part
        )
        sign = "✓" if check.passed else "✗"
        name = words.merged().get(f"short.{check.name}", check.name)
        listed.append(Html(f"{sign} {foreign(name, 40)}{' · ' if known else ''}{known}"))
    return Screen(
        lines(words.say("s10.checks_of", name=view.copy_order.copy_order_id), *listed),
        back=Tap(verbs.WHY, view.copy_order.copy_order_id),
    )


def rehearsed(words: Words, made: RehearsalView, allocation_id: str, now: datetime) -> Screen:
    """[Rehearse last trade]: what their last buy would become now."""
    if made.why is None:
        return Screen(
            lines(words.say("s10.rehearsal"), foreign(made.note, 300)), back=Tap(verbs.LEADER, allocation_id)
        )
    screen = why(words, made.why, rehearsal=True)
    told = [foreign(made.note, 300)] if made.note else []
    if made.traded_at is not None:
        told.insert(0, words.say("s10.their_last", ago=words.when(made.traded_at, now)))
    return Screen(lines(screen.text, *told), screen.rows, back=Tap(verbs.LEADER, allocation_id))


@actions.look(verbs.WHY)
async def show_why(visit: Visit) -> Screen:
    """S10; without a name the newest."""
    name = visit.tap.ref
    if not name:
        newest = await visit.api.page(CopyOrderView, "/v1/copy-orders", limit=1)
        if not newest.items:
            return Screen(visit.words.say("s10.none"))
        name = newest.items[0].copy_order_id
    try:
        view = await visit.api.look(WhyView, f"/v1/copy-orders/{name}/why")
    except Refused as refused:
        if refused.code != "not-found":
            raise
        return Screen(visit.words.say("s10.no_such", name=name), back=Tap(verbs.HISTORY))
    return why(visit.words, view)


@actions.look(verbs.CHECKS)
async def show_checks(visit: Visit) -> Screen:
    """[All 22 checks]."""
    return checks(visit.words, await visit.api.look(WhyView, f"/v1/copy-orders/{visit.tap.ref}/why"))
