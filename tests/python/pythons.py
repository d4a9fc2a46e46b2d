# SPDX-License-Identifier: ISC
"""The CPythons of this machine: those of pyenv, and python3.N of the search path."""
import glob
import os
import re
import subprocess
import sys

OLDEST = (3, 8)  # for which the module is
ASK = "import sys; print(*sys.version_info[:3], sys.implementation.name, sys.abiflags)"


def interpreters():
    """version -> path, of each but the one that runs this, and free-threaded ones."""
    paths = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3"))
    for directory in os.get_exec_path():
        found_here = glob.glob(os.path.join(directory, "python3.*"))
        paths += [path for path in found_here if re.search(r"/python3\.\d+$", path)]
    found = {}
    for path in paths:
        told = subprocess.run([path, "-c", ASK], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, universal_newlines=True)
        words = told.stdout.split()
        if told.returncode == 0 and words[3] == "cpython" and "t" not in "".join(words[4:]):
            found.setdefault(tuple(map(int, words[:3])), path)
    found.pop(sys.version_info[:3], None)
    return found
