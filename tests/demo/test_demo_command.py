"""`polycool demo` as a person or a check runs it: real broker, database, processes, exchange."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
from pathlib import Path
from typing import IO, Any

import pytest

from tests.demo.ground import Demos
from tests.feed.rows import OTHER_WALLET, WALLET, csv_text, line
from tests.waiting import eventually
from tests.watching.collector import Collector, collecting

pytestmark = pytest.mark.timeout(400)
# Bounds, not waits: a machine that does much else is slow.
BOUND = 60.0
SHOWN = {"trades", "classified", "copy_orders", "orders", "latency_ms", "audit"}
ENDS = {"filled", "partial", "unfilled", "rejected", "skipped", "expired"}


def outcome(out: str) -> dict[str, Any]:
    """The last line of standard output as an object."""
    return dict(json.loads(out.splitlines()[-1]))


async def said(stream: IO[bytes], text: str, timeout: float = 2 * BOUND) -> str:
    """Read lines until one holds the text; returns all that was read."""
    read: list[bytes] = []

    def until() -> str:
        while line_ := stream.readline():
            read.append(line_)
            if text.encode() in line_:
                break
        return b"".join(read).decode()

    found = await asyncio.wait_for(asyncio.to_thread(until), timeout)
    assert text in found, found
    return found


def recorded(place: Path) -> Path:
    """A file of two wallets' trades: buys in parts, other tokens, a sale."""
    rows = [
        line(
            n // 2,
            wallet=WALLET if n % 3 else OTHER_WALLET,
            token_id=str(7_000 + n % 5),
            price="0.40",
            size="100",
            usdc="40",
        )
        for n in range(110)
    ]
    rows += [line(1_000, side="SELL", token_id="7001", price="0.42", size="300", usdc="126"), "a,bad,row"]
    file = place / "trades.csv"
    file.write_text(csv_text(rows))
    return file


def _one_trace_from_trade_to_order(traces: Collector, posts: int) -> None:
    """Each POST ends a trace that began with its trade, through Kafka and the tables, over two processes."""
    ways = traces.ways()
    assert len(ways) >= posts > 0
    for way in ways:
        assert [span.name for span in way] == ["classify", "copy_execution", "post"]
        assert [span.process for span in way] == ["polycool-streams", "polycool-streams", "polycool-trading"]
        assert len({span.trace_id for span in way}) == 1
        assert way[0].parent_id == ""
        assert way[-1].said["polycool.copy_order_id"].startswith("C-")
    assert traces.names()["recommend"] > 0


def test_a_demo_of_a_file_answers_everything_and_leaves_nothing_running(place: Demos) -> None:
    """The object of the contract, no violation, every trade of each leader answered for each follower of theirs; then
    no process is left, and the chain of a copy can still be asked."""
    file = recorded(place.place)
    with collecting() as traces:
        place.environment["POLYCOOL_TRACES_URL"] = traces.url
        code, out, err = place.run(
            "demo", "--trades", str(file), "--count", "112", "--rate", "40", "--followers", "5", "--until-settled",
            "--json",
        )  # fmt: skip
    assert code == 0, err
    found = outcome(out)
    _one_trace_from_trade_to_order(traces, posts=found["orders"])
    assert set(found) == SHOWN
    assert found["trades"] == 111
    assert found["classified"]["copy_leader"] == 111
    assert found["classified"]["smart_trader"] > 0
    assert found["classified"]["unwatched"] == 0
    copies = found["copy_orders"]["by_state"]
    assert set(copies) <= ENDS
    assert found["audit"]["violations"] == 0
    answered = next(check for check in found["audit"]["checks"] if check["name"] == "answered")["counted"]
    assert answered["expected"] == answered["answered"] == sum(copies.values()) > 111
    assert found["orders"] >= copies["filled"] > 0
    for name in ("append_to_classified", "append_to_committed", "append_to_post", "append_to_visible"):
        measured = found["latency_ms"][name]
        assert 0 < measured["p50"] <= measured["p95"] <= measured["p99"] <= measured["max"]
    assert place.running() == []

    code, out, err = place.run("why", "--json")
    assert code == 0, err
    chain = json.loads(out)
    assert chain["copy_order"]["state"] == "filled"
    assert chain["fills"]
    code, out, _ = place.run("why", chain["copy_order"]["copy_order_id"].lower(), "--checks")
    assert code == 0
    assert "their trade" in out
    assert place.running() == []


