"""Histories of wallets in the tables, as classify would have written them, and the worker that reads them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg

from streams.tables.pool import open_pool
from streams.wallet_facts.agent import WalletFacts

_places = count(1)


class Histories:
    """Writes trades and markets as the tables' owner."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.owner = psycopg.connect(database_url, autocommit=True)

    def watched(self, wallet: str, *roles: str, **more: Any) -> None:
        """A wallet with these roles."""
        known = {"wallet": wallet, "version": 1} | more
        self._insert("watched_addresses", known)
        for role in roles:
            self._insert("wallet_roles", {"wallet": wallet, "role": role, "since_version": 1})

    def market(self, token: str, *, payout: str | None = None, **more: Any) -> str:
        """A market of one token."""
        known = {
            "token_id": token, "version": 1, "market_id": f"m-{token}", "question": f"Will {token} win?",
            "outcome": "Yes", "tick": "0.01", "min_buy_usdc": "1", "min_rest_shares": "5", "fee_rate": "0.05",
            "neg_risk": False, "exchange_version": 2, "category": "Sports", "closed": payout is not None,
            "payout": payout,
        } | more  # fmt: skip
        self._insert("markets", known)
        return token

    def trade(
        self, wallet: str, token: str, side: str = "BUY", size: str = "100", price: str = "0.4",
        *, ago: timedelta = timedelta(hours=1), kind: str = "trade", **more: Any,
    ) -> str:  # fmt: skip
        """A trade of the wallet; ``ago`` before now."""
        number = next(_places)
        at = datetime.now(UTC) - ago
        tx_hash = "0x" + hashlib.sha256(f"{wallet}{number}".encode()).hexdigest()
        known = {
            "wallet": wallet, "trade_id": f"{tx_hash}-0", "kind": kind, "source": "chain", "side": side,
            "token_id": token, "size": size, "price": price if kind == "trade" else None,
            "usdc": str(Decimal(size) * Decimal(price)) if kind == "trade" else None, "tx_hash": tx_hash,
            "traded_at": at, "appended_at": at, "classified_at": at, "content": tx_hash[:16].encode(),
            "leader_number": number,
        } | more  # fmt: skip
        self._insert("trades", known)
        return str(known["trade_id"])

    def signal(
        self, wallet: str, token: str, *, usdc: str = "400", price: str = "0.4", ago: timedelta = timedelta(minutes=1),
        **more: Any,
    ) -> str:  # fmt: skip
        """A recommended purchase of one fill."""
        number = next(_places)
        at = datetime.now(UTC) - ago
        name = f"S-{number:07}"
        known = {
            "signal_id": name, "wallet": wallet, "token_id": token, "burst_started_at": at, "usdc": usdc,
            "shares": "1000", "average_price": price, "fills": 1, "first_at": at, "last_at": at,
            "first_entry": True,
        } | more  # fmt: skip
        self._insert("smart_signals", known)
        self._insert(
            "smart_decisions",
            {
                "wallet": wallet, "number": number, "trade_id": f"{name}-0", "token_id": token,
                "burst_started_at": at, "result": "new", "usdc": usdc, "shares": "1000", "traded_at": at,
            },
        )  # fmt: skip
        return name

    def price(self, token: str, *, bid: str | None, offer: str | None, venue: str = "paper") -> None:
        """The top of the book, as trading saw it just now."""
        self.owner.execute(
            b"INSERT INTO token_prices VALUES (%s, %s, %s, %s, 50, 60, clock_timestamp()) ON CONFLICT (venue, token_id)"
            b" DO UPDATE SET bid = EXCLUDED.bid, offer = EXCLUDED.offer, seen_at = EXCLUDED.seen_at",
            [venue, token, bid, offer],
        )

    def seasoned(self, wallet: str, markets: int, *, days: int = 40, category: str = "Sports") -> None:
        """A wallet seen for so many days, with so many ended markets, every second of them won."""
        for number in range(markets):
            token = self.market(f"{wallet[-4:]}{number}", payout=str(number % 2), category=category)
            self.trade(wallet, token, ago=timedelta(days=days - number * days / (markets + 1)))

    async def worked_out(self) -> None:
        """The facts of all wallets, as the worker keeps them."""
        pool = await open_pool(self.url, "streams", max_size=2, min_size=1)
        stage = WalletFacts(pool, look_seconds=1, renew_seconds=0, now=lambda: datetime.now(UTC))
        while await stage.round():
            pass
        await pool.close()

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        places = ", ".join(["%s"] * len(row))
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places}) ON CONFLICT DO NOTHING"
        self.owner.execute(statement.encode(), list(row.values()))
