"""Every button of every screen, pressed in each state a person can be in, on the real processes, against the local
server of the Bot API; and no secret anywhere afterwards."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import urllib.parse
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from bot import verbs
from bot.bots import Bot
from bot.server import running
from bot.settings import BotSettings
from ops.audit.topics import messages
from ops.demo.faces import mint_of
from ops.operators import roster
from ops.telegram.chats import Account
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer
from streams.topology import TOPICS
from tests.bot.town import BOT_TOKEN, BOUND, DATABASE_PASSWORD, LEADER, SMART, Town
from tests.bot.walking import Walk
from tests.waiting import eventually

pytestmark = [
    pytest.mark.timeout(1_200),
    # Some minutes alone on two cores: a campaign, asked for by name. The short form is test_walker.py.
    pytest.mark.skipif(
        "WALK_EVERYTHING" not in os.environ, reason="WALK_EVERYTHING=1 walks every screen, for minutes"
    ),
]
COMMANDS = (
    "/start", "/menu", "/copy", "/add", "/smart", "/positions", "/history", "/why", "/wallet", "/settings", "/help",
)  # fmt: skip
ANSWERS = {
    verbs.ADDRESS: SMART, verbs.BUDGET: "75", verbs.RENAME: "Ally", verbs.SET: "50", verbs.BUY: "7.50",
    verbs.QUICK_AMOUNTS: "5 25 100", verbs.ZONE: "Europe/Lisbon", verbs.QUIET: "22-7", verbs.SUMMARY_AT: "19:30",
    verbs.ARM_CAP: "30", verbs.ARM: "ARM LIVE", verbs.GO_LIVE_NOW: "LIVE", verbs.WITHDRAW_ADDRESS: "0x" + "ab" * 20,
}  # fmt: skip
# Who walks, and of how many buttons of one verb each is pressed: the whole once, elsewhere what differs.
STATES = {"new": 3, "active": 8, "paused": 3, "closing": 3, "stopping": 2, "operator": 2}
FOLLOWERS = ("active", "paused", "closing", "stopping")
KNOWN = {value for name, value in vars(verbs).items() if name.isupper()}
# A command, or no panel of these walks leads there: they need live money, a changed version, an order in doubt, a link
# that somebody opened in a browser.
NOT_REACHED = {
    verbs.WORKING, verbs.HELLO, verbs.ARM, verbs.ARM_CAP, verbs.DAY_CAP, verbs.DISARM, verbs.GO_LIVE, verbs.GO_LIVE_NOW,
    verbs.WITHDRAW_AMOUNT, verbs.WITHDRAW_AGAIN, verbs.SEE_BOTH, verbs.HAND_ORDER, verbs.END_SESSION,
}  # fmt: skip


@pytest.fixture
async def bot(town: Town, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """The bot in this process, so that the walker sees when it is done."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    settings = BotSettings(
        telegram_token=SecretStr(BOT_TOKEN),
        telegram_url=telegram.url,
        api_url=town.ports["POLYCOOL_API_URL"],
        bot_signing_key=SecretStr(town.secrets["POLYCOOL_BOT_SIGNING_KEY"]),
        bot_secret=SecretStr(town.secrets["POLYCOOL_BOT_SECRET"]),
    )
    async with running(settings) as served:
        yield served


async def acting(town: Town, user_id: str, path: str, body: Any = None) -> Any:
    """A POST of a user, as the bot asks for them."""
    mint = mint_of(town.secrets)
    assert mint is not None
    token = mint.user(user_id, now=datetime.now(UTC), token_id=uuid.uuid4().hex)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    async with httpx.AsyncClient(base_url=town.ports["POLYCOOL_API_URL"], timeout=30) as http:
        answer = await http.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def joined(town: Town, walk: Walk) -> str:
    """The person has written /start and has money; their user's name."""
    await walk.command("/start")
    telegram_id = walk.person.account.account_id

    def ready() -> str | None:
        rows = town.rows(
            "SELECT u.user_id FROM users u JOIN accounts a USING (user_id)"
            " WHERE u.telegram_id = %s AND a.state = 'ready' AND a.cash_usdc > 0",
            telegram_id,
        )
        return str(rows[0][0]) if rows else None

    found = await eventually(ready, BOUND)
    assert found is not None
    return found


async def follower(town: Town, walk: Walk) -> str:
    """They follow the leader; the following's name, once it is in force."""
    user = await joined(town, walk)
    settings = {
        "mode": "fixed_amount",
        "fixed_amount_usdc": "2",
        "budget_usdc": "100",
        "max_loss_usdc": "100",
    }
    made = await acting(town, user, "/v1/allocations", {"leader": LEADER, "settings": settings})
    name = str(made["allocation_id"])
    in_force = (
        "SELECT 1 FROM copy_trading_allocations WHERE allocation_id = %s"
        " AND active_from < clock_timestamp() - interval '3 s'"
    )
    await eventually(lambda: town.rows(in_force, name), BOUND)
    return user


