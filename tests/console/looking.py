"""What the tests do at the console: open it, sign in, read numbers, and ask axe what is wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, Route

from schemas.console_views import PartitionLag
from schemas.figure_views import PartitionView, UnreadMessage

Scheme = Literal["light", "dark"]
# What keeps somebody out; the lesser findings are advice.
SERIOUS = frozenset({"serious", "critical"})


@asynccontextmanager
async def console_of(
    browser: Browser, base: str, *, width: int = 1280, scheme: Scheme = "light", own_clock: bool = False
) -> AsyncIterator[Page]:
    """The console, not signed in; it fails afterwards when the page had an error or asked anybody but us. With
    a clock of its own, a test may move its time."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB"
    )
    errors: list[str] = []
    foreign: list[str] = []
    try:
        page = await context.new_page()
        if own_clock:
            await page.clock.install()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _broken(said.text) else None)
        page.on("request", lambda asked: None if asked.url.startswith(base) else foreign.append(asked.url))
        await page.goto(f"{base}/console")
        yield page
    finally:
        await context.close()
    assert errors == []
    assert foreign == []


def _broken(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text


async def sign_in(page: Page, token: str, name: str = "ada") -> None:
    """With the operators' token; returns once the numbers are there."""
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Operators' token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("#numbers li").first.wait_for()


async def with_lags(page: Page) -> None:
    """A heat row with each of its colours, and a partition to open; here no topics are made, and the broker is slow."""
    steps = (None, 0, 1, 100, 1000)
    row = [
        PartitionLag(topic="trades", partition=n, end=1000, committed=0, behind=behind)
        for n, behind in enumerate(steps)
    ]
    message = UnreadMessage(offset=3, key="k", size=2, appended_at=datetime.now(UTC), age_seconds=Decimal(4))
    one = PartitionView(
        topic="trades", partition=0, first=0, end=9, committed=3, behind=6, oldest_unread=message
    )
    bodies = {
        "": json.dumps([each.model_dump(mode="json") for each in row]),
        "/trades/*": one.model_dump_json(),
    }
    for path, body in bodies.items():
        await page.route(f"**/v1/ops/lags{path}", partial(_told, body=body))


async def _told(route: Route, body: str) -> None:
    await route.fulfill(body=body, content_type="application/json")


async def number(page: Page, label: str) -> str:
    """What stands under a label in the strip."""
    item = page.locator("#numbers li", has=page.get_by_text(label, exact=True))
    return await item.locator("button, strong").inner_text()


async def found_by_axe(page: Page) -> list[str]:
    """Serious and critical findings, each as one line."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    report: dict[str, Any] = await page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary']}"
        for found in report["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]


# More than there is to press on the whole page; the walk ends when it is back at the beginning.
_PRESSES = 400
_AT_ONCE = 20
_CALLED = "(each) => each.id || each.dataset.key || each.getAttribute('aria-label') || each.textContent"
_WATCH = f"""() => {{ window.reached = [];
    document.addEventListener('focusin', (event) => reached.push(({_CALLED})(event.target))); }}"""
_TO_REACH = f"""() => [...document.querySelectorAll('#panels button, #panels summary')]
    .filter((each) => !each.disabled && each.checkVisibility()).map({_CALLED})"""


async def not_reached(page: Page) -> list[str]:
    """What could be pressed in the panels but is not come to with Tab, from the page's beginning on."""
    await page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    wanted: list[str] = await page.evaluate(_TO_REACH)
    missing = set(wanted)
    await page.evaluate(_WATCH)
    for _ in range(_PRESSES // _AT_ONCE):
        if not missing:
            break
        for _ in range(_AT_ONCE):
            await page.keyboard.press("Tab")
        missing -= set(await page.evaluate("() => reached.splice(0)"))
    return sorted(missing)


# Cells of the panels that hold a number: of which panel and column, and whether it can be pressed.
NUMBERS = """() => ['followers', 'leaders', 'skips', 'latency', 'reasons', 'redrives'].flatMap((panel) =>
    [...document.querySelectorAll(`#${panel} td`)].filter((cell) => /^-?[0-9][0-9.]*( %)?$/.test(cell.textContent))
        .map((cell) => [panel, cell.closest('table').querySelectorAll('th')[cell.cellIndex].textContent,
            cell.querySelector('button') !== null]))"""


# Presses each and waits for its list, however slow the machine; what opened none, by its name.
PRESSED = """async () => {
    const [dialog, said] = ['opened', 'said'].map((id) => document.getElementById(id));
    const copies = () => dialog.open
        && [...dialog.querySelectorAll('button')].some((each) => each.textContent === 'Copy as JSON');
    const failed = [];
    const pressed = '#numbers button, #states .row button, #lags .cell, main .list td button.plain';
    for (const number of document.querySelectorAll(pressed)) {
        number.click();
        for (const begun = Date.now(); !copies() && said.hidden && Date.now() - begun < 20000;)
            await new Promise((done) => setTimeout(done, 10));
        if (!copies() || !said.hidden)
            failed.push([number.getAttribute('aria-label') ?? number.textContent, said.textContent]);
        dialog.close();
    }
    return failed;
}"""
