#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold's own messages on a user's terminal."""
import os
import re
import subprocess

from tap import HOLD, check, check_equal, main, skip, test
from terminal import Terminal

BASE = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}


def messages(*words, **environment):
    terminal = Terminal()
    terminal.end(terminal.run(*words, env={**BASE, **environment}))
    text = terminal.rest()
    terminal.close()
    return text


@test("a message has colour on a terminal")
def colour():
    check("\033[" in messages("no-such-command", TERM="xterm"), "no colour")
    check("\033[" in messages("no-such-command", TERM="xterm", NO_COLOR=""), "no colour, though NO_COLOR is empty")


@test("NO_COLOR, a dumb terminal and an unknown one have none")
def no_colour():
    for environment in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
        text = messages("no-such-command", **environment)
        check("no-such-command" in text, "no message")
        check("\033" not in text, f"{environment}: colour")


@test("what the command's environment is to be does not change the look of hold's messages")
def environment_of_command():
    for words in (("--unset", "NO_COLOR"), ("--env", "NO_COLOR="), ("--clear-env", "--env", "TERM=xterm")):
        check("\033" not in messages(*words, "./no-such-command", TERM="xterm", NO_COLOR="1"), f"{words}: colour")
    check("\033[" in messages("--clear-env", "./no-such-command", TERM="xterm"), "no colour")


@test("without colour a message is the same text")
def same_text():
    coloured = messages("no-such-command", TERM="xterm")
    for escape in ("\033[1;31m", "\033[1;36m", "\033[0m"):
        coloured = coloured.replace(escape, "")
    check_equal(coloured, messages("no-such-command"))


@test("each message is a line of its own while the terminal is raw, too")
def raw():
    text = messages("--tty", "--verbose", "--timeout", "300ms", "sh", "-c", "printf unended; exec sleep 60")
    check("time limit" in text and "SIGTERM" in text, text)
    check_equal(text.count("\n"), text.count("\r\n"), f"ends of lines in {text!r}")


@test("where no terminal is left the message names the limits")
def no_terminal_left():
    limited = ["unshare", "--mount", "sh", "-c",
               'mount -t devpts -o newinstance,ptmxmode=666,max=1 devpts /dev/pts && exec "$@"', "sh"]
    if os.geteuid() != 0 or subprocess.run([*limited, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("no mount namespace of one's own is to be had here")
    done = subprocess.run([*limited, HOLD, "run", "-t", "--", HOLD, "run", "-t", "true"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=False)
    check_equal(done.returncode, 125)
    check(b"terminal kernel.pty.max: No space" in done.stdout and b"max= of devpts" in done.stdout, repr(done.stdout))


def progress(terminal):
    """A run with a process beside, whose command ends when the file end is there."""
    script = "sleep 60 & until test -e end; do sleep 0.02; done"
    with open("out", "w") as out:
        return terminal.run("--progress", "-T", "5m", "-k", "0", "sh", "-c", script, stdout=out,
                            env={**BASE, "TERM": "xterm"})


def let_it_end(terminal, process):
    """What was shown until the end."""
    with open("end", "w"):
        pass
    terminal.end(process, 0)
    text = terminal.rest()
    terminal.close()
    return text


@test("--progress shows time, limit and processes in a line that is gone at the end")
def progress_is_shown():
    terminal = Terminal()
    process = progress(terminal)
    terminal.expect("\r\033[Khold: ")
    terminal.expect("s of 5m, ")
    check(int(terminal.expect(" processes")) >= 2, "the processes are not counted")
    terminal.expect("\r\033[Khold: ")
    text = let_it_end(terminal, process)
    check(text.endswith("\r\033[K") and "\n" not in text, repr(text))


@test("the line of --progress has processor time and memory, and on a narrow terminal what fits")
def progress_fits():
    usage = r"[0-9.]+s, 1 process, CPU \d+%, \d+ [KM]iB"
    shown = {80: usage, 24: r"[0-9.]+s, 1 process", 8: r"\d"}
    terminals = {columns: Terminal(columns=columns) for columns in shown}
    runs = {columns: terminal.run("--progress", "sh", "-c", "until test -e end; do sleep 0.02; done",
                                  env={**BASE, "TERM": "xterm"}) for columns, terminal in terminals.items()}
    for columns, terminal in terminals.items():
        terminal.expect("\r\033[Khold: ")
        line = terminal.expect("\r\033[Khold: ")
        # sleep comes and goes
        check(re.fullmatch(shown[columns].replace("1 process", "[0-9]+ process(?:es)?"), line), repr(line))
    for columns, terminal in terminals.items():
        let_it_end(terminal, runs[columns])


@test("a terminal that cannot erase a line, and a file, have no line of --progress")
def progress_is_not_shown():
    terminal = Terminal()
    terminal.end(terminal.run("--progress", "sleep", "1.5", env={**BASE, "TERM": "dumb"}), 0)
    with open("err", "w") as err:
        terminal.end(terminal.run("--progress", "sleep", "1.5", stderr=err, env={**BASE, "TERM": "xterm"}), 0)
    check_equal((terminal.rest(), os.path.getsize("err")), ("", 0))
    terminal.close()


main()
