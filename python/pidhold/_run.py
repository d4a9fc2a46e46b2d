# SPDX-License-Identifier: ISC
"""run(): subprocess.run, with a terminal if wanted, and a time-out for the start, the command and its descendants; and
run_async(), the same for an event loop."""
import signal
import subprocess

from . import _loops
from ._async import Job
from ._capture import NO_END_OF_INPUT, Talk
from ._errors import CalledProcessError, StatusUnknown, TimeoutExpired, UndecodableOutput
from ._spawn import NAMES, PIPE, buffer_size, start
from ._starting import started
from ._steps import deadline_after, ended_tree, follow, seconds_of, stopping, until_empty, until_end, until_quiet
from ._streams import text_of
from ._terminal import check_lines

LINGER = 5.0  # seconds without output, after which no more is awaited from what outlives the command
_LONGEST_LINGER = 12  # times that: how long output is awaited in all
_AT_ONCE = ((signal.SIGKILL, 0.1),)
_INTERRUPT_PATIENCE = 0.25  # seconds for a command that has got the same SIGINT, as in subprocess


class CompletedProcess(subprocess.CompletedProcess):
    """What run() returns: that of subprocess, and

    terminal     what was printed on the terminal. stdout has it too, unless standard output is a pipe.
    status       the Status: how it ended, and what it used.
    is_complete  whether the output was read to its end before anything was ended: False if some is lost.
    stopped      what was ended after the command, a Stopped; None if nothing was to be.
    left         the processes of its tree that live on, a list of Member; None if that is not known.
    gaps         what a bound for the capture left out, by the name of the output: {"stdout": Gap(...)}.
    containment  how its tree was kept together.
    """

    terminal = None
    status = None
    is_complete = True
    stopped = None
    left = None
    gaps = {}
    containment = None

    def __repr__(self):
        words = [super().__repr__()[:-1]]
        if self.terminal is not None and self.terminal != self.stdout:
            words.append(f"terminal={self.terminal!r}")
        if not self.is_complete:
            words.append("is_complete=False")
        if self.stopped and self.stopped.terminated + self.stopped.killed:
            words.append(f"stopped={self.stopped!r}")
        words += [f"{name}={getattr(self, name)!r}" for name in ("left", "gaps") if getattr(self, name)]
        return ", ".join(words) + ")"

    def check_returncode(self):
        """Raises CalledProcessError if the exit status is not 0, if output is lost, or if processes could not be
        ended."""
        if self.returncode or not self.is_complete or self.left:
            raise _like(CalledProcessError(self.returncode, self.args, self.stdout, self.stderr), self)


def run(args, *, stdin=None, input=None, stdout=None, stderr=None, capture_output=False, timeout=None, check=False,
        ladder=None, linger=LINGER, keep=None, on_output=None, terminal=None, echo=True, raw=False, modes=None,
        bufsize=-1, pipesize=-1, text=None, encoding=None, errors=None, newline=None, universal_newlines=None,
        shell=False, cwd=None, env=None, nice=None, oom_score=None, io_priority=None, limits=None, tree_limits=None,
        user=None, group=None, extra_groups=None, umask=None, contain=None, executable=None, pass_fds=(),
        close_fds=True, start_new_session=False, process_group=None, restore_signals=True, keep_ignored=None,
        blocked=None, parent_death_signal=None, no_new_privs=False, preexec_fn=None, on_release="stop"):
    """Runs a command, waits for it, and returns a CompletedProcess, as subprocess.run does; the other options are
    those of spawn().

    With terminal=True, or a size, the command is on a terminal of its own. What it prints there is .terminal, and also
    .stdout unless that is a pipe; `input` is typed there, ended as by Ctrl-D, or written to a pipe with stdin=PIPE.
    raw=True takes no input but by a pipe: a raw terminal has no end of input. capture_output=True is stdout=PIPE and
    stderr=PIPE, also with a terminal.

    After `timeout` seconds, with the start, the command and its descendants are killed at once, or ended by `ladder`,
    and TimeoutExpired is raised: .output, .stderr and .terminal are what was captured until then.

    Output is read to its end, also from processes that outlive the command: the rest of a pipeline, >(...), a logger.
    A process that keeps a pipe open and prints nothing for `linger` seconds, or prints on for twelve times as long, is
    awaited no more; a descendant without a pipe is awaited for `linger` seconds too. What is left then is ended, unless
    contain="none" or on_release="leave"; the result says so: .is_complete, .stopped, .left. linger=None: all are
    awaited, as in subprocess.

    check=True raises CalledProcessError for an exit status that is not 0, for output that is lost, and for processes
    that could not be ended.

    keep=(first, last) bounds the bytes that are kept of each output, of text in whole characters; .gaps tells what is
    lost. on_output(name, bytes) gets the output as it comes, and none is kept: "stdout", "stderr", "terminal".

    Raises StatusUnknown if the way the command ended cannot be known, and UndecodableOutput for bytes that are no text;
    both have the output.
    """
    return _run(locals())


