"""Why a copy is as it is, asked without the API's HTTP: the same question, put to the database directly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from api import explaining
from api.database import OPERATOR, Database, Transaction
from api.problems import Refused
from api.texts import texts
from ops.demo.asking import questions
from schemas.why import WhyView

LANGUAGE: Final = "en"
WAIT_SECONDS: Final = 5.0


async def explain(database_url: str, name: str) -> WhyView | None:
    """The chain of the copy of this name; none when there is none. psycopg.OperationalError without a database."""
    async with _transaction(database_url) as transaction:
        try:
            return await explaining.why(transaction, name, None, texts(LANGUAGE))
        except Refused:
            return None


async def newest(database_url: str) -> WhyView | None:
    """The chain of the newest copy."""
    async with questions(database_url) as asked:
        rows = await asked.rows("newest_filled")
    return await explain(database_url, str(rows[0]["copy_order_id"])) if rows else None


@asynccontextmanager
async def _transaction(database_url: str) -> AsyncIterator[Transaction]:
    database = Database(database_url, size=1, wait_seconds=WAIT_SECONDS)
    await database.open()
    try:
        async with database.transaction(OPERATOR) as transaction:
            yield transaction
    finally:
        await database.close()
