"""S14 to S15, A1, A2: money of two kinds, phrases that are typed in time, what people set, operators."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from schemas.enums import Venue
from schemas.me_views import LinkView
from schemas.views import CreditView
from tests.bot import facts, more_panels, smart_facts
from tests.bot.stage import START, Scene, as_json, page, problem

LIVE = "/v1/me/accounts/polymarket"
SETTINGS = "/v1/me/notification-settings"


def armed(**more: Any) -> Any:
    """A live account that may trade."""
    known = {"account_id": "M-0000002", "armed_at": START, "day_cap_usdc": Decimal(50)}
    return facts.account(Venue.POLYMARKET, **known | more)


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """All checks hold; nothing is armed."""
    scene.stub.set("POST", f"{LIVE}/check", lambda _request: as_json(more_panels._checks()))
    scene.stub.set("POST", f"{LIVE}/arm", lambda _request: as_json(armed()))
    return scene


async def test_paper_money_is_asked_for_once_a_day(scene: Scene) -> None:
    """The same day is the same deed."""
    made = CreditView(credit_id="K-1", account_id="M-1", usdc=Decimal(1000), asked_at=START, booked=False)
    scene.stub.set("POST", "/v1/me/accounts/paper/credit", lambda _request: as_json(made, 201))
    await scene.write("/wallet")
    asking = scene.button("+1,000 paper")
    await scene.press(asking)
    await scene.press(asking)
    deeds = scene.stub.deeds("/v1/me/accounts/paper/credit")
    assert {each.headers["idempotency-key"] for each in deeds} == {"U-0000001/credit/261122"}
    scene.stub.set("GET", "/v1/me/accounts", [facts.account(credit_from=START + timedelta(hours=5))])
    scene.later(10)
    await scene.write("/wallet")
    assert "[+1,000 paper]" not in scene.panel().drawn()
    assert "More paper money 17:03:04 UTC" in scene.panel().drawn()


async def test_r26_live_is_armed_by_a_phrase_within_a_minute(ready: Scene) -> None:
    """Checks, cap, phrase: the phrase as it is said, in time, with the cap that was chosen."""
    await ready.write("/wallet")
    await ready.tap("Set up live…")
    assert "Most live money bought per day, copied or by hand" in ready.panel().drawn()
    await ready.tap("50")
    assert "at most 50.00 a day. Type ARM LIVE within 60 s." in ready.panel().drawn()
    await ready.write("arm live")
    assert "That is not ARM LIVE. Nothing was changed." in ready.panel().drawn()
    await ready.tap("50")
    ready.later(61)
    await ready.write("ARM LIVE")
    assert "That came too late. Nothing was changed." in ready.panel().drawn()
    assert ready.stub.deeds(f"{LIVE}/arm") == []
    await ready.tap("Type…")
    await ready.write("0.5")
    assert "Between 1.00 and 1,000,000.00, please." in ready.panel().drawn()
    await ready.write("30")
    await ready.write("ARM LIVE")
    [deed] = ready.stub.deeds(f"{LIVE}/arm")
    assert json.loads(deed.content) == {"phrase": "ARM LIVE", "day_cap_usdc": "30"}
    assert (
        "🔴 Live is armed, at most 50.00 a day. No leader trades live until you say so"
        in ready.panel().drawn()
    )


async def test_what_fails_is_shown_and_no_cap_is_asked_for(ready: Scene) -> None:
    """✗ with mend."""
    from schemas.account_views import LiveCheckName

    failing = more_panels._checks(LiveCheckName.REGION)
    ready.stub.set("POST", f"{LIVE}/check", lambda _request: as_json(failing))
    await ready.write("/wallet")
    await ready.tap("Set up live…")
    assert "✗ Region allowed by Polymarket" in ready.panel().drawn()
    assert "Most live money" not in ready.panel().drawn()


async def test_live_goes_off_with_one_tap_and_a_higher_cap_waits(scene: Scene) -> None:
    """Disarm at once; a cap above counts an hour later and says so."""
    scene.stub.set("GET", "/v1/me/accounts", [facts.account(), armed()])
    later = armed(next_day_cap_usdc=Decimal(100), next_day_cap_from=START + timedelta(hours=1))
    scene.stub.set("POST", f"{LIVE}/day-cap", lambda _request: as_json(later))
    scene.stub.set("POST", f"{LIVE}/disarm", lambda _request: as_json(facts.account(Venue.POLYMARKET)))
    await scene.write("/wallet")
    await scene.tap("Most per day…")
    await scene.tap("100")
    assert "From 13:03:04 UTC at most 100.00 a day." in scene.panel().drawn()
    scene.later(3)
    await scene.tap("Disarm")
    assert "Live is off: no live buys; live sells still run." in scene.panel().drawn()
    assert len(scene.stub.deeds(f"{LIVE}/disarm")) == 1


async def test_r25_no_way_in_without_a_way_out(scene: Scene) -> None:
    """The deposit address is the API's to give; where it does not, it is said why."""
    refused = problem(409, "conflict", "Money could not be taken out again now.")
    scene.stub.set("GET", f"{LIVE}/deposit", lambda _request: refused)
    await scene.write("/wallet")
    await scene.tap("Add money")
    assert "there must be a way out first.\nMoney could not be taken out again now." in scene.panel().drawn()
    assert "0x" not in scene.panel().drawn()


