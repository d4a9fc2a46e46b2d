#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""README.md: its C is compiled and run, and so are its lines for the shell, each of which says what comes of it."""
import os
import re
import shlex
import subprocess

from tap import HOLD, check, check_equal, main, test
from transcript import BUILD, ROOT, check_output, read, run_commands

README = read("README.md")


def block(language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.S | re.M)
    check_equal(len(blocks), 1, f"blocks of {language}")
    return blocks[0]


@test("the C program of README.md compiles without a warning and prints what README.md says")
def c_program():
    with open("program.c", "w", encoding="utf-8") as file:
        file.write(block("c"))
    sanitize = os.environ["SANITIZE"]
    flags = [] if sanitize in ("", "none") else [f"-fsanitize={sanitize}"]
    compiler = subprocess.run([*shlex.split(os.environ["CC"]), "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                               *flags, f"-I{ROOT}/include", "program.c", f"{BUILD}/libpidhold.a", "-o", "program"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check_equal((compiler.returncode, compiler.stdout.decode()), (0, ""), "the compiler")
    said = re.search(r"^It prints `([^`]+)`", README, re.M)
    check(said, "README.md does not say what it prints")
    program = subprocess.run(["./program"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             check=False)
    check_equal((program.returncode, program.stdout.decode()), (0, said.group(1) + "\n"), "the program")


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


@test("the table of old habits names no option that hold run does not have, and no function that there is not")
def table():
    rows = [line.split(" | ", 1)[1] for line in README.splitlines() if line.startswith("| ")]
    options = subprocess.run([HOLD, "run", "-h"], stdout=subprocess.PIPE, check=True).stdout.decode()
    header = read("include/pidhold.h")
    checked = 0
    for row in rows:
        for command in re.findall(r"`hold run ([^`]*)`", row):
            for option in re.findall(r"(?:^|\s)(--?\w[\w-]*)", command.split(" -- ")[0]):
                check(re.search(rf"(?:^|\s){option}\b", options), f"{option}: {row}")
                checked += 1
        for name in re.findall(r"\b(?:hold|HOLD)_\w+", row):
            check(re.search(rf"\b{name}\b", header), f"{name}: {row}")
            checked += 1
    check(checked > 30, f"only {checked} names found")


main()
