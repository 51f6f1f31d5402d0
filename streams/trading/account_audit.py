"""Our books against the exchange's, account by account, each night and when somebody asks (DESIGN §4.8, SAFETY R38)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import OrderState
from schemas.money import plain
from streams.tables import audits, bookings
from streams.tables.asking import ask
from streams.tables.audits import AccountBooks, AuditRequest
from streams.tables.epochs import EpochLost, writing
from streams.trading.audit_findings import (
    CASH,
    Difference,
    Outcome,
    close_shares,
    differences,
    last_night,
    shares_to_close,
)
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.corrections import state_of
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.reconciler import Reconciler
from streams.trading.reversals import Reversals
from streams.venues.trades import FillSeen, Settlement
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.account_audit")
# A difference is looked at twice: what the exchange shows may lag a settlement by some seconds.
_CONFIRM_SECONDS: Final = 3.0
# An account that was busy, or whose BUYs stand still, is looked at again after this.
_AGAIN_SECONDS: Final = 60.0
# Accounts a pass: each costs a look per asset.
_MOST: Final = 20
# Trades are looked at from a while before the last audit that agreed.
_SINCE_MARGIN: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Found:
    """What is written of one audit."""

    outcome: Outcome
    why: str
    ours: dict[str, Decimal]
    theirs: dict[str, Decimal]
    differing: Sequence[Difference] = ()


class AccountAudit:
    """Compares, explains what it can, and writes what it found."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper, reconciler: Reconciler) -> None:
        self._desk = desk
        self._bookkeeper = bookkeeper
        self._reconciler = reconciler
        self._reversals = Reversals(desk)

    async def serve(self) -> None:
        """One pass: what somebody asked for, or what is due."""
        request = await audits.next_request(self._desk.pool)
        if request is not None:
            await self._answer(request)
            return
        names = self._desk.venue_names
        night = last_night(self._desk.now())
        for account_id in await audits.due(self._desk.pool, names, night, _AGAIN_SECONDS, _MOST):
            await self.audit(account_id)

    async def _answer(self, request: AuditRequest) -> None:
        explained = await self._reconciler.explain(request.account_id)
        for account_id in await audits.of_request(
            self._desk.pool, self._desk.venue_names, request.account_id
        ):
            if request.accept:
                await self.accept(account_id)
            await self.audit(account_id, request.request_id, allow_buys=request.allow_buys)
        done = {"request_id": request.request_id, "orders": orjson.dumps(explained).decode()}
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await ask(connection, [("trading/finish_audit_request", done)])

    async def audit(
        self,
        account_id: str,
        request_id: str | None = None,
        *,
        allow_buys: bool = False,
        owner_asks: bool = False,
    ) -> Outcome:
        """Compare one account and write what was found. What goes wrong with one is written and stops no trading.
        ``owner_asks``: money that came from outside is theirs, and booked."""
        try:
            found = await self._found(account_id, owner_asks=owner_asks)
        except (psycopg.OperationalError, EpochLost):
            raise
        except Exception as fault:
            _log.exception("audit_failed", account_id=account_id)
            found = _Found(Outcome.UNREAD, f"the audit itself failed: {type(fault).__name__}", {}, {})
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await ask(connection, [("trading/insert_account_audit", _row(account_id, request_id, found))])
            if found.outcome is Outcome.AGREES:
                by = request_id or "audit"
                lifted = {"account_id": account_id, "over_by": by, "all": allow_buys}
                settled = ("trading/settle_shortfalls", {"account_id": account_id, "token_id": None})
                await ask(connection, [("trading/lift_stops", lifted), settled])
            elif found.outcome is Outcome.DIFFERS:
                stop = {
                    "account_id": account_id,
                    "cause": "audit",
                    "ref": self._desk.now().date().isoformat(),
                }
                await bookings.write(connection, "stop_accounts", [stop])
        self._desk.figures.audits.labels(found.outcome.value).inc()
        say = _log.error if found.outcome is Outcome.DIFFERS else _log.info
        say("account_audited", account_id=account_id, outcome=found.outcome.value, why=found.why)
        return found.outcome

    async def _found(self, account_id: str, *, owner_asks: bool) -> _Found:
        found = await self._compared(account_id)
        if found.outcome is Outcome.DIFFERS:
            await asyncio.sleep(_CONFIRM_SECONDS)
            found = await self._explained(account_id, await self._compared(account_id), owner_asks=owner_asks)
        return found

    async def _compared(self, account_id: str) -> _Found:
        account, ours = await self._books(account_id)
        if account.busy is not None:
            return _Found(Outcome.BUSY, account.busy, ours, {})
        wallet = (await self._desk.keyring.wallets([account_id])).get(account_id)
        if wallet is None:
            return _Found(Outcome.UNREAD, "its key is not open", ours, {})
        venue = self._desk.venues[account.venue]
        try:
            theirs = {
                asset: (await venue.balance(wallet, None if asset == CASH else asset)).amount
                for asset in ours
            }
        except VenueFault as fault:
            return _Found(Outcome.UNREAD, str(fault), ours, {})
        if (await self._books(account_id))[0].mark != account.mark:
            return _Found(Outcome.BUSY, "something was booked meanwhile", ours, theirs)
        differing = differences(ours, theirs)
        if differing:
            return _Found(Outcome.DIFFERS, "books and exchange differ", ours, theirs, differing)
        return _Found(Outcome.AGREES, "to the micro-unit", ours, theirs)

    async def _books(self, account_id: str) -> tuple[AccountBooks, dict[str, Decimal]]:
        async with self._desk.pool.connection() as connection:
            return await audits.books(connection, account_id)

    async def _explained(self, account_id: str, found: _Found, *, owner_asks: bool) -> _Found:
        """A difference is from outside only when every trade of the account is booked as the exchange shows it."""
        if found.outcome is not Outcome.DIFFERS:
            return found
        account, _ = await self._books(account_id)
        wallet = (await self._desk.keyring.wallets([account_id])).get(account_id)
        if wallet is None:
            return _Found(Outcome.UNREAD, "its key is not open", found.ours, found.theirs)
        try:
            fills = await self._desk.venues[account.venue].fills(
                wallet, token_id=None, since=account.since - _SINCE_MARGIN
            )
        except VenueFault as fault:
            return _Found(Outcome.UNREAD, str(fault), found.ours, found.theirs, found.differing)
        why = await self._not_booked(fills)
        if why is not None:
            return _Found(Outcome.DIFFERS, why, found.ours, found.theirs, found.differing)
        return await self._book_external(account_id, account, found, owner_asks=owner_asks)

    async def _not_booked(self, fills: Sequence[FillSeen]) -> str | None:
        """Why the trades themselves explain a difference; what can be booked is given to those who book it."""
        named = {f"{fill.trade_id}:{fill.order_hash}": fill for fill in fills}
        async with self._desk.pool.connection() as connection:
            known = await audits.known_fills(
                connection, [(name, fill.order_hash) for name, fill in named.items()]
            )
        failed = [
            fill
            for name, fill in named.items()
            if fill.status is Settlement.FAILED and known[name][1] not in (None, Settlement.FAILED.value)
        ]
        if failed:
            await self._reversals.take_back(failed)
            return f"{len(failed)} settlements failed after they were final; they are taken back now"
        came = [
            (name, fill)
            for name, fill in named.items()
            if fill.status is not Settlement.FAILED and known[name] == (True, None)
        ]
        for order_hash in {fill.order_hash for _, fill in came}:
            own = tuple(fill for fill in fills if fill.order_hash == order_hash)
            self._bookkeeper.submit(Ending(order_hash, OrderState.MATCHED, "found by an audit", own))
        if came:
            return f"{len(came)} fills of our orders were not booked; they are booked now"
        return None

    async def _book_external(
        self, account_id: str, account: AccountBooks, found: _Found, *, owner_asks: bool
    ) -> _Found:
        """What came from outside is kept apart unless its owner asks for it; what left closes shares by hand first,
        then lots in proportion."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            names = await audits.allocations_of(connection, account_id)
            await bookings.lock(connection, allocation_ids=names, account_ids=[account_id])
            if (await audits.books(connection, account_id))[0].mark != account.mark:
                return _Found(Outcome.BUSY, "something was booked meanwhile", found.ours, found.theirs)
            told: list[dict[str, object]] = []
            for each in found.differing:
                move_id = await audits.insert_move(connection, account_id, each.asset, each.amount)
                if each.amount < 0:
                    await self._left(connection, account_id, each, move_id)
                told.append(_notice(account, account_id, each, move_id, owner_asks=owner_asks))
            if owner_asks:
                await ask(connection, [("trading/accept_external_cash", {"account_id": account_id})])
            await bookings.write(connection, "insert_notification", told)
        why = "what differs came from outside or left"
        return _Found(Outcome.EXTERNAL, why, found.ours, found.theirs, found.differing)

    async def _left(
        self, connection: AsyncConnection[TupleRow], account_id: str, each: Difference, move_id: int
    ) -> None:
        ref = f"move:{move_id}"
        lacking = await audits.open_shortfall(connection, account_id, each.asset)
        if lacking and -each.amount >= lacking:
            settled = {"account_id": account_id, "token_id": each.asset}
            await ask(connection, [("trading/settle_shortfalls", settled)])
        if -each.amount > lacking:  # what was taken back stops the BUYs by itself until the audit agrees
            stop = {"account_id": account_id, "cause": "external", "ref": ref}
            await bookings.write(connection, "stop_accounts", [stop])
        if each.asset == CASH:
            cash = {"account_id": account_id, "usdc": each.amount}
            await bookings.write(connection, "insert_cash_entry", [cash | {"cause": "external", "ref": ref}])
            await bookings.write(connection, "add_cash", [cash])
            return
        lots = await audits.lots_of(connection, account_id, each.asset)
        gone = shares_to_close([(lot.shares, lot.allocation_id is None) for lot in lots], -each.amount)
        states = [state_of(lot) for lot in lots]
        for state, shares in zip(states, gone, strict=True):
            if shares:
                close_shares(state, shares, ref)
        touched = [state for state in states if state.entries]
        await bookings.write(connection, "correct_lot", [state.row() for state in touched])
        entries = [entry | {"lot_id": state.lot_id} for state in touched for entry in state.entries]
        await bookings.write(connection, "insert_lot_entry", entries)

    async def accept(self, account_id: str) -> None:
        """What came from outside and was kept apart is the account's own from now on."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[account_id])
            await ask(connection, [("trading/accept_external_cash", {"account_id": account_id})])


def _row(account_id: str, request_id: str | None, found: _Found) -> dict[str, object]:
    external = found.outcome is Outcome.EXTERNAL
    told = [
        [each.asset, plain(each.ours), plain(each.theirs), "external" if external else "unexplained"]
        for each in found.differing
    ]
    return {
        "account_id": account_id,
        "request_id": request_id,
        "outcome": found.outcome.value,
        "why": found.why,
        "our_cash": found.ours.get(CASH),
        "their_cash": found.theirs.get(CASH),
        "differences": orjson.dumps(told).decode(),
    }


def _notice(
    account: AccountBooks, account_id: str, each: Difference, move_id: int, *, owner_asks: bool
) -> dict[str, object]:
    body = {"account_id": account_id, "asset": each.asset, "amount": plain(each.amount)}
    kind = "external_in" if each.amount > 0 else "external_out"
    if owner_asks and each.asset == CASH and each.amount > 0:
        kind, body = "money_arrived", body | {"venue": account.venue.value, "usdc": plain(each.amount)}
    return {"user_id": account.user_id, "kind": kind, "event": f"move:{move_id}", "body": body}
