"""Webhooks that somebody else made, changed or sends again: none is taken."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from api.webhooks.signature import Unsigned, verified_id
from tests.api.test_forged import NOW, SECRET


def test_what_the_forgers_begin_with_is_good() -> None:
    """Else everything below would be refused for nothing."""
    assert verified_id(_webhook(b"{}"), b"{}", [SECRET], NOW) == "id-1"


def _webhook(body: bytes, **more: str) -> dict[str, str]:
    signature = Webhook(SECRET).sign("id-1", NOW, body.decode())
    stamp = str(int(NOW.timestamp()))
    return {"webhook-id": "id-1", "webhook-timestamp": stamp, "webhook-signature": signature} | more


def _forged_webhooks(body: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """Bits of the body and of every header, other ids, times and keys, old ones replayed."""
    good = _webhook(body)
    raw = bytearray(body)
    for place in range(len(raw)):
        for bit in range(8):
            raw[place] ^= 1 << bit
            yield good, bytes(raw)
            raw[place] ^= 1 << bit
    for name, value in good.items():
        for place, letter in enumerate(value):
            for bit in range(7):
                yield good | {name: value[:place] + chr(ord(letter) ^ (1 << bit)) + value[place + 1 :]}, body
        yield {each: text for each, text in good.items() if each != name}, body
    chance = Random(7)  # noqa: S311 (a test, not a secret)
    for _ in range(3_000):
        yield good | {"webhook-signature": "v1," + base64.b64encode(chance.randbytes(32)).decode()}, body
    for number in range(500):
        wrong = Webhook("whsec_" + base64.b64encode(chance.randbytes(32)).decode())
        yield (
            good
            | {
                "webhook-signature": wrong.sign(f"id-{number}", NOW, body.decode()),
                "webhook-id": f"id-{number}",
            },
            body,
        )


@pytest.mark.timeout(600)
def test_no_forged_webhook_is_accepted() -> None:
    """Flipped bits, other ids, keys and times: none of tens of thousands."""
    tried, accepted = 0, []
    for size in (2, 40, 400):
        body = json.dumps({"x": "y" * size}).encode()
        for headers, forged in _forged_webhooks(body):
            tried += 1
            try:
                verified_id(headers, forged, [SECRET], NOW)
            except Unsigned:
                continue
            accepted.append((headers, forged))
    print(f"forged webhooks: {tried}, accepted {len(accepted)}")  # noqa: T201 (how much was tried)
    assert accepted == []
    assert tried > 15_000


@given(st.integers(-100_000, 100_000))
@settings(max_examples=200, deadline=None)
def test_a_webhook_is_good_for_five_minutes(seconds: int) -> None:
    """A signature replayed later, or from a clock far ahead, is refused."""
    try:
        verified_id(_webhook(b"{}"), b"{}", [SECRET], NOW + timedelta(seconds=seconds))
        good = True
    except Unsigned:
        good = False
    assert good == (abs(seconds) <= 300)
