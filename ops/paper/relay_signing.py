"""Who signed a relayed transaction: deposit wallet (EIP-712 batch), Safe (signed hash) or proxy (signed hash). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eth_account.messages import encode_defunct, encode_typed_data

from ops.paper.relay_calls import FORM_FAULTS, UnreadableCall
from ops.paper.signing import keccak, recover

_ZERO: Final = "0x" + "00" * 20
_SAFE_V: Final = 4
"""A Safe's owner signs with ``eth_sign``: the contract is told so by v + 4."""
_DOMAIN: Final = [
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
]
_BATCH: Final = [("wallet", "address"), ("nonce", "uint256"), ("deadline", "uint256"), ("calls", "Call[]")]
_CALL: Final = [("target", "address"), ("value", "uint256"), ("data", "bytes")]
_SAFE_TX: Final = [
    ("to", "address"),
    ("value", "uint256"),
    ("data", "bytes"),
    ("operation", "uint8"),
    ("safeTxGas", "uint256"),
    ("baseGas", "uint256"),
    ("gasPrice", "uint256"),
    ("gasToken", "address"),
    ("refundReceiver", "address"),
    ("nonce", "uint256"),
]


def relay_signed_by(body: Mapping[str, Any], chain_id: int) -> str | None:
    """The address that signed the submitted transaction, lower-case; None when the signature has no signer."""
    try:
        signature = bytes.fromhex(str(body["signature"]).removeprefix("0x"))
        if body["type"] == "WALLET":
            return recover(_typed_hash(_batch(body, chain_id)), signature)
        if body["type"] == "SAFE":
            digest = _message_hash(_typed_hash(_safe_transaction(body, chain_id)))
            return recover(digest, signature[:64] + bytes((signature[64] - _SAFE_V,)))
        return recover(_message_hash(_proxy_hash(body)), signature)
    except FORM_FAULTS as error:
        raise UnreadableCall(str(error)) from error


def wallet_of(body: Mapping[str, Any]) -> str:
    """The wallet whose money it moves, lower-case."""
    try:
        if body["type"] == "WALLET":
            return str(body["depositWalletParams"]["depositWallet"]).lower()
        return str(body["proxyWallet"]).lower()
    except FORM_FAULTS as error:
        raise UnreadableCall(str(error)) from error


def _batch(body: Mapping[str, Any], chain_id: int) -> dict[str, Any]:
    terms = body["depositWalletParams"]
    wallet = terms["depositWallet"]
    domain = {"name": "DepositWallet", "version": "1", "chainId": chain_id, "verifyingContract": wallet}
    calls = [
        {"target": call["target"], "value": int(call["value"]), "data": _hex(call["data"])}
        for call in terms["calls"]
    ]
    message = {
        "wallet": wallet,
        "nonce": int(body["nonce"]),
        "deadline": int(terms["deadline"]),
        "calls": calls,
    }
    types = {"EIP712Domain": _fields(_DOMAIN), "Batch": _fields(_BATCH), "Call": _fields(_CALL)}
    return {"domain": domain, "types": types, "primaryType": "Batch", "message": message}


def _safe_transaction(body: Mapping[str, Any], chain_id: int) -> dict[str, Any]:
    terms = body["signatureParams"]
    message = {
        "to": body["to"],
        "value": int(body.get("value", "0")),
        "data": _hex(body["data"]),
        "operation": int(terms["operation"]),
        "safeTxGas": int(terms["safeTxnGas"]),
        "baseGas": int(terms["baseGas"]),
        "gasPrice": int(terms["gasPrice"]),
        "gasToken": terms.get("gasToken", _ZERO),
        "refundReceiver": terms.get("refundReceiver", _ZERO),
        "nonce": int(body["nonce"]),
    }
    domain = {"chainId": chain_id, "verifyingContract": body["proxyWallet"]}
    types = {"EIP712Domain": _fields(_DOMAIN[2:]), "SafeTx": _fields(_SAFE_TX)}
    return {"domain": domain, "types": types, "primaryType": "SafeTx", "message": message}


def _proxy_hash(body: Mapping[str, Any]) -> bytes:
    terms = body["signatureParams"]
    numbers = (terms["relayerFee"], terms["gasPrice"], terms["gasLimit"], body["nonce"])
    return keccak(
        b"rlx:"
        + _hex(body["from"])
        + _hex(body["to"])
        + _hex(body["data"])
        + b"".join(int(number).to_bytes(32, "big") for number in numbers)
        + _hex(terms["relayHub"])
        + _hex(terms["relay"])
    )


def _typed_hash(typed: dict[str, Any]) -> bytes:
    signable = encode_typed_data(full_message=typed)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _message_hash(digest: bytes) -> bytes:
    signable = encode_defunct(primitive=digest)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _fields(fields: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields]


def _hex(text: str) -> bytes:
    return bytes.fromhex(str(text).removeprefix("0x"))
