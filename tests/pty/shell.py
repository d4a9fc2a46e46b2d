# SPDX-License-Identifier: ISC
"""An interactive shell with job control on a user's terminal, and what it runs."""
import os
import re
import shutil

from tap import HOLD, check, skip, test, until
from terminal import Terminal, end_by_force

PROMPT = "prompt> "


def stat(pid):
    """Name, and the fields from the state on."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        before, _, after = file.read().rpartition(") ")
    return before.partition("(")[2], after.split()


def children(pid):
    """The numbers of a process's children that live, by name; those of its keeper in the keeper's place."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            name, fields = stat(entry)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found[name] = int(entry)
    keeper = found.pop("hold-keeper", None)
    return found | children(keeper) if keeper else found


def until_taken(pid):
    """Waits until no signal is pending: two of one number that a process has not yet taken are one to the kernel."""
    def is_none_pending():
        with open(f"/proc/{pid}/status") as file:
            return int(re.search(r"ShdPnd:\s*(\w+)", file.read())[1], 16) == 0
    until(is_none_pending, f"process {pid} takes its signals")


class Shell:
    def __init__(self):
        if not shutil.which("bash"):
            skip("no bash")
        self.terminal = Terminal()
        path = f"{os.path.dirname(HOLD)}:{os.environ['PATH']}"
        environment = {**os.environ, "PS1": PROMPT, "TERM": "dumb", "PATH": path}
        self.process = self.terminal.start("bash", "--norc", "--noprofile", "--noediting", "-i", env=environment)
        self.terminal.expect(PROMPT)
        self.run("stty -echo")

    def begin(self, line):
        self.terminal.type(line + "\n")

    def prompt(self):
        """What was shown before the next prompt."""
        return self.terminal.expect(PROMPT).replace("\r\n", "\n")

    def run(self, line):
        self.begin(line)
        return self.prompt()

    def expect(self, text):
        return self.terminal.expect(text).replace("\r\n", "\n")

    def type(self, text):
        self.terminal.type(text)

    def hold(self):
        """The number of the hold that it runs."""
        until(lambda: "hold" in children(self.process.pid), "the shell runs hold")
        return children(self.process.pid)["hold"]

    def command(self, name):
        """The number of the command, once it has been executed."""
        hold = self.hold()
        until(lambda: name in children(hold), f"hold runs {name}")
        return children(hold)[name]

    def suspend(self):
        """Ctrl-Z. The command may be stopped a moment later than hold; what is typed before that is for it to read."""
        hold = self.hold()
        self.type("\x1a")
        check("Stopped" in self.prompt(), "the shell does not say so")
        until(lambda: all(stat(pid)[1][0] == "T" for pid in [hold, *children(hold).values()]), "all are stopped")

    def is_foreground(self, pid):
        """Whether it has the terminal, and runs: then a character typed is for its group."""
        return os.tcgetpgrp(self.terminal.user) == os.getpgid(pid) and stat(pid)[1][0] != "T"

    def bring_to_foreground(self):
        self.begin("fg")
        self.expect("hold run")
        hold = self.hold()
        until(lambda: all(map(self.is_foreground, [hold, *children(hold).values()])), "the job is in the foreground")

    def end(self):
        self.begin("exit")
        self.terminal.until(lambda: self.process.poll() is not None, "the shell has ended")
        self.terminal.close()

    def abandon(self):
        if self.process.poll() is None:
            self.terminal.hang_up()
            end_by_force(self.process)


def shell_test(sentence, seconds=150):
    """A test with a shell."""
    def add(function):
        @test(sentence, seconds)
        def run():
            shell = Shell()
            try:
                function(shell)
                shell.end()
            finally:
                shell.abandon()
        return function
    return add


def told(text):
    """The numbers that tell-signals said."""
    return [int(number) for number in re.findall(r"(\d+)(?: \d+ \d+)?\n", text)]
