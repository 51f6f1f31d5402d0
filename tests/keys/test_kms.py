"""A KMS wraps data keys over its own protocol; its faults are typed, bounded and tell nothing (DESIGN §13)."""

from __future__ import annotations

import base64
import time

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from streams.keys.kms import KmsKeyProvider
from streams.keys.providers import KeyContext, KeyRefused, KeysAway, KeysDenied
from tests.keys.double import CONTEXT, REGION, SECRET, Kms, broken, credentials, provider_at


async def test_what_a_kms_wrapped_it_opens_in_the_same_context_alone(kms: Kms) -> None:
    """Made by the KMS or given to it; another user, wallet or version, or damage, opens nothing."""
    provider = kms.provider()
    made, wrapped = await provider.new_data_key(CONTEXT)
    assert await provider.unwrap(wrapped, CONTEXT) == made
    assert len(made) == 32
    own = bytearray(range(32))
    given = await provider.wrap(own, CONTEXT)
    assert await provider.unwrap(given, CONTEXT) == own
    assert bytes(own) not in given
    for other in (
        KeyContext("u2", CONTEXT.wallet, 1),
        KeyContext("u1", "0x" + "ac" * 20, 1),
        KeyContext("u1", CONTEXT.wallet, 2),
    ):
        with pytest.raises(KeyRefused):
            await provider.unwrap(wrapped, other)
    with pytest.raises(KeyRefused):
        await provider.unwrap(wrapped[:-1] + bytes((wrapped[-1] ^ 1,)), CONTEXT)
    await provider.close()


async def test_the_name_says_which_key(kms: Kms) -> None:
    """Rows name provider and key, so that two keys of one KMS are told apart."""
    key = kms.new_key()
    provider = kms.provider(key)
    assert provider.name == f"aws-kms/{key}"
    await provider.close()


async def test_a_disabled_or_missing_key_is_denied_at_once(kms: Kms) -> None:
    """What only a person can mend is not tried again."""
    with broken(lambda *_: (400, b'{"__type":"com.amazonaws.kms#DisabledException"}')) as (url, seen):
        provider = provider_at(url)
        with pytest.raises(KeysDenied, match="DisabledException"):
            await provider.wrap(bytearray(32), CONTEXT)
        assert len(seen) == 1
        await provider.close()
    missing = kms.provider("00000000-0000-0000-0000-000000000000")
    with pytest.raises(KeysDenied, match="NotFoundException"):
        await missing.wrap(bytearray(32), CONTEXT)
    await missing.close()


async def test_without_credentials_nothing_is_asked() -> None:
    """A machine without a role is told so; no request leaves it."""
    with broken(lambda *_: (200, b"{}")) as (url, seen):
        provider = KmsKeyProvider("k", region=REGION, endpoint=url, find=lambda: None, seconds=1)
        with pytest.raises(KeysDenied, match="no credentials"):
            await provider.wrap(bytearray(32), CONTEXT)
        assert seen == []
        await provider.close()


@pytest.mark.parametrize(
    "fault",
    [
        (400, b'{"__type":"ThrottlingException","message":"slow"}'),
        (429, b""),
        (503, b"<html>"),
        (500, b'{"__type":"KMSInternalException"}'),
        (200, b"not json"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"CiphertextBlob":"not base64"}'),
        None,
    ],
)
async def test_passing_faults_are_tried_again(fault: tuple[int, bytes] | None) -> None:
    """Throttling, 5xx, cut connections and answers that say nothing: the next try counts."""
    good = orjson.dumps({"CiphertextBlob": base64.b64encode(b"wrapped").decode()})
    with broken(lambda number, *_: (200, good) if number > 2 else fault) as (url, seen):
        provider = provider_at(url)
        if fault is not None and fault[0] == 200 and fault[1].startswith(b"{"):
            with pytest.raises(KeysAway, match="without what was asked"):
                await provider.wrap(bytearray(32), CONTEXT)
        else:
            assert await provider.wrap(bytearray(32), CONTEXT) == b"wrapped"
            assert len(seen) == 3
        await provider.close()


async def test_a_kms_that_stays_away_costs_a_bounded_time() -> None:
    """Four tries at most, and an end however slowly it hangs."""
    with broken(lambda *_: (503, b"")) as (url, seen):
        provider = provider_at(url)
        with pytest.raises(KeysAway, match="refused Encrypt: 503"):
            await provider.wrap(bytearray(32), CONTEXT)
        assert len(seen) == 4
        await provider.close()

    def hang(*_: object) -> None:
        time.sleep(3)

    with broken(hang) as (url, _):
        provider, began = provider_at(url, seconds=0.2), time.monotonic()
        with pytest.raises(KeysAway):
            await provider.wrap(bytearray(32), CONTEXT)
        assert time.monotonic() - began < 2.5
        await provider.close()


async def test_each_request_is_signed_as_its_body_is() -> None:
    """The signature that arrives is the one of these credentials over these headers and bytes."""
    good = orjson.dumps({"CiphertextBlob": "AAAA"})
    bodies: list[bytes] = []

    def answer(_number: int, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        bodies.append(body)
        return 200, good

    with broken(answer) as (url, seen):
        provider = provider_at(url)
        await provider.wrap(bytearray(32), CONTEXT)
        await provider.close()
    [headers] = seen
    assert headers["x-amz-target"] == "TrentService.Encrypt"
    assert headers["x-amz-security-token"] == "canary-session-token"
    request = AWSRequest(
        "POST", f"{url}/", data=bodies[0],
        headers={
            name: headers[name]
            for name in ("content-type", "x-amz-target", "x-amz-security-token", "host", "x-amz-date")
        },
    )  # fmt: skip
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(credentials(), "kms", REGION)
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert orjson.loads(bodies[0])["EncryptionContext"] == {
        "user_id": "u1", "wallet": CONTEXT.wallet, "version": "1",
    }  # fmt: skip


async def test_no_fault_tells_a_key(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the data key, nor the machine's secret, nor the words of the answer stand in an error or a log."""
    caplog.set_level(0)
    secret = bytearray(b"canary-data-key-of-thirty-two-by")
    texts: list[str] = []
    for status, body in (
        (400, b'{"__type":"AccessDenied","message":"canary-words"}'), (500, b"canary-words"), (200, b"canary-words"),
        (400, b'{"__type":"<canary-words>"}'), (400, b'{"__type":["canary-words"]}'),
    ):  # fmt: skip
        with broken(lambda *_, said=(status, body): said) as (url, _):
            provider = provider_at(url)
            with pytest.raises((KeysAway, KeysDenied)) as refused:
                await provider.wrap(secret, CONTEXT)
            texts.append(f"{refused.value!r}{refused.value.__cause__!r}")
            await provider.close()
    told = "".join([*texts, caplog.text])
    for canary in ("canary", SECRET, base64.b64encode(secret).decode()):
        assert canary not in told
