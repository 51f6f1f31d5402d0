"""Dead letters looked after over HTTP: by reason, planned, redriven, put away; each with its state and its history."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from api.letters import INBOXES
from schemas.base import rfc3339
from schemas.enums import AddressType
from schemas.watched import WatchedAddress
from streams.topology import WATCHED_ADDRESSES, WAY
from tests.api.conftest import ALICE, Ask, Face
from tests.copy_execution.world import World, wallet
from tests.streams.door import fill

_LETTER = (
    'INSERT INTO dead_letters (letter_partition, letter_offset, topic, partition, "offset", key, reason, detail, stage,'
    " size, sha256, body, first_seen_at, last_seen_at, appended_at) VALUES (0, %(n)s, %(topic)s, 0, %(n)s, %(key)s,"
    " %(reason)s, %(detail)s, 'classify', %(size)s, %(sha)s, %(body)s, %(at)s, %(at)s, %(at)s) RETURNING letter_id"
)
_PLAN, _REDRIVE, _AWAY = (f"/v1/ops/dead-letters/{deed}" for deed in ("plan", "redrive", "quarantine"))


async def _letter(face: Face, ask: Ask, n: int, body: bytes = b"{", **more: Any) -> str:
    given = {
        "n": n, "topic": f"{face.settings.topic_prefix}trades", "key": wallet(1), "reason": "UNREADABLE",
        "detail": f"offset {n} is no JSON", "size": len(body), "sha": hashlib.sha256(body).hexdigest(), "body": body,
        "at": datetime.now(UTC),
    } | more  # fmt: skip
    (row,) = await ask(_LETTER, **given)
    return str(row["letter_id"])


async def _plan(face: Face, **asked: Any) -> dict[str, Any]:
    answer = await face.post(_PLAN, asked)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def _state(face: Face, letter: str) -> tuple[str, Sequence[str]]:
    shown = (await face.get(f"/v1/ops/dead-letters/{letter}")).json()
    return shown["state"], [change["to_state"] for change in shown["history"]]


def test_the_inboxes_are_the_topics_that_stages_acknowledge() -> None:
    """The API imports no streams, so the two are compared here; roles are read without a mark."""
    read = {topic.name for stage in WAY for topic in stage.reads} - {WATCHED_ADDRESSES.name, "dead_letters"}
    assert set(INBOXES) == read


async def test_letters_of_one_cause_are_one_line(face: Face, ask: Ask) -> None:
    """The numbers in what was said do not part them; what was put away is counted apart."""
    first = await _letter(face, ask, 1)
    await _letter(face, ask, 2)
    await _letter(face, ask, 3, reason="WRONG_KEY", detail="the key is 0xabc-1")
    await face.post(_AWAY, {"letters": [first], "note": "a test of ours"})
    groups = (await face.get("/v1/ops/dead-letters/reasons")).json()["items"]
    assert [(each["reason"], each["words"], each["letters"], each["all"]) for each in groups] == [
        ("WRONG_KEY", "the key is …", 1, 1),
        ("UNREADABLE", "offset n is no JSON", 1, 2),
    ]
    assert (await face.get("/v1/ops/pipeline")).json()["dead_letters"] == 2
    await face.post(_AWAY, {"letters": [first], "note": "a test of ours"})
    assert await _state(face, first) == ("quarantined", ["quarantined"]), "the same again is no change"
    listed = (await face.get("/v1/ops/dead-letters", state="quarantined")).json()["items"]
    assert [(each["letter_id"], each["note"]) for each in listed] == [(first, "a test of ours")]


async def test_a_plan_keeps_each_wallets_order(face: Face, ask: Ask) -> None:
    """A letter before which another of the same key lies is held back until that one is in the plan or put away."""
    one, two, three = [await _letter(face, ask, n) for n in (1, 2, 3)]
    other = await _letter(face, ask, 4, key=wallet(2))
    cut = await _letter(face, ask, 5, key=wallet(3), size=800_000)
    after_it = await _letter(face, ask, 6, key=wallet(3))
    roles = await _letter(face, ask, 7, topic=f"{face.settings.topic_prefix}watched_addresses", key=wallet(4))
    # It could not be sent when it was tried: it lies before what came after it until it is put away.
    await ask(
        "INSERT INTO dead_letter_state VALUES (%(cut)s, 'unsendable', 'ann', 'have it sent again')", cut=cut
    )

    plan = await _plan(face)
    assert plan["letters"] == [one, two, three, other]
    assert {each["letter_id"] for each in plan["held_back"]} == {after_it, roles}
    assert "of no watched wallet" in next(h["why"] for h in plan["held_back"] if h["letter_id"] == roles)
    assert (await _plan(face))["plan_id"] == plan["plan_id"], "the same letters are the same plan"

    picked = await _plan(face, letters=[two, other])
    assert picked["letters"] == [other]
    assert f"letter {one} of the same key" in picked["held_back"][0]["why"]
    await face.post(_AWAY, {"letters": [one], "note": "nobody needs it"})
    assert (await _plan(face, letters=[two, other]))["letters"] == [two, other]
    assert (await face.post(_PLAN, {"letters": ["999"]})).status_code == 404
    assert (await face.post(_PLAN, {"letters": [one], "reason": "FAILED"})).status_code == 422


async def test_a_redrive_is_asked_for_by_its_plan_and_only_while_it_is_true(face: Face, ask: Ask) -> None:
    """So many letters as asked; one at a time; a letter that came or went meanwhile makes the plan stale."""
    letters = [await _letter(face, ask, n) for n in range(1, 13)]
    plan = await _plan(face)
    asked = await face.post(_REDRIVE, {"plan_id": plan["plan_id"], "pace": "canary"}, key="once")
    again = await face.post(_REDRIVE, {"plan_id": plan["plan_id"], "pace": "canary"}, key="once")
    assert (asked.status_code, again.json()) == (202, asked.json())
    assert (asked.json()["letters"], asked.json()["state"]) == (10, "asked")
    assert (await face.post(_REDRIVE, {"plan_id": plan["plan_id"]})).status_code == 409, "one at a time"
    await ask("UPDATE dead_letter_redrives SET state = 'halted', ended_at = now()")

    await face.post(_AWAY, {"letters": letters[-1:], "note": "put away meanwhile"})
    stale = await face.post(_REDRIVE, {"plan_id": plan["plan_id"], "pace": "ramp"})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    fresh = await _plan(face)
    ramp = await face.post(_REDRIVE, {"plan_id": fresh["plan_id"], "pace": "ramp"})
    assert ramp.json()["letters"] == 11
    shown = await face.get(f"/v1/ops/dead-letters/redrives/{ramp.json()['redrive_id']}")
    assert shown.json() == ramp.json()


async def test_what_is_being_sent_is_not_put_away(face: Face, ask: Ask) -> None:
    """Its answer is awaited; what came back is another letter, and that one can be put away."""
    letter = await _letter(face, ask, 1)
    await ask("INSERT INTO dead_letter_state VALUES (%(letter)s, 'redriving', 'ann')", letter=letter)
    body = {"letters": [letter], "note": "too late"}
    assert (await face.post(_AWAY, body)).status_code == 409
    repeat = await _letter(face, ask, 2)
    await ask("UPDATE dead_letter_state SET state = 'repeated', became = %(repeat)s", repeat=repeat)
    assert (await face.post(_AWAY, body)).status_code == 409
    assert (await face.post(_AWAY, {"letters": [repeat, "77"], "note": "one is not"})).status_code == 404
    assert (await face.post(_AWAY, {"letters": [repeat], "note": "for good"})).status_code == 200
    assert await _state(face, letter) == ("repeated", ["redriving", "repeated"])
    assert (await face.get(f"/v1/ops/dead-letters/{repeat}")).json()["came_of"] == letter


async def test_r18_a_plan_says_how_many_orders_can_come_of_it(face: Face, ask: Ask, world: World) -> None:
    """Old news can place none; a young BUY one of each following; a SELL one of each lot of a BUY no later."""
    leader = world.leader(wallet(1))
    account = world.account(ALICE)
    allocation = world.follow(account, leader)
    hour_ago, now = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)
    old = await _trade(face, ask, 1, traded_at=rfc3339(hour_ago))
    young = await _trade(face, ask, 2, traded_at=rfc3339(now))
    sale = await _trade(face, ask, 3, side="SELL", traded_at=rfc3339(hour_ago))
    garbage = await _letter(face, ask, 4)
    for letters, orders in (
        ([old], 0),
        ([old, young], 1),
        ([old, young, sale], 1),
        ([old, young, sale, garbage], 1),
    ):
        assert (await _plan(face, letters=letters))["orders_most"] == orders
    await ask(
        "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares,"
        " opened_traded_at, tick, fee_rate, neg_risk, exchange_version) VALUES (%(allocation)s, %(account)s, %(user)s,"
        " %(token)s, 'm', 5, 1, 1, %(at)s, 0.01, 0, false, 2)",
        allocation=allocation, account=account, user=ALICE, token="7" * 20, at=hour_ago - timedelta(hours=1),
    )  # fmt: skip
    assert (await _plan(face, letters=[old, young, sale]))["orders_most"] == 2
    await ask("UPDATE lots SET opened_traded_at = %(at)s", at=now)
    assert (await _plan(face, letters=[old, young, sale]))["orders_most"] == 1, "a later lot is left alone"


async def _trade(face: Face, ask: Ask, n: int, **changes: Any) -> str:
    return await _letter(face, ask, n, orjson.dumps(fill(wallet(1), **changes)), reason="FAILED")


async def test_of_roles_what_the_table_holds_is_told_anew(face: Face, ask: Ask) -> None:
    """The old bytes never go out again: the topic keeps the latest message of a wallet. A version of its own does, in
    one transaction with the letter's end."""
    topic = f"{face.settings.topic_prefix}watched_addresses"
    await ask("INSERT INTO watched_addresses (wallet, version) VALUES (%(wallet)s, 4)", wallet=wallet(4))
    await ask(
        "INSERT INTO wallet_roles (wallet, role, since_version) VALUES (%(wallet)s, 'copy_leader', 2)",
        wallet=wallet(4),
    )
    letter = await _letter(face, ask, 7, topic=topic, key=wallet(4))
    plan = await _plan(face)
    assert (plan["letters"], plan["targets"], plan["orders_most"]) == ([letter], {topic: 1}, 0)
    redrive = await face.post(_REDRIVE, {"plan_id": plan["plan_id"]})
    assert redrive.status_code == 202
    (row,) = await ask("SELECT topic, key, value FROM outbox")
    told = WatchedAddress.decode(bytes(row["value"]))
    assert (row["topic"], row["key"], told.version) == ("watched_addresses", wallet(4), 5)
    assert (told.roles, told.since) == ((AddressType.COPY_LEADER,), {AddressType.COPY_LEADER: 2})
    assert await _state(face, letter) == ("redriven", ["redriven"])
    (note,) = await ask("SELECT note, redrive_id FROM dead_letter_state")
    assert note == {
        "note": "its wallet's roles were told anew, as version 5",
        "redrive_id": redrive.json()["redrive_id"],
    }
