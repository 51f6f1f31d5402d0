"""Texts for one reader: their language, their zone; what is not ours is escaped and cut (UX §1.10, §1.11)."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

ENGLISH: Final = "en"
# A foreign string (market, name, the exchange's words) is cut at so many characters.
FOREIGN_MAX: Final = 80
LABEL_MAX: Final = 24
_DAY_SECONDS: Final = 86_400


class Html(str):
    """Text that may go to Telegram as it is."""

    __slots__ = ()


@cache
def texts(language: str) -> Mapping[str, str]:
    """Key → text with named placeholders; empty where we have no such language."""
    file = files("schemas.texts").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


@cache
def every_text(language: str) -> Mapping[str, str]:
    """The same, and in English what the language lacks."""
    return {**texts(ENGLISH), **texts(language)}


def foreign(text: str, most: int = FOREIGN_MAX) -> Html:
    """What others wrote: on one line, cut, harmless."""
    return Html(html.escape(cut(" ".join(text.split()), most), quote=False))


def cut(text: str, most: int) -> str:
    """At most so many characters, the last of them "…" where something was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


class Words:
    """The texts as one person reads them. A key that their language lacks is said in English and told to `missing`."""

    def __init__(
        self,
        language: str = ENGLISH,
        zone: str = "UTC",
        missing: Callable[[str, str], None] = lambda _language, _key: None,
    ) -> None:
        self.language = language
        self.zone = ZoneInfo(zone)
        self._texts = texts(language)
        self._missing = missing

    def text(self, key: str) -> str:
        """The bare text. KeyError for a key that English lacks too."""
        found = self._texts.get(key)
        if found is None:
            self._missing(self.language, key)
            found = texts(ENGLISH)[key]
        return found

    def merged(self) -> Mapping[str, str]:
        """All texts at once, for the sentences of `schemas`."""
        return {**texts(ENGLISH), **self._texts}

    def say(self, key: str, **values: object) -> Html:
        """A text with its values put in; a value that is no `Html` is foreign."""
        safe = {name: v if isinstance(v, Html) else foreign(str(v)) for name, v in values.items()}
        return Html(html.escape(self.text(key), quote=False).format_map(safe))

    def count(self, key: str, number: int, **values: object) -> Html:
        """`key.one` or `key.other`; the number is `{n}`."""
        return self.say(f"{key}.{'one' if number == 1 else 'other'}", n=number, **values)

    def label(self, key: str, **values: object) -> str:
        """What stands on a button: plain, cut."""
        return cut(self.text(key).format_map({name: str(v) for name, v in values.items()}), LABEL_MAX)

    def when(self, at: datetime, now: datetime | None = None) -> Html:
        """A time that reads "4 min ago" and turns absolute at a tap; old clients show the text inside."""
        shown = at.astimezone(self.zone)
        near = now is not None and abs((now - at).total_seconds()) < _DAY_SECONDS
        clock = f"{shown:%H:%M:%S}" if near else f"{shown.day} {shown:%b %H:%M}"
        inside = f"{clock} {shown.tzname() or 'UTC'}"
        return Html(f'<tg-time unix="{int(at.timestamp())}" format="r">{inside}</tg-time>')

    def day(self, at: datetime) -> Html:
        """A day such as "3 Sep", in the reader's zone."""
        shown = at.astimezone(self.zone)
        return Html(f"{shown.day} {shown:%b}")


def lines(*parts: str | None) -> Html:
    """Lines of a screen; None falls out, an empty one stands for a gap."""
    return Html("\n".join(part for part in parts if part is not None))
