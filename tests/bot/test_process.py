"""`polycool bot` as a process: polling and webhook, ready, health, ending in order."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator

import httpx
import pytest

from ops.stack.ports import free_port
from ops.stack.program import Program
from ops.telegram.chats import Account
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer
from tests.conftest import StartProcess
from tests.telegram.speaking_bot import TOKEN
from tests.waiting import eventually

# A busy API answers late; how soon the bot gives up has tests of its own.
PATIENT = {"POLYCOOL_BOT_LOOK_SECONDS": "20", "POLYCOOL_BOT_CHANGE_SECONDS": "40"}
ANN, BEN = Account(501, "Ann", "ann"), Account(502, "Ben", "ben")
SECRET = "webhook-secret-of-these-tests"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """A Bot API on this machine, without flood limits."""
    async with TelegramServer() as server:
        yield server


def _ready(program: Program) -> dict[str, object]:
    """What the process said when it was ready."""
    lines = [json.loads(line) for line in program.lines() if line.startswith("{")]
    said: dict[str, object] = next(line for line in lines if line.get("event") == "ready")
    return said


async def _begin(program: Program, telegram: TelegramServer) -> None:
    """Two people begin; each sees their own chat."""
    for account in (ANN, BEN):
        person = Person(telegram.bot(TOKEN), account)
        person.send("/start")
        await person.until_said("Welcome. I copy trades", 30.0)
        person.press("I have an address")
        await person.until_said("Send the wallet's address", 30.0)
        assert len(person.from_bot()) == 1
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{_ready(program)['port']}", timeout=30) as http:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).json() == {"ready": True}
        assert "polycool_bot_updates_total" in (await http.get("/metrics")).text


async def test_it_polls_and_ends_in_order(telegram: TelegramServer, run_process: StartProcess) -> None:
    """Real API, real tables; commands told to Telegram; SIGTERM is 0."""
    await run_process("api")
    bot = await run_process(
        "bot", POLYCOOL_TELEGRAM_TOKEN=TOKEN, POLYCOOL_TELEGRAM_URL=telegram.url, **PATIENT
    )
    assert _ready(bot)["mode"] == "polling"
    await _begin(bot, telegram)
    bot.signal(signal.SIGTERM)
    assert await eventually(lambda: bot.exit_code() is not None, 30)
    assert bot.exit_code() == 0
    assert TOKEN not in "\n".join(bot.lines())


async def test_the_webhook_takes_updates_with_its_secret_only(
    telegram: TelegramServer, run_process: StartProcess
) -> None:
    """Telegram's own posts come through; without the secret, or with another, nothing is even read."""
    await run_process("api")
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    bot = await run_process(
        "bot",
        POLYCOOL_TELEGRAM_TOKEN=TOKEN,
        POLYCOOL_TELEGRAM_URL=telegram.url,
        POLYCOOL_TELEGRAM_WEBHOOK_URL=url,
        POLYCOOL_TELEGRAM_WEBHOOK_SECRET=SECRET,
        POLYCOOL_BOT_WEBHOOK_PORT=str(port),
        **PATIENT,
    )
    assert _ready(bot)["mode"] == "webhook"
    await _begin(bot, telegram)
    before = len(telegram.bot(TOKEN).calls)
    header = "X-Telegram-Bot-Api-Secret-Token"
    async with httpx.AsyncClient(timeout=30) as http:
        for headers in ({}, {header: "another-secret-of-nobody"}, {header: ""}):
            assert (await http.post(url, json={"update_id": 99}, headers=headers)).status_code == 401
        good = {header: SECRET}
        assert (await http.post(url, content=b"{", headers=good)).status_code == 400
        assert (await http.post(url, content=b"[" * 300_000, headers=good)).status_code == 413
        assert (await http.get(url)).status_code == 405
    assert len(telegram.bot(TOKEN).calls) == before


async def test_a_token_that_telegram_refuses_ends_the_start(run_process: StartProcess) -> None:
    """Missing settings and refused tokens are exit 3, in a sentence without the token."""
    bot = await run_process("bot", ready=False)
    await eventually(lambda: bot.exit_code() is not None, 30.0)
    assert bot.exit_code() == 3
    assert "telegram_token" in bot.tail().lower()
