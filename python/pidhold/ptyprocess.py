# SPDX-License-Identifier: ISC
"""The interface of the package ptyprocess, by spawn(): no fork, so no warning in a process with threads, and a failed
start raises its own error. Only preexec_fn, which is Python in the new process, still needs a fork.

pidhold.install(ptyprocess=True) puts it in that package's place, for an unchanged pexpect too.
"""
import codecs
import errno
import fcntl
import io
import os
import shutil
import signal
import struct
import sys
import termios
import time

from ._pidhold import forkpty
from ._spawn import spawn
from ._terminal import Terminal
from ._errors import StatusUnknown

__all__ = ["PtyProcess", "PtyProcessError", "PtyProcessUnicode", "which"]

use_native_pty_fork = True  # pexpect takes False for Solaris

_AFTER_EOF = 1.0  # seconds for a process to end after the end of file of its terminal


class PtyProcessError(Exception):
    """An error that is no OSError, as in ptyprocess."""


def which(filename):
    """The path of an executable program, searched in PATH; None if there is none."""
    return shutil.which(filename)


def _own_character(which_, usual):
    """A special character of this process's own terminal, which the new terminal has too."""
    for stream in (sys.__stdin__, sys.__stdout__):
        try:
            return termios.tcgetattr(stream.fileno())[6][which_]
        except (AttributeError, OSError, ValueError, termios.error):
            pass
    return usual


class _Held:
    """A process that spawn() started."""

    def __init__(self, hold):
        self._hold = hold

    def status(self, timeout):
        """How it ended, in the form of os.waitpid; None: it has not ended. timeout None: waits without a limit."""
        try:
            code = self._hold.poll() if timeout == 0 else self._hold.wait(timeout)
        except StatusUnknown as unknown:
            raise PtyProcessError(str(unknown)) from unknown
        except TimeoutError:
            code = None
        if code is None:
            return None
        return code << 8 if code >= 0 else -code

    def signal(self, number):
        self._hold.signal(number)

    def close(self):
        self._hold.close()


class _Child:
    """A child that is only known by its number."""

    def __init__(self, pid):
        self._pid = pid

    def status(self, timeout):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                pid, status = os.waitpid(self._pid, 0 if end is None else os.WNOHANG)
            except ChildProcessError as error:
                raise PtyProcessError(f"process {self._pid} is no child here: has somebody else waited for it?") \
                    from error
            if pid and not os.WIFSTOPPED(status):
                return status
            if end is not None and time.monotonic() >= end:
                return None
            if end is not None:
                time.sleep(0.005)

    def signal(self, number):
        os.kill(self._pid, number)

    def close(self):
        pass


