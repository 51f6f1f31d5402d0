"""Runs of replays as operators see them: window, code, what differs by reason and one by one; halted from beside."""

from __future__ import annotations

from typing import Any

from ops.replay.again import Chunk
from ops.replay.store import Kept, Runs, shadow
from tests.api.conftest import TOKEN, Ask, Face

_MANIFEST = {
    "code": "0.1.0+abc", "topic": "trades", "offsets": {"0": [3, 9], "1": [0, 4]}, "hashes": {}, "seed": 0,
    "choice": {"leaders": [], "followers": [], "tokens": [], "roles": [], "settings": {"max_price": "0.5"}},
}  # fmt: skip
_DECISION = (
    "INSERT INTO shadow.decisions VALUES (%(run)s, 0, %(place)s, %(name)s, 'A-1', '0xa', %(then)s, %(now)s, '{}',"
    """ '{"reason": "x"}', '[]', %(differ)s, now())"""
)
_MESSAGE = "INSERT INTO shadow.messages VALUES (%(run)s, 1, 2, 'copy_leader', '0xa', 't-1', '{}', %(was)s)"


async def _begin(database_url: str, run: str) -> None:
    async with shadow(database_url) as connection:
        kept = Kept(run, "replay", "P-1", _MANIFEST, {0: 3, 1: 0}, "running", "go", 10, 0, 0)
        await Runs(connection).open(kept)


async def _runs(face: Face) -> dict[str, dict[str, Any]]:
    return {run["name"]: run for run in (await face.get("/v1/ops/replays")).json()["items"]}


async def test_a_run_is_shown_with_what_differs(face: Face, ask: Ask, database_url: str) -> None:
    """Newest first; by reason in the list, each one behind it, page by page; messages of classify among them."""
    assert (await face.get("/v1/ops/replays/nobody/diff")).status_code == 404
    for run in ("first", "second"):
        await _begin(database_url, run)
    rows = [("C-1", "PLANNED", "PRICE_BAND"), ("C-2", "PLANNED", "PRICE_BAND"), ("C-3", "BALANCE", "PLANNED")]
    for place, (name, then, now) in enumerate(rows):
        await ask(_DECISION, run="first", place=place, name=name, then=then, now=now, differ=["reason"])
    await ask(_DECISION, run="first", place=7, name="C-9", then="PLANNED", now="PLANNED", differ=[])
    await ask(_MESSAGE, run="first", was="other")

    listed = (await face.get("/v1/ops/replays", limit=1)).json()
    assert [run["name"] for run in listed["items"]] == ["second"]
    rest = (await face.get("/v1/ops/replays", cursor=listed["next_cursor"])).json()
    (first,) = rest["items"]
    assert (first["code"], first["offsets"], first["total"]) == ("0.1.0+abc", {"0": [3, 9], "1": [0, 4]}, 10)
    assert (first["differing"], first["choice"]["settings"]) == (4, {"max_price": "0.5"})
    assert [(each["what"], each["then"], each["now"], each["number"]) for each in first["by_reason"]] == [
        ("decision", "PLANNED", "PRICE_BAND", 2),
        ("decision", "BALANCE", "PLANNED", 1),
        ("message", "other", "copy_leader", 1),
    ]
    path, cursor = "/v1/ops/replays/first/diff", None
    seen: list[str] = []
    while cursor is not None or not seen:
        page = (await face.get(path, limit=1, **({"cursor": cursor} if cursor else {}))).json()
        seen += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["t-1", "C-3", "C-2", "C-1"]
    of_one = (await face.get(path, then="BALANCE", now="PLANNED")).json()["items"]
    assert [(each["name"], each["differ"], each["now_decided"]) for each in of_one] == [
        ("C-3", ["reason"], {"reason": "x"})
    ]


async def test_a_halted_run_ends_at_its_checkpoint_or_at_once(face: Face, database_url: str) -> None:
    """Where a process works on it, that one is told and ends it; where none does it has ended. Name and reason are
    kept; what is over is not ended again."""
    for run in ("worked-on", "left"):
        await _begin(database_url, run)
    headers = {"Polycool-Operator": "ada", "Authorization": f"Bearer {TOKEN}"}

    async def halt(run: str, key: str) -> Any:
        path = f"/v1/ops/replays/{run}/halt"
        return await face.http.post(
            path, json={"reason": "wrong window"}, headers=headers | {"Idempotency-Key": key}
        )

    async with shadow(database_url) as connection:
        runs = Runs(connection)
        assert await runs.hold("worked-on")
        told = (await halt("worked-on", "one")).json()
        assert (told["state"], told["wanted"], told["halted_by"]) == ("running", "abort", "ada")
        assert (await halt("worked-on", "one")).json() == told
        assert (await halt("worked-on", "two")).status_code == 409
        assert await runs.step("worked-on", Chunk(), {0: 4, 1: 0}, 1) == "abort"
        await runs.set_state("worked-on", "aborted")
    left = (await halt("left", "three")).json()
    assert (left["state"], left["wanted"], left["halted_why"]) == ("aborted", "go", "wrong window")
    assert left["done_at"] is not None
    again = await halt("left", "four")
    assert (again.status_code, again.json()["detail"]) == (409, "Run left is aborted already.")
    ended = (await _runs(face))["worked-on"]
    assert (ended["state"], ended["done"], ended["halted_why"]) == ("aborted", 1, "wrong window")
    assert (await halt("nobody", "five")).status_code == 404
    assert (await face.post("/v1/ops/replays/left/halt", {"reason": ""})).status_code == 422
