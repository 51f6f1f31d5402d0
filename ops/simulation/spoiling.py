"""Bad bytes made from good ones by chance: cut, flipped, swollen, with wrong kinds in any place, or no JSON at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

import orjson

WILD: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 1, 2**53, 2**63 - 1, -(2**63), 0.1, 1e308, -1e-300, "", " ", "0", "-0", "1e9",
    "1E-400", "NaN", "Infinity", "0x", "0x" + "g" * 40, "0x" + "1e" * 20, "9" * 100, "0." + "0" * 40 + "1",
    "1" * 31, "0.5", "BUY", "sell", "2026-11-22T12:00:00Z", "2026-11-22", "9999-12-31T23:59:59.999999999Z",
    "0000-00-00T00:00:00Z", "\u0000", "\ud7ff", "٣", "٠.٥", "½", "A" * 5_000, [], {}, [[]], [None],
    {"a": {"b": []}}, "undefined", "trade", "undone", "copy_leader",
)  # fmt: skip
RAW: Final = (
    b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"{}", b"NaN", b"-", b'"', b"{", b"[" * 2_000, b'{"a":' * 600,
    b"1" * 4_000, b'{"wallet": NaN}', b'{"wallet":"\xff"}', b'\xef\xbb\xbf{}', b'{"a":1,"a":2}', b"1e999999",
    b"0x10", b"true false",
)  # fmt: skip


def spoilt(chance: Random, good: Sequence[bytes]) -> bytes:
    """One input: usually a good one with one to three things wrong, sometimes bytes without any sense."""
    kind = chance.random()
    if kind < 0.05:
        return chance.choice(RAW)
    if kind < 0.1:
        return chance.randbytes(chance.randrange(1, 200))
    sample = chance.choice(good)
    if kind < 0.3:
        return _bytes_changed(chance, sample)
    said = orjson.loads(sample)
    for _ in range(chance.randint(1, 3)):
        said = chance.choice(_CHANGES)(chance, said)
    return orjson.dumps(said)


def _bytes_changed(chance: Random, sample: bytes) -> bytes:
    place = chance.randrange(len(sample) + 1)
    changed = bytearray(sample)
    match chance.randrange(4):
        case 0:
            return bytes(changed[:place])
        case 1:
            changed[place:place] = chance.randbytes(chance.randrange(1, 8))
        case 2:
            del changed[place : place + chance.randrange(1, 12)]
        case _:
            for _ in range(chance.randint(1, 4)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _field_wild(chance: Random, said: Any) -> Any:
    if isinstance(said, dict) and said:
        name = chance.choice(list(said))
        inner = said[name]
        value = (
            _field_wild(chance, inner) if isinstance(inner, dict | list) and inner else chance.choice(WILD)
        )
        return said | {name: value}
    if isinstance(said, list) and said:
        place = chance.randrange(len(said))
        return [*said[:place], _field_wild(chance, said[place]), *said[place + 1 :]]
    return chance.choice(WILD)


def _field_gone(chance: Random, said: Any) -> Any:
    if isinstance(said, dict) and said:
        gone = chance.choice(list(said))
        return {name: value for name, value in said.items() if name != gone}
    return said


def _field_more(chance: Random, said: Any) -> Any:
    if isinstance(said, dict):
        name = chance.choice(["extra", "source", "schema_version", "", "__class__", "wallet ", "NaN"])
        return said | {name: chance.choice(WILD)}
    return [said]


def _text_changed(chance: Random, said: Any) -> Any:
    if not isinstance(said, dict):
        return said
    texts = [name for name, value in said.items() if isinstance(value, str)]
    if not texts:
        return said
    name = chance.choice(texts)
    text = said[name]
    changed = chance.choice(
        (text.upper(), text + text, text[:-1], text + " ", "-" + text, text + "\n", "0" + text)
    )
    return said | {name: changed}


_CHANGES: Final[Sequence[Callable[[Random, Any], Any]]] = (
    _field_wild,
    _field_wild,
    _field_gone,
    _field_more,
    _text_changed,
)
