"""A double of the relayer: wallets' transactions submitted, run once, and looked after until they are confirmed.

Routes and payloads as the official SDK's relayer client sends them; gas costs nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
import psycopg

from ops.paper.ledger import Ledger, Record, sql
from ops.paper.redemption import Redeemer, Reverted, redeem
from ops.paper.refusals import BAD_PAYLOAD, BAD_SIGNATURE, Refusal
from ops.paper.relay_calls import FORM_FAULTS, Call, Deed, UnreadableCall, calls_of, deed_of
from ops.paper.relay_signing import relay_signed_by, wallet_of
from ops.paper.relay_wallets import create_wallet, creation_of
from ops.paper.requests import Answer, Reply, Request
from ops.paper.signing import keccak
from ops.paper.tokens import Registry
from ops.paper.web import WebApp

_SIGNATURE_TYPES: Final = {"PROXY": 1, "SAFE": 2, "WALLET": 3}
_RELAY: Final = "0x" + "5e" * 20
_UNAUTHORIZED: Final = Refusal(401, "unauthorized")
_UNKNOWN_WALLET: Final = Refusal(400, "wallet is not deployed")
_TOO_LATE: Final = Refusal(400, "deadline expired")
_KEYS: Final = ("relayer_api_key", "poly_builder_api_key")


class Chain(NamedTuple):
    """The chain it works on, and how long a transaction takes to be mined and confirmed."""

    chain_id: int
    mined_after: timedelta
    confirmed_after: timedelta


class RelayerRoutes:
    """Routes of the relayer, beside the exchange's own."""

    def __init__(
        self, ledger: Ledger, registry: Registry, chain: Chain, clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._chain = chain
        self._clock = clock

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("GET", "/deployed", self.deployed)
        app.add("GET", "/v1/account/transactions/params", self.params)
        app.add("GET", "/relay-payload", self.params)
        app.add("POST", "/submit", self.submit)
        app.add("GET", "/v1/account/transactions/*", self.transaction)

    async def deployed(self, request: Request) -> Reply:
        """Whether a wallet exists: whether its account was opened here."""
        address = request.query.get("address", "").lower()
        found = await self._ledger.read("relayer_wallet", {"wallet": address})
        return Answer({"deployed": bool(found)})

    async def params(self, request: Request) -> Reply:
        """The nonce of a signer's wallet of this type."""
        signature_type = _SIGNATURE_TYPES.get(request.query.get("type", ""))
        if signature_type is None:
            return BAD_PAYLOAD
        values = {"signer": request.query.get("address", "").lower(), "signature_type": signature_type}
        found = await self._ledger.read("relayer_account", values)
        return Answer({"address": _RELAY, "nonce": str(found[0]["nonce"])}) if found else _UNKNOWN_WALLET

    async def submit(self, request: Request) -> Reply:
        """Take a transaction and run it; the same nonce is taken once."""
        if not any(request.headers.get(key) for key in _KEYS):
            return _UNAUTHORIZED
        try:
            body = orjson.loads(request.body)
            if body["type"] == "WALLET-CREATE":
                return await self._create(creation_of(body))
            wallet, calls = wallet_of(body), calls_of(body)
            deeds = [deed_of(call) for call in calls]
            signer = relay_signed_by(body, self._chain.chain_id)
            nonce = int(body["nonce"])
            deadline = int(body["depositWalletParams"]["deadline"]) if body["type"] == "WALLET" else None
        except (UnreadableCall, *FORM_FAULTS):
            return BAD_PAYLOAD
        if signer is None or signer != str(body.get("from", "")).lower():
            return BAD_SIGNATURE
        if deadline is not None and deadline < self._clock().timestamp():
            return _TOO_LATE
        planned_failure = "execution reverted" if request.twist.fails_after is not None else None
        async with self._ledger.writing() as connection, connection.transaction():
            refusal = await self._refuse(connection, body, wallet, signer, nonce)
            if refusal is not None:
                return refusal
            return await self._run(connection, _row(body, wallet, signer, calls), deeds, planned_failure)

    async def transaction(self, request: Request) -> Reply:
        """Where a transaction stands."""
        try:
            transaction_id = uuid.UUID(request.rest)
        except ValueError:
            return Refusal(404, "transaction not found")
        found = await self._ledger.read("relayed", {"transaction_id": transaction_id})
        return Answer(_view(found[0], self._clock())) if found else Refusal(404, "transaction not found")

    async def _refuse(
        self,
        connection: psycopg.AsyncConnection[Any],
        body: Mapping[str, Any],
        wallet: str,
        signer: str,
        nonce: int,
    ) -> Refusal | None:
        cursor = await connection.execute(sql("relayer_wallet"), {"wallet": wallet})
        found = await cursor.fetchone()
        if found is None:
            return _UNKNOWN_WALLET
        _, owner, signature_type, expected = found
        if owner != signer or signature_type != _SIGNATURE_TYPES[body["type"]]:
            return BAD_SIGNATURE
        if nonce != expected:
            return Refusal(400, f"batch nonce {nonce} does not match on-chain nonce {expected}")
        return None

    async def _run(
        self,
        connection: psycopg.AsyncConnection[Any],
        row: dict[str, object],
        deeds: list[Deed],
        planned_failure: str | None,
    ) -> Reply:
        now = self._clock()
        row |= {**self._moments(now), "error": planned_failure}
        redeemer = Redeemer(str(row["wallet"]), str(row["transaction_id"]), now)
        if planned_failure is None:
            try:
                async with connection.transaction():
                    await connection.execute(sql("add_relayed"), row)
                    await redeem(connection, deeds, redeemer, self._registry)
            except Reverted as reverted:
                planned_failure = str(reverted)
        if planned_failure is not None:
            await connection.execute(sql("add_relayed"), {**row, "error": planned_failure})
        return _taken(row)

    async def _create(self, row: dict[str, object]) -> Reply:
        now = self._clock()
        async with self._ledger.writing() as connection, connection.transaction():
            await create_wallet(connection, {**row, **self._moments(now)}, now)
        return _taken(row)

    def _moments(self, now: datetime) -> dict[str, object]:
        mined_at, confirmed_at = now + self._chain.mined_after, now + self._chain.confirmed_after
        return {"submitted_at": now, "mined_at": mined_at, "confirmed_at": confirmed_at}


def _taken(row: Mapping[str, object]) -> Answer:
    return Answer({"transactionID": row["transaction_id"], "transactionHash": "", "state": "STATE_NEW"})


def _row(body: Mapping[str, Any], wallet: str, signer: str, calls: list[Call]) -> dict[str, object]:
    seed = f"{wallet}/{body['nonce']}/{body['signature']}".encode()
    return {
        "transaction_id": str(uuid.UUID(bytes=keccak(seed)[:16])),
        "wallet": wallet,
        "signer": signer,
        "kind": body["type"],
        "nonce": int(body["nonce"]),
        "calls": orjson.dumps(
            [{"to": call.target, "data": "0x" + call.data.hex()} for call in calls]
        ).decode(),
        "transaction_hash": "0x" + keccak(seed + b"hash").hex(),
    }


def _view(row: Record, now: datetime) -> dict[str, object]:
    mined = now >= row["mined_at"]
    state = "STATE_MINED" if mined else "STATE_EXECUTED"
    if mined and row["error"] is not None:
        state = "STATE_FAILED"
    elif now >= row["confirmed_at"]:
        state = "STATE_CONFIRMED"
    return {
        "transaction_id": str(row["transaction_id"]),
        "transaction_hash": row["transaction_hash"],
        "state": state,
        "error_msg": row["error"] if state == "STATE_FAILED" else None,
    }
