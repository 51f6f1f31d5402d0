"""The trading process hears of fills by the user stream, and trades just as well when it says nothing."""

from __future__ import annotations

import pytest

from tests.trading.conftest import ground as ground
from tests.trading.conftest import make_ground as make_ground
from tests.trading.conftest import pool as pool
from tests.trading.conftest import topic_prefix as topic_prefix
from tests.trading.conftest import world as world
from tests.trading.ground import LEADER, Ground
from tests.venues.live import allow_live, live_follower, live_settings, tell_market
from tests.waiting import eventually

# What the stream is told to do, beside behaving.
CONDUCTS: list[dict[str, object]] = [
    {"silent": True},
    {"duplicate": 1.0, "reorder": 0.5},
]


@pytest.mark.parametrize("conduct", CONDUCTS, ids=["silent", "repeats"])
async def test_books_are_right_whatever_the_stream_does(ground: Ground, conduct: dict[str, object]) -> None:
    """Bought, sold and settled; cash and shares equal the exchange's to the micro."""
    await ground.exchange.admin("PUT", "stream", conduct)
    stream = ground.exchange.url.replace("http", "ws") + "/ws/user"
    await ground.start(**live_settings(ground, polymarket_stream_url=stream))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.49"))
    copies = await ground.all_ended(30)
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    await eventually(lambda: {order["state"] for order in ground.orders()} == {"settled"}, 30)
    await ground.assert_books_agree()
