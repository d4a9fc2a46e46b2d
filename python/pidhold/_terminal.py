# SPDX-License-Identifier: ISC
"""Our side of a terminal, as a raw file."""
import errno
import fcntl
import io
import os
import re

from ._streams import ReadAhead, Waking

LONGEST_LINE = 4095  # bytes of a line that a terminal takes with its end; it drops the rest without a word


def check_lines(data):
    """Refuses a line that a terminal which reads lines would cut. Ctrl-D ends a line too."""
    longest = max(map(len, re.split(b"[\n\x04]", bytes(data))))
    if longest > LONGEST_LINE:
        raise ValueError(f"a terminal takes lines of {LONGEST_LINE} bytes, and the input has one of {longest}: "
                         "write it to a pipe, with stdin=PIPE")


def _unless_at_end(nothing, read, *arguments):
    """read(), and `nothing` for EIO, which is the end of file of a terminal on Linux."""
    try:
        return read(*arguments)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return nothing


class Terminal(Waking, ReadAhead, io.RawIOBase):
    """Our side of a process's terminal: what the process writes is read here, and it reads what is written here.

    A raw binary file, to be wrapped in io.BufferedReader or io.TextIOWrapper where that is wanted. Its end of file,
    when no process has the other side open any more, is b''. Closing it hangs the terminal up.
    """

    def __init__(self, fd, lease=None, is_raw=False):
        ReadAhead.__init__(self)
        self._fd = fd
        self.is_raw = is_raw  # as it was made
        self._lease = lease  # while this file is open the hold is in use

    def __reduce_ex__(self, protocol):
        raise TypeError("a Terminal cannot be copied or pickled: two of them would close one descriptor")

    def __repr__(self):
        return "<pidhold.Terminal closed>" if self.closed else f"<pidhold.Terminal fd={self._fd}>"

    @property
    def mode(self):
        return "rb+"

    def fileno(self):
        """The descriptor, which this file owns and closes."""
        self._check()
        return self._fd

    def isatty(self):
        self._check()
        return True

    def readable(self):
        self._check()
        return True

    def writable(self):
        self._check()
        return True

    def readinto(self, buffer):
        self._check()
        return super().readinto(buffer)

    def read_descriptor(self, buffer):
        try:
            return _unless_at_end(0, os.readv, self._fd, [buffer])
        except BlockingIOError:
            return None

    def read_bytes(self, size):
        return _unless_at_end(b"", os.read, self._fd, size)

    def write(self, data):
        """Returns how many bytes were written; None if there is no room and the descriptor does not block. ValueError
        for a line of more than 4,095 bytes, of which the terminal would drop the rest, unless it is raw now."""
        self._check_lines(data)
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return None

    def _check_lines(self, data):
        """Refuses what the terminal would cut."""
        self._check()
        if memoryview(data).nbytes > LONGEST_LINE and self._reads_lines():
            check_lines(data)

    def _reads_lines(self):
        import termios

        return bool(termios.tcgetattr(self._fd)[3] & termios.ICANON)

    def resize(self, rows, columns, x_pixels=0, y_pixels=0):
        """Changes the size; the programs on the terminal get SIGWINCH if that is a change."""
        import struct
        import termios

        self._check()
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, x_pixels, y_pixels))

    @property
    def size(self):
        """(rows, columns)"""
        self._check()
        columns, rows = os.get_terminal_size(self._fd)
        return rows, columns

    def close(self):
        if not self.closed:
            self.wake()
            try:
                super().close()
            finally:
                os.close(self._fd)
                self._lease = None

    def _check(self):
        if self.closed:
            raise ValueError("the terminal is closed")


Terminal.__module__ = "pidhold"
