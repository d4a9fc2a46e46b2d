#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --tty: the modes of the user's terminal, which it has back whatever happens."""
import fcntl
import os
import signal
import subprocess
import sys
import termios

from tap import HOLD, KEPT_SIGNALS, PATIENCE, actor, check, check_equal, main, test
from terminal import Terminal, end_by_force, is_alive, is_stopped

WAITS_FOR_HANG_UP = ("sh", "-c", "trap 'echo >hup; exit 5' HUP; echo ready; while :; do sleep 0.1; done")
TELLS_HANG_UP = ("sh", "-c", "trap 'echo >hup; exit 5' HUP; echo ready; sleep 60 & wait")
WAITS = ("sh", "-c", "echo ready; read line; exit $line")


def odd_terminal():
    """With modes that nobody would guess."""
    terminal = Terminal()
    terminal.set_character(termios.VINTR, b"\x18")
    terminal.set_character(termios.VMIN, b"\x07")
    modes = terminal.modes()
    modes[0] &= ~termios.IXON
    modes[1] &= ~termios.ONLCR
    modes[3] |= termios.TOSTOP
    terminal.set_modes(modes)
    return terminal


def restored_after(act, status, *words, command=WAITS, prepare=None):
    """The terminal is raw while the command runs, and as it was when hold has ended."""
    terminal = odd_terminal()
    before = terminal.modes()
    process = terminal.run("--tty", *words, "--", *command, prepare=prepare)
    terminal.expect("ready")
    terminal.until_raw()
    act(terminal, process)
    terminal.end(process, status)
    check_equal(terminal.modes(), before)
    terminal.close()


@test("the modes are back after a normal end")
def normal_end():
    restored_after(lambda terminal, _: terminal.type("7\n"), 7)


@test("the modes are back after the signals that stop the command or are passed on")
def after_signals():
    for number, status in ((signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, -2), (signal.SIGUSR1, 138),
                           (signal.SIGALRM, 142), (signal.SIGVTALRM, 154), (signal.SIGXCPU, 152)):
        restored_after(lambda _, process: process.send_signal(number), status)


@test("the modes are back after a signal that ends hold itself")
def after_own_end():
    for number in (signal.SIGABRT, signal.SIGSYS):
        restored_after(lambda _, process: process.send_signal(number), -number)


# A sanitizer has handlers of its own for the signals of faults, and hold leaves a handler that it finds.
HANDLED = ("segv", "sigbus", "sigfpe", "sigill", "sigtrap", "abort")
os.environ["ASAN_OPTIONS"] = ":".join([os.environ.get("ASAN_OPTIONS", "")] + [f"handle_{name}=0" for name in HANDLED])


@test("the modes are back after every signal whose default is an end, without a keeper too", seconds=300)
def after_every_signal():
    spared = {signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD,
              signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGPIPE, signal.SIGXFSZ}
    # hold ignores the last two. What the C library keeps for itself no program can catch.
    for contain in ("none", "group", "keeper"):
        for number in sorted(set(range(1, signal.SIGRTMAX + 1)) - spared - KEPT_SIGNALS):
            # Whether it ends hold or is passed on, and ends the command, is not the question here.
            restored_after(lambda _, process: process.send_signal(number), None, "--contain", contain)


@test("the modes are back after SIGKILL, and the command is gone: its keeper does that")
def after_kill():
    terminal = odd_terminal()
    before = terminal.modes()
    process = terminal.run("--tty", "--contain", "keeper", "--", "sh", "-c", "echo ready-$$; sleep 60; :")
    terminal.expect("ready-")
    command = int(terminal.expect("\r\n"))
    terminal.until_raw()
    process.kill()
    check_equal(process.wait(), -signal.SIGKILL)
    terminal.until(lambda: terminal.modes() == before, "the modes are back")
    terminal.until(lambda: not is_alive(command), "the command has ended")
    terminal.close()


@test("the modes are back after a time-out")
def after_timeout():
    restored_after(lambda *_: None, 124, "--timeout", "2s")


@test("the modes are back after a ladder that reached KILL")
def after_ladder():
    restored_after(lambda *_: None, 124, "--timeout", "2s", "--kill-after", "50ms",
                   prepare=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))


