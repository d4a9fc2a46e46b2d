#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Detached runs whose callers and holders are killed at random moments: every record is true, and nothing is left."""
import glob
import os
import random
import signal
import subprocess
import time

from runs import STORE, all_runs, hold, lives, pid, record, test
from tap import HOLD, check, check_equal, main, until

ROUNDS = 200 if os.environ.get("LONG") else 12
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))


def holders():
    """The numbers of the processes of hold that work in this directory, and are not ended."""
    found = set()
    for path in glob.glob("/proc/[0-9]*"):
        try:
            number = int(path[6:])
            if os.readlink(f"{path}/cwd") == os.getcwd() and number != os.getpid() and lives(number):
                found.add(number)
        except OSError:
            pass
    return found


def kill(number):
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        pass


def one_round(chance, number):
    """A run whose command leaves a descendant: its caller, its holder or nobody is killed after a random moment."""
    name = f"run{number}"
    caller = subprocess.Popen([HOLD, "run", "--detach", "--name", name, "--", "sh", "-c",
                               f"setsid sleep 5 & exec sleep {chance.choice(['0', '0.02', '5'])}"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    victim = chance.choice(["caller", "holder", "nobody", "stop"])
    time.sleep(chance.random() * 0.03)  # any moment will do
    if victim == "caller":
        caller.kill()
    elif victim == "holder":
        for other in holders() - {caller.pid}:
            kill(other)
    caller.wait()
    if victim == "stop":
        subprocess.run([HOLD, "stop", "-q", name], stderr=subprocess.DEVNULL, check=False)


def stop(name):
    """Whether the run has ended. One whose caller was killed may still be starting, which hold stop refuses."""
    done = subprocess.run([HOLD, "stop", "-q", name], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    check(done.returncode == 0 or b"is being started" in done.stderr, done)
    return done.returncode == 0


def is_true(run):
    """What the record says is so."""
    if run["state"] == "running":
        return lives(pid(run["hold"]))
    if run["state"] == "ended":
        return run["outcome"] in ("exited", "signalled") and not lives(pid(run["reference"]))
    return not lives(pid(run["hold"]))


@test(f"after kills at random moments every record is true and no process is left (SEED={SEED})", seconds=280)
def kills():
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        one_round(chance, number)
        for name, run in all_runs().items():  # it may have ended after the first look
            check(is_true(run) or is_true(record(name)), f"{name}: {run}")
    for name, run in all_runs().items():
        if run["state"] == "running":
            until(lambda name=name: stop(name), f"{name} has started, and is stopped")
    until(lambda: not holders(), f"all processes have ended: {holders()}")
    runs = all_runs()
    check({run["state"] for run in runs.values()} <= {"ended", "unknown"}, runs)
    if runs:
        hold("forget", *runs)
    hold("list")
    check_equal(os.listdir(STORE), [".lock"])


main()
