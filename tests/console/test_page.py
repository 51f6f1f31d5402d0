"""The console in a real browser on a running API: who gets in, what is shown, and when it knows nothing any more."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from api.routes.console import Part
from ops.stack.local import Stack
from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, LEADER, TOKEN, Ask, Face, api_settings, serving
from tests.api.test_standing import keep
from tests.console.looking import (
    NUMBERS,
    PRESSED,
    Scheme,
    console_of,
    found_by_axe,
    not_reached,
    number,
    sign_in,
    with_lags,
)
from tests.copy_execution.world import World, received
from tests.waiting import eventually

LETTER = (
    'INSERT INTO dead_letters (letter_partition, letter_offset, topic, partition, "offset", reason, detail, stage,'
    " size, sha256, body, first_seen_at, last_seen_at, appended_at) VALUES (0, 1, 'trades', 2, 77, 'UNREADABLE',"
    " '<img src=x onerror=alert(1)>', 'classify', 27, 'x', '<script>alert(1)</script>', now(), now(), now())"
)
RUN = (
    "INSERT INTO shadow.runs (run, kind, plan, manifest, total, done) VALUES ('a-run', 'replay', 'P-1',"
    """ '{"code": "0.1.0+abc", "topic": "trades", "offsets": {"0": [3, 9]}, "choice": {}}', 6, 4)"""
)
DIFFERENCE = (
    "INSERT INTO shadow.decisions VALUES ('a-run', 0, 3, 'C-1', 'A-1', '0xa', 'PLANNED', 'PRICE_BAND', '{}', '{}',"
    " '[]', '{reason}', now())"
)


pytestmark = pytest.mark.asyncio(loop_scope="module")


def base_of(face: Face) -> str:
    return str(face.http.base_url).rstrip("/")


async def test_the_page_holds_nothing_and_lets_nothing_foreign_in(face: Face) -> None:
    """The same page for everybody, in their language, under a policy that allows our own files alone; no script stands
    in its text, no file is spared."""
    async with httpx.AsyncClient(base_url=face.http.base_url, timeout=30) as stranger:
        page = await stranger.get("/console", headers={"Accept-Language": "fr"})
        parts = [await stranger.get(f"/console/{part}") for part in Part]
        assert (await stranger.get("/console/me.html")).status_code == 422
    assert "Arrêter les achats" in page.text
    assert "$" not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src="/console/') == 1
    assert " style=" not in page.text
    for each in (page, *parts):
        assert each.status_code == 200
        policy = each.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        # No outside address, and nothing that makes markup out of what others wrote.
        assert "http://" not in each.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in each.text
        assert not any(word in each.text for word in ("innerHTML", "eval(", "localStorage", "sessionStorage"))


async def test_only_operators_get_in_and_the_token_stays_in_the_page(face: Face, browser: Browser) -> None:
    """A wrong token is told; the right one is kept in no storage, cookie or address, and a reload forgets it."""
    async with console_of(browser, base_of(face)) as page:
        await page.get_by_label("Your name").fill("ada")
        await page.get_by_label("Operators' token").fill("a-token-of-somebody-else")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert").first).to_have_text("That did not let you in.")
        await sign_in(page, TOKEN)
        kept = await page.evaluate(
            "() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])"
        )
        assert TOKEN not in kept
        assert await page.context.cookies() == []
        await page.reload()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(page.locator("#panels")).to_be_hidden()


async def test_an_operator_by_the_bots_link_looks_and_stops_but_does_not_allow(
    face: Face, browser: Browser, ask: Ask
) -> None:
    """The link's secret leaves the address; buying is stopped with a reason, allowing asks for the operators' token
    (UX A2). Somebody who is no operator gets no further than the sign-in."""
    ada, bob = await face.new_user("Ada"), await face.new_user("Bob")
    await ask("INSERT INTO operators VALUES (%(user)s, now(), 'test')", user=ada)
    links = [(await face.post("/v1/auth/link", user=user)).json()["link"] for user in (ada, bob)]
    async with console_of(browser, base_of(face)) as page:
        await page.goto(f"{base_of(face)}/console#link={links[0].partition('#link=')[2]}")
        await page.reload()
        await page.locator("#numbers li").first.wait_for()
        assert "link" not in page.url
        await page.get_by_role("button", name="Stop buys").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("an incident")
        await dialog.get_by_role("button", name="Stop buys").click()
        await expect(page.locator("#switch-note")).to_have_text("Buys are stopped: “an incident”")
        await page.get_by_role("button", name="Allow buys…").click()
        await expect(page.locator("#said")).to_contain_text("This needs the operators' token")
    stopped = (await face.get("/v1/ops/switches/buys")).json()
    assert (stopped["stopped"], stopped["who"]) == (True, ada)
    async with console_of(browser, base_of(face)) as page:
        await page.goto(f"{base_of(face)}/console#link={links[1].partition('#link=')[2]}")
        await page.reload()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_allowing_is_typed_and_bears_the_operators_name(face: Face, browser: Browser) -> None:
    """Without the word ALLOW nothing is sent; with it the switch's history has name and reason."""
    await face.http.put("/v1/ops/switches/buys", json={"stopped": True, "reason": "before"})
    async with console_of(browser, base_of(face)) as page:
        await sign_in(page, TOKEN, "ada")
        await page.get_by_role("button", name="Allow buys…").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("it is over")
        await dialog.get_by_label("Type ALLOW").fill("allow")
        await dialog.get_by_role("button", name="Allow buys…").click()
        assert (await face.get("/v1/ops/switches/buys")).json()["stopped"] is True
        await dialog.get_by_label("Type ALLOW").fill("ALLOW")
        await dialog.get_by_role("button", name="Allow buys…").click()
        await expect(page.locator("#switch-note")).to_have_text("Buys are allowed")
    allowed = (await face.get("/v1/ops/switches/buys")).json()
    assert (allowed["stopped"], allowed["who"], allowed["note"]) == (False, "ada", "it is over")


