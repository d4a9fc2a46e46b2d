#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --detach: the start, names, and what the run survives."""
import os
import signal
import subprocess

from runs import STORE, all_runs, detach, ends, hold, lives, pid, record, says, state, test
from tap import HOLD, check, check_equal, main, until


@test("it returns once the program has been executed, with a name and the reference of the command")
def returns():
    name, reference = hold("run", "--detach", "--", "sleep", "60").split()
    check(name.startswith("sleep-"), name)
    check_equal(record(name)["reference"], reference)
    with open(f"/proc/{pid(reference)}/comm", encoding="utf-8") as file:
        check_equal(file.read(), "sleep\n")


@test("a start that fails fails here, with its step and status, and leaves nothing")
def fails():
    check("program ./nope: No such file" in says("run", "--detach", "--name", "x", "--", "./nope", status=127), "step")
    open("file", "w", encoding="utf-8").close()
    says("run", "--detach", "--", "./file", status=126)
    check("working directory" in says("run", "--detach", "-C", "/nonexistent", "--", "true", status=125), "step")
    check_equal(os.listdir(STORE), [".lock"])


@test("the status, the time limit and the end of the command are in the record")
def is_recorded():
    detach("seven", "sh", "-c", "exit 7")
    detach("late", "-T", "100ms", "sleep", "60")
    check_equal(hold("wait", "seven", "late", status=124), "seven exited 7\nlate signalled SIGTERM\n")
    check_equal([record("seven")[key] for key in ("outcome", "exit_status", "status", "timed_out")],
                ["exited", 7, 7, False])
    check_equal([record("late")[key] for key in ("outcome", "signal", "status", "timed_out")],
                ["signalled", "SIGTERM", 124, True])
    check("reached its time limit" in hold("logs", "late"), "what hold says is not in the log")


