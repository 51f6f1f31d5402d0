"""Who wraps the data keys. The local one holds its key in this process: for development and small installations."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


class KeyRefused(Exception):
    """Bytes that do not open with this key and context: another key, another row, or damage."""


class KeyProvider(Protocol):
    """Wraps and unwraps 32-byte data keys, bound to a context that must be the same both times."""

    name: str

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """The data key as it may be stored."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key again. Raises ``KeyRefused``."""


class LocalKeyProvider:
    """AES-256-GCM with one key given by the operator (``POLYCOOL_KEY_ENCRYPTION_KEY``: base64 of 32 bytes)."""

    name = "local"

    def __init__(self, key: str) -> None:
        """Raises ``ValueError`` when the text is no base64 of 32 bytes, or a key that cannot be meant seriously."""
        try:
            raw = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("must be base64 of 32 bytes") from None
        if len(raw) != KEY_BYTES:
            raise ValueError("must be base64 of 32 bytes")
        if len(set(raw)) < 8:
            raise ValueError("is an example, not a random key")
        self._cipher = AESGCM(raw)

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """The data key as it may be stored: nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key again. Raises ``KeyRefused``."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise KeyRefused("the data key does not open") from None
