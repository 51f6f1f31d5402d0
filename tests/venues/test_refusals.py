"""Every answer that the documents name (polymarket.md §2.5, §2.6) is sorted; what nobody named is unknown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.enums import RejectReason
from streams.venues.answers import Answer, Verdict, sort_answer
from streams.venues.limits import Limits
from streams.venues.refusals import AMBIGUOUS, KILLED, REFUSED

HASH = "0x" + "ab" * 32
ADDRESS = "0x" + "cd" * 20


def sorted_of(status: int, words: str, **headers: str) -> Answer:
    """The answer to a refusal in these words."""
    return sort_answer(status, json.dumps({"error": words}).encode(), headers, HASH)


# HTTP status, the exchange's words, verdict, reason: one line for each line of the document.
DOCUMENTED = [
    (400, "not enough balance / allowance", Verdict.REJECTED, RejectReason.NOT_ENOUGH),
    (400, "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 5000000",
     Verdict.REJECTED, RejectReason.NOT_ENOUGH),
    (400, "the allowance is not enough -> spender: 0x, allowance: 0", Verdict.REJECTED, RejectReason.NOT_ENOUGH),
    (400, f"order {HASH} is invalid. Price (0.375) breaks minimum tick size rule: 0.01", Verdict.REJECTED,
     RejectReason.TICK),
    (400, f"order {HASH} is invalid. Size (1) lower than the minimum: 5", Verdict.REJECTED, RejectReason.SIZE),
    (400, "invalid amount for a marketable BUY order ($0.98), min size: $1", Verdict.REJECTED, RejectReason.SIZE),
    (400, "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals",
     Verdict.REJECTED, RejectReason.SIZE),
    (400, f"order {HASH} is invalid. Duplicated.", Verdict.UNKNOWN, None),
    (400, f"order {HASH} crosses the book", Verdict.REJECTED, RejectReason.OTHER),
    (400, "invalid post-only order: order crosses book", Verdict.REJECTED, RejectReason.OTHER),
    (400, "order couldn't be fully filled. FOK orders are fully filled or killed.", Verdict.KILLED, None),
    (400, "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
     Verdict.KILLED, None),
    (400, "invalid expiration", Verdict.REJECTED, RejectReason.OTHER),
    (400, "invalid signature", Verdict.REJECTED, RejectReason.SIGNATURE),
    (400, "Invalid order payload", Verdict.REJECTED, RejectReason.OTHER),
    (400, "order_version_mismatch", Verdict.REJECTED, RejectReason.SIGNATURE),
    (400, "the order owner has to be the owner of the API KEY", Verdict.REJECTED, RejectReason.UNAUTHORIZED),
    (400, "the order signer address has to be the address of the API KEY", Verdict.REJECTED, RejectReason.SIGNATURE),
    (400, "maker address not allowed, please use the deposit wallet flow", Verdict.REJECTED,
     RejectReason.UNAUTHORIZED),
    (400, f"'{ADDRESS}' address banned", Verdict.REJECTED, RejectReason.BANNED),
    (400, f"'{ADDRESS}' address in closed only mode", Verdict.REJECTED, RejectReason.CLOSE_ONLY),
    (400, "the market is not yet ready to process new orders", Verdict.REJECTED, RejectReason.NO_BOOK),
    (400, "order match delayed due to market conditions", Verdict.UNKNOWN, None),
    (400, "order canceled in the CTF exchange contract", Verdict.REJECTED, RejectReason.OTHER),
    (400, "Too many orders in payload: 16, max allowed: 15", Verdict.REJECTED, RejectReason.OTHER),
    (400, "rpc error: code = Canceled desc = context canceled", Verdict.UNKNOWN, None),
    (401, "Unauthorized/Invalid api key", Verdict.REJECTED, RejectReason.UNAUTHORIZED),
    (401, "Invalid L1 Request headers", Verdict.REJECTED, RejectReason.UNAUTHORIZED),
    (403, "Trading restricted in your region, please refer to available regions", Verdict.REJECTED,
     RejectReason.REGION),
    (404, "No orderbook exists for the requested token id", Verdict.REJECTED, RejectReason.NO_BOOK),
    (404, "market not found", Verdict.REJECTED, RejectReason.NO_BOOK),
    (404, "Order not found", Verdict.UNKNOWN, None),
    (425, "the matching engine is restarting", Verdict.WAIT, None),
    (429, "Too Many Requests", Verdict.WAIT, None),
    (500, "could not insert order", Verdict.UNKNOWN, None),
    (500, "could not run the execution", Verdict.UNKNOWN, None),
    (500, "there are no matching orders", Verdict.UNKNOWN, None),
    (500, "the trade contains rounding issues", Verdict.UNKNOWN, None),
    (500, "Internal server error", Verdict.UNKNOWN, None),
    (503, "Trading is currently disabled. Check polymarket.com for updates", Verdict.WAIT, None),
    (503, "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.", Verdict.WAIT,
     None),
    (503, "post-only mode: only post-only orders and cancels are allowed", Verdict.WAIT, None),
    (503, "service unavailable", Verdict.UNKNOWN, None),
    # The codes of older documents.
    (400, "INVALID_ORDER_MIN_TICK_SIZE", Verdict.REJECTED, RejectReason.TICK),
    (400, "INVALID_ORDER_MIN_SIZE", Verdict.REJECTED, RejectReason.SIZE),
    (400, "INVALID_ORDER_DUPLICATED", Verdict.UNKNOWN, None),
    (400, "INVALID_ORDER_NOT_ENOUGH_BALANCE", Verdict.REJECTED, RejectReason.NOT_ENOUGH),
    (400, "INVALID_ORDER_EXPIRATION", Verdict.REJECTED, RejectReason.OTHER),
    (400, "FOK_ORDER_NOT_FILLED_ERROR", Verdict.KILLED, None),
    (400, "MARKET_NOT_READY", Verdict.REJECTED, RejectReason.NO_BOOK),
    (400, "EXECUTION_ERROR", Verdict.UNKNOWN, None),
    (400, "DELAYING_ORDER_ERROR", Verdict.UNKNOWN, None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "words", "verdict", "reason"), DOCUMENTED)
def test_every_documented_refusal_has_its_meaning(
    status: int, words: str, verdict: Verdict, reason: RejectReason | None
) -> None:
    """As an answer of its own, and as the leg of a batch that says `success` all the same."""
    answer = sorted_of(status, words)
    assert (answer.verdict, answer.reject_reason, answer.words) == (verdict, reason, words)
    if status == 400:
        leg = {"success": True, "errorMsg": words, "orderID": "", "status": ""}
        within = sort_answer(200, json.dumps(leg).encode(), {}, HASH)
        assert (within.verdict, within.reject_reason) == (verdict, reason)


def test_the_table_of_words_has_no_line_that_is_never_reached() -> None:
    """Each part of the table is what decides for some documented words: none stands behind another that takes it."""
    words = [line[1].lower() for line in DOCUMENTED]
    decided = set()
    for each in words:
        table = [part for part, _ in REFUSED]
        decided.add(next((part for part in (*AMBIGUOUS, *KILLED, *table) if part in each), None))
    unreached = {part for part, _ in REFUSED} | set(KILLED) | set(AMBIGUOUS)
    unreached -= decided
    # "insufficient balance" is recorded, not documented; "unauthorized" stands for whatever is put around it.
    assert unreached <= {"insufficient balance", "unauthorized"}


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "matched"}, Verdict.MATCHED),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "live"}, Verdict.ACCEPTED),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "delayed"}, Verdict.ACCEPTED),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "unmatched"}, Verdict.ACCEPTED),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "somewhere"}, Verdict.UNKNOWN),
        ({"success": True, "errorMsg": "", "orderID": HASH}, Verdict.UNKNOWN),
        ({"success": True, "errorMsg": "", "orderID": "0x" + "ef" * 32, "status": "matched"}, Verdict.UNKNOWN),
        ({"success": False, "errorMsg": "", "orderID": HASH, "status": "matched"}, Verdict.UNKNOWN),
        # What contradicts itself proves nothing.
        ({"success": True, "errorMsg": "invalid signature", "orderID": HASH, "status": "matched"}, Verdict.UNKNOWN),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "matched", "tradeIDs": [1]}, Verdict.UNKNOWN),
        ({"success": True, "errorMsg": "", "orderID": HASH, "status": "live", "tradeIDs": ["a\0b"]}, Verdict.UNKNOWN),
    ],
)  # fmt: skip
def test_an_accepted_order_is_ours_and_says_what_became_of_it(
    said: dict[str, object], verdict: Verdict
) -> None:
    """Success, our own hash, a status that is known: anything less is looked up."""
    assert sort_answer(200, json.dumps(said).encode(), {}, HASH).verdict is verdict


def test_the_limits_are_read_from_every_answer() -> None:
    """Tokens left, tier, warning: with a refusal, with a match, and with none of the headers nothing is claimed."""
    headers = {
        "poly-ratelimit-remaining": "-3.5",
        "poly-ratelimit-reset": "1795348800",
        "poly-ratelimit-tier": "Standard",
        "poly-ratelimit-warning": "true",
    }
    answer = sorted_of(429, "Too Many Requests", **headers, **{"retry-after": "7"})
    assert answer.limits == Limits(-3.5, 1_795_348_800.0, "Standard", True)
    assert (answer.wait_seconds, answer.limited) == (7.0, True)
    assert sorted_of(400, "invalid signature").limits is None
    assert sorted_of(425, "restarting", **headers).limits is not None
    assert not sorted_of(425, "restarting").limited


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "Sun, 22 Nov 2026 21:00:09 GMT", "date": "Sun, 22 Nov 2026 21:00:00 GMT"}, 9.0),
        ({"retry-after": "Sun, 22 Nov 2026 21:00:09 GMT"}, 1.0),
        ({"retry-after": "inf"}, 1.0),
        ({"retry-after": "1e400"}, 1.0),
    ],
)
def test_retry_after_as_a_date_is_held_against_the_answers_own(
    headers: dict[str, str], seconds: float
) -> None:
    """Our clock has no part in it; without a date to compare with, a second."""
    assert sorted_of(429, "Too Many Requests", **headers).wait_seconds == seconds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "success": JSON,
        "errorMsg": JSON | st.sampled_from([words for _, words, _, _ in DOCUMENTED]),
        "error": JSON,
        "orderID": JSON | st.just(HASH),
        "status": JSON | st.sampled_from(["live", "matched", "delayed", "unmatched"]),
        "tradeIDs": JSON,
        "retry_after_seconds": JSON,
        "code": JSON,
    },
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "poly-ratelimit-remaining", "poly-ratelimit-tier"]),
    st.text(max_size=30),
)


@settings(max_examples=600, deadline=None)
@given(st.integers(100, 599), ANSWER | JSON, HEADERS)
def test_any_json_is_sorted_without_a_crash(status: int, said: object, headers: dict[str, str]) -> None:
    """Whatever the fields hold: a verdict, words that a table can hold, and an end only in documented words."""
    answer = sort_answer(status, json.dumps(said).encode(), headers, HASH)
    assert "\0" not in answer.words
    assert len(answer.words) <= 300
    assert 0 <= answer.wait_seconds <= 120
    if answer.verdict is Verdict.MATCHED:
        assert isinstance(said, dict)
        assert said["orderID"] == HASH
    if answer.verdict in (Verdict.REJECTED, Verdict.KILLED):
        assert any(part in answer.words.lower() for part in (*KILLED, *(part for part, _ in REFUSED)))
