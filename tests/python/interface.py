#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What one asks of a process beside its end: talk, lines, signals by name, trees, groups, adoption, descriptions."""
import ast
import errno
import os
import signal
import subprocess
import sys
import termios
import threading
import time

import pidhold
from tap import PATIENCE, check, check_equal, error_of, main, skip, test, until


def sleeper(**options):
    return pidhold.spawn(["sleep", "600"], **options)


def need_keeper():
    with pidhold.spawn("true") as hold:
        if hold.containment in ("none", "group"):
            skip("there can be no keeper here")


@test("communicate writes, reads two pipes at once and waits; after a time-out nothing is lost")
def communicate():
    script = "head -c 300000 /dev/zero >&2; cat"
    pipes = dict(stdin=pidhold.PIPE, stdout=pidhold.PIPE, stderr=pidhold.PIPE)
    with pidhold.spawn(["sh", "-c", script], **pipes) as hold:
        out, err = hold.communicate(b"x" * 300000)
        check_equal((len(out), len(err), hold.returncode), (300000, 300000, 0))
    with pidhold.spawn("cat", text=True, **pipes) as hold:
        check_equal(hold.communicate("a line\n"), ("a line\n", ""))
    with pidhold.spawn(["sh", "-c", "echo one; sleep 1; cat"], **pipes) as hold:
        error = error_of(hold.communicate, b"x" * 200000, timeout=0.3)
        check_equal((type(error), error.output, error.cmd), (pidhold.TimeoutExpired, b"one\n", hold.args))
        check(isinstance(error_of(hold.communicate, b"again"), ValueError), "input twice")
        out, _ = hold.communicate(timeout=PATIENCE)
        check_equal((out[:4], len(out)), (b"one\n", 200004))
    seen = []
    with pidhold.spawn(["sh", "-c", "echo out; echo err >&2"], stdout=pidhold.PIPE, stderr=pidhold.PIPE) as hold:
        hold.communicate(on_output=lambda *what: seen.append(what))
    check_equal(sorted(seen), [("stderr", b"err\n"), ("stdout", b"out\n")])
    with pidhold.spawn(["sh", "-c", "echo on it"], terminal=True) as hold:
        check_equal(hold.communicate(), (b"on it\r\n", None))


@test("lines come one by one, with a time-out after which none is lost")
def lines():
    with pidhold.spawn(["sh", "-c", "echo one; echo two; printf three"], stdout=pidhold.PIPE) as hold:
        check_equal(list(hold.lines()), [b"one\n", b"two\n", b"three"])
    with pidhold.spawn(["sh", "-c", "echo \303\251; sleep 1; echo two"], stdout=pidhold.PIPE, encoding="latin-1") \
            as hold:
        first = []
        error = error_of(lambda: first.extend(hold.lines(timeout=0.3)))
        check_equal(type(error), pidhold.TimeoutExpired)
        check_equal(first + list(hold.lines(timeout=PATIENCE)), ["two\n"] if not first else first + ["two\n"])
    with pidhold.spawn(["sh", "-c", "echo seen"], terminal=True) as hold:
        check_equal(list(hold.lines()), [b"seen\r\n"])
        check(isinstance(error_of(lambda: list(hold.lines("stderr"))), ValueError), "no such stream")


@test("signals and the steps of ladders have names")
def names():
    for call in (lambda hold: hold.signal("TERM"), lambda hold: hold.send_signal("SIGTERM"),
                 lambda hold: hold.stop([("term", 5)]), lambda hold: pidhold.kill(hold, "TERM")):
        with sleeper() as hold:
            call(hold)
            check_equal(hold.wait(), -15)
    with sleeper(ladder=[("USR1", 5), ("KILL", 5)]) as hold:
        hold.stop()
        check_equal(hold.wait(), -signal.SIGUSR1)
        for name in ("NONE", "", "SIG", "SIGSIGTERM"):
            check(isinstance(error_of(hold.signal, name), ValueError), name)
    with sleeper() as hold:
        hold.signal("RTMIN+1")
        check_equal(hold.wait(), -(signal.SIGRTMIN + 1))


@test("kill and killpg take a hold, which no other process can get a signal for")
def kill_hold():
    with sleeper(process_group=0) as hold:
        pidhold.killpg(hold, signal.SIGTERM) if can_signal_group(hold) else pidhold.kill(hold, signal.SIGTERM)
        check_equal(hold.wait(), -15)
        check(isinstance(error_of(pidhold.kill, hold, signal.SIGTERM), ProcessLookupError), "it has ended")
    with sleeper() as hold:
        pidhold.kill(hold)
        check_equal(hold.wait(), -9)
    check(isinstance(error_of(pidhold.kill, os.getpid()), TypeError), "a number needs a signal")


def can_signal_group(hold):
    try:
        return hold.signal_group(0)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        return False


