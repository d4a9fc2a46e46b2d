# SPDX-License-Identifier: ISC
"""Our ends of a process's pipes, as files that keep the process held while they are open."""
import fcntl
import io
import os

F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)  # Python has the name since 3.10


class Waking:
    """A file whose close wakes who waits for its descriptor, which may be another file's right after."""

    _wakers = frozenset()

    def add_waker(self, waker):
        self._wakers = self._wakers | {waker}

    def remove_waker(self, waker):
        self._wakers = self._wakers - {waker}

    def wake(self):
        for waker in self._wakers:
            waker()


class Pipe(Waking, io.FileIO):
    """The file of our end. While it is open the hold is in use: who has only the file has the process too."""

    def __init__(self, fd, mode, lease):
        super().__init__(fd, mode)
        self._lease = lease

    def close(self):
        self.wake()
        try:
            super().close()
        finally:
            self._lease = None


def text_layer_of(file):
    """The Text of a file that has one; None: bytes."""
    return getattr(file, "text_layer", None)


class TextFile(io.TextIOWrapper):
    """A file of text that tells how it was asked for."""

    text_layer = None


class Text:
    """How bytes become text: encoding, errors and newline as io.TextIOWrapper has them."""

    def __init__(self, encoding, errors, newline):
        layer = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors, newline=newline)
        self.encoding, self.errors, self.newline = layer.encoding, layer.errors, newline

    def decode(self, data, errors=None):
        text = data.decode(self.encoding, errors or self.errors)
        return text.replace("\r\n", "\n").replace("\r", "\n") if self.newline is None else text

    def encode(self, text):
        return text.encode(self.encoding, self.errors)

    def wrap(self, file, **options):
        file = TextFile(file, encoding=self.encoding, errors=self.errors, newline=self.newline, **options)
        file.text_layer = self
        return file


def text_of(text, universal_newlines, encoding, errors, newline, stacklevel):
    """The Text that these options of subprocess ask for; None: bytes."""
    if text is not None and universal_newlines is not None and bool(text) != bool(universal_newlines):
        raise ValueError("text and universal_newlines contradict each other")
    if not (text or universal_newlines or encoding or errors or newline is not None):
        return None
    if encoding is None and hasattr(io, "text_encoding"):  # since 3.10: warns where that is wanted
        encoding = io.text_encoding(None, stacklevel + 1)
    return Text(encoding, errors, newline)


def raw_of(file):
    """The Pipe or Terminal below."""
    return getattr(getattr(file, "buffer", file), "raw", getattr(file, "buffer", file))


def open_reader(fd, lease, bufsize, text):
    raw = Pipe(fd, "rb", lease)
    if bufsize == 0 and text is None:
        return raw
    file = io.BufferedReader(raw, bufsize if bufsize > 1 else io.DEFAULT_BUFFER_SIZE)
    return text.wrap(file) if text else file


def open_writer(fd, lease, bufsize, text):
    raw = Pipe(fd, "wb", lease)
    if text:
        file = io.BufferedWriter(raw)
        return text.wrap(file, write_through=bufsize == 0, line_buffering=bufsize == 1)
    return raw if bufsize == 0 else io.BufferedWriter(raw, bufsize if bufsize > 1 else io.DEFAULT_BUFFER_SIZE)


def sized_pipe(size):
    """(reading end, writing end) of a pipe of that size."""
    if size >= 1 << 31:
        raise OverflowError(f"a pipe cannot have {size} bytes")
    ends = os.pipe()
    try:
        fcntl.fcntl(ends[0], F_SETPIPE_SZ, size)
    except BaseException:
        for fd in ends:
            os.close(fd)
        raise
    return ends
