"""How a follower stood then is what the tables held at that instant."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from psycopg.types.json import Jsonb

from ops.cli import run
from ops.rebuild.then import Then, stood
from ops.stack.local import Stack
from streams.topology import COPY_LEADER, TRADES, TopicNames
from tests.copy_execution.world import World, settings_json, wallet
from tests.waiting import eventually

_COPY = (
    "INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id, account_id, leader,"
    " number, venue, side, token_id, market_id, state, cause, taken_up, reserve_usdc, amount_usdc, limit_price,"
    " traded_at, appended_at, decided_at, times)"
    " SELECT %s, %s, allocation_id, 1, user_id, account_id, leader, %s, venue, 'BUY', '7', 'm', 'planned', 'x', true,"
    " %s, 2, 0.5, clock_timestamp(), clock_timestamp(), clock_timestamp(), '{}' FROM copy_trading_allocations"
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A world whose connection is closed."""
    with closing(World.on(database_url).owner) as owner:
        yield World(owner)


def _held(world: World) -> tuple[datetime, dict[str, Any]]:
    """What the tables hold now, asked plainly; and when that is."""
    (row,) = world.rows(
        "SELECT clock_timestamp() AS at, (SELECT cash_usdc FROM accounts) AS cash,"
        " (SELECT coalesce(sum(reserve_usdc), 0) FROM copy_orders WHERE state = 'planned') AS reserved,"
        " (SELECT coalesce(sum(cost_usdc), 0) FROM lots) AS cost,"
        " (SELECT coalesce(sum(shares), 0) FROM lots) AS shares,"
        " (SELECT coalesce(sum(realised_usdc), 0) FROM lots) AS realised,"
        " (SELECT max(version) FROM allocation_history) AS version,"
        " (SELECT count(*) FROM copy_orders WHERE state = 'planned') AS under_way"
    )
    return row.pop("at"), row


def _told(then: Then) -> dict[str, Any]:
    (account,), (following,) = then.accounts, then.followings
    return {
        "cash": account["cash_usdc"],
        "reserved": account["reserved_usdc"],
        "cost": sum((lot["cost_usdc"] for lot in then.positions), Decimal(0)),
        "shares": sum((lot["shares"] for lot in then.positions), Decimal(0)),
        "realised": following["realised_usdc"],
        "version": following["version"],
        "under_way": len(then.under_way),
    }


def _history(world: World) -> Iterator[None]:
    """A BUY is decided, filled; settings change; half of it is sold; the rest is sold at a loss, in steps."""
    yield
    world.run(_COPY, "C-1", "t-1", 1, "5.20")
    yield
    _book(world, cash="-5.10", shares="10", cost="5.10", realised="0", cause="buy")
    world.run(
        "UPDATE copy_orders SET state = 'submitting'",
    )
    world.run(
        "UPDATE copy_orders SET state = 'filled', ended_at = clock_timestamp(), filled_usdc = 5, fee_usdc = 0.10"
    )
    yield
    _version(world, 2, budget_usdc="50", max_loss_usdc="20", max_per_day_usdc="8", max_per_market_usdc="30")
    yield
    _book(world, cash="3.00", shares="-5", cost="-2.55", realised="0.45", cause="sell")
    world.run(_COPY, "C-2", "t-2", 2, "2.00")
    yield
    _book(world, cash="1.00", shares="-5", cost="-2.55", realised="-1.55", cause="sell")
    yield


def _version(world: World, version: int, **settings: Any) -> None:
    world.run(
        "INSERT INTO allocation_history SELECT allocation_id, %s, 'active', %s, 'x', clock_timestamp()"
        " FROM copy_trading_allocations",
        version, Jsonb(settings_json(**settings)),
    )  # fmt: skip


def _book(world: World, *, cash: str, shares: str, cost: str, realised: str, cause: str) -> None:
    """An entry each for cash and lot, and the lot as it stands after it, in one transaction as trading does."""
    with world.owner.transaction():
        ref = f"{cause}-{cash}"
        if cause == "buy":
            world.run(
                "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc,"
                " target_shares, opened_traded_at, tick, fee_rate, neg_risk, exchange_version) SELECT allocation_id,"
                " account_id, user_id, '7', 'm', 0, 0, 0, now(), 0.01, 0, false, 2 FROM copy_trading_allocations"
            )
        world.run(
            "UPDATE lots SET shares = shares + %s, cost_usdc = cost_usdc + %s, realised_usdc = realised_usdc + %s",
            shares, cost, realised,
        )  # fmt: skip
        world.run(
            "INSERT INTO lot_entries (lot_id, cause, ref, shares, cost_usdc, realised_usdc, fee_usdc)"
            " SELECT lot_id, %s, %s, %s, %s, %s, 0 FROM lots",
            cause, ref, shares, cost, realised,
        )  # fmt: skip
        world.run("UPDATE accounts SET cash_usdc = cash_usdc + %s", cash)
        world.run(
            "INSERT INTO cash_entries (account_id, cause, ref, usdc) SELECT account_id, %s, %s, %s FROM accounts",
            cause, ref, cash,
        )  # fmt: skip


