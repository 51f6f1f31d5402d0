"""The OpenAPI document: what every route promises."""

from __future__ import annotations

import json
from typing import Any

from api import broker, watching
from api.problems import STATUS_OF
from ops.contracts import DIRECTORY
from streams.topology import TRADES, WATCHED_ADDRESSES

DOCUMENT: dict[str, Any] = json.loads((DIRECTORY / "openapi.json").read_text("utf-8"))
OPERATIONS = {
    f"{method} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PUBLIC = {f"get /{name}" for name in ("livez", "readyz", "startupz", "health", "metrics")}
INDEXERS = {
    "post /v1/webhooks/trades", "post /api/v1/webhooks/copy-trade", "get /api/v1/subsquid/watched_addresses",
}  # fmt: skip


def test_the_routes_are_those_of_the_contract() -> None:
    """One spelling each (UX §5)."""
    assert PUBLIC | INDEXERS | {
        "delete /v1/me/sessions/{session_id}",
        "patch /v1/me", "delete /v1/me", "get /v1/me/data", "get /v1/me/notification-settings",
        "put /v1/me/notification-settings", "get /v1/me/draft", "put /v1/me/draft", "delete /v1/me/draft",
        "post /v1/bot/users",
        "post /v1/auth/link", "post /v1/auth/exchange", "delete /v1/auth/token",
        "get /v1/me/tokens", "post /v1/me/tokens", "delete /v1/me/tokens/{token_id}",
        "post /v1/users", "get /v1/users", "get /v1/users/{user_id}", "get /v1/me", "get /v1/me/accounts",
        "get /v1/me/standing", "get /v1/me/notifications",
        "post /v1/me/accounts/paper/credit",
        *(f"post /v1/me/accounts/polymarket/{verb}" for verb in ("check", "arm", "disarm", "day-cap", "withdrawals")),
        "get /v1/me/accounts/polymarket/withdrawals", "get /v1/me/accounts/polymarket/deposit",
        "get /v1/me/withdrawal-addresses", "post /v1/me/withdrawal-addresses",
        "delete /v1/me/withdrawal-addresses/{address_id}", "post /v1/me/withdrawal-addresses/{address_id}/not-me",
        "post /v1/watched-addresses", "get /v1/watched-addresses", "get /v1/watched-addresses/{wallet}",
        "put /v1/watched-addresses/{wallet}/roles",
        "post /v1/allocations", "get /v1/allocations", "get /v1/allocations/{allocation_id}",
        "patch /v1/allocations/{allocation_id}", "get /v1/allocations/{allocation_id}/versions",
        "post /v1/allocations/check",
        *(f"post /v1/allocations/{{allocation_id}}/{verb}" for verb in ("pause", "resume", "close", "end")),
        *(f"post /v1/allocations/{{allocation_id}}/{verb}" for verb in ("sell", "rehearse", "go-live")),
        "post /v1/what-if", "get /v1/what-if/{what_if_id}",
        "post /v1/me/stop-all", "post /v1/me/resume",
        "post /v1/bot/notifications/claim", "post /v1/bot/notifications/{notification_id}/result",
        "post /v1/bot/users/{user_id}/unreachable",
        "get /v1/copy-orders", "get /v1/copy-orders/summary", "get /v1/copy-orders/{copy_order_id}",
        "get /v1/copy-orders/{copy_order_id}/why",
        "post /v1/quotes", "post /v1/orders", "get /v1/orders", "get /v1/orders/{order_id}",
        "get /v1/positions", "get /v1/positions/{position_id}", "get /v1/signals", "get /v1/signals/{signal_id}",
        "get /v1/wallets/resolve", "get /v1/wallets/{wallet}", "get /v1/wallets/{wallet}/trades", "get /v1/leaders",
        "get /v1/signals/statistics",
        "get /v1/pnl", "get /v1/markets/{token_id}", "get /v1/me/events", "get /v1/ops/events",
        *(f"get /v1/ops/{panel}" for panel in (
            "copy-orders", "unknown", "followers", "leaders", "dead-letters", "replays", "audit", "history", "latency",
            "slowest", "skips", "lags", "copy-orders/{copy_order_id}/why", "positions", "orders",
            "followings", "delays", "leaders/{wallet}/trades", "leaders/{wallet}/gaps", "silences", "skips/{reason}",
            "lags/{topic}/{partition}")),
        "post /v1/ops/reconcile", "get /v1/ops/replays/{run}/diff", "get /v1/ops/notices",
        "get /v1/ops/copies-by-minute", "get /v1/ops/dead-letters/redrives", "post /v1/ops/replays/{run}/halt",
        *(f"post /v1/ops/dead-letters/{deed}" for deed in ("plan", "redrive", "quarantine")),
        "get /v1/ops/dead-letters/reasons", "get /v1/ops/dead-letters/{letter_id}",
        "get /v1/ops/dead-letters/redrives/{redrive_id}",
        "get /v1/ops/switches/{name}", "put /v1/ops/switches/{name}", "get /v1/ops/pipeline",
    } == set(OPERATIONS)  # fmt: skip


def test_every_route_says_who_may_ask_and_how_it_refuses() -> None:
    """A token for all but health and the indexer's doors; problems as RFC 9457 everywhere."""
    open_routes = {name for name, operation in OPERATIONS.items() if "security" not in operation}
    assert open_routes == PUBLIC | INDEXERS | {"post /v1/auth/exchange"}
    for name, operation in OPERATIONS.items():
        assert "application/problem+json" in operation["responses"]["default"]["content"], name


def test_every_post_wants_an_idempotency_key() -> None:
    """Webhooks, checks and claims excepted (UX §5)."""
    without = {
        name
        for name, operation in OPERATIONS.items()
        if name.startswith("post")
        and "Idempotency-Key" not in {p["name"] for p in operation.get("parameters", ())}
    }
    assert without == {
        "post /v1/allocations/check",
        "post /v1/me/accounts/polymarket/check",
        # Their answers are secrets, which are not kept for a repeat.
        "post /v1/auth/link",
        "post /v1/auth/exchange",
        "post /v1/webhooks/trades",
        "post /api/v1/webhooks/copy-trade",
        # Claims, and what became of them: done again they are the same.
        "post /v1/bot/notifications/claim",
        "post /v1/bot/notifications/{notification_id}/result",
        "post /v1/bot/users/{user_id}/unreachable",
    }


def test_no_field_of_any_body_can_hold_a_key() -> None:
    """Promise 10: no schema has a field named like key material."""
    words = ("private", "secret", "mnemonic", "seed", "passphrase", "api_key", "wallet_key")
    fields = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field in schema.get("properties", {})
    ]
    assert len(fields) > 100
    assert [field for field in fields if any(word in field.lower() for word in words)] == []


def test_amounts_are_text_everywhere() -> None:
    """No field that holds money, a price or shares is a JSON number."""
    money = ("usdc", "price", "shares", "payout", "win_rate", "limit_price")
    numbers = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
        if field.endswith(money) and '"number"' in json.dumps(about)
    ]
    assert numbers == []


def test_the_api_spells_topics_as_the_topology_does() -> None:
    """It imports no streams, so the two names are compared here."""
    assert (TRADES.name, WATCHED_ADDRESSES.name) == (broker.TRADES, watching.WATCHED_ADDRESSES)


def test_the_codes_are_the_closed_set() -> None:
    """Each with its status (UX §5), plus what HTTP itself needs."""
    assert STATUS_OF == {
        "key-missing": 400, "not-signed-in": 401, "not-allowed": 403, "not-found": 404, "conflict": 409,
        "price-moved": 409, "live-not-armed": 409, "buys-stopped": 409, "quote-expired": 410, "version-changed": 412,
        "too-large": 413, "invalid": 422, "key-reused": 422, "if-match-missing": 428, "too-many": 429,
        "unavailable": 503, "method-not-allowed": 405, "internal": 500,
    }  # fmt: skip
