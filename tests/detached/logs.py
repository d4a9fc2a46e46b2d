#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold logs."""
import json
import os
import subprocess
import time

from runs import STORE, all_runs, detach, hold, says, test
from tap import HOLD, check, check_equal, main, until


def logs(*words):
    said = subprocess.run([HOLD, "logs", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check_equal(said.returncode, 0, said.stderr)
    return said.stdout


def ended(name, script, *words):
    detach(name, *words, "sh", "-c", script)
    hold("wait", name)


@test("standard output and standard error are there, in the order in which they were written")
def in_order():
    ended("it", "for i in 1 2 3; do echo out $i; echo err $i >&2; done")
    check_equal(logs("it"), b"out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n")


@test("every byte comes back as it was")
def every_byte():
    data = bytes(range(256)) * 4000
    with open("data", "wb") as file:
        file.write(data)
    ended("it", "cat data")
    check_equal(logs("it") == data, True, "the same bytes")


@test("--tail prints the last lines, the last of which may have no end")
def tail():
    ended("it", "printf '1\\n2\\n3\\n'")
    ended("cut", "printf '1\\n2\\n3'")
    ended("none", "true")
    for count, wanted in (("0", b""), ("1", b"3\n"), ("2", b"2\n3\n"), ("3", b"1\n2\n3\n"), ("9", b"1\n2\n3\n")):
        check_equal(logs("-n", count, "it"), wanted)
        check_equal(logs("-n", count, "cut"), wanted[:-1])
        check_equal(logs("-n", count, "none"), b"")


@test("--tail counts lines over many reads")
def long_tail():
    ended("it", "seq 100000")
    check_equal(logs("--tail", "50000", "it"), b"".join(b"%d\n" % i for i in range(50001, 100001)))


@test("--since prints what came after that, and nothing if nothing did")
def since():
    detach("it", "sh", "-c", "echo early; until test -e go; do sleep 0.05; done; echo late; exec sleep 60")
    until(lambda: logs("it"), "the early line")
    time.sleep(2)  # what lies between the two lines is what --since is asked for
    open("go", "w", encoding="utf-8").close()
    until(lambda: b"late" in logs("it"), "the late line")
    check_equal(logs("--since", "1s", "it"), b"late\n")
    check_equal(logs("--since", "1h", "it"), b"early\nlate\n")
    check_equal(logs("--since", "0s", "it"), b"")


def numbers(first, last):
    return b"".join(b"%d\n" % i for i in range(first, last + 1))


@test("with --max-output the log has the beginning and at least as much of the end, and counts the rest")
def bounded():
    whole = numbers(1, 300000)
    for options, head, tail in (([], 50000, 50000), (["-t", "--strip-cr"], 50000, 50000), (["0:100000"], 0, 100000)):
        size = options.pop(0) if options and ":" in options[0] else "100000"
        ended("it", "seq 300000", "--max-output", size, "-o", os.path.abspath("report"), *options)
        log = all_runs()["it"]["log"]
        said = subprocess.run([HOLD, "logs", "it"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        out, kept = said.stdout, len(whole) - log["left_out"]
        check_equal((log["bytes"], len(out)), (len(whole), kept))
        check(head + tail <= kept <= head + tail * 7 / 6 + 10, kept)
        check_equal((out[:head], out[head:]), (whole[:head], whole[len(whole) - (kept - head):]))
        check(b"%d bytes are missing" % log["left_out"] in said.stderr, said.stderr)
        check(sum(os.path.getsize(f"{STORE}/it/{name}") for name in os.listdir(f"{STORE}/it")
                  if name.startswith("d")) == kept, "other bytes are on the disk")
        with open("report", encoding="utf-8") as file:
            report = json.load(file)
        check_equal((report["truncated"], report["output"]), (True, [
            {"stream": "log", "bytes": len(whole), "kept": kept, "left_out": log["left_out"], "lost": 0}]))


@test("a log that holds all of the output has nothing left out, also of exactly the size")
def unbounded():
    for size in ("100", "1M", "2:98"):
        ended("it", "head -c 100 /dev/zero", "--max-output", size)
        check_equal((logs("it"), all_runs()["it"]["log"]), (bytes(100), {"bytes": 100, "lost": 0, "left_out": 0}))


@test("--spill of a detached run has the whole output, with a terminal and without one")
def spill():
    for options, returns in (([], b"\n"), (["-t"], b"\r\n")):
        ended("it", "seq 100000", "--max-output", "1K", "--spill", os.path.abspath("all"), *options)
        with open("all", "rb") as file:
            check_equal(file.read() == numbers(1, 100000).replace(b"\n", returns), True, options)


@test("-f prints what comes until the run has ended")
def follow():
    detach("it", "sh", "-c", "echo one; until test -e go; do sleep 0.05; done; echo two; printf three")
    with subprocess.Popen([HOLD, "logs", "-f", "it"], stdout=subprocess.PIPE) as follower:
        check_equal(follower.stdout.readline(), b"one\n")
        open("go", "w", encoding="utf-8").close()
        check_equal(follower.stdout.read(), b"two\nthree")
        check_equal(follower.wait(), 0)


@test("-f ends when nobody reads it any more")
def reader_goes():
    detach("it", "sh", "-c", "echo one; exec sleep 60")
    follower = subprocess.Popen([HOLD, "logs", "-f", "it"], stdout=subprocess.PIPE)
    check_equal(follower.stdout.readline(), b"one\n")
    follower.stdout.close()
    check(follower.wait() != 0, "it has succeeded")


@test("the beginning of a name is enough if no other begins so")
def abbreviated():
    ended("build-a", "echo a")
    ended("build-b", "echo b")
    ended("build", "echo build")
    check_equal(logs("build"), b"build\n")
    check_equal(logs("build-a"), b"a\n")
    check("2 runs" in says("logs", "build-"), "another message")
    hold("forget", "build-b", "build")
    check_equal(logs("bu"), b"a\n")
    check("the whole name: 'build-a'" in says("forget", "bu"), "another message")


@test("--plain leaves out escape sequences and control characters, and all versions of a line but the last")
def plain():
    for number, (output, wanted) in enumerate((
            (b"\033[1;31mred\033[0m\n", b"red\n"), (b"a\033]0;title\007b\033]8;;x\033\\c\n", b"abc\n"),
            (b"\033(B\033=\033Ptext\033\\x\n", b"x\n"), (b"10%\r50%\r100%\r\nend", b"100%\nend"),
            (b"long line\rx\n", b"x\n"), (b"|\b/\b-\n", b"-\n"), ("ä\bö\n".encode(), "ö\n".encode()),
            (b"bell\007\000\177 tab\tend\n", b"bell tab\tend\n"), ("\x9b\xa0\xe4\n".encode(), "\xa0\xe4\n".encode()),
            (b"cut \033[12\nnext\n", b"cut \nnext\n"), (b"cut \033]8;\nnext\n", b"cut \nnext\n"), (b"", b""),
            (b"\033\033[mx\n\b\b\n", b"x\n\n"), (b"y" * 200000 + b"\n", b"y" * 200000 + b"\n"))):
        with open("output", "wb") as file:
            file.write(output)
        ended(f"it{number}", "cat output")
        check_equal(logs("--plain", f"it{number}"), wanted, output[:40])


@test("a log that is too long has lost its beginning, and says so")
def is_rotated():
    ended("it", "head -c 80000000 /dev/zero | tr '\\0' x; echo; echo last")
    said = subprocess.run([HOLD, "logs", "it"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    kept = len(said.stdout)
    check(56 << 20 <= kept <= 64 << 20, f"{kept} bytes are kept")
    check(f"{80000006 - kept} bytes are missing here".encode() in said.stderr, said.stderr)
    check_equal(said.stdout[-6:], b"\nlast\n")
    check(len(os.listdir(f"{STORE}/it")) <= 18, os.listdir(f"{STORE}/it"))


@test("a segment that is missing is told where it is missing")
def has_gap():
    ended("it", "head -c 20000000 /dev/zero")
    segments = sorted(name for name in os.listdir(f"{STORE}/it") if name.startswith("d"))
    os.unlink(f"{STORE}/it/{segments[1]}")
    said = subprocess.run([HOLD, "logs", "it"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    check_equal(len(said.stdout), 20000000 - (8 << 20))
    check(b"8388608 bytes are missing here" in said.stderr, said.stderr)


@test("bad options and operands are refused")
def misuse():
    for words in ([], ["a", "b"], ["--tail", "-1", "a"], ["--tail", "x", "a"], ["--since", "x", "a"], ["--nope", "a"]):
        says("logs", *words, status=125)
    for operand in ("4711", "4711:1", "a/b", "..", ""):
        says("logs", operand)


@test("output that cannot be written is an error")
def unwritten():
    ended("it", "echo text")
    with open("/dev/full", "wb") as full:
        said = subprocess.run([HOLD, "logs", "it"], stdout=full, stderr=subprocess.PIPE, check=False)
    check_equal(said.returncode, 125)
    check(b"standard output" in said.stderr, said.stderr)


main()
