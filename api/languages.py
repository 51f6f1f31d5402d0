"""In which language an answer speaks: the request's `Accept-Language`, else the one its user has chosen, else English.

Kept with the request's context, so that whoever says a sentence need not be handed the language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Final

from api.texts import texts_or_english

ENGLISH: Final = "en"
_wanted: ContextVar[str | None] = ContextVar("wanted_language", default=None)
_chosen: ContextVar[str] = ContextVar("chosen_language", default=ENGLISH)


def wanted(accept_language: str | None) -> None:
    """A request begins. What it wants is the first language of the header that is not refused; any region counts."""
    best, best_share = None, 0.0
    for each in (accept_language or "").split(",")[:8]:
        name, _, more = each.strip().partition(";")
        share = _share(more)
        if name[:2].isalpha() and share > best_share:
            best, best_share = name[:2].lower(), share
    _wanted.set(best)
    _chosen.set(ENGLISH)


def chosen(language: str | None) -> None:
    """Note the language of the request's user."""
    _chosen.set(language or ENGLISH)


def _share(more: str) -> float:
    name, _, value = more.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


class Spoken(Mapping[str, str]):
    """The texts in the language of the request under way."""

    def __getitem__(self, key: str) -> str:
        return self._now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Mapping[str, str]:
        return texts_or_english(_wanted.get() or _chosen.get())


_SPOKEN: Final = Spoken()


def spoken(key: str, **values: object) -> str:
    """A text in the language of the request under way, with its values put in."""
    return _SPOKEN[key].format_map(values)
