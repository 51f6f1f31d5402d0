"""The panels of smart trading, orders by hand, wallet, settings, help and operators with made facts (`panels`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from bot.callbacks import Tap
from bot.screens import (
    arming,
    hand_orders,
    hand_results,
    help,
    notices,
    operators,
    settings,
    signal,
    smart,
    wallet,
    withdrawing,
)
from bot.screens.screen import Screen
from bot.screens.smart_filters import Filters
from bot.words import Words
from schemas.account_views import (
    DepositView,
    LiveCheck,
    LiveCheckName,
    LiveChecks,
    WithdrawalAddressView,
    WithdrawalState,
    WithdrawalView,
)
from schemas.enums import CopyState, Side, Venue
from schemas.me_views import Delivery, NoticeKind, NoticeSettings
from schemas.ops_views import Pipeline
from tests.bot import facts, smart_facts
from tests.bot.stage import START

W = Words()
AMOUNTS = (Decimal(5), Decimal(25))
ARMED = facts.account(
    Venue.POLYMARKET, account_id="M-0000002", armed_at=START, day_cap_usdc=Decimal(50),
    day_bought_usdc=Decimal("12.3"), next_day_cap_usdc=Decimal(100), next_day_cap_from=START + timedelta(hours=1),
)  # fmt: skip
CREDITED = facts.account(credit_from=START + timedelta(hours=20))
SOLD: dict[str, Any] = {
    "side": Side.SELL, "shares": Decimal("3.84"), "amount_usdc": None, "filled_shares": Decimal("3.84"),
    "usdc": Decimal("1.9968"), "fee_usdc": Decimal("0.05"), "realised_usdc": Decimal("0.11"), "limit": Decimal("0.47"),
}  # fmt: skip


def _checks(*failing: LiveCheckName) -> LiveChecks:
    checks = tuple(
        LiveCheck(
            name=name,
            passed=None if name is LiveCheckName.CLOCK and failing else name not in failing,
            found="Looked at just now.",
            mend="Ask the operators." if name in failing else None,
        )
        for name in LiveCheckName
    )
    return LiveChecks(checks=checks, ready=not failing, as_of=START)


def _address(number: int, hours: int, label: str | None = None) -> WithdrawalAddressView:
    return WithdrawalAddressView(
        address_id=f"W-000000{number}", address=f"0x{number}" + "a" * 39, label=label, added_at=START,
        usable_from=START + timedelta(hours=hours),
    )  # fmt: skip


def _withdrawal(state: WithdrawalState) -> WithdrawalView:
    return WithdrawalView(
        withdrawal_id="X-0000001", address="0x1" + "a" * 39, usdc=Decimal(25), state=state, cause="sent at 12:00",
        tx_hash=None, asked_at=START, ended_at=None,
    )  # fmt: skip


def _pipeline(**more: object) -> Pipeline:
    known = {
        "ready": True, "behind_seconds": Decimal("0.4"), "unknown": 1, "oldest_unknown_seconds": Decimal(8),
        "hour": {CopyState.FILLED: 2310, CopyState.PARTIAL: 91, CopyState.UNFILLED: 40, CopyState.SKIPPED: 1801,
                 CopyState.EXPIRED: 3, CopyState.REJECTED: 2, CopyState.UNKNOWN: 1},
        "dead_letters": 0, "notices_waiting": 4, "oldest_notice_seconds": Decimal(1), "notices_failed": 0,
        "bought_twice": 0,
        "exchange": "ok", "buys_stopped": False, "buys_note": None, "armed": 0,
        "live_allowed": False, "version": "1", "parts": {}, "as_of": START,
    }  # fmt: skip
    return Pipeline.model_validate(known | more)


def _feed(**more: object) -> smart.Feed:
    known = {
        "signals": [smart_facts.signal(), smart_facts.signal(2, price=None, moved=None, first_entry=False)],
        "filters": Filters(), "more": True, "alerts": False,
    }  # fmt: skip
    return smart.Feed(**known | more)  # type: ignore[arg-type]


def _order(*, again: bool = False, **more: Any) -> hand_results.Became:
    return hand_results.Became(smart_facts.order(**more), Tap("buy", "S-0000001", "dw") if again else None)


MORE_PANELS: dict[str, Callable[[], Screen]] = {
    "s12_feed": lambda: smart.feed(W, _feed(), START),
    "s12_filtered": lambda: smart.feed(
        W, _feed(filters=Filters(first=True, least=1, age=2, kind=2, near=True, page=1), alerts=True, more=False), START
    ),
    "s12_none": lambda: smart.feed(W, _feed(signals=[], more=False), START),
    "s12a_signal": lambda: signal.signal(W, signal.SignalFacts(smart_facts.signal(), AMOUNTS, False), START),
    "s12a_old_and_unsure": lambda: signal.signal(
        W,
        signal.SignalFacts(
            smart_facts.signal(price=None, moved=None, wallet_score=None, wallet_win_rate=None, consensus=0),
            AMOUNTS,
            armed=True,
        ),
        START + timedelta(minutes=12),
    ),
    "s13_buy": lambda: hand_orders.offer(
        W, hand_orders.Offer(smart_facts.quote(), smart_facts.signal(), smart_facts.price())
    ),
    "s13_how_much": lambda: hand_orders.ask_amount(W, Tap("buy", "S-0000001")),
    "s13_moved": lambda: hand_orders.moved(
        W, smart_facts.order(state=CopyState.UNFILLED), Decimal("0.47"), "S-0000001"
    ),
    "s13_bought": lambda: hand_results.became(W, _order()),
    "s13_settling": lambda: hand_results.became(W, _order(settling=True)),
    "s13_partly": lambda: hand_results.became(
        W, _order(state=CopyState.PARTIAL, filled_shares=Decimal(2), usdc=Decimal("0.88"))
    ),
    "s13_unfilled": lambda: hand_results.became(
        W, _order(again=True, state=CopyState.UNFILLED, filled_shares=Decimal(0), usdc=Decimal(0))
    ),
    "s13_refused": lambda: hand_results.became(
        W, _order(again=True, state=CopyState.REJECTED, reject_reason="NOT_ENOUGH", order_hash="0x12")
    ),
    "s13_refused_in_words": lambda: hand_results.became(
        W, _order(state=CopyState.REJECTED, reject_reason="OTHER", order_hash="0x12", words="not <today>")
    ),
    "s13_unfit": lambda: hand_results.became(W, _order(state=CopyState.REJECTED, reject_reason="OTHER")),
    "s13_not_done": lambda: hand_results.became(
        W,
        _order(
            state=CopyState.SKIPPED, reason="BALANCE", cause="more is needed than is free",
            sentence="5.26 is needed and 4.00 is free",
        ),
    ),
    "s13_in_doubt": lambda: hand_results.became(W, _order(state=CopyState.UNKNOWN)),
    "s13_sold": lambda: hand_results.became(W, _order(**SOLD)),
    "s14_wallet": lambda: wallet.wallet(W, [facts.account()], START),
    "s14_armed": lambda: wallet.wallet(W, [CREDITED, ARMED], START),
    "s14_stopped": lambda: wallet.wallet(W, [ARMED.model_copy(update={"stopped_by": "external"})], START),
    "s14_refused": lambda: wallet.wallet(W, [ARMED.model_copy(update={"stopped_by": "refusals"})], START),
    "s14a_armed": lambda: arming.checks(W, _checks(), armed=True),
    "s14a_not_ready": lambda: arming.checks(W, _checks(LiveCheckName.REGION)),
    "s14a_ready": lambda: arming.checks(W, _checks()),
    "s14b_deposit": lambda: withdrawing.deposit(
        W, DepositView(address="0x1" + "a" * 39, network="Polygon", token="USDC.e", least_usdc=Decimal(5))
    ),
    "s14b_withdraw": lambda: withdrawing.withdraw(
        W, [_address(1, -1, "Bank"), _address(2, 20)], _withdrawal(WithdrawalState.SENDING), Decimal(40), START
    ),
    "s14b_no_address": lambda: withdrawing.withdraw(W, [], None, Decimal(40), START),
    "s15_settings": lambda: settings.settings(W, facts.USER, AMOUNTS),
    "s15a_notices": lambda: notices.notices(W, NoticeSettings(), 0),
    "s15a_second": lambda: notices.notices(
        W, NoticeSettings(silent=(NoticeKind.SIGNALS,), quiet_from=time(0), quiet_to=time(0)), 1
    ),
    "s15a_one": lambda: notices.one(
        W, NoticeSettings(deliveries={NoticeKind.COPIED: Delivery.OFF}), NoticeKind.COPIED
    ),
    "s17_commands": lambda: help.commands(W),
    "s17_copied": lambda: help.page(W, "copied"),
    "s17_skips": lambda: help.page(W, "skips"),
    "s17_skips2": lambda: help.page(W, "skips2"),
    "s17_fees": lambda: help.page(W, "fees"),
    "s17_paper": lambda: help.page(W, "paper"),
    "s17_differ": lambda: help.page(W, "differ"),
    "s17_ask": lambda: help.page(W, "ask"),
    "a1_way": lambda: operators.overview(W, _pipeline()),
    "a1_stopped": lambda: operators.overview(
        W, _pipeline(buys_stopped=True, buys_note="an incident", oldest_unknown_seconds=None)
    ),
}  # fmt: skip
