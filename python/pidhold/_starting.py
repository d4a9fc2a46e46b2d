# SPDX-License-Identifier: ISC
"""A start for an event loop: in a thread of its own, once it is its turn, and undone before a cancellation goes on."""
import _thread

from . import _loops
from ._errors import StartTimeoutExpired
from ._spawn import start
from ._steps import KILL, deadline_after, ending
from ._turns import Turns


class _Start:
    """What the thread that starts and the task that waits for it share."""

    def __init__(self, settings):
        self._settings = settings
        self._cancel = []
        self._is_left = False
        self.hold = self.error = None
        self.is_over = False

    def run(self, wake):
        """The thread."""
        try:
            self.hold = start(self._settings, self._cancel, 4)
        except BaseException as error:
            self.error = error
        self.is_over = True
        try:
            wake()
        except RuntimeError:  # the loop is closed
            self.leave()
        if self._is_left:
            self.leave()

    def cancel(self):
        self._cancel.append(True)

    def leave(self):
        """Nobody waits for it any more: what was started, or will be, is ended in the background."""
        self._is_left = True
        self.error = None
        self.cancel()
        if self.hold is not None:
            self.hold._abandon()

    def taken(self):
        """The Hold, which is the caller's from now on. Raises what the start raised."""
        hold, error, self.hold, self.error = self.hold, self.error, None, None
        try:
            if error is not None:
                raise error
            return hold
        finally:
            del error  # its traceback has this frame


async def started(settings):
    """spawn(), with its arguments in a mapping, beside the loop. If it is cancelled, the start is given up, or what it
    started is killed, before the exception goes on: also if it is cancelled again meanwhile."""
    loop = _loops.needed()
    turns = loop.kept(Turns)
    event, wake = loop.event()
    begun = _Start(settings)
    if not await turns.come(loop, begun, deadline_after(settings["timeout"])):
        raise StartTimeoutExpired(settings["argv"], settings["timeout"], "process", "")
    try:
        return await _begun(loop, begun, event, wake)
    finally:
        turns.end(begun)


async def _begun(loop, begun, event, wake):
    _thread.start_new_thread(begun.run, (wake,))  # threading's start() would wait for each thread to begin
    try:
        await event.wait()
        return begun.taken()
    except BaseException as error:
        if begun.hold is None and begun.is_over or isinstance(error, GeneratorExit):
            raise  # the start failed; or nothing may be awaited here
        begun.cancel()
        await _undo(loop, begun, event)
        raise
    finally:
        begun.leave()


async def _undo(loop, begun, event):
    while not begun.is_over:
        await loop.insist(event.wait)
    if begun.hold is not None:
        for wanted in ending(begun.hold, KILL):
            await loop.insist(loop.ready, *wanted)
