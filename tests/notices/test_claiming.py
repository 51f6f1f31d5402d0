"""What the bot is given, in which order, and what becomes of it (UX §4 "Notices are never lost")."""

from __future__ import annotations

import asyncio

from api.texts import texts
from schemas.me_views import NoticeKind
from schemas.notice_texts import message
from schemas.notices import NoticeClass, NoticeOutcome
from tests.copy_execution.world import clock
from tests.notices.conftest import Post


async def test_a_filled_copy_is_given_with_all_its_text_needs(post: Post) -> None:
    """The text of UX §3, from what the tables hold."""
    bob = post.person("bob")
    name = post.copied(bob, reduced_by="BUDGET")
    (notice,) = await post.claim()
    text = message(notice.kind, notice.facts, texts("en")).text
    assert text == (
        "📄 ✅ Copied Alice: bought 3.84 Yes for 2.00 (52.1¢; Alice unknown), fee 0.04, unknown s later, "
        f"made smaller by your budget for this leader. Will X win? {name}"
    )
    assert (notice.notice_class, notice.telegram_message_id, notice.revision) == (NoticeClass.RESULT, None, 1)


async def test_a_lease_ends_and_the_notice_comes_again(post: Post) -> None:
    """Claimed once, not twice; after the lease again, as whoever had it may have crashed."""
    post.copied(post.person("bob"))
    (first,) = await post.claim()
    assert await post.claim() == ()
    post.expire_leases()
    (again,) = await post.claim()
    assert again.notification_id == first.notification_id
    await post.sent(again, 77)
    post.expire_leases()
    assert await post.claim() == ()
    kept = post.row(first.notification_id)
    assert (kept["telegram_message_id"], kept["shown_revision"], kept["attempts"]) == (77, 1, 2)


async def test_b20_an_answer_after_the_lease_counts_and_nothing_is_shown_a_third_time(post: Post) -> None:
    """B-20: it was in the chat; that another lease began meanwhile does not make it come again."""
    post.copied(post.person("bob"))
    (first,) = await post.claim()
    post.expire_leases()
    (again,) = await post.claim()
    await post.sent(first, 1)
    await post.sent(again, 2)
    post.expire_leases()
    assert await post.claim() == ()


async def test_many_claims_at_once_give_each_notice_once(post: Post) -> None:
    """Ten bots ask at the same time."""
    for number in range(12):
        post.copied(post.person(f"p{number}"))
    claimed = await asyncio.gather(*(post.claim(3) for _ in range(10)))
    ids = [notice.notification_id for several in claimed for notice in several]
    assert len(ids) == len(set(ids)) == 12


async def test_safety_goes_first_then_results_then_digests_and_people_take_turns(post: Post) -> None:
    """One with three results holds up nobody; classes before turns."""
    bob, eve = post.person("bob"), post.person("eve")
    for _ in range(3):
        post.copied(bob)
    post.copied(eve)
    post.world.run(
        "INSERT INTO notifications (user_id, kind, event, body, route)"
        " VALUES ('eve', 'daily_summary', 'd', '{}', 'chat')"
    )
    post.tell(bob, "buys_stopped", "now", note="x", at=clock().isoformat())
    claimed = await post.claim()
    assert [notice.notice_class for notice in claimed] == ["safety", *["result"] * 4, "digest"]
    assert [notice.user_id for notice in claimed[1:5]] == ["bob", "eve", "bob", "bob"]


async def test_from_four_waiting_for_a_chat_they_are_one_and_stay_in_the_history(post: Post) -> None:
    """UX §3: "7 copies just now: ✅ 4 for 8.00 · ◐ 1 · ⏭ 2." """
    bob = post.person("bob")
    post.settings(bob, deliveries={"skipped": "on"})
    for state in ("filled",) * 4 + ("partial",) + ("skipped",) * 2:
        post.copied(bob, state)
    (burst,) = await post.claim()
    assert burst.merges == 7
    assert (
        message(burst.kind, burst.facts, texts("en")).text
        == "📄 7 copies just now: ✅ 4 for 8.00 · ◐ 1 · ⏭ 2."
    )
    await post.sent(burst, 5)
    post.expire_leases()
    assert await post.claim() == ()
    kept = post.world.rows("SELECT * FROM notifications WHERE kind LIKE 'copy%%'")
    assert len(kept) == 7
    assert all(row["sent_at"] and row["merged_into"] == int(burst.notification_id) for row in kept)


