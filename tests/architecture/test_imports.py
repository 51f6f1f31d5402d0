"""Who may know whom: schemas nobody, streams and api only schemas, and in a stage only its agent the outside."""

from __future__ import annotations

import ast
import re
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.source import PACKAGES, STAGE_FOLDERS, Module, modules

MAY_IMPORT = {
    "schemas": {"schemas"},
    "streams": {"schemas", "streams"},
    "api": {"schemas", "api"},
    "bot": {"schemas", "bot"},
    "ops": {"schemas", "streams", "api", "bot", "ops"},
}
# What speaks with the world, the clock or chance.
OUTSIDE = frozenset(
    """aiokafka aiohttp asyncio faust http httpx io logging mode os pathlib psycopg psycopg_pool random requests
    secrets shutil socket sqlite3 structlog subprocess tempfile threading time urllib uuid uvicorn uvloop""".split()  # noqa: SIM905
)
# In a stage the agent is the shell. Trading is a process of its own with a loop per duty; these are its shells, and
# what they do is decided in the pure modules beside them.
SHELLS = {
    **{folder: {"agent"} for folder in STAGE_FOLDERS},
    # What answers floods stands beside the stage that notes them.
    "copy_execution": {"agent", "flooding"},
    # What grades signals stands beside the stage that makes them.
    "smart_trader": {"agent", "scorekeeper"},
    # What sends letters again stands beside the stage that keeps them.
    "letters": {"agent", "redriver", "inbox"},
    # What is computed for seconds, in a process of its own.
    "what_if": {"agent", "child"},
    "trading": {
        "account_audit",
        "agent",
        "bell",
        "book_looks",
        "bookkeeper",
        "claiming",
        "collecting",
        "deploying",
        "desk",
        "exit_orders",
        "first_looks",
        "forgotten",
        "gate",
        "halt_watch",
        "hand_orders",
        "hand_payouts",
        "keyring",
        "listening",
        "live_looks",
        "loops",
        "markets_told",
        "outlet",
        "payouts",
        "plan_ends",
        "post_traces",
        "price_watch",
        "provisioner",
        "reconciler",
        "redeeming",
        "refusals",
        "resolved_lots",
        "reversals",
        "sender",
        "settler",
        "sweeper",
        "thin_watch",
        "unknown_watch",
        "withdrawing",
        "worker",
    },
}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_know_only_whom_they_may(package: str) -> None:
    """schemas → nobody, streams ⟂ api ⟂ bot, ops → all."""
    ours = {*PACKAGES, "tests"}
    wrong = {
        module.place: forbidden
        for module in modules(package)
        if (forbidden := (module.roots() & ours) - MAY_IMPORT[package])
    }
    assert wrong == {}


def test_schemas_touch_nothing_outside() -> None:
    """The contract reads no clock, no file, no network and throws no dice."""
    wrong = {module.place: found for module in modules("schemas") if (found := module.roots() & OUTSIDE)}
    assert wrong == {}


@pytest.mark.parametrize("folder", STAGE_FOLDERS)
def test_in_a_stage_only_the_agent_touches_the_outside(folder: str) -> None:
    """The rest of the folder imports nothing that reads or writes, and awaits nothing."""
    wrong = {
        module.place: sorted(found)
        for module in modules(f"streams/{folder}")
        if module.path.stem not in SHELLS[folder] and (found := _touches(module))
    }
    assert wrong == {}


def _touches(module: Module) -> set[str]:
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)
    awaits = {"await"} if any(isinstance(node, waits) for node in ast.walk(module.tree)) else set()
    return (module.roots() & OUTSIDE) | awaits


def test_our_packages_belong_to_us_alone() -> None:
    """No installed distribution ships a package of the same name, which would overwrite ours."""
    owners = packages_distributions()
    assert {name: set(owners.get(name, ["polycool"])) for name in PACKAGES} == {
        name: {"polycool"} for name in PACKAGES
    }


def test_every_command_in_the_overview_exists_and_no_other() -> None:
    """A command is a module with `command` or `app`, and stands in the help."""
    from ops.cli import COMMANDS

    found = {
        module.path.stem: {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)}
        | {
            target.id
            for node in module.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for module in modules("ops/commands")
        if module.path.stem != "__init__"
    }
    assert set(found) == set(COMMANDS)
    assert all(names & {"command", "app"} for names in found.values())


def test_every_kafka_client_signs_in_as_the_settings_say() -> None:
    """No client is made with an address alone: `**reach(…)` gives it the sign-in too; Faust is given it by name."""
    lacking = [
        f"{module.place}:{node.lineno}"
        for module in modules("streams", "api", "bot", "ops")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"(aiokafka\.)?AIOKafka(Consumer|Producer|AdminClient|Client)", ast.unparse(node.func)
        )
        and not any(
            word.arg is None and ast.unparse(word.value).startswith("reach(") for word in node.keywords
        )
    ]
    assert lacking == []
    (app,) = (module for module in modules("streams") if module.name == "streams.kafka.app")
    assert "broker_credentials=credentials(settings)" in app.text
