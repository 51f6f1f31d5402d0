"""Notices from the tables to a chat, by the real API, the real bot's carrier and a server of the Bot API's protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.callbacks import Seal
from bot.client.asking import Api
from bot.client.transport import Transport
from bot.notices.carrying import Carrier
from bot.notices.chats import TelegramChats
from bot.notices.keyboards import Keyboards
from bot.notices.posting import ApiPost
from bot.screens.everything import every_action
from bot.sending import Limiter, Priority, Sender
from bot.words import every_text
from ops.telegram.bots import Bot
from ops.telegram.chats import Account
from ops.telegram.faults import Fault, FaultKind
from ops.telegram.limits import Pace
from ops.telegram.server import TelegramServer
from tests.api.conftest import MINT, Ask, Face
from tests.waiting import eventually

TOKEN = "700000002:" + "t" * 35
CHAT = 4_711


class Chats:
    """One person's chat, the carrier in front of it, and what was said there."""

    def __init__(self, telegram: TelegramServer, carrier: Carrier) -> None:
        self.telegram = telegram
        self.bot: Bot = telegram.bot(TOKEN)
        self.carrier = carrier

    def texts(self) -> list[str]:
        """All messages of the chat, oldest first, as they stand."""
        return [message.text for message in self.bot.chats[CHAT].messages.values()]

    async def carried(self) -> None:
        """Carry what there is now to its end."""
        while await self.carrier.carry_some(0.0):
            await self.carrier.settled()


@asynccontextmanager
async def chats(face: Face, *, pace: Pace | None = None) -> AsyncIterator[Chats]:
    """The bot's way of notices between this API and a Bot API server of its own."""
    async with (
        TelegramServer(pace=pace) as telegram,
        httpx.AsyncClient(base_url=str(face.http.base_url)) as http,
        ExtBot(TOKEN, base_url=f"{telegram.url}/bot", rate_limiter=Limiter(Sender())) as bot,
    ):
        telegram.bot(TOKEN).chat_of(Account(CHAT))
        keyboards = Keyboards(Seal(SecretStr("a secret of these tests")), every_action())
        carrier = Carrier(
            ApiPost(Api(Transport(http), MINT)), TelegramChats(_typed(bot), every_text, keyboards.of)
        )
        yield Chats(telegram, carrier)


def _typed(bot: Any) -> ExtBot[Priority]:
    shown: ExtBot[Priority] = bot
    return shown


async def tell(ask: Ask, user: str, kind: str, event: str, **body: Any) -> None:
    """A notice as whoever commits its fact writes it."""
    await ask(
        "INSERT INTO notifications (user_id, kind, event, body) VALUES (%(user)s, %(kind)s, %(event)s, %(body)s)",
        user=user, kind=kind, event=event, body=json.dumps(body),
    )  # fmt: skip


async def test_a_copy_has_one_message_that_is_edited_until_its_end(face: Face, ask: Ask) -> None:
    """UX §3: ❓, then its end in the same place; "not modified" is no fault."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face) as chat:
        await tell(
            ask, user, "copy_unknown", "C-0000001", copy_order_id="C-0000001", side="BUY", amount_usdc="2"
        )
        await chat.carried()
        (shown,) = chat.texts()
        assert shown.startswith("❓ The exchange gave no clear answer to the order for 2.00.")
        await ask(
            "UPDATE notifications SET kind = 'copy_filled', revision = revision + 1, body = %(body)s",
            body=json.dumps(
                {"copy_order_id": "C-0000001", "was_unknown": True, "filled_shares": "3.84", "usdc": "2"}
            ),
        )
        await chat.carried()
        (shown,) = chat.texts()
        assert "It went through: ✅ Copied" in shown
        await ask("UPDATE notifications SET revision = revision + 1")
        await chat.carried()
        (kept,) = await ask("SELECT revision, shown_revision, fault FROM notifications")
        assert kept == {"revision": 3, "shown_revision": 3, "fault": None}


async def test_a_message_that_is_gone_comes_anew(face: Face, ask: Ask) -> None:
    """The person deleted it, or it is older than Telegram edits: the new state is a message of its own."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face) as chat:
        await tell(ask, user, "copy_unknown", "C-0000001", copy_order_id="C-0000001", side="BUY")
        await chat.carried()
        chat.bot.chats[CHAT].messages.clear()
        await ask("UPDATE notifications SET kind = 'copy_filled', revision = revision + 1")
        await chat.carried()
        (shown,) = chat.texts()
        assert shown.startswith("✅ Copied")


