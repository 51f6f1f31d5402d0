"""What proves the promises shares no code with what keeps them; each exception is one on purpose."""

from __future__ import annotations

import ast
from pathlib import Path

import ops.audit

FOLDER = Path(ops.audit.__file__).parent
# The same decision is made again by the deciding code, and topics are folded by the code of classify: what differs
# from itself is a fault. `by_rules` and the SQL files weigh the same rows by another hand.
SAME_CODE = {
    "again.py": "streams.copy_execution",
    "decisions.py": "ops.audit.again",
    "rebuild.py": "ops.rebuild",
}
# The names of topics are the contract's.
CONTRACT = ("streams.topology",)


def test_the_audit_reads_for_itself() -> None:
    """No module of it but the named ones imports from the stages, the doors to the tables, the API, or the bot."""
    found = []
    for file in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            )  # fmt: skip
            found += [
                f"{file.name}: {name}"
                for name in names
                if name.split(".")[0] in ("streams", "api", "bot")
                and name not in CONTRACT
                and not name.startswith(SAME_CODE.get(file.name, "-"))
            ]
    assert found == []
