# SPDX-License-Identifier: ISC
"""spawn(): options that may have many forms are brought into the form that the start in C takes."""
import math
import os
import sys

from . import _pidhold
from ._hold import Hold
from ._streams import open_reader, open_writer, sized_pipe, text_of
from ._terminal import Terminal
from ._types import Append, Capability

# The values of subprocess.
PIPE, STDOUT, DEVNULL = -1, -2, -3
CONTAINMENTS = {None: _pidhold.HOLD_CONTAIN_AUTO, "auto": _pidhold.HOLD_CONTAIN_AUTO,
                "best": _pidhold.HOLD_CONTAIN_BEST, "none": _pidhold.HOLD_CONTAIN_NONE,
                "group": _pidhold.HOLD_CONTAIN_GROUP, "keeper": _pidhold.HOLD_CONTAIN_KEEPER,
                "pidns": _pidhold.HOLD_CONTAIN_PIDNS, "cgroup": _pidhold.HOLD_CONTAIN_CGROUP}
FATES = {"stop": _pidhold.HOLD_ON_RELEASE_STOP, "kill": _pidhold.HOLD_ON_RELEASE_KILL,
         "leave": _pidhold.HOLD_ON_RELEASE_LEAVE}
_UNLIMITED = 2**64 - 1
_LARGEST_FD = 2**31 - 1
# By what each is multiplied.
_TREE_LIMITS = {"memory": 1, "tasks": 1, "cpu_time": 1000000, "cpus": 1000, "io_weight": 1}


def spawn(argv, *, terminal=None, echo=True, raw=False, modes=None, stdin=None, stdout=None, stderr=None, bufsize=-1,
          pipesize=-1, text=None, encoding=None, errors=None, newline=None, universal_newlines=None, shell=False,
          cwd=None, env=None, nice=None, oom_score=None, io_priority=None, limits=None, tree_limits=None, user=None,
          group=None, extra_groups=None, umask=None, contain=None, timeout=None, executable=None, pass_fds=(),
          close_fds=True, start_new_session=False, process_group=None, restore_signals=True, keep_ignored=None,
          blocked=None, parent_death_signal=None, no_new_privs=False, preexec_fn=None, ladder=None, on_release="stop"):
    """Starts a process and holds it: returns a Hold.

    Nothing is forked: no memory of this process is copied, no handler of os.register_at_fork runs, no Python code
    runs in the new process, and no warning about threads is due. It works in any thread and any interpreter, and
    other threads run meanwhile. When it returns the program has been executed. spawn_async() does not block a loop.

    argv          a sequence of str, bytes or paths; a single one is the program. It is searched in PATH of `env`.
                  shell=True: a command for /bin/sh, as in subprocess.
    executable    the program, if argv[0] is not its name.
    terminal      True: a new terminal of 24 rows and 80 columns, the controlling terminal of the process;
                  (rows, columns) or an os.terminal_size: of that size. Our side is .terminal. echo=False: no echo;
                  raw=True: bytes pass unchanged in both directions; modes: all of its modes, as termios.tcgetattr()
                  returns them.
    stdin, stdout, stderr
                  None: the terminal if there is one, else the stream of this process; PIPE, DEVNULL, a descriptor, a
                  file, or a path, which is emptied for stdout and stderr; Append(path); for stderr also STDOUT. Our
                  end of a pipe is .stdin, .stdout or .stderr.
    bufsize, pipesize, text, encoding, errors, newline, universal_newlines
                  of our ends of pipes, as in subprocess and open().
    cwd, env      the directory to start in, and the environment, a mapping; None: those of this process.
    nice          is added to the niceness.
    oom_score, io_priority
                  -1000 to 1000: who goes first when memory is short; class << 13 | level, as ioprio_set(2) has it.
    limits        {"nofile": 256, "cpu": (10, 20)}: resource limits by their names or numbers; a number, or soft and
                  hard; None is no limit.
    tree_limits   {"memory": 2 << 30, "tasks": 100, "cpus": 1.5, "cpu_time": 60, "io_weight": 50}, any of these: limits
                  of the process and all its descendants together, in bytes, processes and threads, processors, and
                  seconds. They need a control group that this process may use: see split_group(). StartError if one
                  cannot be set, with .object, its name, and .need.
    user, group, extra_groups
                  whose rights the process has, by names or numbers. With a user the process keeps no group of this
                  process: it has the groups given, else those of the user.
    umask         of the process; None or -1: that of this process.
    contain       how the process and its descendants are kept together, so that they end with the hold, and with this
                  program, even if that is killed: "cgroup", "pidns", "keeper"; "group", which a process may leave;
                  "none". None or "auto": a cgroup, else a keeper, else none, as .containment says; with
                  on_release="leave" none, unless one is named or it is "best". The keeper is the parent of the
                  process.
    timeout       seconds within which the program must have been executed, else StartTimeoutExpired: for a directory
                  on a server that does not answer, or a fifo without a process at its other end.
    pass_fds      descriptors that the process gets, under their numbers, or {descriptor: number}; close_fds=False:
                  all inheritable ones.
    start_new_session, process_group
                  a session of its own, as with a terminal; process_group=0: a group of its own.
    restore_signals, keep_ignored, blocked
                  every signal has its default effect and is unblocked, except those of `keep_ignored` that this
                  process ignores, and those of `blocked`. restore_signals=False: all that are ignored stay ignored.
    parent_death_signal
                  a signal that it gets when the thread that called spawn() ends.
    no_new_privs  set-user-ID programs give it no more privileges.
    ladder        ((signal, seconds), ...) for stop() and for its end: TERM, 5 seconds, KILL if None.
    on_release    what happens to a process that lives when its hold is closed or collected: "stop" by the ladder,
                  "kill", or "leave" it alone.

    A process does not outlive its hold, unless on_release="leave": keep the hold, or one of its files, as long as the
    process is to live. Errors are StartErrors, which are OSErrors with errno and the file name, and have .step and
    .object: what failed, and on what.
    """
    settings = locals()
    return start(settings, None, 2)


