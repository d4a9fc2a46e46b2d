# SPDX-License-Identifier: ISC
"""What we need of asyncio, and of loops like it: no watcher of children, no thread but for a start."""
import _thread
import asyncio
import contextlib
import functools
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
    anyio = sys.modules.get("anyio")
    return anyio.CancelScope(shield=True) if anyio is not None else contextlib.nullcontext()


async def in_thread(function, discard, cancel):
    """Calls function() in a thread of its own. If this is cancelled, cancel() is called, and discard() gets what the
    function returns all the same."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(result, error):
        if future.cancelled():
            if error is None:
                discard(result)
        elif error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def call():
        result = error = None
        try:
            result = function()
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the loop is closed
            if error is None:
                discard(result)

    _thread.start_new_thread(call, ())  # threading's start() would wait for each thread to begin
    try:
        return await future
    except asyncio.CancelledError:
        cancel()
        raise


def begin(steps):
    """Follows steps beside the caller. If the loop ends before, they end too."""
    task = asyncio.get_running_loop().create_task(drive(steps))
    task._log_destroy_pending = False  # a loop that is closed without asyncio.run() is no reason for noise
