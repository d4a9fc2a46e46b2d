#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold.forkpty beside threads and at the interpreter's end: what is warned of, when, and what is left behind."""
import os
import re
import subprocess
import sys
import threading
import warnings

import pidhold
from tap import PATIENCE, check, check_equal, main, test, until



class Beside:
    """With another thread."""

    def __enter__(self):
        self.gate = threading.Event()
        self.thread = threading.Thread(target=self.gate.wait)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.gate.set()
        self.thread.join()
        until(lambda: len(os.listdir("/proc/self/task")) == 1, "the thread is gone for the kernel too")


def fork():
    """What was raised, or None; the child is gone."""
    try:
        pid, fd = pidhold.forkpty()
    except Exception as error:
        try:
            os.waitpid(-1, os.WNOHANG)
            check(False, "a child is left")
        except ChildProcessError:
            return error
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(fd)
    return None


def told_handlers():
    told = []
    os.register_at_fork(before=lambda: told.append("before"), after_in_parent=lambda: told.append("parent"))
    return told


@test("filters decide as they do for every warning, and the handlers run once whatever comes of it")
def filters():
    here, line = re.escape(__name__), fork.__code__.co_firstlineno + 3
    told = told_handlers()
    rules = (  # each with whether it is an error
        (lambda: warnings.simplefilter("error"), True),
        (lambda: warnings.simplefilter("ignore"), False),
        (lambda: warnings.simplefilter("error", UserWarning), False),
        (lambda: warnings.filterwarnings("error", category=Warning), True),
        (lambda: warnings.filterwarnings("error", message=r"this process \(pid=\d+\) is multi"), True),
        (lambda: warnings.filterwarnings("error", message="multi-threaded"), False),
        (lambda: warnings.filterwarnings("error", module=here + "$"), True),
        (lambda: warnings.filterwarnings("error", module="tap"), False),
        (lambda: warnings.filterwarnings("error", module=here, lineno=line), True),
        (lambda: warnings.filterwarnings("error", module=here, lineno=line + 1), False),
        (lambda: (warnings.simplefilter("error"), warnings.filterwarnings("ignore", message="This")), False),
        (lambda: (warnings.simplefilter("ignore"), warnings.filterwarnings("error", message="This")), True),
        (lambda: setattr(warnings, "defaultaction", "error"), True),
    )
    with Beside():
        for number, (rule, is_error) in enumerate(rules):
            with warnings.catch_warnings(record=True):
                warnings.resetwarnings()
                rule()
                check_equal(isinstance(fork(), DeprecationWarning), is_error, f"rule {number}")
            check_equal(told, ["before", "parent"], f"rule {number}")
            told.clear()


@test("a filter set by the command line is one too")
def command_line():
    program = ("import os, pidhold, threading\ngate = threading.Event()\nthreading.Thread(target=gate.wait).start()\n"
               "try:\n    pidhold.forkpty()\nexcept DeprecationWarning:\n    print('error')\nfinally:\n    gate.set()")
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], stdout=subprocess.PIPE, timeout=PATIENCE)
    check_equal(done.stdout, b"error\n")


@test("what shows warnings may start and end threads: nothing of the interpreter's is locked then")
def shown_by_threads():
    def show(*_args, **_keywords):
        thread = threading.Thread(target=shown.append, args=(1,))
        thread.start()
        thread.join()
    shown = []
    with warnings.catch_warnings(), Beside():
        warnings.simplefilter("always")
        warnings.showwarning = show
        check_equal(fork(), None)
    check_equal(shown, [1])


@test("a handler that runs before the fork and ends the threads spares the warning, one that starts one brings it")
def handlers_decide():
    beside, others = Beside(), []
    os.register_at_fork(before=lambda: steps.pop(0)())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        beside.__enter__()
        steps = [beside.end]
        check_equal(fork(), None)
        steps = [lambda: others.append(Beside().__enter__())]
        check(isinstance(fork(), DeprecationWarning), "no warning")
    others[0].end()


@test("a failure of what shows warnings loses no child: it is told of, and the call returns")
def failing_show():
    def show(*_args, **_keywords):
        raise ZeroDivisionError
    told = []
    sys.unraisablehook = lambda unraisable: told.append(unraisable.exc_type)
    with warnings.catch_warnings(), Beside():
        warnings.simplefilter("always")
        warnings.showwarning = show
        check_equal(fork(), None)
    check_equal(told, [ZeroDivisionError])


@test("an action that would be an error, and is taken for none by a hook, is no reason not to fork")
def error_not_raised():
    told = told_handlers()
    foresee = pidhold._warning.foresee
    pidhold._warning.foresee = lambda text: (True, foresee(text)[1])
    with warnings.catch_warnings(record=True) as caught, Beside():
        warnings.simplefilter("always")
        check_equal(fork(), None)
    check_equal(len(caught), 1)
    check_equal(told, ["before", "parent"] * 2)


@test("where the system does not tell how many threads there are, those of Python are counted")
def no_proc():
    pidhold._warning.os = type("os", (), {"access": staticmethod(lambda *_: False), "R_OK": os.R_OK})
    told = told_handlers()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_equal(fork(), None)
        pidhold._warning._threads = lambda: 2
        check(isinstance(fork(), DeprecationWarning), "no warning")
    check_equal(told, ["before", "parent"] * 2)


@test("without more threads nothing is warned of, whatever the filters")
def alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_equal(fork(), None)


@test("a fork that fails warns all the same, and raises its own error")
def failing_fork():
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with warnings.catch_warnings(record=True) as caught, Beside():
        warnings.simplefilter("always")
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 1, hard))  # the threads are counted, by one descriptor
        try:
            pidhold.forkpty()
        except OSError:
            pass
        else:
            check(False, "no error")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    check_equal(len(caught), 1)


@test("at the interpreter's end it is refused, with the interpreter's words")
def at_end():
    program = """
import pidhold, os, sys
kind = getattr(__builtins__, "PythonFinalizationError", RuntimeError)
class Late:
    def __del__(self, forkpty=pidhold.forkpty, write=os.write, kind=kind):
        try:
            forkpty()
        except kind as error:
            write(1, str(error).encode())
sys.late = Late()  # what is in sys goes last
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, timeout=PATIENCE)
    check_equal(done.stdout, b"can't fork at interpreter shutdown")


main()
