"""The registry's door to the tables: tokens, last prices and books, in the database first and in memory after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

import orjson

from ops.paper.admin_forms import BookForm, LastPriceForm, LevelForm, TokenForm
from ops.paper.ledger import Ledger, Record, sql
from ops.paper.tokens import Book, Level, Registry, Token, condition_id_of

_MICROS = 1_000_000


class Catalogue:
    """Keeps ``registry`` equal to what the tables say."""

    def __init__(self, ledger: Ledger, registry: Registry, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self.registry = registry
        self._clock = clock

    async def load(self) -> None:
        """Read everything; at the start, and when much changed."""
        self.registry.put(_token_from(row) for row in await self._ledger.read("tokens", {}))
        for row in await self._ledger.read("books", {}):
            bids, asks = _levels_from(row["bids"]), _levels_from(row["asks"])
            self.registry.books[row["token_id"]] = Book(bids, asks, row["taken_at"])

    async def put_tokens(self, forms: Sequence[TokenForm]) -> None:
        """Add or change tokens; what a resolved token is does not change any more."""
        tokens = [self._token(form) for form in forms]
        values = {"tokens": orjson.dumps([asdict(token) for token in tokens], default=str).decode()}
        async with self._ledger.writing() as connection:
            await connection.execute(sql("put_tokens"), values)
            self.registry.put(tokens)

    async def put_last_prices(self, forms: Sequence[LastPriceForm]) -> int:
        """Set the last trade of known tokens; returns how many."""
        changed = {
            form.token_id: replace(token, last_price=form.price, last_side=form.side)
            for form in forms
            if (token := self.registry.get(form.token_id)) is not None
        }
        rows = [
            {"token_id": token_id, "last_price": str(token.last_price), "last_side": token.last_side}
            for token_id, token in changed.items()
        ]
        async with self._ledger.writing() as connection:
            await connection.execute(sql("put_last_prices"), {"prices": orjson.dumps(rows).decode()})
            self.registry.put(changed.values())
        return len(changed)

    async def put_books(self, forms: Sequence[BookForm]) -> int:
        """Set the books of known tokens; returns how many."""
        known = [form for form in forms if self.registry.get(form.token_id) is not None]
        books = {form.token_id: self._book(form) for form in known}
        rows = [
            {
                "token_id": token_id,
                "bids": [[str(level.price), level.shares] for level in book.bids],
                "asks": [[str(level.price), level.shares] for level in book.asks],
                "taken_at": book.taken_at.isoformat(),
            }
            for token_id, book in books.items()
        ]
        async with self._ledger.writing() as connection:
            await connection.execute(sql("put_books"), {"books": orjson.dumps(rows).decode()})
            self.registry.books.update(books)
        return len(books)

    def _token(self, form: TokenForm) -> Token:
        before = self.registry.get(form.token_id)
        if before is not None and before.resolved_at is not None:
            return before
        last_price, last_side = form.last_price, "BUY" if form.last_price is not None else None
        if last_price is None and before is not None:
            last_price, last_side = before.last_price, before.last_side
        return Token(
            token_id=str(int(form.token_id)),
            market_id=form.market_id,
            condition_id=condition_id_of(form.market_id),
            question=form.question or form.market_id,
            outcome=form.outcome or "",
            tick=form.tick,
            min_buy_micro=int(form.min_buy_usdc * _MICROS),
            min_rest_micro=int(form.min_rest_shares * _MICROS),
            fee_rate=form.fee_rate,
            fee_exponent=form.fee_exponent,
            neg_risk=form.neg_risk,
            accepting_orders=form.accepting_orders,
            closed=form.closed,
            seconds_delay=form.seconds_delay,
            end_at=form.end_at,
            last_price=last_price,
            last_side=last_side,  # type: ignore[arg-type]
            payout_micro=None,
            resolved_at=None,
        )

    def _book(self, form: BookForm) -> Book:
        bids = sorted(_levels(form.bids), reverse=True)
        asks = sorted(_levels(form.asks))
        return Book(tuple(bids), tuple(asks), form.taken_at or self._clock())


def _levels(forms: Sequence[LevelForm]) -> list[Level]:
    merged: dict[Decimal, int] = {}
    for form in forms:
        merged[form.price] = merged.get(form.price, 0) + int(form.size * _MICROS)
    return [Level(price, shares) for price, shares in merged.items()]


def _levels_from(stored: list[list[object]]) -> tuple[Level, ...]:
    return tuple(Level(Decimal(str(price)), int(str(shares))) for price, shares in stored)


def _token_from(row: Record) -> Token:
    return Token(**{**row, "tick": row["tick"].normalize()})
