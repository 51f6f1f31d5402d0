"""Taps in the chat: from the press of a button until its little clock ends, on the running bot and API.

The Bot API server on this machine stands for Telegram and keeps its limits. Beside it, in the same run: how long one
bare call of the bot to that server takes.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import structlog
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.server import running
from bot.settings import BotSettings
from ops.bench.ground import own_place
from ops.output import say
from ops.stack.processes import Processes
from ops.telegram.bots import Bot, Tap
from ops.telegram.chats import Account
from ops.telegram.limits import Pace
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer

PEOPLE: Final = 20
TAPS_EACH: Final = 3
BETWEEN_SECONDS: Final = 10.0
"""A person reads before they tap again: 20 people make two taps a second, each an answer and a screen, of the 25 calls
a second that the sender lets out."""
BARE_CALLS: Final = 50
MUST_P95_MS: Final = 300
# Each leads to the other; the first asks the API, as most taps do.
LABELS: Final = ("Positions", "⌂ Menu")
_TOKEN: Final = "700000002:" + "t" * 35
_FIRST: Final = 60_000_000


def run() -> tuple[dict[str, Any], str]:
    """Measure; the document and the same as text."""
    # The bot runs in this process; its lines must not stand in the answer.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with own_place() as place:
        document = asyncio.run(_measure(place))
    return document, _text(document)


async def _measure(place: Path) -> dict[str, Any]:
    async with (
        Processes(place, fresh=True, names=("api",)) as stack,
        TelegramServer(pace=Pace()) as telegram,
    ):
        bot = telegram.bot(_TOKEN)
        people = [Person(bot, Account(_FIRST + number, f"p{number}")) for number in range(PEOPLE)]
        await _let_in(stack.environment, people)
        bare = await _bare(telegram.url)
        async with running(_settings(stack.environment, telegram.url)):
            say(f"{PEOPLE} people, {TAPS_EACH} taps each")
            shown = await asyncio.gather(
                *(_taps(person, number) for number, person in enumerate(people)), return_exceptions=True
            )
        return _document(bot, [taken for taken in shown if isinstance(taken, list)], bare)


async def _let_in(environment: dict[str, str], people: Sequence[Person]) -> None:
    token = environment["POLYCOOL_OPERATOR_TOKEN"]
    async with httpx.AsyncClient(
        base_url=environment["POLYCOOL_API_URL"], headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as http:
        for person in people:
            chat = person.chat.chat_id
            answer = await http.post(
                "/v1/users",
                json={"label": f"p{chat}", "telegram_id": chat},
                headers={"Idempotency-Key": f"p{chat}"},
            )
            answer.raise_for_status()


async def _bare(url: str) -> list[float]:
    async with ExtBot(_TOKEN, base_url=f"{url}/bot") as bot:
        spans = []
        for _ in range(BARE_CALLS):
            began = time.monotonic()
            await bot.get_me()
            spans.append(time.monotonic() - began)
        return spans


async def _taps(person: Person, number: int) -> list[float]:
    """Open the menu, tap, read, tap again; from each tap until its screen stood there, in seconds."""
    await asyncio.sleep(number * BETWEEN_SECONDS / PEOPLE)
    person.send("/menu")
    spans = []
    for turn in range(TAPS_EACH):
        here, there = LABELS[turn % 2], LABELS[(turn + 1) % 2]
        await person.until(partial(_shows, here))
        tap = person.press(here)
        await person.until_answered(tap)
        await person.until(partial(_shows, there))
        spans.append(time.monotonic() - tap.at)
        await asyncio.sleep(max(0.0, BETWEEN_SECONDS - spans[-1]))
    return spans


def _shows(label: str, person: Person) -> bool:
    return label in person.labels()


def _settings(environment: dict[str, str], telegram_url: str) -> BotSettings:
    return BotSettings(
        telegram_token=SecretStr(_TOKEN),
        telegram_url=telegram_url,
        api_url=environment["POLYCOOL_API_URL"],
        bot_signing_key=SecretStr(environment["POLYCOOL_BOT_SIGNING_KEY"]),
        bot_secret=SecretStr(environment["POLYCOOL_BOT_SECRET"]),
        log_level="warning",
    )


def _document(bot: Bot, shown: Sequence[list[float]], bare: Sequence[float]) -> dict[str, Any]:
    taps: list[Tap] = list(bot.taps.values())
    answered = [tap.answered_at - tap.at for tap in taps if tap.answered_at is not None]
    return {
        "people": PEOPLE,
        "taps": len(taps),
        "unanswered": len(taps) - len(answered),
        "answered_ms": _spread(answered),
        "screen_ms": _spread([span for spans in shown for span in spans]),
        "bare_call_ms": _spread(bare),
        "must": {"answered_p95_ms": MUST_P95_MS},
        "machine_busy": round(psutil.getloadavg()[0], 1),
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(span * 1_000 for span in seconds)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "max": round(ordered[-1], 1),
    }


def _text(document: dict[str, Any]) -> str:
    def said(name: str) -> str:
        return " · ".join(f"{share} {value:g} ms" for share, value in document[name].items())

    return "\n".join(
        (
            f"{document['taps']} taps of {document['people']} people, {document['unanswered']} unanswered",
            f"  answered     {said('answered_ms')} (must: p95 ≤ {MUST_P95_MS} ms)",
            f"  screen shown {said('screen_ms')}",
            f"  a bare call  {said('bare_call_ms')} · load of the machine {document['machine_busy']}",
        )
    )
