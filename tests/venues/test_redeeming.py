"""Winnings of live accounts are redeemed once and only once, and are cash when that was seen (SAFETY R24, R25)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.copy_execution.world import TOKEN
from tests.trading.conftest import ground as ground
from tests.trading.conftest import make_ground as make_ground
from tests.trading.conftest import pool as pool
from tests.trading.conftest import topic_prefix as topic_prefix
from tests.trading.conftest import world as world
from tests.trading.ground import LEADER, Ground
from tests.venues.live import (
    KINDS,
    account,
    allow_live,
    live_follower,
    live_settings,
    redemptions,
    resolve,
    tell_market,
)
from tests.waiting import eventually


async def _holding(ground: Ground, **settings: object) -> dict[str, Any]:
    """A live follower who has bought 10 shares for 5 USDC, and the fee; its account."""
    await ground.start(**live_settings(ground, **settings))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["venue"]) == ("filled", "polymarket"), copy
    return account(ground, "live-polymarket")


async def _theirs(ground: Ground, wallet: str) -> tuple[Decimal, Decimal]:
    """Cash and shares at the exchange."""
    held = await ground.exchange.balances(wallet)
    return Decimal(held.get("USDC", "0")), Decimal(held.get(TOKEN, "0"))


@pytest.mark.parametrize("kind", KINDS)
async def test_r24_winnings_are_redeemed_once_for_each_kind_of_wallet(ground: Ground, kind: int) -> None:
    """Claimed at the resolution, redeemed by one transaction, cash equals the exchange's to the micro; then silence."""
    before = await _holding(ground, live_signature_type=kind)
    assert before["signature_type"] == kind
    await resolve(ground, "1")
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["redeemed"], 20)
    after = account(ground, "live-polymarket")
    [row] = redemptions(ground)
    cash, shares = await _theirs(ground, before["wallet"])
    assert (after["cash_usdc"], shares) == (cash, Decimal(0))
    assert after["cash_usdc"] - before["cash_usdc"] == row["usdc"] > 9
    assert [lot["closed_by"] for lot in ground.lots()] == ["resolved"]
    assert row["posts"] == 1
    assert ground.world.rows("SELECT count(*) AS n FROM paper.redemptions") == [{"n": 1}]
    await ground.exchange.assert_conserved()


async def test_r24_cash_rises_only_when_the_redemption_was_seen(ground: Ground) -> None:
    """Our tables hear of the end before the chain has it: a claim, no cash; refused redemptions are tried again later,
    each under its own nonce, until one is seen."""
    before = await _holding(ground)
    await resolve(ground, "1", at_the_exchange=False)
    await eventually(lambda: ground.world.rows("SELECT 1 FROM claims"))
    await eventually(lambda: "failed" in [row["state"] for row in redemptions(ground)], 20)
    assert account(ground, "live-polymarket")["cash_usdc"] == before["cash_usdc"]
    await resolve(ground, "1")
    await eventually(lambda: "redeemed" in [row["state"] for row in redemptions(ground)], 30)
    cash, _ = await _theirs(ground, before["wallet"])
    assert account(ground, "live-polymarket")["cash_usdc"] == cash
    assert [row["state"] for row in redemptions(ground)].count("redeemed") == 1
    nonces = [row["nonce"] for row in redemptions(ground)]
    assert len(set(nonces)) == len(nonces)


async def test_a_lost_market_claims_nothing(ground: Ground) -> None:
    """The lot is closed at 0, and no transaction is sent for it."""
    before = await _holding(ground)
    await resolve(ground, "0")
    await eventually(lambda: [lot["closed_by"] for lot in ground.lots()] == ["resolved"])
    await eventually(lambda: ground.world.rows("SELECT 1 FROM claims WHERE usdc = 0"))
    assert redemptions(ground) == []
    assert account(ground, "live-polymarket")["cash_usdc"] == before["cash_usdc"]


