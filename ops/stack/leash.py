"""Start a program that ends when the process that started it ends. Run as a script, needs no package.

Usage: python -I -S leash.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT…]; UID -1 keeps the user.
Only Linux can tie the two; elsewhere the next start of the stack ends what was left over.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, ending, uid, gid = (int(word) for word in sys.argv[1:5])
    command = sys.argv[5:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which clears the setting.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ending, 0, 0, 0)
        if os.getppid() != parent:
            raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606 (the stack's own command line, no shell wanted)


if __name__ == "__main__":
    main()
