#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Starts, ends, streams and runs in event loops: asyncio, uvloop, trio, and anyio on both; none of them stands."""
import _thread
import asyncio
import errno
import gc
import importlib
import os
import signal
import sys
import threading
import time
import warnings

import pidhold
from ended import gone, reaped
from pidhold import _starting, _turns
from tap import PATIENCE, check, check_equal, descriptors, main, skip, test, until

STUBBORN = 200 if "LONG" in os.environ else 40
DEAF = "trap '' TERM; echo; while :; do sleep 0.1; done"
SOON = [(signal.SIGTERM, 0.2), (signal.SIGKILL, 5)]


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def run_uvloop(main_):
    loop = importlib.import_module("uvloop").new_event_loop()
    try:
        loop.run_until_complete(main_())
    finally:
        loop.close()


def run_anyio(backend):
    return lambda main_: importlib.import_module("anyio").run(main_, backend=backend)


warnings.simplefilter("ignore")  # a trio warns of an anyio
RUNNERS = {"asyncio": lambda main_: asyncio.run(main_())}
async def nothing():
    pass


if module("uvloop"):
    RUNNERS["uvloop"] = run_uvloop
    run_uvloop(nothing)  # it keeps two descriptors
if module("trio"):
    RUNNERS["trio"] = lambda main_: importlib.import_module("trio").run(main_)
if module("anyio"):
    RUNNERS["anyio on asyncio"] = run_anyio("asyncio")
    if module("trio"):
        RUNNERS["anyio on trio"] = run_anyio("trio")


def in_loops(sentence, seconds=150, only=None):
    """The test runs in each loop that is here."""
    def add(function):
        for name, run in RUNNERS.items():
            if only is None or name in only:
                test(f"{sentence}: {name}", seconds)(lambda run=run, name=name: run(lambda: function(name)))
        return function
    return add


async def pause(name, seconds):
    await (importlib.import_module("trio") if "trio" in name else asyncio).sleep(seconds)


async def within(name, seconds, function):
    """Cancels function() after the seconds. Returns what it returns; None if it was cancelled."""
    if "trio" in name:
        with importlib.import_module("trio").move_on_after(seconds):
            return await function()
        return None
    if "anyio" in name:
        with importlib.import_module("anyio").move_on_after(seconds):
            return await function()
        return None
    try:
        return await asyncio.wait_for(asyncio.ensure_future(function()), seconds)
    except asyncio.TimeoutError:
        return None


async def cancelled_once(name, condition, function):
    """Cancels function() once the condition holds, and waits for its end."""
    if name in ("asyncio", "uvloop"):
        task = asyncio.ensure_future(function())
        while not condition():
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return
    module = importlib.import_module("trio" if "trio" in name else "anyio")
    async with module.open_nursery() if module.__name__ == "trio" else module.create_task_group() as group:
        group.start_soon(function)
        while not condition():
            await module.sleep(0.01)
        group.cancel_scope.cancel()


async def together(name, *functions):
    """Calls all at once, and waits for them."""
    if name in ("asyncio", "uvloop"):
        await asyncio.gather(*(function() for function in functions))
        return
    module = importlib.import_module("trio" if "trio" in name else "anyio")
    async with module.open_nursery() if module.__name__ == "trio" else module.create_task_group() as group:
        for function in functions:
            group.start_soon(function)


# ---- starts and ends ----


@in_loops("a process is started, awaited, stopped and closed")
async def life(name):
    async with pidhold.spawn_async(["sh", "-c", "exit 7"]) as hold:
        check_equal((await hold, await hold.wait_async(0), hold.returncode), (7, 7, 7))
    check(hold.closed, "open")
    check_equal(await hold, 7)
    async with pidhold.spawn(["sleep", "600"]) as hold:
        for call in (hold.wait_async, hold.wait_tree_async):
            try:
                await call(0.05)
                check(False, "no time-out")
            except pidhold.TimeoutExpired as error:
                check_equal((error.cmd, error.timeout), (["sleep", "600"], 0.05))
        check_equal((await hold.stop_async()).terminated in (0, 1), True)
        check_equal((await hold, await hold.wait_tree_async() in (True, False)), (-15, True))
    hold = await pidhold.spawn_async(["sleep", "600"])
    await hold.aclose()
    await hold.aclose()
    check_equal((hold.closed, hold.returncode), (True, -15))
    try:
        await pidhold.spawn_async("no-such-program")
        check(False, "no error")
    except FileNotFoundError as error:
        check_equal(error.step, "program")


