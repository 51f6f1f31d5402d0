"""Who trades often is sorted several at once, aside: everybody else goes straight on (SAFETY R27)."""

from __future__ import annotations

import asyncio

from schemas.enums import AddressType
from streams.classify.agent import FEW
from streams.classify.often import AT_ONCE, PER_SECOND, WALLETS_KEPT, Often
from streams.kafka.guard import Received
from tests.streams.door import fill, wallet
from tests.streams.sorter import Sorter, leaders

OFTEN, OTHER, NOBODY = wallet(1), wallet(2), wallet(3)


class Clock:
    """Stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_wallet_has_some_at_once_then_so_many_a_second() -> None:
    """Twenty in a moment are not too often, one more is; what time gives back is five a second."""
    clock = Clock()
    often = Often(clock)
    assert [often.take(OFTEN, 1) for _ in range(AT_ONCE + 1)] == [False] * AT_ONCE + [True]
    assert not often.take(OTHER, AT_ONCE)
    clock.now += 1
    assert [often.take(OFTEN, 1) for _ in range(int(PER_SECOND) + 1)] == [False] * int(PER_SECOND) + [True]
    clock.now += 3_600
    assert often.take(OFTEN, AT_ONCE + 1), "no more than at first, however long it was silent"


def test_only_wallets_that_traded_lately_are_kept() -> None:
    """Ten thousand wallets take no more room than the bound, and who floods meanwhile is not forgotten."""
    often = Often(Clock())
    for number in range(2 * WALLETS_KEPT):
        often.take(wallet(number + 10), 1)
        assert often.take(OFTEN, 1) == (number >= AT_ONCE)


async def test_r27_who_trades_often_is_left_and_the_others_are_sorted(sorter: Sorter) -> None:
    """The 21st in a moment is left for the lane aside; a neighbour's beside it is sorted, nobody's is let go."""
    sorter.watch(OFTEN, AddressType.COPY_LEADER)
    sorter.watch(OTHER, AddressType.COPY_LEADER)
    for _ in range(AT_ONCE):
        handled = await sorter.stage.straight.handle([sorter.received(fill(OFTEN))])
        assert len(handled.sends) == 1
        assert not handled.left
    batch = [sorter.received(fill(who)) for who in (OFTEN, OTHER, OFTEN, NOBODY)]
    handled = await sorter.stage.straight.handle(batch)
    assert [message.wallet for message in leaders(handled)] == [OTHER]
    assert handled.left == [batch[0], batch[2]]
    aside = await sorter.stage.aside.handle(handled.left)
    assert [message.number for message in leaders(aside)] == [AT_ONCE + 1, AT_ONCE + 2]
    assert not aside.left


async def test_r27_an_unwatched_wallet_is_never_left_and_concerns_nobody(sorter: Sorter) -> None:
    """However often it trades; nothing gives way to it either."""
    for _ in range(AT_ONCE + 2):
        handled = await sorter.stage.straight.handle([sorter.received(fill(NOBODY))])
        assert not handled.left
        assert handled.concerned_nobody


async def test_a_busy_stage_leaves_nobody(sorter: Sorter) -> None:
    """A long batch shares the costs of its transaction already: a backlog is worked off as fast as ever."""
    sorter.watch(OFTEN, AddressType.COPY_LEADER)
    batch = [sorter.received(fill(OFTEN)) for _ in range(max(FEW, AT_ONCE) + 1)]
    handled = await sorter.stage.straight.handle(batch)
    assert len(handled.sends) == len(batch)
    assert not handled.left


async def test_r7_both_lanes_at_once_sort_each_wallet_in_order(sorter: Sorter) -> None:
    """Two transactions at the same time, of different wallets, over and over, and what was sorted comes again."""
    sorter.watch(OFTEN, AddressType.COPY_LEADER, AddressType.SMART_TRADER)
    sorter.watch(OTHER, AddressType.COPY_LEADER, AddressType.SMART_TRADER)
    batches: list[list[Received]] = []
    for _ in range(15):
        pair = [[sorter.received(fill(who)) for _ in range(4)] for who in (OFTEN, OTHER)]
        batches += pair
        await asyncio.gather(sorter.stage.aside.handle(pair[0]), sorter.stage.straight.handle(pair[1]))
    for batch in batches:
        assert len((await sorter.stage.aside.handle(batch)).sends) == 2 * len(batch)
    for who in (OFTEN, OTHER):
        rows = await sorter.rows(
            "SELECT leader_number, smart_number FROM trades WHERE wallet = %s ORDER BY leader_number", who
        )
        assert [(row["leader_number"], row["smart_number"]) for row in rows] == [
            (number, number) for number in range(1, 61)
        ]
