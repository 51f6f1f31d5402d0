"""How a command speaks: its answer on standard output, progress on standard error; `--json`, `--no-color`, `-v`."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Output:
    """What was asked for on the command line."""

    as_json: bool = False
    color: bool = True
    verbose: bool = False


_CURRENT = [Output(color="NO_COLOR" not in os.environ)]


def current() -> Output:
    """The options of this run."""
    return _CURRENT[0]


def choose(output: Output) -> None:
    """Set the options of this run; the command line does it once."""
    _CURRENT[0] = output


def answer(document: object, text: str) -> None:
    """The command's answer: the document as one line of JSON with --json, else the text."""
    print(json.dumps(document, default=str, ensure_ascii=False) if current().as_json else text, flush=True)  # noqa: T201


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def console(*, progress: bool = True) -> Console:
    """A rich console on standard error (progress) or output, plain without a terminal or colour."""
    from rich.console import Console

    return Console(stderr=progress, no_color=not current().color, highlight=False, soft_wrap=True)
