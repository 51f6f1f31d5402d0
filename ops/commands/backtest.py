"""`polycool backtest`: what settings would have done with recorded trades; places nothing."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import typer

from ops.backtest.allocations_file import AllocationsFile, read_allocations
from ops.backtest.lines import line_fields
from ops.backtest.recorded import BadFile, Recorded, read_recorded
from ops.backtest.summary import Counts, as_text, last_prices, money_of
from ops.exits import DONE, WRONG_USE
from ops.output import answer, say
from schemas.money import plain
from streams.what_if.fill_models import FillModel, fills_of
from streams.what_if.run import Run

PROGRESS_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 86_400


def command(
    *,
    trades: Annotated[
        str, typer.Option("--trades", metavar="FILE", help="CSV, CSV.gz or JSON lines; - is stdin.")
    ],
    allocations: Annotated[
        str, typer.Option("--allocations", metavar="FILE", help="Followers and settings, JSON.")
    ],
    markets: Annotated[
        str | None,
        typer.Option("--markets", metavar="FILE", help="Questions, ends, ticks, fees; CSV or CSV.gz."),
    ] = None,
    fill: Annotated[
        FillModel | None, typer.Option("--fill", help="How orders fill; else what the file says, else limit.")
    ] = None,
    delay: Annotated[
        str | None, typer.Option("--delay", metavar="SECONDS", help="From the trade to our decision.")
    ] = None,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="One line of JSON per copy order.")
    ] = False,
) -> int:
    """Say what each follower's settings would have made of recorded trades; event time is the clock."""
    try:
        file = read_allocations(allocations)
        model = fill or file.fill_model
        seconds = file.delay_seconds if delay is None else _seconds(delay)
        if model is FillModel.BOOK:
            raise BadFile("--fill book needs recorded order books, and there are none for these trades.")
        recorded = read_recorded(trades, markets)
    except BadFile as error:
        say(f"polycool backtest: {error}")
        return WRONG_USE
    run = _run(file, recorded, model, seconds)
    counts = _play(run, recorded, json_lines=json_lines)
    if not json_lines:
        _answer(run, recorded, counts, model, seconds)
    return DONE


def _seconds(text: str) -> Decimal:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("NaN")
    if not (seconds.is_finite() and 0 <= seconds <= LONGEST_DELAY_SECONDS):
        raise BadFile(f"--delay must be seconds from 0 to {LONGEST_DELAY_SECONDS}, was {text}.")
    return seconds


def _run(file: AllocationsFile, recorded: Recorded, model: FillModel, seconds: Decimal) -> Run:
    return Run(
        followings=file.followings(),
        markets=dict(recorded.markets),
        leader_values=file.values(),
        fills=fills_of(model, recorded.trades),
        delay=timedelta(microseconds=int(seconds * 1_000_000)),
    )


def _play(run: Run, recorded: Recorded, *, json_lines: bool) -> Counts:
    counts, began = Counts(), time.monotonic()
    told, total = began, len(recorded.trades)
    for number, trade in enumerate(recorded.trades, start=1):
        copies = run.take(trade)
        counts.add(copies)
        if json_lines:
            for copy in copies:
                sys.stdout.write(
                    json.dumps(line_fields(copy), separators=(",", ":"), ensure_ascii=False) + "\n"
                )
        now = time.monotonic()
        if now - told >= PROGRESS_SECONDS or number == total:
            told = now
            say(f"{number:,} of {total:,} trades · {counts.by_state.total():,} copies · {now - began:.1f} s")
    sys.stdout.flush()
    return counts


def _answer(run: Run, recorded: Recorded, counts: Counts, model: FillModel, seconds: Decimal) -> None:
    prices = last_prices(recorded.trades)
    rows = [money_of(following, recorded.payouts, prices) for following in run.followings]
    document: dict[str, object] = {
        "trades": len(recorded.trades),
        "fill": model.value,
        "delay_seconds": plain(seconds),
        "copy_orders": {"by_state": dict(counts.by_state), "by_reason": dict(counts.by_reason)},
        "allocations": rows,
    }
    answer(document, as_text(document, rows, counts))
