# SPDX-License-Identifier: ISC
"""spawn_async(); and waiting for the first of several processes."""
import select
import time

from . import _loops
from ._async import Job
from ._errors import StatusUnknown, TimeoutExpired
from ._hold import Hold
from ._starting import started
from ._steps import TELLING, deadline_after, follow, left


class Starting(Job):
    """What spawn_async() returns: awaited it gives the Hold, and so does `async with`, which closes it at its end."""

    _hold = None

    async def __aenter__(self):
        self._hold = await self
        return self._hold

    async def __aexit__(self, *exception):
        await self._hold.aclose()


def spawn_async(argv, *, terminal=None, echo=True, raw=False, modes=None, stdin=None, stdout=None, stderr=None,
                bufsize=-1, pipesize=-1, text=None, encoding=None, errors=None, newline=None, universal_newlines=None,
                shell=False, cwd=None, env=None, nice=None, oom_score=None, io_priority=None, limits=None,
                tree_limits=None, user=None, group=None, extra_groups=None, umask=None, contain=None, timeout=None,
                executable=None, pass_fds=(), close_fds=True, start_new_session=False, process_group=None,
                restore_signals=True, keep_ignored=None, blocked=None, parent_death_signal=None, no_new_privs=False,
                preexec_fn=None, ladder=None, on_release="stop"):
    """spawn(), for an event loop, which runs on while the process starts: `hold = await spawn_async(...)`, or `async
    with spawn_async(...) as hold`. If it is cancelled, nothing is left of the start: it is given up, or what was
    started is killed, before the exception goes on."""
    settings = locals()
    if parent_death_signal is not None:
        raise ValueError("parent_death_signal is about the thread that starts, and here that ends at once")
    return Starting(started(settings))


def wait_any(holds, timeout=None):
    """Waits until one of the processes has ended, and returns a list of the holds of all that have by then, in their
    order. How each ended its wait() tells. Raises TimeoutExpired."""
    return follow(_first_end(list(holds), timeout))


async def wait_any_async(holds, timeout=None):
    """wait_any(), for an event loop."""
    return await _loops.drive(_first_end(list(holds), timeout))


def _first_end(holds, timeout):
    if not holds:
        raise ValueError("there is nothing to wait for")
    for hold in holds:
        if not isinstance(hold, Hold):
            raise TypeError(f"wait_any() takes a sequence of Holds, and {hold!r} is none")
    deadline = deadline_after(timeout)
    poll = _loops.epoll()
    try:
        leases, are_all = _register(holds, poll)
        while True:
            ended = [hold for hold in holds if _has_ended(hold)]
            if ended:
                return ended
            if time.monotonic() >= deadline:
                raise _none_of(holds, timeout)
            seconds = left(deadline)
            if not are_all or poll.poll(0):  # what is readable and not known is known soon
                yield -1, TELLING if seconds is None else min(seconds, TELLING)
            else:
                yield poll.fileno(), seconds
    finally:
        leases = None
        poll.close()


def _none_of(holds, timeout):
    error = TimeoutExpired([hold.args for hold in holds], timeout)
    error._is_of_several = True
    return error


def _register(holds, poll):
    """(what keeps the descriptors open, whether all have one)"""
    leases, are_all = [], True
    for hold in {id(hold): hold for hold in holds}.values():
        try:
            leases.append(hold._lease())
            poll.register(hold.fileno(), select.EPOLLIN)
        except (OSError, ValueError):
            are_all = False
    return leases, are_all


def _has_ended(hold):
    try:
        return hold.poll() is not None or hold._is_released
    except StatusUnknown:
        return True


for _thing in (spawn_async, wait_any, wait_any_async):
    _thing.__module__ = "pidhold"
