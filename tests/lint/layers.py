#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Which file may use which, and where a system or a machine may be asked for by its name."""
import os
import re

import tree

C = (".c", ".h", ".S")
SYSTEMS = (r"__linux__|__linux|linux|__gnu_linux__|__APPLE__|__MACH__|TARGET_OS_\w+|_WIN32|_WIN64|WIN32|__CYGWIN__|"
           r"__MINGW\w+|__FreeBSD\w*__|__NetBSD__|__OpenBSD__|__DragonFly__|__sun|__HAIKU__|__ANDROID__|__unix__|"
           r"__unix|_AIX|__hpux|__GLIBC__|__BIONIC__")
MACHINES = (r"__x86_64__|__i386__|__amd64__|__aarch64__|__arm__|__alpha__|__mips\w*__|__hppa__|__sparc\w*__|"
            r"__powerpc\w*__|__ppc\w*__|__riscv\w*|__s390\w*__|__loongarch\w*|__ia64__|__m68k__|__sh__")
# Where the header has to ask: how a symbol is exported, and the kernel's O_NONBLOCK.
ALLOWED = {("include/pidhold.h", "_WIN32")} | {
    ("include/pidhold.h", machine) for machine in ("__alpha__", "__mips__", "__hppa__", "__sparc__")}


def core_is_iso_c():
    """src/core includes ISO C, the public header, and from the system nothing but os/os.h"""
    for path in tree.files("src/core", suffixes=C):
        for name, is_angled in tree.includes(path):
            if is_angled and name not in tree.ISO_C | {"pidhold.h"}:
                yield f"{path}: <{name}>"
            if not is_angled and not os.path.dirname(name) in ("", "base") and name != "os/os.h":
                yield f'{path}: "{name}"'


def os_and_base_know_nothing_of_core():
    """src/os and src/base include nothing of src/core, nor the public header"""
    for path in tree.files("src/os", "src/base", suffixes=C):
        for name, _ in tree.includes(path):
            if name.startswith("core/") or "../core" in name or os.path.basename(name) == "pidhold.h":
                yield f"{path}: {name}"


def base_stands_on_nothing():
    """src/base includes only itself, ISO C and POSIX"""
    for path in tree.files("src/base", suffixes=C):
        directory = os.path.dirname(path)
        for name, is_angled in tree.includes(path):
            if is_angled and name not in tree.ISO_C | tree.POSIX:
                yield f"{path}: <{name}>"
            if not is_angled and not name.startswith("base/") and \
                    not os.path.exists(os.path.join(tree.ROOT, directory, name)):
                yield f'{path}: "{name}"'


ONLY_OF_LINUX = {"cli/run/caught.c": {"sys/signalfd.h"}}


def cli_and_examples_use_what_everybody_has():
    """cli and examples include only pidhold.h, their own headers, ISO C and POSIX"""
    for path in tree.files("cli", "examples", suffixes=C):
        directory = os.path.dirname(path)
        for name, is_angled in tree.includes(path):
            # Not in POSIX (before 2024), and in every system's C library: a terminal's size, long options. Of Linux
            # alone: all signals by one descriptor, where POSIX takes a system call for each of them.
            more = {"pidhold.h", "sys/ioctl.h", "getopt.h"} | ONLY_OF_LINUX.get(path, set())
            if is_angled and name not in tree.ISO_C | tree.POSIX | more:
                yield f"{path}: <{name}>"
            if not is_angled and not os.path.exists(os.path.join(tree.ROOT, directory, name)):
                yield f'{path}: "{name}"'


def command_goes_down():
    """a file of cli uses no directory above its own: main.c, verbs, detach, run, attach, store, common"""
    order = ["common", "store", "attach", "run", "detach", "verbs", ""]
    for path in tree.files("cli", suffixes=C):
        directory = os.path.dirname(path)
        own = order.index(os.path.relpath(directory, "cli").strip("."))
        for name, is_angled in tree.includes(path):
            used = os.path.relpath(os.path.normpath(os.path.join(directory, name)), "cli")
            if not is_angled and order.index(os.path.dirname(used)) > own:
                yield f'{path}: "{name}"'


