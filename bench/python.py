#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a start and a wait cost from Python, by pidhold and by others, in one run: medians, and ratios to pidhold's.

Each table comes from a process of that size, with that many threads. The ways take turns, so that other work of the
machine affects all of them. A way that is not installed is named as missing."""
import asyncio
import os
import pty
import signal
import statistics
import subprocess
import sys
import threading
import time

import pidhold

ROUNDS = 40
STUBBORN = 200
COMMAND = ["/bin/true"]


def drain(fd):
    try:
        while os.read(fd, 1024):
            pass
    except OSError:
        pass


def by_pidhold(contain):
    def start():
        with pidhold.spawn(COMMAND, terminal=True, contain=contain) as hold:
            hold.wait()
    return start


def by_pidhold_without_terminal(contain):
    def start():
        with pidhold.spawn(COMMAND, contain=contain) as hold:
            hold.wait()
    return start


def by_pty_fork():
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(COMMAND[0], COMMAND)
    drain(fd)
    os.waitpid(pid, 0)
    os.close(fd)


def by_popen():
    subprocess.Popen(COMMAND).wait()


def by_ptyprocess():
    import ptyprocess
    process = ptyprocess.PtyProcess.spawn(COMMAND)
    process.delayafterclose = process.delayafterterminate = 0  # its own pauses are not measured
    process.wait()
    process.close()


def by_pexpect():
    import pexpect
    child = pexpect.spawn(COMMAND[0], timeout=30)
    child.ptyproc.delayafterclose = 0
    child.expect(pexpect.EOF)
    child.wait()
    child.ptyproc.close()


WAYS = {
    "pidhold, on a terminal": by_pidhold("none"),
    "  the same, contained": by_pidhold("auto"),
    "pty.fork and exec": by_pty_fork,
    "ptyprocess": by_ptyprocess,
    "pexpect": by_pexpect,
    "pidhold, no terminal": by_pidhold_without_terminal("none"),
    "  the same, contained ": by_pidhold_without_terminal("auto"),
    "subprocess.Popen": by_popen,
}


def measure():
    times = {name: [] for name in WAYS}
    for turn in range(ROUNDS + 3):
        for name, start in WAYS.items():
            if times[name] is None:
                continue
            begin = time.perf_counter()
            try:
                start()
            except ImportError:
                times[name] = None
                continue
            if turn >= 3:
                times[name].append(time.perf_counter() - begin)
    return {name: found and statistics.median(found) for name, found in times.items()}


def show(megabytes, threads):
    import warnings
    warnings.simplefilter("ignore")
    ballast = bytearray(megabytes << 20)
    for page in range(0, len(ballast), 4096):
        ballast[page] = 1
    gate = threading.Event()
    others = [threading.Thread(target=gate.wait) for _ in range(threads - 1)]
    for thread in others:
        thread.start()
    medians = measure()
    gate.set()
    print(f"\nfrom {megabytes} MB, {threads} thread{'s' * (threads > 1)}: microseconds to the end, and as a ratio")
    own = {True: medians["pidhold, on a terminal"], False: medians["pidhold, no terminal"]}
    on_terminal = True
    for name, median in medians.items():
        on_terminal = on_terminal and name != "pidhold, no terminal"
        if median is None:
            print(f"  {name:26} not installed")
        else:
            print(f"  {name:26} {median * 1e6:9.0f} {median / own[on_terminal]:7.2f}")


def show_signals():
    pid, count, ratios = os.getpid(), 20000, []
    for _ in range(15):
        spans = []
        for kill in (pidhold.kill, os.kill):
            begin = time.perf_counter()
            for _ in range(count):
                kill(pid, 0)
            spans.append(time.perf_counter() - begin)
        ratios.append(spans[0] / spans[1])
    print(f"\npidhold.kill takes {statistics.median(ratios):.2f} of os.kill (target: 1.10)")


def by_bare_calls(command):
    """Nobody who captures two outputs of this program can be faster: it is started and read, and that is all."""
    pipes = [os.pipe(), os.pipe()]
    actions = [(os.POSIX_SPAWN_DUP2, pipe[1], number) for number, pipe in enumerate(pipes, 1)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    for reading, writing in pipes:
        os.close(writing)
        while os.read(reading, 65536):
            pass
        os.close(reading)
    os.waitpid(pid, 0)


def show_runs(title, command):
    ways = {
        "run": lambda: pidhold.run(command, capture_output=True),
        "run, not contained": lambda: pidhold.run(command, capture_output=True, contain="none"),
        "subprocess.run": lambda: subprocess.run(command, capture_output=True),
        "the bare calls": lambda: by_bare_calls(command),
    }
    times = {name: [] for name in ways}
    for _ in range(2 * ROUNDS):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"\ncaptured runs, {title}: microseconds, and as a ratio to subprocess.run (targets: 1.3 contained, 0.5 not;")
    print("since Python 3.10 that does not fork either, and nothing is faster than the bare calls)")
    for name, median in medians.items():
        print(f"  {name:26} {median * 1e6:9.0f} {median / medians['subprocess.run']:7.2f}")


def show_import():
    times = {"pidhold.run": [], "subprocess": []}
    statements = ("import pidhold; pidhold.run", "import subprocess")
    for _ in range(ROUNDS):
        for name, statement in zip(times, statements):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            times[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(found) for name, found in times.items()}
    ratio = medians["pidhold.run"] / medians["subprocess"]
    print(f"\nan interpreter that imports pidhold.run takes {ratio:.2f} of one that imports subprocess (target: 1.00)")


async def worst_beat(count):
    """The longest pause of a heartbeat of 10 ms while so many processes that ignore TERM are cancelled at once."""
    ready, beats = [], []

    async def one():
        async with pidhold.spawn_async(["sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done"],
                                       stdout=pidhold.PIPE, ladder=[("TERM", 1), ("KILL", 30)]) as hold:
            await hold.stdout_async.readline()
            ready.append(1)
            await hold

    async def beat():
        while True:
            beats.append(time.perf_counter())
            await asyncio.sleep(0.01)

    tasks = [asyncio.ensure_future(one()) for _ in range(count)]
    while len(ready) < count:
        await asyncio.sleep(0.05)
    heart = asyncio.ensure_future(beat())
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    heart.cancel()
    return max(later - earlier for earlier, later in zip(beats, beats[1:]))


def main():
    if len(sys.argv) == 3:
        show(int(sys.argv[1]), int(sys.argv[2]))
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    show_signals()
    show_runs("no output", COMMAND)
    show_runs("10 MB of output", ["head", "-c", "10000000", "/dev/zero"])
    show_import()
    worst = asyncio.run(worst_beat(STUBBORN))
    print(f"\n{STUBBORN} stubborn processes cancelled at once: a beat of 10 ms paused {worst * 1e3:.0f} ms at most")
    sys.stdout.flush()
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    for megabytes in (0, 1024, 4096):
        for threads in (1, 8):
            if megabytes > available // 2:
                print(f"\nfrom {megabytes} MB: so much memory is not free here")
                continue
            subprocess.run([sys.executable, os.path.abspath(__file__), str(megabytes), str(threads)], check=True)


main()