@in_loops("a start that waits lets the loop run, and leaves nothing when it is cancelled")
async def slow_start(name):
    os.mkfifo("fifo")
    for contain in (None, "none"):
        ticks = []

        async def start():
            return await pidhold.spawn_async(["cat"], stdin="fifo", contain=contain)

        async def tick():
            while True:
                ticks.append(1)
                await pause(name, 0.01)

        await within(name, 0.3, tick)
        check_equal(await within(name, 0.3, start), None)
    await pause(name, 0.3)
    reaped()


def counted(begun, start):
    """start(), which notes in the list how many of it run."""
    running = set()

    def counting(settings, cancel, stacklevel):
        running.add(id(cancel))
        begun.append(len(running))
        try:
            return start(settings, cancel, stacklevel)
        finally:
            running.discard(id(cancel))
    return counting


async def run_true():
    check_equal((await pidhold.run_async("true")).returncode, 0)


@in_loops("many starts at once take turns, and each has its result")
async def turns(name):
    begun, start, slow = [], _starting.start, _turns._SLOW
    _starting.start, _turns._SLOW = counted(begun, start), PATIENCE
    try:
        await together(name, *[run_true] * 40)
    finally:
        _starting.start, _turns._SLOW = start, slow
    check_equal(len(begun), 40)
    check(max(begun) <= _turns._MOST, begun)


@in_loops("starts that wait do not keep a later one from its turn")
async def turns_pass(name):
    os.mkfifo("fifo")
    writers = []

    async def read():
        await pidhold.run_async("true", stdin="fifo")

    async def later():
        await pause(name, 0.1)
        await run_true()
        writers.append(os.open("fifo", os.O_WRONLY))

    await together(name, *[read] * _turns._MOST, later)
    os.close(writers[0])


@in_loops("a start that is cancelled, or runs out of time, before its turn starts nothing")
async def turns_cancelled(name):
    os.mkfifo("fifo")
    told, begun, start, slow = [], [], _starting.start, _turns._SLOW
    before = descriptors()

    async def read():
        await pidhold.spawn_async("cat", stdin="fifo")

    async def readers():
        await cancelled_once(name, lambda: len(told) == 2, lambda: together(name, *[read] * _turns._MOST))

    async def full():
        while len(begun) < _turns._MOST:
            await pause(name, 0.01)

    async def cancelled():
        await full()
        told.append(await within(name, 0.3, lambda: pidhold.spawn_async(["touch", "begun"])))

    async def late():
        await full()
        try:
            told.append(await pidhold.run_async(["touch", "begun"], timeout=0.2))
        except pidhold.StartTimeoutExpired as error:
            told.append((error.cmd, error.timeout, error.step))

    _starting.start, _turns._SLOW = counted(begun, start), PATIENCE
    try:
        await together(name, readers, cancelled, late)
    finally:
        _starting.start, _turns._SLOW = start, slow
    check_equal(sorted(told, key=bool), [None, (["touch", "begun"], 0.2, "process")])
    check(not os.path.exists("begun"), "it was started")
    await run_true()
    until(lambda: descriptors() == before, "the holds that were given up are released in the background")


def starts(**options):
    """The two ways to start, of a command that ignores TERM."""
    command = ["sh", "-c", "trap '' TERM; echo; exec sleep 600"]
    return (lambda: pidhold.spawn_async(command, **options)), (lambda: pidhold.run_async(command, **options))


def is_closed(reader):
    """Whether no process has the other end of the pipe, without a wait."""
    os.set_blocking(reader, False)
    try:
        while os.read(reader, 100):
            pass
    except BlockingIOError:
        return False
    finally:
        os.close(reader)
    return True


