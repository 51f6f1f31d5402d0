"""The former indexer's door: its body, its header, true status codes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ops.stack.local import Stack
from schemas.enums import Source
from streams.topology import TRADES, TopicNames
from tests.api.conftest import FORMER_SECRET, LEADER, Face
from tests.api.webhooks import on_topic

PATH = "/api/v1/webhooks/copy-trade"
TRANSACTION = "0x" + "1f" * 32


def body(**changed: Any) -> dict[str, Any]:
    """The body of the former product's documentation."""
    good = {
        "tx_id": f"{TRANSACTION}_41",
        "user_address": LEADER,
        "position_id": "7" * 78,
        "market_id": "3" * 77,
        "outcome": 1,
        "tx_type": "BUY",
        "amount": "100000000",
        "price": "0.65",
        "taking_amount": "65.0",
        "tx_hash": TRANSACTION,
        "block_number": "78820001",
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return good | changed


async def post(face: Face, sent: Any, secret: str = FORMER_SECRET) -> httpx.Response:
    """As the former indexer sends it."""
    return await face.http.post(PATH, json=sent, headers={"X-Webhook-Secret": secret})


async def test_the_former_body_becomes_a_trade(gateway: Face, stack: Stack, topics: TopicNames) -> None:
    """B-2: market and outcome are ignored; micro-shares become shares; the source is `former`."""
    answer = await post(gateway, body())

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    (seen,) = await on_topic(stack.kafka, topics.of(TRADES))
    assert (seen.size, seen.price, seen.usdc) == (Decimal(100), Decimal("0.65"), Decimal(65))
    assert (seen.source, seen.token_id, seen.block_number) == (Source.FORMER, "7" * 78, 78820001)


@pytest.mark.parametrize(
    ("amount", "shares"), [("500000", "0.5"), ("1", "0.000001"), ("1000001", "1.000001")]
)
async def test_b06_amounts_are_always_micro_shares(
    gateway: Face, stack: Stack, topics: TopicNames, amount: str, shares: str
) -> None:
    """500000 is half a share, not 500,000 shares."""
    answer = await post(gateway, body(amount=amount, taking_amount=None))

    assert answer.status_code == 200, answer.text
    (seen,) = await on_topic(stack.kafka, topics.of(TRADES))
    assert seen.size == Decimal(shares)


async def test_r10_a_reorganised_block_does_not_rename_the_fill(
    gateway: Face, stack: Stack, topics: TopicNames
) -> None:
    """The block-wide log index in `tx_id` is no part of the name; `<tx_hash>-<n>` is kept as it is."""
    for tx_id in (f"{TRANSACTION}_41", f"{TRANSACTION}_57", f"{TRANSACTION}-3"):
        assert (await post(gateway, body(tx_id=tx_id))).status_code == 200

    names = [item.trade_id for item in await on_topic(stack.kafka, topics.of(TRADES))]
    assert names[0] == names[1]
    assert names[0].startswith(f"{TRANSACTION}-")
    assert names[2] == f"{TRANSACTION}-3"


async def test_a_missing_price_or_amount_follows_from_the_other(
    gateway: Face, stack: Stack, topics: TopicNames
) -> None:
    """Price = USDC per share."""
    await post(gateway, body(price=None))
    await post(gateway, body(taking_amount=None, tx_type="SELL"))

    seen = await on_topic(stack.kafka, topics.of(TRADES))
    assert [(item.price, item.usdc) for item in seen] == [(Decimal("0.65"), Decimal(65))] * 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": 100_000_000}, "amount"),
        ({"amount": "100.5"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"price": 0.65}, "price"),
        ({"price": "1.2"}, "price"),
        ({"taking_amount": "NaN"}, "taking_amount"),
        ({"taking_amount": "650"}, "taking_amount"),
        ({"price": None, "taking_amount": None}, "taking_amount"),
        ({"position_id": None}, "position_id"),
        ({"tx_type": "buy"}, "tx_type"),
        ({"user_address": "0x12"}, "user_address"),
        ({"timestamp": "2026-11-22T12:00:00"}, "timestamp"),
        ({"timestamp": "2126-11-22T12:00:00Z"}, "timestamp"),
        ({"block_number": 7}, "block_number"),
    ],
)
async def test_what_is_wrong_with_a_former_body_is_named(
    face: Face, changed: dict[str, Any], field: str
) -> None:
    """422 {status, message}, not the former 200."""
    answer = await post(face, body(**changed))

    assert (answer.status_code, answer.json()["status"]) == (422, "error")
    assert answer.json()["message"].startswith(f"{field}: ")


@pytest.mark.parametrize("secret", ["", "wrong", FORMER_SECRET + "x"])
async def test_a_wrong_secret_is_refused(face: Face, secret: str) -> None:
    """401, and the secret is not in the answer."""
    answer = await post(face, body(), secret)

    assert (answer.status_code, answer.json()["status"]) == (401, "error")


async def test_b23_what_the_broker_did_not_take_is_no_ok(database_url: str, topic_prefix: str) -> None:
    """503 with Retry-After instead of a 200 that loses the trade."""
    from ops.stack.ports import free_port
    from tests.api.conftest import api_settings, serving

    settings = api_settings(database_url, f"127.0.0.1:{free_port()}", topic_prefix, api_confirm_seconds=1.0)
    async with serving(settings) as face:
        answer = await post(face, body())

    assert (answer.status_code, answer.json()["status"], answer.headers["retry-after"]) == (503, "error", "5")
