"""Logs as JSON lines on standard output, one event per line, with fields; used by `streams` and `trading`.

Never a key, token or signature: values of fields whose name speaks of one are replaced before they are written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_SECRET_NAMES: Final = ("secret", "token", "password", "private_key", "signature", "authorization", "api_key")
# A token's id is public and in every line of the way; only what opens something is hidden.
_PUBLIC_NAMES: Final = frozenset({"token_id", "token_ids"})


def set_up_logs(process: str, level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logging to stdout as JSON; call once, at the process' start."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
        _hide_secrets,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(formatter)
    logging.basicConfig(handlers=[output], level=level, force=True)


def say_ready(**fields: object) -> None:
    """The line that whoever started this process waits for: `{"event": "ready", …}`."""
    structlog.get_logger().info("ready", **fields)
    sys.stdout.flush()


def _named(process: str) -> structlog.typing.Processor:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    return add


def _hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        lowered = name.lower()
        if lowered not in _PUBLIC_NAMES and any(word in lowered for word in _SECRET_NAMES):
            event[name] = "***"
    return event
