#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Signals that are sent to hold, and what of signals its command inherits. No terminal is near: see tests/pty."""
import json
import os
import signal
import subprocess

from bounded import state_of
from tap import HOLD, KEPT_SIGNALS, PATIENCE, actor, check, check_equal, main, quoted_actor, test, until

INT, QUIT, USR1, USR2, WINCH = signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH
TERM, HUP, KILL, CONT = signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGCONT
# Those that a program may ignore.
IGNORABLE = [n for n in range(1, signal.SIGRTMAX + 1) if n not in {KILL, signal.SIGSTOP} | KEPT_SIGNALS]


class Held:
    """hold run with an actor that tells each signal that arrives."""

    def __init__(self, *options, command=(actor("tell-signals"),), prepare=None):
        self.process = subprocess.Popen([HOLD, "run", "--report", "report", *options, "--", *command],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=prepare)
        check_equal(self.line(), "ready")

    def line(self):
        return self.process.stdout.readline().decode().rstrip("\n")

    def send(self, number):
        self.process.send_signal(number)

    def hears(self, *numbers):
        for number in numbers:
            check_equal(self.line(), str(int(number)), "what the command heard")

    def hears_lines(self, *lines):
        for line in lines:
            check_equal(self.line(), line)

    def end(self):
        """The rest of what the command heard, and the exit status."""
        out, self.errors = self.process.communicate(timeout=PATIENCE)
        with open("report") as file:
            self.report = json.load(file)
        return [int(word) for word in out.split()], self.process.returncode

    def sent(self):
        return [(getattr(signal, s["signal"]), s["why"]) for s in self.report["signals_sent"]]


# What hold cannot be sent, or keeps to itself: its own faults, and PIPE.
NOT_PASSED_ON = {KILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS,
                 signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS, signal.SIGPIPE} | KEPT_SIGNALS


@test("a signal is passed on as --map-signal has it, and a ladder begins with the mapped one")
def mapped():
    held = Held("--map-signal", "USR1=USR2", "--map-signal", "term=HUP")
    held.send(USR1)
    held.hears(USR2)
    held.send(TERM)
    held.hears(HUP)
    held.process.kill()
    held.process.communicate()
    held = Held("--map-signal", "TERM=QUIT", "--ladder", "TERM,60s,KILL",
                command=("sh", "-c", "ulimit -c 0; echo ready; exec sleep 60"))
    held.send(TERM)
    check_equal(held.end(), ([], 128 + QUIT))
    check_equal(held.sent()[0], (QUIT, "SIGTERM to hold"))


def with_descendant(*options):
    """A shell that tells of USR2, with a descendant that tells what it gets, and whose number is in the file left."""
    held = Held("--contain", "keeper", *options,
                command=("sh", "-c", f"trap 'echo got' USR2; {quoted_actor('tell-signals')} & "
                         "echo $! >new; mv new left; while :; do wait; done"))
    until(lambda: os.path.exists("left"), "the number of the descendant is written")
    held.send(USR2)
    return held


@test("with --pass-to tree USR2 goes to the descendants too")
def passed_to_tree():
    held = with_descendant("--pass-to", "tree")
    check_equal({held.line(), held.line()}, {"got", str(int(USR2))})
    held.send(TERM)
    check_equal(held.end(), ([TERM], 128 + TERM))


@test("without --pass-to, and with --pass-to process, USR2 goes to the command alone")
def passed_to_process():
    for options in ([], ["--pass-to", "process"]):
        held = with_descendant(*options)
        check_equal(held.line(), "got")
        held.send(TERM)
        check_equal(held.end(), ([TERM], 128 + TERM))
        os.unlink("left")


