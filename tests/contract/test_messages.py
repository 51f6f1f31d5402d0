"""The messages' contract: golden samples load for ever, files and models say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ops.contracts import DIRECTORY, documents, versioned
from schemas.base import Message
from streams.topology import TOPICS, WAY

MESSAGES: dict[str, type[Message]] = {versioned(topic.message): topic.message for topic in TOPICS}
SAMPLES = sorted((DIRECTORY / "samples").glob("*.json"))


def _name(sample: Path) -> str:
    """`TradeSeen.v1` of `TradeSeen.v1.trade.json`."""
    return ".".join(sample.name.split(".")[:2])


def _schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DIRECTORY / "messages" / f"{name}.schema.json").read_text("utf-8"))
    return read


def test_the_files_are_what_the_models_say() -> None:
    """JSON Schema, AsyncAPI and OpenAPI are made again and compared; `python -m ops.contracts` writes them."""
    parted = [
        place
        for place, text in documents().items()
        if not (DIRECTORY / place).exists() or (DIRECTORY / place).read_text("utf-8") != text
    ]
    assert parted == [], "python -m ops.contracts brings them together"


def test_no_file_is_left_over() -> None:
    """A schema without a message would promise what nobody keeps."""
    found = {file.relative_to(DIRECTORY).as_posix() for file in DIRECTORY.rglob("*.json")}
    assert {place for place in found if not place.startswith("samples/")} == set(documents())


def test_every_message_and_version_has_a_golden_sample() -> None:
    """At least one each."""
    assert {_name(sample) for sample in SAMPLES} == set(MESSAGES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_old_bytes_load_for_ever(sample: Path) -> None:
    """Every golden sample is read, and said again it keeps what it said."""
    raw = sample.read_bytes()
    message = MESSAGES[_name(sample)].decode(raw)

    again = json.loads(message.encode())
    assert message.decode(message.encode()) == message
    said = json.loads(raw)
    if "former-spelling" not in sample.name:
        assert {name: again.get(name) for name in said} == said


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if "former-spelling" not in sample.name],
    ids=lambda sample: sample.stem,
)
def test_samples_and_what_we_write_fit_the_json_schema(sample: Path) -> None:
    """For readers that have the schema only."""
    validator = jsonschema.Draft202012Validator(_schema(_name(sample)))
    validator.validate(json.loads(sample.read_bytes()))
    validator.validate(json.loads(MESSAGES[_name(sample)].decode(sample.read_bytes()).encode()))


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 5}, {"price": 0.5}, {"usdc": "1e3"}, {"side": "buy"}, {"kind": "gift"}, {"token_id": 7},
        {"token_id": "7" * 79}, {"wallet": "0x12"}, {"extra": 1}, {"schema_version": 2},
    ],
)  # fmt: skip
def test_schema_and_model_refuse_the_same(changed: dict[str, Any]) -> None:
    """A number where text is due, a wrong word, an unknown field: neither takes it."""
    good = json.loads((DIRECTORY / "samples" / "TradeSeen.v1.trade.json").read_bytes())
    bad = good | changed

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(_schema("TradeSeen.v1")).validate(bad)
    with pytest.raises(ValueError, match="validation error"):
        MESSAGES["TradeSeen.v1"].decode(json.dumps(bad).encode())


def test_asyncapi_names_every_topic_and_every_stage() -> None:
    """Channels are the topics, operations what stages read and write, and every reference leads somewhere."""
    document = json.loads((DIRECTORY / "asyncapi.json").read_text("utf-8"))

    assert set(document["channels"]) == {topic.name for topic in TOPICS}
    expected = {f"{stage.name}.receive.{topic.name}" for stage in WAY for topic in stage.reads}
    expected |= {f"{stage.name}.send.{topic.name}" for stage in WAY for topic in stage.writes}
    assert set(document["operations"]) == expected
    for message in document["components"]["messages"].values():
        assert (DIRECTORY / message["payload"]["$ref"]).resolve().is_file()


def test_no_message_field_can_hold_a_key() -> None:
    """Promise 10: nothing on a topic is named like key material."""
    words = ("private", "secret", "mnemonic", "seed", "passphrase", "api_key")
    fields = [f"{name}.{field}" for name, message in MESSAGES.items() for field in message.model_fields]
    assert [field for field in fields if any(word in field.lower() for word in words)] == []
