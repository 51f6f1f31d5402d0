"""Looks at a live account on demand: region, wallet, permissions, money, a way out, clock (UX S14a; SAFETY R26).

Whoever asks is the owner: money that came from outside and is found by such a look is theirs, and is booked (R38: what
strangers send stays apart until its owner accepts it). An armed account that the exchange lets only sell buys no more
until a later look finds it open again. Caps that were raised an hour ago begin to count here, too.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import Venue as VenueName
from streams.tables import audits, live_looks
from streams.tables.epochs import writing
from streams.tables.live_looks import LookAnswer, LookAsked
from streams.trading.account_audit import AccountAudit
from streams.trading.audit_findings import CASH, Outcome
from streams.trading.desk import Desk
from streams.venues.redemptions import CannotRedeem
from streams.venues.region import RegionSeen
from streams.venues.venue import BalanceSeen, Venue, VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.live_looks")
_MOST: Final = 50
# Whoever asked waits six seconds; then nobody reads the answer.
_WITHIN_SECONDS: Final = 10.0
# An account that is busy is audited again until it is at rest, but not for ever.
_ARRIVAL_SECONDS: Final = 600.0
_ARRIVAL_AGAIN_SECONDS: Final = 5.0
_FORGET_SECONDS: Final = 3_600.0
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Wallet:
    """What was seen of an account's wallet."""

    balance: BalanceSeen | None
    closed_only: bool | None
    way_out: bool | None


class LiveLooks:
    """Answers looks, books what they found to have arrived, and lets raised caps count."""

    def __init__(self, desk: Desk, audit: AccountAudit) -> None:
        self._desk = desk
        self._audit = audit
        self._arrived_until: dict[str, float] = {}
        self._forget_at = 0.0

    async def answer(self) -> None:
        """One pass over the looks that somebody waits for."""
        venue = self._desk.venues.get(VenueName.POLYMARKET)
        if venue is None:
            return
        asked = await live_looks.asked(self._desk.pool, _WITHIN_SECONDS, _MOST)
        if asked:
            await asyncio.gather(*(self._answer(each, venue) for each in asked))

    async def keep_caps(self) -> None:
        """Caps whose hour is over count; looks of former days go."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            raised = await live_looks.raise_caps(connection)
            if time.monotonic() >= self._forget_at:
                self._forget_at = time.monotonic() + _FORGET_SECONDS
                await live_looks.forget(connection)
        for account_id in raised:
            _log.info("day_cap_raised", account_id=account_id)

    async def book_arrivals(self) -> None:
        """What looks found at the exchange and not in the books, or kept apart by an audit before: the owner's now."""
        for account_id, until in list(self._arrived_until.items()):
            await self._audit.accept(account_id)
            outcome = await self._audit.audit(account_id, owner_asks=True)
            if outcome is Outcome.EXTERNAL:
                _log.info("deposit_booked", account_id=account_id)
            if outcome is not Outcome.BUSY or time.monotonic() > until:
                self._arrived_until.pop(account_id, None)
        if self._arrived_until:
            await asyncio.sleep(_ARRIVAL_AGAIN_SECONDS)

    async def _answer(self, asked: LookAsked, venue: Venue) -> None:
        opened = await self._desk.keyring.wallets([asked.account_id]) if asked.ready else {}
        wallet = opened.get(asked.account_id)
        region, ahead, seen = await asyncio.gather(
            self._region(), self._clock(venue), self._wallet(wallet, venue)
        )
        balance = seen.balance
        answer = LookAnswer(
            look_id=asked.look_id,
            region=region.name if region else None,
            region_allowed=region.allowed if region else None,
            wallet_ready=wallet is not None,
            permitted=None if balance is None else _permitted(balance),
            closed_only=seen.closed_only,
            cash_usdc=None if balance is None else balance.amount,
            withdrawal_possible=seen.way_out,
            clock_ahead_seconds=ahead,
        )
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await live_looks.answer(connection, answer)
            if seen.closed_only is not None:
                await self._stop_or_free(connection, asked, closed_only=seen.closed_only)
        if balance is not None:
            await self._note_arrival(asked.account_id, balance)

    async def _stop_or_free(
        self, connection: AsyncConnection[TupleRow], asked: LookAsked, *, closed_only: bool
    ) -> None:
        """Three BUYs need not be refused first: what the exchange says of the account stops them at once."""
        named = (asked.account_id, asked.look_id)
        if await live_looks.stop_closed_only(connection, *named, closed_only=closed_only):
            said = "account_stopped" if closed_only else "account_may_buy_again"
            _log.warning(said, account_id=asked.account_id, cause="closed_only", look_id=asked.look_id)

    async def _region(self) -> RegionSeen | None:
        if self._desk.region is None:
            return None
        try:
            return await self._desk.region.look()
        except VenueFault as fault:
            _log.warning("region_not_seen", fault=str(fault))
            return None

    async def _clock(self, venue: Venue) -> Decimal | None:
        try:
            return round(Decimal(str(await venue.clock_ahead_seconds())), 3)
        except VenueFault as fault:
            _log.warning("clock_not_compared", fault=str(fault))
            return None

    async def _wallet(self, wallet: TradingWallet | None, venue: Venue) -> _Wallet:
        if wallet is None:
            return _Wallet(None, None, None)
        try:
            balance = await venue.balance(wallet)
        except VenueFault as fault:
            _log.warning("balance_not_seen", account_id=wallet.account_id, fault=str(fault))
            balance = None
        return _Wallet(balance, await self._closed_only(wallet, venue), await self._way_out(wallet))

    async def _closed_only(self, wallet: TradingWallet, venue: Venue) -> bool | None:
        try:
            return await venue.closed_only(wallet)
        except VenueFault as fault:
            _log.warning("closed_only_not_seen", account_id=wallet.account_id, fault=str(fault))
            return None

    async def _way_out(self, wallet: TradingWallet) -> bool | None:
        """Whether somebody would relay a withdrawal: the wallet's next nonce is what its transaction needs."""
        if self._desk.relayer is None:
            return False
        try:
            await self._desk.relayer.nonce(wallet)
        except CannotRedeem:
            return False
        except VenueFault as fault:
            _log.warning("relayer_not_seen", account_id=wallet.account_id, fault=str(fault))
            return None
        return True

    async def _note_arrival(self, account_id: str, balance: BalanceSeen) -> None:
        async with self._desk.pool.connection() as connection:
            _, ours = await audits.books(connection, account_id)
            apart = await live_looks.kept_apart(connection, account_id)
        if balance.amount > ours[CASH] or apart:
            self._arrived_until.setdefault(account_id, time.monotonic() + _ARRIVAL_SECONDS)


def _permitted(balance: BalanceSeen) -> bool:
    """Whether each contract that the exchange names may take all that is there."""
    needed = max(1, int(balance.amount * _MICRO))
    return bool(balance.allowances) and all(given >= needed for given in balance.allowances.values())