@test("the modes are back after a command that was killed")
def after_kill():
    restored_after(lambda terminal, _: terminal.type("\n"), 137,
                   command=("sh", "-c", "echo ready; read line; kill -KILL $$"))


@test("the modes are back when the report cannot be written")
def after_report():
    restored_after(lambda terminal, _: terminal.type("0\n"), 125, "--report", "/dev/full")


@test("the modes are untouched by a start that fails")
def failed_start():
    terminal = odd_terminal()
    before = terminal.modes()
    for words, status in ((["no-such-command"], 127), (["--chdir", "/nonexistent", "true"], 125), (["/"], 126),
                          (["--no-such-option"], 125)):
        terminal.end(terminal.run("--tty", *words), status)
        check_equal(terminal.modes(), before)
    terminal.close()


@test("modes that the command sets on its terminal do not reach the user's")
def inner_modes():
    terminal = odd_terminal()
    before = terminal.modes()
    process = terminal.run("--tty", "sh", "-c", "stty raw -echo intr ^Y; echo ready; exec head -c 1")
    terminal.expect("ready")
    terminal.until_raw()
    terminal.type("x")
    terminal.end(process, 0)
    check_equal(terminal.modes(), before)
    terminal.close()


# Leads the session as a shell does, with its job in a group of its own in front of the terminal, and says nothing.
LEADER = """
import os, signal, sys
job = os.fork()
if job == 0:
    os.setpgrp()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
"""


class Job:
    """hold run --tty under a process that can continue it."""

    def __init__(self, terminal, *command):
        self.leader = terminal.start(sys.executable, "-c", LEADER, HOLD, "run", "--tty", *command)
        self.poll, self.wait = self.leader.poll, self.leader.wait
        terminal.expect("ready")
        terminal.until_raw()
        with open(f"/proc/{self.leader.pid}/task/{self.leader.pid}/children", encoding="ascii") as file:
            self.pid = int(file.read())

    def send_signal(self, number):
        os.kill(self.pid, number)

    @property
    def returncode(self):
        return self.leader.returncode


def suspended(process, terminal, before):
    process.send_signal(signal.SIGTSTP)
    terminal.until(lambda: is_stopped(process.pid), "hold is stopped")
    check_equal(terminal.modes(), before)


@test("TSTP sent to hold suspends it with the modes restored, and CONT makes the terminal raw again")
def suspend():
    terminal = odd_terminal()
    before = terminal.modes()
    process = Job(terminal, *WAITS)
    for _ in range(5):
        terminal.until_raw()
        suspended(process, terminal, before)
        process.send_signal(signal.SIGCONT)
    terminal.until_raw()
    terminal.type("7\n")
    terminal.end(process, 7)
    check_equal(terminal.modes(), before)
    terminal.close()


@test("modes that the user sets while hold is suspended are those that it restores")
def modes_set_meanwhile():
    terminal = odd_terminal()
    before = terminal.modes()
    process = Job(terminal, *WAITS)
    suspended(process, terminal, before)
    terminal.set_character(termios.VQUIT, b"\x19")
    before = terminal.modes()
    process.send_signal(signal.SIGCONT)
    terminal.until_raw()
    terminal.type("7\n")
    terminal.end(process, 7)
    check_equal(terminal.modes(), before)
    terminal.close()


@test("the command runs on while hold is suspended, and sees the new size when it is continued")
def size_set_meanwhile():
    terminal = Terminal(24, 80)
    before = terminal.modes()
    process = Job(terminal, actor("tell-signals"))
    suspended(process, terminal, before)
    terminal.resize(44, 111)
    process.send_signal(signal.SIGCONT)
    terminal.expect("28 44 111")
    process.send_signal(signal.SIGTERM)
    terminal.end(process, 0)
    terminal.close()


@test("TSTP sent to a hold that nobody could continue is ignored, as the kernel ignores it there")
def suspended_by_nobody():
    for words in (("--tty",), ()):
        terminal = Terminal()
        process = terminal.run(*words, "--", *WAITS)
        terminal.expect("ready")
        process.send_signal(signal.SIGTSTP)
        terminal.type("7\n")
        terminal.end(process, 7)
        terminal.close()


