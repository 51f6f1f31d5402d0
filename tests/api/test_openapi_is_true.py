"""OpenAPI is true: what its document allows is asked at random, and no answer is outside of what it promises."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup

from api import ordering, rehearsing
from tests.api.conftest import LEADER, TOKEN, Ask, Face

# How many requests each route gets: the whole takes about a minute.
EXAMPLES: Final = 9
CHECKS: Final = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
# Streams have no end, and a claim may wait ten seconds for a notice; both have tests of their own.
_ENDLESS: Final = ("/events", "/claim")


def _wants(operation: Any) -> set[str]:
    security = operation.definition.raw.get("security", ())
    return {scheme for each in security for scheme in each}


def _of_health(operation: Any) -> bool:
    return "health" in operation.definition.raw.get("tags", ())


class _Asking:
    """Asks one operation again and again, each time another way, as whom it answers."""

    def __init__(self, client: httpx.Client, users: list[str], face: Face) -> None:
        self._client = client
        self._users = users
        self._face = face
        self.asked = 0
        self.faults: dict[str, str] = {}

    def ask(self, operation: Any) -> None:
        headers = self._headers(_wants(operation))

        # Nobody but this API runs here: 503 is what health has to say.
        wanted = [
            each for each in CHECKS if each is not checks.not_a_server_error or not _of_health(operation)
        ]

        @seed(len(operation.label))
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def some(case: Any) -> None:
            self.asked += 1
            case.call_and_validate(
                base_url=str(self._client.base_url), headers=headers, checks=wanted, timeout=30
            )

        try:
            some()
        except FailureGroup as group:
            self.faults[operation.label] = "; ".join(str(each)[:600] for each in group.exceptions)

    def _headers(self, wanted: set[str]) -> Mapping[str, str]:
        if "user" in wanted:
            # One each: leaving, and giving back, end who asked.
            return self._face.acting(self._users.pop())
        return self._face.as_bot() if "bot" in wanted else {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.timeout(600)
async def test_schemathesis_finds_nothing(face: Face, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server error, no status, header, content type or field that the document does not promise."""
    monkeypatch.setattr(ordering, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(rehearsing, "ANSWER_SECONDS", 0.0)
    url = f"{str(face.http.base_url).rstrip('/')}/openapi.json"
    document = await asyncio.to_thread(schemathesis.openapi.from_url, url)
    operations: list[Any] = [result.ok() for result in document.get_all_operations()]  # type: ignore[union-attr]  # a fault raises
    bounded = [each for each in operations if not each.path.endswith(_ENDLESS)]
    users = [await face.new_user(f"user {number}") for number in range(len(bounded))]
    await face.follow(users[0], LEADER)
    with httpx.Client(base_url=face.http.base_url) as client, warnings.catch_warnings():
        # Ours are errors; those of the library about itself are not what is tested.
        warnings.simplefilter("ignore")
        asking = _Asking(client, users, face)
        for operation in bounded:
            await asyncio.to_thread(asking.ask, operation)
    print(f"schemathesis: {len(bounded)} operations, {asking.asked} requests")  # noqa: T201 (how much was asked)
    for label, fault in asking.faults.items():
        print(f"✗ {label}: {fault}")  # noqa: T201
    assert asking.faults == {}
