"""Our books against the exchange's, account by account (DESIGN §4.8, SAFETY R38, R14, R5)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ops.statements import statement
from streams.trading.audit_findings import Difference, differences, last_night, shares_to_close
from tests.copy_execution.world import TOKEN
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

D = Decimal
OTHER_LEADER = "0x1" + "cd" * 19 + "e"
Command = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def command(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`polycool reconcile …` as a process of its own: its exit code and its document."""
    monkeypatch.setattr("streams.trading.account_audit._CONFIRM_SECONDS", 0.2)

    async def run(*words: str) -> tuple[int, dict[str, Any]]:
        environment = os.environ | {
            "POLYCOOL_DATABASE_URL": ground.database_url,
            "POLYCOOL_KAFKA": "127.0.0.1:1",
        }
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops.cli", "reconcile", "--json", *words,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said, complained = await asyncio.wait_for(started.communicate(), 60)
        assert said, complained.decode()
        return started.returncode or 0, json.loads(said)

    return run


async def _at_rest(ground: Ground, **settings: Any) -> str:
    """A follower who holds a lot whose purchase has settled; the account."""
    await ground.start(sweep_seconds=0.1, settle_after_seconds=0.1)
    await ground.followers(**settings)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await _settled(ground)
    return "u0-paper"


async def _settled(ground: Ground) -> None:
    await eventually(lambda: {order["state"] for order in ground.orders()} == {"settled"}, 30)


def _assert_money(ground: Ground) -> None:
    """Promise 8 as `polycool audit` checks it."""
    row = ground.world.owner.execute(
        statement("ops.audit", "money").encode(), {"since": "-infinity"}
    ).fetchone()
    assert row is not None
    assert (row["broken"], row["names"]) == (0, [])
    assert row["counted"]["at_rest"] == 1


def _transfer(ground: Ground, asset: str, amount: str, *, out: bool = False) -> None:
    """A stranger, or the owner himself, moves something at the exchange, past us."""
    (account,) = ground.world.rows("SELECT wallet FROM accounts")
    micro = int(D(amount) * 1_000_000)
    source, goal = (account["wallet"], "outside") if out else ("outside", account["wallet"])
    ground.world.run(
        "INSERT INTO paper.entries (at, cause, reference, asset, from_party, to_party, amount)"
        " VALUES (now(), 'credit', 'a transfer', %s, %s, %s, %s)", asset, source, goal, micro,
    )  # fmt: skip
    for party, change in ((source, -micro), (goal, micro)):
        # An exchange's own side may be below 0, which the check of a new row would not see.
        ground.world.run(
            "INSERT INTO paper.balances AS b (party, asset, amount) VALUES (%s, %s, greatest(%s, 0))"
            " ON CONFLICT (party, asset) DO NOTHING", party, asset, 0,
        )  # fmt: skip
        ground.world.run(
            "UPDATE paper.balances SET amount = amount + %s WHERE party = %s AND asset = %s",
            change, party, asset,
        )  # fmt: skip


async def test_an_account_at_rest_agrees_to_the_micro(ground: Ground, command: Command) -> None:
    """Asked for by the command, answered by the worker: exit 0, a row of the outcome, cash as text."""
    await _at_rest(ground)
    code, planned = await command()
    assert (code, planned["accounts"], planned["executed"]) == (0, 1, False)
    code, found = await command("--execute")
    assert code == 0
    (account,) = found["accounts"]
    assert (account["outcome"], account["our_cash"]) == ("agrees", account["their_cash"])
    (row,) = ground.world.rows("SELECT * FROM account_audits")
    assert (row["outcome"], row["request_id"] is not None) == ("agrees", True)


async def test_r38_money_from_outside_is_named_and_not_spent_until_accepted(
    ground: Ground, command: Command
) -> None:
    """0.01 sent in: an `external` row and a notice; cash stays; once accepted it is the account's."""
    account = await _at_rest(ground)
    cash = ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"]
    _transfer(ground, "USDC", "0.01")
    code, found = await command("--execute")
    assert (code, found["accounts"][0]["outcome"]) == (0, "external")
    assert found["accounts"][0]["differences"][0][3] == "external"
    (move,) = ground.world.rows("SELECT * FROM external_moves")
    assert (move["asset"], move["amount"], move["accepted_at"]) == ("USDC", D("0.01"), None)
    assert ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"] == cash
    assert ground.world.rows("SELECT 1 FROM notifications WHERE kind = 'external_in'")
    assert ground.world.rows("SELECT 1 FROM account_stops") == []
    _assert_money(ground)
    assert (await command("--execute"))[1]["accounts"][0]["outcome"] == "agrees"
    code, found = await command("--execute", "--accept", "--account", account)
    assert (code, found["accounts"][0]["outcome"]) == (0, "agrees")
    assert ground.world.rows("SELECT cash_usdc FROM accounts")[0]["cash_usdc"] == cash + D("0.01")
    _assert_money(ground)
    await ground.assert_books_agree()