NAMES = tuple(spawn.__kwdefaults__)  # of all options


def start(settings, cancel, stacklevel):
    """spawn(), with its arguments in a mapping. The start is given up once anything is in the list `cancel`."""
    streams = {name: settings[name] for name in ("stdin", "stdout", "stderr")}
    text = text_of(*(settings[name] for name in ("text", "universal_newlines", "encoding", "errors", "newline")),
                   stacklevel + 1)
    bufsize = buffer_size(settings["bufsize"])
    _check_pipe_size(settings["pipesize"])
    options = _options(settings)
    options["cancel"] = cancel
    words, options["executable"] = _words(settings)
    # For hooks that know subprocess alone; pidhold.spawn is told in C.
    sys.audit("subprocess.Popen", options["executable"] or words and words[0], words, settings["cwd"], settings["env"])
    pipes = {}
    try:
        if settings["pipesize"] > 0:
            pipes = _sized_pipes(streams, settings["pipesize"], options)
        hold = Hold._start(words, options, settings["argv"])
    except BaseException:
        _close_pipes(pipes, (0, 1))
        raise
    _close_pipes(pipes, (1,))
    try:
        _open_files(hold, options, streams, pipes, bufsize, text)
    except BaseException:
        hold.kill()
        hold._close()
        raise
    return hold


def buffer_size(value):
    """As subprocess takes it: None is the usual one."""
    if value is None:
        return -1
    if not isinstance(value, int):
        raise TypeError(f"bufsize must be an integer, not {value!r}")
    if value < -1:
        raise ValueError(f"bufsize must be -1, which is the usual one, or 0 or more bytes, not {value!r}")
    return value


def _check_pipe_size(value):
    """-1 and 0, as in subprocess, are the usual one."""
    if not isinstance(value, int):
        raise TypeError(f"pipesize must be an integer, not {value!r}")
    if value < -1:
        raise ValueError(f"pipesize must be -1, which is the usual one, or a number of bytes, not {value!r}")


def _words(settings):
    """The argument vector, and the program."""
    argv, executable = settings["argv"], settings["executable"]
    if isinstance(argv, (str, bytes, os.PathLike)):
        words = [argv]
    elif hasattr(argv, "__iter__") or hasattr(argv, "__getitem__"):
        words = list(argv)
    else:
        raise TypeError(f"{settings.get('argv_name', 'argv')} must be a program or a sequence of words, not {argv!r}")
    if settings["shell"]:
        words = ["/bin/sh", "-c"] + words
        if executable:
            words[0] = executable
        executable = words[0]
    return words, executable


