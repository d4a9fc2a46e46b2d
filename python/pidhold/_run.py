# SPDX-License-Identifier: ISC
"""run(): subprocess.run, with a terminal if wanted, and a time-out that also ends descendants that hold the pipe."""
import io
import os
import select
import signal
import subprocess
import time

from ._spawn import PIPE, spawn
from ._types import StatusUnknown, StopFailed

_CHUNK = 65536
_IDLE = 0.2  # after the command's end: seconds without output, after which no more is waited for
_PATIENCE = 2.0  # after the command's end: seconds of waiting for output in all
_LAST = 0.05  # seconds of reading what is there already, if more and more comes
_ASKING = 0.02  # seconds between two looks, where the system has no descriptors of processes
_AT_ONCE = ((signal.SIGKILL, 0.1),)
_INTERRUPT_PATIENCE = 0.25  # seconds for a command that has got the same SIGINT, as in subprocess
_END_OF_INPUT = b"\x04"  # Ctrl-D, which ends the input of a terminal


class CompletedProcess(subprocess.CompletedProcess):
    """What run() returns: that of subprocess, and

    status       the Status: how it ended, and what it used
    left         the processes of its tree that live on, a list of Member; None if that is not known
    is_complete  whether the captured output was read to its end: False if another process still holds the pipe
    """

    status = None
    left = None
    is_complete = True


class TimeoutExpired(subprocess.TimeoutExpired):
    """As that of subprocess; `left` lists the processes that could not be ended."""

    left = None


def run(args, *, stdin=None, input=None, stdout=None, stderr=None, capture_output=False, shell=False, timeout=None,
        check=False, encoding=None, errors=None, text=None, universal_newlines=None, bufsize=-1, pipesize=-1,
        restore_signals=True, preexec_fn=None, executable=None, terminal=None, ladder=None, **options):
    """Runs a command, waits for it, and returns a CompletedProcess, as subprocess.run does; `options` are those of
    spawn().

    With terminal=True, or a size, the command is on a terminal of its own; what it writes there is .stdout, and
    `input` is typed there, ended as by Ctrl-D.

    After `timeout` seconds the command and its descendants are killed at once, or ended by `ladder`, and
    TimeoutExpired is raised: .output and .stderr are what was captured until then, .left is the list of those that
    live on. A process that keeps a pipe open is not awaited: once the command has ended its output is read until it
    ends or nothing has come for 0.2 seconds (and for 2 seconds at most); the descendants that are left then are ended
    too, unless contain="none".

    Raises StatusUnknown, with .output and .stderr, if the way the command ended cannot be known.
    """
    if preexec_fn is not None:
        raise TypeError("preexec_fn would run Python in the new process; there are cwd, user, nice, limits, umask")
    if capture_output:
        if stdout is not None or stderr is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        stdout = None if terminal else PIPE
        stderr = None if terminal else PIPE
    if input is not None:
        if stdin is not None:
            raise ValueError("stdin and input arguments may not both be used.")
        stdin = None if terminal else PIPE
    text_layer = None
    if text or universal_newlines or encoding or errors:
        text_layer = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
    if text_layer and input is not None:
        input = input.encode(text_layer.encoding, text_layer.errors)
    if ladder is None:
        ladder = _AT_ONCE
    deadline = None if timeout is None else time.monotonic() + timeout
    argv, executable = _shell_words(args, executable) if shell else (args, executable)
    with spawn(argv, stdin=stdin, stdout=stdout, stderr=stderr, executable=executable, terminal=terminal,
               ladder=ladder, **options) as hold:
        talk = _Talk(hold, input)
        try:
            has_ended = talk.until_end(deadline)
            if has_ended:
                talk.drain(deadline)
                _await_rest(hold, deadline)
            left = _stop(hold)
            talk.take_rest()
        except KeyboardInterrupt:
            _await_interrupted(hold)
            raise
        out, err = talk.output(hold.terminal or hold.stdout), talk.output(hold.stderr)
        if not has_ended:
            expired = TimeoutExpired(args, timeout, output=out, stderr=err)
            expired.left = left
            raise expired
        try:
            code = hold.wait()
        except StatusUnknown as unknown:
            unknown.output, unknown.stderr = out, err
            raise
        done = CompletedProcess(args, code, _decoded(out, text_layer), _decoded(err, text_layer))
        done.status = hold.status
        done.left = left
        done.is_complete = talk.is_complete
    if check:
        done.check_returncode()
    return done


def _shell_words(args, executable):
    words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
    words = ["/bin/sh", "-c"] + words
    if executable:
        words[0] = executable
    return words, words[0]


def _await_rest(hold, deadline):
    """Gives descendants of the ended command a moment to end too, as most do."""
    patience = _IDLE if deadline is None else max(0, min(_IDLE, deadline - time.monotonic()))
    try:
        hold.wait_tree(patience)
    except subprocess.TimeoutExpired:
        pass


def _stop(hold):
    """Ends the tree. Returns the processes that live on; None if that cannot be known."""
    try:
        hold.stop()
    except StopFailed as failed:
        return failed.left
    try:
        hold.wait(_LAST)
    except (subprocess.TimeoutExpired, StatusUnknown):
        pass
    return hold.status.left if hold.status else None


