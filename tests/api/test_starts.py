"""Marks where processes were started: the API's own, and those that say it in their figures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from api import past_pictures
from api.starts import Starts
from ops.stack.environment import watched_processes
from ops.stack.local import Stack
from tests.api.conftest import Face, api_settings, serving
from tests.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=1)


async def test_each_start_is_remembered_and_a_silent_process_changes_nothing() -> None:
    """Started anew between two looks: two marks; asked again or gone: the same; what says nothing of it has none."""
    figures = ["process_start_time_seconds 1e9\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = figures[0].encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    starts = Starts(CollectorRegistry(), [f"streams-01=http://127.0.0.1:{port}/metrics"])
    begun = [NOW - timedelta(hours=2), NOW - timedelta(hours=1)]
    for said in (*begun, begun[1]):
        figures[0] = f"process_start_time_seconds {said.timestamp()}\n"
        await starts.look()
    for odd in ("no figure 1 2 3 {\n", "up 1\n"):
        figures[0] = odd
        await starts.look()
    server.close()
    await server.wait_closed()
    await starts.look()
    assert [(mark.at, mark.kind, mark.text) for mark in starts.since(LONG_AGO)] == [
        (at, "restart", "streams-01") for at in begun
    ]
    assert [mark.at for mark in starts.since(begun[1])] == begun[1:]


async def test_the_history_marks_where_the_processes_were_started(
    face: Face, stack: Stack, database_url: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API asked and the one that is looked at run in this process: both began when it did."""
    monkeypatch.setattr(past_pictures, "_LONG_KEPT_SECONDS", 0.0)
    watched = (f"paper={str(face.http.base_url).rstrip('/')}/metrics", "bot=http://127.0.0.1:1/metrics")
    settings = api_settings(database_url, stack.kafka, topic_prefix, api_watched_processes=watched)
    async with serving(settings) as running:

        async def marked() -> list[dict[str, Any]]:
            marks = (await running.get("/v1/ops/history", window="7d")).json()["marks"]
            restarts = [mark for mark in marks if mark["kind"] == "restart"]
            assert {mark["text"] for mark in restarts} == {"api", "paper"}
            return restarts

        marks = await eventually(marked, 30)
    assert len({mark["at"] for mark in marks}) == 1


def test_the_local_stack_names_its_own_processes() -> None:
    """Those with a port of their own; the bot only where it has one."""
    ports = {"POLYCOOL_STREAMS_HTTP_PORT": "81", "POLYCOOL_PAPER_PORT": "82"}
    assert watched_processes(ports) == "streams=http://127.0.0.1:81/metrics,paper=http://127.0.0.1:82/metrics"
