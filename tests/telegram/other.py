"""The counterpart that is not our own code: telegram-test-api from npm behind a small shim (``other_telegram.js``).

It has no long poll, no offsets, checks neither markup nor lengths and knows no floods; our local server does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.stack.ports import free_port
from ops.telegram.markup import read
from tests.waiting import eventually

HERE = Path(__file__).parent
INSTALL_SECONDS = 300
START_SECONDS = 20.0


@dataclass(frozen=True)
class OtherTelegram:
    """Where it listens."""

    url: str


@contextmanager
def run_other() -> Iterator[OtherTelegram]:
    """The server on a free loopback port while the block runs. Skips the test where it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not here: telegram-test-api, a counterpart not of our own, cannot run")
    modules = installed(npm)
    port = free_port()
    program = subprocess.Popen(
        [node, str(HERE / "other_telegram.js"), str(port)],
        env=os.environ | {"NODE_PATH": str(modules)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert '"ready"' in program.stdout.readline(), "telegram-test-api did not start"
        yield OtherTelegram(f"http://127.0.0.1:{port}")
    finally:
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def installed(npm: str) -> Path:
    """The folder of node's modules, filled once per lock file by npm itself; skips when npm cannot."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polycool"
    place = cache / f"telegram-test-api-{hashlib.sha256(lock).hexdigest()[:12]}"
    if (place / "node_modules").is_dir():
        return place / "node_modules"
    # Two runs at once must not fill one folder: each fills its own, the first to be done gives it its name.
    filling = cache / f"filling-{os.getpid()}"
    filling.mkdir(parents=True, exist_ok=True)
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, filling / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ended = subprocess.run(
            command, cwd=filling, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if ended.returncode != 0:
            pytest.skip(f"npm could not install telegram-test-api: {ended.stderr.strip()[-300:]}")
        if not place.exists():
            filling.rename(place)
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return place / "node_modules"


@dataclass
class OtherPerson:
    """A person's side of the chat with one bot, over the counterpart's own routes."""

    telegram: OtherTelegram
    token: str
    account_id: int = 501
    first_name: str = "Ann"
    language_code: str = "en"
    seconds: float = 20.0

    def __post_init__(self) -> None:
        self._client = httpx.AsyncClient(base_url=self.telegram.url, timeout=30.0)

    async def close(self) -> None:
        """End its connections."""
        await self._client.aclose()

    async def send(self, text: str) -> None:
        """Write a text or a command."""
        body = {"botToken": self.token, "date": int(time.time()), "from": self._user(), "chat": self._chat()}
        body["text"] = text
        if text.startswith("/"):
            word = text.split(maxsplit=1)[0]
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(word)}]
            await self._ask("/sendCommand", body)
        else:
            await self._ask("/sendMessage", body)

    async def press(self, text: str) -> None:
        """Press the button with this text of the newest message that has it; LookupError when none has."""
        for shown in reversed(await self.shown()):
            for row in shown["rows"]:
                for button in row:
                    if button["text"] == text:
                        await self._tap(shown, str(button["callback_data"]))
                        return
        raise LookupError(f"no button {text!r} in:\n{await self.transcript()}")

    async def shown(self) -> list[dict[str, Any]]:
        """What the bot has said and is still shown, oldest first: ``message_id``, ``text``, ``rows``."""
        kept = (await self._ask("/getUpdatesHistory", {"token": self.token}))["result"]
        mine = [one for one in kept if str(one.get("message", {}).get("chat_id")) == str(self.account_id)]
        return [
            {
                "message_id": one["messageId"],
                "text": read(one["message"].get("text", ""), one["message"].get("parse_mode")).text,
                "rows": (one["message"].get("reply_markup") or {}).get("inline_keyboard", []),
                "photo": bool(one["message"].get("photo")),
            }
            for one in mine
        ]

    async def until_said(self, words: str) -> str:
        """Wait until a shown message of the bot holds these words; returns its text."""
        try:
            found = await eventually(lambda: self._said(words), self.seconds, every=0.05)
        except AssertionError as error:
            raise AssertionError(f"{words!r} was not said; shown:\n{await self.transcript()}") from error
        assert found is not None
        return found

    async def transcript(self) -> str:
        """What the bot shows, with its buttons."""
        lines = []
        for shown in await self.shown():
            rows = [" ".join(f"[{button['text']}]" for button in row) for row in shown["rows"]]
            lines.append("\n".join([shown["text"], *rows]))
        return "\n\n".join(lines)

    async def _said(self, words: str) -> str | None:
        return next((one["text"] for one in reversed(await self.shown()) if words in one["text"]), None)

    async def _tap(self, shown: dict[str, Any], data: str) -> None:
        message = {
            "message_id": int(shown["message_id"]),
            "date": int(time.time()),
            "chat": self._chat(),
            "text": shown["text"],
            "reply_markup": {"inline_keyboard": shown["rows"]},
        }
        body = {"botToken": self.token, "date": int(time.time()), "from": self._user(), "chat": self._chat()}
        await self._ask("/sendCallback", body | {"message": message, "data": data})

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        answer = await self._client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def _user(self) -> dict[str, Any]:
        return {
            "id": self.account_id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }

    def _chat(self) -> dict[str, Any]:
        return {"id": self.account_id, "type": "private", "first_name": self.first_name}
