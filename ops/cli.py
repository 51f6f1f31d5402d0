"""`polycool COMMAND`: each command is a module `ops/commands/<name>.py`, imported only when it is asked for.

A module has either `command`, a function as typer takes it, or `app`, a typer.Typer with sub-commands. What the
function returns is the exit code (None is 0): 0 done, 1 the answer is no, 2 wrong use, 3 something it needs is not
there, 130 interrupted (UX §6).
"""

from __future__ import annotations

import difflib
import importlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType
from typing import NoReturn

from ops.exits import DONE, INTERRUPTED, MISSING, WRONG_USE
from ops.output import Output, choose, current, say

# In the order of a person's day. A star: prints a plan and changes nothing without --execute.
COMMANDS = {
    "up": "broker, database, paper exchange, streams, trading, api, bot on this machine; Ctrl-C ends in order",
    "demo": "up, with leaders, followers and a live picture (--trades --markets --count --rate --followers)",
    "status": "one picture: stages, copies, switches, oldest unknown",
    "why": "the causal chain of one copy",
    "buys": "* stop --reason … | allow | show: the kill switch for buys (stop acts at once)",
    "reconcile": "* end unknown orders by proof from the exchange; every account's books against it",
    "doctor": "check this machine and what it reaches; each ✗ has its mend",
    "audit": "prove the promises on tables, topics and the venue's ledger",
    "completeness": "per leader and day: trades seen, answered, and gaps in the indexer's sequence",
    "streams": "run one process: classify, copy_execution, recommend, the outbox",
    "trading": "run one process: the only one with keys",
    "api": "run one process: the HTTP face",
    "bot": "run one process: the Telegram face",
    "paper": "run one process: the paper exchange",
    "keys": "* status | rotate: the keys that wrap the wallets' keys; shows none",
    "migrate": "* bring the tables to this version, bind the database to its cluster",
    "prune": "* let go of old rows that are no record of money; run it nightly",
    "backup": "take | drill | restore * | roles *: dumps of the database, tried and put back",
    "topics": "* list, check or create the topics",
    "feed": "* put trades from a file or standard input on the topic trades",
    "replay": "* decide recorded trades again, into shadow topics; run a version in the shadow and judge it",
    "wallets": "* import a list of wallets that are watched, as smart_trader unless it says otherwise",
    "dlq": "* list | show | redrive | quarantine dead letters",
    "rebuild": "* make the read tables again from the topics and compare; as-of: how somebody stood then",
    "backtest": "what settings would have done with recorded trades; places nothing",
    "operators": "* list | add | remove who of the users may use /admin and the console",
    "bench": "measure rates and latencies here, each with its baseline",
}
FLAGS = {"--json": "as_json", "--no-color": "no_color", "-v": "verbose", "--verbose": "verbose"}
EVERYWHERE = "every command: --json (one document, or a line per event), --no-color, -v; progress on stderr"
EXITS = (
    "exit: 0 done · 1 the answer is no · 2 wrong use · 3 something it needs is not there · 130 interrupted"
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The entry of the program `polycool`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(words))


def run(words: list[str]) -> int:
    """Run one command line and return its exit code."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())  # noqa: T201
        return DONE if words else WRONG_USE
    if words[0] == "--version":
        print(f"polycool {version('polycool')}")  # noqa: T201
        return DONE
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f", did you mean {near[0]}?" if near else "; polycool --help lists them"
        say(f"polycool: there is no command {name}{hint}")
        return WRONG_USE
    try:
        return _invoke(name, importlib.import_module(f"ops.commands.{name}"), rest)
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except Exception as error:  # the outermost edge: known kinds become a sentence, the rest a trace
        from ops.failures import explained

        sentence = explained(error)
        if sentence is None or current().verbose:
            raise
        return _missing(sentence)


def overview() -> str:
    """What `polycool --help` prints."""
    lines = [f"  {name:<10} {help_text}" for name, help_text in COMMANDS.items()]
    starred = "* changes nothing without --execute: it prints its plan"
    return "\n".join(["usage: polycool COMMAND [--help]", "", *lines, "", EVERYWHERE, starred, EXITS])


def _invoke(name: str, module: ModuleType, words: list[str]) -> int:
    import typer

    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command()(module.command)
    assert isinstance(app, typer.Typer), f"ops.commands.{name}.app is no typer.Typer"
    app.info.epilog = EVERYWHERE
    command = typer.main.get_command(app)
    words = _take_flags(words, _own_options(command))
    try:
        code = command.main(args=words, prog_name=f"polycool {name}", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except typer.TyperException as error:
        say(f"polycool {name}: {error.format_message()} (polycool {name} --help)")
        return getattr(error, "exit_code", WRONG_USE)
    return code if isinstance(code, int) else DONE


def _take_flags(words: list[str], own: set[str]) -> list[str]:
    """Take the options of every command out of the line, but leave those the command has itself."""
    end = words.index("--") if "--" in words else len(words)
    found = {FLAGS[word] for word in words[:end] if word in FLAGS}
    choose(
        Output(
            as_json="as_json" in found,
            color="no_color" not in found and "NO_COLOR" not in os.environ,
            verbose="verbose" in found,
        )
    )
    # Libraries' warnings are for those who look for a fault; ours are sentences.
    logging.basicConfig(level=logging.INFO if current().verbose else logging.CRITICAL)
    if not current().color:
        os.environ["NO_COLOR"] = "1"
    return [word for word in words[:end] if word not in FLAGS or word in own] + words[end:]


def _own_options(command: object) -> set[str]:
    own = {
        option for parameter in getattr(command, "params", []) for option in getattr(parameter, "opts", [])
    }
    for part in getattr(command, "commands", {}).values():
        own |= _own_options(part)
    return own


def _missing(sentence: str) -> int:
    say(f"polycool: {sentence}")
    if current().as_json:
        print(json.dumps({"error": sentence}), flush=True)  # noqa: T201
    return MISSING


if __name__ == "__main__":
    main()
