"""Killed at any moment, and started again: each copy is bought exactly once, and the books are the exchange's."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

# From the new start to the next order (the demand is 15 s after the kill).
AGAIN_SECONDS = 15.0


async def _once(ground: Ground) -> None:
    """One order, one fill, one lot; then the next copy goes out in time and all agrees."""
    copies = await ground.all_ended(AGAIN_SECONDS)
    assert [copy["state"] for copy in copies] == ["filled"]
    assert len(ground.placed()) == 1
    assert len(ground.world.rows("SELECT 1 FROM paper.trades")) == 1
    assert len(ground.world.rows("SELECT 1 FROM fills")) == 1
    await ground.assert_books_agree()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    copies = await ground.all_ended(AGAIN_SECONDS)
    assert [copy["state"] for copy in copies] == ["filled"] * 2
    await ground.assert_books_agree()


async def test_killed_between_signature_and_post(ground: Ground, tmp_path: Path) -> None:
    """The signed order was stored and never sent: the next worker sends these bytes, once."""
    worker = ground.worker_process(tmp_path)
    await ground.start_process(worker)
    await ground.followers()
    # Before the first order in a token its facts are told: held up there, the order is signed and not yet posted.
    await ground.conduct(
        {"deed": "wait_before", "method": "PUT", "path": "/paper/admin/markets", "seconds": 30}
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: [order["state"] for order in ground.orders()] == ["signed"])
    worker.kill()
    assert ground.placed() == []
    signed = bytes(ground.orders()[0]["body"])
    await ground.conduct()
    await ground.start_process(worker)
    await _once(ground)
    assert signed in [bytes(order["body"]) for order in ground.orders()]


async def test_killed_between_post_and_answer(ground: Ground, tmp_path: Path) -> None:
    """The exchange has the order, the answer went to a dead worker: unknown, found by its hash, booked once."""
    # It waits for the answer longer than the test needs to kill it.
    worker = ground.worker_process(tmp_path, post_seconds=10)
    await ground.start_process(worker)
    await ground.followers()
    await ground.conduct({"deed": "wait_after", "seconds": 30})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: len(ground.placed()) == 1)
    worker.kill()
    assert [order["state"] for order in ground.orders()] == ["submitting"]
    await ground.conduct()
    await ground.start_process(worker)
    await _once(ground)
    states = ground.world.rows("SELECT to_state FROM order_transitions ORDER BY transition_id")
    assert [row["to_state"] for row in states][:4] == ["signed", "submitting", "unknown", "matched"]


async def test_killed_between_answer_and_booking(ground: Ground, tmp_path: Path, database_url: str) -> None:
    """Answered and matched, but the booking never committed: nothing is lost, nothing is bought twice."""
    worker = ground.worker_process(tmp_path)
    await ground.start_process(worker)
    await ground.followers()
    # Deciding locks the account too, so ours comes after it: meanwhile the fills are slow to be listed.
    await ground.conduct({"deed": "wait_after", "seconds": 2.5, "path": "/data/trades", "method": "GET"})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    with psycopg.connect(database_url) as holding:
        await eventually(lambda: len(ground.placed()) == 1)
        holding.execute("SELECT 1 FROM accounts FOR UPDATE")
        # The booking now waits for the account's lock: seen as a lock that is not granted.
        await eventually(
            lambda: ground.world.rows(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
            )
        )
        worker.kill()
        assert ground.world.rows("SELECT 1 FROM fills") == []
    await ground.conduct()
    await ground.start_process(worker)
    await _once(ground)


async def test_killed_before_the_claim(ground: Ground, tmp_path: Path) -> None:
    """A plan committed while no worker runs goes out as soon as one does."""
    worker = ground.worker_process(tmp_path)
    await ground.start_process(worker)
    await ground.followers()
    worker.kill()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    assert [copy["state"] for copy in ground.copies()] == ["planned"]
    await ground.start_process(worker)
    await _once(ground)
