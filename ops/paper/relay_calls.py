"""What a relayed transaction calls, read from the three envelopes (deposit wallet, Safe, proxy). Pure.

Redemptions and transfers of collateral move money here; approvals move nothing; every other call is one that this
relayer does not play.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError, EncodingError
from polymarket.environments import PRODUCTION

from ops.paper.signing import keccak


def _selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


_REDEEM: Final = _selector("redeemPositions(address,bytes32,bytes32,uint256[])")
_REDEEM_V3: Final = _selector("redeem(bytes31,uint256,uint256)")
_TRANSFER: Final = _selector("transfer(address,uint256)")
_MULTI_SEND: Final = _selector("multiSend(bytes)")
_PROXY: Final = _selector("proxy((uint8,address,uint256,bytes)[])")
_APPROVALS: Final = frozenset(
    (_selector("approve(address,uint256)"), _selector("setApprovalForAll(address,bool)"))
)
_COLLATERAL: Final = PRODUCTION._config.collateral_token.lower()
_ENTRY_BYTES: Final = 85  # operation 1, address 20, value 32, length 32


# What reading a form of any shape may meet: a field that is missing, of another type, or out of range.
FORM_FAULTS: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
    DecodingError,
    EncodingError,
)


class UnreadableCall(Exception):
    """The envelope or its data is not of the known form."""


class Call(NamedTuple):
    """One call to a contract; the address lower-case."""

    target: str
    data: bytes


class Redeem(NamedTuple):
    """Winnings to be paid: of all outcomes of a condition, or (newer protocol) so much of one."""

    condition_id: str
    outcome: int | None = None
    shares: int | None = None


class Transfer(NamedTuple):
    """Collateral sent on, in micro-units; the address lower-case."""

    recipient: str
    usdc: int


class Nothing(NamedTuple):
    """A call that moves nothing."""


class Unplayed(NamedTuple):
    """A call that is not played here: the transaction fails."""

    selector: str


Deed = Redeem | Transfer | Nothing | Unplayed


def calls_of(body: Mapping[str, Any]) -> list[Call]:
    """The calls of a submitted transaction, in order."""
    try:
        kind = body["type"]
        if kind == "WALLET":
            return [_call(call["target"], call["data"]) for call in body["depositWalletParams"]["calls"]]
        if kind == "PROXY":
            [entries] = decode(["(uint8,address,uint256,bytes)[]"], _behind(_hex(body["data"]), _PROXY))
            return [Call(str(target).lower(), bytes(data)) for _, target, _, data in entries]
        if kind == "SAFE":
            return _safe_calls(body)
    except FORM_FAULTS as error:
        raise UnreadableCall(str(error)) from error
    raise UnreadableCall(f"unknown type {kind}")


def deed_of(call: Call) -> Deed:
    """What a call does here."""
    selector, data = call.data[:4], call.data[4:]
    try:
        if selector == _REDEEM:
            _, _, condition_id, _ = decode(["address", "bytes32", "bytes32", "uint256[]"], data)
            return Redeem("0x" + bytes(condition_id).hex())
        if selector == _REDEEM_V3:
            condition_id, outcome, shares = decode(["bytes31", "uint256", "uint256"], data)
            return Redeem("0x" + bytes(condition_id).hex(), int(outcome), int(shares))
        if selector == _TRANSFER and call.target == _COLLATERAL:
            recipient, usdc = decode(["address", "uint256"], data)
            return Transfer(str(recipient).lower(), int(usdc))
    except FORM_FAULTS as error:
        raise UnreadableCall(str(error)) from error
    return Nothing() if selector in _APPROVALS else Unplayed("0x" + selector.hex())


def _safe_calls(body: Mapping[str, Any]) -> list[Call]:
    data = _hex(body["data"])
    if str(body["signatureParams"]["operation"]) == "0":
        return [Call(str(body["to"]).lower(), data)]
    [packed] = decode(["bytes"], _behind(data, _MULTI_SEND))
    return list(_packed_calls(bytes(packed)))


def _packed_calls(packed: bytes) -> Sequence[Call]:
    calls: list[Call] = []
    while packed:
        if len(packed) < _ENTRY_BYTES:
            raise ValueError("a multiSend entry is cut")
        length = int.from_bytes(packed[53:85], "big")
        calls.append(Call("0x" + packed[1:21].hex(), packed[_ENTRY_BYTES : _ENTRY_BYTES + length]))
        packed = packed[_ENTRY_BYTES + length :]
    return calls


def _call(target: str, data: str) -> Call:
    return Call(target.lower(), _hex(data))


def _behind(data: bytes, selector: bytes) -> bytes:
    if data[:4] != selector:
        raise ValueError("another function is called than the envelope's")
    return data[4:]


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
