"""The gateway: signed trades go onto the topic, and 202 is said only once the broker has confirmed them."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from ops.stack.local import Stack
from streams.topology import TRADES, TopicNames
from tests.api.conftest import SIGNING_SECRET, Face, api_settings, serving
from tests.api.webhooks import PATH, on_topic, send, trade


async def test_one_and_many_trades_are_confirmed_and_on_the_topic(
    gateway: Face, stack: Stack, topics: TopicNames
) -> None:
    """One object, or a list up to 500; keyed by wallet, in order, `source` is webhook whatever the body says."""
    one = trade(source="chain", wallet="0x" + "AB" * 20)
    many = [trade(wallet=f"0x{number % 7:040x}") for number in range(500)]

    answers = [await send(gateway, one), await send(gateway, many)]

    assert [(answer.status_code, answer.json()["accepted"]) for answer in answers] == [(202, 1), (202, 500)]
    seen = await on_topic(stack.kafka, topics.of(TRADES))
    assert {item.trade_id for item in seen} == {item["trade_id"] for item in [one, *many]}
    assert {item.source for item in seen} == {"webhook"}
    for wallet in {item["wallet"] for item in many}:
        sent = [item["trade_id"] for item in many if item["wallet"] == wallet]
        assert [item.trade_id for item in seen if item.wallet == wallet] == sent


async def test_r22_the_same_id_and_body_get_the_same_answer_and_send_nothing(
    gateway: Face, stack: Stack, topics: TopicNames
) -> None:
    """A lost 202 is asked for again: same bytes, one message; another body under the id is a conflict."""
    body = [trade(), trade(side="HOLD")]
    first = await send(gateway, body, webhook_id="msg_1")
    again = await send(gateway, body, webhook_id="msg_1")
    other = await send(gateway, trade(), webhook_id="msg_1")

    assert (first.status_code, first.json()["accepted"]) == (202, 1)
    assert first.json()["refused"][0]["field"] == "side"
    assert again.content == first.content
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert len(await on_topic(stack.kafka, topics.of(TRADES))) == 1


async def test_r22_a_refused_id_may_come_again(gateway: Face) -> None:
    """Without a 202 an id is free, also for a mended body."""
    refused = await send(gateway, trade(price="1.5"), webhook_id="msg_1")
    taken = await send(gateway, trade(), webhook_id="msg_1")

    assert (refused.status_code, taken.status_code) == (422, 202)


async def test_two_secrets_are_valid_while_one_takes_the_others_place(
    stack: Stack, database_url: str, topics: TopicNames
) -> None:
    """Old and new sign; a third does not."""
    old, new, third = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
    settings = api_settings(database_url, stack.kafka, topics.prefix, webhook_secrets=f"{old},{new}")
    async with serving(settings) as face:
        answers = [await send(face, trade(), secret=secret) for secret in (old, new, third)]

    assert [answer.status_code for answer in answers] == [202, 202, 401]


@pytest.mark.parametrize("seconds", [-301, 330, -100_000])
async def test_an_old_or_early_signature_is_refused(face: Face, seconds: int) -> None:
    """The time stamp is within 300 s; an early one comes nearer while it is on its way."""
    answer = await send(face, trade(), at=datetime.now(UTC) + timedelta(seconds=seconds))

    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,!!!"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "a b c d e"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": "-1"},
        {"webhook-id": ""},
        {"webhook-id": "x" * 300},
        {"webhook-id": "another"},
    ],
)
async def test_what_is_not_signed_is_refused(face: Face, headers: dict[str, str]) -> None:
    """401 whatever the headers hold, never a 500."""
    answer = await send(face, trade(), headers=headers)

    assert answer.status_code == 401
    assert SIGNING_SECRET not in answer.text


async def test_a_changed_body_is_refused(face: Face) -> None:
    """The signature is over the body's bytes."""
    signed = await send(face, trade())
    headers = {
        name: signed.request.headers[name] for name in signed.request.headers if name.startswith("webhook-")
    }

    answer = await face.http.post(PATH, json=trade(), headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"side": "HOLD"}, "side"),
        ({"kind": "gift"}, "kind"),
        ({"size": 100}, "size"),
        ({"price": 0.5}, "price"),
        ({"usdc": float("nan")}, "usdc"),
        ({"size": float("inf")}, "size"),
        ({"token_id": 7}, "token_id"),
        ({"token_id": "7" * 79}, "token_id"),
        ({"token_id": "0x7"}, "token_id"),
        ({"size": "0"}, "size"),
        ({"size": "-1"}, "size"),
        ({"price": "1"}, "price"),
        ({"price": "0." + "1" * 21}, "price"),
        ({"wallet": "0x12"}, "wallet"),
        ({"wallet": None}, "wallet"),
        ({"price": None}, "price"),
        ({"trade_id": ""}, "trade_id"),
        ({"trade_id": 5}, "trade_id"),
        ({"tx_hash": "0x1"}, "tx_hash"),
        ({"traded_at": "2026-11-22T12:00:00"}, "traded_at"),
        ({"traded_at": 1763812800}, "traded_at"),
        ({"schema_version": 2}, "schema_version"),
        ({"undoes": "0x1-1"}, "undoes"),
        ({"leader": True}, "leader"),
        ({"usdc": "80"}, "usdc"),
        ({"traded_at": "2126-11-22T12:00:00Z"}, "traded_at"),
        ({"block_number": 1.5}, "block_number"),
        ({"block_number": 10**30}, "block_number"),
    ],
)
async def test_a_bad_trade_is_refused_by_field(face: Face, changed: dict[str, Any], field: str) -> None:
    """422 naming it, alone and in a list; B-30: naive times too. Nothing needs the broker for that."""
    alone = await send(
        face, json.dumps(trade() | changed if None not in changed.values() else trade(**changed)).encode()
    )
    listed = await send(face, [trade(**changed)])

    assert (alone.status_code, [error["field"] for error in alone.json()["errors"]]) == (422, [field])
    assert [error["field"] for error in listed.json()["errors"]] == [f"0.{field}"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"7", b"[]", b'"x"', b"[[]]", b"\xff\xfe", b"[1,", b"[" * 5000]
)
async def test_what_is_no_trade_at_all_is_refused(face: Face, body: bytes) -> None:
    """4xx that names the body."""
    answer = await send(face, body)

    assert answer.status_code in (401, 422)
    if answer.status_code == 422:
        assert all("body" in error["field"] for error in answer.json()["errors"])


