# SPDX-License-Identifier: ISC
"""spawn(): options that may have many forms are brought into the form that the start in C takes."""
import os

from . import _pidhold
from ._pidhold import Hold
from ._terminal import Terminal

# The values of subprocess.
PIPE, STDOUT, DEVNULL = -1, -2, -3
_CONTAINMENTS = {None: _pidhold.HOLD_CONTAIN_AUTO, "auto": _pidhold.HOLD_CONTAIN_AUTO,
                 "none": _pidhold.HOLD_CONTAIN_NONE, "group": _pidhold.HOLD_CONTAIN_GROUP,
                 "keeper": _pidhold.HOLD_CONTAIN_KEEPER, "pidns": _pidhold.HOLD_CONTAIN_PIDNS,
                 "cgroup": _pidhold.HOLD_CONTAIN_CGROUP}
_FATES = {"stop": _pidhold.HOLD_ON_RELEASE_STOP, "kill": _pidhold.HOLD_ON_RELEASE_KILL,
          "leave": _pidhold.HOLD_ON_RELEASE_LEAVE}
_UNLIMITED = 2**64 - 1


def spawn(argv, *, terminal=None, echo=True, stdin=None, stdout=None, stderr=None, cwd=None, env=None, nice=None,
          limits=None, user=None, group=None, extra_groups=None, umask=None, contain=None, timeout=None,
          executable=None, pass_fds=(), close_fds=True, start_new_session=False, process_group=None,
          no_new_privs=False, ladder=None, on_release="stop"):
    """Starts a process and holds it: returns a Hold.

    Nothing is forked: no memory of this process is copied, no handler of os.register_at_fork runs, no Python code
    runs in the new process, and no warning about threads is due. It works in any thread and any interpreter, and
    other threads run meanwhile. When it returns the program has been executed.

    argv          a sequence of str, bytes or paths; a single one is the program. It is searched in PATH of `env`.
    executable    the program, if argv[0] is not its name.
    terminal      True: a new terminal of 24 rows and 80 columns, the controlling terminal of the process;
                  (rows, columns) or an os.terminal_size: of that size. Our side is .terminal. echo=False: no echo.
    stdin, stdout, stderr
                  None: the terminal if there is one, else the stream of this process; PIPE, DEVNULL, a descriptor, a
                  file, or a path; for stderr also STDOUT. Our end of a pipe is .stdin, .stdout or .stderr.
    cwd, env      the directory to start in, and the environment, a mapping; None: those of this process.
    nice          is added to the niceness.
    limits        {"nofile": 256, "cpu": (10, 20)}: resource limits by their names or numbers; a number, or soft and
                  hard; None is no limit.
    user, group, extra_groups
                  whose rights the process has, by names or numbers. With a user the process keeps no group of this
                  process: it has the groups given, else those of the user.
    umask         of the process.
    contain       how the process and its descendants are kept together, so that they end with the hold, and with this
                  program, even if that is killed: "cgroup", "pidns", "keeper"; "group", which a process may leave;
                  "none". None or "auto": a cgroup, else a keeper, else none, as .containment says; with
                  on_release="leave" none, unless one is named. The keeper is the parent of the process.
    timeout       seconds within which the program must have been executed, else TimeoutError: for a directory on a
                  server that does not answer, or a fifo without a process at its other end.
    pass_fds      descriptors that the process gets, under their numbers; close_fds=False: all inheritable ones.
    start_new_session, process_group
                  a session of its own, as with a terminal; process_group=0: a group of its own.
    no_new_privs  set-user-ID programs give it no more privileges.
    ladder        ((signal, seconds), ...) for stop() and for its end: TERM, 5 seconds, KILL if None.
    on_release    what happens to a process that lives when its hold is closed or collected: "stop" by the ladder,
                  "kill", or "leave" it alone. A close blocks for the ladder's time at most. When a hold is collected,
                  a keeper does that in the background; without a keeper the collector blocks, too.

    In the process every signal has its default effect and is unblocked. Errors are OSErrors with errno, the file name
    and .step, the step that failed: "program", "working directory", "standard input", ...
    """
    if contain not in _CONTAINMENTS:
        names = ", ".join(repr(name) for name in _CONTAINMENTS if name)
        raise ValueError(f"contain must be None or one of {names}, not {contain!r}")
    if on_release not in _FATES:
        raise ValueError(f"on_release must be 'stop', 'kill' or 'leave', not {on_release!r}")
    if process_group not in (None, 0):
        raise ValueError(f"process_group must be 0, a group of its own, or None, not {process_group!r}")
    options = {
        "contain": _CONTAINMENTS[contain],
        "cwd": cwd,
        "env": None if env is None else _environment(env),
        "executable": executable,
        "flags": (_pidhold.HOLD_NEW_SESSION * bool(start_new_session)
                  | _pidhold.HOLD_NEW_GROUP * (process_group == 0)
                  | _pidhold.HOLD_PASS_ALL * (not close_fds)
                  | _pidhold.HOLD_NO_NEW_PRIVS * bool(no_new_privs)),
        "ladder": ladder,
        "limits": None if limits is None else [_limit(name, value) for name, value in limits.items()],
        "nice": nice,
        "on_release": _FATES[on_release],
        "pass_fds": [fd for fd in pass_fds if not isinstance(fd, int) or not 0 <= fd <= 2] or None,
        "stdin": _stream(stdin, "stdin"),
        "stdout": _stream(stdout, "stdout"),
        "stderr": _stream(stderr, "stderr"),
        "terminal": _terminal(terminal, echo),
        "timeout": timeout,
        "umask": umask,
    }
    if user is not None or group is not None or extra_groups is not None:
        options["user"], options["group"], options["groups"] = _ids(user, group, extra_groups)
    words = [argv] if isinstance(argv, (str, bytes, os.PathLike)) else list(argv)
    hold = Hold._start(words, options, argv)
    try:
        _open_files(hold, options, stdin, stdout, stderr)
    except BaseException:
        hold.kill()
        hold.close()
        raise
    return hold