class PtyProcess:
    """A process on a terminal of its own, which is read and written as bytes."""

    string_type = bytes
    linesep = os.linesep.encode("ascii")
    crlf = b"\r\n"
    encoding = None
    argv = None
    env = None
    launch_dir = None

    @staticmethod
    def write_to_stdout(data):
        try:
            return sys.stdout.buffer.write(data)
        except AttributeError:  # a program has put a text stream in its place
            return sys.stdout.write(data.decode("ascii", "replace"))

    def __init__(self, pid, fd):
        self._begin(pid, Terminal(fd), _Child(pid))

    def _begin(self, pid, terminal, process):
        self.pid = pid
        self.fd = terminal.fileno()
        self.fileobj = io.BufferedRWPair(terminal, terminal)
        self._process = process
        self.terminated = False
        self.closed = False
        self.exitstatus = None
        self.signalstatus = None
        self.status = None
        self.flag_eof = False
        self.delayafterclose = 0.1
        self.delayafterterminate = 0.1

    @classmethod
    def spawn(cls, argv, cwd=None, env=None, echo=True, preexec_fn=None, dimensions=(24, 80), pass_fds=()):
        """Starts a program on a new terminal. `dimensions` are (rows, columns); descriptors that are not in `pass_fds`
        do not pass. With preexec_fn, called in the new process before the program, the process is forked."""
        if not isinstance(argv, (list, tuple)):
            raise TypeError(f"Expected a list or tuple for argv, got {argv!r}")
        argv = list(argv)
        command = which(argv[0])
        if command is None:
            raise FileNotFoundError(f"The command was not found or was not executable: {argv[0]}.")
        argv[0] = command
        if preexec_fn is None:
            self = cls._spawn(argv, cwd, env, echo, dimensions, pass_fds)
        else:
            self = cls(*_fork(argv, cwd, env, echo, preexec_fn, dimensions, pass_fds))
        self.argv = argv
        if env is not None:
            self.env = env
        if cwd is not None:
            self.launch_dir = cwd
        return self

    @classmethod
    def _spawn(cls, argv, cwd, env, echo, dimensions, pass_fds):
        hold = spawn(argv, terminal=tuple(dimensions), echo=echo, cwd=cwd, env=env, pass_fds=pass_fds, contain="none",
                     on_release="leave")
        self = cls.__new__(cls)
        # A derived class may have more to set up in its __init__.
        self.__init__(hold.pid, os.dup(hold.terminal.fileno()))
        self.fileobj.close()
        self._begin(hold.pid, hold.terminal, _Held(hold))
        return self

    def __repr__(self):
        name = type(self).__name__
        if self.argv is None:
            return f"{name}(pid={self.pid}, fd={self.fd})"
        words = [repr(self.argv)]
        if self.env is not None:
            words.append(f"env={self.env!r}")
        if self.launch_dir is not None:
            words.append(f"cwd={self.launch_dir!r}")
        return f"{name}.spawn({', '.join(words)})"

    @staticmethod
    def _coerce_send_string(s):
        return s if isinstance(s, bytes) else s.encode("utf-8")

    @staticmethod
    def _coerce_read_string(s):
        return s

    def __del__(self):
        if not getattr(self, "closed", True):
            try:
                self.close()
            except Exception:  # nothing can handle an exception from here
                pass

    def fileno(self):
        return self.fd

    def close(self, force=True):
        """Closes the terminal, and ends the process if that has not ended it. It may be called again."""
        if self.closed:
            return
        self.flush()
        try:
            self.fileobj.close()
        except OSError:  # no process would read what was not written yet
            pass
        self._wait(self.delayafterclose)
        if self.isalive() and not self.terminate(force):
            raise PtyProcessError("Could not terminate the child.")
        self._process.close()
        self.fd = -1
        self.closed = True

    def flush(self):
        """Does nothing: what is written is sent at once."""

    def isatty(self):
        return os.isatty(self.fd)

    def waitnoecho(self, timeout=None):
        """Waits until the terminal does not echo, as at a prompt for a password. Returns whether that came."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.getecho():
            if end is not None and time.monotonic() >= end:
                return False
            time.sleep(0.01)
        return True

    def getecho(self):
        self.echo = bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)
        return self.echo

    def setecho(self, state):
        _set_echo(self.fd, state)
        self.echo = state

    def _read(self, read, *args):
        try:
            data = read(*args)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self.flag_eof = True
            raise EOFError("End Of File (EOF).")
        return data

    def read(self, size=1024):
        """Reads `size` bytes at most, once there are any. EOFError when no process has the terminal open any more."""
        return self._read(self.fileobj.read1, size)

    def readline(self):
        """Reads a line; EOFError as from read()."""
        return self._read(self.fileobj.readline)

    def _writeb(self, b, flush=True):
        count = self.fileobj.write(b)
        if flush:
            self.fileobj.flush()
        return count

    def write(self, s, flush=True):
        """Types the bytes; returns how many."""
        return self._writeb(s, flush=flush)

    def sendcontrol(self, char):
        """Types a control character by its letter: sendcontrol('c'). Returns how many bytes, and which."""
        char = char.lower()
        others = {"@": 0, "`": 0, "[": 27, "{": 27, "\\": 28, "|": 28, "]": 29, "}": 29, "^": 30, "~": 30, "_": 31,
                  "?": 127}
        if "a" <= char <= "z":
            byte = bytes([ord(char) - ord("a") + 1])
        elif char in others:
            byte = bytes([others[char]])
        else:
            return 0, b""
        return self._writeb(byte), byte

    def sendeof(self):
        """Types the character that ends the input, if it is at the beginning of a line."""
        byte = _own_character(termios.VEOF, b"\x04")
        return self._writeb(byte), byte

    def sendintr(self):
        """Types the character that interrupts."""
        byte = _own_character(termios.VINTR, b"\x03")
        return self._writeb(byte), byte

    def eof(self):
        """Whether a read has raised EOFError."""
        return self.flag_eof

    def terminate(self, force=False):
        """Ends the process by HUP, CONT and INT, then with `force` by KILL. Returns whether it has ended."""
        steps = [signal.SIGHUP, signal.SIGCONT, signal.SIGINT] + [signal.SIGKILL] * bool(force)
        if not self.isalive():
            return True
        for number in steps:
            try:
                self.kill(number)
            except OSError:
                pass  # it is ending just now
            self._wait(self.delayafterterminate if number != signal.SIGKILL else None)
            if not self.isalive():
                return True
        return False

    def _note(self, status):
        self.status = status
        self.exitstatus = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        self.signalstatus = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        self.terminated = True

    def _wait(self, timeout):
        """Waits for the end of the process, for `timeout` seconds at most."""
        if not self.terminated and self.status is not None:
            raise PtyProcessError("isalive() encountered condition where .terminated is false of a process whose end "
                                  "was told: has somebody set it?")
        if not self.terminated:
            status = self._process.status(timeout)
            if status is not None:
                self._note(status)

    def wait(self):
        """Waits for its end; returns its exit status, None if a signal ended it. Output may be left to be read."""
        self._wait(None)
        return self.exitstatus

    def isalive(self):
        """Whether it runs. After the end of file of its terminal it is given a moment to end."""
        self._wait(_AFTER_EOF if self.flag_eof else 0)
        return not self.terminated

    def kill(self, sig):
        """Sends it a signal, if it runs."""
        if self.isalive():
            self._process.signal(sig)

    def getwinsize(self):
        """(rows, columns)"""
        return struct.unpack("HHHH", fcntl.ioctl(self.fd, termios.TIOCGWINSZ, bytes(8)))[:2]

    def setwinsize(self, rows, cols):
        """The programs on the terminal get SIGWINCH if that is a change."""
        _set_size(self.fd, rows, cols)


class PtyProcessUnicode(PtyProcess):
    """The same, read and written as text."""

    string_type = str
    linesep = os.linesep
    crlf = "\r\n"

    @staticmethod
    def write_to_stdout(data):
        return sys.stdout.write(data)

    def __init__(self, pid, fd, encoding="utf-8", codec_errors="strict"):
        super().__init__(pid, fd)
        self.encoding = encoding
        self.codec_errors = codec_errors
        self.decoder = codecs.getincrementaldecoder(encoding)(errors=codec_errors)

    @staticmethod
    def _coerce_send_string(s):
        return s

    def read(self, size=1024):
        """Reads `size` bytes at most, as text. An incomplete character is kept for the next read."""
        return self.decoder.decode(super().read(size))

    def readline(self):
        return self.decoder.decode(super().readline())

    def write(self, s, flush=True):
        return super().write(s.encode(self.encoding), flush=flush)


# ---- with Python in the new process ----

def _set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _set_echo(fd, state):
    modes = termios.tcgetattr(fd)
    modes[3] = modes[3] | termios.ECHO if state else modes[3] & ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def _fork(argv, cwd, env, echo, preexec_fn, dimensions, pass_fds):
    """(pid, master). An error in the child is raised here."""
    told, tells = os.pipe()
    try:
        pid, master = forkpty()
    except BaseException:
        os.close(tells)
        raise
    finally:
        if "pid" not in locals():
            os.close(told)
    if pid == 0:
        _execute(tells, argv, cwd, env, echo, preexec_fn, dimensions, pass_fds)
    os.close(tells)
    with open(told, "rb") as file:
        failure = file.read()
    if failure:
        os.close(master)
        os.waitpid(pid, 0)
        raise _failure(failure)
    return pid, master


def _failure(text):
    name, number, words = text.decode("utf-8", "replace").split(":", 2)
    import builtins
    class_ = getattr(builtins, name, Exception)
    if not (isinstance(class_, type) and issubclass(class_, Exception)):
        class_ = Exception
    return class_(int(number), words) if number != "0" and issubclass(class_, OSError) else class_(words)


def _execute(tells, argv, cwd, env, echo, preexec_fn, dimensions, pass_fds):
    """Runs in the child, and does not return."""
    try:
        _set_size(0, *dimensions)
        if not echo:
            _set_echo(0, False)
        last = 2
        for fd in sorted({*pass_fds, tells, os.sysconf("SC_OPEN_MAX")}):
            os.closerange(last + 1, fd)
            last = fd
        for fd in pass_fds:
            os.set_inheritable(fd, True)
        if cwd is not None:
            os.chdir(cwd)
        preexec_fn()
        os.execve(argv[0], argv, os.environ if env is None else env)
    except BaseException as error:
        number = getattr(error, "errno", None) or 0
        words = getattr(error, "strerror", None) or str(error)
        try:
            os.write(tells, f"{type(error).__name__}:{number}:{words}".encode("utf-8", "replace"))
        finally:
            os._exit(1)
