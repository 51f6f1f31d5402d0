"""What a run came to: copies by state and reason, and the money of each allocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.money import EXACT, ZERO, floor_micro, plain
from schemas.trades import TradeSeen
from streams.what_if.following import Following
from streams.what_if.run import CopyOutcome


@dataclass(slots=True)
class Counts:
    """Copy orders by how they ended, the skipped and expired ones by reason."""

    by_state: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)

    def add(self, copies: Iterable[CopyOutcome]) -> None:
        """Count the copy orders of one event."""
        for copy in copies:
            self.by_state[copy.outcome or copy.decision.state] += 1
            if copy.decision.reason is not None:
                self.by_reason[copy.decision.reason] += 1


def last_prices(trades: Iterable[TradeSeen]) -> dict[str, Decimal]:
    """The price of each token's last trade in file order."""
    return {trade.token_id: trade.price for trade in trades if trade.price is not None}


def money_of(
    following: Following, payouts: Mapping[str, Decimal], prices: Mapping[str, Decimal]
) -> dict[str, str | int]:
    """An allocation's money in the end, in USDC. What is left is worth its payout where the resolution is known, else
    the token's last price; ``result_usdc`` is all of it, fees included."""
    left_cost, worth, resolved = ZERO, ZERO, 0
    for token_id, lot in following.books.lots.items():
        left_cost = EXACT.add(left_cost, lot.cost_usdc)
        resolved += token_id in payouts
        per_share = payouts.get(token_id, prices.get(token_id, ZERO))
        worth = EXACT.add(worth, floor_micro(EXACT.multiply(lot.shares, per_share)))
    result = EXACT.add(following.books.realised_usdc, EXACT.subtract(worth, left_cost))
    return {
        "allocation_id": following.allocation.allocation_id,
        "realised_usdc": plain(following.books.realised_usdc),
        "fees_usdc": plain(following.fees_usdc),
        "open_lots": len(following.books.lots),
        "of_them_resolved": resolved,
        "left_cost_usdc": plain(left_cost),
        "left_worth_usdc": plain(worth),
        "result_usdc": plain(result),
    }


def result_of(following: Following, payouts: Mapping[str, Decimal], prices: Mapping[str, Decimal]) -> Decimal:
    """What an allocation came to: realised, and what is left at its worth less its cost."""
    return Decimal(money_of(following, payouts, prices)["result_usdc"])


def as_text(document: Mapping[str, object], rows: Iterable[Mapping[str, str | int]], counts: Counts) -> str:
    """The same for a person."""
    states = " · ".join(f"{state} {count:,}" for state, count in counts.by_state.most_common())
    reasons = " · ".join(f"{reason} {count:,}" for reason, count in counts.by_reason.most_common())
    lines = [
        f"{document['trades']:,} trades, fill {document['fill']}, {document['delay_seconds']} s later",
        f"copies: {states or 'none'}",
        f"why not: {reasons or '–'}",
        f"{'allocation':<16}{'realised':>16}{'fees':>14}{'left (cost)':>16}{'left (worth)':>16}{'result':>16}",
    ]
    for row in rows:
        left = f"{row['left_cost_usdc']:>16}{row['left_worth_usdc']:>16}"
        money = f"{row['realised_usdc']:>16}{row['fees_usdc']:>14}{left}{row['result_usdc']:>16}"
        lines.append(f"{row['allocation_id']:<16}{money}")
    lines.append("What is left counts at its payout where the end is known, else at the last price seen.")
    return "\n".join([*lines, "The past, not a promise."])
