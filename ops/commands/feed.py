"""`polycool feed`: put trades (and markets) from a file or standard input on the topics."""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import Annotated

import typer

from ops.exits import ANSWER_IS_NO, DONE, INTERRUPTED, WRONG_USE
from ops.feed.lines import STDIN
from ops.feed.pace import Pace
from ops.feed.plan import Counted, count, market_rows, plan_name, span
from ops.feed.play import Tally, utc_now
from ops.feed.progress import Progress
from ops.feed.refusals import Refused, WrongFile
from ops.feed.run import Order, run
from ops.feed.target import NotHere, Target, target
from ops.output import answer, say
from schemas.markets import MarketSeen
from streams.topology import TRADES


class Speed(StrEnum):
    """As recorded, ten times as fast, or as fast as it goes."""

    ONE = "1"
    TEN = "10"
    MAX = "max"


def command(
    *,
    file: Annotated[
        str | None, typer.Argument(help="CSV, CSV.gz or lines of JSON; - is standard input.")
    ] = None,
    markets: Annotated[
        str | None, typer.Option(help="What the tokens are: CSV or CSV.gz, sent first.")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Trades in a second.")] = None,
    speed: Annotated[
        Speed | None, typer.Option(help="As fast as recorded, ten times so, or at once.")
    ] = None,
    shift_to_now: Annotated[
        bool, typer.Option("--shift-to-now", help="Give the trades times of now.")
    ] = False,
    resolve: Annotated[bool, typer.Option("--resolve", help="Say of --markets how they ended.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped feed ended.")] = False,
    plan: Annotated[
        str | None, typer.Option(help="Refuse if the files are not as in the plan of this name.")
    ] = None,
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Put trades of a file on the topic trades; prints the plan and sends nothing without --execute."""
    if wrong := _wrong_use(file, markets, rate, speed):
        return _refuse(wrong)
    place = target()
    order = Order(file, _pace(rate, speed), shift_to_now, resume)
    try:
        if shift_to_now:
            place.allow_shifted_times()
        facts = _markets(markets, resolve=resolve)
        counted = count(file) if file not in (None, STDIN) or (file == STDIN and not execute) else None
    except (NotHere, WrongFile) as error:
        return _refuse(str(error))
    files = [name for name in (file, markets) if name is not None]
    name = plan_name(files, place.names.of(TRADES), str(order.pace), str(shift_to_now), str(resolve))
    if plan not in (None, name):
        say(f"polycool feed: the plan is {name} now, not {plan}: the files or the options are others")
        return ANSWER_IS_NO
    if not execute:
        return _show(name, place, order, counted or Counted(), facts)
    return _send(name, place, order, counted, facts)


def _wrong_use(file: str | None, markets: str | None, rate: float | None, speed: Speed | None) -> str | None:
    if file is None and markets is None:
        return "a file of trades, - for standard input, or --markets FILE is needed"
    if rate is not None and speed is not None:
        return "--rate and --speed exclude each other"
    return None


def _pace(rate: float | None, speed: Speed | None) -> Pace:
    return Pace(per_second=rate, speed=int(speed) if speed in (Speed.ONE, Speed.TEN) else None)


def _markets(name: str | None, *, resolve: bool) -> list[MarketSeen | Refused]:
    if name is None:
        return []
    now = utc_now()
    # The time as version: what is fed later wins (SAFETY R23).
    version = int(now.timestamp() * 1000)
    return list(market_rows(name, version=version, resolved_at=now if resolve else None))


def _show(name: str, place: Target, order: Order, counted: Counted, facts: list[MarketSeen | Refused]) -> int:
    refused = counted.refused + [fact for fact in facts if isinstance(fact, Refused)]
    progress = Progress(None)
    progress.told(Tally(refused=refused))
    progress.end()
    times = "shifted to now" if order.shift else "as in the file"
    document = {
        "plan": name,
        "executed": False,
        "topic": place.names.of(TRADES),
        "broker": place.kafka,
        "trades": counted.trades,
        "wallets": len(counted.wallets),
        "tokens": len(counted.tokens),
        "span": span(counted),
        "markets": len(facts) - sum(isinstance(fact, Refused) for fact in facts),
        "refused": [{"line": row.line, "reason": row.reason} for row in refused],
    }
    text = (
        f"plan {name}: {counted.trades:,} trades of {len(counted.wallets)} wallets in {len(counted.tokens)} tokens"
        f" ({span(counted)}, times {times}) onto {document['topic']} at {place.kafka},"
        f" before them {document['markets']} markets; {len(refused)} lines refused\n"
        "nothing was sent; --execute does it"
    )
    answer(document, text)
    return ANSWER_IS_NO if refused else DONE


def _send(
    name: str, place: Target, order: Order, counted: Counted | None, facts: list[MarketSeen | Refused]
) -> int:
    tally = Tally()
    progress = Progress(None if counted is None else counted.trades)
    began = time.monotonic()
    interrupted = False
    markets = 0
    try:
        markets = asyncio.run(run(place, order, facts, tally, progress))
    except KeyboardInterrupt:
        interrupted = True
    progress.end()
    seconds = time.monotonic() - began
    document = {
        "plan": name,
        "executed": True,
        "sent": tally.sent,
        "confirmed": tally.confirmed,
        "passed_over": tally.passed_over,
        "markets": markets,
        "refused": [{"line": row.line, "reason": row.reason} for row in tally.refused],
        "seconds": round(seconds, 3),
        "interrupted": interrupted,
    }
    before = f", {tally.passed_over:,} were there from before" if tally.passed_over else ""
    text = f"{tally.confirmed:,} trades and {markets} markets confirmed in {seconds:.1f} s{before}; " + (
        f"{len(tally.refused)} lines refused"
    )
    if interrupted:
        text += "\ninterrupted; --resume goes on from here"
    answer(document, text)
    if interrupted:
        return INTERRUPTED
    return ANSWER_IS_NO if tally.refused else DONE


def _refuse(sentence: str) -> int:
    say(f"polycool feed: {sentence}")
    return WRONG_USE