FAULTS = ["accept_then_hang", "accept_then_malformed", "server_error"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_unknown_submission_is_proven_by_positions(ground: Ground, fault: str) -> None:
    """Whatever breaks the answer: paid once, cash equals the exchange's, the same bytes at most again."""
    before = await _holding(ground, read_seconds=1.0)
    await ground.conduct({"fault": fault, "path": "/submit", "times": 1})
    await resolve(ground, "1")
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["redeemed"], 30)
    cash, shares = await _theirs(ground, before["wallet"])
    assert (account(ground, "live-polymarket")["cash_usdc"], shares) == (cash, Decimal(0))
    assert ground.world.rows("SELECT count(*) AS n FROM paper.redemptions") == [{"n": 1}]
    assert [
        row["cause"] for row in ground.world.rows("SELECT cause FROM cash_entries WHERE cause = 'payout'")
    ] == ["payout"]


async def test_a_worker_killed_while_it_sends_pays_once(ground: Ground) -> None:
    """Ended between the submission and its answer: the next worker finds it by the positions."""
    before = await _holding(ground)
    await ground.conduct({"fault": "accept_then_hang", "path": "/submit", "times": 1})
    await resolve(ground, "1")
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["submitting"])
    await eventually(lambda: ground.world.rows("SELECT 1 FROM paper.redemptions"))
    await ground.stop()
    await ground.start(**live_settings(ground))
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["redeemed"], 30)
    cash, _ = await _theirs(ground, before["wallet"])
    assert account(ground, "live-polymarket")["cash_usdc"] == cash
    assert ground.world.rows("SELECT count(*) AS n FROM paper.redemptions") == [{"n": 1}]


async def test_r13_under_halt_nothing_is_redeemed(ground: Ground) -> None:
    """Nothing leaves under `halt`; after it the stored bytes go."""
    await _holding(ground)
    ground.world.run("UPDATE switches SET stopped = true WHERE name = 'halt'")
    await resolve(ground, "1")
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["signed"])
    [row] = redemptions(ground)
    assert (row["posts"], ground.world.rows("SELECT 1 FROM paper.redemptions")) == (0, [])
    ground.world.run("UPDATE switches SET stopped = false WHERE name = 'halt'")
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["redeemed"], 20)


async def test_without_a_relayer_winnings_stay_claims(ground: Ground) -> None:
    """Nothing is lost: the claim stands, and is redeemed once somebody can."""
    nobody: dict[str, object] = {
        "relayer_url": None,
        "relayer_api_key": None,
        "relayer_api_key_address": None,
    }
    before = await _holding(ground, **nobody)
    await resolve(ground, "1")
    await eventually(lambda: ground.world.rows("SELECT 1 FROM claims WHERE usdc > 9"))
    assert redemptions(ground) == []
    assert account(ground, "live-polymarket")["cash_usdc"] == before["cash_usdc"]
    await ground.stop()
    await ground.start(**live_settings(ground))
    await eventually(lambda: [row["state"] for row in redemptions(ground)] == ["redeemed"], 20)


async def test_a_new_deposit_wallet_is_deployed_and_approved_once_before_it_may_trade(ground: Ground) -> None:
    """Answers that get lost cost nothing: one creation, then one transaction with all approvals, then ready."""
    await ground.start(**live_settings(ground, read_seconds=0.5))
    await ground.conduct({"fault": "accept_then_cut", "path": "/submit", "times": 1})
    await live_follower(ground)
    rows = ground.world.rows("SELECT kind, nonce, calls FROM paper.relayed ORDER BY nonce")
    assert [(row["kind"], row["nonce"]) for row in rows] == [("WALLET-CREATE", -1), ("WALLET", 0)]
    assert len(rows[1]["calls"]) >= 8
    assert {call["data"][:10] for call in rows[1]["calls"]} == {"0x095ea7b3", "0xa22cb465"}
