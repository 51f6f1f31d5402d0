"""The rules of SAFETY.md that lie in the deciding transaction, each named with its number."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from schemas.enums import Source
from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import Pool
from tests.copy_execution.world import MARKET, TOKEN, World, clock, received, wallet

RING = 3


async def test_r03_what_was_lost_is_not_put_to_work_again(world: World, deciding: CopyExecution) -> None:
    """Closed lots that lost money count against the loss limit for ever, whatever the budget has free."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader, max_loss_usdc="10")
    for token in ("1", "2"):
        lot = world.lot(following, token, shares="5", cost="4")
        world.run(
            "UPDATE lots SET shares = 0, cost_usdc = 0, target_shares = 0, realised_usdc = -4, closed_at = now(),"
            " closed_by = 'resolved' WHERE lot_id = %s",
            lot,
        )

    await deciding.handle(received([world.message(leader)]))

    (copy,) = world.copies()
    # 10 − 8 lost: 2 are left, fee and cent included.
    assert (copy["state"], copy["reduced_by"], str(copy["amount_usdc"])) == (
        "planned",
        "LOSS_LIMIT",
        "1.890000",
    )


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("side", ["BUY", "SELL"])
async def test_r09_live_money_follows_two_doors_only(
    world: World, deciding: CopyExecution, source: Source, side: str
) -> None:
    """A live follower's copy is skipped SOURCE unless the trade came from the chain or a signed webhook."""
    leader = world.leader(wallet(1))
    world.market()
    live = world.follow(world.account("ann", venue="polymarket"), leader)
    paper = world.follow(world.account("bob"), leader)
    for following in (live, paper):
        if side == "SELL":
            world.lot(following)

    await deciding.handle(received([world.message(leader, side, source=source, before="100")]))

    reasons = {copy["allocation_id"]: copy["reason"] for copy in world.copies()}
    trusted = source in (Source.CHAIN, Source.WEBHOOK)
    assert reasons == {live: None if trusted else "SOURCE", paper: None}


async def test_r12_a_ring_of_copies_goes_quiet(world: World, deciding: CopyExecution) -> None:
    """Three follow each other with multiplier 1; their copies come back as trades and are not copied again."""
    wallets = [wallet(number, "a") for number in range(RING)]
    world.market()
    for address in wallets:
        world.leader(address)
    accounts = [world.account(f"u{n}", wallet=address) for n, address in enumerate(wallets)]
    for place, account in enumerate(accounts):
        world.follow(
            account, wallets[(place + 1) % RING], mode="multiplier", multiplier="1", budget_usdc="1000"
        )
    outside = world.leader(wallet(9))
    world.follow(accounts[0], outside, mode="multiplier", multiplier="1", budget_usdc="1000")

    await deciding.handle(received([world.message(outside, size="20")]))
    answered = 0
    while len(planned := _planned(world)) > answered:
        fresh, answered = planned[answered:], len(planned)
        for copy in fresh:
            follower = str(copy["follower"])
            await deciding.handle(received([world.message(follower, size="20", burst_started_at=clock())]))

    assert len(_planned(world)) == 1
    assert [copy["reason"] for copy in world.copies()].count("COPY_OF_COPY") == 1