async def test_b31_a_flood_delays_and_drops_nothing(face: Face, ask: Ask) -> None:
    """B-31: Telegram says "retry after": all of it comes, once each, and nobody who has heard it calls before."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face, pace=Pace()) as chat:
        for number in range(5):
            await tell(ask, user, "hand_filled", f"O-{number}", copy_order_id=f"O-{number}", side="BUY")
        chat.telegram.faults.add(Fault(kind=FaultKind.FLOOD, retry_after=2))
        await chat.carried()
        assert sorted(text.rpartition(" ")[2] for text in chat.texts()) == [
            f"O-{number}" for number in range(5)
        ]
        # Three go to a chat at once: the other two may have been on their way when the first was refused.
        assert chat.bot.limits.early <= 2


async def test_b19_a_crash_between_sending_and_storing_shows_a_notice_twice_at_worst(
    face: Face, ask: Ask
) -> None:
    """B-19: the answer never reached the API; another bot shows it once more after the lease, and that is the end."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face) as chat:
        await tell(ask, user, "buys_allowed", "t")
        async with httpx.AsyncClient(base_url=str(face.http.base_url)) as http:
            (claimed,) = await ApiPost(Api(Transport(http), MINT)).claim(5, 0.0)
        async with ExtBot(TOKEN, base_url=f"{chat.telegram.url}/bot") as crashed:
            await crashed.send_message(claimed.telegram_id, "▶ shown, and not stored")
        await chat.carried()
        assert len(chat.texts()) == 1
        await ask("UPDATE notifications SET claimed_until = clock_timestamp() - interval '1 second'")
        await chat.carried()
        await chat.carried()
        assert len(chat.texts()) == 2


async def test_who_blocks_the_bot_is_left_alone_and_hears_of_it_on_return(face: Face, ask: Ask) -> None:
    """UX §4: unreachable at the first 403; at their next word what was kept comes in one message."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face) as chat:
        chat.bot.chats[CHAT].blocked = True
        for number in range(3):
            await tell(ask, user, "copy_filled", f"C-{number}", copy_order_id=f"C-{number}", side="BUY")
        await chat.carried()
        calls = len(chat.bot.calls)
        await tell(ask, user, "signed_in", "w", session_id="w")
        await chat.carried()
        assert len(chat.bot.calls) == calls
        (kept,) = await ask("SELECT unreachable_at FROM users")
        assert kept["unreachable_at"] is not None
        chat.bot.chats[CHAT].blocked = False
        person = {"telegram_id": CHAT, "label": "Ann"}
        headers = face.as_bot() | {"Idempotency-Key": "back"}
        answer = await face.http.post("/v1/bot/users", json=person, headers=headers)
        assert answer.status_code == 200, answer.text
        await chat.carried()
        assert sorted(text.split(":")[0] for text in chat.texts()) == [
            "New sign-in on the web page.",
            "While you were away",
        ]


async def test_the_text_is_in_the_chat_soon_after_its_fact(face: Face, ask: Ask) -> None:
    """The running loop: a claim waits in the API, so nobody waits for the next look."""
    user = await face.new_user(telegram_id=CHAT)
    async with chats(face) as chat:
        running = asyncio.create_task(chat.carrier.run())
        try:
            await tell(ask, user, "buys_allowed", "t")
            await eventually(chat.texts)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_person_reads_their_own_notices_and_nobody_elses(face: Face, ask: Ask) -> None:
    """`/v1/me/notifications`: plain text, newest first, page by page, off or not; a burst is no notice of its own."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    for number in range(3):
        await tell(
            ask, alice, "copy_filled", f"C-{number}", copy_order_id=f"C-{number}", side="BUY", usdc="2"
        )
    await tell(ask, alice, "burst", "b")
    await tell(ask, bob, "buys_stopped", "t", note="a <b> & c")
    first = (await face.get("/v1/me/notifications", user=alice, limit=2)).json()
    second = (await face.get("/v1/me/notifications", user=alice, limit=2, cursor=first["next_cursor"])).json()
    assert [each["text"].rpartition(" ")[2] for each in first["items"] + second["items"]] == [
        "C-2",
        "C-1",
        "C-0",
    ]
    (theirs,) = (await face.get("/v1/me/notifications", user=bob)).json()["items"]
    assert theirs["text"] == "⏹ Buying is stopped for everybody since unknown: “a <b> & c”. Sells still run."


async def test_only_the_bot_carries_notices(face: Face) -> None:
    """Neither a user nor an operator claims, answers or says who is away."""
    user = await face.new_user()
    paths = (
        "/v1/bot/notifications/claim",
        "/v1/bot/notifications/1/result",
        f"/v1/bot/users/{user}/unreachable",
    )
    bodies: tuple[dict[str, Any], ...] = ({}, {"outcome": "sent", "revision": 1}, {})
    for path, body in zip(paths, bodies, strict=True):
        refused = [
            (await face.http.post(path, json=body, headers=headers)).status_code
            for headers in (face.acting(user), {})
        ]
        assert refused == [403, 403], path
    absent = await face.http.post(paths[1], json=bodies[1], headers=face.as_bot())
    assert absent.status_code == 404
