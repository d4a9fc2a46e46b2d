#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/man/hold.1: mandoc has nothing to say of it, and its examples print what it shows. They are taken from the
page as it is printed, since that is what is typed off."""
import os
import re
import shutil
import subprocess

from tap import check, check_equal, main, skip, test
from transcript import ROOT, check_output, run_commands

PAGE = os.path.join(ROOT, "docs", "man", "hold.1")
INDENT = " " * 11  # of a display in a section


def mandoc(*arguments):
    if not shutil.which("mandoc"):
        skip("no mandoc")
    # On standard error it tells what it thinks of the system's index of pages.
    return subprocess.run(["mandoc", *arguments, PAGE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode()


def examples():
    """[[line]]: each display of the section, without its indent."""
    printed = re.sub(".\b", "", mandoc("-Tascii", "-Owidth=200"))
    section = re.search(r"^EXAMPLES\n(.*?)^\S", printed, re.S | re.M)
    check(section, "no section EXAMPLES")
    blocks = []
    for line, before in zip(section.group(1).splitlines(), [""] + section.group(1).splitlines()):
        if line.startswith(INDENT):
            if not before.startswith(INDENT):
                blocks.append([])
            blocks[-1].append(line[len(INDENT):])
    return blocks


def commands(lines):
    """[(command, what it is shown to print)]. A here-document belongs to its command."""
    found, end = [], None
    for line in lines:
        if end:
            found[-1][0] += "\n" + line
            end = None if line == end else end
        elif line.startswith("$ "):
            found.append([line[2:], ""])
            here = re.search(r"<<'(\w+)'", line)
            end = here.group(1) if here else None
        else:
            check(found, f"no command before: {line}")
            found[-1][1] += line + "\n"
    return found


@test("mandoc finds nothing to say of the manual")
def lint():
    # Which other pages are installed is the machine's affair.
    said = [line for line in mandoc("-Tlint").splitlines() if "referenced manual not found" not in line]
    check_equal(said, [], "mandoc")


@test("every example of the manual prints what the manual shows")
def examples_print():
    typed = [pair for block in examples() for pair in commands(block)]
    check(len(typed) > 20, f"only {len(typed)} commands found")
    for (command, shown), (output, _) in zip(typed, run_commands([command for command, _ in typed])):
        check_output(command, output, shown)


main()
