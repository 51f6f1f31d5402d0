"""Who may come through the indexer's doors: a signature, an operator's token, or the former indexer's secret."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.credentials import Way
from api.doors import DoorsOf
from api.problems import Refused
from api.settings import Settings
from api.webhooks.signature import Unsigned, verified_id


def signed(request: Request, body: bytes, settings: Settings) -> str:
    """The webhook's id. 401 unless it is signed with one of our secrets."""
    secrets = [secret.get_secret_value() for secret in settings.webhook_secrets]
    try:
        return verified_id(request.headers, body, secrets, datetime.now(UTC))
    except Unsigned as error:
        raise Refused("not-signed-in", f"The webhook is not accepted: {error}.") from error


def former_indexer(given: str | None, settings: Settings) -> bool:
    """Whether the former indexer's secret is right. 404 unless its doors are switched on (SAFETY R9)."""
    if settings.former_webhook_secret is None:
        raise Refused("not-found", "There is no such route.")
    secret = settings.former_webhook_secret.get_secret_value()
    return hmac.compare_digest((given or "").encode(), secret.encode())


async def wallet_reader(request: Request, doors: DoorsOf) -> None:
    """An operator's token, a signed request without a body, or the former indexer's secret; 403 for users."""
    settings = doors.settings
    if settings.former_webhook_secret is not None and former_indexer(
        request.headers.get("x-webhook-secret"), settings
    ):
        return
    if "webhook-signature" in request.headers:
        signed(request, b"", settings)
    elif (await doors.credentials.holder(request, doors.database)).way is not Way.OPERATORS:
        raise Refused("not-allowed", "This is for operators and the indexer.")


WalletReader = Annotated[None, Depends(wallet_reader)]
