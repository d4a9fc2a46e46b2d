#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run leaves nothing: whatever a command starts, and however it hides, is ended, and what is left is named."""
import ctypes
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from bounded import own_groups
from tap import HOLD, PATIENCE, check, check_equal, main, skip, test, until

numbers = iter(range(1, 1000))


def marked():
    """A time for sleep(1) that no other process has: it is found by it in /proc."""
    return f"{1000 + next(numbers)}.{os.getpid()}"


def living(mark):
    """The processes that have the mark among their arguments."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                arguments = file.read()
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if mark.encode() in arguments and state != "Z" and int(name) != os.getpid():
            found.append(int(name))
    return found


def state_of(pid):
    """None: it has been reaped."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def comm(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().rstrip("\n")


def run(*words, **more):
    return subprocess.run([HOLD, "run", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                          check=False, **more)


def gone(mark):
    """Looked at several times, since one that forks and ends moves on between looks."""
    for _ in range(3):
        check_equal(living(mark), [])
        time.sleep(0.01)


# Each a script in which MARK is the time to sleep; the command itself goes on unless it exits.
VICTIMS = {
    "a child": "sleep MARK & sleep MARK",
    "a child that ignores TERM": "trap '' TERM; sleep MARK & exec sleep MARK",
    "daemons that forked twice and took sessions": "for i in 1 2 3; do (setsid sh -c 'setsid sleep MARK & exit') & "
                                                   "done; sleep MARK",
    "one that has cleared its environment": "(exec env -i /bin/sleep MARK) & setsid env -i /bin/sleep MARK & "
                                            "sleep MARK",
    "one that has closed its descriptors": "(exec setsid sleep MARK <&- >&- 2>&-) & sleep MARK",
    "a stopped child": "sh -c 'kill -STOP $$; sleep MARK; :' & sleep MARK",
    "a stopped child in a group of its own": "setsid sh -c 'trap \"\" HUP; kill -STOP $$; sleep MARK; :' & sleep MARK",
    "a chain of 50, each in its session": "n=50; export n SELF; exec sh -c \"$SELF\"",
    "a hundred children": "i=0; while [ $i -lt 100 ]; do sleep MARK & i=$((i + 1)); done; wait",
    "a tool with a time limit of its own": "timeout 1000 sleep MARK & setsid timeout 1000 sleep MARK & sleep MARK",
    "hold in hold": f"{shlex.quote(HOLD)} run -- sh -c 'setsid sleep MARK & sleep MARK' & sleep MARK",
}
CHAIN = 'n=$((n - 1)); export n; if [ $n -gt 0 ]; then setsid sh -c "$SELF" & fi; exec sleep MARK'


def script_of(victim, mark):
    return f"SELF='{CHAIN}'; ".replace("MARK", mark) + VICTIMS[victim].replace("MARK", mark)


def each_victim(judge):
    """All of them at a time."""
    with ThreadPoolExecutor(len(VICTIMS)) as pool:
        list(pool.map(judge, VICTIMS))


@test("whatever a command that reached its time limit had started is ended")
def victims_of_a_limit():
    def judge(victim):
        mark = marked()
        done = run("-q", "-T", "1s", "-k", "200ms", "--", "sh", "-c", script_of(victim, mark))
        check_equal(done.returncode, 124, victim)
        gone(mark)
    each_victim(judge)


@test("the report counts those that a time limit ended, by which signal")
def counts_of_a_limit():
    for ignoring, killed in ((0, 0), (3, 3)):
        mark = marked()
        before = "trap '' TERM; " if ignoring else ""
        script = before + f"for i in 1 2; do sleep {mark} & done; wait; sleep {mark}"
        done = run("-q", "-T", "500ms", "-k", "200ms", "-o", "-", "--", "sh", "-c", script)
        check_equal(json.loads(done.stdout)["stop"], {"seen": 3, "terminated": 3 - killed, "killed": killed})
        gone(mark)
    check("stop" not in json.loads(run("-o", "-", "--", "true").stdout), "nothing was stopped")


@test("whatever a command left that ended well is ended, and named in the report")
def victims_of_an_end():
    def judge(victim):
        mark = marked()
        script = f"({script_of(victim, mark)}) & sleep 1; exit 7"
        done = run("-k", "200ms", "-o", "-", "--", "sh", "-c", script)
        report = json.loads(done.stdout.splitlines()[-1])
        check_equal(done.returncode, 7, victim)
        check(report["containment"] in ("cgroup", "keeper"), report["containment"])
        check(any(mark in orphan["command"] for orphan in report["orphans"]), f"{victim}: {report}")
        check_equal(report["survivors"], [])
        gone(mark)
    each_victim(judge)


@test("so is it when hold is told to end")
def victims_of_a_signal():
    for sent in (signal.SIGTERM, signal.SIGHUP):
        mark = marked()
        process = subprocess.Popen([HOLD, "run", "-q", "-k", "200ms", "--", "sh", "-c",
                                    script_of("daemons that forked twice and took sessions", mark)])
        until(lambda: len(living(mark)) >= 4, "the daemons run")
        process.send_signal(sent)
        check_equal(process.wait(PATIENCE), 128 + sent)
        gone(mark)


@test("a tree that is on a terminal of its own is ended too")
def victims_on_terminal():
    mark = marked()
    done = run("-t", "-q", "-T", "300ms", "-k", "200ms", "--", "sh", "-c",
               f"trap '' HUP; setsid sleep {mark} & sleep {mark} & sleep {mark}")
    check_equal(done.returncode, 124)
    gone(mark)


@test("a process that writes on for a moment after the command's end keeps its last line")
def last_line():
    for _ in range(20):
        run("--", "bash", "-c", "exec > >(tee written >/dev/null); seq 10000")
        with open("written", encoding="ascii") as file:
            check_equal(file.read().splitlines()[-1:], ["10000"])
        os.unlink("written")


@test("what is left when the keeper is killed is ended all the same, again and again")
def keeper_killed():
    for way in ("keeper", "auto"):
        for _ in range(20):
            mark = marked()
            done = run("-q", "--contain", way, "--", "sh", "-c",
                       f"setsid sleep {mark} >/dev/null 2>&1 & sleep {mark} & "
                       f"until [ $(pgrep -cf '^sleep {mark}') = 2 ]; do :; done; kill -KILL $PPID; sleep {mark}")
            check(done.returncode in (137, 125), done)
            check(b"'sh': its keeper was killed" in done.stderr, done)
            gone(mark)


# A command that outlives its keeper, as a set-user-ID program does: it has no signal at its parent's death any more.
OUTLIVES = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 0)
print(os.getppid(), flush=True)
sys.exit(7 if sys.stdin.read() == "" else 1)
"""


def is_asleep(pid):
    """Seen so again and again: one that is awake for ever would be seen to run."""
    for _ in range(20):
        if state_of(pid) != "S":
            return False
        time.sleep(0.01)
    return True


@test("once its keeper is killed hold sleeps until the command ends, and passes its status on")
def keeper_outlived():
    with subprocess.Popen([HOLD, "run", "-q", "--contain", "keeper", "--", sys.executable, "-c", OUTLIVES],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as hold:
        keeper = int(hold.stdout.readline())
        os.kill(keeper, signal.SIGKILL)
        until(lambda: state_of(keeper) in ("Z", None), "the keeper has ended")
        until(lambda: is_asleep(hold.pid), "hold sleeps")
        hold.stdin.close()
        check_equal(hold.wait(PATIENCE), 7)


@test("with --orphans keep they live on, named, and the command's status is hold's")
def keep():
    mark = marked()
    done = run("--orphans", "keep", "-o", "-", "--", "sh", "-c",
               f"setsid sleep {mark} >/dev/null 2>&1 & sleep 0.1; exit 3")
    check_equal(done.returncode, 3)
    (pid,) = living(mark)
    check(str(pid) in done.stderr.decode(), done.stderr)
    check_equal([orphan["pid"] for orphan in json.loads(done.stdout)["orphans"]], [pid])
    os.kill(pid, signal.SIGKILL)


@test("with --orphans keep too what ends within a moment is no orphan")
def keep_moment():
    for more in ([], ["--strict"]):
        done = run("--orphans", "keep", *more, "-o", "-", "--", "sh", "-c", "sleep 0.05 >/dev/null 2>&1 & exit 0")
        check_equal((done.returncode, done.stderr), (0, b""))
        check_equal(json.loads(done.stdout)["orphans"], [])


@test("with --orphans keep a hold that is left lives on in its own containment, through the starts that follow")
def keep_hold():
    mark = marked()
    for way in ("keeper", "auto"):
        run("--contain", way, "--orphans", "keep", "-q", "--", "sh", "-c",
            f"setsid {shlex.quote(HOLD)} run --contain {way} -- sleep {mark} >/dev/null 2>&1 & "
            f"for _ in $(seq 400); do ! pgrep -f '^sleep {mark}' >/dev/null || exit 0; sleep 0.05; done; exit 1")
        for _ in range(2):
            run("--contain", way, "--", "true")
        (pid,) = [one for one in living(mark) if comm(one) == "sleep"]
        os.kill(pid, signal.SIGKILL)
        until(lambda: not living(mark), "the hold around it ends with it")
        run("--contain", way, "--", "true")


@test("with --orphans wait hold waits for them, under its time limit")
def wait():
    done = run("--orphans", "wait", "--", "sh", "-c", "(sleep 0.5; echo late >late) & exit 3")
    check_equal(done.returncode, 3)
    check(os.path.exists("late"), "hold did not wait")
    mark = marked()
    done = run("-q", "--orphans", "wait", "-T", "500ms", "--", "sh", "-c", f"setsid sleep {mark} & exit 0")
    check_equal(done.returncode, 124)
    gone(mark)


@test("with --strict what is left fails a run that had ended well")
def strict():
    mark = marked()
    check_equal(run("--strict", "--", "sh", "-c", f"sleep {mark} & exit 0").returncode, 123)
    check_equal(run("--strict", "--", "sh", "-c", f"sleep {mark} & exit 3").returncode, 3)
    check_equal(run("--strict", "--", "sh", "-c", "exit 0").returncode, 0)
    gone(mark)


@test("--strict names what is left, with -q too, since the exit status alone tells nobody what to mend")
def strict_names():
    for options in (["--strict"], ["--strict", "-q"]):
        mark = marked()
        done = run(*options, "--", "sh", "-c", f"sleep {mark} & exit 0")
        check_equal(done.returncode, 123)
        check_equal((done.stderr.count(b"was left, and ended: process"), done.stderr.count(mark.encode())), (1, 1),
                    done.stderr)
        done = run(*options, "--orphans", "keep", "--", "sh", "-c", f"sleep {mark} >/dev/null 2>&1 & exit 0")
        check_equal(done.returncode, 123)
        check_equal(done.stderr.count(b"lives on: process"), 1, done.stderr)
        (pid,) = living(mark)
        os.kill(pid, signal.SIGKILL)


@test("once the command has ended, -v tells that a signal goes to its descendants")
def verbose_descendants():
    mark = marked()
    done = run("-v", "-T", "500ms", "-k", "200ms", "--", "sh", "-c",
               f"(trap '' TERM; sleep {mark}; sleep {mark}) & sleep {mark}")
    check_equal(done.returncode, 124)
    check(b"SIGTERM sent to process " in done.stderr, done.stderr)
    check(b"SIGKILL sent to the descendants of process " in done.stderr, done.stderr)
    gone(mark)


@test("with --contain none what the command leaves is not touched")
def uncontained():
    mark = marked()
    done = run("--contain", "none", "-o", "-", "--", "sh", "-c", f"sleep {mark} >/dev/null 2>&1 & exit 0")
    check_equal(done.returncode, 0)
    check_equal(json.loads(done.stdout)["containment"], "none")
    (pid,) = living(mark)
    os.kill(pid, signal.SIGKILL)


@test("with --contain group the ladder's signals go to the command's group")
def grouped():
    mark = marked()
    done = run("-q", "--contain", "group", "-T", "300ms", "-k", "200ms", "-o", "-", "--", "sh", "-c",
               f"sleep {mark} >/dev/null 2>&1 & exec sleep {mark}")
    check_equal((done.returncode, json.loads(done.stdout)["containment"]), (124, "group"))
    until(lambda: not living(mark), "the group is empty")


@test("hold's own helpers and children of its caller are not touched")
def callers_children():
    mark, other = marked(), marked()
    done = subprocess.run(["sh", "-c", f'sleep {other} & "$0" run -q -T 200ms -- sleep {mark}; kill $!', HOLD],
                          capture_output=True, timeout=PATIENCE, check=False)
    check_equal(done.returncode, 0)
    gone(mark)


@test("a command that hold's caller had started children before is contained as any other is")
def callers_children_and_orphans():
    for way in ("auto", "keeper"):
        mark, other = marked(), marked()
        done = subprocess.run(
            ["sh", "-c", f'sleep {other} >/dev/null 2>&1 & exec "$0" run --contain {way} -k 200ms -o - -- sh -c '
                         f"'sleep {mark} >/dev/null 2>&1 & exit 3'", HOLD],
            capture_output=True, timeout=PATIENCE, check=False)
        check_equal(done.returncode, 3, done.stderr)
        check_equal([mark in orphan["command"] for orphan in json.loads(done.stdout)["orphans"]], [True])
        gone(mark)
        (pid,) = living(other)
        os.kill(pid, signal.SIGKILL)


@test("in a group that was killed once, where whoever starts in a new group may die at birth, a command runs")
def killed_once():
    above = own_groups().get("")
    directory = os.path.join(above or "/nowhere", f"test-{os.getpid()}")
    try:
        os.mkdir(directory)
        with open(os.path.join(directory, "cgroup.kill"), "w", encoding="ascii") as file:
            file.write("1")
    except OSError:
        if os.path.isdir(directory):
            os.rmdir(directory)
        skip("no control group can be made here")

    def enter():
        with open(os.path.join(directory, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write("0")
    try:
        done = run("--", "sh", "-c", "exit 7", preexec_fn=enter)
        check_equal((done.returncode, done.stderr), (7, b""))
    finally:
        until(lambda: not os.path.isdir(directory) or remove(directory), "the group is empty")


def remove(directory):
    try:
        os.rmdir(directory)
    except OSError:
        return False
    return True


def seize(pid):
    """Traced by this thread, it stays a zombie after its end until this thread has waited for it."""
    seized = ctypes.CDLL(None, use_errno=True).ptrace(0x4206, pid, None, None)  # PTRACE_SEIZE
    if seized != 0:
        skip(f"processes may not be traced here: {os.strerror(ctypes.get_errno())}")


@test("a killed command that a tracer keeps is named, with each containment")
def traced():
    for way in ("auto", "keeper", "none"):
        with subprocess.Popen([HOLD, "run", "--contain", way, "-T", "1s", "-k", "300ms", "--report", "report", "--",
                               "sh", "-c", "echo $$; exec sleep 600"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            pid = int(process.stdout.readline())
            seize(pid)
            errors = process.communicate(timeout=PATIENCE)[1]
        os.waitpid(pid, 0)
        with open("report", encoding="utf-8") as file:
            report = json.load(file)
        check_equal((process.returncode, report["outcome"]), (123, "runs"))
        check_equal([member["pid"] for member in report["survivors"]], [pid], way)
        check("survivors_uncounted" not in report and "cannot be counted" not in errors, errors)
        check(f"could not be ended: process {pid}:" in errors, errors)


main()
