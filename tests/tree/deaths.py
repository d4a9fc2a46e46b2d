#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Who dies when the caller, the keeper or the command is killed, or the hold is released: the table of
docs/architecture.md, tried cell by cell."""
import itertools
import os
import re
import signal
import subprocess
import time

from tap import check, check_equal, main, skip, test, until

HOLDER = os.environ["HOLDER"]
PAGE = os.environ["PAGE"]
EVENTS = ["caller killed", "keeper killed", "command killed", "hold released"]
seconds = (f"60.{os.getpid()}{number:03}" for number in itertools.count())  # no other process sleeps as long


def table():
    """containment -> event -> who dies."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    rows = re.search(r"^\| containment \| (.*?) \|\n\|[- |]*\n((?:\|.*\n)+)", text, re.M)
    check(rows, "no table")
    check_equal(rows.group(1).split(" | "), EVENTS)
    found = {}
    for row in rows.group(2).splitlines():
        name, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        found[name] = {event: set(filter(None, cell.split(", "))) for event, cell in zip(EVENTS, cells, strict=True)}
    return found


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def words_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return -1


class Held:
    """A caller with a tree, and who is who in it."""

    def __init__(self, containment):
        self.seconds = next(seconds)
        self.caller = subprocess.Popen([HOLDER, containment, self.seconds], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        word, error = self.caller.stdout.readline().split()
        if word == "error":
            self.caller.wait()
            skip("no control group can be made here" if containment == "cgroup" else
                 "PID namespaces are not allowed here" if containment == "pidns" else "there can be no keeper here")
        until(lambda: len(self.sleepers()) == 2, "the descendants are there")
        self.who = {"command": [pid for pid in self.found() if words_of(pid)[:1] == ["sh"]],
                    "descendants": self.sleepers(),
                    "keeper": [pid for pid in self.found("hold-keeper") if parent_of(pid) == self.caller.pid]}

    def found(self, word=None):
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [pid for pid in pids if pid != self.caller.pid and
                any((word or self.seconds) in each for each in words_of(pid))]

    def sleepers(self):
        return [pid for pid in self.found() if words_of(pid)[:1] == ["sleep"]]

    def act(self, event):
        if event == "hold released":
            self.caller.stdin.write("\n")
            self.caller.stdin.flush()
            check_equal(self.caller.stdout.readline(), "released 0\n")
        elif event == "caller killed":
            self.caller.kill()
            self.caller.wait()
        else:
            os.kill(self.who[event.split()[0]][0], signal.SIGKILL)

    def end(self):
        for pid in self.found():
            os.kill(pid, signal.SIGKILL)
        self.caller.kill()
        self.caller.communicate()


def check_deaths(containment, event, held, dying):
    where = f"{containment}, {event}"
    until(lambda: not any(lives(pid) for who in dying for pid in held.who[who]), f"{where}: {dying} die")
    for who in set(held.who) - dying:
        check(all(lives(pid) for pid in held.who[who]), f"{where}: of the {who} not all live")


def try_row(containment, row):
    held = {event: Held(containment) for event in EVENTS}
    if not held["keeper killed"].who["keeper"]:
        check_equal(row["keeper killed"], set(), f"{containment}: there is no keeper")
        held.pop("keeper killed").end()
    try:
        for event, one in held.items():
            one.act(event)
        for pause in (0, 0.2):  # those that are to live do so a while later too
            time.sleep(pause)
            for event, one in held.items():
                check_deaths(containment, event, one, row[event])
    finally:
        for one in held.values():
            one.end()


def add(containment):
    @test(f"with containment {containment} those die that the table of docs/architecture.md says, and no others")
    def deaths():
        row = table().get(containment)
        check(row, f"no row of {containment}")
        try_row(containment, row)


for way in ("none", "group", "keeper", "pidns", "cgroup"):
    add(way)
main()
