# SPDX-License-Identifier: ISC
"""What we need of trio."""
import contextlib
import functools
import math
import os

import trio

from ._loops import drive
from ._steps import LONGEST


async def ready(fd, seconds, is_write=False, file=None):
    """Waits until the descriptor is readable, or writable; the seconds have passed; or the file is closed."""
    with trio.move_on_after(math.inf if seconds is None else min(seconds, LONGEST)) as scope:
        if file is not None:
            file.add_waker(scope.cancel)
        try:
            if fd < 0:
                await trio.sleep_forever()
            await _ready(fd, trio.lowlevel.wait_writable if is_write else trio.lowlevel.wait_readable)
        finally:
            if file is not None:
                file.remove_waker(scope.cancel)


async def _ready(fd, wait):
    """Several tasks may wait for one process, and trio lets one wait for a descriptor: each gets its own."""
    copy = os.dup(fd)
    try:
        await wait(copy)
    finally:
        os.close(copy)


@contextlib.contextmanager
def shield():
    with trio.CancelScope(shield=True):
        yield


_kept = trio.lowlevel.RunVar("pidhold")


def kept(make):
    """What make() returned at the first call in this run of trio."""
    try:
        return _kept.get()
    except LookupError:
        _kept.set(make())
        return _kept.get()


def event():
    """An event, and a function that sets it from any thread: RuntimeError if trio has ended."""
    made = trio.Event()
    return made, functools.partial(trio.lowlevel.current_trio_token().run_sync_soon, made.set)


async def insist(wait, *arguments):
    """Awaits wait(), whether or not this is cancelled."""
    with shield():
        await wait(*arguments)


def begin(steps):
    """Follows steps beside all tasks. If trio ends before, they are dropped."""
    async def run():
        await drive(steps)
    trio.lowlevel.spawn_system_task(run)
