"""What nobody knows is unknown until there is proof; only the same bytes may go again (DESIGN §4.6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from streams.venues.answers import Answer, Verdict
from streams.venues.clob import ClobVenue
from streams.venues.orders import SignedBytes
from streams.venues.wallets import TradingWallet
from tests.copy_execution.world import TOKEN
from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

QUICK = {"post_seconds": 0.5, "reconcile_seconds": 0.1, "repeat_seconds": 0.5}
PROOF = {"proof_looks": 3, "proof_seconds": 1.0}
ArriveLate = Callable[[], Awaitable[Answer]]


@pytest.fixture
def arrive_late(monkeypatch: pytest.MonkeyPatch) -> ArriveLate:
    """The bytes of the first POST come to the exchange now: when the test says so, however slow the machine."""
    sent: list[tuple[ClobVenue, SignedBytes, TradingWallet]] = []
    post = ClobVenue.post

    async def noted(venue: ClobVenue, order: SignedBytes, wallet: TradingWallet) -> Answer:
        sent.append((venue, order, wallet))
        return await post(venue, order, wallet)

    async def arrived() -> Answer | None:
        answer = await post(*sent[0])
        return answer if answer.arrived or answer.verdict is not Verdict.UNKNOWN else None

    async def arrive() -> Answer:
        answer = await eventually(arrived)
        assert answer is not None
        return answer

    monkeypatch.setattr(ClobVenue, "post", noted)
    return arrive


async def _bought_once(ground: Ground) -> None:
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"]
    assert len(ground.placed()) == 1
    assert len(ground.world.rows("SELECT 1 FROM paper.trades")) == 1
    await ground.assert_books_agree()


async def _used(ground: Ground, number: int, times: int = 1) -> bool:
    """Whether the exchange's rule of this number has acted so often."""
    rules = (await ground.exchange.admin("GET", "conduct"))["rules"]
    return int(rules[number]["used"]) >= times


async def _after(ground: Ground, deed: str, **more: object) -> None:
    await ground.start(**QUICK)
    await ground.followers()
    await ground.conduct({"deed": deed, "times": 1, **more})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))


@pytest.mark.parametrize("lookup", ["all", "active"])
async def test_r05_an_order_behind_a_time_out_is_found(make_ground: MakeGround, lookup: str) -> None:
    """Accepted, and the answer never came: found by its hash, or where ended orders are not shown by its trades."""
    ground = await make_ground(POLYCOOL_PAPER_ORDER_LOOKUP=lookup)
    ground.world.market()
    await _after(ground, "wait_after", seconds=20)
    await _bought_once(ground)


async def test_r05_a_500_after_the_match_is_no_refusal(ground: Ground) -> None:
    """It was filled, then the exchange said 500: the fill is found, nothing is bought twice."""
    await _after(ground, "answer_after", status=500, error="could not run the execution")
    await _bought_once(ground)


async def test_r05_a_cut_connection_is_no_refusal(ground: Ground) -> None:
    """It was filled, then the connection broke inside the answer."""
    await _after(ground, "cut_after")
    await _bought_once(ground)


async def test_r05_what_never_arrived_goes_again_with_the_same_bytes(ground: Ground) -> None:
    """A 500 before anything was done: no look shows it, so the very same bytes are posted again while it is fresh."""
    await _after(ground, "answer_instead", status=500, error="could not insert order")
    await _bought_once(ground)
    (order,) = ground.orders()
    assert order["posts"] == 2
    assert ground.placed()[0]["order_id"] == order["order_hash"]


async def test_r05_a_post_that_arrives_late_fills_once(ground: Ground, arrive_late: ArriveLate) -> None:
    """The first POST arrives after we gave up and after the repeat: the exchange refuses the second by its hash."""
    await _after(ground, "wait_before", seconds=60)
    await _bought_once(ground)
    assert (await arrive_late()).arrived
    await _bought_once(ground)
    (order,) = ground.orders()
    assert order["posts"] == 2


async def test_r05_absence_is_proven_by_looks_over_time(ground: Ground) -> None:
    """Nothing arrives, ever: after the looks it ends unfilled, NOT_FOUND, and the reserve is free."""
    await ground.start(**(QUICK | PROOF | {"repeats_max": 0}))
    await ground.followers()
    await ground.conduct({"deed": "answer_instead", "status": 500})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("unfilled", "NOT_FOUND")
    (order,) = ground.orders()
    assert (order["state"], order["looks"]) == ("killed", 3)
    assert (order["proven_at"] - order["last_posted_at"]).total_seconds() >= 1.5
    await ground.assert_books_agree()


