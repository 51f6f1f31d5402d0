"""What can go wrong while the local stack starts: one clear sentence each."""

from __future__ import annotations

from pathlib import Path

EXIT_MISSING = 3


class StackError(Exception):
    """Something the stack needs is not there. The text is one sentence for a person, with its mend."""

    exit_code = EXIT_MISSING


def explain(part: str, log: Path) -> str:
    """One sentence on why a part did not start, from what it logged."""
    text = log.read_text(errors="replace") if log.exists() else ""
    known = {
        "Address already in use": "its port was taken by another program meanwhile: start again",
        "No space left on device": "the disk is full: free some space, or set POLYCOOL_STACK_DIR to another disk",
        "Cannot allocate memory": "there is too little memory: end something else, 1 GB is needed",
        "could not create shared memory": "there is too little shared memory: end something else",
    }
    why = next((sentence for mark, sentence in known.items() if mark in text), None)
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
    return f"{part} did not start: {why or last.strip()[:300]} (all it said is in {log})."