@test("every other signal that a process sends is passed on, and hold dies of none")
def all_passed_on():
    stops = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}  # hold stops too, where a shell is to see that
    for options in ([], ["--contain", "none"], ["--contain", "group"], ["--tty"]):
        held = Held(*options, command=("sh", "-c", f"stty -opost 2>/dev/null; exec {quoted_actor('tell-signals')}"))
        numbers = [n for n in range(1, signal.SIGRTMAX + 1) if n not in NOT_PASSED_ON | stops | {TERM, HUP}]
        if options == ["--tty"]:
            numbers = [n for n in numbers if n not in (CONT, WINCH)]  # they are about hold's own terminal
        for number in numbers:
            held.send(number)
            held.hears(number)
        held.send(TERM)
        check_equal(held.end()[1], 0, f"{options}")


@test("a stop that a process sends is passed on, and a continuation")
def stops_passed_on():
    for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        held = Held(prepare=os.setpgrp)
        held.send(number)
        held.hears(number)
        until(lambda: state_of(held.process.pid) == "T", "hold stops as well")
        held.send(CONT)
        held.send(USR1)
        while (line := held.line()) == str(int(CONT)):
            pass
        check_equal(line, str(int(USR1)))
        held.send(TERM)
        check_equal(held.end()[1], 0)


@test("without a ladder, a limit or a signal of the user's, TERM and HUP are passed on to all, and no KILL follows", 60)
def no_kill_of_its_own():
    for number in (TERM, HUP):
        held = Held(command=("python3", "-uc", """
import os, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
if os.fork() == 0:
    os.setsid()
os.write(1, b"ready\\n")
while signal.sigwait(range(1, 32)) not in (signal.SIGTERM, signal.SIGHUP):
    pass
os.write(1, b"told\\n")
time.sleep(6)  # more than the usual ladder's time
"""))
        check_equal(held.line(), "ready")
        held.send(number)
        held.hears_lines("told", "told")
        check_equal(held.end(), ([], 0))
        check_equal([n for n, _ in held.sent()], [number, CONT])


@test("INT, QUIT, USR1, USR2 and WINCH are passed on, each once, however often they come")
def passed_on():
    held = Held()
    for number in [INT, QUIT, USR1, USR2, WINCH] * 20:
        held.send(number)
        held.hears(number)
    held.send(TERM)
    check_equal(held.end(), ([TERM], 0))
    check_equal([why for _, why in held.sent()][:101], 100 * ["passed on"] + ["SIGTERM to hold"])


@test("TERM sent to hold begins the ladder with TERM")
def term():
    held = Held()
    held.send(TERM)
    check_equal(held.end(), ([TERM], 0))
    # Nobody may be left to be sent CONT.
    check([(TERM, "SIGTERM to hold"), (CONT, "SIGTERM to hold")][:len(held.sent())] == held.sent() != [], held.sent())


@test("HUP sent to hold begins the ladder with HUP in place of its first signal")
def hup():
    held = Held("--ladder", "USR1,50ms,USR2,50ms,KILL")
    held.send(HUP)
    heard, status = held.end()
    check_equal(heard, [HUP, CONT, USR2, CONT])
    check_equal(status, 128 + KILL)
    check_equal([number for number, _ in held.sent()], [HUP, CONT, USR2, CONT, KILL])


@test("TERM sent to hold goes before the signal of --signal")
def term_with_signal():
    held = Held("--signal", "USR1", "--kill-after", "600s")
    held.send(TERM)
    check_equal(held.end(), ([TERM], 0))


