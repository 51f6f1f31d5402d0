"""Why a copy is as it is: what was stored about it, put together and said in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from api.database import Transaction
from api.problems import not_found
from schemas.allocations import AllocationSettings
from schemas.enums import OrderState, Reason, Side
from schemas.sentence_words import CopyFacts
from schemas.sentences import sentence, setting_of
from schemas.views import CopyOrderView
from schemas.why import (
    WhyCheck,
    WhyDecision,
    WhyFill,
    WhyOrder,
    WhyRoom,
    WhySeen,
    WhySetting,
    WhyStep,
    WhyTrade,
    WhyView,
)

_ROOM = "ROOM_"


async def why(
    transaction: Transaction, copy_order_id: str, user_id: str | None, texts: Mapping[str, str]
) -> WhyView:
    """The whole chain of a copy order. 404 when there is none in this scope."""
    copy = await transaction.view(CopyOrderView, "copy_order", copy_order_id=copy_order_id, user_id=user_id)
    kept = await transaction.row("why_copy", copy_order_id=copy_order_id)
    if copy is None or kept is None:
        raise not_found("copy order")
    orders = await transaction.rows("why_orders", copy_order_id=copy_order_id)
    fills = await transaction.rows("why_fills", copy_order_id=copy_order_id)
    steps = await transaction.rows("why_steps", copy_order_id=copy_order_id)
    facts = await facts_of(transaction, copy, kept, orders)
    return put_together(facts, kept, texts, orders=orders, fills=fills, steps=steps)


def put_together(
    facts: CopyFacts,
    kept: dict[str, Any],
    texts: Mapping[str, str],
    *,
    orders: Sequence[dict[str, Any]] = (),
    fills: Sequence[dict[str, Any]] = (),
    steps: Sequence[dict[str, Any]] = (),
) -> WhyView:
    """The chain as a view; ``kept`` is what the decision stored."""
    copy, setting = facts.copy, setting_of(facts)
    return WhyView(
        copy_order=copy,
        sentence=sentence(texts, facts),
        setting=None
        if setting is None
        else WhySetting(name=setting, value=_value_of(facts.settings, setting)),
        trade=_trade(copy, kept),
        seen=_seen(copy, kept),
        decision=_decision(facts, kept),
        orders=tuple(
            WhyOrder.model_validate({k: v for k, v in row.items() if k != "looks"}) for row in orders
        ),
        fills=tuple(WhyFill.model_validate(row) for row in fills),
        steps=tuple(WhyStep.model_validate(row) for row in steps),
        times=kept["times"],
    )


async def sentence_of(transaction: Transaction, copy_order_id: str, texts: Mapping[str, str]) -> str | None:
    """What became of a copy in one sentence, or None when there is none in this scope."""
    copy = await transaction.view(CopyOrderView, "copy_order", copy_order_id=copy_order_id, user_id=None)
    kept = await transaction.row("why_copy", copy_order_id=copy_order_id)
    if copy is None or kept is None:
        return None
    orders = await transaction.rows("why_orders", copy_order_id=copy_order_id)
    return sentence(texts, await facts_of(transaction, copy, kept, orders))


async def facts_of(
    transaction: Transaction,
    copy: CopyOrderView,
    kept: dict[str, Any],
    orders: Sequence[dict[str, Any]] = (),
    *,
    rehearsal: bool = False,
) -> CopyFacts:
    """What the sentence of this copy needs."""
    switch = earlier = None
    if copy.reason is Reason.BUYS_STOPPED:
        switch = await transaction.row("stopped_at", at=copy.ended_at or copy.decided_at)
    if copy.reason is Reason.SAME_LEADER_ORDER:
        earlier = await transaction.row("taken_up_by", copy_order_id=copy.copy_order_id)
    checks = {name: (passed, value, limit) for name, passed, value, limit in kept["checks"] or []}
    last = orders[-1] if orders else None
    return CopyFacts(
        copy=copy,
        settings=AllocationSettings.model_validate(kept["settings"]),
        price=_leaders_price(kept, checks),
        checks={name: check for name, check in checks.items() if not name.startswith(_ROOM)},
        inputs=kept["inputs"] or {},
        cause=kept["cause"],
        wanted=_wanted(copy, checks),
        words=last["words"] if last else None,
        looks=last["looks"] if last else None,
        switch=(switch["changed_at"], switch["note"]) if switch else None,
        earlier=earlier["copy_order_id"] if earlier else None,
        rehearsal=rehearsal,
        paused_at=kept.get("paused_at"),
        day_cap_usdc=kept.get("day_cap_usdc"),
        looked_seconds=_looked_for(last),
        settling=any(order["state"] == OrderState.MATCHED for order in orders),
    )


def _looked_for(order: dict[str, Any] | None) -> int | None:
    """From the order's POST until its absence was proven, in seconds."""
    if order is None or order["posted_at"] is None or order["proven_at"] is None:
        return None
    return int((order["proven_at"] - order["posted_at"]).total_seconds())


