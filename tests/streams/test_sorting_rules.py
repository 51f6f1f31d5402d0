"""The safety rules that classify keeps, on real rows: one fill one name, roles, clocks, dead letters, redelivery."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.base import rfc3339
from schemas.enums import AddressType, Side, TradeKind
from schemas.trades import LeaderTraded
from streams.classify.ledger import BEGUN_ANEW, Position, fold
from tests.streams.door import fill, tx, wallet
from tests.streams.sorter import Sorter, leaders, reasons, smart

LEADER = wallet(1)
COPY, SHOW = AddressType.COPY_LEADER, AddressType.SMART_TRADER


@pytest.fixture(autouse=True)
def _watched(sorter: Sorter) -> None:
    sorter.watch(LEADER, COPY)


async def _shares(sorter: Sorter) -> Decimal:
    rows = await sorter.rows("SELECT shares FROM leader_positions WHERE wallet = %s", LEADER)
    total: Decimal = rows[0]["shares"]
    return total


async def test_r10_a_reorg_that_moves_the_log_changes_nothing(sorter: Sorter) -> None:
    """The same transaction twice with log index 41 and 57, in another block: one row, the ledger moved once."""
    body = fill(LEADER, log_index=41, block_number=1)
    await sorter.sort(body)
    again = await sorter.sort(body | {"log_index": 57, "block_number": 2})
    assert not again.dead
    assert [message.number for message in leaders(again)] == [1]
    assert await _shares(sorter) == 10


async def test_r10_the_same_fill_through_both_doors_is_taken_once(sorter: Sorter) -> None:
    """The former body names the fill otherwise: SAME_FILL_OTHER_ID, nothing moves."""
    body = fill(LEADER)
    await sorter.sort(body)
    handled = await sorter.sort(body | {"trade_id": "former-77", "source": "former"})
    assert reasons(handled) == ["SAME_FILL_OTHER_ID"]
    assert not handled.sends
    assert await _shares(sorter) == 10


@pytest.mark.parametrize("spelling", ["{tx}-01", "{tx}_1", "{tx}:1", "{tx}-log1", "{TX}-1"])
async def test_r10_the_same_place_in_another_spelling_is_taken_once(sorter: Sorter, spelling: str) -> None:
    """Same wallet, transaction and place under another id, in one batch: SAME_FILL_OTHER_ID."""
    body = fill(LEADER)
    hash_ = body["tx_hash"]
    other = body | {"trade_id": spelling.format(tx=hash_, TX=hash_.upper())}
    handled = await sorter.sort(body | {"trade_id": f"{hash_}-1"}, other)
    assert reasons(handled) == ["SAME_FILL_OTHER_ID"]
    assert await _shares(sorter) == 10


async def test_r10_fills_at_other_places_of_one_transaction_are_fills_of_their_own(sorter: Sorter) -> None:
    """Real leaders fill one order in dozens of fills of one transaction."""
    body = fill(LEADER)
    handled = await sorter.sort(body, *(body | {"trade_id": f"{body['tx_hash']}-{n}"} for n in (1, 2, 10)))
    assert not handled.dead
    assert [message.number for message in leaders(handled)] == [1, 2, 3, 4]


async def test_r10_a_fill_taken_back_by_a_reorg_is_moved_back_once(sorter: Sorter) -> None:
    """`undone` names the fill: the position moves back, holders are told on the topic; a second one is refused."""
    body = fill(LEADER)
    await sorter.sort(body)
    undoing = fill(LEADER, kind="undone", undoes=body["trade_id"], price=None, usdc=None)
    handled = await sorter.sort(undoing, undoing | {"trade_id": "another-0"})
    (message,) = leaders(handled)
    assert (message.kind, message.undoes, int(message.position_after)) == (
        TradeKind.UNDONE,
        body["trade_id"],
        0,
    )
    assert reasons(handled) == ["UNDONE_UNKNOWN"]
    assert await _shares(sorter) == 0


async def test_r10_what_was_undone_is_moved_back_by_what_it_had_moved(sorter: Sorter) -> None:
    """A SELL of 10 that found only 4 gives back 4, in a batch with it or in a later one."""
    buy, sell = fill(LEADER, size="4", usdc="2"), fill(LEADER, side="SELL")
    undoing = fill(LEADER, kind="undone", side="SELL", undoes=sell["trade_id"], price=None, usdc=None)
    handled = await sorter.sort(buy, sell, undoing)
    assert [int(message.position_after) for message in leaders(handled)] == [4, 0, 4]


@pytest.mark.parametrize("undoes", ["never-seen-0", None])
async def test_r10_an_undone_of_nothing_known_is_a_dead_letter(sorter: Sorter, undoes: str | None) -> None:
    """UNDONE_UNKNOWN for an id nobody stored, and for an `undone` itself."""
    body = fill(LEADER)
    await sorter.sort(body)
    first = fill(LEADER, kind="undone", undoes=body["trade_id"], price=None, usdc=None)
    await sorter.sort(first)
    target = undoes if undoes is not None else first["trade_id"]
    handled = await sorter.sort(fill(LEADER, kind="undone", undoes=target, price=None, usdc=None))
    assert reasons(handled) == ["UNDONE_UNKNOWN"]


async def test_r16_a_wallet_that_was_without_the_role_begins_anew(sorter: Sorter) -> None:
    """Role removed, a sale unseen, role held again: positions 0 and unsure, so that the next exit is a whole exit."""
    await sorter.sort(fill(LEADER))
    sorter.watch(LEADER, version=2)
    assert not (await sorter.sort(fill(LEADER, side="SELL"))).sends
    sorter.watch(LEADER, COPY, version=3)
    buy, sell = leaders(
        await sorter.sort(fill(LEADER, size="6", usdc="3"), fill(LEADER, side="SELL", size="6", usdc="3"))
    )
    assert (buy.number, int(buy.position_before), buy.unsure, buy.ledger_since) == (2, 0, True, 3)
    assert (int(sell.position_before), int(sell.position_after), sell.ended) == (6, 0, True)


async def test_r16_a_whole_exit_of_what_was_seen_makes_the_next_position_sure(sorter: Sorter) -> None:
    """The exit itself may still have been a part of more; a sale of more than was seen, or a reorg, shows nothing."""
    half = fill(LEADER, side="SELL", size="5", usdc="2.5")
    told = leaders(await sorter.sort(fill(LEADER), half, fill(LEADER, side="SELL", size="5", usdc="2.5")))
    assert [(each.unsure, each.sure_again) for each in told] == [(True, None), (True, None), (True, True)]
    bought = fill(LEADER)
    taken_back = fill(LEADER, kind="undone", undoes=bought["trade_id"], price=None, usdc=None)
    told = leaders(await sorter.sort(bought, taken_back, fill(LEADER)))
    assert [(each.unsure, each.sure_again) for each in told] == [(False, None), (True, None), (True, None)]
    more = [
        fill(LEADER, token_id="8", side=side, size=size, usdc=usdc)
        for side, size, usdc in (("BUY", "5", "2.5"), ("SELL", "6", "3"), ("BUY", "5", "2.5"))
    ]
    other = leaders(await sorter.sort(*more))
    assert [(each.unsure, each.sure_again) for each in other] == [(True, None)] * 3
    rows = await sorter.rows("SELECT token_id, unsure FROM leader_positions ORDER BY 1")
    assert [row["unsure"] for row in rows] == [True, True]


async def test_r16_another_version_that_keeps_the_role_keeps_the_ledger(sorter: Sorter) -> None:
    """A wallet that becomes a smart trader too stays the leader it was, with its positions."""
    await sorter.sort(fill(LEADER))
    sorter.watch(LEADER, COPY, SHOW, version=2, since={COPY: 1, SHOW: 2})
    handled = await sorter.sort(fill(LEADER))
    assert (int(leaders(handled)[0].position_before), leaders(handled)[0].role_version) == (10, 2)
    assert (int(smart(handled)[0].position_before), smart(handled)[0].number) == (0, 1)


async def test_r17_a_time_ahead_counts_as_the_append_time(sorter: Sorter) -> None:
    """A trade stamped four minutes ahead is no younger than its arrival at the broker."""
    appended_at = datetime.now(UTC).replace(microsecond=0)
    ahead = rfc3339(appended_at + timedelta(minutes=4))
    handled = await sorter.sort(sorter.received(fill(LEADER, traded_at=ahead), appended_at=appended_at))
    assert leaders(handled)[0].traded_at == appended_at
    assert (await sorter.rows("SELECT traded_at FROM trades"))[0]["traded_at"] == appended_at


async def test_b22_a_fill_that_a_reorg_took_away_does_not_stay_in_the_books(sorter: Sorter) -> None:
    """Hot blocks are reported before they are final: `undone` moves the position back and says that it is unsure."""
    body = fill(LEADER)
    await sorter.sort(body)
    handled = await sorter.sort(fill(LEADER, kind="undone", undoes=body["trade_id"], price=None, usdc=None))
    assert leaders(handled)[0].unsure
    assert await _shares(sorter) == 0


async def test_r18_numbers_have_no_gap_whatever_is_refused_or_repeated(sorter: Sorter) -> None:
    """Refused and repeated messages take no number."""
    bodies = [fill(LEADER) for _ in range(5)]
    mixed = [bodies[0], fill(LEADER, size="0"), bodies[1], bodies[0], fill(LEADER, usdc="500"), *bodies[2:]]
    await sorter.sort(*mixed[:4])
    await sorter.sort(*mixed[4:])
    rows = await sorter.rows("SELECT leader_number FROM trades ORDER BY 1")
    assert [row["leader_number"] for row in rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("usdc", "kept"), [("50", False), ("6.26", False), ("3.74", False), ("6.25", True), ("4", True)]
)
async def test_r29_usdc_far_off_size_times_price_is_a_dead_letter(
    sorter: Sorter, usdc: str, kept: bool
) -> None:
    """Micro for whole, the other outcome's price: over 25 % off is INCONSISTENT."""
    handled = await sorter.sort(fill(LEADER, usdc=usdc))
    assert reasons(handled) == ([] if kept else ["INCONSISTENT"])


