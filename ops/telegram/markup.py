"""Text with Telegram's HTML as a person sees it: plain text and entities. Refuses what Telegram's parser refuses."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final

from ops.telegram.refusals import Refusal, bad

# Tag → kind of entity.
KINDS: Final = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAG: Final = re.compile(r"(/?)([a-zA-Z0-9-]*)((?:\s+[^<>]*?)?)\s*(>|$|<)")
_ATTRIBUTE: Final = re.compile(r"([a-zA-Z0-9_-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")


@dataclass(frozen=True)
class Marked:
    """Plain text and its entities, offsets and lengths counted in UTF-16 as Telegram does."""

    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class _Open:
    tag: str
    at: int
    attributes: dict[str, str]


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def read(text: str, parse_mode: str | None) -> Marked:
    """The text as a person sees it; raises `Refusal` (400) for HTML that does not parse or another parse mode."""
    if not parse_mode:
        return Marked(text.strip())
    if parse_mode.lower() != "html":
        raise bad("unsupported parse_mode")
    marked = _parse(text)
    ahead = units(marked.text) - units(marked.text.lstrip())
    for entity in marked.entities:
        entity["offset"] -= ahead
    return Marked(marked.text.strip(), sorted(marked.entities, key=lambda entity: entity["offset"]))


def _parse(source: str) -> Marked:
    said: list[str] = []
    entities: list[dict[str, Any]] = []
    opened: list[_Open] = []
    length, place = 0, 0
    while place < len(source):
        begin = source.find("<", place)
        piece = html.unescape(source[place : begin if begin >= 0 else len(source)])
        said.append(piece)
        length += units(piece)
        if begin < 0:
            break
        match = _TAG.match(source, begin + 1)
        at = len(source[:begin].encode())
        if match is None or match[4] != ">":
            raise _wrong(f'Unsupported start tag "{_name_at(source, begin)}" at byte offset {at}')
        if match[1]:
            _close(opened, match[2].lower(), at, length, entities)
        else:
            opened.append(_open(match[2].lower(), match[3], at, length))
        place = match.end()
    if opened:
        raise _wrong(f'Can\'t find end tag corresponding to start tag "{opened[-1].tag}"')
    return Marked("".join(said), entities)


def _open(tag: str, rest: str, at: int, length: int) -> _Open:
    found = {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(rest)
    }
    if tag not in KINDS or (tag == "span" and found.get("class") != "tg-spoiler"):
        raise _wrong(f'Unsupported start tag "{tag}" at byte offset {at}')
    if tag == "tg-time" and not found.get("unix", "").isdigit():
        raise _wrong(f'Tag "tg-time" must have a valid unix time at byte offset {at}')
    return _Open(tag, length, found)


def _close(opened: list[_Open], tag: str, at: int, length: int, entities: list[dict[str, Any]]) -> None:
    if not opened:
        raise _wrong(f"Unexpected end tag at byte offset {at}")
    last = opened.pop()
    if tag not in ("", last.tag):
        raise _wrong(f'Unmatched end tag at byte offset {at}, expected "</{last.tag}>", found "</{tag}>"')
    if length > last.at:
        entities.append(_entity(last, length - last.at))


def _entity(last: _Open, length: int) -> dict[str, Any]:
    entity: dict[str, Any] = {"type": KINDS[last.tag], "offset": last.at, "length": length}
    if last.tag == "a":
        entity["url"] = last.attributes.get("href", "")
    elif last.tag == "tg-time":
        entity["unix_time"] = int(last.attributes["unix"])
        entity["date_time_format"] = last.attributes.get("format", "")
    elif last.tag == "tg-emoji":
        entity["custom_emoji_id"] = last.attributes.get("emoji-id", "")
    elif last.tag == "blockquote" and "expandable" in last.attributes:
        entity["type"] = "expandable_blockquote"
    return entity


def _name_at(source: str, begin: int) -> str:
    found = re.match(r"[a-zA-Z0-9-]*", source[begin + 1 :])
    return found[0].lower() if found else ""


def _wrong(words: str) -> Refusal:
    return bad(f"can't parse entities: {words}")
