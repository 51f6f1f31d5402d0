"""`polycool backtest`: what settings would have done with recorded trades; places nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.backtest.asked import Asked, question_of
from ops.backtest.findings import Range, findings_of, ranges_of
from ops.backtest.outputs import writing
from ops.backtest.playing import Played, Progress, Question, play
from ops.backtest.recorded import BadFile
from ops.backtest.report import as_page, assumptions
from ops.backtest.summary import as_text, last_prices, money_of
from ops.backtest.topic_window import TopicAway
from ops.exits import DONE, MISSING, WRONG_USE
from ops.output import answer, say
from ops.stack.running import beside
from schemas.money import plain
from streams.topology import TopicNames
from streams.what_if.fill_models import FillModel

_File = typer.Option


def command(
    *,
    allocations: Annotated[str, _File("--allocations", metavar="FILE", help="Followers and settings, JSON.")],
    trades: Annotated[
        str | None, _File("--trades", metavar="FILE", help="CSV, CSV.gz or JSON lines; - is stdin.")
    ] = None,
    topic: Annotated[bool, typer.Option("--topic", help="The topic `trades` instead of a file.")] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Of the topic: appended at or after.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Of the topic: appended before.")
    ] = None,
    markets: Annotated[
        str | None, _File("--markets", metavar="FILE", help="Questions, ends, ticks, fees; CSV or CSV.gz.")
    ] = None,
    books: Annotated[
        str | None,
        _File("--books", metavar="FILE", help="Recorded order books, for --fill book; CSV or CSV.gz."),
    ] = None,
    fill: Annotated[
        FillModel | None, typer.Option("--fill", help="How orders fill; else what the file says, else limit.")
    ] = None,
    delay: Annotated[
        str | None, typer.Option("--delay", metavar="SECONDS", help="From the trade to our decision.")
    ] = None,
    honest_range: Annotated[
        bool, typer.Option("--range", help="Each result between the fill models limit and last_trade.")
    ] = False,
    csv_file: Annotated[str | None, _File("--csv", metavar="FILE", help="A row per copy order.")] = None,
    html: Annotated[
        str | None,
        _File("--html", metavar="FILE", help="One page with pictures, the range and what limits did."),
    ] = None,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="One line of JSON per copy order.")
    ] = False,
) -> int:
    """Say what each follower's settings would have made of recorded trades; event time is the clock."""
    try:
        names = _topic() if topic else None
        question = question_of(Asked(trades, allocations, markets, books, fill, delay, since, until, names))
        with writing(json_lines=json_lines, csv_file=csv_file) as on_copies:
            played = play(question, on_copies, _progress(""))
    except BadFile as error:
        say(f"polycool backtest: {error}")
        return WRONG_USE
    except TopicAway as error:
        say(f"polycool backtest: {error}")
        return MISSING
    ranges = ranges_of(question, played, _progress) if honest_range or html is not None else []
    if html is not None:
        page = as_page(findings_of(question, played, ranges, _progress))
        Path(html).write_text(page, encoding="utf-8")
        say(f"{html}: {len(page):,} bytes")
    if not json_lines:
        _answer(question, played, ranges)
    return DONE


def _topic() -> tuple[str, TopicNames]:
    environment = beside(os.environ)
    if not (kafka := environment.get("POLYCOOL_KAFKA")):
        raise TopicAway("POLYCOOL_KAFKA must be set (see .env.example), or polycool up be running here.")
    return kafka, TopicNames(environment.get("POLYCOOL_TOPIC_PREFIX", ""))


def _progress(about: str) -> Progress:
    name = f"{about}: " if about else ""

    began = time.monotonic()

    def tell(done: int, total: int, copies: int) -> None:
        say(f"{name}{done:,} of {total:,} trades · {copies:,} copies · {time.monotonic() - began:.1f} s")

    return tell


def _answer(question: Question, played: Played, ranges: Sequence[Range]) -> None:
    recorded, counts = question.recorded, played.counts
    prices = last_prices(recorded.trades)
    rows = [money_of(following, recorded.payouts, prices) for following in played.run.followings]
    document: dict[str, object] = {
        "trades": len(recorded.trades),
        "fill": question.model.value,
        "delay_seconds": plain(question.delay_seconds),
        "copy_orders": {
            "by_state": dict(counts.by_state),
            "by_reason": dict(counts.by_reason),
            "reduced_by": dict(played.reduced_by),
        },
        "most_at_work_usdc": plain(played.most_at_work_usdc),
        "allocations": rows,
        "ranges": [
            {"allocation_id": name, "low_usdc": plain(low), "high_usdc": plain(high)}
            for name, low, high in ranges
        ],
        "assumptions": assumptions(question, played),
    }
    answer(document, as_text(document, rows, counts))
