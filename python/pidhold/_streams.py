# SPDX-License-Identifier: ISC
"""Our ends of a process's pipes, as files that keep the process held while they are open."""
import codecs
import fcntl
import io
import os
import re

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


class ReadAhead:
    """A raw file with `ahead`: bytes that others have read of its descriptor, and that it gives first. So whatever
    reads, lines(), an AsyncStream, communicate() or the file itself, goes on where the others have stopped."""

    def __init__(self):
        self.ahead = bytearray()
        self.is_dry = False  # it gives nothing, as at the end of file: what lies in the layers above comes out
        self.has_given = False  # something may lie there
        self.ends_in_return = False  # whether the last byte that it gave is a carriage return

    def readinto(self, buffer):
        """Reads what is there, once there is something. Returns how many bytes; 0 at the end of file; None if there is
        nothing and the descriptor does not block."""
        if self.is_dry:
            return 0
        count = self._take_ahead(buffer) if self.ahead else self.read_descriptor(buffer)
        if count:
            self.has_given = True
            self.ends_in_return = memoryview(buffer).cast("B")[count - 1] == 13
        return count

    def _take_ahead(self, buffer):
        view = memoryview(buffer).cast("B")
        data = self.ahead[:len(view)]
        view[:len(data)] = data
        del self.ahead[:len(data)]
        return len(data)

    def take_all_ahead(self):
        data = bytes(self.ahead)
        self.ahead.clear()
        return data

    def read_now(self, size):
        """Up to `size` bytes of the descriptor, without a wait; None: there is nothing yet."""
        try:
            return without_blocking(self.fileno(), self.read_bytes, size)
        except BlockingIOError:
            return None


class Pipe(Waking, ReadAhead, io.FileIO):
    """The file of our end. While it is open the hold is in use: who has only the file has the process too."""

    def __init__(self, fd, mode, lease):
        io.FileIO.__init__(self, fd, mode)
        ReadAhead.__init__(self)
        self._lease = lease

    read_descriptor = io.FileIO.readinto

    def read_bytes(self, size):
        return os.read(self.fileno(), size)

    def read(self, size=-1):
        return io.RawIOBase.read(self, size)  # by readinto() and readall()

    def readall(self):
        if self.is_dry:
            return b""
        data = self.take_all_ahead()
        return data + (io.FileIO.readall(self) or b"") if data else io.FileIO.readall(self)

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

    def whole_beginning(self, data):
        """Bytes without the beginning of a character at their end."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        decoder.decode(data)
        rest = decoder.getstate()[0]
        return data[:len(data) - len(rest)]

    def whole_end(self, data, at):
        """Bytes that came after `at` others, without the end of a character at their beginning."""
        name = codecs.lookup(self.encoding).name
        if name in ("utf-8", "utf-8-sig"):
            return data[len(re.match(b"[\x80-\xbf]{0,3}", data).group()):]
        unit = 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1
        for cut in range(-at % unit, 4, unit):
            try:
                data[cut:].decode(self.encoding)
                return data[cut:]
            except UnicodeDecodeError:
                pass
        return data

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


def drain(file):
    """Takes what lies in the layers above the raw file back to it. Text becomes bytes again, also those of a character
    that has not come whole."""
    raw = raw_of(file)
    if file is raw or not raw.has_given:
        return
    raw.is_dry = True
    try:
        text = _undecoded(file, raw) if text_layer_of(file) else b""
        raw.ahead[:0] = text + getattr(file, "buffer", file).read()
    finally:
        raw.is_dry = raw.has_given = False


def _undecoded(file, raw):
    """The bytes of the text that lies in a file of text."""
    characters, rest = [], b""
    try:
        while not characters or characters[-1]:
            characters.append(file.read(1))
    except UnicodeDecodeError as error:
        rest = error.object
    text = "".join(characters)
    if text.endswith("\n") and raw.ends_in_return and file.text_layer.newline is None:
        text = text[:-1] + "\r"  # it may be half of an end of line
    return file.text_layer.encode(text) + rest


def without_blocking(fd, function, *arguments):
    """Calls the function while the descriptor does not block. Afterwards it is as it was: it is the user's too."""
    if not os.get_blocking(fd):
        return function(*arguments)
    os.set_blocking(fd, False)
    try:
        return function(*arguments)
    finally:
        os.set_blocking(fd, True)


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
