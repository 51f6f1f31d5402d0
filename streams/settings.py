"""Settings of `polycool streams`, read once from POLYCOOL_*; each limit has the reason for its number beside it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from schemas.enums import Source
from schemas.kafka_access import KafkaSettings
from streams.topology import TopicNames


class StageName(StrEnum):
    """The stages of this process: those that read topics, and what stands beside them."""

    MARKET_FACTS = "market_facts"
    CLASSIFY = "classify"
    COPY_EXECUTION = "copy_execution"
    RECOMMEND = "recommend"
    DEAD_LETTERS = "dead_letters"
    WHAT_IF = "what_if"


_READING: Final = frozenset(StageName) - {StageName.WHAT_IF}


class StreamsSettings(KafkaSettings):
    """What the process needs; a missing or impossible value stops the start."""

    model_config = SettingsConfigDict(env_prefix="POLYCOOL_", extra="ignore", frozen=True)

    kafka: str
    database_url: SecretStr
    topic_prefix: str = ""
    log_level: str = "info"

    # Where traces from a trade to its order go (OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces); without it
    # there are none, and messages carry no headers.
    traces_url: str | None = None

    # Which stages this process runs (names of streams/topology.py, by comma); all of them unless they are to be scaled
    # or held apart. Another choice is another consumer group.
    streams_stages: Annotated[frozenset[StageName], NoDecode] = frozenset(StageName)

    # Loopback only. 0: any free port, named in the line that says ready (several workers on one host).
    streams_http_port: int = Field(default=0, ge=0, lt=65_536)

    # SAFETY R9: doors that are trusted with live money, by comma.
    live_sources: Annotated[frozenset[Source], NoDecode] = frozenset({Source.CHAIN, Source.WEBHOOK})

    # SAFETY R27: so many BUYs of one leader within a minute are decided, those over it are answered LEADER_FLOOD. The
    # busiest recorded leader made 354 fills in one.
    leader_buys_most: int = Field(default=600, ge=1, le=100_000)

    # RULES §7: what the BUYs of a burst must sum to before they are shown to people.
    smart_threshold_usdc: Decimal = Field(default=Decimal(300), gt=0)

    # A batch is what gathered while the one before it was handled; 500 rows are one transaction of about 10 ms,
    # short enough for the neighbours' latency.
    batch_messages: int = Field(default=500, ge=1, le=10_000)
    # Below this many gathered messages a busy stage waits 2 ms for more: a batch costs about as much as 20 messages.
    gather_seconds: float = Field(default=0.002, ge=0, le=1)
    # Batches whose sends are on their way; more would only queue in the producer.
    batches_in_flight: int = Field(default=4, ge=1, le=64)
    # Passing faults are retried this long; below Kafka's rebalance time-out (60 s), so that no second worker gets
    # the partition while the first still works on it. Then the process ends and the batch comes again.
    patience_seconds: float = Field(default=30.0, gt=0, le=55)
    # One try of one batch: a hung database is a passing fault.
    try_seconds: float = Field(default=10.0, gt=0, le=55)
    # Facts about wallets are looked for so often, and worked out anew once they are so old: a person reads them, nobody
    # trades by them.
    facts_look_seconds: float = Field(default=1.0, gt=0, le=60)
    facts_renew_seconds: float = Field(default=60.0, ge=0, le=86_400)
    # Signals are graded an hour and a day later; seconds more or less change nothing.
    grades_look_seconds: float = Field(default=5.0, gt=0, le=60)
    # Six stages with a transaction each, the relay's listener, and room for one that waits.
    database_connections: int = Field(default=10, ge=4, le=50)

    # The broker expects a sign of life within this time; after a kill the partitions stand still for as long.
    # 6 s is the least Kafka's brokers allow by default.
    session_seconds: float = Field(default=6.0, ge=6, le=60)

    # A message that was redriven is handled within a second or two; a redrive that hears nothing for so long halts.
    redrive_patience_seconds: float = Field(default=60.0, gt=0, le=3_600)

    # RULES §2 needs the values of the last 24 h; an hour more covers clocks and late readers.
    leader_values_hours: int = Field(default=25, ge=25)
    # One what-if at a time, in a process of its own: 90 days of the busiest recorded leader take a few seconds, and
    # whoever asked has turned away after a minute.
    what_if_seconds: float = Field(default=60.0, gt=0, le=600)
    # Twice through so many trades take about half of that time.
    what_if_trades_most: int = Field(default=50_000, ge=100, le=1_000_000)
    # Sent outbox rows are kept this long for whoever looks into a fault.
    outbox_kept_minutes: int = Field(default=60, ge=1)

    @field_validator("live_sources", "streams_stages", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        return frozenset(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("streams_stages")
    @classmethod
    def _reads_something(cls, stages: frozenset[StageName]) -> frozenset[StageName]:
        """A consumer group without a topic never settles: what stands beside the way runs with a stage of it."""
        if not stages & _READING:
            raise ValueError("must name a stage that reads topics")
        return stages

    @property
    def group(self) -> str:
        """The consumer group: its members must all read the same topics, and it carries the topics' prefix."""
        reading = self.streams_stages & _READING
        some = sorted(reading) if reading != _READING else ()
        return "-".join((f"{self.topic_prefix}polycool-streams", *some))

    @property
    def names(self) -> TopicNames:
        """The topics' names under this process' prefix."""
        return TopicNames(self.topic_prefix)
