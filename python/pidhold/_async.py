# SPDX-License-Identifier: ISC
"""The streams of a process for an event loop."""
import collections.abc
import time

from ._errors import TimeoutExpired
from ._loops import drive
from ._steps import deadline_after, left
from ._streams import drain, raw_of, text_layer_of, without_blocking
from ._terminal import Terminal

_CHUNK = 65536


class AsyncStream:
    """A pipe or terminal of a process, for an event loop: reads and writes wait without blocking it. It reads what the
    process prints only when it is asked to, so a process that prints faster than it is read waits.

    It has bytes, or text if that was asked for. The end of file of a terminal is the end of file, and no error. A line
    may be of any length. `async for line in stream` iterates over the lines. Use it or the file, not both.
    """

    def __init__(self, file):
        self._file = file
        self._raw = raw_of(file)
        self._text = text_layer_of(file)
        self._buffer = self._raw.ahead
        self._is_at_end = False

    def __repr__(self):
        return f"<pidhold.AsyncStream of {self._raw!r}>"

    # ---- reading ----

    async def read(self, size=-1):
        """Up to `size` bytes, once there are any; empty at the end of file. -1: all until the end of file. Text comes
        in whole characters, and `size` is about its bytes."""
        return await drive(self._reading(size)) if size else self._taken(0)

    async def readline(self):
        """A line with its end; what is there before the end of file; empty at the end of file."""
        return await drive(self.line_steps(deadline_after(None)))

    def __aiter__(self):
        return self

    async def __anext__(self):
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line

    def _reading(self, size):
        drain(self._file)
        while not self._is_at_end and (size < 0 or not self._whole(size)):
            yield from self._fill(deadline_after(None))
        return self._taken(len(self._buffer) if size < 0 else self._whole(size) or min(size, len(self._buffer)))

    def _whole(self, size):
        """How many bytes of up to `size` in the buffer can be given: of text whole characters."""
        count = min(size, len(self._buffer))
        if self._text is None or count == 0:
            return count
        for back in range(min(4, count)):
            try:
                self._buffer[:count - back].decode(self._text.encoding)
                return count - back
            except UnicodeDecodeError as error:
                if error.end < count - back:
                    return count
        return 0

    def line_steps(self, deadline):
        """readline() as steps."""
        drain(self._file)
        searched = 0
        while True:
            end = self._buffer.find(b"\n", searched) + 1
            if end or self._is_at_end:
                return self._taken(end or len(self._buffer))
            searched = len(self._buffer)
            yield from self._fill(deadline)

    def _taken(self, count):
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return self._text.decode(data) if self._text else data

    def _fill(self, deadline):
        """Reads what comes, once there is something; notes the end of file."""
        while True:
            data = self._raw.read_now(_CHUNK)
            if data is not None:
                self._buffer += data
                self._is_at_end = not data
                return
            if time.monotonic() >= deadline:
                raise TimeoutExpired(None, None)
            yield self._raw.fileno(), left(deadline), False, self._raw

    # ---- writing ----

    async def write(self, data):
        """Writes all of it, and waits while the process does not read. BrokenPipeError if nobody reads it any more."""
        await drive(self._writing(self._text.encode(data) if self._text else data))

    def _writing(self, data):
        rest = memoryview(data).cast("B")
        if isinstance(self._raw, Terminal):
            self._raw._check_lines(rest)  # as a whole, before anything is written
        while rest:
            count = without_blocking(self._raw.fileno(), self._raw.write, rest[:_CHUNK])
            if count:
                rest = rest[count:]
            else:
                yield self._raw.fileno(), None, True, self._raw

    async def aclose(self):
        """Closes the file: the process gets the end of its input, or its terminal hangs up."""
        self._file.close()


class Job(collections.abc.Coroutine):
    """A coroutine that has attributes beside its result."""

    def __init__(self, coroutine):
        self._coroutine = coroutine

    def __await__(self):
        return self._coroutine.__await__()

    def send(self, value):
        return self._coroutine.send(value)

    def throw(self, *error):
        return self._coroutine.throw(*error)

    def close(self):
        return self._coroutine.close()


for _class in (AsyncStream,):
    _class.__module__ = "pidhold"
