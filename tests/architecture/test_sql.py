"""Every statement is used, has one writer, and runs on the real tables with the rights of its role."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import psycopg
import pytest

from schemas.tables.writers import WRITERS
from tests.architecture.source import SqlFile, modules, sql_files

PROCESS_OF = {
    **dict.fromkeys(
        (
            "classify",
            "markets",
            "copy_execution",
            "smart_trader",
            "wallet_facts",
            "letters",
            "outbox",
            "what_if",
        ),
        ("streams",),
    ),
    "trading": ("trading",),
    # The same deciding code runs in both.
    "decision": ("streams", "trading"),
    "api": ("api",),
    "paper": ("paper",),
    "replay": ("shadow",),
}
# These look and never write.
READERS = ("audit", "figures")
# The one thing that the API does to a run of a replay.
HALTS = "api/queries/halt_replay.sql"
_WRITES = re.compile(
    r"\b(?P<kind>insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)\s+(?:only\s+)?"
    r"(?P<table>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    r"create\s+temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_][a-z0-9_]*)", re.IGNORECASE
)
_PARAMETER = re.compile(r"%\((?P<name>\w+)\)[sb]")
_NOT_PLANNED = ("listen", "create", "copy", "set", "lock", "truncate")


def bare(text: str) -> str:
    """The statement without comments and without what stands in quotes."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", " ", text))
    # Locks and conflicts speak of updates that are none, or that are those of their INSERT.
    return re.sub(r"\bfor\s+(no\s+key\s+)?update\b|\bdo\s+update\b", " ", text, flags=re.IGNORECASE)


def written_tables(file: SqlFile) -> set[str]:
    """The tables the statement writes."""
    return {match["table"].lower() for match in _WRITES.finditer(bare(file.text))}


@pytest.fixture(scope="module")
def temporary() -> set[str]:
    """Tables that live for a transaction only."""
    return {name.lower() for file in sql_files() for name in _TEMPORARY.findall(file.text)}


def test_each_table_has_the_writers_it_names(temporary: set[str]) -> None:
    """The folders whose SQL writes a table are exactly its writers; the paper exchange and replays keep to schemas of
    their own, but for an operator's [Halt]."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sql_files():
        for table in written_tables(file) - temporary:
            if table.startswith("paper."):
                assert file.owner == "paper", file.place
            elif table.startswith("shadow."):
                assert file.owner == "replay" or file.place.endswith(HALTS), file.place
            else:
                found[table].add(file.owner)
    declared = {table: set(writers) for table, writers in WRITERS.items() if writers}
    assert dict(found) == declared


def test_looking_writes_nothing() -> None:
    """The audit and the pictures only read."""
    assert [file.place for file in sql_files() if file.owner in READERS and written_tables(file)] == []


def _names_in_code(folder: str) -> Iterator[re.Pattern[str]]:
    """Every string of the folder's code as a pattern; what an f-string fills in may be any word."""
    for module in modules(folder):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 80:
                yield re.compile(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                    for part in node.values
                ]
                if any(part.isascii() and "_" in part for part in parts):
                    yield re.compile("".join(parts))


def test_every_statement_is_used() -> None:
    """Its name stands in the code of its package."""
    names = {folder: list(_names_in_code(folder)) for folder in ("streams", "api", "ops")}
    unused = [
        file.place
        for file in sql_files()
        if not any(
            name.fullmatch(file.path.stem) or name.fullmatch(f"{file.path.parent.name}/{file.path.stem}")
            for name in names[file.place.split("/")[0]]
        )
    ]
    assert unused == []


def test_a_file_holds_one_statement() -> None:
    """One statement, without a semicolon in its middle."""
    many = [file.place for file in sql_files() if ";" in bare(file.text).strip().rstrip(";")]
    assert many == []


def test_no_statement_is_written_outside_the_sql_files() -> None:
    """SQL in Python would escape these tests: no string begins like a statement on a table of ours."""
    begins = re.compile(
        r"""["']\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()""",
        re.IGNORECASE,
    )
    inline = [
        f"{module.place}:{number}"
        for module in modules("schemas", "streams", "api", "ops")
        for number, line in enumerate(module.text.splitlines(), 1)
        if begins.search(line) and not re.search(r"from\s+(pg_|\{table\})", line, re.IGNORECASE)
    ]
    assert inline == []


def _planned() -> Iterator[tuple[SqlFile, str | None]]:
    for file in sql_files():
        if bare(file.text).split()[0].lower() in _NOT_PLANNED or file.owner == "migration":
            continue
        for process in PROCESS_OF.get(file.owner, (None,)):
            yield file, process


@pytest.fixture
def tables(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to a migrated database, as its owner."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def _numbered(text: str) -> str:
    """Named parameters as $1, $2, …, as the database counts them."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match["name"] not in names:
            names.append(match["name"])
        return f"${names.index(match['name']) + 1}"

    return _PARAMETER.sub(number, text).replace("%%", "%")


def test_every_statement_runs_with_the_rights_of_its_process(
    tables: psycopg.Connection, temporary: set[str]
) -> None:
    """Planned by the real database under its role: tables, columns and rights are there."""
    faults = []
    for file, process in _planned():
        if any(re.search(rf"\b{name}\b", file.text) for name in temporary):
            continue
        with tables.transaction(force_rollback=True):
            if process is not None:
                tables.execute(f"SET LOCAL ROLE polycool_{process}".encode())
            try:
                tables.execute(f"EXPLAIN (GENERIC_PLAN) {_numbered(file.text)}".encode())
            except psycopg.errors.IndeterminateDatatype:
                pass  # the client sends the type with the value
            except psycopg.Error as error:
                faults.append(f"{file.place} as {process}: {str(error).splitlines()[0]}")
    assert faults == []
    assert len(list(_planned())) > 150


def test_nobody_has_rights_that_nobody_uses(tables: psycopg.Connection) -> None:
    """A process' role may write exactly the tables its writers write (the right to lock a row apart)."""
    granted = tables.execute(
        "SELECT DISTINCT replace(grantee, 'polycool_', ''), table_name FROM information_schema.role_table_grants"
        " WHERE grantee LIKE 'polycool_%' AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')"
        " AND table_schema = 'public'"
    ).fetchall()
    wanted = {
        (process, table)
        for table, writers in WRITERS.items()
        for writer in writers
        for process in PROCESS_OF.get(writer, ())
    }
    assert {(str(process), str(table)) for process, table in granted} - wanted == set()


def test_every_table_has_its_line_in_writers(tables: psycopg.Connection) -> None:
    """The list of writers names all tables and no other."""
    rows = tables.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {str(name) for (name,) in rows} == set(WRITERS)
