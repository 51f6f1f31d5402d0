"""An answer of the exchange to a POST of an order, sorted (polymarket.md §2.5, §2.6). Pure.

Only words that are documented to mean "not placed" count as a refusal. Everything else is unknown: a time-out, a reset,
a 5xx, a body that cannot be read, "Duplicated", and words nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson

from schemas.enums import RejectReason

WORDS_MAX: Final = 300
_WAIT_SECONDS: Final = 1.0
_WAIT_SECONDS_MAX: Final = 120.0


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

    ``arrived``: the exchange has these bytes (it says "Duplicated"), whatever became of them.
    """

    verdict: Verdict
    words: str = ""
    reject_reason: RejectReason | None = None
    trade_ids: tuple[str, ...] = ()
    wait_seconds: float = 0.0
    arrived: bool = False


# Lower-case part of the words → what it means; the first that fits counts.
_KILLED: Final = ("no orders found to match with fak order", "fok orders are fully filled or killed")
_AMBIGUOUS: Final = ("duplicated", "context canceled", "delayed due to market conditions")
_REFUSED: Final = (
    ("not enough balance", RejectReason.NOT_ENOUGH),
    ("allowance is not enough", RejectReason.NOT_ENOUGH),
    ("breaks minimum tick size", RejectReason.TICK),
    ("lower than the minimum", RejectReason.SIZE),
    ("invalid amount for a marketable buy order", RejectReason.SIZE),
    ("max accuracy of", RejectReason.SIZE),
    ("invalid signature", RejectReason.SIGNATURE),
    ("order_version_mismatch", RejectReason.SIGNATURE),
    ("signer address has to be", RejectReason.SIGNATURE),
    ("address banned", RejectReason.BANNED),
    ("closed only mode", RejectReason.CLOSE_ONLY),
    ("restricted in your region", RejectReason.REGION),
    ("maker address not allowed", RejectReason.UNAUTHORIZED),
    ("owner has to be the owner of the api key", RejectReason.UNAUTHORIZED),
    ("invalid api key", RejectReason.UNAUTHORIZED),
    ("unauthorized", RejectReason.UNAUTHORIZED),
    ("invalid l1 request headers", RejectReason.UNAUTHORIZED),
    ("no orderbook exists", RejectReason.NO_BOOK),
    ("market not found", RejectReason.NO_BOOK),
    ("not yet ready to process new orders", RejectReason.NO_BOOK),
    ("invalid order payload", RejectReason.OTHER),
    ("invalid expiration", RejectReason.OTHER),
    ("crosses the book", RejectReason.OTHER),
    ("post-only order: order crosses book", RejectReason.OTHER),
    ("canceled in the ctf exchange contract", RejectReason.OTHER),
    ("too many orders in payload", RejectReason.OTHER),
)  # fmt: skip
_WAITING: Final = ("trading is currently disabled", "cancel-only", "post-only mode")


def sort_answer(status: int, body: bytes, headers: Mapping[str, str], order_hash: str) -> Answer:
    """Sort an HTTP answer; ``headers`` must answer to lower-case names."""
    try:
        said = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        said = None
    words = _words(said, body)
    if status in {425, 429}:
        return Answer(Verdict.WAIT, words, wait_seconds=_wait_seconds(headers, said))
    if status == 503 and any(part in words.lower() for part in _WAITING):
        return Answer(Verdict.WAIT, words, wait_seconds=_wait_seconds(headers, said))
    if status == 200 and isinstance(said, dict):
        return _sort_placed(said, words, order_hash)
    if status in (400, 401, 403, 404) and isinstance(said, dict) and words:
        return _sort_words(words)
    return Answer(Verdict.UNKNOWN, words or f"HTTP {status}")


def _sort_placed(said: Mapping[str, object], words: str, order_hash: str) -> Answer:
    if words:
        return _sort_words(words)
    status, name = said.get("status"), said.get("orderID")
    if said.get("success") is not True or not isinstance(name, str) or name.lower() != order_hash:
        return Answer(
            Verdict.UNKNOWN, "an answer that names another order" if name else "an answer without an order"
        )
    trades = said.get("tradeIDs") or []
    if not isinstance(trades, list) or not all(isinstance(trade, str) for trade in trades):
        return Answer(Verdict.UNKNOWN, "an answer whose trades cannot be read")
    if status == "matched":
        return Answer(Verdict.MATCHED, trade_ids=tuple(trades))
    if status in ("live", "delayed", "unmatched"):
        return Answer(Verdict.ACCEPTED, str(status), trade_ids=tuple(trades))
    return Answer(Verdict.UNKNOWN, f"status {str(status)[:40]}")


def _sort_words(words: str) -> Answer:
    lowered = words.lower()
    if any(part in lowered for part in _AMBIGUOUS):
        return Answer(Verdict.UNKNOWN, words, arrived="duplicated" in lowered)
    if any(part in lowered for part in _KILLED):
        return Answer(Verdict.KILLED, words)
    for part, reason in _REFUSED:
        if part in lowered:
            return Answer(Verdict.REJECTED, words, reject_reason=reason)
    return Answer(Verdict.UNKNOWN, words)


def _words(said: object, body: bytes) -> str:
    if isinstance(said, dict):
        for name in ("error", "errorMsg"):
            found = said.get(name)
            if isinstance(found, str) and found:
                return found[:WORDS_MAX]
        return ""
    return body[:WORDS_MAX].decode(errors="replace") if body else ""


def _wait_seconds(headers: Mapping[str, str], said: object) -> float:
    told: object = headers.get("retry-after")
    if told is None and isinstance(said, dict):
        told = said.get("retry_after_seconds")
    try:
        seconds = float(told) if isinstance(told, str | int | float) else _WAIT_SECONDS
    except ValueError:
        seconds = _WAIT_SECONDS
    return _WAIT_SECONDS if math.isnan(seconds) else min(max(seconds, _WAIT_SECONDS / 10), _WAIT_SECONDS_MAX)
