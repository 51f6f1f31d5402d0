"""`/v1/me/standing`: the operators' stop, the lag, orders that are being checked."""

from __future__ import annotations

from datetime import timedelta

from tests.api.conftest import LEADER, Ask, Face
from tests.api.histories import Histories


async def test_all_is_well(face: Face) -> None:
    """Nothing stopped, nothing late, nothing checked."""
    user = await face.new_user()
    answer = await face.get("/v1/me/standing", user=user)
    assert answer.json() == {"buys_stopped": None, "lag_seconds": None, "checking": 0}


async def test_the_operators_stop_is_told_with_its_reason(face: Face) -> None:
    """Since when, and the note that they wrote."""
    user = await face.new_user()
    body = {"stopped": True, "reason": "exchange is down"}
    stopped = await face.http.put("/v1/ops/switches/buys", json=body)
    assert stopped.status_code == 200, stopped.text
    told = (await face.get("/v1/me/standing", user=user)).json()["buys_stopped"]
    assert told == {"since": stopped.json()["changed_at"], "note": "exchange is down"}


async def test_how_late_the_latest_trades_reached_us(face: Face, database_url: str, ask: Ask) -> None:
    """The middle one of the last ten minutes; a single late one says nothing of all."""
    user = await face.new_user()
    histories = Histories(database_url)
    token = histories.market("77")
    for minute in (1, 2, 3):
        histories.trade(LEADER, token, ago=timedelta(minutes=minute))
    await ask("UPDATE trades SET appended_at = traded_at + interval '40 seconds'")
    histories.owner.close()
    assert (await face.get("/v1/me/standing", user=user)).json()["lag_seconds"] == 40
