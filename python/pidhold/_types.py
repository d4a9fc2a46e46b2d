# SPDX-License-Identifier: ISC
"""The values that describe processes, and the exceptions."""
from typing import List, NamedTuple, Optional


class Member(NamedTuple):
    """A process of a tree, as it was when it was looked at.

    user          the number of the effective user.
    state         as in ps(1): R, S, D, T, Z, ...
    reference     names this process until the machine stops; "" if the system has none.
    """

    pid: int
    parent: int
    user: int
    state: str
    command: str
    reference: str


class Status(NamedTuple):
    """How a process ended. What is not known is None.

    how           'exited', 'signalled' or 'unknown'.
    code          the exit status, or the number of the signal.
    core_dumped   whether a core was dumped.
    wall          seconds from its start until its end was seen.
    user, system  seconds of processor time, its own and that of children it has waited for.
    max_rss       its largest resident size, in KiB.
    left          the descendants that live on, a list of Member: empty if there are none.
    """

    how: str
    code: Optional[int]
    core_dumped: Optional[bool]
    wall: Optional[float]
    user: Optional[float]
    system: Optional[float]
    max_rss: Optional[int]
    left: Optional[List[Member]]


class Stopped(NamedTuple):
    """What stop() did to a tree, in numbers of processes.

    seen          processes that it found.
    ended         ended by themselves, before a signal was sent.
    terminated    ended after a signal other than SIGKILL.
    killed        ended by SIGKILL.
    """

    seen: int
    ended: int
    terminated: int
    killed: int


class StatusUnknown(ChildProcessError):
    """The process has ended, and the system does not say how. Never to be taken for success."""

    def __init__(self, pid):
        super().__init__(pid)
        self.pid = pid

    def __str__(self):
        return f"process {self.pid} has ended, and how is not known: somebody else waited for it"


class StopFailed(RuntimeError):
    """Processes that live on after stop(): `left` lists them."""

    def __init__(self, pid, left):
        super().__init__(pid, left)
        self.pid = pid
        self.left = left

    def __str__(self):
        named = ", ".join(f"{member.pid} ({member.command})" for member in self.left) or f"process {self.pid} itself"
        return f"of the tree of process {self.pid} some could not be ended: {named}"


for _class in (Member, Status, Stopped, StatusUnknown, StopFailed):
    _class.__module__ = "pidhold"
