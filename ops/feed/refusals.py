"""Lines that cannot be taken, and why, in words for the person who has the file. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

SHOWN_CHARACTERS = 60


class WrongFile(ValueError):
    """The file is not of the kind that was asked for. The text says what lacks."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken, and why; ``line`` counts from 1, the header included."""

    line: int
    reason: str


def cells(text: str) -> Sequence[str]:
    """The cells of one line of CSV; ``csv.Error`` when it is none. Line by line, so that a stray quote spoils its own
    line and not the rest of the file."""
    return [cell.strip() for cell in next(csv.reader([text.rstrip("\r\n")], strict=True), [])]


def column_names(header: str, needed: Sequence[str]) -> Sequence[str]:
    """The columns a header names; WrongFile when one of ``needed`` is not among them."""
    try:
        names = cells(header)
    except csv.Error as error:
        raise WrongFile(f"the first line is not CSV: {error}") from None
    missing = [name for name in needed if name not in names]
    if missing:
        raise WrongFile(f"the header lacks {', '.join(missing)}; it must name {', '.join(needed)}")
    return names


def row_of(names: Sequence[str], line: int, text: str) -> Mapping[str, str] | Refused:
    """A line's cells by the names of their columns, or why that does not fit."""
    try:
        found = cells(text)
    except csv.Error as error:
        return Refused(line, f"not CSV: {error}")
    if len(found) != len(names):
        return Refused(line, f"{len(found)} columns where the header has {len(names)}")
    return dict(zip(names, found, strict=True))


def reasons(error: ValidationError, names: Mapping[str, str]) -> str:
    """One sentence per bad field, named as the file names it (``names``), with the value, cut short."""
    sentences = []
    for problem in error.errors(include_url=False, include_context=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        got = f' (got "{str(problem["input"])[:SHOWN_CHARACTERS]}")'
        sentences.append(f"{names.get(field, field)}: {message}{got}" if field else message)
    return "; ".join(sentences)