async def test_r05_a_fill_after_the_proof_is_booked_and_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, arrive_late: ArriveLate
) -> None:
    """The exchange fills it long after: the copy order stays ended and is marked, lot and cash follow, once."""
    monkeypatch.setattr("streams.trading.settler._LATE_EVERY_SECONDS", 0.2)
    await ground.start(**(QUICK | PROOF | {"repeats_max": 0, "sweep_seconds": 0.1}))
    await ground.followers()
    await ground.conduct({"deed": "wait_before", "seconds": 60, "times": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("unfilled", "NOT_FOUND")
    assert ground.placed() == []
    await arrive_late()
    assert len(ground.placed()) == 1
    await eventually(lambda: ground.copies()[0]["late_fill"], 30)
    (copy,) = ground.copies()
    assert (copy["state"], copy["filled_usdc"]) == ("unfilled", Decimal(5))
    assert [lot["shares"] > 0 for lot in ground.lots()] == [True]
    assert ground.world.rows("SELECT 1 FROM notifications WHERE kind = 'late_fill'")
    await ground.assert_books_agree()


async def test_r05_a_look_that_fails_proves_nothing(ground: Ground) -> None:
    """While the exchange cannot be read the order stays unknown, however long; then the fill is found."""
    await ground.start(**(QUICK | PROOF))
    await ground.followers()
    await ground.conduct(
        {"deed": "wait_after", "seconds": 20, "times": 1},
        {"deed": "answer_instead", "method": "GET", "path": "/data/*", "status": 503},
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: _used(ground, 1, times=12))
    assert [copy["state"] for copy in ground.copies()] == ["unknown"]
    await ground.conduct()
    await _bought_once(ground)


async def test_r05_a_repeat_is_forbidden_once_it_is_old_news(ground: Ground) -> None:
    """Past its age the same bytes do not go again: proof alone ends it (promise 5, SAFETY R11)."""
    await ground.start(**(QUICK | PROOF | {"repeats_max": 100}))
    await ground.followers()
    await ground.conduct({"deed": "answer_instead", "status": 500})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: [order["posts"] > 1 for order in ground.orders()] == [True])
    # Its age passes from here on: a busy machine would need it for the first POST.
    ground.world.run("UPDATE copy_orders SET deadline = clock_timestamp() + interval '1 second'")
    (copy,) = await ground.all_ended()
    (order,) = ground.orders()
    assert (copy["state"], copy["reason"]) == ("unfilled", "NOT_FOUND")
    assert order["last_posted_at"] <= copy["deadline"]


async def test_r15_what_rests_is_cancelled(ground: Ground) -> None:
    """Accepted but open: it is looked up, cancelled, and ends by proof; nothing rests at the end (SAFETY R15)."""
    await ground.start(**(QUICK | {"rest_seconds": 0.5, "post_seconds": 5.0}))
    await ground.followers()
    await ground.conduct({"deed": "rest", "times": 1, "status_word": "delayed"})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert copy["state"] == "unfilled"
    assert [order["status"] for order in ground.placed()] == ["CANCELED"]
    states = [
        row["to_state"] for row in ground.world.rows("SELECT * FROM order_transitions ORDER BY transition_id")
    ]
    assert states == ["signed", "submitting", "accepted", "killed"]
    await ground.assert_books_agree()


@pytest.mark.parametrize("word", ["delayed", "live", "unmatched"])
async def test_r15_an_accepted_order_never_goes_out_again(make_ground: MakeGround, word: str) -> None:
    """Cancelled by us, and the exchange shows ended orders to nobody: looks prove its end; its bytes go out once."""
    ground = await make_ground(POLYCOOL_PAPER_ORDER_LOOKUP="active")
    ground.world.market()
    await ground.start(**(QUICK | PROOF | {"rest_seconds": 0.5}))
    await ground.followers()
    await ground.conduct({"deed": "rest", "times": 1, "status_word": word})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert copy["state"] == "unfilled"
    assert [(order["state"], order["posts"]) for order in ground.orders()] == [("killed", 1)]
    assert [order["status"] for order in ground.placed()] == ["CANCELED"]
    reserved = ground.world.rows("SELECT 1 FROM copy_orders WHERE ended_at IS NULL")
    assert reserved == []
    await ground.assert_books_agree()


async def test_a_window_of_the_exchange_is_waited_out(ground: Ground) -> None:
    """425, 429 and 503: certainly not placed, so the same order waits while it is fresh and is then filled."""
    await ground.start()
    await ground.followers()
    await ground.conduct(
        {"deed": "answer_instead", "status": 425, "error": "restarting", "times": 1},
        {"deed": "answer_instead", "status": 429, "error": "Too Many Requests", "times": 1},
        {"deed": "answer_instead", "status": 503, "error": "Trading is currently disabled.", "times": 1},
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await _bought_once(ground)
    assert ground.orders()[0]["posts"] == 4


async def test_a_window_longer_than_the_age_ends_expired(ground: Ground) -> None:
    """The exchange takes nothing until it is old news: expired, its signed order dropped, nothing placed."""
    await ground.start()
    await ground.followers()
    await ground.conduct({"deed": "answer_instead", "status": 425, "retry_after": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: _used(ground, 0))
    # Its age passes once it was refused: a busy machine would need it to come so far.
    ground.world.run("UPDATE copy_orders SET deadline = clock_timestamp()")
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("expired", "TOO_OLD")
    assert [order["state"] for order in ground.orders()] == ["dropped"]
    assert ground.placed() == []


async def test_a_refusal_ends_a_buy_with_the_exchanges_words(ground: Ground) -> None:
    """A definite refusal is an end: rejected, its reason from the closed set, its words kept."""
    await ground.start()
    await ground.followers()
    await ground.conduct({"deed": "answer_instead", "status": 400, "error": "'0xabc' address banned"})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reject_reason"]) == ("rejected", "BANNED")
    assert "banned" in ground.orders()[0]["words"]
    assert ground.world.rows("SELECT 1 FROM notifications WHERE kind = 'copy_rejected'")


async def test_nobody_sells_at_the_limit(make_ground: MakeGround) -> None:
    """A FAK that matches nothing is killed: unfilled at once, by the exchange's own word."""
    ground = await make_ground(POLYCOOL_PAPER_FILL_MODEL="book")
    ground.world.market()
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("unfilled", None)
    assert [order["state"] for order in ground.orders()] == ["killed"]
    await ground.assert_books_agree([TOKEN])
