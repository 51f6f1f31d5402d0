"""Trades as a measurement puts them on the topic: of the size and shape of real ones, spread over many wallets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaProducer

from ops.broker_access import reach
from schemas.base import rfc3339
from schemas.enums import AddressType
from schemas.watched import WatchedAddress
from streams.kafka.sender import partition_of
from streams.topology import TRADES, WATCHED_ADDRESSES, TopicNames

WALLETS: Final = 10_000
TOKENS: Final = 200


def wallet(number: int) -> str:
    """One of the wallets."""
    return f"0x{(number + 1) * 0x9E3779B97F4A7C15 % 2**160:040x}"


def trade_bodies(count: int, wallets: int = WALLETS) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each trade: wallets in turn, a transaction of its own."""
    now = rfc3339(datetime.now(UTC).replace(microsecond=123_000))
    for number in range(count):
        who = wallet(number % wallets)
        tx_hash = f"0x{(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**256:064x}"
        token = str(10**76 + number % TOKENS * 7_919)
        price = f"0.{100 + number % 800:03d}"
        size = 1 + number % 50
        usdc = f"{size * int(price[2:]) / 1000:.3f}"
        body = (
            f'{{"schema_version":1,"trade_id":"{tx_hash}-0","kind":"trade","source":"chain","wallet":"{who}",'
            f'"side":"{"BUY" if number % 3 else "SELL"}","token_id":"{token}","size":"{size}","price":"{price}",'
            f'"usdc":"{usdc}","tx_hash":"{tx_hash}","log_index":{number % 400},"block_number":{70_000_000 + number},'
            f'"traded_at":"{now}"}}'
        )
        yield who.encode(), body.encode()


async def put_roles(kafka: str, names: TopicNames, watched: Sequence[str], role: AddressType) -> None:
    """Say that these wallets hold the role."""
    producer = AIOKafkaProducer(**reach(kafka), acks="all", linger_ms=5)
    await producer.start()
    try:
        for who in watched:
            value = WatchedAddress(wallet=who, version=1, roles=(role,), since={role: 1})
            await producer.send(names.of(WATCHED_ADDRESSES), value.encode(), key=who.encode())
    finally:
        await producer.stop()


async def put_trades(
    kafka: str, names: TopicNames, bodies: Iterable[tuple[bytes, bytes]], partitions: int
) -> None:
    """Put trades on the topic, as fast as the broker takes them."""
    producer = AIOKafkaProducer(**reach(kafka), acks="all")
    await producer.start()
    try:
        rest = iter(bodies)
        while chunk := list(itertools.islice(rest, 20_000)):
            await _put(producer, names.of(TRADES), chunk, partitions)
    finally:
        await producer.stop()


async def _put(
    producer: AIOKafkaProducer, topic: str, chunk: Sequence[tuple[bytes, bytes]], partitions: int
) -> None:
    waiting = []
    builders = {partition: producer.create_batch() for partition in range(partitions)}
    for key, value in chunk:
        partition = partition_of(key, partitions)
        if builders[partition].append(key=key, value=value, timestamp=None) is None:
            waiting.append(await producer.send_batch(builders[partition], topic, partition=partition))
            builders[partition] = producer.create_batch()
            builders[partition].append(key=key, value=value, timestamp=None)
    for partition, builder in builders.items():
        if builder.record_count():
            waiting.append(await producer.send_batch(builder, topic, partition=partition))
    for confirmation in waiting:
        await confirmation
