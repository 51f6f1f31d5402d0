"""How long the deciding code alone takes for one trade of a leader with many followers: no table, no network."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import CopyState, Side
from streams.copy_execution.books import Books, apply_decision
from streams.copy_execution.circumstances import circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.evidence import checks_json, inputs_json
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market, Trade

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
LEADER: Final = "0x" + "1e" * 20
TOKEN: Final = "7" * 77
MARKET: Final = Market(
    "0xmarket",
    Decimal("0.001"),
    Decimal("0.05"),
    end_at=NOW + timedelta(days=1),
    category="Sports",
    question="X?",
)


@dataclass(frozen=True, slots=True)
class DecidingTime:
    """Milliseconds for all followers, the best of the rounds: deciding, writing the evidence, moving the books."""

    followers: int
    decide_ms: float
    evidence_ms: float
    apply_ms: float


def measure_deciding(followers: int = 1_000, rounds: int = 5) -> DecidingTime:
    """Decide one large BUY for ``followers`` with every limit set, each planned; the best of ``rounds``."""
    times = [_round(followers) for _ in range(rounds)]
    return DecidingTime(
        followers,
        min(each.decide_ms for each in times),
        min(each.evidence_ms for each in times),
        min(each.apply_ms for each in times),
    )


def _round(followers: int) -> DecidingTime:
    trade = _trade()
    cases = [_case(number) for number in range(followers)]
    began = time.perf_counter()
    seen = circumstances(trade, NOW, MARKET, LeaderValue(Decimal(400_000), NOW))
    decisions = [decide(seen, *case) for case in cases]
    decided = time.perf_counter()
    planned = [each for each in decisions if each is not None and each.state is CopyState.PLANNED]
    assert len(planned) == followers, "every follower copies, else something else was measured"
    for decision, case in zip(planned, cases, strict=True):
        inputs_json(seen, *case)
        checks_json(decision)
    written = time.perf_counter()
    for decision, (_, account, books) in zip(planned, cases, strict=True):
        apply_decision(decision, trade, MARKET, account, books)
    applied = time.perf_counter()
    return DecidingTime(
        followers, (decided - began) * 1e3, (written - decided) * 1e3, (applied - written) * 1e3
    )


def _trade() -> Trade:
    moment = NOW - timedelta(seconds=2)
    price = Decimal("0.8919363820033867")
    return Trade(
        "0xabc-1",
        LEADER,
        Side.BUY,
        TOKEN,
        Decimal("9478.45"),
        price,
        Decimal("8454.1744"),
        moment,
        burst_started_at=moment,
        number=77,
    )


def _case(number: int) -> tuple[Allocation, Account, Books]:
    settings = AllocationSettings.model_validate(
        {
            "mode": "proportional",
            "budget_usdc": "3000",
            "max_loss_usdc": "3000",
            "max_per_trade_usdc": "50",
            "max_per_market_usdc": "250",
            "max_per_day_usdc": "200",
            "max_adds": 12,
            "blocked_keywords": ["Bitcoin", "Ethereum"],
        }
    )
    wallet = f"0x{number:040x}"
    following = Allocation(f"A-{number}", wallet, LEADER, NOW - timedelta(days=1), settings)
    account = Account(wallet, Decimal("1000.5"), Decimal(10), Decimal("333.123456"))
    return following, account, Books(at_work_usdc=Decimal("433.12"), day_spent_usdc=Decimal(60))
