"""A message's bytes as text and in hex, with the fault marked at its place. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson
import pydantic

from schemas.base import Message

# Characters of text on each side of the fault; a line of hex.
AROUND: Final = 60
HEX_BYTES: Final = 16
# Lines of hex on each side of the fault.
HEX_AROUND: Final = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What this version finds wrong, and at which byte."""

    place: int
    words: str


def fault_of(body: bytes, kind: type[Message] | None) -> Fault | None:
    """The first fault of bytes that should be such a message; none when this version can read them."""
    try:
        body.decode()
    except UnicodeDecodeError as fault:
        return Fault(fault.start, f"byte 0x{body[fault.start]:02x} is no UTF-8")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        place = len(body.decode()[: fault.pos].encode())
        return Fault(min(place, len(body)), f"no JSON: {str(fault).split(': line')[0]}")
    if kind is None:
        return None
    try:
        kind.decode(body)
    except pydantic.ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        return Fault(_place(body, path), f"{'.'.join(path) or 'message'}: {first['msg']}")
    return None


def text_lines(body: bytes, fault: Fault | None) -> list[str]:
    """The text around the fault with a caret under it; all of it, cut, where there is none."""
    if fault is None:
        return [_plain(body[: 4 * AROUND])]
    before, after = body[max(0, fault.place - AROUND) : fault.place], body[fault.place : fault.place + AROUND]
    left = ("…" if fault.place > AROUND else "") + _plain(before)
    right = _plain(after) + ("…" if fault.place + AROUND < len(body) else "")
    return [left + right, f"{' ' * len(left)}^ {fault.words}"]


def hex_lines(body: bytes, fault: Fault | None) -> list[str]:
    """Offsets, bytes and characters; the faulty byte stands in brackets. Cut to the neighbourhood of the fault."""
    middle = 0 if fault is None else fault.place // HEX_BYTES
    first = max(0, middle - HEX_AROUND)
    last = min((len(body) - 1) // HEX_BYTES, middle + HEX_AROUND)
    lines = list(_hex(body, range(first, last + 1), None if fault is None else fault.place))
    return (
        ([f"… {first * HEX_BYTES} bytes before"] if first else [])
        + lines
        + (
            [f"… {len(body) - (last + 1) * HEX_BYTES} bytes after"]
            if (last + 1) * HEX_BYTES < len(body)
            else []
        )
    )


def _hex(body: bytes, numbers: range, marked: int | None) -> Iterator[str]:
    for number in numbers:
        start = number * HEX_BYTES
        row = body[start : start + HEX_BYTES]
        cells = "".join(
            f"[{byte:02x}]" if start + at == marked else f" {byte:02x} " for at, byte in enumerate(row)
        )
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{start:08x} {cells:<{4 * HEX_BYTES}} {shown}"


def _place(body: bytes, path: list[str]) -> int:
    """Where the named field stands; the end of the message where it is missing."""
    at = 0
    for name in path:
        found = body.find(orjson.dumps(name), at)
        if found < 0:
            return max(0, len(body.rstrip()) - 1)
        at = found
    return at


def _plain(part: bytes) -> str:
    text = part.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
