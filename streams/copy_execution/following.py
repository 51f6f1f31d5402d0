"""A following: an allocation with its books and its follower's account, as the decisions of one transaction see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from schemas.enums import TradeKind, Venue
from schemas.money import nearest_micro
from schemas.trades import LeaderTraded
from streams.copy_execution.books import Books
from streams.copy_execution.flood import Flood
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market, Switches, Trade

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""``active_from`` of an allocation whose leader's role classify has not read yet (SAFETY R16)."""


@dataclass(slots=True)
class Following:
    """One allocation in the version that is in force. Followings of one account share their ``account``;
    ``lot_ids`` names the open lots of the tokens that are looked at; ``wallet`` is None until the account has one."""

    allocation: Allocation
    account: Account
    books: Books
    version: int
    role_version: int
    user_id: str
    account_id: str
    wallet: str | None
    venue: Venue
    lot_ids: dict[str, int] = field(default_factory=dict)

    def in_force(self, role_version: int) -> Allocation:
        """The allocation as it stands to a message sorted under this version of the leader's roles: one sorted before
        the following began came before it (SAFETY R16)."""
        if role_version >= self.role_version:
            return self.allocation
        return replace(self.allocation, active_from=NEVER)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all decisions of one transaction share. ``now`` is Postgres' clock, read once the allocations were locked;
    ``copies_of_ours`` names the trades (wallet, trade_id) that are fills of our own copy orders (SAFETY R12);
    ``floods`` those (wallet, number) that are over the limit of a minute, where they are decided one by one (R27)."""

    now: datetime
    markets: Mapping[str, Market]
    switches: Switches
    leader_values: Mapping[str, LeaderValue]
    copies_of_ours: frozenset[tuple[str, str]]
    live_sources: frozenset[str]
    floods: Mapping[tuple[str, int], Flood] = field(default_factory=dict)


def trade_of(message: LeaderTraded) -> Trade:
    """The trade of a message of kind ``trade``."""
    assert message.kind is TradeKind.TRADE
    assert message.price is not None
    assert message.usdc is not None
    return Trade(
        trade_id=message.trade_id,
        wallet=message.wallet,
        side=message.side,
        token_id=message.token_id,
        size=nearest_micro(message.size),
        price=message.price,
        usdc=nearest_micro(message.usdc),
        traded_at=message.traded_at,
        order_hash=message.order_hash,
        leader_before=message.position_before,
        burst_started_at=message.burst_started_at,
        number=message.number,
        source=message.source,
        appended_at=message.appended_at,
        unsure=message.unsure,
    )


def active_from(asked: datetime, role_version: int, reads: Sequence[tuple[int, datetime]]) -> datetime:
    """From when an allocation copies: what its row says, but not before classify had read the leader's role at that
    version or a later one (``reads``: version and time); ``NEVER`` while it has not."""
    since = [read_at for version, read_at in reads if version >= role_version]
    return max(asked, min(since)) if since else NEVER
