#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --record and --log: what a terminal showed is in a file, and no password is."""
import json
import os
import resource
import signal
import subprocess
import sys

from tap import HOLD, PATIENCE, check, check_equal, main, test, until
from terminal import Terminal


def run(*words, status=0, prepare=None, pass_fds=()):
    """What the command prints, without input; of a failure what hold says."""
    done = subprocess.run([HOLD, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=prepare,
                          stderr=subprocess.PIPE, timeout=PATIENCE, pass_fds=pass_fds)
    check_equal(done.returncode, status, f"exit status, said: {done.stderr!r}")
    return done.stdout if status == 0 else done.stderr.decode()


def parsed(file="cast"):
    """The header, and the events."""
    with open(file, encoding="utf-8") as lines:
        text = lines.read()
    check(text.endswith("\n"), "the last line is whole")
    header, *events = [json.loads(line) for line in text.splitlines()]
    return header, events


def data(events, code="o"):
    return "".join(event[2] for event in events if event[1] == code)


def python(text):
    return [sys.executable, "-c", text]


@test("a recording has the terminal, the command, what was printed when, and the exit status")
def whole():
    out = run("-t", "--size", "100x30", "--name", "demo", "--record", "cast", "-e", "TERM=vt100", "--", "sh", "-c",
              "echo one; sleep 0.02; printf 'a\\033[1m\\t\"\\\\b'; exit 0")
    header, events = parsed()
    check_equal([header[key] for key in ("version", "width", "height", "title")], [2, 100, 30, "demo"])
    check_equal(header["env"]["TERM"], "vt100")
    check_equal(header["command"], "sh -c 'echo one; sleep 0.02; printf '\\''a\\033[1m\\t\"\\\\b'\\''; exit 0'")
    check(header["timestamp"] > 1e9, header)
    check_equal(data(events), out.decode())
    check_equal(events[-1][1:], ["m", "exited with status 0"])
    times = [event[0] for event in events]
    check(times == sorted(times) and times[-1] >= 0.02, times)


@test("version 3 has intervals, the terminal's kind, and the exit status as an event")
def version_3():
    run("-t", "--record", "cast", "--record-format", "3", "-e", "TERM=vt100", "--", "sh", "-c",
        "echo one; sleep 0.05; echo two; sleep 0.05; exit 7", status=7)
    header, events = parsed()
    check_equal(header["version"], 3)
    check_equal(header["term"], {"cols": 80, "rows": 24, "type": "vt100"})
    check_equal(events[-1][1:], ["x", "7"])
    check_equal(data(events), "one\r\ntwo\r\n")
    two = [event[0] for event in events if "two" in event[2]]
    check(two and two[0] >= 0.04 and events[-1][0] >= 0.04, events)


@test("the log has the plain bytes, and + appends to it")
def log():
    script = "printf 'a\\377\\000\\033[1mb\\n'"
    for name in ("log", "+log"):
        check_equal(run("-t", "--log", name, "--", "sh", "-c", script), b"a\xff\0\033[1mb\r\n")
    with open("log", "rb") as file:
        check_equal(file.read(), 2 * b"a\xff\0\033[1mb\r\n")


CHARACTERS = "".join(chr(base + i) for base in (0xe9, 0x800, 0x20ac, 0xd000, 0x1f600, 0x100000) for i in range(167))


@test("none of 1,000 characters that are printed byte by byte is split between two events")
def split():
    run("-t", "--record", "cast", "--log", "log", "--", *python(
        "import os\nfor byte in bytes.fromhex('%s'): os.write(1, bytes([byte]))" % CHARACTERS.encode().hex()))
    _, events = parsed()
    check_equal(data(events), CHARACTERS)
    with open("log", encoding="utf-8") as file:
        check_equal(file.read(), CHARACTERS)


@test("bytes that are no UTF-8 become U+FFFD, also at the end")
def invalid():
    wrong = b"a\xff\xc0\x80b\xed\xa0\x80c\xf5d\xe2\x82e\xf0\x9f"
    run("-t", "--record", "cast", "--", *python(
        f"import os\nfor byte in {wrong!r}: os.write(1, bytes([byte]))"))
    text = data(parsed()[1])
    check_equal([part for part in text.split("\ufffd") if part], list("abcde"))
    check(text.endswith("e\ufffd\ufffd"), text)


@test("long output is recorded to its last byte")
def long_output():
    run("-t", "--record", "cast", "--log", "log", "--", "seq", "300000")
    wanted = "".join(f"{i}\r\n" for i in range(1, 300001))
    check(data(parsed()[1]) == wanted, "all of it")
    with open("log") as file:
        check(file.read() == wanted.replace("\r", ""), "all of it in the log")  # universal newlines


@test("a size that changes is an event")
def sizes():
    terminal = Terminal(24, 80)
    process = terminal.run("-t", "--record", "cast", "--", "sh", "-c", "echo ready; read x; stty size; read x")
    terminal.expect("ready")
    terminal.resize(40, 132)
    process.send_signal(signal.SIGWINCH)
    terminal.type("\r")
    terminal.expect("40 132")
    terminal.type("\r")
    terminal.end(process, 0)
    terminal.close()
    _, events = parsed()
    check_equal([event[2] for event in events if event[1] == "r"], ["132x40"])


@test("the signals of a time limit are markers")
def markers():
    run("-t", "-q", "-T", "0.1", "--record", "cast", "--", "sleep", "30", status=124)
    labels = [event[2] for event in parsed()[1] if event[1] == "m"]
    check_equal(labels[-1], "killed by SIGTERM")
    check("TERM: time limit" in labels[0], labels)


def typed_into(*words, script, steps):
    terminal = Terminal()
    process = terminal.run("-t", "--record", "cast", *words, "--", *script)
    for wait, text in steps:
        terminal.expect(wait)
        terminal.type(text)
    terminal.end(process, 0)
    terminal.close()
    return parsed()[1]


LINE = ["sh", "-c", "echo ready; read x; sleep 0.3; echo done"]


@test("input is recorded only when that is asked for")
def only_if_asked():
    check_equal(data(typed_into(script=LINE, steps=[("ready", "hidden\r")]), "i"), "")
    check_equal(data(typed_into("--record-input", script=LINE, steps=[("ready", "shown\r")]), "i"), "shown\r")


@test("keys that are not echoed are recorded from a program that reads keys")
def keys():
    script = python("import os, tty; tty.setraw(0); os.write(1, b'ready'); os.read(0, 9); "
                    "import time; time.sleep(1); os.write(1, b'!')")
    check_equal(data(typed_into("--record-input", script=script, steps=[("ready", "j\u00e9")]), "i"), "j\u00e9")


@test("no password is recorded, whether it is typed before echo is off or after")
def passwords():
    asks = python(r"""
import getpass, os, select, termios, time, tty
modes = termios.tcgetattr(0)
silent = list(modes)
silent[3] &= ~termios.ECHO
for i in range(20):
    getpass.getpass(f"ask {i}>")
    tty.setraw(0)
    os.write(1, b"ahead %d>" % i)
    select.select([0], [], [])
    termios.tcsetattr(0, termios.TCSANOW, silent)
    os.write(1, b"sure %d>" % i)
    said = b""
    while b"yes" not in said:
        said += os.read(0, 100)
    termios.tcsetattr(0, termios.TCSANOW, modes)
time.sleep(1)
print("taken")
""")
    steps = [step for i in range(20) for step in ((f"ask {i}>", f"se{i}cret\r"), (f"ahead {i}>", f"se{i}cret"),
                                                  (f"sure {i}>", "yes\r"))]
    events = typed_into("--record-input", "--log", "log", script=asks, steps=steps)
    check_equal(data(events, "i"), "")
    for name in ("cast", "log"):
        with open(name) as file:
            text = file.read()
        check("cret" not in text and "taken" in text, f"a password is in {name}")


if os.environ.get("LONG"):
    @test("of 1,000 passwords that are typed 200 ms before echo is off none is recorded", 600)
    def slow_prompts():
        asks = python(r"""
import os, termios, time, tty
modes = termios.tcgetattr(0)
silent = list(modes)
silent[3] &= ~termios.ECHO
for i in range(100):
    tty.setraw(0)
    os.write(1, b"ask %d>" % i)
    time.sleep(0.2)
    termios.tcsetattr(0, termios.TCSAFLUSH, silent)
    os.write(1, b"again %d>" % i)
    while b"secret" not in os.read(0, 100):
        pass
""")
        terminals = [Terminal() for _ in range(10)]
        processes = [terminal.run("-t", "--record", f"cast{n}", "--record-input", "--", *asks)
                     for n, terminal in enumerate(terminals)]
        for i in range(100):
            for prompt in (f"ask {i}>", f"again {i}>"):
                for terminal in terminals:
                    terminal.expect(prompt)
                    terminal.type("secret\r")
        for n, (terminal, process) in enumerate(zip(terminals, processes)):
            terminal.end(process, 0)
            terminal.close()
            check_equal(data(parsed(f"cast{n}")[1], "i"), "")


@test("files that cannot be written are refused before the command is started")
def refused():
    for words, said in ((["--record", "none/cast"], "--record 'none/cast': No such file or directory"),
                        (["--log", "none/log"], "--log 'none/log': No such file or directory"),
                        (["--record", "cast", "--log", "none/log"], "--log 'none/log'"),
                        (["--record", "-"], "standard output has what the terminal shows"),
                        (["--record", "a", "--log", "a"], "names another file of the run"),
                        (["--log", "+a", "--report", "a"], "names another file of the run"),
                        (["--record-input"], "none is asked for"),
                        (["--record-format", "3"], "none is asked for"),
                        (["--record", "a", "--record-format", "4"], "not one of its words")):
        check(said in run("-t", *words, "touch", "made", status=125), said)
    check("a terminal of the command's own" in run("--record", "cast", "touch", "made", status=125), "without --tty")
    check(not os.path.exists("made"), "the command was started")


@test("a full disk is told at the end, with status 125, and the command's output is complete")
def full():
    for option in ("--record", "--log"):
        done = subprocess.run([HOLD, "run", "-t", option, "/dev/full", "seq", "40000"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        check_equal(done.returncode, 125)
        check(done.stdout == b"".join(b"%d\r\n" % i for i in range(1, 40001)), "the output")
        check(f"{option} '/dev/full': No space left on device: it ends early" in done.stderr.decode(), done.stderr)
    run("-t", "--log", "/dev/full", "sh", "-c", "exit 3", status=3)


@test("a recording that reaches a limit ends with a whole line")
def file_limit():
    said = run("-t", "--record", "cast", "seq", "40000", status=125,
               prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
    check("--record 'cast': File too large: it ends early" in said, said)
    _, events = parsed()
    wanted = "".join(f"{i}\r\n" for i in range(1, 40001))
    check(50000 < os.path.getsize("cast") <= 100000 and wanted.startswith(data(events)), "what there is of it")


@test("a recording into a pipe that nobody reads keeps nothing waiting")
def stalled():
    reading, writing = os.pipe()
    said = run("-t", "--log", f"/dev/fd/{writing}", "seq", "100000", status=125, pass_fds=[writing])
    check("nobody reads it: it ends early" in said, said)
    os.close(reading)
    os.close(writing)


@test("when hold is killed the files have all but what was printed in the last second")
def killed():
    process = subprocess.Popen([HOLD, "run", "-t", "--record", "cast", "--log", "log", "--", "sh", "-c",
                                "echo one; sleep 60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until(lambda: os.path.exists("log") and os.path.getsize("log"), "it is written though nothing more is printed")
    until(lambda: os.path.getsize("cast"), "the recording, too")
    process.kill()
    process.wait()
    check_equal(data(parsed()[1]), "one\r\n")
    with open("log", "rb") as file:
        check_equal(file.read(), b"one\r\n")


if __name__ == "__main__":
    main()
