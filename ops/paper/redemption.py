"""What a relayed transaction moves: winnings paid, each token once, and collateral sent on; wholly or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import psycopg

from ops.paper.holdings import CASH, MARKET, Rows
from ops.paper.ledger import sql, write_rows
from ops.paper.relay_calls import Deed, Redeem, Transfer, Unplayed
from ops.paper.resolution import payout_of
from ops.paper.tokens import Registry, Token


class Reverted(Exception):
    """The transaction fails on the chain, with these words; it moved nothing."""


class Redeemer(NamedTuple):
    """Whose transaction it is."""

    account: str
    transaction_id: str
    now: datetime


async def redeem(
    connection: psycopg.AsyncConnection[Any], deeds: Sequence[Deed], redeemer: Redeemer, registry: Registry
) -> None:
    """All deeds of one transaction, in the caller's. Reverted where one cannot be; then nothing was written."""
    rows, done = Rows(), list[dict[str, object]]()
    for deed in deeds:
        if isinstance(deed, Unplayed):
            raise Reverted(f"execution reverted: {deed.selector} is not played here")
        if isinstance(deed, Transfer):
            await _send(connection, deed, redeemer, rows)
        elif isinstance(deed, Redeem):
            done += await _redeem(connection, deed, redeemer, rows, registry)
    if done:
        await connection.execute(sql("add_redemptions"), {"redemptions": orjson.dumps(done).decode()})
    if rows.entries:
        await write_rows(connection, rows)


async def _redeem(
    connection: psycopg.AsyncConnection[Any],
    deed: Redeem,
    redeemer: Redeemer,
    rows: Rows,
    registry: Registry,
) -> list[dict[str, object]]:
    tokens = registry.market(deed.condition_id)
    if not tokens or any(token.payout_micro is None for token in tokens):
        raise Reverted("execution reverted: result for condition not received yet")
    held = await _held(connection, redeemer.account, tokens)
    if deed.outcome is not None:
        held = _one_outcome(held, tokens, deed.outcome, deed.shares)
    there = {
        token.token_id: held.get(token.token_id, 0) + rows.deltas.get((redeemer.account, token.token_id), 0)
        for token in tokens
    }
    return [
        _pay(token, there[token.token_id], redeemer, rows) for token in tokens if there[token.token_id] > 0
    ]


async def _send(
    connection: psycopg.AsyncConnection[Any], deed: Transfer, redeemer: Redeemer, rows: Rows
) -> None:
    """Collateral to an address, of an account here or outside; the chain knows nothing of orders that rest."""
    account = redeemer.account
    there = (await _amounts(connection, account, [CASH])).get(CASH, 0) + rows.deltas.get((account, CASH), 0)
    if deed.usdc > there:
        raise Reverted("execution reverted: ERC20: transfer amount exceeds balance")
    at = redeemer.now.isoformat()
    rows.move(
        (account, deed.recipient), CASH, deed.usdc, at=at, cause="transfer", reference=redeemer.transaction_id
    )


def _pay(token: Token, shares: int, redeemer: Redeemer, rows: Rows) -> dict[str, object]:
    usdc, at = payout_of(shares, token.payout_micro or 0), redeemer.now.isoformat()
    account, reference = redeemer.account, redeemer.transaction_id
    rows.move((account, MARKET), token.token_id, shares, at=at, cause="redemption", reference=reference)
    rows.move((MARKET, account), CASH, usdc, at=at, cause="redemption", reference=reference)
    return {
        "account": account,
        "token_id": token.token_id,
        "condition_id": token.condition_id,
        "transaction_id": reference,
        "shares": shares,
        "usdc": usdc,
        "redeemed_at": at,
    }


async def _held(
    connection: psycopg.AsyncConnection[Any], account: str, tokens: Sequence[Token]
) -> dict[str, int]:
    return await _amounts(connection, account, [token.token_id for token in tokens])


async def _amounts(
    connection: psycopg.AsyncConnection[Any], account: str, assets: Sequence[str]
) -> dict[str, int]:
    values = {"party": account, "token_ids": list(assets)}
    cursor = await connection.execute(sql("holdings_of_tokens"), values)
    return {row[0]: row[1] for row in await cursor.fetchall()}


def _one_outcome(
    held: dict[str, int], tokens: Sequence[Token], outcome: int, shares: int | None
) -> dict[str, int]:
    """The newer protocol redeems a named amount of one outcome: its position id ends in the outcome's number."""
    of_outcome = [token.token_id for token in tokens if int(token.token_id) & 0xFF == outcome]
    if len(of_outcome) != 1 or held.get(of_outcome[0], 0) != shares:
        raise Reverted("execution reverted: ERC1155: burn amount exceeds balance")
    return {of_outcome[0]: shares}
