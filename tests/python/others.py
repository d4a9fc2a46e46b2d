#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""others.py PROGRAM...: runs test programs under each other CPython of this machine, with the same binary.

Those too old are to say so when pidhold is imported.
"""
import re
import subprocess
import sys

from pythons import OLDEST, interpreters

SECONDS = 600  # that a program may take; nothing is expected to


def results(path, program):
    """(sentence, whether it is met or None for a skip, its comments) of each test."""
    done = subprocess.run([path, program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, timeout=SECONDS)
    comments, plan = [], None
    for line in done.stdout.splitlines():
        result = re.match(r"(not )?ok \d+ - (.*?)( # SKIP.*)?$", line)
        if result:
            yield result.group(2), None if result.group(3) else not result.group(1), comments
            comments = []
        elif line.startswith("1.."):
            plan = line
        else:
            comments.append(re.sub(r"^# SKIP", "skipped:", line))
    if plan is None:
        yield "every test is made", False, comments + [f"exit status {done.returncode}"]


def main():
    number = failed = 0

    def tell(sentence, is_met, comments):
        nonlocal number, failed
        number += 1
        failed += is_met is False
        print("".join(f"{comment if comment.startswith('# ') else '# ' + comment}\n" for comment in comments), end="")
        print(f"{'not ok' if is_met is False else 'ok'} {number} - {sentence}{' # SKIP' if is_met is None else ''}",
              flush=True)

    for version, path in sorted(interpreters().items()):
        name = "Python " + ".".join(map(str, version))
        if version < OLDEST:
            done = subprocess.run([path, "-c", "import pidhold"], stderr=subprocess.PIPE, universal_newlines=True)
            last = done.stderr.strip().split("\n")[-1]
            tell(f"{name} is told that it is too old", last == "ImportError: pidhold needs Python 3.8 or newer", [last])
            continue
        for program in sys.argv[1:]:
            for sentence, is_met, comments in results(path, program):
                tell(f"{name}: {sentence}", is_met, comments)
    if not number:
        tell("other interpreters", None, ["SKIP no other Python on this machine"])
    print(f"1..{number}")
    sys.exit(failed > 0)


main()
