"""The fault in a dead letter's bytes is shown at its place, in the text and in hex."""

from __future__ import annotations

import orjson
import pytest

from ops.letters.marking import Fault, fault_of, hex_lines, text_lines
from schemas.trades import TradeSeen
from tests.streams.door import fill, wallet

GOOD = orjson.dumps(fill(wallet(1)))


def _spoilt(**changes: object) -> bytes:
    return orjson.dumps(fill(wallet(1)) | changes)


@pytest.mark.parametrize(
    ("body", "at", "words"),
    [
        (b"ab\xffcd", b"\xff", "byte 0xff is no UTF-8"),
        (b'{"a": 1,, "b": 2}', b', "b"', "no JSON"),
        ('{"é": nope}'.encode(), b"nope", "no JSON"),
        (_spoilt(side="HOLD"), b'"side"', "side"),
        (_spoilt(usdc=5), b'"usdc"', "usdc"),
        (GOOD.replace(b'"size":"10",', b""), b"}", "size: Field required"),
    ],
)
def test_the_fault_stands_at_its_place(body: bytes, at: bytes, words: str) -> None:
    """By byte, so that text and hex mark the same."""
    fault = fault_of(body, TradeSeen)
    assert fault is not None
    assert body[fault.place :].startswith(at), body[fault.place :]
    assert words in fault.words
    marked = [line for line in hex_lines(body, fault) if f"[{body[fault.place]:02x}]" in line]
    assert len(marked) == 1
    assert int(marked[0].split()[0], 16) == fault.place // 16 * 16
    text, caret = text_lines(body, fault)
    assert text[caret.index("^") :][:1] == (at[:1].decode("utf-8", "backslashreplace"))[:1]


def test_what_this_version_can_read_has_no_fault() -> None:
    """As after a mend; the text is shown all the same."""
    assert fault_of(GOOD, TradeSeen) is None
    assert text_lines(b"a\x00b", None) == ["a\\x00b"]
    assert hex_lines(b"a\x00b", None) == [f"00000000 {' 61  00  62 ':<64} a.b"]


def test_a_long_body_is_shown_around_its_fault() -> None:
    """What is left out is counted."""
    body = b"x" * 1_000
    lines = hex_lines(body, Fault(500, "here"))
    assert (lines[0], lines[-1]) == ("… 432 bytes before", "… 424 bytes after")
    text, _caret = text_lines(body, Fault(500, "here"))
    assert text == "…" + "x" * 120 + "…"
