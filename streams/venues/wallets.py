"""What signs and what logs in: an opened key with the exchange's credentials, kept out of every text."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from coincurve import PrivateKey
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address
from polymarket._internal.wallet import (
    derive_beacon_deposit_wallet_address,
    derive_proxy_wallet_address,
    derive_safe_wallet_address,
)
from polymarket.environments import PRODUCTION

# The exchange's signature types (polymarket.md §4): what holds the money, and so who may sign for it.
EOA: Final = 0
PROXY: Final = 1
SAFE: Final = 2
DEPOSIT_WALLET: Final = 3
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Credentials:
    """The exchange's own login for an address: ``api_key`` names it, the other two are secret."""

    api_key: str
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An opened private key and the address it signs for (with checksum, as the exchange writes it)."""

    address: str
    private_key: PrivateKey = field(repr=False)

    def sign(self, digest: bytes) -> str:
        """The 65 bytes r, s, v (27 or 28) over a 32-byte digest as 0x-hex; the same bytes every time (RFC 6979)."""
        signed = self.private_key.sign_recoverable(digest, hasher=None)
        return "0x" + signed[:64].hex() + f"{signed[64] + 27:02x}"


@dataclass(frozen=True, slots=True)
class TradingWallet:
    """An account that may trade: ``address`` holds the money, ``key`` signs, ``credentials`` log in.

    ``signature_type`` is the exchange's: 0 the key's own address holds the money, 1 a proxy, 2 a Safe, 3 a deposit
    wallet of the key's.
    """

    account_id: str
    address: str
    key: SigningKey
    credentials: Credentials
    signature_type: int = EOA


def new_secret() -> bytes:
    """32 random bytes that are a valid private key."""
    while True:
        secret = secrets.token_bytes(KEY_BYTES)
        try:
            PrivateKey(secret)
        except ValueError:
            continue
        return secret


def open_key(secret: bytes) -> SigningKey:
    """The key with its address. ``ValueError`` when the bytes are no key."""
    private_key = PrivateKey(secret)
    public = private_key.public_key.format(compressed=False)[1:]
    return SigningKey(to_checksum_address(keccak(public)[12:]), private_key)


def wallet_of_owner(owner: str, signature_type: int) -> str:
    """Where the money of an owner's key lies (with checksum): each kind of wallet has one address per owner."""
    derivation = PRODUCTION._config.wallet_derivation
    if signature_type == EOA:
        return to_checksum_address(owner)
    if signature_type == PROXY:
        return derive_proxy_wallet_address(to_checksum_address(owner), derivation)
    if signature_type == SAFE:
        return derive_safe_wallet_address(to_checksum_address(owner), derivation)
    if signature_type == DEPOSIT_WALLET:
        return derive_beacon_deposit_wallet_address(to_checksum_address(owner), derivation)
    raise ValueError(f"no signature type of the exchange: {signature_type}")
