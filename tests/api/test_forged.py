"""Forged, replayed and expired requests by the hundred thousand: none is accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from api.user_tokens import Untrusted, UserTokens
from bot.minting import Mint, new_key

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER, VICTIM = "U-0000001", "U-0000002"
MINT: Final = Mint(SecretStr(base64.b64encode(b"k" * 32).decode()))
OURS: Final = UserTokens([MINT.public_key()])
SECRET: Final = "whsec_" + base64.b64encode(b"s" * 32).decode()
FORGED_MIN: Final = 100_000


def _good(**more: Any) -> str:
    given: dict[str, Any] = {"now": NOW, "token_id": "a" * 16}
    return MINT.user(USER, **given | more)


def _accepted(token: str, now: datetime = NOW) -> bool:
    try:
        OURS.read(token, now)
    except Untrusted:
        return False
    return True


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _claims(**more: Any) -> dict[str, Any]:
    begins = int(NOW.timestamp())
    own = {
        "iss": "polycool-bot",
        "aud": "polycool-api",
        "sub": USER,
        "iat": begins,
        "exp": begins + 900,
        "jti": "a" * 16,
    }
    return own | more


def _by_our_key(claims: Any, header: dict[str, Any] | None = None) -> str:
    """Signed with the bot's real key: what a mistake of ours would make."""
    head = _encoded(json.dumps(header or {"alg": "EdDSA", "typ": "JWT"}).encode())
    body = f"{head}.{_encoded(json.dumps(claims).encode())}"
    return f"{body}.{_encoded(MINT._key.sign(body.encode()))}"


def test_what_the_forgers_begin_with_is_good() -> None:
    """Else everything below would be refused for nothing."""
    assert _accepted(_good())
    assert _accepted(_by_our_key(_claims()))


def _flipped_bits(token: str) -> Iterator[str]:
    """Every bit of every letter, and every bit of every part's bytes."""
    for place, letter in enumerate(token):
        for bit in range(7):
            yield token[:place] + chr(ord(letter) ^ (1 << bit)) + token[place + 1 :]
    parts = token.split(".")
    for which, part in enumerate(parts):
        raw = bytearray(_decoded(part))
        for place in range(len(raw)):
            for bit in range(8):
                raw[place] ^= 1 << bit
                yield ".".join(
                    _encoded(bytes(raw)) if each == which else other for each, other in enumerate(parts)
                )
                raw[place] ^= 1 << bit


