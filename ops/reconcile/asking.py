"""Asking the trading process, the only one with keys, to look at the exchange, and waiting for what it found."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ops.failures import Missing
from ops.statements import statement

_PACKAGE: Final = "ops.reconcile"
# The trading process asks for such rows every second; what it does not begin by then it will not.
_BEGIN_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Wish:
    """What is asked for: one account or all; to accept what came from outside, to let its BUYs go again."""

    account_id: str | None
    asked_by: str
    accept: bool = False
    allow_buys: bool = False


def plan(database_url: str, account_id: str | None) -> dict[str, Any]:
    """What a pass would look at: orders, accounts, stopped, and whether trading runs."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        row = connection.execute(
            statement(_PACKAGE, "to_look_at").encode(), {"account_id": account_id}
        ).fetchone()
    assert row is not None
    return row


def reconcile(database_url: str, wish: Wish, patience_seconds: float) -> dict[str, Any]:
    """Ask, and wait until it is done. Raises ``Missing`` when nobody begins, or it takes too long."""
    request_id = uuid.uuid4().hex
    asked = {
        "request_id": request_id,
        "account_id": wish.account_id,
        "asked_by": wish.asked_by,
        "accept": wish.accept,
        "allow_buys": wish.allow_buys,
    }
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute(statement(_PACKAGE, "ask").encode(), asked)
        began = time.monotonic()
        while True:
            row = connection.execute(
                statement(_PACKAGE, "answer").encode(), {"request_id": request_id}
            ).fetchone()
            assert row is not None
            if row["done_at"] is not None:
                return {"orders": row["orders"], "accounts": row["accounts"]}
            waited = time.monotonic() - began
            if row["begun_at"] is None and waited > _BEGIN_SECONDS:
                raise Missing(
                    "no trading process has begun the look within 20 s: is polycool trading running?"
                )
            if waited > patience_seconds:
                raise Missing(
                    f"the look was not done within {patience_seconds:g} s; polycool reconcile asks again."
                )
            time.sleep(_POLL_SECONDS)
