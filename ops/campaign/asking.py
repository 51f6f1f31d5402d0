"""The campaign's questions to the database: read-only, one SQL file each."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from ops.statements import statement


async def asked(database_url: str, name: str) -> list[dict[str, Any]]:
    """All rows of `ops/campaign/sql/<name>.sql`."""
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, row_factory=dict_row, options="-c default_transaction_read_only=on"
    ) as connection:
        return await (await connection.execute(statement("ops.campaign", name).encode())).fetchall()
