"""The operator's door: markets, accounts, prices, books, resolutions, and the ledger to look at.

Behind a bearer token, under ``/paper/admin``; the exchange listens on the loopback (settings). No part of the CLOB.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from ops.paper.admin_forms import (
    AccountsForm,
    BooksForm,
    FailForm,
    FillForm,
    LastPricesForm,
    MarketsForm,
    ResolveForm,
)
from ops.paper.catalogue import Catalogue
from ops.paper.conduct import Conduct, ConductForm
from ops.paper.ledger import Ledger, Record, sql
from ops.paper.refusals import NO_ORDER, UNAUTHORIZED, Refusal
from ops.paper.requests import Answer, Reply, Request
from ops.paper.resolution import ResolvedOtherwise
from ops.paper.rules import in_units
from ops.paper.settlement import NotReversible
from ops.paper.web import WebApp

PREFIX: Final = "/paper/admin"
_ENTRIES_PER_PAGE: Final = 1_000
_Form = TypeVar("_Form", bound=BaseModel)


class AdminRoutes:
    """Routes behind the operator's token."""

    def __init__(
        self,
        token: str,
        ledger: Ledger,
        catalogue: Catalogue,
        conduct: Conduct,
        clock: Callable[[], datetime],
    ) -> None:
        self._conduct = conduct
        self._expected = f"Bearer {token}".encode()
        self._ledger = ledger
        self._catalogue = catalogue
        self._clock = clock

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("PUT", f"{PREFIX}/markets", self._guarded(MarketsForm, self.put_markets))
        app.add("PUT", f"{PREFIX}/accounts", self._guarded(AccountsForm, self.put_accounts))
        app.add("PUT", f"{PREFIX}/last-prices", self._guarded(LastPricesForm, self.put_last_prices))
        app.add("PUT", f"{PREFIX}/books", self._guarded(BooksForm, self.put_books))
        app.add("POST", f"{PREFIX}/resolve", self._guarded(ResolveForm, self.resolve))
        app.add("POST", f"{PREFIX}/fill", self._guarded(FillForm, self.fill))
        app.add("POST", f"{PREFIX}/fail", self._guarded(FailForm, self.fail))
        app.add("PUT", f"{PREFIX}/conduct", self._guarded(ConductForm, self.put_conduct))
        app.add("GET", f"{PREFIX}/conduct", self._allowed(self.conduct))
        app.add("GET", f"{PREFIX}/ledger", self._allowed(self.totals))
        app.add("GET", f"{PREFIX}/ledger/*", self._allowed(self.ledger_of))

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

    async def put_conduct(self, form: ConductForm) -> Reply:
        """How to misbehave from now on; no rules: behave."""
        self._conduct.put(form)
        return Answer({"rules": len(form.rules)})

    async def conduct(self, _: Request) -> Reply:
        """The rules in force, and how often each acted."""
        return Answer({"rules": self._conduct.told()})

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

    def _guarded(
        self, form: type[_Form], act: Callable[[_Form], Awaitable[Reply]]
    ) -> Callable[[Request], Awaitable[Reply]]:
        async def read_and_act(request: Request) -> Reply:
            try:
                return await act(form.model_validate_json(request.body))
            except ValidationError as error:
                return Refusal(422, _first_problem(error))

        return self._allowed(read_and_act)

    def _allowed(self, act: Callable[[Request], Awaitable[Reply]]) -> Callable[[Request], Awaitable[Reply]]:
        async def check_and_act(request: Request) -> Reply:
            given = request.headers.get("authorization", "").encode()
            return await act(request) if hmac.compare_digest(given, self._expected) else UNAUTHORIZED

        return check_and_act


def _first_problem(error: ValidationError) -> str:
    problem: Any = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _balance_view(row: Record) -> dict[str, object]:
    return {"asset": row["asset"], "amount": in_units(row["amount"]), "reserved": in_units(row["reserved"])}


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
