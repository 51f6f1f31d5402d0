"""A resolved market ends its lots at shares × payout, at the exchange and in our books alike (RULES §5, SAFETY R24)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.copy_execution.world import MARKET, TOKEN
from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

OTHER = "42970893626658586257478179041912736108567636717200297964038152698855061141000"


def _resolve(ground: Ground, payout: str) -> None:
    ground.world.run(
        "UPDATE markets SET closed = true, payout = %s, resolved_at = now(), version = version + 1", payout
    )


def _second_leader(ground: Ground) -> str:
    """Whom the first account follows as well, for seven dollars a trade."""
    second = "0x2" + "cd" * 19 + "e"
    ground.world.leader(second)
    ground.world.follow("u0-paper", second, fixed_amount_usdc="7")
    return second


async def _paid_out(ground: Ground) -> None:
    await eventually(lambda: all(lot["closed_at"] for lot in ground.lots()))
    await eventually(lambda: ground.world.rows("SELECT 1 FROM paper.tokens WHERE resolved_at IS NOT NULL"))


@pytest.mark.parametrize("payout", ["1", "0", "0.5"])
async def test_r24_lots_are_paid_out_to_the_micro(ground: Ground, payout: str) -> None:
    """B-42: won, lost or split: the lot is closed by it, cash grows by shares × payout, down to the micro."""
    await ground.start(sweep_seconds=0.1)
    await ground.followers(2)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await ground.all_ended()
    before = {lot["lot_id"]: lot for lot in ground.lots()}
    _resolve(ground, payout)
    await _paid_out(ground)
    for lot in ground.lots():
        held = before[lot["lot_id"]]
        paid = (held["shares"] * Decimal(payout)).quantize(Decimal("0.000001"), "ROUND_FLOOR")
        assert (lot["closed_by"], lot["shares"]) == ("resolved", 0)
        assert lot["realised_usdc"] == paid - held["cost_usdc"]
    await ground.assert_books_agree()


async def test_r24_fractions_of_several_lots_are_paid_as_the_exchange_pays(ground: Ground) -> None:
    """Two leaders, one account, odd micro-shares, half a dollar each: what flooring each lot lost is booked as well."""
    await ground.start(sweep_seconds=0.1)
    await ground.followers()
    second = _second_leader(ground)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await ground.leader_trades(ground.world.message(second, "BUY", "100", "0.33"))
    await ground.all_ended()
    assert len(ground.lots()) == 2
    _resolve(ground, "0.5")
    await _paid_out(ground)

    async def agreed() -> bool:
        await ground.assert_books_agree()
        return True

    await eventually(agreed)


async def test_r24_dust_that_was_written_off_is_paid_too(ground: Ground) -> None:
    """A sale leaves less than 0.01 share: a loss in the lot, but the exchange pays for it, and so it is booked."""
    await ground.start(sweep_seconds=0.1)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.37"))
    await ground.all_ended()
    (lot,) = ground.lots()
    assert lot["closed_by"] == "dust"
    _resolve(ground, "1")
    await eventually(lambda: ground.world.rows("SELECT 1 FROM cash_entries WHERE ref LIKE 'rest:%%'"))

    async def agreed() -> bool:
        theirs = await ground.exchange.balances(ground.world.rows("SELECT wallet FROM accounts")[0]["wallet"])
        ours = ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"]
        assert Decimal(theirs["USDC"]) == ours
        return True

    await eventually(agreed)


async def test_r24_nothing_is_paid_while_an_order_is_unknown(ground: Ground) -> None:
    """An exit nobody knows the end of: the lot waits for it, then what is left of it is paid out."""
    quick = {
        "post_seconds": 0.5,
        "reconcile_seconds": 0.1,
        "proof_looks": 3,
        "proof_seconds": 2.0,
        "repeats_max": 0,
    }
    await ground.start(sweep_seconds=0.1, attempt_pauses=(0.1,), **quick)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await ground.all_ended()
    await ground.conduct({"deed": "answer_instead", "status": 500})
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "50", "0.37"))
    await eventually(lambda: [copy["state"] for copy in ground.copies()] == ["filled", "unknown"])
    _resolve(ground, "1")
    await eventually(lambda: ground.world.rows("SELECT 1 FROM paper.tokens WHERE resolved_at IS NOT NULL"))
    if ground.copies()[1]["state"] == "unknown":
        assert [lot["closed_at"] for lot in ground.lots()] == [None]
    await _paid_out(ground)
    copies = await ground.all_ended()
    (lot,) = ground.lots()
    assert copies[1]["ended_at"] <= lot["closed_at"]
    await ground.assert_books_agree()


async def test_r24_a_fill_booked_after_the_resolution_is_paid_out_at_once(ground: Ground) -> None:
    """A purchase nobody could look up is found once the market has long resolved: its lot opens and is paid out."""
    await ground.start(sweep_seconds=0.1, post_seconds=0.5, reconcile_seconds=0.1, repeats_max=0)
    await ground.followers()
    await ground.conduct(
        {"deed": "wait_after", "seconds": 20, "times": 1},
        {"deed": "answer_instead", "method": "GET", "path": "/data/*", "status": 503},
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await eventually(lambda: [copy["state"] for copy in ground.copies()] == ["unknown"])
    await eventually(lambda: len(ground.placed()) == 1)
    _resolve(ground, "1")
    wallet = ground.world.rows("SELECT wallet FROM accounts")[0]["wallet"]
    market_id = ground.world.rows("SELECT market_id FROM paper.tokens")[0]["market_id"]
    await ground.exchange.admin("POST", "resolve", {"market_id": market_id, "payouts": {TOKEN: "1"}})
    assert [copy["state"] for copy in ground.copies()] == ["unknown"]
    assert ground.lots() == []
    await ground.conduct()
    await ground.all_ended()
    await _paid_out(ground)
    assert [lot["closed_by"] for lot in ground.lots()] == ["resolved"]
    cash = ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"]
    assert Decimal((await ground.exchange.balances(wallet))["USDC"]) == cash > 1000
    await ground.assert_books_agree()


async def test_r24_planned_and_waiting_orders_end_with_the_market(ground: Ground) -> None:
    """Resolved while a plan waits for a worker: MARKET_CLOSED, nothing is posted."""
    worker = await ground.start()
    await ground.followers()
    await ground.stop(worker)
    world = ground.world
    await ground.leader_trades(
        world.message(LEADER, "BUY", "100", "0.37"), world.message(LEADER, "SELL", "50", "0.4")
    )
    _resolve(ground, "1")
    await ground.start()
    copies = await ground.all_ended()
    assert {(copy["state"], copy["reason"]) for copy in copies} == {("skipped", "MARKET_CLOSED")}
    assert ground.placed() == []


async def test_r24_both_outcomes_are_told_in_one_resolution(make_ground: MakeGround) -> None:
    """A market of two tokens: the winner pays one, the loser nothing, whatever a restart repeats."""
    ground = await make_ground()
    for token in (TOKEN, OTHER):
        ground.world.market(token)
    worker = await ground.start(sweep_seconds=0.1)
    await ground.followers()
    world = ground.world
    await ground.leader_trades(
        world.message(LEADER, "BUY", "100", "0.37"), world.message(LEADER, "BUY", "100", "0.6", token=OTHER)
    )
    await ground.all_ended()
    world.run(
        "UPDATE markets SET closed = true, version = 2, payout = CASE token_id WHEN %s THEN 1 ELSE 0 END",
        TOKEN,
    )
    await _paid_out(ground)
    await ground.stop(worker)
    await ground.start(sweep_seconds=0.1)
    await ground.assert_books_agree([TOKEN, OTHER])
    assert len(world.rows("SELECT 1 FROM paper.entries WHERE cause = 'payout' AND asset = 'USDC'")) == 1
    assert {row["market_id"] for row in world.rows("SELECT market_id FROM lots")} == {MARKET}


@pytest.mark.parametrize("payout", ["1", "0.5"])
async def test_r14_shares_that_were_taken_back_after_their_sale_are_not_paid_out(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, payout: str
) -> None:
    """A shortfall at the end of the market: another lot of the account counted shares that are not there. Cash is the
    exchange's, and the shortfall ends with the market."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(sweep_seconds=0.1)
    await ground.followers()
    second = _second_leader(ground)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.37"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(second, "BUY", "100", "0.37"))
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.37"))
    await ground.all_ended()
    (first, *_) = ground.world.rows("SELECT trade_id FROM paper.trades ORDER BY matched_at")
    await ground.exchange.admin("POST", "fail", {"trade_id": str(first["trade_id"])})
    await eventually(lambda: ground.world.rows("SELECT 1 FROM shortfalls"), 30)
    _resolve(ground, payout)

    async def agreed() -> bool:
        (account,) = ground.world.rows("SELECT wallet, cash_usdc FROM accounts")
        cash = Decimal((await ground.exchange.balances(account["wallet"]))["USDC"])
        open_ones = ground.world.rows("SELECT 1 FROM shortfalls WHERE settled_at IS NULL")
        return cash == account["cash_usdc"] and not open_ones

    await _paid_out(ground)
    await eventually(agreed, 15)
    await ground.exchange.assert_conserved()
