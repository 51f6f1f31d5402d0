"""The demo as a client of the API: it makes people and switches as an operator, followings with users' tokens."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from pydantic import SecretStr

from bot.minting import Mint
from ops.demo.crowd import Follower, Following
from ops.failures import Missing
from ops.generator.events import Person
from schemas.money import plain
from schemas.ops_views import SwitchView
from schemas.why import WhyView

WHO: Final = "demo"
BUYS: Final = "/v1/ops/switches/buys"
# A following waits up to 2 s until it is in force; a busy machine takes its time.
CALL_SECONDS: Final = 20.0
# Calls at one time while people are made: enough to be quick, few enough not to fill the API's pool.
AT_ONCE: Final = 6
READY_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Made:
    """A follower as the API knows them, and the allocations they have."""

    user_id: str
    allocations: Mapping[str, str]


class Faces:
    """Calls of the API; Missing with the API's own sentence when it refuses."""

    def __init__(self, client: httpx.AsyncClient, mint: Mint | None) -> None:
        self._client = client
        self._mint = mint
        self._room = asyncio.Semaphore(AT_ONCE)

    async def watch(self, person: Person) -> None:
        """A wallet with its roles, name and win rate."""
        body: dict[str, object] = {
            "wallet": person.wallet,
            "roles": sorted(person.roles),
            "label": person.label,
            "win_rate": None if person.win_rate is None else plain(person.win_rate),
        }
        await self._post("/v1/watched-addresses", body)

    async def join(self, follower: Follower, paper_usdc: str) -> Made:
        """A user with paper money who follows whom the plan says; returns once each following is in force."""
        user = await self._post("/v1/users", {"label": follower.label, "paper_usdc": paper_usdc})
        user_id = str(user["user_id"])
        followed = [await self._follow(user_id, following) for following in follower.followings]
        return Made(user_id, dict(followed))

    async def until_ready(self, made: Made) -> None:
        """Return once the user's account is open and every following in force; Missing after a minute."""
        loop = asyncio.get_running_loop()
        until = loop.time() + READY_SECONDS
        while not await self._ready(made):
            if loop.time() > until:
                raise Missing(f"the account of {made.user_id} was not ready within {READY_SECONDS:.0f} s.")
            await asyncio.sleep(LOOK_SECONDS)

    async def copy_order(self, name: str) -> Mapping[str, Any] | None:
        """A copy order as the API shows it; none while it does not."""
        answer = await self._client.get(f"/v1/copy-orders/{name}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else _taken(answer)

    async def why(self, name: str) -> WhyView:
        """The causal chain of a copy order."""
        return WhyView.model_validate(_taken(await self._client.get(f"/v1/copy-orders/{name}/why")))

    async def buys(self) -> SwitchView:
        """The kill switch as it stands."""
        return SwitchView.model_validate(_taken(await self._client.get(BUYS)))

    async def switch_buys(self, *, stopped: bool, reason: str) -> SwitchView:
        """Stop or allow buying."""
        body = {"stopped": stopped, "reason": reason}
        return SwitchView.model_validate(_taken(await self._client.put(BUYS, json=body)))

    async def _follow(self, user_id: str, following: Following) -> tuple[str, str]:
        settings = following.settings.model_dump(mode="json", exclude_defaults=True)
        body = {"leader": following.leader, "settings": settings}
        made = await self._post("/v1/allocations", body, user_id=user_id)
        return following.leader, str(made["allocation_id"])

    async def _ready(self, made: Made) -> bool:
        user = _taken(await self._client.get(f"/v1/users/{made.user_id}"))
        if any(account["state"] != "ready" for account in user["accounts"]):
            return False
        headers = acting(self._mint, made.user_id)
        page = _taken(await self._client.get("/v1/allocations", params={"limit": 100}, headers=headers))
        return not any(allocation["starting"] for allocation in page["items"])

    async def _post(
        self, path: str, body: Mapping[str, object], *, user_id: str | None = None
    ) -> Mapping[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if user_id is not None:
            headers |= acting(self._mint, user_id)
        async with self._room:
            return _taken(await self._client.post(path, json=body, headers=headers))


@asynccontextmanager
async def open_faces(settings: Mapping[str, str], who: str = WHO) -> AsyncIterator[Faces]:
    """A client of the API of these settings (`POLYCOOL_API_URL`, `POLYCOOL_OPERATOR_TOKEN`), acting as the operator
    ``who``. Missing without a token."""
    token = settings.get("POLYCOOL_OPERATOR_TOKEN")
    if not token:
        raise Missing("POLYCOOL_OPERATOR_TOKEN is not set and no stack runs here: the API asks for it.")
    headers = {"Authorization": f"Bearer {token}", "Polycool-Operator": who}
    url = settings.get("POLYCOOL_API_URL") or f"http://127.0.0.1:{settings.get('POLYCOOL_API_PORT') or 8000}"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=CALL_SECONDS) as client:
        yield Faces(client, mint_of(settings))


def mint_of(settings: Mapping[str, str]) -> Mint | None:
    """What mints users' tokens with the key of these settings, as the bot does; none without the key."""
    key = settings.get("POLYCOOL_BOT_SIGNING_KEY")
    return Mint(SecretStr(key)) if key else None


def acting(mint: Mint | None, user_id: str) -> dict[str, str]:
    """The header that acts for one user. Missing without a key to mint with."""
    if mint is None:
        raise Missing("POLYCOOL_BOT_SIGNING_KEY is not set and no stack runs here: users' tokens need it.")
    token = mint.user(user_id, now=datetime.now(UTC), token_id=uuid.uuid4().hex)
    return {"Authorization": f"Bearer {token}"}


def _taken(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.is_success:
        return dict(answer.json())
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError):
        detail = answer.text[:200]
    raise Missing(
        f"the API refused {answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}"
    )
