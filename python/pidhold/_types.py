# SPDX-License-Identifier: ISC
"""The values that describe processes. The types of their fields are in __init__.pyi alone: the module typing takes
longer to import than all of this package."""
from collections import namedtuple


def _class(name, fields, text):
    made = namedtuple(name, fields, module="pidhold")
    made.__doc__ = text
    return made


Member = _class("Member", "pid parent user state command reference", """\
A process of a tree, as it was when it was looked at.

user          the number of the effective user.
state         as in ps(1): R, S, D, T, Z, ...
reference     names this process until the machine stops; "" if the system has none.
""")

Status = _class("Status", "how code core_dumped wall user system max_rss left", """\
How a process ended. What is not known is None.

how           'exited', 'signalled' or 'unknown'.
code          the exit status, or the number of the signal.
core_dumped   whether a core was dumped.
wall          seconds from its start until its end was seen.
user, system  seconds of processor time, its own and that of children it has waited for.
max_rss       its largest resident size, in KiB.
left          the descendants that live on, a list of Member: empty if there are none.
""")

Stopped = _class("Stopped", "seen ended terminated killed", """\
What stop() did to a tree, in numbers of processes.

seen          processes that it found.
ended         ended by themselves, before a signal was sent.
terminated    ended after a signal other than SIGKILL.
killed        ended by SIGKILL.
""")

Description = _class("Description", "pid parent group session user niceness threads state command", """\
What the system tells of a process, as it was when it was looked at.

group, session  the numbers of its process group and of its session.
user            the number of the effective user.
niceness        of its first thread.
state           as in ps(1): R, S, D, T, Z, ...
""")

Capability = _class("Capability", "name mechanism promise supported error", """\
What this system can promise: `error` is the errno with which the best mechanism was refused, else 0.
""")

Append = _class("Append", "path", """\
For stdout and stderr: a file to whose end the process writes, and which is made if it is not there.
""")

Gap = _class("Gap", "at lost total", """\
Where an output that was captured with a bound lacks something.

at            how many bytes there are before it.
lost, total   how many bytes are lost, and how many were printed.
""")

TreeUsage = _class("TreeUsage", "memory_peak user system read_bytes written_bytes tasks_peak tasks_refused oom_kills "
                   "signalled dumped cpu_time_is_up cpu_time_error", """\
What all processes of a tree have used together. What is not known is None.

    memory_peak   the most memory at a time, in KiB.
    user, system  seconds of processor time.
    read_bytes, written_bytes
                  from and to disks.
    tasks_peak, tasks_refused
                  the most processes and threads at a time, and how often a limit refused another one.
    oom_kills     how often the kernel killed one of them for lack of memory; one may be counted twice.
    signalled, dumped
                  descendants that a signal ended, and those of them that dumped core, except those that their own
                  parents waited for.
    cpu_time_is_up
                  whether the limit of processor time was reached.
    cpu_time_error
                  the errno by which the processor time could not be read, and so the tree was ended; else None.
    """)
