"""A file's lines with their numbers: plain, gzipped, or standard input. Reads, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ops.failures import Missing

STDIN = "-"
# A trade has under 1 kB; a line beyond this is cut, and its rest is the next (bad) line instead of filling the memory.
LINE_BYTES_MAX = 100_000
_GZIP_MARK = b"\x1f\x8b"


class FileUnreadable(Missing):
    """The file is not there, may not be read, or ends early. The text is one sentence."""


def numbered_lines(name: str) -> Iterator[tuple[int, str]]:
    """Line numbers from 1 and texts, empty lines left out; ``-`` is standard input. Bytes that are no UTF-8 are kept as
    marks, so that only their own line is refused. Raises FileUnreadable."""
    try:
        with _opened(name) as source:
            number = 0
            while line := source.readline(LINE_BYTES_MAX):
                number += 1
                text = line.decode("utf-8", errors="replace")
                if text.strip():
                    yield number, text.removeprefix("\ufeff") if number == 1 else text
    except FileNotFoundError:
        raise FileUnreadable(f"{name} is not there.") from None
    except EOFError:
        raise FileUnreadable(f"{name} ends early: it is a gzip file that was cut off.") from None
    except (OSError, gzip.BadGzipFile) as error:
        raise FileUnreadable(f"{name} cannot be read: {error.strerror or error}.") from None


def digest(name: str) -> str:
    """SHA-256 over the file's bytes, in hex; FileUnreadable as above."""
    try:
        with Path(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable(f"{name} cannot be read: {error.strerror}.") from None


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == STDIN:
        # A descriptor of its own: a thread that still waits for input must not hold up the interpreter's end.
        with os.fdopen(os.dup(sys.stdin.fileno()), "rb") as source:
            yield source
        return
    with Path(name).open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP_MARK
        if packed:
            with gzip.open(raw) as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield raw