async def test_b50_every_button_of_every_screen_in_every_state(
    town: Town, telegram: TelegramServer, bot: Bot, capfd: pytest.CaptureFixture[str]
) -> None:
    """B-50: no dead button, no exception, no text over the limits; then the API goes away, and every page says so.

    At the end no secret of any process stands in a log, a topic, a table, a metric or a chat.
    """
    walks = {
        name: Walk(
            bot, Person(telegram.bot(BOT_TOKEN), Account(700 + number, name)), ANSWERS, each_verb=each_verb
        )
        for number, (name, each_verb) in enumerate(STATES.items())
    }
    await joined(town, walks["new"])
    operator = await joined(town, walks["operator"])
    roster.add(town.database_url, operator, "tests")
    users = {name: await follower(town, walks[name]) for name in FOLLOWERS}
    await town.trade(LEADER, "30")
    await town.trade(LEADER, "2", price="0.95")
    await town.trade(SMART, "900")
    await eventually(lambda: town.rows("SELECT 1 FROM smart_signals"), BOUND)
    ended = "SELECT 1 FROM copy_orders WHERE state = 'filled' HAVING count(*) = 4"
    await eventually(lambda: town.rows(ended), BOUND)
    for name, deed in (("paused", "pause"), ("closing", "close")):
        [(following,)] = town.rows(
            "SELECT allocation_id FROM copy_trading_allocations WHERE user_id = %s", users[name]
        )
        await acting(town, users[name], f"/v1/allocations/{following}/{deed}")
    begin = {"operator": (*COMMANDS, "/admin"), "stopping": ("/stop_all",)}
    await asyncio.gather(*(walk.walk(*begin.get(name, COMMANDS)) for name, walk in walks.items()))
    counts = _report(walks)
    assert {name: walk.dead for name, walk in walks.items() if walk.dead} == {}
    assert _faults(bot) == {}
    listed = telegram.bot(BOT_TOKEN).commands
    assert [
        scope for scope, commands in listed.items() if any(each["command"] == "admin" for each in commands)
    ] == [scope for scope in listed if str(walks["operator"].person.account.account_id) in scope]
    assert len(listed) == 3, "everybody's in two languages, the operator's"
    assert {call.words for call in telegram.bot(BOT_TOKEN).refusals()} == set()
    reached = sum((walk.done for walk in walks.values()), Counter[str]())
    assert KNOWN - NOT_REACHED - set(reached) == set()
    await _while_the_api_is_down(town, walks)
    assert _faults(bot) == {}
    said = capfd.readouterr()
    await _no_secret_anywhere(town, telegram, bot, said.out + said.err)
    sys.stdout.write(counts)


def _report(walks: dict[str, Walk]) -> str:
    lines = [
        f"{name}: {walk.presses} presses of {len(walk.done)} verbs, {walk.typed} answers typed,"
        f" {len(walk.screens)} screens\n"
        for name, walk in walks.items()
    ]
    return "".join(lines)


def _faults(bot: Bot) -> dict[str, float]:
    return {
        sample.labels["verb"]: sample.value
        for metric in bot.metrics.faults.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.value
    }


async def _while_the_api_is_down(town: Town, walks: dict[str, Walk]) -> None:
    """Looking says that copying goes on, with a button to try again; nothing hangs, nothing fails in us."""
    town.programs["api"].kill()
    walk = walks["paused"]
    for command in ("/menu", "/copy", "/smart", "/positions", "/history", "/why", "/wallet"):
        shown = await walk.command(command)
        assert shown.text == "I cannot reach the server. Copying does not depend on me and goes on.", command
        assert ["Try again"] in shown.rows()
    shown = await walk.command("/stop_all")
    assert shown.text == "I cannot reach the server; nothing was changed."


async def _no_secret_anywhere(town: Town, telegram: TelegramServer, bot: Bot, log_of_bot: str) -> None:
    """Plain, hex, base64, url-encoded: in logs, topics, tables, metrics and chats."""
    secrets = _spellings(town)
    assert len(secrets) > 20
    places: dict[str, bytes] = {f"log {path.name}": path.read_bytes() for path in town.place.glob("*.log")}
    assert len(places) >= 4
    places["log of the bot"] = log_of_bot.encode()
    for topic in TOPICS:
        async for message in messages(town.stack.kafka, town.names.of(topic)):
            places[f"{topic.name}/{message.partition}/{message.offset}"] = message.value or b""
    with psycopg.connect(town.database_url, autocommit=True) as connection:
        tables = [
            str(name) for (name,) in town.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        for table in tables:
            rows = connection.execute(f'SELECT t::text FROM "{table}" t'.encode()).fetchall()
            places[f"table {table}"] = "\n".join(str(row) for (row,) in rows).encode()
    async with httpx.AsyncClient() as http:
        places["metrics of the bot"] = (await http.get(f"http://127.0.0.1:{bot.http_port}/metrics")).content
    for chat in telegram.bot(BOT_TOKEN).chats.values():
        places[f"chat {chat.chat_id}"] = repr(
            [(message.text, message.markup) for message in chat.messages.values()]
        ).encode()
    places["everything said to Telegram"] = repr(
        [call.parameters for call in telegram.bot(BOT_TOKEN).calls]
    ).encode()
    found = [
        f"{where} holds {name}"
        for where, text in places.items()
        for name, secret in secrets
        if secret in text
    ]
    assert found == []


def _spellings(town: Town) -> list[tuple[str, bytes]]:
    plain = {name: value for name, value in town.secrets.items() if not name.endswith("PUBLIC_KEYS")}
    plain["telegram token"] = BOT_TOKEN
    plain["database password"] = DATABASE_PASSWORD
    found = []
    for name, value in plain.items():
        raw = value.encode()
        for kind, spelled in (
            ("plain", raw),
            ("hex", raw.hex().encode()),
            ("base64", base64.b64encode(raw).rstrip(b"=")),
            ("url", urllib.parse.quote(value, safe="").encode()),
        ):
            found.append((f"{name} in {kind}", spelled))
        if name.endswith("KEY"):
            found.append((f"the bytes of {name} in hex", base64.b64decode(value).hex().encode()))
    return found