@test("a group and a tree get a signal")
def groups():
    script = "trap 'exit 3' USR1; sleep 600 & echo; wait"
    with pidhold.spawn(["sh", "-c", script], stdout=pidhold.PIPE, process_group=0) as hold:
        hold.stdout.readline()
        if can_signal_group(hold):
            check_equal(hold.signal_group("USR1"), True)
            check_equal(hold.wait(), 3)
        hold.signal_tree("KILL")
    with pidhold.spawn(["sh", "-c", "sleep 600 & echo; wait"], stdout=pidhold.PIPE) as hold:
        hold.stdout.readline()
        check_equal(hold.signal_tree(signal.SIGKILL), True)
        check_equal(hold.wait(), -9)
        hold.wait_tree(PATIENCE)
        if hold.containment not in ("none", "group"):
            check_equal(hold.signal_tree(0), False)


@test("a process that somebody else started is adopted by its number, its reference or its descriptor")
def adopt():
    other = subprocess.Popen(["sleep", "600"])
    with pidhold.adopt(other.pid) as hold:
        check_equal((hold.pid, hold.args, hold.poll()), (other.pid, None, None))
        reference = hold.reference()
        with pidhold.adopt(reference) as again:
            check_equal(again.reference(), reference)
        fd = os.dup(hold.fileno())
        with pidhold.adopt(pidfd=fd) as again:
            check_equal(again.reference(), reference)
        os.close(fd)
    check_equal(other.poll(), None)  # closing leaves it alone
    with pidhold.adopt(other.pid) as hold:
        hold.signal("TERM")
        check_equal(other.wait(), -15)
        check_equal(hold.wait(), -15)
    check(isinstance(error_of(pidhold.adopt, reference), ProcessLookupError), "it has ended")
    for arguments, options in (((), {}), ((1,), {"pidfd": 1})):
        check(isinstance(error_of(pidhold.adopt, *arguments, **options), TypeError), options)
    check(isinstance(error_of(pidhold.adopt, "no reference"), OSError), "no reference")
    check(isinstance(error_of(pidhold.adopt, pidfd=0), OSError), "no process's descriptor")


@test("a process is described and reniced")
def described():
    with sleeper(nice=1) as hold:
        told = hold.describe()
        check_equal((told.pid, told.parent > 0, told.user, told.command), (hold.pid, True, os.geteuid(), "sleep 600"))
        check_equal(hold.renice(1), told.niceness + 1)
        check_equal(hold.describe().niceness, told.niceness + 1)
        hold.kill()
        hold.wait()
        check_equal((hold.describe(), hold.renice(1)), (None, None))


@test("the capabilities of the system are told")
def caps():
    found = {cap.name: cap for cap in pidhold.caps()}
    check("signal" in found and len(found) > 5, found)
    for cap in found.values():
        check_equal((cap.supported, bool(cap.promise)), (cap.error == 0, True), cap)


@test("a stop and a continuation of a process are told, once")
def changes():
    need_keeper()
    with sleeper() as hold:
        check_equal(hold.take_change(), None)
        told = []
        for number, word in ((signal.SIGSTOP, "stopped"), (signal.SIGCONT, "continued")):
            hold.signal(number)
            until(lambda: told.append(hold.take_change()) or told[-1], word)
            check_equal((told[-1], hold.take_change()), (word, None))
    with sleeper(contain="none") as hold:
        check_equal(error_of(hold.take_change).errno, errno.ENODATA)


@test("a terminal has the modes that are given before its program runs, and without any it has those of the library")
def modes():
    script = "import sys, termios; print(termios.tcgetattr(0)[:6] + [termios.tcgetattr(0)[6][0]])"
    show = [sys.executable, "-I", "-S", "-c", script]
    usual = ast.literal_eval(pidhold.run(show, terminal=True).stdout.decode())
    with pidhold.spawn("true", terminal=True) as hold:
        wanted = termios.tcgetattr(hold.terminal.fileno())
    check_equal(wanted[:6] + [wanted[6][0]], usual)
    quiet = ast.literal_eval(pidhold.run(show, terminal=True, echo=False).stdout.decode())
    lost = termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL
    check_equal(quiet, usual[:3] + [usual[3] & ~lost] + usual[4:])
    wanted[1] &= ~termios.OPOST
    wanted[3] &= ~termios.ISIG
    wanted[6][termios.VINTR] = b"\x05"
    done = pidhold.run(show, terminal=True, modes=wanted)
    check_equal(ast.literal_eval(done.stdout.decode()), wanted[:6] + [b"\x05"])
    check(b"\r" not in done.stdout, done.stdout)
    wanted[3] &= ~termios.ICANON
    check(isinstance(error_of(pidhold.run, "true", terminal=True, modes=wanted, input=b"x"), ValueError), "raw")
    for wrong, kind in ((wanted[:6], ValueError), (5, ValueError), (["x"] + wanted[1:], TypeError),
                        ([1 << 40] + wanted[1:], OverflowError), (wanted[:6] + [[300]], OverflowError)):
        check_equal(type(error_of(pidhold.spawn, "true", terminal=True, modes=wrong)), kind, wrong)
    for options in ({}, {"terminal": True, "echo": False}, {"terminal": True, "raw": True}):
        check_equal(type(error_of(pidhold.spawn, "true", modes=wanted, **options)), ValueError, options)


