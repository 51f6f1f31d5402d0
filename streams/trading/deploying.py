"""Deposit wallets of new live accounts: deployed, and the exchange's contracts let in, before anything is traded.

Both may be asked for twice and are done once: a wallet's address follows from its owner, and its first transaction is
always the approvals, so a nonce above 0 says that they ran.
"""

from __future__ import annotations

import time
from typing import Final

import structlog

from streams.trading.desk import Desk
from streams.venues.redemptions import DEADLINE_SECONDS, Turn, approvals_body, creation_body
from streams.venues.relayer import Relayer
from streams.venues.wallets import DEPOSIT_WALLET, Credentials, SigningKey, TradingWallet, wallet_of_owner

_log = structlog.get_logger("trading.deploying")
# The relayer takes 25 submissions a minute, and the chain some seconds to run one.
_AGAIN_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 1.0
_NO_LOGIN: Final = Credentials("", "", "")


class Deploying:
    """Looks and, where something is missing, asks; never waits for the chain."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._due_at: dict[str, float] = {}

    async def is_done(self, account_id: str, key: SigningKey) -> bool:
        """Whether the deposit wallet may trade; without a relayer somebody else sees to it. Raises ``VenueFault``."""
        relayer, now = self._desk.relayer, time.monotonic()
        if relayer is None:
            return True
        if now < self._due_at.get(account_id, now):
            return False
        self._due_at[account_id] = now + _LOOK_SECONDS
        address = wallet_of_owner(key.address, DEPOSIT_WALLET)
        if not await relayer.deployed(address):
            await self._submit(account_id, relayer, creation_body(key.address), "deploy")
            return False
        wallet = TradingWallet(account_id, address, key, _NO_LOGIN, DEPOSIT_WALLET)
        nonce, relay = await relayer.nonce(wallet)
        if nonce == 0:
            deadline = int(self._desk.now().timestamp()) + DEADLINE_SECONDS
            body = approvals_body(wallet, Turn(nonce, relay, deadline))
            await self._submit(account_id, relayer, body, "approve")
            return False
        self._due_at.pop(account_id, None)
        return True

    async def _submit(self, account_id: str, relayer: Relayer, body: bytes, deed: str) -> None:
        answer = await relayer.submit(body)
        self._due_at[account_id] = time.monotonic() + _LOOK_SECONDS
        if answer.transaction_id is None:
            self._due_at[account_id] = time.monotonic() + _AGAIN_SECONDS
        _log.info(
            "wallet_prepared", account_id=account_id, deed=deed, taken=answer.taken.value, words=answer.words
        )
