# SPDX-License-Identifier: ISC
"""The harness of the tests in Python: a test is a function with @test("a sentence"), main() runs them and prints TAP.

Each runs in a process of its own, in an empty directory, with an alarm, and fails if it leaves a descriptor or a child
behind. HOLD (the program) and ACTORS (what the actors' paths begin with) are in the environment. A program may be
given a part of a sentence: then only the tests whose sentences have it are run."""
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
import traceback

HOLD = os.environ["HOLD"]
# The signals that the C library of HOLD keeps to itself: no program that is linked with it can catch or block them.
KEPT_SIGNALS = {32, 33} | ({34} if os.environ.get("LIBC") == "musl" else set())
SKIPPED = 77
PATIENCE = 60  # seconds that anything may take; nothing is expected to
tests = []


def actor(name):
    return os.environ["ACTORS"] + name


def quoted_actor(name):
    """As a word of a script."""
    return shlex.quote(actor(name))


def test(sentence, seconds=150):
    def add(function):
        tests.append((sentence, function, seconds))
        return function
    return add


class Unmet(Exception):
    """An expectation that is not met."""


def check(condition, what):
    if not condition:
        raise Unmet(what)


def check_equal(is_, wanted, what=""):
    if is_ != wanted:
        raise Unmet(f"{what}{': ' if what else ''}{is_!r}, not {wanted!r}")


def error_of(function, *args, **keywords):
    """The exception that a call raises; None if it returns."""
    try:
        function(*args, **keywords)
    except BaseException as error:
        return error
    return None


def skip(reason):
    """The test cannot be made on this system; the reason must be one that tests/expected-skips knows."""
    print(f"# SKIP {reason}", flush=True)
    os._exit(SKIPPED)


def until(condition, what):
    """Waits for a condition, looking again and again."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Unmet(f"in vain: {what}")
        time.sleep(0.01)


def descriptors():
    """Those that are open, but for numbers that the library has reserved, which lasts."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink(f"/proc/self/fd/{fd}").startswith("/memfd:pidhold"):
                found.add(int(fd))
        except FileNotFoundError:
            pass
    return found


def run_here(function, seconds, directory):
    os.setpgid(0, 0)
    os.chdir(directory)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    before = descriptors()
    try:
        function()
        check_equal(descriptors(), before, "descriptors")
        try:
            check_equal(os.waitpid(-1, os.WNOHANG), None, "a child is left")
        except ChildProcessError:
            pass
    except Unmet as unmet:
        line = traceback.extract_tb(unmet.__traceback__)
        places = " ".join(str(frame.lineno) for frame in line if frame.filename != __file__)
        print("# " + f"line {places}: {unmet}".replace("\n", "\n# "), flush=True)
        os._exit(1)
    except BaseException:
        print("# " + traceback.format_exc().strip().replace("\n", "\n# "), flush=True)
        os._exit(1)
    os._exit(0)


def run(sentence, function, seconds):
    directory = tempfile.mkdtemp()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        run_here(function, seconds, directory)
    status = os.waitpid(pid, 0)[1]
    status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)  # for Python 3.8
    try:
        os.killpg(pid, signal.SIGKILL)  # whoever a failed test left in its group
    except ProcessLookupError:
        pass
    shutil.rmtree(directory, ignore_errors=True)
    if status < 0:
        print(f"# ended by signal {-status}{': out of time' if status == -signal.SIGALRM else ''}")
    return status


def main():
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    number = failed = 0
    for sentence, function, seconds in tests:
        if part not in sentence:
            continue
        number += 1
        status = run(sentence, function, seconds)
        failed += status not in (0, SKIPPED)
        print(f"{'ok' if status in (0, SKIPPED) else 'not ok'} {number} - {sentence}"
              f"{' # SKIP see above' if status == SKIPPED else ''}", flush=True)
    print(f"1..{number}")
    sys.exit(failed > 0)
