"""What classify makes of each kind of message, on a real database: good ones, repeated ones, bad ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from schemas.base import rfc3339
from schemas.enums import AddressType
from tests.streams.door import fill, tx, wallet
from tests.streams.sorter import Sorter, leaders, reasons, smart

LEADER, SMART, BOTH, STRANGER = wallet(1), wallet(2), wallet(3), wallet(4)
COPY, SHOW = AddressType.COPY_LEADER, AddressType.SMART_TRADER


@pytest.fixture(autouse=True)
def _watched(sorter: Sorter) -> None:
    sorter.watch(LEADER, COPY)
    sorter.watch(SMART, SHOW)
    sorter.watch(BOTH, COPY, SHOW)


async def test_the_same_trade_twice_changes_nothing_and_says_the_same_bytes(sorter: Sorter) -> None:
    """A repeated message, in the same batch or a later one, moves no position and is answered byte for byte."""
    body = fill(LEADER)
    first = await sorter.sort(body, body)
    again = await sorter.sort(body)
    assert [send.value for send in first.sends] == [again.sends[0].value] * 2
    assert len(leaders(again)) == 1
    rows = await sorter.rows("SELECT shares, number FROM leader_positions")
    assert rows == [{"shares": Decimal(10), "number": 1}]


async def test_numbers_by_value_are_the_same_content(sorter: Sorter) -> None:
    """10 and 10.000 are the same size: no conflict."""
    body = fill(LEADER)
    await sorter.sort(body)
    handled = await sorter.sort(body | {"size": "10.000", "price": "0.50"})
    assert not handled.dead
    assert len(handled.sends) == 1


@pytest.mark.parametrize(
    "change", [{"size": "11", "usdc": "5.5"}, {"side": "SELL"}, {"token_id": "8"}, {"order_hash": tx(9)}]
)
async def test_a_known_id_with_other_content_is_a_dead_letter(sorter: Sorter, change: dict[str, Any]) -> None:
    """CONFLICTING_DUPLICATE; the stored trade stays, the neighbour goes on."""
    body = fill(LEADER)
    await sorter.sort(body)
    neighbour = fill(LEADER)
    handled = await sorter.sort(body | change, neighbour)
    assert reasons(handled) == ["CONFLICTING_DUPLICATE"]
    assert [message.trade_id for message in leaders(handled)] == [neighbour["trade_id"]]
    assert (await sorter.rows("SELECT shares FROM leader_positions"))[0]["shares"] == 20


async def test_messages_count_in_the_order_of_arrival(sorter: Sorter) -> None:
    """A SELL that arrives before its BUY leaves a gap and an unsure position, never a negative one."""
    handled = await sorter.sort(fill(LEADER, side="SELL", size="4", usdc="2"), fill(LEADER))
    sell, buy = leaders(handled)
    assert (int(sell.position_after), int(sell.gap), sell.unsure) == (0, 4, True)
    assert (int(buy.position_before), int(buy.position_after), buy.number) == (0, 10, 2)


async def test_an_older_fill_arriving_later_is_part_of_the_running_burst(sorter: Sorter) -> None:
    """Reordered fills of one decision stay one burst, started by the one that arrived first (RULES §2)."""
    now = datetime.now(UTC) - timedelta(seconds=30)
    early, late = rfc3339(now), rfc3339(now + timedelta(seconds=5))
    handled = await sorter.sort(fill(LEADER, traded_at=late), fill(LEADER, traded_at=early))
    assert len({message.burst_started_at for message in leaders(handled)}) == 1


async def test_a_wallet_with_both_roles_goes_to_both_topics(sorter: Sorter) -> None:
    """Two ledgers, two numbers, two messages; the trade is stored once."""
    handled = await sorter.sort(fill(BOTH))
    assert len(leaders(handled)) == len(smart(handled)) == 1
    assert smart(handled)[0].first_entry
    (row,) = await sorter.rows("SELECT leader_number, smart_number FROM trades")
    assert row == {"leader_number": 1, "smart_number": 1}


async def test_other_kinds_move_positions_and_are_told_on(sorter: Sorter) -> None:
    """A redeem ends the position, is no trade, has no burst, and reaches the topic so that holders are told."""
    await sorter.sort(fill(LEADER))
    handled = await sorter.sort(fill(LEADER, kind="redeem", side="SELL", size="10", price=None, usdc=None))
    (message,) = leaders(handled)
    assert (message.kind.value, message.ended, message.burst_started_at) == ("redeem", True, None)
    assert (await sorter.rows("SELECT shares FROM leader_positions"))[0]["shares"] == 0


async def test_a_token_of_78_digits_stays_text_and_a_price_of_19_decimals_exact(sorter: Sorter) -> None:
    """No digit is lost on the way to the table and the topic."""
    token, price = "1" * 78, "0.1234567890123456789"
    usdc = str(Decimal(price) * 10)
    handled = await sorter.sort(fill(LEADER, token_id=token, price=price, usdc=usdc))
    (message,) = leaders(handled)
    assert (message.token_id, message.price, message.usdc) == (token, Decimal(price), Decimal(usdc))
    (row,) = await sorter.rows("SELECT token_id, price, usdc FROM trades")
    assert row == {"token_id": token, "price": Decimal(price), "usdc": Decimal(usdc)}


@pytest.mark.parametrize(
    "change",
    [
        {"size": "0"},
        {"size": "-1"},
        {"price": "0"},
        {"price": "1"},
        {"price": "-0.5"},
        {"price": "0.5e0"},
        {"price": "NaN"},
        {"size": 10},
        {"token_id": 7},
        {"token_id": "1" * 79},
        {"side": "HOLD"},
        {"kind": "airdrop"},
        {"source": "telegram"},
        {"traded_at": 1_700_000_000},
        {"traded_at": "2026-11-22"},
        {"traded_at": "2026-11-22T12:00:00"},
        {"schema_version": 2},
        {"surprise": "1"},
        {"tx_hash": "0x12"},
        {"usdc": None},
    ],
    ids=lambda change: ",".join(f"{name}={value}" for name, value in change.items())[:40],
)
async def test_what_cannot_be_read_is_a_dead_letter_and_its_neighbours_go_on(
    sorter: Sorter, change: dict[str, Any]
) -> None:
    """Each wrong field of a watched wallet's message: UNREADABLE, naming the field; the neighbour is sorted."""
    body = {name: value for name, value in (fill(LEADER) | change).items() if value is not None}
    neighbour = fill(SMART)
    handled = await sorter.sort(body, neighbour)
    assert reasons(handled) == ["UNREADABLE"]
    assert next(iter(change)) in handled.dead[0].detail
    assert len(smart(handled)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"wallet": 7}',
        b'{"wallet": "0x12"}',
        b'{"size": NaN}',
        b"[" * 100_000,
    ],
)
async def test_garbage_is_a_dead_letter_whosever_it_is(sorter: Sorter, raw: bytes) -> None:
    """Bytes that are no message: UNREADABLE also when nobody is watched under that key."""
    handled = await sorter.sort(sorter.received(raw, key=STRANGER), fill(LEADER))
    assert reasons(handled) == ["UNREADABLE"]
    assert len(leaders(handled)) == 1


