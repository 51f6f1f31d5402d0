"""Who wraps the data keys: the interface, the ring of all that are set up, and the local one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.keys.memory import random_buffer, wipe, wiped

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
LOCAL: Final = "local"
KMS: Final = "aws-kms"


class KeyFault(Exception):
    """A key was not wrapped or not opened; the text never holds one."""


class KeyRefused(KeyFault):
    """Bytes that do not open with this key and context: another key, another row, or damage."""


class KeysAway(KeyFault):
    """Passing: the provider did not answer in time, or had no room. Try again later."""


class KeysDenied(KeyFault):
    """The provider does not let us: credentials, rights, or a key that is disabled or gone. A person must mend it."""


@dataclass(frozen=True, slots=True)
class KeyContext:
    """What a wrapped data key is bound to; the same three must be given when it is opened (DESIGN §13)."""

    user_id: str
    wallet: str
    version: int

    def bound(self) -> bytes:
        """As additional data. Lengths keep the parts apart."""
        parts = (self.user_id.encode(), self.wallet.encode())
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts) + bytes((self.version,))

    def pairs(self) -> dict[str, str]:
        """As names and values, for a KMS: they stand in its log of who opened what."""
        return {"user_id": self.user_id, "wallet": self.wallet, "version": str(self.version)}


class KeyProvider(Protocol):
    """Wraps and unwraps 32-byte data keys. ``name`` is ``provider/key`` as it stands in ``wallet_keys.provider``.

    All three raise ``KeysAway`` and ``KeysDenied``; buffers they give are the caller's to wipe.
    """

    name: str

    async def new_data_key(self, context: KeyContext) -> tuple[bytearray, bytes]:
        """A fresh data key and the same one wrapped."""

    async def wrap(self, data_key: bytearray, context: KeyContext) -> bytes:
        """The data key as it may be stored."""

    async def unwrap(self, wrapped: bytes, context: KeyContext) -> bytearray:
        """The data key again. Raises ``KeyRefused``."""

    async def close(self) -> None:
        """Give back what it holds."""


class KeyRing:
    """The provider that wraps now, and those that can still open: while keys are wrapped anew both are needed."""

    def __init__(self, current: KeyProvider, former: Sequence[KeyProvider] = ()) -> None:
        self.current = current
        self._providers = {each.name: each for each in (current, *former)}

    @property
    def names(self) -> list[str]:
        """All that are set up, the current one first."""
        return list(self._providers)

    def named(self, name: str) -> KeyProvider | None:
        """The provider with this name, where it is set up."""
        return self._providers.get(name)

    async def unwrap(self, provider: str, wrapped: bytes, context: KeyContext) -> bytearray:
        """A data key that ``provider`` wrapped. Raises ``KeyFault``."""
        # Rows from before keys had names say `local` alone.
        able = [each for name, each in self._providers.items() if name == provider or _bare(name) == provider]
        for each in able[:-1]:
            try:
                return await each.unwrap(wrapped, context)
            except KeyRefused:
                continue
        if not able:
            raise KeyRefused(f"wrapped by {provider[:120]}, which is not set up")
        return await able[-1].unwrap(wrapped, context)

    async def close(self) -> None:
        """Close all providers."""
        for each in self._providers.values():
            await each.close()


def _bare(name: str) -> str:
    return name.partition("/")[0]


class LocalKeyProvider:
    """AES-256-GCM with one key given by the operator (``POLYCOOL_KEY_ENCRYPTION_KEY``: base64 of 32 bytes)."""

    def __init__(self, key: str) -> None:
        """Raises ``ValueError`` when the text is no base64 of 32 bytes, or a key that cannot be meant seriously."""
        try:
            raw = bytearray(base64.b64decode(key, validate=True))
        except (binascii.Error, ValueError):
            raise ValueError("must be base64 of 32 bytes") from None
        with wiped(raw):
            if len(raw) != KEY_BYTES:
                raise ValueError("must be base64 of 32 bytes")
            if len(set(raw)) < 8:
                raise ValueError("is an example, not a random key")
            self._cipher = AESGCM(raw)
            # Of 256 random bits eight hex digits tell keys apart and help nobody to find one.
            self.name = (
                f"{LOCAL}/{hashlib.blake2b(raw, digest_size=4, person=b'polycool.keyname').hexdigest()}"
            )

    async def new_data_key(self, context: KeyContext) -> tuple[bytearray, bytes]:
        """A fresh data key and the same one wrapped."""
        data_key = random_buffer(KEY_BYTES)
        return data_key, await self.wrap(data_key, context)

    async def wrap(self, data_key: bytearray, context: KeyContext) -> bytes:
        """The data key as it may be stored: nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, context.bound())

    async def unwrap(self, wrapped: bytes, context: KeyContext) -> bytearray:
        """The data key again. Raises ``KeyRefused``."""
        return decrypted(self._cipher, wrapped, context.bound(), "the data key does not open")

    async def close(self) -> None:
        """Nothing is held."""


def decrypted(cipher: AESGCM, sealed: bytes, bound: bytes, words: str) -> bytearray:
    """What stands behind the nonce, opened into a buffer that can be wiped. Raises ``KeyRefused`` with these words."""
    content = bytearray(max(0, len(sealed) - NONCE_BYTES - TAG_BYTES))
    try:
        cipher.decrypt_into(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound, content)
    except (InvalidTag, ValueError):
        wipe(content)
        raise KeyRefused(words) from None
    return content
