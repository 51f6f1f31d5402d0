"""Both ways from end to end, on the real processes, in a chat of a counterpart that is not our own code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.town import BOT_TOKEN, LEADER, SMART, Town
from tests.telegram.other import OtherPerson, OtherTelegram

pytestmark = pytest.mark.timeout(600)
TRANSCRIPTS = Path(__file__).parent / "transcripts"


@pytest.fixture
async def person(town: Town, other_telegram: OtherTelegram) -> AsyncIterator[OtherPerson]:
    """Ann, who has never written to the bot."""
    await town.run_bot(other_telegram.url, POLYCOOL_TELEGRAM_POLL_SECONDS="0")
    somebody = OtherPerson(other_telegram, BOT_TOKEN)
    yield somebody
    await somebody.close()


async def test_a_first_paper_copy_in_six_taps(town: Town, person: OtherPerson) -> None:
    """/start to following; a trade on the topic; its notice in the chat; /why."""
    await person.send("/start")
    await person.until_said("Welcome. I copy trades of Polymarket wallets you choose")
    taps = 0
    for label, said in (
        ("Show me leaders", "Alice"),
        ("1", "30 days:"),
        ("Follow with paper", "The most money at work"),
        ("50", "By which rules"),
        ("Careful", "PAPER. When Alice buys"),
        ("Start copying", "Waiting for Alice's next trade"),
    ):
        await person.press(label)
        taps += 1
        await person.until_said(said)
    assert taps <= 6
    await town.trade(LEADER, "30")
    await person.until_said("✅ Copied Alice: bought")
    await person.send("/why")
    await person.until_said("because Alice bought.")


async def test_a_smart_trade_is_bought_by_hand(town: Town, person: OtherPerson) -> None:
    """Smart trade on the topic → feed → quick buy → fill; nothing is bought by itself."""
    await person.send("/start")
    await person.until_said("Welcome.")
    await town.trade(SMART, "900")
    await person.send("/smart")
    await person.until_said("Buys of at least 300.00")
