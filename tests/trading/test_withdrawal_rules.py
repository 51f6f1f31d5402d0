"""What follows from each look at a withdrawal, and what its signer refuses (SAFETY R25). Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from streams.trading.signing_rule import SignRefusal, Withdrawal, withdrawal_refusal
from streams.trading.withdrawal_rules import PROOF_LOOKS, PROOF_SECONDS, Look, Step, next_step
from streams.venues.relayer import Progress
from streams.venues.wallets import DEPOSIT_WALLET, Credentials, TradingWallet, open_key, wallet_of_owner

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
AGAIN = 30.0
SENT = Look(
    posts=1,
    nonce=4,
    chain_nonce=4,
    progress=None,
    left=None,
    mortal=True,
    expired=False,
    withdrawn=False,
    looks=1,
    seconds_since_post=1.0,
)


def _wallet() -> TradingWallet:
    key = open_key(b"\x11" * 32)
    address = wallet_of_owner(key.address, DEPOSIT_WALLET)
    return TradingWallet("M-1", address, key, Credentials("", "", ""), DEPOSIT_WALLET)


ROW = Withdrawal(
    "M-1",
    asked=True,
    address="0x" + "6b" * 20,
    address_account_id="M-1",
    address_added_at=NOW - timedelta(hours=24),
    usdc=Decimal(40),
    free_usdc=Decimal(40),
)


def test_r25_the_signer_signs_its_row_and_nothing_else() -> None:
    """Other accounts, addresses, ages and amounts: refused, each by its name; the row itself: signed."""
    wallet = _wallet()
    assert withdrawal_refusal(ROW, wallet, NOW) is None
    others: dict[SignRefusal, list[dict[str, Any]]] = {
        SignRefusal.ACCOUNT: [{"account_id": "M-2"}, {"address_account_id": "M-2"}],
        SignRefusal.STATE: [{"asked": False}],
        SignRefusal.ADDRESS: [
            {"address_added_at": NOW - timedelta(hours=23, minutes=59)},
            {"address": wallet.address},
        ],
        SignRefusal.AMOUNT: [{"usdc": Decimal("40.000001")}, {"usdc": Decimal(0)}, {"usdc": Decimal(-1)}],
    }
    for refusal, changes in others.items():
        for change in changes:
            assert withdrawal_refusal(replace(ROW, **change), wallet, NOW) is refusal, change


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"posts": 0}, Step.SEND),
        ({"posts": 0, "expired": True}, Step.REFUSED),
        ({"posts": 0, "withdrawn": True}, Step.REFUSED),
        ({"progress": Progress.CONFIRMED}, Step.DONE),
        ({"progress": Progress.UNDER_WAY, "seconds_since_post": 99.0}, Step.WAIT),
        ({}, Step.WAIT),
        ({"seconds_since_post": AGAIN}, Step.SEND),
        ({"seconds_since_post": AGAIN, "withdrawn": True}, Step.WAIT),
        ({"chain_nonce": 5, "left": True}, Step.WAIT),
        ({"chain_nonce": 5, "left": True, "looks": 2}, Step.DONE),
        ({"chain_nonce": 5, "left": None, "looks": 99, "seconds_since_post": 999.0}, Step.WAIT),
        ({"chain_nonce": 5, "left": False, "looks": 5, "seconds_since_post": 44.0}, Step.WAIT),
        ({"chain_nonce": 5, "left": False, "looks": 5, "seconds_since_post": 45.0}, Step.REFUSED),
        ({"expired": True, "left": False, "looks": 5, "seconds_since_post": 700.0}, Step.REFUSED),
        ({"progress": Progress.FAILED, "left": False, "looks": 9}, Step.WAIT),
        ({"progress": Progress.FAILED, "chain_nonce": 5, "left": False, "looks": 2}, Step.REFUSED),
        ({"progress": Progress.FAILED, "mortal": False, "left": False, "looks": 2}, Step.REFUSED),
    ],
)
def test_r25_each_look_has_its_step(change: dict[str, object], step: Step) -> None:
    """Sent again only while the bytes may run and were not seen; ended only by proof."""
    assert next_step(replace(SENT, **change), AGAIN) is step  # type: ignore[arg-type]  # by the names above


def test_r25_over_all_looks_money_is_never_given_free_while_it_may_leave() -> None:
    """Every combination: refused after a submission only where the bytes can never run and the money was seen there;
    done only with a confirmation or where the money was seen to be gone."""
    looks = [
        replace(
            SENT,
            posts=posts,
            chain_nonce=nonce,
            progress=progress,
            left=left,
            mortal=mortal,
            expired=expired and mortal,
            withdrawn=withdrawn,
            looks=seen,
            seconds_since_post=since_seconds,
        )
        for posts, nonce, progress, left, mortal, expired, withdrawn, seen, since_seconds in product(
            (0, 1, 3), (4, 5), (None, *Progress), (None, True, False), (True, False), (True, False),
            (True, False), (1, PROOF_LOOKS), (1.0, PROOF_SECONDS),
        )
    ]  # fmt: skip
    for look in looks:
        step = next_step(look, AGAIN)
        if step is Step.REFUSED and look.posts:
            failed_for_ever = look.progress is Progress.FAILED and not look.mortal
            assert look.left is False
            assert look.expired or look.chain_nonce > look.nonce or failed_for_ever
        if step is Step.DONE:
            assert look.progress is Progress.CONFIRMED or look.left is True
        if step is Step.SEND and look.posts:
            assert look.chain_nonce == look.nonce
            assert not look.expired
            assert not look.withdrawn
