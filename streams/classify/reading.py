"""Bytes of the topic `trades` read as far as is needed: an unwatched wallet costs a lookup, a watched one a model.

A message whose wallet nobody watches is counted and let go; what cannot be read is a dead letter, whosever it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
import pydantic

from schemas.enums import DeadLetterReason
from schemas.trades import TradeSeen
from streams.kafka.guard import DeadMessage, Received
from streams.kafka.reading import faults
from streams.kafka.roles import Held, RoleBook

# DESIGN §5: the indexer's clock may be off by this much; beyond it the time is wrong.
AHEAD_MAX: Final = timedelta(minutes=5)
_WALLET: Final = re.compile(r"0x[0-9a-f]{40}")
_TOKEN: Final = re.compile(r"[0-9]{1,78}")


@dataclass(frozen=True, slots=True)
class Watched:
    """A readable message of a watched wallet, and the roles it is sorted by."""

    received: Received
    trade: TradeSeen
    held: Held


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that becomes a dead letter; ``wallet`` when it is known and watched (its positions become unsure)."""

    dead: DeadMessage
    wallet: str | None


def read(received: Received, book: RoleBook) -> Watched | Refused | None:
    """What a message is; None for one of an unwatched wallet."""
    key = key_of(received)
    value = received.value
    if value is None:
        return _refused(received, DeadLetterReason.UNREADABLE, "a message without a value", key, book)
    try:
        loose = orjson.loads(value)
        wallet = loose["wallet"].lower()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _refused(received, DeadLetterReason.UNREADABLE, _unreadable(value), key, book)
    held = book.of(wallet)
    if held is None and not _WALLET.fullmatch(wallet):
        return _refused(received, DeadLetterReason.UNREADABLE, _unreadable(value), key, book)
    if wallet != key:
        detail = f"the key is {key[:80]}, the wallet {wallet}: its messages would not stay in order"
        return _refused(received, DeadLetterReason.WRONG_KEY, detail, wallet, book)
    return None if held is None else _watched(received, value, held)


def _watched(received: Received, value: bytes, held: Held) -> Watched | Refused:
    wallet = key_of(received)
    try:
        trade = TradeSeen.decode(value)
    except pydantic.ValidationError as fault:
        return Refused(DeadMessage(received, DeadLetterReason.UNREADABLE, faults(fault)), wallet)
    ahead = trade.traded_at - received.appended_at
    if ahead > AHEAD_MAX:
        detail = f"traded_at is {ahead.total_seconds():.0f} s ahead of the broker's clock"
        return Refused(DeadMessage(received, DeadLetterReason.IN_THE_FUTURE, detail), wallet)
    if not trade.consistent:
        detail = f"usdc {trade.usdc} is over 25 % off size {trade.size} × price {trade.price}"
        return Refused(DeadMessage(received, DeadLetterReason.INCONSISTENT, detail), wallet)
    return Watched(received, trade, held)


def named_token(received: Received) -> str | None:
    """The token that a message names, as far as it can be read at all."""
    try:
        token_id = orjson.loads(received.value or b"")["token_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return token_id if isinstance(token_id, str) and _TOKEN.fullmatch(token_id) else None


def _unreadable(value: bytes) -> str:
    """Ask the model for a better sentence than the quick look has."""
    try:
        TradeSeen.decode(value)
    except pydantic.ValidationError as named:
        return faults(named)
    return "no wallet could be read"


def key_of(received: Received) -> str:
    """The message's key as text, lower-cased: the wallet, when it is one."""
    return (received.key or b"").decode("utf-8", "replace").lower()


def _refused(
    received: Received, reason: DeadLetterReason, detail: str, wallet: str, book: RoleBook
) -> Refused:
    return Refused(DeadMessage(received, reason, detail), wallet if book.of(wallet) is not None else None)
