#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold list, show, wait, stop and kill with detached runs."""
import json
import os
import signal
import subprocess

from runs import detach, ends, hold, lives, pid, record, says, state, test
from tap import HOLD, check, check_equal, main, until


@test("hold list has those that live, and with --all also the others, the oldest first")
def lists():
    detach("one", "true")
    detach("two", "sleep", "60")
    hold("wait", "one")
    check_equal([line.split()[0] for line in hold("list").splitlines()], ["NAME", "two"])
    check_equal([line.split()[0] for line in hold("list", "-a").splitlines()], ["NAME", "one", "two"])
    check_equal([json.loads(line)["name"] for line in hold("list", "--json").splitlines()], ["two"])


@test("hold list says how each has ended")
def tells():
    detach("exited", "sh", "-c", "exit 3")
    detach("late", "-T", "50ms", "sleep", "60")
    hold("wait", "exited", "late", status=124)
    lines = {line.split()[0]: line for line in hold("list", "-a").splitlines()}
    check("exited 3" in lines["exited"] and "timed out, SIGTERM" in lines["late"], lines)


@test("no byte of a command's words reaches the terminal as a control character")
def cleans():
    detach("it", "sh", "-c", "exit 0", "\033[31m", b"\xff", "two\nlines")
    hold("wait", "it")
    check("\033" not in hold("list", "-a") and len(hold("list", "-a").splitlines()) == 2, hold("list", "-a"))
    check_equal(os.fsencode(record("it")["command"][3]), b"\033[31m")
    check_equal(record("it")["command"][4].encode("utf-8", "surrogateescape"), b"\xff")
    check_equal(record("it")["command"][5], "two\nlines")


@test("hold wait waits for the whole run, and gives up when time is up")
def waits():
    detach("it", "--orphans", "wait", "sh", "-c", "{ until test -e go; do sleep 0.05; done; echo left; } & exit 4")
    check_equal(hold("wait", "-T", "100ms", "it", status=122), "it runs\n")
    open("go", "w", encoding="utf-8").close()
    check_equal(hold("wait", "it", status=4), "it exited 4\n")
    check_equal(hold("logs", "it"), "left\n")


@test("hold wait takes names and references together")
def waits_for_all():
    reference = detach("it", "sleep", "60")
    detach("other", "true")
    waiter = subprocess.Popen([HOLD, "wait", "other", "it", reference], stdout=subprocess.PIPE)
    hold("stop", "it")
    lines = waiter.communicate()[0].decode().splitlines()
    check_equal(lines, ["other exited 0", "it signalled SIGTERM", f"{reference} signalled SIGTERM"])
    check_equal(waiter.returncode, 143)


@test("hold wait ends as hold run would have, by the name of a run and by its reference")
def has_status():
    for status in (0, 1, 3, 42):
        reference = detach("it", "sh", "-c", f"exit {status}")
        for target in ("it", reference):
            check_equal(hold("wait", target, status=status), f"{target} exited {status}\n")
    detach("late", "-T", "50ms", "--signal", "USR1", "--preserve-status", "sleep", "60")
    hold("wait", "it", "late", status=138)
    check_equal(json.loads(hold("wait", "--json", "late", status=138))["signal"], "SIGUSR1")
    check("nobody" in says("wait", "nobody", "it", status=125), "another message")


@test("hold stop ends the run with all of its descendants, and its record has the end then")
def stops():
    reference = detach("it", "sh", "-c", "setsid sleep 60 & echo $! >new; mv new left; sleep 60")
    until(lambda: os.path.exists("left"), "the descendant is there")
    hold("stop", "it")
    check_equal([state("it"), record("it")["signal"]], ["ended", "SIGTERM"])
    with open("left", encoding="utf-8") as file:
        check(not lives(int(file.read())), "the descendant lives")
    check(not lives(pid(reference)), "the command lives")
    check("has ended" in says("stop", "it", status=0), "another message")


@test("hold stop uses the ladder that the run was started with")
def has_ladder():
    detach("it", "--ladder", "USR1,100ms,KILL", "sh", "-c", "trap '' USR1; echo ready; while :; do sleep 0.1; done")
    until(lambda: hold("logs", "it"), "it is ready")
    check("ladder that it was started with" in says("stop", "--ladder", "KILL", "it"), "another message")
    hold("stop", "it")
    check_equal(record("it")["signal"], "SIGKILL")


@test("hold stop ends a run whose holder was stopped")
def continues():
    detach("it", "sleep", "60")
    os.kill(pid(record("it")["hold"]), signal.SIGSTOP)
    hold("stop", "it")
    check_equal(record("it")["signal"], "SIGTERM")


@test("a run does not stop itself")
def spares():
    detach("it", "sh", "-c", f"until test -e go; do sleep 0.05; done; {HOLD} stop it; echo $?; exec sleep 60")
    open("go", "w", encoding="utf-8").close()
    until(lambda: hold("logs", "it").endswith("1\n"), "it has tried")
    check("descends from it" in hold("logs", "it"), hold("logs", "it"))
    check_equal(state("it"), "running")


@test("hold kill signals the command, and after its end nobody")
def kills():
    reference = detach("it", "sh", "-c", "trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.1; done")
    until(lambda: hold("logs", "it"), "it is ready")
    hold("kill", "-s", "USR1", "it")
    check_equal(hold("wait", "it", status=5), "it exited 5\n")
    check("has ended" in says("kill", "it"), "another message")
    ends(pid(reference), "the command")


@test("what ends or forgets takes the whole name")
def whole_names():
    detach("build", "sleep", "60")
    for verb in ("stop", "kill", "wait", "forget"):
        check("the whole name: 'build'" in says(verb, "bui", status=125 if verb == "wait" else 1), verb)
    check_equal(state("build"), "running")
    check("did you mean 'build'?" in says("stop", "biuld"), "no suggestion")


@test("hold show prints the record, and the process if it lives")
def shows():
    reference = detach("it", "sleep", "60")
    check(reference in hold("show", "i") and "state S" in hold("show", "it"), hold("show", "it"))
    hold("stop", "it")
    check("SIGTERM" in hold("show", "it"), hold("show", "it"))


@test("a reference still means a process")
def references():
    reference = detach("it", "sleep", "60")
    hold("stop", reference)
    check_equal(hold("wait", "it", status=143), "it signalled SIGTERM\n")
    says("forget", "1:1")


@test("an operand is no option of list, and list says when it cannot be written")
def misuse():
    detach("it", "true")
    says("list", "it", status=125)
    says("forget", status=125)
    with open("/dev/full", "wb") as full:
        said = subprocess.run([HOLD, "list", "-a"], stdout=full, stderr=subprocess.PIPE, check=False)
        check_equal(said.returncode, 125)
        said = subprocess.run([HOLD, "list", "-a", "--json"], stdout=full, stderr=subprocess.PIPE, check=False)
        check_equal(said.returncode, 125)


main()
