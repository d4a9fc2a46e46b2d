#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Names that would do harm on a terminal, in every message and listing of every verb, through a pipe and a terminal."""
import json
import os
import re
import subprocess

from tap import HOLD, PATIENCE, check, check_equal, main, test
from terminal import Terminal

C1 = [*range(0x80, 0xa0)]
DIRECTIONS = [0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f), *range(0x2066, 0x206a)]
HARMFUL = {*range(0x20), 0x7f, *C1, *DIRECTIONS}
# In the order of their numbers no two bytes from 128 on make a character.
NAMES = {
    "controls and directions": bytes(range(1, 32)) + b"\x7f\x1b]0;title\x07" +
        "".join(map(chr, C1 + DIRECTIONS)).encode(),
    # Each byte by itself, overlong forms, surrogates, beyond the last character, cut ones.
    "no UTF-8": bytes(range(0x80, 0x100)) + b"A\xc0\x8a\xc1\xbf\xe0\x80\x8a\xe0\x9f\xbf\xf0\x80\x80\x8a\xf0\x8f\xbf\xbf"
                b"\xed\xa0\x80\xed\xbf\xbf\xf4\x90\x80\x80\xf5\x80\x80\x80\xf8\x88\x80\x80\x80\xfe\xffA\xe2\x82B"
                b"\xf0\x9f\x98C\xc2D\xe2\x80",
    "a forged line, and harmless ones": b"x\nhold: all is well\rhint: believe it\x1b[2J" +
        "naïve £ ß Ω Ж א ع 中文 한글 \U0001f600 \u00a0\u2027\u202f\u2065\u206a\ufffd".encode(),
}


def cleaned(name):
    """One question mark for each harmful character, and for each byte that is none of UTF-8."""
    return "".join("?" if ord(c) in HARMFUL or 0xdc80 <= ord(c) <= 0xdcff else c
                   for c in name.decode(errors="surrogateescape"))


