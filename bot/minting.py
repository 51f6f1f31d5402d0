"""Tokens as the bot mints them: one user, a few minutes, one audience, an id of its own (DESIGN §13). Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from schemas.signing_in import ALGORITHM, AUDIENCE, BOT, ISSUER, LIFE_SECONDS_MAX

_KEY_BYTES: Final = 32


class Mint:
    """Mints with the bot's key: base64 of the 32 bytes of an Ed25519 private key. ValueError for anything else."""

    def __init__(self, key: SecretStr) -> None:
        try:
            raw = base64.b64decode(key.get_secret_value(), validate=True)
        except binascii.Error as error:
            raise ValueError("the signing key must be base64") from error
        if len(raw) != _KEY_BYTES:
            raise ValueError(f"the signing key must hold {_KEY_BYTES} bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    def public_key(self) -> str:
        """The public key that goes with it, as the API's settings take it (base64 of 32 bytes)."""
        return base64.b64encode(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def user(self, user_id: str, *, now: datetime, token_id: str, seconds: int = LIFE_SECONDS_MAX) -> str:
        """A token that acts for one user. ``token_id`` is new for each token: it is what is revoked."""
        return self._signed({"sub": user_id}, now, token_id, seconds)

    def own(self, *, now: datetime, token_id: str, seconds: int = LIFE_SECONDS_MAX) -> str:
        """The bot's own token, which may let people in and carry their notices, nothing else."""
        return self._signed({"sub": BOT, "scope": BOT}, now, token_id, seconds)

    def _signed(self, who: dict[str, Any], now: datetime, token_id: str, seconds: int) -> str:
        begins = int(now.timestamp())
        claims = who | {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": begins,
            "exp": begins + seconds,
            "jti": token_id,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)


def new_key() -> str:
    """A new private key as the setting takes it."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


if __name__ == "__main__":
    made = new_key()
    print(f"POLYCOOL_BOT_SIGNING_KEY={made}")  # noqa: T201 (this is its answer)
    print(f"POLYCOOL_BOT_PUBLIC_KEYS={Mint(SecretStr(made)).public_key()}")  # noqa: T201
