#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold attach at a user's terminal."""
import os
import shutil
import signal
import termios

from peer import make_runtime
from runs import detach, ends, hold, pid, record, says, state, test
from tap import HOLD, check, check_equal, main, until
from terminal import Terminal, is_stopped

DETACH = b"\x1c"
ON = "\\033[?1049h\\033[?2004h\\033[?25l"
OFF = "\x1b[?25h\x1b[?2004l\x1b[?1049l\x1b[m"


def begin(*words):
    make_runtime()
    return detach("it", "-t", *words)


class Attached(Terminal):
    """A terminal with a hold attach on it, of which the first line, that tells the key, was read."""
    def __init__(self, *words, rows=24, columns=80):
        super().__init__(rows, columns)
        self.set_modes(self.modes())
        self.process = self.start(HOLD, "attach", *(words or ["it"]), env={**os.environ, "TERM": "dumb"})
        if "--detach-key=none" not in words:
            self.expect("detaches")
        self.until_raw()

    def detach(self, key=DETACH):
        self.type(key)
        self.is_back(0)
        self.expect("detached: 'it' goes on")

    def is_back(self, status=None):
        """It has ended, and its terminal is as it was."""
        self.end(self.process, status)
        check(not self.is_raw() and self.modes()[3] & termios.ECHO, "the modes are not back")


@test("what is typed goes to the command, what it prints is shown, and the key detaches")
def attaches():
    reference = begin("cat")
    for target in ("it", reference):
        terminal = Attached(target)
        terminal.type(f"a line of {target}\r")
        terminal.expect(f"a line of {target}\r\na line of {target}\r\n")
        terminal.detach()
        terminal.close()
        check_equal(state("it"), "running")
    check("a line of it\r\na line of it\r\n" in hold("logs", "it"), "it is not in the log")


@test("if the run ends meanwhile, hold attach ends as hold run would have")
def has_status():
    begin("sh", "-c", "read line; exit $line")
    terminal = Attached()
    terminal.type("42\r")
    terminal.is_back(42)
    terminal.close()
    detach("it", "-t", "sh", "-c", "read line; kill -KILL $$")
    terminal = Attached()
    terminal.type("\r")
    terminal.is_back(137)
    terminal.close()


@test("what hold itself says of the run ends its lines as a raw terminal needs it")
def has_returns():
    begin("-T", "50ms", "sleep", "60")
    hold("wait", "it", status=124)
    check_equal(hold("logs", "it"), "hold: 'sleep' reached its time limit of 50ms\r\n")


@test("several see one run, and each may leave")
def several():
    begin("cat")
    one, two = Attached(), Attached()
    one.type("from one\r")
    two.expect("from one\r\nfrom one\r\n")
    two.type("from two\r")
    one.expect("from two\r\nfrom two\r\n")
    one.detach()
    two.type("still\r")
    two.expect("still\r\nstill\r\n")
    hold("stop", "it")
    two.is_back(143)
    one.close()
    two.close()


@test("the terminal of the command follows the size of the viewer's")
def follows_size():
    begin("sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do read line || :; done")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    terminal = Attached(rows=33, columns=99)
    terminal.expect("33 99")
    terminal.resize(20, 60)
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.expect("20 60")
    terminal.detach()
    terminal.close()


@test("another key can be chosen, or none, and bad ones are refused")
def has_keys():
    begin("sh", "-c", "stty -isig; echo ready; cat -v")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    terminal = Attached("--detach-key", "ctrl-a", "it")
    terminal.type(b"\x1c\r")
    terminal.expect("^\\\r\n")
    terminal.detach(b"\x01")
    terminal.close()
    terminal = Attached("--detach-key=none", "it")
    terminal.type(b"\x01\x1c\r")
    terminal.expect("^A^\\\r\n")
    terminal.process.terminate()
    terminal.is_back(-signal.SIGTERM)
    terminal.close()
    for key in ("", "a", "ctrl-", "ctrl-1", "ctrl-ab", "^", "^ab", "None"):
        check("not a key" in says("attach", "--detach-key", key, "it", status=125), key)


@test("in pasted text there is no such key")
def pastes():
    begin("sh", "-c", "stty -isig -echo; echo ready; cat -v")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    terminal = Attached()
    for text in (b"\x1b[200~one\x1ctwo\r", b"a\x1b[92;5ub\x1b[20", b"1\x1c~\x1b\x1b[201~three\r"):
        terminal.type(text)
    terminal.expect("^[[200~one^\\two\r\na^[[92;5ub^[[201^\\~^[^[[201~three\r\n")
    terminal.detach()
    terminal.close()


@test("all that is typed reaches a run that takes it late, and what there is no room for is counted")
def types_much():
    begin("sh", "-c", "stty raw -echo; echo ready; until [ -e go ]; do sleep 0.01; done; head -c 900000 | wc -c; cat")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    terminal = Attached()
    terminal.type(b"x" * 900000)
    open("go", "w", encoding="utf-8").close()
    terminal.expect("900000")
    terminal.detach()
    terminal.close()
    detach("it2", "-t", "sh", "-c", "stty raw -echo; echo ready; exec sleep 600")
    until(lambda: "ready" in hold("logs", "it2"), "it is ready")
    terminal = Attached("it2")
    terminal.type(b"x" * 2000000 + DETACH)
    terminal.expect("bytes are lost")
    terminal.is_back(0)
    terminal.close()


@test("the key is found where the terminal was told to send sequences for keys")
def has_sequences():
    begin("cat")
    for key in (b"\x1b[92;5u", b"\x1b[92:124;5:1u", b"\x1b[92;69u", b"\x1b[27;5;92~"):
        terminal = Attached()
        terminal.detach(key)
        terminal.close()


