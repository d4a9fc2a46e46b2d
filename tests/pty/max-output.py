#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run -t with --max-output: the beginning and the end of what a terminal shows."""
import json
import os
import re
import subprocess
import sys

from tap import HOLD, PATIENCE, check, check_equal, main, test, until
from terminal import Terminal

LINE = re.compile(rb"hold: (\d+) bytes? (?:is|are) left out here\r?\n")


def run(*words, status=0):
    done = subprocess.run([HOLD, "run", "-t", "-o", "report", *words], stdin=subprocess.DEVNULL, timeout=PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check_equal(done.returncode, status, f"exit status, said: {done.stderr!r}")
    return done.stdout


def report():
    with open("report", encoding="utf-8") as text:
        return json.load(text)


def bounded(out, whole):
    found = LINE.search(out)
    check(found, f"no line in {out[:200]!r}")
    head, tail = out[:found.start()], out[found.end():]
    newline = re.search(rb"\r?\n$", head)
    if newline and len(whole) - len(head) - len(tail) != int(found.group(1)):
        head = head[:newline.start()]  # the line begins with it
    check(whole.startswith(head) and whole.endswith(tail), f"not the ends: {head[-50:]!r}, {tail[:50]!r}")
    check_equal(int(found.group(1)), len(whole) - len(head) - len(tail), "the number in the line")
    return head, tail


def lines(count):
    return b"".join(b"%d\r\n" % (i + 1) for i in range(count))


@test("of what a terminal prints the beginning and the end are passed on, and the report says so")
def halves():
    whole = lines(100000)
    head, tail = bounded(run("--max-output", "10K", "--", "seq", "100000"), whole)
    check_equal((len(head), len(tail)), (5120, 5120))
    check_equal(report()["truncated"], True)
    check_equal(report()["output"], [{"stream": "terminal", "bytes": len(whole), "kept": 10240,
                                      "left_out": len(whole) - 10240, "lost": 0}])


@test("the report of a terminal always says what it printed, and that nothing is missing")
def untruncated():
    for words in ([], ["--max-output", "5"]):
        check_equal(run(*words, "--", "echo", "abc"), b"abc\r\n")
        check_equal(report()["truncated"], False)
        check_equal(report()["output"], [{"stream": "terminal", "bytes": 5, "kept": 5, "left_out": 0, "lost": 0}])


@test("no cut is within a character or an escape sequence, though it is printed byte by byte")
def whole_units():
    unit = "\033[1;31mé€😀\033[0m"
    for size in (8, 40, 41, 42, 43, 44, 45, 46, 47):
        out = run("--max-output", str(size), "--", sys.executable, "-c",
                  "import os\nfor byte in %r: os.write(1, bytes([byte]))" % (unit * 10).encode())
        head, tail = bounded(out, (unit * 10).encode())
        for part in (head, tail):
            left = re.sub(r"\033\[[0-9;]+m|[é€😀]", "", part.decode())
            check_equal(left, "", f"{part!r} of {size}")


@test("with --strip-cr lines end in a newline alone, also those around what is left out, and other returns stay")
def strip():
    def strip_run(*words):
        return run("--strip-cr", *words, "--", "sh", "-c", "printf 'bar 1\\rbar 2\\n'; seq 1000; printf 'last\\r'")

    whole = b"bar 1\rbar 2\n" + lines(1000).replace(b"\r", b"") + b"last\r"
    check_equal(strip_run("--log", "log"), whole)
    with open("log", "rb") as file:
        check_equal(file.read(), b"bar 1\rbar 2\r\n" + lines(1000) + b"last\r")
    check_equal(report()["output"][0]["lost"], 0)
    out = strip_run("--max-output", "30:10")
    check(b"\r\n" not in out, out)
    bounded(out, whole)
    refused = subprocess.run([HOLD, "run", "--strip-cr", "true"], stderr=subprocess.DEVNULL, check=False)
    check_equal(refused.returncode, 125)


@test("a recording, a log and a spill have the whole output")
def recorded():
    run("--max-output", "100", "--record", "cast", "--log", "log", "--spill", "spill", "--", "seq", "5000")
    for name in ("log", "spill"):
        with open(name, "rb") as file:
            check_equal(file.read(), lines(5000), name)
    with open("cast", encoding="utf-8") as file:
        events = [json.loads(line) for line in file.read().splitlines()[1:]]
    check_equal("".join(event[2] for event in events if event[1] == "o").encode(), lines(5000))
    check_equal(report()["spill"], {"file": "spill", "bytes": len(lines(5000))})


@test("behind the head the output of a command is read on though nobody reads")
def is_drained():
    reader, writer = os.pipe()
    process = subprocess.Popen([HOLD, "run", "-t", "--max-output", "2000", "--", "sh", "-c", "seq 200000; touch done"],
                               stdin=subprocess.DEVNULL, stdout=writer)
    os.close(writer)
    until(lambda: os.path.exists("done"), "the command has written all")
    out = b""
    while piece := os.read(reader, 65536):
        out += piece
    os.close(reader)
    check_equal(process.wait(), 0)
    bounded(out, lines(200000))


@test("a reader that has gone behind the head ends the command with 141")
def reader_has_gone():
    reader, writer = os.pipe()
    process = subprocess.Popen([HOLD, "run", "-t", "--max-output", "10", "--", "yes"], stdin=subprocess.DEVNULL,
                               stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    os.read(reader, 4)
    os.close(reader)
    check_equal((process.communicate(timeout=PATIENCE)[1], process.returncode), (b"", 141))


@test("what the command has left switched on at the user's terminal is switched off behind the end of its output")
def screen():
    terminal = Terminal()
    process = terminal.run("-t", "--max-output", "40:30", "--", "sh", "-c",
                           "printf '\\033[?1049h'; seq 1000; printf '\\033[?25l'; kill -KILL $$")
    terminal.end(process, 137)
    check(terminal.seen.startswith(b"\033[?1049h") and b"left out here" in terminal.seen, terminal.seen)
    check(b"\r\r\n" not in terminal.seen, terminal.seen)
    check(re.search(rb"1000\r\n\033\[\?25l.*\033\[\?25h.*\033\[\?1049l", terminal.seen, re.S), terminal.seen)
    terminal.close()


@test("an orphan's output belongs to a bounded output while it is waited for")
def orphans():
    os.mkfifo("go")
    out = run("--max-output", "20", "--orphans", "wait", "--", "sh", "-c",
              "(read -r x <go; seq 1000) & seq 2000; echo >go")
    check(out.endswith(b"99\r\n1000\r\n"), out)


@test("an orphan that prints for ever holds up neither the end nor the limit")
def endless_orphan():
    out = run("--max-output", "100", "--", "sh", "-c", "setsid yes & sleep 0.1; echo end")
    check(b"left out here" in out, out)
    run("--max-output", "100", "--orphans", "wait", "-T", "300ms", "--", "sh", "-c", "setsid yes & exit 0", status=124)


main()
