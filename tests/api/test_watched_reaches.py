"""Following a wallet makes everybody know it: classify by the outbox and the topic, the indexer by its lists."""

from __future__ import annotations

import time
from statistics import median

from ops.stack.local import Stack
from schemas.base import rfc3339
from streams.topology import TopicNames
from tests.api.conftest import FORMER_SECRET, SETTINGS, Ask, api_settings, serving
from tests.conftest import StartProcess
from tests.streams.door import fill, open_door
from tests.waiting import eventually

REACHED_SECONDS = 1.0


async def test_a_followed_wallet_is_known_to_classify_and_to_the_indexer_within_a_second(
    stack: Stack, database_url: str, topics: TopicNames, run_process: StartProcess, ask: Ask
) -> None:
    """The real relay, broker and classify. Measured from the request on, the median of seven; then a trade of the
    wallet is answered for its follower."""
    await run_process("streams")
    settings = api_settings(database_url, stack.kafka, topics.prefix, api_follow_seconds=5.0)
    async with serving(settings) as face:
        user = await face.new_user()
        took: list[float] = []
        leader = ""
        for number in range(1, 8):
            leader = f"0x{number:040x}"
            before = (await ask("SELECT clock_timestamp() AS now"))[0]["now"]
            began = time.perf_counter()
            answer = await face.post("/v1/allocations", {"leader": leader, "settings": SETTINGS}, user=user)
            took.append(time.perf_counter() - began)
            assert answer.status_code == 201, answer.text
            assert not answer.json()["starting"], "classify has read the role"
            changed = (await face.get("/v1/watched-addresses", since=rfc3339(before))).json()["items"]
            assert (changed[0]["wallet"], changed[0]["roles"]) == (leader, ["copy_leader"])
            former = await face.http.get(
                "/api/v1/subsquid/watched_addresses", headers={"X-Webhook-Secret": FORMER_SECRET}
            )
            assert (leader, "copy_leader") in {
                (entry["address"], entry["type"]) for entry in former.json()["addresses"]
            }
    assert median(took) < REACHED_SECONDS, took
    async with open_door(stack.kafka, database_url, topics) as door:
        await door.trade(fill(leader))
        copies = await eventually(lambda: ask("SELECT leader, state FROM copy_orders"), 15)
    assert [copy["leader"] for copy in copies] == [leader]
