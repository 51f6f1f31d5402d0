"""The registry's door to the tables: tokens, last prices and books, in the database first and in memory after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from ops.paper.admin_forms import (
    BookForm,
    CloseForm,
    FailForm,
    FillForm,
    LastPriceForm,
    LevelForm,
    ResolveForm,
    TickForm,
    TokenForm,
)
from ops.paper.events import Announce, Change, cancelled
from ops.paper.fills import FillModel
from ops.paper.ledger import Ledger, Record, book_row, sql
from ops.paper.placement import Terms
from ops.paper.resolution import resolve
from ops.paper.resting import Filled, fill_one, fill_resting
from ops.paper.settlement import fail
from ops.paper.tokens import Book, Level, Registry, Side, Token, condition_id_of

_MICROS = 1_000_000
_Connection = psycopg.AsyncConnection[Any]


class Catalogue:
    """Keeps ``registry`` equal to what the tables say; all changes under the writer's lock."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        terms: Terms,
        *,
        clock: Callable[[], datetime],
        announce: Announce,
    ) -> None:
        self._ledger = ledger
        self.registry = registry
        self._terms = terms
        self._clock = clock
        self._announce = announce

    async def load(self, connection: _Connection) -> None:
        """Read everything: at the start, and after a lost connection, when it is not known what was committed."""
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql("tokens"))
        self.registry.put(_token_from(row) for row in await cursor.fetchall())
        await cursor.execute(sql("books"))
        for row in await cursor.fetchall():
            bids, asks = _levels_from(row["bids"]), _levels_from(row["asks"])
            self.registry.books[row["token_id"]] = Book(bids, asks, row["taken_at"])

    async def put_tokens(self, forms: Sequence[TokenForm]) -> None:
        """Add or change tokens; closing one cancels its open orders. A resolved token does not change any more."""
        async with self._ledger.writing() as connection:
            await self._put(connection, [self._token(form) for form in forms])

    async def put_ticks(self, forms: Sequence[TickForm]) -> int:
        """Other ticks for known tokens that are not resolved; returns how many."""
        async with self._ledger.writing() as connection:
            changed = [
                replace(token, tick=form.tick.normalize())
                for form in forms
                if (token := self.registry.get(form.token_id)) is not None and token.resolved_at is None
            ]
            await self._put(connection, changed)
        return len(changed)

    async def close(self, form: CloseForm) -> int:
        """No orders any more for the tokens of a market; its open orders are cancelled. Returns how many tokens."""
        async with self._ledger.writing() as connection:
            tokens = self.registry.market(condition_id_of(form.market_id))
            await self._put(
                connection, [replace(token, closed=True, accepting_orders=False) for token in tokens]
            )
        return len(tokens)

    async def _put(self, connection: _Connection, tokens: Sequence[Token]) -> None:
        values = {"tokens": orjson.dumps([asdict(token) for token in tokens], default=str).decode()}
        closed = [token.token_id for token in tokens if token.closed]
        over: list[str] = []
        async with connection.transaction():
            await connection.execute(sql("put_tokens"), values)
            if closed:
                cursor = await connection.execute(sql("cancel_closed"), {"token_ids": closed})
                over = [row[0] for row in await cursor.fetchall()]
        self.registry.put(tokens)
        self._announce(cancelled(over))

    async def put_last_prices(self, forms: Sequence[LastPriceForm]) -> int:
        """Set the last trade of known tokens, and fill what rests within it; returns how many."""
        async with self._ledger.writing() as connection:
            changed = {
                form.token_id: replace(token, last_price=form.price, last_side=form.side)
                for form in forms
                if (token := self.registry.get(form.token_id)) is not None
            }
            rows = [
                {"token_id": token_id, "last_price": str(token.last_price), "last_side": token.last_side}
                for token_id, token in changed.items()
            ]
            async with connection.transaction():
                await connection.execute(sql("put_last_prices"), {"prices": orjson.dumps(rows).decode()})
                filled = None
                if self._terms.model is FillModel.LAST_TRADE:
                    filled = await self._fill(connection, changed.values(), {})
            self.registry.put(changed.values())
            if filled is not None:
                self._announce(filled.change)
        return len(changed)

    async def put_books(self, forms: Sequence[BookForm]) -> int:
        """Set the books of known tokens, and fill what rests within them; returns how many."""
        async with self._ledger.writing() as connection:
            known = [
                (token, form) for form in forms if (token := self.registry.get(form.token_id)) is not None
            ]
            books = {token.token_id: self._book(form) for token, form in known}
            rows = [book_row(token_id, book) for token_id, book in books.items()]
            async with connection.transaction():
                await connection.execute(sql("put_books"), {"books": orjson.dumps(rows).decode()})
                filled = None
                if self._terms.model is FillModel.BOOK:
                    filled = await self._fill(connection, [token for token, _ in known], books)
            self.registry.books.update(books if filled is None else books | filled.books)
            if filled is not None:
                self._announce(filled.change)
        return len(books)

    async def resolve(self, form: ResolveForm) -> dict[str, object]:
        """End a market and pay its holders. ResolvedOtherwise when it ended in another way before."""
        async with self._ledger.writing() as connection:
            now = self._clock()
            async with connection.transaction():
                resolution = await resolve(connection, form, now)
            ended = ((self.registry.get(token_id), payout) for token_id, payout in resolution.payouts.items())
            self.registry.put(
                replace(token, closed=True, accepting_orders=False, payout_micro=payout, resolved_at=now)
                for token, payout in ended
                if token is not None
            )
            self._announce(cancelled(resolution.cancelled))
        return {
            "resolved": len(resolution.payouts),
            "canceled": len(resolution.cancelled),
            "paid": resolution.paid,
        }

    async def fill(self, form: FillForm) -> int | None:
        """Fill one open order whole, at its limit; the micro-shares filled, None for an unknown order."""
        async with self._ledger.writing() as connection:
            cursor = await connection.execute(sql("token_of_order"), {"order_id": form.order_id})
            row = await cursor.fetchone()
            token = self.registry.get(row[0]) if row is not None else None
            if token is None:
                return None
            async with connection.transaction():
                filled = await fill_one(connection, form.order_id, token, self._terms, now=self._clock())
            self._announce(filled.change)
            return filled.shares

    async def fail(self, form: FailForm) -> None:
        """The settlement of a trade fails. NotReversible when it is confirmed, or its shares are sold."""
        async with self._ledger.writing() as connection:
            await fail(connection, form.trade_id, self._clock())
            self._announce(Change(trades=(str(form.trade_id),)))

    async def _fill(self, connection: _Connection, tokens: Iterable[Token], books: dict[str, Book]) -> Filled:
        return await fill_resting(connection, list(tokens), books, self._terms, self._clock())

    def _token(self, form: TokenForm) -> Token:
        before = self.registry.get(form.token_id)
        if before is not None and before.resolved_at is not None:
            return before
        last_price = form.last_price
        last_side: Side | None = "BUY" if last_price is not None else None
        if last_price is None and before is not None:
            last_price, last_side = before.last_price, before.last_side
        return Token(
            token_id=str(int(form.token_id)),
            market_id=form.market_id,
            condition_id=condition_id_of(form.market_id),
            question=form.question or form.market_id,
            outcome=form.outcome or "",
            tick=form.tick.normalize(),
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
            last_side=last_side,
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
