"""The database keeps users apart even where a query forgets to ask for whom it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.rows import dict_row

from api.database import NOBODY, OPERATOR, ROLE, Scope
from tests.api.conftest import LEADER, Ask, Face

OWNED = (
    "users", "accounts", "account_credits", "cash_entries", "copy_trading_allocations", "allocation_history",
    "copy_orders", "copy_order_transitions", "carried", "orders", "order_transitions", "fills", "lots", "lot_entries",
    "lot_totals", "lot_worth", "notifications", "positions",
    "live_looks", "account_stops", "withdrawal_addresses", "withdrawals", "withdrawal_transitions",
)  # fmt: skip
HANGS_ON = (
    "user_id",
    "account_id",
    "allocation_id",
    "copy_order_id",
    "order_hash",
    "lot_id",
    "withdrawal_id",
)
# Tables that carry such a column and belong to nobody, each with why.
COMMON = {"trades": "order_hash is the leader's own order"}


class Asker:
    """Statements as the API's role, each in a transaction of a scope."""

    def __init__(self, connection: psycopg.AsyncConnection[dict[str, object]]) -> None:
        self._connection = connection

    async def rows(self, statement: str, scope: Scope) -> list[dict[str, object]]:
        async with self._connection.transaction():
            await self._connection.execute(
                "SELECT set_config('polycool.user_id', %s, true), set_config('polycool.operator', %s, true)",
                (scope.user_id or "", "on" if scope.operator else "off"),
            )
            cursor = await self._connection.execute(statement.encode())
            return await cursor.fetchall() if cursor.description else []


@pytest.fixture
async def asker(database_url: str) -> AsyncIterator[Asker]:
    """A connection with the rights of `polycool_api`."""
    connection = await psycopg.AsyncConnection.connect(
        database_url, options=f"-c role={ROLE}", row_factory=dict_row
    )
    async with connection:
        yield Asker(connection)


async def _life(face: Face, ask: Ask) -> tuple[str, str]:
    """Alice has a row in every table that can hold one of hers; Bob is there."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    name = (await face.follow(alice, LEADER))["allocation_id"]
    account = (await ask("SELECT account_id FROM accounts WHERE user_id = %(user)s", user=alice))[0][
        "account_id"
    ]
    about = {"user": alice, "account": account, "name": name, "leader": LEADER}
    for statement in (
        "INSERT INTO cash_entries (account_id, cause, ref, usdc) VALUES (%(account)s, 'credit', 'x', 1)",
        "INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id, account_id,"
        " leader, number, venue, side, token_id, state, reason, cause, traded_at, appended_at, decided_at, times,"
        " ended_at) VALUES ('C-1', 't', %(name)s, 1, %(user)s, %(account)s, %(leader)s, 1, 'paper', 'BUY', '7',"
        " 'skipped', 'PAUSED', 'x', now(), now(), now(), '{}', now())",
        "INSERT INTO carried VALUES (%(name)s, '7', 1, now())",
        "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
        " limit_price, body, state, cause, worker_epoch) VALUES ('0x1', 'C-1', 1, %(account)s, 'paper', 'BUY', '7',"
        " 'FAK', 0.5, '', 'matched', 'x', 1)",
        "INSERT INTO fills VALUES ('f', '0x1', %(account)s, 'BUY', '7', 1, 1, 0.5, 0, 'MATCHED', now())",
        "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares,"
        " opened_traded_at, tick, fee_rate, neg_risk, exchange_version) VALUES (%(name)s, %(account)s, %(user)s, '7',"
        " 'm', 1, 1, 1, now(), 0.01, 0, false, 2)",
        "INSERT INTO lot_entries (lot_id, cause, ref, shares, cost_usdc, realised_usdc, fee_usdc)"
        " SELECT lot_id, 'buy', 'x', 1, 1, 0, 0 FROM lots",
        "INSERT INTO notifications (user_id, kind, event, body) VALUES (%(user)s, 'x', 'y', '{}')",
        "INSERT INTO accounts (account_id, user_id, venue, state, wallet)"
        " VALUES ('M-live', %(user)s, 'polymarket', 'ready', '0x' || repeat('ab', 20))",
        "INSERT INTO live_looks (account_id) VALUES ('M-live')",
        "INSERT INTO account_stops (account_id, cause, ref) VALUES ('M-live', 'audit', 'x')",
        "INSERT INTO withdrawal_addresses (address_id, user_id, address)"
        " VALUES ('W-1', %(user)s, '0x' || repeat('cd', 20))",
        # Nobody may say so; a day passes only here.
        "ALTER TABLE withdrawal_addresses DISABLE TRIGGER withdrawal_addresses_guard",
        "UPDATE withdrawal_addresses SET added_at = added_at - interval '2 days'",
        "ALTER TABLE withdrawal_addresses ENABLE TRIGGER withdrawal_addresses_guard",
        "INSERT INTO withdrawals (withdrawal_id, user_id, account_id, address_id, address, usdc)"
        " SELECT 'D-1', user_id, 'M-live', address_id, address, 1 FROM withdrawal_addresses",
    ):
        await ask(statement, **about)
    return alice, bob


async def test_a_query_that_forgets_its_user_shows_nothing_of_others(
    face: Face, ask: Ask, asker: Asker
) -> None:
    """SELECT without a filter: Alice sees hers, Bob none of Alice's, nobody nothing, an operator all."""
    alice, bob = await _life(face, ask)

    for table in OWNED:
        everything = await ask(f"SELECT * FROM {table}")
        statement = f"SELECT * FROM {table}"
        of_alice = await asker.rows(statement, Scope(alice))
        of_bob = await asker.rows(statement, Scope(bob))
        assert len(of_alice) >= 1, table
        assert len(of_alice) + len(of_bob) == len(everything), table
        assert not [row for row in of_bob if row in of_alice], table
        assert await asker.rows(statement, NOBODY) == [], table
        assert len(await asker.rows(statement, OPERATOR)) == len(everything), table