@in_loops("a start that is cancelled at any moment has no process when that is told", seconds=120)
async def cancelled_start(name):
    gc.disable()  # a collector would hide what is left
    for number in range(20):
        for way in (0, 1):
            reader, writer = os.pipe()

            async def begin():
                return await starts(stdout=writer)[way]()

            hold = await within(name, number % 5 * 0.001, begin)
            if hold:
                hold.kill()
                await hold.aclose()
            os.close(writer)
            check(is_closed(reader), f"round {number}, way {way}: it lives")


@in_loops("a start that is cancelled when it is done, and the loop does not know it yet, has no process",
          only=("asyncio", "uvloop"))
async def cancelled_late(name):
    gc.disable()
    for passes in range(5):
        for way in (0, 1):
            reader, writer = os.pipe()
            task = asyncio.ensure_future(awaited(starts(stdout=writer)[way]()))
            await asyncio.sleep(0)
            os.read(reader, 1)  # the loop stands still, and the program runs
            time.sleep(0.02)
            for _ in range(passes):
                await asyncio.sleep(0)
            task.cancel()
            task.cancel()
            result = (await asyncio.gather(task, return_exceptions=True))[0]
            if isinstance(result, pidhold.Hold):
                result.kill()
                await result.aclose()
            os.close(writer)
            check(is_closed(reader), f"{passes} passes, way {way}: it lives")


async def awaited(job):
    return await job


@in_loops("a start that is cancelled again and again is given up before that is told", only=("asyncio", "uvloop"))
async def cancelled_again(name):
    os.mkfifo("again")
    for way in (0, 1):
        task = asyncio.ensure_future(awaited(starts(stdin="again")[way]()))
        await asyncio.sleep(0.1)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(task, return_exceptions=True)
        check(task.cancelled(), "not cancelled")
        try:
            os.close(os.open("again", os.O_WRONLY | os.O_NONBLOCK))
            check(False, "somebody still opens the fifo")
        except OSError as error:
            check_equal(error.errno, errno.ENXIO)


@in_loops("a loop that is closed while a start is under way leaves no process", only=("asyncio",))
async def loop_closed(name):
    reader, writer = os.pipe()
    threads = _thread._count()

    def run():
        loop = asyncio.new_event_loop()
        task = loop.create_task(awaited(starts(stdout=writer)[0]()))
        task._log_destroy_pending = False
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    until(lambda: _thread._count() <= threads, "the start is over: its descriptor may be closed")
    os.close(writer)
    while os.read(reader, 100):  # by the ladder, in the background
        pass
    os.close(reader)
    reaped()


@in_loops("a task that is cancelled ends its process by the ladder, and the loop runs meanwhile")
async def cancelled(name):
    held = []

    async def one():
        async with pidhold.spawn_async(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=SOON) as hold:
            await hold.stdout_async.readline()
            held.append(hold)
            await hold

    await cancelled_once(name, lambda: held, one)
    check_equal((held[0].closed, held[0].returncode), (True, -9))


@in_loops("an end that is cancelled goes on in the background", only=("asyncio", "uvloop"))
async def cancelled_twice(name):
    hold = pidhold.spawn(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=SOON)
    hold.stdout.readline()
    task = asyncio.ensure_future(hold.aclose())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    check(hold.closed and hold._is_released, "it is still held")
    until(lambda: gone(hold.pid), "its keeper ends it")
    reaped()


@in_loops("aclose() returns when the process has ended, also if close(), a with or another aclose() came before")
async def closed_before(name):
    async def close_twice(hold):
        await asyncio.gather(hold.aclose(), hold.aclose())

    async def cancel_first(hold):
        first = asyncio.ensure_future(hold.aclose())
        second = asyncio.ensure_future(hold.aclose())
        await asyncio.sleep(0.05)
        first.cancel()
        await second

    async def close_and_wait(hold):
        hold.close()
        await hold.aclose()

    async def leave_and_wait(hold):
        with hold:
            pass
        await hold.aclose()

    for way in (close_and_wait, leave_and_wait) + (() if "trio" in name else (close_twice, cancel_first)):
        hold = pidhold.spawn(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=SOON)
        hold.stdout.readline()
        await way(hold)
        check(gone(hold.pid) and hold._is_released, way)


