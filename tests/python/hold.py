#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold.Hold: waiting, how it ended, signals, trees, and what becomes of the process when it is let go."""
import errno
import gc
import os
import select
import signal
import subprocess
import sys
import threading
import warnings
import weakref

import pidhold
from ended import gone, reaped
from tap import PATIENCE, actor, check, check_equal, main, skip, test, until


def sleeper(*words, **options):
    return pidhold.spawn(["sleep", "600", *words], **options)


def need_descriptors():
    with pidhold.spawn("true") as hold:
        try:
            hold.fileno()
        except OSError:
            skip("no process descriptors on this system")


def raises(kind, call, *args, **keywords):
    try:
        call(*args, **keywords)
    except kind as error:
        return error
    check(False, f"no {kind.__name__}")
    return None


@test("return codes are those of subprocess, for each exit status and each signal")
def return_codes():
    for code in (0, 1, 7, 127, 255):
        with pidhold.spawn(["sh", "-c", f"exit {code}"]) as hold:
            check_equal(hold.returncode, None, "before the wait")
            check_equal((hold.wait(), hold.returncode, hold.poll()), (code, code, code))
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1, signal.SIGRTMIN + 1):
        command = ["sh", "-c", f"kill -{int(number)} $$"]
        ours = pidhold.spawn(command)
        check_equal(ours.wait(), subprocess.call(command))
        check_equal(ours.wait(), -number)
        ours.close()


@test("a wait that runs out of time raises subprocess.TimeoutExpired with argv and the time, and may be repeated")
def wait_times_out():
    with sleeper() as hold:
        for timeout in (0.01, 0, -1, 0.0):
            error = raises(subprocess.TimeoutExpired, hold.wait, timeout)
            check_equal((error.cmd, error.timeout), (["sleep", "600"], timeout))
        check_equal((hold.poll(), hold.status, hold.returncode), (None, None, None))
        raises(ValueError, hold.wait, float("nan"))
        raises(TypeError, hold.wait, "1")
        hold.kill()
        check_equal(hold.wait(timeout=1e300), -9)
        check_equal(hold.wait(0), -9)


@test("the status tells how, the code, what was used and how long it took")
def status():
    with pidhold.spawn([sys.executable, "-c", "sum(range(10**6)); raise SystemExit(3)"]) as hold:
        hold.wait()
        status = hold.status
    check_equal((status.how, status.code, status.core_dumped), ("exited", 3, False))
    check(status.user + status.system > 0 and status.wall > 0, status)
    check_equal(hold.status, status, "after the close")
    with sleeper() as hold:
        hold.signal(signal.SIGUSR1)
        hold.wait()
        check_equal((hold.status.how, hold.status.code), ("signalled", signal.SIGUSR1))


