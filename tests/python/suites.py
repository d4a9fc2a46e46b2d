#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""CPython's own tests, unchanged, with pidhold's functions in place of the interpreter's, and without, beside.

    suites.py INTERPRETER [MODULE...]
    suites.py others    the quicker modules, of each other CPython of the machine that has its tests

For each of CPython's test modules the tests that ran, were skipped and failed must be the same by name, and ours must
have been called. Two virtual environments differ in one thing: one has a .pth file whose import puts ours in place,
which reaches children too that are started with -I or -E. Each run is on a terminal, which some tests want.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

from pythons import OLDEST, interpreters

# What is run, with those of ours that its tests call somewhere.
MODULES = {
    "test_os": ["kill"],
    "test_posix": ["pidfd_open"],
    "test_pty": ["forkpty"],
    "test_signal": ["kill", "pthread_kill"],
    "test_fork1": [],
    "test_threadsignals": ["kill"],
    "test_builtin": ["forkpty"],
    "test_subprocess": ["kill"],
    "test_audit": [],
    "test_faulthandler": ["kill"],
    "test_threading": [],
    "test_eintr": [],
    "test_wsgiref": ["pthread_kill"],
    "test_unittest": ["kill"],
    "test_interpreters": [],
    "test__xxsubinterpreters": [],
    "test__interpreters": [],
    "test_asyncio": ["kill", "pidfd_open"],
    "test_multiprocessing_fork": ["kill"],
    "test_multiprocessing_forkserver": ["kill"],
    "test_multiprocessing_spawn": ["kill"],
}
SINCE = {("test_os", "kill"): (3, 9), ("test_posix", "pidfd_open"): (3, 9)}  # else always
QUICK = ("test_os", "test_posix", "test_pty", "test_signal", "test_threadsignals", "test_builtin", "test_fork1",
         "test_interpreters", "test__xxsubinterpreters", "test__interpreters")
PARTS = {  # of a module, where the rest has nothing to do with processes
    "test_asyncio": ["test.test_asyncio.test_subprocess.*", "test.test_asyncio.test_unix_events.*",
                     "test.test_asyncio.test_events.*"],
}
SECONDS = 1200  # that a module may take; nothing is expected to
TRIES = 3  # of a module whose tests differ: some of CPython's fail now and then on a busy machine, with or without ours

IN_PLACE = """
import atexit, json, os, posix, signal
import pidhold
pidhold.install()

def tell(process=os.getpid()):
    # What a forked child has is its parent's, and told by that.
    if os.getpid() == process:
        line = json.dumps(pidhold._pidhold._calls()) + "\\n"
        fd = os.open({log!r}, os.O_WRONLY | os.O_APPEND)
        os.write(fd, line.encode())
        os.close(fd)

atexit.register(tell)
"""


class Run:
    """What became of each test of a module."""

    def __init__(self, output, status):
        self.output = output
        self.ran, self.skipped, self.failed = set(), set(), set()
        head, *reports = re.split(r"^={70}$", output, flags=re.M)
        starts = list(re.finditer(r"(\w+) \(([\w.]+)\)(?=\n| \.\.\. )", head))
        for start, following in zip(starts, starts[1:] + [None]):
            name = f"{start.group(2)} {start.group(1)}"
            is_skipped = re.search(r"\.\.\. (?:.*\n)*?.*\bskipped ['\"]",
                                   head[start.end():following.start() if following else None])
            (self.skipped if is_skipped else self.ran).add(name)
        for report in reports:
            told = re.match(r"\s*(?:FAIL|ERROR): (\w+) \(([\w.]+)\)", report)
            if told:
                self.failed.add(f"{told.group(2)} {told.group(1)}")
        if status != 0 and not self.failed:
            self.failed.add(f"exit status {status}")

    def differences(self, baseline):
        for word in ("ran", "skipped", "failed"):
            mine, theirs = getattr(self, word), getattr(baseline, word)
            for name in sorted(mine - theirs):
                yield f"{word} with ours alone: {name}"
            for name in sorted(theirs - mine if word != "failed" else ()):
                yield f"{word} without ours alone: {name}"


