"""A dead letter of a watched wallet is not only its own loss (SAFETY R18): what is unsure then, and who is told."""

from __future__ import annotations

import pytest

from schemas.enums import AddressType
from tests.streams.door import fill, wallet
from tests.streams.sorter import Sorter, leaders, reasons

LEADER = wallet(1)
COPY, SHOW = AddressType.COPY_LEADER, AddressType.SMART_TRADER


@pytest.fixture(autouse=True)
def _watched(sorter: Sorter) -> None:
    sorter.watch(LEADER, COPY)


async def test_r18_a_dead_letter_of_a_watched_wallet_makes_its_positions_unsure(sorter: Sorter) -> None:
    """All its tokens, also those it trades for the first time later; other wallets' stay as they are."""
    other = wallet(2)
    sorter.watch(other, COPY)
    await sorter.sort(fill(LEADER), fill(other))
    await sorter.rows("UPDATE wallet_ledgers SET unsure = false RETURNING 1")
    await sorter.rows("UPDATE leader_positions SET unsure = false RETURNING 1")
    handled = await sorter.sort(fill(LEADER, size="0"), fill(LEADER, token_id="8"), fill(other))
    left = leaders(await sorter.sort(fill(LEADER, side="SELL")))[0]
    assert (left.ended, left.unsure, left.sure_again) == (True, True, None)
    assert [(message.wallet, message.unsure) for message in leaders(handled)] == [
        (LEADER, True),
        (other, False),
    ]
    assert [message.unsure_for_now for message in leaders(handled)] == [True, None]
    rows = await sorter.rows("SELECT wallet FROM missing_messages WHERE ended_at IS NULL")
    assert [row["wallet"] for row in rows] == [LEADER]
    await sorter.rows("UPDATE missing_messages SET ended_at = now() RETURNING 1")
    assert not leaders(await sorter.sort(fill(LEADER)))[0].unsure, (
        "what is redriven or put away is missing no more"
    )


async def _hold(sorter: Sorter, token_id: str) -> None:
    """A follower of the leader holds 5 shares of the token."""
    for statement in (
        "INSERT INTO users (user_id, label) VALUES ('U-1', 'Ann')",
        "INSERT INTO accounts (account_id, user_id, venue) VALUES ('M-1', 'U-1', 'paper')",
        f"INSERT INTO watched_addresses (wallet, version) VALUES ('{LEADER}', 1)",
        "INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state, version, "
        f"role_version, settings, active_from) VALUES ('A-1', 'U-1', 'M-1', '{LEADER}', 'paper', 'active', 1, 1, "
        "'{}', now())",
        "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares, "
        f"opened_traded_at, tick, fee_rate, neg_risk, exchange_version) VALUES ('A-1', 'M-1', 'U-1', '{token_id}', "
        "'m', 5, 2, 5, now(), 0.01, 0, false, 2)",
    ):
        await sorter.rows(f"{statement} RETURNING 1")


async def test_r18_holders_of_a_token_that_a_dead_letter_names_are_told_once(sorter: Sorter) -> None:
    """A follower's notice names leader, token and why; another token, or the same dead letter again, tells nothing."""
    token = "7" * 20
    await _hold(sorter, token)
    lost, other = (
        sorter.received(fill(LEADER, size="0")),
        sorter.received(fill(LEADER, size="0", token_id="8")),
    )
    await sorter.sort(lost, other)
    await sorter.sort(lost)
    (notice,) = await sorter.rows("SELECT user_id, kind, event, body FROM notifications")
    assert (notice["user_id"], notice["kind"]) == ("U-1", "leader_trade_lost")
    assert notice["event"] == f"A-1/{lost.place}"
    assert notice["body"] | {"leader": LEADER, "token_id": token, "why": "UNREADABLE"} == notice["body"]


async def test_r18_a_message_the_guard_gives_up_tells_holders_too(sorter: Sorter) -> None:
    """FAILED is a dead letter like any other."""
    await _hold(sorter, "7" * 20)
    vast = {"size": "99999999999999", "usdc": "49999999999999.5"}
    handled = await sorter.sort(fill(LEADER, **vast), fill(LEADER, **vast))
    assert reasons(handled) == ["FAILED"]
    assert [row["body"]["why"] for row in await sorter.rows("SELECT body FROM notifications")] == ["FAILED"]
