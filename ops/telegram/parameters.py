"""What a call carries: form, multipart or JSON, with JSON inside of form fields, as the Bot API takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from ops.telegram.refusals import bad


@dataclass(frozen=True)
class Parameters:
    """Fields by name (text or JSON values) and uploaded files by name."""

    fields: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str | None:
        """A field as text."""
        value = self.fields.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A field as a whole number; 400 when it is none."""
        value = self.fields.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def yes(self, name: str) -> bool:
        """A field as yes or no."""
        return str(self.fields.get(name, "")).lower() in ("true", "1")

    def decoded(self, name: str) -> Any:
        """A field that holds JSON (or is JSON already); None where it is absent; 400 when it does not parse."""
        value = self.fields.get(name)
        if not isinstance(value, str) or value == "":
            return value or None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad(f"can't parse {name} JSON object") from None

    @property
    def chat_id(self) -> int | None:
        """The chat the call is about."""
        return self.number("chat_id") if "chat_id" in self.fields else None


async def read(request: web.Request) -> Parameters:
    """The parameters of a call, from its address and its body."""
    fields: dict[str, Any] = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        body = await request.read()
        given = orjson.loads(body) if body else {}
        if not isinstance(given, dict):
            raise bad("request body must be a JSON object")
        fields |= given
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
            elif isinstance(value, bytes | bytearray):
                files[name] = bytes(value)
            else:
                fields[name] = value
    return Parameters(fields, files)
