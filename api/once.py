"""A POST happens once: the same `Idempotency-Key` with the same body gives the first answer again (UX §5).

The answer is kept in the transaction of the deed itself, so a crash leaves both or neither. Refusals are not kept:
asked again, they are looked at again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from api.actor import Actor, BotActor, UserActor
from api.database import Database, Transaction
from api.problems import Refused, invalid

KEY_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a deed answers with."""

    body: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def kept(self) -> str:
        return json.dumps({"text": self.body.model_dump_json(), "headers": dict(self.headers)})

    def response(self) -> Response:
        return Response(self.body.model_dump_json(), self.status, dict(self.headers), "application/json")


Deed = Callable[[Transaction], Awaitable[Answer]]
Finish = Callable[[Answer], Awaitable[Answer]]


def key_of(request: Request) -> str:
    """The request's `Idempotency-Key`. 400 without one."""
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise Refused("key-missing", "Send an Idempotency-Key: any text that is new for each deed.")
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise invalid("Idempotency-Key", f"must be printable and at most {KEY_LENGTH_MAX} characters")
    return key


async def once(
    request: Request,
    actor: Actor | UserActor | BotActor,
    database: Database,
    deed: Deed,
    finish: Finish | None = None,
) -> Response:
    """Do `deed` once for this actor and key; `finish` may better the answer after the deed is durable."""
    key, owner = key_of(request), actor.owner
    about = f"{request.method} {request.url.path}\n".encode() + await request.body()
    fingerprint = hashlib.sha256(about).digest()
    async with database.transaction(actor.scope) as transaction:
        kept = await _kept(transaction, owner, key, fingerprint)
        if kept is not None:
            return kept
        answer = await deed(transaction)
        await transaction.run(
            "keep_answer", owner=owner, key=key, route=request.url.path, body_sha256=fingerprint,
            status=answer.status, answer=answer.kept(),
        )  # fmt: skip
    if finish is not None:
        answer = await finish(answer)
        async with database.transaction(actor.scope) as transaction:
            await transaction.run("better_answer", owner=owner, key=key, answer=answer.kept())
    return answer.response()


async def _kept(transaction: Transaction, owner: str, key: str, fingerprint: bytes) -> Response | None:
    taken = await transaction.row("take_key", name=f"{owner}/{key}")
    if taken is None or not taken["taken"]:
        raise Refused(
            "conflict", "The first request with this Idempotency-Key is still under way.", retry_after=1
        )
    row = await transaction.row("kept_answer", owner=owner, key=key)
    if row is None:
        return None
    if row["body_sha256"] != fingerprint:
        raise Refused("key-reused", "This Idempotency-Key was used for another request.")
    headers = {**row["answer"]["headers"], "Idempotent-Replayed": "true"}
    return Response(row["answer"]["text"], row["status"], headers, "application/json")
