"""Orders the database forgot: each live account's orders and trades at the exchange are looked through before its first
BUY of this worker's life, and again when the database is found behind what it was (SAFETY R19)."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import structlog

from schemas.enums import OrderState
from schemas.enums import Venue as VenueName
from schemas.money import ZERO, plain
from streams.tables import bookings, found_orders
from streams.tables.asking import ask
from streams.tables.epochs import writing
from streams.tables.found_orders import AccountToLookThrough
from streams.trading.bookkeeper import Bookkeeper, entries_written
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.found_entries import FoundEntries
from streams.trading.waiting_line import Job
from streams.venues.trades import FillSeen, Settlement
from streams.venues.venue import OwnOrder, VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.forgotten")
EVERY_SECONDS: Final = 0.5
# Two questions an account; the exchange was seen to take 50 a second of either kind.
_PACE_SECONDS: Final = 0.2
_FINAL: Final = (Settlement.CONFIRMED, Settlement.FAILED)


class Forgotten:
    """``in_order`` says whether an account was looked through; those that somebody waits for come first."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper) -> None:
        self._desk = desk
        self._bookkeeper = bookkeeper
        self._venues = [
            name.value
            for name in desk.venues
            if name is not VenueName.PAPER or desk.settings.forgotten_on_paper
        ]
        self._in_order: set[str] = set()
        self._wanted: set[str] = set()
        self._all_done = False
        self._written = ZERO

    def in_order(self, job: Job) -> bool:
        """Whether a BUY of the account may go as far as this is concerned."""
        account_id = job.wallet.account_id
        if job.venue.value not in self._venues or account_id in self._in_order:
            return True
        self._wanted.add(account_id)
        return False

    async def look(self) -> None:
        """One pass: some of the accounts that were not looked through yet."""
        await self._compare_position()
        if not self._venues or (self._all_done and not self._wanted):
            return
        back = self._desk.settings.forgotten_back_seconds
        accounts = await found_orders.to_look_through(self._desk.pool, self._venues, back)
        left = [each for each in accounts if each.account_id not in self._in_order]
        self._all_done = not left
        self._wanted &= {each.account_id for each in left}
        left.sort(key=lambda each: each.account_id not in self._wanted)
        room = self._desk.settings.forgotten_concurrency
        some = left[: room * 8]
        wallets = await self._desk.keyring.wallets(each.account_id for each in some)
        turn = asyncio.Semaphore(room)
        async with asyncio.TaskGroup() as looking:
            for each in some:
                if each.account_id in wallets:
                    looking.create_task(self._look_through(each, wallets[each.account_id], turn))

    async def _compare_position(self) -> None:
        """A database that is behind what it was has forgotten something: everybody is looked through anew."""
        position = await found_orders.write_position(self._desk.pool)
        if position is None:
            return
        if position < self._written:
            _log.critical("database_behind", was=str(self._written), found=str(position))
            self._in_order.clear()
            self._all_done = False
        self._written = position

    async def _look_through(
        self, account: AccountToLookThrough, wallet: TradingWallet, turn: asyncio.Semaphore
    ) -> None:
        async with turn:
            began = time.monotonic()
            try:
                over = await self._looked_through(account, wallet)
            except VenueFault as fault:
                _log.warning("account_not_looked_through", account_id=account.account_id, fault=str(fault))
                over = False
            if over:
                self._in_order.add(account.account_id)
                self._wanted.discard(account.account_id)
            pause_seconds = max(0.0, _PACE_SECONDS - (time.monotonic() - began))
            await asyncio.sleep(pause_seconds)

    async def _looked_through(self, account: AccountToLookThrough, wallet: TradingWallet) -> bool:
        """True when nothing of the account is unknown any more."""
        venue = self._desk.venues[account.venue]
        open_now = await venue.open_orders(wallet)
        fills = await venue.fills(wallet, token_id=None, since=account.since)
        own = [fill for fill in fills if fill.owner == wallet.address.lower() and fill.side is not None]
        names = {fill.order_hash for fill in own} | {order.order_hash for order in open_now}
        strange = await found_orders.unknown(self._desk.pool, sorted(names))
        ours_in_order = await self._give_to_book(own)
        if not strange:
            return ours_in_order
        resting = [order for order in open_now if order.order_hash in strange]
        for order in resting:
            await venue.cancel(order.order_hash, wallet)
        by_order: dict[str, list[FillSeen]] = defaultdict(list)
        for fill in own:
            if fill.order_hash in strange:
                by_order[fill.order_hash].append(fill)
        settled = {
            name: seen
            for name, seen in by_order.items()
            if all(fill.status in _FINAL for fill in seen)
            and all(name != rest.order_hash for rest in resting)
        }
        kept = await self._keep(account, settled, resting)
        return ours_in_order and kept and len(settled) == len(strange)

    async def _give_to_book(self, own: Sequence[FillSeen]) -> bool:
        """Fills of orders that a dump knew before they were sent are booked as their own; True when there are none."""
        final = [fill for fill in own if fill.status is Settlement.CONFIRMED]
        named = [(f"{fill.trade_id}:{fill.order_hash}", fill.order_hash) for fill in final]
        lost = await found_orders.not_booked(self._desk.pool, named) if named else set[str]()
        for order_hash in sorted(lost):
            seen = tuple(fill for fill in final if fill.order_hash == order_hash)
            self._bookkeeper.submit(Ending(order_hash, OrderState.MATCHED, "found at the exchange", seen))
            self._desk.figures.found.inc()
            _log.critical("fill_found", order_hash=order_hash, fills=len(seen))
        return not lost

    async def _keep(
        self, account: AccountToLookThrough, settled: dict[str, list[FillSeen]], resting: Sequence[OwnOrder]
    ) -> bool:
        """Book what is over by hand, stop the account's BUYs, tell its owner. False when some of it was signed anew
        meanwhile (a plan always gives the same bytes): that is ours, and the next pass books it as such."""
        filled = {
            name: [fill for fill in seen if fill.status is Settlement.CONFIRMED]
            for name, seen in settled.items()
        }
        tokens = sorted({fill.token_id for seen in filled.values() for fill in seen})
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            user_id, lots, facts = await found_orders.load(connection, account.account_id, tokens)
            names = [*settled, *(order.order_hash for order in resting)]
            strange = await found_orders.unknown_still(connection, names)
            found = FoundEntries(account.account_id, user_id, account.venue, lots, facts, datetime.now(UTC))
            for name in (each for each in filled if each in strange):
                if seen := filled[name]:
                    found.book(name, seen)
                else:
                    found.orders.append(_row(account, settled[name][0], booked=True))
            rest = [order for order in resting if order.order_hash in strange]
            rows = [*found.orders, *(_open_row(account, order) for order in rest)]
            notices = [_notice(user_id, row) for row in rows]
            await ask(connection, found_orders.keeping(rows, self._desk.epoch))
            written = await entries_written(connection, found.entries)
            await ask(connection, [*written, *bookings.written("insert_notification", notices)])
        for row in rows:
            told = {name: str(row[name]) for name in ("order_hash", "side", "shares", "usdc", "open")}
            self._desk.figures.found.inc()
            _log.critical("order_found", account_id=account.account_id, **told)
        return len(strange) == len(names)


