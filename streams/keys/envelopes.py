"""A wallet's key and its exchange credentials, sealed: AES-256-GCM with a data key of their own, bound to their row."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.keys.memory import wiped
from streams.keys.providers import NONCE_BYTES, KeyContext, KeyRing, decrypted
from streams.venues.wallets import Credentials

VERSION: Final = 1
_KEY: Final = b"key"
_API: Final = b"api"
_WORDS: Final = "the envelope does not open"


@dataclass(frozen=True, slots=True)
class Envelope:
    """As stored in ``wallet_keys``. Nothing in it opens without the provider."""

    user_id: str
    wallet: str
    version: int
    provider: str
    wrapped_data_key: bytes = field(repr=False)
    sealed_key: bytes = field(repr=False)
    sealed_api: bytes | None = field(default=None, repr=False)

    @property
    def context(self) -> KeyContext:
        """Additional data: an envelope moved to another row does not open."""
        return KeyContext(self.user_id, self.wallet, self.version)


async def seal(secret: bytes | bytearray, *, user_id: str, wallet: str, ring: KeyRing) -> Envelope:
    """Seal a private key under a fresh data key. Raises ``KeyFault``."""
    context = KeyContext(user_id, wallet, VERSION)
    data_key, wrapped = await ring.current.new_data_key(context)
    with wiped(data_key):
        sealed = _seal(data_key, secret, context.bound() + _KEY)
    return Envelope(user_id, wallet, VERSION, ring.current.name, wrapped, sealed)


async def seal_credentials(envelope: Envelope, credentials: Credentials, ring: KeyRing) -> bytes:
    """The exchange's credentials sealed beside the key. Raises ``KeyFault``."""
    text = orjson.dumps([credentials.api_key, credentials.secret, credentials.passphrase])
    with wiped(await ring.unwrap(envelope.provider, envelope.wrapped_data_key, envelope.context)) as data_key:
        return _seal(data_key, text, envelope.context.bound() + _API)


async def open_envelope(envelope: Envelope, ring: KeyRing) -> tuple[bytearray, Credentials | None]:
    """The private key, the caller's to wipe, and the credentials where there are some. Raises ``KeyFault``."""
    bound = envelope.context.bound()
    with wiped(await ring.unwrap(envelope.provider, envelope.wrapped_data_key, envelope.context)) as data_key:
        cipher = AESGCM(data_key)
    secret = decrypted(cipher, envelope.sealed_key, bound + _KEY, _WORDS)
    if envelope.sealed_api is None:
        return secret, None
    with wiped(decrypted(cipher, envelope.sealed_api, bound + _API, _WORDS)) as opened:
        api_key, api_secret, passphrase = orjson.loads(opened)
    return secret, Credentials(api_key, api_secret, passphrase)


def _seal(data_key: bytearray, content: bytes | bytearray, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, content, bound)
