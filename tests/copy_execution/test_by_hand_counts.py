"""What people do by hand counts when copies are decided: reserves, the live cap, shares on sale (SAFETY R4, R26)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from streams.copy_execution.agent import CopyExecution
from tests.copy_execution.world import TOKEN, World, received, wallet

LEADER = wallet(1)


def _by_hand(
    world: World, account_id: str, *, side: str = "BUY", state: str = "planned", usdc: str = "5", shares: str = "4",
    lot_id: int | None = None, allocation_id: str | None = None,
) -> None:  # fmt: skip
    """An order by hand as trading decided it; a BUY holds its amount."""
    buys = side == "BUY"
    world.run(
        "WITH asked AS (INSERT INTO quotes (quote_id, user_id, account_id, venue, side, token_id, lot_id, amount_usdc,"
        " shares) SELECT 'Q-' || (SELECT count(*) FROM quotes), user_id, account_id, venue, %s, %s, %s, %s, %s"
        " FROM accounts WHERE account_id = %s RETURNING *)"
        " INSERT INTO manual_orders (manual_order_id, quote_id, user_id, account_id, venue, side, token_id, lot_id,"
        " allocation_id, amount_usdc, shares, limit_price, reserve_usdc, state, decided_at, deadline, ended_at,"
        " filled_usdc) SELECT 'O' || quote_id, quote_id, user_id, account_id, venue, side, token_id, lot_id, %s,"
        " amount_usdc, shares, 0.5, CASE WHEN side = 'BUY' THEN amount_usdc END, %s, now(), now() + interval '30 s',"
        " CASE WHEN %s = 'filled' THEN now() END, CASE WHEN %s = 'filled' THEN amount_usdc ELSE 0 END FROM asked",
        side, TOKEN, lot_id, usdc if buys else None, None if buys else shares, account_id, allocation_id, state, state,
        state,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reduced_by"),
    [("planned", "BALANCE"), ("submitting", "BALANCE"), ("unknown", "BALANCE"), ("filled", None)],
)
async def test_r04_money_held_by_hand_is_not_spent_twice(
    world: World, deciding: CopyExecution, state: str, reduced_by: str | None
) -> None:
    """Cash for two purchases; as long as the end of the one by hand is not proven, a copy has the rest alone."""
    world.leader(LEADER)
    world.market()
    account = world.account("ann", cash="10")
    world.follow(account, LEADER)
    _by_hand(world, account, state=state)
    await deciding.handle(received([world.message(LEADER)]))
    [copy] = world.copies()
    assert copy["reduced_by"] == reduced_by
    assert copy["reserve_usdc"] <= (5 if reduced_by else Decimal("5.26"))


@pytest.mark.parametrize("state", ["planned", "filled"])
async def test_r26_purchases_by_hand_fill_the_live_day_cap(
    world: World, deciding: CopyExecution, state: str
) -> None:
    """A cap of 9 and 5 bought by hand today, open or filled: a copy of 5 gets what is left of it."""
    world.leader(LEADER)
    world.market()
    world.run("UPDATE switches SET stopped = false WHERE name = 'live'")
    account = world.account("ann", venue="polymarket", day_cap="9")
    world.run("UPDATE accounts SET armed_at = now()")
    world.follow(account, LEADER)
    _by_hand(world, account, state=state)
    await deciding.handle(received([world.message(LEADER)]))
    [copy] = world.copies()
    assert copy["reduced_by"] == "LIVE_DAY_CAP"
    assert copy["reserve_usdc"] <= Decimal(4)


async def test_shares_on_sale_by_hand_are_not_sold_again(world: World, deciding: CopyExecution) -> None:
    """Ten shares, four on sale by hand; the leader goes flat: six are sold for him."""
    world.leader(LEADER)
    world.market()
    account = world.account("ann")
    following = world.follow(account, LEADER)
    lot_id = world.lot(following)
    _by_hand(world, account, side="SELL", lot_id=lot_id, allocation_id=following)
    await deciding.handle(received([world.message(LEADER, "SELL", "100", before="100")]))
    [copy] = world.copies()
    assert (copy["state"], copy["shares"]) == ("planned", Decimal(6))
