"""What people are told when a leader's position goes another way than by a sale (RULES §6, SAFETY R28)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.enums import CopyState, Reason, Side, TradeKind
from schemas.money import EXACT, MICRO, plain
from schemas.trades import LeaderTraded
from streams.copy_execution.decision import Decision
from streams.copy_execution.following import Following

LEFT_OTHERWISE: Final = "leader_left_otherwise"
MOVED_OTHERWISE: Final = "leader_moved_otherwise"
NOT_SOLD: Final = "copy_skipped"
TOLD_AT_ONCE: Final = frozenset({Reason.MARKET_UNKNOWN, Reason.MARKET_CLOSED})
"""A sell that could not be done is never quiet (UX §1.3); other skips are told in the evening."""
SHARE_TOLD: Final = Decimal("0.1")
"""From this share of the leader's position on, moving it away is told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice for one user; ``event`` makes it unique. ``body`` holds text only, numbers too."""

    user_id: str
    kind: str
    event: str
    body: dict[str, str]


def left_otherwise(message: LeaderTraded, followings: Iterable[Following], *, flat: bool) -> Iterator[Notice]:
    """Notices for the followers who hold a lot of a token of which the leader moved a tenth or more away, by redeem,
    merge, split, transfer, conversion or a reorg; of a kind of its own where it left him ``flat``."""
    gone = message.position_before - message.position_after
    if message.kind is TradeKind.TRADE or gone <= 0 or gone < message.position_before * SHARE_TOLD:
        return
    kind = LEFT_OTHERWISE if flat else MOVED_OTHERWISE
    share = EXACT.divide(gone, message.position_before).quantize(MICRO)
    for following in followings:
        lot = following.books.lots.get(message.token_id)
        if lot is not None:
            allocation_id = following.allocation.allocation_id
            body = {
                "allocation_id": allocation_id,
                "leader": message.wallet,
                "token_id": message.token_id,
                "market_id": lot.market_id,
                "how": message.kind,
                "share": plain(share),
                "held_shares": plain(lot.shares),
                "trade_id": message.trade_id,
            }
            yield Notice(following.user_id, kind, f"{allocation_id}/{message.number}", body)


def not_sold(name: str, message: LeaderTraded, following: Following, decision: Decision) -> Iterator[Notice]:
    """The notice of a sale that the market did not allow while there was something to sell; ``name`` is the copy
    order's."""
    if decision.side is not Side.SELL or decision.state is not CopyState.SKIPPED:
        return
    if decision.reason not in TOLD_AT_ONCE:
        return
    lot = following.books.lots.get(message.token_id)
    body = {
        "copy_order_id": name,
        "allocation_id": following.allocation.allocation_id,
        "side": decision.side,
        "token_id": message.token_id,
        "state": decision.state,
        "reason": decision.reason,
        "held_shares": plain(lot.shares) if lot is not None else "0",
        "shares": "0",
        "usdc": "0",
    }
    yield Notice(following.user_id, NOT_SOLD, name, {key: str(value) for key, value in body.items()})