@test("the exit status after TERM is the command's")
def status_after_term():
    process = subprocess.Popen([HOLD, "run", "sh", "-c", "echo ready; exec sleep 60"], stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        process.send_signal(TERM)
    check_equal(process.returncode, 128 + TERM)


@test("a second TERM or HUP during a stop changes nothing")
def second_term():
    held = Held("--ladder", "USR1,600s,KILL", command=("python3", "-uc", """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
print("ready")
while True:
    number = signal.sigwait(range(1, 32))
    print(int(number))
    if number == signal.SIGUSR2:
        break
"""))
    held.send(HUP)
    held.hears(HUP, CONT)
    held.send(TERM)
    held.send(HUP)
    held.send(USR2)
    check_equal(held.end(), ([USR2], 0))


@test("INT during a stop goes straight to the end of the ladder")
def int_during_stop():
    held = Held("--ladder", "TERM,600s,USR1,600s,KILL", command=(actor("ignore"), str(int(TERM)), str(int(INT))))
    held.send(TERM)
    # One that hold sees before the TERM is passed on, and ignored by the command: it may take more than one.
    while held.process.poll() is None:
        held.send(INT)
        try:
            held.process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    check_equal(held.end()[1], 128 + KILL)
    numbers = [number for number, _ in held.sent()]
    check_equal([n for n in numbers if n != INT], [TERM, CONT, KILL])


@test("INT during the stop of a time-out goes straight to its end too")
def int_during_timeout():
    held = Held("--timeout", "50ms", "--ladder", "TERM,600s,KILL", command=("sh", "-c", "echo ready; exec sleep 60"),
                prepare=lambda: signal.signal(TERM, signal.SIG_IGN))
    check(b"time limit" in held.process.stderr.readline(), "hold does not tell the time-out")
    held.send(INT)
    check_equal(held.end()[1], 124)
    check_equal([number for number, _ in held.sent()], [TERM, CONT, KILL])


@test("a first INT begins no stop")
def int_is_no_stop():
    held = Held("--ladder", "TERM,0s,KILL")
    for _ in range(3):
        held.send(INT)
        held.hears(INT)
    held.send(USR1)
    held.hears(USR1)
    check(held.process.poll() is None, "hold has ended")
    held.send(TERM)
    held.end()


@test("INT that kills the command kills hold as well")
def int_kills():
    process = subprocess.Popen([HOLD, "run", "sh", "-c", "echo ready; exec sleep 60"], stdout=subprocess.PIPE)
    with process:
        process.stdout.readline()
        process.send_signal(INT)
    check_equal(process.returncode, -INT)


@test("a signal that the caller ignores is not passed on and begins no stop, except INT and QUIT")
def ignored_by_caller():
    held = Held(prepare=lambda: [signal.signal(n, signal.SIG_IGN) for n in (HUP, INT, QUIT, USR1)])
    for number in [HUP, USR1] * 3:
        held.send(number)
    for number in [INT, QUIT] * 3:
        held.send(number)
        held.hears(number)
    held.send(USR2)
    held.hears(USR2)
    held.send(TERM)
    check_equal(held.end(), ([TERM], 0))


@test("TERM begins the ladder though the caller has it blocked")
def blocked_by_caller():
    process = subprocess.Popen([HOLD, "run", "--kill-after", "50ms", "sh", "-c", "echo ready; exec sleep 60"],
                               stdout=subprocess.PIPE,
                               preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [TERM, CONT]))
    with process:
        process.stdout.readline()
        process.send_signal(TERM)
    check_equal(process.returncode, 128 + KILL)


# A sanitizer puts its handlers in the place of what hold's caller chose.
OPTIONS = os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0:handle_sigbus=0:handle_sigfpe=0"


def state(*options, prepare=None):
    """What the command sees of itself."""
    out = subprocess.run([HOLD, "run", *options, actor("show-state")], stdout=subprocess.PIPE, preexec_fn=prepare,
                         stdin=subprocess.DEVNULL, timeout=PATIENCE, check=True,
                         env={**os.environ, "ASAN_OPTIONS": OPTIONS}).stdout.decode()
    return dict(line.split(" ", 1) for line in out.splitlines() if not line.startswith(("fd ", "env ", "arg ")))


def bits(numbers):
    return sum(1 << number - 1 for number in numbers)


@test("signals that the caller ignores stay ignored, but for PIPE, XFSZ and CHLD")
def stay_ignored():
    seen = state(prepare=lambda: [signal.signal(n, signal.SIG_IGN) for n in IGNORABLE])
    wanted = bits(set(IGNORABLE) - {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD})
    check_equal(f"{int(seen['SigIgn'], 16):x}", f"{wanted:x}")
    seen = state(prepare=lambda: signal.signal(INT, signal.SIG_IGN))
    check_equal(int(seen["SigIgn"], 16), bits([INT]))