async def test_a_burst_that_was_not_sent_takes_in_what_came_meanwhile(post: Post) -> None:
    """Telegram was away: what waits becomes one message, not one for each try."""
    bob = post.person("bob")
    for _ in range(5):
        post.copied(bob)
    (burst,) = await post.claim()
    await post.answer(burst, NoticeOutcome.LATER, retry_after=0)
    for _ in range(4):
        post.copied(bob)
    (again,) = await post.claim()
    assert (again.notification_id, again.merges) == (burst.notification_id, 9)


async def test_while_one_batch_is_on_its_way_to_a_chat_the_next_waits_and_safety_does_not(post: Post) -> None:
    """So that a crowd becomes a burst; the others are not held up by it."""
    bob, eve = post.person("bob"), post.person("eve")
    post.copied(bob)
    await post.claim()
    for _ in range(4):
        post.copied(bob)
    post.copied(eve)
    post.tell(bob, "signed_in", "web-1", session_id="web-1")
    assert {(each.user_id, each.kind) for each in await post.claim()} == {
        ("bob", "signed_in"),
        ("eve", "copy_filled"),
    }


async def test_a_sale_that_could_not_be_done_is_not_hidden_in_a_burst(post: Post) -> None:
    """UX §1.3: never quiet, whatever is set."""
    bob = post.person("bob")
    post.settings(bob, deliveries={"unfilled": "off"})
    for _ in range(4):
        post.copied(bob)
    sale = {"side": "SELL", "shares": "1.92", "amount_usdc": None, "reserve_usdc": None}
    post.copied(bob, "unfilled", **sale)
    assert sorted(notice.kind for notice in await post.claim()) == ["burst", "copy_unfilled"]


async def test_settings_say_where_a_notice_goes(post: Post) -> None:
    """On: the chat; off: the history only; digest: the evening."""
    bob = post.person("bob")
    post.settings(bob, deliveries={"copied": "off", "partly": "digest"})
    for state in ("filled", "partial", "unfilled"):
        post.copied(bob, state)
    assert [notice.kind for notice in await post.claim()] == ["copy_unfilled"]
    routes = {row["kind"]: row["route"] for row in post.world.rows("SELECT kind, route FROM notifications")}
    assert routes == {"copy_filled": "off", "copy_partial": "evening", "copy_unfilled": "chat"}


async def test_later_waits_and_impossible_is_over(post: Post) -> None:
    """`retry_after` is kept; what Telegram never takes is not tried for ever, and stays in the history."""
    post.copied(post.person("bob"))
    (notice,) = await post.claim()
    await post.answer(notice, NoticeOutcome.LATER, retry_after=30, words="flood")
    assert await post.claim() == ()
    kept = post.row(notice.notification_id)
    assert 25 < (kept["due_at"] - clock()).total_seconds() <= 30
    post.world.run("UPDATE notifications SET due_at = clock_timestamp()")
    (notice,) = await post.claim()
    await post.answer(notice, NoticeOutcome.IMPOSSIBLE, words="chat not found")
    post.expire_leases()
    assert await post.claim() == ()
    assert post.row(notice.notification_id)["route"] == "impossible"


async def test_who_has_no_chat_is_told_in_the_history_only(post: Post) -> None:
    """A user without Telegram."""
    post.copied(post.person("bob", telegram=False))
    assert await post.claim() == ()
    assert post.notices("copy_filled")[0]["route"] == "off"


async def test_a_claim_waits_for_the_first_notice(post: Post) -> None:
    """The bot's long poll: an answer as soon as something is there."""
    from api.notices.claiming import claim
    from api.texts import texts_or_english

    bob = post.person("bob")
    waiting = asyncio.create_task(claim(post.database, texts_or_english, "bot", 5, 20.0))
    await asyncio.sleep(0)
    post.copied(bob)
    async with asyncio.timeout(10):
        assert len(await waiting) == 1


async def test_every_kind_of_the_tables_has_its_text_and_its_class(post: Post) -> None:
    """What the tables know can be said; a kind they do not know is a result that cannot be switched off."""
    kinds = post.world.rows("SELECT kind, topic FROM notice_kinds")
    for row in kinds:
        assert not message(row["kind"], {"leaders": [{}]}, texts("en")).text.startswith(
            "Something changed"
        ), row["kind"]
    assert {row["topic"] for row in kinds if row["topic"]} == set(NoticeKind)
    bob = post.person("bob")
    (kept,) = [post.row(post.tell(bob, "of_a_new_kind", "x"))]
    assert (kept["class"], kept["topic"]) == ("result", None)
