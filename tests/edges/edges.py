#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""edges.py [short | long | a part of an edge's name] [--write FILE]: the command at its limits, each with every
containment and every kind of work; prints a truth table, in the letters of edge.py."""
import concurrent.futures
import contextlib
import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import threading

import bounded
import edge
from edge import CROWD, MEMBER, WORK

NOBODY = 65534
MOST = 4000  # processes: two crowds of 1,060 may live at once, and others
CROWDS = threading.Semaphore(2)
OWN_GROUPS = bounded.own_groups()


def limit(which, soft, hard=None):
    return "--limit", f"{which}={soft}:{soft if hard is None else hard}"


class Case:
    """An edge: what the fence is told, and what is different for the command."""
    def __init__(self, name, fence=(), work=tuple(WORK), short=(), options=(), containments=edge.CONTAINMENTS,
                 wanted=None, command=None, out=None, pids=None, any_failure=False, must_tell=False,
                 never=None):
        self.name, self.fence, self.work, self.options = name, list(fence), work, options
        self.short, self.containments, self.command, self.out = short, containments, command, out
        self.pids, self.wanted, self.any_failure, self.must_tell = pids, wanted or {}, any_failure, must_tell
        self.never = never  # words that are not the cause here


def calls():
    """Numbers of system calls, from the C compiler's header."""
    names = ("clone3 clone pidfd_open pidfd_send_signal ppoll waitid wait4 signalfd4 execveat memfd_create prctl "
             "close_range socketpair sendmsg recvmsg futex unshare mount ioctl timerfd_create pidfd_getfd "
             "epoll_create1")
    source = "".join(f"#include <sys/syscall.h>\n#ifdef SYS_{name}\n{name} SYS_{name}\n#endif\n"
                     for name in names.split())
    text = subprocess.run(["cc", "-E", "-P", "-"], input=source, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] in names.split() and words[1].isdigit():
            found[words[0]] = int(words[1])
    return found


def cases(tools):
    short = ("auto", "keeper")
    for free in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 24, 32, 64):
        yield Case(f"{free} free descriptors", limit(resource.RLIMIT_NOFILE, 3 + free), never="Invalid argument",
                   short=("auto",) if free in (0, 3, 9, 12) else edge.CONTAINMENTS if free == 4 else ())
    for soft, hard, members in ((64, 64, 90), (64, 4096, 90), (1024, 1024, 1060), (1024, 4096, 1060)):
        yield Case(f"{soft} descriptors, {hard} allowed, {members} members", limit(resource.RLIMIT_NOFILE, soft, hard),
                   work=("crowd",), command=(MEMBER, "crowd", str(members)),
                   short=short if hard == 64 else ("keeper",) if soft == 64 else ())
    for most in range(1, 9):
        yield Case(f"{most} processes in the control group", pids=most, short=("auto",) if most in (1, 2, 3) else ())
    for most in (1, 2, 3, 5):
        yield Case(f"RLIMIT_NPROC {most}, as a user", ("--user", str(NOBODY), *limit(resource.RLIMIT_NPROC, most)),
                   short=("auto",) if most == 1 else ())
    for mib in (1, 2, 3, 4, 8, 64):
        yield Case(f"RLIMIT_AS {mib} MiB", limit(resource.RLIMIT_AS, mib << 20), any_failure=True,
                   short=("auto",) if mib == 4 else ())
    for size in (0, 4096):
        yield Case(f"RLIMIT_FSIZE {size}", limit(resource.RLIMIT_FSIZE, size), short=short)
        yield Case(f"RLIMIT_FSIZE {size}, a report", limit(resource.RLIMIT_FSIZE, size), work=("exit",),
                   options=("--report", tools["report"]), any_failure=size == 0, short=("auto",))
    for kib in (64, 256):  # a call takes up to 48 KiB, as the header says
        yield Case(f"RLIMIT_STACK {kib} KiB", limit(resource.RLIMIT_STACK, kib << 10), any_failure=True,
                   short=("auto",) if kib == 64 else ())
    yield Case("RLIMIT_CPU 1", limit(resource.RLIMIT_CPU, 1), short=("auto",))
    yield Case("RLIMIT_SIGPENDING 0", limit(resource.RLIMIT_SIGPENDING, 0), short=("auto",))
    yield Case("output on /dev/full, -t", options=("-t",), work=("exit",), out="/dev/full", must_tell=True,
               short=("auto",))
    yield Case("a report on /dev/full", options=("--report", "/dev/full"), work=("exit",), wanted={"exit": 125},
               short=("auto",))
    yield Case("a report on a full disk", ("--mount", "full"), options=("--report", "/mnt/report"), work=("exit",),
               wanted={"exit": 125}, short=("auto",))
    yield Case("no /proc", ("--mount", "no-proc"), short=short)
    yield Case("no /proc, as a user", ("--mount", "no-proc", "--user", str(NOBODY)))
    yield Case("a read-only root", ("--mount", "read-only"), short=("auto",))
    yield Case("no /dev/pts, -t", ("--mount", "no-pts"), options=("-t",), work=("exit",), short=("auto",))
    for hidden in (0, 1, 2, 4):
        yield Case(f"hidepid={hidden}, as a user", ("--mount", f"hidepid-{hidden}", "--user", str(NOBODY)),
                   short=("keeper",) if hidden else ())
        yield Case(f"hidepid={hidden}, as a user, with a member of root's",
                   ("--mount", f"hidepid-{hidden}", "--user", str(NOBODY)), work=("limit", "leave"),
                   command=(MEMBER, "tree", "2", None, tools["root"]), short=("keeper",))
    for name, number in calls().items():
        for error in (errno.ENOSYS, errno.EPERM):
            yield Case(f"{name} answers {errno.errorcode[error]}", ("--deny", f"{number}={error}"), any_failure=True,
                       short=("auto",) if error == errno.EPERM else ())


