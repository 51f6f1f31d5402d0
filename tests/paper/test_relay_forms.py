"""Whatever is submitted to the relayer is read or refused as unreadable; nothing else comes of it."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.paper.relay_calls import Call, Nothing, Redeem, Unplayed, UnreadableCall, calls_of, deed_of
from ops.paper.relay_signing import relay_signed_by, wallet_of
from ops.paper.signing import keccak

_HEX = st.binary(max_size=80).map(lambda raw: "0x" + raw.hex())
_ODD = st.one_of(
    st.none(), st.integers(), st.text(max_size=10), _HEX, st.sampled_from(["-1", "0", "1", str(2**300), "0x"])
)
_ADDRESS = st.one_of(_ODD, st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()))
_SELECTORS = [
    keccak(name)[:4]
    for name in (
        b"redeemPositions(address,bytes32,bytes32,uint256[])",
        b"redeem(bytes31,uint256,uint256)",
        b"multiSend(bytes)",
        b"proxy((uint8,address,uint256,bytes)[])",
        b"approve(address,uint256)",
        b"transfer(address,uint256)",
    )
]
_DATA = st.one_of(
    _ODD,
    st.tuples(st.sampled_from(_SELECTORS), st.binary(max_size=400)).map(
        lambda two: "0x" + b"".join(two).hex()
    ),
)
_CALLS = st.lists(st.fixed_dictionaries({"target": _ADDRESS, "value": _ODD, "data": _DATA}), max_size=3)
_BODIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["WALLET", "SAFE", "PROXY", "SAFE-CREATE", None]),
        "from": _ADDRESS,
        "to": _ADDRESS,
        "proxyWallet": _ADDRESS,
        "data": _DATA,
        "nonce": _ODD,
        "signature": st.one_of(_ODD, st.binary(min_size=65, max_size=65).map(lambda raw: "0x" + raw.hex())),
    },
    optional={
        "depositWalletParams": st.one_of(
            _ODD,
            st.fixed_dictionaries(
                {"depositWallet": _ADDRESS, "deadline": _ODD, "calls": st.one_of(_ODD, _CALLS)}
            ),
        ),
        "signatureParams": st.one_of(
            _ODD,
            st.fixed_dictionaries(
                dict.fromkeys(
                    (
                        "operation",
                        "safeTxnGas",
                        "baseGas",
                        "gasPrice",
                        "gasLimit",
                        "relayerFee",
                        "relay",
                        "relayHub",
                    ),
                    _ODD,
                )
            ),
        ),
    },
)


@settings(max_examples=600, deadline=None)
@given(_BODIES)
def test_any_submission_is_read_or_unreadable(body: dict[str, Any]) -> None:
    """Promise: no other exception than UnreadableCall, whatever the fields are."""
    for read in (calls_of, wallet_of, lambda given: relay_signed_by(given, 137)):
        with contextlib.suppress(UnreadableCall):
            read(body)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(_SELECTORS), st.binary(max_size=300))
def test_any_call_is_a_deed_or_unreadable(selector: bytes, data: bytes) -> None:
    """Promise: each call is a redemption, nothing, or one that is not played; else it is unreadable."""
    with contextlib.suppress(UnreadableCall):
        assert isinstance(deed_of(Call("0x", selector + data)), Redeem | Nothing | Unplayed)
