#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""No output is lost in silence, each has its place, and a time-out covers all of a run and takes every number."""
import decimal
import os
import pickle
import signal
import subprocess
import sys
import threading

import pidhold
from ended import gone, reaped
from interrupts import interrupted
from tap import PATIENCE, check, check_equal, error_of, main, test, until

LATE = "(sleep 0.3; echo late) & echo early"


def is_contained():
    with pidhold.spawn("true") as hold:
        return hold.containment not in ("none", "group")


# ---- output ----


@test("output of what outlives the command is read to its end: bytes, text, on a terminal, in one pipe, in threads")
def late_output():
    def one(script=LATE, words=2, **options):
        options.setdefault("capture_output", True)
        done = pidhold.run(["sh", "-c", script], **options)
        check_equal((len(done.stdout.split()), done.is_complete), (words, True), options)

    one()
    one(text=True, check=True)
    one(capture_output=False, stdout=pidhold.PIPE, stderr=pidhold.STDOUT)
    one(timeout=PATIENCE)
    one("trap '' HUP; " + LATE, capture_output=False, terminal=True)
    one("(for i in 1 2 3 4; do sleep 0.15; echo $i; done) & echo 0", 5)
    one(contain="none")
    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@test("who ends writing without being captured has time as well: the rest of a pipeline writes its file")
def late_file():
    done = pidhold.run("(sleep 0.3; echo late >file) & true", shell=True)
    if done.containment not in ("none", "group"):
        with open("file") as file:
            check_equal(file.read(), "late\n")


@test("output that was cut is told: in is_complete, in the repr, by check=True, with who was ended and how")
def cut():
    command = "sleep 600 & echo $!"
    done = pidhold.run(command, shell=True, capture_output=True, linger=0.1)
    check_equal((done.returncode, done.is_complete), (0, False))
    check("is_complete=False" in repr(done), done)
    if is_contained():
        check_equal((done.stopped.killed, done.left), (1, []))
        check("stopped=Stopped(" in repr(done), done)
        check(gone(int(done.stdout)), "it lives")
    else:
        os.kill(int(done.stdout), signal.SIGKILL)
    done = pidhold.run("echo x", shell=True, capture_output=True)
    check("stopped" not in repr(done) and done.is_complete, done)
    error = error_of(pidhold.run, command, shell=True, capture_output=True, linger=0.1, check=True)
    check_equal((type(error), error.returncode, error.is_complete, error.status.code),
                (pidhold.CalledProcessError, 0, False, 0))
    check("was cut" in str(error), error)
    check(isinstance(error, subprocess.CalledProcessError) and isinstance(error, pidhold.PidholdError), error)
    if not is_contained():
        os.kill(int(error.output), signal.SIGKILL)


@test("one that prints on and on is awaited no longer than twelve times as long as a silent one")
def endless():
    done = pidhold.run("(while :; do echo x; sleep 0.01; done) & echo $!", shell=True, capture_output=True, linger=0.1)
    check_equal(done.is_complete, False)
    if not is_contained():
        os.kill(int(done.stdout.split()[0]), signal.SIGKILL)


@test("a process that is to be left alone is not ended by the end of the command")
def left_alone():
    done = pidhold.run("setsid sleep 600 >/dev/null 2>&1 & echo $!", shell=True, capture_output=True,
                       on_release="leave", contain="best")
    pid = int(done.stdout)
    check_equal((done.is_complete, done.stopped, gone(pid)), (True, None, False))
    os.kill(pid, signal.SIGKILL)
    until(lambda: gone(pid), "it ends")
    reaped()


@test("standard output, standard error and the terminal have an attribute each, in each mix")
def mixes():
    script = "echo out; echo err >&2; echo tty >/dev/tty"
    for out in (None, pidhold.PIPE):
        for err in (None, pidhold.PIPE, pidhold.STDOUT):
            for text in (None, True):
                done = pidhold.run(["sh", "-c", script], terminal=True, stdout=out, stderr=err, text=text)
                end, empty = ("\n", "") if text else (b"\r\n", b"")
                words = {name: name if text else name.encode() for name in ("out", "err", "tty")}
                err_there = err is None or (err == pidhold.STDOUT and out is None)
                shown = empty.join(words[name] + end for name, is_there in
                                   (("out", out is None), ("err", err_there), ("tty", True)) if is_there)
                plain = "\n" if text else b"\n"
                piped = empty.join(words[name] + plain for name in ("out", "err")[:1 + (err == pidhold.STDOUT)])
                check_equal(done.terminal, shown, (out, err))
                check_equal(done.stdout, piped if out else shown, (out, err))
                check_equal(done.stderr, words["err"] + plain if err == pidhold.PIPE else None, (out, err))
    error = error_of(pidhold.run, ["sh", "-c", script + "; sleep 600"], terminal=True, stdout=pidhold.PIPE, timeout=1)
    check_equal((error.output, error.terminal), (b"out\n", b"err\r\ntty\r\n"))


