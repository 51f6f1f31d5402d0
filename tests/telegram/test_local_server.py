"""The local server is what python-telegram-bot expects, and refuses what Telegram refuses."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter, TimedOut
from telegram.request import HTTPXRequest

from ops.telegram.chats import Account
from ops.telegram.faults import Fault, FaultKind
from ops.telegram.limits import Pace
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer
from tests.telegram.speaking_bot import TOKEN, polling
from tests.waiting import eventually

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20
ANN = Account(501, "Ann", "ann")


def person_of(server: TelegramServer) -> Person:
    """Ann, who has begun."""
    person = Person(server.bot(TOKEN), ANN)
    person.chat.blocked = False
    return person


def bot_of(server: TelegramServer) -> Bot:
    """python-telegram-bot's client."""
    return Bot(TOKEN, base_url=f"{server.url}/bot", request=HTTPXRequest(read_timeout=5.0))


async def test_a_bot_of_the_library_works_with_it(telegram: TelegramServer) -> None:
    """Command, button, toast, edit, text: as in a chat."""
    person = person_of(telegram)
    async with polling(telegram.url):
        person.send("/start")
        asked = await person.until_said("Sure?")
        assert asked.rows() == [["Yes"]]
        assert asked.marked.entities == [{"type": "bold", "offset": 0, "length": 5}]
        tap = person.press("Yes")
        await person.until_said("You said yes.")
        assert (await person.until_answered(tap)).toast == "Noted."
        person.send("hello")
        await person.until_said("Heard: hello")
    assert [message.edits for message in person.from_bot()] == [1, 0]


async def test_updates_are_told_again_until_they_are_acknowledged(telegram: TelegramServer) -> None:
    """A bot that died before its next poll hears the same update again."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        person.send("one")
        person.send("two")
        first = await bot.get_updates()
        again = await bot.get_updates()
        assert [update.update_id for update in first] == [update.update_id for update in again] == [1, 2]
        later = await bot.get_updates(offset=2)
        assert [update.message.text for update in later if update.message] == ["two"]
        assert await bot.get_updates(offset=3) == ()


async def test_a_long_poll_ends_with_the_update_and_a_second_poller_ends_the_first(
    telegram: TelegramServer,
) -> None:
    """No hot loop, and 409 for two processes on one token."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot, bot_of(telegram) as second:
        waiting = asyncio.create_task(bot.get_updates(timeout=10))
        await eventually(lambda: telegram.bot(TOKEN).line._poller is not None)
        person.send("now")
        assert len(await waiting) == 1
        waiting = asyncio.create_task(bot.get_updates(offset=2, timeout=10))
        await eventually(lambda: telegram.bot(TOKEN).line._poller is not None)
        assert await second.get_updates(offset=2) == ()
        with pytest.raises(Conflict):
            await waiting


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a < b", 'Unsupported start tag ""'),
        ("<b>open", 'end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag"),
        ("<h1>x</h1>", 'Unsupported start tag "h1"'),
        ("x" * 4097, "message is too long"),
        ("<b> </b>", "message text is empty"),
    ],
)
async def test_texts_that_telegram_refuses(telegram: TelegramServer, text: str, words: str) -> None:
    """400 with the real one's words."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        with pytest.raises(BadRequest, match=f"(?i){re.escape(words)}"):
            await bot.send_message(person.account.account_id, text, parse_mode=ParseMode.HTML)


async def test_times_escapes_and_lengths_are_read_as_telegram_reads_them(telegram: TelegramServer) -> None:
    """Entities count in UTF-16; 4096 is counted after the markup."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        await bot.send_message(
            ANN.account_id,
            '📄 &lt;b&gt; <tg-time unix="1764763384" format="r">12:03:04 UTC</tg-time>',
            parse_mode=ParseMode.HTML,
        )
        message = person.newest()
        assert message.text == "📄 <b> 12:03:04 UTC"
        assert message.marked.entities == [
            {"type": "date_time", "offset": 7, "length": 12, "unix_time": 1764763384, "date_time_format": "r"}
        ]
        await bot.send_message(ANN.account_id, f"<b>{'x' * 4096}</b>", parse_mode=ParseMode.HTML)


@pytest.mark.parametrize(
    ("button", "words"),
    [
        (InlineKeyboardButton("x", callback_data="é" * 33), "BUTTON_DATA_INVALID"),
        (InlineKeyboardButton("x", url="nowhere"), "Wrong HTTP URL"),
        (InlineKeyboardButton("x"), "Text buttons are unallowed"),
        (InlineKeyboardButton(" ", callback_data="1"), "non-empty"),
    ],
)
async def test_buttons_that_telegram_refuses(
    telegram: TelegramServer, button: InlineKeyboardButton, words: str
) -> None:
    """The 64 bytes are bytes, not characters."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        with pytest.raises(BadRequest, match=f"(?i){words}"):
            await bot.send_message(
                person.account.account_id, "x", reply_markup=InlineKeyboardMarkup([[button]])
            )


async def test_edits_and_deletions(telegram: TelegramServer) -> None:
    """Nothing changed, nothing there, pictures, and messages of the person."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        sent = await bot.send_message(ANN.account_id, "a")
        with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
            await bot.edit_message_text("a", ANN.account_id, sent.message_id)
        with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
            await bot.edit_message_text("b", ANN.account_id, 9_999)
        picture = await bot.send_photo(ANN.account_id, PICTURE, caption="30 days")
        assert person.newest().photo == PICTURE
        with pytest.raises(BadRequest, match=r"(?i)no text in the message"):
            await bot.edit_message_text("b", ANN.account_id, picture.message_id)
        await bot.edit_message_media(InputMediaPhoto(PICTURE + b"1"), ANN.account_id, picture.message_id)
        assert person.newest().photo == PICTURE + b"1"
        written = person.send("my answer")
        assert await bot.delete_message(ANN.account_id, written.message_id)
        assert await bot.delete_message(ANN.account_id, picture.message_id)
        assert [message.text for message in person.messages()] == ["a"]
        with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
            await bot.delete_message(ANN.account_id, picture.message_id)