async def test_r12_a_trade_with_the_hash_of_our_order_is_not_copied(
    world: World, deciding: CopyExecution
) -> None:
    """Where the leader's order hash is known, it alone tells; a stranger's order is copied."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader, mode="multiplier", multiplier="0.1")
    ours, stranger = "0x" + "11" * 32, "0x" + "22" * 32
    world.run(
        "INSERT INTO orders (order_hash, attempt, account_id, venue, side, token_id, order_type, limit_price, body,"
        " state, cause, worker_epoch) VALUES (%s, 1, 'x', 'paper', 'BUY', '1', 'FAK', 0.5, '', 'matched', 'x', 1)",
        ours,
    )

    await deciding.handle(received([world.message(leader, order_hash=h) for h in (ours, stranger)]))

    assert [copy["reason"] for copy in world.copies()] == ["COPY_OF_COPY", None]


async def test_r16_trades_before_the_role_was_read_came_before_the_following(
    world: World, deciding: CopyExecution
) -> None:
    """Answered, not copied: no read yet, sorted under an older version, traded before the read."""
    leader = world.leader(wallet(1), version=4, read=False)
    world.market()
    world.follow(world.account("ann"), leader, role_version=4, mode="multiplier", multiplier="0.1")
    await deciding.handle(received([world.message(leader, role_version=4)]))
    world.run("INSERT INTO role_reads VALUES (%s, 4, now())", leader)

    later = [
        world.message(leader, role_version=4, ago=10),
        world.message(leader, role_version=3, ago=0),
        world.message(leader, role_version=4, ago=0),
        world.message(leader, role_version=5, ago=0),
    ]
    await deciding.handle(received(later))

    assert [copy["reason"] for copy in world.copies()] == [
        "BEFORE_FOLLOWING", "BEFORE_FOLLOWING", "BEFORE_FOLLOWING", None, None,
    ]  # fmt: skip


async def test_r16_a_read_at_a_later_version_counts(world: World, deciding: CopyExecution) -> None:
    """A worker that started after two changes has read the later version only."""
    leader = world.leader(wallet(1), version=4, read=False)
    world.market()
    world.follow(world.account("ann"), leader, role_version=3)
    world.run("INSERT INTO role_reads VALUES (%s, 5, now() - interval '1 minute')", leader)

    await deciding.handle(received([world.message(leader, role_version=5)]))

    assert [copy["state"] for copy in world.copies()] == ["planned"]


async def test_r17_a_trade_counts_as_no_later_than_its_append(world: World, deciding: CopyExecution) -> None:
    """Stamped four minutes ahead and read 90 s after the broker took it: too old."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    appended = clock() - timedelta(seconds=90)

    await deciding.handle(received([world.message(leader, ago=-240, appended_at=appended)]))

    (copy,) = world.copies()
    assert (copy["state"], copy["reason"]) == ("expired", "TOO_OLD")


async def test_r17_now_is_the_clock_of_the_database(world: World, pool: Pool) -> None:
    """A worker whose own clock is two minutes slow does not take old news for new."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    slow = CopyExecution(pool, frozenset(Source), lambda: clock() - timedelta(minutes=2))

    await slow.handle(received([world.message(leader, ago=90, appended_at=clock())]))

    assert [copy["reason"] for copy in world.copies()] == ["TOO_OLD"]


async def test_r18_a_replay_without_the_ledger_sells_nothing_again(
    world: World, deciding: CopyExecution
) -> None:
    """The plan tables are lost, the lots kept: the whole topic again places no order, for BUYs and SELLs alike."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader, mode="multiplier", multiplier="0.1")
    world.lot(following, shares="20", cost="10", number=1, opened=clock() - timedelta(seconds=50))
    batch = [
        world.message(leader, size="200", ago=50),
        world.message(leader, "SELL", "100", ago=40),
        world.message(leader, size="100", ago=30),
    ]
    await deciding.handle(received(batch[1:]))
    assert len(_planned(world)) == 2
    kept = world.rows("SELECT lot_id, shares, target_shares, applied_number FROM lots")
    world.run("TRUNCATE copy_orders, leader_decisions CASCADE")

    await deciding.handle(received(batch))

    assert _planned(world) == []
    assert len(world.copies()) == 3
    assert world.rows("SELECT lot_id, shares, target_shares, applied_number FROM lots") == kept


