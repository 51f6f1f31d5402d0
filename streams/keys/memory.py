"""Secrets in memory: buffers that are wiped after use, and a process whose memory nobody else gets to see.

Python keeps copies that nobody can reach (an answer's body, the key inside the signing library); what can be wiped is.
"""

from __future__ import annotations

import contextlib
import ctypes
import resource
import sys
from collections.abc import Iterator
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def random_buffer(length: int) -> bytearray:
    """So many random bytes, from the kernel straight into a buffer that can be wiped."""
    buffer = bytearray(length)
    with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 (Path.open hides readinto's type)
        read = source.readinto(buffer)
    assert read == length, "the kernel gives small reads whole"
    return buffer


def wipe(buffer: bytearray) -> None:
    """Overwrite a secret where it lies."""
    buffer[:] = bytes(len(buffer))


@contextlib.contextmanager
def wiped(buffer: bytearray) -> Iterator[bytearray]:
    """The buffer inside the block; zeros after it, however it ends."""
    try:
        yield buffer
    finally:
        wipe(buffer)


def close_memory() -> None:
    """No core dump of this process, and no debugger of the same user in it (DESIGN §13). For the whole process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the process could not be made undumpable")
