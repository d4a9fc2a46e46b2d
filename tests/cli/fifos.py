#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Files of hold run that nobody reads or writes: they hold hold up for a bounded time, and the start is told."""
import json
import os
import resource
import signal
import subprocess
import threading
import time

from tap import HOLD, PATIENCE, check, check_equal, main, test
from terminal import Terminal


LONG = os.environ.get("LONG")  # the tests that wait for 5 s too


def long_test(sentence):
    return test(sentence) if LONG else lambda function: function


def run(*words, **keywords):
    keywords.setdefault("stdout", subprocess.PIPE)
    keywords.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([HOLD, *words], timeout=PATIENCE, stdin=subprocess.DEVNULL, text=True, **keywords)


def full_pipe():
    """Both ends of a pipe that takes nothing more, its writing end blocking."""
    ends = os.pipe()
    os.set_blocking(ends[1], False)
    for size in (4096, 1):
        try:
            while True:
                os.write(ends[1], b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(ends[1], True)
    return ends


@test("a fifo without a reader for the report or the audit is refused, under the time limit, and nothing is started")
def no_reader():
    os.mkfifo("fifo")
    for option, what in (("--report", "report"), ("--audit", "audit file")):
        done = run("run", "-T", "100ms", option, "fifo", "touch", "started")
        check_equal((done.returncode, done.stdout, done.stderr), (125, "", f"hold: {what} 'fifo': nobody reads it\n"))
    check(not os.path.exists("started"), "it was started")


@long_test("without a time limit it is refused too")
def no_reader_no_limit():
    os.mkfifo("fifo")
    check_equal(run("run", "--report", "fifo", "touch", "started").returncode, 125)
    check(not os.path.exists("started"), "it was started")


@test("a reader that comes a little later is waited for, and has the whole report")
def late_reader():
    os.mkfifo("fifo")
    process = subprocess.Popen([HOLD, "run", "--report", "fifo", "--", "sh", "-c", "exit 3", "x" * 100000])
    time.sleep(0.2)
    with open("fifo") as file:
        text = file.read()
    check_equal(process.wait(), 3)
    check_equal(json.loads(text)["command"][3], "x" * 100000)


@long_test("a report that its reader does not read to the end is an error, and the command has run")
def stalled_reader():
    os.mkfifo("fifo")
    reader = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
    done = run("run", "--report", "fifo", "--", "sh", "-c", ": >started", *["x" * 100000] * 2)
    os.close(reader)
    check_equal((done.returncode, done.stderr), (125, "hold: report 'fifo': nobody reads it\n"))
    check(os.path.exists("started"), "it was not started")


@long_test("a report to a standard output that takes nothing is an error, and the command has run")
def full_output():
    reader, writer = full_pipe()
    done = run("run", "--report", "-", "true", stdout=writer)
    os.close(reader)
    os.close(writer)
    check_equal((done.returncode, done.stderr), (125, "hold: report '-': nobody reads it\n"))


@test("messages to a full pipe are waited for a moment and end nothing but themselves")
def full_messages():
    cases = [(["run", "no-such-command"], 127), (["timeout", "-v", "0.1", "sleep", "60"], 124)]
    if LONG:
        cases += [(["no-such-verb"], 125), (["kill", "x"], 1), (["run", "-v", "-T", "50ms", "sleep", "60"], 124)]
    for words, status in cases:
        reader, writer = full_pipe()
        check_equal(run(*words, stderr=writer).returncode, status, f"{words}")
        os.close(reader)
        os.close(writer)


@test("messages to a terminal that was stopped are waited for a moment and end nothing but themselves")
def stopped_terminal():
    for words, status in ((["run", "no-such-command"], 127), (["run", "-v", "-T", "50ms", "sleep", "60"], 124),
                          (["run", "-t", "-v", "-T", "50ms", "--", "sleep", "60"], 124)):
        terminal = Terminal()
        terminal.type("\x13")
        process = terminal.start(HOLD, *words)
        check_equal(process.wait(timeout=PATIENCE), status, f"{words}")
        terminal.type("\x11")
        terminal.close()


@test("an env file that is a fifo without a writer, or with one that stalls, is read up to the time limit")
def no_writer():
    os.mkfifo("fifo")
    done = run("run", "-T", "200ms", "--env-file", "fifo", "touch", "started")
    check_equal(done.returncode, 125)
    check("'fifo': not written to its end within the time limit" in done.stderr, done.stderr)
    writer = os.open("fifo", os.O_RDWR)
    os.write(writer, b"A=1\nB=")
    check_equal(run("run", "-T", "200ms", "--env-file", "fifo", "touch", "started").returncode, 125)
    os.close(writer)
    check(not os.path.exists("started"), "it was started")


def write_slowly(path, parts):
    with open(path, "wb", 0) as file:
        for part in parts:
            file.write(part)
            time.sleep(0.05)


@test("an env file that is a fifo is read to its end, though its writer comes late and writes slowly")
def slow_writer():
    os.mkfifo("fifo")
    for parts, seen in (([b"A=", b"1\n", b"B=2"], "1 2\n"), ([], " \n")):
        thread = threading.Timer(0.2, write_slowly, ["fifo", parts])
        thread.start()
        done = run("run", "-i", "-e", "PATH=" + os.environ["PATH"], "--env-file", "fifo", "--", "sh", "-c",
                   'echo "$A $B"')
        thread.join()
        check_equal((done.returncode, done.stdout), (0, seen))


@test("an env file that is a pipe which nobody has written into is empty")
def empty_pipe():
    reader, writer = os.pipe()
    os.close(writer)
    done = run("run", "--env-file", f"/dev/fd/{reader}", "true", pass_fds=[reader])
    os.close(reader)
    check_equal((done.returncode, done.stderr), (0, ""))


@test("an audit that nobody reads delays no signal by more than a moment, and a start is not made without it")
def audit():
    os.mkfifo("fifo")
    reader = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open("fifo", os.O_WRONLY | os.O_NONBLOCK)
    process = subprocess.Popen([HOLD, "run", "-q", "--audit", "fifo", "--", "sh", "-c", "echo ready; exec sleep 60"],
                               stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        for size in (4096, 1):
            while True:
                os.write(writer, b"x" * size)
    except BlockingIOError:
        pass
    process.terminate()
    check_equal(process.wait(timeout=PATIENCE), 143)
    process.stdout.close()
    done = run("run", "-T", "60s", "--audit", "fifo", "touch", "started")
    check_equal(done.returncode, 125)
    check(not os.path.exists("started"), "it was started without a line")
    os.close(writer)
    os.close(reader)


@test("a limit on the size of files is an error that is told, and the command has it as ever")
def file_size():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    for option, what in (("--report", "report 'file'"), ("--audit", "")):
        done = run("run", option, "file", "true", preexec_fn=limit)
        check_equal(done.returncode, 125, f"{option} {done.stderr}")
        check("File too large" in done.stderr and what in done.stderr, done.stderr)
    check_equal(run("run", "-q", "--", "sh", "-c", "echo x >file", preexec_fn=limit).returncode, 128 + signal.SIGXFSZ)


main()