def run_async(args, *, stdin=None, input=None, stdout=None, stderr=None, capture_output=False, timeout=None,
              check=False, ladder=None, linger=LINGER, keep=None, on_output=None, terminal=None, echo=True, raw=False,
              modes=None, bufsize=-1, pipesize=-1, text=None, encoding=None, errors=None, newline=None,
              universal_newlines=None, shell=False, cwd=None, env=None, nice=None, oom_score=None, io_priority=None,
              limits=None, tree_limits=None, user=None, group=None, extra_groups=None, umask=None, contain=None,
              executable=None, pass_fds=(), close_fds=True, start_new_session=False, process_group=None,
              restore_signals=True, keep_ignored=None, blocked=None, parent_death_signal=None, no_new_privs=False,
              preexec_fn=None, on_release="stop"):
    """run(), for an event loop: await what this returns, or make a task of it.

    If it is cancelled, the command and its descendants are ended before the exception goes on. What was captured until
    then is in .stdout, .stderr and .terminal of what this returned, also while it runs, and of the exception.
    """
    wishes = _Wishes(locals(), 2)
    job = RunningCommand(wishes)
    job._coroutine = _run_async(job)
    return job


class RunningCommand(Job):
    """What run_async() returns. Awaited it gives the CompletedProcess; stdout, stderr and terminal are what was
    captured so far, None if there is no such output."""

    def __init__(self, wishes):
        super().__init__(None)
        self._wishes = wishes
        self._talk = None

    stdout = property(lambda self: self._wishes.outputs(self._talk, "replace")[0])
    stderr = property(lambda self: self._wishes.outputs(self._talk, "replace")[1])
    terminal = property(lambda self: self._wishes.outputs(self._talk, "replace")[2])


class _Wishes:
    """The arguments of run(), checked."""

    def __init__(self, given, stacklevel):
        self.args = given["args"]
        self.timeout = given["timeout"]
        self.deadline = deadline_after(self.timeout)
        self.check = given["check"]
        self.linger = seconds_of(given["linger"])
        if self.linger < 0:
            raise ValueError(f"linger must be 0 or more seconds, or None, not {given['linger']!r}")
        self.keep = _bounds(given["keep"])
        self.on_output = given["on_output"]
        if self.on_output is not None and not callable(self.on_output):
            raise TypeError(f"on_output must be a function of a name and bytes, not {self.on_output!r}")
        options = {name: given[name] for name in NAMES}
        self.text = text_of(*(options[name] for name in ("text", "universal_newlines", "encoding", "errors",
                                                         "newline")), stacklevel + 1)
        options.update({name: None for name in ("text", "universal_newlines", "encoding", "errors", "newline")})
        buffer_size(options["bufsize"])
        options["bufsize"] = 0  # Talk alone has the files, and has no use for a layer above
        self.input = given["input"]
        if self.input is not None:
            self.input = _encoded(self.input, self.text)
        _choose_streams(options, given, self.input)
        if self.on_output and options["terminal"] in (None, False) and PIPE not in (options["stdout"],
                                                                                    options["stderr"]):
            raise ValueError("on_output would never be called: no output is captured; use capture_output=True, "
                             "stdout=PIPE, stderr=PIPE or terminal=True")
        options.update(argv=self.args, argv_name="args", ladder=given["ladder"] or _AT_ONCE, timeout=self.timeout)
        self.options = options

    def outputs(self, talk, errors=None):
        """(stdout, stderr, terminal), bytes or text."""
        values = {name: output.value(self.text) for name, output in talk.outputs.items()} if talk else {}
        if self.on_output:
            values = {}
        if self.text:
            values = {name: self.text.decode(value, errors) for name, value in values.items()}
        return values.get("stdout", values.get("terminal")), values.get("stderr"), values.get("terminal")


def _encoded(input, text):
    """As bytes."""
    if text and not isinstance(input, str):
        raise TypeError(f"input must be a str, since text was asked for, not {type(input).__name__}")
    if text:
        return text.encode(input)
    try:
        return memoryview(input).cast("B")
    except TypeError:
        hint = "; text=True takes text" if isinstance(input, str) else ""
        raise TypeError(f"input must be bytes, not {type(input).__name__}{hint}") from None


def _bounds(keep):
    if keep is None:
        return None
    first, last = (keep, 0) if isinstance(keep, int) or len(keep) != 2 else keep
    if not isinstance(first, int) or not isinstance(last, int) or first < 0 or last < 0:
        raise ValueError(f"keep must be numbers of bytes, not {keep!r}")
    return first, last


def _choose_streams(options, given, input):
    stdin, stdout, stderr = given["stdin"], given["stdout"], given["stderr"]
    has_terminal = options["terminal"] not in (None, False)
    if given["capture_output"]:
        if stdout is not None or stderr is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        stdout = stderr = PIPE
    if input is not None:
        if stdin is not None and not (has_terminal and stdin == PIPE):
            raise ValueError("stdin and input arguments may not both be used.")
        if has_terminal and stdin is None:
            _check_typed(input, options["raw"])
        else:
            stdin = PIPE
    options.update(stdin=stdin, stdout=stdout, stderr=stderr)


