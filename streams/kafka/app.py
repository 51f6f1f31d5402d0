"""The Faust app: transport and worker frame, nothing more (DESIGN §11). Measured facts: no tables, no concurrency.

Each setting that departs from Faust's default has its reason beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import faust
from faust.sensors import Monitor
from faust.transport.drivers import aiokafka as driver
from faust.types.enums import ProcessingGuarantee

from streams.kafka.credentials import credentials
from streams.kafka.drain import UPSTREAM, QuickConsumer, digests
from streams.kafka.sender import remembering_partitioner
from streams.settings import StreamsSettings

# The crash suite is green for exactly these (pyproject.toml says the same to the installer).
PINNED: Final = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}


class Producer(driver.Producer):
    """Idempotent: a repeat after a lost answer is no second message, and the order stands."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """aiokafka's transport with the idempotent producer and the quick way to the agents."""

    Consumer = QuickConsumer
    Producer = Producer


class App(faust.App):
    """Faust's app over our transport."""

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)


def make_app(settings: StreamsSettings, datadir: str) -> App:
    """The app of this process."""
    return App(
        settings.group,
        broker=f"kafka://{settings.kafka}",
        broker_credentials=credentials(settings),
        datadir=datadir,
        # Agents are imported by name (streams/worker.py); nothing is found by walking packages.
        autodiscover=False,
        # exactly_once does not give it (research: sends outside the transaction, fencing); Postgres keeps the keys.
        processing_guarantee="at_least_once",
        # Bytes are decoded inside the agents, so that the dead letter is confirmed before the acknowledgement.
        key_serializer="raw",
        value_serializer="raw",
        # Default 60 s is how long partitions stand still after a kill.
        broker_session_timeout=settings.session_seconds,
        # Three signs of life per session.
        broker_heartbeat_interval=settings.session_seconds / 3,
        # Default 90 s; must be above the session's. A broker that does not answer for 30 s is not there.
        broker_request_timeout=30.0,
        # Above the patience with one batch, so that a member under retry is not expelled.
        broker_rebalance_timeout=60.0,
        # Default 2.8 s; less is re-read after a kill.
        broker_commit_interval=1.0,
        # Default none: a backlog of one topic would come in one piece and hold up the others.
        broker_max_poll_records=500,
        # Default 4,096 a topic; less is thrown away at a rebalance.
        stream_buffer_maxsize=1_024,
        # Default 1,200 s.
        producer_request_timeout=30.0,
        # Default 1 MB, less than a broker takes: how large a message may be is the topic's to say.
        producer_max_request_size=16 << 20,
        # Latency first: batches form while an earlier request is on its way.
        producer_linger=0,
        # Hashing a key is 15 µs of pure Python; wallets come again and again.
        producer_partitioner=remembering_partitioner,
        # Topics are made by `polycool topics` with the contract's settings, never by a worker.
        topic_allow_declare=False,
        # No leader topic: nothing here is a leader's task.
        topic_disable_leader=True,
        # Its pages show tables and routes; health and metrics have a server of their own on the loopback.
        web_enabled=False,
        # Faster hand-over from the queue to the agent; covered by the crash suite.
        cython_optimizations=True,
        # We count batches ourselves.
        Monitor=NoMonitor,
        # Our logs are JSON lines already.
        worker_redirect_stdouts=False,
    )


class NoMonitor(Monitor):
    """Counts nothing: we count batches, not events (streams/metrics.py); Faust's own counting takes a fifth of its
    speed."""

    def on_message_in(self, tp: Any, offset: int, message: Any) -> None: ...

    def on_stream_event_in(self, tp: Any, offset: int, stream: Any, event: Any) -> None: ...

    def on_stream_event_out(
        self, tp: Any, offset: int, stream: Any, event: Any, state: Any = None
    ) -> None: ...

    def on_message_out(self, tp: Any, offset: int, message: Any) -> None: ...

    def track_tp_end_offset(self, tp: Any, offset: int) -> None: ...


class WrongGround(Exception):
    """The process may not run on what it found: versions, tables, concurrency, partition counts."""


def check_versions() -> None:
    """Raises WrongGround unless the installed transport is the one the crash suite was green with."""
    for package, wanted in PINNED.items():
        if (found := version(package)) != wanted:
            raise WrongGround(f"{package} {found} is installed, the crash suite is green for {wanted} only")
    if digests() != UPSTREAM:
        raise WrongGround("Faust's delivery loop is not the one that streams/kafka/drain.py was written for")


def check_app(app: App) -> None:
    """Raises WrongGround for a Faust table, an agent with concurrency, or another guarantee (each loses messages)."""
    if app.tables.data:
        raise WrongGround(f"Faust tables lose messages at recovery: {sorted(app.tables.data)}")
    for name, agent in app.agents.items():
        if agent.concurrency != 1:
            raise WrongGround(
                f"agent {name} has concurrency {agent.concurrency}: in-flight events are lost on a kill"
            )
    guarantee: Any = app.conf.processing_guarantee
    if guarantee is not ProcessingGuarantee.AT_LEAST_ONCE:
        raise WrongGround("the processing guarantee must be at_least_once")
