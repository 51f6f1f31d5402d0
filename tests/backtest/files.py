"""Small files of trades, followers and books, so small that what comes of them is worked out by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.cli import run
from tests.rules.situations import FOLLOWER, LEADER

HEADER = "ts,wallet,side,token_id,condition_id,outcome,price,size_shares,amount_usdc,tx_hash"
BOOK_HEADER = "market_slug,asset_id,event_type,price,side,size,hash,timestamp_ms"
BEGAN = 1_761_680_000
SECOND = "0x" + "f2" * 20


def trade(after: int, side: str, price: str, usdc: str, *, asset: str = "77") -> str:
    """A row, so many seconds after the first."""
    size = float(usdc) / float(price)
    tx_hash = f"0x{after:064x}"
    return f"{BEGAN + after},{LEADER},{side},{asset},0xc0,Yes,{price},{size:.6f},{usdc},{tx_hash}"


def level(after: int, side: str, price: str, size: str, *, asset: str = "77", snapshot: str = "") -> str:
    """A level of a book, so many seconds after the first trade; ``snapshot`` names the whole book it is part of."""
    kind = "book" if snapshot else "price_change"
    return f"m,{asset},{kind},{price},{side},{size},{snapshot},{(BEGAN + after) * 1000}"


@dataclass
class Files:
    """Where the files of a test are."""

    place: Path

    def write(self, trades: list[str], *settings: dict[str, Any], books: list[str] | None = None) -> None:
        """Trades, and one follower with 100 USDC for each of the settings."""
        self._lines("trades.csv", HEADER, trades)
        self._lines("books.csv", BOOK_HEADER, books or [])
        wallets = (FOLLOWER, SECOND)[: len(settings)]
        rows = [
            {"allocation_id": f"a{number}", "follower": wallet, "leader": LEADER}
            | {"active_from": "2025-01-01T00:00:00Z", "mode": "multiplier", "multiplier": "0.1"}
            | {"budget_usdc": "100"}
            | own
            for number, (wallet, own) in enumerate(zip(wallets, settings, strict=True), start=1)
        ]
        money = [{"wallet": wallet, "cash_usdc": "100"} for wallet in wallets]
        self.path("allocations.json").write_text(json.dumps({"followers": money, "allocations": rows}))

    def path(self, name: str) -> Path:
        """A file of this test."""
        return self.place / name

    def backtest(self, *more: str) -> int:
        """Run the command on them."""
        named = [
            "--trades",
            str(self.path("trades.csv")),
            "--allocations",
            str(self.path("allocations.json")),
        ]
        return run(["backtest", *named, *more])

    def _lines(self, name: str, header: str, rows: list[str]) -> None:
        self.path(name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")
