"""Names of traders, looked up in the exchange's public profile search. Only the operators' address is ever asked."""

from __future__ import annotations

from typing import Any, Final

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError

from schemas.ids import Wallet

log = structlog.get_logger()
SEARCH: Final = "/public-search"
PROFILES_MAX: Final = 10
# Ten profiles are some 10 kB.
ANSWER_BYTES_MAX: Final = 262_144
_WALLET: Final[TypeAdapter[str]] = TypeAdapter(Wallet)


class LookUpFailed(Exception):
    """Names cannot be looked up right now: not set up, not reachable, or an answer that is none."""


class Profiles:
    """The look-up; without a ``url`` it always fails."""

    def __init__(self, url: str | None, *, seconds: float) -> None:
        self._url = url.rstrip("/") if url else None
        self._seconds = seconds

    async def wallets_of(self, name: str) -> tuple[str, ...]:
        """The trading wallets of profiles with exactly this name, case aside. Raises LookUpFailed."""
        if self._url is None:
            raise LookUpFailed("no address is set")
        found = await self._search(self._url, name)
        wallets = (_wallet(profile) for profile in found if _is_named(profile, name))
        return tuple(dict.fromkeys(wallet for wallet in wallets if wallet is not None))

    async def _search(self, url: str, name: str) -> list[Any]:
        asked = {
            "q": name,
            "search_profiles": "true",
            "search_tags": "false",
            "limit_per_type": str(PROFILES_MAX),
        }
        try:
            async with (
                httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, trust_env=False) as http,
                http.stream("GET", f"{url}{SEARCH}", params=asked) as answer,
            ):
                answer.raise_for_status()
                body = await _bounded(answer)
            profiles = httpx.Response(200, content=body).json()["profiles"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, UnicodeDecodeError) as fault:
            log.warning("profiles_not_found", error=type(fault).__name__)
            raise LookUpFailed(type(fault).__name__) from fault
        return profiles if isinstance(profiles, list) else []


async def _bounded(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise LookUpFailed("the answer is too long")
    return body


def _is_named(profile: object, name: str) -> bool:
    return isinstance(profile, dict) and str(profile.get("name") or "").casefold() == name.casefold()


def _wallet(profile: dict[str, Any]) -> str | None:
    try:
        return _WALLET.validate_python(profile.get("proxyWallet"))
    except ValidationError:
        return None