async def test_r38_what_left_closes_lots_and_stops_the_buys(ground: Ground, command: Command) -> None:
    """The owner moves half a lot out: the lot follows in shares, cost and target, he is told, live BUYs stop until
    somebody lets them go again."""
    account = await _at_rest(ground)
    (before,) = ground.lots()
    _transfer(ground, TOKEN, str(before["shares"] / 2), out=True)
    code, found = await command("--execute")
    assert (code, found["accounts"][0]["outcome"]) == (0, "external")
    (lot,) = ground.lots()
    half = before["shares"] / 2
    assert (lot["shares"], lot["target_shares"]) == (half, half)
    assert lot["cost_usdc"] - before["cost_usdc"] == lot["realised_usdc"] < 0
    (stop,) = ground.world.rows("SELECT * FROM account_stops")
    assert (stop["cause"], stop["over_at"]) == ("external", None)
    assert ground.world.rows("SELECT 1 FROM notifications WHERE kind = 'external_out'")
    await ground.assert_books_agree()
    _assert_money(ground)
    assert (await command("--execute"))[1]["accounts"][0]["outcome"] == "agrees"
    assert ground.world.rows("SELECT over_at FROM account_stops")[0]["over_at"] is None
    await command("--execute", "--allow-buys", "--account", account)
    assert ground.world.rows("SELECT over_at FROM account_stops")[0]["over_at"] is not None