@in_loops("the end of a with does not stand still in a loop")
async def plain_with(name):
    begun = time.monotonic()
    with pidhold.spawn(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=[(15, 30), (9, 5)]) as hold:
        hold.stdout.readline()
    check(not gone(hold.pid), "it ignores TERM")
    os.kill(hold.pid, signal.SIGKILL)
    while not hold._is_released:
        check(time.monotonic() < begun + PATIENCE, "it is not released")
        await pause(name, 0.01)
    check_equal(hold.returncode, -9)


@in_loops(f"{STUBBORN} stubborn processes are cancelled at once, and a heartbeat goes on", seconds=300,
          only=("asyncio",))
async def stubborn(name):
    beats, ready, holds, is_cancelled = [], [], [], []

    async def one():
        # TERM may do nothing for ever: the heart, which has to beat meanwhile, kills.
        async with pidhold.spawn_async(["sh", "-c", DEAF], stdout=pidhold.PIPE, ladder=[(15, 10 * PATIENCE)]) as hold:
            holds.append(hold)
            await hold.stdout_async.readline()
            ready.append(1)
            await hold

    async def beat():
        while len(beats) < 10:
            await asyncio.sleep(0.01)
            if is_cancelled and all(hold.closed for hold in holds):
                beats.append(1)
        for hold in holds:
            os.kill(hold.pid, signal.SIGKILL)

    heart = asyncio.ensure_future(beat())
    tasks = [asyncio.ensure_future(one()) for _ in range(STUBBORN)]
    while len(ready) < STUBBORN:
        await asyncio.sleep(0.05)
    is_cancelled.append(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await heart
    check_equal([hold.returncode for hold in holds], [-9] * STUBBORN)


# ---- runs ----


@in_loops("a run gives what the plain one gives, and takes a time-out")
async def run(name):
    done = await pidhold.run_async("echo out; echo err >&2; exit 3", shell=True, capture_output=True, text=True)
    check_equal((done.returncode, done.stdout, done.stderr, done.is_complete), (3, "out\n", "err\n", True))
    done = await pidhold.run_async(["cat"], input=b"x" * 300000, capture_output=True)
    check_equal(done.stdout, b"x" * 300000)
    try:
        await pidhold.run_async("echo begun; sleep 600 & sleep 600", shell=True, capture_output=True, timeout=0.5)
        check(False, "no time-out")
    except pidhold.TimeoutExpired as error:
        check_equal(error.output, b"begun\n")
    try:
        await pidhold.run_async("false", check=True)
        check(False, "no error")
    except pidhold.CalledProcessError as error:
        check_equal(error.returncode, 1)


@in_loops("a run that is cancelled ends its tree before that is told, and leaves what it captured")
async def cancelled_run(name):
    job = pidhold.run_async("echo begun; echo $$; trap '' TERM; sleep 600 & sleep 600", shell=True,
                            capture_output=True)

    async def one():
        return await job

    check_equal(await within(name, 0.5, one), None)
    words = job.stdout.split()
    check_equal(words[:1], [b"begun"])
    check(gone(int(words[1])), "it lives")


@in_loops("a stop, a continuation and the end of a process are awaited")
async def changes(name):
    async with pidhold.spawn_async(["sleep", "600"]) as hold:
        if hold.containment not in ("keeper", "pidns", "cgroup"):
            skip("there can be no keeper here")
        for number, word in ((signal.SIGSTOP, "stopped"), (signal.SIGCONT, "continued"), (signal.SIGKILL, None)):
            hold.signal(number)
            check_equal(await hold.wait_change_async(30), word)


@in_loops("the exception of a cancelled run has what was captured", only=("asyncio", "uvloop"))
async def cancelled_output(name):
    seen = []

    async def one():
        try:
            await job
        except asyncio.CancelledError as error:
            seen.append(error.stdout)
            raise

    job = pidhold.run_async("echo begun; sleep 600", shell=True, capture_output=True)
    task = asyncio.ensure_future(one())
    while job.stdout != b"begun\n":
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    check_equal(seen, [b"begun\n"])


# ---- streams ----


@in_loops("lines of any length come whole, and the end of a terminal is an end")
async def lines(name):
    script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo two; printf three"
    for options, end in (({"stdout": pidhold.PIPE}, b"\n"), ({"terminal": True}, b"\r\n")):
        async with pidhold.spawn_async(["sh", "-c", script], **options) as hold:
            stream = hold.terminal_async if hold.terminal else hold.stdout_async
            got = [line async for line in stream]
            check_equal([len(line) for line in got], [300000 + len(end), 3 + len(end), 5])
            check_equal((await stream.read(), await stream.readline(), await hold), (b"", b"", 0))


@in_loops("text comes in whole characters")
async def text(name):
    script = "printf '\\303'; sleep 0.2; printf '\\251\\n\\303\\251'"
    async with pidhold.spawn_async(["sh", "-c", script], stdout=pidhold.PIPE, encoding="utf-8") as hold:
        first = await hold.stdout_async.read(1000)
        check_equal((first[:1], first + await hold.stdout_async.read()), ("\u00e9", "\u00e9\n\u00e9"))


@in_loops("a writer waits for its reader, and a process that prints waits for us")
async def pressure(name):
    async with pidhold.spawn_async("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE) as hold:
        async def write():
            await hold.stdin_async.write(b"x" * 5000000)
            return True

        check_equal(await within(name, 0.3, write), None)  # it waits, since nobody reads
    async with pidhold.spawn_async("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE) as hold:
        out, _ = await hold.communicate_async(b"y" * 3000000)
        check_equal(len(out), 3000000)
    async with pidhold.spawn_async("true", stdin=pidhold.PIPE) as hold:
        await hold
        try:
            await hold.stdin_async.write(b"x")
            check(False, "nobody reads it")
        except BrokenPipeError:
            pass
        await hold.stdin_async.aclose()


@in_loops("a stream that is closed while it is read wakes its reader", only=("asyncio", "uvloop"))
async def closed(name):
    hold = await pidhold.spawn_async(["sleep", "600"], stdout=pidhold.PIPE)
    task = asyncio.ensure_future(hold.stdout_async.readline())
    await asyncio.sleep(0.05)
    await hold.aclose()
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    check(result == b"" or isinstance(result, ValueError), result)


# ---- several ----


@in_loops("the first of several is awaited")
async def first(name):
    holds = [pidhold.spawn(["sleep", "600"]), pidhold.spawn("cat", stdin=pidhold.PIPE)]
    try:
        await pidhold.wait_any_async(holds, 0.05)
        check(False, "no time-out")
    except pidhold.TimeoutExpired as error:
        check_equal(error.timeout, 0.05)
    holds[1].stdin.close()
    check_equal(await pidhold.wait_any_async(holds), [holds[1]])
    for hold in holds:
        await hold.aclose()


@test("a loop in any thread starts, awaits and cancels")
def in_threads():
    codes = []

    async def one():
        async with pidhold.spawn_async(["sh", "-c", "exit 5"]) as hold:
            codes.append(await hold)

    threads = [threading.Thread(target=lambda: asyncio.run(one())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_equal(codes, [5] * 4)


@test("without a loop the forms for loops say so, and nothing is imported for a loop that is not there")
def without_loop():
    coroutine = pidhold.run_async("true")
    try:
        coroutine.send(None)
        check(False, "no error")
    except RuntimeError as error:
        check("no event loop" in str(error), error)
    done = pidhold.run([sys.executable, "-c", """
import sys, pidhold
with pidhold.spawn("true") as hold:
    hold.wait()
print([name for name in ("asyncio", "trio", "anyio", "sniffio", "gevent") if name in sys.modules])
"""], capture_output=True)
    check_equal(done.stdout, b"[]\n")


@test("each loop that Debian has was tried")
def tried():
    missing = {"uvloop", "trio", "anyio on trio"} - set(RUNNERS)
    if missing:
        skip("no " + ", ".join(sorted(missing)) + " for this Python")


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
