"""S12, S12a, S13: the feed, one signal, and an order by hand with a price that holds for 30 s."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from schemas.enums import CopyState, Reason, Venue
from tests.bot import smart_facts as facts
from tests.bot.facts import account
from tests.bot.stage import START, Scene, as_json, page, problem

SETTINGS = "/v1/me/notification-settings"


@pytest.fixture
def smart(scene: Scene) -> Scene:
    """Seven signals; quotes and orders are answered."""
    signals = [facts.signal(number) for number in range(1, 8)]

    def listed(request: httpx.Request) -> httpx.Response:
        limit = int(request.url.params["limit"])
        return as_json_page(signals[:limit])

    scene.stub.set("GET", "/v1/signals", listed)
    scene.stub.set("GET", "/v1/signals/S-0000001", facts.signal())
    scene.stub.set("GET", SETTINGS, facts.notice_settings())
    scene.stub.set("GET", f"/v1/markets/{facts.TOKEN}", facts.market())
    scene.stub.set("POST", "/v1/quotes", lambda _request: as_json(facts.quote(), 201))
    scene.stub.set("POST", "/v1/orders", lambda _request: as_json(facts.order(), 201))
    return scene


def as_json_page(items: list[Any]) -> httpx.Response:
    """A list's answer."""
    return httpx.Response(200, json=page(items))


def query(scene: Scene) -> httpx.QueryParams:
    """What the list of signals was last asked with."""
    return next(each for each in reversed(scene.stub.asked) if each.url.path == "/v1/signals").url.params


async def test_the_feed_says_what_they_paid_and_what_it_costs_now(smart: Scene) -> None:
    """S12."""
    await smart.write("/smart")
    shown = smart.panel().drawn()
    assert shown.startswith(
        "Buys of at least 300.00 by wallets on our list. Nothing is bought by itself.\n1 Yes · Will X"
    )
    assert "0x9c1f…44e0 ★ first entry · 2,300.00 at 41¢, now 44¢ (+3¢) · 12:01:04 UTC" in shown
    assert shown.count("Will X win?") == 5
    await smart.tap("▸")
    assert "6 Yes" in smart.panel().drawn()
    assert "[◂]" in smart.panel().drawn()
    assert "[▸]" not in smart.panel().drawn()


async def test_filters_stand_in_the_buttons_and_are_kept_on_the_way_back(smart: Scene) -> None:
    """Each narrows what is asked for; Back keeps page and filters."""
    await smart.write("/smart_trading")
    await smart.tap("First entries")
    await smart.tap("≥ 300 ▾")
    await smart.tap("≥ 1,000")
    await smart.tap("Age ▾")
    await smart.tap("60 min")
    await smart.tap("Kind ▾")
    await smart.tap("Sports")
    await smart.tap("Moved ≤ 3¢")
    asked = query(smart)
    assert (asked["min_usdc"], asked["first_entry"], asked["max_age"], asked["category"], asked["max_move"]) == (
        "1000", "true", "3600", "sports", "0.03",
    )  # fmt: skip
    await smart.tap("1 Yes")
    assert "Win rate" in smart.panel().drawn()
    await smart.tap("‹ Back")
    assert query(smart)["category"] == "sports"
    assert "[✓ First entries]" in smart.panel().drawn()


async def test_alerts_are_switched_for_signals_alone(smart: Scene) -> None:
    """Written with the version that was read."""
    await smart.write("/smart")
    smart.stub.set("PUT", SETTINGS, facts.notice_settings())
    await smart.tap("🔔 Alerts")
    [asked] = smart.stub.deeds(SETTINGS)
    assert asked.headers["if-match"] == '"3"'
    body = json.loads(asked.content)
    assert body["deliveries"]["signals"] == "on"
    assert body["deliveries"]["skipped"] == "digest"
    assert "From now on I tell you of such buys" in smart.panel().drawn()


