"""S7 one leader, S7a the four ways to stop, and a name of one's own for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.registry import STOPPING_SECONDS, Actions, Go
from bot.screens.copying import line, name_of
from bot.screens.figures import had, paid
from bot.screens.screen import Button, Row, Screen, Style
from bot.screens.why import rehearsed
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas import figures
from schemas.enums import AllocationState, Venue
from schemas.sale_views import SaleView
from schemas.views import AccountView, AllocationView
from schemas.what_if_views import RehearsalView

actions = Actions()
# As long as this a following that has copied nothing yet is new, and its leader's last trade can be rehearsed.
NEW_FOR: Final = timedelta(days=1)
SKIPS_NAMED: Final = 3
LABEL_MAX: Final = 40


def following(words: Words, each: AllocationView, now: datetime, *, armed: bool) -> Screen:
    """S7."""
    fresh = _nothing_yet(each, now)
    text = lines(
        line(words, each, now),
        "",
        foreign(each.sentence, 900),
        "",
        _waiting(words, each) if fresh else _today(words, each),
    )
    return Screen(text, _rows(words, each, fresh=fresh, armed=armed), back=Tap(verbs.COPY))


def _nothing_yet(each: AllocationView, now: datetime) -> bool:
    standing = each.standing
    quiet = standing is None or not (standing.due_today or standing.copied_today or standing.skipped_today)
    return each.state is AllocationState.ACTIVE and quiet and now - each.created_at < NEW_FOR


def _waiting(words: Words, each: AllocationView) -> Html:
    name = name_of(each)
    if each.standing is None or each.standing.every_seconds is None:
        return words.say("s7.waiting", name=name)
    return words.say("s7.waiting_usually", name=name, span=figures.span(each.standing.every_seconds))


def _today(words: Words, each: AllocationView) -> Html | None:
    standing = each.standing
    if standing is None:
        return None
    named = sorted(standing.skips_today.items(), key=lambda item: -item[1])[:SKIPS_NAMED]
    whys = ", ".join(f"{count} {words.text(f'short.{reason.value}')}" for reason, count in named)
    said = words.say(
        "s7.today",
        copied=standing.copied_today,
        usdc=paid(standing.bought_today_usdc),
        skipped=standing.skipped_today,
        whys=Html(f" ({whys})" if whys else ""),
    )
    parts = [said]
    if standing.delay_p50_seconds is not None and standing.delay_p95_seconds is not None:
        p50, p95 = figures.seconds(standing.delay_p50_seconds), figures.seconds(standing.delay_p95_seconds)
        parts.append(words.say("s7.delay", p50=p50, p95=p95))
    good = "✓" if standing.answered_today >= standing.due_today else "…"
    parts.append(
        words.say("s7.answered", answered=standing.answered_today, due=standing.due_today, good=good)
    )
    return Html(" · ".join(parts))


def _rows(words: Words, each: AllocationView, *, fresh: bool, armed: bool) -> tuple[Row, ...]:
    name, ref = name_of(each), each.allocation_id
    rows: list[Row] = []
    if fresh:
        rows.append((Button(words.label("s7.rehearse"), Tap(verbs.REHEARSE, ref)),))
    settings = Button(words.label("s2.settings"), Tap(verbs.SETTINGS_OF, ref))
    history = Button(words.label("s2.history"), Tap(verbs.HISTORY, ref))
    if each.state is AllocationState.ACTIVE:
        rows.append((Button(words.label("s7.pause"), Tap(verbs.PAUSE, ref)), settings, history))
    elif each.state is AllocationState.ENDED:
        rows.append((history,))
    else:
        resume = Button(words.label("s7.resume"), Tap(verbs.RESUME, ref), style=Style.PRIMARY)
        rows.append((resume, settings, history))
    rows.append(
        (
            Button(words.label("s2.positions"), Tap(verbs.POSITIONS, ref)),
            Button(words.label("s7.what_if"), Tap(verbs.WHAT_IF, ref, "o30")),
            Button(words.label("s7.rename"), Tap(verbs.RENAME, ref)),
        )
    )
    if each.state is not AllocationState.ENDED:
        rows.append((Button(words.label("s7.stop"), Tap(verbs.STOP, ref), style=Style.DANGER),))
        if armed and each.venue is Venue.PAPER:
            rows.append((Button(words.label("s7.live", name=name), Tap(verbs.GO_LIVE, ref)),))
    return tuple(rows)


def stop(words: Words, each: AllocationView) -> Screen:
    """S7a: what each way does, before it is done."""
    name, ref, standing = name_of(each), each.allocation_id, each.standing
    held = 0 if standing is None else standing.positions
    head = (
        words.say("s7a.nothing", name=name)
        if standing is None or not held
        else words.count(
            "s7a.held",
            held,
            name=name,
            worth=Html("?") if standing.worth_usdc is None else had(standing.worth_usdc),
        )
    )
    under_way = 0 if standing is None else standing.under_way
    text = lines(
        head,
        words.count("s7a.under_way", under_way) if under_way else None,
        "",
        words.say("s7a.pause", label=words.text("s7.pause"), name=name),
        words.say("s7a.close", label=_close(words, name), name=name),
        words.count("s7a.end", held, label=words.text("s7a.end_label"), name=name) if held else None,
        words.say("s7a.end_flat", label=words.text("s7a.end_label"), name=name) if not held else None,
        words.count("s7a.sell", held, label=words.text("s7a.sell_label")) if held else None,
    )
    rows: list[Row] = []
    if each.state is AllocationState.ACTIVE:
        rows.append((Button(words.label("s7.pause"), Tap(verbs.PAUSE, ref), style=Style.PRIMARY),))
    if each.state is not AllocationState.CLOSING:
        rows.append((Button(_close(words, name), Tap(verbs.CLOSE, ref)),))
    rows.append((Button(words.label("s7a.end_label"), Tap(verbs.END, ref), style=Style.DANGER),))
    if held:
        rows.append((Button(words.label("s7a.sell_label"), Tap(verbs.SELL_ALL_OF, ref), style=Style.DANGER),))
    return Screen(text, tuple(rows), back=Tap(verbs.LEADER, ref))


def _close(words: Words, name: str) -> str:
    return words.label("s7a.close_label", name=name)


def sell_asked(words: Words, sale: SaleView, moment: str) -> Screen:
    """[Stop and sell now…]: what it would bring, and the button that does it."""
    count, ref = len(sale.lines), sale.allocation.allocation_id
    sellable = sum(each.quote.limit is not None for each in sale.lines)
    return Screen(
        lines(
            words.count("s7a.sell_ask", count, about=had(sale.about_usdc)),
            words.count("s7a.no_price", count - sellable) if sellable < count else None,
        ),
        (
            (
                Button(
                    words.label("s7a.sell_now", n=count), Tap(verbs.SELL_NOW, ref, moment), style=Style.DANGER
                ),
            ),
        ),
        back=Tap(verbs.STOP, ref),
    )


def sold(words: Words, sale: SaleView) -> Screen:
    """What the sale did."""
    return Screen(
        sold_words(words, "s7a.sold", sale.sold, sale.unsold, sale.under_way),
        ((Button(words.label("s2.positions"), Tap(verbs.POSITIONS)),),),
        back=Tap(verbs.COPY),
    )


def sold_words(words: Words, key: str, sold: int, unsold: int, under_way: int) -> Html:
    """`Stopped. Sold 2; 1 had no buyer and is under Positions.`"""
    rest = [
        words.count(each, number)
        for each, number in (("s7a.unsold", unsold), ("s7a.selling", under_way))
        if number
    ]
    said = words.say(key, sold=sold)
    return Html(f"{said}; {' '.join(rest)}" if rest else f"{said}.")


def rename(words: Words, each: AllocationView) -> Screen:
    """[Rename]."""
    ref = each.allocation_id
    return Screen(
        words.say("s7.rename_ask", name=name_of(each)),
        back=Tap(verbs.LEADER, ref),
        asks=Tap(verbs.RENAME, ref, "t"),
    )


@actions.look(verbs.LEADER)
async def show_following(visit: Visit) -> Screen:
    """S7."""
    each = await _of(visit)
    visit.wallets.of(each.leader)
    accounts = await visit.api.look(tuple[AccountView, ...], "/v1/me/accounts")
    armed = any(account.armed_at is not None for account in accounts)
    return following(visit.words, each, visit.now, armed=armed)


@actions.look(verbs.STOP)
async def show_stop(visit: Visit) -> Screen:
    """S7a."""
    return stop(visit.words, await _of(visit, fresh=True))


async def _of(visit: Visit, *, fresh: bool = False) -> AllocationView:
    return await visit.api.look(AllocationView, f"/v1/allocations/{visit.tap.ref}", fresh=fresh)


async def _go(visit: Visit, deed: str, wanted: AllocationState, said: str) -> Go:
    """Bring the following into a state. The key holds the version it is at now: an old button never replays an old
    answer, and two taps at one version are one deed (B-34)."""
    each = await _of(visit, fresh=True)
    if each.state is not wanted:
        key = f"{deed}/{each.allocation_id}/{each.version}"
        each = await visit.api.post(AllocationView, f"/v1/allocations/{each.allocation_id}/{deed}", key=key)
    return Go(Tap(verbs.LEADER, each.allocation_id), visit.words.say(said, name=name_of(each)))


@actions.deed(verbs.PAUSE, fresh=verbs.LEADER, lives_seconds=None)
async def pause(visit: Visit) -> Go:
    """[⏸ Pause]. Stopping never is too late."""
    return await _go(visit, "pause", AllocationState.PAUSED, "s7.paused")


@actions.deed(verbs.RESUME, fresh=verbs.LEADER)
async def resume(visit: Visit) -> Go:
    """[▶ Resume]."""
    return await _go(visit, "resume", AllocationState.ACTIVE, "s7.resumed")


@actions.deed(verbs.CLOSE, fresh=verbs.STOP, lives_seconds=STOPPING_SECONDS)
async def close(visit: Visit) -> Go:
    """[Close as Alice exits]."""
    return await _go(visit, "close", AllocationState.CLOSING, "s7a.closed")


@actions.deed(verbs.END, fresh=verbs.STOP, lives_seconds=STOPPING_SECONDS)
async def end(visit: Visit) -> Go:
    """[Stop, keep positions]."""
    return await _go(visit, "end", AllocationState.ENDED, "s7a.ended")


@actions.look(verbs.SELL_ALL_OF, step=True)
async def ask_sale(visit: Visit) -> Screen:
    """[Stop and sell now…]: prices only."""
    path, key = f"/v1/allocations/{visit.tap.ref}/sell", f"sell-look/{visit.tap.ref}/{visit.nonce}"
    sale = await visit.api.post(SaleView, path, {"end": True, "preview": True}, key=key)
    return sell_asked(visit.words, sale, visit.moment)


@actions.deed(verbs.SELL_NOW, fresh=verbs.STOP, lives_seconds=STOPPING_SECONDS)
async def sell_now(visit: Visit) -> Screen:
    """[Sell 3 now]: once for each time it was asked."""
    path, key = f"/v1/allocations/{visit.tap.ref}/sell", f"sell/{visit.tap.ref}/{visit.tap.arg}"
    return sold(visit.words, await visit.api.post(SaleView, path, {"end": True}, key=key))


@actions.look(verbs.RENAME, step=True)
async def take_name(visit: Visit) -> Screen | Go:
    """[Rename], and the name that was typed."""
    each = await _of(visit, fresh=True)
    if visit.typed is None:
        return rename(visit.words, each)
    label = " ".join(visit.typed.split())[:LABEL_MAX]
    path = f"/v1/allocations/{each.allocation_id}"
    await visit.api.patch(AllocationView, path, {"label": label}, version=each.version)
    return Go(Tap(verbs.LEADER, each.allocation_id))


@actions.look(verbs.REHEARSE)
async def rehearse(visit: Visit) -> Screen:
    """[Rehearse last trade]: a decision, no order."""
    path, key = f"/v1/allocations/{visit.tap.ref}/rehearse", f"rehearse/{visit.tap.ref}/{visit.nonce}"
    made = await visit.api.post(RehearsalView, path, key=key)
    return rehearsed(visit.words, made, visit.tap.ref, visit.now)
