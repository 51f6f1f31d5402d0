"""`/console`: the operators' page. It holds nothing; its script asks the API with what the operator signs in with."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.own_files import HEADERS, language_of
from api.texts import texts_or_english

router = APIRouter(tags=["health"], include_in_schema=False)
_KEYS: Final = "console."


class Part(StrEnum):
    """The files of the page."""

    STYLE = "console.css"
    SCRIPT = "console.js"
    STREAM = "stream.js"
    DRAWING = "drawing.js"
    LISTS = "lists.js"
    PANELS = "panels.js"
    FIGURES = "figures.js"
    ASKING = "asking.js"
    DEEDS = "deeds.js"
    LETTERS = "letters.js"
    REPLAYS = "replays.js"


@router.get("/console")
async def page(request: Request) -> Response:
    """The page, in the language the browser asks for."""
    return Response(_page(language_of(request)), media_type="text/html; charset=utf-8", headers=HEADERS)


@router.get("/console/{part}")
async def part(part: Part) -> Response:
    """What the page looks like, and what it does."""
    kind = "text/css" if part is Part.STYLE else "text/javascript"
    return Response(_file(part), media_type=f"{kind}; charset=utf-8", headers=HEADERS)


@cache
def _page(language: str) -> str:
    words = texts_or_english(language)
    own = {key.removeprefix(_KEYS): text for key, text in words.items() if key.startswith(_KEYS)}
    said = {name.replace(".", "_"): escape(text) for name, text in own.items()}
    return Template(_file("console.html")).substitute(
        said, language=language, words=escape(json.dumps(own, ensure_ascii=False))
    )


@cache
def _file(name: str) -> str:
    return files("api.web").joinpath(name).read_text("utf-8")
