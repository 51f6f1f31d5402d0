"""What the former product did with people's money, and ours does not (research: its bugs B-12 to B-15, B-19)."""

from __future__ import annotations

from decimal import Decimal

from tests.trading.ground import LEADER, Ground


async def test_b12_b13_cash_is_the_exchanges_to_the_micro(ground: Ground) -> None:
    """No constant in place of a balance, no guess at its unit: 0.75 USDC buy nothing, 7 buy once."""
    await ground.start()
    await ground.followers(1, cash="0.75")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("skipped", "BALANCE")
    ground.world.run(
        "INSERT INTO account_credits (credit_id, account_id, usdc) VALUES ('c', 'u0-paper', 6.25)"
    )
    await ground.until_credited("c")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    assert [copy["state"] for copy in await ground.all_ended()] == ["skipped", "filled"]
    await ground.assert_books_agree()


async def test_b14_a_sell_needs_no_cash(ground: Ground) -> None:
    """All money is in the position: the exit goes out all the same."""
    await ground.start()
    await ground.followers(1, cash="5.27", fixed_amount_usdc="5")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    assert ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"] < 1
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    assert [copy["state"] for copy in await ground.all_ended()] == ["filled", "filled"]
    await ground.assert_books_agree()


async def test_b15_what_two_buys_bought_one_sell_sells(ground: Ground) -> None:
    """Two copies of one token are one lot, and the leader's exit sells all of it."""
    await ground.start()
    await ground.followers()
    for _ in range(2):
        await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
        await ground.all_ended()
    (lot,) = ground.lots()
    assert lot["adds"] == 1
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "200", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"] * 3
    assert copies[2]["filled_shares"] == lot["shares"].quantize(Decimal("0.01"), "ROUND_FLOOR")
    assert ground.lots()[0]["closed_at"] is not None
    await ground.assert_books_agree()


async def test_b19_results_are_kept_as_filled(ground: Ground) -> None:
    """What was filled, not what was meant, is kept; a sale is a result and no investment."""
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.7"))
    bought, sold = await ground.all_ended()
    fills = ground.world.rows("SELECT side, shares, usdc, fee_usdc FROM fills ORDER BY side")
    for copy, fill in zip((bought, sold), fills, strict=True):
        assert (copy["side"], copy["filled_shares"], copy["filled_usdc"], copy["fee_usdc"]) == tuple(
            fill.values()
        )
    assert bought["realised_usdc"] == 0
    gained = sold["filled_usdc"] - sold["fee_usdc"] - bought["filled_usdc"] - bought["fee_usdc"]
    assert sold["realised_usdc"] == gained
    entries = ground.world.rows("SELECT cause, usdc FROM cash_entries ORDER BY entry_id")
    assert [row["cause"] for row in entries] == ["credit", "buy", "sell"]
    assert sum(row["usdc"] for row in entries) == 1000 + gained