def _open_files(hold, options, stdin, stdout, stderr):
    if options["terminal"]:
        hold.terminal = Terminal(hold._take(_pidhold.HOLD_TERMINAL))
    if stdin == PIPE:
        hold.stdin = open(hold._take(0), "wb")
    if stdout == PIPE:
        hold.stdout = open(hold._take(1), "rb")
    if stderr == PIPE:
        hold.stderr = open(hold._take(2), "rb")


def _environment(env):
    """As in subprocess, except that a name cannot be empty either."""
    for name, value in env.items():
        name, value = os.fsencode(name), os.fsencode(value)
        if not name or b"=" in name:
            raise ValueError(f"illegal environment variable name: {name!r}")
        yield name + b"=" + value


def _stream(value, name):
    """(kind, descriptor or path)"""
    if value is None:
        return None
    if isinstance(value, (str, bytes, os.PathLike)):
        return (_pidhold.HOLD_STDIO_FILE, value)
    if not isinstance(value, int):
        return (_pidhold.HOLD_STDIO_FD, value.fileno())
    if value >= 0:
        return (_pidhold.HOLD_STDIO_FD, value)
    if value == PIPE:
        return (_pidhold.HOLD_STDIO_PIPE, 0)
    if value == DEVNULL:
        return (_pidhold.HOLD_STDIO_NULL, 0)
    if value == STDOUT and name == "stderr":
        return (_pidhold.HOLD_STDIO_LIKE_STDOUT, 0)
    raise ValueError(f"{name} cannot be {value!r}")


def _terminal(terminal, echo):
    """(rows, columns, x pixels, y pixels, echo)"""
    if terminal is None or terminal is False:
        if not echo:
            raise ValueError("echo=False is about a terminal, and none is asked for")
        return None
    if terminal is True:
        rows, columns = 24, 80
    elif isinstance(terminal, os.terminal_size):
        columns, rows = terminal
    else:
        rows, columns = terminal
    for number in (rows, columns):
        if not 0 < number < 65536:
            raise ValueError(f"a terminal has 1 to 65535 rows and columns, not {rows} and {columns}")
    return (rows, columns, 0, 0, bool(echo))


def _limit(name, value):
    """(resource, soft, hard)"""
    import resource

    number = name if isinstance(name, int) else getattr(resource, "RLIMIT_" + name.upper(), None)
    if number is None:
        known = sorted(word[7:].lower() for word in dir(resource) if word.startswith("RLIMIT_"))
        raise ValueError(f"there is no limit {name!r}; there are {', '.join(known)}")
    soft, hard = value if isinstance(value, tuple) else (value, value)
    return (number, _limit_value(soft), _limit_value(hard))


def _limit_value(value):
    if value is None or value == -1:  # resource.RLIM_INFINITY
        return _UNLIMITED
    if value < 0:
        raise ValueError(f"a limit is not negative: {value}")
    return value


def _ids(user, group, extra_groups):
    """The numbers of the user, the group and the supplementary groups; None: unchanged."""
    import grp
    import pwd

    def group_number(value):
        return grp.getgrnam(value).gr_gid if isinstance(value, str) else value

    entry = None
    if isinstance(user, str):
        entry = pwd.getpwnam(user)
    elif user is not None:
        try:
            entry = pwd.getpwuid(user)
        except KeyError:
            pass
    if group is not None:
        group = group_number(group)
    elif entry:
        group = entry.pw_gid
    if extra_groups is not None:
        extra_groups = [group_number(value) for value in extra_groups]
    elif entry:
        extra_groups = os.getgrouplist(entry.pw_name, group)
    elif user is not None:
        extra_groups = []  # a user that the system does not know is in no group, certainly not in this process's
    return entry.pw_uid if entry else user, group, extra_groups


def reserve():
    """Reserves sixteen low descriptor numbers for later starts, in a program that will have thousands of descriptors:
    the cost of a start grows with the highest number that the new process needs. A first start that finds 32 or more
    of them open does so by itself. OSError if there is no low number left."""
    Hold._reserve()


spawn.__module__ = reserve.__module__ = "pidhold"
