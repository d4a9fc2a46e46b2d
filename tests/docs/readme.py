#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""README.md: its C is compiled and run, and so are its lines for the shell, each of which says what comes of it."""
import re
import subprocess

from program import output_of
from tap import HOLD, check, check_equal, main, test
from transcript import check_output, read, run_commands

README = read("README.md")


def block(language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.S | re.M)
    check_equal(len(blocks), 1, f"blocks of {language}")
    return blocks[0]


@test("the C program of README.md compiles without a warning and prints what README.md says")
def c_program():
    said = re.search(r"^It prints `([^`]+)`", README, re.M)
    check(said, "README.md does not say what it prints")
    check_equal(output_of(block("c"), "c11"), said.group(1) + "\n", "the program")


@test("each line for the shell in README.md does what its comment says")
def shell_lines():
    lines = []
    for line in block("sh").splitlines():
        parts = re.fullmatch(r"(\S.*\S) +# (?:prints (.+)|exit status (\d+))", line)
        check(parts, f"says not what comes of it: {line}")
        lines.append(parts.groups())
    check(len(lines) >= 8, f"only {len(lines)} lines")
    for (command, shown, status), (output, is_) in zip(lines, run_commands([command for command, _, _ in lines])):
        if shown:
            check_output(command, output, shown + "\n")
        else:
            check_equal(is_, int(status), command)


def options_of(verb):
    return subprocess.run([HOLD, verb, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()


@test("the tables here and in the guide for the shell name no option or function that there is not")
def tables():
    pages = README + read("docs/guide-shell.md")
    rows = [line.split(" | ", 1)[1] for line in pages.splitlines() if line.startswith("| ")]
    header = read("include/pidhold.h")
    checked = 0
    for row in rows:
        for verb, arguments in re.findall(r"`hold (\w+)([^`]*)`", row):
            for option in re.findall(r"(?:^|\s)(--?[a-zA-Z][\w-]*)", arguments.split(" -- ")[0]):
                check(re.search(rf"(?:^|\s){option}\b", options_of(verb)), f"{option}: {row}")
                checked += 1
        for name in re.findall(r"\b(?:hold|HOLD)_\w+", row):
            check(re.search(rf"\b{name}\b", header), f"{name}: {row}")
            checked += 1
    check(checked > 20, f"only {checked} names found")


main()
