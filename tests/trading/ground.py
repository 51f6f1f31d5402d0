"""A whole small Polycool for the trading process: a database, a paper exchange, followers, and what the leader does."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.trades import LeaderTraded
from streams.tables.pool import Pool
from streams.trading.settings import TradingSettings
from streams.trading.worker import trade
from tests.copy_execution.world import TOKEN, World, received, stage
from tests.paper.exchange import ADMIN_TOKEN, Exchange
from tests.trading.worker_process import WorkerProcess
from tests.waiting import eventually

KEY = base64.b64encode(hashlib.sha256(b"the key of the tests").digest()).decode()
LEADER = "0x1" + "ab" * 19 + "c"
OPEN = ("waiting", "planned", "submitting", "unknown")


class Ground:
    """The world, the exchange and the trading worker as a task of this process."""

    def __init__(self, world: World, pool: Pool, exchange: Exchange, database_url: str) -> None:
        self.world = world
        self.exchange = exchange
        self.database_url = database_url
        self._deciding = stage(pool)
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: list[WorkerProcess] = []

    def settings(self, **changes: object) -> TradingSettings:
        """Settings for this ground; pauses shortened only where a test says so."""
        values: dict[str, Any] = {
            "database_url": self.database_url,
            "key_encryption_key": KEY,
            "paper_url": self.exchange.url,
            "paper_admin_token": ADMIN_TOKEN,
            "poll_seconds": 0.05,
        }
        return TradingSettings(**(values | changes))

    async def start(self, **changes: object) -> asyncio.Task[None]:
        """Start a trading worker; returns once it is ready."""
        before = self._ready_at()
        task = asyncio.create_task(trade(self.settings(**changes)))
        self._tasks.append(task)

        def ready() -> bool:
            return task.done() or self._ready_at() not in (None, before)

        await eventually(ready, 20)
        if task.done():
            await task
        return task

    def worker_process(self, directory: Path, **settings: object) -> WorkerProcess:
        """A worker as a process of its own, not started yet."""
        environment = {
            "POLYCOOL_DATABASE_URL": self.database_url,
            "POLYCOOL_KEY_ENCRYPTION_KEY": KEY,
            "POLYCOOL_PAPER_URL": self.exchange.url,
            "POLYCOOL_PAPER_ADMIN_TOKEN": ADMIN_TOKEN,
            "POLYCOOL_POLL_SECONDS": "0.05",
        } | {f"POLYCOOL_{name.upper()}": str(value) for name, value in settings.items()}
        worker = WorkerProcess(environment, directory / f"trading-{len(self._processes)}.log")
        self._processes.append(worker)
        return worker

    async def start_process(self, worker: WorkerProcess) -> None:
        """Start it and wait until it is ready."""
        before = self._ready_at()
        worker.start()

        def ready() -> bool:
            return worker.exit_code() is not None or self._ready_at() not in (None, before)

        await eventually(ready, 30)
        assert worker.exit_code() is None, worker.output()[-3000:]

    async def stop(self, task: asyncio.Task[None] | None = None) -> None:
        """End a worker (or all) without any farewell."""
        for each in [task] if task is not None else self._tasks:
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await each
        for worker in self._processes if task is None else ():
            worker.end()

    async def followers(self, count: int = 1, cash: str = "1000", **settings: Any) -> list[str]:
        """So many followers with accounts that trading has opened; their allocations."""
        names = [f"u{number}" for number in range(count)]
        for name in names:
            account_id = self.world.account(name, "0", state="opening")
            self.world.run(
                "INSERT INTO account_credits (credit_id, account_id, usdc) VALUES (%s, %s, %s)",
                f"credit-{name}", account_id, cash,
            )  # fmt: skip
        await eventually(self._all_ready, 30 + count / 10)
        return [self.world.follow(f"{name}-paper", LEADER, **settings) for name in names]

    async def until_credited(self, credit_id: str) -> None:
        """Wait until trading has booked a credit."""
        await eventually(lambda: self.world.rows("SELECT 1 FROM cash_entries WHERE ref = %s", credit_id))

    def _all_ready(self) -> bool:
        """Open, and their money booked: the one is seen before the other."""
        return not self.world.rows("SELECT 1 FROM accounts WHERE state = 'opening'") and not self.world.rows(
            "SELECT 1 FROM account_credits r WHERE NOT EXISTS"
            " (SELECT 1 FROM cash_entries e WHERE e.cause = 'credit' AND e.ref = r.credit_id)"
        )

    def _ready_at(self) -> object:
        rows = self.world.rows("SELECT ready_at FROM worker_epochs")
        return rows[0]["ready_at"] if rows else None

    async def leader_trades(self, *messages: LeaderTraded) -> None:
        """The leader's messages, stored and decided as the stages before do it."""
        for each in messages:
            self.world.run(
                "INSERT INTO trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, traded_at,"
                " appended_at, classified_at, content, leader_number, leader_message)"
                " VALUES (%s, %s, %s, 'chain', %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s) ON CONFLICT DO NOTHING",
                each.wallet, each.trade_id, each.kind.value, each.side.value, each.token_id, each.size, each.price,
                each.usdc, each.traded_at, each.appended_at, each.classified_at, each.number, each.encode(),
            )  # fmt: skip
        await self._deciding.handle(received(list(messages)))

    async def conduct(self, *rules: dict[str, object]) -> None:
        """The exchange misbehaves by these rules from now on."""
        await self.exchange.admin("PUT", "conduct", {"rules": list(rules)})

    def placed(self) -> list[dict[str, Any]]:
        """The orders that the exchange has."""
        return self.world.rows("SELECT * FROM paper.orders ORDER BY placed_at")

    def copies(self) -> list[dict[str, Any]]:
        return self.world.copies()

    def orders(self) -> list[dict[str, Any]]:
        return self.world.rows("SELECT * FROM orders ORDER BY signed_at, copy_order_id")

    async def all_ended(self, timeout: float = 20) -> list[dict[str, Any]]:
        """Wait until every copy order has ended; all of them."""

        def ended() -> bool:
            states = [copy["state"] for copy in self.copies()]
            assert not [state for state in states if state in OPEN], states
            return True

        await eventually(ended, timeout)
        return self.copies()

    def lots(self) -> list[dict[str, Any]]:
        return self.world.rows("SELECT * FROM lots ORDER BY lot_id")

    async def assert_books_agree(self, tokens: Sequence[str] = (TOKEN,)) -> None:
        """Promise 8: cash and shares of every account equal the exchange's ledger to the micro; nothing was lost."""
        for account in self.world.rows(
            "SELECT account_id, wallet, cash_usdc FROM accounts ORDER BY account_id"
        ):
            theirs = await self.exchange.balances(account["wallet"])
            assert Decimal(theirs.get("USDC", "0")) == account["cash_usdc"], account["account_id"]
            for token in tokens:
                held = self.world.rows(
                    "SELECT (SELECT COALESCE(sum(shares), 0) FROM lots WHERE account_id = %s AND token_id = %s)"
                    " - (SELECT COALESCE(sum(e.shares), 0) FROM lot_entries e JOIN lots l USING (lot_id)"
                    "     WHERE l.account_id = %s AND l.token_id = %s AND e.cause = 'dust') AS shares",
                    account["account_id"], token, account["account_id"], token,
                )[0]["shares"]  # fmt: skip
                assert Decimal(theirs.get(token, "0")) == held, (account["account_id"], token)
        entries = self.world.rows(
            "SELECT a.account_id FROM accounts a LEFT JOIN cash_entries e USING (account_id)"
            " GROUP BY a.account_id HAVING a.cash_usdc <> COALESCE(sum(e.usdc), 0)"
        )
        assert entries == []
        await self.exchange.assert_conserved()
