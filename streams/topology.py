"""Topics and stages in the order of the data: read this file first.

    indexer ─► trades ─► classify ─┬─► copy_leader ─► copy_execution ─► copy_orders (Postgres) ─► trading ─► exchange
                                   └─► smart_trader ─► recommend ─► smart_signals (Postgres)         └─► copy_results

A stage is a folder of the same name; in it only ``agent.py`` touches the outside. The key is part of the contract:
what must stay in order has the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.base import Message
from schemas.copies import CopyFinished
from schemas.dead_letters import DeadLetter
from schemas.markets import LeaderValued, MarketSeen
from schemas.trades import LeaderTraded, SmartTraded, TradeSeen
from schemas.watched import WatchedAddress

_DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's contract (DESIGN §5). ``days`` is its retention; none means compacted."""

    name: str
    key: str
    message: type[Message]
    written_by: str
    days: int | None

    def settings(self) -> dict[str, str]:
        """The topic's configuration at the broker. LogAppendTime: the broker's clock counts (SAFETY R17)."""
        kept = (
            {"cleanup.policy": "compact"}
            if self.days is None
            else {"cleanup.policy": "delete", "retention.ms": str(self.days * _DAY_MS)}
        )
        return {**kept, "message.timestamp.type": "LogAppendTime"}


TRADES: Final = Topic("trades", "wallet", TradeSeen, "the indexer, the gateway, polycool feed", 30)
WATCHED_ADDRESSES: Final = Topic(
    "watched_addresses", "wallet", WatchedAddress, "api, through the outbox", None
)
COPY_LEADER: Final = Topic("copy_leader", "wallet", LeaderTraded, "classify", 30)
SMART_TRADER: Final = Topic("smart_trader", "wallet", SmartTraded, "classify", 30)
COPY_RESULTS: Final = Topic(
    "copy_results", "follower", CopyFinished, "copy_execution and trading, through the outbox", 30
)
LEADER_VALUES: Final = Topic("leader_values", "wallet", LeaderValued, "a poller, or an operator", None)
MARKETS: Final = Topic("markets", "token_id", MarketSeen, "market poller, polycool feed --markets", None)
DEAD_LETTERS: Final = Topic("dead_letters", "original key", DeadLetter, "any stage", 90)

TOPICS: Final = (
    TRADES,
    WATCHED_ADDRESSES,
    COPY_LEADER,
    SMART_TRADER,
    COPY_RESULTS,
    LEADER_VALUES,
    MARKETS,
    DEAD_LETTERS,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the way: what it reads, where what it says goes."""

    name: str
    folder: str
    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]
    tables: tuple[str, ...]


WAY: Final = (
    Stage("market_facts", "markets", (MARKETS, LEADER_VALUES), (), ("markets", "leader_values")),
    Stage(
        "classify", "classify", (TRADES, WATCHED_ADDRESSES), (COPY_LEADER, SMART_TRADER),
        ("trades", "leader_positions", "smart_traders_positions"),
    ),
    Stage("copy_execution", "copy_execution", (COPY_LEADER,), (), ("copy_orders", "leader_decisions")),
    Stage("recommend", "smart_trader", (SMART_TRADER,), (), ("smart_signals", "smart_decisions")),
    Stage("dead_letters", "letters", (DEAD_LETTERS,), (), ("dead_letters",)),
    Stage("trading", "trading", (), (COPY_RESULTS,), ("orders", "fills", "lots", "copy_orders")),
)  # fmt: skip


# Stands beside the way: it reads no topic, and no trade waits for it.
BESIDE: Final = (Stage("what_if", "what_if", (), (), ("what_ifs",)),)


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Names as they stand at the broker: the prefix in front (shadow runs), the contract's name behind."""

    prefix: str = ""

    def of(self, topic: Topic) -> str:
        """The full name of a topic."""
        return f"{self.prefix}{topic.name}"

    def all(self) -> dict[str, Topic]:
        """Every full name with its contract."""
        return {self.of(topic): topic for topic in TOPICS}
