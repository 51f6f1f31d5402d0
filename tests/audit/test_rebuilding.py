"""Read tables made anew beside the living ones: every row that differs is named, and nothing is swapped unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from ops.ground import Ground
from ops.rebuild import anew
from ops.rebuild.reading import Folded
from schemas.base import rfc3339
from schemas.enums import AddressType
from streams.kafka.guard import Handled
from streams.topology import COPY_LEADER, TopicNames
from tests.streams.door import fill, wallet
from tests.streams.sorter import Sorter, open_sorter

LEADER, SMART, BOTH = wallet(0x1EAD), wallet(0x57A7), wallet(0xB07)


@pytest.fixture
async def sorter(database_url: str) -> AsyncIterator[Sorter]:
    """classify on this test's database, which reads the roles of three wallets."""
    async with open_sorter(database_url) as opened:
        opened.watch(LEADER, AddressType.COPY_LEADER)
        opened.watch(SMART, AddressType.SMART_TRADER)
        opened.watch(BOTH, AddressType.COPY_LEADER, AddressType.SMART_TRADER)
        yield opened


class Topics:
    """What classify has sent, as the topics of the roles hold it; a fold takes it from the beginning."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[tuple[AddressType, bytes]] = []
        monkeypatch.setattr(anew, "fold_topics", self._fold)

    def take(self, handled: Handled) -> None:
        """These sends are on their topics now."""
        for send in handled.sends:
            leads = send.topic is COPY_LEADER
            role = AddressType.COPY_LEADER if leads else AddressType.SMART_TRADER
            self.sent.append((role, send.value))

    async def _fold(self, _kafka: str, _names: TopicNames, known: Folded) -> Folded:
        for role, raw in self.sent:
            known.tables.apply(role, raw)
        return known


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> Topics:
    """The topics of the roles, without a broker."""
    return Topics(monkeypatch)


async def _compared(place: Ground) -> anew.Rebuilt:
    return await anew.compared(place, anew.nothing_known(), lambda _said: None)


async def _swapped(place: Ground, *, unequal: bool) -> anew.Rebuilt:
    return await anew.swapped(place, anew.nothing_known(), lambda _said: None, unequal=unequal)


async def _lived(sorter: Sorter, topics: Topics) -> tuple[dict[str, Any], dict[str, Any]]:
    """Purchases and sales, a stamp that was ahead, a fill that a reorg took away, a dead letter between them."""
    for number in range(8):
        side = "SELL" if number % 4 == 3 else "BUY"
        token = str(7_000 + number % 5)
        topics.take(
            await sorter.sort(*(fill(who, side=side, token_id=token) for who in (LEADER, SMART, BOTH)))
        )
    ahead = fill(LEADER, traded_at=rfc3339(datetime.now(UTC) + timedelta(minutes=2)))
    undone = fill(SMART)
    undo = fill(SMART, kind="undone", undoes=undone["trade_id"], side="SELL")
    topics.take(await sorter.sort(ahead, fill(BOTH, size="0"), undone, undo, fill(BOTH)))
    return ahead, undone


async def test_a_swap_is_refused_while_rows_differ_and_says_which(
    sorter: Sorter, topics: Topics, database_url: str
) -> None:
    """Compared row by row and column by column; put in the living rows' place, whole, only if all are equal or it is
    said so; classify goes on upon what was swapped."""
    ahead, undone = await _lived(sorter, topics)
    place = Ground("", database_url, TopicNames(), 4)
    clean = await _compared(place)
    assert clean.equal, [made.named for made in clean.tables]
    assert [made.rows for made in clean.tables] == [28, 12, 12]
    assert (await _swapped(place, unequal=False)).swapped

    gone = ahead["trade_id"]
    for statement in (
        f"DELETE FROM trades WHERE trade_id = '{gone}' RETURNING 1",
        f"UPDATE trades SET content = 'x', size = 7 WHERE trade_id = '{undone['trade_id']}' RETURNING 1",
        f"UPDATE leader_positions SET shares = shares + 1 WHERE wallet = '{BOTH}' AND token_id = '7001' RETURNING 1",
        "INSERT INTO smart_traders_positions (wallet, token_id, shares, number) VALUES ('0xno', '1', 1, 1) RETURNING 1",
    ):
        await sorter.rows(statement)
    refused = await _swapped(place, unequal=False)
    named = {name for made in refused.tables for name in made.named}
    assert not refused.swapped
    assert named == {
        f"trades: {LEADER} {gone} is missing",
        f"trades: {SMART} {undone['trade_id']} differs in content, size",
        f"leader_positions: {BOTH} 7001 differs in shares",
        "smart_traders_positions: 0xno 1 is on no topic",
    }
    assert not await sorter.rows("SELECT 1 FROM trades WHERE trade_id = %s", gone), "nothing was touched"
    assert (await _swapped(place, unequal=True)).swapped
    assert await sorter.rows("SELECT 1 FROM trades WHERE trade_id = %s", gone)
    again = await sorter.sort(ahead, fill(LEADER))
    assert len(again.sends) == 2, "what is known is said again, what is new goes on from there"
    topics.take(again)
    after = await _compared(place)
    assert (after.equal, after.tables[0].rows) == (True, 29), [made.named for made in after.tables]


async def test_what_comes_while_it_is_compared_is_no_difference(
    sorter: Sorter, topics: Topics, database_url: str
) -> None:
    """The tables are seen as of one instant, and the topics folded up to what stood there then."""
    await _lived(sorter, topics)
    numbers = anew._numbers
    later: list[Handled] = []

    async def then_more(connection: psycopg.AsyncConnection[Any]) -> Any:
        found = await numbers(connection)
        later.append(await sorter.sort(fill(LEADER), fill(wallet(0x1EAD), token_id="8")))
        topics.take(later[0])
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(anew, "_numbers", then_more)
        meanwhile = await _compared(Ground("", database_url, TopicNames(), 4))
    assert later, "something came meanwhile"
    assert (meanwhile.equal, meanwhile.tables[0].rows) == (True, 28), [
        made.named for made in meanwhile.tables
    ]


async def test_a_number_that_never_came_onto_its_topic_is_a_difference(
    sorter: Sorter, topics: Topics, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waited for with a bound, then named."""
    monkeypatch.setattr(anew, "CATCH_UP_SECONDS", 0.0)
    await _lived(sorter, topics)
    lost = fill(LEADER, token_id="9")
    await sorter.sort(lost)
    found = await _compared(Ground("", database_url, TopicNames(), 4))
    assert {name for made in found.tables for name in made.named} == {
        f"trades: {LEADER} {lost['trade_id']} is on no topic",
        f"leader_positions: {LEADER} 9 is on no topic",
    }
