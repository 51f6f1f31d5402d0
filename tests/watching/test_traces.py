"""Traces: off they cost nothing and change no byte; on they go on through headers, from any door (the whole way, over a
real broker, is in tests/demo)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable
from datetime import UTC, datetime

from api.tracing import Tracing as ApiTracing
from streams.kafka.guard import Received, Send
from streams.kafka.sender import Sender
from streams.topology import COPY_LEADER, TopicNames
from streams.tracing import Tracing
from tests.watching.collector import collecting

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(offset: int, traceparent: str | None = None) -> Received:
    """A message as the broker gives it."""
    return Received("trades", 0, offset, b"key", b"{}", NOW, traceparent=traceparent)


class Broker:
    """What the producer was asked to send: topic, key, value, and headers where there were any."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, ...]] = []

    async def take(self, *given: object) -> Awaitable[object]:
        """Confirmed at once."""
        self.sent.append(given)
        return asyncio.sleep(0)


async def _sent(*sends: Send, on: bool) -> list[tuple[object, ...]]:
    broker = Broker()
    sender = Sender(
        "classify", TopicNames(), broker.take, now=lambda: NOW, traced=broker.take if on else None
    )
    await (await sender.begin(sends, []))
    return broker.sent


async def test_off_a_message_has_no_headers_and_on_the_same_bytes() -> None:
    """The value is the same to the byte; only what stands beside it differs."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    off = await _sent(Send(COPY_LEADER, "0xabc", b"value"), on=True)
    on = await _sent(Send(COPY_LEADER, "0xabc", b"value", parent), on=True)
    assert off == [("copy_leader", b"0xabc", b"value")]
    assert on == [("copy_leader", b"0xabc", b"value", [("traceparent", parent.encode())])]


def test_off_nothing_of_it_is_loaded() -> None:
    """No setting, no import: the processes without traces are as they were."""
    code = (
        "import sys, streams.worker, streams.parts, streams.trading.agent, streams.trading.worker, api.app\n"
        "ours = ('opentelemetry.sdk', 'opentelemetry.exporter')\n"
        "print(sorted(name for name in sys.modules if name.startswith(ours)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_trace_goes_from_the_webhook_over_two_stages_to_the_post() -> None:
    """Each span is below the one before it; the trade's own bytes, key and people are in none."""
    with collecting() as collector:
        api, streams, trading = (
            ApiTracing(collector.url),
            Tracing(collector.url, "streams"),
            Tracing(collector.url, "trading"),
        )
        span, headers = api.begin("trades")
        span.end()
        assert [name for name, _ in headers] == ["traceparent"]
        classified = streams.begin("classify", [message(1, headers[0][1].decode())])
        decided = streams.begin("copy_execution", [message(2, classified[0].traceparent)])
        streams.end(decided)
        streams.end(classified)
        assert decided[0].traceparent is not None
        trading.past("post", decided[0].traceparent, 1_000, 2_000, {"polycool.copy_order_id": "C-1"})
        for each in (api, streams, trading):
            each.close()
        (way,) = collector.ways()
        assert [seen.name for seen in way] == ["webhook", "classify", "copy_execution", "post"]
        assert [seen.process for seen in way] == [
            "polycool-api",
            "polycool-streams",
            "polycool-streams",
            "polycool-trading",
        ]
        assert len({seen.trace_id for seen in way}) == 1
        assert way[0].parent_id == ""
        assert {name for seen in way for name in seen.said} <= {
            "messaging.system", "messaging.operation.type", "messaging.destination.name",
            "messaging.destination.partition.id", "messaging.kafka.offset", "polycool.copy_order_id",
        }  # fmt: skip


def test_an_unreadable_header_begins_a_trace_of_its_own() -> None:
    """Whatever somebody writes there, the trade goes on."""
    with collecting() as collector:
        tracing = Tracing(collector.url, "streams")
        batch = tracing.begin(
            "classify", [message(1, "nonsense"), message(2, "00-" + "0" * 32 + "-0-01"), message(3)]
        )
        tracing.end(batch)
        tracing.close()
        assert len({seen.trace_id for seen in collector.spans}) == 3
        assert [seen.parent_id for seen in collector.spans] == [""] * 3


def test_nobody_there_to_take_traces_stops_nothing() -> None:
    """A collector that is away costs spans, not trades, and holds up the end of the process for seconds only."""
    tracing = Tracing("http://127.0.0.1:9/v1/traces", "streams")
    messages = [message(offset) for offset in range(50)]
    batch = tracing.begin("classify", messages)
    assert [each.value for each in batch] == [each.value for each in messages]
    tracing.end(batch)
    began = time.monotonic()
    tracing.close()
    assert time.monotonic() - began < 30, "an exporter that tries for ever holds the process"