async def test_a_killed_demo_is_cleaned_up_by_the_next_which_ends_with_130_at_ctrl_c(place: Demos) -> None:
    """`kill -9` leaves nothing that stands in the way of the next start; Ctrl-C ends everything in order."""
    first = place.start("demo", "--followers", "2")
    assert first.stderr is not None
    await said(first.stderr, "wallets watched")
    first.kill()
    await asyncio.to_thread(first.communicate)
    second = place.start("demo", "--followers", "2")
    assert second.stderr is not None
    await said(second.stderr, "wallets watched")
    second.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(asyncio.to_thread(second.communicate), BOUND)
    assert second.returncode == 130, err
    assert b"everything was ended" in err
    await eventually(lambda: place.running() == [], BOUND)


class Screen:
    """A terminal with a demo in it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._text = ""
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            self._text += os.read(self.descriptor, 65_536).decode(errors="replace")
        except OSError:
            asyncio.get_running_loop().remove_reader(self.descriptor)

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self._text = ""

    def shows(self, pattern: str) -> bool:
        """Whether it was written, colours and moves of the cursor aside."""
        return re.search(pattern, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._text)) is not None

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self.descriptor, key.encode())


async def test_in_a_terminal_it_shows_a_picture_and_obeys_its_keys(place: Demos) -> None:
    """The picture with copies made; `space` holds, `s` stops buys (seen by `buys show`), `w` tells why, `status` and
    `dlq list` work beside it, `q` ends with the audit and exit code 0."""
    ours, theirs = pty.openpty()
    place.environment |= {"TERM": "xterm-256color", "COLUMNS": "170", "LINES": "45"}
    process = place.start("demo", "--followers", "3", "--rate", "5", stdin=theirs, stdout=theirs)
    os.close(theirs)
    screen = Screen(ours)
    await eventually(lambda: screen.shows(r"✅ filled +\d*[1-9]"), 2 * BOUND)
    assert screen.shows("PAPER")
    code, out, err = await asyncio.to_thread(place.run, "status", "--json")
    assert code == 0, err
    status = json.loads(out)
    assert [stage["name"] for stage in status["stages"]] == [
        "trades",
        "classify",
        "copy_execution",
        "trading",
        "recommend",
    ]
    assert status["copies"]["by_state"]["filled"] > 0
    code, _, err = await asyncio.to_thread(place.run, "dlq", "list")
    assert code == 0, err
    screen.press("w")
    await eventually(lambda: screen.shows("their trade"), BOUND)
    screen.press("x")
    screen.press("s")
    await eventually(lambda: screen.shows("buys stopped"), BOUND)
    assert "buying is stopped" in (await asyncio.to_thread(place.run, "buys", "show"))[1]
    code, out, _ = await asyncio.to_thread(place.run, "buys", "allow")
    assert "nothing was changed" in out
    assert "buying is stopped" in (await asyncio.to_thread(place.run, "buys", "show"))[1]
    await asyncio.to_thread(place.run, "buys", "allow", "--execute")
    assert "buying is allowed" in (await asyncio.to_thread(place.run, "buys", "show"))[1]
    screen.press(" ")
    await eventually(lambda: screen.shows("feed held"), BOUND)
    screen.press("q")
    _, err_bytes = await asyncio.wait_for(asyncio.to_thread(process.communicate), 3 * BOUND)
    assert process.returncode == 0, err_bytes
    assert screen.shows("0 violations")
    assert screen.shows("Try: polycool why C-")
    asyncio.get_running_loop().remove_reader(ours)
    os.close(ours)
    assert place.running() == []


@pytest.mark.parametrize("setting", ["POLYCOOL_KAFKA", "POLYCOOL_DATABASE_URL"])
def test_r09_a_demo_never_runs_on_a_stack_it_did_not_start(place: Demos, setting: str) -> None:
    """SAFETY R9: a demo makes old trades live news; with somebody's broker or database set it exits 2, untouched."""
    place.environment[setting] = "127.0.0.1:1"
    code, _, err = place.run("demo")
    assert code == 2
    assert setting in err
    assert list(place.place.iterdir()) == []


def test_a_file_that_holds_no_trades_is_wrong_use(place: Demos) -> None:
    """Nothing is started for it."""
    file = place.place / "other.csv"
    file.write_text("a,b\n1,2\n")
    code, _, err = place.run("demo", "--trades", str(file))
    assert code == 2
    assert "header lacks" in err
    assert not (place.place / "demo").exists()
