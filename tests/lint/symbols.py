#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""symbols.py BUILD-DIRECTORY: what the objects as they were built refer to, and what the library exports."""
import functools
import glob
import os
import re
import subprocess
import sys

import tree

BUILD = sys.argv[1]

# Whole files of functions that the header or src/os/os.h calls async-signal-safe.
SIGNAL_SAFE = ("core/accessors.c", "core/kill.c", "core/ladder-next.c", "core/number.c", "core/signal-name.c",
               "core/signal.c", "core/start-info.c", "core/status.c", "core/step-name.c", "core/stream.c",
               "core/structure.c", "core/time.c", "core/version.c", "base/clock.c", "base/text.c",
               "os/start/keeper-talk.c", "os/niceness-posix.c", "os/signal-number.c", "os/signal-pidfd.c")
# Those that run in memory that is another's: each has a list beside it of all that it may refer to.
IN_OTHERS_MEMORY = ("os/start/child.c", "os/start/keeper-starter.c")
# What compilers put in by themselves: an address table, and the call that ends a program whose stack was overrun.
COMPILERS_OWN = {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}


@functools.lru_cache(maxsize=None)
def nm(*arguments):
    return subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True).stdout


def objects(source):
    """Those of one source file: one, or two where the shared and the static library are compiled apart."""
    return glob.glob(os.path.join(BUILD, "libpidhold*.p", "src_" + source.replace("/", "_") + ".o"))


def undefined(path):
    return {line.split()[-1].split("@")[0] for line in nm("-u", path).splitlines() if line.strip()}


def listed(path):
    return {line.split("#")[0].strip() for line in tree.read(path).splitlines()} - {""}


def list_of(source):
    return listed("src/" + source[:-len("c")] + "symbols")


def children_keep_to_their_lists():
    """what runs between clone and exec refers to nothing outside its list: child.symbols, keeper-starter.symbols"""
    for source in IN_OTHERS_MEMORY:
        found = objects(source)
        if not found:
            yield f"no object of src/{source} in {os.path.basename(BUILD)}"
        for path in found:
            for symbol in sorted(undefined(path) - list_of(source) - {"_GLOBAL_OFFSET_TABLE_"}):
                yield f"{os.path.basename(path)} refers to {symbol}"


def childrens_lists_are_minimal():
    """every symbol of these lists is referred to"""
    for source in IN_OTHERS_MEMORY:
        for symbol in sorted(list_of(source) - set().union(*map(undefined, objects(source)))):
            yield f"{source}: {symbol}"


def arch_refers_to_nothing():
    """the system calls written in assembler refer to nothing"""
    found = [path for place in ("libpidhold*.p/src_os_arch-*.o", "src/guard/libguard-plain.a.p/.._os_arch-*.o")
             for path in glob.glob(os.path.join(BUILD, place))]
    if not found:
        yield "no object of src/os/arch-*"
    for path in found:
        if "arch-generic" in path:
            continue
        for symbol in sorted(undefined(path)):
            yield f"{os.path.basename(path)} refers to {symbol}"


def signal_safe_files_keep_to_their_list():
    """files whose every function is async-signal-safe refer to nothing outside src/core/signal-safe.symbols"""
    allowed = listed("src/core/signal-safe.symbols") | COMPILERS_OWN
    for source in SIGNAL_SAFE:
        found = objects(source)
        if not found:
            yield f"no object of src/{source}"
        for path in found:
            for symbol in sorted(undefined(path) - allowed):
                yield f"{os.path.basename(path)} refers to {symbol}"


def defined(path):
    return {line.split()[-1] for line in nm("-g", "--defined-only", path).splitlines() if len(line.split()) == 3}


def promised_signal_safe():
    """The functions of which the header says so."""
    functions = r"(/\*(?:(?!\*/).)*\*/\n)^HOLD_API\b[^;]*?\b(\w+)\("
    for comment, name in re.findall(functions, tree.read("include/pidhold.h"), re.S | re.M):
        if re.search(r"\bAsync-signal-safe\b", comment):
            yield name


def promised_are_looked_at():
    """every function that the header calls async-signal-safe lies in one of these files"""
    looked_at = set().union(*(defined(path) for source in SIGNAL_SAFE for path in objects(source)))
    promised = set(promised_signal_safe())
    if len(promised) < 15:
        yield f"only {len(promised)} are promised"
    for name in sorted(promised - looked_at):
        yield name


def signal_safe_list_is_minimal():
    """every symbol of src/core/signal-safe.symbols is referred to"""
    used = set().union(*(undefined(path) for source in SIGNAL_SAFE for path in objects(source)))
    for symbol in sorted(listed("src/core/signal-safe.symbols") - used):
        yield symbol


def exported():
    path = os.path.join(BUILD, "libpidhold.so.0")
    return {line.split()[-1].split("@")[0] for line in nm("-D", "--defined-only", path).splitlines()
            if line.split()[-2] in "TDBRVW"}


def archived():
    text = nm("-g", "--defined-only", os.path.join(BUILD, "libpidhold.a"))
    return {line.split()[-1] for line in text.splitlines() if len(line.split()) == 3}


def declared():
    text = tree.without_comments(tree.read("include/pidhold.h"))
    return set(re.findall(r"^HOLD_API\b[^;{]*?\b(\w+)\(", text, re.M))


def in_version_script():
    text = re.sub(r"/\*.*?\*/", "", tree.read("src/pidhold.sym"), flags=re.S)
    return set(re.findall(r"^\s*(\w+);", text, re.M))


def exports_what_is_declared():
    """the shared library exports the functions that the header declares, and nothing else"""
    if not declared():
        yield "no function found in the header"
    for symbol in sorted(exported() ^ declared()):
        yield f"{symbol}: {'only exported' if symbol in exported() else 'only declared'}"


def archive_shows_what_is_declared():
    """the static library shows the functions that the header declares, and nothing else"""
    for symbol in sorted(archived() ^ declared()):
        yield f"{symbol}: {'only shown' if symbol in archived() else 'only declared'}"


def version_script_lists_what_is_declared():
    """src/pidhold.sym lists the functions that the header declares, and nothing else"""
    for symbol in sorted(in_version_script() ^ declared()):
        yield f"{symbol}: {'only listed' if symbol in in_version_script() else 'only declared'}"


def exports_begin_with_hold():
    """every exported symbol begins with hold_"""
    for symbol in sorted(exported()):
        if not symbol.startswith("hold_"):
            yield symbol


tree.run(children_keep_to_their_lists, childrens_lists_are_minimal, arch_refers_to_nothing,
         signal_safe_files_keep_to_their_list, promised_are_looked_at, signal_safe_list_is_minimal,
         exports_what_is_declared, archive_shows_what_is_declared, version_script_lists_what_is_declared,
         exports_begin_with_hold)
