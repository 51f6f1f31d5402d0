"""Tokens the bot has minted, read with its public keys. Pure: the clock is an argument.

Stricter than the library: one algorithm, one spelling, no header beyond its own, and every claim looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.me_views import TokenScope
from schemas.signing_in import ALGORITHM, AUDIENCE, BOT, ISSUER, LIFE_SECONDS_MAX

LENGTH_MAX: Final = 1_000
# The bot's clock may be a little ahead of ours; a token is never good a second longer for it.
AHEAD_SECONDS: Final = 5
_HEADERS: Final = frozenset({"alg", "typ", "kid"})
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "iat", "exp", "jti", "scope"})
_USER: Final = re.compile(r"U-[0-9A-Z]{7}")
_TOKEN_ID: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+")
# Everything is checked below, with the clock that was given.
_OPTIONS: Final[Any] = {
    "verify_signature": True, "verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False,
    "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class Untrusted(Exception):
    """No token of ours, or not now; the text is for our logs, the asker is told nothing of it."""


@dataclass(frozen=True, slots=True)
class Minted:
    """What a good token says: for which user (none: the bot itself), what it may do, its id and its end."""

    user_id: str | None
    rights: TokenScope
    token_id: str
    expires_at: datetime


class UserTokens:
    """Reads tokens signed with one of the bot's keys; ``keys`` are base64 of 32 bytes, two while one replaces the
    other. ValueError for a key that is none."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [_public_key(key) for key in keys]

    def read(self, token: str, now: datetime) -> Minted:
        """What the token says. Raises Untrusted."""
        _check_spelling(token)
        claims = self._claims(token)
        return _minted(claims, now)

    def _claims(self, token: str) -> dict[str, Any]:
        for key in self._keys:
            try:
                return dict(jwt.decode(token, key, algorithms=[ALGORITHM], options=_OPTIONS))
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError, TypeError) as error:
                raise Untrusted(type(error).__name__) from error
        raise Untrusted("signature")


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, InvalidKey) as error:
        raise ValueError("must be base64 of the 32 bytes of an Ed25519 public key") from error


def _check_spelling(token: str) -> None:
    """Three parts, each in the one spelling of its bytes: unused bits of the last letter would give a token twins."""
    if len(token) > LENGTH_MAX:
        raise Untrusted("length")
    parts = token.split(".")
    if len(parts) != 3:
        raise Untrusted("parts")
    for part in parts:
        if not _SEGMENT.fullmatch(part) or _spelled(part) != part:
            raise Untrusted("spelling")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise Untrusted("header") from error
    if header.get("alg") != ALGORITHM or header.get("typ") != "JWT" or not header.keys() <= _HEADERS:
        raise Untrusted("header")


def _spelled(part: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError) as error:
        raise Untrusted("spelling") from error
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _minted(claims: dict[str, Any], now: datetime) -> Minted:
    if not claims.keys() <= _CLAIMS or claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
        raise Untrusted("claims")
    begins, ends = claims.get("iat"), claims.get("exp")
    if type(begins) is not int or type(ends) is not int or not 0 < ends - begins <= LIFE_SECONDS_MAX:
        raise Untrusted("life")
    at = now.timestamp()
    if at >= ends or begins > at + AHEAD_SECONDS:
        raise Untrusted("time")
    token_id, subject, scope = claims.get("jti"), claims.get("sub"), claims.get("scope")
    if not isinstance(token_id, str) or not _TOKEN_ID.fullmatch(token_id) or not isinstance(subject, str):
        raise Untrusted("claims")
    expires_at = datetime.fromtimestamp(ends, UTC)
    if (subject, scope) == (BOT, BOT):
        return Minted(None, TokenScope.WRITE, token_id, expires_at)
    if not _USER.fullmatch(subject) or scope not in (None, *TokenScope):
        raise Untrusted("claims")
    return Minted(subject, TokenScope(scope or TokenScope.WRITE), token_id, expires_at)
