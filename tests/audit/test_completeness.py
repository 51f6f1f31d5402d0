"""Completeness per leader and day: counts, and gaps in the indexer's sequence as ranges."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from ops.audit.completeness import Day, Stream, completeness, counted, holes
from ops.audit.run import BEGINNING
from streams.topology import TopicNames
from tests.campaigns.running import CampaignRun

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WALLET = "0x" + "ab" * 20


def test_holes_are_ranges_with_both_ends() -> None:
    """From the first place on."""
    assert holes({0, 1, 2}) == []
    assert holes({1, 4, 5, 9}) == [(0, 0), (2, 3), (6, 8)]


def test_blocks_without_anybodys_trade_are_a_gap() -> None:
    """Only where the silence is far longer than is usual on this stream."""
    stream = Stream()
    for number in (*range(1_000, 1_100, 2), *range(1_600, 1_700, 2)):
        stream.take(
            {"wallet": WALLET, "trade_id": "x", "block_number": number}, NOW + timedelta(seconds=2 * number)
        )
    assert [(gap.first, gap.last) for gap in stream.silences()] == [(1_099, 1_599)]
    assert str(stream.silences()[0]).startswith("blocks 1099–1599 (12:36:36 to 12:53:20 UTC)")
    quiet = Stream()
    for number in range(0, 10_000, 500):
        quiet.take({"wallet": WALLET, "trade_id": "x", "block_number": number}, NOW)
    assert quiet.silences() == [], "this one always comes seldom"


def test_fills_missing_in_a_transaction_are_a_gap() -> None:
    """Where the door counts the fills one by one; on chain other logs stand between them."""
    for source, missing in (("file", [(1, 2)]), ("chain", [])):
        stream = Stream()
        for place in (0, 3):
            stream.take(
                {"wallet": WALLET, "trade_id": f"0xaa-{place}", "tx_hash": "0xaa", "source": source}, NOW
            )
        assert [(gap.first, gap.last) for _, _, gap in stream.missing_places()] == missing


async def test_a_healthy_run_is_complete(campaign_run: CampaignRun) -> None:
    """Every trade on the topic of each leader is stored, decided and answered."""
    days = await _days(campaign_run, "")
    assert days
    assert [day.line() for day in days if not day.complete] == []
    assert sum(day.seen for day in days) == sum(day.stored for day in days)


@pytest.mark.parametrize(
    ("says", "deed"),
    [
        ("seen", "DELETE FROM trades WHERE leader_number = 2"),
        ("not decided 1", "DELETE FROM leader_decisions WHERE trade_id = (SELECT min(trade_id) FROM leader_decisions)"),
        ("answered", "DELETE FROM copy_orders WHERE copy_order_id IN (SELECT copy_order_id FROM copy_orders LIMIT 1)"),
    ],
)  # fmt: skip
async def test_a_day_that_is_not_complete_is_said(campaign_run: CampaignRun, says: str, deed: str) -> None:
    """A trade that is not stored, one that is not decided, a copy that is not there."""
    days = await _days(campaign_run, deed)
    broken = [day for day in days if not day.complete]
    assert broken
    assert says in broken[0].line()
    assert counted(days)["incomplete"] == len(broken)


async def test_the_command_says_no_with_its_exit_code(campaign_run: CampaignRun) -> None:
    """0 where all is complete, 1 where a day is not; one document with --json."""
    with campaign_run.clone() as database:
        code, document = await _command(campaign_run, database)
        assert (code, document["incomplete"]) == (0, 0)
        _plant(database, "DELETE FROM leader_decisions WHERE number = 1")
        code, document = await _command(campaign_run, database)
    assert code == 1
    assert document["incomplete"] > 0
    assert {"leader", "day", "seen", "answered", "due", "gaps", "complete"} <= document["days"][0].keys()


async def _days(run: CampaignRun, deed: str) -> list[Day]:
    with run.clone() as database:
        if deed:
            _plant(database, deed)
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            return await completeness(connection, run.kafka, TopicNames(), BEGINNING)


def _plant(database: str, deed: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(deed.encode()).rowcount > 0, "nothing was planted"


async def _command(run: CampaignRun, database: str) -> tuple[int | None, dict[str, Any]]:
    environment = run.processes.environment | {"POLYCOOL_DATABASE_URL": database}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.cli", "completeness", "--json", env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, json.loads(said)
