#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold.run beside subprocess.run: the same results where that has them, and a time-out that strikes."""
import importlib
import os
import signal
import subprocess
import sys
import time

import pidhold
from tap import check, check_equal, error_of, main, test

LIMITS = (0.2, 1, 5, 25)  # seconds: the next is for a machine too busy for the one before


def public(kind):
    """The class of Python's that an exception of ours also is."""
    return next(each for each in kind.__mro__ if each.__module__ == "builtins")


def outcome(run, *args, **options):
    """What came of it, to be compared."""
    try:
        done = run(*args, **options)
        return (done.args, done.returncode, done.stdout, done.stderr)
    except (ValueError, TypeError, OSError, LookupError) as error:
        return (public(type(error)), getattr(error, "errno", None), getattr(error, "filename", None))
    except subprocess.CalledProcessError as error:
        return ("called", error.returncode, error.cmd, error.output, error.stderr, str(error))


def same(*args, **options):
    ours, theirs = outcome(pidhold.run, *args, **options), outcome(subprocess.run, *args, **options)
    check_equal(ours, theirs, f"{args} {options}")


def expired(*args, output=b"", **options):
    """The time-out of a command that had written `output` until then."""
    for limit in LIMITS:
        try:
            pidhold.run(*args, timeout=limit, **options)
            check(False, "no time-out")
        except subprocess.TimeoutExpired as error:
            check_equal((error.cmd, error.timeout), (args[0], limit))
            if error.output == output or limit == LIMITS[-1]:
                check_equal(error.output, output)
                return error
    return None


