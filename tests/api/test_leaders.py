"""Suggested leaders: by what they have shown, never by volume (SAFETY R34)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.api.conftest import LEADER, OTHER, Face
from tests.api.histories import Histories

YOUNG, FEW, WASH, GONE = ("0x" + digit * 40 for digit in "1234")


@pytest.fixture
def histories(database_url: str) -> Iterator[Histories]:
    """Trades and markets."""
    made = Histories(database_url)
    yield made
    made.owner.close()


async def listed(face: Face, user: str, **more: str) -> list[str]:
    """The wallets of the list, page after page of two."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await face.get("/v1/leaders", user=user, limit=2, **more, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [item["wallet"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def test_r34_only_who_was_seen_for_long_with_many_ended_markets_is_suggested(
    face: Face, histories: Histories
) -> None:
    """Ordered by ended markets. A wash wallet with the most trades and money of all is never listed."""
    user = await face.new_user()
    for wallet in (LEADER, OTHER, YOUNG, FEW, WASH, GONE):
        histories.watched(wallet, "copy_leader")
    histories.seasoned(LEADER, 25)
    histories.seasoned(OTHER, 31, category="Politics")
    histories.seasoned(YOUNG, 40, days=29)
    histories.seasoned(FEW, 19)
    _wash(histories, WASH)
    histories.seasoned(GONE, 25, days=90)
    histories.owner.execute(
        b"UPDATE trades SET traded_at = traded_at - interval '60 days' WHERE wallet = %s", [GONE]
    )
    await histories.worked_out()

    assert await listed(face, user) == [OTHER, LEADER]
    answer = await face.get("/v1/leaders", user=user)
    first = answer.json()["items"][0]
    assert (first["ended_markets"], first["categories"]) == (31, ["Politics"])
    assert not any("follower" in name for name in first), "how many follow is the operators' only"


def _wash(histories: Histories, wallet: str) -> None:
    """Buys from himself what he sells to himself: 40 days, 60 ended markets, 10,000 USDC each, in markets without
    fees."""
    for number in range(60):
        token = histories.market(f"9{number}", payout=str(number % 2), fee_rate="0")
        ago = timedelta(days=40 - number / 2)
        histories.trade(wallet, token, "BUY", size="20000", price="0.5", ago=ago)
        histories.trade(wallet, token, "SELL", size="20000", price="0.5", ago=ago - timedelta(minutes=1))


async def test_the_filters_of_the_list(face: Face, histories: Histories) -> None:
    """Busy, large stakes, and the three kinds; a foreign filter is refused."""
    user = await face.new_user()
    for wallet, category in ((LEADER, "Sports"), (OTHER, "crypto")):
        histories.watched(wallet, "copy_leader")
        histories.seasoned(wallet, 22, category=category)
    token = histories.market("77", category="Sports")
    for minute in range(60):
        histories.trade(LEADER, token, size="1000", ago=timedelta(minutes=minute))
    await histories.worked_out()

    assert await listed(face, user, filter="busy") == [LEADER]
    assert await listed(face, user, filter="large_stakes") == [LEADER]
    assert await listed(face, user, filter="sports") == [LEADER]
    assert await listed(face, user, filter="crypto") == [OTHER]
    assert await listed(face, user, filter="politics") == []
    assert (await face.get("/v1/leaders", user=user, filter="volume")).status_code == 422


async def test_a_cursor_belongs_to_its_filter(face: Face, histories: Histories) -> None:
    """One of another list is refused."""
    user = await face.new_user()
    for wallet in (LEADER, OTHER):
        histories.watched(wallet, "copy_leader")
        histories.seasoned(wallet, 22)
    await histories.worked_out()
    cursor = (await face.get("/v1/leaders", user=user, limit=1)).json()["next_cursor"]
    assert (await face.get("/v1/leaders", user=user, limit=1, cursor=cursor)).status_code == 200
    answer = await face.get("/v1/leaders", user=user, limit=1, filter="sports", cursor=cursor)
    assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]
