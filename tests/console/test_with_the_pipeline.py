"""The console while everything really runs: what it shows is what the API says, a stop is carried out, why is told."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from ops.demo.faces import acting, mint_of
from ops.ground import Ground
from ops.replay.choice import Choice
from ops.replay.outlet import let_go, shadow_names
from ops.replay.plan import make_plan
from ops.replay.run import begin, go
from ops.replay.store import shadow
from ops.replay.window import Bounds
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.local import Stack
from schemas.enums import Side, Source
from schemas.trades import TradeSeen
from streams.topology import TRADES, TopicNames
from tests.bot.town import BOUND, LEADER, Town, town_of
from tests.conftest import StartProcess
from tests.console.looking import console_of, number, sign_in
from tests.copy_execution.world import TOKEN
from tests.waiting import eventually


@pytest.fixture
def topic_prefix() -> str:
    """The living names: trading runs only without a prefix."""
    return ""


@pytest_asyncio.fixture(loop_scope="module")
async def town(
    stack: Stack, tmp_path: Path, database_url: str, topics: TopicNames, run_process: StartProcess
) -> AsyncIterator[Town]:
    """Exchange, streams, trading and API as processes."""
    async with town_of(stack, tmp_path, database_url, topics, run_process, known=False) as whole:
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
    begun = (
        "SELECT 1 FROM copy_trading_allocations a"
        " JOIN role_reads r ON r.wallet = a.leader AND r.version >= a.role_version"
    )
    await eventually(lambda: town.rows(begun), BOUND)
    # Trades are put on the topic two seconds after they happened, in whole seconds: he follows for a while already.
    town.run("UPDATE copy_trading_allocations SET active_from = active_from - interval '1 minute'")
    town.run("UPDATE role_reads SET read_at = read_at - interval '1 minute'")


async def _copies(town: Town, state: str, count: int) -> None:
    said = "SELECT 1 FROM copy_orders WHERE state = %s"
    await eventually(lambda: len(town.rows(said, state)) == count, BOUND)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.timeout(300)
async def test_the_numbers_are_the_apis_and_a_stop_is_carried_out(town: Town, browser: Browser) -> None:
    """Every number of the strip against /v1/ops/pipeline, the copies against /v1/ops/history, each as news comes; buys
    stopped on the page are skipped by the pipeline, and why says with whose note. A replay shows which decisions
    differ; a letter is redriven, comes back, and is put away."""
    await _follower(town)
    base = town.ports["POLYCOOL_API_URL"]
    async with console_of(browser, base, width=400, own_clock=True) as page:
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
        await page.locator("#reasons").get_by_role("button", name="BUYS_STOPPED").click()
        opened = page.locator("#opened-body")
        await opened.get_by_role("button", name="C-").click()
        await expect(opened.locator("strong").first).to_contain_text("a drill")
        await page.keyboard.press("Escape")
        await _unread(town, page)
        await _looked_again(page, lambda: expect(page.locator("#waterfall svg")).to_have_count(1, timeout=1))
        await _by_minute(town, page)
        await _decided_again(town, page)
        await _mended(town, page)


async def _looked_again(page: Page, shown: Callable[[], Awaitable[None]]) -> None:
    """What is looked at anew each quarter of a minute, without waiting for it: the page's clock is moved."""

    async def told() -> bool:
        await page.clock.fast_forward(16_000)
        await shown()
        return True

    await eventually(told, BOUND, every=0.3)


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


async def _unread(town: Town, page: Page) -> None:
    """A cell of the heat row opens its partition, with the offsets of the broker."""
    cells = page.locator("#lags .cell")
    told = await town.ask("GET", "/v1/ops/lags")
    await expect(cells).to_have_count(len(told))
    (used,) = [nth for nth, lag in enumerate(told) if lag["topic"] == "copy_leader" and lag["end"]]
    await cells.nth(used).click()
    opened = page.locator("#opened-body")
    await expect(opened.locator("tbody tr").first).to_contain_text(str(told[used]["end"]))
    await expect(opened).to_contain_text("Oldest message not read yet")
    await page.keyboard.press("Escape")


async def _by_minute(town: Town, page: Page) -> None:
    """Over six hours the minutes are the API's, and a minute's number opens as many copies."""
    await page.get_by_label("6 h").check()
    await page.get_by_role("button", name="By minute").click()
    opened = page.locator("#opened-body")
    told = (await town.ask("GET", "/v1/ops/copies-by-minute?window=6h"))["items"]
    assert sum(minute["copies"] for minute in told) == 2
    await expect(opened.locator("tbody tr")).to_have_count(len(told))
    await expect(opened.locator("tbody tr").first).to_contain_text(told[0]["at"])
    await opened.locator("tbody tr").first.get_by_role("button").first.click()
    await expect(opened.get_by_role("button", name="C-")).to_have_count(told[0]["copies"])
    await page.keyboard.press("Escape")


