"""`/v1/ops/replays/*`: runs that decided recorded trades again, what differs in one, and its end. Operators only."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.actor import Operator
from api.database import OPERATOR, Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from api.problems import Refused, not_found
from api.routes.lists import Cursor, Limit, now
from schemas.replay_views import NewHalt, ReplayDifference, ReplayView
from schemas.views import Page

router = APIRouter(tags=["operators"])
_Run = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
_Word = Annotated[str | None, Query(max_length=40)]
_NO_MORE: Final = ("aborted", "done")


@router.get("/v1/ops/replays")
async def replays(
    doors: DoorsOf, _asking: Operator, limit: Limit = 20, cursor: Cursor = None
) -> Page[ReplayView]:
    """Runs, newest first: window, code, how far, and how many decisions differ by reason."""
    belongs = {"list": "ops/replays"}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("replays", run=None, at=place.at, id=place.id, rows=limit + 1)
        as_of = await now(transaction)
    shown, following = doors.pager.page(rows, limit, belongs, lambda row: (row["begun_at"], row["run"]))
    return Page[ReplayView](items=tuple(map(_view, shown)), next_cursor=following, as_of=as_of)


@router.get("/v1/ops/replays/{run}/diff")
async def diff(
    doors: DoorsOf, _asking: Operator, run: _Run, *, then: _Word = None,
    now_: Annotated[_Word, Query(alias="now")] = None, limit: Limit = 20, cursor: Cursor = None,
) -> Page[ReplayDifference]:  # fmt: skip
    """What a run decided otherwise, the newest message first; of one pair of reasons or all. 404 without it."""
    belongs = {"list": "ops/replays/diff", "run": run, "then": then, "now": now_}
    place = doors.pager.read_rank(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        await _run(transaction, run)
        rows = await transaction.rows(
            "replay_differences", run=run, then=then, now=now_, rank=place.rank, id=place.id, rows=limit + 1
        )
        as_of = await now(transaction)
    shown, following = doors.pager.page(rows, limit, belongs, lambda row: (row["place"], row["id"]))
    items = tuple(_difference(row) for row in shown)
    return Page[ReplayDifference](items=items, next_cursor=following, as_of=as_of)


@router.post("/v1/ops/replays/{run}/halt", response_model=ReplayView)
async def halt(doors: DoorsOf, asking: Operator, run: _Run, asked: NewHalt, request: Request) -> Response:
    """End a run at its next checkpoint, at once when nobody works on it; what it found stays. 409 when it is over."""

    async def deed(transaction: Transaction) -> Answer:
        free = await transaction.row("replay_is_free", run=run)
        assert free is not None, "a lock is free or it is not"
        found = await _run(transaction, run)
        if not await transaction.run(
            "halt_replay", run=run, free=free["free"], who=asking.name, why=asked.reason
        ):
            how = found.state if found.state in _NO_MORE else "being halted"
            raise Refused("conflict", f"Run {run} is {how} already.")
        return Answer(await _run(transaction, run))

    return await once(request, asking, doors.database, deed)


async def _run(transaction: Transaction, run: str) -> ReplayView:
    row = await transaction.row("replays", run=run, at=None, id=None, rows=1)
    if row is None:
        raise not_found("replay run")
    return _view(row)


def _view(row: dict[str, Any]) -> ReplayView:
    differing = sum(each["number"] for each in row["by_reason"])
    named = {name: value for name, value in row.items() if name not in ("run", "ended_at")}
    return ReplayView(
        replay_id=row["run"], name=row["run"], done_at=row["ended_at"], differing=differing, **named
    )


def _difference(row: dict[str, Any]) -> ReplayDifference:
    named = {name: value for name, value in row.items() if name not in ("place", "id")}
    return ReplayDifference(offset=row["place"], **named)
