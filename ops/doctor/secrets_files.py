"""Secrets: strong, each for one purpose, and in files that nobody else reads. Names are shown, values never."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.secret_settings import secret_names, secrets_in

# 16 bytes of chance written as text have over 20 characters, of more than 10 kinds: less was made up by hand.
LENGTH_MIN: Final = 16
KINDS_MIN: Final = 8
EXAMPLES: Final = ("change", "example", "placeholder", "your-", "password", "secret123")
# Found in a checkout or beside a stack; each holds secrets as text.
FILES: Final = (".env", "secrets.env", "running.json", "postgres/password")
# How to make one, for the mend.
_NEW: Final = 'python3 -c "import secrets as s, base64 as b; print(b.b64encode(s.token_bytes(32)).decode())"'


async def look(patient: Patient) -> list[Finding]:
    """Every secret setting that is set, and every file that may hold one."""
    notes = Notes("secrets")
    seen: dict[str, list[str]] = defaultdict(list)
    counted = 0
    for name in sorted(secret_names()):
        for secret in secrets_in(name, patient.environment.get(name, "")):
            counted += 1
            seen[secret].append(name)
            fault = weakness(secret)
            if fault is not None:
                notes.wrong(f"{name} {fault}: it can be guessed", f"set {name}; make one with: {_NEW}")
    for names in seen.values():
        if len(set(names)) > 1:
            notes.wrong(
                f"{' and '.join(sorted(set(names)))} are the same secret: whoever holds one holds the other",
                f"give each its own; make one with: {_NEW}",
            )
    for file in _files(patient):
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            notes.wrong(
                f"{file} holds secrets and other users of this machine may read it", f"chmod 600 {file}"
            )
    return notes.all(f"{counted} set, none weak or used twice; files with secrets are closed to others")


def weakness(secret: str) -> str | None:
    """What makes it easy to guess; None for a strong one."""
    if any(word in secret.lower() for word in EXAMPLES):
        return "is that of an example"
    if len(secret) < LENGTH_MIN:
        return f"has {len(secret)} characters, {LENGTH_MIN} are the least"
    if len(set(secret)) < KINDS_MIN:
        return f"is made of {len(set(secret))} different characters"
    return None


def _files(patient: Patient) -> Iterator[Path]:
    for name in FILES:
        for directory in {Path.cwd(), patient.directory}:
            if (directory / name).is_file():
                yield directory / name
