# SPDX-License-Identifier: ISC
"""Whether processes have ended, for the tests of holds."""
import os

import pidhold
from tap import until


def gone(pid):
    """Whether it has ended; it may be a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def reaped():
    """Waits until no child is left. A keeper that was released is reaped by the next starts."""
    def has_none():
        pidhold.spawn("true")._close()  # in the thread of a loop close() does not wait
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False
    until(has_none, "no child is left")
