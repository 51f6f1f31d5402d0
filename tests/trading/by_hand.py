"""What the tests of orders by hand do as a person would: join, ask for a price, order, look."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Face
from tests.copy_execution.world import MARKET, TOKEN
from tests.trading.ground import Ground
from tests.waiting import eventually

BUY = {"side": "BUY", "token_id": TOKEN, "amount_usdc": "5"}


async def user_of(ground: Ground, face: Face, cash: str = "1000", label: str = "Alice") -> str:
    """A person whose paper account is open and credited."""
    user = await face.new_user(label, paper_usdc=cash)
    await eventually(
        lambda: ground.world.rows(
            "SELECT 1 FROM accounts WHERE user_id = %s AND state = 'ready' AND cash_usdc > 0", user
        ),
        30,
    )
    return user


async def put_book(ground: Ground, *, bid: str = "0.42", ask: str = "0.44", shares: str = "1000") -> None:
    """The market and its book at the exchange."""
    facts = {
        "token_id": TOKEN, "market_id": MARKET, "question": "Will X win?", "outcome": "Yes", "tick": "0.01",
        "fee_rate": "0.05",
    }  # fmt: skip
    await ground.exchange.admin("PUT", "markets", {"tokens": [facts]})
    levels = {
        "token_id": TOKEN, "bids": [{"price": bid, "size": shares}], "asks": [{"price": ask, "size": shares}],
    }  # fmt: skip
    await ground.exchange.admin("PUT", "books", {"books": [levels]})


async def quote_for(face: Face, user: str, body: dict[str, Any]) -> dict[str, Any]:
    """A price, as the API answers it; asked for again where trading or the exchange took too long for its patience."""

    async def quoted() -> dict[str, Any]:
        answer = await face.post("/v1/quotes", body, user=user)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    return await eventually(quoted, 20)


async def order_of(face: Face, user: str, quote: dict[str, Any]) -> dict[str, Any]:
    """The order of a price, once it has ended."""
    answer = await face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user=user)
    assert answer.status_code == 201, answer.text
    return await until_ended(face, user, answer.json())


async def until_ended(face: Face, user: str, order: dict[str, Any]) -> dict[str, Any]:
    """The order once it has ended."""

    async def ended() -> dict[str, Any] | None:
        shown: dict[str, Any] = (await face.get(f"/v1/orders/{order['order_id']}", user=user)).json()
        return shown if shown["ended_at"] else None

    found = await eventually(ended, 20)
    assert isinstance(found, dict)
    return found


async def open_positions(face: Face, user: str) -> list[dict[str, Any]]:
    """What the person holds."""
    items: list[dict[str, Any]] = (await face.get("/v1/positions", user=user, state="open")).json()["items"]
    return items