def _other_letters(token: str) -> Iterator[str]:
    """Every other letter at every place of the signature: spellings of the same bytes too."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. "
    begins = token.rindex(".") + 1
    for place in range(begins, len(token)):
        for letter in letters:
            if letter != token[place]:
                yield token[:place] + letter + token[place + 1 :]


def _tricks() -> Iterator[str]:
    """The known ways: no algorithm, our public key as a shared secret, keys in the header, parts of other tokens."""
    public = MINT.public_key()
    key = base64.b64decode(public)
    other = Mint(SecretStr(new_key()))
    for name in (
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "ES256",
        "PS256",
        "Ed448",
        "eddsa",
    ):
        for signature in (b"", b"\\0" * 64, MINT._key.sign(b"x")):
            head = _encoded(json.dumps({"alg": name, "typ": "JWT"}).encode())
            yield f"{head}.{_encoded(json.dumps(_claims(sub=VICTIM)).encode())}.{_encoded(signature)}"
    for secret in (key, public.encode(), key.hex().encode(), b""):
        for name, made in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            named = json.dumps({"alg": name, "typ": "JWT"}).encode()
            body = f"{_encoded(named)}.{_encoded(json.dumps(_claims()).encode())}"
            yield f"{body}.{_encoded(hmac.new(secret, body.encode(), made).digest())}"
    own = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": _encoded(own.public_key().public_bytes_raw())}
    for header in (
        {"jwk": jwk},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example"},
        {"kid": "../../dev/null"},
        {"crit": ["x"], "x": 1},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"typ": "at+jwt"},
        {"cty": "JWT"},
    ):
        yield jwt.encode(_claims(), own, algorithm="EdDSA", headers=header)
        if "kid" not in header:
            yield _by_our_key(_claims(), {"alg": "EdDSA", "typ": "JWT"} | header)
    good, foreign = _good().split("."), other.user(VICTIM, now=NOW, token_id="b" * 16).split(".")
    yield from (".".join(mixed) for mixed in (
        [good[0], foreign[1], good[2]], [good[0], good[1], foreign[2]], foreign, good[:2], [*good, ""],
        [*good, good[2]],
        ["", *good], [good[0], good[1], ""], [good[2], good[1], good[0]],
    ))  # fmt: skip
    yield from (
        f" {_good()}",
        f"{_good()}\\n",
        _good().upper(),
        _good() + "=",
        _good().replace(".", ".."),
        "",
        ".",
        "..",
    )


_WRONG_VALUES: Final[tuple[Any, ...]] = (
    None, "", 0, -1, True, [], {}, "x" * 70, 1e30, float(2**60), "U-0000001 ", "bot",
)  # fmt: skip
_NO_CLAIMS: Final[tuple[Any, ...]] = ([], "x", 1, None, True)


def _wrong_claims() -> Iterator[str]:
    """Signed with the right key, and yet no token of ours: every claim missing, of another kind, or out of bounds."""
    for name in _claims():
        for wrong in _WRONG_VALUES:
            claims = _claims(**{name: wrong})
            if claims != _claims():
                yield _by_our_key(claims)
        yield _by_our_key({each: value for each, value in _claims().items() if each != name})
    begins = int(NOW.timestamp())
    for iat, exp in (
        (begins, begins + 901),
        (begins, begins),
        (begins, begins - 1),
        (begins + 6, begins + 60),
        (begins - 901, begins - 1),
        (begins - 900, begins),
        (0, begins + 60),
        (begins, 2**63),
        (-900, 0),
    ):
        yield _by_our_key(_claims(iat=iat, exp=exp))
    for more in (
        {"nbf": begins},
        {"admin": True},
        {"scope": "bot"},
        {"scope": "admin"},
        {"scope": ["write"]},
        {"sub": "bot"},
        {"sub": "bot", "scope": "write"},
        {"sub": "operator", "scope": "bot"},
        {"sub": ["bot"]},
    ):
        yield _by_our_key(_claims(**more))
    for whole in _NO_CLAIMS:
        yield _by_our_key(whole)


def _foreign_keys(count: int) -> Iterator[str]:
    """Well-made tokens of other keys, each for another user."""
    mints = [Mint(SecretStr(new_key())) for _ in range(50)]
    for number in range(count):
        yield mints[number % len(mints)].user(f"U-{number:07}", now=NOW, token_id=f"{number:016}")


def _random_ones(count: int) -> Iterator[str]:
    """The head and claims of good tokens under signatures by chance, and by chance anything."""
    chance = Random(7)  # noqa: S311 (a test, not a secret)
    head, body, _ = _good().split(".")
    for number in range(count):
        if number % 4:
            yield f"{head}.{body}.{_encoded(chance.randbytes(64))}"
        else:
            yield ".".join(
                _encoded(chance.randbytes(chance.randrange(120))) for _ in range(chance.randrange(5))
            )


@pytest.mark.timeout(600)
def test_no_forged_token_is_accepted() -> None:
    """Flipped bits, swapped keys and parts, tricks with algorithms and headers, wrong claims: over 100,000, none."""
    tokens = [_good(token_id=f"{number:016}", seconds=60 + number) for number in range(8)]
    forgers = [
        *(_flipped_bits(token) for token in tokens), *(_other_letters(token) for token in tokens), _tricks(),
        _wrong_claims(), _foreign_keys(8_000), _random_ones(20_000),
    ]  # fmt: skip
    tried, accepted = 0, []
    for forger in forgers:
        for token in forger:
            tried += 1
            if token not in tokens and _accepted(token):
                accepted.append(token)
    print(f"forged tokens: {tried}, accepted {len(accepted)}")  # noqa: T201 (how much was tried)
    assert accepted == []
    assert tried >= FORGED_MIN


@given(st.integers(-10_000_000, 10_000_000))
@settings(max_examples=300, deadline=None)
def test_a_token_is_good_within_its_life_only(seconds: int) -> None:
    """From its making (our clocks may differ by 5 s) until its end, not a second longer."""
    assert _accepted(_good(), NOW + timedelta(seconds=seconds)) == (-5 <= seconds < 900)


@given(st.text(max_size=400))
@settings(max_examples=500, deadline=None)
def test_text_is_no_token(text: str) -> None:
    """Whatever comes is refused, never a fault."""
    assert not _accepted(text)