async def test_r18_a_late_sell_does_not_touch_a_newer_lot(world: World, deciding: CopyExecution) -> None:
    """A SELL from before the lot was opened, fed again afterwards, sells nothing of it."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader)
    late = world.message(leader, "SELL", "100", ago=3000, before="100")
    world.lot(following, number=9, opened=clock() - timedelta(seconds=60))

    await deciding.handle(received([late]))

    (copy,) = world.copies()
    assert (copy["state"], copy["reason"]) == ("skipped", "NOTHING_TO_SELL")
    assert [lot["target_shares"] for lot in world.rows("SELECT * FROM lots")] == [10]


async def test_r27_live_money_is_decided_and_committed_first(
    world: World, deciding: CopyExecution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live followers' copies are in place when the paper ones fail; the next try adds those, and changes nothing."""
    leader = world.leader(wallet(1))
    world.market()
    paper = world.follow(world.account("ann"), leader)
    live = world.follow(world.account("bob", venue="polymarket"), leader)
    message = world.message(leader)
    world.run(
        "CREATE FUNCTION no_paper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'no paper now' USING ERRCODE = 'deadlock_detected'; END $$"
    )
    world.run(
        "CREATE TRIGGER no_paper BEFORE INSERT ON copy_orders FOR EACH ROW WHEN (new.venue = 'paper')"
        " EXECUTE FUNCTION no_paper()"
    )

    with pytest.raises(psycopg.errors.DeadlockDetected):
        await deciding.handle(received([message]))

    assert [copy["allocation_id"] for copy in world.copies()] == [live]
    assert world.rows("SELECT * FROM leader_decisions") == []
    world.run("DROP TRIGGER no_paper ON copy_orders")
    await deciding.handle(received([message]))
    assert [copy["allocation_id"] for copy in world.copies()] == sorted([live, paper])
    assert [row["allocations"] for row in world.rows("SELECT * FROM leader_decisions")] == [2]


async def test_r30_a_lot_is_sold_while_markets_are_rebuilt(world: World, deciding: CopyExecution) -> None:
    """The market's facts are not there; the lot keeps those it was bought with."""
    leader = world.leader(wallet(1))
    following = world.follow(world.account("ann"), leader)
    world.lot(following)

    await deciding.handle(received([world.message(leader, "SELL", "100", before="100")]))

    (copy,) = world.copies()
    assert (copy["state"], copy["shares"], copy["market_id"]) == ("planned", 10, MARKET)


@pytest.mark.parametrize("stopped_by", ["pause", "switch"])
async def test_r31_what_was_missed_is_not_bought_afterwards(
    world: World, deciding: CopyExecution, stopped_by: str
) -> None:
    """Pause, trade, resume within the age limit: skipped; what is traded afterwards is bought."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader, mode="multiplier", multiplier="0.1")
    missed = world.message(leader, ago=5)
    if stopped_by == "pause":
        world.run("UPDATE copy_trading_allocations SET buys_from = now() - interval '2 seconds', version = 2")
    else:
        world.run("UPDATE switches SET changed_at = now() - interval '2 seconds' WHERE name = 'buys'")

    await deciding.handle(received([missed, world.message(leader, ago=0)]))

    reason = "PAUSED" if stopped_by == "pause" else "BUYS_STOPPED"
    assert [copy["reason"] for copy in world.copies()] == [reason, None]


async def test_r31_a_stop_holds_while_it_is_set(world: World, deciding: CopyExecution) -> None:
    """Under the kill switch BUYs are skipped and SELLs go."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader)
    world.lot(following)
    world.run(
        "UPDATE switches SET stopped = true, changed_at = now() - interval '1 hour' WHERE name = 'buys'"
    )

    batch = [world.message(leader), world.message(leader, "SELL", "100", ago=0)]
    await deciding.handle(received(batch))

    assert [(copy["state"], copy["reason"]) for copy in world.copies()] == [
        ("skipped", "BUYS_STOPPED"), ("planned", None),
    ]  # fmt: skip


def _planned(world: World) -> list[dict[str, object]]:
    return world.rows(
        "SELECT * FROM copy_orders WHERE state = 'planned' AND token_id = %s ORDER BY decided_at", TOKEN
    )
