"""Checks of this machine and of what answers HTTP, each broken on purpose; none needs a broker or a database."""

from __future__ import annotations

import importlib.metadata
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest

from ops.doctor import bot, exchange, machine, packages, secrets_files, settings, webhook, workers
from ops.doctor.clocks import partition_of_group
from ops.doctor.examine import CHECKS, Look, examine
from ops.doctor.finding import Mark
from ops.stack.errors import StackError
from tests.doctor.patients import Answers, environment, patient, secret, well, well_found, wrong
from tests.doctor.patients import machine as made
from tests.waiting import eventually


class Broken(NamedTuple):
    """A check, what is done to its patient, and words of the sentence that must follow."""

    look: Look
    says: str
    settings: Mapping[str, str] = MappingProxyType({})
    machine: Mapping[str, Any] = MappingProxyType({})
    answers: Answers = well


def _other(path: str, answer: httpx.Response) -> Answers:
    return lambda request: answer if request.url.path.endswith(path) else well(request)


def _old_kafka(name: str) -> str:
    return "0.12.0" if name == "aiokafka" else importlib.metadata.version(name)


def _no_faust(name: str) -> str:
    if name == "faust-streaming":
        raise importlib.metadata.PackageNotFoundError(name)
    return importlib.metadata.version(name)


def _no_java() -> list[str]:
    raise StackError("Java is missing: install this project's packages again.")


