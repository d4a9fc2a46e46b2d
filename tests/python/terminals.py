#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold.ptyprocess: the interface of the package ptyprocess, and pexpect on it."""
import asyncio
import os
import signal
import sys
import threading
import warnings

import pidhold
from pidhold.ptyprocess import PtyProcess, PtyProcessError, PtyProcessUnicode
from tap import check, check_equal, error_of, main, skip, test


def read_all(process):
    text = type(process).string_type()
    while True:
        try:
            text += process.read()
        except EOFError:
            return text


@test("a program on a terminal of the given size is read to its end, and its exit status told")
def status():
    process = PtyProcess.spawn(["sh", "-c", "stty size; exit 7"], dimensions=(31, 97))
    check_equal(read_all(process), b"31 97\r\n")
    check_equal(process.wait(), 7)
    check_equal((process.isalive(), process.exitstatus, process.signalstatus, process.status),
                (False, 7, None, 7 << 8))
    check(process.eof(), "no end of file")
    process.close()
    process.close()


@test("a signal that ended it is told")
def signalled():
    process = PtyProcess.spawn(["sleep", "60"])
    check(process.isalive(), "it does not run")
    process.kill(signal.SIGTERM)
    check_equal(process.wait(), None)
    check_equal((process.exitstatus, process.signalstatus, process.terminated), (None, signal.SIGTERM, True))
    process.kill(signal.SIGKILL)
    process.close()


@test("what is typed arrives, echoed if that is on; control characters do what they are for")
def typed():
    process = PtyProcessUnicode.spawn(["cat"])
    process.write("grüße\n")
    check_equal(process.readline(), "grüße\r\n")
    check_equal(process.readline(), "grüße\r\n")
    process.setecho(False)
    check(process.waitnoecho(10), "it echoes")
    process.write("once\n")
    check_equal(process.readline(), "once\r\n")
    check_equal(process.sendcontrol("!"), (0, b""))
    process.sendeof()
    check_equal(process.wait(), 0)
    process.close()
    process = PtyProcess.spawn(["sleep", "60"], echo=False)
    check(not process.getecho(), "it echoes")
    process.sendintr()
    process.wait()
    check_equal(process.signalstatus, signal.SIGINT)
    process.close()


@test("waiting for no echo has a limit, and without one none")
def no_echo():
    process = PtyProcess.spawn(["sh", "-c", "read line; stty -echo; sleep 60"])
    check_equal(process.waitnoecho(0.05), False)
    threading.Timer(0.1, process.write, [b"\n"]).start()
    check_equal(process.waitnoecho(), True)
    check(process.terminate(force=True), "it lives")
    process.close()


@test("terminate goes as far as it may")
def terminate():
    process = PtyProcess.spawn(["sh", "-c", "trap '' HUP INT; echo ready; while :; do sleep 1; done"])
    process.readline()
    process.delayafterterminate = 0.02
    check_equal(process.terminate(), False)
    check_equal(process.terminate(force=True), True)
    check_equal(process.signalstatus, signal.SIGKILL)
    process.close()


@test("the size may be changed, and is told")
def size():
    process = PtyProcess.spawn(["sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.02; done"])
    process.readline()
    process.setwinsize(10, 20)
    check_equal(process.readline(), b"10 20\r\n")
    check_equal(process.getwinsize(), (10, 20))
    process.close(force=True)


@test("directory, environment and descriptors pass as asked for")
def options():
    read, write = os.pipe()
    process = PtyProcess.spawn(["sh", "-c", f"pwd; echo $A $HOME; echo seen >&{write}"], cwd="/", env={"A": "b"},
                               pass_fds=[write])
    os.close(write)
    check_equal(read_all(process), b"/\r\nb\r\n")
    check_equal(os.read(read, 10), b"seen\n")
    os.close(read)
    process.close()
    check_equal(repr(process).partition(".spawn")[0], "PtyProcess")
    check("cwd='/'" in repr(process), repr(process))