async def _decided_again(town: Town, page: Page) -> None:
    """A real replay with one rule changed: its code and what differs, each by name; one left alone is halted."""
    place = Ground(town.stack.kafka, town.database_url, town.names, LOCAL_PARTITIONS)
    async with shadow(town.database_url) as connection:
        changed = Choice(settings={"max_price": "0.1"})
        plan = await make_plan(place.kafka, place.names, connection, Bounds(), changed)
        for run in ("changed-rule", "left-alone"):
            await begin(connection, plan, run)
        ended = await go(place, connection, "changed-rule")
    await let_go(place.kafka, shadow_names(place.names, "changed-rule"))
    rows = page.locator("#replays tbody tr")
    done = rows.filter(has_text="changed-rule")
    await expect(done).to_contain_text(f"{plan.messages} / {plan.messages}")
    await expect(done).to_contain_text(plan.code)
    await expect(done).to_contain_text("max_price=0.1")
    await expect(done.get_by_role("button", name="Halt")).to_have_count(0)
    assert ("PLANNED", "PRICE_BAND", 1) in [each[:3] for each in ended.differing]
    await done.get_by_role("button", name="PLANNED → PRICE_BAND: 1").click()
    opened = page.locator("#opened-body")
    await expect(opened.get_by_role("button", name="C-")).to_have_count(1)
    await page.keyboard.press("Escape")
    left = rows.filter(has_text="left-alone")
    await left.get_by_role("button", name="Halt").click()
    await page.locator("#asked").get_by_label("Reason").fill("the wrong window")
    await page.locator("#asked").get_by_role("button", name="Halt").click()
    await expect(left).to_contain_text("aborted (ada: the wrong window)")
    await expect(left.get_by_role("button", name="Halt")).to_have_count(0)


async def _mended(town: Town, page: Page) -> None:
    """A letter is redriven alone and comes back; what it came back as is put away, with a note."""
    trade = TradeSeen(
        trade_id="0x" + "7" * 64 + "-0", source=Source.CHAIN, wallet=LEADER, side=Side.BUY, token_id=TOKEN,
        size=Decimal(10), price=Decimal("0.4"), usdc=Decimal(4), tx_hash="0x" + "7" * 64,
        traded_at=datetime.now(UTC) - timedelta(hours=1),
    )  # fmt: skip
    await town.door.send(TRADES, "0x" + "9" * 40, trade)
    await town.door.confirm()
    letters, opened, asked = (page.locator(place) for place in ("#letters", "#opened-body", "#asked"))
    state = opened.locator("[data-fact=state]")
    await letters.get_by_role("button", name="History").click(timeout=30_000)
    await expect(state).to_have_text("dead")
    await opened.get_by_role("button", name="Redrive").click()
    await expect(asked.locator("#asked-text")).to_contain_text("1 letters to trades 1; 0 are held back")
    await expect(asked.locator("#asked-text")).to_contain_text("can create at most 0 orders")
    await asked.get_by_role("button", name="Redrive 1").click()

    async def came_back() -> bool:
        await opened.get_by_role("button", name="Look again").click()
        return await state.inner_text() == "repeated"

    await eventually(came_back, BOUND, every=0.5)
    history = opened.locator("table tbody tr")
    await expect(history).to_have_count(2)
    await expect(history.last).to_contain_text("repeated")
    await page.keyboard.press("Escape")
    past = page.locator("#redrives tbody tr")
    await _looked_again(page, lambda: expect(past).to_contain_text("halted", timeout=1))
    # Newest first.
    told = letters.get_by_role("button", name="History")
    await _looked_again(page, lambda: expect(told).to_have_count(2, timeout=1))
    await letters.get_by_role("button", name="History").first.click()
    await expect(state).to_have_text("dead")
    await opened.get_by_role("button", name="Quarantine").click()
    await asked.get_by_label("Note").fill("a key nobody can mend")
    await asked.get_by_role("button", name="Quarantine").click()
    await expect(state).to_have_text("quarantined")
    await expect(history).to_contain_text("a key nobody can mend")
    away = (await town.ask("GET", "/v1/ops/dead-letters?state=quarantined"))["items"]
    assert [letter["note"] for letter in away] == ["a key nobody can mend"]