async def test_one_signal_says_how_sure_it_is(smart: Scene) -> None:
    """S12a: the lower bound beside the rate, the score net of fees, what selling back would bring (R2)."""
    await smart.write("/smart")
    await smart.tap("1 Yes")
    shown = smart.panel().drawn()
    for said in (
        "Win rate 61 % of 204 (at least 54 %, 95 % sure) · result +812.40 · seen since 3 Sep",
        "Here: first entry, 4,100.00 in all",
        "Its last 12 signals after 24 h: +1.2¢ a share, net of fees −0.3¢",
        "2 other smart wallets bought this outcome within 24 h",
        "Ends in 3 d 2 h · spread 2¢",
        "5.00 sold back at once: about 4.77.",
        "[Buy 5.00] [Buy 25.00] [Other amount…]",
    ):
        assert said in shown
    assert "No longer fresh" not in shown
    assert "🔴" not in shown


async def test_old_and_unsure_signals_say_so(smart: Scene) -> None:
    """Unknown is said, with why."""
    old = facts.signal(price=None, moved=None, wallet_score=None, wallet_win_rate=None, consensus=0)
    smart.stub.set("GET", "/v1/signals/S-0000001", old)
    smart.later(780)
    await smart.write("/smart")
    await smart.tap("1 Yes")
    shown = smart.panel().drawn()
    for said in (
        "No longer fresh: 15 min old.",
        "too few to say",
        "price unknown",
        "Win rate unknown",
        "No other smart",
    ):
        assert said in shown


async def test_a_purchase_is_shown_before_it_is_made(smart: Scene) -> None:
    """S13, exact; the order is the quote's, once."""
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Buy 5.00")
    assert (
        smart.panel()
        .drawn()
        .startswith(
            "📄 PAPER. Buy Yes · Will X win? for 5.00 USDC now. They paid 41¢, best offer 44¢, 310.00 offered up to "
            "45¢. Your limit 45¢, fee at most 0.20, at least 11.11 shares if filled. What is not filled at once is not "
            "bought.\nSold back at once: about 4.77.\n[Buy for 5.00]"
        )
    )
    buying = smart.button("Buy for 5.00")
    await smart.press(buying)
    await smart.press(buying)
    keys = {each.headers["idempotency-key"] for each in smart.stub.deeds("/v1/orders")}
    assert keys == {"U-0000001/order/Q-7F3K9QX"}
    assert "✅ Bought 11.36 Yes for 5.00 (44¢), fee 0.14. Will X win?" in smart.panel().drawn()


async def test_b40_an_amount_is_typed_and_no_button_holds_a_token(smart: Scene) -> None:
    """B-40: custom amounts broke on 78-digit token ids in 64 bytes of a button."""
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Other amount…")
    assert "For how many USDC?" in smart.panel().drawn()
    await smart.write("0.5")
    assert "Between 1.00 and 1,000.00, please." in smart.panel().drawn()
    await smart.write("12,50")
    asked = json.loads(smart.stub.deeds("/v1/quotes")[-1].content)
    assert asked == {"venue": "paper", "side": "BUY", "token_id": facts.TOKEN, "amount_usdc": "12.50"}
    assert all(
        len(str(each.callback_data).encode()) <= 64 and facts.TOKEN not in str(each.callback_data)
        for row in smart.panel().keyboard
        for each in row
        if each.callback_data is not None
    )


async def test_an_old_buy_button_buys_nothing_and_asks_for_a_new_price(smart: Scene) -> None:
    """After 30 s."""
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Buy 25.00")
    smart.later(31)
    await smart.tap("Buy for 5.00")
    assert smart.stub.deeds("/v1/orders") == []
    assert smart.chat.answers[-1] == "That page was old; here it is as of now."
    assert "Buy Yes · Will X win?" in smart.panel().drawn()
    assert json.loads(smart.stub.deeds("/v1/quotes")[-1].content)["amount_usdc"] == "5"
    assert len(smart.stub.deeds("/v1/quotes")) == 2


