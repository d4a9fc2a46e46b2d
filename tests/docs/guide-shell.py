#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The commands of docs/guide-shell.md, typed into one shell, print what is shown below them."""
import os

from tap import check, main, test
from transcript import check_output, commands, indented, read, run_commands

# A make around the tests is no affair of that in the guide.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)


@test("each command prints what is shown below it")
def commands_print():
    typed = [pair for block in indented(read("docs/guide-shell.md")) for pair in commands(block)]
    check(len(typed) > 20, f"only {len(typed)} commands found")
    for (command, shown), (output, _) in zip(typed, run_commands([command for command, _ in typed])):
        check_output(command, output, shown)


main()
