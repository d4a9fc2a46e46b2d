#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""terminal.py HOLD [MIB]: what relays of a terminal cost, side by side in one run: hold, script(1), unbuffer, Python's
pty.spawn, and as the floor a minimal loop of read and write in C. The ways take turns. Of each the best round counts:
its processor time with that of all its children, and the time that passed. Then how long the echo of a key takes, of
each the best round's median, beside a terminal without a relay."""
import os
import pty
import resource
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HOLD, MIB = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 64
ROUNDS, KEYS = 5, 500
FLOOR = r"""
#define _GNU_SOURCE
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
	static char bytes[65536];
	ssize_t n;
	int master, pid = forkpty(&master, 0, 0, 0);
	(void)argc;
	if (pid == 0) { execvp(argv[1], argv + 1); _exit(127); }
	while ((n = read(master, bytes, sizeof bytes)) > 0)
		if (write(1, bytes, (size_t)n) != n) return 1;
	return waitpid(pid, 0, 0) < 0;
}
"""


def ways(directory):
    """name -> the command before the one that prints."""
    floor = os.path.join(directory, "floor")
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", floor, "-lutil"], input=FLOOR, text=True, check=True)
    found = {"minimal loop": [floor], "hold run -t": [HOLD, "run", "-t", "--no-input", "--"]}
    found["pty.spawn"] = [sys.executable, "-c", "import pty, sys; pty.spawn(sys.argv[1:])"]
    if shutil.which("script"):
        found["script"] = ["script", "-qe", "/dev/null", "-c"]
    if shutil.which("unbuffer"):
        found["unbuffer"] = ["unbuffer"]
    return found


def whole(way, command):
    """The command to run for this way; script(1) takes a line for a shell."""
    return way + ([shlex.join(command)] if way[:1] == ["script"] else command)


def measure(way, command):
    """(processor time, time that passed) of one run, in seconds."""
    command = whole(way, command)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open("/dev/null", "wb") as null:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=null, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start)


def echo(way):
    """How long the echo of a key takes, in seconds: the median of some keys."""
    command = whole(way, ["sh", "-c", "stty raw echo; echo ready; exec cat >/dev/null"])
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen, times = b"", []
    while b"ready" not in seen:
        seen += os.read(master, 4096)
    while not seen.endswith(b"\n"):
        seen += os.read(master, 4096)
    for _ in range(KEYS):
        start = time.perf_counter()
        os.write(master, b"x")
        os.read(master, 1)
        times.append(time.perf_counter() - start)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    return statistics.median(times)


def print_echoes(all_ways):
    """A line for each way that relays keys too."""
    relays = {name: way for name, way in all_ways.items() if name not in ("minimal loop", "unbuffer")}
    relays |= {"no relay": [], "hold run -t": [HOLD, "run", "-t", "--"]}
    best = {}
    for _ in range(ROUNDS):
        for name, way in relays.items():
            best[name] = min(best.get(name, 1), echo(way))
    print(f"the echo of a key, the median of {KEYS}, the best of {ROUNDS}")
    for name, seconds in best.items():
        print(f"{name:<14} {seconds * 1e6:7.1f} us, {seconds / best['no relay']:5.2f} of that without a relay")


def main():
    with tempfile.TemporaryDirectory() as directory:
        text = os.path.join(directory, "text")
        command = ["head", "-c", str(MIB << 20), text]
        with open(text, "wb") as file:
            file.write((b"x" * 79 + b"\n") * ((MIB << 20) // 80 + 1))
        all_ways = ways(directory)
        best = {}
        for _ in range(ROUNDS):
            for name, way in all_ways.items():
                best.setdefault(name, []).append(measure(way, command))
    floor = min(cpu for cpu, _ in best["minimal loop"])
    print(f"{MIB} MiB to /dev/null, the best of {ROUNDS}")
    for name, runs in best.items():
        cpu, wall = min(cpu for cpu, _ in runs), min(wall for _, wall in runs)
        print(f"{name:<14} {cpu * 1024 / MIB:7.2f} s of processor a GiB, {cpu / floor:5.2f} of the floor; "
              f"{MIB / wall:6.0f} MiB/s")
    print_echoes(all_ways)


main()
