"""What the texts of notices need (`schemas.notice_texts`), read for many rows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from api.database import Transaction
from api.explaining import sentence_of
from schemas.base import rfc3339
from schemas.enums import CopyState, Reason, Side
from schemas.hand_causes import NotDone, not_done_said
from schemas.money import plain

MERGED_KINDS: Final = frozenset({"burst", "evening", "while_away"})
Facts = dict[str, Any]
# Named in the body as what happened then; the row of the copy says what is true now.
_ORDERS_OWN: Final = ("shares", "usdc", "fee_usdc", "state", "attempts")
_NOT_TOLD: Final = frozenset(
    {"notification_id", "kind", "body", "hand_state", "hand_value", "hand_limit", "hand_everybody"}
)
_TEXTUAL: Final = {"copy_skipped", "copy_expired", "copy_unfilled"}


async def facts_of(
    transaction: Transaction, notification_ids: Sequence[int], texts: Mapping[str, str]
) -> dict[int, Facts]:
    """The facts of each notice, in JSON: decimals and times as text. Sentences are in the language of ``texts``."""
    rows = await transaction.rows("notice_facts", notification_ids=list(notification_ids))
    made = {row["notification_id"]: _facts(row) for row in rows}
    for row in rows:
        facts, kind = made[row["notification_id"]], row["kind"]
        if kind in _TEXTUAL and facts.get("reason"):
            facts["sentence"] = await sentence_of(transaction, facts["copy_order_id"], texts)
        elif kind.startswith("hand_"):
            facts["sentence"] = _not_done(row, texts)
    merged = [row["notification_id"] for row in rows if row["kind"] in MERGED_KINDS]
    if merged:
        for notification_id, facts in (await _merged(transaction, merged)).items():
            made[notification_id] |= facts
    return made


def _facts(row: Mapping[str, Any]) -> Facts:
    """One notice's facts: what its body says, with what is known of its objects beside it."""
    kind, body = row["kind"], dict(row["body"])
    facts = body | {
        name: _text(value) for name, value in row.items() if value is not None and name not in _NOT_TOLD
    }
    family = kind.partition("_")[0]
    if family == "exit":
        facts |= _own_sums(body) | {"side": "SELL", "shares": body.get("wanted")}
    elif kind in ("reversed", "late_fill", "order_found"):
        facts |= _own_sums(body)
    elif kind == "market_resolved":
        facts |= {name: body.get(name) for name in ("shares", "usdc", "realised_usdc")}
    elif kind == "following_over":
        facts["realised_usdc"] = _text(row["following_usdc"])
    elif kind == "signal":
        facts |= {
            "usdc": _text(row["signal_usdc"]),
            "leader_price": _text(row["signal_price"]),
            "side": "BUY",
        }
    elif kind == "live_buys_paused":
        facts["n"] = body.get("refusals")
    elif kind == "sell_halted":
        facts |= {"shares": body.get("shares"), "at": body.get("since")}
    elif family not in ("copy", "hand"):
        facts |= body
    return _renamed(kind, facts)


def _not_done(row: Mapping[str, Any], texts: Mapping[str, str]) -> str | None:
    """Why nothing of an order by hand was sent; None where something was."""
    if row["hand_state"] not in (CopyState.SKIPPED, CopyState.EXPIRED):
        return None
    figures = row["hand_value"], row["hand_limit"]
    return not_done_said(
        texts, NotDone(Side(row["side"]), Reason(row["reason"]), *figures, bool(row["hand_everybody"]))
    )


def _own_sums(body: Mapping[str, Any]) -> Facts:
    own = {"filled_shares": body.get("shares"), "usdc": body.get("usdc"), "fee_usdc": body.get("fee_usdc")}
    return own | ({"side": body["side"]} if "side" in body else {})


def _renamed(kind: str, facts: Facts) -> Facts:
    """The names that texts use for what writers call otherwise."""
    match kind:
        case "live_armed":
            facts |= {"venue": "polymarket", "cap_usdc": facts.get("day_cap_usdc")}
        case "live_disarmed":
            facts["venue"] = "polymarket"
        case "day_cap_raised":
            facts |= {
                "venue": "polymarket",
                "cap_usdc": facts.get("day_cap_usdc"),
                "next_cap_usdc": facts.get("next_day_cap_usdc"),
                "at": facts.get("counts_from"),
            }
        case "following_ended":
            facts["note"] = facts.get("reason")
        case "withdrawal_address_added":
            facts["at"] = facts.get("works_from") or facts.get("at")
        case _:
            pass
    return facts


def _text(value: object) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return rfc3339(value) if isinstance(value, datetime) else value


async def _merged(transaction: Transaction, notification_ids: Sequence[int]) -> dict[int, Facts]:
    """What bursts stand for: copies by venue and state, ended markets, the rest."""
    counted: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await transaction.rows("notice_children", notification_ids=list(notification_ids)):
        counted[row.pop("notification_id")].append(row)
    return {notification_id: _counts(counted[notification_id]) for notification_id in notification_ids}


def _counts(rows: Sequence[Mapping[str, Any]]) -> Facts:
    venues: dict[str, dict[str, Any]] = {}
    resolved, realised, others, copies = 0, Decimal(0), 0, 0
    for row in rows:
        family, _, state = row["kind"].partition("_")
        if family == "copy" and row["venue"] is not None:
            copies += row["n"]
            # An attempt of a sale that follows another is still a part of it.
            of = "partial" if state == "trying" else state
            kept = venues.setdefault(row["venue"], {}).setdefault(of, {"n": 0, "usdc": Decimal(0)})
            kept["n"] += row["n"]
            kept["usdc"] += row["usdc"]
        elif row["kind"] == "market_resolved":
            resolved += row["n"]
            realised += row["realised_usdc"]
        else:
            others += row["n"]
    return {
        "venues": [
            {
                "venue": venue,
                "states": {state: {"n": of["n"], "usdc": plain(of["usdc"])} for state, of in states.items()},
            }
            for venue, states in sorted(venues.items())
        ],
        "resolved": {"n": resolved, "realised_usdc": plain(realised)},
        "others": others,
        "copies": copies,
        "merges": sum(row["n"] for row in rows),
    }
