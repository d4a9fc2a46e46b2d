# SPDX-License-Identifier: ISC
"""The values that describe processes."""
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


class Description(NamedTuple):
    """What the system tells of a process, as it was when it was looked at.

    group, session  the numbers of its process group and of its session.
    user            the number of the effective user.
    niceness        of its first thread.
    state           as in ps(1): R, S, D, T, Z, ...
    """

    pid: int
    parent: int
    group: int
    session: int
    user: int
    niceness: int
    threads: int
    state: str
    command: str


class Capability(NamedTuple):
    """What this system can promise: `error` is the errno with which the best mechanism was refused, else 0."""

    name: str
    mechanism: str
    promise: str
    supported: bool
    error: int


class Append(NamedTuple):
    """For stdout and stderr: a file to whose end the process writes, and which is made if it is not there."""

    path: object


class Gap(NamedTuple):
    """Where an output that was captured with a bound lacks something.

    at            how many bytes there are before it.
    lost, total   how many bytes are lost, and how many were printed.
    """

    at: int
    lost: int
    total: int


for _class in (Member, Status, Stopped, Description, Capability, Append, Gap):
    _class.__module__ = "pidhold"
