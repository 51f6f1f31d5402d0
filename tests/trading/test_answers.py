"""Every documented answer of the exchange is sorted into its verdict; what nobody documented is unknown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.enums import RejectReason
from streams.venues.answers import Verdict, sort_answer

HASH = "0x" + "ab" * 32


def placed(**changes: object) -> bytes:
    said: dict[str, object] = {
        "success": True, "errorMsg": "", "orderID": HASH, "status": "matched", "makingAmount": "5",
        "takingAmount": "10", "tradeIDs": ["t1"], "transactionsHashes": [],
    }  # fmt: skip
    return json.dumps(said | changes).encode()


def refused(words: str) -> bytes:
    return json.dumps({"error": words}).encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict", "reason"),
    [
        (200, placed(), Verdict.MATCHED, None),
        (200, placed(orderID=HASH.upper().replace("0X", "0x")), Verdict.MATCHED, None),
        (200, placed(status="live", tradeIDs=[]), Verdict.ACCEPTED, None),
        (200, placed(status="delayed"), Verdict.ACCEPTED, None),
        (200, placed(status="unmatched"), Verdict.ACCEPTED, None),
        (200, placed(orderID="0x" + "cd" * 32), Verdict.UNKNOWN, None),
        (200, placed(success=False), Verdict.UNKNOWN, None),
        (200, placed(status="whatever"), Verdict.UNKNOWN, None),
        (200, placed(tradeIDs="t1"), Verdict.UNKNOWN, None),
        (200, placed(success=True, orderID="", errorMsg="invalid signature"), Verdict.REJECTED, RejectReason.SIGNATURE),
        (200, b"not json", Verdict.UNKNOWN, None),
        (200, b"", Verdict.UNKNOWN, None),
        (200, b"[]", Verdict.UNKNOWN, None),
        (400, refused(f"order {HASH} is invalid. Duplicated."), Verdict.UNKNOWN, None),
        (400, refused("no orders found to match with FAK order. FAK orders are partially filled or killed if no match "
                      "is found."), Verdict.KILLED, None),
        (400, refused("order couldn't be fully filled. FOK orders are fully filled or killed."), Verdict.KILLED, None),
        (400, refused("not enough balance / allowance: the balance is not enough -> balance: 0"), Verdict.REJECTED,
         RejectReason.NOT_ENOUGH),
        (400, refused(f"order {HASH} is invalid. Price (0.375) breaks minimum tick size rule: 0.01"), Verdict.REJECTED,
         RejectReason.TICK),
        (400, refused(f"order {HASH} is invalid. Size (1) lower than the minimum: 5"), Verdict.REJECTED,
         RejectReason.SIZE),
        (400, refused("invalid amount for a marketable BUY order ($0.5), min size: $1"), Verdict.REJECTED,
         RejectReason.SIZE),
        (400, refused("invalid signature"), Verdict.REJECTED, RejectReason.SIGNATURE),
        (400, refused("order_version_mismatch"), Verdict.REJECTED, RejectReason.SIGNATURE),
        (400, refused(f"'{HASH[:42]}' address banned"), Verdict.REJECTED, RejectReason.BANNED),
        (400, refused(f"'{HASH[:42]}' address in closed only mode"), Verdict.REJECTED, RejectReason.CLOSE_ONLY),
        (403, refused("Trading restricted in your region"), Verdict.REJECTED, RejectReason.REGION),
        (400, refused("maker address not allowed, please use the deposit wallet flow"), Verdict.REJECTED,
         RejectReason.UNAUTHORIZED),
        (401, refused("Unauthorized/Invalid api key"), Verdict.REJECTED, RejectReason.UNAUTHORIZED),
        (404, refused("No orderbook exists for the requested token id"), Verdict.REJECTED, RejectReason.NO_BOOK),
        (400, refused("the market is not yet ready to process new orders"), Verdict.REJECTED, RejectReason.NO_BOOK),
        (400, refused("Invalid order payload"), Verdict.REJECTED, RejectReason.OTHER),
        (400, refused("order match delayed due to market conditions"), Verdict.UNKNOWN, None),
        (400, refused("rpc error: context canceled"), Verdict.UNKNOWN, None),
        (400, refused("something nobody has documented"), Verdict.UNKNOWN, None),
        (400, b"<html>", Verdict.UNKNOWN, None),
        (425, b"", Verdict.WAIT, None),
        (429, refused("Too Many Requests"), Verdict.WAIT, None),
        (503, refused("Trading is currently disabled. Check polymarket.com for updates"), Verdict.WAIT, None),
        (503, refused("Trading is currently cancel-only. New orders are not accepted"), Verdict.WAIT, None),
        (503, refused("post-only mode: only post-only orders and cancels are allowed"), Verdict.WAIT, None),
        (503, b"upstream connect error", Verdict.UNKNOWN, None),
        (500, refused("could not insert order"), Verdict.UNKNOWN, None),
        (500, refused("there are no matching orders"), Verdict.UNKNOWN, None),
        (502, b"", Verdict.UNKNOWN, None),
        (302, b"", Verdict.UNKNOWN, None),
    ],
)  # fmt: skip
def test_each_answer_has_its_verdict(
    status: int, body: bytes, verdict: Verdict, reason: RejectReason | None
) -> None:
    """polymarket.md §2.5, §2.6, sorted as DESIGN §8 says."""
    answer = sort_answer(status, body, {}, HASH)
    assert (answer.verdict, answer.reject_reason) == (verdict, reason)


def test_duplicated_says_that_it_arrived() -> None:
    """Unknown, but known to be there: the same bytes bring nothing any more."""
    assert sort_answer(400, refused(f"order {HASH} is invalid. Duplicated."), {}, HASH).arrived
    assert not sort_answer(500, b"", {}, HASH).arrived


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [({"retry-after": "7"}, b"", 7.0), ({}, b'{"retry_after_seconds": 3}', 3.0), ({}, b"", 1.0),
     ({"retry-after": "nan"}, b"", 1.0), ({"retry-after": "soon"}, b"", 1.0), ({"retry-after": "86400"}, b"", 120.0),
     ({"retry-after": "-5"}, b"", 0.1)],
)  # fmt: skip
def test_how_long_to_wait_is_the_exchanges_word_within_bounds(
    headers: dict[str, str], body: bytes, seconds: float
) -> None:
    """Retry-After in header or body; nonsense is a second; never longer than two minutes."""
    assert sort_answer(425, body, headers, HASH).wait_seconds == seconds


@given(st.integers(100, 599), st.binary(max_size=300))
def test_garbage_never_looks_like_an_end(status: int, body: bytes) -> None:
    """No bytes that are not the exchange's words end an order, and none crash the reader."""
    verdict = sort_answer(status, body, {}, HASH).verdict
    assert verdict in (Verdict.UNKNOWN, Verdict.WAIT)
