"""The log tells copy from smart: one line for each step of a trade, by another event for each way."""

from __future__ import annotations

from decimal import Decimal

from structlog.testing import capture_logs

from schemas.enums import AddressType
from streams.smart_trader import agent as recommend
from streams.smart_trader.recommending import Decided, Recommended
from streams.smart_trader.signals import Growth
from tests.streams.door import fill, wallet
from tests.streams.sorter import Sorter, smart

BOTH, LEADER, STRANGER = wallet(1), wallet(2), wallet(3)


async def test_a_trade_has_one_line_that_names_its_roles(sorter: Sorter) -> None:
    """A leader's, one of both, a stranger's (none): each once, with its number in each role's order; again: no line."""
    sorter.watch(BOTH, AddressType.COPY_LEADER, AddressType.SMART_TRADER)
    sorter.watch(LEADER, AddressType.COPY_LEADER)
    first, second = fill(BOTH), fill(LEADER)
    with capture_logs() as lines:
        handled = await sorter.sort(first, second, fill(STRANGER))
        await sorter.sort(first)
    classified = [line for line in lines if line["event"] == "trade_classified"]
    assert [(line["trade_id"], line["wallet"], line["numbers"]) for line in classified] == [
        (first["trade_id"], BOTH, {"copy_leader": 1, "smart_trader": 1}),
        (second["trade_id"], LEADER, {"copy_leader": 1}),
    ]
    with capture_logs() as lines:
        decided = [Decided(message, Growth.NONE, None, Decimal(0), Decimal(0)) for message in smart(handled)]
        recommend._log(Recommended(decided))
    assert [(line["event"], line["trade_id"], line["result"]) for line in lines] == [
        ("smart_trade_decided", first["trade_id"], "none")
    ]
