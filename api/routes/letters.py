"""`/v1/ops/dead-letters/*`: what could not be handled, by reason and one by one; planned, redriven, put away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.actor import Operator
from api.database import OPERATOR, Transaction
from api.doors import DoorsOf
from api.letters import Desk
from api.once import Answer, key_of, once
from api.problems import not_found
from api.routes.lists import Cursor, Limit, now
from schemas.ids import short_name
from schemas.letter_views import (
    LetterGroup,
    LetterGroups,
    NewPlan,
    NewQuarantine,
    NewRedrive,
    PlanView,
    QuarantineView,
    RedriveView,
)
from schemas.ops_views import LetterDetail
from schemas.views import Page

router = APIRouter(tags=["operators"])
_Letter = Annotated[str, Path(pattern=r"^[0-9]{1,18}$")]


@router.get("/v1/ops/dead-letters/reasons")
async def reasons(doors: DoorsOf, _asking: Operator) -> LetterGroups:
    """The inbox by reason: what letters of one cause have in common, how many, first and last."""
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("letter_groups")
        items = tuple(LetterGroup.model_validate(row) for row in rows)
        return LetterGroups(items=items, as_of=await now(transaction))


@router.get("/v1/ops/dead-letters/redrives")
async def redrives(
    doors: DoorsOf, _asking: Operator, *, limit: Limit = 20, cursor: Cursor = None
) -> Page[RedriveView]:
    """Past redrives and the one under way, newest first: how many letters went, stayed gone, came back, and why it
    halted."""
    belongs = {"list": "ops/redrives"}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("redrives", redrive_id=None, at=place.at, id=place.id, rows=limit + 1)
        as_of = await now(transaction)
    shown, following = doors.pager.page(
        rows, limit, belongs, lambda row: (row["asked_at"], row["redrive_id"])
    )
    items = tuple(RedriveView.model_validate(row) for row in shown)
    return Page[RedriveView](items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/ops/dead-letters/redrives/{redrive_id}")
async def redrive(doors: DoorsOf, _asking: Operator, redrive_id: str) -> RedriveView:
    """How a redrive stands."""
    async with doors.database.transaction(OPERATOR) as transaction:
        return await Desk(transaction, doors.settings.topic_prefix).shown(redrive_id)


@router.get("/v1/ops/dead-letters/{letter_id}")
async def letter(doors: DoorsOf, _asking: Operator, letter_id: _Letter) -> LetterDetail:
    """One letter: its bytes as text and hex, its state and what was done about it."""
    async with doors.database.transaction(OPERATOR) as transaction:
        return await letter_detail(transaction, letter_id)


@router.post("/v1/ops/dead-letters/plan", response_model=PlanView)
async def plan(doors: DoorsOf, asking: Operator, asked: NewPlan, request: Request) -> Response:
    """What a redrive would send again, in which order, and how many orders could come of it. Sends nothing."""

    async def deed(transaction: Transaction) -> Answer:
        desk = Desk(transaction, doors.settings.topic_prefix)
        return Answer(await desk.keep(asked, await desk.planned(asked), asking.name))

    return await once(request, asking, doors.database, deed)


@router.post("/v1/ops/dead-letters/redrive", status_code=202, response_model=RedriveView)
async def ask_redrive(doors: DoorsOf, asking: Operator, asked: NewRedrive, request: Request) -> Response:
    """Redrive a plan: its first letter, its first ten, or all in growing steps; halts at the first repeat. 409 when the
    letters have changed since."""
    name = short_name("R", asking.owner, key_of(request))

    async def deed(transaction: Transaction) -> Answer:
        desk = Desk(transaction, doors.settings.topic_prefix)
        return Answer(await desk.redrive(asked.plan_id, asked.pace, asking.name, name), status=202)

    return await once(request, asking, doors.database, deed)


@router.post("/v1/ops/dead-letters/quarantine", response_model=QuarantineView)
async def quarantine(doors: DoorsOf, asking: Operator, asked: NewQuarantine, request: Request) -> Response:
    """Put letters away, with a note: nothing is sent, and no ledger waits for them any more."""

    async def deed(transaction: Transaction) -> Answer:
        desk = Desk(transaction, doors.settings.topic_prefix)
        await desk.quarantine(asked.letters, asked.note, asking.name)
        return Answer(QuarantineView(letters=asked.letters, note=asked.note))

    return await once(request, asking, doors.database, deed)


async def letter_detail(transaction: Transaction, letter_id: str) -> LetterDetail:
    """The letter with its history. 404 without it."""
    row = await transaction.row("dead_letter", letter_id=letter_id)
    if row is None:
        raise not_found("dead letter")
    body: bytes = row["body"]
    shown = {name: value for name, value in row.items() if name not in ("letter_partition", "letter_offset")}
    shown |= {
        "body": body.decode("utf-8", "backslashreplace"),
        "body_hex": body.hex(),
        "history": await transaction.rows("letter_history", letter_id=letter_id),
    }
    return LetterDetail.model_validate(shown)
