"""The whole of Polycool for the bot's tests: broker, database, exchange, streams, trading, API and bot as processes,
one leader with a history, one smart trader, one market with a book; trades are put on the topic as the indexer does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg

from ops.feed.door import Door, open_door
from ops.stack.environment import local_secrets
from ops.stack.local import Stack
from ops.stack.ports import free_port
from ops.stack.program import Program
from schemas.enums import Side, Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.topology import MARKETS, TRADES, TopicNames
from tests.api.histories import Histories
from tests.conftest import StartProcess
from tests.copy_execution.world import MARKET, TOKEN
from tests.waiting import eventually

BOT_TOKEN = "4711:AAF-a_token_of_nobody_at_all_for_tests"
DATABASE_PASSWORD = "canary-of-the-database-password"
LEADER = "0x6031" + "5" * 32 + "a9c2"
SMART = "0x9c1f" + "7" * 32 + "44e0"
QUESTION, OUTCOME = "Will X win?", "Yes"
# Bounds, not waits: a machine that does much else is slow.
BOUND = 60.0
_trades = count(1)


@dataclass
class Town:
    """What the tests do to it."""

    stack: Stack
    place: Path
    database_url: str
    names: TopicNames
    start: StartProcess
    ports: dict[str, str]
    door: Door
    programs: dict[str, Program] = field(default_factory=dict)

    @property
    def secrets(self) -> dict[str, str]:
        """The processes' secrets."""
        return local_secrets(self.place)

    async def begin(self, *names: str, **settings: str) -> None:
        """Start processes at once, with settings of their own, and wait until they are ready."""
        begun = await asyncio.gather(*(self.start(name, **self.ports, **settings) for name in names))
        self.programs |= dict(zip(names, begun, strict=True))

    async def run_bot(self, telegram_url: str, **settings: str) -> Program:
        """The bot, on a server of the Bot API."""
        telegram = {"POLYCOOL_TELEGRAM_TOKEN": BOT_TOKEN, "POLYCOOL_TELEGRAM_URL": telegram_url}
        # Everything else runs beside the API: it may answer late.
        patient = {"POLYCOOL_BOT_LOOK_SECONDS": "20", "POLYCOOL_BOT_CHANGE_SECONDS": "40"}
        await self.begin("bot", **telegram, **patient, **settings)
        return self.programs["bot"]

    async def settle(self, *, known: bool = True) -> None:
        """A leader with 25 ended markets, a smart trader, and a market with a book at 42¢ and 44¢. ``known``: until
        what the leader did is counted, so that he is suggested."""
        # Before they are watched: who is watched is counted within a second, and not again for a minute.
        histories = Histories(self.database_url)
        for number in range(25):
            token = histories.market(f"9{number}", payout=str(number % 2))
            ago = timedelta(days=40 - number * 1.6)
            histories.trade(LEADER, token, ago=ago, leader_number=None)
        histories.owner.close()
        for wallet, role, label in ((LEADER, "copy_leader", "Alice"), (SMART, "smart_trader", None)):
            body = {"wallet": wallet, "roles": [role], "label": label}
            await self.ask("POST", "/v1/watched-addresses", body)
        await self.list_market()
        if known:
            counted = "SELECT 1 FROM wallet_facts WHERE ended_markets = 25 AND buys = 18"
            await eventually(lambda: self.rows(counted), BOUND)

    async def list_market(self) -> None:
        """The market on its topic and, with a book, at the exchange."""
        now = datetime.now(UTC)
        seen = MarketSeen(
            version=1, token_id=TOKEN, market_id=MARKET, question=QUESTION, outcome=OUTCOME, category="sports",
            tick=Decimal("0.01"), fee_rate=Decimal("0.05"), neg_risk=False, end_at=now + timedelta(days=3),
        )  # fmt: skip
        await self.door.send(MARKETS, TOKEN, seen)
        await self.door.confirm()
        await eventually(lambda: self.rows("SELECT 1 FROM markets WHERE token_id = %s", TOKEN), BOUND)
        facts = {
            "token_id": TOKEN,
            "market_id": MARKET,
            "question": QUESTION,
            "outcome": OUTCOME,
            "tick": "0.01",
        }
        await self.exchange("markets", {"tokens": [facts | {"fee_rate": "0.05"}]})
        await self.put_book()

    async def put_book(self, bid: str = "0.42", ask: str = "0.44") -> None:
        """What is offered for the market's outcome."""
        bids, asks = [{"price": bid, "size": "1000"}], [{"price": ask, "size": "1000"}]
        await self.exchange("books", {"books": [{"token_id": TOKEN, "bids": bids, "asks": asks}]})

    async def exchange(self, what: str, body: dict[str, Any]) -> None:
        """PUT at the exchange's operator door."""
        headers = {"Authorization": f"Bearer {self.secrets['POLYCOOL_PAPER_ADMIN_TOKEN']}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.ports['POLYCOOL_PAPER_PORT']}", timeout=30
        ) as http:
            answer = await http.put(f"/paper/admin/{what}", json=body, headers=headers)
        assert answer.is_success, answer.text

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as an operator."""
        headers = {
            "Authorization": f"Bearer {self.secrets['POLYCOOL_OPERATOR_TOKEN']}",
            "Polycool-Operator": "tests",
            "Idempotency-Key": f"town-{next(_trades)}",
        }
        async with httpx.AsyncClient(base_url=self.ports["POLYCOOL_API_URL"], timeout=30) as http:
            answer = await http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def trade(self, wallet: str, usdc: str, *, price: str = "0.43", side: Side = Side.BUY) -> str:
        """A trade on the topic, seen two seconds after it happened; its id."""
        number = next(_trades)
        tx_hash = "0x" + hashlib.sha256(f"town {wallet} {number}".encode()).hexdigest()
        # As a block has it: whole seconds.
        happened = (datetime.now(UTC) - timedelta(seconds=2)).replace(microsecond=0)
        size = (Decimal(usdc) / Decimal(price)).quantize(Decimal("0.01"))
        trade = TradeSeen(
            trade_id=f"{tx_hash}-0", source=Source.CHAIN, wallet=wallet, side=side, token_id=TOKEN, size=size,
            price=Decimal(price), usdc=size * Decimal(price), tx_hash=tx_hash, traded_at=happened,
        )  # fmt: skip
        await self.door.send(TRADES, wallet, trade)
        await self.door.confirm()
        return trade.trade_id

    def story(self) -> str:
        """How it stands, for a failed test: copies, notices, and the end of what the processes wrote."""
        asked = {
            "copies": "SELECT side, state, reason, cause FROM copy_orders",
            "by hand": "SELECT side, state, reason, cause FROM manual_orders",
            "notices": "SELECT kind, event, body FROM notifications",
        }
        found = [f"{name}: {self._told(statement)}" for name, statement in asked.items()]
        return "\n".join([*found, *(f"-- {name}\n{each.tail()}" for name, each in self.programs.items())])

    def _told(self, statement: str) -> str:
        try:
            return str(self.rows(statement))
        except psycopg.Error as error:
            return str(error)

    def run(self, statement: str) -> None:
        """Change something as the owner of the tables."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, as the owner of the tables."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return list(connection.execute(statement.encode(), values))


@asynccontextmanager
async def town_of(
    stack: Stack,
    place: Path,
    database_url: str,
    names: TopicNames,
    start: StartProcess,
    *,
    known: bool = True,
) -> AsyncIterator[Town]:
    """Everything but the bot runs when the block begins; `run_process` ends it after the test."""
    api, paper = free_port(), free_port()
    ports = {
        "POLYCOOL_API_PORT": str(api), "POLYCOOL_API_URL": f"http://127.0.0.1:{api}",
        "POLYCOOL_PAPER_PORT": str(paper), "POLYCOOL_PAPER_URL": f"http://127.0.0.1:{paper}",
    }  # fmt: skip
    # The database asks nobody for it here; it must be found nowhere all the same.
    ports["POLYCOOL_DATABASE_URL"] = database_url.replace("://polycool@", f"://polycool:{DATABASE_PASSWORD}@")
    async with open_door(stack.kafka, names) as door:
        town = Town(stack, place, database_url, names, start, ports, door)
        await town.begin("paper", "streams", "trading", "api")
        await town.settle(known=known)
        yield town
