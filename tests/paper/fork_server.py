"""Starts paper exchanges by forking one process that has loaded all of it: a start costs no seconds of importing.

Run as a module. Requests are lines of JSON on its input: ``{"start": environment, "log": path}`` answers with the pid,
``{"ended": pid}`` with the exit code, minus a signal's number, or null while it runs. It ends with its input, and what
it has forked ends with it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback

# What a paper exchange loads when it is asked to run; unused here, inherited by those who are forked.
import ops.commands.paper
import ops.paper.server
import ops.paper.settings
import streams.logs
from ops.cli import run
from ops.stack.leash import PR_SET_PDEATHSIG

LOADED = (ops.commands.paper, ops.paper.server, ops.paper.settings, streams.logs)


def serve() -> None:
    """Answer requests until the input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _ended(asked["ended"]) if "ended" in asked else _forked(asked["start"], asked["log"])
        print(json.dumps(answer), flush=True)  # noqa: T201 (the answer is this module's output)


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _forked(environment: dict[str, str], log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(environment, log)
        code = run(["paper"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(environment: dict[str, str], log: str) -> None:
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, place in enumerate((nothing, output, output)):
        os.dup2(place, number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["polycool", "paper"]


if __name__ == "__main__":
    serve()