@test("a stop, a continuation and the end of a process are awaited, with a limit")
def changes_awaited():
    need_keeper()
    with sleeper() as hold:
        check(isinstance(error_of(hold.wait_change, 0), pidhold.TimeoutExpired), "no time-out")
        for number, word in ((signal.SIGSTOP, "stopped"), (signal.SIGCONT, "continued"), (signal.SIGKILL, None)):
            threading.Timer(0.05, hold.signal, [number]).start()
            check_equal(hold.wait_change(30), word)
        check_equal(hold.wait_change(), None)
    check(isinstance(error_of(hold.wait_change), ValueError), "closed")
    with sleeper(contain="none") as hold:
        check_equal(error_of(hold.wait_change).errno, errno.ENODATA)


@test("the first of several that ends is told, also if it ended before")
def first():
    holds = [sleeper(), pidhold.spawn("cat", stdin=pidhold.PIPE), sleeper(contain="none")]
    error = error_of(pidhold.wait_any, holds, 0.05)
    check_equal((type(error), error.timeout), (pidhold.TimeoutExpired, 0.05))
    holds[1].stdin.close()
    for _ in range(2):
        check_equal(pidhold.wait_any(holds), [holds[1]])
    holds[2].kill()
    holds[2].wait()
    check_equal(pidhold.wait_any(holds + holds), 2 * [holds[1], holds[2]])
    for hold in holds:
        hold.close()
    check(isinstance(error_of(pidhold.wait_any, []), ValueError), "nobody")


@test("a file is written to at its end")
def append():
    for _ in range(2):
        pidhold.run("echo out; echo err >&2", shell=True, stdout=pidhold.Append("log"), stderr=pidhold.STDOUT)
    with open("log") as file:
        check_equal(file.read(), "out\nerr\n" * 2)
    check(isinstance(error_of(pidhold.spawn, "cat", stdin=pidhold.Append("log")), OSError), "not for input")


@test("the settings of a start reach the process")
def settings():
    with sleeper(oom_score=500, blocked=["USR1"], io_priority=2 << 13 | 7) as hold:
        with open(f"/proc/{hold.pid}/oom_score_adj") as file:
            check_equal(file.read(), "500\n")
        with open(f"/proc/{hold.pid}/status") as file:
            blocked = [int(line.split()[1], 16) for line in file if line.startswith("SigBlk")][0]
        check_equal(blocked, 1 << signal.SIGUSR1 - 1)
    with pidhold.spawn(["sh", "-c", "exit 3"], parent_death_signal="KILL", contain="none") as hold:
        check_equal((hold.wait(), hold.containment), (3, "none"))
    check(isinstance(error_of(pidhold.spawn_async, "true", parent_death_signal=9), ValueError), "in a thread")


@test("every exception of the module has its base, and a time that is over one class")
def exceptions():
    check_equal(issubclass(pidhold.TimeoutExpired, (TimeoutError,)), True)
    with sleeper() as hold:
        for call in (hold.wait, hold.wait_tree):
            error = error_of(call, 0.01)
            check_equal((type(error), error.cmd, error.timeout), (pidhold.TimeoutExpired, hold.args, 0.01))
            check(isinstance(error, subprocess.TimeoutExpired) and error.errno == errno.ETIMEDOUT, error)
    for error, words in ((error_of(pidhold.spawn, "no-such"), "[Errno 2] No such file or directory: 'no-such'"),
                         (error_of(pidhold.spawn, "true", cwd="/no/such"),
                          "[Errno 2] working directory: No such file or directory: '/no/such'")):
        check_equal((str(error), isinstance(error, pidhold.PidholdError)), (words, True))
    with open("script", "w") as file:
        file.write("#!/no/such/interpreter\n")
    os.chmod("script", 0o755)
    error = error_of(pidhold.spawn, "./script")
    check_equal((error.step, error.filename, error.filename2), ("interpreter", "/no/such/interpreter", "./script"))
    error = error_of(pidhold.spawn, [""])
    check_equal((error.step, isinstance(error, FileNotFoundError)), ("program", True))


@test("a default encoding warns at the line of the caller")
def warned():
    if sys.version_info < (3, 10):
        return
    program = """
import pidhold, warnings
for call in (pidhold.run, lambda *a, **k: pidhold.spawn(*a, **k).close()):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call("true", text=True)
    print([record.filename for record in seen if record.category is EncodingWarning])
"""
    done = subprocess.run([sys.executable, "-X", "warn_default_encoding", "-c", program], stdout=subprocess.PIPE)
    check_equal(done.stdout, b"['<string>']\n['<string>']\n")


@test("Hold is not derived from, and tells its state")
def final():
    check(isinstance(error_of(lambda: type("Mine", (pidhold.Hold,), {})), TypeError), "a subclass")
    with sleeper() as hold:
        check(f"{hold.pid} ['sleep', '600']: runs" in repr(hold), hold)
    check("ended by SIGTERM, closed" in repr(hold), hold)


main()
