"""The project's own files, for the tests of its structure."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "streams", "api", "bot", "ops")
STAGE_FOLDERS = (
    "markets", "classify", "copy_execution", "smart_trader", "wallet_facts", "letters", "outbox", "trading", "what_if",
)  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, place, text and tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        """The path from the project's root."""
        return self.path.relative_to(ROOT).as_posix()

    def imports(self) -> Iterator[str]:
        """Full names of everything imported, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def roots(self) -> set[str]:
        """The top-level packages it imports."""
        return {name.partition(".")[0] for name in self.imports()}


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """All modules below the folders (default: our packages and the tests)."""
    found = []
    for folder in folders or (*PACKAGES, "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append(Module(name, path, text, ast.parse(text)))
    return tuple(found)


@cache
def tracked_files() -> tuple[Path, ...]:
    """What the repository holds; without git, everything but hidden and generated folders."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        return tuple(path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file())
    skipped = {"__pycache__"}
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(part in skipped or part.startswith(".") for part in path.relative_to(ROOT).parts[:-1])
    )


@dataclass(frozen=True)
class SqlFile:
    """One statement in a file, and whose it is: the stage or program that runs it."""

    path: Path
    text: str
    owner: str

    @property
    def place(self) -> str:
        """The path from the project's root."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def sql_files() -> tuple[SqlFile, ...]:
    """All statements but the migrations, with their owners by folder (schemas/tables/writers.py)."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.sql")):
            parts = path.relative_to(ROOT).parts
            if parts[:2] == ("schemas", "tables"):
                continue
            owner = {"streams": parts[-2], "api": "api", "ops": parts[1]}[package]
            found.append(SqlFile(path, path.read_text(), owner))
    return tuple(found)
