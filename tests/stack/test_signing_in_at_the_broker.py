"""Every Kafka client signs in as POLYCOOL_KAFKA_… says, on a real broker that is closed to all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from api.broker import TradesTopic
from api.metrics import Metrics
from ops import topics as broker_topics
from ops.cli import run
from ops.doctor import broker as doctors_broker
from ops.doctor.finding import Mark
from ops.failures import explained
from ops.migration.binding import keep_partitions
from ops.stack.local import Stack
from schemas.kafka_access import KafkaSettings
from streams.kafka.access import reach
from streams.topology import TopicNames
from tests.conftest import StartProcess
from tests.doctor.patients import environment, patient, well_found
from tests.places import place_of_this_run
from tests.stack.closed_broker import PASSWORD, ClosedBroker, closed_broker
from tests.streams.door import fill, open_door, wallet
from tests.streams.redrives import watch
from tests.waiting import eventually

WHO = wallet(0x5A51)


@pytest.fixture(scope="module")
def closed() -> Iterator[ClosedBroker]:
    """One broker for all tests here."""
    with place_of_this_run() as directory, closed_broker(directory / "closed") as broker:
        yield broker


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KafkaSettings.model_fields:
        monkeypatch.delenv(f"POLYCOOL_{name.upper()}", raising=False)
    # On a busy machine a broker that is there may take its time, and is not away for that.
    monkeypatch.setattr("ops.doctor.broker.ANSWER_SECONDS", 20.0)
    monkeypatch.setattr("ops.broker_access.ANSWER_SECONDS", 10.0)


@pytest.mark.parametrize(
    "door",
    [ClosedBroker.by_scram, ClosedBroker.by_password, ClosedBroker.over_tls, ClosedBroker.by_certificate],
    ids=["scram", "password", "scram over tls", "certificate"],
)
async def test_each_way_in_is_taken_by_the_api_and_by_commands(
    closed: ClosedBroker,
    door: Callable[[ClosedBroker], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The API's producer, and the admin client and consumer of the commands."""
    settings = door(closed)
    _set(monkeypatch, settings)
    kafka = settings["POLYCOOL_KAFKA"]
    assert (await broker_topics.look(kafka, TopicNames())).cluster_id
    assert await doctors_broker.silence(kafka) is None
    async with doctors_broker.looker(kafka) as consumer:
        assert isinstance(await consumer.topics(), set)
    trades = TradesTopic(kafka, prefix="", confirm_seconds=8.0, metrics=Metrics())
    try:
        assert await eventually(trades.answers, 30)
    finally:
        await trades.close()


async def test_the_worker_decides_what_comes_through_a_closed_door(
    closed: ClosedBroker, topics: TopicNames, database_url: str, run_process: StartProcess
) -> None:
    """Faust's own clients, the roles' consumer and the watch, all over TLS with SCRAM; the password is in no line."""
    kafka = closed.address
    counts = dict.fromkeys(topics.all(), 4)
    await broker_topics.create(kafka, topics, counts)
    keep_partitions(database_url, counts)
    cluster = (await broker_topics.look(kafka, topics)).cluster_id
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE database_binding SET cluster_id = %s", (cluster,))
    worker = await run_process("streams", POLYCOOL_LOG_LEVEL="debug", **closed.over_tls())
    async with open_door(kafka, database_url, topics) as door:
        await watch(door, WHO)
        await door.trade(fill(WHO))
        assert await eventually(lambda: _decided(door.rows), 20), worker.tail()
    said = worker.log.read_text()
    assert "SCRAM-SHA-512" in said, "the log shows that it signed in"
    assert PASSWORD not in said


async def test_the_doctor_finds_a_broker_that_makes_topics_by_itself(
    closed: ClosedBroker, stack: Stack, tmp_path: Path
) -> None:
    """This one does, that of the other tests does not."""
    (found,) = await doctors_broker.broker(
        patient(tmp_path, environment(closed.address, "postgresql://unused"))
    )
    assert found.mark is Mark.WRONG
    assert "the broker has auto.create.topics.enable=true: a misspelled name makes a topic" in found.found
    assert "set auto.create.topics.enable=false at the broker" in found.mend
    await well_found(
        doctors_broker.broker, patient(tmp_path, environment(stack.kafka, "postgresql://unused"))
    )


