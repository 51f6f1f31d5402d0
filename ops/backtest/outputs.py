"""Where a run is written while it goes: JSON lines to standard output, CSV to a file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ops.backtest.lines import COLUMNS, line_fields
from ops.backtest.recorded import BadFile
from streams.what_if.run import CopyOutcome

_DENSE: Final = (",", ":")
Writer = Callable[[Sequence[CopyOutcome]], None]


@contextmanager
def writing(*, json_lines: bool, csv_file: str | None) -> Iterator[Writer | None]:
    """A writer of copy orders; None when nobody wants them. BadFile when the file cannot be written."""
    with ExitStack() as opened:
        writers: list[Writer] = []
        if json_lines:
            writers.append(_json_line)
            opened.callback(sys.stdout.flush)
        if csv_file is not None:
            try:
                out = opened.enter_context(Path(csv_file).open("w", encoding="utf-8", newline=""))
            except OSError as error:
                raise BadFile(f"{csv_file} cannot be written: {error.strerror}.") from None
            rows = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
            rows.writeheader()
            writers.append(lambda copies: rows.writerows(map(line_fields, copies)))
        yield _all_of(writers) if writers else None


def _all_of(writers: Sequence[Writer]) -> Writer:
    def write(copies: Sequence[CopyOutcome]) -> None:
        for writer in writers:
            writer(copies)

    return write


def _json_line(copies: Sequence[CopyOutcome]) -> None:
    for copy in copies:
        sys.stdout.write(json.dumps(line_fields(copy), separators=_DENSE, ensure_ascii=False) + "\n")
