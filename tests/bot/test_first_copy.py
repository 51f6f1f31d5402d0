"""Both ways from end to end, on the real processes, in a chat of a counterpart that is not our own code."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from tests.bot.town import BOT_TOKEN, BOUND, LEADER, SMART, Town
from tests.bot.writing_down import Transcript
from tests.telegram.other import OtherPerson, OtherTelegram
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)
TRANSCRIPT = Path(__file__).parent / "transcripts" / "first_copy.txt"
# Both tests speak with the same counterpart.
_people = count(501)
# Set, the transcript is written anew instead of compared; whoever sets it reads it first.
ANEW = "WRITE_TRANSCRIPTS"


@pytest.fixture
async def person(town: Town, other_telegram: OtherTelegram) -> AsyncIterator[OtherPerson]:
    """Ann, who has never written to the bot."""
    await town.run_bot(other_telegram.url, POLYCOOL_TELEGRAM_POLL_SECONDS="0")
    somebody = OtherPerson(other_telegram, BOT_TOKEN, account_id=next(_people), seconds=BOUND)
    yield somebody
    await somebody.close()


async def test_from_the_first_word_to_the_first_paper_copy_in_six_taps(
    town: Town, person: OtherPerson
) -> None:
    """/start to following, a trade on the topic, its notice in the chat, /why for it: kept as a transcript."""
    talk = Transcript(person)
    await talk.write("/start", "Welcome. I copy trades of Polymarket wallets you choose")
    await talk.tap("Show me leaders", "Busiest first. Facts, not advice.")
    await talk.tap("1", "30 days:")
    await talk.tap("Follow with paper", "The most money at work")
    await talk.tap("50", "By which rules is Alice copied?")
    await talk.tap("Careful", "PAPER. When Alice buys")
    await talk.tap("Start copying", "Waiting for Alice's next trade.")
    assert talk.taps <= 6
    await eventually(lambda: _followed(town), BOUND)
    await town.trade(LEADER, "30")
    await talk.see("Alice buys for 30.00", "✅ Copied Alice: bought")
    # Until then /why also says that it waits for settlement on the chain.
    await eventually(lambda: town.rows("SELECT 1 FROM orders WHERE state = 'settled'"), BOUND)
    await talk.write("/why", "because Alice bought.")
    if os.environ.get(ANEW):
        TRANSCRIPT.write_text(talk.text())
    assert talk.text() == TRANSCRIPT.read_text()


def _followed(town: Town) -> bool:
    """Whether the leader's trades of seconds ago are read for the follower, and their money is there."""
    return bool(
        town.rows(
            "SELECT 1 FROM copy_trading_allocations WHERE active_from < clock_timestamp() - interval '3 s'"
        )
        and town.rows("SELECT 1 FROM accounts WHERE state = 'ready' AND cash_usdc > 0")
    )


async def test_a_smart_trade_is_seen_in_the_feed_and_bought_by_hand(town: Town, person: OtherPerson) -> None:
    """Smart trade on the topic → feed → quick buy → fill → notice; nothing was bought by itself."""
    talk = Transcript(person)
    await talk.write("/start", "Welcome.")
    await eventually(
        lambda: town.rows("SELECT 1 FROM accounts WHERE state = 'ready' AND cash_usdc > 0"), BOUND
    )
    await town.trade(SMART, "900")
    await eventually(lambda: town.rows("SELECT 1 FROM smart_signals"), BOUND)
    await talk.write("/smart", "1 Yes · Will X win? · 0x9c1f…44e0")
    await talk.tap("1 Yes", "Win rate")
    await talk.tap(
        "Buy 5.00", "📄 PAPER. Buy Yes · Will X win? for 5.00 USDC now. They paid 43¢, best offer 44¢"
    )
    assert town.rows("SELECT 1 FROM manual_orders UNION ALL SELECT 1 FROM copy_orders") == []
    await talk.tap("Buy for 5.00", "✅ Bought")
    assert town.rows("SELECT state, filled_shares > 11 FROM manual_orders") == [("filled", True)]
    await talk.see("the notice", "✅ By hand: bought")
    await talk.write("/positions", "Yes · Will X win?")