async def test_r29_two_wallets_in_one_fill_are_both_kept(sorter: Sorter) -> None:
    """Buyer and seller of one fill may come under one id: a known id counts per wallet."""
    other = wallet(2)
    sorter.watch(other, COPY)
    body = fill(LEADER)
    handled = await sorter.sort(body, body | {"wallet": other, "side": "SELL"})
    assert not handled.dead
    assert {message.wallet for message in leaders(handled)} == {LEADER, other}


async def test_r36_a_kill_between_two_fills_splits_no_burst(sorter: Sorter) -> None:
    """Fills three seconds apart, a new process between them: one burst, the position carried on, from rows alone."""
    start = datetime.now(UTC) - timedelta(seconds=20)
    first = await sorter.sort(fill(LEADER, traded_at=rfc3339(start)))
    sorter.begin_anew()
    second = await sorter.sort(fill(LEADER, traded_at=rfc3339(start + timedelta(seconds=3))))
    assert leaders(second)[0].burst_started_at == leaders(first)[0].burst_started_at == start
    assert leaders(second)[0].position_before == 10


async def test_r36_a_redelivered_trade_is_said_with_the_stored_bytes(sorter: Sorter) -> None:
    """Roles changed and positions moved in between: number, position before and role version stay the first ones."""
    body = fill(LEADER)
    first = await sorter.sort(body)
    await sorter.sort(fill(LEADER))
    sorter.watch(LEADER, COPY, SHOW, version=2, since={COPY: 1, SHOW: 2})
    sorter.begin_anew()
    again = await sorter.sort(body)
    assert again.sends == first.sends


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(Side), st.integers(1, 40), st.integers(0, 2), st.integers(0, 30)),
        max_size=20,
    ),
    seed=st.integers(),
)
async def test_r36_batches_repeats_and_restarts_change_nothing(
    sorter: Sorter, moves: list[tuple[Side, int, int, int]], seed: int
) -> None:
    """Property: however the messages are cut into batches and repeated, ledger and numbers are those of one fold."""
    chance = Random(seed)  # noqa: S311 (a test's draw)
    leader = f"0x{uuid.uuid4().hex:>040}"
    sorter.watch(leader, COPY)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    bodies = [
        fill(
            leader,
            tx_hash=tx(chance.randrange(2**200)),
            side=side.value,
            size=str(size),
            usdc=str(size / 2),
            token_id=str(token),
            traded_at=rfc3339(start + timedelta(seconds=second)),
        )
        for side, size, token, second in moves
    ]
    done: list[dict[str, object]] = []
    said: dict[str, bytes] = {}
    while len(done) < len(bodies):
        batch = bodies[len(done) : len(done) + chance.randint(1, 6)]
        repeated = chance.sample(done, min(len(done), chance.randint(0, 3)))
        handled = await sorter.sort(*repeated, *batch, *batch[:1])
        for send in handled.sends:
            trade_id = LeaderTraded.decode(send.value).trade_id
            assert said.setdefault(trade_id, send.value) == send.value
        done += batch
        sorter.begin_anew()
    positions: dict[str, Position] = {}
    for number, (side, size, token, second) in enumerate(moves, start=1):
        step = fold(
            positions.get(str(token), BEGUN_ANEW),
            TradeKind.TRADE,
            side,
            Decimal(size),
            start + timedelta(seconds=second),
        )
        positions[str(token)] = step.position
        row = await sorter.rows(
            "SELECT leader_message FROM trades WHERE wallet = %s AND leader_number = %s", leader, number
        )
        told = LeaderTraded.decode(row[0]["leader_message"])
        assert (told.position_before, told.position_after) == (step.before, step.after)
        assert (told.gap, told.burst_started_at) == (step.gap, step.burst_started_at)
    rows = await sorter.rows("SELECT token_id, shares FROM leader_positions WHERE wallet = %s", leader)
    assert {row["token_id"]: row["shares"] for row in rows} == {
        token: p.shares for token, p in positions.items()
    }
