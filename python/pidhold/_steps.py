# SPDX-License-Identifier: ISC
"""What takes long, as generators: they yield (descriptor, seconds) and go on when the descriptor is readable or the
seconds have passed; -1 is no descriptor, None no limit. A third element is whether it is to be writable, a fourth the
file whose close ends the wait too. So a thread can follow them, and every event loop."""
import math
import select
import signal
import time

from ._errors import StatusUnknown, StopFailed, TimeoutExpired

LONGEST = 86400.0  # seconds of one wait: some loops and poll() take no more than some days
_FOREVER = math.inf
KILL = ((signal.SIGKILL, 5),)  # a ladder
TELLING = 0.02  # seconds between two looks for what no descriptor tells


def deadline_after(timeout):
    """The point of time.monotonic() that many seconds from now: infinite for None, and for what is beyond a float."""
    return time.monotonic() + seconds_of(timeout)


def seconds_of(timeout):
    """As a float: infinite for None, and for what is beyond a float."""
    if timeout is None:
        return _FOREVER
    if isinstance(timeout, (str, bytes)):
        raise TypeError(f"a time-out is a number of seconds, not {timeout!r}")
    try:
        seconds = float(timeout)
    except OverflowError:
        seconds = _FOREVER
    if math.isnan(seconds):
        raise ValueError("a time-out is not a number (NaN)")
    return seconds


def left(deadline):
    """The seconds until then; None if it never comes."""
    return None if deadline == _FOREVER else max(0.0, deadline - time.monotonic())


def follow(steps):
    """Follows them in this thread. Returns what they return."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(_wait(*wanted))
    except StopIteration as end:
        return end.value
    finally:
        steps.close()


def _wait(fd, seconds, is_write=False, file=None):
    seconds = LONGEST if seconds is None else min(seconds, LONGEST)
    if fd < 0:
        time.sleep(seconds)
        return
    poller = select.poll()
    poller.register(fd, select.POLLOUT if is_write else select.POLLIN)
    poller.poll(math.ceil(seconds * 1000))


# ---- the ends ----


def end_of(hold, timeout):
    """As hold.wait()."""
    deadline = deadline_after(timeout)
    lease, fd = _leased(hold, hold.fileno)
    while True:
        code = hold.poll()
        if code is not None:
            return code
        if hold._is_released:
            raise ValueError("the hold is closed")
        if time.monotonic() >= deadline:
            raise TimeoutExpired(hold.args, timeout)
        yield fd, _slice(fd, deadline)
        if fd >= 0 and _is_readable(fd):  # then the answer comes soon; a tracer, for example, sees the end first
            lease, fd = None, -1


def _leased(hold, descriptor):
    """(what keeps it open also if the hold is closed, the descriptor); -1: there is none."""
    try:
        return hold._lease(), descriptor()
    except (OSError, ValueError):  # ENOSYS, before Linux 5.3; or the hold is closed
        return None, -1


def _slice(fd, deadline):
    seconds = left(deadline)
    if fd >= 0:
        return seconds
    return TELLING if seconds is None else min(seconds, TELLING)


def _is_readable(fd):
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return bool(poller.poll(0))


def end_of_tree(hold, timeout):
    """As hold.wait_tree()."""
    deadline = deadline_after(timeout)
    lease, fd = _leased(hold, hold._tree_fd)
    try:
        while True:
            try:
                return hold.wait_tree(0)
            except TimeoutExpired:
                if time.monotonic() >= deadline:
                    raise TimeoutExpired(hold.args, timeout) from None
            yield fd, _slice(fd, deadline)
    finally:
        del lease


def change_of(hold, timeout):
    """As hold.wait_change()."""
    deadline = deadline_after(timeout)
    lease, fd = hold._lease(), hold._job_fd()
    try:
        while True:
            change = hold.take_change()
            if change is not None or hold.poll() is not None:
                return change
            if time.monotonic() >= deadline:
                raise TimeoutExpired(hold.args, timeout)
            yield fd, left(deadline)
    finally:
        del lease


def stopping(hold, ladder=None):
    """As hold.stop()."""
    hold._stop_begin(ladder)
    lease = hold._lease()
    try:
        while True:
            stopped = hold._stop_step()
            if stopped is not None:
                return stopped
            yield hold._stop_next()
    finally:
        del lease


def ending(hold, ladder):
    """Ends what lives, and tells nothing of what it could not end, as close()."""
    try:
        yield from stopping(hold, ladder)
    except (StopFailed, OSError):
        pass


# ---- talking ----


def until_end(talk, deadline):
    """Reads and writes until the process has ended. Returns whether that was before the deadline."""
    while not talk.has_ended:
        if time.monotonic() >= deadline:
            talk.take()  # this process may have been stopped until now
            return talk.has_ended
        yield talk.fileno(), talk.patience(left(deadline))
        talk.take()
    return True


def until_closed(talk, deadline):
    """Reads and writes until all outputs are at their ends. Returns whether that was before the deadline."""
    while talk.is_open:
        if time.monotonic() >= deadline:
            talk.take()
            return not talk.is_open
        yield talk.fileno(), talk.patience(left(deadline))
        talk.take()
    return True


def until_quiet(talk, deadline, linger, longest):
    """Reads until all outputs are at their ends, nothing has come for `linger` seconds, or `longest` have passed."""
    end = min(deadline, time.monotonic() + longest)
    while talk.is_open:
        now = time.monotonic()
        limit = min(end, talk.last_came + linger)
        if now >= limit:
            return
        yield talk.fileno(), left(limit)
        talk.take()


def until_empty(hold, deadline):
    """Waits until the tree is empty or the deadline has passed."""
    try:
        yield from end_of_tree(hold, left(deadline))
    except TimeoutExpired:
        pass


def ended_tree(hold, stop):
    """Ends the tree by stop(hold). Returns the Stopped, and the list of those that live on; None: not known."""
    try:
        stopped = yield from stop(hold)
    except StopFailed as failed:
        return failed.stopped, failed.left
    try:
        yield from end_of(hold, 0.05)
    except (TimeoutExpired, StatusUnknown):
        pass
    return stopped, hold.status.left if hold.status else None
