"""Logs as JSON lines on standard output. No field of ours ever holds a token, a secret or a body."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import structlog

_AS_BEFORE: Final = (
    orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS
)


def set_up_logs(level: str) -> None:
    """Send structlog and the libraries' logging to stdout; call once, at the process' start."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named,
    ]
    closing: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(_line),
    ]
    structlog.configure(
        processors=[*shared, *closing],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    _Requests.told = number <= logging.INFO
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *closing],
        )
    )
    logging.basicConfig(handlers=[output], level=max(number, logging.WARNING), force=True)


def tell_request(request_id: str, **facts: object) -> None:
    """The line that each request leaves. It says what structlog would, which takes longer for it than a list does."""
    if not _Requests.told:
        return
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    line = facts | {
        "request_id": request_id,
        "event": "request",
        "level": "info",
        "timestamp": at,
        "process": "api",
    }
    sys.stdout.write(f"{orjson.dumps(line).decode()}\n")
    sys.stdout.flush()


class _Requests:
    """Whether requests are told: a process that set up its logs, at a level that lets them through."""

    told = False


def _line(event: Any, **_more: Any) -> str:
    """A line; what JSON has no word for is told as text, and so are numbers beyond 64 bits."""
    try:
        return orjson.dumps(event, default=str, option=_AS_BEFORE).decode()
    except TypeError:
        return json.dumps(event, default=str)


def _named(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.setdefault("process", "api")
    return event