@test("a capture with a bound keeps the first and the last bytes, and tells how many are lost")
def bounded():
    done = pidhold.run("head -c 100000 /dev/zero | tr '\\0' x; echo end", shell=True, capture_output=True, keep=(10, 6))
    check_equal((done.stdout, done.gaps), (b"x" * 12 + b"end\n", {"stdout": pidhold.Gap(10, 99988, 100004)}))
    check("gaps=" in repr(done), done)
    done = pidhold.run(["echo", "whole"], capture_output=True, keep=100)
    check_equal((done.stdout, done.gaps), (b"whole\n", {}))
    check(isinstance(error_of(pidhold.run, "true", keep=-1), ValueError), "a negative bound")


@test("a bound for text cuts between characters, and what is lost of a character is counted")
def bounded_text():
    for word, keep, wanted, gap in (("äöüäöü", (3, 2), "äü", (2, 8, 12)), ("aéXXXXXXXXäb", (2, 2), "ab", (1, 12, 14)),
                                    ("\U0001f600x\U0001f600", (3, 3), "", (0, 9, 9)),
                                    ("ä" * 9, (4, 4), "ä" * 4, (4, 10, 18)), ("ä", 2, "ä", None)):
        done = pidhold.run(["printf", "%s", word], encoding="utf-8", capture_output=True, keep=keep)
        check_equal((done.stdout, done.gaps), (wanted, {"stdout": pidhold.Gap(*gap)} if gap else {}), word)
    for encoding in ("utf-16-le", "utf-32-be"):
        with open("wide", "wb") as file:
            file.write("abcdefg".encode(encoding))
        done = pidhold.run(["cat", "wide"], encoding=encoding, capture_output=True, keep=(5, 5))
        check_equal(done.stdout, {"utf-16-le": "abfg", "utf-32-be": "ag"}[encoding])
    error = error_of(pidhold.run, ["printf", "abc\\377defg"], encoding="utf-8", capture_output=True, keep=(1, 5))
    check(isinstance(error, pidhold.UndecodableOutput), error)


@test("output that is handed on as it comes is told by its name, and kept nowhere")
def handed_on():
    seen = []
    done = pidhold.run("echo out; echo err >&2", shell=True, capture_output=True,
                       on_output=lambda *what: seen.append(what))
    check_equal((sorted(seen), done.stdout, done.stderr), ([("stderr", b"err\n"), ("stdout", b"out\n")], None, None))


@test("bytes that are no text lose neither the output nor the status; text at a time-out is text")
def undecodable():
    error = error_of(pidhold.run, "printf 'a\\377'; echo b >&2; exit 3", shell=True, capture_output=True,
                     encoding="utf-8", check=True)
    check(isinstance(error, UnicodeDecodeError) and isinstance(error, pidhold.PidholdError), error)
    check_equal((error.output, error.stderr, error.returncode, error.status.code), (b"a\xff", b"b\n", 3, 3))
    error = error_of(pidhold.run, "printf 'a\\303'; sleep 600", shell=True, capture_output=True, encoding="utf-8",
                     timeout=1)
    check_equal((error.output, error.stderr), ("a\\xc3", ""))


# ---- time ----


@test("a time-out covers the start, is TimeoutExpired of ours, of subprocess and of Python, and leaves nobody")
def slow_start():
    os.mkfifo("fifo")
    for call in (pidhold.run, pidhold.spawn):
        for contain in (None, "none"):
            for timeout in (0.1, 1, 10):  # on a busy machine it may be over before the fifo is opened
                error = error_of(call, ["cat"], stdin="fifo", timeout=timeout, contain=contain)
                for kind in (pidhold.TimeoutExpired, subprocess.TimeoutExpired, TimeoutError, pidhold.StartError):
                    check(isinstance(error, kind), kind)
                if error.step != "process":
                    break
            check_equal((error.cmd, error.timeout, error.step, error.left), (["cat"], timeout, "standard input", []))


@test("a time-out shows what was run and the seconds, as that of subprocess; before the start and for several too")
def shown():
    for timeout in (0.1, 1, 10):  # on a busy machine it may be over before the start is
        error = error_of(pidhold.run, ["sleep", "600"], timeout=timeout)
        if not isinstance(error, pidhold.StartError):
            break
    theirs = subprocess.TimeoutExpired(["sleep", "600"], timeout)
    check_equal((repr(error), error.args, str(error)), (repr(theirs), theirs.args, str(theirs)))
    for _ in range(20):  # and the start may be over before it is looked at
        error = error_of(pidhold.spawn, ["sleep", "600"], timeout=0)
        if error is not None:
            break
    check_equal(repr(error), "StartTimeoutExpired(['sleep', '600'], 0)")
    check(str(error).endswith(" timed out after 0 seconds: its program had not been executed yet"), error)
    with pidhold.spawn(["sleep", "600"]) as hold:
        error = pickle.loads(pickle.dumps(error_of(pidhold.wait_any, [hold, hold], 0)))
        check_equal((str(error), error.args), ("none of 2 processes ended within 0 seconds", ([hold.args] * 2, 0)))
        error = error_of(pidhold.wait_any, [hold, 1])
        check(isinstance(error, TypeError) and "1 is none" in str(error), error)


