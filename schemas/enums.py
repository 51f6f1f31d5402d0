"""Closed sets, one spelling each: topic, enum, table, route, button (DESIGN §3)."""

from __future__ import annotations

from enum import StrEnum


class AddressType(StrEnum):
    """What a watched wallet is to us. A wallet may be both."""

    COPY_LEADER = "copy_leader"
    SMART_TRADER = "smart_trader"


# Spellings seen at the edge; everything else is refused (DESIGN §3).
IMPORTED_ADDRESS_TYPES = {
    "copy_leader": AddressType.COPY_LEADER,
    "external_leader": AddressType.COPY_LEADER,
    "smart_trader": AddressType.SMART_TRADER,
    "smart_wallet": AddressType.SMART_TRADER,
}


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class TradeKind(StrEnum):
    """Only ``trade`` can be copied; the others move positions."""

    TRADE = "trade"
    REDEEM = "redeem"
    MERGE = "merge"
    SPLIT = "split"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    UNDONE = "undone"


class Source(StrEnum):
    """The door a trade came through; set by the door, never taken from a body (SAFETY R9)."""

    CHAIN = "chain"
    WEBHOOK = "webhook"
    FORMER = "former"
    FILE = "file"
    GENERATED = "generated"


class Venue(StrEnum):
    PAPER = "paper"
    POLYMARKET = "polymarket"


class CopyMode(StrEnum):
    FIXED_AMOUNT = "fixed_amount"
    PROPORTIONAL = "proportional"
    MULTIPLIER = "multiplier"


class BelowMinimum(StrEnum):
    SKIP = "skip"
    RAISE = "raise"
    CARRY = "carry"


class Entries(StrEnum):
    ALL = "all"
    FIRST_ONLY = "first_only"


class AllocationState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSING = "closing"
    ENDED = "ended"


class CopyState(StrEnum):
    """``waiting → planned → submitting → (filled | partial | unfilled | rejected | unknown)``, and skipped, expired."""

    WAITING = "waiting"
    PLANNED = "planned"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    FILLED = "filled"
    PARTIAL = "partial"
    UNFILLED = "unfilled"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    EXPIRED = "expired"


OPEN_COPY_STATES = frozenset({CopyState.WAITING, CopyState.PLANNED, CopyState.SUBMITTING, CopyState.UNKNOWN})
ENDED_COPY_STATES = frozenset(CopyState) - OPEN_COPY_STATES


class OrderState(StrEnum):
    """``signed → submitting → (matched | killed | rejected | unknown) → settled | failed``."""

    SIGNED = "signed"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    MATCHED = "matched"
    KILLED = "killed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    DROPPED = "dropped"
    SETTLED = "settled"
    FAILED = "failed"


OPEN_ORDER_STATES = frozenset(
    {OrderState.SIGNED, OrderState.SUBMITTING, OrderState.ACCEPTED, OrderState.UNKNOWN}
)


class Reason(StrEnum):
    """Why a copy order ended as it did (RULES §3, §4; SAFETY)."""

    OWN_WALLET = "OWN_WALLET"
    COPY_OF_COPY = "COPY_OF_COPY"
    BEFORE_FOLLOWING = "BEFORE_FOLLOWING"
    SOURCE = "SOURCE"
    BUYS_STOPPED = "BUYS_STOPPED"
    PAUSED = "PAUSED"
    BUYS_OFF = "BUYS_OFF"
    SELLS_OFF = "SELLS_OFF"
    TOO_OLD = "TOO_OLD"
    MARKET_UNKNOWN = "MARKET_UNKNOWN"
    MARKET_CLOSED = "MARKET_CLOSED"
    MARKET_ENDING = "MARKET_ENDING"
    CATEGORY = "CATEGORY"
    KEYWORD = "KEYWORD"
    LEADER_TRADE_SMALL = "LEADER_TRADE_SMALL"
    LEADER_TRADE_LARGE = "LEADER_TRADE_LARGE"
    PRICE_BAND = "PRICE_BAND"
    SAME_LEADER_ORDER = "SAME_LEADER_ORDER"
    ALREADY_IN = "ALREADY_IN"
    MAX_ADDS = "MAX_ADDS"
    LEADER_VALUE_UNKNOWN = "LEADER_VALUE_UNKNOWN"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    CARRIED = "CARRIED"
    TRADE_LIMIT = "TRADE_LIMIT"
    BUDGET = "BUDGET"
    LOSS_LIMIT = "LOSS_LIMIT"
    MARKET_LIMIT = "MARKET_LIMIT"
    DAY_LIMIT = "DAY_LIMIT"
    LIVE_DAY_CAP = "LIVE_DAY_CAP"
    BALANCE = "BALANCE"
    NOTHING_TO_SELL = "NOTHING_TO_SELL"
    THIN_MARKET = "THIN_MARKET"
    LEADER_OUT = "LEADER_OUT"
    LEADER_FLOOD = "LEADER_FLOOD"
    FOLLOWING_ENDED = "FOLLOWING_ENDED"
    NOT_FOUND = "NOT_FOUND"


class RejectReason(StrEnum):
    """What the exchange's refusal means (UX §3)."""

    NOT_ENOUGH = "NOT_ENOUGH"
    TICK = "TICK"
    SIZE = "SIZE"
    SIGNATURE = "SIGNATURE"
    REGION = "REGION"
    CLOSE_ONLY = "CLOSE_ONLY"
    BANNED = "BANNED"
    NO_BOOK = "NO_BOOK"
    UNAUTHORIZED = "UNAUTHORIZED"
    OTHER = "OTHER"


class DeadLetterReason(StrEnum):
    """Why a message could not be handled."""

    UNREADABLE = "UNREADABLE"
    TOO_LARGE = "TOO_LARGE"
    WRONG_KEY = "WRONG_KEY"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    INCONSISTENT = "INCONSISTENT"
    CONFLICTING_DUPLICATE = "CONFLICTING_DUPLICATE"
    SAME_FILL_OTHER_ID = "SAME_FILL_OTHER_ID"
    UNDONE_UNKNOWN = "UNDONE_UNKNOWN"
    FAILED = "FAILED"


class SignalReason(StrEnum):
    """Why a smart trader's message made no signal (RULES §7)."""

    NOT_A_TRADE = "NOT_A_TRADE"
    NOT_A_BUY = "NOT_A_BUY"
    PRICE_TOO_HIGH = "PRICE_TOO_HIGH"
    WIN_RATE_LOW = "WIN_RATE_LOW"
    TOO_OLD = "TOO_OLD"
    MARKET_UNKNOWN = "MARKET_UNKNOWN"
    MARKET_CLOSED = "MARKET_CLOSED"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"


class LetterState(StrEnum):
    """What has become of a dead letter: `dead`, nothing; `redriving`, its message is sent again and not answered;
    `redriven`, it was taken; `repeated`, it came back as another letter; `quarantined`, an operator put it away;
    `unsendable`, its message cannot be had whole any more or is too large: the note says what to do."""

    DEAD = "dead"
    REDRIVING = "redriving"
    REDRIVEN = "redriven"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"
    UNSENDABLE = "unsendable"


class RedrivePace(StrEnum):
    """How much of a plan is redriven: the first letter, the first ten, or all in growing steps."""

    ONE = "one"
    CANARY = "canary"
    RAMP = "ramp"
