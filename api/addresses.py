"""What somebody sent as a wallet, read into addresses and names (UX S4a). Pure; nothing sent is ever fetched."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from eth_utils.address import to_checksum_address

TEXT_LENGTH_MAX: Final = 2_000
ADDRESSES_MAX: Final = 10
HEX_CHARACTERS: Final = 40
_HEX_WORD: Final = re.compile(r"0[xX](.*)")
_BARE_ADDRESS: Final = re.compile(r"[0-9a-fA-F]{40}")
# As long as a private key or a transaction's hash.
_BARE_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")
_NAME: Final = re.compile(r"@?([\w.-]{1,64})")
_HOSTS: Final = ("polymarket.com", "www.polymarket.com")
_PLACE: Final = re.compile(r"(?:/[a-z]{2})?/(?:profile/)?(@?[^/]+)/?")
_BETWEEN: Final = re.compile(r"[\s,;|<>()\[\]\"'“”«»]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a word is no wallet: the key of its sentence, how many hex characters it had where that is the fault, and the
    wallet it would be where only its checksum is wrong."""

    key: str
    hex_characters: int = 0
    wallet: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in the text: wallets (lower case, each once, in order), else a name to look up, else a fault."""

    wallets: tuple[str, ...] = ()
    name: str | None = None
    fault: Fault | None = None


NOTHING: Final = Read(fault=Fault("resolve.nothing"))


def read(text: str, *, ignore_checksum: bool = False) -> Read:
    """Read what was sent. Words beside an address are no fault; without an address the first fault is told, and a
    single word that could be one is a name."""
    words = [word for word in _BETWEEN.split(_visible(text)) if word]
    joined = "".join(words)
    if len(words) > 1 and re.fullmatch(r"0[xX][0-9a-fA-F]{40}", joined):
        words = [joined]
    found = [_word(word, ignore_checksum=ignore_checksum) for word in words]
    wallets = tuple(dict.fromkeys(wallet for one in found for wallet in one.wallets))
    if wallets:
        return Read(wallets[:ADDRESSES_MAX])
    named = [one for one in found if one.name is not None]
    faults = [one for one in found if one.fault is not None and one.fault.key != "resolve.nothing"]
    if faults:
        return faults[0]
    # A sentence is no name; a link to a profile in it is one.
    linked = [
        one for one, word in zip(found, words, strict=True) if one.name and ("/" in word or "@" in word)
    ]
    return linked[0] if linked else (named[0] if len(words) == 1 and named else NOTHING)


def _visible(text: str) -> str:
    """The text without what nobody sees: zero-width signs, marks of direction, soft hyphens, control characters."""
    folded = unicodedata.normalize("NFKC", text[:TEXT_LENGTH_MAX])
    return "".join(
        sign if sign.isspace() or not unicodedata.category(sign).startswith("C") else "" for sign in folded
    )


def _word(word: str, *, ignore_checksum: bool) -> Read:
    if "/" in word:
        return _link(word, ignore_checksum=ignore_checksum)
    word = word.strip(".:!?*_`")
    if word.lower().endswith(".eth"):
        return Read(fault=Fault("resolve.ens"))
    hexadecimal = _HEX_WORD.fullmatch(word)
    if hexadecimal:
        return _address(hexadecimal[1], ignore_checksum=ignore_checksum)
    if _BARE_ADDRESS.fullmatch(word) or _BARE_HASH.fullmatch(word):
        return _address(word, ignore_checksum=ignore_checksum)
    name = _NAME.fullmatch(word)
    return Read(name=name[1]) if name else NOTHING


def _address(digits: str, *, ignore_checksum: bool) -> Read:
    count = sum(sign in "0123456789abcdefABCDEF" for sign in digits)
    if count != HEX_CHARACTERS or len(digits) != count:
        return Read(fault=Fault("resolve.hex_count", count))
    mixed = digits != digits.lower() and digits != digits.upper()
    if mixed and not ignore_checksum and to_checksum_address(f"0x{digits.lower()}")[2:] != digits:
        return Read(fault=Fault("resolve.checksum", wallet=f"0x{digits.lower()}"))
    return Read((f"0x{digits.lower()}",))


def _link(word: str, *, ignore_checksum: bool) -> Read:
    try:
        parts = urlsplit(word if "://" in word else f"https://{word}")
        host = parts.hostname
    except ValueError:
        return NOTHING
    if parts.scheme not in ("http", "https") or host not in _HOSTS or parts.username is not None:
        return NOTHING
    place = _PLACE.fullmatch(unquote(parts.path))
    if place is None:
        return NOTHING
    if place[1].startswith("@") or _HEX_WORD.fullmatch(place[1]):
        return _word(place[1], ignore_checksum=ignore_checksum)
    return NOTHING
