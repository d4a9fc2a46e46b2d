# SPDX-License-Identifier: ISC
import io
import os
import subprocess
from types import TracebackType
from typing import (Any, AnyStr, AsyncIterator, Awaitable, Callable, Coroutine, Dict, Final, Generator, Generic, IO,
                    Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, SupportsFloat, Tuple, Type,
                    TypeVar, Union, final, overload)

from typing_extensions import Literal, Protocol

_T = TypeVar("_T")
_Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
_Argv = Union[_Path, Iterable[_Path]]

class _HasFileno(Protocol):
    def fileno(self) -> int: ...

_Stream = Union[None, int, _HasFileno, _Path, "Append"]
_Size = Union[None, bool, Tuple[int, int], os.terminal_size]
_Signal = Union[int, str]
_Seconds = Optional[SupportsFloat]
_Ladder = Optional[Iterable[Tuple[_Signal, SupportsFloat]]]
_LimitValue = Optional[int]
_Limit = Union[_LimitValue, Tuple[_LimitValue, _LimitValue]]
_Id = Union[None, int, str]
_Contain = Optional[Literal["auto", "best", "none", "group", "keeper", "pidns", "cgroup"]]
_OnRelease = Literal["stop", "kill", "leave"]
_Name = Literal["stdout", "stderr", "terminal"]
_OnOutput = Optional[Callable[[_Name, bytes], object]]
_Keep = Union[None, int, Tuple[int, int]]
_Input = Union[None, bytes, bytearray, memoryview, str]

__version__: str
DEVNULL: Final[int]
PIDFD_NONBLOCK: Final[int]
PIPE: Final[int]
STDOUT: Final[int]

def forkpty() -> Tuple[int, int]: ...
def kill(pid: Union[int, Hold], signal: _Signal, /) -> None: ...
def killpg(pgid: Union[int, Hold], signal: _Signal, /) -> None: ...
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
    how: Literal["exited", "signalled", "unknown"]
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

class Description(NamedTuple):
    pid: int
    parent: int
    group: int
    session: int
    user: int
    niceness: int
    threads: int
    state: str
    command: str

class Capability(NamedTuple):
    name: str
    mechanism: str
    promise: str
    supported: bool
    error: int

class Append(NamedTuple):
    path: object

class TreeUsage(NamedTuple):
    memory_peak: Optional[int]
    user: Optional[float]
    system: Optional[float]
    read_bytes: Optional[int]
    written_bytes: Optional[int]
    tasks_peak: Optional[int]
    tasks_refused: Optional[int]
    oom_kills: Optional[int]
    signalled: Optional[int]
    dumped: Optional[int]
    cpu_time_is_up: bool
    cpu_time_error: Optional[int]

class Gap(NamedTuple):
    at: int
    lost: int
    total: int

class PidholdError(Exception): ...

class TimeoutExpired(PidholdError, subprocess.TimeoutExpired, TimeoutError):
    terminal: Any
    stopped: Optional[Stopped]
    left: Optional[List[Member]]
    def __init__(self, cmd: Any, timeout: Any, output: Any = None, stderr: Any = None) -> None: ...

class CalledProcessError(PidholdError, subprocess.CalledProcessError):
    terminal: Any
    status: Optional[Status]
    stopped: Optional[Stopped]
    left: Optional[List[Member]]
    is_complete: bool

class UndecodableOutput(PidholdError, UnicodeDecodeError):
    returncode: Optional[int]
    output: Optional[bytes]
    stderr: Optional[bytes]
    terminal: Optional[bytes]
    status: Optional[Status]
    stopped: Optional[Stopped]
    left: Optional[List[Member]]
    is_complete: bool

class StatusUnknown(PidholdError, ChildProcessError):
    pid: int
    output: Any
    stderr: Any
    terminal: Any
    def __init__(self, pid: int) -> None: ...

class StopFailed(PidholdError, RuntimeError):
    pid: int
    left: List[Member]
    stopped: Optional[Stopped]
    def __init__(self, pid: int, left: List[Member], stopped: Optional[Stopped] = None) -> None: ...

class StartError(PidholdError, OSError):
    step: str
    object: str
    need: Optional[str]

class StartTimeoutExpired(StartError, TimeoutExpired):
    def __init__(self, cmd: Any, timeout: Any, step: str, object_: str) -> None: ...

class CompletedProcess(subprocess.CompletedProcess[_T]):
    terminal: Optional[_T]
    status: Optional[Status]
    is_complete: bool
    stopped: Optional[Stopped]
    left: Optional[List[Member]]
    gaps: Dict[str, Gap]
    containment: Optional[str]

