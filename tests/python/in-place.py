# SPDX-License-Identifier: ISC
"""Put into a virtual environment's packages, and imported by a .pth file there, so also by interpreters that are
started with -I or -E: our functions in place of the standard library's, and a count of their calls, in a file of a
process."""
import atexit
import os

import pidhold

pidhold.install()


def tell():
    with open(os.path.join(os.environ["PIDHOLD_CALLS"], str(os.getpid())), "w", encoding="ascii") as file:
        file.write(repr(pidhold._pidhold._calls()))


if "PIDHOLD_CALLS" in os.environ:
    atexit.register(tell)
