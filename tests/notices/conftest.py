"""People, copies and notices in a real database, and the API's door to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from api.database import OPERATOR, Database
from api.notices import outcomes
from api.notices.claiming import claim
from api.texts import texts_or_english
from schemas.notices import NoticeOutcome, NoticeResult, NoticeView
from tests.copy_execution.world import TOKEN, World, clock, wallet

_names = count(1)
ALICE_LEADER = wallet(1, "e")


@dataclass
class Post:
    """The API's side of notices: claims and answers as the bot would."""

    database: Database
    world: World
    followings: dict[tuple[str, str], str] = field(default_factory=dict)

    async def claim(self, most: int = 25) -> tuple[NoticeView, ...]:
        """What is to be shown now."""
        return await claim(self.database, texts_or_english, "bot", most, 0.0)

    async def answer(self, notice: NoticeView, outcome: NoticeOutcome, **more: Any) -> None:
        """What became of a claimed notice."""
        result = NoticeResult(outcome=outcome, revision=notice.revision, **more)
        async with self.database.transaction(OPERATOR) as transaction:
            await outcomes.answer(transaction, int(notice.notification_id), result)

    async def sent(self, notice: NoticeView, message_id: int = 1) -> None:
        """It stands in the chat."""
        await self.answer(notice, NoticeOutcome.SENT, telegram_message_id=message_id)

    def person(self, name: str, *, telegram: bool = True, **columns: Any) -> str:
        """A user with a paper account who can be written to; columns of ``users`` by name."""
        self.world.account(name)
        number = next(_names)
        self.world.run(
            "UPDATE users SET telegram_id = %s WHERE user_id = %s", number if telegram else None, name
        )
        for column, value in columns.items():
            self.world.run(f"UPDATE users SET {column} = %s WHERE user_id = %s", value, name)
        return name

    def settings(self, name: str, **settings: Any) -> None:
        """What the person has set about notices."""
        self.world.run("UPDATE users SET notice_settings = %s WHERE user_id = %s", json.dumps(settings), name)

    def following(self, name: str, venue: str = "paper") -> str:
        """Their following of the one leader."""
        if (name, venue) not in self.followings:
            if not self.world.rows("SELECT 1 FROM watched_addresses WHERE wallet = %s", ALICE_LEADER):
                self.world.leader(ALICE_LEADER)
                self.world.run("UPDATE watched_addresses SET label = 'Alice' WHERE wallet = %s", ALICE_LEADER)
                self.world.market(question="Will X win?", outcome="Yes")
            if venue != "paper":
                self.world.account(name, venue=venue, wallet=wallet(next(_names), "d"))
            self.followings[name, venue] = self.world.follow(f"{name}-{venue}", ALICE_LEADER)
        return self.followings[name, venue]

    def copy(
        self,
        name: str,
        state: str = "filled",
        *,
        venue: str = "paper",
        at: datetime | None = None,
        **columns: Any,
    ) -> str:
        """A copy order of theirs in this state, without a notice."""
        allocation_id, number = self.following(name, venue), next(_names)
        copy_order_id, when = f"C-{number:07d}", at or clock()
        open_still = state in ("waiting", "planned", "submitting", "unknown")
        row: dict[str, Any] = {
            "copy_order_id": copy_order_id, "trade_id": f"0x{number:064x}-0", "allocation_id": allocation_id,
            "allocation_version": 1, "user_id": name, "account_id": f"{name}-{venue}", "leader": ALICE_LEADER,
            "number": number, "venue": venue, "side": "BUY", "token_id": TOKEN, "state": state, "cause": "a test",
            "amount_usdc": 2, "limit_price": "0.53", "reserve_usdc": "2.11", "traded_at": when, "appended_at": when,
            "decided_at": when, "times": "{}", "ended_at": None if open_still else when,
            "filled_shares": "3.84" if state in ("filled", "partial") else 0,
            "filled_usdc": "2" if state in ("filled", "partial") else 0,
            "fee_usdc": "0.04" if state in ("filled", "partial") else 0,
            "reject_reason": "TICK" if state == "rejected" else None,
            "reason": {"skipped": "PRICE_BAND", "expired": "TOO_OLD"}.get(state),
        } | columns  # fmt: skip
        names = ", ".join(row)
        self.world.run(
            f"INSERT INTO copy_orders ({names}) VALUES ({', '.join(['%s'] * len(row))})", *row.values()
        )
        return copy_order_id

    def tell(self, name: str, kind: str, event: str, **body: Any) -> int:
        """A notice as whoever commits its fact would write it."""
        (row,) = self.world.rows(
            "INSERT INTO notifications (user_id, kind, event, body) VALUES (%s, %s, %s, %s) RETURNING notification_id",
            name, kind, event, json.dumps(body),
        )  # fmt: skip
        return int(row["notification_id"])

    def copied(self, name: str, state: str = "filled", **columns: Any) -> str:
        """A copy order with its notice."""
        copy_order_id = self.copy(name, state, **columns)
        side = columns.get("side", "BUY")
        self.tell(name, f"copy_{state}", copy_order_id, copy_order_id=copy_order_id, side=side)
        return copy_order_id

    def row(self, notification_id: int | str) -> dict[str, Any]:
        """A notice as it stands."""
        (row,) = self.world.rows(
            "SELECT * FROM notifications WHERE notification_id = %s", int(notification_id)
        )
        return row

    def notices(self, kind: str) -> list[dict[str, Any]]:
        """All notices of a kind."""
        return self.world.rows("SELECT * FROM notifications WHERE kind = %s ORDER BY notification_id", kind)

    def expire_leases(self) -> None:
        """As if a minute had gone by."""
        self.world.run(
            "UPDATE notifications SET claimed_until = clock_timestamp() - interval '1 second'"
            " WHERE claimed_until IS NOT NULL"
        )


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    """An empty post office."""
    database, world = Database(database_url, size=4, wait_seconds=10), World.on(database_url)
    await database.open()
    try:
        yield Post(database, world)
    finally:
        await database.close()
        world.owner.close()
