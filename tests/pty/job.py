#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --tty as a job: a program that runs alone is stopped by Ctrl-Z, and its orphans keep the terminal."""
import os
import signal
import subprocess
import sys

from shell import children, shell_test, stat
from tap import HOLD, PATIENCE, check, check_equal, main, test, until
from terminal import Terminal, is_stopped

FULL_SCREEN = """
import os, signal, sys
# By write: one signal may come while another is handled, and print() is not made for that.
signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b"%d;" % os.get_terminal_size().lines))
print("\\033[?1049h\\033[?25lbegun", flush=True)
for line in sys.stdin:
    if line == "end\\n":
        break
    print("got-" + line, end="", flush=True)
"""


def contained():
    """Whether there is a keeper here, which leads the session."""
    out = subprocess.run([HOLD, "run", "--tty", "ps", "-o", "comm="], capture_output=True, timeout=PATIENCE).stdout
    return b"hold-keeper" in out


def until_stopped(shell, name):
    hold = shell.hold()
    until(lambda: is_stopped(hold) and is_stopped(children(hold)[name]), "hold and the command are stopped")


@shell_test("Ctrl-Z stops a program that runs alone, and hold with it; fg continues both")
def lone(shell):
    before = shell.terminal.modes()
    shell.begin("hold run --tty sh -c 'echo begun; read line; echo got-$line; exit 3'")
    shell.expect("begun")
    shell.terminal.until_raw()
    for _ in range(3):
        shell.type("\x1a")
        check("Stopped" in shell.prompt(), "the shell does not say so")
        until_stopped(shell, "sh")
        check_equal(shell.terminal.modes(), before)
        shell.begin("fg")
        shell.terminal.until_raw()
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()
    check("3" in shell.run("echo status=$?"), "not the status of the command")


@shell_test("so it does if the program does not read: the key is the user's terminal's then")
def lone_without_reading(shell):
    shell.begin("hold run --tty sh -c 'echo begun; exec sleep 100'")
    shell.expect("begun")
    shell.command("sleep")
    for _ in range(3):
        shell.type("\x1a")
        check("Stopped" in shell.prompt(), "the shell does not say so")
        until_stopped(shell, "sleep")
        shell.begin("fg")
        until(lambda: not is_stopped(children(shell.hold())["sleep"]), "the command goes on")
    shell.type("\x03")
    shell.prompt()
    check("130" in shell.run("echo status=$?"), "not interrupted")


@shell_test("a full-screen program that is stopped leaves its screen to the shell, and is drawn anew when it goes on")
def full_screen(shell):
    with open("program.py", "w", encoding="ascii") as file:
        file.write(FULL_SCREEN)
    shell.begin(f"hold run --tty {sys.executable} program.py")
    shell.expect("\x1b[?1049h\x1b[?25lbegun")
    shell.terminal.until_raw()
    shell.type("\x1a")
    shown = shell.prompt()
    check(shown.index("\x1b[?25h") < shown.index("\x1b[?1049l") < shown.index("Stopped"), repr(shown))
    shell.begin("fg")
    shown = shell.expect("24;")
    check(shown.index("\x1b[?1049h") < shown.index("\x1b[?25l"), repr(shown))
    shell.type("end\n")
    shell.prompt()


@shell_test("a command that another process has stopped stops hold too, and fg continues it")
def stopped_by_another(shell):
    shell.begin("hold run --tty sh -c 'echo begun; read line; echo got-$line'")
    shell.expect("begun")
    os.kill(shell.command("sh"), signal.SIGSTOP)
    check("Stopped" in shell.prompt(), "the shell does not say so")
    shell.begin("fg")
    shell.terminal.until_raw()
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()


@test("where no shell could continue it, a Ctrl-Z stops nothing")
def without_shell():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", "echo begun; read line; echo got-$line")
    terminal.expect("begun")
    terminal.until_raw()
    for _ in range(10):
        terminal.type("\x1a")
    terminal.type("this\n")
    terminal.expect("got-this")
    terminal.end(process, 0)
    terminal.close()


@test("descendants keep the terminal when the command ends: no line of a filter is lost")
def filtered():
    if not contained():
        return
    line = "exec > >(sed s/^/x:/); seq 1 500"
    for _ in range(20):
        terminal = Terminal()
        terminal.end(terminal.run("--tty", "bash", "-c", line), 0)
        check_equal(terminal.rest().count("x:"), 500)
        terminal.close()


@test("with --new-session the command leads the session, else the keeper; the command is in the foreground")
def leader():
    what = ["ps", "-o", "pid=,pgid=,sid=,tpgid=,comm=", "-p"]
    for words, leads in ((("--new-session",), True), (("--contain", "none"), True), ((), not contained())):
        shown = subprocess.run([HOLD, "run", "--tty", *words, "sh", "-c", " ".join([*what, "$$"])],
                               capture_output=True, timeout=PATIENCE).stdout.decode().split()
        pid, group, session, foreground = shown[:4]
        check_equal((group, foreground, session == pid), (pid, pid, leads))


main()
