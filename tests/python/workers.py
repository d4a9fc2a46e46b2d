#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Starts from the workers of pytest-xdist: eight at once, each with threads and a channel to its controller."""
import os
import subprocess
import sys

from tap import check_equal, main, skip, test

TESTS = """
import pidhold, pytest

@pytest.mark.parametrize("part", range(16))
def test_starts(part):
    for number in range(50):
        with pidhold.spawn(["sh", "-c", f"echo {number}; exit {number}"], terminal=True) as hold:
            assert hold.terminal.readall() == b"%d\\r\\n" % number
            assert hold.wait() == number

def test_time_out():
    with pytest.raises(pidhold.TimeoutExpired) as expired:
        pidhold.run("sleep 600 & sleep 600", shell=True, capture_output=True, timeout=0.2)
    assert expired.value.left == []
"""


def interpreter():
    """One that has pytest-xdist."""
    for path in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.call([path, "-c", "import pytest, xdist, pidhold"], stderr=subprocess.DEVNULL) == 0:
                return path
        except FileNotFoundError:
            pass
    skip("no pytest-xdist")
    return None


@test("eight workers of pytest-xdist start 800 processes on terminals, without a warning", seconds=600)
def workers():
    with open("test_starts.py", "w") as file:
        file.write(TESTS)
    done = subprocess.run([interpreter(), "-X", "dev", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "8", "-W",
                           "error", "test_starts.py"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    lines = done.stdout.decode().splitlines()
    check_equal((done.returncode, lines[-1].split(" in ")[0]), (0, "17 passed"), "\n".join(lines[-30:]))


main()
