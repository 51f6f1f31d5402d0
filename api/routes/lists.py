"""What all lists have in common: how many, from where, as of when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from api.database import Transaction
from api.paging import PAGE_MAX

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many, 1 to 100.")]
# Of a row of ours: nothing else finds one, and no byte that a table cannot hold comes through.
Name = Annotated[str, Query(max_length=80, pattern=r"^[A-Za-z0-9_.:-]*$")]
AnyName = Annotated[str | None, Query(max_length=80, pattern=r"^[A-Za-z0-9_.:-]*$")]
Cursor = Annotated[str | None, Query(max_length=300, description="next_cursor of the page before.")]


async def now(transaction: Transaction) -> datetime:
    """The database's clock: the one that decides."""
    row = await transaction.row("clock")
    assert row is not None, "the clock always has a row"
    at: datetime = row["now"]
    return at