async def test_r25_a_withdrawal_is_said_twice_to_an_address_of_yesterday(scene: Scene) -> None:
    """Another amount the second time sends nothing; the deed is named by what was asked."""
    scene.stub.set("GET", "/v1/me/accounts", [facts.account(), armed()])
    addresses = [more_panels._address(1, -1, "Bank"), more_panels._address(2, 20)]
    scene.stub.set("GET", "/v1/me/withdrawal-addresses", addresses)
    scene.stub.set("GET", f"{LIVE}/withdrawals", page([]))
    from schemas.account_views import WithdrawalState

    made = more_panels._withdrawal(WithdrawalState.ASKED)
    scene.stub.set("POST", f"{LIVE}/withdrawals", lambda _request: as_json(made, 201))
    await scene.write("/wallet")
    await scene.tap("Withdraw…")
    assert "[To 0x2aaa" not in scene.panel().drawn()
    await scene.tap("To Bank")
    await scene.write("25")
    assert "Type the amount once more." in scene.panel().drawn()
    await scene.write("52")
    assert "That was not the same amount. Nothing was sent." in scene.panel().drawn()
    await scene.tap("To Bank")
    await scene.write("25")
    await scene.write("25.00")
    [deed] = scene.stub.deeds(f"{LIVE}/withdrawals")
    assert json.loads(deed.content) == {"address_id": "W-0000001", "usdc": "25", "usdc_again": "25"}


async def test_r26_a_leader_goes_live_by_a_phrase(scene: Scene) -> None:
    """S14c: the sentence, the phrase, then the new following."""
    scene.stub.set("GET", "/v1/me/accounts", [facts.account(), armed()])
    scene.stub.set("GET", f"/v1/allocations/{facts.ALLOCATION}", facts.following())
    gone = facts.following(allocation_id="A-0000009", venue=Venue.POLYMARKET)
    scene.stub.set("POST", f"/v1/allocations/{facts.ALLOCATION}/go-live", lambda _request: as_json(gone, 201))
    scene.stub.set("GET", "/v1/allocations/A-0000009", gone)
    from bot.callbacks import Tap

    await scene.write("/menu")
    await scene.bot.panels.show(
        7_001, Tap("menu"), _one("Live", Tap("live", facts.ALLOCATION)), _words(), scene.now, on=None
    )
    await scene.tap("Live")
    assert "A new live copy of Alice starts now; the paper one is paused" in scene.panel().drawn()
    await scene.write("LIVE")
    [deed] = scene.stub.deeds(f"/v1/allocations/{facts.ALLOCATION}/go-live")
    assert json.loads(deed.content) == {"phrase": "LIVE"}


def _one(label: str, tap: Any) -> Any:
    from bot.screens.screen import Button, Screen
    from bot.words import Html

    return Screen(Html("x"), ((Button(label, tap),),))


def _words() -> Any:
    from bot.words import Words

    return Words()


async def test_language_zone_and_amounts_count_from_the_next_screen_on(scene: Scene) -> None:
    """Each is one PATCH; what does not fit is asked for again."""
    changed: dict[str, Any] = {}

    def patch(request: httpx.Request) -> httpx.Response:
        changed.update(json.loads(request.content))
        return as_json(facts.USER.model_copy(update={"language": changed.get("language", "en")}))

    scene.stub.set("PATCH", "/v1/me", patch)
    await scene.write("/settings")
    await scene.tap("Quick amounts")
    await scene.write("5 25 0.2")
    assert "Between 1.00 and 1,000.00, please." in scene.panel().drawn()
    await scene.write("5, 25 100")
    assert changed["quick_amounts"] == ["5", "25", "100"]
    scene.later(3)
    await scene.tap("Time zone")
    await scene.write("Atlantis")
    assert "I do not know that zone" in scene.panel().drawn()
    await scene.write("Europe/Lisbon")
    assert changed["time_zone"] == "Europe/Lisbon"
    scene.later(3)
    await scene.tap("Language")
    await scene.tap("Français")
    assert changed["language"] == "fr"
    assert "français" in scene.panel().drawn().lower()


