"""Opened wallets by account, kept in memory of this process alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cachetools import LRUCache

from streams.keys.envelopes import Envelope, open_envelope
from streams.keys.providers import KeyProvider
from streams.tables import accounts
from streams.tables.accounts import AccountKey
from streams.tables.pool import Pool
from streams.venues.wallets import TradingWallet, open_key


class Keyring:
    """Opens envelopes when a wallet is first needed."""

    def __init__(self, pool: Pool, provider: KeyProvider, kept: int) -> None:
        self._pool = pool
        self._provider = provider
        self._wallets: LRUCache[str, TradingWallet] = LRUCache(kept)

    async def wallets(self, account_ids: Iterable[str]) -> Mapping[str, TradingWallet]:
        """The wallets of accounts that are ready; others are left out. Raises ``KeyRefused``."""
        wanted = set(account_ids)
        found = {each: self._wallets[each] for each in wanted if each in self._wallets}
        missing = sorted(wanted - found.keys())
        if missing:
            for row in await accounts.keys_of(self._pool, missing):
                wallet = self._opened(row)
                if wallet is not None:
                    found[row.account_id] = self._wallets[row.account_id] = wallet
        return found

    def _opened(self, row: AccountKey) -> TradingWallet | None:
        envelope = envelope_of(row)
        if envelope is None:
            return None
        secret, credentials = open_envelope(envelope, self._provider)
        if credentials is None:
            return None
        key = open_key(secret)
        return TradingWallet(row.account_id, key.address, key, credentials)


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