async def _decided(rows: Callable[..., object]) -> bool:
    return bool(await rows("SELECT 1 FROM leader_decisions WHERE leader = %s", WHO))  # type: ignore[misc]


def _wrong_password(closed: ClosedBroker) -> dict[str, str]:
    return {**closed.over_tls(), "POLYCOOL_KAFKA_PASSWORD": f"not-{PASSWORD}"}


def _plainly(closed: ClosedBroker) -> dict[str, str]:
    return {"POLYCOOL_KAFKA": closed.by_scram()["POLYCOOL_KAFKA"]}


def _other_mechanism(closed: ClosedBroker) -> dict[str, str]:
    return {**closed.over_tls(), "POLYCOOL_KAFKA_SASL_MECHANISM": "PLAIN"}


def _stranger(closed: ClosedBroker) -> dict[str, str]:
    return {**closed.over_tls(), "POLYCOOL_KAFKA_CA_FILE": str(closed.directory / "stranger.pem")}


def _no_certificate(closed: ClosedBroker) -> dict[str, str]:
    settings = closed.by_certificate()
    return {name: text for name, text in settings.items() if "CLIENT" not in name}


def _no_file(closed: ClosedBroker) -> dict[str, str]:
    return {**closed.over_tls(), "POLYCOOL_KAFKA_CA_FILE": str(closed.directory / "absent.pem")}


def _key_stays_closed(closed: ClosedBroker) -> dict[str, str]:
    return {**closed.by_certificate(), "POLYCOOL_KAFKA_CLIENT_KEY_PASSWORD": f"not-{PASSWORD}"}


@pytest.mark.parametrize(
    "case",
    [
        (
            _wrong_password,
            "refuses POLYCOOL_KAFKA_USERNAME polycool-streams with this POLYCOOL_KAFKA_PASSWORD",
        ),
        (
            _plainly,
            "breaks off what is said to it as PLAINTEXT: it speaks another POLYCOOL_KAFKA_SECURITY_PROTOCOL",
        ),
        (_other_mechanism, "takes no PLAIN: set POLYCOOL_KAFKA_SASL_MECHANISM"),
        (_stranger, "is not trusted"),
        (_no_certificate, "wants POLYCOOL_KAFKA_CLIENT_CERT_FILE"),
        (_no_file, "absent.pem) cannot be used"),
        (_key_stays_closed, "client.key) cannot be used"),
    ],
)
async def test_a_door_that_stays_shut_says_which_setting_to_mend(
    closed: ClosedBroker,
    case: tuple[Callable[[ClosedBroker], dict[str, str]], str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 3 with one sentence, by the command and by the doctor; no password in either."""
    mistaken, sentence = case
    settings = mistaken(closed)
    _set(monkeypatch, {**settings, "POLYCOOL_DATABASE_URL": database_url})
    assert await asyncio.to_thread(run, ["topics"]) == 3
    said = "".join(capsys.readouterr())
    assert sentence in said
    assert sentence in (await doctors_broker.silence(settings["POLYCOOL_KAFKA"]) or "")
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"SECURITY_PROTOCOL": "SASL_SSL", "USERNAME": "a"}, "needs POLYCOOL_KAFKA_USERNAME and"),
        ({"USERNAME": "a", "PASSWORD": PASSWORD}, "PLAINTEXT signs nobody in"),
        ({"CA_FILE": "ca.pem"}, "PLAINTEXT uses none"),
        ({"SECURITY_PROTOCOL": "SSL", "CLIENT_CERT_FILE": "c.pem"}, "need each other"),
        ({"SECURITY_PROTOCOL": "TLS"}, "POLYCOOL_KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_half_a_sign_in_stops_the_start(
    given: Mapping[str, str], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would silently not count is refused, without its value."""
    for name, text in given.items():
        monkeypatch.setenv(f"POLYCOOL_KAFKA_{name}", text)
    with pytest.raises(ValidationError) as refused:
        reach("127.0.0.1:1")
    sentence = explained(refused.value)
    assert sentence is not None
    assert wrong in sentence
    assert PASSWORD not in f"{sentence}{refused.value}"


def _set(monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> None:
    for name, text in settings.items():
        monkeypatch.setenv(name, text)
