# SPDX-License-Identifier: ISC
"""The exceptions. Wrong arguments are TypeError and ValueError, as everywhere in Python."""
import errno
import os
import re
import subprocess


class PidholdError(Exception):
    """The base of all exceptions of this module."""


class TimeoutExpired(PidholdError, subprocess.TimeoutExpired, TimeoutError):
    """The time is over. It is also the TimeoutExpired of subprocess, and TimeoutError.

    cmd, timeout      what was run or awaited, and the seconds that were given.
    output, stderr, terminal
                      what run() captured until then; text if text was asked for.
    stopped, left     what run() ended, a Stopped, and a list of the processes that live on; None if not known.
    """

    terminal = None
    stopped = None
    left = None
    _is_of_several = False  # cmd is a list of what was run, of wait_any()

    def __init__(self, cmd, timeout, output=None, stderr=None):
        subprocess.TimeoutExpired.__init__(self, cmd, timeout, output, stderr)
        self.args = cmd, timeout  # OSError leaves them empty
        self.errno = errno.ETIMEDOUT

    def __str__(self):
        if self._is_of_several:
            return f"none of {len(self.cmd)} processes ended within {self.timeout} seconds"
        return super().__str__()

    def __reduce__(self):
        return type(self), (self.cmd, self.timeout, self.output, self.stderr), self.__dict__


class CalledProcessError(PidholdError, subprocess.CalledProcessError):
    """What check=True raises: that of subprocess, also for output that was cut, and for processes that could not be
    ended. `status`, `stopped`, `left`, `terminal` and `is_complete` are those of the CompletedProcess."""

    status = None
    stopped = None
    left = None
    terminal = None
    is_complete = True

    def __str__(self):
        faults = [super().__str__()] if self.returncode else []
        if not self.is_complete:
            faults.append(f"The output of command {self.cmd!r} was cut: another process had it open.")
        if self.left:
            named = ", ".join(f"{member.pid} ({member.command})" for member in self.left)
            faults.append(f"Of command {self.cmd!r} some processes could not be ended: {named}.")
        return " ".join(faults)

    def __reduce__(self):
        return type(self), (self.returncode, self.cmd, self.output, self.stderr), self.__dict__


class UndecodableOutput(PidholdError, UnicodeDecodeError):
    """The output is not in the encoding of the text that was asked for: `output`, `stderr` and `terminal` are bytes.
    `returncode`, `status` and the others are those of the CompletedProcess."""

    returncode = None
    status = None
    stopped = None
    left = None
    output = None
    stderr = None
    terminal = None
    is_complete = True

    def __reduce__(self):
        return type(self), (self.encoding, self.object, self.start, self.end, self.reason), self.__dict__


class StatusUnknown(PidholdError, ChildProcessError):
    """The process has ended, and the system does not say how. Never to be taken for success."""

    output = None
    stderr = None
    terminal = None

    def __init__(self, pid):
        super().__init__(pid)
        self.pid = pid

    def __str__(self):
        return f"process {self.pid} has ended, and how is not known: somebody else waited for it"


class StopFailed(PidholdError, RuntimeError):
    """Processes that live on after stop(): `left` lists them, `stopped` tells of the others."""

    def __init__(self, pid, left, stopped=None):
        super().__init__(pid, left, stopped)
        self.pid = pid
        self.left = left
        self.stopped = stopped

    def __str__(self):
        named = ", ".join(f"{member.pid} ({member.command})" for member in self.left) or f"process {self.pid} itself"
        return f"of the tree of process {self.pid} some could not be ended: {named}"


class StartError(PidholdError, OSError):
    """A start that failed. It is also the class of OSError that belongs to the errno: FileNotFoundError, ...

    step              what failed: "program", "working directory", "standard input", ...
    object            what it failed on: a path, a number, the name of an option; "" if that is not known.
    need              what the system lacks for it: "/proc", "cgroup.kill, Linux 5.14"; None if that is not known.
    """

    step = ""
    object = ""
    need = None

    def __reduce__(self):
        # A class that is also FileNotFoundError has no name by which it could be found again.
        return _start_error_again, (self.errno, self.step, self.object, self.need, self.__dict__)


class StartTimeoutExpired(StartError, TimeoutExpired):
    """The time was over before the program was executed: StartError and TimeoutExpired."""

    def __init__(self, cmd, timeout, step, object_):
        TimeoutExpired.__init__(self, cmd, timeout)
        self.step = step
        self.object = object_
        self.left = []  # a start that failed leaves nobody

    def __str__(self):
        where = "" if self.step == "process" else f", but waited for its {self.step}: {self.object}".rstrip(": ")
        return f"{super().__str__()}: its program had not been executed yet{where}"

    def __reduce__(self):
        return type(self), (self.cmd, self.timeout, self.step, self.object), self.__dict__


_WITH_PATH = ("program", "interpreter", "standard input", "standard output", "standard error", "terminal",
              "working directory")
# Options whose name in Python is another one than in C.
_OPTIONS = {"directory": "cwd", "err": "stderr", "ids": "user", "in": "stdin", "oom_score_adj": "oom_score",
            "out": "stdout", "pass": "pass_fds", "program": "executable", "start_deadline": "timeout"}
_kinds = {}


def _kind(code):
    """StartError, as a subclass of the class that OSError has for the errno."""
    base = type(OSError(code, ""))
    if base is OSError:
        return StartError
    if base not in _kinds:
        _kinds[base] = type("StartError", (StartError, base), {"__module__": "pidhold", "__doc__": StartError.__doc__})
    return _kinds[base]


def _in_words_of_python(name):
    """ "pass[1].as" -> "pass_fds" """
    word = re.match(r"\w*", name).group()
    return _OPTIONS.get(word, word)


def _limit_name(number):
    """ "7" -> "nofile" """
    import resource

    names = (name for name in dir(resource) if name.startswith("RLIMIT_") and str(getattr(resource, name)) == number)
    return next(names, number).replace("RLIMIT_", "").lower()


def start_error(code, step, object_, argv, timeout, need=None):
    """The exception for a start that failed; that of a missing program reads as subprocess's."""
    if code == errno.ETIMEDOUT and timeout is not None:
        return StartTimeoutExpired(argv, timeout, step, object_)
    reason = os.strerror(code) + (f" (needs {need})" if need else "")
    if step == "program":
        error = _kind(code)(code, reason, object_)
    elif step == "interpreter" and " of " in object_:
        interpreter, _, program = object_.partition(" of ")
        error = _kind(code)(code, f"{step}: {reason}", interpreter, None, program)
    elif step in _WITH_PATH and object_:
        error = _kind(code)(code, f"{step}: {reason}", object_)
    else:
        if step == "option":
            object_ = _in_words_of_python(object_)
        shown = _limit_name(object_) if step == "resource limit" else object_
        error = _kind(code)(code, f"{step}{' ' * bool(shown)}{shown}: {reason}")
    error.step, error.object, error.need = step, object_, need
    return error


def _start_error_again(code, step, object_, need, attributes):
    error = start_error(code, step, object_, None, None, need)
    error.__dict__.update(attributes)
    return error


for _class in (PidholdError, TimeoutExpired, CalledProcessError, UndecodableOutput, StatusUnknown, StopFailed,
               StartError, StartTimeoutExpired):
    _class.__module__ = "pidhold"
