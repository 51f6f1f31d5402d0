"""A new person from /start to the first filled paper copy and its /why: the whole of Polycool, a Bot API on this
machine, and nobody's hands but theirs (UX §1.1)."""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ops.stack.local import Stack
from ops.telegram.chats import Account
from ops.telegram.person import Person
from ops.telegram.server import TelegramServer
from schemas.enums import AddressType
from streams.topology import TopicNames
from tests.api.histories import Histories
from tests.conftest import StartProcess
from tests.streams.door import Door, fill, open_door
from tests.telegram.speaking_bot import TOKEN
from tests.waiting import eventually

ANN = Account(501, "Ann", "ann")
LEADER = "0x" + "ab" * 20
TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
KEPT = Path(__file__).parent / "transcript.txt"
TAPS = ("Show me leaders", "1", "Follow with paper", "100", "Careful", "Start copying")
SHOWN_SECONDS, FILLED_SECONDS = 20.0, 60.0
# What is another each time: times, names, spans, hashes.
_VARYING = (
    (r"\b\d\d:\d\d:\d\d(\.\d{3})?( UTC)?", "hh:mm:ss"),
    (r"\b\d{1,2} [A-Z][a-z]{2}( \d\d:\d\d UTC)?", "d Mon"),
    (r"\.\d{3}\b", ".mmm"),
    (r"[+-]?\d+\.\d\d s\b", "n s"),
    (r"\b[A-Z]-[0-9A-Z]{7}\b", "X-0000000"),
    (r"0x[0-9a-f]{4}…[0-9a-f]{4}", "0x…"),
    (r"\b\d+\.\d trades", "n trades"),
    (r"every \d+ (s|min)|every \d+ h \d+ min", "every n"),
)


@pytest.fixture
def topic_prefix() -> str:
    """Trading runs on the living names only."""
    return ""


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """A Bot API on this machine, without flood limits."""
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def door(stack: Stack, topics: TopicNames, database_url: str) -> AsyncIterator[Door]:
    """Where trades come in."""
    async with open_door(stack.kafka, database_url, topics) as opened:
        yield opened


@pytest.fixture
def histories(database_url: str) -> Iterator[Histories]:
    """What is known of wallets and markets before."""
    made = Histories(database_url)
    yield made
    made.owner.close()


# Six processes start on the way.
@pytest.mark.timeout(400)
async def test_from_start_to_the_first_filled_copy_and_why(
    telegram: TelegramServer, door: Door, histories: Histories, run_process: StartProcess
) -> None:
    """Six taps, no typing; the leader buys; the copy is filled; /why says so. The chat is kept in transcript.txt."""
    histories.watched(LEADER, "copy_leader", label="Alice")
    histories.seasoned(LEADER, 25)
    histories.market(TOKEN_ID, question="Will X win?", end_at="2030-01-01T00:00:00Z")
    await histories.worked_out()
    await door.watch(LEADER, AddressType.COPY_LEADER)
    for name in ("paper", "api", "trading", "streams"):
        await run_process(name)
    await run_process("bot", POLYCOOL_TELEGRAM_TOKEN=TOKEN, POLYCOOL_TELEGRAM_URL=telegram.url)
    person = Person(telegram.bot(TOKEN), ANN)
    said = [await _wrote(person, "/start", "Welcome. I copy trades")]
    assert len(TAPS) <= 6
    said += [await _tapped(person, label) for label in TAPS]
    assert "When Alice buys, buy the same outcome for 2.00 USDC" in person.newest().text
    followed = "SELECT 1 FROM copy_trading_allocations WHERE active_from <= clock_timestamp()"
    await eventually(lambda: door.rows(followed), SHOWN_SECONDS)
    await door.trade(fill(LEADER, token_id=TOKEN_ID, size="50", price="0.5", usdc="25"))
    filled = "SELECT 1 FROM copy_orders WHERE state = 'filled'"
    await eventually(lambda: door.rows(filled), FILLED_SECONDS)
    said.append(await _wrote(person, "/why", "Their trade"))
    assert "✅ Bought" in person.newest().text
    _keep_or_compare("\n\n".join(said) + "\n")


async def _wrote(person: Person, text: str, words: str) -> str:
    before = person.newest().message_id if person.from_bot() else 0
    person.send(text)

    def answered(each: Person) -> bool:
        return each.newest().message_id > before and words in each.newest().text

    await person.until(answered, SHOWN_SECONDS)
    return f"> {text}\n{_drawn(person)}"


async def _tapped(person: Person, label: str) -> str:
    before = person.newest().text
    tap = person.press(label)
    await person.until(lambda each: each.newest().text != before, SHOWN_SECONDS)
    await person.until_answered(tap)
    return f"> [{label}]\n{_drawn(person)}"


def _drawn(person: Person) -> str:
    message = person.newest()
    text = message.text
    for pattern, words in _VARYING:
        text = re.sub(pattern, words, text)
    rows = [" ".join(f"[{label}]" for label in row) for row in message.rows()]
    return "\n".join([text, *rows])


def _keep_or_compare(said: str) -> None:
    """The chat reads as it is kept; where nothing is kept yet it is written down, to be read and committed."""
    if not KEPT.exists():
        KEPT.write_text(said)
    kept = KEPT.read_text()
    assert said == kept, "\n".join(difflib.unified_diff(kept.splitlines(), said.splitlines(), "kept", "said"))
