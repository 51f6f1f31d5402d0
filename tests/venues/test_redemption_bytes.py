"""The bytes of a redemption: the same for the same arguments, signed by the owner, calling what the market needs."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ops.paper.relay_calls import Redeem, calls_of, deed_of
from ops.paper.relay_signing import relay_signed_by, wallet_of
from streams.venues.orders import CHAIN
from streams.venues.redemptions import CannotRedeem, Held, Turn, redemption_body
from streams.venues.relayer import Taken, sort_submission
from streams.venues.wallets import DEPOSIT_WALLET, EOA, PROXY, SAFE
from tests.venues.test_identity import NEWER, OLDER, wallet

MARKET = "0x" + "ab" * 32
TURN = Turn(7, "0x" + "5E" * 20, 1_795_349_400)


@pytest.mark.parametrize("kind", [PROXY, SAFE, DEPOSIT_WALLET])
@pytest.mark.parametrize("neg_risk", [False, True])
def test_an_older_market_is_redeemed_wholly_by_one_call(kind: int, neg_risk: bool) -> None:
    """Through the adapter of its kind; the relayer finds the owner's signature and the wallet in the bytes."""
    owner = wallet(b"\x22" * 32, kind)
    held = Held(MARKET, {OLDER: Decimal(10)}, neg_risk)
    body = redemption_body(held, owner, TURN)
    assert redemption_body(held, owner, TURN) == body
    said = json.loads(body)
    assert relay_signed_by(said, 137) == owner.key.address.lower()
    assert wallet_of(said) == owner.address.lower()
    [call] = calls_of(said)
    adapter = CHAIN.neg_risk_collateral_adapter if neg_risk else CHAIN.collateral_adapter
    assert (call.target, deed_of(call)) == (adapter.lower(), Redeem(MARKET))
    assert redemption_body(held, owner, Turn(8, TURN.relay, TURN.deadline)) != body


@pytest.mark.parametrize("kind", [PROXY, SAFE, DEPOSIT_WALLET])
def test_positions_of_the_newer_protocol_are_redeemed_by_their_amounts(kind: int) -> None:
    """One call for each that is held, in micro-shares; what is not held is left out."""
    other = str(int(NEWER) - 1)
    held = Held("0x" + "ab" * 31, {NEWER: Decimal("1.5"), other: Decimal("0.000001")}, False)
    calls = calls_of(json.loads(redemption_body(held, wallet(b"\x22" * 32, kind), TURN)))
    condition = "0x" + f"{int(NEWER):064x}"[:62]
    assert [deed_of(call) for call in calls] == [Redeem(condition, 0, 1), Redeem(condition, 1, 1_500_000)]
    alone = Held(held.market_id, {NEWER: Decimal(2), other: Decimal(0)}, False)
    assert len(calls_of(json.loads(redemption_body(alone, wallet(b"\x22" * 32, kind), TURN)))) == 1


@pytest.mark.parametrize(
    ("held", "kind"), [(Held(MARKET, {OLDER: Decimal(1)}, False), EOA), (Held("m1", {OLDER: Decimal(1)}, False), SAFE)]
)  # fmt: skip
def test_what_has_no_transaction_is_said(held: Held, kind: int) -> None:
    """A key's own address has no relayer; a market that is no condition of the chain has no redemption."""
    with pytest.raises(CannotRedeem):
        redemption_body(held, wallet(b"\x22" * 32, kind), TURN)


@pytest.mark.parametrize(
    ("status", "said", "taken"),
    [
        (200, {"transactionID": "a-1", "transactionHash": "", "state": "STATE_NEW"}, Taken.ACCEPTED),
        (200, {"transactionID": ""}, Taken.UNKNOWN),
        (200, [], Taken.UNKNOWN),
        (400, {"error": "wallet busy: active action"}, Taken.WAIT),
        (400, {"error": "wallet has in-flight action"}, Taken.WAIT),
        (429, {}, Taken.WAIT),
        (400, {"error": "batch nonce 3 does not match on-chain nonce 4"}, Taken.UNKNOWN),
        (400, {"error": "batch nonce 5 does not match on-chain nonce 4"}, Taken.REFUSED),
        (400, {"error": "invalid signature"}, Taken.REFUSED),
        (401, {"error": "unauthorized"}, Taken.REFUSED),
        (400, {}, Taken.UNKNOWN),
        (500, {"error": "oops"}, Taken.UNKNOWN),
        (504, None, Taken.UNKNOWN),
    ],
)
def test_each_answer_to_a_submission_has_its_meaning(status: int, said: object, taken: Taken) -> None:
    """A nonce that has passed may have been ours: unknown, to be proven by positions."""
    answer = sort_submission(status, json.dumps(said).encode())
    assert answer.taken is taken
    assert answer.nonce_passed is ("nonce 3" in str(said))
