#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The recipes of docs/cookbook.md, run by the interpreter for which the module was built."""
import re
import subprocess
import sys

from tap import PATIENCE, check_equal, main, test
from transcript import read

RECIPES = [re.match(r"(.*)\n(?:.*\n)*?```python\n((?:.*\n)*?)```\n\n((?:    .*\n?)+)", part).groups()
           for part in re.split(r"^## ", read("docs/cookbook.md"), flags=re.M)[1:]]


@test("there are sixteen")
def sixteen():
    check_equal(len(RECIPES), 16)


def add(title, program, wanted):
    @test(f"what is said to be printed is printed: {title}")
    def run():
        done = subprocess.run([sys.executable, "-W", "error", "-c", program], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
        check_equal(done.stdout.decode().rstrip(), re.sub(r"^    ", "", wanted, flags=re.M).rstrip())


for recipe in RECIPES:
    add(*recipe)
main()
