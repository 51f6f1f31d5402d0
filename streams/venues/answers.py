"""An answer of the exchange to a POST of an order, sorted (polymarket.md §2.5, §2.6). Pure.

Only words that are documented to mean "not placed" count as a refusal. Everything else is unknown: a time-out, a reset,
a 5xx, a body that cannot be read, "Duplicated", and words nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import orjson

from schemas.enums import RejectReason
from streams.venues.limits import Limits, limits_of, wait_seconds
from streams.venues.refusals import AMBIGUOUS, CLOSED_FOR_NOW, DUPLICATED, KILLED, REFUSED

WORDS_MAX: Final = 300
# Of one order's match: what names more, or stranger things, is no answer of the exchange.
_TRADES_MAX: Final = 1_000
_TRADE_ID_MAX: Final = 200
_REFUSING: Final = frozenset((400, 401, 403, 404))
_OPEN: Final = ("live", "delayed", "unmatched")


class Verdict(StrEnum):
    """What an answer says about the order."""

    MATCHED = "matched"
    KILLED = "killed"
    REJECTED = "rejected"
    WAIT = "wait"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """A sorted answer; ``words`` are the exchange's own, ``wait_seconds`` is given with ``WAIT``.

    ``arrived``: the exchange has these bytes (it says "Duplicated"), whatever became of them. ``limited``: the wait is
    this signer's or address' own (429), not the exchange's. ``limits`` as the headers tell them, with any verdict.
    """

    verdict: Verdict
    words: str = ""
    reject_reason: RejectReason | None = None
    trade_ids: tuple[str, ...] = ()
    wait_seconds: float = 0.0
    arrived: bool = False
    limited: bool = False
    limits: Limits | None = None


def sort_answer(status: int, body: bytes, headers: Mapping[str, str], order_hash: str) -> Answer:
    """Sort an HTTP answer; ``headers`` must answer to lower-case names."""
    try:
        said = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        said = None
    return replace(_sort(status, said, body, headers, order_hash.lower()), limits=limits_of(headers))


def _sort(status: int, said: object, body: bytes, headers: Mapping[str, str], order_hash: str) -> Answer:
    words = _words(said, body)
    told = said.get("retry_after_seconds") if isinstance(said, dict) else None
    if status in {425, 429}:
        seconds = wait_seconds(headers, told)
        return Answer(Verdict.WAIT, words, wait_seconds=seconds, limited=status == 429)
    if status == 503 and _names(words, CLOSED_FOR_NOW):
        return Answer(Verdict.WAIT, words, wait_seconds=wait_seconds(headers, told))
    if status == 200 and isinstance(said, dict):
        return _sort_placed(said, words, order_hash)
    if status in _REFUSING and isinstance(said, dict) and words:
        return _sort_words(words)
    return Answer(Verdict.UNKNOWN, words or f"HTTP {status}")


def _sort_placed(said: Mapping[str, object], words: str, order_hash: str) -> Answer:
    name, status = said.get("orderID"), said.get("status")
    ours = isinstance(name, str) and name.lower() == order_hash
    if words:
        # An error beside our order's own name contradicts itself: nothing is proven by it.
        return Answer(Verdict.UNKNOWN, words) if ours and status else _sort_words(words)
    if said.get("success") is not True or not ours:
        return Answer(
            Verdict.UNKNOWN, "an answer that names another order" if name else "an answer without an order"
        )
    trades = _trades(said.get("tradeIDs") or [])
    if trades is None:
        return Answer(Verdict.UNKNOWN, "an answer whose trades cannot be read")
    if status == "matched":
        return Answer(Verdict.MATCHED, trade_ids=trades)
    if status in _OPEN:
        return Answer(Verdict.ACCEPTED, str(status), trade_ids=trades)
    return Answer(Verdict.UNKNOWN, clean(f"status {status}")[:50])


def _sort_words(words: str) -> Answer:
    if _names(words, AMBIGUOUS):
        return Answer(Verdict.UNKNOWN, words, arrived=_names(words, DUPLICATED))
    if _names(words, KILLED):
        return Answer(Verdict.KILLED, words)
    lowered = words.lower()
    for part, reason in REFUSED:
        if part in lowered:
            return Answer(Verdict.REJECTED, words, reject_reason=reason)
    return Answer(Verdict.UNKNOWN, words)


def _names(words: str, parts: Sequence[str]) -> bool:
    lowered = words.lower()
    return any(part in lowered for part in parts)


def _trades(said: object) -> tuple[str, ...] | None:
    if not isinstance(said, list) or len(said) > _TRADES_MAX:
        return None
    names = [
        each for each in said if isinstance(each, str) and each.isprintable() and len(each) <= _TRADE_ID_MAX
    ]
    return tuple(names) if len(names) == len(said) else None


def _words(said: object, body: bytes) -> str:
    if isinstance(said, dict):
        for name in ("error", "errorMsg", "code"):
            found = said.get(name)
            if isinstance(found, str) and found:
                return clean(found)
        return ""
    return clean(body[: 4 * WORDS_MAX].decode(errors="replace")) if body else ""


def clean(words: str) -> str:
    """Words as they may be stored and shown: no control signs (a database refuses NUL), no more than are useful."""
    return "".join(letter if letter.isprintable() else " " for letter in words[:WORDS_MAX]).strip()