@test("with --read-only nothing is typed, and the key detaches")
def reads_only():
    begin("cat")
    terminal = Attached("-r", "it")
    terminal.type("typed\r")
    other = Attached()
    other.type("from the other\r")
    terminal.expect("from the other\r\nfrom the other\r\n")
    terminal.detach()
    other.detach()
    check("typed" not in hold("logs", "it"), "it was typed")
    terminal.close()
    other.close()


@test("what the command has switched on is on for one who attaches later, and is switched off when he leaves")
def has_screen():
    begin("sh", "-c", f"printf '{ON}'; seq 100000; echo ready; exec cat")
    until(lambda: "ready" in hold("logs", "--tail", "1", "it"), "it is ready")
    terminal = Attached()
    terminal.expect("\x1b[?1049h\x1b[?2004h\x1b[?25l")
    terminal.expect("ready\r\n")
    terminal.type(DETACH)
    terminal.expect(OFF)
    terminal.is_back(0)
    terminal.close()


@test("a hold attach that is killed by any signal leaves the terminal as it was, and the run goes on")
def is_killed():
    begin("sh", "-c", f"printf '{ON}'; echo ready; exec cat")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGKILL):
        terminal = Attached()
        terminal.expect("ready\r\n")
        terminal.process.send_signal(number)
        terminal.expect(OFF)
        terminal.until(lambda: not terminal.is_raw(), "the modes are back")
        check_equal(terminal.end(terminal.process), -number)
        terminal.close()
    check_equal(state("it"), "running")


@test("a terminal that hangs up detaches")
def hangs_up():
    begin("cat")
    terminal = Attached()
    terminal.hang_up()
    terminal.process.wait()
    terminal.close()
    check_equal(state("it"), "running")
    terminal = Attached()
    terminal.detach()
    terminal.close()


@test("a hold attach that is stopped gives the terminal back, and shows the screen again when it goes on")
def is_stopped_and_continued():
    begin("sh", "-c", f"printf '{ON}'; echo ready; exec cat")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    terminal = Terminal()
    shell = terminal.start("sh", "-mc", f"{HOLD} attach it; echo stopped with $?; fg >fg; echo ended with $?")
    terminal.expect("ready\r\n")
    terminal.until_raw()
    number = next(int(name) for name in os.listdir("/proc") if name.isdigit() and is_attach(name))
    os.kill(number, signal.SIGTSTP)
    terminal.expect(OFF)
    terminal.expect("stopped with")
    terminal.expect("\x1b[?1049h\x1b[?2004h\x1b[?25l")
    terminal.until_raw()
    terminal.type("goes on\r")
    terminal.expect("goes on\r\ngoes on\r\n")
    terminal.type(DETACH)
    terminal.expect("ended with 0")
    terminal.end(shell, 0)
    terminal.close()


def is_attach(number):
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        return words[1:3] == [b"attach", b"it"] and os.readlink(f"/proc/{number}/cwd") == os.getcwd() and \
            os.getpgid(int(number)) == int(number) and not is_stopped(number) and os.getsid(int(number)) != int(number)
    except OSError:
        return False


@test("^Z stops no run that nobody could continue")
def typed_stop():
    begin("cat")
    terminal = Attached()
    terminal.type(b"\x1a")
    terminal.expect("^Z")
    terminal.type("goes on\r")
    terminal.expect("goes on\r\ngoes on\r\n")
    terminal.detach()
    terminal.close()


@test("questions in earlier output are not asked again, those that come are")
def asks():
    begin("sh", "-c", "printf 'a\\033[6nb\\033[cd\\033]11;?\\033\\\\e'; read line; printf 'f\\033[6ng'; exec cat")
    until(lambda: hold("logs", "it").endswith("e"), "it is printed")
    terminal = Attached()
    terminal.expect("abde")
    terminal.type("\r")
    terminal.expect("f\x1b[6ng")
    terminal.detach()
    terminal.close()


@test("the socket is made again for one who attaches")
def is_mended():
    begin("cat")
    for cleared in ("runtime/pidhold", "runtime"):
        shutil.rmtree(cleared)
        terminal = Attached()
        terminal.detach()
        terminal.close()


@test("if the process that holds the run is killed, this is said, and the terminal is as it was")
def holder_killed():
    begin("cat")
    terminal = Attached()
    holder = pid(record("it")["hold"])
    os.kill(holder, signal.SIGKILL)
    terminal.is_back(125)
    terminal.expect("nobody knows how")
    terminal.close()
    ends(holder, "the process")


@test("a run does not show itself")
def is_within():
    begin("sh", "-c", f"until test -e go; do sleep 0.05; done; {HOLD} attach it; echo $?; exec cat")
    open("go", "w", encoding="utf-8").close()
    until(lambda: "125" in hold("logs", "it"), "it has tried")
    check("runs in it" in hold("logs", "it"), hold("logs", "it"))


@test("what cannot be attached to is refused by name")
def misuse():
    make_runtime()
    detach("plain", "sleep", "60")
    detach("over", "-t", "true")
    hold("wait", "over")
    for words, said in ((["plain"], "without -t"), (["over"], "has ended"), (["nobody"], "no run has this name"),
                        (["pla"], "the whole name: 'plain'"), ([], "no run"), (["a", "b"], "more than one")):
        terminal = Terminal()
        terminal.end(terminal.start(HOLD, "attach", *words), 125)
        terminal.expect(said)
        terminal.close()
    check("have to be a terminal" in says("attach", "plain", status=125), "another message")


main()
