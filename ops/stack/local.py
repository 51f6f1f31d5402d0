"""The stack of one project: broker and database started together, ready when they answer, ended in order."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ops.stack.children import Children
from ops.stack.errors import StackError
from ops.stack.jars import KAFKA_VERSION
from ops.stack.kafka import Broker, BrokerPorts
from ops.stack.place import Lock, prepare
from ops.stack.ports import choose
from ops.stack.postgres import POSTGRES_VERSION, Postgres

# Told as each part is ready: its name and version, and the seconds it took.
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Stack:
    """Where the parts are. `database_url` is quick (a unix socket); `database_tcp_url` can be led through a proxy."""

    kafka: str
    database_url: str
    database_tcp_url: str
    directory: Path


class LocalStack:
    """`with LocalStack(directory) as stack:` starts a broker and a Postgres that end with the block.

    What POLYCOOL_KAFKA or POLYCOOL_DATABASE_URL name is used instead of a part of our own. `fresh` throws the data
    away first. Raises StackError with one sentence when a part cannot start.
    """

    def __init__(
        self,
        directory: Path,
        *,
        fresh: bool = False,
        environment: Mapping[str, str] = os.environ,
        report: Report = lambda _name, _seconds: None,
    ) -> None:
        self.directory = directory
        self._fresh = fresh
        self._environment = environment
        self._report = report
        self._lock = Lock(directory)
        self.children = Children(directory)
        self.broker: Broker | None = None
        self.postgres: Postgres | None = None
        self._stack: Stack | None = None

    def start(self) -> Stack:
        """Start what is not given from outside; return when all of it answers."""
        prepare(self.directory)
        self._lock.take()
        try:
            self.children.end_left_over()
            if self._fresh:
                self._wipe()
            return self._start_parts()
        except BaseException:
            self.stop()
            raise

    @property
    def stack(self) -> Stack:
        """Where the parts are, once started."""
        assert self._stack is not None, "the stack was not started"
        return self._stack

    def revive(self) -> dict[str, int]:
        """Start again what ended by itself, without waiting for it; its name and exit code."""
        ended: dict[str, int] = {}
        for name, part in (("kafka", self.broker), ("postgres", self.postgres)):
            code = part.exit_code() if part is not None else None
            if part is not None and code is not None:
                ended[name] = code
                part.start()
        return ended

    def stop(self) -> None:
        """End what was started, in order; give the lock back."""
        if self.broker is not None:
            self.broker.stop()
        if self.postgres is not None:
            self.postgres.stop()
        self._lock.drop()

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_parts(self) -> Stack:
        kafka, database = (
            self._environment.get("POLYCOOL_KAFKA"),
            self._environment.get("POLYCOOL_DATABASE_URL"),
        )
        if not kafka and (protocol := self._environment.get("POLYCOOL_KAFKA_SECURITY_PROTOCOL")):
            raise StackError(
                f"POLYCOOL_KAFKA_SECURITY_PROTOCOL is {protocol} and POLYCOOL_KAFKA names no broker: the one that is "
                "started here speaks plainly on the loopback. Set the one, or unset the other."
            )
        began = time.monotonic()
        last = self._last_ports()
        if not database:
            port = choose(
                "Postgres", wanted=self._wanted("POLYCOOL_POSTGRES_PORT"), last=last.get("postgres")
            )
            self.postgres = Postgres(self.directory / "postgres", port, self.children)
            self.postgres.start()
        if not kafka:
            clients = choose("Kafka", wanted=self._wanted("POLYCOOL_KAFKA_PORT"), last=last.get("kafka"))
            controller = choose("Kafka's controller", wanted=None, last=last.get("controller"))
            self.broker = Broker(self.directory / "kafka", BrokerPorts(clients, controller), self.children)
            self.broker.start()
        tcp = database
        if self.postgres is not None:
            self.postgres.wait()
            self._report(f"postgres {POSTGRES_VERSION}", time.monotonic() - began)
            database, tcp = self.postgres.url(), self.postgres.tcp_url()
        if self.broker is not None:
            self.broker.wait()
            self._report(f"kafka {KAFKA_VERSION}", time.monotonic() - began)
            kafka = self.broker.address
        self._keep_ports()
        assert kafka, "the broker is ours or given"
        assert database, "the database is ours or given"
        assert tcp, "the database is ours or given"
        self._stack = Stack(kafka, database, tcp, self.directory)
        return self._stack

    def _wanted(self, setting: str) -> int | None:
        value = self._environment.get(setting)
        return int(value) if value else None

    def _last_ports(self) -> dict[str, int]:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return dict(json.loads((self.directory / "ports.json").read_text()))
        return {}

    def _keep_ports(self) -> None:
        ports = self._last_ports()
        if self.postgres is not None:
            ports["postgres"] = self.postgres.port
        if self.broker is not None:
            ports |= {"kafka": self.broker.ports.clients, "controller": self.broker.ports.controller}
        (self.directory / "ports.json").write_text(json.dumps(ports))

    def _wipe(self) -> None:
        for name in ("kafka", "postgres", "ports.json", "secrets.env"):
            path = self.directory / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
