# SPDX-License-Identifier: ISC
"""Puts our functions in the place of the standard library's."""
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


def _put_ptyprocess():
    import sys
    from . import ptyprocess as ours
    try:
        import ptyprocess as theirs
    except ImportError:  # then our module is the package
        for name in ("ptyprocess", "ptyprocess.ptyprocess"):
            _before.append((sys.modules, name, _MISSING))
            sys.modules[name] = ours
        return
    for module in (theirs, sys.modules["ptyprocess.ptyprocess"], sys.modules["ptyprocess.util"]):
        for name in ("PtyProcess", "PtyProcessUnicode", "PtyProcessError"):
            if hasattr(module, name):
                _put(module, name, getattr(ours, name))


def install(*, ptyprocess=False):
    """Puts forkpty, kill, killpg, nice, pidfd_open and PIDFD_NONBLOCK in the place of those of os (and posix), and
    pthread_kill in the place of that of signal, for all code that looks them up from now on. A name that the
    interpreter does not have is added. With ptyprocess=True pidhold.ptyprocess takes the place of the package of that
    name, for pexpect too, whether that is installed or not. A second call changes nothing."""
    if ptyprocess and not any(name == "PtyProcess" or name == "ptyprocess" for _, name, _ in _before):
        _put_ptyprocess()
    if any(module is os for module, _, _ in _before):
        return
    for name in _NAMES:
        for module in (os, posix):  # os copied them when it was imported
            _put(module, name, getattr(_pidhold, name))
    _put(signal, "pthread_kill", _pidhold.pthread_kill)


def uninstall():
    """Undoes install()."""
    while _before:
        module, name, value = _before.pop()
        if isinstance(module, dict):
            del module[name]
        elif value is _MISSING:
            delattr(module, name)
        else:
            setattr(module, name, value)
