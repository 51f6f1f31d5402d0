"""API keys and who proves to hold them: L1 (EIP-712 login) to get one, L2 (HMAC) to use it (polymarket.md §4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from ops.paper.intake import Caller
from ops.paper.ledger import Ledger, Record, sql
from ops.paper.refusals import BAD_LOGIN, KEY_EXISTS, KEY_UNKNOWN, UNAUTHORIZED, Refusal
from ops.paper.requests import Answer, Reply, Request
from ops.paper.signing import login_signed_by

_SECRET_BYTES: Final = 32
_MOST_NONCE: Final = 2**63 - 1


class _Key(NamedTuple):
    address: str
    secret: bytes
    passphrase: str


class Login(NamedTuple):
    """A proven L1 login."""

    address: str
    nonce: int


class Keys:
    """The keys that were given out; those in use are kept in memory."""

    def __init__(
        self, ledger: Ledger, chain_id: int, tolerance_seconds: int, clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._chain_id = chain_id
        self._tolerance = tolerance_seconds
        self._clock = clock
        self._known: dict[str, _Key] = {}

    async def caller(self, request: Request) -> Caller | Refusal:
        """Who sent the request, by the HMAC over time, method, path without query, and the body's exact bytes."""
        headers = request.headers
        api_key, stamp = headers.get("poly_api_key", ""), headers.get("poly_timestamp", "")
        key = self._known.get(api_key) or await self._look_up(api_key)
        if key is None or not self._recent(stamp):
            return UNAUTHORIZED
        message = f"{stamp}{request.method}{request.path}".encode() + request.body
        expected = base64.urlsafe_b64encode(hmac.digest(key.secret, message, hashlib.sha256))
        given = headers.get("poly_signature", "").encode()
        genuine = hmac.compare_digest(expected, given)
        named = headers.get("poly_address", "").lower() == key.address
        if not (genuine and named and headers.get("poly_passphrase") == key.passphrase):
            return UNAUTHORIZED
        return Caller(api_key, key.address)

    async def address_of(self, api_key: str, secret: str, passphrase: str) -> str | None:
        """The address of a key whose secret and passphrase are given in full, as the user stream takes them."""
        key = self._known.get(api_key) or await self._look_up(api_key)
        if key is None:
            return None
        expected = base64.urlsafe_b64encode(key.secret)
        genuine = hmac.compare_digest(expected, secret.encode()) and hmac.compare_digest(
            key.passphrase.encode(), passphrase.encode()
        )
        return key.address if genuine else None

    async def create(self, request: Request) -> Reply:
        """``POST /auth/api-key``: a new key for address and nonce, once."""
        login = self._login(request)
        if isinstance(login, Refusal):
            return login
        values = {
            "api_key": str(uuid.uuid4()),
            "address": login.address,
            "nonce": login.nonce,
            "secret": base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode(),
            "passphrase": secrets.token_hex(_SECRET_BYTES),
            "created_at": self._clock(),
        }
        async with self._ledger.writing() as connection:
            cursor = await connection.execute(sql("add_api_key"), values)
            return _credentials(values) if cursor.rowcount == 1 else KEY_EXISTS

    async def derive(self, request: Request) -> Reply:
        """``GET /auth/derive-api-key``: the key of address and nonce once more."""
        login = self._login(request)
        if isinstance(login, Refusal):
            return login
        found = await self._ledger.read("api_key_of_nonce", {"address": login.address, "nonce": login.nonce})
        return _credentials(found[0]) if found else KEY_UNKNOWN

    async def ids(self, caller: Caller) -> Reply:
        """``GET /auth/api-keys``: the ids of the caller's keys."""
        found = await self._ledger.read("api_keys_of_address", {"address": caller.address})
        return Answer({"apiKeys": [str(row["api_key"]) for row in found]})

    async def delete(self, caller: Caller) -> Reply:
        """``DELETE /auth/api-key``: the caller's own key ends now."""
        async with self._ledger.writing() as connection:
            await connection.execute(sql("delete_api_key"), {"api_key": caller.api_key})
        self._known.pop(caller.api_key, None)
        return Answer("OK")

    async def _look_up(self, api_key: str) -> _Key | None:
        try:
            wanted = str(uuid.UUID(api_key))
        except ValueError:
            return None
        found = await self._ledger.read("api_key", {"api_key": wanted})
        if not found or wanted != api_key:
            return None
        row = found[0]
        key = _Key(row["address"], base64.urlsafe_b64decode(row["secret"]), row["passphrase"])
        self._known[api_key] = key
        return key

    def _recent(self, stamp: str) -> bool:
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        return abs(self._clock().timestamp() - int(stamp)) <= self._tolerance

    def _login(self, request: Request) -> Login | Refusal:
        headers = request.headers
        address, stamp = headers.get("poly_address", "").lower(), headers.get("poly_timestamp", "")
        try:
            nonce = int(headers.get("poly_nonce", "0"))
            signature = bytes.fromhex(headers.get("poly_signature", "").removeprefix("0x"))
            well_formed = len(bytes.fromhex(address.removeprefix("0x"))) == 20 and 0 <= nonce <= _MOST_NONCE
        except (ValueError, binascii.Error):
            return BAD_LOGIN
        if not well_formed or not self._recent(stamp):
            return BAD_LOGIN
        if login_signed_by(address, stamp, nonce, signature, self._chain_id) != address:
            return BAD_LOGIN
        return Login(address, nonce)


def _credentials(row: Record) -> Answer:
    return Answer({"apiKey": str(row["api_key"]), "secret": row["secret"], "passphrase": row["passphrase"]})
