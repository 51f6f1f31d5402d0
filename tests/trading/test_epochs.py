"""One worker trades: a newer one takes over, the older stops by itself and writes nothing more (DESIGN §8)."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from ops.migration.binding import Binding, bind
from schemas.enums import OrderState
from streams.tables import epochs, orders
from streams.tables.epochs import EpochLost
from streams.tables.pool import open_pool
from streams.trading.figures import Figures
from streams.trading.settings import TradingSettings
from streams.trading.starting import WrongGround
from streams.trading.worker import check_before_start, trade
from tests.conftest import _make_database, on_database
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

MISSING, CRASHED = 3, 70


async def test_b26_of_two_workers_the_older_stops(ground: Ground, tmp_path: Path) -> None:
    """B-26: two replicas at once: the newer trades, the older ends; each copy is bought once."""
    first, second = ground.worker_process(tmp_path), ground.worker_process(tmp_path)
    await ground.start_process(first)
    await ground.followers(3)
    await ground.start_process(second)
    await eventually(lambda: first.exit_code() is not None)
    assert first.exit_code() == CRASHED
    assert "epoch 1 is over" in first.output()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"] * 3
    assert len(ground.placed()) == 3
    await ground.assert_books_agree()


async def test_a_worker_that_slept_through_its_end_writes_nothing(ground: Ground, tmp_path: Path) -> None:
    """Stopped by the system, replaced, and woken: it ends without a write; what it held is sent once by the newer."""
    # Neither notes meanwhile that a match has settled: the last write is the same for that.
    first, second = (ground.worker_process(tmp_path, settle_after_seconds=600) for _ in range(2))
    await ground.start_process(first)
    await ground.followers(3)
    await ground.conduct({"deed": "wait_after", "seconds": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: len(ground.placed()) > 0)
    first.signal(signal.SIGSTOP)
    await ground.conduct()
    await ground.start_process(second)
    await ground.all_ended()
    before = ground.world.rows("SELECT max(transition_id) AS last FROM order_transitions")
    first.signal(signal.SIGCONT)
    assert first.wait() == CRASHED
    assert ground.world.rows("SELECT max(transition_id) AS last FROM order_transitions") == before
    assert len(ground.placed()) == 3
    assert len(ground.world.rows("SELECT 1 FROM fills")) == 3
    await ground.assert_books_agree()


async def test_every_write_is_fenced(ground: Ground) -> None:
    """A transaction of an older epoch does not begin, and its last look lets nothing go."""
    pool = await open_pool(ground.database_url, "trading")
    try:
        old = await epochs.take_epoch(pool, "old")
        assert await epochs.take_epoch(pool, "new") == old + 1
        with pytest.raises(EpochLost):
            async with epochs.writing(pool, old):
                pass
        with pytest.raises(EpochLost):
            await epochs.beat(pool, old)
        looked = await orders.look_before_post(pool, old, ["0x"], OrderState.SIGNED, clock_agrees=True)
        assert looked == {}
    finally:
        await pool.close()


async def test_a_newer_worker_waits_for_the_writes_of_the_older(ground: Ground) -> None:
    """The epoch is taken between transactions, never inside one."""
    pool = await open_pool(ground.database_url, "trading")
    other = await open_pool(ground.database_url, "trading")
    try:
        old = await epochs.take_epoch(pool, "old")
        async with epochs.writing(pool, old):
            async with other.connection() as impatient:
                await impatient.execute("SET lock_timeout = '200ms'")
            ground.world.run("SET lock_timeout = '200ms'")
            with pytest.raises(Exception, match="lock timeout"):
                ground.world.run("UPDATE worker_epochs SET epoch = epoch + 1")
        assert await epochs.take_epoch(other, "new") == old + 1
    finally:
        await pool.close()
        await other.close()


def test_r32_trading_refuses_a_topic_prefix(ground: Ground) -> None:
    """A shadow run decides, it never trades."""
    with pytest.raises(WrongGround, match="without a topic prefix"):
        check_before_start(ground.settings(topic_prefix="shadow."))


async def test_r32_trading_refuses_a_shadows_database(
    ground: Ground, template_database: str, cluster_id: str
) -> None:
    """A database that belongs to a prefix, or to nobody yet, is not traded on."""
    name = f"shadow_{ground.exchange.port}"
    _make_database(ground.database_url, name, template_database)
    url = on_database(ground.database_url, name)
    with pytest.raises(WrongGround, match="bound to no cluster"):
        await trade(ground.settings(database_url=url))
    bind(url, Binding(cluster_id, "shadow."))
    with pytest.raises(WrongGround, match=r"prefix shadow\."):
        await trade(ground.settings(database_url=url))
    ground.world.run(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_a_wrong_ground_ends_with_three(ground: Ground, tmp_path: Path) -> None:
    """The process itself: one sentence and exit code 3."""
    worker = ground.worker_process(tmp_path, topic_prefix="shadow.")
    worker.start()
    assert worker.wait() == MISSING
    assert "without a topic prefix" in worker.output()


async def test_without_the_quick_library_nothing_is_signed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The absence of coincurve stops the start (DESIGN §12)."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(WrongGround, match="coincurve"):
        check_before_start(ground.settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [("key_encryption_key", ""), ("key_encryption_key", "changeme"), ("key_encryption_key", "example-key-example-key"),
     ("paper_admin_token", ""), ("paper_admin_token", "changeme"), ("key_encryption_key", "A" * 44)],
)  # fmt: skip
def test_a_missing_or_example_secret_stops_the_start(ground: Ground, name: str, value: str) -> None:
    """Neither an empty secret nor one from a page is traded with; the message does not repeat it."""
    with pytest.raises(ValueError, match=name) as refused:
        ground.settings(**{name: value})
    assert not value or value not in str(refused.value)


def test_secrets_have_no_default() -> None:
    """Nothing is signed with a key that ships with the code."""
    required = {name for name, field in TradingSettings.model_fields.items() if field.is_required()}
    assert required == {"database_url", "paper_admin_token"}
    with pytest.raises(ValueError, match="key_encryption_key\n  Value error, is missing"):
        TradingSettings(database_url=SecretStr("x"), paper_admin_token=SecretStr("a-token-of-its-own"))


async def test_the_process_answers_on_the_loopback(ground: Ground, tmp_path: Path) -> None:
    """/livez, /readyz and /metrics; ready only after the start-up's looks. Every figure of the registry is read over
    HTTP, and counts what this process did."""
    import httpx

    from ops.stack.ports import free_port

    port = free_port()
    worker = ground.worker_process(tmp_path, trading_http_port=port)
    await ground.start_process(worker)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/livez")).status_code == 200

        async def ready() -> bool:
            return (await http.get("/readyz")).status_code == 200

        await eventually(ready)
        await ground.followers()
        await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
        await ground.all_ended()

        async def counted_in() -> str:
            """What they say, once the booking that ended the copy is counted too."""
            text = (await http.get("/metrics")).text
            return text if 'state="filled"' in text else ""

        figures = await eventually(counted_in)
    shown = {family.name: family for family in text_string_to_metric_families(figures)}
    wanted = {family.name for family in Figures().registry.collect()} | {"polycool_pool_connections"}
    assert wanted <= set(shown)
    counted = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in shown.values()
        for sample in family.samples
    }
    assert counted["polycool_orders_signed_total",] == 1
    # Reason, side, state, venue.
    assert counted["polycool_copies_total", "", "BUY", "filled", "paper"] == 1
    assert counted["polycool_post_seconds_count", "paper"] == 1
    assert sum(count for (name, *_), count in counted.items() if name == "polycool_posts_total") == 1
    assert counted["polycool_orders_unknown",] == 0
    assert counted["polycool_loop_passed_timestamp_seconds", "claim"] > 0
    assert abs(counted["polycool_venue_clock_ahead_seconds", "paper"]) < 60