async def test_what_is_foreign_is_text_and_a_list_is_copied_as_json(
    face: Face, browser: Browser, ask: Ask
) -> None:
    """A dead letter whose bytes are markup is shown as its letters; [Copy as JSON] gives the list of the API."""
    await ask(LETTER)
    await ask(
        "INSERT INTO notifications (user_id, kind, event, body, route, fault) VALUES ('U-1', 'x', 'e', '{}', 'off', '')"
    )
    await ask("UPDATE notifications SET route = 'impossible', fault = '<b>chat not found</b>'")
    async with console_of(browser, base_of(face)) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await sign_in(page, TOKEN)
        letters = page.locator("#letters")
        await expect(letters.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
        await letters.get_by_text("27 bytes").click()
        await expect(letters.locator("pre").first).to_have_text("<script>alert(1)</script>")
        assert await page.locator("#letters img, #letters script").count() == 0
        await letters.get_by_role("button", name="Copy as JSON").click()
        await expect(letters.get_by_role("button", name="Copied")).to_be_visible()
        copied = json.loads(await page.evaluate("() => navigator.clipboard.readText()"))
        assert await number(page, "Notices waiting") == "0"
        assert await number(page, "Notices failed, last day") == "1"
        await page.get_by_role("button", name="Notices failed").click()
        await expect(page.locator("#opened-body")).to_contain_text("<b>chat not found</b>")
    assert copied == (await face.get("/v1/ops/dead-letters")).json()["items"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 400), ("dark", 1280)])
