#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a command has switched on at the user's terminal is switched off when it, or hold, is killed."""
import os
import signal
import termios

from tap import check_equal, main, test
from terminal import Terminal, end_by_force, is_alive

ON = "\\033[?1049h\\033[?1;1000;1006h\\033[?2004h\\033[?25l\\033=\\033[>1u\\033[>4;2m"
OFF = "\x1b[<1u\x1b[>4m\x1b>\x1b[?25h\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?1l\x1b[?1049l\x1b[m"


def begun(*words, on=ON, then="read line; exit 7"):
    terminal = Terminal()
    process = terminal.run("--tty", *words, "sh", "-c", f"printf '{on}begun'; {then}")
    terminal.expect("begun")
    return terminal, process


def shown_after(act, status, *words, **keywords):
    terminal, process = begun(*words, **keywords)
    act(terminal, process)
    terminal.end(process, status)
    shown = terminal.rest()
    terminal.close()
    return shown


@test("a command that is killed leaves the screen as it was: what it switched on is switched off, the last first")
def killed():
    check_equal(shown_after(lambda *_: None, 137, then="kill -KILL $$"), OFF)


@test("so does a command that hold ends")
def ended():
    check_equal(shown_after(lambda _, process: process.send_signal(signal.SIGTERM), 143), OFF)
    check_equal(shown_after(lambda *_: None, 124, "--timeout", "2s", "-q", then="sleep 100"), OFF)


@test("a command that ends by itself may leave the screen as it likes")
def ended_by_itself():
    def finish(terminal, _):
        terminal.until_raw()
        terminal.type("\n")
    check_equal(shown_after(finish, 7), "\r\n")


@test("what the command has switched off itself is left alone")
def switched_off():
    on = ON + OFF.replace("\x1b", "\\033")
    check_equal(shown_after(lambda *_: None, 137, on=on, then="kill -KILL $$"), "")


@test("sequences are known in parts, and none is seen within a title or after a cancelled one")
def parts():
    for on, off in (("\\033[?104", ""), ("\\033]0;\\033\\\\\\033[?25l", "\x1b[?25h\x1b[m"),
                    ("\\033]0;title [?25l\\a", ""), ("\\033[?25\\030l", ""), ("\\033[25l", ""), ("\\033[?25$l", "")):
        check_equal(shown_after(lambda *_: None, 137, on=on, then="kill -KILL $$"), off)
    for on, off in (("\\033[=5u", "\x1b[=0u\x1b[m"), ("\\033[=5u\\033[=5;3u", ""), ("\\033(0", "\x1b(B\x1b[m"),
                    ("\\033(0\\033(B", "")):
        check_equal(shown_after(lambda *_: None, 137, on=on, then="kill -KILL $$"), off)
    pieces = "".join(f"printf '{piece}'; sleep 0.02; " for piece in ("\\033", "[", "?", "2", "5", "l"))
    shown = shown_after(lambda *_: None, 137, on="", then=pieces + "kill -KILL $$")
    check_equal(shown, "\x1b[?25l\x1b[?25h\x1b[m")


@test("when hold is killed the keeper switches it off, before it puts the modes back")
def hold_killed():
    for contain in ("keeper", "auto"):
        terminal, process = begun("--contain", contain)
        terminal.until_raw()
        end_by_force(process)
        terminal.expect(OFF)
        terminal.until(lambda: not terminal.is_raw(), "the modes are back")
        terminal.close()


@test("a terminal that is stopped by ^S does not keep the keeper of a killed hold from its work")
def stopped_terminal():
    terminal, process = begun("--contain", "keeper", then="echo $$ >number; read line")
    terminal.until_raw()
    terminal.until(lambda: os.path.exists("number") and os.path.getsize("number"), "the command has said its number")
    with open("number", encoding="ascii") as file:
        number = int(file.read())
    termios.tcflow(terminal.inside, termios.TCOOFF)
    end_by_force(process)
    terminal.until(lambda: not is_alive(number), "the command has ended")
    termios.tcflow(terminal.inside, termios.TCOON)
    terminal.close()


main()
