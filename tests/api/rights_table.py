"""Who may ask what (UX §5), said once more and apart from the code: a row for every route; the matrix is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.api.conftest import LEADER, SETTINGS


@dataclass(frozen=True)
class Row:
    """Whom a route answers, on what object, and with which body it is asked here.

    ``who``: ``-`` anybody, ``U`` a user by whatever credential that may do this, ``P`` a user but no API token, ``O``
    operators, ``L`` operators and users who are (they look), ``S`` the same for stopping, ``UO`` both, ``B`` the bot,
    ``I`` the indexer, ``IO``. ``of``: the object that stands at {id}, in the path or the body. ``also``: codes that
    say no, but to somebody who may ask.
    """

    who: str
    of: str | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()


_ALLOCATION: Final = "/v1/allocations/{allocation_id}"
_MATCH: Final = {"If-Match": '"1"'}
_FORMER: Final = {"tx_id": "x"}
_LIVE: Final = "/v1/me/accounts/polymarket"
_WITHDRAWAL: Final = {"address_id": "W-0000000", "usdc": "1", "usdc_again": "1"}
_FOLLOW: Final = {"leader": "0x" + "9" * 40, "settings": SETTINGS}

ROWS: Final[dict[str, Row]] = {
    **{f"GET /{name}": Row("-", also=(503,)) for name in ("livez", "readyz", "startupz", "health", "metrics")},
    # The page holds nothing: its script asks the API.
    **{f"GET /me{name}": Row("-") for name in ("", "/page.js", "/page.css")},
    **{f"GET /console{name}": Row("-", also=(422,)) for name in ("", "/{part}")},
    # Signing in
    "POST /v1/auth/link": Row("P", also=(403,)),
    "POST /v1/auth/exchange": Row("-", body={"link": "x" * 40}, also=(401,)),
    "DELETE /v1/auth/token": Row("H"),
    "GET /v1/me/tokens": Row("U"),
    "POST /v1/me/tokens": Row("P", body={"label": "t"}),
    "DELETE /v1/me/tokens/{token_id}": Row("P", "token"),
    "DELETE /v1/me/sessions/{session_id}": Row("P", "session"),
    # People
    "POST /v1/users": Row("O", body={"label": "Zoe"}),
    "GET /v1/users": Row("O"),
    "GET /v1/users/{user_id}": Row("O", "user"),
    "GET /v1/me": Row("U"),
    "PATCH /v1/me": Row("U", body={"language": "en"}),
    "DELETE /v1/me": Row("P"),
    "GET /v1/me/data": Row("P"),
    "GET /v1/me/standing": Row("U"),
    "GET /v1/me/notification-settings": Row("U"),
    "PUT /v1/me/notification-settings": Row("U", body={}, headers=_MATCH),
    "GET /v1/me/draft": Row("U", also=(404,)),
    "PUT /v1/me/draft": Row("U", body={"flow": "x", "body": {}}),
    "DELETE /v1/me/draft": Row("U"),
    "GET /v1/me/notifications": Row("U"),
    "GET /v1/me/events": Row("U"),
    "POST /v1/me/stop-all": Row("U"),
    "POST /v1/me/resume": Row("U", body={}),
    # Money
    "GET /v1/me/accounts": Row("U"),
    "POST /v1/me/accounts/paper/credit": Row("U", body={}),
    f"POST {_LIVE}/check": Row("P"),
    f"POST {_LIVE}/arm": Row("P", body={"phrase": "ARM", "day_cap_usdc": "5"}, also=(404,)),
    f"POST {_LIVE}/disarm": Row("U", also=(404,)),
    f"POST {_LIVE}/day-cap": Row("P", body={"day_cap_usdc": "5"}, also=(404,)),
    f"GET {_LIVE}/deposit": Row("U", also=(404,)),
    f"GET {_LIVE}/withdrawals": Row("U"),
    f"POST {_LIVE}/withdrawals": Row("P", body=_WITHDRAWAL, also=(404,)),
    "GET /v1/me/withdrawal-addresses": Row("U"),
    "POST /v1/me/withdrawal-addresses": Row("P", body={"address": "0x" + "7" * 40}),
    "DELETE /v1/me/withdrawal-addresses/{address_id}": Row("U", "address", also=(404,)),
    "POST /v1/me/withdrawal-addresses/{address_id}/not-me": Row("U", "address"),
    # Followings
    "POST /v1/allocations": Row("U", body=_FOLLOW),
    "GET /v1/allocations": Row("U"),
    "POST /v1/allocations/check": Row("U", body={"settings": SETTINGS}),
    f"GET {_ALLOCATION}": Row("U", "allocation"),
    f"PATCH {_ALLOCATION}": Row("U", "allocation", body={"settings": {"budget_usdc": "90"}}, headers=_MATCH),
    f"GET {_ALLOCATION}/versions": Row("U", "allocation"),
    f"POST {_ALLOCATION}/pause": Row("U", "allocation"),
    f"POST {_ALLOCATION}/resume": Row("U", "allocation"),
    f"POST {_ALLOCATION}/close": Row("U", "allocation"),
    f"POST {_ALLOCATION}/end": Row("U", "allocation"),
    f"POST {_ALLOCATION}/sell": Row("U", "allocation", body={}),
    f"POST {_ALLOCATION}/go-live": Row("P", "allocation", body={"phrase": "LIVE"}),
    f"POST {_ALLOCATION}/rehearse": Row("U", "allocation", also=(503,)),
    # Copies, positions, orders by hand
    "GET /v1/copy-orders": Row("UO"),
    "GET /v1/copy-orders/summary": Row("UO"),
    "GET /v1/copy-orders/{copy_order_id}": Row("UO", "copy"),
    "GET /v1/copy-orders/{copy_order_id}/why": Row("UO", "copy"),
    "GET /v1/positions": Row("U"),
    "GET /v1/positions/{position_id}": Row("U", "position"),
    "GET /v1/pnl": Row("U"),
    "POST /v1/quotes": Row("U", "position", body={"side": "SELL", "position_id": "{id}"}, also=(503,)),
    "POST /v1/orders": Row("U", "quote", body={"quote_id": "{id}"}),
    "GET /v1/orders": Row("U"),
    "GET /v1/orders/{order_id}": Row("U", "order"),
    # What is common
    "GET /v1/markets/{token_id}": Row("UO", "market"),
    "GET /v1/signals": Row("UO"),
    "GET /v1/signals/statistics": Row("UO"),
    "GET /v1/signals/{signal_id}": Row("UO", "signal"),
    "GET /v1/wallets/resolve": Row("U"),
    "GET /v1/wallets/{wallet}": Row("U", "wallet"),
    "GET /v1/wallets/{wallet}/trades": Row("U", "wallet"),
    "GET /v1/leaders": Row("U"),
    "POST /v1/what-if": Row("U", body={"leader": LEADER, "preset": "careful", "days": 1}, also=(404, 503)),
    "GET /v1/what-if/{what_if_id}": Row("U", "what-if"),
    # Operators
    "POST /v1/watched-addresses": Row("O", body={"wallet": LEADER, "roles": []}),
    "GET /v1/watched-addresses": Row("IO"),
    "GET /v1/watched-addresses/{wallet}": Row("O", "wallet"),
    "PUT /v1/watched-addresses/{wallet}/roles": Row("O", "wallet", body={"roles": ["copy_leader"]}),
    "GET /v1/ops/switches/{name}": Row("L", "switch"),
    "PUT /v1/ops/switches/{name}": Row("S", "switch", body={"stopped": True, "reason": "the matrix"}),
    **{
        f"GET /v1/ops/{name}": Row("L", also=(503,))
        for name in (
            "pipeline", "copy-orders", "unknown", "followers", "leaders", "dead-letters", "replays", "audit", "events",
            "history", "latency", "skips", "lags", "notices", "copies-by-minute", "dead-letters/redrives",
            "orders", "followings", "silences",
        )
    },
    **{
        f"GET /v1/ops/{name}": Row("L", also=(422,))
        for name in ("slowest", "positions", "delays", "skips/{reason}", "lags/{topic}/{partition}")
    },
    **{f"GET /v1/ops/leaders/{{wallet}}/{name}": Row("L", "wallet") for name in ("trades", "gaps")},
    "GET /v1/ops/copy-orders/{copy_order_id}/why": Row("L", "copy"),
    "POST /v1/ops/reconcile": Row("O", body={}),
    "GET /v1/ops/replays/{run}/diff": Row("L", "replay"),
    "POST /v1/ops/replays/{run}/halt": Row("O", "replay", body={"reason": "the matrix"}, also=(409,)),
    "GET /v1/ops/dead-letters/reasons": Row("L"),
    "GET /v1/ops/dead-letters/{letter_id}": Row("L", "letter"),
    "GET /v1/ops/dead-letters/redrives/{redrive_id}": Row("L", "redrive"),
    "POST /v1/ops/dead-letters/plan": Row("O", body={}),
    "POST /v1/ops/dead-letters/redrive": Row("O", "plan", body={"plan_id": "{id}"}, also=(409,)),
    "POST /v1/ops/dead-letters/quarantine": Row("O", "letter", body={"letters": ["{id}"], "note": "the matrix"}),
    # The bot
    "POST /v1/bot/users": Row("B", body={"telegram_id": 99, "label": "Zoe"}),
    "POST /v1/bot/notifications/claim": Row("B", body={}),
    "POST /v1/bot/notifications/{notification_id}/result": Row("B", "notice", body={"outcome": "later"}),
    "POST /v1/bot/users/{user_id}/unreachable": Row("B", "user"),
    # The indexer
    "POST /v1/webhooks/trades": Row("I", body={}),
    "POST /api/v1/webhooks/copy-trade": Row("I", body=_FORMER),
    "GET /api/v1/subsquid/watched_addresses": Row("I"),
}  # fmt: skip
# What exists once for all: nobody's own, nobody else's.
COMMON: Final = frozenset({"market", "signal", "wallet", "switch", "letter", "redrive", "plan", "replay"})
# What never is: a name of its kind that nobody has.
ABSENT: Final = {
    "session": "web-0",
    "token": "T-ZZZZZZZ", "user": "U-ZZZZZZZ", "address": "W-ZZZZZZZ", "allocation": "A-ZZZZZZZ", "copy": "C-ZZZZZZZ",
    "position": "999999", "quote": "Q-ZZZZZZZ", "order": "O-ZZZZZZZ", "what-if": "I-ZZZZZZZ", "notice": "999999",
    "market": "999999", "signal": "S-ZZZZZZZ", "wallet": "0x" + "1" * 40, "switch": "nothing", "letter": "999999",
    "redrive": "R-ZZZZZZZ", "plan": "P-ZZZZZZZ", "replay": "nobody-ran-it",
}  # fmt: skip
