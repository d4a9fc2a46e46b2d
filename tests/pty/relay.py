#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --tty: not a byte is lost, nothing waits for what it should not wait for."""
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time

from tap import HOLD, PATIENCE, actor, check, check_equal, main, quoted_actor, skip, test, until
from terminal import Terminal, end_by_force, is_alive

LONG = os.environ.get("LONG")  # the thorough forms of the tests that have two
MANY = 10_000_000 if LONG else 1_000_000
COMMANDS = 1000 if LONG else 100


def written(size):
    """What write-bytes writes."""
    return (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


def lines(size, length=80):
    """Text of different lines."""
    return b"".join(b"%0*d\n" % (length - 1, i) for i in range(size // length))


def piped(*words, input=b"", timeout=PATIENCE):
    """The output and exit status of a command on a terminal of its own, with pipes for the user."""
    done = subprocess.run([HOLD, "run", "--tty", *words], input=input, stdout=subprocess.PIPE, timeout=timeout)
    return done.stdout, done.returncode


def sizes():
    return [1 + i * 7919 % 20000 for i in range(COMMANDS)]


@test("the output of short commands is there to the last byte", seconds=300)
def short_commands():
    for size in [1, 4095, 4096, 4097, 8192, 12288, 20000, *sizes()]:
        out, status = piped(actor("write-bytes"), str(size))
        check_equal((len(out), status), (size, 0), f"{size} bytes")
        check_equal(out, written(size))


@test("so it is when the user has a terminal", seconds=300)
def short_commands_on_terminal():
    terminal = Terminal()
    for size in sizes():
        process = terminal.run("--tty", actor("write-bytes"), str(size))
        terminal.end(process, 0)
        out = terminal.rest().encode()
        check_equal(len(out), size)
        check_equal(out, written(size))
    terminal.close()


@test("so it is when the command was killed")
def killed_command():
    for size in sizes()[:20]:
        out, status = piped("sh", "-c", f"{quoted_actor('write-bytes')} {size}; kill -KILL $$")
        check_equal((out, status), (written(size), 137))


@test("a process that keeps the terminal and writes on for ever does not delay the end")
def writes_on():
    # Its number comes by a file: on the terminal it would come amid what is written.
    _, status = piped("sh", "-c", "trap '' HUP; yes & echo $! >writer; sleep 0.1; exit 3")
    check_equal(status, 3)
    with open("writer") as file:
        pid = int(file.read())
    until(lambda: not is_alive(pid), "the terminal is gone for who is left, too")


@test("a process that keeps the terminal and is silent does not delay the end")
def keeps_terminal():
    out, status = piped("--orphans", "keep", "-q", "sh", "-c", "trap '' HUP; sleep 60 & echo $!; exit 3")
    check_equal(status, 3)
    check(is_alive(int(out)), "the other process has ended")
    os.kill(int(out), signal.SIGKILL)


@test("a command that closes its terminal and lives on is waited for")
def closes_terminal():
    out, status = piped("sh", "-c",
                        "echo before; exec </dev/null >/dev/null 2>&1; sleep 0.2; echo after >/dev/tty; exit 4")
    check_equal((out, status), (b"before\r\nafter\r\n", 4))


@test("at the end of the input each program that reads on gets the end of file, as from a file")
def end_of_input():
    check_equal(piped("sh", "-c", "cat; echo first; cat; echo second", input=b"line\n"),
                (b"line\r\nfirst\r\nsecond\r\n", 0))


@test("a program that throws its input away before it asks gets the end of file all the same")
def flushed_end_of_input():
    asks = ("import sys, termios, time; time.sleep(0.3); termios.tcflush(0, termios.TCIFLUSH)\n"
            "mode = termios.tcgetattr(0); mode[3] &= ~termios.ECHO; termios.tcsetattr(0, termios.TCSAFLUSH, mode)\n"
            "print(repr(sys.stdin.readline()))")
    check_equal(piped(sys.executable, "-c", asks), (b"''\r\n", 0))


@test("a program that polls for input gets the end of file too, whichever call it polls by")
def polled_end_of_input():
    for wait in ("select.select([0], [], [])", "p = select.poll(); p.register(0, select.POLLIN); p.poll()",
                 "p = select.epoll(); p.register(0, select.EPOLLIN); p.poll()"):
        script = ("import os, select, termios, time\ntime.sleep(0.3); termios.tcflush(0, termios.TCIFLUSH)\n"
                  f"{wait}\nprint(os.read(0, 9))")
        check_equal(piped(sys.executable, "-c", script), (b"b''\r\n", 0))


@test("a program that does not read the terminal is sent no second end of file")
def no_second_end():
    # cat's end of file is taken; sleep reads nothing; what is left in the terminal is seen by a non-blocking read.
    script = ("import os, sys, time\nassert os.read(0, 9) == b''\ntime.sleep(0.5)\nos.set_blocking(0, False)\n"
              "try:\n  print(os.read(0, 9))\nexcept BlockingIOError:\n  print('nothing')")
    check_equal(piped(sys.executable, "-c", script), (b"nothing\r\n", 0))


@test("--at-end nothing types no end, and --at-end hang-up stops the command")
def at_end():
    script = "import os, select, sys; print(os.read(0, 9), select.select([0], [], [], 0.5)[0])"
    check_equal(piped("--at-end", "nothing", sys.executable, "-c", script, input=b"one\n"), (b"b'one\\n' []\r\n", 0))
    script = "trap 'echo hung up; exit 3' HUP; echo ready; while :; do :; done"
    process = subprocess.Popen([HOLD, "run", "--tty", "--at-end", "hang-up", "--", "sh", "-c", script],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check_equal(process.stdout.readline(), b"ready\r\n")
    process.stdin.close()
    check_equal((process.stdout.read(), process.wait(PATIENCE)), (b"hung up\r\n", 3))
    process.stdout.close()


@test("lines that end with a carriage return are not cut, and no end of file is made of them")
def carriage_returns():
    for line in (b"x" * 99 + b"\r", b"x" * 3999 + b"\r", b"x" * 1999 + b"\r\n"):
        text = line * 20
        check_equal(piped("sh", "-c", "stty -echo; wc -c", input=text), (b"%d\r\n" % len(text), 0))


@test("input that cannot be read is told, and is no success")
def unreadable_input():
    directory = os.open("/", os.O_RDONLY)
    done = subprocess.run([HOLD, "run", "--tty", "cat"], stdin=directory, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=PATIENCE)
    os.close(directory)
    check_equal(done.returncode, 125)
    check(b"standard input: Is a directory: it was read no further" in done.stderr, repr(done.stderr))


@test("with --no-input nothing is read: a loop keeps its list, and the command is typed nothing")
def not_read():
    loop = f"while read x; do '{HOLD}' run --tty --no-input -- echo $x; done"
    done = subprocess.run(["sh", "-c", loop], input=b"1\n2\n3\n", stdout=subprocess.PIPE, timeout=PATIENCE)
    check_equal(done.stdout, b"1\r\n2\r\n3\r\n")
    terminal = Terminal()
    process = terminal.run("--tty", "--no-input", "sh", "-c", "echo ready; sleep 0.5")
    terminal.expect("ready")
    check(not terminal.is_raw(), "the user's terminal is raw")
    terminal.end(process, 0)
    terminal.close()


@test("with --stdin - the command has standard input itself, and keys come from the terminal")
def own_stdin():
    terminal = Terminal()
    line = f"printf 'data' | '{HOLD}' run --tty --stdin - -- sh -c 'cat; echo .; read key </dev/tty; echo got $key'"
    process = terminal.start("sh", "-c", line)
    terminal.expect("data")
    terminal.until_raw()
    terminal.type("k\n")
    terminal.expect("got k")
    terminal.end(process, 0)
    terminal.close()


@test("^C ends the wait for orphans, with a terminal of the command's own and without one")
def interrupted_wait():
    for words in ([], ["--tty"]):
        terminal = Terminal()
        process = terminal.run(*words, "--orphans", "wait", "sh", "-c", "setsid sleep 600 & sleep 0.2; echo main")
        terminal.expect("main")
        terminal.until(lambda: not terminal.is_raw(), "the terminal is given back")
        time.sleep(0.3)
        terminal.type("\x03")
        terminal.end(process)
        terminal.close()


@test("an end of file that was typed before the terminal was raw is one")
def end_typed_ahead():
    terminal = Terminal()
    process = terminal.start("sh", "-c", f"echo now; sleep 0.5; exec '{HOLD}' run --tty -- wc -l")
    terminal.expect("now")
    terminal.type("a\nb\n\x04")
    terminal.end(process, 0)
    check("2\r\n" in terminal.seen.decode().replace("\r\r", "\r"), repr(terminal.seen))
    terminal.close()


@test("input that ends amid a line is ended too")
def end_amid_line():
    check_equal(piped("cat", input=b"one\ntwo"), (b"one\r\ntwo", 0))
    check_equal(piped("wc", "-c", input=b"x"), (b"1\r\n", 0))


@test("what orphans write while they are waited for is delivered, and they do not wait for a reader")
def orphans_output():
    late = "trap '' HUP; (sleep 0.3; seq 1 20000; echo the-end) & echo early"
    out, status = piped("--orphans", "wait", "sh", "-c", late)
    check_equal((out[:7], out[-9:], out.count(b"\n"), status), (b"early\r\n", b"the-end\r\n", 20002, 0))
    out, status = piped("sh", "-c", "trap '' HUP TERM; (sleep 0.3; echo late) & echo early")
    check_equal((out, status), (b"early\r\nlate\r\n", 0))


@test("no input at all is an end of file")
def no_input():
    check_equal(piped("wc", "-c"), (b"0\r\n", 0))
    done = subprocess.run([HOLD, "run", "--tty", "wc", "-c"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=PATIENCE)
    check_equal(done.stdout, b"0\r\n")


@test("the input may be a file")
def file_input():
    text = lines(50_000)
    with open("file", "wb") as file:
        file.write(text)
    with open("file", "rb") as file:
        done = subprocess.run([HOLD, "run", "--tty", "cat"], stdin=file, stdout=subprocess.PIPE, timeout=PATIENCE)
    check_equal(done.stdout == text.replace(b"\n", b"\r\n"), True)


@test("the input may be a named pipe whose writer is gone already")
def named_pipe():
    os.mkfifo("pipe")
    writer = os.open("pipe", os.O_RDWR)
    reader = os.open("pipe", os.O_RDONLY)
    os.write(writer, b"hello\n")
    os.close(writer)
    process = subprocess.Popen([HOLD, "run", "--tty", "cat"], stdin=reader, stdout=subprocess.PIPE)
    os.close(reader)
    try:
        check_equal(process.stdout.readline(), b"hello\r\n")
        try:
            check_equal(process.wait(5), 0)
        except subprocess.TimeoutExpired:
            check(False, "no end of file was sent")
    finally:
        end_by_force(process)
        process.stdout.close()


@test("a line longer than a terminal takes is not lost")
def long_line():
    check_equal(piped("wc", "-c", input=100_000 * b"x"), (b"100000\r\n", 0))
    check_equal(piped("cat", input=100_000 * b"x" + b"\nend\n"), (100_000 * b"x" + b"\r\nend\r\n", 0))
    for size in (3999, 4000, 4001, 4094, 4095, 4096, 4097, 8000, 8192):
        check_equal(piped("wc", "-c", input=size * b"x"), (b"%d\r\n" % size, 0))
        check_equal(piped("wc", "-c", input=size * b"x" + b"\n"), (b"%d\r\n" % (size + 1), 0))
        check_equal(piped("wc", "-c", input=b"first\n" + size * b"x" + b"\nlast"), (b"%d\r\n" % (size + 11), 0))


@test("much goes through a terminal both ways, from a pipe to a pipe")
def much():
    text = lines(MANY)
    out, status = piped("cat", input=text)
    check_equal(status, 0)
    check_equal(len(out), len(text) + text.count(b"\n"))
    check(out == text.replace(b"\n", b"\r\n"), "other bytes")


@test("much goes through both terminals both ways, though nobody reads for a while")
def much_typed():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", f"stty raw -echo; echo ready; exec head -c {MANY}")
    terminal.expect("ready\n")
    data = written(MANY)
    typed = 0
    end = time.monotonic() + PATIENCE
    # Until everything on the way is full.
    stuck_since = time.monotonic()
    while time.monotonic() - stuck_since < 0.3 and typed < MANY and time.monotonic() < end:
        try:
            typed += os.write(terminal.user, data[typed:typed + 4096])
            stuck_since = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    check(typed < MANY, "it never became full")
    writer = threading.Thread(target=type_slowly, args=(terminal, data[typed:]))
    writer.start()
    start = terminal.read_to
    while len(terminal.seen) - start < MANY and terminal.read(PATIENCE):
        pass
    writer.join()
    terminal.end(process, 0)
    check(terminal.seen[start:] == data, f"{len(terminal.seen) - start} bytes, or others")
    terminal.close()


def type_slowly(terminal, data):
    os.set_blocking(terminal.user, False)
    while data:
        try:
            data = data[os.write(terminal.user, data[:4096]):]
        except BlockingIOError:
            time.sleep(0.0005)


@test("a paste of 100 KB arrives")
def paste():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", "stty -echo; echo ready; cat >pasted")
    terminal.expect("ready")
    terminal.until_raw()
    text = lines(100_000)
    terminal.type(text + b"\x04")
    terminal.end(process, 0)
    with open("pasted", "rb") as file:
        check(file.read() == text, "not what was pasted")
    terminal.close()


@test("input that the command does not read does not keep hold from ending")
def unread_input():
    out, status = piped("sh", "-c", "sleep 0.2; exit 5", input=lines(1_000_000))
    check_equal((out, status), (b"", 5))


@test("the output may be a file, and is the terminal's")
def file_output():
    with open("file", "wb") as file:
        subprocess.run([HOLD, "run", "--tty", "echo", "hello"], stdin=subprocess.DEVNULL, stdout=file, timeout=PATIENCE,
                       check=True)
    with open("file", "rb") as file:
        check_equal(file.read(), b"hello\r\n")


@test("the user's terminal is input while the output is a pipe")
def output_pipe():
    terminal = Terminal()
    process = terminal.run("--tty", "sh", "-c", "echo ready; read line; echo got-$line", stdout=subprocess.PIPE)
    check_equal(process.stdout.readline(), b"ready\r\n")
    terminal.type("this\n")
    check_equal(process.stdout.read(), b"this\r\ngot-this\r\n")
    process.stdout.close()
    terminal.end(process, 0)
    terminal.close()


@test("a reader of the output that goes away ends the command, by HUP and the ladder")
def reader_gone():
    for command, options, status in ((["yes"], [], 141), (["yes"], ["--preserve-status"], 129),
                                     (["sh", "-c", "trap 'exit 3' HUP; while :; do echo y; done"], [], 3),
                                     (["sh", "-c", "trap '' HUP; yes"], ["--ladder", "TERM,50ms,KILL"], 141)):
        process = subprocess.Popen([HOLD, "run", "--tty", *options, *command], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE)
        check_equal(process.stdout.readline(), b"y\r\n")
        process.stdout.close()
        check_equal(process.wait(PATIENCE), status)


def time_limit_strikes(terminal, process, go_on):
    """While the user's terminal takes nothing; then it does."""
    pid = int(terminal.expect("."))
    until(lambda: not is_alive(pid), "the time limit strikes")
    go_on()
    terminal.end(process, 124)
    terminal.close()


@test("a user's terminal that is stopped does not keep the time limit from striking")
def stopped_output():
    terminal = Terminal()
    process = terminal.run("--tty", "--timeout", "500ms", "sh", "-c", "echo pid=$$.; exec yes")
    terminal.expect("pid=")
    termios.tcflow(terminal.inside, termios.TCOOFF)
    time_limit_strikes(terminal, process, lambda: termios.tcflow(terminal.inside, termios.TCOON))


@test("a user's terminal that nobody reads does not keep the time limit from striking")
def unread_output():
    terminal = Terminal()
    process = terminal.run("--tty", "--timeout", "500ms", "sh", "-c", "echo pid=$$.; exec yes")
    terminal.expect("pid=")
    time_limit_strikes(terminal, process, lambda: None)


@test("a pipe that nobody reads does not keep the time limit from striking, and TERM ends the wait for a reader")
def unread_pipe():
    process = subprocess.Popen([HOLD, "run", "--tty", "--quiet", "--timeout", "500ms", "sh", "-c", "echo $$; exec yes"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
    pid = int(process.stdout.readline())
    until(lambda: not is_alive(pid), "the time limit strikes")
    check(process.poll() is None, "hold did not wait for the reader")
    process.send_signal(signal.SIGTERM)
    check_equal(process.wait(PATIENCE), 124)
    process.stdout.close()


def run_unread(seconds, script):
    """The status and the messages of hold whose output is a pipe that is full and not read."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with open("errors", "w+", encoding="utf-8") as errors:
        process = subprocess.Popen([HOLD, "run", "--tty", "--quiet", "--timeout", f"{seconds}s", "sh", "-c", script],
                                   stdin=subprocess.DEVNULL, stdout=writer, stderr=errors)
        os.close(writer)
        status = process.wait(100)
        errors.seek(0)
        told = errors.read()
    os.close(reader)
    return status, told


@test("what nobody reads holds up nothing once the time limit has struck: it is given up, counted and told", 100)
def unread_for_ever():
    for script, wanted in (("trap '' HUP; exec yes", 124),  # it is still writing
                           ("head -c 9000 /dev/zero; echo; exit 0", 125)):  # it has ended, and hold has the rest
        for seconds in (0.5, 5, 50):  # a busy machine may need long for that
            status, told = run_unread(seconds, script)
            if status == wanted and told:
                break
        check_equal(status, wanted, told)
        check("nobody reads it: " in told and int(told.partition(" bytes")[0].split()[-1]) > 0, told)


@test("a TERM in the very moment of the command's end is not lost", 100)
def term_at_end():
    for i in range(20):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        process = subprocess.Popen([HOLD, "run", "--tty", "--quiet", "sh", "-c",
                                    "echo $$ >pid; head -c 9000 /dev/zero"],
                                   stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL)
        os.close(writer)
        until(lambda: os.path.exists("pid") and os.path.getsize("pid"), "the command runs")
        with open("pid", encoding="ascii") as file:
            pid = int(file.read())
        os.unlink("pid")
        if i % 2:
            until(lambda pid=pid: not is_alive(pid), "the command has ended")
        process.send_signal(signal.SIGTERM)
        process.wait(100)
        os.close(reader)


@test("^S and ^Q go to the inside, and the time limit strikes while the command's terminal is stopped")
def inner_stop():
    terminal = Terminal()
    process = terminal.run("--tty", "--timeout", "1s", "sh", "-c", "echo pid=$$.; exec yes")
    terminal.expect("pid=")
    pid = int(terminal.expect("."))
    terminal.until_raw()
    terminal.type("\x13")
    terminal.until(lambda: not is_alive(pid), "the time limit strikes")
    terminal.end(process, 124)
    terminal.close()


@test("output that cannot be written is told with its reason and counted, and hold fails if the command did not")
def unwritable():
    for script, status in (("exit 0", 125), ("exit 3", 3), ("kill -TERM $$", 143)):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([HOLD, "run", "--tty", "sh", "-c", f"echo precious; {script}"], stdout=full,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE)
        check_equal((done.returncode, done.stderr.decode()), (
            status, "hold: standard output: No space left on device: 10 bytes of the output are lost\n"))


@test("what was written before a file became too large is there, and the rest is counted to the byte")
def file_too_large():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, resource.RLIM_INFINITY))

    with open("file", "wb") as file:
        done = subprocess.run([HOLD, "run", "--contain", "none", "--tty", "--rlimit", "fsize=unlimited",
                               actor("write-bytes"), str(MANY)], stdout=file, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=PATIENCE, preexec_fn=limit)
    check_equal((done.returncode, done.stderr.decode()), (
        125, f"hold: standard output: File too large: {MANY - 10000} bytes of the output are lost\n"))
    with open("file", "rb") as file:
        check_equal(file.read(), written(10000))


@test("a standard output that is closed is told, but only where there is output")
def closed_output():
    for words, status, lines_said in ((["true"], 0, 0), (["echo", "precious"], 125, 1)):
        done = subprocess.run([HOLD, "run", "--tty", *words], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              preexec_fn=lambda: os.close(1), timeout=PATIENCE)
        check_equal(done.returncode, status)
        check_equal(done.stderr.count(b"standard output: Bad file descriptor"), lines_said)


def as_nobody(is_controlling, terminal):
    def begin():
        if is_controlling:
            fcntl.ioctl(terminal.inside, termios.TIOCSCTTY, 0)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    return begin


@test("a user's terminal of another owner that takes nothing keeps neither the limit nor TERM from their work")
def terminal_of_another():
    if os.getuid() != 0:
        skip("no process of another user can be started by this one")
    os.chmod(".", 0o755)
    shutil.copy(HOLD, "hold")
    for is_controlling in (True, False):
        for stop in (True, False):
            terminal = Terminal()
            os.fchmod(terminal.inside, 0o600)
            process = subprocess.Popen(
                ["./hold", "run", "-q", "-t", "-T", "500ms", "--", "sh", "-c", "echo $$ >&2; exec yes 2>&-"],
                stdin=subprocess.DEVNULL, stdout=terminal.inside, start_new_session=True,
                preexec_fn=as_nobody(is_controlling, terminal))
            pid = int(terminal.expect("\r\n"))
            if stop:
                termios.tcflow(terminal.inside, termios.TCOOFF)
            until(lambda: not is_alive(pid), "the time limit strikes")
            until(lambda: process.poll() is not None or process.terminate(), "hold ends")
            check_equal(process.returncode, 124)
            terminal.close()


main()
