"""Rotation wraps data keys anew, from any key to any other, resumed wherever it stopped; wallets stay what they are."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from streams.keys import rotation
from streams.keys.envelopes import Envelope, open_envelope, seal, seal_credentials
from streams.keys.providers import KeyContext, KeyProvider, KeyRefused, KeyRing, KeysAway, LocalKeyProvider
from streams.tables.pool import Pool, open_pool
from streams.venues.wallets import Credentials, new_secret, open_key
from tests.keys.double import Kms

OLD = base64.b64encode(hashlib.sha256(b"the former key").digest()).decode()
NEW = base64.b64encode(hashlib.sha256(b"the next key").digest()).decode()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, "trading")
    yield opened
    await opened.close()


async def _wallets(url: str, ring: KeyRing, count: int, name: str | None = None) -> dict[str, bytes]:
    """So many accounts with sealed keys and logins; account → private key."""
    made: dict[str, bytes] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for number in range(count):
            secret, user_id, account_id = new_secret(), f"u{number}", f"u{number:03}-paper"
            wallet = open_key(secret).address.lower()
            envelope = await seal(secret, user_id=user_id, wallet=wallet, ring=ring)
            login = await seal_credentials(envelope, Credentials("id", "s", account_id), ring)
            await connection.execute("INSERT INTO users (user_id, label) VALUES (%s, %s)", (user_id, user_id))
            await connection.execute(
                "INSERT INTO accounts (account_id, user_id, venue, state, wallet)"
                " VALUES (%s, %s, 'paper', 'ready', %s)", (account_id, user_id, wallet),
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO wallet_keys VALUES (%s, %s, %s, 1, %s, %s, %s, %s)",
                (account_id, user_id, wallet, name or envelope.provider, envelope.wrapped_data_key,
                 envelope.sealed_key, login),
            )  # fmt: skip
            made[account_id] = secret
    return made


def _rows(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM wallet_keys ORDER BY account_id").fetchall()


async def _open_all(url: str, ring: KeyRing) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for row in _rows(url):
        account = row.pop("account_id")
        row.pop("created_at")
        secret, login = await open_envelope(Envelope(**row), ring)
        assert login == Credentials("id", "s", account)
        found[account] = bytes(secret)
    return found


async def test_keys_go_from_the_file_to_a_kms_and_on(database_url: str, pool: Pool, kms: Kms) -> None:
    """local → KMS → another key of it → another local one: every wallet opens after each step, by the new key alone."""
    old, first, second, new = LocalKeyProvider(OLD), kms.provider(), kms.provider(), LocalKeyProvider(NEW)
    wallets = await _wallets(database_url, KeyRing(old), 12)
    sealed = [row["sealed_key"] for row in _rows(database_url)]
    steps: list[KeyProvider] = [old, first, second, new]
    for former, target in itertools.pairwise(steps):
        done = await rotation.rotate(pool, KeyRing(target, [former]), target)
        assert (done.rewrapped, done.refused, done.whole) == (12, (), True)
        assert {row["provider"] for row in _rows(database_url)} == {target.name}
        assert await _open_all(database_url, KeyRing(target)) == wallets
        with pytest.raises(KeyRefused):
            await _open_all(database_url, KeyRing(former))
    # Only the wrapping changed.
    assert [row["sealed_key"] for row in _rows(database_url)] == sealed
    assert (await rotation.rotate(pool, KeyRing(new), new)).rewrapped == 0
    for each in (first, second):
        await each.close()


class _Stops:
    """A provider that goes away after so many wrappings: ours in all else."""

    def __init__(self, inner: KeyProvider, after: int) -> None:
        self.name = inner.name
        self._inner = inner
        self.left = after

    async def new_data_key(self, context: KeyContext) -> tuple[bytearray, bytes]:
        return await self._inner.new_data_key(context)

    async def wrap(self, data_key: bytearray, context: KeyContext) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise KeysAway("gone")
        return await self._inner.wrap(data_key, context)

    async def unwrap(self, wrapped: bytes, context: KeyContext) -> bytearray:
        return await self._inner.unwrap(wrapped, context)

    async def close(self) -> None:
        await self._inner.close()


async def test_it_goes_on_where_it_stopped(
    database_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider goes away at every place once: both wrappings open meanwhile, and nothing is wrapped twice."""
    monkeypatch.setattr(rotation, "BATCH", 3)
    old, new = LocalKeyProvider(OLD), LocalKeyProvider(NEW)
    wallets = await _wallets(database_url, KeyRing(old), 10)
    ring, wrapped = KeyRing(new, [old]), 0
    for after in range(4):
        stopping = _Stops(new, after)
        with pytest.raises(KeysAway):
            await rotation.rotate(pool, ring, stopping)
        wrapped += after
        assert sum(row["provider"] == new.name for row in _rows(database_url)) == wrapped
        assert await _open_all(database_url, ring) == wallets
    done = await rotation.rotate(pool, ring, new)
    assert (done.rewrapped, done.whole) == (10 - wrapped, True)
    assert await _open_all(database_url, KeyRing(new)) == wallets


