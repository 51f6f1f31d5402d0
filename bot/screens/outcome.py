"""S11a one outcome: a line per owner, its end, and the buttons that sell."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import Actions, Go
from bot.screens.figures import had, market, outcome, paid, signed, venue
from bot.screens.holdings import Held, owner_of, priced
from bot.screens.screen import Button, Row, Screen, Style
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.views import CopyOrderView, PositionView

actions = Actions()
OWNERS_SHOWN: Final = 5


def position(words: Words, held: Held, now: datetime) -> Screen:
    """S11a."""
    first = held.first
    text = lines(
        Html(f"{venue(first.venue)} · {outcome(first.outcome)} · {market(first.question, words)}"),
        *[_owner(words, each, now) for each in held.lots[:OWNERS_SHOWN]],
        _end(words, first, now),
    )
    sells: list[Row] = []
    sellable = [
        each for each in held.lots if each.closed_at is None and each.payout is None and each.shares > 0
    ]
    if len(sellable) == 1:
        ref = base36(int(sellable[0].position_id))
        chips = [
            Button(words.label(f"s11a.sell_{part or 'type'}"), Tap(verbs.SELL, ref, part), style=Style.DANGER)
            for part in ("25", "50", "100", "")
        ]
        sells = [tuple(chips)]
    else:
        sells = [
            (
                Button(
                    words.label("s11a.sell_of", name=owner_of(words, each)[:14]),
                    Tap(verbs.SELL, base36(int(each.position_id))),
                    style=Style.DANGER,
                ),
            )
            for each in sellable[:4]
        ]
    last = [Button(words.label("s2.history"), Tap(verbs.HISTORY, first.allocation_id or ""))]
    if first.question:
        url = f"https://polymarket.com/search?_q={quote(first.question[:120])}"
        last.append(Button(words.label("s11a.polymarket"), url=url))
    return Screen(text, (*sells, tuple(last)), back=Tap(verbs.POSITIONS))


def _owner(words: Words, each: PositionView, now: datetime) -> Html:
    name = foreign(owner_of(words, each), 24)
    if each.closed_at is not None or each.payout is not None:
        return words.say("s11a.ended", name=name, result=signed(each.realised_usdc))
    worth = (
        words.say("s11a.worth", worth=had(each.worth_usdc), open=signed(each.open_usdc))
        if priced(each, now)
        else words.say("s11.price_unknown")
    )
    return words.say(
        "s11a.owner",
        name=name,
        shares=had(each.shares),
        cost=paid(each.cost_usdc),
        worth=worth,
        realised=signed(each.realised_usdc),
    )


def _end(words: Words, first: PositionView, now: datetime) -> Html | None:
    if first.payout is not None:
        won = first.payout > 0
        return words.say("s11a.won", paid=had(first.shares * first.payout)) if won else words.say("s11a.lost")
    return None if first.end_at is None else words.say("s11a.ends", t=words.when(first.end_at, now))


@actions.look(verbs.POSITION)
async def show_position(visit: Visit) -> Screen | Go:
    """S11a, by one of its positions or by a copy (`C-…`) of it."""
    ref = visit.tap.ref
    if ref.startswith("C-"):
        copy = await visit.api.look(CopyOrderView, f"/v1/copy-orders/{ref}")
        token, which = copy.token_id, copy.venue
    else:
        one = await visit.api.look(PositionView, f"/v1/positions/{int(ref or '0', 36)}")
        token, which = one.token_id, one.venue
    found = await visit.api.listed(PositionView, "/v1/positions", token_id=token, venue=which.value)
    living = [each for each in found if each.closed_at is None]
    if not found:
        return Go(Tap(verbs.POSITIONS), visit.words.say("bot.refused.not-found"))
    return position(visit.words, Held(tuple(living or found)), visit.now)
