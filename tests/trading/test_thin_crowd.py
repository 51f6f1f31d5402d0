"""The leader sells to a thousand followers: what they spend, batch by batch and worker by worker (SAFETY R2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from ops.simulation.furnishing import wallet_of
from schemas.enums import Side
from schemas.enums import Venue as VenueName
from streams.tables.last_checks import OpenBuyRow
from streams.trading.book_looks import BookLooks
from streams.trading.sending_settings import SendingSettings
from streams.trading.thin_market import Depth, OpenBuy
from streams.trading.thin_watch import ThinWatch
from streams.trading.waiting_line import Job
from streams.venues.orders import SignedBytes
from streams.venues.venue import BookSeen, Level

TOKEN = "7" * 77
NOW = datetime(2026, 11, 28, tzinfo=UTC)
FOLLOWERS, EACH, LIMIT = 1_000, Decimal(20), Decimal("0.62")
ASKS = tuple(Level(Decimal(price), Decimal(100_000)) for price in ("0.60", "0.61", "0.62"))
# 40 USDC at 56¢, within 10 % under 62¢; what lies lower is worth nothing to anybody who wants to sell again.
THIN = BookSeen((Level(Decimal("0.56"), Decimal("71.4286")), Level(Decimal("0.30"), Decimal(100_000))), ASKS)
DEEP = BookSeen((Level(Decimal("0.59"), Decimal(100_000)),), ASKS)


class Crowd:
    """All followers' BUYs of one token, claimed portion by portion; what was let go was bought."""

    def __init__(self, book: BookSeen) -> None:
        self.now = 0.0
        self._book = book
        self.rows: dict[str, OpenBuyRow] = {}
        self.spent = Decimal(0)

    async def book(self, token_id: str) -> BookSeen:
        """The exchange's book."""
        assert token_id == TOKEN
        return self._book

    def worker(self) -> ThinWatch:
        """A worker that has looked at nothing yet."""
        looks = BookLooks({VenueName.POLYMARKET: cast("Any", self)}, 5.0, lambda: self.now)
        return ThinWatch(cast("Any", None), looks, SendingSettings())

    def claim(self, count: int) -> list[Job]:
        """So many more BUYs are claimed."""
        first = len(self.rows)
        names = [f"0x{number:064x}" for number in range(first, first + count)]
        self.rows |= {name: OpenBuyRow(name, EACH, LIMIT, False) for name in names}
        return [self.job(name) for name in names]

    def job(self, name: str) -> Job:
        """A claimed BUY on its way out."""
        order = SignedBytes(name, b"{}")
        return Job(order, wallet_of("M-1"), VenueName.POLYMARKET, Side.BUY, TOKEN, NOW, NOW)

    async def batch(self, worker: ThinWatch, jobs: Sequence[Job]) -> list[str]:
        """A worker looks at a batch; who may go is posted now, who may not has ended."""
        found = await worker.judge(jobs)
        going = [job.name for job in jobs if job.name not in found.thin and not self.rows[job.name].sent]
        for name in going:
            self.rows[name] = replace(self.rows[name], sent=True)
            self.spent += EACH
        return going


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """A thousand followers in a thin book."""
    return _crowd(monkeypatch, THIN)


def _crowd(monkeypatch: pytest.MonkeyPatch, book: BookSeen) -> Crowd:
    made = Crowd(book)

    async def open_now(*_: object) -> list[OpenBuyRow]:
        return list(made.rows.values())

    monkeypatch.setattr("streams.tables.last_checks.open_buys_of_token", open_now)
    return made


async def _all_go_out(crowd: Crowd) -> None:
    """Claimed in ten portions; batches of eight, by two workers in turn, the second behind the first by a batch."""
    workers = (crowd.worker(), crowd.worker())
    late: list[Job] = []
    for _ in range(10):
        jobs = crowd.claim(FOLLOWERS // 10)
        for start in range(0, len(jobs), 8):
            batch = jobs[start : start + 8]
            await crowd.batch(workers[0], batch)
            # The other worker has the former batch in its hands still, and this one's tail.
            await crowd.batch(workers[1], [*late, *batch[4:]])
            late = batch
        crowd.now += 0.4


async def test_r02_a_thousand_followers_spend_no_more_than_is_bid(crowd: Crowd) -> None:
    """Asks of 100,000 at 60 to 62¢, 40 USDC bid near: in all batches of two workers 40 are spent, not 20,000."""
    await _all_go_out(crowd)
    assert crowd.spent == 40
    assert sum(row.sent for row in crowd.rows.values()) == 2


async def test_r02_in_a_deep_book_the_whole_crowd_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """59,000 bid near the limit: all 1,000 spend their 20."""
    crowd = _crowd(monkeypatch, DEEP)
    await _all_go_out(crowd)
    assert crowd.spent == FOLLOWERS * EACH == 20_000


async def test_r02_without_the_rule_the_leader_sells_to_all(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same thin book, the measure left out: 20,000 are gone. It is the rule that holds the 40."""

    def everybody(buys: Sequence[OpenBuy], *_: object) -> Mapping[str, Depth]:
        return {buy.order_hash: Depth(Decimal(1), Decimal(0)) for buy in buys if not buy.sent}

    monkeypatch.setattr("streams.trading.thin_watch.measure", everybody)
    await _all_go_out(crowd)
    assert crowd.spent == 20_000


async def test_r02_a_worker_that_takes_over_counts_what_is_out(crowd: Crowd) -> None:
    """The first one ends with two BUYs out and 998 unsent: the next one, at a look of its own, lets nobody go."""
    jobs = crowd.claim(FOLLOWERS)
    assert len(await crowd.batch(crowd.worker(), jobs[:8])) == 2
    crowd.now += 6.0
    assert await crowd.batch(crowd.worker(), jobs[8:]) == []
    assert crowd.spent == 40
