"""A plain case to start from: a leader buys at 50¢ in a known, open market, and one follower copies him. Each test
changes what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from schemas.allocations import AllocationSettings
from schemas.enums import Side, Source, TradeKind
from schemas.trades import TradeSeen
from streams.copy_execution.books import Books, Lot, OpenBuys
from streams.copy_execution.case import Case
from streams.copy_execution.circumstances import circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market, Switches, Trade

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LEADER = "0x" + "1e" * 20
FOLLOWER = "0x" + "f0" * 20
TOKEN = "7" * 77
OTHER_TOKEN = "8" * 77
MARKET = Market("0xmarket", Decimal("0.01"), Decimal("0.05"), question="Will X win?", category="Sports")
DEFAULTS: Mapping[str, Any] = {"mode": "multiplier", "multiplier": "0.1", "budget_usdc": "1000"}


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def settings(**changes: Any) -> AllocationSettings:
    return AllocationSettings.model_validate({**DEFAULTS, **changes})


def trade(side: Side = Side.BUY, size: str = "200", price: str = "0.5", **changes: Any) -> Trade:
    usdc = Decimal(size) * Decimal(price)
    plain = Trade(
        "t-1",
        LEADER,
        side,
        TOKEN,
        Decimal(size),
        Decimal(price),
        usdc,
        NOW - seconds(2),
        leader_before=Decimal(size),
        burst_started_at=NOW - seconds(2),
        number=100,
    )
    return replace(plain, **changes)


def sell(size: str = "200", price: str = "0.5", **changes: Any) -> Trade:
    return trade(Side.SELL, size, price, **changes)


def allocation(**changes: Any) -> Allocation:
    own = {key: changes.pop(key) for key in ("state", "buys_from", "live", "active_from") if key in changes}
    plain = Allocation("A-1", FOLLOWER, LEADER, NOW - timedelta(days=1), settings(**changes))
    return replace(plain, **own)


def account(cash: str = "1000", **changes: Any) -> Account:
    return Account(FOLLOWER, Decimal(cash), **changes)


def lot(shares: str = "40", cost: str = "20", **changes: Any) -> Lot:
    plain = Lot(
        MARKET.market_id,
        Decimal(shares),
        Decimal(cost),
        Decimal(shares),
        opened_traded_at=NOW - timedelta(hours=1),
        applied_number=50,
        market=MARKET,
    )
    return replace(plain, **changes)


def books(
    lots: Mapping[str, Lot] | None = None, open_buys: Mapping[str, OpenBuys] | None = None, **changes: Any
) -> Books:
    made = Books(**changes)
    for token_id, held in (lots or {}).items():
        made.lots[token_id] = held
        made.put_to_work(held.market_id, held.cost_usdc)
    for token_id, buys in (open_buys or {}).items():
        made.open_buys[token_id] = buys
        made.reserve(MARKET.market_id, buys.reserved_usdc)
    return made


def case_of(
    of: Trade,
    own: Books | None = None,
    *,
    market: Market | None = MARKET,
    value: LeaderValue | None = None,
    switches: Switches | None = None,
    flags: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Case:
    """What a check looks at; ``flags`` of the circumstances, ``settings`` as of ``allocation``."""
    seen = circumstances(of, NOW, market, value, switches, **(flags or {}))
    return Case(seen, allocation(**settings), account(), own or books())


def decided(
    of: Trade,
    following: Allocation | None = None,
    *,
    money: Account | None = None,
    own: Books | None = None,
    market: Market | None = MARKET,
    value: str | None = None,
    switches: Switches | None = None,
    now: datetime = NOW,
    copy_of_ours: bool = False,
    live_source: bool = True,
) -> Decision | None:
    """The decision about ``of``, everything else as plain as can be."""
    seen = circumstances(
        of,
        now,
        market,
        None if value is None else LeaderValue(Decimal(value), now),
        switches,
        copy_of_ours=copy_of_ours,
        live_source=live_source,
    )
    return decide(seen, following or allocation(), money or account(), own or books())


def answer(of: Trade, following: Allocation | None = None, **given: Any) -> Decision:
    """The decision, which there must be."""
    decision = decided(of, following, **given)
    assert decision is not None
    return decision


def message(
    trade_id: str,
    side: Side,
    size: str,
    price: str = "0.5",
    *,
    at: datetime = NOW,
    kind: TradeKind = TradeKind.TRADE,
    token_id: str = TOKEN,
    wallet: str = LEADER,
    order_hash: str | None = None,
) -> TradeSeen:
    return TradeSeen(
        trade_id=trade_id,
        kind=kind,
        source=Source.FILE,
        wallet=wallet,
        side=side,
        token_id=token_id,
        size=Decimal(size),
        price=Decimal(price),
        usdc=Decimal(size) * Decimal(price),
        order_hash=order_hash,
        traded_at=at,
    )