class Group:
    """A control group with a limit, for one run, beside the one that all are in."""
    def __init__(self, most):
        self.directory = None
        for _, directory in sorted(OWN_GROUPS.items(), reverse=True):
            path = os.path.join(directory, os.path.basename(tempfile.mktemp(prefix="edge-")))
            try:
                os.mkdir(path)
                bounded.write(os.path.join(path, "pids.max"), str(most))
            except OSError:
                if os.path.isdir(path):
                    os.rmdir(path)
                continue
            self.directory = path
            return

    def end(self):
        for path, _, _ in os.walk(self.directory, topdown=False) if self.directory else ():
            try:
                os.rmdir(path)
            except OSError:
                pass


def run_one(case, containment, work):
    options, command, wanted = {**WORK, **CROWD}[work]
    if case.command:
        command = [{None: "-1" if work == "limit" else "7"}.get(word, word) for word in case.command]
    fence, group = list(case.fence), None
    if case.pids:
        group = Group(case.pids)
        if not group.directory:
            return "?", "no control group", None
        fence += "--group", group.directory
    out = open(case.out, "w", encoding="ascii") if case.out else None
    with CROWDS if "crowd" in command else contextlib.nullcontext():
        outcome = edge.run(fence, ["--contain", containment, *options, *case.options], command, out)
    if group:
        group.end()
    if out:
        out.close()
    wanted = case.wanted.get(work, wanted)
    letter, why = edge.verdict(outcome, containment, wanted, shows_output=case.out is None)
    if case.never and case.never in outcome.err:
        return "!", f"the cause is not {case.never}", outcome
    if letter == "K" and case.must_tell and not outcome.err.strip():
        return "!", "output was lost in silence", outcome
    # Where the command itself can fail (no memory for it, a call that it needs) its own failure is the truth.
    is_commands_own = case.any_failure and outcome.status not in (None, 0) and outcome.left == 0
    if letter == "!" and is_commands_own and (outcome.status > 128 or outcome.err.strip()):
        return "K", "", outcome
    return letter, why, outcome


def make_tools(directory):
    os.chmod(directory, 0o755)
    tools = {"report": os.path.join(directory, "report"), "root": os.path.join(directory, "member")}
    shutil.copy(MEMBER, tools["root"])
    os.chmod(tools["root"], os.stat(tools["root"]).st_mode | stat.S_ISUID)
    return tools


def rows(pool, chosen, is_short):
    """The futures of a case, by (containment, work)."""
    for case in chosen:
        containments = case.short if is_short else case.containments
        yield case, {(containment, work): pool.submit(run_one, case, containment, work)
                     for containment in containments for work in case.work}


def row_of(case, results):
    cells = {}
    for (containment, _), (letter, _, _) in results.items():
        cells[containment] = cells.get(containment, "") + letter
    return f"{case.name:52}" + "".join(f"{cells.get(containment, ''):8}" for containment in edge.CONTAINMENTS).rstrip()


def write_table(path, lines):
    with open(path, "w", encoding="ascii") as file:
        file.write("# Edges\n\nWritten by tests/edges: the command at its limits, with each containment, in three\n"
                   "kinds of work: one that exits, one that reaches its time limit, one that leaves daemons.\n\n")
        file.write(edge.__doc__.split("\n\n", 1)[1] + "\n\n")
        file.write("".join(f"    {line}\n" for line in lines))


def leave(bounds):
    if bounds.directory:
        bounded.write(os.path.join(os.path.dirname(bounds.directory), "cgroup.procs"), "0")
    bounds.end()


def main():
    words = sys.argv[1:]
    path = words[words.index("--write") + 1] if "--write" in words else None
    mode = words[0] if words and not words[0].startswith("--") else "short"
    directory = tempfile.mkdtemp(prefix="pidhold-edges-")
    lines, failed, number = [f"{'':52}" + "".join(f"{name:8}" for name in edge.CONTAINMENTS).rstrip()], 0, 0
    if os.geteuid() != 0:
        print("# SKIP only root may become another user\n1..0 # SKIP only root may become another user")
        return 0
    bounds = bounded.Bounds(MOST)
    bounds.enter()
    try:
        chosen = [case for case in cases(make_tools(directory))
                  if (mode == "long" or case.short if mode in ("short", "long") else mode in case.name)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for case, futures in list(rows(pool, chosen, mode == "short")):
                results = {key: future.result() for key, future in futures.items()}
                number += 1
                is_bad = False
                for (containment, work), (letter, why, outcome) in results.items():
                    if letter == "?":
                        print(f"# {containment}, {work}: not to be had here: {why}")
                    if letter == "!":
                        is_bad = True
                        print(f"# {containment}, {work}: {why}: {outcome}")
                failed += is_bad
                lines.append(row_of(case, results))
                print(f"{'not ok' if is_bad else 'ok'} {number} - {case.name}: kept, refused or told", flush=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        leave(bounds)
    print(f"1..{number}")
    print("# exit, limit, leave: K kept, R refused before it ran, T told, - not promised, ? not to be had, ! wrong")
    for line in lines:
        print(f"# {line}")
    if path:
        write_table(path, lines)
    return failed > 0


sys.exit(main())
