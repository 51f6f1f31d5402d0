"""Notices from their rows to the chats of a Bot API server on this machine that keeps Telegram's limits.

Three runs on one stack, after a baseline: the paced sender with nothing behind it.

- *merged*: 10,000 copies' notices to 1,000 chats at once, which become bursts;
- *each*: 10,000 notices that never merge to 1,000 chats: every one is a message, at the sender's pace;
- *steady*: a few a second, each timed from the commit of its row to the server's taking of its text.

Every row must be said exactly once, in a message of its own or in the burst it names.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import structlog
from psycopg.rows import DictRow, dict_row
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.sending import Limiter, Priority, Sender
from bot.server import running
from bot.settings import BotSettings
from ops.bench.ground import own_place
from ops.output import say
from ops.stack.processes import Processes
from ops.statements import statement
from ops.telegram.limits import Pace
from ops.telegram.server import TelegramServer
from streams.tables import bookings

CHATS: Final = 1_000
NOTICES = 10_000
STEADY_PER_SECOND: Final = 5
STEADY_SECONDS: Final = 30
FLOOR_CALLS: Final = 250
MUST_SECONDS: Final = 2.0
_TOKEN: Final = "700000001:" + "b" * 35
_FIRST_CHAT: Final = 50_000_000
_LOOK_SECONDS: Final = 0.25
# 10,000 calls at 25 a second are 400 s.
_PATIENCE_SECONDS: Final = 1_500.0
_AT_ONCE: Final = 6


def run() -> tuple[dict[str, Any], str]:
    """Measure; (document, text)."""
    # The bot runs in this process; its lines must not stand in the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with own_place() as place:
        document = asyncio.run(_measure(place))
    return document, _text(document)


async def _measure(place: Path) -> dict[str, Any]:
    async with (
        Processes(place, fresh=True, names=("api",)) as stack,
        TelegramServer(pace=Pace()) as telegram,
        await psycopg.AsyncConnection.connect(
            stack.environment["POLYCOOL_DATABASE_URL"], autocommit=True, row_factory=dict_row
        ) as tables,
        httpx.AsyncClient(
            base_url=stack.environment["POLYCOOL_API_URL"],
            headers={"Authorization": f"Bearer {stack.environment['POLYCOOL_OPERATOR_TOKEN']}"},
            timeout=30,
        ) as http,
    ):
        people = await _people(http)
        _open_chats(telegram)
        floor = await _floor(telegram)
        async with running(_settings(stack.environment, telegram.url)):
            stage = _Stage(telegram, tables, people)
            await stage.settled()
            return {
                "sender_alone": floor,
                "merged": await stage.crowd("copy_filled", "C"),
                "each": await stage.crowd("hand_filled", "O"),
                "steady": await stage.steady(),
            }


class _Stage:
    """Writes notices as trading does, and looks at what came of them on both sides."""

    def __init__(
        self, telegram: TelegramServer, tables: psycopg.AsyncConnection[DictRow], people: Sequence[str]
    ) -> None:
        self._bot = telegram.bot(_TOKEN)
        self._tables = tables
        self._people = people
        self._names = 0

    async def crowd(self, kind: str, letter: str) -> dict[str, Any]:
        """Many at once, the same number to each chat, until all are said."""
        say(f"{NOTICES} notices of the kind {kind} to {CHATS} chats")
        calls_before, began = len(self._bot.calls), time.monotonic()
        before = await self._counts()
        rows = [self._row(kind, letter, self._people[number % CHATS]) for number in range(NOTICES)]
        await self._write(rows)
        written = time.monotonic()
        await self.settled()
        took = time.monotonic() - began
        calls = list(self._bot.calls)[calls_before:]
        counts = await self._counts()
        return {
            "notices": NOTICES,
            "chats": CHATS,
            "written_s": round(written - began, 1),
            "said_after_s": round(took, 1),
            "calls": dict(Counter(f"{call.method} {call.code}" for call in calls)),
            "messages": counts["messages"] - before["messages"],
            "lost": counts["unsaid"],
            "doubled": _sends(calls) - (counts["messages"] - before["messages"]),
            "most_in_a_second": _most_in_a_second([call.at for call in calls]),
            "refused_for_pace": self._bot.limits.refused,
        }

    async def steady(self) -> dict[str, Any]:
        """A few a second; how long each takes from its row's commit to the server."""
        say(f"{STEADY_PER_SECOND} notices a second for {STEADY_SECONDS} s")
        committed: dict[str, float] = {}
        calls_before = len(self._bot.calls)
        for number in range(STEADY_PER_SECOND * STEADY_SECONDS):
            row = self._row("hand_filled", "O", self._people[(number * 37) % CHATS])
            await self._write([row])
            committed[str(row["event"])] = time.monotonic()
            await asyncio.sleep(1 / STEADY_PER_SECOND)
        await self.settled()
        said: dict[str, float] = {}
        for call in list(self._bot.calls)[calls_before:]:
            name = str(call.parameters.get("text", "")).rpartition(" ")[2]
            said.setdefault(name, call.at)
        spans = sorted(said[name] - at for name, at in committed.items())
        return {
            "notices": len(spans),
            "seconds": {
                "p50": round(statistics.median(spans), 3),
                "p95": round(spans[int(len(spans) * 0.95)], 3),
                "max": round(spans[-1], 3),
            },
        }

    async def settled(self) -> None:
        """Until every notice is said."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while (await self._counts())["unsaid"]:
            assert time.monotonic() < until, f"not said in time: {await self._counts()}"
            await asyncio.sleep(_LOOK_SECONDS)

    def _row(self, kind: str, letter: str, user_id: str) -> dict[str, object]:
        self._names += 1
        name = f"{letter}-{self._names:07d}"
        body = {
            "copy_order_id": name,
            "side": "BUY",
            "filled_shares": "3.84",
            "usdc": "2",
            "fee_usdc": "0.04",
        }
        return {"user_id": user_id, "kind": kind, "event": name, "body": body}

    async def _write(self, rows: Sequence[dict[str, object]]) -> None:
        async with self._tables.transaction():
            await bookings.write(self._tables, "insert_notification", rows)  # type: ignore[arg-type]

    async def _counts(self) -> DictRow:
        found = await (await self._tables.execute(statement("ops.bench", "notices").encode())).fetchone()
        assert found is not None, "a count has a row"
        return found


async def _people(http: httpx.AsyncClient) -> list[str]:
    """Users with a chat each, by the API."""
    say(f"{CHATS} people are made")
    room = asyncio.Semaphore(_AT_ONCE)

    async def person(number: int) -> str:
        async with room:
            answer = await http.post(
                "/v1/users",
                json={"label": f"p{number}", "telegram_id": _FIRST_CHAT + number},
                headers={"Idempotency-Key": f"p{number}"},
            )
        answer.raise_for_status()
        name: str = answer.json()["user_id"]
        return name

    return list(await asyncio.gather(*(person(number) for number in range(CHATS))))


def _open_chats(telegram: TelegramServer) -> None:
    """Each person has pressed Start."""
    from ops.telegram.chats import Account

    bot = telegram.bot(_TOKEN)
    for number in range(CHATS):
        bot.chat_of(Account(_FIRST_CHAT + number, f"p{number}"))


async def _floor(telegram: TelegramServer) -> dict[str, float]:
    """The sender with nothing behind it: calls a second."""
    calls = min(FLOOR_CALLS, CHATS)
    async with _paced(telegram.url) as bot:
        began = time.monotonic()
        await asyncio.gather(
            *(
                bot.send_message(_FIRST_CHAT + number, "floor", rate_limit_args=Priority.RESULT)
                for number in range(calls)
            )
        )
        took = time.monotonic() - began
    return {"calls": calls, "calls_per_second": round(calls / took, 1)}


@contextlib.asynccontextmanager
async def _paced(url: str) -> AsyncIterator[ExtBot[Priority]]:
    bot = ExtBot(_TOKEN, base_url=f"{url}/bot", rate_limiter=Limiter(Sender()))
    async with bot:
        yield bot


def _settings(environment: dict[str, str], telegram_url: str) -> BotSettings:
    return BotSettings(
        telegram_token=SecretStr(_TOKEN),
        telegram_url=telegram_url,
        api_url=environment["POLYCOOL_API_URL"],
        bot_signing_key=SecretStr(environment["POLYCOOL_BOT_SIGNING_KEY"]),
        bot_secret=SecretStr(environment["POLYCOOL_BOT_SECRET"]),
        log_level="warning",
    )


def _sends(calls: Sequence[Any]) -> int:
    return sum(1 for call in calls if call.method == "sendMessage" and call.code == 200)


def _most_in_a_second(times: Sequence[float]) -> int:
    """The most calls in any second."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def _text(document: dict[str, Any]) -> str:
    steady, floor = document["steady"]["seconds"], document["sender_alone"]
    lines = [
        f"{name}: {each['notices']:,} notices to {each['chats']:,} chats said in {each['messages']:,} messages after "
        f"{each['said_after_s']:.0f} s; lost {each['lost']}, doubled {each['doubled']}; at most "
        f"{each['most_in_a_second']} calls in a second, {each['refused_for_pace']} refused for pace"
        for name, each in ((name, document[name]) for name in ("merged", "each"))
    ]
    lines.append(
        f"steady, {STEADY_PER_SECOND}/s: row committed to text at Telegram p50 {steady['p50']} s, "
        f"p95 {steady['p95']} s, max {steady['max']} s (must be ≤ {MUST_SECONDS:.0f} s)"
    )
    lines.append(f"the sender alone: {floor['calls_per_second']} calls a second")
    return "\n".join(lines)
