# SPDX-License-Identifier: ISC
"""A user's terminal, of which the tests have the user's side."""
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

from tap import HOLD, PATIENCE, Unmet, check_equal


class Terminal:
    def __init__(self, rows=24, columns=80):
        self.user, self.inside = os.openpty()
        os.set_blocking(self.user, False)
        self.seen = b""  # all that it showed
        self.read_to = 0  # how much of that `expect` went over
        self.resize(rows, columns)

    def close(self):
        for fd in {self.user, self.inside} - {None}:
            os.close(fd)
        self.user = self.inside = None

    def hang_up(self):
        os.close(self.user)
        self.user = None

    def resize(self, rows, columns):
        fcntl.ioctl(self.inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.inside)

    def set_modes(self, modes):
        termios.tcsetattr(self.inside, termios.TCSANOW, modes)

    def set_character(self, which, character):
        modes = self.modes()
        modes[6][which] = character
        self.set_modes(modes)

    def is_raw(self):
        modes = self.modes()
        return not modes[3] & (termios.ICANON | termios.ECHO | termios.ISIG) and not modes[1] & termios.OPOST

    def start(self, *command, stdin=None, stdout=None, stderr=None, env=None, prepare=None):
        """A command with this as its controlling terminal and streams, in the foreground, leading its session."""
        def begin():
            fcntl.ioctl(self.inside, termios.TIOCSCTTY, 0)
            if prepare:
                prepare()

        return subprocess.Popen(command, start_new_session=True, preexec_fn=begin, env=env,
                                stdin=self.inside if stdin is None else stdin,
                                stdout=self.inside if stdout is None else stdout,
                                stderr=self.inside if stderr is None else stderr)

    def run(self, *words, **keywords):
        return self.start(HOLD, "run", *words, **keywords)

    def read(self, seconds=0.05):
        """What there is to see; waits for something as long as that. False: there is nothing."""
        if not select.select([self.user], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.user, 65536)
        except (BlockingIOError, OSError):
            return False
        self.seen += data
        return bool(data)

    def type(self, text):
        """Types it all, reading meanwhile."""
        data = text if isinstance(text, bytes) else text.encode()
        end = time.monotonic() + PATIENCE
        while data:
            if time.monotonic() > end:
                raise Unmet(f"nobody reads what is typed: {len(data)} bytes are left")
            readable, writable, _ = select.select([self.user], [self.user], [], 1)
            if readable:
                self.read(0)
            if writable:
                try:
                    data = data[os.write(self.user, data[:4096]):]
                except BlockingIOError:
                    pass

    def expect(self, text):
        """Reads on until the text is seen, and returns what was seen before it."""
        wanted = text if isinstance(text, bytes) else text.encode()
        end = time.monotonic() + PATIENCE
        while (at := self.seen.find(wanted, self.read_to)) < 0:
            if time.monotonic() > end:
                raise Unmet(f"{wanted!r} is not seen in {self.seen[self.read_to:]!r}")
            self.read()
        before = self.seen[self.read_to:at]
        self.read_to = at + len(wanted)
        return before.decode(errors="surrogateescape")

    def until(self, condition, what):
        """Reads on until something else holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Unmet(f"in vain: {what}; seen: {self.seen[self.read_to:]!r}")
            self.read(0.01)

    def until_raw(self):
        self.until(self.is_raw, "the terminal is raw")

    def end(self, process, status=None):
        """Reads on until the process has ended, and what is left then. Its exit status, or minus a signal."""
        self.until(lambda: process.poll() is not None, "it has ended")
        while self.read(0):
            pass
        if status is not None:
            check_equal(process.returncode, status, f"exit status, seen: {self.seen!r}")
        return process.returncode

    def rest(self):
        """What was seen since `expect`."""
        text = self.seen[self.read_to:]
        self.read_to = len(self.seen)
        return text.decode(errors="surrogateescape")


def is_stopped(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(") ")[2][0] == "T"


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def end_by_force(process):
    """What a test is done with."""
    process.send_signal(signal.SIGKILL)
    process.wait()