async def test_notices_are_switched_one_by_one_with_the_version_that_was_read(scene: Scene) -> None:
    """A change elsewhere meanwhile is not overwritten."""
    scene.stub.set("GET", SETTINGS, smart_facts.notice_settings())
    scene.stub.set("PUT", SETTINGS, smart_facts.notice_settings())
    await scene.write("/settings")
    await scene.tap("Notifications")
    assert "Copied: On" in scene.panel().drawn()
    assert "quiet 23:00–08:00, without sound\nSafety notices stay on." in scene.panel().drawn()
    await scene.tap("Copied")
    await scene.tap("Off")
    await scene.tap("🔕 No sound")
    scene.later(5)
    await scene.write("/settings")
    await scene.tap("Notifications")
    await scene.tap("Quiet hours…")
    await scene.write("late")
    assert "Two times of day, please" in scene.panel().drawn()
    await scene.write("22-7:30")
    bodies = [json.loads(each.content) for each in scene.stub.deeds(SETTINGS)]
    assert [each["deliveries"]["copied"] for each in bodies] == ["off", "on", "on"]
    assert (bodies[1]["silent"], bodies[2]["quiet_from"], bodies[2]["quiet_to"]) == (
        ["copied"],
        "22:00:00",
        "07:30:00",
    )
    assert {each.headers["if-match"] for each in scene.stub.deeds(SETTINGS)} == {'"3"'}
    scene.stub.set("PUT", SETTINGS, lambda _request: problem(412, "version-changed", "changed"))
    scene.later(5)
    await scene.tap("Time of digest…")
    await scene.write("19:30")
    assert "Nothing of yours was saved." in scene.panel().drawn()


async def test_the_link_to_the_web_page_is_new_each_time(scene: Scene) -> None:
    """Good once: a button for it, and one for another."""
    link = LinkView(link="https://polycool.example/me#l-1", expires_at=START)
    scene.stub.set("POST", "/v1/auth/link", lambda _request: as_json(link, 201))
    await scene.write("/settings")
    await scene.tap("Web and API ↗")
    assert scene.panel().button("Open ↗").url == link.link
    scene.later(3)
    await scene.tap("New link")
    assert len({each.headers["idempotency-key"] for each in scene.stub.deeds("/v1/auth/link")}) == 2


async def test_whoever_is_deleted_is_told_or_why_not(scene: Scene) -> None:
    """Asked once more; refused in the API's words while money or positions remain."""
    refused = problem(409, "conflict", "You hold 3 positions.")
    scene.stub.set("DELETE", "/v1/me", lambda _request: refused)
    await scene.write("/settings")
    await scene.tap("Delete me…")
    assert "It is refused while live money or positions remain." in scene.panel().drawn()
    await scene.tap("Delete me now")
    assert "You hold 3 positions." in scene.panel().drawn()
    scene.stub.set("DELETE", "/v1/me", lambda _request: httpx.Response(204))
    scene.later(3)
    await scene.write("/settings")
    await scene.tap("Delete me…")
    await scene.tap("Delete me now")
    assert "You are forgotten. /start begins anew." in scene.panel().drawn()


async def test_operators_stop_with_a_reason_and_others_may_not_even_look(scene: Scene) -> None:
    """A2: at once, with what users will read; the role is the API's to check."""
    scene.stub.set("GET", "/v1/ops/pipeline", lambda _request: problem(403, "not-allowed", "operators only"))
    await scene.write("/admin")
    assert scene.panel().drawn().startswith("You may not do that.")
    scene.stub.set("GET", "/v1/ops/pipeline", more_panels._pipeline())
    switched: list[Any] = []

    def switch(request: httpx.Request) -> httpx.Response:
        switched.append(json.loads(request.content))
        made: dict[str, Any] = {"name": "buys", "who": "U-1", "note": "x", "changed_at": None, "history": []}
        return httpx.Response(200, json=made | {"stopped": True})

    scene.stub.set("PUT", "/v1/ops/switches/buys", switch)
    await scene.write("/admin")
    assert "✅ 2,310 ◐ 91 ○ 40 ⏭ 1,801 ⌛ 3 ⛔ 2 ❓ 1 (8 s)" in scene.panel().drawn()
    await scene.tap("⏹ Stop all buys")
    assert "Reason? Users will read it." in scene.panel().drawn()
    await scene.write("x")
    assert "at least 3 characters" in scene.panel().drawn()
    await scene.write("prices are wrong")
    assert switched == [{"stopped": True, "reason": "prices are wrong"}]
    assert "Buying is stopped for everybody: “prices are wrong”." in scene.panel().drawn()
    assert "Allow" not in scene.panel().drawn()
