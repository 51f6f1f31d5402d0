"""Dead letters become rows that operators see: once each, whatever their bytes are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.enums import DeadLetterReason
from streams.kafka.guard import DeadMessage, Received
from streams.kafka.letters import dead_letter
from streams.letters.agent import BODY_SHOWN, Letters, letter_row
from streams.tables.pool import Pool, open_pool

NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)


def _letter(body: bytes, offset: int = 0, detail: str = "no JSON", key: bytes = b"k") -> Received:
    dead = DeadMessage(Received("trades", 3, 41, key, body, NOW), DeadLetterReason.UNREADABLE, detail)
    return Received("dead_letters", 1, offset, key, dead_letter(dead, "classify", NOW).encode(), NOW)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, "streams")
    yield opened
    await opened.close()


async def _rows(pool: Pool) -> list[Any]:
    async with pool.connection() as connection:
        found = await connection.execute(
            'SELECT letter_offset, topic, partition, "offset", reason, stage, size, body FROM dead_letters'
            " ORDER BY letter_offset"
        )
        return await found.fetchall()


async def test_letters_are_kept_once_with_the_beginning_of_their_bytes(pool: Pool) -> None:
    """Read again after a crash they are the same rows; a long body is cut, its size is of the whole."""
    stage = Letters(pool)
    letters = [_letter(b"{", 0), _letter(b"x" * 10_000, 1, detail="a\x00b", key=b"\x00\xff")]

    for batch in (letters, letters[1:], letters):
        handled = await stage.handle(batch)
        assert not handled.dead

    short, long = await _rows(pool)
    assert short == (0, "trades", 3, 41, "UNREADABLE", "classify", 1, b"{")
    assert (long[6], long[7]) == (10_000, b"x" * BODY_SHOWN)


@pytest.mark.parametrize("garbage", [b"", b"{}", b"\xff\x00", b"[1]", b'"x"'])
async def test_what_is_no_letter_is_kept_and_never_comes_back(pool: Pool, garbage: bytes) -> None:
    """A dead letter about a dead letter would go round for ever."""
    received = Received("dead_letters", 0, 7, None, garbage, NOW)

    handled = await Letters(pool).handle([received])

    assert not handled.dead
    [row] = await _rows(pool)
    assert row == (7, "dead_letters", 0, 7, "UNREADABLE", "dead_letters", len(garbage), garbage)
    assert letter_row(received)["first_seen_at"] == NOW
