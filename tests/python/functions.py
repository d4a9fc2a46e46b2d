#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold's functions of os and signal against their contract, beside the interpreter's own where that has it right."""
import errno
import os
import select
import signal
import subprocess
import sys
import threading
import warnings

import pidhold
from tap import PATIENCE, check, check_equal, error_of, main, skip, test, until



def same_class(name, *args, **keywords):
    """Ours raises what the interpreter's does, or returns as it does."""
    ours = error_of(getattr(pidhold, name), *args, **keywords)
    theirs = error_of(getattr(signal if name == "pthread_kill" else os, name), *args, **keywords)
    check_equal(type(ours), type(theirs), f"{name}{args}{keywords}: {ours!r}, theirs {theirs!r}")
    check_equal(getattr(ours, "errno", None), getattr(theirs, "errno", None), f"{name}{args}")


def exit_code(pid):
    """Of a child, which is waited for before its terminal is closed: that would hang up."""
    _, status = os.waitpid(pid, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


class Index:
    def __index__(self):
        return 0


@test("arguments are converted, and refused, as the interpreter does it")
def conversions():
    wrong = ("1", None, 1.5, [], 2**31, -2**31 - 1, 2**64, -2**64, object())
    for value in wrong:
        same_class("kill", value, 0)
        same_class("killpg", value, 0)
        same_class("killpg", 0, value)
        same_class("nice", value)
        if hasattr(os, "pidfd_open"):
            same_class("pidfd_open", value)
            same_class("pidfd_open", os.getpid(), value)
    for args in ((), (1,), (1, 2, 3)):
        for name in ("kill", "killpg", "pthread_kill"):
            same_class(name, *args)
    same_class("nice")
    same_class("kill", pid=1, signal=0)
    for value in (Index(), True, False):
        same_class("kill", os.getpid() if value is True else 0, 0)
    check_equal(pidhold.kill(Index(), Index()), None)
    check_equal(pidhold.nice(Index()), os.nice(0))
    for value in ("1", None, 1.5):
        same_class("pthread_kill", value, 0)
    if hasattr(os, "pidfd_open"):
        same_class("pidfd_open")
        same_class("pidfd_open", os.getpid(), -1)
        same_class("pidfd_open", os.getpid(), 2**32)


@test("a signal that does not fit is refused, where the interpreter cuts it")
def no_cut():
    for number in (2**32, 2**32 + 9, -2**32, 2**62):
        check(isinstance(error_of(pidhold.kill, os.getpid(), number), OverflowError), number)


@test("errors are those of the system")
def errors():
    me = os.getpid()
    for name, args in (("kill", (me, 1000)), ("kill", (me, -1)), ("kill", (2**31 - 1, 0)), ("killpg", (2**31 - 1, 0)),
                       ("killpg", (0, 1000)), ("killpg", (-5, 0)), ("pthread_kill", (threading.get_ident(), 1000))):
        same_class(name, *args)
    if hasattr(os, "pidfd_open"):
        for args in ((0,), (-1,), (2**31 - 1,), (os.getpid(), 1 << 20)):
            same_class("pidfd_open", *args)


@test("killpg of group 1 reaches nobody, where the C library's reaches everybody")
def group_of_init():
    check_equal(error_of(pidhold.killpg, 1, 0).errno, errno.EINVAL)


@test("a handler for a signal to ourselves runs before kill and pthread_kill return, and its exception comes from them")
def handlers():
    told = []
    signal.signal(signal.SIGUSR1, lambda number, frame: told.append(number))
    for act in (lambda: pidhold.kill(os.getpid(), signal.SIGUSR1),
                lambda: pidhold.pthread_kill(threading.get_ident(), signal.SIGUSR1)):
        list(map(lambda _: act(), [0]))  # from C, without the evaluation loop between
        check_equal(told.pop(), signal.SIGUSR1)

    def fail(number, frame):
        raise ZeroDivisionError
    signal.signal(signal.SIGUSR1, fail)
    check(isinstance(error_of(pidhold.kill, os.getpid(), signal.SIGUSR1), ZeroDivisionError), "no exception")
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


@test("auditing hooks are told, after the conversion and before the act, and may forbid it")
def auditing():
    if not hasattr(sys, "addaudithook"):
        skip("no audit hooks")
    told, forbidden = [], set()

    def hook(event, args):
        if event in ("os.kill", "os.killpg", "os.forkpty", "signal.pthread_kill"):
            told.append((event, args))
            if event in forbidden:
                raise PermissionError(event)
    sys.addaudithook(hook)
    thread = threading.get_ident()
    pidhold.kill(os.getpid(), 0)
    pidhold.killpg(0, 0)
    pidhold.pthread_kill(thread, 0)
    check_equal(told, [("os.kill", (os.getpid(), 0)), ("os.killpg", (0, 0)), ("signal.pthread_kill", (thread, 0))])
    told.clear()
    pidhold.nice(0)
    os.close(pidhold.pidfd_open(os.getpid()))
    error_of(pidhold.kill, "x", 0)
    check_equal(told, [])
    forbidden.update(("os.kill", "os.killpg", "os.forkpty", "signal.pthread_kill"))
    for act in (lambda: pidhold.kill(os.getpid(), signal.SIGKILL), lambda: pidhold.killpg(0, signal.SIGKILL),
                pidhold.forkpty, lambda: pidhold.pthread_kill(thread, signal.SIGKILL)):
        check(isinstance(error_of(act), PermissionError), "not forbidden")
    check_equal(told[2], ("os.forkpty", ()))


@test("pidfd_open: a descriptor that is not inheritable, by either name of its arguments, and not blocking if asked")
def descriptors():
    child = subprocess.Popen(["sleep", "60"])
    fd = pidhold.pidfd_open(pid=child.pid, flags=pidhold.PIDFD_NONBLOCK)
    check(not os.get_inheritable(fd), "inheritable")
    check(not os.get_blocking(fd), "blocking")
    child.kill()
    check(select.select([fd], [], [], PATIENCE)[0], "not readable at the end")
    child.wait()
    os.close(fd)


@test("nice: the increment is added, the new niceness returned, -1 is none of its errors")
def niceness():
    check_equal(pidhold.nice(0), os.nice(0))
    check_equal(pidhold.nice(2), os.nice(0))
    check_equal(pidhold.nice(10**6), 19)
    check_equal(os.nice(0), 19)


@test("signatures, names and places are the interpreter's")
def signatures():
    for name in ("kill", "killpg", "nice", "forkpty", "pidfd_open"):
        if hasattr(os, name):
            check_equal(getattr(pidhold, name).__text_signature__, getattr(os, name).__text_signature__, name)
        check_equal(type(getattr(pidhold, name)), type(os.kill))
    check_equal(pidhold.pthread_kill.__module__, "signal")
    check_equal(pidhold.pthread_kill.__text_signature__, signal.pthread_kill.__text_signature__)
    check("macOS" in pidhold.forkpty.__doc__, "no word of macOS")


@test("forkpty: the child has the terminal and no master, the parent a master that is not inheritable")
def forkpty():
    pid, fd = pidhold.forkpty()
    if pid == 0:
        os.write(1, b"%d %d %d" % (fd, os.getsid(0) == os.getpid(), os.isatty(0)))
        os._exit(42)
    check(not os.get_inheritable(fd), "inheritable")
    check_equal(os.read(fd, 100), b"-1 1 1")
    check_equal(exit_code(pid), 42)
    os.close(fd)


@test("forkpty: the handlers of register_at_fork run in their order")
def at_fork():
    told = []
    for name in "12":
        os.register_at_fork(before=lambda name=name: told.append("b" + name),
                            after_in_parent=lambda name=name: told.append("p" + name),
                            after_in_child=lambda name=name: told.append("c" + name))
    pid, fd = pidhold.forkpty()
    if pid == 0:
        os.write(1, " ".join(told).encode())
        os._exit(0)
    check_equal(os.read(fd, 100), b"b2 b1 c1 c2")
    check_equal(told, ["b2", "b1", "p1", "p2"])
    os.close(fd)
    os.waitpid(pid, 0)


@test("forkpty: its error survives handlers that make errors of their own")
def kept_errno():
    import resource
    os.register_at_fork(after_in_parent=lambda: os.path.exists("/no/such/file"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    error = error_of(pidhold.forkpty)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    check(isinstance(error, OSError) and error.errno == errno.EMFILE, repr(error))


def beside_thread(act):
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    try:
        return act()
    finally:
        gate.set()
        thread.join()
        until(lambda: len(os.listdir("/proc/self/task")) == 1, "the thread is gone for the kernel too")


@test("forkpty beside another thread warns, with the interpreter's words, on every version")
def warning():
    def act():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pid, fd = pidhold.forkpty()
            if pid == 0:
                os._exit(len(caught))
        in_child = exit_code(pid)
        os.close(fd)
        return caught, in_child
    caught, in_child = beside_thread(act)
    check_equal(in_child, 0, "told in the child")
    check_equal([(one.category, str(one.message)) for one in caught],
                [(DeprecationWarning, f"This process (pid={os.getpid()}) is multi-threaded, use of "
                  "forkpty() may lead to deadlocks in the child.")])
    check_equal(os.path.basename(caught[0].filename), "functions.py")
    check_equal(act()[0], [])


@test("a warning that is turned into an error leaves no child and no descriptor behind")
def warning_is_error():
    def act():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return error_of(pidhold.forkpty)
    told = []
    os.register_at_fork(before=lambda: told.append("before"), after_in_parent=lambda: told.append("parent"))
    check(isinstance(beside_thread(act), DeprecationWarning), "no error")
    check_equal(told, ["before", "parent"])
    check(isinstance(error_of(os.waitpid, -1, os.WNOHANG), ChildProcessError), "a child is left")


@test("a process whose name looks like many threads is not taken for one that has them")
def odd_name():
    program = ("import ctypes, os, pidhold, warnings; warnings.simplefilter('error'); "
               "ctypes.CDLL(None).prctl(15, b'a b c) R 1 2', 0, 0, 0); pid, fd = pidhold.forkpty(); "
               "pid or os._exit(0); os.waitpid(pid, 0)")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=PATIENCE)
    check_equal(done.returncode, 0, done.stderr)


@test("install() puts ours into os, posix and signal, uninstall() takes them back")
def installing():
    import posix
    before = [getattr(module, name, None) for module in (os, posix) for name in
              ("kill", "killpg", "nice", "forkpty", "pidfd_open", "PIDFD_NONBLOCK")] + [signal.pthread_kill]
    pidhold.install()
    pidhold.install()
    for name in ("kill", "killpg", "nice", "forkpty", "pidfd_open", "PIDFD_NONBLOCK"):
        check(getattr(os, name) is getattr(posix, name) is getattr(pidhold, name), name)
    check(signal.pthread_kill is pidhold.pthread_kill, "pthread_kill")
    calls = pidhold._pidhold._calls()["kill"]
    child = subprocess.Popen(["sleep", "60"])
    child.terminate()
    check_equal(child.wait(PATIENCE), -signal.SIGTERM)
    check(pidhold._pidhold._calls()["kill"] > calls, "subprocess did not call ours")
    import pty
    pid, fd = pty.fork()
    if pid == 0:
        os._exit(3)
    check_equal(exit_code(pid), 3)
    os.close(fd)
    pidhold.uninstall()
    pidhold.uninstall()
    after = [getattr(module, name, None) for module in (os, posix) for name in
             ("kill", "killpg", "nice", "forkpty", "pidfd_open", "PIDFD_NONBLOCK")] + [signal.pthread_kill]
    check_equal(after, before)


@test("in a subinterpreter all works but forkpty, which is a RuntimeError")
def subinterpreter():
    try:
        import _interpreters as interpreters
    except ImportError:
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            skip("no subinterpreters")
    other = interpreters.create()
    read, write = os.pipe()
    interpreters.run_string(other, f"""
import os, sys
sys.path[:] = {sys.path!r}
import pidhold
try:
    pidhold.forkpty()
except RuntimeError as error:
    said = str(error)
pidhold.kill(os.getpid(), 0)
os.write({write}, f"{{said}} {{pidhold.nice(0)}}".encode())
""")
    check_equal(os.read(read, 100), f"fork not supported for subinterpreters {os.nice(0)}".encode())
    os.close(read)
    os.close(write)
    interpreters.destroy(other)


@test("help() shows each of the names, and what is public has words")
def documented():
    import pydoc
    text = pydoc.plain(pydoc.render_doc(pidhold))
    for name in pidhold.__all__:
        check(name in text, name)
        value = getattr(pidhold, name)
        check(not callable(value) or value.__doc__, f"{name} has no docstring")


@test("help() shows no raw signature, and tells what a containment, a status and a close are")
def told():
    import pydoc

    for name, value in vars(pidhold.Hold).items():
        check("\n--" not in (getattr(value, "__doc__", None) or ""), name)
    for value, words in ((pidhold.spawn, ['"auto"', 'on_release="leave" none']),
                         (pidhold.Status, ["seconds", "KiB", "'exited', 'signalled' or 'unknown'"]),
                         (pidhold.Hold.close, ["Blocks for the ladder's time", "aclose()"])):
        text = " ".join(pydoc.plain(pydoc.render_doc(value)).split())
        for word in words:
            check(word in text, f"{value}: {word}")


main()
