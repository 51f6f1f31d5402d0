"""`polycool bench NAME`: measure rates and latencies on this machine, each with its baseline in the same run."""

from __future__ import annotations

import importlib
from typing import Annotated, Final

import typer

from ops.exits import DONE, WRONG_USE
from ops.output import answer, current, say

# Each is a module `ops/bench/<name>.py` whose `run()` returns what it measured (for --json) and the same as text.
BENCHES: Final = {
    "classify": "trades a second through the real classify worker, beside a raw aiokafka loop of the same work",
    "way": "latency of the way at a steady rate: append to committed, append to the order on the wire",
    "notices": "10,000 notices to 1,000 chats: none lost or doubled, the pace kept, and how soon one is said",
    "taps": "taps in the chat until they are answered, on the bot and the API, beside a bare call to the same server",
    "api": "a user's newest 20 copies over HTTP, closed and open loop, beside a bare route of the same framework",
    "backtest": "a million decisions of a backtest on one processor, beside the same trades without a follower",
    "replay": "100,000 recorded trades decided again: twice the same, and with a rule changed",
    "flood": "a leader's neighbours while he makes 2,000 fills in a minute, beside the same neighbours alone",
    "fanout": "one trade of a leader with 1,000 and 10,000 followers",
}
CHAOS: Final = "chaos"
OLD_NEWS: Final = "old-news"
_OLD_NEWS_IS: Final = (
    "old trades and the whole topic again, with and without the tables of plans; 1 when anything is posted"
)
_CHAOS_IS: Final = (
    "everything killed, stopped, doubled and cut off under load, then audited; 1 when a promise broke"
)
_Number = Annotated[int | None, typer.Option(help="chaos only")]


def command(
    name: Annotated[str, typer.Argument(help=", ".join([*BENCHES, CHAOS, OLD_NEWS]))],
    *,
    seed: _Number = None,
    trades: _Number = None,
    rate: Annotated[float | None, typer.Option(help="chaos only: trades a second")] = None,
    followers: _Number = None,
    kills: _Number = None,
    restarts: _Number = None,
    pauses: _Number = None,
    doubles: _Number = None,
    cuts: _Number = None,
    duplicates: _Number = None,
    faults: _Number = None,
) -> int:
    """Measure; starts a broker and a database of its own unless POLYCOOL_KAFKA and POLYCOOL_DATABASE_URL name some."""
    given = {
        "seed": seed, "trades": trades, "rate": rate, "followers": followers, "kills": kills, "restarts": restarts,
        "pauses": pauses, "doubles": doubles, "cuts": cuts, "duplicates": duplicates, "faults": faults,
    }  # fmt: skip
    chosen = {option: value for option, value in given.items() if value is not None}
    if name == CHAOS:
        return _chaos(chosen)
    if name == OLD_NEWS:
        return _old_news(chosen)
    if name not in BENCHES:
        every = {**BENCHES, CHAOS: _CHAOS_IS, OLD_NEWS: _OLD_NEWS_IS}
        known = "\n".join(f"  {each:<10} {what}" for each, what in every.items())
        say(f"polycool bench: there is no {name}; there are\n{known}")
        return WRONG_USE
    if chosen:
        say(f"polycool bench {name}: --{next(iter(chosen))} is for chaos only")
        return WRONG_USE
    document, text = importlib.import_module(f"ops.bench.{name}").run()
    answer(document, text)
    return DONE


def _chaos(chosen: dict[str, int | float]) -> int:
    from ops.campaign.__main__ import main

    words = [word for option, value in chosen.items() for word in (f"--{option}", f"{value}")]
    return main([*words, *(["--json"] if current().as_json else [])])


def _old_news(chosen: dict[str, int | float]) -> int:
    from ops.campaign.repeated import OPTIONS, main

    if wrong := set(chosen) - OPTIONS:
        say(f"polycool bench {OLD_NEWS}: --{min(wrong)} is for chaos only")
        return WRONG_USE
    return main(**{name: int(number) for name, number in chosen.items()}, as_json=current().as_json)
