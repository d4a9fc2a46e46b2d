#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Nothing stands still for a ladder, files keep their process, exceptions travel, and no option is ignored."""
import asyncio
import copy
import fcntl
import gc
import os
import pickle
import re
import signal
import subprocess
import sys

import pidhold
from ended import gone, reaped
from interrupts import interrupted
from tap import PATIENCE, check, check_equal, error_of, main, test, until

AN_HOUR = [(signal.SIGTERM, 3600), (signal.SIGKILL, 1)]  # a ladder for which nobody would wait
DEAF = "trap '' TERM; echo; while :; do sleep 0.1; done"


def deaf(**options):
    """One that ignores TERM, when it does."""
    hold = pidhold.spawn(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=AN_HOUR, **options)
    hold.stdout.readline()
    return hold


# ---- ends ----


@test("Ctrl-C while a process is stopped or closed jumps to the last step, and is raised when that is done")
def hurried():
    for contain in (None, "none"):
        with deaf(contain=contain) as hold:
            check_equal(interrupted(hold.stop), KeyboardInterrupt)
            check_equal(hold.wait(), -9)
        hold = deaf(contain=contain)
        check_equal(interrupted(hold.close), KeyboardInterrupt)
        check_equal((hold.wait(), hold.closed, hold.stdout.closed), (-9, True, True))


@test("the collector waits for no ladder, contained or not")
def collected():
    for contain in (None, "none"):
        hold = deaf(contain=contain)
        pid = hold.pid
        del hold  # the ladder takes an hour
        gc.collect()
        check(not gone(pid), "it ignores TERM")
        os.kill(pid, signal.SIGKILL)
        until(lambda: gone(pid), "it ends")
        until(lambda: len(os.listdir("/proc/self/task")) == 1, "the thread ends")
        reaped()


