# SPDX-License-Identifier: ISC
"""The event loop that runs in this thread: asyncio's (also uvloop's, also below anyio), or trio's (also below anyio).
Neither is imported here: one that runs has been imported."""
import select
import sys


def epoll():
    """A new select.epoll, also where gevent has taken that away."""
    make = getattr(select, "epoll", None) or sys.modules["gevent"].monkey.get_original("select", "epoll")
    return make()


def here():
    """The module for the loop that runs in this thread; None: none does."""
    trio = sys.modules.get("trio")
    if trio is not None and _is_in_trio(trio):
        from . import _trio
        return _trio
    asyncio = sys.modules.get("asyncio")
    running = getattr(asyncio, "_get_running_loop", None)
    if running is not None and running() is not None:
        from . import _asyncio
        return _asyncio
    return None


def _is_in_trio(trio):
    try:
        trio.lowlevel.current_task()
    except (AttributeError, RuntimeError):
        return False
    return True


def needed():
    loop = here()
    if loop is None:
        raise RuntimeError("no event loop of asyncio or trio runs in this thread")
    return loop


async def drive(steps):
    """Follows steps (see _steps) in the loop of this thread. Returns what they return."""
    loop = needed()
    try:
        wanted = next(steps)
        while True:
            await loop.ready(*wanted)
            wanted = steps.send(None)
    except StopIteration as end:
        return end.value
    finally:
        steps.close()
