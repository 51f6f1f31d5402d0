"""The operator's door: markets, accounts, prices, books, resolutions, and the ledger to look at.

Behind a bearer token, under ``/paper/admin``; the exchange listens on the loopback (settings). No part of the CLOB.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import orjson

from ops.paper.admin_forms import (
    AccountsForm,
    BooksForm,
    CloseForm,
    FailForm,
    FillForm,
    LastPricesForm,
    MarketsForm,
    ResolveForm,
    TicksForm,
)
from ops.paper.catalogue import Catalogue
from ops.paper.ledger import Ledger, Record, sql
from ops.paper.lock import PREFIX, Lock
from ops.paper.refusals import NO_ORDER, Refusal
from ops.paper.requests import Answer, Reply, Request
from ops.paper.resolution import ResolvedOtherwise
from ops.paper.rules import in_units
from ops.paper.settlement import NotReversible
from ops.paper.web import WebApp

_ENTRIES_PER_PAGE: Final = 1_000


class AdminRoutes:
    """Routes behind the operator's token."""

    def __init__(
        self,
        lock: Lock,
        ledger: Ledger,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
    ) -> None:
        self._lock = lock
        self._ledger = ledger
        self._catalogue = catalogue
        self._clock = clock

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("PUT", f"{PREFIX}/markets", self._lock.guarded(MarketsForm, self.put_markets))
        app.add("PUT", f"{PREFIX}/accounts", self._lock.guarded(AccountsForm, self.put_accounts))
        app.add("PUT", f"{PREFIX}/last-prices", self._lock.guarded(LastPricesForm, self.put_last_prices))
        app.add("PUT", f"{PREFIX}/books", self._lock.guarded(BooksForm, self.put_books))
        app.add("PUT", f"{PREFIX}/ticks", self._lock.guarded(TicksForm, self.put_ticks))
        app.add("POST", f"{PREFIX}/close", self._lock.guarded(CloseForm, self.close))
        app.add("POST", f"{PREFIX}/resolve", self._lock.guarded(ResolveForm, self.resolve))
        app.add("POST", f"{PREFIX}/fill", self._lock.guarded(FillForm, self.fill))
        app.add("POST", f"{PREFIX}/fail", self._lock.guarded(FailForm, self.fail))
        app.add("GET", f"{PREFIX}/redemptions/*", self._lock.allowed(self.redemptions))
        app.add("GET", f"{PREFIX}/ledger", self._lock.allowed(self.totals))
        app.add("GET", f"{PREFIX}/ledger/*", self._lock.allowed(self.ledger_of))

    async def put_markets(self, form: MarketsForm) -> Reply:
        """Add tokens, or change what is known of them; the same again changes nothing."""
        await self._catalogue.put_tokens(form.tokens)
        return Answer({"tokens": len(form.tokens)})

    async def put_last_prices(self, form: LastPricesForm) -> Reply:
        """What tokens last traded at elsewhere; unknown tokens are passed over."""
        return Answer({"prices": await self._catalogue.put_last_prices(form.prices)})

    async def put_books(self, form: BooksForm) -> Reply:
        """Books to fill from; unknown tokens are passed over."""
        return Answer({"books": await self._catalogue.put_books(form.books)})

    async def put_accounts(self, form: AccountsForm) -> Reply:
        """Open accounts and credit them; each credit once per ``request_id``."""
        wanted = [
            {
                "address": account.address,
                "owner": account.owner or account.address,
                "signature_type": account.signature_type,
                "amount": int(account.credit_usdc * 1_000_000),
                "request_id": account.request_id,
            }
            for account in form.accounts
        ]
        values = {"accounts": orjson.dumps(wanted).decode(), "now": self._clock()}
        async with self._ledger.writing() as connection, connection.transaction():
            await connection.execute(sql("open_accounts"), values)
            cursor = await connection.execute(sql("credit_accounts"), values)
            credited = [row[0] for row in await cursor.fetchall()]
        return Answer({"accounts": len(wanted), "credited": credited})

    async def put_ticks(self, form: TicksForm) -> Reply:
        """Ticks change at run time; unknown and resolved tokens are passed over."""
        return Answer({"ticks": await self._catalogue.put_ticks(form.ticks)})

    async def close(self, form: CloseForm) -> Reply:
        """A market takes no orders any more, and its open ones are cancelled."""
        return Answer({"closed": await self._catalogue.close(form)})

    async def resolve(self, form: ResolveForm) -> Reply:
        """End a market: open orders are cancelled, positions paid; unknown tokens are passed over; twice is once."""
        try:
            return Answer(await self._catalogue.resolve(form))
        except ResolvedOtherwise as error:
            return Refusal(409, str(error))

    async def fill(self, form: FillForm) -> Reply:
        """Somebody takes the other side of one open order, whole, at its limit."""
        filled = await self._catalogue.fill(form)
        return NO_ORDER if filled is None else Answer({"filled": in_units(filled)})

    async def fail(self, form: FailForm) -> Reply:
        """The settlement of one trade fails, and all it moved goes back."""
        try:
            await self._catalogue.fail(form)
        except NotReversible as error:
            return Refusal(409, str(error))
        return Answer({"failed": str(form.trade_id)})

    async def redemptions(self, request: Request) -> Reply:
        """What one wallet gave to the relayer, and what it was paid for each token."""
        values = {"wallet": request.rest.lower()}
        found = await self._ledger.read("redemptions_of_account", values)
        return Answer({"redemptions": [_redemption_view(row) for row in found]})

    async def totals(self, _: Request) -> Reply:
        """Sums of the whole ledger per asset; all zero when no money was lost or made."""
        return Answer({"assets": await self._ledger.read("ledger_totals", {})})

    async def ledger_of(self, request: Request) -> Reply:
        """Balances, open orders' reserves and entries (after ``?after=<entry_id>``) of one account."""
        party = request.rest.lower()
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            return Refusal(422, "after: must be an entry_id")
        balances = await self._ledger.read("balances_of_party", {"party": party, "now": self._clock()})
        values = {"party": party, "after": int(after), "rows": _ENTRIES_PER_PAGE}
        entries = await self._ledger.read("entries_of_party", values)
        return Answer(
            {
                "party": party,
                "balances": [_balance_view(row) for row in balances],
                "entries": [_entry_view(row, party) for row in entries],
                "next_after": entries[-1]["entry_id"] if len(entries) == _ENTRIES_PER_PAGE else None,
            }
        )


def _balance_view(row: Record) -> dict[str, object]:
    return {"asset": row["asset"], "amount": in_units(row["amount"]), "reserved": in_units(row["reserved"])}


def _redemption_view(row: Record) -> dict[str, object]:
    paid = row["token_id"] is not None
    return {
        "transaction_id": str(row["transaction_id"]),
        "nonce": row["nonce"],
        "submitted_at": row["submitted_at"].isoformat(),
        "error": row["error"],
        "condition_id": row["condition_id"],
        "token_id": row["token_id"],
        "shares": in_units(row["shares"]) if paid else None,
        "usdc": in_units(row["usdc"]) if paid else None,
    }


def _entry_view(row: Record, party: str) -> dict[str, object]:
    sign = "" if row["to_party"] == party else "-"
    return {
        "entry_id": row["entry_id"],
        "at": row["at"].isoformat(),
        "cause": row["cause"],
        "reference": row["reference"],
        "asset": row["asset"],
        "amount": sign + in_units(row["amount"]),
        "other_party": row["from_party"] if row["to_party"] == party else row["to_party"],
    }