def _options(settings):
    """What the start in C takes."""
    get = settings.get
    if get("preexec_fn") is not None:
        raise TypeError("preexec_fn would run Python in the new process; there are cwd, user, nice, limits, umask")
    if get("process_group") not in (None, 0):
        raise ValueError(f"process_group must be 0, a group of its own, or None, not {get('process_group')!r}")
    options = {name: settings[name] for name in ("cwd", "nice", "oom_score", "io_priority", "blocked", "timeout",
                                                 "parent_death_signal", "ladder")}
    options.update({
        "contain": _chosen("contain", get("contain"), CONTAINMENTS),
        "env": None if get("env") is None else _environment(get("env")),
        "flags": (_pidhold.HOLD_NEW_SESSION * bool(get("start_new_session"))
                  | _pidhold.HOLD_NEW_GROUP * (get("process_group") == 0)
                  | _pidhold.HOLD_PASS_ALL * (not get("close_fds"))
                  | _pidhold.HOLD_NO_NEW_PRIVS * bool(get("no_new_privs"))),
        "keep_ignored": range(1, 65) if not get("restore_signals") else get("keep_ignored"),
        "tree_limits": _tree_limits(get("tree_limits")),
        "limits": None if get("limits") is None else [_limit(*limit) for limit in get("limits").items()],
        "on_release": _chosen("on_release", get("on_release"), FATES),
        "pass_fds": _passed(get("pass_fds")) or None,
        "stdin": _stream(get("stdin"), "stdin"),
        "stdout": _stream(get("stdout"), "stdout"),
        "stderr": _stream(get("stderr"), "stderr"),
        "terminal": _terminal(get("terminal"), get("echo"), get("raw"), get("modes")),
        "modes": None if get("modes") is None else _modes(get("modes")),
        "umask": None if get("umask") == -1 else get("umask"),
    })
    if any(get(name) is not None for name in ("user", "group", "extra_groups")):
        options["user"], options["group"], options["groups"] = _ids(get("user"), get("group"), get("extra_groups"))
    return options


def _chosen(name, value, choices):
    if value not in choices:
        words = ", ".join(repr(word) for word in choices if word)
        raise ValueError(f"{name} must be {'None or ' * (None in choices)}one of {words}, not {value!r}")
    return choices[value]


def _passed(pass_fds):
    """(descriptor, number) of each, once."""
    pairs = pass_fds.items() if hasattr(pass_fds, "items") else [(fd, fd) for fd in pass_fds]
    pairs = [(fd, number) for fd, number in dict.fromkeys(pairs)
             if not (isinstance(fd, int) and 0 <= fd <= 2 and fd == number)]
    _check_numbers(pairs)
    return pairs


def _check_numbers(pairs):
    sources = {}  # number -> descriptor
    for fd, number in pairs:
        if not isinstance(fd, int) or not isinstance(number, int):
            raise TypeError(f"pass_fds has descriptors, numbers as they are, and not {fd!r}: {number!r}")
        if 0 <= number <= 2:
            name = ("stdin", "stdout", "stderr")[number]
            raise ValueError(f"pass_fds: descriptor {fd} cannot have the number {number}: use {name}={fd}")
        if not 0 <= number <= _LARGEST_FD or fd > _LARGEST_FD:
            wrong = number if number < 0 else max(fd, number)
            raise ValueError(f"pass_fds: no descriptor can have the number {wrong}")
        if number in sources:
            raise ValueError(f"pass_fds: descriptors {sources[number]} and {fd} cannot both have the number {number}")
        sources[number] = fd


def _sized_pipes(streams, size, options):
    """Pipes of that size in the place of those that the start would make: stream -> (our end, the process's end)."""
    pipes = {}
    try:
        for name, value in streams.items():
            if value == PIPE:
                reading, writing = sized_pipe(size)
                pipes[name] = (writing, reading) if name == "stdin" else (reading, writing)
                options[name] = (_pidhold.HOLD_STDIO_FD, pipes[name][1])
    except BaseException:
        _close_pipes(pipes, (0, 1))
        raise
    return pipes


def _close_pipes(pipes, ends):
    for pair in pipes.values():
        for end in ends:
            os.close(pair[end])


def _open_files(hold, options, streams, pipes, bufsize, text):
    if options["terminal"]:
        is_raw = options["terminal"][-1] if options["modes"] is None else _is_raw(options["modes"])
        hold.terminal = Terminal(hold._take(_pidhold.HOLD_TERMINAL), hold._lease(), is_raw)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if streams[name] == PIPE:
            fd = pipes.pop(name)[0] if name in pipes else hold._take(number)
            opener = open_writer if name == "stdin" else open_reader
            setattr(hold, name, opener(fd, hold._lease(), bufsize, text))


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
    if isinstance(value, Append):
        return (_pidhold.HOLD_STDIO_APPEND, value.path)
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