@test("a hold that was stopped by force makes the terminal raw again when it is continued")
def stopped_by_force():
    terminal = Terminal()
    before = terminal.modes()
    process = terminal.run("--tty", *WAITS)
    terminal.expect("ready")
    terminal.until_raw()
    try:
        process.send_signal(signal.SIGSTOP)
        terminal.until(lambda: is_stopped(process.pid), "hold is stopped")
        terminal.set_modes(before)  # as a shell does
        process.send_signal(signal.SIGCONT)
        terminal.until_raw()
        terminal.type("7\n")
        terminal.end(process, 7)
        check_equal(terminal.modes(), before)
    finally:
        end_by_force(process)
        terminal.close()


@test("TERM ends a hold that is suspended, once it is continued")
def term_while_suspended():
    terminal = odd_terminal()
    before = terminal.modes()
    process = Job(terminal, *WAITS)
    suspended(process, terminal, before)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    terminal.end(process, 143)
    check_equal(terminal.modes(), before)
    terminal.close()


@test("a hang-up of the user's terminal sends HUP to the command, and hold ends with it")
def hang_up():
    with open("/dev/null", "rb") as null:
        for stdin in (None, null):
            terminal = Terminal()
            process = terminal.run("--tty", *TELLS_HANG_UP, stdin=stdin)
            terminal.expect("ready")
            terminal.hang_up()
            check_equal(process.wait(PATIENCE), 5)
            check(os.path.exists("hup"), "the command had no HUP")
            os.remove("hup")
            terminal.close()


@test("so does a hang-up without --tty where hold leads the session: the kernel tells that leader alone")
def hang_up_of_leader():
    for options in ((), ("-k", "1m")):
        terminal = Terminal()
        process = terminal.run(*options, *WAITS_FOR_HANG_UP)
        terminal.expect("ready")
        terminal.hang_up()
        try:
            check_equal(process.wait(PATIENCE), 5)
        except subprocess.TimeoutExpired:
            process.kill()
            check(False, "hold has not passed it on")
        check(os.path.exists("hup"), "the command had no HUP")
        os.remove("hup")
        terminal.close()


@test("so does a hang-up of a terminal that is not hold's controlling terminal")
def hang_up_of_other():
    terminal = Terminal()
    process = subprocess.Popen([HOLD, "run", "--tty", *TELLS_HANG_UP], stdin=terminal.inside, stdout=terminal.inside,
                               start_new_session=True)
    try:
        terminal.expect("ready")
        terminal.hang_up()
        try:
            check_equal(process.wait(PATIENCE), 5)
        except subprocess.TimeoutExpired:
            check(False, "hold has not noticed")
    finally:
        end_by_force(process)
        terminal.close()


@test("the command is hung up when hold is killed")
def killed():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", "echo pid=$$.; exec sleep 60")
    terminal.expect("pid=")
    pid = int(terminal.expect("."))
    end_by_force(process)
    terminal.until(lambda: not is_alive(pid), "the command has ended")
    terminal.close()


@test("descriptors that hold shares with its caller are never made non-blocking")
def blocking():
    terminal = Terminal()

    def flags():
        check(not fcntl.fcntl(terminal.inside, fcntl.F_GETFL) & os.O_NONBLOCK, "it is non-blocking")

    process = terminal.run("--tty", "sh", "-c", "stty raw -echo; echo ready; exec head -c 200000")
    terminal.expect("ready")
    flags()
    for _ in range(100):
        terminal.type(2000 * "x")
        flags()
    terminal.end(process, 0)
    flags()
    terminal.close()


@test("so it is with pipes and files")
def blocking_pipes():
    stdin, feed = os.pipe()
    drain, stdout = os.pipe()
    process = subprocess.Popen([HOLD, "run", "--tty", "cat"], stdin=stdin, stdout=stdout)
    for _ in range(50):
        os.write(feed, b"line\n")
        said = b""
        while len(said) < 6:  # which may come in pieces
            said += os.read(drain, 6 - len(said))
        check_equal(said, b"line\r\n")
        for fd in (stdin, stdout):
            check(not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK, "it is non-blocking")
    os.close(feed)
    check_equal(process.wait(PATIENCE), 0)
    for fd in (stdin, stdout):
        check(not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK, "it is non-blocking")
    for fd in (stdin, drain, stdout):
        os.close(fd)


main()
