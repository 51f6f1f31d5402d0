"""The API as a process: ready, ended in order, killed and back; its logs keep secrets."""

from __future__ import annotations

import json

import httpx
import pytest

from ops.stack.local import Stack
from streams.topology import TRADES, TopicNames
from tests.api.conftest import FORMER_SECRET, MINT, SIGNING_SECRET, TOKEN, Face
from tests.api.webhooks import on_topic, send, trade
from tests.conftest import StartProcess
from tests.waiting import eventually

SECRETS = {
    "POLYCOOL_OPERATOR_TOKEN": TOKEN,
    "POLYCOOL_BOT_PUBLIC_KEYS": MINT.public_key(),
    "POLYCOOL_WEBHOOK_SECRETS": SIGNING_SECRET,
    "POLYCOOL_FORMER_WEBHOOK_SECRET": FORMER_SECRET,
}


def _port(lines: list[str]) -> int:
    said = next(json.loads(line) for line in lines if '"ready"' in line)
    return int(said["port"])


async def test_the_process_serves_ends_in_order_and_logs_no_secret(run_process: StartProcess) -> None:
    """`ready` in its log, 200 on /readyz, exit code 0 at SIGTERM; no token, secret or body in any line."""
    program = await run_process("api", **SECRETS)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Webhook-Secret": FORMER_SECRET}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{_port(program.lines())}", headers=headers
    ) as http:
        assert (await http.get("/readyz")).status_code == 200
        await http.get("/v1/users")
        await http.post("/v1/webhooks/trades", content=b"{", headers={"webhook-signature": SIGNING_SECRET})
        await http.post("/api/v1/webhooks/copy-trade", json={"tx_id": "needle-in-a-body"})

    assert program.stop() == 0
    lines = program.lines()
    requests = [json.loads(line) for line in lines if '"request"' in line]
    assert {"/v1/users", "/v1/webhooks/trades"} <= {event["route"] for event in requests}
    assert all(event["request_id"].startswith("r-") for event in requests)
    for secret in (
        TOKEN,
        SIGNING_SECRET,
        SIGNING_SECRET.removeprefix("whsec_"),
        FORMER_SECRET,
        "needle-in-a-body",
    ):
        assert not [line for line in lines if secret in line]


async def test_b23_a_killed_api_loses_no_accepted_trade(
    run_process: StartProcess, stack: Stack, topics: TopicNames
) -> None:
    """kill -9 between posts, then the same ids again: all accepted, each answered trade on the topic."""
    program = await run_process("api", **SECRETS)
    bodies = [trade() for _ in range(60)]
    answered: set[str] = set()

    async def post_all() -> None:
        limits = httpx.Limits(max_connections=20)
        url = f"http://127.0.0.1:{_port(program.lines())}"
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=10) as http:
            for body in bodies:
                answer = await send(Face(http, None), body, webhook_id=body["trade_id"])  # type: ignore[arg-type]  # asks only
                if answer.status_code == 202:
                    answered.add(body["trade_id"])
                if len(answered) == 20 and program.exit_code() is None and not killed:
                    killed.append(True)
                    program.kill()

    killed: list[bool] = []
    with pytest.raises(httpx.TransportError):
        await post_all()
    assert {item.trade_id for item in await on_topic(stack.kafka, topics.of(TRADES))} >= answered
    program.start()
    await eventually(program.is_ready, 45)
    await post_all()

    kept = [item.trade_id for item in await on_topic(stack.kafka, topics.of(TRADES))]
    assert answered == {body["trade_id"] for body in bodies} == set(kept)
    assert len(kept) == len(bodies)


def test_a_missing_token_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named, its value is not shown."""
    from api.settings import Settings
    from ops.failures import explained

    for name, value in {
        "KAFKA": "x",
        "DATABASE_URL": "postgresql:///x",
        "OPERATOR_TOKEN": "tooshort",
    }.items():
        monkeypatch.setenv(f"POLYCOOL_{name}", value)
    with pytest.raises(ValueError, match="Settings") as refused:
        Settings()

    sentence = explained(refused.value)
    assert sentence is not None
    assert "POLYCOOL_OPERATOR_TOKEN" in sentence
    assert "tooshort" not in sentence + str(refused.value)
