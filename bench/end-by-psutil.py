#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""end-by-psutil [PID]: ends a process and its descendants, as psutil's manual says. Without a PID it reads PIDs from
its input, a line each, and answers each with a line: so the interpreter runs already."""
import sys

try:
    import psutil
except ImportError:
    sys.exit(1)  # the caller sees by this that psutil is missing


def end(pid):
    first = psutil.Process(pid)
    found = first.children(recursive=True) + [first]
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(found, timeout=5)


if len(sys.argv) > 1:
    end(int(sys.argv[1]))
    sys.exit()
print("ready", flush=True)
for line in sys.stdin:
    end(int(line))
    print("done", flush=True)