async def test_how_a_follower_stood_is_what_the_tables_held(world: World, database_url: str) -> None:
    """Cash, reserve, lots, settings and what was under way, at each instant between the steps; limits by the rules."""
    account = world.account("Ann")
    following = world.follow(account, world.leader(wallet(1)))
    world.run("UPDATE accounts SET opened_at = clock_timestamp() - interval '1 day'")
    _version(world, 1)
    held = [_held(world) for _ in _history(world)]
    assert len({str(each) for _, each in held}) == len(held), "every step changed something"
    user = world.rows("SELECT user_id FROM accounts")[0]["user_id"]
    for at, tables in held:
        for name in (user, following):
            assert _told(await stood(database_url, name, at)) == tables, at
    limits = [(await stood(database_url, following, at)).followings[0]["limits"] for at, _ in held]
    assert limits[1] == {"BUDGET": {"used": Decimal("5.20"), "most": 100, "room": Decimal("94.80")}}
    assert limits[4] == {
        "BUDGET": {"used": Decimal("4.55"), "most": 50, "room": Decimal("45.45")},
        "LOSS_LIMIT": {"used": Decimal("4.55"), "most": 20, "room": Decimal("15.45")},
        "MARKET_LIMIT": {"used": Decimal("2.55"), "most": 30, "room": Decimal("27.45")},
        "DAY_LIMIT": {"used": Decimal("7.10"), "most": 8, "room": Decimal("0.90")},
    }
    assert limits[5]["LOSS_LIMIT"]["used"] == Decimal("3.10"), "what was lost counts against it"
    before = held[0][0] - timedelta(days=2)
    assert (await stood(database_url, user, before)).accounts == []


def test_the_command_says_how_somebody_stood(
    world: World,
    database_url: str,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Amounts are exact text; a name nobody has is exit 1; an instant without a zone is wrong use."""
    world.account("U-1")
    monkeypatch.setenv("POLYCOOL_DATABASE_URL", database_url)
    monkeypatch.setenv("POLYCOOL_KAFKA", stack.kafka)
    later = "2100-01-01T00:00:00Z"
    assert run(["rebuild", "as-of", "U-1", "--at", later, "--json"]) == 0
    told = orjson.loads(capsys.readouterr().out)
    assert (told["at"], told["accounts"][0]["cash_usdc"]) == (later, "1000")
    assert run(["rebuild", "as-of", "U-2", "--at", later]) == 1
    assert run(["rebuild", "as-of", "U-1", "--at", "2100-01-01"]) == 2
    assert run(["rebuild", "as-of", "U-1"]) == 2
    assert run(["rebuild", "--unequal"]) == 2


async def test_a_message_of_a_topic_names_the_instant(
    world: World,
    stack: Stack,
    topics: TopicNames,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A message, a purchase, another message: by their offsets the cash before and after; an offset that the topic does
    not hold is exit 1 with those it holds."""
    account = world.account("U-1")
    world.follow(account, world.leader(wallet(1)))
    world.run("UPDATE accounts SET opened_at = clock_timestamp() - interval '1 day'")
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        for topic in (COPY_LEADER, TRADES):
            await producer.send_and_wait(topics.of(topic), b"before", partition=2)
        before = datetime.now(UTC)
        # A broker's stamp has milliseconds.
        await eventually(lambda: datetime.now(UTC) - before > timedelta(milliseconds=2))
        _book(world, cash="-5.10", shares="10", cost="5.10", realised="0", cause="buy")
        booked = datetime.now(UTC)
        await eventually(lambda: datetime.now(UTC) - booked > timedelta(milliseconds=2))
        await producer.send_and_wait(topics.of(COPY_LEADER), b"after", partition=2)
    for name, text in (
        ("DATABASE_URL", world.owner.info.dsn),
        ("KAFKA", stack.kafka),
        ("TOPIC_PREFIX", topics.prefix),
    ):
        monkeypatch.setenv(f"POLYCOOL_{name}", text)

    async def cash(place: str) -> tuple[int, str | None]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, ["rebuild", "as-of", "U-1", "--offset", place, "--json"])
        told = orjson.loads(capsys.readouterr().out.splitlines()[-1])
        return code, told["accounts"][0]["cash_usdc"] if "accounts" in told else None

    assert await cash("2@0") == (0, "1000")
    assert await cash("2@1") == (0, "994.9")
    assert await cash("trades/2@0") == (0, "1000")
    assert (await cash("2@2"))[0] == 1
    assert (await cash("3@0"))[0] == 1
