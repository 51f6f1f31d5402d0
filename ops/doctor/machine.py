"""This machine: disk for what is kept, memory, free ports, and what runs a broker and a database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.stack.errors import StackError
from ops.stack.jars import KAFKA_VERSION
from ops.stack.place import MIN_FREE_MB
from ops.stack.ports import is_free
from ops.stack.postgres import POSTGRES_VERSION

DAYS: Final = 30
_DAY_SECONDS: Final = 86_400
# The broker holds 350 MB, Postgres and four processes as much together (docs/performance.md).
MEMORY_MB: Final = 1_000
# A stack that runs has most of that already; below this the system begins to end programs.
MEMORY_LEFT_MB: Final = 300
PORTS: Final = (
    ("POLYCOOL_API_PORT", "8000", "the API"),
    ("POLYCOOL_PAPER_PORT", "8010", "the paper exchange"),
    ("POLYCOOL_KAFKA_PORT", "", "the local broker"),
    ("POLYCOOL_POSTGRES_PORT", "", "the local database"),
)


async def disk(patient: Patient) -> list[Finding]:
    """What is free under the stack, against what thirty days of topics and tables come to at the pace so far."""
    notes = Notes("disk")
    place = _existing(patient.directory)
    free = patient.machine.free_disk_mb(place)
    held, days = _held(patient)
    needed = 0 if days is None else int(held / max(days, 1.0) * DAYS) - held
    mend = f"free some of the disk under {place}, or set POLYCOOL_STACK_DIR to another one"
    if free < MIN_FREE_MB:
        notes.wrong(
            f"{free} MB are free and {MIN_FREE_MB} MB are the least: broker and database stop in ugly ways",
            mend,
        )
    elif needed > free:
        notes.wrong(
            f"{free:,} MB are free, and {DAYS} days of topics come to {needed:,} MB more at the pace so far",
            f"{mend}; polycool topics shows what is kept how long",
        )
    held_told = "" if days is None else f", {held:,} MB held, {needed:,} MB more for {DAYS} days"
    return notes.all(f"{free:,} MB free{held_told}")


async def memory(patient: Patient) -> list[Finding]:
    """What is left of it."""
    notes = Notes("memory")
    free = patient.machine.free_memory_mb()
    least = MEMORY_LEFT_MB if patient.runs_here else MEMORY_MB
    if free < least:
        notes.wrong(
            f"{free} MB are free, {least} MB are needed: the system ends programs when there is none",
            "end something",
        )
    return notes.all(f"{free:,} MB free")


async def ports(patient: Patient) -> list[Finding]:
    """Ports that processes here would take are free, unless they are taken by our own stack."""
    notes = Notes("ports")
    if patient.runs_here:
        return notes.all(f"in use by the stack that runs in {patient.directory}")
    looked = []
    for name, default, what in PORTS:
        port = patient.setting(name, default)
        if not port or port == "0":
            continue
        looked.append(port)
        if not port.isdigit() or not is_free(int(port)):
            notes.wrong(
                f"port {port} for {what} is taken: it would not start",
                f"end what listens there, or set {name}",
            )
    return notes.all(f"{', '.join(looked) or 'none'} free")


async def engine(patient: Patient) -> list[Finding]:
    """What `up` starts a broker and a database with, where none are named."""
    notes = Notes("engine")
    try:
        java = patient.machine.java()[0]
    except StackError as error:
        notes.wrong(str(error), "make setup in the checkout")
        java = ""
    try:
        programs = patient.machine.postgres_programs()
    except StackError as error:
        notes.wrong(str(error), "make setup in the checkout")
        programs = Path()
    return notes.all(f"Kafka {KAFKA_VERSION} by {java}, Postgres {POSTGRES_VERSION} in {programs}")


def _existing(place: Path) -> Path:
    """The directory, or the nearest one above it that exists already."""
    while not place.exists():
        place = place.parent
    return place


def _held(patient: Patient) -> tuple[int, float | None]:
    """MB of the broker's and the database's files here, and for how many days they have grown; None without any."""
    data = [patient.directory / "kafka" / "data", patient.directory / "postgres" / "data"]
    files = [file for place in data if place.is_dir() for file in _files(place)]
    began = data[0] / "meta.properties"
    if not files or not began.exists():
        return 0, None
    total = 0
    for file in files:
        try:
            total += file.stat().st_blocks * 512
        except FileNotFoundError:  # both let go of files while they run
            continue
    return total // 2**20, (patient.machine.now() - began.stat().st_mtime) / _DAY_SECONDS


def _files(place: Path) -> list[Path]:
    try:
        return [file for file in place.rglob("*") if file.is_file()]
    except OSError:
        return []
