"""The signer signs only an order of a live plan that fits its caps, a withdrawal whose address is old enough, and a
redemption of what is held (SAFETY R25)."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import streams
from schemas.enums import CopyState, RejectReason, Side, Venue
from streams.tables.plans import NewOrder, Plan
from streams.trading import terms as terms_of
from streams.trading.signing_rule import (
    Redemption,
    SignRefusal,
    Withdrawal,
    order_refusal,
    redemption_refusal,
    withdrawal_refusal,
)
from streams.trading.terms import PlanEnd, signed_order
from streams.venues.orders import OrderTerms
from streams.venues.wallets import Credentials, TradingWallet, open_key
from tests.trading.test_signing import wallet_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WALLET = replace(wallet_of(bytes(range(1, 33))), account_id="account")
TICKS = ("0.01", "0.001", "0.005")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans as they are claimed: BUYs, first and later attempts of SELLs."""
    side, tick = draw(st.sampled_from(list(Side))), Decimal(draw(st.sampled_from(TICKS)))
    steps = int(1 / tick)
    later = side is Side.SELL and draw(st.booleans())
    amount = Decimal(draw(st.integers(200, 10_000_000))).scaleb(-2)
    return Plan(
        copy_order_id=f"C-{draw(st.integers(0, 9_999_999)):07}", account_id="account", allocation_id="A-1",
        venue=Venue.PAPER, side=side, token_id=str(draw(st.integers(1, 1 << 200))),
        amount_usdc=amount if side is Side.BUY else None, shares_left=amount if side is Side.SELL else None,
        limit_price=draw(st.integers(1, steps - 1)) * tick, attempts=1 if later else 0, decided_at=NOW,
        deadline=None, tick=tick, neg_risk=draw(st.booleans()), exchange_version=2, market_version=1,
        former_attempt=draw(st.integers(1, 4)) if later else 0,
        former_limit=draw(st.integers(1, steps - 1)) * tick if later else None,
        leader_price=Decimal(draw(st.integers(1, 999))).scaleb(-3) if later else None,
        settings={
            "mode": "fixed_amount", "fixed_amount_usdc": "5", "budget_usdc": "100",
            "exit_min_percent": str(draw(st.integers(0, 100))),
        } if later else None,
    )  # fmt: skip


def made(plan: Plan, bid: Decimal | None = None) -> OrderTerms:
    """The terms that our own code makes of a plan."""
    found = terms_of._terms(plan, bid)
    assert isinstance(found, OrderTerms)
    return found


@settings(max_examples=300, deadline=None)
@given(plans(), st.none() | st.integers(1, 999).map(lambda n: Decimal(n).scaleb(-3)))
def test_r25_what_a_plan_allows_is_signed(plan: Plan, bid: Decimal | None) -> None:
    """The rule stands in nobody's way: our own terms of any plan, with any bid, pass."""
    assert order_refusal(plan, made(plan, bid), WALLET) is None


@settings(max_examples=300, deadline=None)
@given(plans(), st.data())
def test_r25_what_a_plan_does_not_allow_is_refused(plan: Plan, data: st.DataObject) -> None:
    """One thing changed, whichever: amount, limit, token, side, market, price step or identity."""
    terms = made(plan)
    worse = terms.limit + plan_tick(plan) if plan.side is Side.BUY else Decimal(0)
    other_side = Side.SELL if plan.side is Side.BUY else Side.BUY
    changed, wanted = data.draw(
        st.sampled_from(
            [
                (replace(terms, amount=terms.amount + Decimal("0.01")), SignRefusal.AMOUNT),
                (replace(terms, amount=Decimal(0)), SignRefusal.AMOUNT),
                (replace(terms, amount=-terms.amount), SignRefusal.AMOUNT),
                (replace(terms, limit=worse), SignRefusal.LIMIT),
                (replace(terms, limit=Decimal(1)), SignRefusal.LIMIT),
                (replace(terms, token_id=terms.token_id + "1"), SignRefusal.TOKEN),
                (replace(terms, side=other_side), SignRefusal.SIDE),
                (replace(terms, neg_risk=not terms.neg_risk), SignRefusal.MARKET),
                (replace(terms, tick=terms.tick / 10), SignRefusal.MARKET),
                (replace(terms, salt=terms.salt ^ 1), SignRefusal.IDENTITY),
                (replace(terms, timestamp_ms=terms.timestamp_ms + 1), SignRefusal.IDENTITY),
            ]
        )
    )
    assert order_refusal(plan, changed, WALLET) is wanted