@test("so they do on a terminal of the command's own")
def stay_ignored_on_terminal():
    seen = state("--tty", prepare=lambda: [signal.signal(n, signal.SIG_IGN) for n in IGNORABLE])
    wanted = bits(set(IGNORABLE) - {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD})
    check_equal(f"{int(seen['SigIgn'], 16):x}", f"{wanted:x}")


@test("the command starts with no signal ignored or blocked that its caller has not so")
def nothing_added():
    for options in ([], ["--tty"], ["--timeout", "60s", "--audit", "audit"]):
        seen = state(*options)
        for field in ("SigIgn", "SigBlk"):
            check_equal(int(seen[field], 16), 0, f"{options} {field}")


@test("the caller's signal mask is passed on")
def mask():
    everything = set(IGNORABLE)
    for numbers in ({TERM}, {USR1, signal.SIGCHLD, signal.SIGRTMIN + 5}, {signal.SIGTTOU, signal.SIGTTIN}, everything):
        for options in ([], ["--tty"]):
            seen = state(*options, prepare=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, numbers))
            check_equal(f"{int(seen['SigBlk'], 16):x}", f"{bits(numbers):x}", f"{options}")


@test("hold waits for its command though the caller ignores or blocks CHLD")
def without_child_signal():
    for prepare in (lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
                    lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])):
        status = subprocess.call([HOLD, "run", "sh", "-c", "sleep 0.1; exit 7"], preexec_fn=prepare, timeout=PATIENCE)
        check_equal(status, 7)


@test("the command stays in its caller's process group and session")
def same_group():
    seen = state()
    check_equal((int(seen["pgid"]), int(seen["sid"])), (os.getpgid(0), os.getsid(0)))
    seen = state("--timeout", "60s")
    check_equal((int(seen["pgid"]), int(seen["sid"])), (os.getpgid(0), os.getsid(0)))


@test("a stop goes to the command alone, and not to the group that it shares with its caller")
def stop_is_not_for_group():
    bystander = subprocess.Popen(["sleep", "60"])
    status = subprocess.call([HOLD, "run", "--quiet", "--timeout", "50ms", "sleep", "60"])
    check_equal(status, 124)
    check(bystander.poll() is None, "another process of the group was signalled")
    bystander.kill()
    bystander.wait()


@test("a command that stops itself without a controlling terminal is ended by its time limit")
def stops_itself():
    for options in ([], ["--tty"]):
        status = subprocess.run([HOLD, "run", "--quiet", *options, "--timeout", "200ms", "sh", "-c", "kill -STOP $$"],
                                stdin=subprocess.DEVNULL, start_new_session=True, timeout=PATIENCE).returncode
        check_equal(status, 124)


@test("a command that stops itself and is continued by another goes on")
def continued():
    process = subprocess.Popen([HOLD, "run", "sh", "-c", "echo $$; kill -STOP $$; exit 7"], stdout=subprocess.PIPE)
    with process:
        pid = int(process.stdout.readline())
        while process.poll() is None:
            try:
                os.kill(pid, CONT)
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                pass
            except ProcessLookupError:  # it has ended, and hold is about to
                process.wait(PATIENCE)
    check_equal(process.returncode, 7)


@test("INT while orphans are ended is the ladder's last signal to them, and the signals to them are reported")
def orphans_hurried():
    script = "(trap 'echo heard' TERM; trap '' HUP; echo ready; while :; do sleep 0.1; done) & exit 3"
    for others in ([], [TERM, HUP]):
        held = Held("--ladder", "TERM,600s,KILL", command=["sh", "-c", script])
        held.hears_lines("heard")
        for number in others:  # the ladder has begun: they change nothing
            held.send(number)
        held.send(INT)
        out, _ = held.process.communicate(timeout=PATIENCE)
        check_equal((out, held.process.returncode), (b"", 3))
        with open("report", encoding="utf-8") as file:
            held.report = json.load(file)
        check_equal(held.sent(), [(TERM, "orphans"), (KILL, "orphans")])


main()
