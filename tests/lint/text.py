#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The look of the files: width, licence, length of functions, the top directory, nothing of the machine."""
import os
import re

import tree

SOURCES = (".c", ".h", ".S", ".py")
COLUMNS, FUNCTION_LINES, TOP_ENTRIES, README_LINES = 120, 70, 20, 150

# In pieces, so that this file is not its own finding.
MACHINES_OWN = ["/" + "work" + "/", "/tmp/" + "build-", "/" + "root" + "/", r"\bproxy\." + r"golang\b",
                r"\b(?:pypi|crates|npmjs)\." + r"(?:org|io|com)\b", r"\bartifact" + r"ory\b",
                r"\bdeb\." + r"debian\.org\b", r"\bnexus\." + r"\w"]


def lines_are_narrow():
    """no line is wider than 120 columns, a tab being 8"""
    for path in tree.files(suffixes=SOURCES + (".def", "meson.build", "Makefile", ".sym")):
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{path}:{number}: {len(line.expandtabs(8))} columns"


# What has no comments, or is the licence itself.
WITHOUT_COMMENTS = ("LICENSE", "docs/demonstration/hold.cast", "docs/demonstration/timeout.cast",
                    "docs/schema/examples/", "python/pidhold/py.typed", "tests/fuzz/corpus/",
                    "tools/debian/copyright", "tools/debian/source/format")
LICENCE_LINE = "SPDX-License-Identifier: ISC"


def files_state_their_licence():
    """every file that may have comments has the licence's line: at its head, or at the end if it is Markdown"""
    for path in tree.files():
        lines = tree.read(path).splitlines()
        place = lines[-1:] if path.endswith(".md") else lines[:5] if path.endswith(".json") else lines[:2]
        if not path.startswith(WITHOUT_COMMENTS) and not any(LICENCE_LINE in line for line in place):
            yield path


def nothing_of_a_machine():
    """no file holds a path or a host's name of the machine it was made on"""
    for path in tree.files():
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            for pattern in MACHINES_OWN:
                if re.search(pattern, line):
                    yield f"{path}:{number}: {line.strip()[:100]}"


def top_is_short():
    """the top directory shows 20 entries at most"""
    top = {path.split("/")[0] for path in tree.files() if not path.startswith(".")}
    if len(top) > TOP_ENTRIES:
        yield f"{len(top)}: {' '.join(sorted(top))}"


def readme_is_short():
    """README.md has 150 lines at most"""
    lines = len(tree.read("README.md").splitlines())
    if lines > README_LINES:
        yield f"{lines} lines"


def functions(path):
    """(first line, its number, how many lines): from a line at the margin that ends in ) { to the next } there."""
    start = None
    for number, line in enumerate(tree.without_comments(tree.read(path)).splitlines(), 1):
        if start is None and re.match(r"[A-Za-z_].*\)\s*\{$", line.rstrip()):
            start = number, line.strip()
        elif start is not None and line.startswith("}"):
            yield start[1], start[0], number - start[0] + 1
            start = None


def functions_are_short():
    """no function is longer than 70 lines"""
    found = 0
    for path in tree.files(suffixes=(".c", ".h")):
        for name, number, length in functions(path):
            found += 1
            if length > FUNCTION_LINES:
                yield f"{path}:{number}: {length} lines: {name}"
    if found < 100:
        yield f"only {found} functions found"


def no_white_space_at_ends():
    """no line ends in white space, and every file ends in a line's end"""
    for path in tree.files(suffixes=SOURCES + (".def", "meson.build", "Makefile", ".sym", ".symbols")):
        text = tree.read(path)
        if text and not text.endswith("\n"):
            yield f"{path}: no end of line at the end"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                yield f"{path}:{number}"


tree.run(lines_are_narrow, files_state_their_licence, nothing_of_a_machine, top_is_short, functions_are_short,
         readme_is_short, no_white_space_at_ends)
