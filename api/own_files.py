"""What all pages of ours are sent with, and in which language."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from schemas.me_views import LANGUAGES

# Nothing but our own files and our own API: no script of others nor one in the page's text, no frame around it, no
# address told to others, and no page of yesterday out of a browser's store.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def language_of(request: Request) -> str:
    """The language the browser asks for, if we speak it, else English."""
    wanted = request.headers.get("accept-language", "")[:2].lower()
    return wanted if wanted in LANGUAGES else "en"
