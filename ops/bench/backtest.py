"""A million decisions of a backtest: a seeded market, a thousand followers with every limit set, one process.

The baseline is the same trades through the deciding code's neighbour that decides nothing: reading them and folding
leaders' positions. The processor's own seconds stand beside the wall's, because a machine has other things to do."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from ops.backtest.allocations_file import AllocationRow, AllocationsFile, FollowerRow
from ops.backtest.playing import Played, Question, play
from ops.backtest.recorded import Recorded, market_of
from ops.generator.cast import cast, watched
from ops.generator.events import Listed, Traded
from ops.generator.names import Names
from ops.generator.play import generate
from ops.output import say
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Market
from streams.what_if.fill_models import FillModel

DECISIONS: Final = 1_000_000
FOLLOWERS: Final = 1_000
TARGET_SECONDS: Final = 60.0
_SEED: Final = 7
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


def run(decisions: int = DECISIONS, followers: int = FOLLOWERS) -> tuple[dict[str, Any], str]:
    """Measure; (document, text)."""
    question = _question(decisions, followers)
    began, worked = time.perf_counter(), time.process_time()
    base = play(_nobody(question))
    base_seconds, base_worked = time.perf_counter() - began, time.process_time() - worked
    say(f"baseline: {len(question.recorded.trades):,} trades without a follower, {base_seconds:.1f} s")
    began, worked = time.perf_counter(), time.process_time()
    played = play(
        question,
        progress=lambda done, total, copies: say(f"{done:,} of {total:,} trades · {copies:,} decisions"),
    )
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    assert not base.counts.by_state, "a run without followers decides nothing"
    return _told(question, played, seconds, busy, base_worked)


def _told(
    question: Question, played: Played, seconds: float, busy: float, base: float
) -> tuple[dict[str, Any], str]:
    made = played.counts.by_state.total()
    document = {
        "decisions": made,
        "trades": len(question.recorded.trades),
        "followers": len(question.file.allocations),
        "seconds": round(seconds, 2),
        "processor_seconds": round(busy, 2),
        "microseconds_a_decision": round(busy / made * 1e6, 1),
        "baseline_processor_seconds": round(base, 2),
        "million_processor_seconds": round(busy / made * 1e6, 2),
        "target_seconds": TARGET_SECONDS,
        "by_state": dict(played.counts.by_state),
        "by_reason": dict(played.counts.by_reason),
    }
    text = (
        f"{made:,} decisions of {document['trades']:,} trades for {document['followers']:,} followers: "
        f"{seconds:.1f} s, of them {busy:.1f} s of one processor ({document['microseconds_a_decision']} µs each); "
        f"the trades alone {base:.1f} s. A million: {document['million_processor_seconds']:.1f} s (at most "
        f"{TARGET_SECONDS:.0f})"
    )
    return document, text


def _question(decisions: int, followers: int) -> Question:
    leaders = [
        person.wallet for person in watched(cast(Names(_SEED))) if AddressType.COPY_LEADER in person.roles
    ]
    trades: list[TradeSeen] = []
    markets: dict[str, Market] = {}
    due = 0
    each = max(1, followers // len(leaders))
    for event in generate(_SEED, 20.0):
        at = _START + timedelta(microseconds=event.at)
        match event:
            case Listed():
                seen = event.message(_START, at)
                markets.setdefault(seen.token_id, market_of(seen))
            case Traded():
                trades.append(event.message(at))
                due += each * (trades[-1].wallet in leaders)
        if due >= decisions:
            break
    return Question(
        _file(leaders, followers), Recorded(tuple(trades), markets, {}), FillModel.LIMIT, Decimal(2)
    )


def _file(leaders: list[str], followers: int) -> AllocationsFile:
    rows = [_row(number, leaders[number % len(leaders)]) for number in range(followers)]
    money = [FollowerRow(wallet=row.follower, cash_usdc=Decimal(1_000)) for row in rows]
    return AllocationsFile(followers=money, allocations=rows)


def _row(number: int, leader: str) -> AllocationRow:
    modes: Iterable[dict[str, Any]] = (
        {"mode": "fixed_amount", "fixed_amount_usdc": "2"},
        {"mode": "multiplier", "multiplier": "0.05"},
    )
    settings = AllocationSettings.model_validate(
        {
            **next(islice(modes, number % 2, None)), "budget_usdc": "300", "max_loss_usdc": "300",
            "max_per_trade_usdc": "20", "max_per_market_usdc": "60", "max_per_day_usdc": "200", "max_adds": 12,
            "min_price": "0.05", "max_price": "0.95", "blocked_keywords": ["Bitcoin", "Ethereum"],
        }
    )  # fmt: skip
    return AllocationRow(
        allocation_id=f"A-{number}", follower=f"0x{number:040x}", leader=leader,
        active_from=_START - timedelta(days=1), settings=settings,
    )  # fmt: skip


def _nobody(question: Question) -> Question:
    file = question.file.model_copy(update={"allocations": [], "followers": []})
    return Question(file, question.recorded, question.model, question.delay_seconds)
