#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The types of the interface: they are those that the module has, and a program that uses it passes a strict check."""
import glob
import os
import subprocess

import pidhold
from tap import check_equal, main, skip, test

PYTHON = "/usr/bin/python3"  # which has Debian's mypy
PACKAGE = os.path.dirname(os.path.abspath(pidhold.__file__))
PROGRAM = """
import pidhold
from decimal import Decimal
from typing import Optional

done: pidhold.CompletedProcess[bytes] = pidhold.run(["true"], capture_output=True)
text: pidhold.CompletedProcess[str] = pidhold.run("true", text=True, contain="keeper")
also: pidhold.CompletedProcess[str] = pidhold.run("true", errors="replace")
part: Optional[str] = pidhold.run_async("true", encoding="utf-8").stdout

async def main() -> None:
    async with pidhold.spawn_async("true", limits={"nofile": 64}) as hold:
        code: int = await hold
        print(code, await hold.stop_async([("TERM", 5)]))
    async with pidhold.spawn_async("true", stdout=pidhold.PIPE) as hold:
        async for line in hold.stdout_async:
            print(line)
    pidhold.kill(hold, "TERM")
pidhold.run("true", linger=Decimal("1"), timeout=Decimal("1"))
"""
WRONG = """
import pidhold
class Mine(pidhold.Hold): ...
pidhold.spawn("true", contain="what")
pidhold.run("true", on_release="leaf")
pidhold.run("true", no_such_option=1)
text: pidhold.CompletedProcess[str] = pidhold.run("true")
"""


def mypy(*command):
    if subprocess.run([PYTHON, "-c", "import mypy"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("no mypy")
    done = subprocess.run([PYTHON, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "MYPYPATH": os.path.dirname(PACKAGE)}, universal_newlines=True)
    return done.returncode, done.stdout


def checked(program):
    with open("program.py", "w") as file:
        file.write(program)
    return mypy("mypy", "--strict", "--no-error-summary", "program.py")


@test("a program passes a strict check, with text and bytes told apart", seconds=300)
def passes():
    check_equal(checked(PROGRAM), (0, ""))


@test("wrong choices and names, a derived Hold, and bytes for text are found", seconds=300)
def found():
    code, told = checked(WRONG)
    check_equal((code, sorted({int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line})),
                (1, [3, 4, 5, 6, 7]), told)


@test("the types are those of the functions and classes that there are", seconds=300)
def stubs():
    with open("mypy.ini", "w") as file:
        file.write("[mypy]\nignore_missing_imports = True\n")
        for path in glob.glob(os.path.join(PACKAGE, "_*.py")):  # which have no types of their own
            if os.path.basename(path) != "__init__.py":
                file.write(f"[mypy-pidhold.{os.path.basename(path)[:-3]}]\nignore_errors = True\n")
    with open("private", "w") as file:
        file.write("pidhold\\._.*\n")
    check_equal(mypy("mypy.stubtest", "pidhold", "--mypy-config-file", "mypy.ini", "--ignore-missing-stub",
                     "--allowlist", "private", "--ignore-unused-allowlist", "--concise"), (0, ""))


main()
