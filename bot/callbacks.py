"""What stands in a button: `1.<verb>.<ref>.<arg>.<expiry>.<mac>`, at most 64 bytes, no store (UX §4). Pure.

`ref` is a short name such as `A-7F3K9QX`, never a token id or an address; `mac` binds all of it to one person.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import SecretStr

VERSION: Final = "1"
BYTES_MAX: Final = 64
REF_MAX: Final = 10
_NEVER: Final = "0"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_VERB: Final = re.compile(r"[a-z0-9]{1,4}")
_REF: Final = re.compile(rf"[0-9A-Za-z_-]{{0,{REF_MAX}}}")
_ARG: Final = re.compile(r"[0-9A-Za-z_-]{0,12}")
_WHOLE: Final = re.compile(
    rf"{VERSION}\.({_VERB.pattern})\.({_REF.pattern})\.({_ARG.pattern})\.([0-9a-z]{{1,7}})\.([0-9A-Za-z_-]{{11}})"
)


@dataclass(frozen=True, slots=True)
class Tap:
    """What a button asks for: a verb, the short name of what it is about, and a word more."""

    verb: str
    ref: str = ""
    arg: str = ""

    def __post_init__(self) -> None:
        for pattern, part in ((_VERB, self.verb), (_REF, self.ref), (_ARG, self.arg)):
            if not pattern.fullmatch(part):
                raise ValueError(f"{part!r} cannot stand in a button")


class Standing(StrEnum):
    """How a button stands with who tapped it, and now."""

    GOOD = "good"
    EXPIRED = "expired"
    OLD_VERSION = "old_version"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Read:
    """A button as it was read; `tap` is None where it cannot be told or must not be."""

    standing: Standing
    tap: Tap | None = None


class Seal:
    """Writes and reads buttons with the bot's secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = hashlib.sha256(b"polycool buttons " + secret.get_secret_value().encode()).digest()

    def write(self, telegram_id: int, tap: Tap, until: datetime | None = None) -> str:
        """The button's text for one person, good until a time (None: for ever)."""
        expiry = _NEVER if until is None else base36(int(until.timestamp()))
        body = f"{VERSION}.{tap.verb}.{tap.ref}.{tap.arg}.{expiry}"
        return f"{body}.{self._mac(telegram_id, body)}"

    def read(self, telegram_id: int, text: str, now: datetime) -> Read:
        """What somebody tapped. A forged button and another person's read the same: not yours."""
        found = _WHOLE.fullmatch(text)
        if found is None:
            version, dot, _ = text.partition(".")
            old = bool(dot) and version.isascii() and version.isdigit() and version != VERSION
            return Read(Standing.OLD_VERSION if old else Standing.NOT_YOURS)
        body, _, mac = text.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(telegram_id, body).encode()):
            return Read(Standing.NOT_YOURS)
        verb, ref, arg, expiry, _ = found.groups()
        over = expiry != _NEVER and now.timestamp() > int(expiry, 36)
        return Read(Standing.EXPIRED if over else Standing.GOOD, Tap(verb, ref, arg))

    def _mac(self, telegram_id: int, body: str) -> str:
        digest = hmac.new(self._key, f"{telegram_id}.{body}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:8]).rstrip(b"=").decode()


def base36(number: int) -> str:
    """A number ≥ 0 in as few letters and digits as 36 signs allow."""
    if number < 0:
        raise ValueError("only numbers from 0 on")
    signs = ""
    while number >= 36:
        number, rest = divmod(number, 36)
        signs = _DIGITS[rest] + signs
    return _DIGITS[number] + signs
