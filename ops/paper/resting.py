"""Open orders that fill later, as makers: at their own limit, without a fee, in whole hundredths of a share."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
import psycopg
from psycopg.rows import dict_row

from ops.paper.booking import Fill, book_fill, reserve_of
from ops.paper.events import Change, OrderChange, trades_of
from ops.paper.fees import fee_micro
from ops.paper.fills import FillModel, Match, Wish, depleted, match, usdc_of
from ops.paper.holdings import Row, Rows
from ops.paper.ledger import Record, sql, write_rows
from ops.paper.placement import Terms
from ops.paper.signing import keccak
from ops.paper.tokens import Book, Token

_HUNDREDTH: Final = 10_000


class Filled(NamedTuple):
    """What a round of filling came to: the books taken from, the micro-shares filled, what to tell."""

    books: dict[str, Book]
    shares: int
    change: Change


class _Round(NamedTuple):
    """One round of filling: what it writes, and its one moment."""

    rows: Rows
    changed: list[Row]
    terms: Terms
    now: datetime


async def fill_resting(
    connection: psycopg.AsyncConnection[Any],
    tokens: Sequence[Token],
    books: Mapping[str, Book],
    terms: Terms,
    now: datetime,
) -> Filled:
    """Fill what new prices or books reach, in the caller's transaction."""
    this = _Round(Rows(), [], terms, now)
    by_id = {token.token_id: token for token in tokens}
    for order in await _resting(connection, list(by_id), None, now):
        token = by_id[order["token_id"]]
        book = this.rows.books.get(token.token_id) or books.get(token.token_id)
        left = _left(order)
        wish = Wish(order["side"], "shares", left, order["price"])
        matches = match(terms.model, wish, token.last_price, book)
        shares = sum(fill.shares for fill in matches)
        shares = shares if shares == left else shares // _HUNDREDTH * _HUNDREDTH
        if shares == 0:
            continue
        if book is not None and terms.model is FillModel.BOOK:
            this.rows.books[token.token_id] = depleted(book, order["side"], matches)
        _fill(order, token, shares, this)
    await _write(connection, this)
    return _filled(this)


async def fill_one(
    connection: psycopg.AsyncConnection[Any],
    order_id: str,
    token: Token,
    terms: Terms,
    *,
    now: datetime,
    taker: bool = False,
) -> Filled:
    """Fill one open order whole, at its limit; 0 micro-shares when it is over. A delayed one pays a taker's fee."""
    this = _Round(Rows(), [], terms, now)
    for order in await _resting(connection, [token.token_id], order_id, now):
        _fill(order, token, _left(order), this, taker=taker)
    await _write(connection, this)
    return _filled(this)


def _filled(this: _Round) -> Filled:
    updated = tuple((str(row["order_id"]), OrderChange.UPDATE) for row in this.changed)
    shares = sum(int(str(row["shares"])) for row in this.rows.trades)
    return Filled(this.rows.books, shares, Change(updated, trades_of(this.rows)))


def _left(order: Record) -> int:
    asked: int = order["taker_amount"] if order["side"] == "BUY" else order["maker_amount"]
    matched: int = order["matched_shares"]
    return asked - matched


async def _resting(
    connection: psycopg.AsyncConnection[Any], token_ids: list[str], order_id: str | None, now: datetime
) -> list[Record]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql("resting_orders"), {"token_ids": token_ids, "order_id": order_id, "now": now})
    return await cursor.fetchall()


async def _write(connection: psycopg.AsyncConnection[Any], this: _Round) -> None:
    if this.changed:
        await connection.execute(sql("update_resting"), {"orders": orjson.dumps(this.changed).decode()})
        await write_rows(connection, this.rows)


def _fill(order: Record, token: Token, shares: int, this: _Round, *, taker: bool = False) -> None:
    usdc = usdc_of(shares, order["price"])
    # What was matched before names the fill: it grows with each.
    seed = bytes.fromhex(order["order_id"][2:]) + order["matched_shares"].to_bytes(8, "big") + b"maker"
    made = Fill(
        order["order_id"],
        order["account"],
        str(order["api_key"]),
        token,
        order["side"],
        "TAKER" if taker else "MAKER",
        Match(order["price"], shares, usdc),
        fee=fee_micro(shares, order["price"], token.fee_rate, token.fee_exponent) if taker else 0,
        trade_id=str(uuid.UUID(bytes=keccak(seed)[:16])),
        transaction_hash="0x" + keccak(seed + b"settlement").hex(),
    )
    book_fill(made, this.rows, this.terms, this.now)
    left = _left(order) - shares
    this.changed.append(
        {
            "order_id": order["order_id"],
            "matched_shares": order["matched_shares"] + shares,
            "matched_usdc": order["matched_usdc"] + usdc,
            "reserved": reserve_of(order["side"], left, order["price"]) if left else 0,
            "status": "LIVE" if left else "MATCHED",
        }
    )
