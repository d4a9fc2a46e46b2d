# SPDX-License-Identifier: ISC
"""Writes a process's input and reads its output, without a wait: whoever drives it waits for its descriptor."""
import io
import os
import select
import time
from _weakref import proxy

from ._errors import StatusUnknown
from ._loops import epoll
from ._streams import drain, raw_of, without_blocking
from ._types import Gap

_CHUNK = 65536
_LAST = 0.05  # seconds of reading what is there already, if more and more comes
_ASKING = 0.02  # seconds between two looks, where the system has no descriptors of processes
_END_OF_INPUT = b"\x04"  # Ctrl-D, which ends the input of a terminal
NO_END_OF_INPUT = ("a raw terminal has no end of input, Ctrl-D is a byte there: write the input to a pipe, with "
                   "stdin=PIPE, or write to .terminal and close it")


class Output:
    """What came of one stream: all, or the first and the last bytes of it."""

    def __init__(self, keep):
        self._head, self._tail = keep or (None, 0)
        self._first = io.BytesIO()  # its value is not copied once more
        self._last = bytearray()
        self.total = 0

    def add(self, data):
        self.total += len(data)
        if self._head is None:
            self._first.write(data)
            return
        room = self._head - self._first.tell()
        self._first.write(data[:room])
        self._last += data[room:]
        if len(self._last) > 2 * self._tail + _CHUNK:
            self._cut()

    def _cut(self):
        del self._last[:len(self._last) - self._tail]

    def value(self, text=None):
        """With a Text only its whole characters."""
        first, last = self._parts(text)
        return first + last if last else first

    def gap(self, text=None):
        """The Gap; None if nothing is lost."""
        first, last = map(len, self._parts(text))
        return Gap(first, self.total - first - last, self.total) if first + last < self.total else None

    def _parts(self, text):
        self._cut_if_bounded()
        first, last = self._first.getvalue(), self._last
        if text and len(first) + len(last) < self.total:
            last = text.whole_end(last, self.total - len(last))
            first = text.whole_beginning(first)
        return first, last

    def _cut_if_bounded(self):
        if len(self._last) > self._tail:
            self._cut()


def values(talk):
    """(stdout, stderr) as communicate() has them: what a terminal shows is in the place of stdout that is no pipe."""
    outputs = talk.outputs
    first = outputs.get("stdout", outputs.get("terminal"))
    return tuple(None if output is None else output.value() for output in (first, outputs.get("stderr")))


