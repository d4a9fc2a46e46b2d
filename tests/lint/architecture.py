#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""docs/architecture.md: its list of the state of the process, and the files that it names; and the pictures of docs."""
import os
import re
import shutil
import subprocess

import tree
from declarations import blanked, function_name, is_static, outer_pieces, variable_names

PAGE = tree.read("docs/architecture.md")


def pictures_are_of_their_sources():
    """docs/start.svg and docs/deaths.svg are what `make docs` makes of start.msc and deaths.msc"""
    if not shutil.which("mscgen"):
        raise tree.Skip("no mscgen")
    for name in ("docs/start", "docs/deaths"):
        drawn = subprocess.run([os.path.join(tree.ROOT, "tools/draw"), os.path.join(tree.ROOT, name + ".msc")],
                               capture_output=True, text=True)
        if drawn.returncode or drawn.stdout != tree.read(name + ".svg"):
            yield drawn.stderr or f"{name}.svg is another picture"


def demonstration_is_of_its_recordings():
    """docs/demonstration.svg is what `make docs` makes of the recordings in docs/demonstration"""
    casts = [os.path.join(tree.ROOT, "docs/demonstration", name) for name in ("timeout.cast", "hold.cast")]
    drawn = subprocess.run([os.path.join(tree.ROOT, "tools/draw-recordings"), *casts], capture_output=True, text=True)
    if "No module named 'pyte'" in drawn.stderr:
        raise tree.Skip("no pyte")
    if drawn.returncode or drawn.stdout != tree.read("docs/demonstration.svg"):
        yield drawn.stderr or "docs/demonstration.svg is another picture"


def is_state(head):
    """Whether a static declaration is of what can change: of a pointer the pointer itself counts."""
    declared = head.split("=")[0]
    return is_static(head) and not re.search(r"\bconst\b", declared.rsplit("*", 1)[-1])


def inner_variables(text):
    """The names of static variables inside functions."""
    for head in re.findall(r"^\t+(static\b[^;(]*(?:\([^()]*\)[^;(]*)?);", text, re.M):
        if is_state(head):
            yield from variable_names(head)


def state_of(path):
    text = blanked(path)
    found = set(inner_variables(text))
    for head, _ in outer_pieces(text):
        if is_state(head) and not function_name(re.sub(r"\b_Atomic\s*\(", "_Atomic ", head)):
            found |= set(variable_names(head))
    return found


def state_is_listed():
    """the page lists each variable of the library that outlives a call, and no other"""
    rows = re.findall(r"^\| `(src/[\w/.-]+\.c)` \| ((?:`\w+`(?:, )?)+) \|", PAGE, re.M)
    listed = {path: set(re.findall(r"`(\w+)`", names)) for path, names in rows}
    for path in tree.files("src/base", "src/core", "src/os", suffixes=(".c", ".h")):
        found = state_of(path)
        for name in sorted(found ^ listed.pop(path, set())):
            yield f"{path}: {name}: {'not listed' if name in found else 'only listed'}"
    yield from sorted(listed)


def files_exist():
    """each file and directory that the page names exists"""
    named = set(re.findall(r"`((?:src|cli|tests|include|python|docs|examples)/[\w/.-]*)`", PAGE))
    if len(named) < 30:
        yield f"only {len(named)} names found"
    for path in sorted(named):
        if not os.path.exists(os.path.join(tree.ROOT, path)):
            yield path


def words_stand_once():
    """each word of the glossary has one line, and the lines are in the order of the alphabet"""
    table = re.search(r"^\| word \| [^\n]*\n\|[^\n]*\n(.*)", PAGE, re.M | re.S)
    words = re.findall(r"^\| ([a-z ]+) \|", table.group(1) if table else "", re.M)
    if len(words) < 20:
        yield f"only {len(words)} words found"
    for before, word in zip(words, words[1:]):
        if word <= before:
            yield f"{word} after {before}"


tree.run(pictures_are_of_their_sources, demonstration_is_of_its_recordings,
         state_is_listed, files_exist, words_stand_once)
