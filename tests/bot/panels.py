"""Every panel with made facts, as a person reads it.

`python -m tests.bot.panels` writes the golden files anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.callbacks import Tap
from bot.client.errors import NoAnswer, NotSent, Refused, Unreachable
from bot.screens import (
    catalog,
    copying,
    custom,
    following,
    history,
    leaders,
    menu,
    outcome,
    positions,
    preview,
    settings_pages,
    stopping,
    troubles,
    what_if,
    why,
    wizard,
)
from bot.screens.holdings import Shelf, by_outcome
from bot.screens.screen import MENU, Screen, visible
from bot.words import Words
from schemas.enums import AllocationState, CopyState, RejectReason, Side, Venue
from schemas.me_views import Stopped
from schemas.presets import Preset
from schemas.views import CopyOrderView
from schemas.what_if_views import RehearsalView, WhatIfState
from tests.bot import facts
from tests.bot.more_panels import MORE_PANELS
from tests.bot.stage import START

GOLDEN = Path(__file__).parent / "golden"
W = Words()
BODY = {
    "name": "D-00000001", "leader": facts.ALICE_WALLET, "label": "Alice", "value_known": False,
    "budget": {"usdc": "100"}, "settings": facts.SETTINGS.model_dump(mode="json", exclude_none=True),
}  # fmt: skip
BY_MULTIPLE = {**BODY, "settings": {**BODY["settings"], "mode": "multiplier", "multiplier": "0.1"}}  # type: ignore[dict-item]
EDITING = settings_pages.Editing(
    facts.ALLOCATION, "Alice", Venue.PAPER, 7, facts.SETTINGS.model_dump(mode="json", exclude_none=True)
)
EDITED = settings_pages.Editing(
    facts.ALLOCATION, "Alice", Venue.PAPER, 7, EDITING.base, {"max_price": "0.95", "max_per_day_usdc": None}
)
_COUNTS = {Preset.CAREFUL: (41, 128), Preset.BALANCED: (77, 128)}


def _copies() -> list[CopyOrderView]:
    return [
        facts.copy_order(),
        facts.skipped(),
        facts.copy_order(copy_order_id="C-0000003", state=CopyState.PARTIAL, usdc=Decimal("1.2")),
        facts.copy_order(copy_order_id="C-0000004", state=CopyState.UNKNOWN),
        facts.copy_order(
            copy_order_id="C-0000005", side=Side.SELL, usdc=Decimal("1.15"), filled_shares=Decimal("1.92")
        ),
        facts.copy_order(
            copy_order_id="C-0000006", state=CopyState.REJECTED, reject_reason=RejectReason.TICK
        ),
    ]


def _menu() -> Screen:
    return menu.menu(
        W,
        menu.MenuFacts(
            [facts.account(), facts.account(Venue.POLYMARKET, free_usdc=Decimal(0))],
            [facts.following(), facts.following(), facts.paused()],
            Decimal("1.1"),
            (facts.ago(600), "exchange is down"),
            12,
            1,
        ),
    )


PANELS: dict[str, Callable[[], Screen]] = {
    "s1_hello": lambda: menu.hello(W),
    "s2_menu": _menu,
    "s2_menu_quiet": lambda: menu.menu(W, menu.MenuFacts([facts.account()], [])),
    "s3_copying": lambda: copying.dashboard(
        W, copying.CopyFacts([facts.following(), facts.paused()], [facts.account()]), START
    ),
    "s3_many": lambda: copying.dashboard(
        W,
        copying.CopyFacts(
            [facts.following(allocation_id=f"A-000000{number}", leader_label="W" * 80) for number in range(9)],
            [facts.account()],
        ),
        START,
    ),
    "s3_nobody": lambda: copying.dashboard(W, copying.CopyFacts([], []), START),
    "s4_leaders": lambda: leaders.leaders(W, [facts.suggested(number) for number in range(17)], 0, "b", START),
    "s4_none": lambda: leaders.leaders(W, [], 0, "a", START),
    "s4a_ask": lambda: leaders.address_asked(W),
    "s4a_refused": lambda: leaders.address_asked(
        W, W.say("bot.between", min=1, max=2), Tap("addr", "L-0000001", "any")
    ),
    "s4a_followed": lambda: leaders.followed_already(W, facts.ALLOCATION),
    "s4a_several": lambda: leaders.several(W, [facts.resolved(), facts.resolved(5), facts.resolved(6)]),
    "s5_preview": lambda: preview.preview(W, facts.wallet(), START),
    "s5_unknown": lambda: preview.preview(
        W,
        facts.wallet(
            label=None, seen_since=None, last_trade_at=None, stake_median_usdc=None, categories=(), price_low=None,
            result_usdc=None, result_without_best_usdc=None, roles=(), buys=0, sells=0, markets=0,
        ),
        START,
    ),
    "s5_trades": lambda: preview.trades(W, facts.wallet(), [facts.their_trade()] * 8, 0, START),
    "s6_what_if": lambda: what_if.what_if(W, facts.what_if(), "c30"),
    "s6_running": lambda: what_if.what_if(
        W, facts.what_if(state=WhatIfState.RUNNING, progress=40, result=None), "c30"
    ),
    "s6_failed": lambda: what_if.what_if(
        W,
        facts.what_if(
            state=WhatIfState.FAILED, result=None, cause="It took longer than 45 s. Ask for fewer days."
        ),
        "c30",
    ),
    "s6_skips": lambda: what_if.skips(W, facts.what_if(), "c30"),
    "s6a_budget": lambda: wizard.budget(W, "Alice", facts.ALICE_WALLET),
    "s6b_rules": lambda: wizard.rules(W, "Alice", {}, pending=True),
    "s6b_counted": lambda: wizard.rules(W, "Alice", _COUNTS, pending=False),
    "s6c_amount": lambda: custom.amount(W, BODY),
    "s6c_multiple": lambda: custom.amount(W, BY_MULTIPLE, {"0.01": (3, 128), "0.1": (34, 128), "1": (128, 128)}),
    "s6c_limits": lambda: custom.limits(W, BODY),
    "s6d_confirm": lambda: wizard.confirm(W, BODY, facts.SETTINGS, Decimal(40)),
    "s7_leader": lambda: following.following(W, facts.following(), START, armed=True),
    "s7_new": lambda: following.following(
        W,
        facts.following(
            created_at=facts.ago(5),
            standing=facts.standing(due_today=0, copied_today=0, skipped_today=0, answered_today=0, skips_today={}),
        ),
        START,
        armed=False,
    ),
    "s7_paused": lambda: following.following(W, facts.paused(), START, armed=False),
    "s7_ended": lambda: following.following(
        W, facts.following(state=AllocationState.ENDED), START, armed=False
    ),
    "s7a_stop": lambda: following.stop(W, facts.following()),
    "s7a_stop_flat": lambda: following.stop(W, facts.paused()),
    "s7a_sell": lambda: following.sell_asked(W, facts.sale(), "abc"),
    "s7a_sold": lambda: following.sold(W, facts.sale()),
    "s7_rename": lambda: following.rename(W, facts.following()),
    **{f"s8_{page}": lambda page=page: settings_pages.page(W, EDITED, page) for page in catalog.PAGES},  # type: ignore[misc]
    "s8_one": lambda: settings_pages.one(W, EDITED, 6),
    "s8_typed": lambda: settings_pages.one(W, EDITED, 7, asks=True),
    "s8_save": lambda: settings_pages.save(W, EDITED, EDITED.settings()),
    "s8_elsewhere": lambda: settings_pages.changed_elsewhere(
        W, facts.ALLOCATION, facts.following(version=8), W.when(facts.ago(60), START)
    ),
    "s8_both": lambda: settings_pages.both(W, EDITED, facts.following(version=8), ["min_price"]),
    "s9_history": lambda: history.history(
        W, _copies(), history.place_of("", START), "", START, more=True
    ),
    "s9_nothing": lambda: history.history(W, [], history.place_of("", START), "", START, more=False),
    "s9_leaders": lambda: history.leaders(
        W, [facts.following(), facts.paused()], history.place_of("", START), "hist"
    ),
    "s9_days": lambda: history.days(W, history.place_of("", START), ""),
    "s10_why": lambda: why.why(W, facts.why()),
    "s10_skipped": lambda: why.why(W, facts.why_skipped()),
    "s10_checks": lambda: why.checks(W, facts.why()),
    "s10_rehearsal": lambda: why.rehearsed(
        W, RehearsalView(why=facts.why(), traded_at=facts.ago(240), note=""), facts.ALLOCATION, START
    ),
    "s11_positions": lambda: positions.positions(
        W,
        by_outcome([facts.position(), facts.by_hand(), facts.position(3, token_id="8", price_at=facts.ago(90))]),
        Shelf(),
        facts.pnl(),
        START,
        has_live=True,
    ),
    "s11_closed": lambda: positions.positions(
        W, by_outcome([facts.position(closed_at=START, payout=Decimal(1))]), Shelf(closed=True), None, START
    ),
    "s11_none": lambda: positions.positions(W, [], Shelf(), facts.pnl(), START),
    "s11a_one": lambda: outcome.position(W, by_outcome([facts.position()])[0], START),
    "s11a_two": lambda: outcome.position(W, by_outcome([facts.position(), facts.by_hand()])[0], START),
    "s11a_won": lambda: outcome.position(
        W,
        by_outcome([facts.position(payout=Decimal(1), closed_at=START, realised_usdc=Decimal("1.8"))])[0],
        START + timedelta(days=3),
    ),
    "s16_stopped": lambda: stopping.stopped(W, Stopped(paused=("A-1", "A-2", "A-3"), dropped=2, may_still_fill=1)),
    "s16_resume": lambda: stopping.resume_asked(W, [facts.paused(), facts.following()], "abc"),
    "s16_sell": lambda: stopping.sell_asked(W, [facts.position(), facts.by_hand()], "abc"),
    "down_looking": lambda: troubles.trouble(W, Unreachable(), MENU),
    "down_not_sent": lambda: troubles.trouble(W, NotSent(), MENU),
    "down_no_answer": lambda: troubles.trouble(W, NoAnswer(), MENU),
    "refused": lambda: troubles.trouble(
        W, Refused(422, "invalid", "budget_usdc: must be <b>more</b>"), MENU
    ),
    "not_understood": lambda: troubles.not_understood(W),
    "question_lost": lambda: troubles.not_understood(W, forgot=True),
    "stopped_waiting": lambda: troubles.stopped_waiting(W, MENU),
    "secret_deleted": lambda: troubles.secret_deleted(W),
    **MORE_PANELS,
}  # fmt: skip


def drawn(screen: Screen) -> str:
    """Text and buttons, a row a line; `⧉` copies, `↗` leads out, `!` is danger, `*` primary."""
    marks = {"danger": "!", "primary": "*", None: ""}
    rows = [
        " ".join(
            f"[{button.label}]{marks[button.style]}{'⧉' if button.copies else ''}"
            + (f"→{button.tap.verb}" if button.tap else "")
            for button in row
        )
        for row in screen.rows
    ]
    last = [] if screen.bare else [f"(back → {screen.back.verb})"]
    asks = [f"(asks → {screen.asks.verb})"] if screen.asks else []
    return "\n".join([visible(screen.text), "", *rows, *last, *asks]) + "\n"


def main() -> None:
    """Write the golden files."""
    GOLDEN.mkdir(exist_ok=True)
    for name, make in PANELS.items():
        (GOLDEN / f"{name}.txt").write_text(drawn(make()))


if __name__ == "__main__":
    main()
