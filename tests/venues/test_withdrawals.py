"""Money leaves a live account once, to an own address of a day, and ends by proof, whatever breaks (SAFETY R25)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.trading.conftest import ground as ground
from tests.trading.conftest import make_ground as make_ground
from tests.trading.conftest import pool as pool
from tests.trading.conftest import topic_prefix as topic_prefix
from tests.trading.conftest import world as world
from tests.trading.ground import LEADER, Ground
from tests.venues.live import (
    KINDS,
    OUTSIDE,
    account,
    allow_live,
    ask_withdrawal,
    live_follower,
    live_settings,
    tell_market,
    withdrawal_address,
    withdrawals,
)
from tests.waiting import eventually

ACCOUNT = "live-polymarket"


async def _funded(ground: Ground, usdc: str = "100", **settings: object) -> str:
    """A live account with so much; its wallet's address."""
    await ground.start(**live_settings(ground, **settings))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground, usdc=usdc)
    return str(account(ground, ACCOUNT)["wallet"])


async def _assert_left_once(ground: Ground, wallet: str, usdc: str, left: str) -> None:
    """To the micro: outside has it, the wallet has the rest, the books say the same, one entry took it."""
    outside, own = await ground.exchange.balances(OUTSIDE), await ground.exchange.balances(wallet)
    assert Decimal(outside.get("USDC", "0")) == Decimal(usdc)
    assert Decimal(own["USDC"]) == Decimal(left) == account(ground, ACCOUNT)["cash_usdc"]
    entries = ground.world.rows("SELECT usdc FROM cash_entries WHERE cause = 'withdrawal'")
    assert [row["usdc"] for row in entries] == [-Decimal(usdc)] * bool(Decimal(usdc))
    await ground.exchange.assert_conserved()


async def _ended(ground: Ground, state: str, seconds: float = 30) -> dict[str, Any]:
    await eventually(lambda: [row["state"] for row in withdrawals(ground)] == [state], seconds)
    return withdrawals(ground)[0]