async def test_every_table_that_hangs_on_a_person_is_guarded(ask: Ask) -> None:
    """A table that comes later and names a user, an account, a following, a copy, an order or a lot needs a policy."""
    rows = await ask(
        "SELECT DISTINCT c.relname AS name, c.relrowsecurity AS guarded FROM pg_class c JOIN pg_attribute a ON"
        " a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        " AND a.attname = ANY(%(names)s)",
        names=list(HANGS_ON),
    )
    readable = await ask(
        "SELECT table_name AS name FROM information_schema.role_table_grants"
        " WHERE grantee = %(role)s AND privilege_type = 'SELECT' AND table_schema = 'public'",
        role=ROLE,
    )
    names = {row["name"] for row in readable}
    open_tables = {row["name"] for row in rows if not row["guarded"] and row["name"] in names}
    assert open_tables - COMMON.keys() == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE copy_trading_allocations SET state = 'paused'",
        "UPDATE users SET label = 'Mallory'",
        "DELETE FROM idempotency_keys",
    ],
)
async def test_a_change_that_forgets_its_user_touches_nobody_else(
    face: Face, ask: Ask, asker: Asker, statement: str
) -> None:
    """Bob's unfiltered write leaves Alice's rows as they were."""
    _, bob = await _life(face, ask)
    table = "users" if "users" in statement else "copy_trading_allocations"
    before = await ask(f"SELECT * FROM {table} WHERE user_id <> %(bob)s", bob=bob)

    await asker.rows(statement, Scope(bob))

    assert await ask(f"SELECT * FROM {table} WHERE user_id <> %(bob)s", bob=bob) == before


async def test_nobody_writes_in_anothers_name(face: Face, ask: Ask, asker: Asker) -> None:
    """An insert for another user is refused by the database."""
    alice, bob = await _life(face, ask)

    for statement in (
        f"INSERT INTO accounts (account_id, user_id, venue) VALUES ('M-x', '{alice}', 'polymarket')",
        f"INSERT INTO account_credits SELECT 'K-x', 'M-x', 5 WHERE '{alice}' <> ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await asker.rows(statement, Scope(bob))


async def test_the_api_writes_no_decision_order_key_or_money(asker: Asker) -> None:
    """What other stages own is refused by rights, for an operator too; sealed keys are not even readable."""
    for statement in (
        "UPDATE copy_orders SET state = 'filled'",
        "INSERT INTO orders (order_hash) VALUES ('0x2')",
        "UPDATE lots SET shares = 0",
        "UPDATE accounts SET cash_usdc = 1000000",
        "INSERT INTO cash_entries (account_id, cause, ref, usdc) VALUES ('M', 'credit', 'x', 1)",
        "SELECT * FROM wallet_keys",
        "UPDATE trades SET price = 0",
        "UPDATE withdrawals SET state = 'done'",
        "UPDATE withdrawal_addresses SET added_at = '2020-01-01'",
        "UPDATE live_looks SET region_allowed = true",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await asker.rows(statement, OPERATOR)
