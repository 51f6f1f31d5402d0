"""Names of traders: asked for in the exchange's profile search and nowhere else, whatever is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from polymarket.models.gamma.search import SearchResults

from ops.stack.local import Stack
from ops.stack.ports import free_port
from tests.api.conftest import LEADER, OTHER, Face, api_settings, serving
from tests.waiting import eventually

DOWN = "I cannot look up names right now; paste the 0x address."


@dataclass
class Search:
    """A local double of the exchange's public profile search; what it was asked, and how it answers."""

    profiles: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | None = None
    port: int = 0

    @property
    def answer(self) -> bytes:
        """In the exchange's form."""
        page = {"hasMore": False, "totalResults": len(self.profiles)}
        found = {"events": None, "tags": None, "profiles": self.profiles, "pagination": page}
        return json.dumps(found).encode() if self.body is None else self.body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        self.asked.append((scope["path"], scope["query_string"].decode()))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.answer})


@pytest.fixture
async def search() -> AsyncIterator[Search]:
    """The double, listening."""
    double = Search(port=free_port())
    config = uvicorn.Config(double, host="127.0.0.1", port=double.port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or running.done())
    yield double
    server.should_exit = True
    await running


@pytest.fixture
async def naming(stack: Stack, database_url: str, topic_prefix: str, search: Search) -> AsyncIterator[Face]:
    """An API that looks names up at the double."""
    url = f"http://127.0.0.1:{search.port}/gamma"
    async with serving(api_settings(database_url, stack.kafka, topic_prefix, profiles_url=url)) as running:
        yield running


async def asked(face: Face, text: str) -> tuple[int, dict[str, Any]]:
    """Status and document."""
    answer = await face.get("/v1/wallets/resolve", user=await face.new_user(), q=text, unknown="allow")
    return answer.status_code, answer.json()


async def test_a_name_is_the_wallet_of_the_profile_of_exactly_this_name(naming: Face, search: Search) -> None:
    """Case aside; others that the search finds too are left out. One request, to the search."""
    search.profiles = [
        {"name": "Whale", "pseudonym": "Wet-Fish", "proxyWallet": LEADER.upper().replace("0X", "0x")},
        {"name": "Whale2", "proxyWallet": OTHER},
        {"name": "whale", "proxyWallet": "nonsense"},
        {"name": None, "proxyWallet": None},
    ]
    SearchResults.parse_page_response(json.loads(search.answer) | {"profiles": search.profiles[:2]})

    status, shown = await asked(naming, "https://polymarket.com/@WHALE?tab=positions")

    assert (status, [item["wallet"] for item in shown["items"]]) == (200, [LEADER])
    ((path, query),) = search.asked
    assert path == "/gamma/public-search"
    assert "q=WHALE" in query.split("&")


async def test_an_unknown_name_is_said(naming: Face) -> None:
    """And not that the look-up failed."""
    assert (await asked(naming, "@nobody"))[1][
        "detail"
    ] == "No profile of this name is known; paste the 0x address."


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 302, "headers": [(b"location", b"http://127.0.0.1:1/elsewhere")]},
        {"body": b"<html>"},
        {"body": b"[]"},
        {"body": b"\xff\xfe"},
        {"body": b"{" + b" " * 300_000},
    ],
)
async def test_a_search_that_is_down_or_answers_nonsense_is_said(
    naming: Face, search: Search, trouble: dict[str, Any]
) -> None:
    """A redirect is not followed, a long answer not read to its end."""
    for name, value in trouble.items():
        setattr(search, name, value)
    status, document = await asked(naming, "@whale")
    assert (status, document["detail"]) == (422, DOWN)
    assert len(search.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}/internal",
        "https://polymarket.com.evil.example/@whale",
        "https://polymarket.com/@..%2F..%2Fadmin",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/@whale",
        LEADER,
    ],
)
async def test_what_is_sent_is_never_fetched(naming: Face, search: Search, text: str) -> None:
    """No link is opened, and no path but the search's is ever asked."""
    await asked(naming, text.format(port=search.port))
    assert {path for path, _ in search.asked} <= {"/gamma/public-search"}
    assert not any("internal" in path or "admin" in path for path, _ in search.asked)