class RunningCommand(Coroutine[Any, Any, CompletedProcess[_T]], Generic[_T]):
    def __init__(self, wishes: Any) -> None: ...
    @property
    def stdout(self) -> Optional[_T]: ...
    @property
    def stderr(self) -> Optional[_T]: ...
    @property
    def terminal(self) -> Optional[_T]: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, *error: Any) -> Any: ...
    def close(self) -> None: ...
    def __await__(self) -> Generator[Any, Any, CompletedProcess[_T]]: ...

class Terminal(io.RawIOBase):
    is_raw: bool
    def __init__(self, fd: int, lease: object = None, is_raw: bool = False) -> None: ...
    @property
    def mode(self) -> str: ...
    @property
    def size(self) -> Tuple[int, int]: ...
    def readinto(self, buffer: Any) -> Optional[int]: ...
    def write(self, data: Any) -> Optional[int]: ...
    def resize(self, rows: int, columns: int, x_pixels: int = 0, y_pixels: int = 0) -> None: ...

class AsyncStream:
    def __init__(self, file: IO[Any]) -> None: ...
    async def read(self, size: int = -1) -> Any: ...
    async def readline(self) -> Any: ...
    async def write(self, data: Any) -> None: ...
    async def aclose(self) -> None: ...
    def __aiter__(self) -> AsyncIterator[Any]: ...
    async def __anext__(self) -> Any: ...

@final
class Hold:
    stdin: Optional[IO[Any]]
    stdout: Optional[IO[Any]]
    stderr: Optional[IO[Any]]
    terminal: Optional[Terminal]
    @property
    def args(self) -> Any: ...
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
    @property
    def tree_memory_peak(self) -> Optional[int]: ...
    @property
    def tree_usage(self) -> Optional[TreeUsage]: ...
    @property
    def stdin_async(self) -> AsyncStream: ...
    @property
    def stdout_async(self) -> AsyncStream: ...
    @property
    def stderr_async(self) -> AsyncStream: ...
    @property
    def terminal_async(self) -> AsyncStream: ...
    def __enter__(self) -> Hold: ...
    def __exit__(self, type: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType], /) -> None: ...
    async def __aenter__(self) -> Hold: ...
    async def __aexit__(self, type: Optional[Type[BaseException]], value: Optional[BaseException],
                        traceback: Optional[TracebackType], /) -> None: ...
    def __await__(self) -> Generator[Any, Any, int]: ...
    async def aclose(self) -> None: ...
    def close(self) -> None: ...
    def communicate(self, input: _Input = None, timeout: _Seconds = None, *,
                    on_output: _OnOutput = None) -> Tuple[Any, Any]: ...
    async def communicate_async(self, input: _Input = None, timeout: _Seconds = None, *,
                                on_output: _OnOutput = None) -> Tuple[Any, Any]: ...
    def describe(self) -> Optional[Description]: ...
    def fileno(self) -> int: ...
    def kill(self) -> bool: ...
    def lines(self, stream: Optional[_Name] = None, timeout: _Seconds = None) -> Iterator[Any]: ...
    def poll(self) -> Optional[int]: ...
    def reference(self) -> str: ...
    def renice(self, increment: int, /) -> Optional[int]: ...
    def send_signal(self, signal: _Signal, /) -> bool: ...
    def signal(self, signal: _Signal, /) -> bool: ...
    def signal_group(self, signal: _Signal, /) -> bool: ...
    def signal_tree(self, signal: _Signal, /) -> bool: ...
    def stop(self, ladder: _Ladder = None) -> Stopped: ...
    async def stop_async(self, ladder: _Ladder = None) -> Stopped: ...
    def take_change(self) -> Optional[Literal["stopped", "continued"]]: ...
    def wait_change(self, timeout: _Seconds = None) -> Optional[Literal["stopped", "continued"]]: ...
    async def wait_change_async(self, timeout: _Seconds = None) -> Optional[Literal["stopped", "continued"]]: ...
    def terminate(self) -> bool: ...
    def tree(self) -> List[Member]: ...
    def wait(self, timeout: _Seconds = None) -> int: ...
    async def wait_async(self, timeout: _Seconds = None) -> int: ...
    def wait_tree(self, timeout: _Seconds = None) -> bool: ...
    async def wait_tree_async(self, timeout: _Seconds = None) -> bool: ...

