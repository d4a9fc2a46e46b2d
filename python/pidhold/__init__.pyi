# SPDX-License-Identifier: ISC
import io
import os
import subprocess
from types import TracebackType
from typing import (Any, Generator, IO, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Type, Union)

_Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
_Argv = Union[_Path, Iterable[_Path]]
_Stream = Union[None, int, IO[Any], _Path]
_Size = Union[None, bool, Tuple[int, int], os.terminal_size]
_Ladder = Optional[Iterable[Tuple[int, float]]]
_LimitValue = Optional[int]
_Limit = Union[_LimitValue, Tuple[_LimitValue, _LimitValue]]
_Id = Union[None, int, str]

__version__: str
DEVNULL: int
PIDFD_NONBLOCK: int
PIPE: int
STDOUT: int

def forkpty() -> Tuple[int, int]: ...
def kill(pid: int, signal: int, /) -> None: ...
def killpg(pgid: int, signal: int, /) -> None: ...
def nice(increment: int, /) -> int: ...
def pidfd_open(pid: int, flags: int = 0) -> int: ...
def pthread_kill(thread_id: int, signalnum: int, /) -> None: ...
def install(*, ptyprocess: bool = False) -> None: ...
def uninstall() -> None: ...

class Member(NamedTuple):
    pid: int
    parent: int
    user: int
    state: str
    command: str
    reference: str

class Status(NamedTuple):
    how: str
    code: Optional[int]
    core_dumped: Optional[bool]
    wall: Optional[float]
    user: Optional[float]
    system: Optional[float]
    max_rss: Optional[int]
    left: Optional[List[Member]]

class Stopped(NamedTuple):
    seen: int
    ended: int
    terminated: int
    killed: int

class StatusUnknown(ChildProcessError):
    pid: int
    output: Any
    stderr: Any

class StopFailed(RuntimeError):
    pid: int
    left: List[Member]

class TimeoutExpired(subprocess.TimeoutExpired):
    left: Optional[List[Member]]

class CompletedProcess(subprocess.CompletedProcess[Any]):
    status: Optional[Status]
    left: Optional[List[Member]]
    is_complete: bool

class Terminal(io.RawIOBase):
    size: Tuple[int, int]
    def resize(self, rows: int, columns: int, x_pixels: int = 0, y_pixels: int = 0) -> None: ...

class Hold:
    args: Any
    stdin: Optional[IO[bytes]]
    stdout: Optional[IO[bytes]]
    stderr: Optional[IO[bytes]]
    terminal: Optional[Terminal]
    @property
    def closed(self) -> bool: ...
    @property
    def containment(self) -> str: ...
    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> Optional[int]: ...
    @property
    def status(self) -> Optional[Status]: ...
    def __enter__(self) -> Hold: ...
    def __exit__(self, type: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None: ...
    def __await__(self) -> Generator[Any, None, int]: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
    def kill(self) -> bool: ...
    def poll(self) -> Optional[int]: ...
    def reference(self) -> str: ...
    def send_signal(self, signal: int, /) -> bool: ...
    def signal(self, signal: int, /) -> bool: ...
    def stop(self, ladder: _Ladder = None) -> Stopped: ...
    def terminate(self) -> bool: ...
    def tree(self) -> List[Member]: ...
    def wait(self, timeout: Optional[float] = None) -> int: ...
    def wait_tree(self, timeout: Optional[float] = None) -> bool: ...

def reserve() -> None: ...
def spawn(argv: _Argv, *, terminal: _Size = None, echo: bool = True, stdin: _Stream = None, stdout: _Stream = None,
          stderr: _Stream = None, cwd: Optional[_Path] = None, env: Optional[Mapping[Any, Any]] = None,
          nice: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, user: _Id = None,
          group: _Id = None, extra_groups: Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None,
          contain: Optional[str] = None, timeout: Optional[float] = None, executable: Optional[_Path] = None,
          pass_fds: Iterable[int] = ..., close_fds: bool = True, start_new_session: bool = False,
          process_group: Optional[int] = None, no_new_privs: bool = False, ladder: _Ladder = None,
          on_release: str = "stop") -> Hold: ...
def run(args: _Argv, *, stdin: _Stream = None, input: Any = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, shell: bool = False, timeout: Optional[float] = None, check: bool = False,
        encoding: Optional[str] = None, errors: Optional[str] = None, text: Optional[bool] = None,
        universal_newlines: Optional[bool] = None, bufsize: int = -1, pipesize: int = -1,
        restore_signals: bool = True, preexec_fn: None = None, executable: Optional[_Path] = None,
        terminal: _Size = None, ladder: _Ladder = None, **options: Any) -> CompletedProcess: ...
