# SPDX-License-Identifier: ISC
"""What is told of processes, and the exceptions."""
from typing import List, NamedTuple, Optional


class Member(NamedTuple):
    """A process of a tree, as it was when it was looked at."""

    pid: int
    parent: int
    user: int  #: the effective user's id
    state: str  #: as ps(1) has it: R, S, D, T, Z, ...
    command: str
    reference: str  #: names this process until the machine stops; "" if the system does not tell


class Status(NamedTuple):
    """How a process ended. What is not known is None."""

    how: str  #: 'exited', 'signalled' or 'unknown'
    code: Optional[int]  #: the exit status, or the number of the signal
    core_dumped: Optional[bool]
    wall: Optional[float]  #: seconds from its start to when its end was seen
    user: Optional[float]  #: seconds of processor time, with that of the children it waited for
    system: Optional[float]
    max_rss: Optional[int]  #: its largest resident size, in KiB
    left: Optional[List[Member]]  #: what lives on of its tree: empty if nothing does


class Stopped(NamedTuple):
    """What stop() did to a tree: how many processes it found, and how each of them came to its end."""

    seen: int
    ended: int  #: before they were sent anything
    terminated: int  #: after a signal other than SIGKILL
    killed: int


class StatusUnknown(ChildProcessError):
    """The process has ended, and nobody here can be told how. Never to be taken for success."""

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