class Environment:
    """A virtual environment, with or without ours in place."""

    def __init__(self, interpreter, directory, package):
        self.directory = directory
        self.log = os.path.join(directory, "calls")
        subprocess.run([interpreter, "-m", "venv", "--without-pip", directory], check=True,
                       stdin=subprocess.DEVNULL)
        self.python = os.path.join(directory, "bin", "python")
        if package:
            self._put_in_place(package)

    def _put_in_place(self, package):
        told = subprocess.run([self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                              stdout=subprocess.PIPE, universal_newlines=True, check=True)
        packages = told.stdout.strip()
        os.symlink(package, os.path.join(packages, "pidhold"))
        with open(os.path.join(packages, "pidhold_in_place.py"), "w") as file:
            file.write(IN_PLACE.format(log=self.log))
        with open(os.path.join(packages, "pidhold.pth"), "w") as file:
            file.write("import pidhold_in_place\n")

    def run(self, module):
        """The run, and how often each of ours was called."""
        with open(self.log, "w"):
            os.chmod(self.log, 0o666)
        parts = "".join(f" -m '{part}'" for part in PARTS.get(module, ()))
        command = f"{self.python} -m test -v -u network{parts} {module}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        done = subprocess.run(["script", "-qec", command, "/dev/null"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=self.directory,
                              timeout=SECONDS)
        output = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        calls = {}
        with open(self.log) as file:
            for line in file:
                for name, number in json.loads(line).items():
                    calls[name] = calls.get(name, 0) + number
        return Run(output, done.returncode), calls


def has_module(interpreter, module):
    return subprocess.run([interpreter, "-c", f"import test.{module}"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode == 0


def examine(version, module, baseline, patched):
    """What is wrong, and a word on the run."""
    for attempt in range(TRIES):
        with concurrent.futures.ThreadPoolExecutor() as pool:  # at once at first, and then undisturbed
            first = pool.submit(baseline.run, module)
            without = first.result()[0] if attempt else None
            with_ours, calls = patched.run(module)
            without = without or first.result()[0]
        faults = list(with_ours.differences(without))
        if not faults:
            break
        print("\n".join(f"# try {attempt + 1}: {fault}" for fault in faults), flush=True)
    if not with_ours.ran:
        faults.append("no test ran:\n" + with_ours.output[-2000:])
    for name in sorted(with_ours.failed & without.failed):
        print(f"# fails without ours too: {name}", flush=True)
    if not calls:
        faults.append("ours were not in place")
    faults += [f"{name} of ours was not called" for name in MODULES[module]
               if not calls.get(name) and version >= SINCE.get((module, name), OLDEST)]
    told = ", ".join(f"{number} {name}" for name, number in sorted(calls.items()) if number)
    return faults, f"{len(with_ours.ran)} run, {len(with_ours.skipped)} skipped; calls of ours: {told or 'none'}"


def runs():
    """(version, interpreter, module) of each that is to be run."""
    if sys.argv[1] == "others":
        for version, interpreter in sorted(interpreters().items()):
            if version >= OLDEST:
                yield from ((version, interpreter, module) for module in QUICK if has_module(interpreter, module))
        return
    told = subprocess.run([sys.argv[1], "-c", "import sys; print(*sys.version_info[:3])"], stdout=subprocess.PIPE,
                          universal_newlines=True, check=True)
    version = tuple(map(int, told.stdout.split()))
    for module in sys.argv[2:] or MODULES:
        if has_module(sys.argv[1], module):
            yield version, sys.argv[1], module


def main():
    number = failed = 0
    environments = {}
    with tempfile.TemporaryDirectory() as directory:
        for version, interpreter, module in runs():
            number += 1
            name = ".".join(map(str, version))
            if interpreter not in environments:
                environments[interpreter] = [
                    Environment(interpreter, os.path.join(directory, name, "without"), None),
                    Environment(interpreter, os.path.join(directory, name, "with"), os.environ["PACKAGE"])]
            faults, told = examine(version, module, *environments[interpreter])
            for fault in faults:
                print("# " + fault.replace("\n", "\n# "))
            failed += bool(faults)
            print(f"{'not ok' if faults else 'ok'} {number} - {module} of Python {name} has with ours the results it "
                  f"has without: {told}", flush=True)
    if not number:
        number = 1
        print(f"# SKIP no tests of CPython's own for {sys.argv[1]}\nok 1 - CPython's own tests # SKIP")
    print(f"1..{number}")
    sys.exit(failed > 0)


main()
