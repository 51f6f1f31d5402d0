"""What comes from outside: trades onto the topic, people who pause, resume, stop and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.simulation.by_hand import ask_to_buy, ask_to_sell
from ops.simulation.scenario import BEGINNING, SMART, TOKENS, Deed, Happening
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row
from schemas.enums import Side
from schemas.trades import LeaderTraded

if TYPE_CHECKING:
    from ops.simulation.world import World


def deeds_of_people(world: World) -> Steps[None]:
    """Each in its time."""
    for happening in world.scenario.happenings:
        if happening.at > world.monotonic:
            yield happening.at - world.monotonic
        if happening.deed is Deed.TRADE:
            world.trades.append(happening.key, happening.value, world.now)
        elif happening.deed is Deed.ROGUE:
            world.leader_logs[0].append(SMART, _rogue(world), world.now)
        else:
            yield from _until_done(world, happening)
    world.people_done = True


def _until_done(world: World, happening: Happening) -> Steps[None]:
    """As the API does: the same deed again where the database went away meanwhile."""
    change = _DEEDS.get(happening.deed, _change)
    while True:
        try:
            yield from change(world, happening)
            return
        except ConnectionLost:
            yield 0.1


def _switch(world: World, happening: Happening) -> Steps[None]:
    transaction = world.database.begin(None)
    yield from transaction.lock("switches", [("buys",)])
    row: Row = {"stopped": happening.deed is Deed.STOP_BUYS, "since": None}
    if happening.deed is Deed.ALLOW_BUYS:
        row["since"] = world.now
    transaction.put("switches", ("buys",), row)
    transaction.commit()


def _change(world: World, happening: Happening) -> Steps[None]:
    transaction = world.database.begin(None)
    yield from transaction.lock("allocations", [(happening.key,)])
    states = {Deed.PAUSE: "paused", Deed.RESUME: "active", Deed.END: "ended"}
    changes: Row = {"state": states[happening.deed]}
    if happening.deed is Deed.RESUME:
        changes["buys_from"] = world.now
    row = transaction.get("allocations", happening.key)
    assert row is not None
    if row["state"] != "ended":
        transaction.change("allocations", happening.key, **changes)
    transaction.commit()


_DEEDS: Final = {
    Deed.STOP_BUYS: _switch,
    Deed.ALLOW_BUYS: _switch,
    Deed.BUY_BY_HAND: ask_to_buy,
    Deed.SELL_BY_HAND: ask_to_sell,
}


def _rogue(world: World) -> bytes:
    """A trade of a smart trader on the topic of leaders, as if classify had gone wrong."""
    follows = world.scenario.follows[0]
    transaction = world.database.begin(None)
    row = transaction.get("allocations", follows.allocation_id)
    assert row is not None
    transaction.put("allocations", ("A-9",), row | {"allocation_id": "A-9", "leader": SMART})
    transaction.commit()
    return LeaderTraded(
        trade_id="0x" + "9" * 64 + "-0",
        wallet=SMART,
        side=Side.BUY,
        token_id=TOKENS[0],
        size="30",
        price="0.5",
        usdc="15",
        traded_at=world.now,
        number=1,
        position_before="0",
        position_after="30",
        burst_started_at=world.now,
        role_version=9,
        appended_at=world.now,
        classified_at=max(world.now, BEGINNING),
    ).encode()