@test("with preexec_fn, Python runs in the new process, and its errors are raised here")
def preexec():
    process = PtyProcess.spawn(["sh", "-c", "ulimit -c"], preexec_fn=lambda: os.umask(0))
    read_all(process)
    check_equal(process.wait(), 0)
    process.close()

    def fail():
        raise ValueError("not this")
    error = error_of(PtyProcess.spawn, ["true"], preexec_fn=fail)
    check_equal((type(error), str(error)), (ValueError, "not this"))
    process = PtyProcess.spawn(["sleep", "60"], preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    check(process.isalive(), "it does not run")
    check(process.terminate(force=True), "it lives")
    process.close()


@test("what cannot be started is an error here, and nothing is left")
def refused():
    check(isinstance(error_of(PtyProcess.spawn, ["no such program"]), FileNotFoundError), "no error")
    check(isinstance(error_of(PtyProcess.spawn, "sh"), TypeError), "no error")
    check(isinstance(error_of(PtyProcess.spawn, ["true"], cwd="/no/such"), FileNotFoundError), "no error")


@test("a status that somebody else took is an error, not a success")
def taken():
    process = PtyProcess(*pidhold.forkpty())
    if process.pid == 0:
        os._exit(0)
    os.waitpid(process.pid, 0)
    check(isinstance(error_of(process.isalive), PtyProcessError), "no error")
    process.terminated = True
    process.close()


@test("beside threads there is no warning, from any thread")
def threads():
    warnings.simplefilter("error")
    gate, failures = threading.Event(), []

    def start():
        try:
            for number in range(10):
                process = PtyProcess.spawn(["sh", "-c", f"exit {number}"])
                check_equal(process.wait(), number)
                process.delayafterclose = 0
                process.close()
        except BaseException as error:
            failures.append(error)
    waiting = [threading.Thread(target=gate.wait)] + [threading.Thread(target=start) for _ in range(4)]
    for thread in waiting:
        thread.start()
    for thread in waiting[1:]:
        thread.join()
    gate.set()
    waiting[0].join()
    check_equal(failures, [])


@test("install(ptyprocess=True) puts it in the package's place, there or not, and uninstall() takes it away")
def installing():
    pidhold.install(ptyprocess=True)
    pidhold.install(ptyprocess=True)
    import ptyprocess
    check(ptyprocess.PtyProcess is PtyProcess and ptyprocess.PtyProcessError is PtyProcessError, "not ours")
    from ptyprocess.ptyprocess import use_native_pty_fork
    check(use_native_pty_fork, "Solaris")
    check(os.kill is pidhold.kill, "not ours")
    pidhold.uninstall()
    check(os.kill is not pidhold.kill, "ours still")
    check(sys.modules.get("ptyprocess") is not pidhold.ptyprocess, "ours still")


@test("pexpect drives a program through it, in a process with threads, without a warning")
def pexpect():
    warnings.simplefilter("error", DeprecationWarning)
    pidhold.install(ptyprocess=True)
    try:
        import pexpect as theirs
    except ImportError:
        skip("no pexpect")
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    try:
        child = theirs.spawn("sh", ["-c", "read name; echo hello $name; exit 5"], encoding="utf-8", timeout=20)
        check(type(child.ptyproc) is PtyProcess or isinstance(child.ptyproc, PtyProcess), type(child.ptyproc))
        child.sendline("you")
        child.expect("hello you")
        child.expect(theirs.EOF)
        child.close()
        check_equal(child.exitstatus, 5)
        with_bash = theirs.replwrap.bash() if hasattr(theirs, "replwrap") else None
        check(with_bash is None or with_bash.run_command("echo a b") == "a b\r\n", "replwrap")
    finally:
        gate.set()
        thread.join()


@test("terminado serves a shell through it")
def terminado():
    import asyncio
    pidhold.install(ptyprocess=True)
    try:
        import terminado as theirs
    except ImportError:
        skip("no terminado")
    seen = []

    class Client:
        def on_pty_read(self, text):
            seen.append(text)

        def on_pty_died(self):
            seen.append(None)

    async def told(condition):
        for _ in range(2000):
            if condition():
                return True
            await asyncio.sleep(0.01)
        return False

    async def serve():
        terminal = theirs.SingleTermManager(shell_command=["sh"]).get_terminal("a")
        terminal.clients.append(Client())
        check(isinstance(terminal.ptyproc, PtyProcessUnicode), type(terminal.ptyproc))
        terminal.ptyproc.write("echo hel''lo\n")
        check(await told(lambda: "hello" in "".join(seen)), seen)
        terminal.ptyproc.write("exit 3\n")
        check(await told(lambda: None in seen), seen)
        check_equal(terminal.ptyproc.wait(), 3)
        terminal.ptyproc.close()
    asyncio.run(serve())


@test("a line that a terminal would cut is refused before anything is written, unless the terminal is raw now")
def long_lines():
    long, fits = b"a" * 4096 + b"\n", b"b" * 4095 + b"\n"
    with pidhold.spawn(["cat"], terminal=True, echo=False) as hold:
        for call in (hold.terminal.write, hold.communicate, lambda data: asyncio.run(hold.terminal_async.write(data))):
            for data in (long, b"first\n" + long, long[:-1]):
                error = error_of(call, data)
                check("takes lines of 4095 bytes, and the input has one of 4096" in str(error), error)
        asyncio.run(hold.terminal_async.write(fits))
        check_equal(hold.communicate(b"last\n")[0], fits[:-1] + b"\r\nlast\r\n")
    with pidhold.spawn(["head", "-c", "4097"], terminal=True, raw=True) as hold:
        check_equal(hold.terminal.write(long), 4097)
        check_equal(hold.communicate()[0], long)


main()
