# SPDX-License-Identifier: ISC
"""Bounds for what is hard to end, and proofs that it has ended. It runs in a control group with a limit on processes,
with a mark in its environment, and below a test that is a subreaper. So whoever is left, of hold's helpers too, is a
descendant of the test; is in the group, where one can be made; and is marked, unless it cleared its environment."""
import ctypes
import glob
import os
import random
import signal
import time

from tap import check_equal, until

PR_SET_CHILD_SUBREAPER = 36
MARK = "PIDHOLD_VICTIM"


def own_groups():
    """Directories of this process's groups: of version 2, and of the hierarchy of version 1 that counts processes."""
    mounts = {}
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields, kind = line.split(" - ")
            if kind.startswith("cgroup2 "):
                mounts[""] = fields.split()[3:5]
            elif kind.startswith("cgroup ") and "pids" in kind.split()[2].split(","):
                mounts["pids"] = fields.split()[3:5]
    found = {}
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            for name in controllers.split(","):
                if name in mounts and path.startswith(mounts[name][0].rstrip("/")):
                    found[name] = mounts[name][1] + path[len(mounts[name][0].rstrip("/")):]
    return found


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def state_of(pid):
    """A letter; None: it is not there."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def children_of(pid):
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path, encoding="ascii") as file:
                yield from map(int, file.read().split())
        except OSError:
            pass


def descendants():
    """All that live below this process. Its own children that have ended, which nobody else waits for, are none."""
    found, look_at = set(), [os.getpid()]
    while look_at:
        new = set(children_of(look_at.pop())) - found
        found |= new
        look_at.extend(new)
    return {pid for pid in found if state_of(pid) not in (None, "Z", "X")}


class Bounds:
    def __init__(self, most):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.mark = f"{MARK}={random.getrandbits(64):x}"
        self.directory, self.is_version_2 = None, False
        for controller, directory in sorted(own_groups().items(), reverse=True):
            path = os.path.join(directory, f"victims-{os.getpid()}-{random.getrandbits(32):x}")
            try:
                os.mkdir(path)
            except OSError:
                continue
            try:
                write(os.path.join(path, "pids.max"), str(most))
            except OSError:
                os.rmdir(path)
                continue
            self.directory, self.is_version_2 = path, controller == ""
            return

    def environment(self):
        return dict(os.environ, **dict([self.mark.split("=")]))

    def enter(self):
        if self.directory:
            write(os.path.join(self.directory, "cgroup.procs"), "0")

    def directories(self):
        """Deepest first."""
        return [path for path, _, _ in os.walk(self.directory, topdown=False)] if self.directory else []

    def listed(self):
        """0 stands in a list for one that is just ending."""
        for directory in self.directories():
            try:
                with open(os.path.join(directory, "cgroup.procs"), encoding="ascii") as file:
                    yield from (pid for pid in map(int, file) if pid > 0 and state_of(pid) != "Z")
            except OSError:
                pass

    def marked(self):
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if self.mark.encode() in file.read():
                        yield int(name)
            except OSError:
                pass

    def members(self):
        return set(self.listed()) | set(self.marked())

    def check_nobody(self, what):
        """Looked at several times, since one that forks and ends moves on between looks."""
        for _ in range(3):
            check_equal((sorted(self.members()), sorted(descendants())), ([], []), what)
            time.sleep(0.002)

    def kill(self):
        """Each is held before it is looked for again, so its number is nobody else's."""
        held = {}
        for pid in self.members() | descendants():
            try:
                held[pid] = os.pidfd_open(pid)
            except OSError:
                pass
        still = self.members() | descendants() if held else set()
        for pid, descriptor in held.items():
            if pid in still:
                try:
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                except OSError:
                    pass
            os.close(descriptor)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        return not held

    def end(self):
        """Whoever is in it: a test that fails must leave no victim."""
        if self.directory:
            try:
                write(os.path.join(self.directory, "pids.max"), "0")
            except OSError:
                pass
        until(self.kill, "they have ended")
        for directory in self.directories():
            until(lambda path=directory: self.remove(path), "the group is empty")

    @staticmethod
    def remove(directory):
        try:
            os.rmdir(directory)
        except FileNotFoundError:
            pass
        except OSError:
            return False
        return True