async def test_a_message_without_a_value_is_a_dead_letter(sorter: Sorter) -> None:
    """A tombstone says nothing on this topic."""
    assert reasons(await sorter.sort(sorter.received(None, key=LEADER))) == ["UNREADABLE"]


async def test_a_message_under_another_wallets_key_is_a_dead_letter(sorter: Sorter) -> None:
    """Its order against the wallet's other messages would be chance: WRONG_KEY."""
    handled = await sorter.sort(sorter.received(fill(LEADER), key=STRANGER))
    assert reasons(handled) == ["WRONG_KEY"]


async def test_upper_case_wallets_are_the_same_wallet(sorter: Sorter) -> None:
    """Addresses are lower-cased at the edge, in the key and in the body."""
    upper = wallet(0xABC)
    sorter.watch(upper, COPY)
    body = fill("0x" + upper[2:].upper())
    handled = await sorter.sort(sorter.received(body, key="0x" + upper[2:].upper()))
    assert [send.key for send in handled.sends] == [upper]


async def test_a_time_an_hour_ahead_is_a_dead_letter(sorter: Sorter) -> None:
    """More than five minutes ahead of the broker's clock: IN_THE_FUTURE."""
    ahead = rfc3339(datetime.now(UTC) + timedelta(hours=1))
    assert reasons(await sorter.sort(fill(LEADER, traded_at=ahead))) == ["IN_THE_FUTURE"]


async def test_b30_times_are_compared_in_utc_whatever_their_zone(sorter: Sorter) -> None:
    """The same moment in another zone is the same content; a time without a zone is refused, never guessed."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    body = fill(LEADER, traded_at=rfc3339(at))
    await sorter.sort(body)
    handled = await sorter.sort(body | {"traded_at": elsewhere})
    assert not handled.dead
    assert leaders(handled)[0].traded_at == at
    assert reasons(await sorter.sort(fill(LEADER, traded_at=at.isoformat()[:19]))) == ["UNREADABLE"]


async def test_unwatched_wallets_are_let_go_without_a_trace(sorter: Sorter) -> None:
    """No row, no message, no dead letter."""
    handled = await sorter.sort(fill(STRANGER), fill(LEADER))
    assert [message.wallet for message in leaders(handled)] == [LEADER]
    assert not handled.dead
    assert (await sorter.rows("SELECT count(*) FROM trades"))[0]["count"] == 1


async def test_what_the_database_cannot_hold_is_a_dead_letter_alone(sorter: Sorter) -> None:
    """A position beyond 10^14 shares fits no column: FAILED for that message, positions unsure, neighbours go on."""
    vast = {"size": "99999999999999", "price": "0.5", "usdc": "49999999999999.5"}
    neighbours = [fill(SMART), fill(BOTH)]
    handled = await sorter.sort(fill(LEADER, **vast), neighbours[0], fill(LEADER, **vast), neighbours[1])
    assert reasons(handled) == ["FAILED"]
    assert {message.wallet for message in smart(handled)} == {SMART, BOTH}
    rows = await sorter.rows("SELECT unsure, number FROM leader_positions WHERE wallet = %s", LEADER)
    assert rows == [{"unsure": True, "number": 1}]
