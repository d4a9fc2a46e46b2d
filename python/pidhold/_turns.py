# SPDX-License-Identifier: ISC
"""Turns: how many starts of one event loop run at a time. The others wait in the loop, without a thread."""
import collections
import time

from ._steps import left
from ._streams import Waking

_MOST = 8  # at a time: each has a thread, and many threads together keep the loop from its own work
_SLOW = 1.0  # seconds, after which a start counts no more: what it waits for may be a start that has to come after it


class Turns:
    """The starts of one loop. Only its thread may use this."""

    def __init__(self):
        self._begun = {}  # start -> the point of time when it counts no more
        self._waiting = collections.deque()  # of Waking, in the order in which they came

    async def come(self, loop, start, deadline):
        """Waits until it is the start's turn. Returns whether that was before the deadline."""
        if self._waiting or self._wait() > 0:
            me = Waking()
            self._waiting.append(me)
            try:
                if not await self._first(loop, me, deadline):
                    return False
                self._begin(start)  # before the next in line looks
            finally:
                self._waiting.remove(me)
                self._call()
        else:
            self._begin(start)
        return True

    def end(self, start):
        """The start is over."""
        if self._begun.pop(start, None) is not None:
            self._call()

    def _begin(self, start):
        self._begun[start] = time.monotonic() + _SLOW

    async def _first(self, loop, me, deadline):
        while True:
            seconds = self._wait()
            if me is self._waiting[0] and seconds <= 0:
                return True
            if time.monotonic() >= deadline:
                return False
            limit = min(deadline, time.monotonic() + seconds) if me is self._waiting[0] else deadline
            await loop.ready(-1, left(limit), False, me)

    def _wait(self):
        """In how many seconds there is room, if no start is over before."""
        now = time.monotonic()
        ends = sorted(end for end in self._begun.values() if end > now)
        return ends[-_MOST] - now if len(ends) >= _MOST else 0

    def _call(self):
        """The first in line looks again."""
        if self._waiting:
            self._waiting[0].wake()
