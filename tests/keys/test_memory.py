"""Secrets lie in buffers that are wiped, and nobody looks into the process that holds them (DESIGN §13)."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from streams.keys import envelopes, providers, rotation
from streams.keys.envelopes import open_envelope, seal, seal_credentials
from streams.keys.memory import random_buffer, wiped
from streams.keys.providers import KeyContext, KeyRing, LocalKeyProvider
from streams.tables.wrapping import WrappedKey
from streams.trading.starting import WrongGround
from streams.venues.wallets import Credentials
from tests.keys.double import Kms

KEY = base64.b64encode(hashlib.sha256(b"a key for these tests").digest()).decode()


def test_a_buffer_is_wiped_however_its_block_ends() -> None:
    """Where it lies, not a copy; after a fault too."""
    buffer = random_buffer(32)
    view = memoryview(buffer)
    assert any(view)

    def fail(_: bytearray) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), wiped(buffer) as secret:
        fail(secret)
    assert not any(view)


class _Watched:
    """A provider that remembers each buffer it gave."""

    def __init__(self, inner: LocalKeyProvider) -> None:
        self.name = inner.name
        self._inner = inner
        self.given: list[bytearray] = []

    async def new_data_key(self, context: KeyContext) -> tuple[bytearray, bytes]:
        data_key, wrapped = await self._inner.new_data_key(context)
        self.given.append(data_key)
        return data_key, wrapped

    async def wrap(self, data_key: bytearray, context: KeyContext) -> bytes:
        return await self._inner.wrap(data_key, context)

    async def unwrap(self, wrapped: bytes, context: KeyContext) -> bytearray:
        self.given.append(await self._inner.unwrap(wrapped, context))
        return self.given[-1]

    async def close(self) -> None:
        """Nothing is held."""


async def test_data_keys_are_wiped_after_use() -> None:
    """Sealing, sealing the login, opening, and a login that does not open: every data key is zeros afterwards."""
    watched = _Watched(LocalKeyProvider(KEY))
    ring = KeyRing(watched)
    envelope = await seal(bytes(range(1, 33)), user_id="u", wallet="0x1", ring=ring)
    login = await seal_credentials(envelope, Credentials("a", "b", "c"), ring)
    whole = envelopes.Envelope(
        "u", "0x1", 1, envelope.provider, envelope.wrapped_data_key, envelope.sealed_key, login
    )
    secret, _ = await open_envelope(whole, ring)
    assert bytes(secret) == bytes(range(1, 33))
    broken = envelopes.Envelope(
        "u", "0x1", 1, envelope.provider, envelope.wrapped_data_key, envelope.sealed_key[:-1], login
    )
    with pytest.raises(providers.KeyRefused):
        await open_envelope(broken, ring)
    assert len(watched.given) == 4
    assert not any(any(buffer) for buffer in watched.given)


async def test_rotation_wipes_what_it_opens() -> None:
    """Both the old data key and the one that was tried."""
    watched = _Watched(LocalKeyProvider(KEY))
    data_key, wrapped = await watched.new_data_key(KeyContext("u", "0x1", 1))
    row = WrappedKey("a", "u", "0x1", 1, watched.name, wrapped)
    await rotation._rewrapped(row, KeyRing(watched), watched)
    assert len(watched.given) == 3
    assert not any(any(buffer) for buffer in watched.given[1:])
    assert any(data_key)


async def test_the_process_is_closed_to_core_dumps_and_debuggers() -> None:
    """After `close_memory`: no core file, and the kernel says that the process is not dumpable."""
    look = (
        "import resource, ctypes; from streams.keys.memory import close_memory; close_memory();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=30, check=True)
    assert ran.stdout.strip() == "(0, 0) 0"


def test_trading_closes_its_memory_before_it_reads_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing the process does."""
    from streams.trading import worker

    order: list[str] = []

    def note(name: str) -> Callable[..., Any]:
        return lambda *_, **__: order.append(name)

    monkeypatch.setattr(worker, "set_up_logs", note("logs"))
    monkeypatch.setattr(worker, "close_memory", note("closed"))
    monkeypatch.setattr(worker, "check_before_start", note("checked"))

    def live(*_: object) -> Awaitable[None]:
        raise WrongGround("enough")

    monkeypatch.setattr(worker, "_live", live)
    from types import SimpleNamespace

    with pytest.raises(SystemExit):
        worker.run(SimpleNamespace(log_level="info"))  # type: ignore[arg-type]
    assert order == ["logs", "closed", "checked"]


async def test_a_kms_buffer_is_the_callers_to_wipe(kms: Kms) -> None:
    """What a KMS opened comes in a buffer, as from the local provider."""
    provider = kms.provider()
    data_key, wrapped = await provider.new_data_key(KeyContext("u", "0x1", 1))
    assert isinstance(data_key, bytearray)
    assert isinstance(await provider.unwrap(wrapped, KeyContext("u", "0x1", 1)), bytearray)
    await provider.close()