def _leaders_price(kept: dict[str, Any], checks: Mapping[str, tuple[bool, Any, Any]]) -> Decimal | None:
    """From the trade; where that is no longer kept, as the check of the price band saw it."""
    found = checks.get(Reason.PRICE_BAND)
    if kept["price"] is not None or found is None:
        price: Decimal | None = kept["price"]
        return price
    return Decimal(str(found[1]))


def _wanted(copy: CopyOrderView, checks: Mapping[str, tuple[bool, Any, Any]]) -> Decimal | None:
    """What the follower's rule asked for before the rooms: USDC of a BUY, shares of a SELL."""
    found = checks.get("MINIMUM" if copy.side is Side.BUY else "SHARES")
    return None if found is None else Decimal(str(found[1]))


def _trade(copy: CopyOrderView, kept: dict[str, Any]) -> WhyTrade:
    known = {name: kept[name] for name in ("kind", "source", "size", "price", "usdc", "tx_hash")}
    return WhyTrade(
        trade_id=copy.trade_id,
        leader=copy.leader,
        side=copy.side,
        token_id=copy.token_id,
        traded_at=copy.traded_at,
        **known,
    )


def _seen(copy: CopyOrderView, kept: dict[str, Any]) -> WhySeen:
    after = copy.seen_at - copy.traded_at
    return WhySeen(
        appended_at=copy.seen_at,
        classified_at=kept["classified_at"],
        seconds_after=Decimal(
            after.days * 86_400_000_000 + after.seconds * 1_000_000 + after.microseconds
        ).scaleb(-6),
    )


def _decision(facts: CopyFacts, kept: dict[str, Any]) -> WhyDecision:
    copy = facts.copy
    stored = kept["checks"] or []
    rooms = [(name.removeprefix(_ROOM), room) for name, _, room, _ in stored if name.startswith(_ROOM)]
    return WhyDecision(
        version=copy.allocation_version,
        state=copy.state,
        reason=copy.reason,
        wanted=facts.wanted,
        amount_usdc=copy.amount_usdc,
        shares=copy.shares,
        limit=copy.limit_price,
        reserve_usdc=kept["reserve_usdc"],
        reduced_by=copy.reduced_by,
        rooms=tuple(WhyRoom(name=Reason(name), usdc=Decimal(room)) for name, room in rooms),
        checks=tuple(
            WhyCheck(name=name, passed=passed, value=_text(value), limit=_text(limit))
            for name, (passed, value, limit) in facts.checks.items()
        ),
        inputs=kept["inputs"],
        at=copy.decided_at,
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _value_of(settings: AllocationSettings, name: str) -> str | None:
    value = settings.model_dump(mode="json")[name]
    return ", ".join(value) if isinstance(value, list) else _text(value)
