"""Whatever an exchange answers: a value, or a fault of its own kind; never a crash (0 of any number)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.venues.answers import Verdict
from streams.venues.clob import ClobVenue
from streams.venues.faults import VenueFault
from streams.venues.orders import SignedBytes
from streams.venues.reading import (
    read_balance,
    read_book,
    read_cancelled,
    read_order,
    read_own_order,
    read_page,
)
from streams.venues.trades import fills_of
from streams.venues.user_events import events_of
from tests.trading.test_signing import wallet_of

HASH = "0x" + "ab" * 32
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["0.5", "1e9", "1E-400", "NaN", "-1", "LIVE", "BUY", "9" * 100, "2024-01-01T00:00:00Z", ""]
    )
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    *(
        "id",
        "status",
        "side",
        "size",
        "price",
        "size_matched",
        "original_size",
        "asset_id",
        "created_at",
        "match_time",
    ),
    *(
        "fee_rate_bps",
        "taker_order_id",
        "maker_orders",
        "order_id",
        "matched_amount",
        "bids",
        "asks",
        "tick_size",
    ),
    *(
        "neg_risk",
        "min_order_size",
        "balance",
        "allowances",
        "allowance",
        "data",
        "next_cursor",
        "canceled",
        "payload",
    ),
)
PART = st.dictionaries(st.sampled_from(NAMES), SCALAR, max_size=9)
LIKE = st.dictionaries(st.sampled_from(NAMES), SCALAR | st.lists(PART, max_size=2) | PART, max_size=12)
READERS: list[Callable[[object], object]] = [
    read_page,
    read_order,
    read_own_order,
    read_book,
    read_balance,
    lambda said: read_cancelled(said, HASH),
    lambda said: fills_of([said]),
]


@settings(max_examples=600, deadline=None)
@given(LIKE | JSON)
def test_readers_know_only_their_own_fault(said: object) -> None:
    """Objects that look like the exchange's, with anything in their fields."""
    for read in READERS:
        with contextlib.suppress(VenueFault):
            read(said)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | (LIKE | JSON).map(lambda said: json.dumps(said).encode()))
def test_any_message_of_the_stream_is_read_or_let_go(message: bytes) -> None:
    """A list of events, perhaps empty."""
    assert isinstance(events_of(message), list)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WIRES = [
    b"",
    b"\r\n\r\n",
    b"\0" * 50,
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/9.9 hello\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nnope",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 307 Moved\r\nLocation: /order\r\nContent-Length: 0\r\n\r\n",
    HEAD + b"Content-Length: 3\r\n\r\n\xff\xfe\0",
    HEAD + b"Content-Length: 2\r\n\r\n[]",
    b"garbage " * 100,
]


@pytest.mark.parametrize("said", WIRES, ids=range(len(WIRES)))
async def test_any_bytes_on_the_wire_are_unknown_or_a_fault(said: bytes) -> None:
    """A POST never raises and its order stays unknown; looks raise their own fault; each request comes once."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
            writer.write(said)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    venue = ClobVenue(f"http://127.0.0.1:{port}", connections=4, post_seconds=2.0, read_seconds=2.0)
    wallet = wallet_of(b"\x11" * 32)
    try:
        posted = await venue.post(SignedBytes(HASH, b'{"order":{"tokenId":"1"}}'), wallet)
        assert posted.verdict is Verdict.UNKNOWN
        assert asked == [b"POST /order HTTP/1.1"]
        for look in (
            venue.look_up(HASH, wallet),
            venue.fills(wallet, token_id=None, since=datetime.now(UTC)),
            venue.open_orders(wallet),
            venue.balance(wallet),
            venue.book("1"),
            venue.clock_ahead_seconds(),
            venue.log_in(wallet.key),
            venue.cancel(HASH, wallet),
        ):
            with contextlib.suppress(VenueFault):
                await look
    finally:
        await venue.close()
        server.close()