def _check_typed(input, is_raw):
    if is_raw:
        raise ValueError(NO_END_OF_INPUT)
    check_lines(input)


# ---- from start to end ----


class _Result:
    """What is known at the end."""

    def __init__(self, hold):
        self.containment = hold.containment
        self.has_ended = False
        self.is_complete = True
        self.stopped = None
        self.left = None
        self.status = None
        self.gaps = {}


def _steps(wishes, hold, talk, stop):
    """The command's life, in steps. Returns the _Result."""
    result = _Result(hold)
    result.has_ended = yield from until_end(talk, wishes.deadline)
    is_left = result.has_ended and wishes.options["on_release"] == "leave"
    if result.has_ended:
        talk.end_writing()
        yield from until_quiet(talk, wishes.deadline, wishes.linger, _LONGEST_LINGER * wishes.linger)
    if result.has_ended and not is_left:
        yield from until_empty(hold, min(wishes.deadline, talk.last_came + wishes.linger))
    result.is_complete = not talk.is_open  # before anything is ended
    if not is_left:
        result.stopped, result.left = yield from ended_tree(hold, stop)
    talk.take_rest()
    result.status = hold.status
    result.gaps = {name: output.gap(wishes.text) for name, output in talk.outputs.items() if output.gap()}
    return result


def _stop_here(hold):
    """In the calling thread, in which Ctrl-C jumps to the last step."""
    return hold.stop()
    yield


def _run(given):
    wishes = _Wishes(given, 3)
    hold = start(wishes.options, None, 4)
    talk = None
    try:
        talk = _talk_of(wishes, hold)
        try:
            result = follow(_steps(wishes, hold, talk, _stop_here))
        except KeyboardInterrupt:
            _await_interrupted(hold)
            raise
        return _answer(wishes, hold, talk, result)
    finally:
        if talk:
            talk.close()
        hold._close()


def _talk_of(wishes, hold):
    talk = Talk(hold, wishes.keep, wishes.on_output)
    talk.begin_writing(wishes.input)
    return talk


def _await_interrupted(hold):
    """The command has most likely got the same Ctrl-C: gives it a moment to end by itself before it is killed."""
    try:
        hold.wait(_INTERRUPT_PATIENCE)
    except (TimeoutExpired, StatusUnknown):
        pass


async def _run_async(job):
    wishes = job._wishes
    loop = _loops.needed()
    hold = await started(wishes.options)
    talk = None
    try:
        talk = job._talk = _talk_of(wishes, hold)
        result = await _loops.drive(_steps(wishes, hold, talk, stopping))
        return _answer(wishes, hold, talk, result)
    except (Exception, GeneratorExit):
        raise
    except BaseException as cancelled:
        with loop.shield():
            await _loops.drive(_after_cancel(hold, talk))
        cancelled.stdout, cancelled.stderr, cancelled.terminal = wishes.outputs(talk, "replace")
        raise
    finally:
        if talk:
            talk.close()
        hold._abandon()


def _after_cancel(hold, talk):
    """Ends the tree, and takes what was printed until then."""
    yield from ended_tree(hold, stopping)
    talk.take_rest()


def _answer(wishes, hold, talk, result):
    """The CompletedProcess, or the exception that says what was not as wished."""
    if not result.has_ended:
        out, err, terminal = wishes.outputs(talk, "backslashreplace")
        error = TimeoutExpired(wishes.args, wishes.timeout, output=out, stderr=err)
        error.terminal, error.stopped, error.left = terminal, result.stopped, result.left
        raise error
    try:
        code = hold.wait()
    except StatusUnknown as unknown:
        unknown.output, unknown.stderr, unknown.terminal = wishes.outputs(talk, "backslashreplace")
        raise
    done = CompletedProcess(wishes.args, code)
    _like(done, result)
    done.gaps = result.gaps
    done.containment = result.containment
    try:
        done.stdout, done.stderr, done.terminal = wishes.outputs(talk)
    except UnicodeDecodeError as error:
        raise _undecodable(error, wishes, talk, done) from None
    if wishes.check:
        done.check_returncode()
    return done


def _like(what, result):
    """Copies what CompletedProcess, the exceptions and _Result have in common."""
    for name in ("status", "is_complete", "stopped", "left"):
        setattr(what, name, getattr(result, name))
    if isinstance(what, CalledProcessError):
        what.terminal = result.terminal
    return what


def _undecodable(error, wishes, talk, done):
    raised = _like(UndecodableOutput(*error.args), done)
    wishes.text = None
    raised.output, raised.stderr, raised.terminal = wishes.outputs(talk)
    raised.returncode = done.returncode
    return raised


for _thing in (run, run_async, CompletedProcess, RunningCommand):
    _thing.__module__ = "pidhold"