def _terminal(terminal, echo, raw, modes):
    """(rows, columns, x pixels, y pixels, echo, raw)"""
    if terminal is None or terminal is False:
        if not echo or raw or modes is not None:
            name = "raw=True" if raw else "echo=False" if not echo else "modes"
            raise ValueError(f"{name} is about a terminal, and none is asked for")
        return None
    if modes is not None and (raw or not echo):
        raise ValueError("modes has all the modes of the terminal: echo and raw may not be used with it")
    if terminal is True:
        rows, columns = 24, 80
    elif isinstance(terminal, os.terminal_size):
        columns, rows = terminal
    elif isinstance(terminal, (tuple, list)) and len(terminal) == 2:
        rows, columns = terminal
    else:
        raise ValueError(f"terminal must be True, (rows, columns) or an os.terminal_size, not {terminal!r}")
    for number in (rows, columns):
        if not isinstance(number, int) or not 0 < number < 65536:
            raise ValueError(f"a terminal has 1 to 65535 rows and columns, not {rows} and {columns}")
    return (rows, columns, 0, 0, bool(echo), bool(raw))


def _modes(modes):
    """As termios.tcgetattr() returns them."""
    if not isinstance(modes, list) or len(modes) != 7 or not isinstance(modes[6], list):
        raise ValueError(f"modes must be a list as termios.tcgetattr() returns it, not {modes!r}")
    return modes


def _is_raw(modes):
    import termios

    return not modes[3] & termios.ICANON


def _limit(name, value):
    """(resource, soft, hard)"""
    import resource

    number = name if isinstance(name, int) else getattr(resource, "RLIMIT_" + name.upper(), None)
    if number is None:
        known = sorted(word[7:].lower() for word in dir(resource) if word.startswith("RLIMIT_"))
        raise ValueError(f"there is no limit {name!r}; there are {', '.join(known)}")
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"limit {name!r} is a number, or soft and hard, not {value!r}")
    soft, hard = map(_limit_value, pair)
    if soft > hard:
        raise ValueError(f"limit {name!r}: the soft one, {pair[0]}, is above the hard one, {pair[1]}")
    return (number, soft, hard)


def _tree_limits(limits):
    """(memory, tasks, cpu_time_us, milli_cpus, io_weight); 0: no limit"""
    if limits is None:
        return None
    unknown = set(limits) - set(_TREE_LIMITS)
    if unknown:
        raise ValueError(f"there is no limit {sorted(unknown)[0]!r} of a tree; there are {', '.join(_TREE_LIMITS)}")
    values = []
    for name, factor in _TREE_LIMITS.items():
        value = limits.get(name)
        number = 0 if value is None else math.ceil(value * factor)
        if value is not None and not 0 < number < 2**(32 if name in ("cpus", "io_weight") else 63):
            raise ValueError(f"limit {name!r} of a tree cannot be {value!r}")
        values.append(number)
    return tuple(values)


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


def adopt(process=None, *, pidfd=None):
    """Holds a process that another program started: by its number, by the text of Hold.reference(), or by a descriptor
    of it, which stays the caller's. Returns a Hold, which leaves the process alone when it is closed. Between learning
    a number and this call it may have become another process's; a reference and a descriptor name one process.

    ProcessLookupError if it has ended."""
    if (process is None) == (pidfd is None):
        raise TypeError("adopt() takes a number or a reference, or pidfd=")
    if pidfd is not None:
        return Hold._adopt(pidfd if isinstance(pidfd, int) else pidfd.fileno(), True)
    return Hold._adopt(process, False)


def caps():
    """What this system can promise, from a probe made now: a list of Capability."""
    return [Capability(*each) for each in _pidhold._caps()]


def split_group(is_on=True):
    """Moves this process into a control group of its own below its present one, so that spawn() can limit trees beside
    it: where the process is alone in a group that was delegated to it, as by systemd-run --user --scope -p
    Delegate=yes. Call it before the first start; False moves it back. OSError: EBUSY another process is there too."""
    Hold._group_split(is_on)


def reserve():
    """Reserves sixteen low descriptor numbers for later starts, in a program that will have thousands of descriptors:
    the cost of a start grows with the highest number that the new process needs. A first start that finds 32 or more
    of them open does so by itself. OSError if there is no low number left."""
    Hold._reserve()


for _function in (adopt, caps, reserve, spawn, split_group):
    _function.__module__ = "pidhold"
