"""Every list, read page by page while rows arrive, shows what was there once each, and nothing twice (UX §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.api.conftest import LEADER, Ask, Face

ROWS_BEFORE, PAGE = 24, 5
# Rows of the same moment, as a batch makes them, are told apart by their names.
MOMENTS = [datetime(2026, 9, 3, 12, 0, second, tzinfo=UTC) for second in range(6)]


@dataclass(frozen=True)
class List:
    """A list: its path, what names a row in it, and the statement that makes row ``n`` at ``at``."""

    path: str
    name: str
    row: str
    of_user: bool = False


_WATCHED = (
    "WITH w AS (INSERT INTO watched_addresses (wallet, version, added_at) VALUES ('0x' ||"
    " lpad(%(n)s::text, 40, '0'), 1, %(at)s) RETURNING wallet) "
)
_COPY = (
    "INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id,"
    " account_id, leader, number, venue, side, token_id, state, reason, cause, traded_at,"
    " appended_at, decided_at, times, ended_at) SELECT 'C-' || %(n)s, 't-' || %(n)s, allocation_id,"
    " 1, user_id, account_id, leader, %(n)s, 'paper', 'BUY', '7', 'skipped', 'PAUSED', 'x', %(at)s,"
    " %(at)s, %(at)s, '{}', %(at)s FROM copy_trading_allocations LIMIT 1"
)
_QUOTE = (
    "WITH q AS (INSERT INTO quotes (quote_id, user_id, account_id, venue, side, token_id,"
    " amount_usdc) SELECT 'Q-' || %(n)s, user_id, account_id, 'paper', 'BUY', '7', 5 FROM accounts"
    " LIMIT 1 RETURNING *) INSERT INTO manual_orders (manual_order_id, quote_id, user_id, account_id,"
    " venue, side, token_id, amount_usdc, limit_price, asked_at, deadline) SELECT 'O-' || %(n)s,"
    " quote_id, user_id, account_id, venue, side, token_id, 5, 0.5, %(at)s, %(at)s FROM q"
)
_LOT = (
    "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc,"
    " target_shares, opened_at, opened_traded_at, tick, fee_rate, neg_risk, exchange_version) SELECT"
    " allocation_id, account_id, user_id, %(n)s::text, 'm', 1, 1, 1, %(at)s, %(at)s, 0.01, 0, false,"
    " 2 FROM copy_trading_allocations LIMIT 1"
)
_UNKNOWN = (
    "INSERT INTO orders (order_hash, attempt, account_id, venue, side, token_id, order_type,"
    " limit_price, body, state, cause, worker_epoch, signed_at) SELECT '0x' || %(n)s, 1, account_id,"
    " 'paper', 'BUY', '7', 'FAK', 0.5, '', 'unknown', 'x', 1, %(at)s FROM accounts LIMIT 1"
)
LISTS = {
    "users": List(
        "/v1/users", "user_id",
        "INSERT INTO users (user_id, label, created_at) VALUES ('U-' || lpad(%(n)s::text, 7, '0'), 'x', %(at)s)",
    ),
    "watched": List("/v1/watched-addresses", "wallet", _WATCHED + "SELECT FROM w"),
    "copies": List("/v1/copy-orders", "copy_order_id", _COPY, of_user=True),
    "copies of all": List("/v1/ops/copy-orders", "copy_order_id", _COPY),
    "positions": List("/v1/positions", "position_id", _LOT, of_user=True),
    "orders": List("/v1/orders", "order_id", _QUOTE, of_user=True),
    "followings": List(
        "/v1/allocations", "allocation_id",
        _WATCHED + "INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state,"
        " version, role_version, settings, active_from, created_at) SELECT 'A-' || %(n)s, a.user_id,"
        " a.account_id, w.wallet, 'paper', 'active', 1, 1, f.settings, now(), %(at)s FROM w, accounts a,"
        " (SELECT settings FROM copy_trading_allocations LIMIT 1) f", of_user=True,
    ),
    "signals": List(
        "/v1/signals", "signal_id",
        "INSERT INTO smart_signals (signal_id, wallet, token_id, burst_started_at, usdc, shares,"
        " average_price, fills, first_at, last_at, first_entry) VALUES ('S-' || %(n)s, '0x1',"
        " %(n)s::text, %(at)s, 500, 1000, 0.5, 1, %(at)s, %(at)s, true)",
    ),
    "unknown": List("/v1/ops/unknown", "order_hash", _UNKNOWN),
    "followers": List(
        "/v1/ops/followers", "account_id",
        "WITH u AS (INSERT INTO users (user_id, label) VALUES ('U-x' || %(n)s, 'x') RETURNING user_id)"
        " INSERT INTO accounts (account_id, user_id, venue, opened_at) SELECT 'M-' || %(n)s, user_id,"
        " 'paper', %(at)s FROM u",
    ),
    "leaders": List(
        "/v1/ops/leaders", "wallet",
        _WATCHED + "INSERT INTO wallet_roles (wallet, role, since_version) SELECT wallet, 'copy_leader', 1 FROM w",
    ),
    "dead letters": List(
        "/v1/ops/dead-letters", "sha256",
        "INSERT INTO dead_letters VALUES (0, %(n)s, 'trades', 0, 1, 'k', 'UNREADABLE', 'x', 'classify',"
        " 1, %(n)s::text, '', %(at)s, %(at)s, %(at)s)",
    ),
    "audits": List(
        "/v1/ops/audit", "why",
        "INSERT INTO account_audits (account_id, outcome, why, differences, audited_at) SELECT"
        " account_id, 'agrees', %(n)s::text, '[]', %(at)s FROM accounts LIMIT 1",
    ),
}  # fmt: skip


async def _walk(
    face: Face, which: List, headers: Mapping[str, str], meanwhile: Callable[[], Awaitable[None]]
) -> list[str]:
    """The names of all rows, page by page, each asked for while something else goes on."""
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": PAGE}
    while True:
        asking = face.http.get(which.path, params=parameters, headers=dict(headers))
        answer, _ = await asyncio.gather(asking, meanwhile())
        assert answer.status_code == 200, answer.text
        seen += [row[which.name] for row in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            return seen
        parameters["cursor"] = answer.json()["next_cursor"]


async def _nothing() -> None:
    """Nobody adds a row."""


@pytest.mark.parametrize("which", LISTS.values(), ids=LISTS)
async def test_a_list_neither_misses_nor_repeats_while_rows_arrive(face: Face, ask: Ask, which: List) -> None:
    """Rows newer, older and of the same moments come between the pages."""
    alice = await face.new_user("Alice")
    await face.follow(alice, LEADER)
    headers = face.acting(alice) if which.of_user else {}
    for number in range(ROWS_BEFORE):
        await ask(which.row, n=1_000 + number * 7 % ROWS_BEFORE, at=MOMENTS[number % len(MOMENTS)])
    before = set(await _walk(face, which, headers, _nothing))
    assert len(before) >= ROWS_BEFORE
    numbers = count(2_001)

    async def arrive() -> None:
        for shift in (-60.0, 0.0, 0.5, 3600.0):
            number = next(numbers)
            at = MOMENTS[number % len(MOMENTS)] + timedelta(seconds=shift)
            await ask(which.row, n=number, at=at)

    async with asyncio.timeout(60):
        seen = await _walk(face, which, headers, arrive)

    assert len(seen) == len(set(seen)), "a row was shown twice"
    assert before - set(seen) == set(), "a row that was there was not shown"
    assert set(seen) - before, "nothing arrived meanwhile"
