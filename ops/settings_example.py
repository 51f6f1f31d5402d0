"""`.env.example`, made from the settings classes: `python -m ops.settings_example > .env.example`.

Each setting stands with its default and with the reason written beside it in the class.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode

from api.settings import Settings as ApiSettings
from bot.settings import BotSettings
from ops.paper.settings import PaperSettings
from ops.prune.settings import KeptSettings
from streams.settings import StreamsSettings
from streams.trading.settings import TradingSettings

HEAD = """\
# Settings of Polycool: environment variables, read once when a process starts.
# `polycool up`, `polycool demo` and the tests need none of them: they start a broker and a database and make secrets
# of their own. A line without a comment sign is required by the process named above it.
# Make secrets with: python3 -c "import secrets, base64; print(base64.b64encode(secrets.token_bytes(32)).decode())"
"""
LOCAL = {
    "POLYCOOL_STACK_DIR": ".polycool|Where `up` and `demo` keep broker, database, logs and secrets.",
    "POLYCOOL_JARS_DIR": "~/.cache/polycool/jars|Where Kafka's verified jars are kept, for all checkouts.",
    "POLYCOOL_KAFKA_PORT": "|A fixed port for the local broker, instead of any free one.",
    "POLYCOOL_POSTGRES_PORT": "|A fixed port for the local database, instead of any free one.",
    "POLYCOOL_PARTITIONS": "12|Partitions of new topics (4 on the local stack); never changed afterwards.",
    "POLYCOOL_API_URL": "http://127.0.0.1:8000|Where commands find the API; `up` sets it.",
    "POLYCOOL_VECTORS": "../shared/vectors|Where the tests find the worked cases.",
}
PROCESSES: dict[str, type[BaseSettings]] = {
    "polycool streams": StreamsSettings,
    "polycool trading": TradingSettings,
    "polycool api": ApiSettings,
    "polycool paper": PaperSettings,
    "polycool bot": BotSettings,
    "polycool prune": KeptSettings,
}


def example() -> str:
    """The text of the file."""
    lines = [HEAD, "# The local stack, the command line and the tests"]
    for name, line in LOCAL.items():
        default, _, reason = line.partition("|")
        lines += [f"# {reason}", f"# {name}={default}"]
    told: set[str] = set()
    for process, settings in PROCESSES.items():
        lines += ["", f"# {process}"]
        reasons = _reasons(settings)
        for name, field in settings.model_fields.items():
            spelled = environment_name(settings, name, field)
            if spelled not in told:
                told.add(spelled)
                lines += _entry(spelled, field, reasons.get(name, ""))
    return "\n".join(lines) + "\n"


def environment_name(settings: type[BaseSettings], name: str, field: FieldInfo) -> str:
    """How the setting is spelled in the environment."""
    if isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[-1])
    return f"{settings.model_config['env_prefix']}{name}".upper()


def _entry(spelled: str, field: FieldInfo, reason: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(reason, 110))
    if field.is_required():
        yield f"{spelled}="
    else:
        default = field.get_default(call_default_factory=True)
        many = isinstance(default, tuple | list | set | frozenset)
        as_json = many and NoDecode not in field.metadata
        yield f"# {spelled}={json.dumps(list(default)) if as_json else _shown(default)}"


def _shown(default: object) -> str:
    match default:
        case None | SecretStr():
            return ""
        case tuple() | list():
            return ",".join(str(part) for part in default)
        case frozenset() | set():
            return ",".join(sorted(str(part) for part in default))
        case _:
            return str(default)


def _reasons(settings: type[BaseSettings]) -> dict[str, str]:
    """The comment above each field, or the string below it; of the classes it is made of too."""
    ours = [each for each in settings.__mro__ if issubclass(each, BaseSettings) and each is not BaseSettings]
    return {name: reason for each in reversed(ours) for name, reason in _own_reasons(each).items()}


def _own_reasons(settings: type[BaseSettings]) -> dict[str, str]:
    lines = Path(inspect.getfile(settings)).read_text().splitlines()
    tree = ast.parse("\n".join(lines))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == settings.__name__
    )
    reasons: dict[str, str] = {}
    for here, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(here, ast.AnnAssign) and isinstance(here.target, ast.Name):
            reasons[here.target.id] = _comment_above(lines, here.lineno) or _text(below)
    return reasons


def _comment_above(lines: list[str], number: int) -> str:
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        found.insert(0, line.strip().removeprefix("#").strip())
    return " ".join(found)


def _text(node: ast.stmt | None) -> str:
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return " ".join(node.value.value.split())
    return ""


if __name__ == "__main__":
    print(example(), end="")  # noqa: T201 (this is its answer)
