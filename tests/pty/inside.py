#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --tty: what the command has as its terminal."""
import os
import signal
import subprocess
import termios

from tap import HOLD, PATIENCE, actor, check, check_equal, main, quoted_actor, test
from terminal import Terminal, end_by_force


def held(*words, **keywords):
    """The output of a command that needs no user."""
    keywords.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([HOLD, "run", "--tty", *words], stdout=subprocess.PIPE, timeout=PATIENCE, check=True,
                          **keywords).stdout.decode()


def state(text):
    """Of show-state: name to value; "tty 0", "fd 0" and the like are names too."""
    return dict((" ".join(words[:-1]), words[-1]) for words in map(str.split, text.splitlines()) if len(words) > 1)


@test("the terminal is the command's controlling terminal, and the command is in its foreground")
def controlling():
    seen = state(held(actor("show-state")))
    check_equal(seen["dev-tty"], "open")
    check_equal({seen["pid"], seen["pgid"], seen["tpgid"]}, {seen["pid"]})
    check(seen["sid"] != str(os.getsid(0)), "it is the caller's session")


@test("0, 1 and 2 are the terminal, a new one")
def streams():
    terminal = Terminal()
    try:
        process = terminal.run("--tty", "sh", "-c", "tty; tty <&1; tty <&2; readlink /proc/self/fd/0")
        terminal.end(process, 0)
        names = set(terminal.rest().split())
        check_equal(len(names), 1)
        check(names.pop().startswith("/dev/"), "no terminal")
        check(os.ttyname(terminal.inside) not in names, "it is the user's")
    finally:
        terminal.close()


@test("a stream that is a file does not take the terminal away")
def file_stream():
    held("--stdout", "file", "sh", "-c", "tty; echo here >/dev/tty")
    with open("file") as file:
        check(file.read().startswith("/dev/"), "standard input is no terminal")
    check_equal(held("--stdin", "/dev/null", "--stdout", "/dev/null", "--stderr", "/dev/null", "sh", "-c",
                     "echo here >/dev/tty"), "here\r\n")


@test("a ^C at the terminal of /dev/tty interrupts the command, though its input is a file")
def interrupt_without_input():
    terminal = Terminal()
    process = terminal.run("--tty", "--stdin", "/dev/null", "sh", "-c", "echo ready; exec sleep 60")
    terminal.expect("ready")
    terminal.type("\x03")
    terminal.end(process, -signal.SIGINT)
    terminal.close()


def size_inside(terminal, *words, **keywords):
    process = terminal.run("--tty", *words, "stty", "size", **keywords)
    terminal.end(process, 0)
    return terminal.rest().split()[-2:]


@test("its size is that of the user's terminal")
def size_of_users():
    terminal = Terminal(33, 101)
    check_equal(size_inside(terminal), ["33", "101"])
    terminal.close()


@test("the size is that of the first terminal among 0, 1 and 2")
def size_of_first():
    first, second = Terminal(33, 101), Terminal(44, 111)
    with open("/dev/null", "r+b") as null:
        for keywords in ({"stdin": null}, {"stdin": null, "stdout": null}, {"stdout": second.inside},
                         {"stderr": second.inside}):
            process = first.run("--tty", "sh", "-c", "stty size >size", **keywords)
            first.end(process, 0)
            with open("size") as file:
                check_equal(file.read(), "33 101\n", str(keywords))
    first.close()
    second.close()


@test("without a terminal of the user's the size is 80 columns by 24 rows")
def size_without():
    check_equal(held("stty", "size", stderr=subprocess.DEVNULL), "24 80\r\n")


@test("so it is if the user's terminal does not know its size")
def size_unknown():
    terminal = Terminal(0, 0)
    check_equal(size_inside(terminal), ["24", "80"])
    terminal.close()


@test("--size goes before the user's terminal, columns first")
def size_given():
    terminal = Terminal(33, 101)
    check_equal(size_inside(terminal, "--size", "132x50"), ["50", "132"])
    check_equal(size_inside(terminal, "--size=1x65535"), ["65535", "1"])
    terminal.close()
    check_equal(held("--size", "10x5", "stty", "size"), "5 10\r\n")


@test("the command knows the size from its first instruction on")
def size_at_once():
    terminal = Terminal(33, 101)
    for _ in range(20):
        process = terminal.run("--tty", actor("show-state"))
        terminal.end(process, 0)
        seen = state(terminal.rest())
        check_equal([value for name, value in seen.items() if name.startswith("size 0 33 101")], ["0"])
    terminal.close()


