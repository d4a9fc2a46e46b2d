#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --tty on a terminal that other programs use, too: its keys, its lines, its modes."""
import re
import sys
import time

from tap import HOLD, check, check_equal, main, test
from terminal import Terminal

# Reads keys from the terminal itself, without waiting, until it has as many as it wants.
PAGER = ("import os, select, sys, termios, tty\nfd = os.open('/dev/tty', os.O_RDWR | os.O_NONBLOCK)\n"
         "before = termios.tcgetattr(fd); tty.setcbreak(fd); os.write(fd, b'READY')\nkeys = b''\n"
         "while len(keys) < 40:\n  select.select([fd], [], [])\n"
         "  try:\n    keys += os.read(fd, 1)\n  except BlockingIOError:\n    pass\n"
         "termios.tcsetattr(fd, termios.TCSANOW, before)\nos.write(fd, b'GOT %d' % len(keys))")


def shell(terminal, script):
    return terminal.start("sh", "-c", script, "sh", HOLD, sys.executable, PAGER)


@test("the keys are left to the program at the end of the pipe, which reads them all")
def pager():
    terminal = Terminal()
    process = shell(terminal, '"$1" run -t -- sh -c "echo out; sleep 60" | "$2" -c "$3"')
    terminal.expect("READY")
    for _ in range(40):
        terminal.type("j")
        time.sleep(0.01)
    terminal.expect("GOT 40")
    terminal.type("\x03")
    terminal.end(process)
    terminal.close()


@test("a command behind a pipe gets the keys once it reads lines, or changes the terminal's modes")
def reader():
    for script in ("read a; echo got $a", "stty -echo; sleep 0.1; read a; echo got $a"):
        terminal = Terminal()
        process = shell(terminal, f'"$1" run -t -- sh -c "{script.replace("$", chr(92) + "$")}" | cat')
        terminal.type("key\n")
        terminal.expect("got key")
        terminal.end(process, 0)
        terminal.close()


@test("lines that others write to the terminal keep their carriage returns")
def lines():
    terminal = Terminal()
    process = shell(terminal, '"$1" run -t -- sh -c "seq 3; read a; seq 3" | tr -d "\\r"')
    terminal.expect("3\r\n")
    terminal.type("\n")
    terminal.end(process, 0)
    check_equal(re.findall(rb"(?<!\r)\n", terminal.seen), [])
    terminal.close()


@test("two at a time leave the terminal as it was, whichever begins and ends first")
def two():
    for times in (("1", "0", "2"), ("1", "0", "1"), ("2", "0", "1"), ("1", "0.5", "2"), ("2", "0.5", "1")):
        terminal = Terminal()
        before = terminal.modes()
        first, pause, second = times
        process = shell(terminal, f'exec 3<&0; "$1" run -t -- sleep {first} <&3 & sleep {pause}; '
                                  f'"$1" run -t -- sleep {second} <&3 & wait')
        terminal.end(process, 0)
        check(terminal.modes() == before, f"{times}: {terminal.modes()}, not {before}")
        terminal.close()


main()