async def test_people_who_blocked_the_bot_or_never_began(telegram: TelegramServer) -> None:
    """403 and 400."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        person.block()
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(ANN.account_id, "x")
        person.unblock()
        await bot.send_message(ANN.account_id, "x")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(77, "x")


async def test_floods_are_refused_with_the_time_to_wait() -> None:
    """One chat takes a burst, then one a second; whoever does not wait is counted."""
    async with TelegramServer(pace=Pace()) as telegram, bot_of(telegram) as bot:
        person_of(telegram)
        # The server's clock stands: a burst is one, however long its calls take.
        telegram.bot(TOKEN).limits.clock = lambda: 0.0
        for _ in range(4):
            await bot.send_message(ANN.account_id, "x")
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(ANN.account_id, "x")
        assert refused.value.retry_after == timedelta(seconds=1)
        with pytest.raises(RetryAfter):
            await bot.send_message(ANN.account_id, "x")
        assert telegram.bot(TOKEN).limits.early == 1


async def test_faults_on_demand(telegram: TelegramServer) -> None:
    """Floods, lost answers (done!), lost calls (not done), slow answers."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        telegram.faults.add(Fault(kind=FaultKind.FLOOD, retry_after=7))
        with pytest.raises(RetryAfter):
            await bot.send_message(ANN.account_id, "x")
        telegram.bot(TOKEN).limits._closed_until = 0.0
        for kind, done in ((FaultKind.LOSE_ANSWER, 1), (FaultKind.LOSE_CALL, 1)):
            telegram.faults.add(Fault(kind=kind, method="sendMessage"))
            with pytest.raises(Exception, match=r"disconnected|ReadError|RemoteProtocol"):
                await bot.send_message(ANN.account_id, "x")
            assert len(person.from_bot()) == done
        telegram.faults.add(Fault(kind=FaultKind.SLOW, seconds=1.0))
        with pytest.raises(TimedOut):
            await bot.send_message(ANN.account_id, "x", read_timeout=0.3)


async def test_a_webhook_gets_each_update_with_the_secret_until_it_takes_it(telegram: TelegramServer) -> None:
    """A refused update comes again; polls are refused while a webhook is set."""
    from aiohttp import web

    came: list[tuple[int, str | None]] = []

    async def hook(request: web.Request) -> web.Response:
        update = await request.json()
        came.append((update["update_id"], request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return web.Response(status=500 if len(came) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="secret-1")
        person.send("one")
        person.send("two")
        await eventually(lambda: telegram.bot(TOKEN).line.waiting == 0)
        assert came == [(1, "secret-1"), (1, "secret-1"), (2, "secret-1")]
        info = await bot.get_webhook_info()
        assert info.pending_update_count == 0
        assert info.last_error_message is not None
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
    await runner.cleanup()


async def test_a_persons_side_over_http(telegram: TelegramServer) -> None:
    """Another process writes, presses and reads."""
    async with polling(telegram.url), httpx.AsyncClient(base_url=telegram.url) as outside:
        await outside.post("/people/7/send", json={"text": "/start"})

        async def shown() -> list[str]:
            chat = (await outside.get("/people/7/chat")).json()
            return [message["text"] for message in chat["messages"]]

        await eventually(lambda: _holds(shown, "Sure?"))
        missing = await outside.post("/people/7/press", json={"text": "No"})
        assert missing.status_code == 404
        assert "Yes" in missing.text
        await outside.post("/people/7/press", json={"text": "Yes"})
        await eventually(lambda: _holds(shown, "You said yes."))
        chat = (await outside.get("/people/7/chat")).json()
        assert chat["toasts"] == [{"text": "Noted.", "alert": False}]
        assert (await outside.get("/counts")).json()["calls"]["sendMessage 200"] == 1


async def _holds(shown, text: str) -> bool:  # type: ignore[no-untyped-def]
    return text in await shown()


async def test_taps_are_answered_once_and_only_real_ones(telegram: TelegramServer) -> None:
    """A query id of nobody, or one answered before, is too old."""
    person = person_of(telegram)
    async with bot_of(telegram) as bot:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
        await bot.send_message(ANN.account_id, "x", reply_markup=keyboard)
        began = time.monotonic()
        tap = person.press("Go")
        await bot.answer_callback_query(tap.query_id, "ok", show_alert=True)
        assert (tap.toast, tap.alert) == ("ok", True)
        assert tap.answered_at is not None
        assert tap.answered_at >= began
        for query in (tap.query_id, "nobody's"):
            with pytest.raises(BadRequest, match=r"[Qq]uery is too old"):
                await bot.answer_callback_query(query)
