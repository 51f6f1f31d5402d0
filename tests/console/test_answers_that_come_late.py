"""What an answer does that comes after its reader has closed the dialog or gone on; and one that never does."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, Route, expect

from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, LEADER, TOKEN, Ask, Face
from tests.api.test_standing import keep
from tests.console.looking import console_of, sign_in
from tests.console.test_page import LETTER, base_of
from tests.copy_execution.world import World, received

# One letter's, and neither the reasons nor the redrives, which the page looks at by itself.
LETTER_ADDRESS = re.compile(r"/v1/ops/dead-letters/\d+$")
WHY_ADDRESS = re.compile(r"/why$")

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Held:
    """Answers of one address that are kept from the page until they are let go."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked = asyncio.Event()
        self._free = asyncio.Event()

    async def hold(self, address: re.Pattern[str]) -> None:
        """From now on."""
        await self._page.route(address, self._keep)

    async def let_go(self, address: re.Pattern[str]) -> None:
        """The page has read them when this returns."""
        async with self._page.expect_response(address) as answer:
            self._free.set()
        await (await answer.value).finished()
        # Two frames: whatever the page does with an answer is done in the first.
        await self._page.evaluate(
            "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
        )

    async def _keep(self, route: Route) -> None:
        self.asked.set()
        await self._free.wait()
        await route.continue_()


async def test_a_letter_that_is_looked_at_again_stays_closed_once_it_is_closed(
    face: Face, browser: Browser, ask: Ask
) -> None:
    """[Look again], Escape, and only then the answer."""
    await ask(LETTER)
    async with console_of(browser, base_of(face)) as page:
        await sign_in(page, TOKEN)
        await page.locator("#letters").get_by_role("button", name="History").click()
        opened = page.locator("#opened")
        await expect(opened.locator("[data-fact=state]")).to_have_text("dead")
        held = Held(page)
        await held.hold(LETTER_ADDRESS)
        await opened.get_by_role("button", name="Look again").click()
        await held.asked.wait()
        await page.keyboard.press("Escape")
        await expect(opened).to_be_hidden()
        await held.let_go(LETTER_ADDRESS)
        await expect(opened).to_be_hidden()


async def test_a_reason_that_comes_late_takes_no_other_lists_place(
    face: Face, browser: Browser, world: World, deciding: CopyExecution
) -> None:
    """Why is asked for, closed, another list opened: the answer is drawn nowhere."""
    world.market()
    world.leader(LEADER)
    world.follow(world.account(ALICE), LEADER, max_price="0.3")
    await deciding.handle(received([keep(world, world.message(LEADER))]))
    async with console_of(browser, base_of(face)) as page:
        await sign_in(page, TOKEN)
        opened, title = page.locator("#opened"), page.locator("#h-opened")
        await page.locator("#reasons").get_by_role("button", name="PRICE_BAND").click()
        held = Held(page)
        await held.hold(WHY_ADDRESS)
        await opened.get_by_role("button", name="C-").click()
        await held.asked.wait()
        await page.keyboard.press("Escape")
        await page.locator("#numbers").get_by_role("button", name="Users armed").click()
        await expect(title).to_have_text("Users armed")
        await held.let_go(WHY_ADDRESS)
        await expect(title).to_have_text("Users armed")
        await expect(opened.locator("pre")).to_have_count(0)


async def test_what_does_not_come_is_said_where_it_was_asked_for(
    face: Face, browser: Browser, ask: Ask
) -> None:
    """The API refuses: the dialog that waits says so, and no sentence stands hidden behind it."""
    await ask(LETTER)
    async with console_of(browser, base_of(face)) as page:
        await sign_in(page, TOKEN)
        await page.route(LETTER_ADDRESS, _refused)
        await page.locator("#letters").get_by_role("button", name="History").click()
        await expect(page.locator("#opened-body")).to_contain_text("no letters today")
        await expect(page.locator("#opened-body")).not_to_contain_text("Looking …")


async def _refused(route: Route) -> None:
    await route.fulfill(status=503, json={"status": 503, "detail": "no letters today"})