def _told(ground: Ground) -> list[str]:
    return [
        row["kind"] for row in ground.world.rows("SELECT kind FROM notifications ORDER BY notification_id")
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_r25_money_leaves_once_for_each_kind_of_wallet(ground: Ground, kind: int) -> None:
    """Signed from its row, sent, seen, booked exactly, told."""
    wallet = await _funded(ground, live_signature_type=kind)
    ask_withdrawal(ground, "40.123456")
    row = await _ended(ground, "done")
    assert (row["posts"], row["transaction_hash"] is not None) == (1, True)
    await _assert_left_once(ground, wallet, "40.123456", "59.876544")
    assert _told(ground)[-1] == "withdrawal_sent"


@pytest.mark.parametrize("fault", ["accept_then_hang", "accept_then_malformed", "server_error", "cut"])
async def test_r25_an_answer_that_does_not_come_is_proven(ground: Ground, fault: str) -> None:
    """Whatever breaks the answer: the same bytes at most again, money once, booked once."""
    wallet = await _funded(ground, read_seconds=1.0)
    await ground.conduct({"fault": fault, "path": "/submit", "times": 1})
    ask_withdrawal(ground, "40")
    await _ended(ground, "done")
    await _assert_left_once(ground, wallet, "40", "60")


async def test_r25_killed_between_store_and_send(ground: Ground) -> None:
    """The bytes are stored, nothing was sent; the next worker sends them once."""
    wallet = await _funded(ground)
    ground.world.run("UPDATE switches SET stopped = true WHERE name = 'halt'")
    ask_withdrawal(ground, "40")
    row = await _ended(ground, "sending")
    assert (row["posts"], (await ground.exchange.balances(wallet))["USDC"]) == (0, "100")
    await ground.stop()
    ground.world.run("UPDATE switches SET stopped = false WHERE name = 'halt'")
    await ground.start(**live_settings(ground))
    assert bytes((await _ended(ground, "done"))["body"]) == bytes(row["body"])
    await _assert_left_once(ground, wallet, "40", "60")


async def test_r25_killed_between_send_and_answer(ground: Ground) -> None:
    """The relayer has taken it and our worker is gone: the next one proves it and books it once."""
    wallet = await _funded(ground)
    await ground.conduct({"fault": "accept_then_hang", "path": "/submit", "times": 1})
    ask_withdrawal(ground, "40")
    await eventually(lambda: withdrawals(ground)[0]["posts"] == 1)
    await eventually(lambda: ground.world.rows("SELECT 1 FROM paper.entries WHERE cause = 'transfer'"), 20)
    await ground.stop()
    await ground.start(**live_settings(ground))
    await _ended(ground, "done")
    await _assert_left_once(ground, wallet, "40", "60")


async def test_r25_a_failure_later_gives_the_money_free(ground: Ground) -> None:
    """Taken, then failed on the chain: nothing left, nothing booked, free again, told."""
    wallet = await _funded(ground)
    await ground.conduct({"fault": "settlement_fails", "path": "/submit", "times": 1})
    ask_withdrawal(ground, "40")
    await _ended(ground, "refused")
    await _assert_left_once(ground, wallet, "0", "100")
    assert _told(ground)[-1] == "withdrawal_failed"


async def test_r25_a_refusal_gives_the_money_free(ground: Ground) -> None:
    """Refused by the relayer in words: over at once, and the next may follow."""
    wallet = await _funded(ground)
    refusal = {"deed": "answer_instead", "path": "/submit", "times": 1, "status": 400, "error": "not allowed"}
    await ground.conduct(refusal)
    ask_withdrawal(ground, "40")
    row = await _ended(ground, "refused")
    assert (row["posts"], row["words"]) == (1, "not allowed")
    ask_withdrawal(ground, "100", name="D-0000002")
    await eventually(lambda: withdrawals(ground)[-1]["state"] == "done", 30)
    await _assert_left_once(ground, wallet, "100", "0")


async def test_r25_what_is_taken_out_is_not_spent(ground: Ground) -> None:
    """All of it is asked for: the leader's next buy finds nothing free, by the decision itself."""
    await _funded(ground, "10")
    ground.world.run("UPDATE switches SET stopped = true WHERE name = 'halt'")
    ask_withdrawal(ground, "10")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    [copy] = ground.copies()
    assert (copy["state"], copy["reason"]) == ("skipped", "BALANCE")


async def test_r25_an_address_taken_away_gets_nothing(ground: Ground) -> None:
    """Signed and not sent yet when its owner says no: never sent, free again."""
    wallet = await _funded(ground)
    ground.world.run("UPDATE switches SET stopped = true WHERE name = 'halt'")
    ask_withdrawal(ground, "40")
    await _ended(ground, "sending")
    ground.world.run("UPDATE withdrawal_addresses SET removed_at = now(), removed_because = 'not me'")
    ground.world.run("UPDATE switches SET stopped = false WHERE name = 'halt'")
    assert (await _ended(ground, "refused"))["posts"] == 0
    await _assert_left_once(ground, wallet, "0", "100")


async def test_r25_the_database_keeps_the_rule_where_code_forgets(ground: Ground) -> None:
    """No withdrawal to a young address, to somebody else's, or with other bytes than were signed."""
    await _funded(ground)
    young = withdrawal_address(ground, aged=False, address="0x" + "7a" * 20, name="W-0000002")
    with pytest.raises(psycopg.errors.CheckViolation):
        ask_withdrawal(ground, "1", address_id=young)
    ground.world.run("UPDATE switches SET stopped = true WHERE name = 'halt'")
    ask_withdrawal(ground, "40")
    await _ended(ground, "sending")
    for change in ("body = 'other'", "usdc = 50", f"address = '{'0x' + '7a' * 20}'", "nonce = 9"):
        with pytest.raises(psycopg.errors.CheckViolation):
            ground.world.run(f"UPDATE withdrawals SET {change}")
    with pytest.raises(psycopg.errors.CheckViolation):
        ground.world.run("UPDATE withdrawal_addresses SET address = %s", "0x" + "7a" * 20)


async def test_r19_a_withdrawal_that_the_database_forgot_is_not_made_again(ground: Ground) -> None:
    """A dump of before it was signed is put back: the exchange has less than the books say, so nothing is signed anew;
    the audit then tells what left."""
    wallet = await _funded(ground)
    ask_withdrawal(ground, "40")
    await _ended(ground, "done")
    await ground.stop()
    with psycopg.connect(ground.database_url) as connection:
        for statement in (
            "SET session_replication_role = replica",
            "UPDATE withdrawals SET state = 'asked', body = NULL, nonce = NULL, signed_at = NULL, expires_at = NULL,"
            " transaction_id = NULL, transaction_hash = NULL, posts = 0, ended_at = NULL",
            "DELETE FROM cash_entries WHERE cause = 'withdrawal'",
            "DELETE FROM notifications",
            "UPDATE accounts SET cash_usdc = 100 WHERE venue = 'polymarket'",
        ):
            connection.execute(statement.encode())
    await ground.start(**live_settings(ground))
    row = await _ended(ground, "refused")
    assert (row["body"], row["cause"]) == (None, "the exchange has less than the books say")
    assert (await ground.exchange.balances(OUTSIDE))["USDC"] == "40"
    assert (await ground.exchange.balances(wallet))["USDC"] == "60"