async def test_a_price_that_moved_is_said(smart: Scene) -> None:
    """“The price went from … to … while you looked.”"""
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Buy 5.00")
    unfilled = facts.order(
        state=CopyState.UNFILLED, filled_shares=Decimal(0), usdc=Decimal(0), cause="no offer"
    )
    smart.stub.set("POST", "/v1/orders", lambda _request: as_json(unfilled, 201))
    now = facts.quote(quote_id="Q-0000002", best_price=Decimal("0.47"), limit=Decimal("0.48"))
    smart.stub.set("POST", "/v1/quotes", lambda _request: as_json(now, 201))
    await smart.tap("Buy for 5.00")
    assert (
        smart.panel()
        .drawn()
        .startswith(
            "📄 PAPER. The price went from 44¢ to 47¢ while you looked. Nothing was bought.\n[New price]"
        )
    )
    smart.later(2)
    await smart.tap("New price")
    assert "best offer 47¢" in smart.panel().drawn()


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"state": CopyState.SKIPPED, "cause": "as our log has it", "sentence": "5.26 is needed and 2.00 is free"},
         "⏭ Nothing was bought: 5.26 is needed and 2.00 is free."),
        ({"state": CopyState.REJECTED, "reject_reason": "NOT_ENOUGH", "order_hash": "0x12"},
         "⛔ The exchange refused the order: it"),
        ({"state": CopyState.REJECTED, "reject_reason": "OTHER", "order_hash": "0x12", "words": "<b>no",
          "cause": "refused by the exchange"}, "refused the order: “<b>no”."),
        ({"state": CopyState.REJECTED, "reject_reason": "OTHER", "cause": "our own signer refused: LIMIT"},
         "⏭ Nothing was bought: it did not fit our own rules; the operators are told."),
        ({"state": CopyState.UNKNOWN}, "❓ The exchange gave no clear answer."),
        ({"state": CopyState.SUBMITTING}, "… The order is on its way"),
        ({"state": CopyState.PARTIAL, "filled_shares": Decimal(2), "usdc": Decimal("0.88")},
         "◐ Bought 2.00 Yes for 0.88 of"),
    ],
)  # fmt: skip
async def test_whatever_became_of_it_has_its_sentence(smart: Scene, order: dict[str, Any], said: str) -> None:
    """Never a bare state."""
    smart.stub.set("POST", "/v1/orders", lambda _request: as_json(facts.order(**order), 201))
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Buy 5.00")
    await smart.tap("Buy for 5.00")
    assert said in smart.panel().drawn()
    assert smart.panel().drawn().startswith("📄 PAPER. ")


async def test_no_price_and_stopped_buying_are_said(smart: Scene) -> None:
    """Refusals of the quote and of the order."""
    empty = facts.quote(
        best_price=None, limit=None, depth_usdc=None, fee_usdc=None, least_shares=None, expires_at=None,
        refusal=Reason.THIN_MARKET,
    )  # fmt: skip
    smart.stub.set("POST", "/v1/quotes", lambda _request: as_json(empty, 201))
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("Buy 5.00")
    assert (
        smart.panel()
        .drawn()
        .startswith("📄 PAPER. Nothing is offered now at a price that may be paid.\n[New price]")
    )
    smart.stub.set("POST", "/v1/quotes", lambda _request: as_json(facts.quote(), 201))
    stopped = problem(409, "buys-stopped", "The operators have stopped all buying since 12:00: “incident”.")
    smart.stub.set("POST", "/v1/orders", lambda _request: stopped)
    await smart.tap("New price")
    await smart.tap("Buy for 5.00")
    assert "stopped all buying" in smart.panel().drawn()


async def test_live_money_is_offered_only_when_it_is_armed(smart: Scene) -> None:
    """Its buttons and its quote name it."""
    armed = account(Venue.POLYMARKET, account_id="M-0000002", armed_at=START, day_cap_usdc=Decimal(50))
    smart.stub.set("GET", "/v1/me/accounts", [account(), armed])
    live = facts.quote(venue=Venue.POLYMARKET)
    smart.stub.set("POST", "/v1/quotes", lambda _request: as_json(live, 201))
    await smart.write("/smart")
    await smart.tap("1 Yes")
    await smart.tap("🔴 Buy 5.00")
    assert smart.panel().drawn().startswith("🔴 LIVE. Buy Yes")
    assert json.loads(smart.stub.deeds("/v1/quotes")[-1].content)["venue"] == "polymarket"
