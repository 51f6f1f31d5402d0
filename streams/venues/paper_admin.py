"""The paper exchange's door for its operator: markets, paper money, resolutions. The real one has no such thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import aiohttp
import orjson

from schemas.base import rfc3339
from schemas.money import floor_micro, plain
from streams.venues.venue import MarketFacts, VenueFault

_PREFIX = "/paper/admin"


@dataclass(frozen=True, slots=True)
class PaperCredit:
    """Paper money for an address, given once per ``credit_id``; without one the account is only opened."""

    address: str
    usdc: Decimal = Decimal(0)
    credit_id: str | None = None


class PaperAdmin:
    """Every call may be repeated: the exchange does each thing once. Raises ``VenueFault``."""

    def __init__(self, host: str, token: str, *, seconds: float) -> None:
        self._host = host.rstrip("/") + _PREFIX
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=aiohttp.ClientTimeout(total=seconds),
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._session.close()

    async def put_markets(self, markets: Sequence[MarketFacts]) -> None:
        """Tell what tokens are, before the first order in them."""
        await self._send("PUT", "/markets", {"tokens": [_token(facts) for facts in markets]})

    async def credit(self, credits: Sequence[PaperCredit]) -> None:
        """Open accounts and give them their paper money; nothing is asked for none."""
        if not credits:
            return
        await self._send(
            "PUT",
            "/accounts",
            {
                "accounts": [
                    {"address": each.address, "credit_usdc": plain(each.usdc), "request_id": each.credit_id}
                    for each in credits
                ]
            },
        )

    async def resolve(self, market_id: str, payouts: Mapping[str, Decimal]) -> None:
        """Tell how a market ended: USDC per share of each of its tokens; the exchange pays its holders."""
        told = {token_id: plain(floor_micro(payout)) for token_id, payout in payouts.items()}
        await self._send("POST", "/resolve", {"market_id": market_id, "payouts": told})

    async def _send(self, method: str, path: str, body: object) -> None:
        try:
            async with self._session.request(method, self._host + path, data=orjson.dumps(body)) as response:
                said = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise VenueFault(type(fault).__name__) from None
        if response.status != 200:
            raise VenueFault(f"HTTP {response.status}: {said[:200].decode(errors='replace')}")


def _token(facts: MarketFacts) -> dict[str, object]:
    told: dict[str, object] = {
        "token_id": facts.token_id,
        "market_id": facts.market_id,
        "question": facts.question,
        "outcome": facts.outcome,
        "tick": plain(facts.tick),
        "min_buy_usdc": plain(facts.min_buy_usdc),
        "min_rest_shares": plain(facts.min_rest_shares),
        "fee_rate": plain(facts.fee_rate),
        "neg_risk": facts.neg_risk,
        "closed": facts.closed,
    }
    if facts.end_at is not None:
        told["end_at"] = rfc3339(facts.end_at)
    return told
