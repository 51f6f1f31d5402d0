"""The floors under a measurement, taken in the same run: what the broker, the database and a signature cost alone."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import psycopg
from aiokafka import AIOKafkaProducer

from ops.broker_access import reach
from ops.statements import statement
from schemas.enums import Side
from streams.topology import DEAD_LETTERS, TopicNames
from streams.venues.orders import OrderTerms, build
from streams.venues.wallets import Credentials, TradingWallet, new_secret, open_key

TRIPS: Final = 200
SIGNATURES: Final = 200


async def kafka_round_trip_ms(kafka: str, names: TopicNames) -> float:
    """The median of one small message sent and confirmed."""
    producer = AIOKafkaProducer(**reach(kafka), acks="all")
    await producer.start()
    try:
        spent = []
        for _ in range(TRIPS):
            began = time.perf_counter()
            await producer.send_and_wait(names.of(DEAD_LETTERS), value=b"{}", key=b"floor")
            spent.append(time.perf_counter() - began)
        return statistics.median(spent) * 1_000
    finally:
        await producer.stop()


def postgres_round_trip_ms(database_url: str) -> float:
    """The median of one question that reads nothing."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        spent = []
        for _ in range(TRIPS):
            began = time.perf_counter()
            connection.execute(statement("ops.bench", "nothing").encode()).fetchone()
            spent.append(time.perf_counter() - began)
        return statistics.median(spent) * 1_000


def rows_in_one_transaction_ms(database_url: str, trade_id: str) -> float:
    """The copy orders of a trade written once more, by COPY in one transaction, into a temporary table with the same
    columns, checks and indexes: nothing is read, decided or locked."""
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        with cursor.copy(statement("ops.bench", "copy_orders_out").encode(), {"trade_id": trade_id}) as rows:
            written = b"".join(rows)
        cursor.execute(statement("ops.bench", "table_like_copy_orders").encode())
        connection.commit()
        began = time.perf_counter()
        with cursor.copy(statement("ops.bench", "copy_orders_in").encode()) as copy:
            copy.write(written)
        connection.commit()
        return (time.perf_counter() - began) * 1_000


def signature_ms() -> float:
    """The median of one order built, signed and written as the body of its POST."""
    key = open_key(new_secret())
    wallet = TradingWallet("floor", key.address, key, Credentials("key", "c2VjcmV0", "phrase"))
    spent = []
    for salt in range(SIGNATURES):
        terms = OrderTerms(
            side=Side.BUY,
            token_id="7" * 70,
            amount=Decimal(5),
            limit=Decimal("0.52"),
            tick=Decimal("0.01"),
            neg_risk=False,
            salt=salt + 1,
            timestamp_ms=int(datetime.now(UTC).timestamp() * 1_000),
        )
        began = time.perf_counter()
        build(terms, wallet)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1_000


def floors(kafka: str, names: TopicNames, database_url: str, trade_id: str) -> dict[str, float]:
    """All of them, in milliseconds; ``trade_id`` is one whose copy orders are written once more."""
    return {
        "kafka_round_trip_ms": round(asyncio.run(kafka_round_trip_ms(kafka, names)), 2),
        "postgres_round_trip_ms": round(postgres_round_trip_ms(database_url), 3),
        "rows_in_one_transaction_ms": round(rows_in_one_transaction_ms(database_url, trade_id), 1),
        "signature_ms": round(signature_ms(), 3),
    }
