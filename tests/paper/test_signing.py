"""Hashes and signers by hand are those of eth-account and of the official SDK, for every kind of order."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket._internal.actions.orders.typed_data import _build_standard_typed_data
from polymarket._internal.actions.orders.types import UnsignedOrder
from polymarket._internal.l1_auth import sign_api_key_auth
from polymarket._internal.protocol import is_v2_position_id
from polymarket.models.types import TokenId
from polymarket.types import EvmAddress, HexString

from ops.paper import signing
from tests.paper.exchange import YES, new_trader
from tests.paper.hand_made import EXCHANGE_V3, NEG_RISK, STANDARD, signature_of, unsigned

_UINT = st.integers(0, 2**256 - 1)
_BYTES32 = st.binary(min_size=32, max_size=32)
V3_TOKEN = str(int("01" + "ab" * 17 + "00" * 8 + "ab" * 4 + "01", 16))


def _fields(order: UnsignedOrder) -> signing.OrderFields:
    return signing.OrderFields(
        salt=order.salt,
        maker=str(order.maker).lower(),
        signer=str(order.signer).lower(),
        token_id=int(order.token_id),
        maker_amount=order.maker_amount,
        taker_amount=order.taker_amount,
        side=0 if order.side == "BUY" else 1,
        signature_type=order.signature_type,
        timestamp=order.timestamp,
        metadata=bytes.fromhex(order.metadata[2:]),
        builder=bytes.fromhex(order.builder[2:]),
    )


def _digest_by_eth_account(order: UnsignedOrder) -> bytes:
    typed = _build_standard_typed_data(order, protocol_version=order.protocol_version)
    message = encode_typed_data(full_message=typed)
    return signing.keccak(b"\x19" + message.version + message.header + message.body)


@st.composite
def _orders(draw: st.DrawFn) -> UnsignedOrder:
    address, version = draw(st.sampled_from([(STANDARD, "2"), (NEG_RISK, "2"), (EXCHANGE_V3, "3")]))
    return unsigned(
        new_trader(),
        draw(st.sampled_from(["BUY", "SELL"])),
        draw(_UINT),
        draw(_UINT),
        salt=draw(_UINT),
        token_id=TokenId(str(draw(_UINT))),
        timestamp=draw(_UINT),
        signature_type=draw(st.integers(0, 3)),
        metadata=HexString("0x" + draw(_BYTES32).hex()),
        builder=HexString("0x" + draw(_BYTES32).hex()),
        exchange_address=EvmAddress(address),
        protocol_version=version,
    )


@settings(max_examples=60, deadline=None)
@given(_orders())
def test_the_order_id_is_the_eip712_hash(order: UnsignedOrder) -> None:
    """Promise: for any order the id computed by hand is the digest that eth-account computes."""
    contents = signing.struct_hash(_fields(order))
    exchange = signing.Exchange(str(order.exchange_address), order.protocol_version)
    assert signing.order_hash(contents, exchange, 137) == _digest_by_eth_account(order)


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("token", "neg_risk", "address", "version"),
    [
        (YES, False, STANDARD, "2"),
        (YES, True, NEG_RISK, "2"),
        (V3_TOKEN, False, EXCHANGE_V3, "3"),
        (V3_TOKEN, True, EXCHANGE_V3, "3"),
    ],
)
def test_who_signed_is_found_for_every_signature_type_and_exchange(
    kind: int, token: str, neg_risk: bool, address: str, version: Any
) -> None:
    """Promise: the SDK's signatures of EOAs, proxies, Safes and deposit wallets (ERC-7739) lead to their signer."""
    trader, wallet = new_trader(), new_trader().address
    assert is_v2_position_id(token) is (version == "3")
    order = unsigned(
        trader,
        token_id=TokenId(token),
        signature_type=kind,
        maker=EvmAddress(trader.address if kind == 0 else wallet),
        signer=EvmAddress(wallet if kind == 3 else trader.address),
        exchange_address=EvmAddress(address),
        protocol_version=version,
    )
    fields = _fields(order)
    exchange = signing.exchange_for(int(token), neg_risk=neg_risk)
    signature = bytes.fromhex(signature_of(order, trader.private_key)[2:])
    contents = signing.struct_hash(fields)
    assert signing.order_signed_by(fields, contents, signature, exchange, 137) == trader.address.lower()
    changed = fields._replace(maker_amount=fields.maker_amount + 1)
    other = signing.order_signed_by(changed, signing.struct_hash(changed), signature, exchange, 137)
    assert other != trader.address.lower()


def test_a_login_leads_to_its_signer() -> None:
    """Promise: the SDK's L1 signature is verified for its address, time and nonce, and for no other."""
    trader = new_trader()
    made = sign_api_key_auth(
        Account.from_key(trader.private_key), chain_id=137, timestamp=1_763_800_000, nonce=3
    )
    signature = bytes.fromhex(made.signature[2:])
    address = trader.address.lower()
    assert signing.login_signed_by(address, "1763800000", 3, signature, 137) == address
    assert signing.login_signed_by(address, "1763800001", 3, signature, 137) != address
    assert signing.login_signed_by(address, "1763800000", 4, signature, 137) != address


@given(st.binary(max_size=400))
def test_bytes_that_are_no_signature_have_no_signer(signature: bytes) -> None:
    """Promise: whatever is sent as a signature, nobody signed it and nothing breaks."""
    order = _fields(unsigned(new_trader()))
    for kind in (0, 3):
        fields = order._replace(signature_type=kind)
        found = signing.order_signed_by(fields, signing.struct_hash(fields), signature, signing.STANDARD, 137)
        assert found != fields.maker