@test("results, text, input, shells and errors are those of subprocess.run")
def as_subprocess():
    out = dict(capture_output=True)
    same(["echo", "hi"], **out)
    same(["sh", "-c", "echo out; echo err >&2; exit 3"], **out)
    same(["sh", "-c", "echo out; echo err >&2; exit 3"], check=True, **out)
    same(["sh", "-c", "kill -9 $$"], check=True, **out)
    same("echo $0 $1", shell=True, **out)
    same(["echo $0 $1", "a", "b"], shell=True, **out)
    same("echo $0", shell=True, executable="/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh", **out)
    same("true", **out)
    same(["printf", "a\\r\\nb\\rc\\n\\303\\244"], text=True, encoding="utf-8", **out)
    same(["printf", "\\377"], encoding="utf-8", errors="surrogateescape", **out)
    same(["printf", "\\377"], encoding="utf-8", **out)
    same(["cat"], input=b"x" * 200000, **out)
    same(["cat"], input="a\r\nb", text=True, **out)
    same(["cat"], input=b"", **out)
    same(["cat"], input=memoryview(b"view"), **out)
    same(["true"], input=b"x" * 200000, **out)
    same(["sh", "-c", "echo out; echo err >&2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same(["sh", "-c", "echo out; echo err >&2"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    same(["sh", "-c", "cat; pwd; echo $A"], stdin=subprocess.DEVNULL, cwd="/", env={"A": "b"}, **out)
    same(["no such program"])
    same(["true"], cwd="/no/such")
    same(["true"], stdin=subprocess.PIPE, input=b"")
    same(["true"], stdout=subprocess.PIPE, capture_output=True)
    if sys.version_info >= (3, 9):
        same(["sh", "-c", "umask; ulimit -c"], umask=0o31, **out)


@test("output of many megabytes comes whole, on both streams at once")
def much_output():
    done = pidhold.run(["sh", "-c", "head -c 3000000 /dev/zero & head -c 2000000 /dev/zero >&2; wait"],
                       capture_output=True)
    check_equal((len(done.stdout), len(done.stderr), done.is_complete), (3000000, 2000000, True))


@test("a time-out hands over the output so far, as text if that was asked for, with nobody left, and is subprocess's")
def time_out():
    for text, out, err in ((None, b"out\n", b"err\n"), (True, "out\n", "err\n")):
        error = expired("echo err >&2; echo out; sleep 600 & sleep 600", shell=True, capture_output=True, text=text,
                        output=out)
        check_equal((error.stdout, error.stderr, error.left), (out, err, nobody()))


@test("a time-out strikes whoever holds the pipe, in a session of his own and out of the tree too")
def held_pipe():
    # It forks twice and has a session of its own, so that it is no descendant when the time is up.
    program = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open("holder", "w") as file:
            file.write(str(os.getpid()))
        os.write(1, b"held")
        os.execvp("sleep", ["sleep", "600"])
    os._exit(0)
os.wait()
time.sleep(600)
"""
    in_tree = "setsid sh -c 'echo $$ >holder; printf held; exec sleep 600'"
    for command in ([sys.executable, "-c", program], ["sh", "-c", in_tree]):
        error = expired(command, stdout=pidhold.PIPE, output=b"held")
        check(error.left == [] or not is_contained(), error.left)
        if is_contained():
            check_gone()
        else:
            end_holder()
        expired(command, stdout=pidhold.PIPE, output=b"held", contain="none")
        end_holder()


def end_holder():
    with open("holder") as file:
        end(int(file.read()))


def nobody():
    """Who is left when nobody is; not known where the system has no descriptors of processes."""
    with pidhold.spawn("true") as hold:
        try:
            return [] if hold.fileno() >= 0 else None
        except OSError:
            return None


def is_contained():
    with pidhold.spawn("true") as hold:
        return hold.containment not in ("none", "group")


def check_gone():
    with open("holder") as file:
        check(not os.path.exists("/proc/" + file.read()), "it lives")


def end(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


@test("what a command leaves, silent and with the pipe open, is ended with it; uncontained it lives; both are told")
def held_after_end():
    command = "sleep 600 & echo $! >holder; cat holder"
    done = pidhold.run(command, shell=True, capture_output=True, linger=0.1)
    if is_contained():
        check_equal((done.returncode, done.is_complete, done.left, done.stopped.killed), (0, False, [], 1))
        check_gone()
    else:
        end_holder()
    done = pidhold.run(command, shell=True, capture_output=True, contain="none", linger=0.1)
    check_equal((done.returncode, done.is_complete, done.left), (0, False, None))
    end(int(done.stdout))
    check_equal(pidhold.run("true", capture_output=True).is_complete, True)


@test("the ladder of a run comes to a command whose time is up")
def ladder():
    program = "trap 'echo end; exit 5' TERM; echo begin; while :; do sleep 0.01; done"
    error = expired(program, shell=True, capture_output=True, ladder=[(signal.SIGTERM, 30)], output=b"begin\nend\n")
    check_equal(error.left, nobody())


@test("a command on a terminal of its own has what it writes there captured, and input typed")
def terminal():
    done = pidhold.run(["sh", "-c", "tty >/dev/null && stty size; read x; echo got $x"], terminal=(9, 19),
                       echo=False, input="word\n", text=True)
    check_equal((done.returncode, done.stdout, done.stderr), (0, "9 19\ngot word\n", None))
    done = pidhold.run("cat", terminal=True, echo=False, input=b"no line")
    check_equal((done.stdout, done.is_complete), (b"no line", True))
    done = pidhold.run(["sh", "-c", "echo out; echo err >&2"], terminal=True, stderr=pidhold.PIPE)
    check_equal((done.stdout, done.stderr), (b"out\r\n", b"err\n"))
    error = expired("echo seen; sleep 600 & sleep 600", shell=True, terminal=True, output=b"seen\r\n")
    check_equal(error.left, nobody())
    done = pidhold.run(["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"], terminal=True)
    check_equal(done.stdout, b"x" * 300000)


@test("capture_output is the same with a terminal: two pipes")
def captured_beside_terminal():
    done = pidhold.run("echo out; echo err >&2; echo tty >/dev/tty", shell=True, terminal=True, capture_output=True)
    check_equal((done.stdout, done.stderr, done.terminal), (b"out\n", b"err\n", b"tty\r\n"))


@test("input for a raw terminal is refused in words, as it has no end there, and goes to a pipe")
def raw_input():
    for input in (b"", b"data"):
        error = error_of(pidhold.run, ["touch", "begun"], terminal=True, raw=True, input=input)
        check(type(error) is ValueError and "no end of input" in str(error), error)
    check(not os.path.exists("begun"), "it was started")
    with pidhold.spawn("cat", terminal=True, raw=True) as hold:
        error = error_of(hold.communicate, b"data")
        check(type(error) is ValueError and "no end of input" in str(error), error)
        check(hold.poll() is None, "it has ended")
    done = pidhold.run("cat", terminal=True, raw=True, input=b"x" * 5000 + b"\x04\n", stdin=pidhold.PIPE)
    check_equal(done.stdout, b"x" * 5000 + b"\x04\n")
    error = error_of(pidhold.run, "cat", terminal=True, input=b"x" * 5000)
    check(type(error) is ValueError and "5000" in str(error) and "raw" not in str(error), error)


@test("what is written last before the end is read")
def last_words():
    for terminal in (None, True):
        for _ in range(50):
            done = pidhold.run(["printf", "%04000d", "0"],
                               terminal=terminal, capture_output=True)
            check_equal(len(done.stdout), 4000)


@test("an interrupt ends the command and is raised")
def interrupt():
    def handler(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        pidhold.run(["sleep", "600"])
        check(False, "no interrupt")
    except KeyboardInterrupt:
        pass


@test("Python in the child is refused, with what there is in its place")
def preexec():
    try:
        pidhold.run("true", preexec_fn=print)
        check(False, "not refused")
    except TypeError as error:
        check("limits" in str(error), error)


@test("the status of a run tells what it used, and what is left")
def status():
    done = pidhold.run(["sh", "-c", "exit 4"])
    check_equal((done.status.how, done.status.code, done.returncode), ("exited", 4, 4))
    try:
        done.check_returncode()
        check(False, "no error")
    except subprocess.CalledProcessError as error:
        check_equal(error.returncode, 4)


@test("a command that ended in time has its status although the caller comes to look after the time-out")
def late():
    def start_late(*args):
        hold = start(*args)
        time.sleep(1.5)  # as if it was stopped
        return hold

    module = importlib.import_module("pidhold._run")
    start, module.start = module.start, start_late
    try:
        done = pidhold.run(["sh", "-c", "exit 4"], timeout=1)
    finally:
        module.start = start
    check_equal(done.returncode, 4)


main()
