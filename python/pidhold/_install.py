# SPDX-License-Identifier: ISC
"""Our functions in place of the standard library's."""
import os
import posix
import signal

from . import _pidhold

_NAMES = ("forkpty", "kill", "killpg", "nice", "pidfd_open", "PIDFD_NONBLOCK")
_MISSING = object()
_before = []


def _put(module, name, value):
    _before.append((module, name, getattr(module, name, _MISSING)))
    setattr(module, name, value)


def install():
    """Puts forkpty, kill, killpg, nice, pidfd_open and PIDFD_NONBLOCK in the place of those of os (and posix), and
    pthread_kill in that of signal's, for all that looks them up from now on. What the interpreter does not have is
    added. A second call does nothing."""
    if _before:
        return
    for name in _NAMES:
        for module in (os, posix):  # os copied them when it was imported
            _put(module, name, getattr(_pidhold, name))
    _put(signal, "pthread_kill", _pidhold.pthread_kill)


def uninstall():
    """Takes back what install() did."""
    while _before:
        module, name, value = _before.pop()
        if value is _MISSING:
            delattr(module, name)
        else:
            setattr(module, name, value)