async def test_more_than_500_trades_are_refused(face: Face) -> None:
    """The batch has a limit."""
    answer = await send(face, [{} for _ in range(501)])

    assert [(error["field"], error["value"]) for error in answer.json()["errors"]] == [("body", "501")]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_one_mib_is_refused(face: Face, chunked: bool) -> None:
    """413 by its length, and by what really comes where the length is not told."""
    large = b"[" + b" " * 1_048_576 + b"]"

    async def chunks() -> Any:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    answer = await face.http.post(PATH, content=chunks() if chunked else large)

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_b27_two_hundred_posts_at_once_share_a_few_connections(
    gateway: Face, stack: Stack, topics: TopicNames, database_url: str
) -> None:
    """All are answered 202; the database never sees more connections than the pool has."""
    most = 0
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as watching:
        posts = asyncio.gather(*(send(gateway, trade()) for _ in range(200)))
        while not posts.done():
            cursor = await watching.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'polycool_api' AND datname = current_database()"
            )
            row = await cursor.fetchone()
            assert row is not None
            most = max(most, row[0])
            await asyncio.sleep(0.01)
        answers = await posts

    assert {answer.status_code for answer in answers} == {202}
    assert 0 < most <= gateway.settings.api_pool_size
    assert len(await on_topic(stack.kafka, topics.of(TRADES))) == 200


async def test_the_gateway_counts_what_it_takes(gateway: Face) -> None:
    """Accepted, refused, and how long the broker took, as Prometheus reads them."""
    await send(gateway, [trade(), trade(price="7")])

    text = (await gateway.get("/metrics")).text

    assert 'polycool_webhook_trades_total{door="webhook",result="accepted"} 1.0' in text
    assert 'polycool_webhook_trades_total{door="webhook",result="refused"} 1.0' in text
    assert "polycool_webhook_confirm_seconds_count 1.0" in text
    assert f'polycool_api_requests_total{{code="202",method="POST",route="{PATH}"}} 1.0' in text


async def test_what_waits_for_too_long_is_a_figure(gateway: Face) -> None:
    """The oldest notice that its chat does not show, and the oldest message of the outbox that is not sent, by age."""
    text = (await gateway.get("/metrics")).text
    assert "polycool_notices_oldest_seconds 0.0" in text
    assert "polycool_outbox_oldest_seconds 0.0" in text
    with psycopg.connect(gateway.settings.database_url.get_secret_value(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO users (user_id, label, telegram_id) VALUES ('U-1', 'a', 1), ('U-2', 'b', NULL)"
        )
        connection.execute(
            "INSERT INTO notifications (user_id, kind, event, body, due_at, shown_revision) VALUES"
            " ('U-1', 'copy_filled', 'C-1', '{}', now() - interval '90 s', 0),"
            " ('U-1', 'copy_filled', 'C-2', '{}', now() - interval '900 s', 1),"
            " ('U-2', 'copy_filled', 'C-3', '{}', now() - interval '900 s', 0)"
        )
        connection.execute(
            "INSERT INTO outbox (topic, key, created_at, sent_at) VALUES"
            " ('copy_results', 'k', now() - interval '45 s', NULL),"
            " ('copy_results', 'k', now() - interval '900 s', now())"
        )
    text = (await gateway.get("/metrics")).text
    (notice,) = re.findall(r"^polycool_notices_oldest_seconds ([0-9.]+)", text, re.MULTILINE)
    (message,) = re.findall(r"^polycool_outbox_oldest_seconds ([0-9.]+)", text, re.MULTILINE)
    assert 90 <= float(notice) < 300
    assert 45 <= float(message) < 300


async def test_the_former_route_is_off_unless_its_secret_is_set(
    database_url: str, stack: Stack, topic_prefix: str
) -> None:
    """R9: 404 for both former routes, whatever is sent."""
    settings = api_settings(database_url, stack.kafka, topic_prefix, former_webhook_secret=None)
    async with serving(settings) as face:
        for secret in ("", "x"):
            headers = {"X-Webhook-Secret": secret}
            posted = await face.http.post("/api/v1/webhooks/copy-trade", json={}, headers=headers)
            listed = await face.http.get("/api/v1/subsquid/watched_addresses", headers=headers)
            assert (posted.status_code, listed.status_code) == (404, 404)


def test_secrets_of_examples_stop_the_start() -> None:
    """A short or example token and a signing secret that is none are refused, without showing them."""
    good = {"database_url": "postgresql:///x", "kafka": "x", "prefix": ""}
    for wrong in (
        {"operator_token": SecretStr("short")},
        {"operator_token": SecretStr("change-me-please-now")},
        {"webhook_secrets": "whsec_c2hvcnQ="},
        {"webhook_secrets": "whsec_???"},
        {"former_webhook_secret": SecretStr("secret")},
    ):
        with pytest.raises(ValueError, match="Settings") as refused:
            api_settings(**good, **wrong)
        assert "short" not in str(refused.value).replace("too_short", "")