async def test_small_and_large_light_and_dark_nobody_is_kept_out(
    face: Face, browser: Browser, ask: Ask, scheme: Scheme, width: int
) -> None:
    """At 400 px nothing is wider than the window; axe finds nothing serious, signed in, in a dialog, and greyed; all
    that can be pressed is reached with the keyboard, and a dialog gives the focus back."""
    user = await face.new_user("Alice")
    await face.follow(user, LEADER)
    for row in (LETTER, RUN, DIFFERENCE):
        await ask(row)
    async with console_of(browser, base_of(face), width=width, scheme=scheme) as page:
        assert await found_by_axe(page) == []
        await with_lags(page)
        await sign_in(page, TOKEN)
        for panel in ("followers", "letters", "replays"):
            await page.locator(f"#{panel} table").wait_for()
        await expect(page.locator("#lags .cell")).to_have_count(5)
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert await found_by_axe(page) == []
        opener = page.locator("#numbers li", has=page.get_by_text("Venue", exact=True)).get_by_role("button")
        await opener.focus()
        await page.keyboard.press("Enter")
        await page.locator("#opened table").wait_for()
        assert await found_by_axe(page) == []
        await page.keyboard.press("Escape")
        await expect(opener).to_be_focused()
        # Three lists in one dialog.
        await page.locator("#followers").get_by_role("button", name="0", exact=True).nth(0).press("Enter")
        await expect(page.locator("#opened h3")).to_have_count(3)
        await expect(page.locator("#opened").get_by_role("button", name="Copy as JSON")).to_have_count(3)
        assert await found_by_axe(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= width
        await page.keyboard.press("Escape")
        await _halted_by_keyboard(page)
        assert await not_reached(page) == []
        await page.evaluate("() => { document.body.dataset.stale = ''; }")
        assert await found_by_axe(page) == []


async def _halted_by_keyboard(page: Page) -> None:
    """[Halt] with a reason without a pointer; axe looks at the dialog; the focus is somewhere afterwards."""
    run = page.locator("#replays tbody tr")
    await run.get_by_role("button", name="Halt").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#asked")).to_be_visible()
    assert await found_by_axe(page) == []
    await page.keyboard.type("the wrong window")
    await page.keyboard.press("Enter")
    await expect(run).to_contain_text("aborted (ada: the wrong window)")
    await expect(page.locator("#main")).to_be_focused()
    await run.get_by_role("button", name="Open diff").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#opened-body")).to_contain_text("PRICE_BAND")
    assert await found_by_axe(page) == []
    await page.keyboard.press("Escape")


async def test_each_number_opens_its_list(
    face: Face, browser: Browser, ask: Ask, world: World, deciding: CopyExecution
) -> None:
    """No number of strip or panels stands there alone; whatever is pressed opens a list that can be copied."""
    await _a_little_of_everything(ask, world, deciding)
    async with console_of(browser, base_of(face)) as page:
        await with_lags(page)
        await sign_in(page, TOKEN)
        for panel in ("followers", "leaders", "skips", "reasons", "redrives"):
            await page.locator(f"#{panel} table").wait_for()
        await expect(page.locator("#lags .cell")).to_have_count(5)
        assert await page.locator("#numbers strong").count() == 0
        numbers = await page.evaluate(NUMBERS)
        assert {panel for panel, _, _ in numbers} == {"followers", "leaders", "skips", "reasons", "redrives"}
        assert [each for each in numbers if not each[2]] == []
        assert await page.evaluate(PRESSED) == []
        twice = page.locator("#numbers li", has=page.get_by_text("Bought twice", exact=True)).get_by_role(
            "button"
        )
        await twice.click()
        await page.locator("#opened-body").get_by_role("button", name="Audits of accounts").click()
        await expect(page.locator("#h-opened")).to_have_text("Audits of accounts")


async def _a_little_of_everything(ask: Ask, world: World, deciding: CopyExecution) -> None:
    """A following with a lot and a skipped BUY whose worth is known, a gap, a letter that was redriven."""
    world.market()
    world.leader(LEADER)
    following = world.follow(world.account(ALICE), LEADER, max_price="0.3")
    world.lot(following)
    message = keep(world, world.message(LEADER))
    await deciding.handle(received([message]))
    await ask(
        "INSERT INTO token_prices VALUES ('paper', %(token)s, 0.6, 0.61, 9, 9, now())", token=message.token_id
    )
    await ask(
        "INSERT INTO leader_positions (wallet, token_id, shares, gap, number) VALUES (%(leader)s, '7', 0, 4, 1)",
        leader=LEADER,
    )
    await ask(LETTER)
    await ask("INSERT INTO dead_letter_plans VALUES ('P-0000001', '{}', '{}', 0, 'x')")
    await ask(
        "INSERT INTO dead_letter_redrives (redrive_id, plan_id, pace, letters, asked_by, state, ended_at)"
        " SELECT 'R-0000001', 'P-0000001', 'one', array_agg(letter_id), 'x', 'done', now() FROM dead_letters"
    )


async def test_it_greys_when_the_stream_stops_and_comes_back(
    stack: Stack, browser: Browser, database_url: str, topic_prefix: str
) -> None:
    """Six seconds without an event and it says so, not sooner; the API back, it goes on by itself. The page's own clock
    is moved, so that nobody waits."""
    settings = api_settings(database_url, stack.kafka, topic_prefix)
    async with AsyncExitStack() as rest:
        async with serving(settings) as running:
            page = await rest.enter_async_context(console_of(browser, base_of(running), own_clock=True))
            await sign_in(page, TOKEN)
            await expect(page.locator("#news")).not_to_be_empty()
            # In seconds, and far enough ahead that this moment is still to come when the page is told of it.
            await page.clock.pause_at(await page.evaluate("() => Date.now() / 1000 + 60"))
            # The jump is a silence of a minute: an event is told at the standing clock.
            await expect(page.locator("body")).not_to_have_attribute("data-stale", "")
        # The API has ended.
        await page.clock.run_for(5_000)
        assert await page.evaluate("() => 'stale' in document.body.dataset") is False
        await page.clock.run_for(1_500)
        await expect(page.locator("#news")).to_have_text("No news for 6 s")
        await expect(page.locator("#panels")).to_have_css("filter", "grayscale(1)")
        await page.clock.resume()
        async with serving(settings):
            await expect(page.locator("body")).not_to_have_attribute("data-stale", "", timeout=60_000)
            assert await eventually(lambda: number(page, "Unknown orders")) == "0"
