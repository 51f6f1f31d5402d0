"""What nobody's deed tells: being late, the evening, people away (UX §3, §4, S15a)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from api.database import OPERATOR
from api.notices import outcomes
from api.notices.rounds import go_round
from api.texts import texts
from schemas.me_views import NoticeKind, NoticeSettings
from schemas.notice_hours import is_quiet, is_silent
from schemas.notice_texts import message
from schemas.notices import NoticeClass, NoticeOutcome
from tests.copy_execution.world import clock
from tests.notices.conftest import Post


def text(notice: object) -> str:
    """A notice of the tables, or of the API, in English."""
    from schemas.notices import NoticeView

    assert isinstance(notice, NoticeView)
    return message(notice.kind, notice.facts, texts("en"), zone=notice.time_zone).text


async def test_three_buys_too_late_within_ten_minutes_are_told_once_and_grow(post: Post) -> None:
    """UX §3 "we were late": one notice for each time we were behind; on, it comes at once."""
    bob, eve = post.person("bob"), post.person("eve")
    post.settings(bob, deliveries={"too_late": "on"})
    start = clock() - timedelta(minutes=9)
    for minute in (0, 3):
        post.copy(bob, "expired", at=start + timedelta(minutes=minute))
        post.copy(eve, "expired", at=start + timedelta(minutes=minute))
    await go_round(post.database)
    assert post.notices("we_were_late") == []
    post.copy(bob, "expired", at=start + timedelta(minutes=6))
    await go_round(post.database)
    await go_round(post.database)
    (kept,) = post.notices("we_were_late")
    assert (kept["user_id"], kept["body"]["buys"], kept["revision"]) == (bob, 3, 1)
    post.copy(bob, "expired", at=start + timedelta(minutes=8))
    await go_round(post.database)
    (kept,) = post.notices("we_were_late")
    assert (kept["body"]["buys"], kept["revision"]) == (4, 2)
    told = [text(each) for each in await post.claim() if each.kind == "we_were_late"]
    assert [each.split(". ", 1)[1] for each in told] == ["4 buys came too late and were not made."]


async def test_the_evening_sums_up_what_was_not_copied_once_a_day(post: Post) -> None:
    """S15a: skipped comes as a digest in the evening, in one's own zone; where nothing was skipped, nothing."""
    bob, eve = post.person("bob", time_zone="Pacific/Auckland"), post.person("eve")
    for name in (bob, eve):
        post.settings(name, summary_at="00:00:00")
    for state in ("skipped", "skipped", "expired", "filled"):
        post.copy(bob, state)
    await go_round(post.database)
    await go_round(post.database)
    (skips,) = post.notices("skips_of_the_day")
    assert skips["user_id"] == bob
    claimed = [each for each in await post.claim() if each.kind == "skips_of_the_day"]
    assert [text(each) for each in claimed] == [
        "📄 ⏭ Alice, today: 3 of 4 not copied: 2 price outside 1–99¢, 1 too late."
    ]
    assert claimed[0].notice_class is NoticeClass.DIGEST
    days = post.world.rows("SELECT user_id FROM notice_evenings ORDER BY user_id")
    assert [row["user_id"] for row in days] == [bob, eve]


async def test_the_day_before_is_summed_up_in_its_zone(post: Post) -> None:
    """UX §3: "Yesterday: 12 copied 24.00 …", only where something happened."""
    bob, eve = post.person("bob"), post.person("eve")
    for name in (bob, eve):
        post.settings(name, summary_at="00:00:00")
    yesterday = datetime.combine(clock().date() - timedelta(days=1), time(12, 0), UTC)
    for state in ("filled", "filled", "skipped", "rejected"):
        post.copy(bob, state, at=yesterday)
    await go_round(post.database)
    (notice,) = [each for each in await post.claim() if each.kind == "daily_summary"]
    assert notice.user_id == bob
    assert text(notice) == (
        "📄 Yesterday: 2 copied 4.00, 1 skipped, 1 failed · result +0.00, fees 0.00 · delay p50 0 s · answered 4 of 4 ✓"
    )


async def test_what_is_kept_for_the_evening_comes_in_one_message(post: Post) -> None:
    """Digest instead of on: nothing by day, all of it in the evening, each still in the history."""
    bob = post.person("bob")
    post.settings(bob, deliveries={"copied": "digest"}, summary_at="23:59:59")
    for _ in range(3):
        post.copied(bob)
    assert await post.claim() == ()
    await go_round(post.database)
    assert await post.claim() == ()
    post.settings(bob, deliveries={"copied": "digest"}, summary_at="00:00:00")
    await go_round(post.database)
    (evening,) = [each for each in await post.claim() if each.kind == "evening"]
    assert text(evening) == "📄 3 copies today: ✅ 3 for 6.00."
    await post.sent(evening, 9)
    assert all(row["sent_at"] for row in post.notices("copy_filled"))


