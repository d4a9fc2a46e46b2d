#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/guide-agents.md: its commands, typed into one shell, print what is shown below them."""
import os
import subprocess

from tap import HOLD, check, main, test
from transcript import check_output, commands, indented, read, run_commands


@test("each command prints what is shown below it")
def commands_print():
    os.environ["XDG_STATE_HOME"] = os.path.abspath("state")
    typed = [pair for block in indented(read("docs/guide-agents.md")) for pair in commands(block)]
    check(len(typed) > 12, f"only {len(typed)} commands found")
    try:
        for (command, shown), (output, _) in zip(typed, run_commands([command for command, _ in typed])):
            check_output(command, output, shown)
    finally:
        subprocess.run([HOLD, "stop", "-q", "build", "server"], stderr=subprocess.DEVNULL, check=False)


main()