def plan_tick(plan: Plan) -> Decimal:
    assert plan.tick is not None
    return max(plan.tick, (plan.limit_price or Decimal(0)) - plan.tick)


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(1, 999).map(lambda n: Decimal(n).scaleb(-3)))
def test_r25_a_sell_never_goes_under_its_floor(plan: Plan, limit: Decimal) -> None:
    """Any limit that passes is at or above the decided one, or the follower's floor once attempts were made."""
    assume(plan.side is Side.SELL)
    assert plan.limit_price is not None
    terms = replace(made(plan), limit=limit)
    if order_refusal(plan, terms, WALLET) is None:
        top = 1 - terms.tick
        if plan.former_limit is None:
            assert limit >= min(top, plan.limit_price)
        else:
            assert plan.settings is not None
            assert plan.leader_price is not None
            floor = plan.leader_price * Decimal(plan.settings["exit_min_percent"]) / 100
            assert limit >= min(top, plan.former_limit, floor)


def test_r25_another_accounts_wallet_signs_nothing() -> None:
    """Neither another account's, nor one whose money is somewhere else."""
    plan = _buy()
    terms = made(plan)
    other = open_key(bytes(range(2, 34)))
    strange = TradingWallet("account", other.address, WALLET.key, Credentials("k", "s", "p"))
    assert order_refusal(plan, terms, replace(WALLET, account_id="else")) is SignRefusal.ACCOUNT
    assert order_refusal(plan, terms, strange) is SignRefusal.WALLET


def test_r25_a_buy_has_no_second_order() -> None:
    """Whatever a row may say."""
    plan = replace(_buy(), former_attempt=1)
    assert order_refusal(plan, made(_buy()), WALLET) is SignRefusal.ATTEMPT


def test_r25_nothing_is_built_of_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look stands before the signature: terms over the cap end the plan, and its neighbours go on."""
    plan = _buy()
    honest = made(plan)
    monkeypatch.setattr(terms_of, "_terms", lambda *_: replace(honest, amount=honest.amount * 2))

    def never(*_: object) -> None:
        raise AssertionError("signed")

    with monkeypatch.context() as patched:
        patched.setattr(terms_of, "build", never)
        end = signed_order(plan, WALLET, None)
    assert isinstance(end, PlanEnd)
    assert (end.state, end.reject_reason) == (CopyState.REJECTED, RejectReason.OTHER)
    assert end.cause == "our own signer refused: AMOUNT"
    monkeypatch.setattr(terms_of, "_terms", lambda *_: honest)
    assert isinstance(signed_order(plan, WALLET, None), NewOrder)


def _buy() -> Plan:
    return Plan(
        "C-1", "account", "A-1", Venue.PAPER, Side.BUY, "123", Decimal("5"), None, Decimal("0.5"), 0, NOW, None,
        Decimal("0.01"), False, 2, 1, 0, None, None, None,
    )  # fmt: skip


def test_r25_a_withdrawal_is_signed_from_its_row_alone() -> None:
    """Asked for, to an address of the same account added a day before, out of what is free."""
    row = Withdrawal(
        "account", True, "0x" + "cd" * 20, "account", NOW - timedelta(hours=24), Decimal(10), Decimal(10)
    )
    assert withdrawal_refusal(row, WALLET, NOW) is None
    young = replace(row, address_added_at=NOW - timedelta(hours=24) + timedelta(microseconds=1))
    for changed, wanted in (
        (young, SignRefusal.ADDRESS),
        (replace(row, address=WALLET.address.lower()), SignRefusal.ADDRESS),
        (replace(row, address_account_id="else"), SignRefusal.ACCOUNT),
        (replace(row, account_id="else"), SignRefusal.ACCOUNT),
        (replace(row, asked=False), SignRefusal.STATE),
        (replace(row, usdc=Decimal("10.000001")), SignRefusal.AMOUNT),
        (replace(row, usdc=Decimal(0)), SignRefusal.AMOUNT),
    ):
        assert withdrawal_refusal(changed, WALLET, NOW) is wanted


def test_r25_a_redemption_is_signed_from_its_row_alone() -> None:
    """Claimed, resolved on chain, and no more than is held."""
    row = Redemption("account", True, True, Decimal(3), Decimal(3))
    assert redemption_refusal(row, WALLET) is None
    for changed, wanted in (
        (replace(row, account_id="else"), SignRefusal.ACCOUNT),
        (replace(row, claimed=False), SignRefusal.STATE),
        (replace(row, resolved=False), SignRefusal.MARKET),
        (replace(row, shares=Decimal("3.000001")), SignRefusal.AMOUNT),
        (replace(row, shares=Decimal(0)), SignRefusal.AMOUNT),
    ):
        assert redemption_refusal(changed, WALLET) is wanted


def test_r25_orders_are_built_in_one_place() -> None:
    """Nothing in the streams builds a signed order but the code that looks at the rule first."""
    root = Path(streams.__path__[0])
    builders = []
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.ImportFrom) or node.module != "streams.venues.orders":
                continue
            if {"build", "unsigned_order"} & {name.name for name in node.names}:
                builders.append(file.relative_to(root).as_posix())
    assert builders == ["trading/terms.py"]
