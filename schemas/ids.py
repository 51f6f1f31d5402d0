"""Identities: closed shapes at the edge, and short names derived from keys (UX N1). Never random."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

_HEX40: Final = re.compile(r"0x[0-9a-f]{40}")
_HEX64: Final = re.compile(r"0x[0-9a-f]{64}")
_DIGITS: Final = re.compile(r"[0-9]{1,78}")
# Crockford's alphabet: no I, L, O, U, so a name can be read out loud.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAME_LENGTH: Final = 7


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def _wallet(value: object) -> str:
    lowered = _text(value).lower()
    if not _HEX40.fullmatch(lowered):
        raise ValueError("must be 0x and 40 hexadecimal characters")
    return lowered


def _hash(value: object) -> str:
    lowered = _text(value).lower()
    if not _HEX64.fullmatch(lowered):
        raise ValueError("must be 0x and 64 hexadecimal characters")
    return lowered


def _token_id(value: object) -> str:
    text = _text(value)
    if not _DIGITS.fullmatch(text):
        raise ValueError("must be 1 to 78 decimal digits as text")
    return text


def _printable(value: str) -> str:
    if not value.isprintable() or value.strip() != value:
        raise ValueError("must be printable, without blanks around it")
    return value


Wallet = Annotated[
    str, BeforeValidator(_wallet), WithJsonSchema({"type": "string", "pattern": "^0[xX][0-9a-fA-F]{40}$"})
]
"""A trader's proxy address, lower-case 0x + 40 hex."""
Hash = Annotated[
    str, BeforeValidator(_hash), WithJsonSchema({"type": "string", "pattern": "^0[xX][0-9a-fA-F]{64}$"})
]
"""A transaction's or an order's hash, lower-case 0x + 64 hex."""
TokenId = Annotated[
    str, BeforeValidator(_token_id), WithJsonSchema({"type": "string", "pattern": f"^{_DIGITS.pattern}$"})
]
"""An outcome token, up to 78 decimal digits; never a number."""
TradeId = Annotated[
    str, BeforeValidator(_text), Field(min_length=1, max_length=200), AfterValidator(_printable)
]
"""One fill: ``<tx_hash>-<n>``, n the log's place among the logs of its own transaction (DESIGN §5)."""


def short_name(prefix: str, *key: str, attempt: int = 0) -> str:
    """A short name such as ``C-7F3K9QX``, derived from the key so that a rebuild keeps it.

    Seven characters hold 35 bits, so two keys may meet; the later one takes the next ``attempt``.
    """
    material = "\x1f".join((prefix, *key, str(attempt) if attempt else "")).encode()
    number = int.from_bytes(hashlib.blake2b(material, digest_size=8).digest(), "big")
    letters = []
    for _ in range(NAME_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return f"{prefix}-{''.join(letters)}"


def copy_order_name(trade_wallet: str, trade_id: str, allocation_id: str, attempt: int = 0) -> str:
    """``C-…``: one trade × one allocation."""
    return short_name("C", trade_wallet, trade_id, allocation_id, attempt=attempt)


def allocation_name(user_id: str, leader: str, venue: str, attempt: int = 0) -> str:
    """``A-…``: one follower follows one leader at one venue; a later following takes the next attempt."""
    return short_name("A", user_id, leader, venue, attempt=attempt)


def signal_name(wallet: str, token_id: str, burst_started_at: str, attempt: int = 0) -> str:
    """``S-…``: the BUYs of one burst of a smart trader in one token."""
    return short_name("S", wallet, token_id, burst_started_at, attempt=attempt)


def quote_name(user_id: str, key: str, attempt: int = 0) -> str:
    """``Q-…``: a price somebody asked for, named by who asked and their key."""
    return short_name("Q", user_id, key, attempt=attempt)


def manual_order_name(quote_id: str, attempt: int = 0) -> str:
    """``O-…``: the order by hand of a quote."""
    return short_name("O", quote_id, attempt=attempt)


def what_if_name(user_id: str, key: str, attempt: int = 0) -> str:
    """``I-…``: a question about the past, or a rehearsal, named by who asked and their key."""
    return short_name("I", user_id, key, attempt=attempt)


def user_name(label: str, attempt: int = 0) -> str:
    """``U-…``: a person; the next of the same label takes the next attempt."""
    return short_name("U", label, attempt=attempt)


def account_name(user_id: str, venue: str) -> str:
    """``M-…``: a user's money at one venue."""
    return short_name("M", user_id, venue)


def withdrawal_address_name(user_id: str, address: str, attempt: int = 0) -> str:
    """``W-…``: where a person's money may go; added again it takes the next attempt."""
    return short_name("W", user_id, address, attempt=attempt)


def withdrawal_name(account_id: str, key: str, attempt: int = 0) -> str:
    """``D-…``: money taken out once, named by the account and the asker's key."""
    return short_name("D", account_id, key, attempt=attempt)


def credit_name(account_id: str, key: str, attempt: int = 0) -> str:
    """``K-…``: money asked for once, named by the account and the asker's key."""
    return short_name("K", account_id, key, attempt=attempt)


def api_token_name(user_id: str, key: str, attempt: int = 0) -> str:
    """``T-…``: a token a user made for a program of theirs; opens nothing."""
    return short_name("T", user_id, key, attempt=attempt)
