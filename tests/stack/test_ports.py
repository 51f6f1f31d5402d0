"""The ports that commands choose by themselves: free, their own, and nobody's connection a moment later."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from ops.stack import ports
from ops.stack.errors import StackError

_ASK = "from ops.stack.ports import free_port\nprint(*(free_port() for _ in range(50)))"
# Before the tests have a range of their own.
_GIVEN_OUT = ports._given_out


def _chosen() -> list[int]:
    """As a command chooses them: this process has a range of its own."""
    asked = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    return [int(port) for port in asked.stdout.split()]


def test_a_port_is_chosen_where_the_system_gives_none_away() -> None:
    """Between the choice and the listening a broker takes seconds, in which any connection may get such a port."""
    chosen = _chosen()
    assert all(ports.FIRST <= port < ports.BEHIND_LAST for port in chosen)
    # Two stacks that begin together: fifty choices of eight thousand, and hardly two alike.
    assert len(set(chosen)) > 40


def test_a_taken_port_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three ports two are listened on: the third is chosen, from wherever it begins; with none left it is said."""
    with socket.socket() as one, socket.socket() as other:
        first = next(port for port in _chosen() if all(ports.is_free(each) for each in range(port, port + 3)))
        monkeypatch.setattr(ports, "FIRST", first)
        monkeypatch.setattr(ports, "BEHIND_LAST", first + 3)
        for taken, port in ((one, first), (other, first + 2)):
            taken.bind((ports.LOOPBACK, port))
            taken.listen()
        assert {_GIVEN_OUT() for _ in range(20)} == {first + 1}
        with socket.socket() as last:
            last.bind((ports.LOOPBACK, first + 1))
            last.listen()
            with pytest.raises(StackError, match="no port between"):
                _GIVEN_OUT()
