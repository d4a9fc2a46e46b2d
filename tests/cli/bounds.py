#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold returns though the command cannot be ended, or hold itself cannot go on: it names what is left, and no failure
of a call is taken for an end or for success."""
import json
import os
import resource
import shutil
import signal
import subprocess

from bounded import state_of
from tap import HOLD, actor, check, check_equal, main, skip, test, until

LONG = 100  # seconds: a watchdog, of more than ten times what hold may take
NOBODY = 65534
LADDER = ("--ladder", "TERM,100ms,KILL,1s")


def hold(*words, **more):
    """Its status, output and messages, which go to files: what is left would keep a pipe open."""
    with open("out", "w+", encoding="utf-8") as out, open("errors", "w+", encoding="utf-8") as errors:
        status = subprocess.call([HOLD, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=errors, timeout=LONG,
                                 **more)
        out.seek(0)
        errors.seek(0)
        return status, out.read(), errors.read()


def report():
    with open("report", encoding="utf-8") as file:
        return json.load(file)


def await_command():
    """Its number, which it has written."""
    until(lambda: os.path.exists("pid") and os.path.getsize("pid"), "the command runs")
    with open("pid", encoding="ascii") as file:
        return int(file.read())


# ---- a command that may not be signalled ----

def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def foreign_command():
    if os.getuid() != 0:
        skip("only root can make a program of its own set-user-ID")
    if int(subprocess.check_output(["sed", "-n", "s/^CapEff:.//p", "/proc/self/status"]), 16) >> 7 & 1 == 0:
        skip("this root cannot become another user")
    os.chmod(".", 0o777)
    shutil.copy(actor("foreign"), "foreign")
    os.chmod("foreign", 0o4755)
    return [os.path.abspath("foreign"), "pid"]


def check_left(status, wanted, errors):
    """What is left is the command, which lives still, and is named."""
    pid = await_command()
    try:
        check_equal(status, wanted, errors)
        check(state_of(pid) not in (None, "Z"), "the command has ended: the test shows nothing")
        (line,) = [line for line in errors.splitlines() if "could not be ended" in line]
        check(f"process {pid}:" in line and "of user 0, state S: " in line and "foreign" in line, line)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.unlink("pid")
    until(lambda: state_of(pid) in (None, "Z"), "the command has ended")


@test("a command that may not be signalled is named when the ladder is at its end, and the status is 123", LONG)
def foreign():
    command = foreign_command()
    for contain in ("auto", "keeper", "none", "group"):
        status, _, errors = hold("run", "-q", "--contain", contain, "-T", "300ms", *LADDER, "-o", "report", "--",
                                 *command, preexec_fn=become_nobody)
        check_left(status, 123, errors)
        told = report()
        check_equal((told["outcome"], [one["user"] for one in told["survivors"]]), ("runs", [0]), contain)
        check_equal(("exit_status" in told, told["timed_out"]), (False, True), contain)


@test("so it is when hold is told to end, and when its lifeline is lost", LONG)
def foreign_told():
    command = foreign_command()
    for lifeline in (False, True):
        reader, writer = os.pipe()
        with open("errors", "w+", encoding="utf-8") as errors:
            process = subprocess.Popen([HOLD, "run", "--lifeline", str(reader), *LADDER, "--", *command],
                                       stderr=errors, preexec_fn=become_nobody, pass_fds=[reader])
            await_command()
            os.close(reader)
            if not lifeline:
                process.send_signal(signal.SIGTERM)
            else:
                os.close(writer)
            status = process.wait(LONG)
            if not lifeline:
                os.close(writer)
            errors.seek(0)
            check_left(status, 123, errors.read())


@test("timeout(1)'s statuses stay, and the command is named", LONG)
def foreign_timeout():
    command = foreign_command()
    for words in (("-k", "0.1", "0.3"), ("-s", "KILL", "0.3"), ("0.3",)):
        status, _, errors = hold("timeout", *words, *command, preexec_fn=become_nobody)
        check_left(status, 124, errors)


@test("a command that may be signalled again a moment after the last step is ended by it", LONG)
def foreign_for_a_moment():
    command = foreign_command()
    status, _, errors = hold("run", "-q", "-T", "300ms", "--ladder", "TERM,100ms,KILL,10s", "-o", "report", "--",
                             *command, str(NOBODY), preexec_fn=become_nobody)
    check_equal((status, errors, report()["signal"]), (124, "", "SIGKILL"))


# ---- a process that no signal ends ----

class Frozen:
    """A control group of version 1 in which processes are in uninterruptible sleep."""

    def __enter__(self):
        self.directory = None
        path = f"/sys/fs/cgroup/freezer/frozen-{os.getpid()}"
        try:
            os.mkdir(path)
        except OSError:
            skip("no process can be frozen here")
        self.directory = path
        return self

    def write(self, name, text):
        with open(f"{self.directory}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    def enter(self, pid):
        self.write("tasks", str(pid))
        self.write("freezer.state", "FROZEN")
        until(lambda: state_of(pid) == "D", "the process is frozen")

    def __exit__(self, *_):
        if self.directory:
            self.write("freezer.state", "THAWED")
            until(self.remove, "the group is empty")

    def remove(self):
        try:
            os.rmdir(self.directory)
        except OSError:
            return False
        return True


def freeze(frozen, script, *words):
    """hold over a script that writes the number of the process to be frozen, then reads a line."""
    with open("errors", "w", encoding="utf-8") as errors:
        process = subprocess.Popen([HOLD, *words, "sh", "-c", script], stdin=subprocess.PIPE, stderr=errors)
    pid = await_command()
    os.unlink("pid")
    frozen.enter(pid)
    process.stdin.close()
    return process, pid


def errors_of(process, pid):
    status = process.wait(LONG)
    check_equal(state_of(pid), "D", "the state of what is left")
    with open("errors", encoding="utf-8") as file:
        return status, file.read()


@test("a command in uninterruptible sleep is named when the ladder is at its end, and the status is 123", LONG)
def stuck():
    with Frozen() as frozen:
        for verb, status in ((("run", "-q", "-T", "300ms", *LADDER, "--"), 123),
                             (("run", "-q", "--contain", "none", "-T", "300ms", *LADDER, "--"), 123),
                             (("timeout", "-k", "0.1", "0.3"), 124), (("timeout", "0.3"), 124)):
            process, pid = freeze(frozen, "echo $$ >pid; exec sleep 1000", *verb)
            told = errors_of(process, pid)
            check_equal(told[0], status, told[1])
            check(f"could not be ended: process {pid}:" in told[1] and ", state D: sleep 1000" in told[1], told[1])
            frozen.write("freezer.state", "THAWED")
            until(lambda pid=pid: state_of(pid) in (None, "Z"), "who holds it still goes on ending it")


@test("so is one that the command has left", LONG)
def stuck_descendant():
    with Frozen() as frozen:
        process, pid = freeze(frozen, "sh -c 'echo $$ >pid; exec sleep 1000' & read line; exit 0", "run", *LADDER, "--")
        told = errors_of(process, pid)
        check_equal(told[0], 123, told[1])
        check(f"could not be ended: process {pid}:" in told[1], told[1])


# ---- calls that fail ----

def denied(*rules, words=(), error="EPERM"):
    status, out, errors = hold_without(error, rules, "run", "-o", "report", *words)
    if status == 125 and "seccomp" in errors:
        skip("no system calls can be denied here")
    return status, out, errors


def hold_without(error, rules, *words):
    with open("out", "w+", encoding="utf-8") as out, open("errors", "w+", encoding="utf-8") as errors:
        status = subprocess.call([actor("without"), error, *rules, "--", HOLD, *words], stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=errors, timeout=LONG)
        out.seek(0)
        errors.seek(0)
        return status, out.read(), errors.read()


@test("where the system refuses to wait, nothing is success: the command is ended or its status told", LONG)
def cannot_wait():
    for rules in (("ppoll",), ("ppoll", "poll"), ("ppoll", "poll", "timer_create")):
        for contain in ("none", "keeper", "auto"):
            status, _, errors = denied(*rules, words=("--contain", contain, "--", "sh", "-c", "sleep 0.1; exit 7"))
            what = f"{rules} {contain}: {errors}"
            if not os.path.exists("report"):
                skip("no system calls can be denied here")
            told = report()
            if told["outcome"] == "not_started":
                check_equal(status, 125, what)
                continue
            check((status, told["outcome"]) in ((7, "exited"), (125, "unknown")), f"{what} {told}")
            check_equal("error" in told, status == 125, what)
            if "poll" not in rules:  # without which it is not known whether a message can be written
                check_equal("hold: " in errors, status == 125, what)


@test("a time limit strikes where the system refuses to wait", LONG)
def limit_without_waiting():
    for rules in (("ppoll",), ("ppoll", "poll")):
        status, _, errors = denied(*rules, words=("-q", "--contain", "none", "-T", "200ms", "--", "sleep", "1000"))
        check(status in (124, 125), f"{status}: {errors}")


# ---- descriptors ----

@test("hold has the descriptors that the hard limit allows, and the command has its caller's limit")
def limit_on_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 256:
        skip("so many descriptors are not allowed here")

    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, hard))
    shown = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    for words, limits in (((), f"40\n{shown}\n"), (("--rlimit", "nofile=50:60"), "50\n60\n")):
        status, out, errors = hold("run", *words, "--", "sh", "-c", "ulimit -S -n; ulimit -H -n", preexec_fn=lower)
        check_equal((status, out, errors), (0, limits, ""))
    many = "i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i + 1)); done; wait"
    for limit in ("1s", "4s", "16s"):  # on a busy machine not all may have begun when it strikes
        status, _, errors = hold("run", "-q", "-T", limit, "--contain", "keeper", "-o", "report", "--",
                                 "sh", "-c", many, preexec_fn=lower)
        if report()["stop"]["seen"] == 101:
            break
    check_equal((status, errors, report()["stop"]["seen"]), (124, "", 101))


main()
