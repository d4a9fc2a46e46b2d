# SPDX-License-Identifier: ISC
"""What we need of asyncio, and of loops like it: no watcher of children, and no thread."""
import _thread
import asyncio
import contextlib
import functools
import importlib
import sys

from ._loops import drive
from ._steps import LONGEST


def _watched(loop):
    """(descriptor, is_write) -> callbacks. A loop has one callback for a descriptor: all that wait for it share that.
    It is an attribute of the loop, so that both are collected together if the loop is closed while somebody waits."""
    try:
        return loop._pidhold_watched
    except AttributeError:
        loop._pidhold_watched = {}
        return loop._pidhold_watched


def _watch(loop, fd, is_write, callback):
    callbacks = _watched(loop).setdefault((fd, is_write), set())
    callbacks.add(callback)
    if len(callbacks) == 1:
        (loop.add_writer if is_write else loop.add_reader)(fd, _fire, callbacks)


def _unwatch(loop, fd, is_write, callback):
    callbacks = _watched(loop).get((fd, is_write), ())
    if callback not in callbacks:
        return
    callbacks.discard(callback)
    if not callbacks:
        del _watched(loop)[fd, is_write]
        if not loop.is_closed():
            (loop.remove_writer if is_write else loop.remove_reader)(fd)


def _fire(callbacks):
    for callback in tuple(callbacks):
        callback()


def _settle(future):
    if not future.done():
        future.set_result(None)


async def ready(fd, seconds, is_write=False, file=None):
    """Waits until the descriptor is readable, or writable; the seconds have passed; or the file is closed."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    wake = functools.partial(_settle, future)
    timer = None if seconds is None else loop.call_later(min(seconds, LONGEST), wake)
    waker = functools.partial(_closed, loop, _thread.get_ident(), fd, is_write, wake)
    if fd >= 0:
        _watch(loop, fd, is_write, wake)
    if file is not None:
        file.add_waker(waker)
    try:
        await future
    finally:
        _unwatch(loop, fd, is_write, wake)
        if timer is not None:
            timer.cancel()
        if file is not None:
            file.remove_waker(waker)


def _closed(loop, thread, fd, is_write, wake):
    """The file is about to be closed, by whatever thread."""
    if _thread.get_ident() == thread:
        _unwatch(loop, fd, is_write, wake)
        wake()
    elif not loop.is_closed():
        loop.call_soon_threadsafe(wake)


def shield():
    """anyio cancels again and again what goes on after it was cancelled."""
    if "anyio" not in sys.modules:
        return contextlib.nullcontext()
    # anyio itself takes what another thread is just importing for complete; an import waits for that thread.
    importlib.import_module("anyio._backends._asyncio")
    return importlib.import_module("anyio").CancelScope(shield=True)


def kept(make):
    """What make() returned at the first call in this loop."""
    loop = asyncio.get_running_loop()
    if not hasattr(loop, "_pidhold_kept"):
        loop._pidhold_kept = make()
    return loop._pidhold_kept


def event():
    """An event, and a function that sets it from any thread: RuntimeError if the loop is closed."""
    made = asyncio.Event()
    return made, functools.partial(asyncio.get_running_loop().call_soon_threadsafe, made.set)


async def insist(wait, *arguments):
    """Awaits wait(), and returns early if this is cancelled: for what has to go on all the same."""
    with shield():
        try:
            await wait(*arguments)
        except asyncio.CancelledError:
            pass


def begin(steps):
    """Follows steps beside the caller. If the loop ends before, they end too."""
    task = asyncio.get_running_loop().create_task(drive(steps))
    task._log_destroy_pending = False  # a loop that is closed without asyncio.run() is no reason for noise
