"""EIP-712 by hand, as the general encoder costs a millisecond an order: hashes of orders and logins, and who signed.

Checked against eth-account and the official SDK in tests/paper/test_signing.py. Facts: polymarket.md §1.3, §3, §4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from coincurve import PublicKey
from Crypto.Hash import keccak as _keccak

EOA: Final = 0
DEPOSIT_WALLET: Final = 3
SIGNATURE_LENGTH: Final = 65

_ORDER_TYPE: Final = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    b"uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
_TYPED_DATA_SIGN_TYPE: Final = (
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
) + _ORDER_TYPE
_DOMAIN_TYPE: Final = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_LOGIN_DOMAIN_TYPE: Final = b"EIP712Domain(string name,string version,uint256 chainId)"
_LOGIN_TYPE: Final = b"ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_LOGIN_MESSAGE: Final = b"This message attests that I control the given wallet"
_ZERO32: Final = b"\x00" * 32
# Bits 40 to 103 of a position id of the newer protocol are zero; that decides the exchange (polymarket.md §5.2).
_V3_RESERVED_BITS: Final = ((1 << 64) - 1) << 40


class Exchange(NamedTuple):
    """The contract an order is made for: its address (0x, any case) and the version of its EIP-712 domain."""

    address: str
    version: str


STANDARD: Final = Exchange("0xE111180000d2663C0091e4f400237545B87B996B", "2")
NEG_RISK: Final = Exchange("0xe2222d279d744050d28e00520010520000310F59", "2")
EXCHANGE_V3: Final = Exchange("0xe3333700cA9d93003F00f0F71f8515005F6c00Aa", "3")


class OrderFields(NamedTuple):
    """The eleven signed fields of an order; amounts in micro-units, timestamp in milliseconds, addresses lower-case."""

    salt: int
    maker: str
    signer: str
    token_id: int
    maker_amount: int
    taker_amount: int
    side: int
    signature_type: int
    timestamp: int
    metadata: bytes
    builder: bytes


def keccak(content: bytes) -> bytes:
    """Keccak-256, 32 bytes."""
    return _keccak.new(digest_bits=256, data=content).digest()


def exchange_for(token_id: int, *, neg_risk: bool) -> Exchange:
    """The contract that orders of a token are signed for; neg-risk is ignored for the newer protocol."""
    if token_id & _V3_RESERVED_BITS == 0:
        return EXCHANGE_V3
    return NEG_RISK if neg_risk else STANDARD


def struct_hash(order: OrderFields) -> bytes:
    """Hash of the order struct, without the domain."""
    return keccak(
        b"".join(
            (
                _ORDER_TYPEHASH,
                order.salt.to_bytes(32, "big"),
                _address(order.maker),
                _address(order.signer),
                order.token_id.to_bytes(32, "big"),
                order.maker_amount.to_bytes(32, "big"),
                order.taker_amount.to_bytes(32, "big"),
                order.side.to_bytes(32, "big"),
                order.signature_type.to_bytes(32, "big"),
                order.timestamp.to_bytes(32, "big"),
                order.metadata,
                order.builder,
            )
        )
    )


def order_hash(contents: bytes, exchange: Exchange, chain_id: int) -> bytes:
    """The order's id: the EIP-712 digest of its struct hash under the exchange's domain, for every signature type."""
    return keccak(b"\x19\x01" + _domain_separator(exchange, chain_id) + contents)


def order_signed_by(
    order: OrderFields, contents: bytes, signature: bytes, exchange: Exchange, chain_id: int
) -> str | None:
    """The address that signed the order, lower-case; None when the signature has no signer.

    Types 0 to 2 sign the order hash. Type 3 (deposit wallet) is the ERC-7739 envelope of the wallet's owner:
    signature, domain, contents hash, contents type and its length. Session keys are not known here.
    """
    if order.signature_type != DEPOSIT_WALLET:
        return recover(order_hash(contents, exchange, chain_id), signature)
    domain = _domain_separator(exchange, chain_id)
    trailer = domain + contents + _ORDER_TYPE + len(_ORDER_TYPE).to_bytes(2, "big")
    if signature[SIGNATURE_LENGTH:] != trailer:
        return None
    envelope = keccak(
        b"".join(
            (
                _TYPED_DATA_SIGN_TYPEHASH,
                contents,
                _WALLET_NAME_HASH,
                _WALLET_VERSION_HASH,
                chain_id.to_bytes(32, "big"),
                _address(order.signer),
                _ZERO32,
            )
        )
    )
    return recover(keccak(b"\x19\x01" + domain + envelope), signature[:SIGNATURE_LENGTH])


def login_signed_by(address: str, timestamp: str, nonce: int, signature: bytes, chain_id: int) -> str | None:
    """The address that signed an L1 login for ``address``, lower-case; None when there is none."""
    contents = keccak(
        b"".join(
            (
                _LOGIN_TYPEHASH,
                _address(address),
                keccak(timestamp.encode()),
                nonce.to_bytes(32, "big"),
                _LOGIN_MESSAGE_HASH,
            )
        )
    )
    return recover(keccak(b"\x19\x01" + _login_domain(chain_id) + contents), signature)


def recover(digest: bytes, signature: bytes) -> str | None:
    """The address whose key made ``signature`` (r, s, v) over ``digest``; None when it is no signature."""
    if len(signature) != SIGNATURE_LENGTH or signature[64] not in (0, 1, 27, 28):
        return None
    compact = signature[:64] + bytes((signature[64] % 27,))
    try:
        public_key = PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except Exception:  # coincurve raises bare Exception or ValueError for what is no signature
        return None
    return "0x" + keccak(public_key.format(compressed=False)[1:])[12:].hex()


def _address(address: str) -> bytes:
    return b"\x00" * 12 + bytes.fromhex(address[2:])


@lru_cache(maxsize=16)
def _domain_separator(exchange: Exchange, chain_id: int) -> bytes:
    return keccak(
        b"".join(
            (
                keccak(_DOMAIN_TYPE),
                keccak(b"Polymarket CTF Exchange"),
                keccak(exchange.version.encode()),
                chain_id.to_bytes(32, "big"),
                _address(exchange.address),
            )
        )
    )


@lru_cache(maxsize=4)
def _login_domain(chain_id: int) -> bytes:
    return keccak(
        keccak(_LOGIN_DOMAIN_TYPE) + keccak(b"ClobAuthDomain") + keccak(b"1") + chain_id.to_bytes(32, "big")
    )


_ORDER_TYPEHASH: Final = keccak(_ORDER_TYPE)
_TYPED_DATA_SIGN_TYPEHASH: Final = keccak(_TYPED_DATA_SIGN_TYPE)
_WALLET_NAME_HASH: Final = keccak(b"DepositWallet")
_WALLET_VERSION_HASH: Final = keccak(b"1")
_LOGIN_TYPEHASH: Final = keccak(_LOGIN_TYPE)
_LOGIN_MESSAGE_HASH: Final = keccak(_LOGIN_MESSAGE)
