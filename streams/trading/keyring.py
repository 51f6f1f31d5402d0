"""Opened wallets by account, kept in memory of this process alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog
from cachetools import LRUCache

from streams.keys.envelopes import Envelope, open_envelope
from streams.keys.memory import wiped
from streams.keys.providers import KeyFault, KeyRefused, KeyRing, KeysAway
from streams.tables import accounts
from streams.tables.accounts import AccountKey
from streams.tables.pool import Pool
from streams.venues.wallets import TradingWallet, open_key, wallet_of_owner

_log = structlog.get_logger("trading.keyring")
# Whoever asks may hold a transaction open: what a KMS has not opened by then is ready a moment later.
_OPEN_SECONDS: Final = 2.0


class Keyring:
    """Opens envelopes when a wallet is first needed."""

    def __init__(
        self, pool: Pool, ring: KeyRing, kept: int, refused: Callable[[], None] = lambda: None
    ) -> None:
        self._pool = pool
        self._ring = ring
        self._kept = kept
        self._refused = refused
        self._wallets: LRUCache[str, TradingWallet] = LRUCache(kept)
        self._opening: dict[str, asyncio.Task[None]] = {}

    async def wallets(self, account_ids: Iterable[str]) -> Mapping[str, TradingWallet]:
        """The wallets of accounts that are ready. Left out: others, and those whose key does not open (now)."""
        wanted = set(account_ids)
        missing = sorted(wanted - self._wallets.keys())
        if missing:
            for row in await accounts.keys_of(self._pool, missing):
                if row.account_id not in self._opening:
                    self._opening[row.account_id] = asyncio.create_task(self._keep(row))
            opening = [self._opening[each] for each in missing if each in self._opening]
            if opening:
                await asyncio.wait(opening, timeout=_OPEN_SECONDS)
        return {each: self._wallets[each] for each in wanted if each in self._wallets}

    async def warm(self) -> int:
        """Open all keys beforehand, as many as are kept: where each costs a request, the first order waits for none."""
        names = await accounts.ready_accounts(self._pool, self._kept)
        for first in range(0, len(names), 100):
            await self.wallets(names[first : first + 100])
        _log.info("keys_opened", keys=len(self._wallets))
        return len(self._wallets)

    async def _keep(self, row: AccountKey) -> None:
        try:
            wallet = await self._opened(row)
            if wallet is not None:
                self._wallets[row.account_id] = wallet
        except KeyFault as fault:
            # The account's orders wait, and nobody else's; a damaged row is for a person to look at.
            say = _log.warning if isinstance(fault, KeysAway) else _log.error
            self._refused()
            say("key_not_opened", account_id=row.account_id, fault=str(fault))
        finally:
            self._opening.pop(row.account_id, None)

    async def _opened(self, row: AccountKey) -> TradingWallet | None:
        envelope = envelope_of(row)
        if envelope is None:
            return None
        secret, credentials = await open_envelope(envelope, self._ring)
        with wiped(secret):
            if credentials is None:
                return None
            key = open_key(bytes(secret))
        if key.address.lower() != envelope.wallet:
            raise KeyRefused("the key is not that of the account's wallet")
        address = wallet_of_owner(key.address, row.signature_type)
        if row.address is not None and row.address != address.lower():
            raise KeyRefused("the account's money is not where its key can sign for it")
        return TradingWallet(row.account_id, address, key, credentials, row.signature_type)


def envelope_of(row: AccountKey) -> Envelope | None:
    """The row's envelope; None before the key was made."""
    if row.wallet is None or row.wrapped_data_key is None or row.sealed_key is None:
        return None
    return Envelope(
        row.user_id,
        row.wallet,
        row.version or 0,
        row.provider or "",
        row.wrapped_data_key,
        row.sealed_key,
        row.sealed_api,
    )
