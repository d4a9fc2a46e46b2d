# SPDX-License-Identifier: ISC
"""Starts processes, on a terminal of their own if wanted, and keeps hold of them.

spawn() and run() start a process without fork, from any thread, and its descendants end with it; spawn_async() and
run_async() do the same for asyncio and trio. A process does not outlive its hold: the end of a `with` ends it, and so
does the loss of the hold.

forkpty, kill, killpg, nice, pidfd_open and PIDFD_NONBLOCK work as those of os, and pthread_kill as that of signal,
clause by clause; install() puts them in their place.
"""
import sys as _sys

if _sys.version_info < (3, 8):
    raise ImportError("pidhold needs Python 3.8 or newer")
try:
    from ._pidhold import PIDFD_NONBLOCK, __version__, forkpty, kill, killpg, nice, pidfd_open, pthread_kill
except ImportError as _error:
    if not getattr(_sys, "_is_gil_enabled", lambda: True)() or "t" in getattr(_sys, "abiflags", ""):
        raise ImportError("this build of pidhold is for Python with the global interpreter lock, and not for a "
                          "free-threaded one") from _error
    raise
from . import _warning as _warning  # so that no fork has to import it
from ._install import install, uninstall

__all__ = ["DEVNULL", "PIDFD_NONBLOCK", "PIPE", "STDOUT", "Append", "AsyncStream", "CalledProcessError", "Capability",
           "CompletedProcess", "Description", "Gap", "Hold", "Member", "PidholdError", "RunningCommand", "StartError",
           "StartTimeoutExpired", "Status", "StatusUnknown", "StopFailed", "Stopped", "Terminal", "TimeoutExpired",
           "TreeUsage", "UndecodableOutput", "adopt", "caps", "forkpty", "install", "kill", "killpg", "nice",
           "pidfd_open", "pthread_kill", "reserve", "run", "run_async", "spawn", "spawn_async", "split_group",
           "uninstall", "wait_any", "wait_any_async"]

# Where the other names are: imported when they are first used, so that a program that needs only the functions does not
# import subprocess.
_PLACES = {
    "_async": ("AsyncStream",),
    "_errors": ("CalledProcessError", "PidholdError", "StartError", "StartTimeoutExpired", "StatusUnknown",
                "StopFailed", "TimeoutExpired", "UndecodableOutput"),
    "_hold": ("Hold",),
    "_many": ("spawn_async", "wait_any", "wait_any_async"),
    "_run": ("CompletedProcess", "RunningCommand", "run", "run_async"),
    "_spawn": ("DEVNULL", "PIPE", "STDOUT", "adopt", "caps", "reserve", "spawn", "split_group"),
    "_terminal": ("Terminal",),
    "_types": ("Append", "Capability", "Description", "Gap", "Member", "Status", "Stopped", "TreeUsage"),
}


def __getattr__(name):
    for place, names in _PLACES.items():
        if name in names:
            module = __import__(place, globals(), None, names, 1)
            globals().update((each, getattr(module, each)) for each in names)
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(set(globals()).union(__all__))


for _function in (forkpty, kill, killpg, nice, pidfd_open):
    _function.__module__ = __name__  # pthread_kill keeps "signal": the tests of that module check it
del _function