async def test_a_blocked_bot_pauses_live_buys_at_once_and_keeps_the_notices(post: Post) -> None:
    """UX §4: live pauses at once, paper goes on; on return one message says what was meanwhile, nothing is resumed."""
    bob = post.person("bob")
    paper, live = post.following(bob), post.following(bob, "polymarket")
    post.copied(bob)
    (notice,) = await post.claim()
    await post.answer(notice, NoticeOutcome.BLOCKED)
    states = {
        row["allocation_id"]: row["state"]
        for row in post.world.rows("SELECT * FROM copy_trading_allocations")
    }
    assert states == {paper: "active", live: "paused"}
    post.copied(bob, "unfilled")
    post.tell(bob, "buys_stopped", "t", at=clock().isoformat(), note="x")
    assert await post.claim() == ()
    async with post.database.transaction(OPERATOR) as transaction:
        assert await outcomes.came_back(transaction, bob)
        assert not await outcomes.came_back(transaction, bob)
    claimed = {each.kind: each for each in await post.claim()}
    assert set(claimed) == {"buys_stopped", "while_away"}
    assert text(claimed["while_away"]) == (
        "While you were away: 📄 2 copies meanwhile: ✅ 1 for 2.00 · ○ 1.\n"
        "Buying was paused for 1 leader; sells went on. Nothing is resumed by itself."
    )
    states = {
        row["allocation_id"]: row["state"]
        for row in post.world.rows("SELECT * FROM copy_trading_allocations")
    }
    assert states == {paper: "active", live: "paused"}


async def test_paper_pauses_after_seven_days_away(post: Post) -> None:
    """Not before."""
    bob, eve = post.person("bob"), post.person("eve")
    for name, days in ((bob, 8), (eve, 6)):
        post.following(name)
        post.world.run(
            "UPDATE users SET unreachable_at = now() - make_interval(days => %s) WHERE user_id = %s",
            days,
            name,
        )
    await go_round(post.database)
    rows = post.world.rows("SELECT user_id, state FROM copy_trading_allocations ORDER BY user_id")
    assert [(row["user_id"], row["state"]) for row in rows] == [(bob, "paused"), (eve, "active")]


async def test_operators_hear_of_an_order_in_doubt_for_two_minutes(post: Post) -> None:
    """UX §3 "Over 2 min: operators too"; each order once."""
    root = post.person("root")
    post.world.run("INSERT INTO operators (user_id, added_by) VALUES ('root', 'a test')")
    name = post.copy(post.person("bob"), "unknown")
    post.world.run(
        "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
        " limit_price, body, state, cause, worker_epoch, last_posted_at) VALUES ('0x1', %s, 1, 'bob-paper', 'paper',"
        " 'BUY', '1', 'FAK', 0.5, 'x', 'unknown', 'a test', 1, now() - interval '3 minutes')",
        name,
    )
    await go_round(post.database)
    await go_round(post.database)
    (told,) = post.notices("orders_unknown")
    assert (told["user_id"], told["body"]["names"], told["class"]) == (root, name, "safety")


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        # Paris, the night of 29 March 2026: 02:00 becomes 03:00; its ends on the wall stay.
        ("2026-03-28T21:59:59Z", False),
        ("2026-03-28T22:00:00Z", True),
        ("2026-03-29T05:59:59Z", True),
        ("2026-03-29T06:00:00Z", False),
        # And of 25 October: an hour longer.
        ("2026-10-24T20:59:59Z", False),
        ("2026-10-24T21:00:00Z", True),
        ("2026-10-25T06:59:59Z", True),
        ("2026-10-25T07:00:00Z", False),
    ],
)
def test_quiet_hours_are_those_on_the_wall_when_the_clocks_change(moment: str, quiet: bool) -> None:
    """23 to 8 in one's own zone."""
    assert is_quiet(NoticeSettings(), "Europe/Paris", datetime.fromisoformat(moment)) is quiet


def test_safety_always_sounds_and_the_rest_as_set() -> None:
    """Quiet hours and no-sound hold for all but safety; equal ends: no quiet hours."""
    night, day = datetime(2026, 7, 1, 2, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
    mute = NoticeSettings(silent=(NoticeKind.COPIED,))
    assert not is_silent(mute, "UTC", night, NoticeClass.SAFETY, None)
    assert is_silent(mute, "UTC", night, NoticeClass.RESULT, "partly")
    assert is_silent(mute, "UTC", day, NoticeClass.RESULT, "copied")
    assert not is_silent(mute, "UTC", day, NoticeClass.RESULT, "partly")
    assert not is_quiet(
        NoticeSettings(quiet_from=time(5), quiet_to=time(5)), "UTC", datetime(2026, 7, 1, 5, tzinfo=UTC)
    )