def _away(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


LIVE = {
    "POLYCOOL_POLYMARKET_URL": "http://clob.test",
    "POLYCOOL_GEOBLOCK_URL": "http://clob.test/api/geoblock",
}
NO_LEAVE = httpx.Response(200, json={"blocked": True, "country": "US", "region": "NY"})
HOOK = {"ok": True, "result": {"url": "https://elsewhere.test/hook"}}
MISSPELLED = "POLYCOOL_" + "KAFAK"
BROKEN = {
    "an old Python": Broken(packages.python, "this is Python 3.9.1, >=3.11 is needed", machine={"python": (3, 9, 1)}),
    "another package": Broken(
        packages.packages, "aiokafka 0.12.0 is installed, ==0.14.0 is needed", machine={"version_of": _old_kafka}
    ),
    "no package": Broken(packages.packages, "faust-streaming is not installed", machine={"version_of": _no_faust}),
    "a misspelled setting": Broken(
        settings.look, f"{MISSPELLED} is set and no process reads it", {MISSPELLED: "x"}
    ),
    "a missing setting": Broken(
        settings.look, "polycool api would not start: settings are missing or wrong: POLYCOOL_BOT_PUBLIC_KEYS",
        {"POLYCOOL_BOT_PUBLIC_KEYS": ""},
    ),
    "an example secret": Broken(
        settings.look, "POLYCOOL_OPERATOR_TOKEN: Value error, is that of an example",
        {"POLYCOOL_OPERATOR_TOKEN": "change-me-please-soon"},
    ),
    "an impossible setting": Broken(settings.look, "POLYCOOL_SESSION_SECONDS", {"POLYCOOL_SESSION_SECONDS": "1"}),
    "a short secret": Broken(
        secrets_files.look, "POLYCOOL_PAPER_ADMIN_TOKEN has 9 characters, 16 are the least",
        {"POLYCOOL_PAPER_ADMIN_TOKEN": "x9K2m7Qp1"},
    ),
    "a dull secret": Broken(
        secrets_files.look, "POLYCOOL_BOT_SECRET is made of 2 different characters", {"POLYCOOL_BOT_SECRET": "ab" * 12}
    ),
    "a secret used twice": Broken(
        secrets_files.look, "POLYCOOL_BOT_SECRET and POLYCOOL_OPERATOR_TOKEN are the same secret",
        {"POLYCOOL_BOT_SECRET": secret("operator")},
    ),
    "a full disk": Broken(
        machine.disk, "120 MB are free and 500 MB are the least", machine={"free_disk_mb": lambda _: 120}
    ),
    "no memory": Broken(machine.memory, "200 MB are free, 1000 MB are needed", machine={"free_memory_mb": lambda: 200}),
    "no Java": Broken(machine.engine, "Java is missing", machine={"java": _no_java}),
    "an exchange away": Broken(exchange.look, "the paper exchange at http://paper.test does not answer", answers=_away),
    "an exchange that places nothing": Broken(
        exchange.look, "the paper exchange is cancel only: it places nothing",
        answers=_other("/mode", httpx.Response(200, json={"mode": "cancel_only"})),
    ),
    "another token at the exchange": Broken(
        exchange.look, "refuses our POLYCOOL_PAPER_ADMIN_TOKEN", answers=_other("/mode", httpx.Response(401))
    ),
    "a region without leave": Broken(
        exchange.look, "takes no orders from here (US-NY)", LIVE, answers=_other("/geoblock", NO_LEAVE)
    ),
    "a region that nobody tells": Broken(
        exchange.look, "does not say whether it takes orders from here", LIVE,
        answers=_other("/geoblock", httpx.Response(500)),
    ),
    "a wrong bot's token": Broken(
        bot.look, "Telegram does not know the token in POLYCOOL_TELEGRAM_TOKEN (401)",
        answers=_other("/getMe", httpx.Response(401, json={"ok": False})),
    ),
    "updates that go elsewhere": Broken(
        bot.look, "Telegram posts updates to https://elsewhere.test/hook, this bot asks for them",
        answers=_other("/getWebhookInfo", httpx.Response(200, json=HOOK)),
    ),
    "no Telegram": Broken(bot.look, "does not answer (ConnectError)", answers=_away),
    "an open door": Broken(
        webhook.look, "answers 202 to a body that nobody signed", answers=_other("/trades", httpx.Response(202))
    ),
    "another signing secret": Broken(
        webhook.look, "does not take a body signed with our secret", answers=_other("/trades", httpx.Response(401))
    ),
    "no API": Broken(webhook.look, "the API at http://api.test does not answer", answers=_away),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_said(broken: str, tmp_path: Path) -> None:
    """Well before, ✗ with its sentence and its mend after; no sentence holds a secret."""
    look, says, changed, parts, answers = BROKEN[broken]
    good = environment("127.0.0.1:1", "postgresql://nobody@127.0.0.1:1/none")
    one = patient(tmp_path, good | dict(changed), answers, made(**parts))
    await well_found(
        look, patient(tmp_path, good | {name: text for name, text in changed.items() if name in LIVE})
    )
    said = await wrong(look, one)
    assert says in said
    hidden = [
        text for name, text in one.environment.items() if name.endswith(("TOKEN", "SECRET", "KEY", "SECRETS"))
    ]
    assert [text for text in hidden if text in said] == []


async def test_a_file_with_secrets_that_others_may_read_is_said(tmp_path: Path) -> None:
    """Of the stack's own files."""
    file = tmp_path / "secrets.env"
    file.write_text("POLYCOOL_OPERATOR_TOKEN=x\n")
    file.chmod(0o600)
    await well_found(secrets_files.look, patient(tmp_path, environment()))
    file.chmod(0o644)
    said = await wrong(secrets_files.look, patient(tmp_path, environment()))
    assert f"{file} holds secrets and other users of this machine may read it" in said
    assert f"chmod 600 {file}" in said


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """And what to set instead; not while it is our own stack that has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = environment() | {
            "POLYCOOL_API_PORT": str(listener.getsockname()[1]),
            "POLYCOOL_PAPER_PORT": "0",
        }
        said = await wrong(machine.ports, patient(tmp_path, taken))
        assert "for the API is taken" in said
        assert "or set POLYCOOL_API_PORT" in said
        await well_found(machine.ports, patient(tmp_path, taken, runs_here=True))


async def test_a_disk_that_thirty_days_would_fill_is_said(tmp_path: Path) -> None:
    """By the pace of what is held so far, measured over a day at least."""
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("x")
    (data / "segment").write_bytes(b"x" * (4 << 20))
    await well_found(machine.disk, patient(tmp_path, environment(), machine=made(free_disk_mb=lambda _: 900)))
    (data / "segment").write_bytes(b"x" * (40 << 20))
    one = patient(tmp_path, environment(), machine=made(free_disk_mb=lambda _: 900))
    assert "900 MB are free, and 30 days of topics come to" in await wrong(machine.disk, one)


async def test_two_bots_with_one_token_are_said() -> None:
    """Seen by the processes of this machine; the token is compared and not shown."""
    token = secret("two bots")
    idle = "import sys; print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", idle, "polycool", "bot"]
    both = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"POLYCOOL_TELEGRAM_TOKEN": token}
        )
        for _ in range(2)
    ]
    try:

        def seen() -> bool:
            return list(workers.shared("bot", "POLYCOOL_TELEGRAM_TOKEN")).count(token) == 2

        await eventually(seen)
        said = workers.said_twice("bot", "POLYCOOL_TELEGRAM_TOKEN", "bot's token", token)
        assert workers.said_twice("bot", "POLYCOOL_TELEGRAM_TOKEN", "bot's token", secret("another")) == []
        assert any(
            "2 processes `polycool bot` with one bot's token run on this machine" in each for each, _ in said
        )
        assert token not in str(said)
    finally:
        for each in both:
            each.communicate()


async def test_nothing_to_look_at_is_no_fault(tmp_path: Path) -> None:
    """A machine before its first `up`: what needs a broker or a database is told, and is not wrong."""
    bare = {"POLYCOOL_API_PORT": "0", "POLYCOOL_PAPER_PORT": "0"}
    examination = await examine(patient(tmp_path, bare, machine=made(free_memory_mb=lambda: 9_000)))
    assert [finding.line() for finding in examination.findings if finding.mark is Mark.WRONG] == []
    assert len({finding.check for finding in examination.findings}) == len(CHECKS)


async def test_a_check_that_fails_holds_up_no_other(tmp_path: Path) -> None:
    """Neither an error nor a part that never answers."""

    async def failing(_: object) -> list[Any]:
        raise ValueError("as if by a fault of ours")

    checks = [CHECKS[0]._replace(look=failing), CHECKS[1]]
    examination = await examine(patient(tmp_path, {}), checks)
    assert "could not be made: ValueError: as if by a fault of ours" in examination.findings[0].line()
    assert examination.findings[1].mark is Mark.WELL
    assert examination.as_json()["wrong"] == 1


def test_the_partition_of_a_group_is_javas() -> None:
    """As the broker works it out: `"hello".hashCode()` is 99162322."""
    assert partition_of_group("a", 50) == 97 % 50
    assert partition_of_group("hello", 50) == 99162322 % 50
