# SPDX-License-Identifier: ISC
"""`await hold`: the process's descriptor in the event loop that runs, of whichever thread. No watcher, no thread."""
import asyncio


TELLING = 0.02  # seconds after which a status is asked for again that the system does not tell yet


async def wait(hold):
    """As hold.wait()."""
    is_readable = not _has_descriptor(hold)
    while hold.poll() is None:
        if is_readable:  # as under a tracer, which sees to the end first; or there is nothing to be read from
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
    """Until the descriptor is readable. All that await a hold in one loop share one reader of it."""
    fd = hold.fileno()
    lease = hold._lease()  # a close meanwhile does not close the descriptor before the loop has forgotten it
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
