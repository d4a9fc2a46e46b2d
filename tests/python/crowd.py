#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Starts from a process whose other threads allocate, take locks and wait for any child: no deadlock, no warning."""
import os
import signal
import subprocess
import sys
import threading
import warnings

import pidhold
from tap import check, check_equal, main, skip, test

LONG = "LONG" in os.environ
HERE = os.path.abspath(__file__)
THREADS, STARTS = (16, 2000) if LONG else (8, 80)
ENDS = 1000 if LONG else 50


class Bustle:
    """Threads that allocate memory, take locks, import and format without an end."""

    def __init__(self, count):
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]

    def work(self):
        while not self.stop.is_set():
            with self.lock:
                list(map(str, range(200)))
            bytearray(1 << 18)
            __import__("json").dumps({"a": [1, 2, 3]})
            self.stop.wait(0.001)

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *exception):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def share(function, count, threads=4):
    """Calls function(number) count times from several threads; the first exception is raised here."""
    numbers, failures = iter(range(count)), []
    lock = threading.Lock()

    def call():
        try:
            while not failures:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                function(number)
        except BaseException as error:
            failures.append(error)

    made = [threading.Thread(target=call) for _ in range(threads)]
    for thread in made:
        thread.start()
    for thread in made:
        thread.join()
    for failure in failures:
        raise failure


def start_on_terminal(number):
    with pidhold.spawn(["sh", "-c", f"echo {number}; exit {number % 256}"], terminal=True) as hold:
        check_equal(hold.terminal.readall(), b"%d\r\n" % number)
        check_equal(hold.wait(), number % 256)


@test("starts on terminals beside threads that allocate and lock: no deadlock, no warning", seconds=600)
def terminals():
    warnings.simplefilter("error")
    with Bustle(THREADS):
        share(start_on_terminal, STARTS)


@test("the same with -X dev and -W error says nothing", seconds=600)
def development_mode():
    done = subprocess.run([sys.executable, "-W", "error", HERE, "beside threads"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, "PYTHONDEVMODE": "1"})
    lines = done.stdout.decode().splitlines()
    check_equal((done.returncode, done.stderr), (0, b""), done.stdout)
    check(any(line.startswith("ok 1 - starts on terminals") for line in lines), lines)


@test("os.forkpty in the same place is warned of, where the interpreter does that")
def control():
    if sys.version_info < (3, 12):
        skip("this Python does not warn of a fork with threads")
    with Bustle(2), warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        pid, master = os.forkpty()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        os.close(master)
    check([record for record in seen if record.category is DeprecationWarning], "no warning")


@test("SIGCHLD ignored, and a thread that waits for any child: each exit status is the right one or unknown",
      seconds=600)
def reaped_by_others():
    def reap():
        while not done.is_set():
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                done.wait(0.0001)

    def end(number):
        with pidhold.spawn(["sh", "-c", "exit 7"]) as hold:
            try:
                codes.append(hold.wait())
            except pidhold.StatusUnknown:
                codes.append(None)

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    codes, done = [], threading.Event()
    reaper = threading.Thread(target=reap)
    reaper.start()
    share(end, ENDS)
    done.set()
    reaper.join()
    check_equal(len(codes), ENDS)
    if tells_of_reaped():
        check_equal(set(codes), {7})
    check(set(codes) <= {7, None}, set(codes))


def tells_of_reaped():
    """Whether this system tells how a process ended that somebody else reaped: Linux 6.15 and later."""
    with pidhold.spawn(["sh", "-c", "exit 7"]) as hold:
        try:
            return hold.wait() == 7
        except pidhold.StatusUnknown:
            return False


@test("holds shared by threads that wait, signal, list and close at once hurt nobody", seconds=600)
def shared():
    def use(hold, number):
        try:
            for call in (hold.tree, lambda: hold.signal(0), lambda: hold.status, hold.poll, lambda: hold.wait(0)):
                call()
            (hold.stop, hold.close, hold.kill)[number % 3]()
        except (ValueError, subprocess.TimeoutExpired):  # closed; or not yet ended
            pass

    for _ in range(100 if LONG else 10):
        hold = pidhold.spawn(["sleep", "600"], on_release="kill")
        threads = [threading.Thread(target=use, args=(hold, number)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hold.close()
        check(hold.returncode in (-9, -15), hold)


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
