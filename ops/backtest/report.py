"""A run as one page that needs nothing beside it: what came of it in numbers and pictures, and its assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final

from ops.backtest.limits import WithoutLimit
from ops.backtest.playing import COPIED, Played, Question
from ops.figures import report_plots as plots
from schemas.enums import CopyState
from schemas.money import plain
from streams.what_if.fill_models import FillModel

_STYLE: Final = """
:root { font: 16px/1.5 system-ui, sans-serif; color-scheme: light; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1b1b1f; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
svg { max-width: 100%; height: auto; } .table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; } th, td { padding: 0.25rem 0.7rem; text-align: right;
border-bottom: 1px solid #ccc; } th:first-child, td:first-child { text-align: left; }
"""
_FILLS: Final[Mapping[FillModel, str]] = {
    FillModel.LIMIT: "every order fills whole at its own limit, the worst price it may fill at",
    FillModel.LIMIT_HALF: "half of every order fills at its limit, the rest is killed",
    FillModel.LAST_TRADE: "an order fills whole at the price last traded, when its limit allows that, else not at all",
    FillModel.BOOK: "an order takes what the recorded book offers within its limit, and the others find it gone",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What the page tells. ``ranges``: allocation, the lower and the higher result of ``limit`` and ``last_trade``."""

    question: Question
    played: Played
    rows: Sequence[Mapping[str, str | int]]
    ranges: Sequence[tuple[str, Decimal, Decimal]]
    limits: Sequence[WithoutLimit]


def as_page(found: Findings) -> str:
    """The page; the same run gives the same text."""
    counts, recorded = found.played.counts, found.question.recorded
    copied = sum(counts.by_state[state] for state in COPIED)
    missed = [
        (f"{state}", counts.by_state[state])
        for state in (CopyState.UNFILLED, CopyState.REJECTED)
        if counts.by_state[state]
    ]
    reasons = [*counts.by_reason.most_common(), *missed]
    low = sum((low for _, low, _ in found.ranges), Decimal(0))
    high = sum((high for _, _, high in found.ranges), Decimal(0))
    parts = [
        _p(f"{len(recorded.trades):,} trades, {len(found.rows):,} followings, {counts.by_state.total():,} "
           f"decisions: {copied:,} copied. Result of all together between {plain(low)} and {plain(high)} USDC."),
        _section("Copied, and why not", plots.outcomes(copied, reasons), _table(("why", "copy orders"),
                 [("copied", copied), *reasons])),
        _section("Money at work", _p(f"At most {plain(found.played.most_at_work_usdc)} USDC after any trade."),
                 plots.money_at_work(found.played.moments) if found.played.moments else ""),
        _section("Result", _p("Each line reaches from the result at orders' limits to that at the last price."),
                 plots.result_ranges(found.ranges), _table(*_money(found))),
        _section("What each limit saved or cost", *_limits(found)),
        _section("Assumptions", _list(assumptions(found.question, found.played))),
    ]  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Backtest</title><style>{_STYLE}</style></head><body><h1>Backtest</h1>"
        + "\n".join(parts)
        + "</body></html>\n"
    )


def assumptions(question: Question, played: Played) -> list[str]:
    """What the numbers stand on, in sentences."""
    told = [
        "The past, not a promise: leaders' trades are taken as they were, ours as too small to have changed them.",
        f"Fill model {question.model}: {_FILLS[question.model]}. A range compares {FillModel.LIMIT} and "
        f"{FillModel.LAST_TRADE}.",
        f"We decide {plain(question.delay_seconds)} s after each trade, and an order is answered at once.",
        "Fees by the exchange's formula at each market's rate; 0.05 and a step of 0.001 where the file names none.",
        "Markets count as open throughout; what is left is worth its payout where the end is known, else the last "
        "price seen.",
        "Each follower begins with the cash of the file, and nobody pays in, takes out or trades by hand.",
    ]
    if question.model is FillModel.BOOK:
        told.append(
            f"{played.without_book:,} orders found no recorded book for their token at that time and did not fill."
        )
    return told


def _money(found: Findings) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    return tuple(found.rows[0]), [tuple(row.values()) for row in found.rows]


def _limits(found: Findings) -> list[str]:
    if not found.limits:
        return [_p("No allocation has a limit that could be taken away.")]
    rows = [(each.limit, each.allocations, each.more_copies, plain(each.saved_usdc)) for each in found.limits]
    columns = ("limit", "followings that have it", "more copies without it", "saved, USDC")
    how = (
        "The whole run once more without each limit, everything else as it was. Below zero: it cost so much."
    )
    return [_p(how), plots.limits(found.limits), _table(columns, rows)]


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _p(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _list(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value
