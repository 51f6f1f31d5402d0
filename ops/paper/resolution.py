"""A market ends: tokens are worth their payout, open orders are cancelled, holders are paid, in one transaction."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.paper.admin_forms import ResolveForm
from ops.paper.holdings import CASH, MARKET, Rows
from ops.paper.ledger import sql, write_rows
from ops.paper.tokens import condition_id_of

_MICROS: Final = 1_000_000


class ResolvedOtherwise(Exception):
    """The market is resolved already, with other payouts, or a token belongs to another market."""


class Resolution(NamedTuple):
    """What was done now: the payout (micro) of each token that was still open, orders cancelled, holders paid."""

    payouts: dict[str, int]
    cancelled: tuple[str, ...]
    paid: int


async def resolve(connection: psycopg.AsyncConnection[Any], form: ResolveForm, now: datetime) -> Resolution:
    """Resolve and pay within the caller's transaction. ResolvedOtherwise on a conflict."""
    wanted = {token_id: int(payout * _MICROS) for token_id, payout in form.payouts.items()}
    cursor = await connection.execute(sql("payouts_of_tokens"), {"token_ids": list(wanted)})
    known = {token_id: (condition, payout) for token_id, condition, payout in await cursor.fetchall()}
    _check(wanted, known, form.market_id)
    # A token that was never put here has no holders here.
    fresh = {token_id: wanted[token_id] for token_id, (_, payout) in known.items() if payout is None}
    if not fresh:
        return Resolution({}, (), 0)
    rows = [{"token_id": token_id, "payout_micro": payout} for token_id, payout in fresh.items()]
    await connection.execute(sql("resolve_tokens"), {"payouts": orjson.dumps(rows).decode(), "now": now})
    cursor = await connection.execute(sql("cancel_resolved"), {"token_ids": list(fresh)})
    cancelled = tuple(row[0] for row in await cursor.fetchall())
    if form.redeem:
        return Resolution(fresh, cancelled, 0)
    cursor = await connection.execute(sql("holders"), {"token_ids": list(fresh)})
    payments, holders = Rows(), await cursor.fetchall()
    for party, token_id, shares in holders:
        pay = partial(payments.move, at=now.isoformat(), cause="payout", reference=f"resolution-{token_id}")
        pay((party, MARKET), token_id, shares)
        pay((MARKET, party), CASH, payout_of(shares, fresh[token_id]))
    await write_rows(connection, payments)
    return Resolution(fresh, cancelled, len(holders))


def payout_of(shares: int, payout_micro: int) -> int:
    """Micro-USDC for micro-shares, down to the micro."""
    return int(Decimal(shares) * payout_micro // _MICROS)


def _check(wanted: dict[str, int], known: dict[str, tuple[str, int | None]], market_id: str) -> None:
    for token_id, (condition_id, payout) in known.items():
        if condition_id != condition_id_of(market_id):
            raise ResolvedOtherwise(f"token {token_id} is no outcome of market {market_id}")
        if payout not in (None, wanted[token_id]):
            raise ResolvedOtherwise(f"token {token_id} is resolved already, with another payout")