async def test_r14_a_shortfall_ends_with_the_audit_that_settles_it(
    ground: Ground, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purchase taken back after its sale: another lot of the account gives the shares, the stop ends by the audit."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(sweep_seconds=0.1, settle_after_seconds=0.1)
    await ground.followers()
    world = ground.world
    world.leader(OTHER_LEADER)
    world.follow("u0-paper", OTHER_LEADER)
    await ground.conduct({"fault": "settlement_fails", "times": 1, "seconds": 600})
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(world.message(OTHER_LEADER, "BUY", "100", "0.5"))
    await ground.leader_trades(world.message(LEADER, "SELL", "100", "0.5"))
    await ground.all_ended()
    # An audit that finds a match not settled yet comes again only after a minute.
    await eventually(
        lambda: [order["state"] for order in ground.orders()] == ["matched", "settled", "settled"], 30
    )
    bought, *_ = world.rows("SELECT trade_id FROM paper.trades ORDER BY matched_at")
    await ground.exchange.admin("POST", "fail", {"trade_id": str(bought["trade_id"])})
    await eventually(lambda: world.rows("SELECT 1 FROM shortfalls"), 30)
    await eventually(lambda: {order["state"] for order in ground.orders()} == {"settled", "failed"}, 30)
    _assert_money(ground)
    # An account whose BUYs stand still is audited without being asked.
    await eventually(lambda: world.rows("SELECT 1 FROM account_audits WHERE outcome = 'external'"), 30)
    _assert_money(ground)
    assert (await command("--execute"))[1]["accounts"][0]["outcome"] == "agrees"
    assert {lot["shares"] for lot in ground.lots()} == {D(0)}
    stops = world.rows("SELECT cause, over_at IS NOT NULL AS over FROM account_stops")
    assert [(stop["cause"], stop["over"]) for stop in stops] == [("shortfall", True)]


async def test_r05_a_fill_that_was_missed_is_booked_and_is_no_gift(
    ground: Ground, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fill of ours that is not in our books explains the difference: booked late, nothing is taken for external; then
    the books agree and the stops are lifted."""
    # The audit finds it, not the settler's own look.
    monkeypatch.setattr("streams.trading.settler._LATE_EVERY_SECONDS", 600.0)
    await ground.start(
        sweep_seconds=0.1, settle_after_seconds=0.1, post_seconds=0.5, reconcile_seconds=0.1, repeats_max=0,
        proof_looks=2, proof_seconds=0.5,
    )  # fmt: skip
    await ground.followers()
    await ground.conduct({"deed": "wait_before", "seconds": 4, "times": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert copy["reason"] == "NOT_FOUND"
    await eventually(lambda: len(ground.placed()) == 1)
    code, found = await command("--execute")
    assert (code, found["accounts"][0]["outcome"]) == (1, "differs")
    assert "fills of our orders" in found["accounts"][0]["why"]
    await eventually(lambda: ground.copies()[0]["late_fill"])
    assert (await command("--execute"))[1]["accounts"][0]["outcome"] == "agrees"
    stops = ground.world.rows("SELECT cause, over_at IS NOT NULL AS over FROM account_stops ORDER BY cause")
    assert [(stop["cause"], stop["over"]) for stop in stops] == [("audit", True), ("late_fill", True)]
    assert ground.world.rows("SELECT 1 FROM external_moves") == []


async def test_the_pass_explains_each_order_in_doubt(ground: Ground, command: Command) -> None:
    """An order behind a time-out: named with its state and with what the looks showed."""
    await ground.start(post_seconds=0.5, reconcile_seconds=0.1, repeats_max=0)
    await ground.followers()
    await ground.conduct({"deed": "answer_instead", "status": 500})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: [copy["state"] for copy in ground.copies()] == ["unknown"])
    code, found = await command("--execute")
    (order,) = found["orders"]
    assert (order["state"], order["copy_order_id"]) == ("unknown", ground.copies()[0]["copy_order_id"])
    assert "looks showed nothing: unknown still" in order["verdict"]
    assert (code, found["accounts"][0]["outcome"]) == (0, "busy")


async def test_every_account_is_audited_each_night(ground: Ground, command: Command) -> None:
    """Without being asked, once: an account that was there before the hour has its row."""
    await _at_rest(ground)
    ground.world.run("UPDATE accounts SET opened_at = now() - interval '2 days'")
    await eventually(lambda: ground.world.rows("SELECT 1 FROM account_audits"))
    (row,) = ground.world.rows("SELECT * FROM account_audits")
    assert (row["outcome"], row["request_id"]) == ("agrees", None)
    assert (await command("--execute"))[0] == 0
    assert len(ground.world.rows("SELECT 1 FROM account_audits WHERE request_id IS NULL")) == 1


def test_the_night_is_the_last_one_that_began() -> None:
    """03:00 UTC of today, or of yesterday before that hour."""
    assert last_night(datetime(2026, 11, 22, 3, 0, tzinfo=UTC)) == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert last_night(datetime(2026, 11, 22, 2, 59, tzinfo=UTC)) == datetime(2026, 11, 21, 3, tzinfo=UTC)


async def test_without_a_worker_the_command_says_so(ground: Ground, command: Command) -> None:
    """Nobody has the keys: exit 3 after a while, and the sentence names the mend."""
    code, said = await command("--execute", "--patience", "1")
    assert code == 3
    assert "polycool" in said["error"]


@pytest.mark.parametrize(
    ("lots", "missing", "gone"),
    [
        ([("10", True), ("10", False)], "4", ["4", "0"]),
        ([("10", True), ("10", False), ("30", False)], "14", ["10", "1", "3"]),
        ([("1", False), ("1", False), ("1", False)], "1", ["0.333334", "0.333333", "0.333333"]),
        ([("1", False)], "5", ["1"]),
        ([], "5", []),
    ],
)
def test_r38_by_hand_first_then_in_proportion(
    lots: list[tuple[str, bool]], missing: str, gone: list[str]
) -> None:
    """Down to the micro, together exactly what is missing, never more than there is."""
    found = shares_to_close([(D(shares), by_hand) for shares, by_hand in lots], D(missing))
    assert found == [D(shares) for shares in gone]


def test_differences_are_found_to_the_micro() -> None:
    """Cash first; what both have is none."""
    found = differences({"USDC": D(1), "7": D(2), "8": D(3)}, {"USDC": D("1.000001"), "7": D(2)})
    assert found == [Difference("USDC", D(1), D("1.000001")), Difference("8", D(3), D(0))]
    assert [each.amount for each in found] == [D("0.000001"), D(-3)]
