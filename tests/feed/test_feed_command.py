"""`polycool feed` on a real broker."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from ops.feed.marks import Mark
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.local import Stack
from schemas.enums import Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.topology import MARKETS, TRADES, Topic, TopicNames
from tests.feed.rows import OTHER_WALLET, WALLET, csv_text, line, tx
from tests.waiting import eventually

Record = tuple[str, bytes]


class Feed:
    """The command, with a test's broker and prefix."""

    def __init__(self, stack: Stack, names: TopicNames, place: Path) -> None:
        self.kafka = stack.kafka
        self.names = names
        self.started: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("POLYCOOL_")},
            "POLYCOOL_KAFKA": stack.kafka,
            "POLYCOOL_TOPIC_PREFIX": names.prefix,
            "POLYCOOL_STACK_DIR": str(place / "stack"),
        }

    def start(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start it; `close` ends it when the test does not."""
        process = subprocess.Popen(
            [sys.executable, "-m", "ops.cli", "feed", "--json", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment | settings,
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        """Leave no process and no pipe."""
        for process in self.started:
            with process:
                process.kill()

    def run(self, *words: str, given: bytes = b"", **settings: str) -> tuple[int, dict[str, object], str]:
        """Run it to its end: exit code, the JSON document, what it said on the way."""
        process = self.start(*words, **settings)
        out, err = process.communicate(given, timeout=60)
        return process.returncode, json.loads(out or b"{}"), err.decode()

    async def topic(self, topic: Topic = TRADES) -> Sequence[Record]:
        """All that is on a topic now: keys and values, in order within a partition."""
        name = self.names.of(topic)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            places = [TopicPartition(name, number) for number in range(LOCAL_PARTITIONS)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            records: list[Record] = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for batch in (await consumer.getmany(place, timeout_ms=1000)).values():
                        records += [(record.key.decode(), record.value) for record in batch]
            return records
        finally:
            await consumer.stop()


@pytest.fixture
def feed(stack: Stack, topics: TopicNames, tmp_path: Path) -> Iterator[Feed]:
    """The command on this test's topics."""
    feed = Feed(stack, topics, tmp_path)
    yield feed
    feed.close()


def written(place: Path, lines: Sequence[str], name: str = "trades.csv") -> str:
    """A file with these rows."""
    (place / name).write_text(csv_text(lines))
    return str(place / name)


async def test_a_bad_row_is_named_and_its_neighbours_go_on(feed: Feed, tmp_path: Path) -> None:
    """Exit 1, line number and reason told, and every good row on the topic under its wallet as key."""
    file = written(tmp_path, [line(1), line(2, price="7"), line(3, wallet=OTHER_WALLET), "what?"])
    code, answer, said = feed.run(file, "--execute")
    assert code == 1
    assert answer["confirmed"] == 2
    assert [row["line"] for row in answer["refused"]] == [3, 5]  # type: ignore[attr-defined]
    assert "line 3 refused: price" in said
    records = await feed.topic()
    trades = {TradeSeen.decode(value).trade_id: key for key, value in records}
    assert trades == {f"{tx(1)}-0": WALLET, f"{tx(3)}-0": OTHER_WALLET}
    assert {TradeSeen.decode(value).source for _, value in records} == {Source.FILE}


async def test_without_execute_nothing_is_sent(feed: Feed, tmp_path: Path) -> None:
    """The plan has counts and a name; the same plan carries out, another file's does not."""
    file = written(tmp_path, [line(1), line(2)])
    code, answer, _ = feed.run(file)
    assert (code, answer["executed"], answer["trades"]) == (0, False, 2)
    assert await feed.topic() == []
    written(tmp_path, [line(1), line(2), line(3)])
    assert feed.run(file, "--plan", str(answer["plan"]), "--execute")[0] == 1
    assert await feed.topic() == []
    fresh = feed.run(file)[1]["plan"]
    assert feed.run(file, "--plan", str(fresh), "--execute")[0] == 0
    assert len(await feed.topic()) == 3


async def test_shifted_times_are_now_and_a_trade_seen_twice_keeps_its_time(
    feed: Feed, tmp_path: Path
) -> None:
    """Old trades become news; one that stands in the file twice stays the same message, byte for byte."""
    first = TradeSeen.model_validate(
        {"trade_id": "a-0", "wallet": WALLET, "side": "BUY", "token_id": "7", "size": "10", "price": "0.5", "usdc": "5",
         "traded_at": "2025-10-28T19:40:13Z", "source": "chain"}
    )  # fmt: skip
    lines = [first, first.model_copy(update={"trade_id": "a-1"}), first]
    (tmp_path / "trades.jsonl").write_bytes(b"\n".join(message.encode() for message in lines))
    began = datetime.now(UTC)
    code, _, _ = feed.run(str(tmp_path / "trades.jsonl"), "--execute", "--shift-to-now")
    assert code == 0
    values = [value for _, value in await feed.topic()]
    assert values[0] == values[2] != values[1]
    for value in values:
        assert began - timedelta(seconds=1) <= TradeSeen.decode(value).traded_at <= datetime.now(UTC)
        assert TradeSeen.decode(value).source is Source.FILE


async def test_a_killed_feed_taken_up_again_sends_every_trade_and_repeats_only_equal_bytes(
    feed: Feed, tmp_path: Path
) -> None:
    """`kill -9` in the middle, then `--resume`: nothing is missing; what came twice is the same message."""
    file = written(tmp_path, [line(n // 2, ts=str(1_761_680_000 + n)) for n in range(3_000)])
    process = feed.start(file, "--execute", "--shift-to-now", "--rate", "1500")
    marks = tmp_path / "stack" / "feed"

    def confirmed() -> int:
        kept = [Mark.model_validate_json(path.read_bytes()) for path in marks.glob("*.json")]
        return kept[0].confirmed_line if kept else 0

    await eventually(lambda: confirmed() >= 500, 60)
    process.kill()
    process.communicate()
    code, answer, _ = feed.run(file, "--execute", "--shift-to-now", "--resume")
    assert code == 0
    assert int(str(answer["passed_over"])) >= 499
    versions: dict[str, set[bytes]] = defaultdict(set)
    for _, value in await feed.topic():
        versions[TradeSeen.decode(value).trade_id].add(value)
    assert set(versions) == {f"{tx(n)}-{place}" for n in range(1_500) for place in (0, 1)}
    assert all(len(found) == 1 for found in versions.values())
    assert feed.run(file, "--execute", "--shift-to-now", "--resume")[1]["confirmed"] == 0


async def test_ctrl_c_ends_a_feed_with_130_and_says_how_to_go_on(feed: Feed, tmp_path: Path) -> None:
    """Also one that waits on standard input."""
    process = feed.start("-", "--execute")
    assert process.stdin is not None
    process.stdin.write(csv_text([line(1)]).encode())
    process.stdin.flush()

    async def arrived() -> bool:
        return len(await feed.topic()) == 1

    await eventually(arrived, 60, every=0.2)
    process.send_signal(signal.SIGINT)
    code = await asyncio.to_thread(process.wait, 60)
    out, _ = process.communicate()
    assert code == 130
    assert json.loads(out)["interrupted"] is True


async def test_markets_go_before_the_trades_and_count_as_open(feed: Feed, tmp_path: Path) -> None:
    """What a file says of an end long ago is told only when asked; a later feed has the higher version (SAFETY R23)."""
    (tmp_path / "markets.csv").write_text(
        "token_id,condition_id,question,outcome,end_date,resolved_outcome,final_price\n"
        '77,0xaa,"Will it rain, or snow?",Yes,2025-11-23T00:00:00Z,Yes,1\n'
        ",0xaa,,,,,\n"
    )
    code, answer, _ = feed.run("--markets", str(tmp_path / "markets.csv"), "--execute")
    assert (code, answer["markets"]) == (1, 1)
    assert feed.run("--markets", str(tmp_path / "markets.csv"), "--resolve", "--execute")[0] == 1
    records = await feed.topic(MARKETS)
    opened, ended = (MarketSeen.decode(value) for _, value in records)
    assert {key for key, _ in records} == {"77"}
    assert (opened.question, opened.closed, opened.payout) == ("Will it rain, or snow?", False, None)
    assert (ended.closed, ended.payout) == (True, Decimal(1))
    assert ended.version > opened.version


def test_r09_shifted_times_are_refused_on_a_broker_that_is_not_ours(tmp_path: Path) -> None:
    """SAFETY R9: with POLYCOOL_KAFKA set and no prefix old trades never become live news: exit 2, no connection."""
    file = written(tmp_path, [line(1)])
    stack = Stack("127.0.0.1:1", "", "", tmp_path)
    code, _, said = Feed(stack, TopicNames(), tmp_path).run(file, "--shift-to-now", "--execute")
    assert code == 2
    assert "stack of one's own" in said


def test_no_broker_is_one_sentence_and_exit_3(tmp_path: Path) -> None:
    """Neither a trace nor a hang."""
    file = written(tmp_path, [line(1)])
    stack = Stack("127.0.0.1:1", "", "", tmp_path)
    code, answer, said = Feed(stack, TopicNames(), tmp_path).run(file, "--execute")
    assert code == 3
    assert "no broker answers" in str(answer["error"])
    assert "Traceback" not in said
