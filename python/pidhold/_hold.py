# SPDX-License-Identifier: ISC
"""Hold: a process that is held."""
import signal

from . import _errors, _loops, _pidhold, _types
from ._async import AsyncStream
from ._capture import Talk, values
from ._closing import Closing
from ._steps import change_of, deadline_after, end_of, end_of_tree, follow, left, stopping, until_closed
from ._streams import text_layer_of


class Hold(_pidhold.Hold):
    """A process that was started and is held: a signal reaches it or no process, and how it ends is known. Made by
    spawn(), spawn_async() and adopt().

    The process and its descendants end with the hold, unless on_release="leave": when it is closed, and when nobody
    has it or one of its files any more. So `with` and `async with` end what still lives at their end, where those of
    subprocess.Popen wait for it: wait() first if the process is to come to its end.

    `await hold` returns what wait() returns. What may take long has a second form for event loops, of asyncio (also
    uvloop), trio and anyio: stop_async(), wait_async(), wait_tree_async(), wait_change_async(), communicate_async(),
    aclose(), stdin_async, stdout_async, stderr_async, terminal_async.
    """

    __slots__ = ("__weakref__", "_closing", "_said", "_streams", "_talk")

    # What the code in C calls, also while the interpreter shuts down.
    _classes = {
        "Description": _types.Description,
        "Member": _types.Member,
        "Status": _types.Status,
        "StatusUnknown": _errors.StatusUnknown,
        "StopFailed": _errors.StopFailed,
        "Stopped": _types.Stopped,
        "TimeoutExpired": _errors.TimeoutExpired,
        "TreeUsage": _types.TreeUsage,
        "start_error": _errors.start_error,
    }

    def __init_subclass__(cls, **options):
        raise TypeError("pidhold.Hold cannot be derived from")

    def __repr__(self):
        words = "" if self.args is None else f" {self.args!r}"
        return f"<pidhold.Hold of process {self.pid}{words}: {self._state()}>"

    def _state(self):
        if self.closed and self.returncode is None:
            return "closed"
        try:
            code = self.poll()
        except OSError as error:
            return "of another process" if isinstance(error, ChildProcessError) and error.errno else \
                "ended, nobody can tell how"
        if code is None:
            return f"runs, containment {self.containment}"
        closed = ", closed" * self.closed
        return (f"exit status {code}" if code >= 0 else f"ended by {_signal_name(-code)}") + closed

    # ---- the end ----

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Releases the process, and closes the files of its terminal and pipes. A process that lives is stopped, killed
        or left alone, as spawn(on_release=...) says. It may be called again. How the process ended stays known.

        Blocks for the ladder's time at most: 5 seconds and the kill, if the process ignores SIGTERM. Ctrl-C jumps to
        the kill. In the thread of an event loop that runs it does not block: the process is ended in the background,
        by the loop, or by its keeper if the loop ends before. There `await hold.aclose()` waits for the end."""
        loop = None if self._is_released else _loops.here()
        self._end_talk()
        if loop is None:
            self._close()
        elif not self.closed:
            loop.begin(self._closing_steps())

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.aclose()

    async def aclose(self):
        """close(), for an event loop: it does not block, and returns when the process has been ended, also by a
        close() or aclose() that was called before. If it is cancelled, the process is ended in the background."""
        loop = _loops.needed()
        if self._is_released:
            return
        self._end_talk()
        with loop.shield():
            await _loops.drive(self._closing_steps())

    def _closing_steps(self):
        self._shut()
        closing = getattr(self, "_closing", None)
        if closing is None:
            closing = self._closing = Closing()
        return closing.steps(self)

    async def stop_async(self, ladder=None):
        """stop(), for an event loop. If it is cancelled the process may live on: stop it again, or close the hold."""
        return await _loops.drive(stopping(self, ladder))

    # ---- waiting ----

    def __await__(self):
        return self.wait_async().__await__()

    async def wait_async(self, timeout=None):
        """wait(), for an event loop."""
        await _loops.drive(end_of(self, timeout))
        return self.wait(0) if not self.closed else self.returncode

    async def wait_tree_async(self, timeout=None):
        """wait_tree(), for an event loop."""
        return await _loops.drive(end_of_tree(self, timeout))

    def wait_change(self, timeout=None):
        """Waits until the process is stopped or continued, and returns "stopped" or "continued"; None if it has ended.
        OSError with ENODATA without a keeper: then this process is the parent, and has os.waitid(). Raises
        TimeoutExpired after `timeout` seconds."""
        return follow(change_of(self, timeout))

    async def wait_change_async(self, timeout=None):
        """wait_change(), for an event loop."""
        return await _loops.drive(change_of(self, timeout))

    # ---- talking ----

    def communicate(self, input=None, timeout=None, *, on_output=None):
        """Writes `input`, reads the pipes and the terminal to their ends, waits for the end of the process, and returns
        (stdout, stderr): text if text was asked for. What a terminal shows is in the place of stdout if that is no
        pipe.

        After TimeoutExpired it can be called again, or the files can be read: nothing is lost, and the rest of the
        input is written by the next call; the process lives on. Once all was read it returns the same again.
        on_output(name, bytes) gets the output instead, as it comes: "stdout", "stderr", "terminal".
        """
        return follow(self._communicating(input, timeout, on_output))

    async def communicate_async(self, input=None, timeout=None, *, on_output=None):
        """communicate(), for an event loop. It can be called again also after it was cancelled."""
        return await _loops.drive(self._communicating(input, timeout, on_output))

    def _communicating(self, input, timeout, on_output):
        said = getattr(self, "_said", None)
        if said is None:
            said = yield from self._talking(input, timeout, on_output)
            self._said = said
        elif input:
            raise ValueError("the input was given before, and has been written")
        return said

    def _talking(self, input, timeout, on_output):
        deadline = deadline_after(timeout)
        talk, text = self._begin_talk(input, on_output)
        try:
            if not (yield from until_closed(talk, deadline)):
                raise _errors.TimeoutExpired(self.args, timeout)
            yield from end_of(self, left(deadline))
            return self._said_in(talk, text)
        except _errors.TimeoutExpired:
            raise self._expired(talk, timeout, text) from None
        finally:
            talk.pause()

    def _said_in(self, talk, text):
        """What came, when all has come."""
        self._end_talk()
        for file in (self.stdin, self.stdout, self.stderr):
            if file is not None:
                file.close()
        return tuple(None if data is None else text.decode(data) if text else data for data in values(talk))

    def _begin_talk(self, input, on_output):
        """Goes on with a talk that ran out of time."""
        text = text_layer_of(self.stdin) or text_layer_of(self.stdout) or text_layer_of(self.stderr)
        talk = getattr(self, "_talk", None)
        if talk is None:
            self._check_outputs()
            talk = Talk(self, on_output=on_output)
            try:
                talk.begin_writing(text.encode(input) if text and isinstance(input, str) else input)
            except BaseException:
                talk.pause()
                talk.close()
                raise
            self._talk = talk
        elif input is not None:
            raise ValueError("the input was given before, and the rest of it is still written")
        else:
            talk.resume(on_output)
        return talk, text

    def _check_outputs(self):
        files = [file for file in (self.stdout, self.stderr, self.terminal) if file is not None]
        if files and all(file.closed for file in files):
            raise ValueError("the output cannot be read: its files are closed")

    def _expired(self, talk, timeout, text):
        out, err = (data and text.decode(data, "replace") if text else data for data in values(talk))
        return _errors.TimeoutExpired(self.args, timeout, output=out, stderr=err)

    def _end_talk(self):
        talk, self._talk = getattr(self, "_talk", None), None
        if talk is not None:
            talk.close()

    def lines(self, stream=None, timeout=None):
        """Iterates over the lines that the process prints, bytes or text, each with its end: of "stdout", "stderr" or
        "terminal"; None: of the terminal if there is one, else of stdout. Raises TimeoutExpired if it takes more than
        `timeout` seconds to the end of the output; then it may be called again, and nothing is lost."""
        stream = self._stream_async(self._name_of(stream))
        deadline = deadline_after(timeout)
        while True:
            try:
                line = follow(stream.line_steps(deadline))
            except _errors.TimeoutExpired:
                raise _errors.TimeoutExpired(self.args, timeout) from None
            if not line:
                return
            yield line

    def _name_of(self, stream):
        name = stream or ("terminal" if self.terminal else "stdout")
        if name not in ("stdout", "stderr", "terminal"):
            raise ValueError(f"stream must be 'stdout', 'stderr' or 'terminal', not {stream!r}")
        if getattr(self, name) is None:
            raise ValueError(f"the process has no {name} of ours")
        return name

    def _stream_async(self, name):
        file = getattr(self, name)
        if file is None:
            raise ValueError(f"the process has no {name} of ours")
        streams = getattr(self, "_streams", None)
        if streams is None:
            streams = self._streams = {}
        if name not in streams:
            streams[name] = AsyncStream(file)
        return streams[name]

    stdin_async = property(lambda self: self._stream_async("stdin"), doc="stdin, for an event loop: an AsyncStream.")
    stdout_async = property(lambda self: self._stream_async("stdout"), doc="stdout, for an event loop.")
    stderr_async = property(lambda self: self._stream_async("stderr"), doc="stderr, for an event loop.")
    terminal_async = property(lambda self: self._stream_async("terminal"), doc="terminal, for an event loop.")


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


Hold.__module__ = "pidhold"