async def test_two_at_once_wrap_each_key_once(database_url: str, pool: Pool) -> None:
    """Compare and set: what one has replaced the other leaves."""
    old, new = LocalKeyProvider(OLD), LocalKeyProvider(NEW)
    wallets = await _wallets(database_url, KeyRing(old), 30)
    ring = KeyRing(new, [old])
    done = await asyncio.gather(*(rotation.rotate(pool, ring, new) for _ in range(3)))
    assert sum(each.rewrapped for each in done) == 30
    assert await _open_all(database_url, KeyRing(new)) == wallets


async def test_a_damaged_row_is_named_and_left(database_url: str, pool: Pool) -> None:
    """Neighbours go on; the row stays as it was, under the old key."""
    old, new = LocalKeyProvider(OLD), LocalKeyProvider(NEW)
    await _wallets(database_url, KeyRing(old), 3)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE wallet_keys SET wrapped_data_key = 'x' WHERE account_id = 'u001-paper'")
    done = await rotation.rotate(pool, KeyRing(new, [old]), new)
    assert (done.rewrapped, done.refused, dict(done.left)) == (2, ("u001-paper",), {old.name: 1})
    assert _rows(database_url)[1]["wrapped_data_key"] == b"x"


async def test_rows_from_before_keys_had_names_open(database_url: str, pool: Pool) -> None:
    """`local` alone: any local key that is set up may be the one."""
    old, new = LocalKeyProvider(OLD), LocalKeyProvider(NEW)
    wallets = await _wallets(database_url, KeyRing(old), 3, name="local")
    assert await _open_all(database_url, KeyRing(new, [old])) == wallets
    assert (await rotation.rotate(pool, KeyRing(new, [old]), new)).rewrapped == 3
    assert await _open_all(database_url, KeyRing(new)) == wallets


def _polycool(url: str, *words: str, **settings: str) -> tuple[int, dict[str, Any], str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "POLYCOOL_DATABASE_URL": url,
    } | settings
    ran = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words, "--json"], env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, json.loads(ran.stdout or "{}"), ran.stdout + ran.stderr


async def test_the_command_shows_its_plan_and_does_it(database_url: str) -> None:
    """status, rotate without and with --execute, --to by name; no key in anything that is printed."""
    wallets = await _wallets(database_url, KeyRing(LocalKeyProvider(OLD)), 4)
    both = {"POLYCOOL_KEY_ENCRYPTION_KEY": NEW, "POLYCOOL_KEY_ENCRYPTION_FORMER_KEYS": OLD}
    old, new = LocalKeyProvider(OLD).name, LocalKeyProvider(NEW).name
    printed = []
    code, said, text = _polycool(database_url, "keys", "status", **both)
    printed.append(text)
    assert (code, said["current"], said["keys"]) == (0, new, {old: 4})
    assert said["providers"] == {new: "opens", old: "opens"}
    code, said, text = _polycool(database_url, "keys", "rotate", **both)
    printed.append(text)
    assert (code, said) == (0, {"to": new, "to_rewrap": 4, "by": {old: 4}, "executed": False})
    assert {row["provider"] for row in _rows(database_url)} == {old}
    code, said, text = _polycool(database_url, "keys", "rotate", "--execute", **both)
    printed.append(text)
    assert (code, said["rewrapped"], said["left"]) == (0, 4, {})
    code, said, text = _polycool(database_url, "keys", "rotate", "--to", old, "--execute", **both)
    printed.append(text)
    assert (code, said["rewrapped"]) == (0, 4)
    code, _, text = _polycool(database_url, "keys", "rotate", "--to", "local/0badc0de", **both)
    printed.append(text)
    assert code == 2
    code, said, text = _polycool(database_url, "keys", "status", POLYCOOL_KEY_ENCRYPTION_KEY=NEW)
    printed.append(text)
    assert (code, said["well"]) == (1, False)
    code, _, text = _polycool(database_url, "keys", "status", POLYCOOL_KEY_ENCRYPTION_KEY="")
    printed.append(text)
    assert code == 3
    canaries = [OLD, NEW, base64.b64decode(OLD).hex(), base64.b64decode(NEW).hex()]
    canaries += [secret.hex() for secret in wallets.values()]
    assert not [canary for canary in canaries if canary in "".join(printed)]
