"""S16: everything stops at once, no question asked; beginning again and selling everything ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import Refused
from bot.registry import STOPPING_SECONDS, Actions, Go
from bot.screens.copying import name_of
from bot.screens.figures import had
from bot.screens.following import sold_words
from bot.screens.positions import POSITIONS_MOST
from bot.screens.screen import Button, Row, Screen, Style
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.enums import AllocationState
from schemas.me_views import Resumed, Stopped
from schemas.sale_views import SaleView
from schemas.views import AllocationView, PositionView

actions = Actions()
LEADERS_SHOWN: Final = 10


def stopped(words: Words, what: Stopped) -> Screen:
    """S16, after it was done."""
    rest = [
        words.count(key, number)
        for key, number in (("s16.dropped", what.dropped), ("s16.sent", what.may_still_fill))
        if number
    ]
    said = words.count("s16.stopped", len(what.paused))
    text = Html(f"{said} {'; '.join(rest)}." if rest else said)
    rows: list[Row] = []
    if what.paused:
        rows.append((Button(words.label("s16.resume", n=len(what.paused)), Tap(verbs.RESUME_ALL)),))
    rows.append(
        (
            Button(words.label("s16.sell"), Tap(verbs.SELL_EVERYTHING), style=Style.DANGER),
            Button(words.label("s2.positions"), Tap(verbs.POSITIONS)),
        )
    )
    return Screen(text, tuple(rows), back=Tap(verbs.COPY))


def resume_asked(words: Words, paused: Sequence[AllocationView], moment: str) -> Screen:
    """[Resume these 3…]: which."""
    named = [Html(f"⏸ {foreign(name_of(each), 40)}") for each in paused[:LEADERS_SHOWN]]
    go_on = Button(
        words.label("s16.resume_now", n=len(paused)),
        Tap(verbs.RESUME_ALL_NOW, "", moment),
        style=Style.PRIMARY,
    )
    return Screen(
        lines(words.count("s16.resume_ask", len(paused)), *named),
        ((go_on, Button(words.label("bot.cancel"), Tap(verbs.COPY))),),
        back=Tap(verbs.COPY),
    )


def sell_asked(words: Words, held: Sequence[PositionView], moment: str) -> Screen:
    """[Sell everything…]: how much of whom. What was bought by hand is sold under Positions."""
    owners: dict[str, list[PositionView]] = {}
    for each in held:
        owners.setdefault(each.leader_label or each.leader or words.text("s11.by_hand"), []).append(each)
    named = [
        words.count("s16.held", len(lots), name=foreign(name, 40), worth=_worth(words, lots))
        for name, lots in list(owners.items())[:LEADERS_SHOWN]
    ]
    of_leaders = [each for each in held if each.allocation_id is not None]
    rows: tuple[Row, ...] = ()
    if of_leaders:
        sell = Tap(verbs.SELL_EVERYTHING_NOW, "", moment)
        rows = ((Button(words.label("s16.sell_now", n=len(of_leaders)), sell, style=Style.DANGER),),)
    rows = (*rows, (Button(words.label("s2.positions"), Tap(verbs.POSITIONS)),))
    head = words.count("s16.sell_ask", len(of_leaders)) if of_leaders else words.say("s16.nothing_held")
    return Screen(lines(head, *named), rows, back=Tap(verbs.COPY))


def _worth(words: Words, lots: Sequence[PositionView]) -> Html:
    known = [each.worth_usdc for each in lots if each.worth_usdc is not None]
    return had(sum(known)) if len(known) == len(lots) else words.say("s11.price_unknown")  # type: ignore[arg-type]


@actions.deed(verbs.STOP_ALL, fresh=verbs.COPY, lives_seconds=None)
async def stop_all(visit: Visit) -> Screen:
    """`/stop_all` and [⏹ Stop all]. Each tap is a deed: it stops what began again meanwhile."""
    what = await visit.api.post(Stopped, "/v1/me/stop-all", key=f"stop-all/{visit.nonce}")
    return stopped(visit.words, what)


@actions.deed(verbs.NOT_ME, fresh=verbs.COPY, lives_seconds=None)
async def not_me(visit: Visit) -> Screen:
    """[Not me] under the notice of an address that was added: it goes, everything stops, live money is off."""
    path, key = f"/v1/me/withdrawal-addresses/{visit.tap.ref}/not-me", f"not-me/{visit.tap.ref}/{visit.nonce}"
    what = await visit.api.post(Stopped, path, key=key)
    return stopped(visit.words, what).noted(visit.words.say("s16.not_me"))


@actions.look(verbs.RESUME_ALL, step=True)
async def ask_resume(visit: Visit) -> Screen | Go:
    """[Resume these 3…]."""
    followings = await visit.api.listed(AllocationView, "/v1/allocations", fresh=True)
    paused = [each for each in followings if each.state is AllocationState.PAUSED]
    if not paused:
        return Go(Tap(verbs.COPY), visit.words.say("s16.none_paused"))
    return resume_asked(visit.words, paused, visit.moment)


@actions.deed(verbs.RESUME_ALL_NOW, fresh=verbs.COPY, lives_seconds=STOPPING_SECONDS)
async def resume_all(visit: Visit) -> Go:
    """They buy again, from now on."""
    made = await visit.api.post(Resumed, "/v1/me/resume", key=f"resume-all/{visit.tap.arg}")
    return Go(Tap(verbs.COPY), visit.words.count("s16.resumed", len(made.resumed)))


async def _held(visit: Visit) -> list[PositionView]:
    return await visit.api.listed(PositionView, "/v1/positions", POSITIONS_MOST, state="open")


@actions.look(verbs.SELL_EVERYTHING, step=True)
async def ask_sale(visit: Visit) -> Screen:
    """[Sell everything…]."""
    return sell_asked(visit.words, await _held(visit), visit.moment)


@actions.deed(verbs.SELL_EVERYTHING_NOW, fresh=verbs.COPY, lives_seconds=STOPPING_SECONDS)
async def sell_everything(visit: Visit) -> Screen:
    """One sale per leader, one after the other: each keeps to the pace of the API."""
    owners = dict.fromkeys(
        each.allocation_id for each in await _held(visit) if each.allocation_id is not None
    )
    sold = unsold = under_way = 0
    for owner in owners:
        try:
            sale = await visit.api.post(
                SaleView, f"/v1/allocations/{owner}/sell", {}, key=f"sell-everything/{visit.tap.arg}/{owner}"
            )
        except Refused as refused:
            # It was sold meanwhile.
            if refused.code not in ("conflict", "not-found"):
                raise
            continue
        sold, unsold, under_way = sold + sale.sold, unsold + sale.unsold, under_way + sale.under_way
    return Screen(
        sold_words(visit.words, "s16.sold", sold, unsold, under_way),
        ((Button(visit.words.label("s2.positions"), Tap(verbs.POSITIONS)),),),
        back=Tap(verbs.COPY),
    )
