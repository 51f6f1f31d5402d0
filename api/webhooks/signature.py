"""Standard Webhooks: a signature over id, time stamp and body. Pure: the clock is an argument."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

TOLERANCE_SECONDS: Final = 300
ID_LENGTH_MAX: Final = 200
_SIGNATURES_MAX: Final = 8


class Unsigned(Exception):
    """The request is not signed by anybody we know; the text says what is wrong, never what would be right."""


def verified_id(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """The webhook's id, once a signature fits one of the secrets and the time stamp is within 300 s of ``now``."""
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (webhook_id and stamp and given):
        raise Unsigned("webhook-id, webhook-timestamp and webhook-signature are required")
    if len(webhook_id) > ID_LENGTH_MAX or not webhook_id.isprintable() or not webhook_id.isascii():
        raise Unsigned(f"webhook-id must be printable and at most {ID_LENGTH_MAX} characters")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Unsigned("webhook-timestamp must be seconds since 1970")
    sent_at = datetime.fromtimestamp(int(stamp), UTC)
    if abs((now - sent_at).total_seconds()) > TOLERANCE_SECONDS:
        raise Unsigned(f"webhook-timestamp is more than {TOLERANCE_SECONDS} s away from our clock")
    signatures = [raw for raw in map(_raw, given.split(" ")[:_SIGNATURES_MAX]) if raw is not None]
    expected = [_expected(secret, webhook_id, sent_at, body) for secret in secrets]
    fits = [hmac.compare_digest(one, other) for one in signatures for other in expected]
    if not any(fits):
        raise Unsigned("webhook-signature fits none of our secrets")
    return webhook_id


def _expected(secret: str, webhook_id: str, sent_at: datetime, body: bytes) -> bytes:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Unsigned("the body is no UTF-8 text") from error
    return base64.b64decode(Webhook(secret).sign(webhook_id, sent_at, text).removeprefix("v1,"))


def _raw(signature: str) -> bytes | None:
    version, _, encoded = signature.partition(",")
    if version != "v1":
        return None
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # One spelling only: the unused bits of the last letter would give a signature twins.
    return raw if base64.b64encode(raw).decode() == encoded else None