@test("the size follows the user's terminal: of 100 changes the last counts")
def size_followed():
    terminal = Terminal(24, 80)
    process = terminal.run("--tty", actor("tell-signals"))
    terminal.expect("ready")
    for i in range(100):
        terminal.resize(30 + i, 90 + i)
    terminal.expect("28 129 189\r\n")
    terminal.resize(24, 80)
    terminal.expect("28 24 80\r\n")
    process.send_signal(signal.SIGTERM)
    terminal.expect("15")
    terminal.end(process, 0)
    terminal.close()


@test("a size that --size gave does not follow, and the command is told of no change")
def size_fixed():
    terminal = Terminal(24, 80)
    process = terminal.run("--tty", "--size", "99x55", actor("tell-signals"))
    terminal.expect("ready")
    terminal.resize(30, 90)
    # The change comes to hold before the first of these, and hold has handled it before it handles the second.
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        process.send_signal(number)
        check_equal(terminal.expect(f"{int(number)}\r\n").strip(), "")
    process.send_signal(signal.SIGTERM)
    terminal.end(process, 0)
    check_equal(size_inside(terminal, "--size", "99x55"), ["55", "99"])
    terminal.close()


@test("TERM is set where it is not, unless that is asked for")
def term():
    for words, text in ((["env", "-u", "TERM", HOLD, "run", "-t"], "xterm"),
                        (["env", "TERM=vt100", HOLD, "run", "-t"], "vt100"),
                        (["env", "-u", "TERM", HOLD, "run", "-t", "-u", "TERM"], ""),
                        (["env", HOLD, "run", "-t", "-i"], "")):
        terminal = Terminal()
        process = terminal.start(*words, "/bin/sh", "-c", "echo .$TERM.")
        terminal.end(process, 0)
        check_equal(terminal.rest(), f".{text}.\r\n")
        terminal.close()


@test("^C, ^\\ and ^Z go to the inside, each once")
def characters():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", f"stty -echo; exec {quoted_actor('tell-signals')}")
    terminal.expect("ready\r\n")
    terminal.until_raw()
    for _ in range(10):
        for character, number in (("\x03", 2), ("\x1c", 3), ("\x1a", 20)):
            terminal.type(character)
            check_equal(terminal.expect(f"{number}\r\n"), "")
    check(process.poll() is None, "hold has ended")
    process.send_signal(signal.SIGTERM)
    terminal.end(process, 0)
    check_equal(terminal.rest(), "15\r\n")
    terminal.close()


@test("a command that ^C kills makes hold die of SIGINT")
def killed_by_character():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", "echo ready; exec sleep 60")
    terminal.expect("ready")
    terminal.until_raw()
    terminal.type("\x03")
    terminal.end(process, -signal.SIGINT)
    terminal.close()


@test("the user's special characters are copied")
def special_characters():
    terminal = Terminal()
    terminal.set_character(termios.VINTR, b"\x18")
    terminal.set_character(termios.VEOF, b"\x05")
    terminal.set_character(termios.VERASE, b"\x08")
    process = terminal.run("--tty", "sh", "-c", f"stty -echo; exec {quoted_actor('tell-signals')}")
    terminal.expect("ready\r\n")
    terminal.until_raw()
    terminal.type("\x03\x18")
    check_equal(terminal.expect("2\r\n"), "")
    process.send_signal(signal.SIGTERM)
    terminal.end(process, 0)
    terminal.rest()
    process = terminal.run("--tty", "sh", "-c", "stty -echo; echo ready; cat")
    terminal.expect("ready\r\n")
    terminal.until_raw()
    terminal.type("wrong\x08\x08\x08\x08\x08right\n\x05")
    terminal.end(process, 0)
    check_equal(terminal.rest(), "right\r\n")
    terminal.close()


@test("what is typed is echoed once, by the inside")
def echoed():
    terminal = Terminal()
    process = terminal.run("--tty", "cat")
    terminal.until_raw()
    terminal.type("hello\n")
    terminal.expect("hello\r\nhello\r\n")
    terminal.type("\x04")
    terminal.end(process, 0)
    check_equal(terminal.rest().count("hello"), 0)
    terminal.close()


@test("input that is no terminal is not echoed")
def not_echoed():
    check_equal(subprocess.run([HOLD, "run", "--tty", "cat"], input=b"hello\n", stdout=subprocess.PIPE,
                               timeout=PATIENCE, check=True).stdout, b"hello\r\n")


@test("a terminal of the user's that is not hold's controlling terminal is relayed all the same")
def not_controlling():
    terminal = Terminal(33, 101)
    before = terminal.modes()
    process = subprocess.Popen([HOLD, "run", "--tty", "sh", "-c", "stty size; read line; exit $line"],
                               stdin=terminal.inside, stdout=terminal.inside, start_new_session=True)
    try:
        terminal.expect("33 101")
        terminal.until_raw()
        terminal.type("7\n")
        terminal.end(process, 7)
        check_equal(terminal.modes(), before)
    finally:
        end_by_force(process)
        terminal.close()


main()
