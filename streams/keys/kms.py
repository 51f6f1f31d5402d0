"""Data keys wrapped by a KMS that speaks AWS' protocol (``TrentService``, JSON 1.1, Signature Version 4).

Requests are ours, bounded and async; credentials and signatures are botocore's (docs/decisions/0009).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from streams.keys.memory import wipe
from streams.keys.providers import KEY_BYTES, KMS, KeyContext, KeyFault, KeyRefused, KeysAway, KeysDenied

# At its finest botocore logs the request it signs, the session's token within.
logging.getLogger("botocore").setLevel(logging.INFO)
# Requests under way: a key's quota is thousands a second, an answer takes some 10 ms.
_ROOM: Final = 32
# Tries of one request, with pauses of 0.1, 0.4, 1.6 s at most between them.
_TRIES: Final = 4
_PAUSE_SECONDS: Final = 0.1
_CHANCE: Final = secrets.SystemRandom()
_NOT_OURS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_PASSING: Final = frozenset(
    {
        "ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException", "LimitExceededException",
        "KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "InternalFailure",
        "ServiceUnavailable", "RequestTimeout", "RequestTimeoutException",
    }
)  # fmt: skip

FindCredentials = Callable[[], Credentials | None]


def machine_credentials() -> FindCredentials:
    """The machine's own, by the usual chain (environment, profile, container, instance); they renew themselves."""
    found: FindCredentials = Session().get_credentials
    return found


class KmsKeyProvider:
    """One key of a KMS, named by its id or ARN. ``seconds`` bounds each request, four times as much a whole call."""

    def __init__(
        self, key: str, *, region: str, endpoint: str | None, find: FindCredentials, seconds: float
    ) -> None:
        self.name = f"{KMS}/{key}"
        self._key = key
        self._region = region
        self._url = f"{(endpoint or f'https://kms.{region}.amazonaws.com').rstrip('/')}/"
        self._find = find
        self._seconds = seconds
        self._room = asyncio.Semaphore(_ROOM)
        self._http = httpx.AsyncClient(
            timeout=seconds, follow_redirects=False, limits=httpx.Limits(max_connections=_ROOM)
        )

    async def new_data_key(self, context: KeyContext) -> tuple[bytearray, bytes]:
        """A fresh data key and the same one wrapped, both made by the KMS."""
        found = await self._ask("GenerateDataKey", {"KeySpec": "AES_256"}, context)
        return _data_key(found), _decoded(found, "CiphertextBlob")

    async def wrap(self, data_key: bytearray, context: KeyContext) -> bytes:
        """The data key as it may be stored."""
        found = await self._ask("Encrypt", {"Plaintext": base64.b64encode(data_key).decode()}, context)
        return _decoded(found, "CiphertextBlob")

    async def unwrap(self, wrapped: bytes, context: KeyContext) -> bytearray:
        """The data key again. Raises ``KeyRefused``."""
        found = await self._ask("Decrypt", {"CiphertextBlob": base64.b64encode(wrapped).decode()}, context)
        return _data_key(found)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _ask(self, deed: str, body: Mapping[str, object], context: KeyContext) -> dict[str, Any]:
        content = orjson.dumps({"KeyId": self._key, "EncryptionContext": context.pairs(), **body})
        try:
            async with asyncio.timeout(self._seconds * _TRIES), self._room:
                return await self._tried(deed, content)
        except TimeoutError:
            raise KeysAway(f"the KMS did not answer {deed} in time") from None

    async def _tried(self, deed: str, content: bytes) -> dict[str, Any]:
        for former in range(_TRIES):
            if former:
                await asyncio.sleep(_CHANCE.uniform(0, _PAUSE_SECONDS * 4 ** (former - 1)))
            try:
                return await self._once(deed, content)
            except KeysAway:
                if former == _TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _once(self, deed: str, content: bytes) -> dict[str, Any]:
        headers = _signed(await self._credentials(), self._region, self._url, deed, content)
        try:
            answer = await self._http.post(self._url, content=content, headers=headers)
        except httpx.TransportError as fault:
            raise KeysAway(f"the KMS did not answer {deed}: {type(fault).__name__}") from None
        try:
            found = orjson.loads(answer.content) if answer.content else {}
        except orjson.JSONDecodeError:
            found = None
        if answer.status_code != httpx.codes.OK:
            raise _sorted(deed, answer.status_code, found)
        if not isinstance(found, dict):
            raise KeysAway(f"the KMS answered {deed} with something else")
        return found

    async def _credentials(self) -> ReadOnlyCredentials:
        try:
            # The first look and each renewal speak to the machine's own door and may take a while.
            async with asyncio.timeout(self._seconds):
                found = await asyncio.to_thread(self._find)
                frozen = None if found is None else await asyncio.to_thread(found.get_frozen_credentials)
        except TimeoutError:
            raise KeysAway("credentials for the KMS were not found in time") from None
        except BotoCoreError as fault:
            raise KeysDenied(f"no credentials for the KMS: {type(fault).__name__}") from None
        if frozen is None:
            raise KeysDenied("no credentials for the KMS: give this machine a role, or set AWS_ACCESS_KEY_ID")
        return frozen


def _signed(
    credentials: ReadOnlyCredentials, region: str, url: str, deed: str, content: bytes
) -> dict[str, str]:
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{deed}"}
    request = AWSRequest("POST", url, data=content, headers=headers)
    SigV4Auth(credentials, "kms", region).add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def _sorted(deed: str, status: int, found: object) -> KeyFault:
    """What a refusal means. Only the kind of it is told: its words may name what was asked."""
    kind = str(found.get("__type", "")).rpartition("#")[2] if isinstance(found, dict) else ""
    kind = kind[:60] if kind.isalnum() else ""
    if kind in _NOT_OURS:
        return KeyRefused(f"the KMS does not open it: {kind}")
    words = f"the KMS refused {deed}: {kind or status}"
    if kind in _PASSING or status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
        return KeysAway(words)
    return KeysDenied(words)


def _data_key(found: Mapping[str, Any]) -> bytearray:
    data_key = bytearray(_decoded(found, "Plaintext"))
    if len(data_key) != KEY_BYTES:
        wipe(data_key)
        raise KeyRefused("what the KMS opened is no data key")
    return data_key


def _decoded(found: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(found[name], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise KeysAway("the KMS answered without what was asked for") from None
