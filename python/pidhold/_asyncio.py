# SPDX-License-Identifier: ISC
"""`await hold`: the running event loop, in any thread, watches the process's descriptor. No watcher, no thread."""
import asyncio


TELLING = 0.02  # seconds between two looks for a status that is not known yet


async def wait(hold):
    """As hold.wait()."""
    is_readable = not _has_descriptor(hold)
    while hold.poll() is None:
        if is_readable:  # a tracer, for example, sees the end first; or there is no descriptor
            await asyncio.sleep(TELLING)
        else:
            await _ended(hold)
            is_readable = True
    return hold.wait()


def _has_descriptor(hold):
    try:
        return hold.closed or hold.fileno() >= 0
    except OSError:  # ENOSYS, before Linux 5.3
        return False


async def _ended(hold):
    """Waits until the descriptor is readable. All tasks of one loop that await a hold share one reader of it."""
    fd = hold.fileno()
    lease = hold._lease()  # so that a close meanwhile leaves the descriptor open until the loop has removed it
    loop = asyncio.get_running_loop()
    futures = hold._waiters.setdefault(loop, set())
    future = loop.create_future()
    futures.add(future)
    try:
        if len(futures) == 1:
            loop.add_reader(fd, _wake, futures)
        await future
    finally:
        futures.discard(future)
        if not futures:
            loop.remove_reader(fd)
            hold._waiters.pop(loop, None)
        del lease


def _wake(futures):
    for future in futures:
        if not future.done():
            future.set_result(None)
