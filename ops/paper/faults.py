"""The named faults: what each does to a request, as fields of a rule of conduct (``conduct.Rule``).

A rule may name a fault and change any of its fields: ``{"fault": "accept_then_hang", "share": 0.1, "seconds": 30}``.
Words and codes are the exchange's own (polymarket.md §2.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final


class Deed(StrEnum):
    """What a rule does to a request; see the table in ``conduct``."""

    ANSWER_INSTEAD = "answer_instead"
    ANSWER_AFTER = "answer_after"
    WAIT_BEFORE = "wait_before"
    WAIT_AFTER = "wait_after"
    CUT_INSTEAD = "cut_instead"
    CUT_AFTER = "cut_after"
    GARBLE_INSTEAD = "garble_instead"
    GARBLE_AFTER = "garble_after"
    REST = "rest"
    REST_THEN_FILL = "rest_then_fill"
    REST_THEN_KILL = "rest_then_kill"
    FILL_PART = "fill_part"
    FAIL_SETTLEMENT = "fail_settlement"
    LAG_BALANCE = "lag_balance"


class Fault(StrEnum):
    """The names that a rule, a campaign or a test may use."""

    ACCEPT_THEN_HANG = "accept_then_hang"
    ACCEPT_THEN_CUT = "accept_then_cut"
    ACCEPT_THEN_500 = "accept_then_500"
    ACCEPT_THEN_MALFORMED = "accept_then_malformed"
    ACCEPT_THEN_DUPLICATED = "accept_then_duplicated"
    ARRIVE_LATE = "arrive_late"
    SLOW = "slow"
    REFUSE_LATE = "refuse_late"
    CUT = "cut"
    MALFORMED = "malformed"
    SERVER_ERROR = "server_error"
    NOT_INSERTED = "not_inserted"
    RESTARTING = "restarting"
    MAINTENANCE = "maintenance"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY = "post_only"
    RATE_LIMITED = "rate_limited"
    PARTIAL_FILL = "partial_fill"
    SETTLEMENT_FAILS = "settlement_fails"
    BALANCE_LAGS = "balance_lags"
    DELAYED_THEN_MATCHED = "delayed_then_matched"
    DELAYED_THEN_KILLED = "delayed_then_killed"
    RESTS_DELAYED = "rests_delayed"
    RESTS_LIVE = "rests_live"
    RESTS_UNMATCHED = "rests_unmatched"


DUPLICATED: Final = "order {order_id} is invalid. Duplicated."
RESTART_WORDS: Final = "the matching engine is restarting"
DISABLED_WORDS: Final = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY_WORDS: Final = (
    "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
)
POST_ONLY_WORDS: Final = "post-only mode: only post-only orders and cancels are allowed"
POST_ONLY_CODE: Final = "post_only_mode"
LIMITED_WORDS: Final = "Too Many Requests"

_INSTEAD: Final = Deed.ANSWER_INSTEAD
PRESETS: Final[Mapping[Fault, Mapping[str, Any]]] = MappingProxyType(
    {
        # Longer than any client's patience; an answer comes all the same, for one that has more.
        Fault.ACCEPT_THEN_HANG: {"deed": Deed.WAIT_AFTER, "seconds": 60.0},
        Fault.ACCEPT_THEN_CUT: {"deed": Deed.CUT_AFTER},
        Fault.ACCEPT_THEN_500: {"deed": Deed.ANSWER_AFTER, "status": 500},
        Fault.ACCEPT_THEN_MALFORMED: {"deed": Deed.GARBLE_AFTER},
        Fault.ACCEPT_THEN_DUPLICATED: {"deed": Deed.ANSWER_AFTER, "status": 400, "error": DUPLICATED},
        Fault.ARRIVE_LATE: {"deed": Deed.WAIT_BEFORE, "seconds": 10.0},
        Fault.SLOW: {"deed": Deed.WAIT_AFTER, "seconds": 0.0, "seconds_to": 60.0},
        Fault.REFUSE_LATE: {
            "deed": _INSTEAD,
            "seconds": 5.0,
            "status": 400,
            "error": "order match delayed due to market conditions",
        },
        Fault.CUT: {"deed": Deed.CUT_INSTEAD},
        Fault.MALFORMED: {"deed": Deed.GARBLE_INSTEAD},
        Fault.SERVER_ERROR: {"deed": _INSTEAD, "status": 500},
        Fault.NOT_INSERTED: {"deed": _INSTEAD, "status": 500, "error": "could not insert order"},
        Fault.RESTARTING: {"deed": _INSTEAD, "status": 425, "error": RESTART_WORDS},
        Fault.MAINTENANCE: {"deed": _INSTEAD, "status": 503, "error": DISABLED_WORDS},
        Fault.CANCEL_ONLY: {"deed": _INSTEAD, "status": 503, "error": CANCEL_ONLY_WORDS},
        Fault.POST_ONLY: {
            "deed": _INSTEAD,
            "status": 503,
            "error": POST_ONLY_WORDS,
            "code": POST_ONLY_CODE,
            "retry_after": 1,
        },
        Fault.RATE_LIMITED: {"deed": _INSTEAD, "status": 429, "error": LIMITED_WORDS, "retry_after": 1},
        Fault.PARTIAL_FILL: {"deed": Deed.FILL_PART, "percent": 50},
        Fault.SETTLEMENT_FAILS: {"deed": Deed.FAIL_SETTLEMENT, "seconds": 1.0},
        Fault.BALANCE_LAGS: {"deed": Deed.LAG_BALANCE, "seconds": 3.0},
        # As a market with a delay of its own: it cannot be cancelled meanwhile.
        Fault.DELAYED_THEN_MATCHED: {"deed": Deed.REST_THEN_FILL, "status_word": "delayed", "seconds": 2.0},
        Fault.DELAYED_THEN_KILLED: {"deed": Deed.REST_THEN_KILL, "status_word": "delayed", "seconds": 2.0},
        Fault.RESTS_DELAYED: {"deed": Deed.REST, "status_word": "delayed"},
        Fault.RESTS_LIVE: {"deed": Deed.REST, "status_word": "live"},
        Fault.RESTS_UNMATCHED: {"deed": Deed.REST, "status_word": "unmatched"},
    }
)
"""What each name stands for."""