class Talk:
    """The talk with one process. fileno() is readable when take() has something to do."""

    def __init__(self, hold, keep=None, on_output=None):
        self._hold = proxy(hold)  # which may have this talk
        self._keep = keep
        self._poll = epoll()
        self._watched = {}  # descriptor -> events
        self._readers = {}  # descriptor -> (name, raw file)
        self._raws = {}  # the raw files, by their names
        self._writer = None
        self._rest = memoryview(b"")
        self.outputs = {}
        self.has_ended = False
        self.last_came = time.monotonic()
        self._end = self._descriptor_of_end()
        if self._end is not None:
            self._watch(self._end, select.EPOLLIN)
        self.resume(on_output)

    def resume(self, on_output):
        """Begins to read, or goes on after pause()."""
        self._on_output = on_output
        for name in ("terminal", "stdout", "stderr"):
            file = getattr(self._hold, name)
            if file is not None and not file.closed:
                self._begin_reading(name, file)

    def pause(self):
        """Gives back what was captured, so that whoever reads next gets it."""
        if self._poll.closed:
            return
        for name, output in self.outputs.items():
            self._raws[name].ahead[:0] = output.value()
        for fd in list(self._readers):
            self._watch(fd, 0)
        self._readers.clear()
        self.outputs.clear()

    def _descriptor_of_end(self):
        try:
            return self._hold.fileno()
        except OSError:  # ENOSYS, before Linux 5.3
            return None

    def _begin_reading(self, name, file):
        raw = self._raws[name] = raw_of(file)
        drain(file)
        self.outputs[name] = Output(self._keep)
        self._readers[raw.fileno()] = name, raw
        self._watch_again(raw.fileno())
        if raw.ahead:
            self._give(name, raw.take_all_ahead())

    def begin_writing(self, data):
        """`data`: bytes to be written; None: nothing more, and the process gets the end of its input."""
        hold = self._hold
        if hold.stdin is not None and not hold.stdin.closed:
            hold.stdin.flush()
            self._writer, self._rest = hold.stdin.fileno(), memoryview(data or b"").cast("B")
        elif hold.terminal and data is not None:
            if hold.terminal.is_raw:
                raise ValueError(NO_END_OF_INPUT)
            hold.terminal._check_lines(data)
            is_line = not data or bytes(data[-1:]) == b"\n"
            self._writer = hold.terminal.fileno()
            self._rest = memoryview(bytes(data) + _END_OF_INPUT * (1 if is_line else 2))
        if self._writer is not None and not self._rest:
            self.end_writing()
        elif self._writer is not None:
            self._watch_again(self._writer)

    def fileno(self):
        return self._poll.fileno()

    def patience(self, seconds):
        """How long to wait for fileno() at the most, if there are so many seconds; None: without a limit."""
        if self._end is None and not self.has_ended:
            return _ASKING if seconds is None else min(seconds, _ASKING)
        return seconds

    @property
    def is_open(self):
        """Whether an output may still come."""
        return bool(self._readers)

    def take(self):
        """Does what can be done now. Returns whether any output came."""
        came = False
        for fd, event in self._poll.poll(0):
            if fd == self._end:
                self._watch(fd, 0)
                self.has_ended = True
            if fd in self._readers and event & ~select.EPOLLOUT:
                came = self._read(fd) or came
            if fd == self._writer and event & ~select.EPOLLIN:
                self._write()
        if self._end is None and not self.has_ended:
            self.has_ended = self._is_told()
        if came:
            self.last_came = time.monotonic()
        return came

    def take_rest(self):
        """Takes what is there, without a wait for more."""
        end = time.monotonic() + _LAST
        while self.is_open and self.take() and time.monotonic() < end:
            pass

    def end_writing(self):
        """The process gets the end of its input."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        self._watch_again(writer)
        if self._hold.stdin is not None:
            self._rest = memoryview(b"")
            self._hold.stdin.close()

    def close(self):
        self._poll.close()

    def _is_told(self):
        try:
            return self._hold.poll() is not None
        except StatusUnknown:
            return True

    def _watch_again(self, fd):
        self._watch(fd, (select.EPOLLIN if fd in self._readers else 0)
                    | (select.EPOLLOUT if fd == self._writer else 0))

    def _watch(self, fd, events):
        before = self._watched.get(fd, 0)
        if events and before:
            self._poll.modify(fd, events)
        elif events:
            self._poll.register(fd, events)
        elif before:
            self._poll.unregister(fd)
        self._watched[fd] = events

    def _read(self, fd):
        """Reads what is there: a terminal must be read, or its program would wait."""
        name, raw = self._readers[fd]
        data = raw.read_now(_CHUNK)
        if data:
            self._give(name, data)
        elif data is not None:
            self._end_reading(fd)
        return data is not None

    def _give(self, name, data):
        if self._on_output:
            self._on_output(name, data)
        else:
            self.outputs[name].add(data)

    def _end_reading(self, fd):
        del self._readers[fd]
        if fd == self._writer:
            self._writer = None
        self._watch_again(fd)

    def _write(self):
        try:
            count = without_blocking(self._writer, os.write, self._writer, self._rest[:_CHUNK])
        except BlockingIOError:
            return
        except OSError:  # EPIPE, or EIO of a terminal: no process reads it any more
            count = len(self._rest)
        self._rest = self._rest[count:]
        if not self._rest:
            self.end_writing()
