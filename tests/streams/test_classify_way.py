"""classify on the real broker and database: what of a trade goes where, and once."""

from __future__ import annotations

from typing import Any

from schemas.enums import AddressType
from schemas.trades import LeaderTraded, SmartTraded
from streams.topology import COPY_LEADER, SMART_TRADER
from tests.conftest import StartProcess
from tests.streams.door import Door, fill, wallet

LEADER, SMART, BOTH, STRANGER = wallet(1), wallet(2), wallet(3), wallet(4)


async def test_trades_go_to_the_topic_of_each_role_with_the_position_before(
    door: Door, run_process: StartProcess
) -> None:
    """A leader's fill goes to copy_leader, a smart trader's to smart_trader, one of both to both, others nowhere. Where
    traces are off, no message carries a header."""
    await door.watch(LEADER, AddressType.COPY_LEADER)
    await door.watch(SMART, AddressType.SMART_TRADER)
    await door.watch(BOTH, AddressType.COPY_LEADER, AddressType.SMART_TRADER)
    await run_process("streams")
    for who in (LEADER, SMART, BOTH, STRANGER):
        await door.trade(fill(who))
        await door.trade(fill(who, size="4", usdc="2"))
    of_leaders, of_smart = await door.read(COPY_LEADER, 4), await door.read(SMART_TRADER, 4)
    assert [record.headers for record in (*of_leaders, *of_smart)] == [()] * 8
    leaders = [LeaderTraded.decode(record.value) for record in of_leaders]
    smart = [SmartTraded.decode(record.value) for record in of_smart]
    assert {message.wallet for message in leaders} == {LEADER, BOTH}
    assert {message.wallet for message in smart} == {SMART, BOTH}
    of_leader = [message for message in leaders if message.wallet == LEADER]
    moves = [(m.number, int(m.position_before), int(m.position_after)) for m in of_leader]
    assert moves == [(1, 0, 10), (2, 10, 14)]
    kept: list[dict[str, Any]] = await door.rows("SELECT wallet, count(*) FROM trades GROUP BY 1 ORDER BY 1")
    assert [(row["wallet"], row["count"]) for row in kept] == [(LEADER, 2), (SMART, 2), (BOTH, 2)]
