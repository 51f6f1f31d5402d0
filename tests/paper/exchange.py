"""A running paper exchange for tests: the process, its operator's door, and the official SDK pointed at it.

The SDK takes no host. It takes an ``Environment``, and one whose CLOB is elsewhere is made from the production one by
its private ``_create_environment`` and ``dataclasses.replace`` (``environment_at``); all else of the SDK stays as it
is. With ``wallet=<the signer's address>`` it trades as an EOA and asks no relayer.
"""

from __future__ import annotations

import dataclasses
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from polymarket import AsyncSecureClient
from polymarket.environments import PRODUCTION, Environment, _create_environment

from ops.stack.ports import free_port
from tests.paper.forked import ForkedPaper

# Plain HTTP on the loopback: reading the machine's certificates would take longer than a request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ADMIN_TOKEN = "operator-of-the-paper-exchange"
YES = "87201807924707745181605831444289735936698026533751908902190029401695380439990"
NO = "42970893626658586257478179041912736108567636717200297964038152698855061141000"
MARKET = "0x923c18fc3717918a566f1f8e907cbd3f9f9b3c386429ef5f56d431b7f374b1c4"


def environment_at(url: str) -> Environment:
    """The SDK's production environment with its CLOB, user stream, relayer, Gamma and chain at ``url``."""
    config = dataclasses.replace(
        PRODUCTION._config,
        clob_url=url,
        clob_user_ws_url=url.replace("http", "ws", 1) + "/ws/user",
        relayer_url=url,
        gamma_url=f"{url}/gamma",
        rpc_url=f"{url}/rpc",
        relayer_poll_frequency_ms=50,
    )
    return _create_environment(name="paper", config=config)


@dataclass(frozen=True)
class Trader:
    """A key, and the address it trades from."""

    private_key: str
    address: str

    async def client(self, url: str) -> AsyncSecureClient:
        """The official SDK, logged in at the exchange."""
        return await AsyncSecureClient.create(
            private_key=self.private_key, wallet=self.address, environment=environment_at(url)
        )


def new_trader() -> Trader:
    """A fresh key; nobody knows it."""
    key = "0x" + secrets.token_hex(32)
    return Trader(key, Account.from_key(key).address)


class Exchange:
    """One exchange process on a database; it may be killed and started again."""

    def __init__(self, database_url: str, directory: Path, settings: Mapping[str, str]) -> None:
        self.database_url = database_url
        self.directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "POLYCOOL_DATABASE_URL": database_url,
            "POLYCOOL_KAFKA": "127.0.0.1:1",  # the exchange has no use for a broker
            "POLYCOOL_PAPER_PORT": str(self.port),
            "POLYCOOL_PAPER_ADMIN_TOKEN": ADMIN_TOKEN,
            **settings,
        }
        self.program = ForkedPaper(environment, directory)

    async def admin(self, method: str, path: str, body: object = None) -> Any:
        """One request at the operator's door; anything but 200 fails the test."""
        answer = await self.ask_admin(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask_admin(self, method: str, path: str, body: object = None) -> httpx.Response:
        """One request at the operator's door, whatever comes of it."""
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        async with httpx.AsyncClient(base_url=self.url, timeout=30.0, verify=NO_TLS) as http:
            return await http.request(method, f"/paper/admin/{path}", json=body, headers=headers)

    async def put_market(self, **changes: object) -> None:
        """The market of ``YES`` and ``NO``: tick 0.01, fee 5 %, unless changed."""
        common = {"market_id": MARKET, "question": "Will it rain?", "tick": "0.01", "fee_rate": "0.05"}
        tokens = [
            {"token_id": token_id, "outcome": outcome, **common, **changes}
            for token_id, outcome in ((YES, "Yes"), (NO, "No"))
        ]
        await self.admin("PUT", "markets", {"tokens": tokens})

    async def open_account(self, trader: Trader, usdc: str, **changes: object) -> None:
        """An account with paper money."""
        account = {"address": trader.address, "credit_usdc": usdc, "request_id": secrets.token_hex(8)}
        await self.admin("PUT", "accounts", {"accounts": [{**account, **changes}]})

    async def balances(self, address: str) -> dict[str, str]:
        """What an account holds, by asset."""
        ledger = await self.admin("GET", f"ledger/{address}")
        return {row["asset"]: row["amount"] for row in ledger["balances"]}

    async def assert_conserved(self) -> None:
        """No money and no shares were made or lost, to the micro."""
        for row in (await self.admin("GET", "ledger"))["assets"]:
            assert row["balance_sum"] == "0", row
            assert row["disagreements"] == 0, row