# Directories whose files are looked at together, since each links or includes the others.
PROGRAMS = (("src/base", "src/core", "src/os"), ("src/keeper",), ("cli",), ("python",))


def module(path):
    """A header and the source file of the same name are one thing."""
    return os.path.splitext(path)[0]


def included_modules(path):
    """Those of our own whose headers a file includes."""
    for name, is_angled in tree.includes(path):
        for directory in () if is_angled else (os.path.dirname(path), "src"):
            found = os.path.normpath(os.path.join(directory, name))
            if os.path.exists(os.path.join(tree.ROOT, found)):
                yield module(found)
                break


def defined(text):
    """(the functions that others may call, those of the file alone) that C without comments defines at the margin."""
    found = re.findall(r"^([A-Za-z_][\w \t*]*?)\b(\w+)\((?:[^;{}]*)\)\s*\{", text, re.M)
    alone = {name for before, name in found if re.search(r"\b(static|OS_INLINE)\b", before)}
    return {name for _, name in found} - alone, alone


def uses(directories, left_out=()):
    """module -> the modules that it uses: whose header it includes, or one of whose functions it names."""
    texts = {path: tree.without_comments(tree.read(path)) for path in tree.files(*directories, suffixes=(".c",))
             if path not in left_out}
    owners = {name: module(path) for path, text in texts.items() for name in defined(text)[0]}
    graph = {}
    for path in set(tree.files(*directories, suffixes=(".c", ".h"))) - set(left_out):
        graph.setdefault(module(path), set()).update(included_modules(path))
    for path, text in texts.items():
        without_tags = re.sub(r"\b(?:struct|union|enum) \w+", "", text)  # a tag may have the name of a function
        names = set(re.findall(r"(?<![.>\w])[a-z]\w+", without_tags)) - defined(text)[1]
        graph[module(path)].update(owners[name] for name in names if name in owners)
    return {user: used - {user} for user, used in graph.items()}


def reachable(graph, start):
    found, left = set(), [start]
    while left:
        new = graph.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def no_file_uses_its_users():
    """no file uses, by #include or by a call, a file that uses it, however many are between"""
    # A function of src/os has another file on each platform.
    for directories, other in [(PROGRAMS[0], platform) for platform in ("linux", "posix")] + \
            [(directories, None) for directories in PROGRAMS[1:]]:
        graph = uses(directories, tree.files_for(other) if other else ())
        if sum(map(len, graph.values())) < len(graph):
            yield f"hardly a use found in {' '.join(directories)}"
        for name in sorted(graph):
            for used in sorted(graph[name]):
                if name in reachable(graph, used):
                    yield f"{name} uses {used}, which uses it"


def conditionals(path):
    """The directives of a file that ask something, with the lines that they go on over."""
    text = tree.without_comments(tree.read(path)).replace("\\\n", " ")
    return re.findall(r"^\s*#\s*(?:if|ifdef|ifndef|elif|elifdef|elifndef)\b.*$", text, re.M)


def nobody_but_os_asks_for_a_system():
    """no conditional asks for a system or a machine by name outside src/os, but the header's two"""
    for path in tree.files("include", "src", "cli", "examples", "bench", suffixes=C + (".def",)):
        # A program of the bench may need instructions of its own, as arch-*.S does, but no system.
        names = SYSTEMS if path.startswith("bench/") else f"{SYSTEMS}|{MACHINES}"
        for line in conditionals(path):
            for name in re.findall(rf"\b({names})\b", line):
                if (path, name) not in ALLOWED and not path.startswith("src/os/"):
                    yield f"{path}: {line.strip()}"


tree.run(core_is_iso_c, os_and_base_know_nothing_of_core, base_stands_on_nothing,
         cli_and_examples_use_what_everybody_has, command_goes_down, no_file_uses_its_users,
         nobody_but_os_asks_for_a_system)