@test("the interpreter's exit waits for no ladder; what nobody keeps is killed with it")
def at_exit():
    for contain in ("None", "'none'"):
        done = subprocess.run([sys.executable, "-c", f"""
import pidhold
hold = pidhold.spawn(["sh", "-c", {DEAF!r}], stdout=pidhold.PIPE, contain={contain},
                     ladder=[(15, {3600 if contain == "'none'" else 0.1}), (9, 1)])
hold.stdout.readline()
print(hold.pid)
"""], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        check_equal((done.returncode, done.stderr), (0, b""))
        until(lambda: gone(int(done.stdout)), "it is ended")


@test("the end of a with in the thread of a loop does not stand still, and the loop ends the process")
def in_loop():
    async def run():
        with pidhold.spawn(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=[(15, 0.3), (9, 5)]) as hold:
            hold.stdout.readline()
        check_equal((hold.closed, hold.returncode, gone(hold.pid)), (True, None, False))
        check_equal(await hold, -9)
    asyncio.run(run())
    reaped()


@test("a loop that ends before what it was to end leaves that to the keeper, and nothing is said of it")
def loop_ends_before():
    program = f"""
import asyncio, pidhold
async def main():
    hold = pidhold.spawn(["sh", "-c", {DEAF!r}], stdout=pidhold.PIPE, ladder=[(15, 0.3), (9, 5)])
    hold.stdout.readline()
    hold.close()
    other = pidhold.spawn(["sleep", "600"])
    task = asyncio.ensure_future(other.wait_async())
    await asyncio.sleep(0)
    print(hold.pid, other.pid)
    return task, other
"""
    closed = "loop = asyncio.new_event_loop()\nloop.run_until_complete(main())\nloop.close()"
    for end in ("asyncio.run(main())", closed):
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", program + end], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE)
        noise = [line for line in done.stderr.decode().splitlines() if re.match("Exception|Traceback", line)]
        check_equal((done.returncode, noise), (0, []))
        for pid in done.stdout.split():
            until(lambda: gone(int(pid)), "it is ended")


@test("a __del__ at the interpreter's end can still stop, wait and look")
def late_del():
    done = subprocess.run([sys.executable, "-c", """
import sys, pidhold
class Late:
    def __init__(self):
        self.hold = pidhold.spawn(["sleep", "600"])
    def __del__(self):
        text = str(self.hold.tree()[0].state in "RS") if self.hold.containment != "none" else "True"
        try:
            self.hold.wait(0.01)
        except TimeoutError as error:
            text += " " + type(error).__name__
        text += " " + str(self.hold.stop().killed) + " " + str(self.hold.wait()) + " " + self.hold.status.how
        print(text, flush=True)
late = Late()
late.itself = late
"""], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    check_equal((done.stdout, done.stderr), (b"True TimeoutExpired 0 -15 signalled\n", b""))


# ---- files ----


@test("the files of a process keep it held")
def files_keep():
    lines = [line for line in pidhold.spawn(["sh", "-c", "sleep 0.2; echo one"], stdout=pidhold.PIPE).stdout]
    check_equal(lines, [b"one\n"])
    check_equal(pidhold.spawn(["sh", "-c", "sleep 0.2; echo one"], terminal=True).terminal.readall(), b"one\r\n")
    out = pidhold.spawn(["printf", "\\303\\251\n"], stdout=pidhold.PIPE, encoding="utf-8").stdout
    check_equal(out.read(), "\u00e9\n")
    out.close()
    gc.collect()
    reaped()
    hold = pidhold.spawn(["sleep", "600"], stdout=pidhold.PIPE)
    pid, out = hold.pid, hold.stdout
    del hold
    gc.collect()
    check(not gone(pid), "it has ended although its file is there")
    out.close()
    until(lambda: gone(pid), "it ends with its file")
    reaped()


@test("a Terminal is neither copied nor pickled: its descriptor has one owner")
def terminal_copies():
    with pidhold.spawn("cat", terminal=True) as hold:
        for call in (copy.copy, copy.deepcopy, pickle.dumps):
            check(isinstance(error_of(call, hold.terminal), TypeError), call)


@test("the exceptions go to another process and back with all that they have")
def pickled():
    errors = [error_of(pidhold.spawn, "no-such-program"), error_of(pidhold.spawn, "true", cwd="/no/such"),
              error_of(pidhold.run, "echo x; exit 3", shell=True, check=True, capture_output=True),
              error_of(pidhold.run, ["sleep", "600"], timeout=0.2), pidhold.StatusUnknown(5),
              error_of(pidhold.run, "printf '\\377'", shell=True, capture_output=True, encoding="utf-8"),
              pidhold.StopFailed(5, [pidhold.Member(6, 5, 0, "S", "sleep 9", "6:7")])]
    for error in errors:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(error, protocol))
            check_equal((type(again), str(again), again.__dict__), (type(error), str(error), error.__dict__))
            check_equal(getattr(again, "errno", None), getattr(error, "errno", None))
        check(isinstance(error, pidhold.PidholdError), error)


# ---- options ----


@test("a line that a terminal would cut is refused, and a pipe takes it")
def long_lines():
    line = b"x" * 10000 + b"\n"
    error = error_of(pidhold.run, "cat", terminal=True, input=line)
    check(isinstance(error, ValueError) and "4095" in str(error), error)
    check_equal(pidhold.run("cat", terminal=True, echo=False, input=b"x" * 4095 + b"\n").stdout,
                b"x" * 4095 + b"\r\n")
    done = pidhold.run(["wc", "-c"], terminal=True, stdin=pidhold.PIPE, input=line)
    check_equal(done.stdout, b"10001\r\n")


@test("a raw terminal passes each byte, from the first one on")
def raw():
    data = bytes(range(256))
    with pidhold.spawn(["head", "-c", "256"], terminal=True, raw=True) as hold:
        hold.terminal.write(data)
        check_equal(hold.terminal.readall(), data)


def ignored(pid):
    with open(f"/proc/{pid}/status") as file:
        return [int(line.split()[1], 16) for line in file if line.startswith("SigIgn")][0]


@test("signals that are ignored stay so where that was asked for")
def signals():
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    pipe, user = 1 << signal.SIGPIPE - 1, 1 << signal.SIGUSR1 - 1
    for options, wanted in (({}, 0), ({"restore_signals": True}, 0), ({"restore_signals": False}, pipe | user),
                            ({"keep_ignored": ["USR1", signal.SIGTERM]}, user)):
        with pidhold.spawn(["sleep", "600"], **options) as hold:
            check_equal(ignored(hold.pid) & (pipe | user), wanted, options)
    check(isinstance(error_of(pidhold.spawn, "true", keep_ignored=["NONE"]), ValueError), "a wrong name")


@test("pipes have the size, and files the buffer and the text, that were asked for")
def pipes():
    size = getattr(fcntl, "F_GETPIPE_SZ", 1032)
    with pidhold.spawn("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE, pipesize=4096) as hold:
        for file in (hold.stdin, hold.stdout):
            check_equal(fcntl.fcntl(file, size), 4096)
        check_equal(hold.communicate(b"x" * 100000), (b"x" * 100000, None))
    with pidhold.spawn("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE, bufsize=0) as hold:
        hold.stdin.write(b"at once\n")
        check_equal(hold.stdout.readline(), b"at once\n")
    with pidhold.spawn("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE, bufsize=1, text=True, newline="") as hold:
        hold.stdin.write("a line\r\n")
        check_equal(hold.stdout.readline(), "a line\r\n")
    check(isinstance(error_of(pidhold.spawn, "cat", stdin=pidhold.PIPE, pipesize=1 << 60), OverflowError), "too large")


@test("descriptors may be named twice, and pass under other numbers")
def passed():
    reading, writing = os.pipe()
    with pidhold.spawn(["sh", "-c", f"echo there >/proc/self/fd/{writing}"], pass_fds=[writing, writing]) as hold:
        check_equal((hold.wait(), os.read(reading, 100)), (0, b"there\n"))
    with pidhold.spawn(["sh", "-c", "echo there >&7"], pass_fds={writing: 7}) as hold:
        check_equal((hold.wait(), os.read(reading, 100)), (0, b"there\n"))
    error = error_of(pidhold.spawn, "true", pass_fds={reading: 7, writing: 7})
    check(isinstance(error, ValueError) and "cannot both have the number 7" in str(error), error)
    for fd in (reading, writing):
        os.close(fd)


@test("what an option cannot do is refused, in the name of the function that was called")
def refused():
    os.umask(0o27)
    check_equal(pidhold.run("umask", shell=True, capture_output=True, umask=-1).stdout, b"0027\n")
    for call in (pidhold.run, pidhold.spawn_async, pidhold.run_async):
        error = error_of(call, "true", no_such_option=1)
        check(isinstance(error, TypeError) and str(error).startswith(call.__name__), error)
    for options in ({"contain": "what"}, {"on_release": "leaf"}, {"process_group": 5}, {"echo": False},
                    {"raw": True}, {"text": True, "universal_newlines": False}):
        check(isinstance(error_of(pidhold.spawn, "true", **options), ValueError), options)


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
