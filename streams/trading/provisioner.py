"""Accounts opened: a key made and sealed, a login at the exchange, paper money once, its cash booked (DESIGN §13)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from schemas.enums import Venue as VenueName
from streams.keys.envelopes import Envelope, open_envelope, seal, seal_credentials
from streams.keys.memory import wiped
from streams.keys.providers import KeyFault, KeyRing
from streams.tables import accounts
from streams.tables.accounts import AccountKey, NewKey
from streams.tables.epochs import writing
from streams.trading.deploying import Deploying
from streams.trading.desk import Desk
from streams.trading.keyring import envelope_of
from streams.venues.paper_admin import PaperCredit
from streams.venues.venue import VenueFault
from streams.venues.wallets import DEPOSIT_WALLET, EOA, new_secret, open_key, wallet_of_owner

_log = structlog.get_logger("trading.provisioner")
# Logins under way at the exchange.
_LOGINS: Final = 16


@dataclass(frozen=True, slots=True)
class _Opening:
    account_id: str
    venue: VenueName
    envelope: Envelope


class Provisioner:
    """Each step may be repeated: the key is stored before anything is told to the exchange, a credit has its name."""

    def __init__(self, desk: Desk, ring: KeyRing) -> None:
        self._desk = desk
        self._ring = ring
        self._room = asyncio.Semaphore(_LOGINS)
        self._deploying = Deploying(desk)

    async def open_accounts(self) -> int:
        """Open those that wait, and give the paper money that was asked for. Returns how many accounts were opened."""
        found = await accounts.to_open(self._desk.pool, self._desk.venue_names, self._desk.settings.open_most)
        opened = await self._open(found) if found else 0
        await self._give_credits()
        return opened

    async def _open(self, found: Sequence[AccountKey]) -> int:
        await self._make_keys([row for row in found if row.wallet is None])
        rows = await accounts.to_open(self._desk.pool, self._desk.venue_names, self._desk.settings.open_most)
        openings = [
            _Opening(row.account_id, row.venue, envelope)
            for row in rows
            if (envelope := envelope_of(row)) is not None
        ]
        paper = [each for each in openings if each.venue is VenueName.PAPER]
        await self._desk.paper.credit([PaperCredit(each.envelope.wallet) for each in paper])
        logged_in = [each for each in await asyncio.gather(*map(self._log_in, openings)) if each is not None]
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await accounts.store_credentials(
                connection,
                [
                    (each.account_id, each.envelope.sealed_api)
                    for each in logged_in
                    if each.envelope.sealed_api is not None
                ],
            )
        await self._give_credits()
        ready = [each for each in logged_in if await self._may_trade(each)]
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await accounts.mark_ready(connection, [self._place_of_money(each) for each in ready])
        # Opened now, so that the first order need not wait for it.
        await self._desk.keyring.wallets(each.account_id for each in ready)
        self._desk.figures.accounts_opened.inc(len(ready))
        for each in ready:
            _log.info("account_ready", account_id=each.account_id, wallet=each.envelope.wallet)
        return len(ready)

    async def _may_trade(self, opening: _Opening) -> bool:
        """Whether what holds the money is in place: paper money always is, a deposit wallet is deployed first."""
        if self._place_of_money(opening)[2] != DEPOSIT_WALLET:
            return True
        try:
            secret, _ = await open_envelope(opening.envelope, self._ring)
            with wiped(secret):
                key = open_key(bytes(secret))
            return await self._deploying.is_done(opening.account_id, key)
        except (VenueFault, KeyFault) as fault:
            _log.warning("wallet_not_prepared", account_id=opening.account_id, fault=str(fault))
            return False

    def _place_of_money(self, opening: _Opening) -> tuple[str, str, int]:
        """Paper money lies at the key's own address; real money where the exchange takes new accounts."""
        live = opening.venue is VenueName.POLYMARKET
        signature_type = self._desk.settings.live_signature_type if live else EOA
        address = wallet_of_owner(opening.envelope.wallet, signature_type)
        return opening.account_id, address.lower(), signature_type

    async def _make_keys(self, rows: Sequence[AccountKey]) -> None:
        made = [each for each in await asyncio.gather(*map(self._make_key, rows)) if each is not None]
        if made:
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                await accounts.store_keys(connection, made)

    async def _make_key(self, row: AccountKey) -> NewKey | None:
        with wiped(bytearray(new_secret())) as secret:
            wallet = open_key(bytes(secret)).address.lower()
            try:
                envelope = await seal(secret, user_id=row.user_id, wallet=wallet, ring=self._ring)
            except KeyFault as fault:
                _log.warning("key_not_made", account_id=row.account_id, fault=str(fault))
                return None
        return NewKey(
            row.account_id,
            row.user_id,
            wallet,
            envelope.version,
            envelope.provider,
            envelope.wrapped_data_key,
            envelope.sealed_key,
        )

    async def _log_in(self, opening: _Opening) -> _Opening | None:
        if opening.envelope.sealed_api is not None:
            return opening
        try:
            secret, _ = await open_envelope(opening.envelope, self._ring)
            with wiped(secret):
                key = open_key(bytes(secret))
            async with self._room:
                credentials = await self._desk.venues[opening.venue].log_in(key)
            sealed = await seal_credentials(opening.envelope, credentials, self._ring)
        except (VenueFault, KeyFault) as fault:
            _log.warning("login_failed", account_id=opening.account_id, fault=str(fault))
            return None
        return replace(opening, envelope=replace(opening.envelope, sealed_api=sealed))

    async def _give_credits(self) -> None:
        asked = await accounts.credits_to_give(self._desk.pool, self._desk.settings.open_most * 5)
        if not asked:
            return
        await self._desk.paper.credit([PaperCredit(each.wallet, each.usdc, each.credit_id) for each in asked])
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await accounts.book_credits(connection, asked)
        for each in asked:
            _log.info("credited", account_id=each.account_id, credit_id=each.credit_id, usdc=str(each.usdc))
