"""The parts of the streams process and how they hang together: each stage by name, none found by searching."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from faust.exceptions import ProducerSendError

from streams.classify.agent import Classify, RoleNotes
from streams.copy_execution.agent import CopyExecution
from streams.copy_execution.flooding import Flooding
from streams.kafka.app import App, check_app
from streams.kafka.broker_watch import BrokerWatch
from streams.kafka.following import Following
from streams.kafka.guard import DeadMessage, Guard, Handles, HasLanes
from streams.kafka.patience import Patience
from streams.kafka.precedence import Precedence
from streams.kafka.roles import Roles
from streams.kafka.sender import Sender
from streams.letters.agent import Letters
from streams.letters.inbox import Inbox
from streams.letters.redriver import Redriver
from streams.loopback import Loopback
from streams.markets.agent import MarketFacts
from streams.metrics import Metrics
from streams.outbox.agent import Relay
from streams.pool_figures import PoolFigures
from streams.settings import StageName, StreamsSettings
from streams.smart_trader.agent import Recommend
from streams.smart_trader.scorekeeper import Scorekeeper
from streams.tables.pool import Pool
from streams.topology import MARKETS, TRADES, WATCHED_ADDRESSES, WAY, Stage
from streams.wallet_facts.agent import WalletFacts
from streams.what_if.agent import WhatIfs

if TYPE_CHECKING:
    from streams.tracing import Tracing

Crash = Callable[[BaseException], NoReturn]
# Beyond patience: a batch that was split is tried in parts, each with a patience of its own.
STUCK_SECONDS: Final = 60.0


class Parts:
    """Faust's app with its agents, and what stands beside it: the roles, the loopback."""

    def __init__(self, settings: StreamsSettings, app: App, pool: Pool, crash: Crash) -> None:
        self.settings = settings
        self.app = app
        self.metrics = Metrics(_now)
        self.metrics.registry.register(PoolFigures(pool.get_stats))
        self._read: dict[str, int] = {}
        self._crash = crash
        self._tracing = _tracing(settings)
        self._names = settings.names
        self._followings: list[Following] = []
        self.precedence = Precedence(time.monotonic)
        self.roles = Roles(
            settings.kafka,
            self._names.of(WATCHED_ADDRESSES),
            RoleNotes(pool),
            refused=self._refuse_roles,
            crash=crash,
        )
        self.metrics.watched.set_function(lambda: len(self.roles.book))
        self.loopback = Loopback(
            settings.streams_http_port, self.metrics.registry, alive=self._stuck, ready=self._complaint
        )
        self.relay = Relay(
            settings.database_url.get_secret_value(),
            self._names,
            self._produce,
            kept_minutes=settings.outbox_kept_minutes,
            crash=crash,
            told=self.metrics.relayed,
        )
        self.facts = WalletFacts(
            pool,
            look_seconds=settings.facts_look_seconds,
            renew_seconds=settings.facts_renew_seconds,
            now=_now,
        )
        self.scorekeeper = Scorekeeper(pool, look_seconds=settings.grades_look_seconds)
        self.flooding = Flooding(pool, self.metrics.decided)
        self.what_ifs = WhatIfs(
            pool,
            settings.database_url.get_secret_value(),
            seconds=settings.what_if_seconds,
            trades_most=settings.what_if_trades_most,
            live_sources=settings.live_sources,
        )
        self.redriver = Redriver(
            settings.database_url.get_secret_value(),
            Inbox(settings.kafka, self._names, self._place),
            patience_seconds=settings.redrive_patience_seconds,
            crash=crash,
        )
        self.broker_watch = BrokerWatch(settings.kafka, self.metrics.broker_up.set)
        self._beside: list[asyncio.Task[None]] = []
        stages = self._stages(pool)
        for stage in WAY:
            if stage.name in settings.streams_stages:
                self._add_agent(stage, stages[stage.name])
        check_app(app)
        app.on_partitions_assigned.connect(self._assigned)
        app.on_partitions_revoked.connect(self._revoked)

    def _stages(self, pool: Pool) -> dict[str, Handles]:
        """The stages of this process by their names in the way."""
        settings = self.settings
        return {
            "market_facts": MarketFacts(
                pool,
                markets=self._names.of(MARKETS),
                leader_values_hours=settings.leader_values_hours,
                now=_now,
            ),
            "classify": Classify(
                pool,
                self.roles,
                now=_now,
                monotonic=time.monotonic,
                told=self.metrics.sorted,
                spent=self.metrics.spent("classify"),
            ),
            "copy_execution": CopyExecution(
                pool,
                settings.live_sources,
                _now,
                self.metrics.decided,
                most_buys=settings.leader_buys_most,
                wake=self.flooding.wake,
                prevented=self.metrics.prevented,
                turns=lambda: self.precedence.turn().give_way,
            ),
            "recommend": Recommend(
                pool, threshold_usdc=settings.smart_threshold_usdc, told=self.metrics.recommended
            ),
            "dead_letters": Letters(pool),
        }

    async def start(self) -> None:
        """Start what stands beside Faust's app."""
        await self.loopback.start()
        await self.roles.start()

    def relay_outbox(self) -> None:
        """Begin to relay, and what else stands beside the way; Faust's producer must have been started."""
        self._beside = [
            asyncio.create_task(beside.run())
            for beside in (self.relay, self.facts, self.scorekeeper, self.broker_watch)
        ]
        if StageName.COPY_EXECUTION in self.settings.streams_stages:
            self._beside.append(asyncio.create_task(self.flooding.run()))
        if StageName.DEAD_LETTERS in self.settings.streams_stages:
            self._beside.append(asyncio.create_task(self.redriver.run()))
        if StageName.WHAT_IF in self.settings.streams_stages:
            self._beside.append(asyncio.create_task(self.what_ifs.run()))

    async def stop(self) -> None:
        """Stop in order: what stands beside the way, then Faust, which finishes what is in hand."""
        for task in self._beside:
            task.cancel()
        if self._beside:
            await asyncio.wait(self._beside)
        await self.app.stop()
        await self.roles.stop()
        await self.loopback.stop()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)

    def _add_agent(self, stage: Stage, handles: Handles) -> None:
        topic = self.app.topic(
            *(self._names.of(read) for read in stage.reads if read is not WATCHED_ADDRESSES),
            key_type=bytes,
            value_type=bytes,
        )
        lanes = handles if isinstance(handles, HasLanes) else None
        following = Following(
            self._guard(stage, handles if lanes is None else lanes.straight),
            Sender(stage.name, self._names, self._produce, now=_now, traced=self._produce),
            batch_messages=self.settings.batch_messages,
            gather_seconds=self.settings.gather_seconds,
            in_flight=self.settings.batches_in_flight,
            crash=self._crash,
            counted=self.metrics.counted(stage.name),
            monotonic=time.monotonic,
            tracing=self._tracing,
            aside=None if lanes is None else self._guard(stage, lanes.aside),
            longest_rest=0.0 if lanes is None else lanes.longest_rest_seconds,
            precedence=self.precedence,
        )
        self._followings.append(following)
        reads = [self._names.of(read) for read in stage.reads if read is not WATCHED_ADDRESSES]
        self.metrics.watch(
            stage.name,
            lambda: following.oldest_appended_at,
            lambda: sum(self._read.get(name, 0) for name in reads),
        )
        self.app.agent(topic, name=stage.name)(following.follow)

    def _guard(self, stage: Stage, handles: Handles) -> Guard:
        return Guard(
            stage.name,
            handles,
            Patience(self.settings.patience_seconds, self.settings.try_seconds),
            monotonic=time.monotonic,
            on_retry=self.metrics.retried(stage.name),
        )

    async def _produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> Awaitable[object]:
        try:
            confirmation: Awaitable[object] = await self.app.producer.send(
                topic, key, value, None, None, headers
            )
        except ProducerSendError as fault:
            # Faust hides what Kafka said; whether it passes or not is in there.
            raise fault.__cause__ or fault from fault
        return confirmation

    async def _place(
        self, topic: str, partition: int, key: bytes | None, value: bytes, headers: dict[str, bytes]
    ) -> tuple[int, int]:
        """Send into that very partition, confirmed."""
        try:
            confirmation = await self.app.producer.send(topic, key, value, partition, None, headers)
            placed = await confirmation
        except ProducerSendError as fault:
            raise fault.__cause__ or fault from fault
        return placed.partition, placed.offset

    async def _refuse_roles(self, dead: Sequence[DeadMessage]) -> None:
        await (await Sender("roles", self._names, self._produce, now=_now).begin([], dead))

    async def _assigned(self, *given: Any, **_more: Any) -> None:
        _sender, assigned = given
        self._read = Counter(place.topic for place in assigned)
        trades = self._names.of(TRADES)
        self.roles.own([place.partition for place in assigned if place.topic == trades])

    async def _revoked(self, *_given: Any, **_more: Any) -> None:
        self._read = {}
        self.roles.disown()

    def _stuck(self) -> str | None:
        """Why this process should be ended: a batch is in hand for longer than patience allows."""
        bound = self.settings.patience_seconds + self.settings.try_seconds + STUCK_SECONDS
        if any(following.busy_seconds > bound for following in self._followings):
            return "a batch is in hand for longer than patience allows"
        return None

    def _complaint(self) -> str | None:
        """Why this process is not ready."""
        if self.app.rebalancing:
            return "the consumer group is being divided anew"
        if not self.roles.ready.is_set():
            return "the roles of wallets are not read yet"
        return None


def _now() -> datetime:
    return datetime.now(UTC)


def _tracing(settings: StreamsSettings) -> Tracing | None:
    """None while traces are off: then nothing of them is even imported."""
    if settings.traces_url is None:
        return None
    from streams.tracing import Tracing

    return Tracing(settings.traces_url, "streams")
