# SPDX-License-Identifier: ISC
"""The pages of docs/man. Examples are taken from a page as it is printed, since that is what is typed off."""
import glob
import os
import re
import shutil
import subprocess

from tap import check, skip
from transcript import ROOT


def pages(section):
    """The paths of all pages of a section."""
    return sorted(glob.glob(os.path.join(ROOT, "docs", "man", f"*.{section}")))


def mandoc(page, *arguments):
    if not shutil.which("mandoc"):
        skip("no mandoc")
    # On standard error it tells what it thinks of the system's index of pages.
    return subprocess.run(["mandoc", *arguments, page], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode()


def examples(page, indent):
    """[[line]]: each display of the section EXAMPLES, without its indent. Text, which has less, lies between two."""
    printed = re.sub(".\b", "", mandoc(page, "-Tascii", "-Owidth=200"))
    section = re.search(r"^EXAMPLES\n(.*?)^\S", printed, re.S | re.M)
    check(section, f"no section EXAMPLES in {page}")
    blocks, inside = [], False
    for line in section.group(1).splitlines():
        if line.startswith(" " * indent):
            if not inside:
                blocks.append([])
            inside = True
        elif line:
            inside = False
        if inside:
            blocks[-1].append(line[indent:])
    return [block[:-1] if not block[-1] else block for block in blocks]
