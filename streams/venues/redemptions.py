"""A redemption of winnings, from what is held to the bytes of its one submission, by the SDK's own encodings.

An account's wallet has one nonce: the chain runs at most one transaction for each, so the same bytes may be sent again
and never pay twice (polymarket.md §7). Pure: nonce, deadline and holdings are arguments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from polymarket._internal.actions.relayer.approvals import (
    _required_trading_approvals,
    build_missing_trading_approval_calls,
)
from polymarket._internal.actions.relayer.calls import (
    TransactionCall,
    ctf_redeem_positions_call,
    encode_proxy_call,
    encode_safe_multisend_call,
    router_redeem_call,
)
from polymarket._internal.actions.relayer.gasless import (
    build_deposit_wallet_payload,
    build_proxy_payload,
    build_safe_payload,
)
from polymarket._internal.actions.relayer.signing.deposit_wallet import sign_deposit_wallet_batch
from polymarket._internal.actions.relayer.signing.proxy import (
    build_proxy_transaction_hash,
    sign_proxy_message,
)
from polymarket._internal.actions.relayer.signing.safe import sign_safe_transaction
from polymarket._internal.protocol import decode_v2_outcome_position_id, is_v2_position_id
from polymarket.errors import UserInputError
from polymarket.models.trading import MissingTradingApprovals
from polymarket.types import EvmAddress, HexString

from schemas.money import EXACT
from schemas.withdrawal_causes import WithdrawalCause
from streams.venues.orders import CHAIN
from streams.venues.wallets import DEPOSIT_WALLET, PROXY, SAFE, TradingWallet

DEADLINE_SECONDS: Final = 600
"""A deposit wallet's batch is good for so long (the SDK's own figure); Safes and proxies know no end but the nonce."""
_MICRO: Final = 1_000_000
# Gas that a proxy's call is signed for where nobody can estimate it: the SDK's own figure.
_PROXY_GAS: Final = "200000"


class CannotRedeem(Exception):
    """There is no transaction for this: an address without a relayer, or a market whose id is none of the chain's."""


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of a resolved market's tokens (token → shares), and whether the market is one of several outcomes."""

    market_id: str
    shares: Mapping[str, Decimal]
    neg_risk: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """The wallet's nonce as the relayer told it, the relayer's address (proxies), and until when the bytes are good
    (seconds since 1970)."""

    nonce: int
    relay: str
    deadline: int


def relayer_type(signature_type: int) -> str:
    """What the relayer calls the wallet. Raises ``CannotRedeem`` for a key's own address: it pays its own gas."""
    names = {PROXY: "PROXY", SAFE: "SAFE", DEPOSIT_WALLET: "WALLET"}
    if signature_type not in names:
        raise CannotRedeem(WithdrawalCause.WALLET)
    return names[signature_type]


def redemption_body(held: Held, wallet: TradingWallet, turn: Turn) -> bytes:
    """Sign the redemption of all that is held of a market; the same arguments are the same bytes."""
    relayer_type(wallet.signature_type)  # refused before what is held is looked at
    return signed_calls(_calls(held), wallet, turn, f"Redeem positions for condition {held.market_id}")


def approvals_body(wallet: TradingWallet, turn: Turn) -> bytes:
    """Sign what lets the exchange's contracts take the wallet's money and shares for its orders: all that the SDK asks
    for before a first order."""
    money, shares = _required_trading_approvals(CHAIN)
    calls = build_missing_trading_approval_calls(MissingTradingApprovals(erc20=money, erc1155=shares))
    return signed_calls(calls, wallet, turn, "Approve trading")


def creation_body(owner: str) -> bytes:
    """Ask for the deposit wallet of an owner: its address follows from the owner, so nothing need be signed."""
    payload = {
        "type": "WALLET-CREATE",
        "from": owner,
        "to": CHAIN.wallet_derivation.deposit_wallet_factory,
        "metadata": "",
    }
    return json.dumps(payload, separators=(",", ":")).encode()


def signed_calls(calls: list[TransactionCall], wallet: TradingWallet, turn: Turn, metadata: str) -> bytes:
    """The bytes of the one submission of these calls. Raises ``CannotRedeem``."""
    kind = relayer_type(wallet.signature_type)
    make = {"WALLET": _deposit_payload, "SAFE": _safe_payload, "PROXY": _proxy_payload}
    return json.dumps(make[kind](calls, wallet, turn, metadata), separators=(",", ":")).encode()


