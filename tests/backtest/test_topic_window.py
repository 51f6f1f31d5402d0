"""A backtest over what the topic holds: the window by the broker's clock, markets beside it, nothing else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ops.audit.topics import messages
from ops.cli import run
from ops.feed.door import open_door
from ops.stack.local import Stack
from schemas.enums import Side, Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.topology import MARKETS, TRADES, TopicNames
from tests.backtest.files import Files
from tests.rules.situations import LEADER


def _bought(number: int) -> TradeSeen:
    tx_hash = f"0x{number:064x}"
    return TradeSeen(
        trade_id=f"{tx_hash}-0", source=Source.CHAIN, wallet=LEADER, side=Side.BUY, token_id="77",
        size=Decimal(100), price=Decimal("0.5"), usdc=Decimal(50), tx_hash=tx_hash,
        traded_at=datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60 - 10 * number),
    )  # fmt: skip


async def test_a_window_of_the_topic_is_decided_like_a_file(
    stack: Stack,
    topics: TopicNames,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of three trades two lie in the window; the market's fee of 0 comes from its topic. An empty window is refused."""
    files = Files(tmp_path)
    files.write([], {})
    market = MarketSeen(
        version=1, token_id="77", market_id="0xc0", question="X?", outcome="Yes", tick=Decimal("0.01"),
        fee_rate=Decimal(0), neg_risk=False,
    )  # fmt: skip
    async with open_door(stack.kafka, topics) as door:
        await door.send(MARKETS, "77", market)
        for number in range(3):
            await door.send(TRADES, LEADER, _bought(number))
            # Each in a batch and at a time of its own.
            await door.confirm()
            await asyncio.sleep(0.005)
    taken = [message.at async for message in messages(stack.kafka, topics.of(TRADES))]
    assert len(set(taken)) == 3
    monkeypatch.setenv("POLYCOOL_KAFKA", stack.kafka)
    monkeypatch.setenv("POLYCOOL_DATABASE_URL", stack.database_url)
    monkeypatch.setenv("POLYCOOL_TOPIC_PREFIX", topics.prefix)
    asked = ["backtest", "--allocations", str(files.path("allocations.json")), "--json", "--topic"]
    window = ["--from", sorted(taken)[1].isoformat()]
    assert await asyncio.to_thread(run, [*asked, *window]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["trades"], told["copy_orders"]["by_state"]) == (2, {"filled": 2})
    assert told["allocations"][0]["fees_usdc"] == "0"
    assert await asyncio.to_thread(run, [*asked, "--to", "2020-01-01T00:00:00Z"]) == 2
    assert "no trade in this window" in capsys.readouterr().err
