"""The contract as files, made from the models: JSON Schema per message, AsyncAPI for the topics, OpenAPI for HTTP.

`python -m ops.contracts` writes `schemas/contracts/`; a test fails when files and models part.

The golden samples beside them are written by hand and never made again: old bytes load for ever.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from api.app import create_app
from api.settings import Settings
from schemas.base import Message
from streams.topology import TOPICS, WAY, Topic

DIRECTORY: Final = Path(__file__).resolve().parents[1] / "schemas" / "contracts"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]


def documents() -> dict[str, str]:
    """Every file's place below `schemas/contracts` with its text."""
    messages = {topic.message for topic in TOPICS}
    made: dict[str, Mapping[str, Any]] = {
        f"messages/{versioned(message)}.schema.json": message_schema(message) for message in messages
    }
    made["asyncapi.json"] = asyncapi()
    made["openapi.json"] = openapi()
    return {place: json.dumps(made[place], indent=2, ensure_ascii=False) + "\n" for place in sorted(made)}


def versioned(message: type[BaseModel]) -> str:
    """`TradeSeen.v1`: a message and its version, as files are named."""
    return f"{message.__name__}.v{message.model_fields['schema_version'].default}"


def message_schema(message: type[Message]) -> Json:
    """The JSON Schema of one message as it is read."""
    name = versioned(message)
    return {"$schema": _DIALECT, "$id": f"urn:polycool:message:{name}"} | message.model_json_schema()


def asyncapi() -> Json:
    """The topics: key, message, retention, who writes and who reads (AsyncAPI 3)."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Polycool topics",
            "version": version("polycool"),
            "description": "The names may carry a prefix (shadow runs). Values are JSON, keys are text.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {"messages": {topic.message.__name__: _message(topic) for topic in TOPICS}},
    }


def openapi() -> Json:
    """The HTTP face as the app describes itself; it is not started for that."""
    nowhere = Settings(
        kafka="127.0.0.1:9092",
        database_url=SecretStr("postgresql://127.0.0.1/polycool"),
        operator_token=SecretStr("only-for-the-description"),
        bot_public_keys=(base64.b64encode(bytes(32)).decode(),),
    )
    return create_app(nowhere).openapi()


def write(directory: Path = DIRECTORY) -> list[str]:
    """Bring the files to the models; the places of those that changed."""
    changed = []
    for place, text in documents().items():
        file = directory / place
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(place)
    return changed


def _channel(topic: Topic) -> Json:
    kept = {"cleanup.policy": ["compact"]} if topic.days is None else {"cleanup.policy": ["delete"]}
    retention = {} if topic.days is None else {"retention.ms": int(topic.settings()["retention.ms"])}
    return {
        "address": topic.name,
        "description": f"Written by {topic.written_by}. Keyed by {topic.key}.",
        "messages": {topic.message.__name__: {"$ref": f"#/components/messages/{topic.message.__name__}"}},
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": kept | retention}},
    }


def _message(topic: Topic) -> Json:
    return {
        "name": topic.message.__name__,
        "contentType": "application/json",
        "payload": {"$ref": f"./messages/{versioned(topic.message)}.schema.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }


def _operations() -> Json:
    made: Json = {}
    for stage in WAY:
        for action, topics in (("receive", stage.reads), ("send", stage.writes)):
            for topic in topics:
                made[f"{stage.name}.{action}.{topic.name}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.name}"},
                }
    return made


if __name__ == "__main__":
    sys.stdout.write("".join(f"{place}\n" for place in write()) or "nothing changed\n")
