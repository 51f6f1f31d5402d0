"""Live BUYs measured against the book: one look per token for all that wait (SAFETY R2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from schemas.enums import Side
from schemas.enums import Venue as VenueName
from schemas.money import ZERO
from streams.tables import last_checks
from streams.tables.pool import Pool
from streams.trading.book_looks import BookLooks, Look
from streams.trading.sending_settings import SendingSettings
from streams.trading.thin_market import Depth, OpenBuy, measure
from streams.trading.waiting_line import Job
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.thin_watch")
_KEPT_MOST = 1_000
_Token = tuple[VenueName, str]


@dataclass(slots=True)
class _Measured:
    """What one look at a book was shared out to."""

    look: Look
    passed: dict[str, OpenBuy] = field(default_factory=dict)
    thin: dict[str, Depth] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """``thin``: BUYs that may not go, waiting here or elsewhere; ``unread``: BUYs whose book could not be read."""

    thin: Mapping[str, Depth]
    unread: frozenset[str]


class ThinWatch:
    """Remembers what each look was shared out to, so that who comes later gets what is left of it."""

    def __init__(self, pool: Pool, looks: BookLooks, settings: SendingSettings) -> None:
        self._pool = pool
        self._looks = looks
        self._settings = settings
        self._measured: dict[_Token, _Measured] = {}

    def concerns(self, job: Job) -> bool:
        """Whether the order is measured: a BUY with live money; with paper money where a setting says so."""
        settings = self._settings
        paper = job.venue is VenueName.PAPER
        return job.side is Side.BUY and (settings.thin_on_paper if paper else settings.thin_on_polymarket)

    async def judge(self, jobs: Sequence[Job]) -> Found:
        """Measure the BUYs among these, and all others of their tokens with them."""
        tokens: dict[_Token, list[str]] = {}
        for job in jobs:
            if self.concerns(job):
                tokens.setdefault((job.venue, job.token_id), []).append(job.name)
        thin: dict[str, Depth] = {}
        unread: set[str] = set()
        for token, names in tokens.items():
            measured = await self._measure(token, names)
            if measured is None:
                unread.update(names)
            else:
                thin.update(measured.thin)
        return Found(thin, frozenset(unread))

    async def _measure(self, token: _Token, names: Sequence[str]) -> _Measured | None:
        try:
            look = await self._looks.look(*token)
        except VenueFault as fault:
            _log.warning("book_not_read", token_id=token[1], fault=str(fault))
            return None
        measured = self._measured.get(token)
        if measured is None or measured.look is not look:
            if len(self._measured) >= _KEPT_MOST:
                self._measured.clear()
            measured = self._measured[token] = _Measured(look)
        if any(name not in measured.passed and name not in measured.thin for name in names):
            await self._share_out(token, measured)
        for name in names:
            # Claimed, but not open any more: whatever stops it is not the book.
            measured.passed.setdefault(name, OpenBuy(name, ZERO, ZERO, True))
        return measured

    async def _share_out(self, token: _Token, measured: _Measured) -> None:
        rows = await last_checks.open_buys_of_token(self._pool, *token)
        open_now = {row.order_hash for row in rows}
        # Those that went by this look count against it even when they have ended since.
        buys = [
            OpenBuy(buy.order_hash, buy.usdc, buy.limit, True)
            for name, buy in measured.passed.items()
            if name not in open_now
        ]
        buys += [
            OpenBuy(row.order_hash, row.usdc, row.limit_price, row.sent or row.order_hash in measured.passed)
            for row in rows
            if row.order_hash not in measured.thin
        ]
        found = measure(buys, measured.look.bids, self._settings.thin_under)
        known = {buy.order_hash: buy for buy in buys}
        for name, depth in found.items():
            if depth.enough:
                measured.passed[name] = known[name]
            else:
                measured.thin[name] = depth


def kept(thin: Mapping[str, Depth]) -> dict[str, tuple[Decimal, Decimal]]:
    """As it is stored: what was wanted, and what was bid."""
    return {name: (depth.wanted_usdc, depth.depth_usdc) for name, depth in thin.items()}