@test("a wrong argument of a run is refused before anything is started")
def refused_before():
    for options, kind in (({"linger": "x"}, TypeError), ({"linger": float("nan")}, ValueError),
                          ({"linger": -1}, ValueError), ({"linger": float("-inf")}, ValueError),
                          ({"bufsize": "1"}, TypeError), ({"on_output": 1}, TypeError), ({"keep": "a"}, ValueError),
                          ({"keep": (1, -1)}, ValueError), ({"bufsize": -5}, ValueError)):
        for function in (pidhold.run, pidhold.run_async):
            check_equal(type(error_of(function, ["touch", "begun"], **options)), kind, options)
    for options, said in (({"input": "text"}, "input must be bytes, not str; text=True takes text"),
                          ({"input": b"x", "text": True}, "input must be a str, since text was asked for, not bytes"),
                          ({"input": 7}, "input must be bytes, not int"),
                          ({"on_output": print}, "on_output would never"),
                          ({"on_output": print, "stdout": pidhold.DEVNULL}, "on_output would never")):
        for function in (pidhold.run, pidhold.run_async):
            check(said in str(error_of(function, ["touch", "begun"], **options)), options)
    for options, said in (({"process_group": -1}, "process_group must be 0"), ({"pipesize": -2}, "pipesize must be -1"),
                          ({"pipesize": "1"}, "pipesize must be an integer"), ({"bufsize": -5}, "bufsize must be -1")):
        for function in (pidhold.run, pidhold.spawn):
            check(said in str(error_of(function, ["touch", "begun"], **options)), options)
    check("args must be a program" in str(error_of(pidhold.run, None)), "run(None)")
    check("argv must be a program" in str(error_of(pidhold.spawn, 7)), "spawn(7)")
    check_equal(pidhold.run("true", bufsize=-1, pipesize=-1).returncode, 0)
    check(not os.path.exists("begun"), "it was started")


@test("Ctrl-C ends a start that waits, and a run, a wait and a talk, at once")
def heard():
    os.mkfifo("fifo")
    for contain in (None, "none"):
        check_equal(interrupted(pidhold.spawn, ["cat"], stdin="fifo", contain=contain), KeyboardInterrupt)
        check_equal(interrupted(pidhold.run, ["cat"], stdin="fifo", contain=contain), KeyboardInterrupt)
    check_equal(interrupted(pidhold.run, ["sleep", "600"]), KeyboardInterrupt)
    with pidhold.spawn(["sleep", "600"], stdout=pidhold.PIPE) as hold:
        check_equal(interrupted(hold.wait), KeyboardInterrupt)
        check_equal(interrupted(hold.communicate), KeyboardInterrupt)
        hold.kill()


@test("a signal's handler may start processes while a start waits")
def start_in_handler():
    def handler(number, frame):
        codes.append(pidhold.spawn(["sh", "-c", "exit 7"]).wait())
        opened.append(os.open("fifo", os.O_WRONLY))

    os.mkfifo("fifo")
    for contain in (None, "none"):
        codes, opened = [], []
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pidhold.spawn(["cat"], stdin="fifo", contain=contain) as hold:
            check_equal(codes, [7])
            os.close(opened[0])
            check_equal(hold.wait(), 0)


@test("every time may be without an end, larger than any clock, or a Decimal")
def large_times():
    for time in (float("inf"), sys.maxsize, 3e6, decimal.Decimal("30"), 10**400, None):
        check_equal(pidhold.run("true", timeout=time).returncode, 0)
        with pidhold.spawn("true", timeout=time, stdout=pidhold.PIPE) as hold:
            check_equal((hold.wait(time), hold.wait_tree(time) in (True, False)), (0, True))
            check_equal(hold.communicate(timeout=time), (b"", None))
        with pidhold.spawn(["sleep", "600"], ladder=[(signal.SIGTERM, time or 1)]) as hold:
            hold.stop([(signal.SIGTERM, time or 1), (signal.SIGKILL, time or 1)])
            check_equal(hold.wait(), -15)
    for time in (-1, -10**400, decimal.Decimal("-1"), float("-inf")):
        check(isinstance(error_of(pidhold.run, ["sleep", "600"], timeout=time), pidhold.TimeoutExpired), time)
    check(isinstance(error_of(pidhold.run, "true", timeout=float("nan")), ValueError), "NaN")
    check(isinstance(error_of(pidhold.run, "true", timeout="1"), TypeError), "a text")


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