def _await_interrupted(hold):
    """The command has most likely got the same Ctrl-C: gives it a moment to end by itself before it is killed."""
    try:
        hold.wait(_INTERRUPT_PATIENCE)
    except (subprocess.TimeoutExpired, StatusUnknown):
        pass


def _decoded(data, text_layer):
    if data is None or text_layer is None:
        return data
    return data.decode(text_layer.encoding, text_layer.errors).replace("\r\n", "\n").replace("\r", "\n")


class _Talk:
    """Reads a command's output, and writes its input, until it has ended."""

    def __init__(self, hold, input):
        self.hold = hold
        self.chunks = {}  # by descriptor; none is removed at its end
        self.poller = select.poll()
        self.open = set()  # the descriptors that are read from
        self.writer = None
        self.rest = memoryview(b"")
        self.has_ended = False
        try:
            self.end = hold.fileno()
            self.poller.register(self.end, select.POLLIN)
        except OSError:
            self.end = None
        for file in (hold.terminal, hold.stdout, hold.stderr):
            if file is not None:
                os.set_blocking(file.fileno(), False)
                self.chunks[file.fileno()] = []
                self.open.add(file.fileno())
                self.poller.register(file.fileno(), select.POLLIN)
        self._begin_writing(input)

    def _begin_writing(self, input):
        if self.hold.terminal and input is not None:
            is_line = not input or input[-1:] == b"\n"
            self.writer = self.hold.terminal.fileno()
            self.rest = memoryview(bytes(input) + _END_OF_INPUT * (1 if is_line else 2))
        elif self.hold.stdin and input:
            self.writer = self.hold.stdin.fileno()
            self.rest = memoryview(input).cast("B")
            os.set_blocking(self.writer, False)
        elif self.hold.stdin:
            self.hold.stdin.close()
        if self.writer is not None:
            self._watch(self.writer)

    def until_end(self, deadline):
        """Reads and writes until the command's end. Returns whether it has ended before the deadline."""
        while not self.has_ended:
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                self._turn(0)  # this process may have been stopped until now
                return self.has_ended
            self._turn(None if deadline is None else deadline - now)
        return True

    def drain(self, deadline):
        """Reads the output that still comes after the end of the command, for _PATIENCE at most."""
        if self.writer is not None:
            self._end_writing()
        now = time.monotonic()
        end = now + _PATIENCE if deadline is None else min(now + _PATIENCE, deadline)
        while self.open and now < end and self._turn(min(_IDLE, end - now)):
            now = time.monotonic()

    def take_rest(self):
        """Reads what is there, without a wait."""
        end = time.monotonic() + _LAST
        while self.open and self._turn(0) and time.monotonic() < end:
            pass

    @property
    def is_complete(self):
        return not self.open

    def output(self, file):
        return None if file is None else b"".join(self.chunks[file.fileno()])

    def _watch(self, fd):
        wanted = (select.POLLIN if fd in self.open else 0) | (select.POLLOUT if fd == self.writer else 0)
        if wanted:
            self.poller.register(fd, wanted)
        else:
            self.poller.unregister(fd)

    def _turn(self, seconds):
        """Waits until something can be done, and does it. Returns whether there was anything."""
        if self.end is None and not self.has_ended:
            seconds = _ASKING if seconds is None else min(seconds, _ASKING)
        events = self.poller.poll(None if seconds is None else seconds * 1000)
        if self.end is None and not self.has_ended:
            self.has_ended = self._is_told()
        for fd, event in events:
            if fd == self.end:
                self.poller.unregister(fd)
                self.has_ended = True
            if fd in self.open and event & ~select.POLLOUT:
                self._read(fd)
            if fd == self.writer and event & ~select.POLLIN:
                self._write()
        return bool(events)

    def _is_told(self):
        try:
            return self.hold.poll() is not None
        except StatusUnknown:
            return True

    def _read(self, fd):
        """Reads what is there: a terminal must be read, or its program would wait."""
        try:
            data = self.hold.terminal.read(_CHUNK) if self._is_terminal(fd) else os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        if data is None:
            return
        if data:
            self.chunks[fd].append(data)
            return
        self.open.discard(fd)
        if fd == self.writer:
            self.writer = None
        self._watch(fd)

    def _is_terminal(self, fd):
        return self.hold.terminal is not None and fd == self.hold.terminal.fileno()

    def _write(self):
        try:
            count = os.write(self.writer, self.rest[:_CHUNK])
        except BlockingIOError:
            return
        except OSError:  # EPIPE, or EIO of a terminal: no process reads it any more
            count = len(self.rest)
        self.rest = self.rest[count:]
        if not self.rest:
            self._end_writing()

    def _end_writing(self):
        writer, self.writer = self.writer, None
        self._watch(writer)
        if self.hold.stdin:
            self.hold.stdin.close()


for _thing in (run, CompletedProcess, TimeoutExpired):
    _thing.__module__ = "pidhold"
