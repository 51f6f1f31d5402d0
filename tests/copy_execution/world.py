"""A small world in a real database: leaders, followers with money, markets, and the messages classify would send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from schemas.allocations import AllocationSettings
from schemas.enums import Side, Source, TradeKind
from schemas.trades import LeaderTraded
from streams.copy_execution.agent import CopyExecution
from streams.kafka.guard import Received
from streams.tables.pool import Pool

TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
MARKET = "0x" + "ab" * 32
ANY_SOURCE = frozenset({Source.CHAIN, Source.WEBHOOK})


def wallet(number: int, kind: str = "1") -> str:
    """A wallet of its own for each number and kind (a hexadecimal digit)."""
    return f"0x{kind}{number:039x}"


def clock() -> datetime:
    return datetime.now(UTC)


def stage(pool: Pool, sources: frozenset[Source] = ANY_SOURCE) -> CopyExecution:
    """The stage as the worker makes it."""
    return CopyExecution(pool, sources, clock)


@dataclass
class World:
    """Writes what the other stages and people would have written, as the database's owner."""

    owner: psycopg.Connection[dict[str, Any]]
    numbers: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    @classmethod
    def on(cls, url: str) -> World:
        return cls(psycopg.connect(url, autocommit=True, row_factory=dict_row))

    def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode(), parameters).fetchall()

    def run(self, statement: str, *parameters: object) -> None:
        self.owner.execute(statement.encode(), parameters)

    def copies(self) -> list[dict[str, Any]]:
        """All copy orders, in order of leader, number and allocation."""
        return self.rows("SELECT * FROM copy_orders ORDER BY leader, number, allocation_id")

    def leader(self, address: str, *, version: int = 1, read: bool = True) -> str:
        self.run("INSERT INTO watched_addresses (wallet, version) VALUES (%s, %s)", address, version)
        self.run(
            "INSERT INTO wallet_roles (wallet, role, since_version) VALUES (%s, 'copy_leader', %s)",
            address, version,
        )  # fmt: skip
        if read:
            self.run("INSERT INTO role_reads VALUES (%s, %s, now() - interval '1 day')", address, version)
        return address

    def account(
        self, name: str, cash: str = "1000", *, venue: str = "paper", wallet: str | None = None,
        state: str = "ready", day_cap: str | None = None,
    ) -> str:  # fmt: skip
        """A user with an account of the same name; its wallet is derived from the name."""
        own = wallet or "0xf" + name.encode().hex().rjust(39, "0")[-39:]
        self.run("INSERT INTO users (user_id, label) VALUES (%s, %s) ON CONFLICT DO NOTHING", name, name)
        account_id = f"{name}-{venue}"
        self.run(
            "INSERT INTO accounts (account_id, user_id, venue, state, wallet, cash_usdc, day_cap_usdc) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            account_id, name, venue, state, own if state == "ready" else None, cash, day_cap,
        )  # fmt: skip
        return account_id

    def follow(
        self, account_id: str, leader: str, *, state: str = "active", role_version: int = 1,
        since: timedelta = timedelta(hours=1), buys_from: datetime | None = None, **settings: Any,
    ) -> str:  # fmt: skip
        """An allocation of this account; fixed amounts of 5 of a budget of 100 where nothing else is said."""
        name, _, venue = account_id.rpartition("-")
        allocation_id = f"A-{name}-{leader[-4:]}-{venue}"
        self.run(
            "INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state, version,"
            " role_version, settings, active_from, buys_from) VALUES (%s, %s, %s, %s, %s, %s, 1, %s, %s, %s, %s)",
            allocation_id, name, account_id, leader, venue, state, role_version, Jsonb(settings_json(**settings)),
            clock() - since, buys_from,
        )  # fmt: skip
        return allocation_id

    def market(self, token: str = TOKEN, **facts: Any) -> str:
        known = {
            "token_id": token, "version": 1, "market_id": MARKET, "tick": "0.01", "min_buy_usdc": "1",
            "min_rest_shares": "5", "fee_rate": "0.05", "neg_risk": False, "exchange_version": 2, "closed": False,
        } | facts  # fmt: skip
        self.run(
            f"INSERT INTO markets ({', '.join(known)}) VALUES ({', '.join(['%s'] * len(known))})",
            *known.values(),
        )
        return token

    def lot(
        self, allocation_id: str, token: str = TOKEN, *, shares: str = "10", cost: str = "5", target: str | None = None,
        number: int = 0, opened: datetime | None = None,
    ) -> int:  # fmt: skip
        """An open lot of this allocation, as trading would have booked it."""
        row = self.rows(
            "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc,"
            " target_shares, applied_number, opened_traded_at, tick, fee_rate, neg_risk, exchange_version)"
            " SELECT allocation_id, account_id, user_id, %s, %s, %s, %s, %s, %s, %s, 0.01, 0.05, false, 2"
            " FROM copy_trading_allocations WHERE allocation_id = %s RETURNING lot_id",
            token, MARKET, shares, cost, target or shares, number, opened or clock() - timedelta(minutes=5),
            allocation_id,
        )  # fmt: skip
        return int(row[0]["lot_id"])

    def message(
        self, leader: str, side: str = "BUY", size: str = "100", price: str = "0.5", *, token: str = TOKEN,
        ago: float = 1.0, kind: TradeKind = TradeKind.TRADE, before: str | None = None, **more: Any,
    ) -> LeaderTraded:  # fmt: skip
        """The next message of this leader; his position follows, unless ``before`` says otherwise."""
        number = self.numbers[leader] = self.numbers.get(leader, 0) + 1
        held = Decimal(before) if before is not None else self.held.get((leader, token), Decimal(0))
        moved = Decimal(size) if side == "BUY" else -Decimal(size)
        after = self.held[leader, token] = max(Decimal(0), held + moved)
        traded_at = clock() - timedelta(seconds=ago)
        facts: dict[str, Any] = {
            "trade_id": f"0x{leader[-6:]}{number:058x}-0", "kind": kind, "wallet": leader, "side": Side(side),
            "token_id": token, "size": Decimal(size), "price": Decimal(price),
            "usdc": Decimal(size) * Decimal(price), "traded_at": traded_at, "number": number,
            "position_before": held, "position_after": after, "role_version": 1, "appended_at": clock(),
            "classified_at": clock(), "burst_started_at": traded_at if kind is TradeKind.TRADE else None,
        } | more  # fmt: skip
        return LeaderTraded(**facts)


def settings_json(**settings: Any) -> dict[str, Any]:
    """Settings as the API stores them."""
    given = {"mode": "fixed_amount", "fixed_amount_usdc": "5", "budget_usdc": "100"} | settings
    return AllocationSettings.model_validate(given).model_dump(mode="json", exclude_none=True)


def received(messages: Sequence[LeaderTraded], partition: int = 0) -> list[Received]:
    """The messages as the broker gives them."""
    return [
        Received(
            "copy_leader", partition, place, message.wallet.encode(), message.encode(), message.appended_at
        )
        for place, message in enumerate(messages)
    ]
