#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The public header: it compiles alone in every language that it promises, and says of each function how safe it is."""
import os
import re
import shutil
import subprocess
import tempfile

import tree

HEADER = tree.read("include/pidhold.h")
PROGRAM = """#include <pidhold.h>
#include <pidhold.h>
const char *version(void);
const char *version(void) { return hold_version(); }
int64_t deadlines[2];
void set_deadlines(void);
void set_deadlines(void) { deadlines[0] = HOLD_NOW; deadlines[1] = HOLD_FOREVER; }
"""
POSIX = """struct hold_options options;
unsigned nonblocking(void);
unsigned nonblocking(void) { return HOLD_PIDFD_NONBLOCK; }
uint64_t mask(void);
uint64_t mask(void) { options.flags = HOLD_PASS_ALL; return HOLD_SIGNAL_BIT(64); }
"""
WINDOWS = """int event(void);
int event(void) { return hold_kill(0, HOLD_CTRL_C_EVENT) + HOLD_CTRL_BREAK_EVENT; }
"""
C_WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]


def compile_with(compiler, suffix, *flags):
    if not shutil.which(compiler):
        raise tree.Skip("no mingw" if "mingw" in compiler else "no " + compiler)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "program" + suffix)
        with open(path, "w", encoding="ascii") as file:
            file.write(PROGRAM + (WINDOWS if "mingw" in compiler else POSIX))
        done = subprocess.run([compiler, *flags, "-I", os.path.join(tree.ROOT, "include"), "-c", path, "-o",
                               path + ".o"], capture_output=True, text=True)
        if done.returncode:
            yield done.stderr


def compiles_as_c11():
    """the header compiles alone as C11 without a warning"""
    yield from compile_with("gcc", ".c", "-std=c11", *C_WARNINGS)


def compiles_as_c99():
    """the header compiles alone as C99 without a warning"""
    yield from compile_with("gcc", ".c", "-std=c99", *C_WARNINGS)


def compiles_as_cxx11():
    """the header compiles alone as C++11 without a warning"""
    yield from compile_with("g++", ".cc", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror")


def compiles_for_windows():
    """the header compiles alone for Windows without a warning"""
    yield from compile_with("x86_64-w64-mingw32-gcc", ".c", "-std=c11", *C_WARNINGS)


def functions():
    """(name, the comment right before it) of each function that is declared."""
    for match in re.finditer(r"(/\*(?:(?!\*/).)*\*/\n)?^HOLD_API\b[^;]*?\b(\w+)\(", HEADER, re.S | re.M):
        yield match.group(2), re.sub(r"\s*\n \*\s*", " ", match.group(1) or "")


def every_function_states_its_safety():
    """every function says whether threads may call it at once, and whether signal handlers may"""
    if len(list(functions())) < 20:
        yield "hardly a function found"
    for name, comment in functions():
        if len(re.findall(r"\b(Thread-safe|One thread a hold)\b", comment)) != 1:
            yield f"{name}: neither Thread-safe nor One thread a hold, or both"
        if len(re.findall(r"\b(?:A|Not a)sync-signal-safe\b", comment)) != 1:
            yield f"{name}: not said whether it is async-signal-safe"


tree.run(compiles_as_c11, compiles_as_c99, compiles_as_cxx11, compiles_for_windows, every_function_states_its_safety)
