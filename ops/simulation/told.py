"""Whether what was committed is said on its topic, whole, in order, and nothing else is (promise 7; DESIGN §5)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.simulation.limits import ENDS, Tables

if TYPE_CHECKING:
    from ops.simulation.logs import Log


class Told:
    """What the outbox holds and what its topic was sent."""

    def __init__(self, topic: Log) -> None:
        self._topic = topic
        self._read = 0
        self._sent: defaultdict[str, list[bytes]] = defaultdict(list)

    def committed(self, tables: Tables) -> Iterator[str]:
        """Nothing is on the topic that was committed nowhere."""
        fresh = self._topic.messages[self._read :]
        if not fresh:
            return
        self._read += len(fresh)
        known = {(row["key"], row["value"]) for row in tables["outbox"].values()}
        for received in fresh:
            key, value = (received.key or b"").decode(), received.value or b""
            if (key, value) not in known:
                yield f"promise 7: {value[:60]!r} was said and is committed nowhere"
            if value not in self._sent[key]:
                self._sent[key].append(value)

    def at_rest(self, tables: Tables) -> Iterator[str]:
        """Each end was committed once with its message, and each message came, a follower's in their order."""
        yield from self.committed(tables)
        due: defaultdict[str, list[bytes]] = defaultdict(list)
        ends: defaultdict[str, list[str]] = defaultdict(list)
        for row in sorted(tables["outbox"].values(), key=lambda row: int(row["number"])):
            due[row["key"]].append(row["value"])
            said = json.loads(row["value"])
            ends[said["copy_order_id"]].append(said["state"])
        for key, values in due.items():
            if self._sent[key] != values:
                yield f"promise 7: {len(values)} messages for {key[:8]}, {len(self._sent[key])} came in order"
        for (name,), copy in tables["copy_orders"].items():
            if copy["state"] in ENDS and ends[name] != [copy["state"]]:
                yield f"promise 7: {name} ended {copy['state']}, said was {ends[name]}"
