#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""end-by-psutil [PID]: ends a process and all that descends from it, as psutil's manual has it. Without a number those
whose numbers are lines of its input, with a line in answer to each: an interpreter that runs already."""
import sys

try:
    import psutil
except ImportError:
    sys.exit(1)  # which tells it


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
