#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run as the first process of a PID namespace, as it is in a container."""
import json
import os
import shutil
import signal
import subprocess

from tap import HOLD, KEPT_SIGNALS, PATIENCE, actor, check_equal, main, skip, test

TERM, KILL = signal.SIGTERM, signal.SIGKILL
# What hold cannot be sent, or keeps to itself: its own faults, and PIPE.
NOT_FORWARDED = {KILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS,
                 signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS, signal.SIGPIPE} | KEPT_SIGNALS
# They begin the ladder, or cannot be told by the actor.
ENDS = {TERM, signal.SIGHUP}
FORWARDED = [n for n in range(1, signal.SIGRTMAX + 1) if n not in NOT_FORWARDED | ENDS]
UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc"]


def unshare():
    if not shutil.which("unshare"):
        skip("no unshare")
    for words in (UNSHARE, [*UNSHARE, "--user", "--map-root-user"]):
        if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, timeout=PATIENCE).returncode == 0:
            return words
    skip("no PID namespace with a /proc of its own is to be had here")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


class Init:
    """hold run as PID 1."""

    def __init__(self, *words):
        self.process = subprocess.Popen([*unshare(), HOLD, "run", *words], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def send(self, number):
        os.kill(children(self.process.pid)[0], number)

    def line(self):
        return self.process.stdout.readline().decode().rstrip("\n")

    def end(self):
        out, self.errors = self.process.communicate(timeout=PATIENCE)
        return out.decode(), self.process.returncode


@test("each signal that can be forwarded reaches the command once and unchanged")
def forwarded():
    init = Init("--", actor("tell-signals"))
    check_equal(init.line(), "ready")
    for _ in range(3):
        for number in FORWARDED:
            init.send(number)
            check_equal(init.line(), str(int(number)))
    init.send(TERM)
    check_equal(init.end(), (f"{int(TERM)}\n", 0))


@test("TERM ends the tree by the ladder, at once if all act on it, and orphans are reaped")
def ended():
    script = ("(setsid sleep 60 &); (trap '' TERM; setsid sh -c 'sleep 61; sleep 62' &); "
              "trap 'exit 3' TERM; echo ready; while :; do sleep 0.02; done")
    init = Init("--ladder", "TERM,300ms,KILL", "--report", "report", "--", "sh", "-c", script)
    check_equal(init.line(), "ready")
    init.send(TERM)
    check_equal(init.end(), ("", 3))
    with open("report") as file:
        check_equal(json.load(file)["survivors"], [])


@test("orphans that end are reaped while the command runs")
def reaped():
    script = ("for i in 1 2 3 4 5 6 7 8 9 10; do (setsid sh -c 'echo $$ >>ended' &); done; "
              "until [ $(wc -l <ended) -eq 10 ]; do :; done; "
              "for pid in $(cat ended); do while [ -e /proc/$pid ]; do :; done; done; exit 4")
    open("ended", "w").close()
    init = Init("--timeout", "20s", "--", "sh", "-c", script)
    check_equal(init.end(), ("", 4))


@test("orphans and strangers are reaped in every containment, and without any")
def reaped_in_every_mode():
    script = ("for i in 1 2 3 4 5 6 7 8 9 10; do (setsid sh -c 'echo $$ >>ended' &); done; "
              "until [ $(wc -l <ended) -eq 10 ]; do :; done; "
              "for pid in $(cat ended); do while [ -e /proc/$pid ]; do :; done; done; exit 4")
    for contain in ("none", "group", "keeper", "auto"):
        open("ended", "w").close()
        check_equal(Init("--contain", contain, "--timeout", "20s", "--", "sh", "-c", script).end()[1], 4, contain)


@test("a server has all the time that it takes after TERM: whoever sent that has a KILL of his own")
def graceful():
    init = Init("--", "sh", "-c", "trap 'sleep 6; echo flushed; exit 0' TERM; echo ready; while :; do sleep 0.02; done")
    check_equal(init.line(), "ready")
    init.send(TERM)
    check_equal(init.end(), ("flushed\n", 0))


@test("it ends with the command's status")
def status():
    for code in (0, 7, 255):
        check_equal(Init("--", "sh", "-c", f"exit {code}").end()[1], code)
    check_equal(Init("--", "sh", "-c", "kill -9 $$").end()[1], 137)


main()