@test("a status that nobody can tell is StatusUnknown, 'unknown' and None, and never 0")
def unknown_status():
    program = """
import os, signal, pidhold
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
hold = pidhold.spawn(["sh", "-c", "exit 0"], contain="none")
for call in hold.wait, hold.poll, hold.wait:
    try:
        print(call())
    except pidhold.StatusUnknown as error:
        print(type(error).__name__, error.pid == hold.pid, isinstance(error, ChildProcessError))
print(hold.status.how, hold.status.code, hold.returncode)
try:
    pidhold.run("echo seen", shell=True, capture_output=True, check=True, contain="none")
except pidhold.StatusUnknown as error:
    print(error.output)
hold.close()
"""
    # PIDFD_GET_INFO, which tells of a process that was reaped.
    done = subprocess.run([actor("without"), "ENOTTY", "ioctl:1=0xC040FF0B", "--", sys.executable, "-c", program],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode == 125:
        skip("no system calls can be denied here")
    check_equal((done.stdout.decode().splitlines(), done.stderr),
                (3 * ["StatusUnknown True True"] + ["unknown None None", "b'seen\\n'"], b""))


@test("with SIGCHLD ignored the code is known all the same, or unknown, but never wrong")
def ignored_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in range(20):
        with pidhold.spawn(["sh", "-c", "exit 7"]) as hold:
            try:
                check_equal(hold.wait(), 7)
            except pidhold.StatusUnknown:
                check_equal((hold.returncode, hold.status.how), (None, "unknown"))


@test("its descriptor is readable once it has ended")
def descriptor():
    need_descriptors()
    with pidhold.spawn("cat", stdin=pidhold.PIPE) as hold:
        check_equal(select.select([hold], [], [], 0)[0], [])
        hold.stdin.close()
        check_equal(select.select([hold], [], [], PATIENCE)[0], [hold])
        check_equal(hold.poll(), 0)
    raises(ValueError, hold.fileno)


@test("a signal reaches the process, or nobody once it has ended, which is told")
def signals():
    with sleeper() as hold:
        check_equal(hold.signal(0), True)
        check_equal(hold.send_signal(signal.SIGTERM), True)
        check_equal(hold.wait(), -15)
        check_equal((hold.signal(signal.SIGTERM), hold.kill(), hold.terminate()), (False, False, False))
        with sleeper() as other:
            check_equal(raises(OSError, other.signal, 12345).errno, errno.EINVAL)
            other.terminate()
            check_equal(other.wait(), -15)


@test("a wait runs the handlers of signals at once, and their exceptions end it")
def interrupted_wait():
    def handler(number, frame):
        handled.append(number)
        if len(handled) == 2:
            raise KeyboardInterrupt

    handled = []
    signal.signal(signal.SIGALRM, handler)
    with sleeper() as hold:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        raises(KeyboardInterrupt, hold.wait)
        signal.setitimer(signal.ITIMER_REAL, 0)
        check_equal(handled, 2 * [signal.SIGALRM])


@test("a wait sleeps once, and does not look again and again")
def sleeping_wait():
    need_descriptors()
    with sleeper() as hold:
        def count():
            with open("/proc/thread-self/status") as file:
                return [int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches")][0]

        before = count()
        raises(subprocess.TimeoutExpired, hold.wait, 0.5)
        check(count() - before < 5, f"it slept {count() - before} times")


@test("several threads wait for one process, and others run meanwhile")
def waiting_threads():
    codes = []
    with sleeper() as hold:
        threads = [threading.Thread(target=lambda: codes.append(hold.wait())) for _ in range(5)]
        for thread in threads:
            thread.start()
        hold.kill()
        for thread in threads:
            thread.join()
    check_equal(codes, [-9] * 5)


@test("the tree lists the process and what it started, with names, parents first")
def tree():
    need_descriptors()
    with pidhold.spawn(["sh", "-c", "sleep 600 & sleep 601 & wait"]) as hold:
        until(lambda: sorted(member.command for member in hold.tree()[1:]) == ["sleep 600", "sleep 601"], "both")
        first, *rest = hold.tree()
        check_equal((first.pid, first.user), (hold.pid, os.getuid()))
        check_equal([member.parent for member in rest], 2 * [hold.pid])
        check_equal(first.reference, hold.reference())
        stopped = hold.stop()
        check_equal((stopped.seen, stopped.terminated, stopped.killed), (3, 3, 0))
        check_equal((hold.tree(), hold.status.left), ([], []))
        check(all(gone(member.pid) for member in rest), "one lives")


@test("what a contained process leaves is listed after its end, can be awaited, and is ended with the hold")
def orphans():
    need_descriptors()
    with pidhold.spawn(["sh", "-c", "setsid setsid sleep 600 & echo"], stdout=pidhold.PIPE) as hold:
        if hold.containment in ("none", "group"):
            skip("nothing contains a tree here")
        hold.wait()
        until(lambda: [member.command for member in hold.tree()] == ["sleep 600"], "the orphan")
        orphan = hold.tree()[0].pid
        check_equal([member.pid for member in hold.status.left], [orphan])
        raises(subprocess.TimeoutExpired, hold.wait_tree, 0.01)
        check_equal(hold.stop().seen >= 1, True)
        check_equal((not gone(orphan), hold.tree(), hold.status.left, hold.wait_tree()), (False, [], [], True))
    with pidhold.spawn(["sh", "-c", "setsid sleep 600 & echo $!"], stdout=pidhold.PIPE) as hold:
        orphan = int(hold.stdout.readline())
        hold.wait()
    check(gone(orphan), "it outlived the hold")
    check_equal(hold.status.left, [])


@test("of what an uncontained process left nobody knows, and it is not told to be nothing")
def uncontained():
    with pidhold.spawn(["sh", "-c", "sleep 600 & echo $!"], stdout=pidhold.PIPE, contain="none") as hold:
        orphan = int(hold.stdout.readline())
        hold.wait()
        check_equal((hold.containment, hold.status.left, hold.wait_tree()), ("none", None, False))
        check_equal(tuple(hold.stop()), (0, 0, 0, 0))
        check_equal((hold.status.left, not gone(orphan)), (None, True))
    os.kill(orphan, signal.SIGKILL)


@test("if the keeper is killed the process ends with it, and nothing is claimed of what it started")
def keeper_killed():
    need_descriptors()
    with sleeper(contain="keeper") as hold:
        os.kill(hold.tree()[0].parent, signal.SIGKILL)
        try:
            check_equal(hold.wait(), -9)
        except pidhold.StatusUnknown:
            pass
        check_equal(tuple(hold.stop()), (0, 0, 0, 0))
        check_equal(hold.status.left, None)


@test("stop may be called again and after the end, and takes a ladder")
def stop():
    need_descriptors()
    with pidhold.spawn(["sh", "-c", "trap '' TERM; echo; while :; do sleep 600; done"],
                       stdout=pidhold.PIPE) as hold:
        hold.stdout.readline()
        check_equal(hold.stop([(signal.SIGTERM, 0.05), (signal.SIGKILL, 5)]).killed >= 1, True)
        check_equal(hold.wait(), -9)
        check_equal(tuple(hold.stop()), (0, 0, 0, 0))
    check_equal(tuple(hold.stop()), (0, 0, 0, 0), "after the close")


@test("the ladder of the start is that of stop, and of the end of a hold")
def ladder():
    program = ["sh", "-c", "trap 'exit 5' USR1; echo; while :; do sleep 0.01; done"]
    for end in ("stop", "close"):
        hold = pidhold.spawn(program, stdout=pidhold.PIPE, ladder=[(signal.SIGUSR1, 30), (signal.SIGKILL, 5)])
        hold.stdout.readline()
        getattr(hold, end)()
        check_equal(hold.wait(), 5, end)
        hold.close()


@test("stop raises if somebody is provably left, and names him")
def survivors():
    need_descriptors()
    error = pidhold.StopFailed(5, [pidhold.Member(6, 5, 0, "S", "sleep 9", "6:7")])
    check_equal(str(error), "of the tree of process 5 some could not be ended: 6 (sleep 9)")
    if os.getuid() != 0:
        skip("only root may become another user")
    hold = sleeper()
    try:
        os.setresuid(65534, 65534, 0)  # who may not signal root's
    except PermissionError:
        skip("this root cannot become another user")
    error = raises(pidhold.StopFailed, hold.stop, [(signal.SIGTERM, 0.01), (signal.SIGKILL, 0.01)])
    os.setresuid(0, 0, 0)
    check_equal([(member.pid, member.user, member.command) for member in error.left], [(hold.pid, 0, "sleep 600")])
    check_equal((error.pid, hold.returncode), (hold.pid, None))
    check_equal(hold.stop().seen, 1)
    check_equal((hold.wait(), hold.status.left), (-15, []))
    hold.close()


@test("with, close and the collector end a process that lives, unless it was to be left")
def endings():
    with sleeper() as first:
        pass
    check(first.closed and gone(first.pid), "after with")
    check_equal((first.wait(), first.returncode, first.status.how), (-15, -15, "signalled"))
    second = sleeper(on_release="kill")
    second.close()
    second.close()
    check_equal(second.wait(), -9)
    third = sleeper(on_release="leave")
    third.close()
    check(not gone(third.pid), "what was to be left has ended")
    raises(ValueError, third.wait)
    raises(ValueError, third.kill)
    check_equal((third.poll(), third.status, third.returncode), (None, None, None))
    os.kill(third.pid, signal.SIGKILL)
    check_equal(os.waitpid(third.pid, 0), (third.pid, 9))


@test("a hold that is collected while its process lives warns, names it, and ends it as was chosen")
def collected():
    for fate in ("stop", "kill", "leave"):
        hold = sleeper(on_release=fate)
        pid = hold.pid
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            del hold
        check_equal([(record.category, str(record.message)) for record in seen],
                    [(ResourceWarning, f"process {pid} is still running")])
        seen.clear()  # they have the hold
        if fate == "leave":
            check(not gone(pid), fate)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        else:
            until(lambda: gone(pid), fate)
            reaped()


@test("a hold that is collected does not wait for the ladder: its keeper climbs it")
def collected_in_background():
    hold = pidhold.spawn(["sh", "-c", "trap '' TERM; echo; exec sleep 60"], stdout=pidhold.PIPE,
                         ladder=[(signal.SIGTERM, 3600), (signal.SIGKILL, 1)])
    pid, out = hold.pid, hold.stdout
    out.read(1)
    if hold.containment in ("none", "group"):
        hold.kill()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        del hold, out  # with the ladder in this thread it would take an hour
    check(not gone(pid), "it ignores TERM")
    os.kill(pid, signal.SIGKILL)
    reaped()


@test("a hold that is collected after its process ended says nothing and leaves no zombie")
def collected_ended():
    need_descriptors()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        hold = pidhold.spawn("true")
        select.select([hold], [], [])
        del hold
        pidhold.spawn("true").wait()
        cycle = pidhold.spawn("true")
        cycle.stdin = [cycle]
        reference = weakref.ref(cycle)
        cycle.wait()
        del cycle
        gc.collect()
    check_equal((seen, reference()), ([], None))


@test("a warning that is an error is written as one that cannot be raised, and the process ends all the same")
def warning_as_error():
    done = subprocess.run([sys.executable, "-W", "error", "-c", """
import pidhold
hold = pidhold.spawn(["sleep", "600"])
print(hold.pid)
del hold
"""], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(b"ResourceWarning" in done.stderr and done.returncode == 0, done)
    until(lambda: gone(int(done.stdout)), "it ends")


@test("a program that ends with a live hold ends the process, and says so where warnings are shown")
def at_exit():
    for keep in ("", "import sys; sys.kept = hold", "hold.stdin = hold"):
        done = subprocess.run([sys.executable, "-X", "dev", "-c", f"""
import pidhold
hold = pidhold.spawn(["sleep", "600"])
print(hold.pid)
{keep}
"""], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check_equal(done.returncode, 0, done.stderr)
        until(lambda: gone(int(done.stdout)), keep or "its keeper has ended it")


@test("a close while others wait hurts nobody: each has his answer")
def closed_while_awaited():
    for fate, code in (("stop", -15), ("kill", -9), ("leave", 0)) * 10:
        codes = []
        hold = pidhold.spawn("cat", stdin=pidhold.PIPE, on_release=fate)
        threads = [threading.Thread(target=wait_for, args=(hold, codes)) for _ in range(4)]
        for thread in threads:
            thread.start()
        hold.close()  # which gives cat the end of its input too
        for thread in threads:
            thread.join()
        check(set(codes) <= {code, "closed"}, codes)
        if fate == "leave" and code not in codes:
            os.waitpid(hold.pid, 0)


def wait_for(hold, codes):
    try:
        codes.append(hold.wait())
    except ValueError:  # the close was first
        codes.append("closed")


@test("what has a lease of it has its descriptor, also after a close")
def leased():
    need_descriptors()
    with pidhold.spawn("cat", stdin=pidhold.PIPE, on_release="leave") as hold:
        fd = hold.fileno()
        lease = hold._lease()
    check_equal(select.select([fd], [], [], PATIENCE)[0], [fd])
    del lease
    check_equal(raises(OSError, os.fstat, fd).errno, errno.EBADF)
    raises(ValueError, hold._lease)


@test("in a forked child a hold belongs to its parent: it refuses, and its end there harms nobody")
def forked():
    hold = sleeper()
    pid = os.fork()
    if pid == 0:
        warnings.simplefilter("error")
        ok = True
        for call in (hold.wait, hold.kill, hold.stop, hold.tree):
            try:
                call()
                ok = False
            except ChildProcessError:
                pass
        hold.close()
        os._exit(0 if ok else 1)
    check_equal(os.waitpid(pid, 0)[1], 0)
    check(not gone(hold.pid), "the child ended it")
    pid = os.fork()
    if pid == 0:
        del hold
        gc.collect()
        os._exit(0)
    check_equal(os.waitpid(pid, 0)[1], 0)
    check(not gone(hold.pid), "the child's collector ended it")
    hold.close()


@test("a Hold is made by spawn alone, and shows itself")
def constructor():
    raises(TypeError, pidhold.Hold)
    with sleeper() as hold:
        name = f"<pidhold.Hold of process {hold.pid} ['sleep', '600']"
        check_equal(repr(hold), f"{name}: runs, containment {hold.containment}>")
        check_equal((hold.args, type(hold).__module__), (["sleep", "600"], "pidhold"))
        hold.kill()
        hold.wait()
        check_equal(repr(hold), f"{name}: ended by SIGKILL>")
    with pidhold.spawn("true") as hold:
        hold.wait()
        check_equal(repr(hold), f"<pidhold.Hold of process {hold.pid} 'true': exit status 0>")


main()
