# SPDX-License-Identifier: ISC
"""For the tests of detached runs: each has a store of its own, and none of its runs outlives it."""
import glob
import json
import os
import subprocess

from tap import HOLD, check, check_equal, until
from tap import test as tap_test

STORE = "state/pidhold"


def hold(*words, status=0, **keywords):
    """What hold prints; it has to end with this status."""
    said = subprocess.run([HOLD, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **keywords)
    check_equal(said.returncode, status, f"status of {words}, which says {said.stderr.decode()!r}")
    return said.stdout.decode()


def says(*words, status=1):
    """What hold says on standard error; it has to end with this status."""
    said = subprocess.run([HOLD, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    check_equal(said.returncode, status, f"status of {words}, which says {said.stderr.decode()!r}")
    return said.stderr.decode()


def detach(name, *words):
    """Starts a run of this name, and returns the reference of its command."""
    printed = hold("run", "--detach", "--name", name, *words).split()
    check_equal(printed[0], name, "the name that is printed")
    return printed[1]


def record(name):
    return json.loads(hold("show", "--json", name))


def state(name):
    return record(name)["state"]


def all_runs():
    return {run["name"]: run for run in map(json.loads, hold("list", "--all", "--json").splitlines())}


def pid(reference):
    return int(reference.split(":")[0])


def lives(number):
    """Whether this process has not ended; one that nobody reaps has."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(number, what):
    until(lambda: not lives(number), f"{what} ends")


def stop_all():
    for path in glob.glob(f"{STORE}/*/record"):
        subprocess.run([HOLD, "stop", "-q", os.path.basename(os.path.dirname(path))], stderr=subprocess.DEVNULL,
                       check=False)


def test(sentence, seconds=60):
    """A test with a store of its own; all of its runs are ended."""
    def add(function):
        def with_store():
            os.environ["XDG_STATE_HOME"] = os.path.abspath("state")
            os.environ["XDG_RUNTIME_DIR"] = os.path.abspath("runtime")
            try:
                function()
            finally:
                stop_all()
        tap_test(sentence, seconds)(with_store)
        return function
    return add
