# SPDX-License-Identifier: ISC
"""Starts processes, on a terminal of their own if wanted, and keeps hold of them.

forkpty, kill, killpg, nice, pidfd_open and PIDFD_NONBLOCK are those of os, pthread_kill that of signal, clause by
clause; install() puts them in their place. spawn() and run() start a process without fork, from any thread, and what
it starts ends with it.
"""
import sys as _sys

try:
    from ._pidhold import (PIDFD_NONBLOCK, Hold, __version__, forkpty, kill, killpg, nice, pidfd_open, pthread_kill)
except ImportError as _error:
    if not getattr(_sys, "_is_gil_enabled", lambda: True)() or "t" in getattr(_sys, "abiflags", ""):
        raise ImportError("this build of pidhold is for Python with the global interpreter lock, and not for a "
                          "free-threaded one") from _error
    raise
from ._install import install, uninstall
from ._run import CompletedProcess, TimeoutExpired, run
from ._spawn import DEVNULL, PIPE, STDOUT, reserve, spawn
from ._terminal import Terminal
from ._types import Member, Status, StatusUnknown, StopFailed, Stopped

__all__ = ["DEVNULL", "PIDFD_NONBLOCK", "PIPE", "STDOUT", "CompletedProcess", "Hold", "Member", "Status",
           "StatusUnknown", "StopFailed", "Stopped", "Terminal", "TimeoutExpired", "forkpty", "install", "kill",
           "killpg", "nice", "pidfd_open", "pthread_kill", "reserve", "run", "spawn", "uninstall"]