def _deposit_payload(
    calls: list[TransactionCall], wallet: TradingWallet, turn: Turn, metadata: str
) -> dict[str, object]:
    nonce, deadline, address = str(turn.nonce), str(turn.deadline), EvmAddress(wallet.address)
    signature = sign_deposit_wallet_batch(
        _signer(wallet), wallet=address, calls=calls, nonce=nonce, deadline=deadline, chain_id=CHAIN.chain_id
    )
    return build_deposit_wallet_payload(
        signer_address=wallet.key.address,
        deposit_wallet_factory=CHAIN.wallet_derivation.deposit_wallet_factory,
        wallet=address,
        calls=calls,
        nonce=nonce,
        deadline=deadline,
        signature=signature,
        metadata=metadata,
    )


def _safe_payload(
    calls: list[TransactionCall], wallet: TradingWallet, turn: Turn, metadata: str
) -> dict[str, object]:
    nonce, address = str(turn.nonce), EvmAddress(wallet.address)
    target, data, operation = _safe_call(calls)
    signature = sign_safe_transaction(
        _signer(wallet),
        safe_address=address,
        to=target,
        data=data,
        value=0,
        operation=operation,
        nonce=nonce,
        chain_id=CHAIN.chain_id,
    )
    return build_safe_payload(
        signer_address=wallet.key.address,
        wallet=address,
        target=target,
        data=data,
        value=0,
        operation=operation,
        nonce=nonce,
        signature=signature,
        metadata=metadata,
    )


def _proxy_payload(
    calls: list[TransactionCall], wallet: TradingWallet, turn: Turn, metadata: str
) -> dict[str, object]:
    factory, data = CHAIN.wallet_derivation.proxy_factory, encode_proxy_call(calls)
    digest = build_proxy_transaction_hash(
        from_address=EvmAddress(wallet.key.address),
        to=EvmAddress(factory),
        data=data,
        relayer_fee="0",
        gas_price="0",
        gas_limit=_PROXY_GAS,
        nonce=str(turn.nonce),
        relay_hub=EvmAddress(CHAIN.relay_hub),
        relay=EvmAddress(turn.relay),
    )
    return build_proxy_payload(
        signer_address=wallet.key.address,
        proxy_factory=factory,
        wallet=EvmAddress(wallet.address),
        data=data,
        nonce=str(turn.nonce),
        signature=sign_proxy_message(_signer(wallet), digest),
        gas_limit=_PROXY_GAS,
        relay=EvmAddress(turn.relay),
        relay_hub=CHAIN.relay_hub,
        metadata=metadata,
    )


def _signer(wallet: TradingWallet) -> LocalAccount:
    signer: LocalAccount = Account.from_key(wallet.key.private_key.secret)
    return signer


def _safe_call(calls: list[TransactionCall]) -> tuple[EvmAddress, HexString, int]:
    if len(calls) == 1:
        return calls[0].to, calls[0].data, 0
    return EvmAddress(CHAIN.safe_multisend), encode_safe_multisend_call(calls), 1


def _calls(held: Held) -> list[TransactionCall]:
    """One call for an older market (all outcomes at once), one for each position of the newer protocol."""
    try:
        if not any(is_v2_position_id(token_id) for token_id in held.shares):
            adapter = CHAIN.neg_risk_collateral_adapter if held.neg_risk else CHAIN.collateral_adapter
            return [
                ctf_redeem_positions_call(
                    ctf=EvmAddress(adapter),
                    collateral=EvmAddress(CHAIN.collateral_token),
                    condition_id=held.market_id,
                )
            ]
        return [_router_call(token_id, shares) for token_id, shares in sorted(held.shares.items()) if shares]
    except UserInputError as refusal:
        raise CannotRedeem(str(refusal)) from None


def _router_call(token_id: str, shares: Decimal) -> TransactionCall:
    position = decode_v2_outcome_position_id(token_id)
    return router_redeem_call(
        router=EvmAddress(CHAIN.protocol_v2_router),
        condition_id=position.condition_id,
        outcome_index=position.outcome_index,
        amount=int(EXACT.multiply(shares, _MICRO)),
    )
