"""The exchange's relayer: it sends wallets' transactions to the chain and pays their gas. Each request is sent once.

Routes and forms are the SDK's relayer client's; its own submit is not used, because it signs anew by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson
from eth_utils.address import is_address

from streams.venues.answers import clean
from streams.venues.faults import VenueFault
from streams.venues.redemptions import relayer_type
from streams.venues.values import mapping, text
from streams.venues.wallets import TradingWallet
from streams.venues.wire import FAULTS, Wire

_NONCE_PASSED: Final = re.compile(
    r"batch nonce\s+(\d+)\s+does not match on-chain nonce\s+(\d+)", re.IGNORECASE
)
_BUSY: Final = ("wallet busy", "in-flight action")
_NONCE_MAX: Final = 2**256


class Taken(StrEnum):
    """What an answer to a submission says."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAIT = "wait"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """A sorted answer; ``transaction_id`` with ``ACCEPTED``. ``nonce_passed``: the chain has run another transaction,
    or this one, for the nonce of these bytes."""

    taken: Taken
    words: str = ""
    transaction_id: str | None = None
    nonce_passed: bool = False


class Progress(StrEnum):
    """How far a transaction is; the last two are final."""

    UNDER_WAY = "under_way"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TransactionSeen:
    """A transaction as the relayer shows it."""

    progress: Progress
    transaction_hash: str | None
    words: str


class Relayer:
    """``api_key`` and the address it belongs to are the operators'; it opens nobody's wallet."""

    def __init__(self, host: str, api_key: str, address: str, *, seconds: float) -> None:
        self._wire = Wire(host, connections=4, read_seconds=seconds)
        self._headers = {"RELAYER_API_KEY": api_key, "RELAYER_API_KEY_ADDRESS": address}

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()

    async def deployed(self, address: str) -> bool:
        """Whether a deposit wallet stands at this address. Raises ``VenueFault``."""
        params = {"address": address, "type": "WALLET"}
        _, said = await self._wire.get("/deployed", params=params, headers=self._headers)
        return mapping(said, "a wallet").get("deployed") is True

    async def nonce(self, wallet: TradingWallet) -> tuple[int, str]:
        """The wallet's next nonce, and the address that relays. Raises ``VenueFault``, ``CannotRedeem``."""
        kind = relayer_type(wallet.signature_type)
        path = "/relay-payload" if kind == "PROXY" else "/v1/account/transactions/params"
        params = {"address": wallet.key.address, "type": kind}
        _, said = await self._wire.get(path, params=params, headers=self._headers)
        fields = mapping(said, "a nonce")
        nonce, relay = text(fields.get("nonce"), "a nonce"), text(fields.get("address"), "a nonce")
        if not (nonce.isascii() and nonce.isdigit()) or int(nonce) >= _NONCE_MAX or not is_address(relay):
            raise VenueFault("a nonce that cannot be read")
        return int(nonce), relay

    async def submit(self, body: bytes) -> SubmitAnswer:
        """Submit exactly these bytes, once; never raises for what the relayer or the wire does."""
        try:
            raw = await self._wire.send("POST", "/submit", body=body, headers=self._headers)
        except FAULTS as fault:
            return SubmitAnswer(Taken.UNKNOWN, type(fault).__name__)
        return sort_submission(raw.status, raw.body)

    async def transaction(self, transaction_id: str) -> TransactionSeen:
        """Where a transaction stands. Raises ``VenueFault``."""
        _, said = await self._wire.get(f"/v1/account/transactions/{transaction_id}", headers=self._headers)
        fields = mapping(said, "a transaction")
        state = text(fields.get("state"), "a transaction")
        name, words = fields.get("transaction_hash"), fields.get("error_msg")
        progress = {
            "STATE_CONFIRMED": Progress.CONFIRMED,
            "STATE_FAILED": Progress.FAILED,
            "STATE_INVALID": Progress.FAILED,
        }.get(state, Progress.UNDER_WAY)
        return TransactionSeen(
            progress,
            clean(name) if isinstance(name, str) and name else None,
            clean(words) if isinstance(words, str) else "",
        )


def sort_submission(status: int, body: bytes) -> SubmitAnswer:
    """Sort an answer to ``POST /submit``. A refusal is a 4xx in words; whatever else is unknown. Pure."""
    try:
        said = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        said = None
    fields = said if isinstance(said, dict) else {}
    words = next(
        (clean(each) for each in (fields.get("error"), fields.get("message")) if isinstance(each, str)), ""
    )
    if status == 200:
        name = fields.get("transactionID")
        if isinstance(name, str) and re.fullmatch(r"[\w.-]{1,200}", name):
            return SubmitAnswer(Taken.ACCEPTED, words, name)
        return SubmitAnswer(Taken.UNKNOWN, words or "an answer without a transaction")
    if status == 429 or (status == 400 and any(part in words.lower() for part in _BUSY)):
        return SubmitAnswer(Taken.WAIT, words)
    if status in (400, 401, 403, 404) and words:
        passed = _NONCE_PASSED.search(words)
        if passed is not None and int(passed[1]) < int(passed[2]):
            return SubmitAnswer(Taken.UNKNOWN, words, nonce_passed=True)
        return SubmitAnswer(Taken.REFUSED, words)
    return SubmitAnswer(Taken.UNKNOWN, words or f"HTTP {status}")
