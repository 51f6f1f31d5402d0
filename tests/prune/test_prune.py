"""What is older than it is kept goes, a few rows a transaction; every copy keeps its answer (SAFETY R23's growth)."""

from __future__ import annotations

import psycopg

from ops.prune.plan import KINDS, kept, overdue, planned, prune

ROWS = """
    INSERT INTO users (user_id, label) VALUES ('U-0000001', 'Ann');
    INSERT INTO accounts (account_id, user_id, venue) VALUES ('M-0000001', 'U-0000001', 'paper');
    INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id, account_id, leader,
        number, venue, side, token_id, state, reason, cause, traded_at, appended_at, decided_at, times, ended_at,
        inputs, checks)
    SELECT 'C-' || n, 't' || n, 'a', 1, 'U-0000001', 'M-0000001', 'l', n, 'paper', 'BUY', '7', 'skipped', 'BUDGET', '',
           at, at, at, '{}', at, '{"now": 1}', '[]'
      FROM generate_series(1, 8) n, LATERAL (SELECT now() - make_interval(days => 20 * n) AS at) old;
    INSERT INTO notifications (user_id, kind, event, body, created_at, shown_revision)
    SELECT 'U-0000001', 'signed_in', 'e' || n, '{}', now() - make_interval(days => 20 * n), (n <> 8)::integer
      FROM generate_series(1, 8) n;
    INSERT INTO account_audits (account_id, outcome, why, differences, audited_at)
    SELECT 'M-0000001', 'agrees', '', '[]', now() - make_interval(days => d) FROM unnest(ARRAY[400, 300]) d
"""


async def test_old_figures_go_and_answers_stay(database_url: str) -> None:
    """Of 8 skipped copies the 4 over 90 days lose their figures and nothing else; a notice that nobody has seen stays,
    and the newest audit of an account; a second run finds nothing."""
    settings = kept({"POLYCOOL_PRUNE_ROWS": "100"})
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(ROWS.encode())
        await connection.execute("SET session_replication_role = DEFAULT")
        found = {what: rows for what, (rows, _) in (await planned(connection, settings)).items()}
        assert found == {"reasons of skipped copies": 4, "shown notices": 3, "audits of accounts": 1}
        assert set(await overdue(connection, 3, {})) == set(found)
        assert [await prune(connection, settings, kind) for kind in KINDS] == list(found.values())
        assert [await prune(connection, settings, kind) for kind in KINDS] == [0, 0, 0]
        assert await overdue(connection, 3, {}) == {}
        cursor = await connection.execute(
            "SELECT count(*), count(inputs), count(checks), count(reason) FROM copy_orders"
        )
        assert await cursor.fetchone() == (8, 4, 4, 8)
        cursor = await connection.execute("SELECT count(*) FROM notifications WHERE shown_revision = 0")
        assert await cursor.fetchone() == (1,)
        cursor = await connection.execute("SELECT count(*) FROM account_audits")
        assert await cursor.fetchone() == (1,)
