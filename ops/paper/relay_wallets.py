"""Deposit wallets that the relayer deploys: an account is opened at the address that the factory would give it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import psycopg
from polymarket._internal.wallet import derive_beacon_deposit_wallet_address
from polymarket.environments import PRODUCTION

from ops.paper.ledger import sql
from ops.paper.relay_calls import UnreadableCall
from ops.paper.signing import DEPOSIT_WALLET, keccak

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_CREATION_NONCE: Final = -1


def creation_of(body: Mapping[str, Any]) -> dict[str, object]:
    """The row of a wallet's creation. UnreadableCall where the signer's address is none."""
    signer = body.get("from")
    if not isinstance(signer, str) or not _ADDRESS.fullmatch(signer):
        raise UnreadableCall("from")
    # The address comes of the owner's alone (CREATE2): nobody can deploy it for somebody else.
    wallet = derive_beacon_deposit_wallet_address(signer, PRODUCTION._config.wallet_derivation).lower()
    seed = f"{wallet}/creation".encode()
    return {
        "transaction_id": str(uuid.UUID(bytes=keccak(seed)[:16])),
        "wallet": wallet,
        "signer": signer.lower(),
        "kind": "WALLET-CREATE",
        "nonce": _CREATION_NONCE,
        "calls": "[]",
        "error": None,
        "transaction_hash": "0x" + keccak(seed + b"hash").hex(),
    }


async def create_wallet(
    connection: psycopg.AsyncConnection[Any], row: Mapping[str, object], now: datetime
) -> None:
    """Open the account, in the caller's transaction; a wallet that is there stays as it is."""
    account = {"address": row["wallet"], "owner": row["signer"], "signature_type": DEPOSIT_WALLET}
    await connection.execute(sql("open_accounts"), {"accounts": orjson.dumps([account]).decode(), "now": now})
    await connection.execute(sql("add_relayed"), row)
