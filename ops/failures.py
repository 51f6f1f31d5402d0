"""Failures that mean "something it needs is not there": one sentence for each kind, with its mend."""

from __future__ import annotations

import aiokafka.errors
import httpx
import psycopg
import psycopg_pool
import pydantic

from ops.migration.binding import BindingRefused
from ops.migration.migrate import MigrationRefused
from ops.stack.errors import StackError


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
        case aiokafka.errors.KafkaConnectionError():
            return f"the broker does not answer ({_first_line(error)}): polycool up starts one."
        case httpx.ConnectError():
            return f"the service does not answer ({_first_line(error)}): is it running?"
        case _:
            return None


def _settings(error: pydantic.ValidationError) -> str:
    """Names of the settings and what is wrong with them; never their values."""
    wrong = []
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else "settings"
        spelled = name if name.startswith("POLYCOOL_") else f"POLYCOOL_{name.upper()}"
        wrong.append(f"{spelled}: {fault['msg']}")
    return f"settings are missing or wrong: {'; '.join(wrong)} (see .env.example)."


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].strip()
