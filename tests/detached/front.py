#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --detach-after: what the caller gets in time, the hand-over, and the end of the process in front."""
import json
import os
import re
import signal
import subprocess

from runs import STORE, all_runs, hold, lives, pid, record, says, state, test
from tap import HOLD, check, check_equal, main, until

LONG = ["--detach-after", "60s", "--timeout", "90s"]
SOON = ["--detach-after", "50ms", "--timeout", "90s"]


def run(*words):
    """(status, standard output, standard error)"""
    done = subprocess.run([HOLD, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def listens_to_term(number):
    """Signals are blocked, and read from a descriptor."""
    with open(f"/proc/{number}/status", encoding="utf-8") as file:
        blocked = file.read().partition("SigBlk:")[2].split()[0]
    return int(blocked, 16) >> (signal.SIGTERM - 1) & 1


def begin(*words, **keywords):
    """A process in front of the run "it", whose command has begun."""
    front = subprocess.Popen([HOLD, "run", *LONG, "--name", "it", *words], stdin=subprocess.DEVNULL, **keywords)
    until(lambda: os.path.exists("begun"), "the command has begun")
    until(lambda: listens_to_term(front.pid), "the process in front passes signals on")
    return front


def check_none():
    check_equal(all_runs(), {}, "records")


@test("a run that ends in time has its output and status, and no record of it is left")
def in_time():
    check_equal(run(*LONG, "--", "sh", "-c", "echo one; echo two >&2; exit 7"), (7, "one\ntwo\n", ""))
    check_equal(run(*LONG, "--name", "it", "--", "sh", "-c", "kill -KILL $$")[0], 137)
    check_equal(run(*LONG, "--", "true"), (0, "", ""))
    check_none()


@test("a start that fails has its status and message")
def fails():
    status, _, said = run(*LONG, "--", "./nope")
    check_equal(status, 127)
    check("program ./nope" in said, said)
    check_none()


@test("what is handed over says so with status 122, and no byte is lost or printed twice")
def handed_over():
    script = "i=0; until test -e go; do i=$((i+1)); echo $i; done; echo last $i"
    status, before, said = run(*SOON, "--name", "it", "--", "sh", "-c", script)
    check_equal((status, said),
                (122, f"hold: still running: 'it'; 'hold logs -f --from {len(before)} it' follows it\n"))
    check_equal(state("it"), "running")
    open("go", "w", encoding="utf-8").close()
    after = hold("logs", "-f", "--from", str(len(before)), "it")
    lines = (before + after).splitlines()
    check_equal(lines, [str(i + 1) for i in range(len(lines) - 1)] + [f"last {len(lines) - 1}"])


@test("the time limit stays in force behind the hand-over")
def limit():
    check_equal(run("--detach-after", "50ms", "-T", "300ms", "--name", "it", "--", "sleep", "60")[0], 122)
    hold("wait", "it", status=124)
    check_equal((record("it")["status"], record("it")["timed_out"]), (124, True))


@test("the report says that the state is running, until the end takes its place")
def report():
    check_equal(run(*SOON, "--name", "it", "-o", "end", "--", "sh", "-c", "until test -e go; do sleep 0.05; done")[0],
                122)
    with open("end", encoding="utf-8") as file:
        running = json.load(file)
    check_equal((running["state"], running["outcome"], running["reference"]),
                ("running", "runs", record("it")["reference"]))
    check("orphans" not in running, "a run that goes on has left nothing yet")
    open("go", "w", encoding="utf-8").close()
    hold("wait", "it")
    with open("end", encoding="utf-8") as file:
        end = json.load(file)
    check_equal((end.get("state"), end["outcome"], end["exit_status"]), (None, "exited", 0))


@test("a report that cannot be written is told, and the run is handed over all the same")
def report_fails():
    status, _, said = run(*SOON, "--name", "it", "-o", "/dev/full", "--", "sleep", "60")
    check_equal(status, 122)
    check("report '/dev/full': " in said and "still running: 'it'" in said, said)
    check_equal(state("it"), "running")


@test("signals end the command and its descendants, as if it were in front")
def signals():
    for number, status in ((signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        front = begin("--", "sh", "-c", "sleep 60 & echo $! >pid; mv pid begun; wait; wait", stdout=subprocess.DEVNULL)
        with open("begun", encoding="utf-8") as file:
            descendant = int(file.read())
        front.send_signal(number)
        check_equal(front.wait(), status, str(number))
        check(not lives(descendant), f"a descendant lives after {number}")
        check_none()
        os.remove("begun")


@test("a signal that the command handles changes nothing else")
def handled():
    front = begin("--", "sh", "-c", "trap 'echo got it; exit 5' USR1; touch begun; while :; do sleep 0.05; done",
                  stdout=subprocess.PIPE)
    front.send_signal(signal.SIGUSR1)
    check_equal((front.communicate()[0], front.returncode), (b"got it\n", 5))


@test("if the process in front is killed before the hand-over, the command ends, and the record says so")
def front_killed():
    front = begin("--", "sh", "-c", "touch begun; exec sleep 60", stdout=subprocess.DEVNULL)
    reference = record("it")["reference"]
    front.kill()
    front.wait()
    hold("wait", "it", status=129)
    check(not lives(pid(reference)), "the command lives")
    check_equal((record("it")["signal"], record("it")["status"]), ("SIGHUP", 129))
    check("the process in front was killed" in hold("logs", "it"), "it is not in the log")


@test("if the process that holds the command is killed, the one in front says so, and the state is unknown")
def runner_killed():
    front = begin("--", "sh", "-c", "touch begun; exec sleep 60", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.kill(pid(record("it")["hold"]), signal.SIGKILL)
    said = front.communicate()[1]
    check_equal(front.returncode, 125)
    check(b"was killed" in said, said)
    hold("wait", "it", status=125)
    check_equal(state("it"), "unknown")


@test("with --max-output the beginning and the end are copied, and what is left out is told, also much of it")
def bounded():
    for last, size in ((1000, 100), (4000000, 40000), (10, 100)):
        whole = "".join(f"{i}\n" for i in range(1, last + 1))
        status, out, said = run(*LONG, "--max-output", str(size), "--", "sh", "-c", f"seq {last}; exit 7")
        check_equal((status, said), (7, ""))
        if len(whole) <= size:
            check_equal(out, whole)
            continue
        left_out = len(whole) - size
        head, line, tail = re.split(r"\n?(hold: \d+ bytes are left out here\n)", out)
        check_equal(line, f"hold: {left_out} bytes are left out here\n")
        check(whole.startswith(head) and whole.endswith(tail), out[:1000])
        check_equal(len(head.rstrip()), len(whole[:size // 2].rstrip()))
        check_equal(len(tail), size // 2)
    check_none()


@test("a bounded run that is handed over goes on where the copy ended")
def bounded_handed_over():
    script = "seq 1000; until test -e go; do sleep 0.05; done; echo end"
    whole = "".join(f"{i}\n" for i in range(1, 1001)) + "end\n"
    status, out, said = run(*SOON, "--name", "it", "--max-output", "1K", "--", "sh", "-c", script)
    check_equal(status, 122)
    check(whole.startswith(out) and len(out) <= 512 and f"--from {len(out)} it" in said, (out, said))
    with open("go", "w", encoding="utf-8"):
        pass
    hold("wait", "it")
    check_equal(hold("logs", "--from", str(len(out)), "it"), whole[len(out):])


@test("a reader that is gone ends a bounded run too, of which nothing is copied any more")
def bounded_reader_gone():
    reader, writer = os.pipe()
    with subprocess.Popen([HOLD, "run", *LONG, "--max-output", "10", "--", "yes"], stdin=subprocess.DEVNULL,
                          stdout=writer) as front:
        os.close(writer)
        os.read(reader, 2)
        os.close(reader)
        check_equal(front.wait(), 141)


@test("a reader that does not keep up holds up the command, not the hand-over, and loses nothing")
def slow_reader():
    with subprocess.Popen([HOLD, "run", "--detach-after", "400ms", "-T", "90s", "--name", "it", "--", "sh", "-c",
                           "seq 1 100000; until test -e go; do sleep 0.05; done"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as front:
        check_equal(front.wait(), 122)
        before = front.stdout.read()
        open("go", "w", encoding="utf-8").close()
        check(b"--from %d it" % len(before) in front.stderr.read(), "another byte")
    after = hold("logs", "-f", "--from", str(len(before)), "it").encode()
    check_equal(before + after == b"".join(b"%d\n" % i for i in range(1, 100001)), True, "the output is whole")


@test("a reader that is gone ends the command, with status 141")
def reader_gone():
    read, write = os.pipe()
    front = subprocess.Popen([HOLD, "run", *LONG, "--", "yes"], stdin=subprocess.DEVNULL, stdout=write)
    os.close(write)
    os.read(read, 2)
    os.close(read)
    check_equal(front.wait(), 141)
    check_none()


@test("output that cannot be written is told, with status 125, and stays in the log")
def unwritten():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([HOLD, "run", *LONG, "--name", "it", "--", "echo", "kept"], stdin=subprocess.DEVNULL,
                              stdout=full, stderr=subprocess.PIPE, check=False)
    check_equal(done.returncode, 125)
    check(b"No space left" in done.stderr and b"hold logs it" in done.stderr, done.stderr)
    check_equal(hold("logs", "it"), "kept\n")


@test("without a time limit, and with options that contradict, nothing is started")
def misuse():
    for words in (["--detach-after", "1s"], ["--detach-after", "0", "-T", "1s"], ["--detach-after", "x", "-T", "1s"],
                  [*LONG, "--detach"], [*LONG, "--no-timeout"], [*LONG, "-o", "-"], ["--no-timeout"],
                  [*LONG, "--progress"], [*LONG, "--name", "1st"]):
        says("run", *words, "--", "touch", "started", status=125)
    says("logs", "--from", "-1", "it", status=125)
    check_equal(os.listdir("."), [])
    check_equal(run("--detach-after", "60s", "--no-timeout", "--", "true")[0], 0)
    check_equal(os.listdir(STORE), [".lock"])


main()
