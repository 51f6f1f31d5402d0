"""A match that fails on the chain: its trade ends FAILED and every transfer of it goes back, in one transaction."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from ops.paper.holdings import CASH, FEES, MARKET, Rows
from ops.paper.ledger import sql, write_rows


class NotReversible(Exception):
    """The trade is unknown, over already, or what it brought is no longer there."""


async def fail(connection: psycopg.AsyncConnection[Any], trade_id: UUID | str, now: datetime) -> None:
    """Take a trade back that is not confirmed yet. NotReversible when that cannot be; then nothing was changed."""
    cursor = connection.cursor(row_factory=dict_row)
    rows = Rows()
    try:
        async with connection.transaction():
            await cursor.execute(sql("fail_trade"), {"trade_id": trade_id, "now": now})
            trade = await cursor.fetchone()
            if trade is None:
                raise NotReversible("no trade of this id waits for its settlement")
            account, buys = trade["account"], trade["side"] == "BUY"
            cash_back, shares_back = (MARKET, account), (account, MARKET)
            if not buys:
                cash_back, shares_back = shares_back, cash_back
            move = partial(rows.move, at=now.isoformat(), cause="reversal", reference=str(trade_id))
            move(cash_back, CASH, trade["usdc"])
            move(shares_back, trade["token_id"], trade["shares"])
            move((FEES, account), CASH, trade["fee"])
            await write_rows(connection, rows)
    except psycopg.errors.CheckViolation as error:
        raise NotReversible("what the trade brought is no longer in the account") from error
