"""Accounts are opened with a key of their own, sealed, and credited once; nothing shows a secret (promise 10)."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from streams.keys.envelopes import Envelope, open_envelope, seal, seal_credentials
from streams.keys.providers import KeyRefused, KeyRing, LocalKeyProvider
from streams.venues.wallets import Credentials, new_secret, open_key
from tests.paper.exchange import ADMIN_TOKEN
from tests.trading.ground import KEY, LEADER, Ground
from tests.waiting import eventually


def _ring(key: str = KEY) -> KeyRing:
    return KeyRing(LocalKeyProvider(key))


async def _envelope(ring: KeyRing) -> tuple[bytes, Envelope]:
    secret = new_secret()
    return secret, await seal(secret, user_id="u1", wallet=open_key(secret).address.lower(), ring=ring)


async def test_an_envelope_opens_for_its_row_alone() -> None:
    """Additional data are user, wallet and version: moved to another row, or altered, it does not open."""
    ring = _ring()
    secret, envelope = await _envelope(ring)
    opened, credentials = await open_envelope(envelope, ring)
    assert (bytes(opened), credentials) == (secret, None)
    _, other = await _envelope(ring)
    name = ring.current.name
    parts = (envelope.user_id, envelope.wallet, envelope.version, name)
    sealed = (envelope.wrapped_data_key, envelope.sealed_key)
    for moved in (
        Envelope("u2", *parts[1:], *sealed),
        Envelope("u1", other.wallet, *parts[2:], *sealed),
        Envelope(*parts[:2], 2, name, *sealed),
        Envelope(*parts[:3], "local/0badc0de", *sealed),
        Envelope(*parts, other.wrapped_data_key, envelope.sealed_key),
        Envelope(*parts, envelope.wrapped_data_key, other.sealed_key),
        Envelope(*parts, envelope.wrapped_data_key, envelope.sealed_key[:-1] + b"\x00"),
        Envelope(*parts, b"", b""),
    ):
        with pytest.raises(KeyRefused):
            await open_envelope(moved, ring)


async def test_an_envelope_does_not_open_without_its_provider() -> None:
    """The database alone is useless: another key-encryption key opens nothing."""
    _, envelope = await _envelope(_ring())
    other = _ring(base64.b64encode(bytes(range(32))).decode())
    for named in (envelope, replace(envelope, provider=other.current.name)):
        with pytest.raises(KeyRefused):
            await open_envelope(named, other)


async def test_credentials_are_sealed_as_keys_are() -> None:
    """Login and key share the data key, not the place: one cannot be put for the other."""
    ring = _ring()
    _, envelope = await _envelope(ring)
    sealed = await seal_credentials(envelope, Credentials("id", "canary-secret", "canary-pass"), ring)
    assert b"canary" not in sealed
    whole = Envelope(*_row(envelope), sealed)
    assert (await open_envelope(whole, ring))[1] == Credentials("id", "canary-secret", "canary-pass")
    with pytest.raises(KeyRefused):
        await open_envelope(Envelope(*_row(envelope)[:5], sealed, envelope.sealed_key), ring)


def _row(envelope: Envelope) -> tuple[str, str, int, str, bytes, bytes]:
    return (
        envelope.user_id, envelope.wallet, envelope.version, envelope.provider, envelope.wrapped_data_key,
        envelope.sealed_key,
    )  # fmt: skip


@pytest.mark.parametrize("key", ["", "short", "changeme", base64.b64encode(b"\x00" * 32).decode(), "!" * 44])
def test_an_example_key_is_refused(key: str) -> None:
    """A missing, short or made-up key does not wrap anything."""
    with pytest.raises(ValueError, match=r"must be base64|is an example"):
        LocalKeyProvider(key)


async def test_secrets_are_in_no_text() -> None:
    """Neither the key nor the login shows in a repr, wherever it is printed."""
    key = open_key(bytes(range(1, 33)))
    secret = bytes(range(1, 33)).hex()
    shown = (
        repr(key) + repr(Credentials("id", "canary-secret", "canary-pass")) + repr(await _envelope(_ring()))
    )
    assert secret not in shown
    assert "canary" not in shown


async def test_accounts_are_opened_credited_once_and_ready(ground: Ground) -> None:
    """Key, login, paper money and cash entry; a second credit is given later, the same one never again."""
    worker = await ground.start()
    await ground.followers(5, cash="1000")
    assert {row["state"] for row in ground.world.rows("SELECT state FROM accounts")} == {"ready"}
    assert len({row["wallet"] for row in ground.world.rows("SELECT wallet FROM accounts")}) == 5
    ground.world.run(
        "INSERT INTO account_credits (credit_id, account_id, usdc) VALUES ('more', 'u0-paper', 25.5)"
    )
    await eventually(lambda: ground.world.rows("SELECT 1 FROM cash_entries WHERE ref = 'more'"))
    await ground.stop(worker)
    await ground.start()
    entries = ground.world.rows("SELECT usdc FROM cash_entries WHERE account_id = 'u0-paper' ORDER BY usdc")
    assert [str(row["usdc"]) for row in entries] == ["25.500000", "1000.000000"]
    await ground.assert_books_agree()


async def test_an_opening_that_broke_off_goes_on_with_the_same_key(ground: Ground) -> None:
    """The login fails after the key was stored: the account is opened later, for the same wallet, credited once."""
    await ground.start()
    await ground.conduct({"deed": "answer_instead", "path": "/auth/api-key", "status": 500})
    opening = asyncio.create_task(ground.followers(1))
    await eventually(lambda: ground.world.rows("SELECT 1 FROM wallet_keys WHERE sealed_api IS NULL"))
    wallet = ground.world.rows("SELECT wallet FROM wallet_keys")[0]["wallet"]
    await ground.conduct({"deed": "cut_after", "path": "/auth/api-key", "times": 1})
    await opening
    assert ground.world.rows("SELECT wallet, state FROM accounts") == [{"wallet": wallet, "state": "ready"}]
    await ground.assert_books_agree()


async def test_a_crowd_of_accounts_is_opened_in_one_go(ground: Ground) -> None:
    """A crowd of new followers: all ready and credited, each with a wallet of its own."""
    await ground.start()
    await ground.followers(300)
    assert len(ground.world.rows("SELECT DISTINCT wallet FROM accounts WHERE state = 'ready'")) == 300
    assert len(ground.world.rows("SELECT 1 FROM cash_entries WHERE cause = 'credit'")) == 300


async def test_only_trading_reads_the_sealed_keys(ground: Ground) -> None:
    """The roles of the other processes may not even select them."""
    for role in ("streams", "api", "paper"):
        with (
            psycopg.connect(ground.database_url, options=f"-c role=polycool_{role}") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT 1 FROM wallet_keys")


@pytest.fixture
def canaries() -> list[str]:
    """What may be seen nowhere; a test adds what it learns."""
    return [KEY, base64.b64decode(KEY).hex(), ADMIN_TOKEN]


async def test_no_log_and_no_table_shows_a_secret(
    ground: Ground, tmp_path: Path, canaries: list[str]
) -> None:
    """A whole way with a refusal and a fault: keys, logins and tokens are in no line and no row, in no spelling."""
    worker = ground.worker_process(tmp_path, log_level="debug")
    await ground.start_process(worker)
    await ground.followers(2)
    ring = _ring()
    for row in ground.world.rows("SELECT * FROM wallet_keys"):
        envelope = Envelope(
            row["user_id"], row["wallet"], row["version"], row["provider"], bytes(row["wrapped_data_key"]),
            bytes(row["sealed_key"]), bytes(row["sealed_api"]),
        )  # fmt: skip
        secret, credentials = await open_envelope(envelope, ring)
        assert credentials is not None
        canaries += [secret.hex(), base64.b64encode(secret).decode(), str(int.from_bytes(secret, "big"))]
        canaries += [credentials.secret, credentials.passphrase]
    await ground.conduct({"deed": "answer_after", "status": 500, "times": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    # The exchange goes away: faults are logged with their words.
    ground.exchange.program.kill()
    ground.world.account("late", "0", state="opening")
    await eventually(lambda: "passing_fault" in worker.output())
    worker.kill()
    told = worker.output() + _dump(ground)
    assert '"event": "posted"' in told
    for canary in canaries:
        assert canary.lower() not in told.lower()


def _dump(ground: Ground) -> str:
    """All rows of our tables as text (the exchange keeps its logins itself: its schema is its own)."""
    tables = ground.world.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%%yoyo%%'"
    )
    rows = [ground.world.rows(f"SELECT t::text AS t FROM {table['tablename']} t") for table in tables]
    return json.dumps(rows, default=str)
