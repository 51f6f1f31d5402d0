"""The sums over a following's lots are kept as the lots change."""

from __future__ import annotations

from tests.copy_execution.world import World, wallet


def test_the_totals_are_the_sums_of_the_lots(world: World) -> None:
    """Opened, added to, sold, closed, by hand, moved to another owner, deleted: always the same as summing up."""
    leader = world.leader(wallet(1))
    account = world.account("ann")
    first = world.follow(account, leader)
    lots = [world.lot(first, token, cost="4") for token in ("1", "2", "3")]
    world.follow(world.account("bob"), leader)
    _same(world)
    for change in (
        "cost_usdc = cost_usdc + 2.5, shares = 12",
        "target_shares = 3",
        "cost_usdc = 1, realised_usdc = realised_usdc - 1.25",
        "shares = 0, cost_usdc = 0, realised_usdc = 0.5, closed_at = now(), closed_by = 'sold'",
        "allocation_id = NULL",
        "account_id = 'bob-paper'",
    ):
        world.run(f"UPDATE lots SET {change} WHERE lot_id = %s", lots[0])
        world.run(
            "UPDATE lots SET realised_usdc = realised_usdc + 1, cost_usdc = 9 WHERE lot_id = %s", lots[1]
        )
        _same(world)
    world.run("DELETE FROM lots WHERE lot_id = %s", lots[1])
    _same(world)


def _same(world: World) -> None:
    summed = world.rows(
        "SELECT account_id, coalesce(allocation_id, '') AS allocation_id, sum(cost_usdc) AS cost_usdc,"
        " sum(realised_usdc) AS realised_usdc FROM lots GROUP BY 1, 2 ORDER BY 1, 2"
    )
    kept = world.rows(
        "SELECT * FROM lot_totals WHERE (account_id, allocation_id) IN"
        " (SELECT account_id, coalesce(allocation_id, '') FROM lots) ORDER BY account_id, allocation_id"
    )
    rest = world.rows(
        "SELECT sum(cost_usdc) AS cost, sum(realised_usdc) AS realised FROM lot_totals"
        " WHERE (account_id, allocation_id) NOT IN (SELECT account_id, coalesce(allocation_id, '') FROM lots)"
    )
    assert kept == summed
    assert [value or 0 for value in rest[0].values()] == [0, 0]
