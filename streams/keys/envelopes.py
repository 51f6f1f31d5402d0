"""A wallet's key and its exchange credentials, sealed: AES-256-GCM with a data key of their own, bound to their row."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.keys.providers import KEY_BYTES, NONCE_BYTES, KeyProvider, KeyRefused
from streams.venues.wallets import Credentials

VERSION: Final = 1
_KEY: Final = b"key"
_API: Final = b"api"


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


def seal(secret: bytes, *, user_id: str, wallet: str, provider: KeyProvider) -> Envelope:
    """Seal a private key under a fresh data key."""
    bound = _bound(user_id, wallet, VERSION)
    data_key = os.urandom(KEY_BYTES)
    return Envelope(
        user_id,
        wallet,
        VERSION,
        provider.name,
        provider.wrap(data_key, bound),
        _seal(data_key, secret, bound + _KEY),
    )


def seal_credentials(envelope: Envelope, credentials: Credentials, provider: KeyProvider) -> bytes:
    """The exchange's credentials sealed beside the key."""
    bound = _bound(envelope.user_id, envelope.wallet, envelope.version)
    text = orjson.dumps([credentials.api_key, credentials.secret, credentials.passphrase])
    return _seal(provider.unwrap(envelope.wrapped_data_key, bound), text, bound + _API)


def open_envelope(envelope: Envelope, provider: KeyProvider) -> tuple[bytes, Credentials | None]:
    """The private key, and the credentials where there are some. Raises ``KeyRefused``."""
    bound = _bound(envelope.user_id, envelope.wallet, envelope.version)
    data_key = provider.unwrap(envelope.wrapped_data_key, bound)
    secret = _open(data_key, envelope.sealed_key, bound + _KEY)
    if envelope.sealed_api is None:
        return secret, None
    api_key, api_secret, passphrase = orjson.loads(_open(data_key, envelope.sealed_api, bound + _API))
    return secret, Credentials(api_key, api_secret, passphrase)


def _bound(user_id: str, wallet: str, version: int) -> bytes:
    """Additional data: an envelope moved to another row does not open. Lengths keep the parts apart."""
    return b"".join(
        len(part).to_bytes(4, "big") + part for part in (user_id.encode(), wallet.encode())
    ) + bytes((version,))


def _seal(data_key: bytes, content: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, content, bound)


def _open(data_key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(data_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise KeyRefused("the envelope does not open") from None
