"""What a report tells beyond one run: the same between two fill models, and without each limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ops.backtest.limits import without_each_limit
from ops.backtest.playing import Played, Progress, Question, play
from ops.backtest.report import Findings
from ops.backtest.summary import last_prices, money_of, result_of
from streams.what_if.fill_models import FillModel

RANGE: Final = (FillModel.LIMIT, FillModel.LAST_TRADE)
"""Between these an order's fill lies: at the worst price it allows, and at the one last seen."""
Range = tuple[str, Decimal, Decimal]
About = Callable[[str], Progress]


def ranges_of(question: Question, played: Played, about: About) -> list[Range]:
    """Each allocation's result at both ends of the range, the lower first."""
    ends = [_results(question, played, model, about) for model in RANGE]
    names = [row.allocation_id for row in question.file.allocations]
    return [(name, min(pair), max(pair)) for name, *pair in zip(names, *ends, strict=True)]


def _results(question: Question, played: Played, model: FillModel, about: About) -> list[Decimal]:
    own = played if model is question.model else play(replace(question, model=model), progress=about(model))
    prices = last_prices(question.recorded.trades)
    return [result_of(each, question.recorded.payouts, prices) for each in own.run.followings]


def findings_of(question: Question, played: Played, ranges: list[Range], about: About) -> Findings:
    """All that the page shows; a run more for each limit that is set."""
    prices = last_prices(question.recorded.trades)
    rows = [money_of(each, question.recorded.payouts, prices) for each in played.run.followings]
    return Findings(question, played, rows, ranges, tuple(without_each_limit(question, played, about)))
