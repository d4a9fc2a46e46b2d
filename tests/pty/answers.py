#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --answer and --answer-queries: what the command asks is answered."""
import json
import subprocess
import sys

from tap import HOLD, PATIENCE, check, check_equal, main, test
from terminal import Terminal


def asked(*words, status=0):
    """What the command prints, without input."""
    done = subprocess.run([HOLD, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=PATIENCE)
    check_equal(done.returncode, status, f"exit status, said: {done.stderr!r}")
    return done.stdout if status == 0 else done.stderr.decode()


@test("each question is answered, in whatever order they come, and the answers are counted in the report")
def questions():
    script = "for i in 1 2 3; do printf 'go on? '; read x; done; printf 'name: '; read n; echo $x $n"
    out = asked("-t", "--report", "report", "--answer", "[a-z]+: ", "Ada", "--answer", r"go on\? ", "yes", "--answer",
                "never", "no", "--", "sh", "-c", script)
    check(out.endswith(b"yes Ada\r\n"), out)
    with open("report") as file:
        check_equal([one["given"] for one in json.load(file)["answers"]], [1, 3, 0])
    check("3 times to go on" in asked("-t", "--report", "-", "--report-format", "text", "--answer", r"go on\? ", "yes",
                                      "--", "sh", "-c", script.replace("read n", "n=x")).decode(), "as text, too")


@test("a password is typed once it is asked for, though what was typed before is thrown away")
def password():
    asks = "import getpass, time; p = getpass.getpass(); print(p == 'se\\tcret')"
    out = asked("-t", "--answer", "^Password: ", r"se\tcret", "--", sys.executable, "-c", asks)
    check_equal(out, b"Password: \r\nTrue\r\n")


@test("an answer is given so many times at most, and the questions after that are left to the user")
def times():
    terminal = Terminal()
    process = terminal.run("-t", "--answer", r"\?", "auto", "--answer-times", "2", "--", "sh", "-c",
                           "for i in 1 2 3; do printf \"$i?\"; read x; echo [$x]; done")
    terminal.expect("3?")
    terminal.type("by hand\r")
    terminal.expect("[by hand]")
    check_equal(terminal.seen.count(b"[auto]"), 2)
    terminal.end(process, 0)
    terminal.close()


@test("Enter is left out where the text says so")
def without_enter():
    out = asked("-t", "--answer", "key: ", r"x\c", "--", "bash", "-c",
                "read -n 1 -p 'key: ' k; read -t 0 || echo \"[$k] alone\"")
    check(b"[x] alone" in out, out)


def queries():
    """Asks a terminal, and prints what it says."""
    return [sys.executable, "-c", r"""
import os, termios, tty
tty.setraw(0)
for query in ("5n", "6n", "c", "18t"):
    os.write(1, b"\033[" + query.encode())
os.write(1, b"\033]11;?\a\033[0c")
said = b""
while said.count(b"c") < 2:
    said += os.read(0, 100)
print(repr(said))
"""]


@test("the queries of a terminal are answered where there is none, if that is asked for")
def no_terminal():
    out = asked("-t", "--size", "100x30", "--answer-queries", "--", *queries())
    for said in (r"\x1b[0n", r"\x1b[1;1R", r"\x1b[?1;2c", r"\x1b[8;30;100t", r"\x1b]11;rgb:0000/0000/0000\x1b"):
        check(said.encode() in out, f"{said} in {out}")


@test("the queries are left to the user's terminal where there is one")
def own_terminal():
    terminal = Terminal()
    process = terminal.run("-t", "--answer-queries", "--", *queries())
    terminal.expect("\033[0c")
    terminal.type("mine, c and c")
    terminal.expect("mine")
    check(b"1;2c" not in terminal.seen, terminal.seen)
    terminal.end(process, 0)
    terminal.close()


@test("what cannot be an answer is refused before the command is started")
def refused():
    for words, said in (
            (["--answer", "(", "x"], "run: --answer '(': there is an empty part (byte 1)"),
            (["-t", "--answer", "x"], "run: --answer 'x': a text to be typed is missing"),
            (["-t", "--answer", "x", r"a\q"], "a backslash before a character that has no meaning"),
            (["-t", "--answer-times", "3"], "there is none"),
            (["-t", "--answer", "x", "y", "--answer-times", "0"], "not a number from 1 on"),
            (["--answer", "x", "y", "true"], "about a terminal of the command's own"),
            (["--answer-queries", "true"], "about a terminal of the command's own")):
        check(said in asked(*words, status=125), said)


if __name__ == "__main__":
    main()
