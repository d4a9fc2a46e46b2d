#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run -t at a limit: the message and the report say whether the command was waiting for somebody to type."""
import json
import shutil
import sys

from tap import check, check_equal, main, skip, test
from terminal import Terminal

LIMITS = ("200ms", "1s", "5s", "20s")  # a busy machine may take some of them until the command waits


def stopped(*words, limit=LIMITS[0], option="-T"):
    """What hold says, and the report."""
    terminal = Terminal()
    process = terminal.run("-t", option, limit, "-o", "report", "--", *words)
    terminal.end(process, 124)
    seen = terminal.seen.decode()
    terminal.close()
    with open("report", encoding="utf-8") as file:
        return seen, json.load(file)


def waits(word, note, *words, **keywords):
    for limit in LIMITS:
        seen, report = stopped(*words, limit=limit, **keywords)
        if report["waits_for_input"] == word and note in seen:
            return
    check(False, f"{words}: {report['waits_for_input']} and {seen!r}, not {word}")


@test("a command that reads a line, or a password, is said to wait for it at its time limit")
def reads():
    waits("yes", ": it was waiting for input", "cat")
    waits("password", ": it was waiting for a password", "sh", "-c", "stty -echo; read -r x")
    waits("password", ": it was waiting for a password", sys.executable, "-c", "import getpass; getpass.getpass()")


@test("so it is if it was idle")
def is_idle():
    waits("yes", "was idle for", "cat", option="--idle-timeout")


def does_not_wait(*words):
    seen, report = stopped(*words, limit="500ms")
    check_equal(report["waits_for_input"], "no", words)
    check("it was waiting" not in seen, seen)


@test("a command that sleeps or works does not wait for input")
def works():
    does_not_wait("sleep", "60")
    does_not_wait("sh", "-c", "while :; do :; done")


@test("programs that read keys do not wait for input: a shell, an editor, a pager")
def reads_keys():
    names = [name for name in ("bash", "vim", "less") if shutil.which(name)]
    if not names:
        skip("no vim")
    for name in names:
        does_not_wait(*{"bash": ["bash", "--norc", "-i"], "vim": ["vim", "-u", "NONE"],
                        "less": ["less", __file__]}[name])


@test("a wait is an event, once, and another one after something was typed; keys and sleep are none")
def events():
    with open("events", "w", encoding="utf-8"):
        pass
    terminal = Terminal()
    process = terminal.run("-t", "--events", "events", "--", "sh", "-c",
                           "read -r a; stty -echo; read -r b; stty echo -icanon; echo keys; head -c 1; sleep 1")

    def told():
        with open("events", encoding="utf-8") as file:
            return [event["secret"] for event in map(json.loads, file) if event["event"] == "waiting-for-input"]

    terminal.until(lambda: told() == [False], "the first wait is told")
    terminal.type("one\r")
    terminal.until(lambda: told() == [False, True], "the second wait is told")
    terminal.type("two\r")
    terminal.expect("keys")
    terminal.type("k")
    terminal.end(process, 0)
    check_equal(told(), [False, True])
    terminal.close()


@test("without a limit that struck, or without a terminal, the report says nothing of input")
def unknown():
    terminal = Terminal()
    terminal.end(terminal.run("-t", "-o", "report", "--", "true"), 0)
    terminal.end(terminal.run("-q", "-T", "100ms", "-o", "other", "--", "sleep", "60"), 124)
    terminal.close()
    for name in ("report", "other"):
        with open(name, encoding="utf-8") as file:
            check("waits_for_input" not in json.load(file), name)


main()