class _Starting(Coroutine[Any, Any, Hold]):
    def send(self, value: Any) -> Any: ...
    def throw(self, *error: Any) -> Any: ...
    def close(self) -> None: ...
    def __await__(self) -> Generator[Any, Any, Hold]: ...
    async def __aenter__(self) -> Hold: ...
    async def __aexit__(self, type: Optional[Type[BaseException]], value: Optional[BaseException],
                        traceback: Optional[TracebackType], /) -> None: ...

def adopt(process: Union[None, int, str] = None, *, pidfd: Union[None, int, _HasFileno] = None) -> Hold: ...
def caps() -> List[Capability]: ...
def reserve() -> None: ...
def split_group(is_on: bool = True) -> None: ...
def wait_any(holds: Iterable[Hold], timeout: _Seconds = None) -> List[Hold]: ...
async def wait_any_async(holds: Iterable[Hold], timeout: _Seconds = None) -> List[Hold]: ...
def spawn(argv: _Argv, *, terminal: _Size = None, echo: bool = True, raw: bool = False, modes: Optional[List[Any]] =
          None, stdin: _Stream = None, stdout: _Stream = None, stderr: _Stream = None, bufsize: int = -1, pipesize: int
          = -1, text: Optional[bool] = None, encoding: Optional[str] = None, errors: Optional[str] = None, newline:
          Optional[str] = None, universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] =
          None, env: Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None,
          io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
          Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
          Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, timeout:
          _Seconds = None, executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ...,
          close_fds: bool = True, start_new_session: bool = False, process_group: Optional[int] = None, restore_signals:
          bool = True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
          parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, ladder:
          _Ladder = None, on_release: _OnRelease = "stop") -> Hold: ...
def spawn_async(argv: _Argv, *, terminal: _Size = None, echo: bool = True, raw: bool = False, modes: Optional[List[Any]]
                = None, stdin: _Stream = None, stdout: _Stream = None, stderr: _Stream = None, bufsize: int = -1,
                pipesize: int = -1, text: Optional[bool] = None, encoding: Optional[str] = None, errors: Optional[str] =
                None, newline: Optional[str] = None, universal_newlines: Optional[bool] = None, shell: bool = False,
                cwd: Optional[_Path] = None, env: Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None,
                oom_score: Optional[int] = None, io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int,
                str], _Limit]] = None, tree_limits: Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id =
                None, extra_groups: Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain:
                _Contain = None, timeout: _Seconds = None, executable: Optional[_Path] = None, pass_fds:
                Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True, start_new_session: bool = False,
                process_group: Optional[int] = None, restore_signals: bool = True, keep_ignored:
                Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None, parent_death_signal:
                Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, ladder: _Ladder = None,
                on_release: _OnRelease = "stop") -> _Starting: ...
@overload
def run(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None, linger:
        _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None, echo: bool =
        True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int = -1, text:
        Literal[True], encoding: Optional[str] = None, errors: Optional[str] = None, newline: Optional[str] = None,
        universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
        Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None, io_priority:
        Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
        Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
        Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, executable:
        Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True,
        start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool = True,
        keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
        parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, on_release:
        _OnRelease = "stop") -> CompletedProcess[str]: ...
@overload
def run(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None, linger:
        _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None, echo: bool =
        True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int = -1, text:
        Optional[bool] = None, encoding: str, errors: Optional[str] = None, newline: Optional[str] = None,
        universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
        Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None, io_priority:
        Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
        Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
        Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, executable:
        Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True,
        start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool = True,
        keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
        parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, on_release:
        _OnRelease = "stop") -> CompletedProcess[str]: ...
@overload
def run(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None, linger:
        _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None, echo: bool =
        True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int = -1, text:
        Optional[bool] = None, encoding: Optional[str] = None, errors: str, newline: Optional[str] = None,
        universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
        Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None, io_priority:
        Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
        Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
        Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, executable:
        Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True,
        start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool = True,
        keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
        parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, on_release:
        _OnRelease = "stop") -> CompletedProcess[str]: ...
@overload
def run(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None, linger:
        _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None, echo: bool =
        True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int = -1, text:
        Optional[bool] = None, encoding: Optional[str] = None, errors: Optional[str] = None, newline: Optional[str] =
        None, universal_newlines: Literal[True], shell: bool = False, cwd: Optional[_Path] = None, env:
        Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None, io_priority:
        Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
        Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
        Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, executable:
        Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True,
        start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool = True,
        keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
        parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, on_release:
        _OnRelease = "stop") -> CompletedProcess[str]: ...
