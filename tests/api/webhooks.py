"""What a sender of webhooks does: bodies, signatures, and what then stands on the topic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from standardwebhooks import Webhook

from schemas.trades import TradeSeen
from tests.api.conftest import LEADER, SIGNING_SECRET, Face

PATH = "/v1/webhooks/trades"
_numbers = count(1)


def trade(**changed: Any) -> dict[str, Any]:
    """A good trade; a field given as None is left out."""
    transaction = f"0x{next(_numbers):064x}"
    good: dict[str, Any] = {
        "schema_version": 1,
        "trade_id": f"{transaction}-0",
        "wallet": LEADER,
        "side": "BUY",
        "token_id": "7" * 78,
        "size": "100",
        "price": "0.5",
        "usdc": "50",
        "tx_hash": transaction,
        "traded_at": datetime.now(UTC).isoformat(),
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


async def send(
    face: Face,
    body: Any,
    *,
    webhook_id: str | None = None,
    secret: str = SIGNING_SECRET,
    at: datetime | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """POST a body (bytes as they are, else as JSON), signed as Standard Webhooks says."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    name, moment = webhook_id or f"msg_{next(_numbers)}", at or datetime.now(UTC)
    signed = {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, moment, raw.decode(errors="replace")),
    }
    return await face.http.post(PATH, content=raw, headers=signed | (headers or {}))


async def on_topic(kafka: str, topic: str) -> list[TradeSeen]:
    """Everything on the topic from its beginning; fails where a key is not the wallet."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[TradeSeen] = []
        while any([await consumer.position(part) < end for part, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += _read(records)
        return found
    finally:
        await consumer.stop()


def _read(records: Sequence[Any]) -> list[TradeSeen]:
    trades = [TradeSeen.decode(record.value) for record in records]
    for record, seen in zip(records, trades, strict=True):
        assert record.key == seen.wallet.encode(), "the key is the wallet"
    return trades
