"""What operators look at: lists whose rows are those of the tables, and the asking for a look at the exchange."""

from __future__ import annotations

from decimal import Decimal

from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, BOB, Ask, Face
from tests.copy_execution.world import World, received, wallet

_UNKNOWN = (
    "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
    " amount_usdc, limit_price, body, state, cause, worker_epoch, posted_at, posts, looks) VALUES ('0xa', %(copy)s, 1,"
    " %(account)s, 'paper', 'BUY', '7', 'FAK', 5, 0.5, '', 'unknown', 'no answer', 1,"
    " now() - interval '8 seconds', 1, 2)"
)


async def test_the_panels_show_what_the_tables_hold(
    face: Face, ask: Ask, world: World, deciding: CopyExecution
) -> None:
    """Copies, followers, leaders and unknown orders; the picture counts the same."""
    leader = world.leader(wallet(1))
    world.market()
    accounts = [world.account(name) for name in (ALICE, BOB)]
    for account in accounts:
        world.follow(account, leader)
    await deciding.handle(received([world.message(leader)]))

    copies = (await face.get("/v1/ops/copy-orders", state="planned")).json()["items"]
    assert sorted(copy["user_id"] for copy in copies) == [ALICE, BOB]
    [hers] = (await face.http.get("/v1/ops/copy-orders", params={"user": ALICE})).json()["items"]
    assert hers["user_id"] == ALICE
    followers = (await face.get("/v1/ops/followers")).json()["items"]
    assert {(each["user_id"], each["venue"], each["followings"], each["copied"]) for each in followers} == {
        (ALICE, "paper", 1, 0), (BOB, "paper", 1, 0),
    }  # fmt: skip
    [seen] = (await face.get("/v1/ops/leaders")).json()["items"]
    assert (seen["wallet"], seen["followers"], seen["trades"], seen["due"], seen["answered"]) == (
        leader,
        2,
        1,
        2,
        0,
    )

    await ask(_UNKNOWN, copy=copies[0]["copy_order_id"], account=accounts[0])
    [order] = (await face.get("/v1/ops/unknown")).json()["items"]
    assert (order["order_hash"], order["posts"], order["looks"]) == ("0xa", 1, 2)
    assert Decimal(order["age_seconds"]) >= 8
    picture = (await face.get("/v1/ops/pipeline")).json()
    assert (picture["unknown"], picture["exchange"], picture["hour"]) == (1, "away", {"planned": 2})
    assert Decimal(picture["oldest_unknown_seconds"]) >= 8
    assert (picture["buys_stopped"], picture["bought_twice"], picture["dead_letters"]) == (False, 0, 0)


async def test_dead_letters_are_shown_as_text_and_hex(face: Face, ask: Ask) -> None:
    """Whatever the bytes are."""
    await ask(
        "INSERT INTO dead_letters VALUES (0, 1, 'trades', 2, 3, 'k', 'UNREADABLE', 'no JSON', 'classify', 2, 'x',"
        " '\\x7bff', now(), now(), now())"
    )
    [letter] = (await face.get("/v1/ops/dead-letters")).json()["items"]
    assert (letter["body"], letter["body_hex"], letter["offset"]) == ("{\\xff", "7bff", 3)
    assert (await face.get("/v1/ops/dead-letters", reason="WRONG_KEY")).json()["items"] == []
    assert (await face.get("/v1/ops/replays")).json()["items"] == []


async def test_a_look_at_the_exchange_is_asked_for_once(face: Face, ask: Ask, world: World) -> None:
    """The same key is the same look; an account nobody has is 404; what was found is listed under the request."""
    account = world.account(ALICE)
    body = {"account_id": account}
    asked = await face.post("/v1/ops/reconcile", body, key="one-look")
    again = await face.post("/v1/ops/reconcile", body, key="one-look")
    assert (asked.status_code, again.json()) == (202, asked.json())
    assert (await face.post("/v1/ops/reconcile", {"account_id": "nobody"})).status_code == 404
    assert (await face.post("/v1/ops/reconcile", {"account_id": account, "accept": True})).status_code == 422
    [row] = await ask("SELECT request_id, account_id, accept, allow_buys FROM audit_requests")
    assert row == {
        "request_id": asked.json()["request_id"], "account_id": account, "accept": False, "allow_buys": False,
    }  # fmt: skip
    await ask(
        "INSERT INTO account_audits (account_id, request_id, outcome, why, our_cash, their_cash, differences)"
        " VALUES (%(account)s, %(request)s, 'agrees', 'to the micro', 1, 1, '[]')",
        account=account, request=row["request_id"],
    )  # fmt: skip
    [found] = (await face.get("/v1/ops/audit", request=row["request_id"])).json()["items"]
    assert (found["outcome"], found["our_cash"]) == ("agrees", "1")
    assert (await face.get("/v1/ops/audit", account="other")).json()["items"] == []
