"""`/me`: a person's own page. The page holds nothing; its script asks the API with the session's cookie."""

from __future__ import annotations

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
_WORDS: Final = (
    "leave", "followings", "copies", "positions", "tokens", "token_name", "token_scope", "token_make", "token_once",
    "token_drop", "more", "empty", "out", "failed",
)  # fmt: skip


@router.get("/me")
async def page(request: Request) -> Response:
    """The page, in the language the browser asks for."""
    return Response(_page(language_of(request)), media_type="text/html; charset=utf-8", headers=HEADERS)


@router.get("/me/page.js")
async def script() -> Response:
    """What the page does."""
    return Response(_file("page.js"), media_type="text/javascript; charset=utf-8", headers=HEADERS)


@router.get("/me/page.css")
async def style() -> Response:
    """How the page looks, light and dark."""
    return Response(_file("page.css"), media_type="text/css; charset=utf-8", headers=HEADERS)


@cache
def _page(language: str) -> str:
    words = texts_or_english(language)
    said = {name: escape(words[f"web.{name}"]) for name in _WORDS}
    return Template(_file("me.html")).substitute(said, language=language)


@cache
def _file(name: str) -> str:
    return files("api.web").joinpath(name).read_text("utf-8")
