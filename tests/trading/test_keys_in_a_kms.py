"""Trading with keys that a KMS wraps: opened beforehand, and a KMS that is away stops nobody who was opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from streams.keys import rotation
from streams.tables.pool import open_pool
from tests.keys.double import REGION, Kms, running_kms
from tests.trading.ground import KEY, LEADER, Ground
from tests.waiting import eventually


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kms]:
    """A KMS, and credentials for it as a machine finds them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret-of-anybody")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # All keys are opened before anybody goes on, however busy the machine is.
    monkeypatch.setattr("streams.trading.keyring._OPEN_SECONDS", 20.0)
    with running_kms() as running:
        yield running


def _settings(kms: Kms, key: str, **more: object) -> dict[str, object]:
    return {
        "key_provider": "aws-kms",
        "kms_key": key,
        "kms_region": REGION,
        "kms_endpoint": kms.url,
        "kms_seconds": 10.0,
    } | more


async def test_a_copy_is_signed_with_a_key_of_the_kms(ground: Ground, kms: Kms) -> None:
    """Accounts are opened under the KMS' key, and trade; after a restart keys are opened before the first order."""
    key = kms.new_key()
    settings = _settings(kms, key, key_encryption_key="")
    worker = await ground.start(**settings)
    await ground.followers(3)
    assert {row["provider"] for row in ground.world.rows("SELECT provider FROM wallet_keys")} == {
        f"aws-kms/{key}"
    }
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    assert {copy["state"] for copy in await ground.all_ended()} == {"filled"}
    await ground.stop(worker)
    with structlog.testing.capture_logs() as logs:
        await ground.start(**settings)
        await eventually(lambda: [each for each in logs if each["event"] == "keys_opened"])
        # Nobody is needed any more: what is open stays open.
        kms.administer("DisableKey", {"KeyId": key})
        await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
        copies = await ground.all_ended()
    assert {copy["state"] for copy in copies} == {"filled"}
    assert not [each for each in logs if each["event"] == "key_not_opened"]
    await ground.assert_books_agree()


async def test_from_a_local_key_to_a_kms_while_trading_runs(
    ground: Ground, kms: Kms, database_url: str
) -> None:
    """Both are set up, the worker runs, keys are wrapped anew: orders before, during and after it go."""
    key = kms.new_key()
    worker = await ground.start()
    await ground.followers(2)
    await ground.stop(worker)
    await ground.start(**_settings(kms, key, key_encryption_key=KEY))
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    ring = ground.settings(**_settings(kms, key, key_encryption_key=KEY)).ring()
    pool = await open_pool(database_url, "trading")
    done = await rotation.rotate(pool, ring, ring.current)
    await pool.close()
    await ring.close()
    assert (done.rewrapped, done.whole) == (2, True)
    await ground.all_ended()
    await ground.stop()
    # The local key is gone: the KMS alone opens them.
    await ground.start(**_settings(kms, key, key_encryption_key=""))
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert {copy["state"] for copy in copies} == {"filled"}
    await ground.assert_books_agree()


async def test_a_damaged_key_stops_its_own_account_alone(ground: Ground) -> None:
    """One row does not open: that follower's purchase ends for its age, the others' are filled."""
    worker = await ground.start()
    await ground.followers(3, max_age_seconds=4)
    await ground.stop(worker)
    ground.world.run("UPDATE wallet_keys SET sealed_key = 'damaged' WHERE account_id = 'u1-paper'")
    with structlog.testing.capture_logs() as logs:
        await ground.start(overdue_seconds=0)
        await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", ago=0.1))
        copies = {copy["account_id"]: copy["state"] for copy in await ground.all_ended()}
    assert copies == {"u0-paper": "filled", "u1-paper": "expired", "u2-paper": "filled"}
    refused = [each for each in logs if each["event"] == "key_not_opened"]
    assert {each["account_id"] for each in refused} == {"u1-paper"}
    assert {each["fault"] for each in refused} == {"the envelope does not open"}
