#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The manual page of the module: it names what there is, and its examples run."""
import os
import re
import subprocess
import sys

import pidhold
from tap import PATIENCE, check, check_equal, main, skip, test

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "man", "pidhold_python.7")


def read():
    with open(PAGE, encoding="ascii") as file:
        return file.read()


@test("the page is flawless for mandoc")
def lint():
    try:
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        skip("no mandoc")
    check_equal((done.stdout.decode(), done.returncode), ("", 0))


@test("its synopsis has the signatures of the functions")
def synopsis():
    told = dict(re.findall(r"^pidhold\.(\w+)(\(.*\))?$", re.search(r"SYNOPSIS.*?\.Ed", read(), re.S).group(), re.M))
    check(len(told) == 16, told)
    for name, signature in told.items():
        value = getattr(pidhold, name)
        text = getattr(value, "__text_signature__", None)
        if text and signature != "()":
            wanted = text.replace("$module, /, ", "").replace("$module, ", "")
            check_equal(signature, wanted, name)


@test("its examples run, and print what their comments say")
def examples():
    blocks = re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", read(), re.S | re.M)
    check_equal(len(blocks), 2)
    outputs = []
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE, universal_newlines=True)
        check_equal(done.returncode, 0, done.stdout)
        outputs.append(done.stdout)
    check_equal(outputs[0], "os.kill 10\nhandled\n")
    check(re.match(r"b'/dev/pts/\d+\\r\\n'\n$", outputs[1]), outputs[1])


main()
