"""Failures that mean "something it needs is not there": one sentence for each kind, with its mend."""

from __future__ import annotations

import asyncio

import aiokafka.errors
import httpx
import psycopg
import psycopg_pool
import pydantic

from ops.broker_access import BrokerRefuses, refusal
from ops.migration.binding import BindingRefused
from ops.migration.migrate import MigrationRefused
from ops.stack.errors import StackError
from ops.stack.neighbours import surroundings
from schemas.kafka_access import KafkaFilesWrong


class Missing(Exception):
    """Something the command needs is not there; the text is one sentence. Ends with exit code 3."""


def explained(error: Exception) -> str | None:
    """The sentence for a known failure; None for what is a programmer's error."""
    match error:
        case Missing() | StackError() | BindingRefused() | MigrationRefused():
            return str(error)
        case pydantic.ValidationError() if error.title.endswith("Settings"):
            return _settings(error)
        case psycopg.OperationalError() | psycopg_pool.PoolTimeout():
            return f"the database does not answer ({_first_line(error)}): polycool up starts one."
        case KafkaFilesWrong() | BrokerRefuses():
            return f"{error.args[-1]}"
        case aiokafka.errors.KafkaConnectionError():
            return _refused() or f"the broker does not answer ({_first_line(error)}): polycool up starts one."
        case httpx.ConnectError():
            return f"the service does not answer ({_first_line(error)}): is it running?"
        case _:
            return None


def _settings(error: pydantic.ValidationError) -> str:
    """Names of the settings and what is wrong with them; never their values."""
    wrong = []
    for fault in error.errors():
        if not fault["loc"]:
            # Of several settings together: the sentence names them.
            wrong.append(fault["msg"].removeprefix("Value error, "))
            continue
        name = str(fault["loc"][0])
        spelled = name if name.startswith("POLYCOOL_") else f"POLYCOOL_{name.upper()}"
        wrong.append(f"{spelled}: {fault['msg']}")
    return f"settings are missing or wrong: {'; '.join(wrong)} (see .env.example)."


def _refused() -> str | None:
    """Why the broker lets us not in, asked once more of it; None where it is away, and where a loop runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(refusal(surroundings().get("POLYCOOL_KAFKA", "")))
    return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].strip()
