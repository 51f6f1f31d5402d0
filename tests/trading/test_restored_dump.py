"""A real dump, taken while live followers buy, is put back: nothing is bought a second time (SAFETY R19)."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import psycopg

from ops.stack.postgres import packaged_binaries
from tests.trading.ground import LEADER, Ground
from tests.trading.test_forgotten import live_followers, start_live
from tests.waiting import eventually

FOLLOWERS = 3


def _postgres(program: str, *arguments: str) -> None:
    """One of Postgres' own programs; its words when it fails."""
    done = subprocess.run(
        [str(packaged_binaries() / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def _put_back(url: str, dump: Path) -> None:
    """Our tables as the dump has them; the exchange's own schema is somebody else's and goes on."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT string_agg(format('public.%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
        assert rows is not None
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {rows[0]}".encode())
    _postgres(
        "pg_restore",
        "--data-only",
        "--disable-triggers",
        "--no-owner",
        "--exit-on-error",
        "-d",
        url,
        str(dump),
    )


async def test_r19_a_real_dump_under_load_put_back_buys_nothing_twice(ground: Ground, tmp_path: Path) -> None:
    """Trades keep coming while the dump is taken and after it; worker killed, dump put back, every trade comes again:
    no second order of any trade, every forgotten order found and booked, books equal to the exchange's."""
    worker = await start_live(ground)
    await live_followers(ground, FOLLOWERS)
    messages = [ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None) for _ in range(12)]
    for message in messages[:4]:
        await ground.leader_trades(message)
    dump = tmp_path / "ours.dump"
    taking = asyncio.create_task(
        asyncio.to_thread(
            _postgres, "pg_dump", "-Fc", "--schema=public", "-f", str(dump), "-d", ground.database_url
        )
    )
    for message in messages[4:]:
        await ground.leader_trades(message)
        await asyncio.sleep(0)
    await taking
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    await ground.all_ended(60)
    placed = {order["order_id"] for order in ground.placed()}
    assert len(placed) > FOLLOWERS * len(messages), "the last trade came after the dump"
    await ground.stop(worker)

    _put_back(ground.database_url, dump)
    known = {order["order_hash"] for order in ground.orders()}
    assert known < placed, "the dump is older than the last orders"
    await start_live(ground)
    for message in messages:
        await ground.leader_trades(message)
    await ground.all_ended(150)  # what is found by hand first ends with its plan's age

    def found() -> bool:
        rows = ground.world.rows("SELECT order_hash FROM found_orders WHERE booked_at IS NOT NULL")
        return {row["order_hash"] for row in rows} | {o["order_hash"] for o in ground.orders()} >= placed

    await eventually(found, 60)
    assert {order["order_id"] for order in ground.placed()} == placed

    async def agree() -> bool:
        await ground.assert_books_agree()
        return True

    await eventually(agree, 60)
