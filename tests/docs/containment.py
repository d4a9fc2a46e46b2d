#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/containment.md: its table is what hold caps and hold run say with each mechanism taken away. With --write the
table is written."""
import json
import os
import re
import subprocess
import sys

from tap import HOLD, actor, check, check_equal, main, skip, test
from transcript import ROOT, check_output, commands, indented, read, run_commands

PAGE = read("docs/containment.md")
# Containment, and why a test is skipped where it is missing.
COLUMNS = {"cgroup": "no control group can be made here", "keeper": "there can be no keeper here",
           "pidns": "PID namespaces are not allowed here"}
WITHOUT = [actor("without")]
# What hold caps says no to, and how that is brought about. A system that lacks more has no such row.
LACKING = {
    "nothing": [],
    "cgroup": WITHOUT + ["EACCES", "mkdirat", "--"],
    "pidns": WITHOUT + ["EPERM", "mount", "--"],
    "cgroup, pidns": WITHOUT + ["EACCES", "mkdirat", "--"] + WITHOUT + ["EPERM", "mount", "--"],
    "keeper, cgroup, pidns": WITHOUT + ["ENOSYS", "pidfd_send_signal", "--"],
}


def output(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout.decode()


def caps(prefix):
    """name -> the capability"""
    status, text = output(*prefix, HOLD, "caps", "--json")
    if status == 125 and prefix:
        skip("no system calls can be denied here")
    return {cap["name"]: cap for cap in json.loads(text)["caps"]}


def is_to_be_had(prefix, containment):
    status, text = output(*prefix, HOLD, "run", "-q", "--contain", containment, "-o", "-", "--", "true")
    if status == 0:
        check_equal(json.loads(text)["containment"], containment)
    return status == 0


def row(lacking, prefix):
    """The row of the table, from what is found out here."""
    found = caps(prefix)
    for name, reason in COLUMNS.items():
        if not found[name]["supported"] and name not in lacking.split(", "):
            skip(reason)
        check_equal(is_to_be_had(prefix, name), bool(found[name]["supported"]), name)
    words = ["yes" if found[name]["supported"] else "refused" for name in COLUMNS]
    return [lacking, found["containment"]["mechanism"], *words]


def rows_of_page():
    table = re.search(r"^\| `hold caps` says no to .*\n\|[- |]*\n((?:\|.*\n)+)", PAGE, re.M)
    check(table, "no table")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group(1).splitlines()]


@test("the table has the rows that are tried")
def same_rows():
    check_equal([cells[0] for cells in rows_of_page()], list(LACKING))


def add(cells, prefix):
    @test(f"the table has what is found out where hold caps says no to: {cells[0]}")
    def run():
        check_equal(cells, row(cells[0], prefix))


@test("each command prints what is shown below it")
def commands_print():
    typed = [pair for block in indented(PAGE) for pair in commands(block)]
    check(len(typed) >= 4, f"only {len(typed)} commands found")
    if not caps([])["keeper"]["supported"]:
        skip("there can be no keeper here")
    for (command, shown), (is_, _) in zip(typed, run_commands([command for command, _ in typed])):
        check_output(command, is_, shown)


def write():
    """For make docs-containment: the rows that are found out here take the place of those of the page."""
    lines = "".join(f"| {' | '.join(row(lacking, prefix))} |\n" for lacking, prefix in LACKING.items())
    written, count = re.subn(r"^(\| `hold caps` says no to .*\n\|[- |]*\n)(?:\|.*\n)+",
                             lambda found: found.group(1) + lines, PAGE, flags=re.M)
    check_equal(count, 1, "tables")
    with open(os.path.join(ROOT, "docs", "containment.md"), "w", encoding="utf-8") as file:
        file.write(written)


if sys.argv[1:] == ["--write"]:
    write()
else:
    for cells_ in rows_of_page():
        add(cells_, LACKING.get(cells_[0], []))
    main()
