"""Wallets before they are followed: resolved, looked at with what is not known, and watched by being looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from eth_utils.address import to_checksum_address

from schemas.watched import WatchedAddress
from streams.tables.asking import Connection
from streams.tables.pool import open_pool
from streams.wallet_facts.agent import WalletFacts
from tests.api.conftest import LEADER, OTHER, Ask, Face
from tests.api.histories import Histories

WRONG = to_checksum_address(LEADER).swapcase().replace("0X", "0x")


@pytest.fixture
def histories(database_url: str) -> Iterator[Histories]:
    """Trades and markets."""
    made = Histories(database_url)
    yield made
    made.owner.close()


@pytest.fixture
async def alice(face: Face) -> str:
    """Somebody who looks."""
    return await face.new_user()


async def refusal(face: Face, user: str, text: str, **more: Any) -> str:
    """The sentence with which the text is refused."""
    answer = await face.get("/v1/wallets/resolve", user=user, q=text, **more)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["field"], error["message"]) == ("q", answer.json()["detail"])
    return str(error["message"])


async def test_a_known_wallet_is_resolved_in_any_form(face: Face, histories: Histories, alice: str) -> None:
    """Upper case, blanks, a link: the same wallet, with its label."""
    histories.watched(LEADER, "copy_leader", label="Whale")
    histories.trade(LEADER, histories.market("1"))

    for text in (LEADER, f" 0x{LEADER[2:].upper()} ", f"https://polymarket.com/profile/{LEADER}"):
        answer = await face.get("/v1/wallets/resolve", user=alice, q=text)
        assert answer.json() == {
            "items": [{"wallet": LEADER, "label": "Whale", "known": True, "allocation_id": None}]
        }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LEADER[:-3], "That has 37 hex characters; a wallet has 40."),
        (WRONG, "The capital letters do not fit the checksum: one character may be wrong."),
        ("@somebody", "I cannot look up names right now; paste the 0x address."),
        ("polymarket.com/@somebody", "I cannot look up names right now; paste the 0x address."),
        ("somebody.eth", "ENS names are not supported; paste the 0x address."),
        (
            "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",
            "That is a contract of the exchange, not a trader.",
        ),
        (
            OTHER,
            "No trade of this wallet is known. The trading wallet is the one in the profile link, "
            "not the login wallet.",
        ),
    ],
)
async def test_every_refusal_has_its_sentence(face: Face, alice: str, text: str, sentence: str) -> None:
    """UX S4a, letter by letter."""
    assert await refusal(face, alice, text) == sentence


async def test_a_user_cannot_follow_their_own_wallet(face: Face, ask: Ask, alice: str) -> None:
    """Whether a trade of it is known or not."""
    await ask(
        "UPDATE accounts SET wallet = %(wallet)s, state = 'ready' WHERE user_id = %(user)s",
        wallet=LEADER, user=alice,
    )  # fmt: skip
    assert await refusal(face, alice, LEADER) == "That is your own wallet; you cannot copy yourself."
    other = await face.new_user("Bob")
    assert (await refusal(face, other, LEADER)).startswith("No trade of this wallet is known.")


async def test_a_refusal_says_how_to_go_on_and_never_repeats_what_was_sent(face: Face, alice: str) -> None:
    """[Use it anyway] for a checksum; a wallet without known trades can be looked at all the same."""
    answer = await face.get("/v1/wallets/resolve", user=alice, q=WRONG)
    (error,) = answer.json()["errors"]
    assert (error["allowed"], error["value"]) == ("checksum=ignore", LEADER)
    answer = await face.get("/v1/wallets/resolve", user=alice, q=WRONG, checksum="ignore")
    (error,) = answer.json()["errors"]
    assert (error["allowed"], error["value"]) == ("unknown=allow", LEADER)
    answer = await face.get("/v1/wallets/resolve", user=alice, q=WRONG, checksum="ignore", unknown="allow")
    assert answer.json()["items"][0] == {
        "wallet": LEADER, "label": None, "known": False, "allocation_id": None,
    }  # fmt: skip
    key = "0x" + "5e" * 32
    answer = await face.get("/v1/wallets/resolve", user=alice, q=key)
    assert key not in answer.text


async def test_who_is_followed_already_is_named_with_the_following(face: Face, alice: str) -> None:
    """[Open]; also while no trade of the wallet is known."""
    followed = await face.follow(alice, LEADER)
    answer = await face.get("/v1/wallets/resolve", user=alice, q=LEADER)
    assert answer.json()["items"][0]["allocation_id"] == followed["allocation_id"]
    other = await face.new_user("Bob")
    answer = await face.get("/v1/wallets/resolve", user=other, q=LEADER, unknown="allow")
    assert answer.json()["items"][0]["allocation_id"] is None


async def test_several_are_a_list(face: Face, histories: Histories, alice: str) -> None:
    """What is not known says so; contracts are left out."""
    histories.watched(LEADER, "copy_leader")
    histories.trade(LEADER, histories.market("1"))
    text = f"{OTHER}, {LEADER} 0x4d97dcd97ec945f40cf65f87097ace5ea0476045"
    items = (await face.get("/v1/wallets/resolve", user=alice, q=text)).json()["items"]
    assert [(item["wallet"], item["known"]) for item in items] == [(OTHER, False), (LEADER, True)]


async def test_facts_of_a_wallet_with_what_is_not_known(face: Face, histories: Histories, alice: str) -> None:
    """Thirty days: buys, stakes, kinds, the middle half of prices, and the result of what was seen whole."""
    histories.watched(LEADER, "copy_leader", "smart_trader", label="Alice")
    won, lost, running = (
        histories.market("1", payout="1"), histories.market("2", payout="0", category="Politics"),
        histories.market("3"),
    )  # fmt: skip
    histories.trade(LEADER, won, size="100", price="0.4", ago=timedelta(days=9))
    histories.trade(LEADER, won, size="10", price="0.5", ago=timedelta(days=9))
    histories.trade(LEADER, lost, size="50", price="0.2", ago=timedelta(days=4))
    histories.trade(LEADER, running, size="10", price="0.9", ago=timedelta(days=3))
    histories.trade(LEADER, running, "SELL", size="4", price="0.8", ago=timedelta(days=2))
    histories.trade(LEADER, "404", size="10", price="0.5", ago=timedelta(days=35))
    await histories.worked_out()

    shown = (await face.get(f"/v1/wallets/{LEADER}", user=alice)).json()

    assert {name: shown[name] for name in (
        "loading", "label", "roles", "days", "buys", "sells", "markets", "stake_median_usdc", "stake_largest_usdc",
        "price_low", "price_high", "result_usdc", "result_markets", "result_without_best_usdc", "buys_over_minimum",
        "value_usdc", "allocation_id",
    )} == {
        "loading": False, "label": "Alice", "roles": ["copy_leader", "smart_trader"], "days": 30, "buys": 4,
        "sells": 1, "markets": 3, "stake_median_usdc": "9", "stake_largest_usdc": "40", "price_low": "0.2",
        "price_high": "0.5", "result_usdc": "55", "result_markets": 2, "result_without_best_usdc": "-10",
        "buys_over_minimum": 4, "value_usdc": None, "allocation_id": None,
    }  # fmt: skip
    assert shown["categories"] == [
        {"category": "Sports", "percent": "84.4"}, {"category": "Politics", "percent": "15.6"},
    ]  # fmt: skip
    assert shown["win_rate"] == {"rate": "0.5", "least": "0.0945", "ended": 2, "source": "seen"}
    day = shown["seen_since"]
    assert [one["field"] for one in shown["unknown"]] == ["history", "value"]
    assert shown["unknown"][0]["why"] == f"trades before {int(day[8:10])} {MONTHS[int(day[5:7]) - 1]}"
    reaching = await face.get(f"/v1/wallets/{LEADER}", user=alice, multiplier="0.1")
    assert (reaching.json()["buys_over_minimum"], reaching.json()["buys"]) == (2, 4)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


async def test_what_a_reorg_took_away_is_no_fact(face: Face, histories: Histories, alice: str) -> None:
    """Neither counted nor summed."""
    histories.watched(LEADER, "copy_leader")
    token = histories.market("1", payout="1")
    kept = histories.trade(LEADER, token)
    gone = histories.trade(LEADER, token, size="9000")
    histories.trade(LEADER, token, "SELL", size="9000", kind="undone", undoes=gone)
    await histories.worked_out()

    shown = (await face.get(f"/v1/wallets/{LEADER}", user=alice)).json()
    assert (shown["buys"], shown["stake_largest_usdc"], shown["result_usdc"]) == (1, "40", "60")
    assert kept in (await face.get(f"/v1/wallets/{LEADER}/trades", user=alice)).text


async def test_looking_at_an_unwatched_wallet_has_it_watched(
    face: Face, histories: Histories, ask: Ask, alice: str
) -> None:
    """It loads until the worker has looked; the topic is told; so many new ones a day for each user."""
    shown = (await face.get(f"/v1/wallets/{LEADER}", user=alice)).json()
    assert (shown["loading"], shown["roles"], shown["buys"]) == (True, ["copy_leader"], 0)
    sent = [WatchedAddress.decode(bytes(row["value"])) for row in await ask("SELECT value FROM outbox")]
    assert [(message.wallet, message.roles) for message in sent] == [(LEADER, ("copy_leader",))]
    await histories.worked_out()
    shown = (await face.get(f"/v1/wallets/{LEADER}", user=alice)).json()
    assert (shown["loading"], shown["last_trade_at"]) == (False, None)
    assert shown["unknown"][0]["why"] == "everything: no trade of this wallet was seen yet"

    for number in range(1, face.settings.looks_a_day):
        shown = (await face.get(f"/v1/wallets/0x{number:040x}", user=alice)).json()
        assert shown["loading"]
    last = (await face.get(f"/v1/wallets/{OTHER}", user=alice)).json()
    assert (last["loading"], last["roles"]) == (False, [])
    assert last["unknown"][0]["why"] == "everything: we begin to watch at most 20 new wallets a day for you"
    other = await face.new_user("Bob")
    assert (await face.get(f"/v1/wallets/{OTHER}", user=other)).json()["loading"]


async def test_trades_of_a_wallet_are_a_list_that_neither_misses_nor_repeats(
    face: Face, histories: Histories, alice: str
) -> None:
    """Newest first, while newer ones arrive."""
    histories.watched(LEADER, "copy_leader")
    token = histories.market("1")
    made = [histories.trade(LEADER, token, ago=timedelta(minutes=n)) for n in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = (await face.get(f"/v1/wallets/{LEADER}/trades", user=alice, limit=2, **more)).json()
        seen += [item["trade_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        histories.trade(LEADER, token, ago=timedelta(0))
        if cursor is None:
            break
    assert seen == made
    assert page["items"][0]["question"] == "Will 1 win?"


class _Failing(WalletFacts):
    """Cannot work out the facts of LEADER; keeps whom it was asked about."""

    tried: ClassVar[list[str]] = []

    async def renew(self, connection: Connection, wallet: str) -> None:
        self.tried.append(wallet)
        if wallet == LEADER:
            await connection.execute("SELECT 1 / 0")
        await super().renew(connection, wallet)


async def test_a_wallet_whose_facts_fail_waits_longer_each_time_and_holds_up_no_other(
    histories: Histories, database_url: str
) -> None:
    """Not asked about again at once, 5 s after the first failure, 10 s after the second; the others go on meanwhile."""
    histories.watched(LEADER, "copy_leader")
    histories.watched(OTHER, "copy_leader")
    clock = [0.0]
    pool = await open_pool(database_url, "streams", max_size=2, min_size=1)
    stage = _Failing(
        pool, look_seconds=1, renew_seconds=900, now=lambda: datetime.now(UTC), monotonic=lambda: clock[0]
    )
    for at, expected in ((0, [LEADER, OTHER]), (4.9, []), (5, [LEADER]), (14.9, []), (15, [LEADER])):
        clock[0] = at
        stage.tried.clear()
        await stage.round()
        assert sorted(stage.tried) == sorted(expected), at
    await pool.close()
    known = histories.owner.execute("SELECT wallet FROM wallet_facts").fetchall()
    assert [row[0] for row in known] == [OTHER]
