#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""terminal.py HOLD [MIB]: what relays of a terminal cost, side by side in one run: hold, script(1), unbuffer, Python's
pty.spawn, and as the floor a minimal loop of read and write in C. The ways take turns. Of each the best round counts:
its processor time with that of all its children, and the time that passed."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HOLD, MIB = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 64
ROUNDS = 5
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


def measure(way, command):
    """(processor time, time that passed) of one run, in seconds."""
    command = way + ([" ".join(command)] if "-c" in way and way[0] == "script" else command)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open("/dev/null", "wb") as null:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=null, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start)


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


main()