@test("it lives on when its caller's whole session was killed and its terminal has hung up")
def lives_on():
    master, terminal = os.openpty()
    caller = subprocess.Popen(["setsid", "-c", "sh", "-c", f"{HOLD} run --detach --name it -- sleep 60; exec sleep 60"],
                              stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    until(lambda: os.path.exists(f"{STORE}/it/record") and state("it") == "running" and "reference" in record("it"),
          "it is started")
    reference = record("it")["reference"]
    os.close(master)
    caller.kill()
    caller.wait()
    check(lives(pid(reference)), "the command has ended")
    check_equal(os.getsid(pid(reference)), pid(record("it")["hold"]), "its session")


@test("if the process that holds it is killed, the command and its descendants end, and the state is unknown")
def killed():
    reference = detach("it", "sh", "-c", "setsid sleep 60 & echo $! >new; mv new left; exec sleep 60")
    until(lambda: os.path.exists("left"), "the descendant is there")
    os.kill(pid(record("it")["hold"]), signal.SIGKILL)
    check_equal(hold("wait", "it", status=125), "it unknown\n")
    check("nobody knows how" in says("wait", reference, status=125), "it is not said")
    with open("left", encoding="utf-8") as file:
        ends(int(file.read()), "the descendant")
    check(not lives(pid(reference)), "the command lives")
    check_equal(state("it"), "unknown")


@test("no descriptor of the caller's stays open in it, except those that are named")
def descriptors():
    read, write = os.pipe()
    kept_read, kept_write = os.pipe()
    hold("run", "--detach", "--name", "it", "--fd", str(kept_write), "--", "sleep", "60",
         pass_fds=(write, kept_write))
    os.close(write)
    check_equal(os.read(read, 1), b"", "the end of the pipe")
    links = [os.readlink(f"/proc/{pid(record('it')['reference'])}/fd/{fd}")
             for fd in os.listdir(f"/proc/{pid(record('it')['reference'])}/fd")]
    check(os.readlink(f"/proc/self/fd/{kept_write}") in links, f"the named one is not passed: {links}")
    for fd in (read, kept_read, kept_write):
        os.close(fd)


@test("a caller that reads the output of hold to its end is not kept waiting by the run")
def output_ends():
    said = subprocess.run([HOLD, "run", "--detach", "--", "sleep", "60"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=True)
    check(said.stdout.startswith(b"sleep-"), said.stdout)


@test("its standard input is empty, or the file that --stdin names")
def has_input():
    with open("input", "w", encoding="utf-8") as file:
        file.write("from the file\n")
    detach("none", "cat")
    detach("some", "--stdin", "input", "cat")
    hold("wait", "none", "some")
    check_equal(hold("logs", "none") + hold("logs", "some"), "from the file\n")


@test("a name that lives is refused, and one that has ended is taken over")
def refused():
    reference = detach("it", "sleep", "60")
    check("'it' is running" in says("run", "--detach", "--name", "it", "true", status=125), "another message")
    check(lives(pid(reference)), "the run was stopped")
    hold("stop", "it")
    detach("it", "sh", "-c", "echo later")
    hold("wait", "it")
    check_equal(hold("logs", "it"), "later\n")


@test("--if-running replace stops the run that has the name first")
def replaced():
    reference = detach("it", "sleep", "60")
    later = detach("it", "--if-running", "replace", "sleep", "60")
    check(not lives(pid(reference)) and lives(pid(later)), "both or none live")
    check_equal(record("it")["reference"], later)


@test("--if-running wait begins when the run that has the name has ended")
def waited():
    detach("it", "sh", "-c", "until test -e go; do sleep 0.05; done")
    with subprocess.Popen([HOLD, "run", "--detach", "--name", "it", "--if-running", "wait", "--", "sh", "-c",
                           "test -e go && echo went"], stdout=subprocess.DEVNULL) as later:
        open("go", "w", encoding="utf-8").close()
        check_equal(later.wait(), 0)
    hold("wait", "it")
    check_equal(hold("logs", "it"), "went\n")


@test("of many that want one name at once, one gets it")
def one_of_many():
    callers = [subprocess.Popen([HOLD, "run", "--detach", "--name", "it", "--", "sleep", "60"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(8)]
    printed = [caller.communicate()[0] for caller in callers]
    check_equal(sorted(caller.returncode for caller in callers), [0] + [125] * 7)
    check_equal("".join(line.decode() for line in printed).split()[1], record("it")["reference"])


@test("bad names and options that contradict are refused, and nothing is started")
def misuse():
    for words in (["--name", "1st"], ["--name", "a/b"], ["--name", "."], ["--name", "-"], ["--name", "a" * 65],
                  ["--name", "ä"], ["--name", ""], ["--progress"], ["--orphans", "keep"], ["--if-running", "replace"],
                  ["--name", "a", "--if-running", "never"], ["--keep", "soon"]):
        says("run", "--detach", *words, "--", "touch", "started", status=125)
    says("run", "--keep", "1h", "--", "touch", "started", status=125)
    says("run", "--name", "a", "--if-running", "wait", "--", "touch", "started", status=125)
    check_equal(os.listdir("."), [])
    detach("a" * 64, "true")


@test("on a terminal of its own its output is that of the terminal, and echo is on")
def on_terminal():
    detach("it", "-t", "--size", "91x23", "sh", "-c", "stty size; stty -a | grep -ow -e -echo; test -t 0 && echo tty")
    hold("wait", "it")
    check_equal(hold("logs", "it"), "23 91\r\ntty\r\n")
    check_equal(all_runs()["it"]["terminal"], True)


@test("a run goes on with few descriptors, or it is said why it does not")
def has_few():
    for limit in (10, 14, 16, 17, 18, 22, 26, 40):
        said = subprocess.run(["sh", "-c", f"ulimit -n {limit}; exec {HOLD} run --detach --name it -t -- "
                               "sh -c 'sleep 0.1; exit 3'"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              check=False)
        if said.returncode == 0:
            hold("wait", "it", status=3)
        else:
            check_equal(said.returncode, 125)
            check(b"Too many open files" in said.stderr or b"says why" in said.stderr, (limit, said.stderr))
    check_equal(said.returncode, 0)


main()
