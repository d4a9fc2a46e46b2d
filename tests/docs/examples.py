#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The programs of examples/ print what they are there to show."""
import os
import re
import subprocess

from tap import check, check_equal, main, test
from transcript import BUILD, environment, tells_status_of_others


def run(name, *arguments):
    """(exit status, output, messages)"""
    program = subprocess.run([os.path.join(BUILD, "examples", name), *arguments], env=environment(),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return (program.returncode, program.stdout.decode().replace("\r\n", "\n"), program.stderr.decode())


def check_run(is_, status, pattern, messages=""):
    check(is_[0] == status and re.fullmatch(pattern, is_[1]) and is_[2] == messages,
          f"{is_}, not {(status, pattern, messages)}")


@test("start-and-wait tells an exit status, a signal and a start that fails, and ends alike")
def start_and_wait():
    check_run(run("start-and-wait", "sh", "-c", "exit 3"), 3, "exit status 3\n")
    check_run(run("start-and-wait", "sh", "-c", "kill -9 $$"), 137, "ended by signal 9\n")
    check_run(run("start-and-wait", "/nope"), 125, "",
              "cannot start /nope: program /nope: No such file or directory\n")
    check_run(run("start-and-wait"), 125, "", "usage: start-and-wait COMMAND [ARGUMENT...]\n")


@test("terminal-with-timeout shows a terminal of the size given, and is out of time")
def terminal_with_timeout():
    check_run(run("terminal-with-timeout"), 0, r"/dev/pts/\d+\n25 77\nout of time: ended by signal 1\n")


@test("adopt ends a process of somebody else's, and leaves one alone that has ended")
def adopt():
    victim = subprocess.Popen(["sleep", "60"])
    adopter = subprocess.Popen([os.path.join(BUILD, "examples", "adopt"), str(victim.pid)], env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check_equal(victim.wait(), -15, "the victim")
    output = adopter.communicate()[0].decode()
    end = "ended: signal 15" if tells_status_of_others() else "ended; this system tells nobody how"
    check(re.fullmatch(rf"holding {victim.pid}:\S+\n{end}\n", output), output)
    check_equal(adopter.returncode, 0, "adopt")
    reference = output.split()[1]
    check_run(run("adopt", reference), 0, f"{reference} ended before\n")
    check_run(run("adopt", "0"), 1, "", "cannot hold 0: Invalid argument\n")


@test("forkpty shows the child's terminal, and how many threads there were")
def forkpty():
    check_run(run("forkpty"), 0, r"/dev/pts/\d+\nforked from 1 thread\(s\), exit status 0\n")


@test("audit is told of each act before it, and forbids SIGKILL")
def audit():
    check_run(run("audit"), 0, r"pidhold\.spawn \S*/sleep\n"
              "pidhold.signal PID SIGKILL\nSIGKILL: Operation not permitted\n"
              "pidhold.signal PID SIGTERM\nSIGTERM: (Success|No error information)\n")


@test("poll-loop tells what three commands print and then how they end, as it comes")
def poll_loop():
    status, output, messages = run("poll-loop")
    check_equal((status, messages), (0, ""))
    for number, word, end in ((1, "one", "exit status 1"), (2, "two", "exit status 2"), (3, "three", "signal 9")):
        own = [line for line in output.splitlines() if line.startswith(f"{number} ")]
        check_equal(own, [f"{number} printed {word}", f"{number} ended: {end}"])
    check_equal(len(output.splitlines()), 6, "lines")


main()
