"""The console while everything really runs: what it shows is what the API says, a stop is carried out, why is told."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from ops.demo.faces import acting, mint_of
from ops.stack.local import Stack
from streams.topology import TopicNames
from tests.bot.town import BOUND, LEADER, Town, town_of
from tests.conftest import StartProcess
from tests.console.looking import console_of, number, sign_in
from tests.waiting import eventually


@pytest.fixture
def topic_prefix() -> str:
    """The living names: trading runs only without a prefix."""
    return ""


@pytest.fixture
async def town(
    stack: Stack, tmp_path: Path, database_url: str, topics: TopicNames, run_process: StartProcess
) -> AsyncIterator[Town]:
    """Exchange, streams, trading and API as processes."""
    async with town_of(stack, tmp_path, database_url, topics, run_process) as whole:
        yield whole
        # Shown where the test fails.
        sys.stdout.write(whole.story())


async def _follower(town: Town) -> None:
    """Somebody who copies the leader, with paper money that has arrived."""
    user = await town.ask("POST", "/v1/users", {"label": "Bob", "paper_usdc": "1000"})
    await eventually(
        lambda: town.rows("SELECT 1 FROM accounts WHERE state = 'ready' AND cash_usdc > 0"), BOUND
    )
    headers = acting(mint_of(town.secrets), user["user_id"]) | {"Idempotency-Key": "follow"}
    settings = {"mode": "fixed_amount", "fixed_amount_usdc": "2", "budget_usdc": "100", "max_price": "0.6"}
    async with httpx.AsyncClient(base_url=town.ports["POLYCOOL_API_URL"], timeout=30) as http:
        body = {"leader": LEADER, "settings": settings}
        answer = await http.post("/v1/allocations", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    # Trades are put on the topic two seconds after they happened, in whole seconds.
    begun = (
        "SELECT 1 FROM copy_trading_allocations a"
        " JOIN role_reads r ON r.wallet = a.leader AND r.version >= a.role_version"
        " WHERE greatest(a.active_from, r.read_at) < clock_timestamp() - interval '4 seconds'"
    )
    await eventually(lambda: town.rows(begun), BOUND)


async def _copies(town: Town, state: str, count: int) -> None:
    said = "SELECT 1 FROM copy_orders WHERE state = %s"
    await eventually(lambda: len(town.rows(said, state)) == count, BOUND)


@pytest.mark.timeout(300)
async def test_the_numbers_are_the_apis_and_a_stop_is_carried_out(town: Town, browser: Browser) -> None:
    """Every number of the strip against /v1/ops/pipeline, the copies against /v1/ops/history, each as news comes; buys
    stopped on the page are skipped by the pipeline, and why says with whose note."""
    await _follower(town)
    base = town.ports["POLYCOOL_API_URL"]
    async with console_of(browser, base, width=400) as page:
        await sign_in(page, town.secrets["POLYCOOL_OPERATOR_TOKEN"])
        await town.trade(LEADER, "50")
        await _copies(town, "filled", 1)
        await _equal(town, page)
        await page.get_by_role("button", name="Stop buys").click()
        await page.get_by_role("dialog").get_by_label("Reason").fill("a drill")
        await page.get_by_role("dialog").get_by_role("button", name="Stop buys").click()
        await expect(page.locator("#switch-note")).to_have_text("Buys are stopped: “a drill”")
        await town.trade(LEADER, "60", price="0.44")
        await _copies(town, "skipped", 1)
        await _equal(town, page)
        # From the number by the list to the reason.
        await page.get_by_role("button", name="BUYS_STOPPED").click()
        opened = page.locator("#opened-body")
        await opened.get_by_role("button", name="C-").click()
        await expect(opened.locator("strong").first).to_contain_text("a drill")
        await page.keyboard.press("Escape")
        await expect(page.locator("#lags")).to_contain_text("copy_leader")
        # Steps are looked at anew each ten seconds.
        await expect(page.locator("#waterfall svg")).to_have_count(1, timeout=30_000)


async def _equal(town: Town, page: Page) -> None:
    """Once nothing moves the page says what the API says, within the time it takes to look again."""

    async def equal() -> bool:
        told = await town.ask("GET", "/v1/ops/pipeline")
        shown = {
            label: await number(page, label) for label in ("Users armed", "Unknown orders", "Bought twice")
        }
        shown |= {state: await number(page, f"{state}, last hour") for state in told["hour"]}
        shown["Dead letters"] = await number(page, "Dead letters")
        wanted: dict[str, Any] = {
            "Users armed": told["armed"], "Unknown orders": told["unknown"], "Bought twice": told["bought_twice"],
            "Dead letters": told["dead_letters"], **told["hour"],
        }  # fmt: skip
        assert shown == {label: str(value) for label, value in wanted.items()}
        past = await town.ask("GET", "/v1/ops/history")
        assert past["total"], "kept for three seconds"
        share = f"{100 * past['answered'] / past['total']:.1f}"
        text = f"answered {past['answered']} of {past['total']} ({share} %)"
        assert await page.locator("#answered").inner_text() == text
        return bool(sum(told["hour"].values()) == past["total"] > 0)

    # The hour's copies are counted each ten seconds.
    await eventually(equal, BOUND, every=0.5)
