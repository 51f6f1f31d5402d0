"""Rows of a trades file for tests, good ones unless a cell is given otherwise."""

from __future__ import annotations

from collections.abc import Iterable

HEADER = "ts,wallet,side,token_id,condition_id,outcome,price,size_shares,amount_usdc,tx_hash"
WALLET = "0x" + "ab" * 20
OTHER_WALLET = "0x" + "cd" * 20


def tx(number: int) -> str:
    """A transaction's hash."""
    return f"0x{number:064x}"


def line(
    number: int,
    *,
    ts: str = "1761680413",
    wallet: str = WALLET,
    side: str = "BUY",
    token_id: str = "8" * 77,
    price: str = "0.5",
    size: str = "10",
    usdc: str = "5",
    tx_hash: str | None = None,
) -> str:
    """One row; its transaction is made of ``number`` unless it is given."""
    hash_text = tx(number) if tx_hash is None else tx_hash
    return ",".join([ts, wallet, side, token_id, "0x" + "1" * 64, "Yes", price, size, usdc, hash_text])


def csv_text(lines: Iterable[str]) -> str:
    """A whole file."""
    return "\n".join([HEADER, *lines]) + "\n"