@overload
def run(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream = None,
        capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None, linger:
        _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None, echo: bool =
        True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int = -1, text:
        Literal[None, False] = None, encoding: None = None, errors: None = None, newline: Optional[str] = None,
        universal_newlines: Literal[None, False] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
        Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None, io_priority:
        Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
        Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
        Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None, executable:
        Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds: bool = True,
        start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool = True,
        keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
        parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None, on_release:
        _OnRelease = "stop") -> CompletedProcess[bytes]: ...
@overload
def run_async(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream =
              None, capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None,
              linger: _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None,
              echo: bool = True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int
              = -1, text: Literal[True], encoding: Optional[str] = None, errors: Optional[str] = None, newline:
              Optional[str] = None, universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path]
              = None, env: Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] =
              None, io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None,
              tree_limits: Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
              Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None,
              executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds:
              bool = True, start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool =
              True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
              parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None,
              on_release: _OnRelease = "stop") -> RunningCommand[str]: ...
@overload
def run_async(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream =
              None, capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None,
              linger: _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None,
              echo: bool = True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int
              = -1, text: Optional[bool] = None, encoding: str, errors: Optional[str] = None, newline: Optional[str] =
              None, universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
              Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None,
              io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
              Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
              Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None,
              executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds:
              bool = True, start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool =
              True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
              parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None,
              on_release: _OnRelease = "stop") -> RunningCommand[str]: ...
@overload
def run_async(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream =
              None, capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None,
              linger: _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None,
              echo: bool = True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int
              = -1, text: Optional[bool] = None, encoding: Optional[str] = None, errors: str, newline: Optional[str] =
              None, universal_newlines: Optional[bool] = None, shell: bool = False, cwd: Optional[_Path] = None, env:
              Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None,
              io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
              Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
              Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None,
              executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds:
              bool = True, start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool =
              True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
              parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None,
              on_release: _OnRelease = "stop") -> RunningCommand[str]: ...
@overload
def run_async(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream =
              None, capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None,
              linger: _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None,
              echo: bool = True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int
              = -1, text: Optional[bool] = None, encoding: Optional[str] = None, errors: Optional[str] = None, newline:
              Optional[str] = None, universal_newlines: Literal[True], shell: bool = False, cwd: Optional[_Path] = None,
              env: Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score: Optional[int] = None,
              io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str], _Limit]] = None, tree_limits:
              Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None, extra_groups:
              Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain = None,
              executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ..., close_fds:
              bool = True, start_new_session: bool = False, process_group: Optional[int] = None, restore_signals: bool =
              True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked: Optional[Iterable[_Signal]] = None,
              parent_death_signal: Optional[_Signal] = None, no_new_privs: bool = False, preexec_fn: None = None,
              on_release: _OnRelease = "stop") -> RunningCommand[str]: ...
@overload
def run_async(args: _Argv, *, stdin: _Stream = None, input: _Input = None, stdout: _Stream = None, stderr: _Stream =
              None, capture_output: bool = False, timeout: _Seconds = None, check: bool = False, ladder: _Ladder = None,
              linger: _Seconds = ..., keep: _Keep = None, on_output: _OnOutput = None, terminal: _Size = None,
              echo: bool = True, raw: bool = False, modes: Optional[List[Any]] = None, bufsize: int = -1, pipesize: int
              = -1, text: Literal[None, False] = None, encoding: None = None, errors: None = None, newline:
              Optional[str] = None, universal_newlines: Literal[None, False] = None, shell: bool = False, cwd:
              Optional[_Path] = None, env: Optional[Mapping[Any, Any]] = None, nice: Optional[int] = None, oom_score:
              Optional[int] = None, io_priority: Optional[int] = None, limits: Optional[Mapping[Union[int, str],
              _Limit]] = None, tree_limits: Optional[Mapping[str, float]] = None, user: _Id = None, group: _Id = None,
              extra_groups: Optional[Sequence[Union[int, str]]] = None, umask: Optional[int] = None, contain: _Contain =
              None, executable: Optional[_Path] = None, pass_fds: Union[Iterable[int], Mapping[int, int]] = ...,
              close_fds: bool = True, start_new_session: bool = False, process_group: Optional[int] = None,
              restore_signals: bool = True, keep_ignored: Optional[Iterable[_Signal]] = None, blocked:
              Optional[Iterable[_Signal]] = None, parent_death_signal: Optional[_Signal] = None, no_new_privs: bool =
              False, preexec_fn: None = None, on_release: _OnRelease = "stop") -> RunningCommand[bytes]: ...
