# SPDX-License-Identifier: ISC
"""What we need of trio."""
import contextlib
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


async def in_thread(function, discard, cancel):
    """Calls function() in a thread. If this is cancelled, cancel() is called, and discard() gets what the function
    returns all the same."""
    is_cancelled = []

    def call():
        result = function()
        if is_cancelled:
            discard(result)
        return result

    # A limiter of its own: a start that waits for long is not to keep others from their threads.
    options = {"limiter": trio.CapacityLimiter(1)}
    try:
        try:
            return await trio.to_thread.run_sync(call, abandon_on_cancel=True, **options)
        except TypeError:  # before 0.23 it has another name
            return await trio.to_thread.run_sync(call, cancellable=True, **options)
    except trio.Cancelled:
        is_cancelled.append(True)
        cancel()
        raise


def begin(steps):
    """Follows steps beside all tasks. If trio ends before, they are dropped."""
    async def run():
        await drive(steps)
    trio.lowlevel.spawn_system_task(run)
