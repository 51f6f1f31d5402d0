"""Where the worker may run, and what it says of itself there."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from ops.stack.program import Program
from schemas.enums import AddressType
from streams.kafka import app as app_module
from streams.kafka import drain
from streams.kafka.app import WrongGround, check_app, check_versions, make_app
from streams.settings import StreamsSettings
from streams.topology import COPY_LEADER, TRADES
from tests.conftest import StartProcess
from tests.streams.door import Door, fill, wallet
from tests.waiting import eventually


async def _refused(program: Program) -> str:
    assert await eventually(lambda: program.exit_code(), 30) == 3
    return program.tail()


async def test_r32_a_database_of_another_prefix_is_refused(door: Door, run_process: StartProcess) -> None:
    """A shadow run on the living database, or the other way round: exit 3."""
    other = await run_process("streams", ready=False, POLYCOOL_TOPIC_PREFIX="shadow.")
    assert "prefix" in await _refused(other)


async def test_r23_a_topic_with_more_partitions_is_refused(door: Door, run_process: StartProcess) -> None:
    """Four became eight: order and roles would break; exit 3 with the topic's name."""
    admin = AIOKafkaAdminClient(bootstrap_servers=door.kafka)
    await admin.start()
    try:
        await admin.create_partitions({door.names.of(TRADES): NewPartitions(total_count=8)})
    finally:
        await admin.close()
    worker = await run_process("streams", ready=False)
    assert door.names.of(TRADES) in await _refused(worker)


async def test_b24_without_a_broker_the_worker_says_so_and_does_not_run_deaf(
    door: Door, run_process: StartProcess
) -> None:
    """The listener that was started only when Redis answered at boot: here exit 3 and a sentence, never silence."""
    worker = await run_process("streams", ready=False, POLYCOOL_KAFKA="127.0.0.1:1")
    assert "broker" in await _refused(worker)


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def test_health_and_figures_on_the_loopback(door: Door, run_process: StartProcess) -> None:
    """Live, ready, and figures that tell copy from smart, count dead letters by reason and show the lag per stage."""
    from ops.stack.ports import free_port

    port = free_port()
    leader, shown = wallet(1), wallet(2)
    await door.watch(leader, AddressType.COPY_LEADER)
    await door.watch(shown, AddressType.SMART_TRADER)
    await run_process("streams", POLYCOOL_STREAMS_HTTP_PORT=str(port))
    assert _get(port, "/livez")[0] == 200
    assert _get(port, "/readyz")[0] == 200
    await door.trade(fill(leader))
    await door.trade(fill(leader, size="0"))
    await door.trade(fill(shown))
    await door.trade(fill(wallet(3)))
    await door.read(COPY_LEADER, 1)
    wanted = (
        'polycool_classified_total{role="copy_leader"} 1.0',
        'polycool_classified_total{role="smart_trader"} 1.0',
        'polycool_classified_total{role="unwatched"} 1.0',
        'polycool_dead_letters_total{reason="UNREADABLE",stage="classify"} 1.0',
        'polycool_messages_total{stage="classify"} 4.0',
        'polycool_messages_total{stage="copy_execution"} 1.0',
        'polycool_messages_total{stage="recommend"} 1.0',
        'polycool_smart_decisions_total{reason="MARKET_UNKNOWN",result="none"} 1.0',
        'polycool_lag_seconds{stage="classify"}',
        'polycool_append_to_handled_seconds_bucket{le="0.015",stage="classify"}',
    )
    await eventually(lambda: [line for line in wanted if line not in _get(port, "/metrics")[1]] == [], 60)


def test_another_version_of_the_transport_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The crash suite is green for the pinned versions only."""
    check_versions()
    monkeypatch.setitem(app_module.PINNED, "aiokafka", "0.0.1")
    with pytest.raises(WrongGround, match="aiokafka"):
        check_versions()


def test_another_delivery_loop_in_faust_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours stands in for a private method of exactly one text."""
    monkeypatch.setitem(drain.UPSTREAM, "_drain_messages", "another text")
    with pytest.raises(WrongGround, match="delivery loop"):
        check_versions()


async def test_what_loses_messages_in_faust_is_refused(tmp_path: object) -> None:
    """A table, and an agent with concurrency."""
    settings = StreamsSettings(kafka="127.0.0.1:1", database_url="postgresql://nowhere")
    app = make_app(settings, str(tmp_path))
    check_app(app)

    @app.agent(app.topic("a"), concurrency=2)
    async def twice(stream: object) -> None:
        """Never runs."""

    with pytest.raises(WrongGround, match="concurrency"):
        check_app(app)
    other = make_app(settings, str(tmp_path))
    other.Table("remembered")
    with pytest.raises(WrongGround, match="remembered"):
        check_app(other)
