"""HTTP to an exchange: own connections, every request sent once, logins by HMAC. Nothing here repeats a POST.

aiohttp by itself repeats only idempotent requests whose kept connection was gone; POST is none of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

import aiohttp
import orjson

from streams.venues.faults import VenueFault
from streams.venues.wallets import TradingWallet

_JSON: Final = {"Content-Type": "application/json"}
# More than any page of 500 rows; a body without end must not fill the memory.
_BODY_MAX: Final = 16 * 1024 * 1024
FAULTS: Final = (aiohttp.ClientError, TimeoutError, OSError)
"""What a request that got no answer raises."""


class Raw(NamedTuple):
    """An answer as it came; names of headers in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Wire:
    """``connections`` bounds what is open at once; ``read_seconds`` is when a request counts as unanswered."""

    def __init__(self, host: str, *, connections: int, read_seconds: float) -> None:
        self.host = host.rstrip("/")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=30.0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=read_seconds),
            auto_decompress=True,
        )
        self.ahead = 0.0
        """Seconds by which the exchange's clock is ahead of ours."""

    async def close(self) -> None:
        """Give the connections back."""
        await self._session.close()

    def now(self) -> int:
        """The exchange's time in whole seconds since 1970, as far as it was compared."""
        return int(time.time() + self.ahead)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Raw:
        """One request, sent once; redirects are not followed. Raises ``FAULTS``."""
        timeout = None if seconds is None else aiohttp.ClientTimeout(total=seconds)
        async with self._session.request(
            method,
            self.host + path,
            data=body or None,
            params=params,
            headers={**(headers or {}), **(_JSON if body else {})},
            timeout=timeout or self._session.timeout,
            allow_redirects=False,
        ) as response:
            content = await response.content.read(_BODY_MAX)
            while not response.content.at_eof() and len(content) < _BODY_MAX:
                content += await response.content.read(_BODY_MAX - len(content))
            told = {name.lower(): value for name, value in response.headers.items()}
            return Raw(response.status, content, told)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, object]:
        """Status and JSON of an answer; None for a body that is none, but not with a 200. Raises ``VenueFault``."""
        try:
            raw = await self.send(method, path, body=body, params=params, headers=headers)
        except FAULTS as fault:
            raise VenueFault(type(fault).__name__) from None
        try:
            return raw.status, orjson.loads(raw.body) if raw.body else None
        except orjson.JSONDecodeError:
            if raw.status == 200:
                raise VenueFault("an answer that is no JSON") from None
            return raw.status, None

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        may_miss: bool = False,
    ) -> tuple[int, object]:
        """An answer of 200, or of 404 where that says something. Raises ``VenueFault``."""
        status, said = await self.ask("GET", path, params=params, headers=headers)
        if status == 200 or (may_miss and status == 404):
            return status, said
        raise VenueFault(f"HTTP {status}")

    def signed(self, wallet: TradingWallet, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """The five headers of a login by HMAC over time, method, path (without its query) and body."""
        stamp = str(self.now())
        padding = "=" * (-len(wallet.credentials.secret) % 4)
        secret = base64.urlsafe_b64decode(wallet.credentials.secret + padding)
        digest = hmac.digest(secret, stamp.encode() + method.encode() + path.encode() + body, hashlib.sha256)
        return {
            "POLY_ADDRESS": wallet.key.address,
            "POLY_API_KEY": wallet.credentials.api_key,
            "POLY_PASSPHRASE": wallet.credentials.passphrase,
            "POLY_SIGNATURE": base64.urlsafe_b64encode(digest).decode(),
            "POLY_TIMESTAMP": stamp,
        }