def through_pipe(words):
    done = subprocess.run([HOLD, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=PATIENCE)
    return done.stdout


def through_terminal(words, columns=4000):
    terminal = Terminal(24, columns)
    terminal.end(terminal.start(HOLD, *words))
    terminal.close()
    return re.sub(rb"\x1b\[(1;3[16]|0)m", b"", terminal.seen).replace(b"\r\n", b"\n")


def check_harmless(text, what):
    """Returns it as text."""
    try:
        text = text.decode()
    except UnicodeDecodeError as error:
        check(False, f"{what}: {error} in {text!r}")
    harm = {hex(ord(c)) for c in text if ord(c) in HARMFUL - {0x0a}}
    check(not harm, f"{what}: {sorted(harm)} in {text!r}")
    return text


def check_messages(name, words, line=r"(hold|hint|timeout|Try)[: ]"):
    """All that is said is harmless, and the name is in it, cleaned; each line begins as one of hold's."""
    for read in (through_pipe, through_terminal):
        text = check_harmless(read(words), f"{words}")
        check(text, f"{words}: nothing is said")
        for each in text.splitlines():
            check(re.match(line, each), f"{words}: {each!r} in {text!r}")
        yield text


def check_told(words, name, whole=True):
    for text in check_messages(name, words):
        check(not whole or cleaned(name) in text, f"{words}: {cleaned(name)!r} is not in {text!r}")


def all_names(function):
    def for_each():
        for name in NAMES.values():
            function(name)
    return for_each


@test("hold run: every argument of an option that is refused", seconds=240)
@all_names
def run_options(name):
    for option in ("--timeout", "--ladder", "--signal", "--kill-after", "--size", "--contain", "--orphans",
                   "--lifeline", "--nice", "--oom-score-adj", "--rlimit", "--user", "--group", "--env"):
        # A part of a ladder is told where it is too long or no signal, up to a comma.
        check_told(["run", f"{option}=".encode() + name, "true"], name, option != "--ladder")
    check_told(["run", b"--rlimit=" + name + b"=1", "true"], name)
    check_told(["run", b"--unset=" + name + b"=", "true"], name)
    check_told(["run", b"--" + name, "true"], name, False)
    check_told(["run", b"-" + name[:1], "true"], name, False)
    check_told(["run", b"--tty=" + name, "true"], name)


@test("hold run: every file and command that is not there", seconds=240)
@all_names
def run_files(name):
    path = b"/nonexistent/" + name
    for option in ("--chdir", "--stdin", "--stdout", "--stderr", "--report", "--audit", "--env-file"):
        check_told(["run", f"{option}=".encode() + path, "true"], name)
    for command in (name, b"./" + name, path, name + b" x"):
        check_told(["run", command], name)
        check_told(["timeout", "9", command], name)
        check_told(["nice", command], name)


def make_sleeper(name):
    """A program of this name, which sleeps."""
    if not os.path.exists(name):
        os.symlink("/bin/sleep", name)
    return b"./" + name


@test("hold run: time limits, signals, lifelines, and what is left", seconds=240)
@all_names
def run_events(name):
    sleeper = make_sleeper(name)
    check_told(["run", "-v", "-T", "50ms", sleeper, "60"], name)
    check(cleaned(name) in check_harmless(through_pipe(["run", "--lifeline", "0", sleeper, "60"]), "lifeline"), name)
    for options in ([], ["-t"]):
        check_told(["run", "-v", "--strict", *options, "--", "sh", "-c", 'setsid "$0" 60 >&- 2>&- <&- & sleep 0.2',
                    sleeper], name)


@test("hold timeout: every message")
@all_names
def timeout(name):
    sleeper = make_sleeper(name)
    check_told(["timeout", name, "true"], name)
    check_told(["timeout", name], name)
    check_told(["timeout", "-s", name, "9", "true"], name)
    check_told(["timeout", "-k", name, "9", "true"], name)
    check_told(["timeout", b"--" + name, "9", "true"], name)
    check_told(["timeout", b"-" + name[:1], "9", "true"], name, False)
    check_told(["timeout", "-v", "-k", "0.05", "0.05", sleeper, "60"], name)


@test("every other verb: every message", seconds=240)
@all_names
def others(name):
    check_told([name], name)
    check_told([b"--" + name], name)
    for verb in ("kill", "killpg", "wait", "stop", "show"):
        check_told([verb, "--", name], name)
        check_told([verb, b"--" + name, "1"], name, False)
        if verb != "killpg":
            check_told([verb, "--", b"1:" + name], name)
    check_told(["kill", "-s", name, "1"], name)
    check_told(["kill", b"-9" + name, "1"], name)
    check_told(["nice", "--pid", "--", name], name)
    check_told(["nice", "-n", name], name)
    check_told(["nice", b"-n", name, "true"], name)
    check_told(["wait", "-T", name, "1"], name)
    check_told(["stop", "--ladder", name, "1"], name, False)
    check_told(["caps", name], name)


@test("hold show: processes and their trees")
@all_names
def show(name):
    process = subprocess.Popen(["sh", "-c", 'sh -c "echo; read x" "$0"; :', name], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdout.read(1)
    try:
        texts = list(check_messages(name, ["show", str(process.pid)], r"\d+:\S+  state \w|`- \d+:\S+  \w  user "))
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
    for text in texts:
        check_equal(text.count("\n"), 2, text)
        # What the library cuts is not told to the end.
        check(all(cleaned(name)[:50] in line for line in text.splitlines()), text)


@test("hold run -o: the report is JSON whatever the names are")
@all_names
def report(name):
    text = through_pipe(["run", "-o", "-", "--", "true", name])
    check_equal(json.loads(text)["command"][1].encode(errors="surrogateescape"), name)


@test("hold show: a line that is cut ends with a whole character", seconds=120)
def cut():
    for text in ("aé", "中", "a\U0001f600", "éb"):
        process = subprocess.Popen(["sh", "-c", 'sh -c "echo; read x" "$0"; :', text * 200], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        process.stdout.read(1)
        lines = [through_terminal(["show", str(process.pid)], columns).decode().splitlines()[1]
                 for columns in range(48, 72)]
        lines += through_pipe(["show", str(process.pid)]).decode().splitlines()
        process.stdin.close()
        process.wait()
        process.stdout.close()
        for columns, line in zip(range(48, 72), lines):
            check(sum(2 if ord(c) > 0x1100 else 1 for c in line) in (columns, columns - 1), f"{columns}: {line!r}")
        check(all("?" not in line for line in lines), f"{lines}")


@test("a wrong option that is cut ends with a whole character")
def cut_option():
    for i in range(4):
        for text in check_messages(b"", ["run", b"--" + b"x" * i + "中".encode() * 100]):
            check("?" not in text, text)


main()