def _row(account: AccountToLookThrough, seen: FillSeen, *, booked: bool) -> dict[str, Any]:
    """An order of which nothing stayed: its settlement failed."""
    assert seen.side is not None, "its side was read"
    return _found(account, seen.order_hash, seen.token_id, seen.side.value, seen.price, booked=booked)


def _open_row(account: AccountToLookThrough, order: OwnOrder) -> dict[str, Any]:
    side, price = order.side.value, order.price
    return _found(account, order.order_hash, order.token_id, side, price, booked=False) | {"open": True}


def _found(
    account: AccountToLookThrough, name: str, token_id: str, side: str, price: Decimal, *, booked: bool
) -> dict[str, Any]:
    return {
        "order_hash": name,
        "account_id": account.account_id,
        "venue": account.venue.value,
        "token_id": token_id,
        "side": side,
        "open": False,
        "shares": ZERO,
        "usdc": ZERO,
        "fee_usdc": ZERO,
        "price": price,
        "booked": booked,
    }


def _notice(user_id: str, row: dict[str, Any]) -> dict[str, object]:
    names = ("order_hash", "account_id", "token_id", "side", "open")
    body = {name: row[name] for name in names} | {
        "shares": plain(row["shares"]),
        "usdc": plain(row["usdc"]),
    }
    return {"user_id": user_id, "kind": "order_found", "event": str(row["order_hash"]), "body": body}
