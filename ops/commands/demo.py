"""`polycool demo`: everything on this machine with leaders, followers and a picture of what goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Annotated

import typer

from ops.demo.options import FOLLOWERS, FOLLOWERS_MAX, RATE, SEED, Options
from ops.demo.recorded import recorded
from ops.demo.script import Script, generated
from ops.exits import ANSWER_IS_NO, DONE, INTERRUPTED, WRONG_USE
from ops.feed.refusals import WrongFile
from ops.output import answer, say
from ops.stack.neighbours import demo_directory
from ops.stack.place import stack_directory


def command(
    *,
    trades: Annotated[
        str | None, typer.Option(help="Play these: CSV or CSV.gz; else a generator plays.")
    ] = None,
    markets: Annotated[str | None, typer.Option(help="What their tokens are: CSV or CSV.gz.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="So many trades, then end.")] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=5_000, help="Trades in a second.")] = RATE,
    followers: Annotated[int, typer.Option(min=1, max=FOLLOWERS_MAX, help="People who copy.")] = FOLLOWERS,
    until_settled: Annotated[
        bool, typer.Option("--until-settled", help="Wait until all is answered.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed makes the same trades.")] = SEED,
) -> int:
    """Start everything here, play trades to followers, show what goes on, audit at the end, and end everything."""
    given = [name for name in ("POLYCOOL_KAFKA", "POLYCOOL_DATABASE_URL") if os.environ.get(name)]
    if given:
        say(
            f"polycool demo: {' and '.join(given)} is set; a demo makes old trades live news, so it runs only on "
            "a stack that it starts by itself: unset it"
        )
        return WRONG_USE
    options = Options(trades, markets, count, rate, followers, until_settled, seed)
    try:
        script = _script(options)
    except WrongFile as error:
        say(f"polycool demo: {error}")
        return WRONG_USE
    return asyncio.run(_demo(options, script))


def _script(options: Options) -> Script:
    if options.trades is None:
        return generated(options.seed, options.rate, options.count)
    return recorded(options.trades, options.markets, options.rate, options.count)


async def _demo(options: Options, script: Script) -> int:
    # Imported late: --help and a wrong file need not load all the parts.
    from ops.audit.sentences import lines as sentences
    from ops.demo.show import show

    showing = asyncio.create_task(show(options, script, demo_directory(stack_directory())))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Once: what is ending is not interrupted again, each part ends within its own bound.
        loop.add_signal_handler(sign, lambda: None if showing.cancelling() else showing.cancel())
    try:
        shown = await showing
    except asyncio.CancelledError:
        say("interrupted; everything was ended")
        return INTERRUPTED
    audit = shown.outcome.audit
    lines = [
        f"{shown.outcome.trades:,} trades, {sum(shown.outcome.by_state.values()):,} copies, "
        f"{shown.outcome.orders:,} orders · {shown.left.sentence()} · {audit.violations} violations",
        *sentences(audit),
        *([f"Try: polycool why {shown.example}"] if shown.example else []),
    ]
    answer(shown.outcome.as_json(), "\n".join(lines))
    open_still = options.until_settled and not shown.left.nothing
    if open_still:
        say(f"polycool demo: not settled within {options.settle_seconds:.0f} s: {shown.left.sentence()}")
    return ANSWER_IS_NO if audit.violations or open_still else DONE
