#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`await hold`: the process's descriptor in the event loop, in whichever thread, with no watcher and no thread."""
import asyncio
import os
import resource
import signal
import threading

import pidhold
from tap import PATIENCE, check, check_equal, main, test

LONG = "LONG" in os.environ


def sleeper(**options):
    return pidhold.spawn(["sleep", "600"], **options)


async def code(hold):
    return await hold


def watched():
    """What this loop still watches for us."""
    return asyncio.get_running_loop()._pidhold_watched


def room_for(count):
    """Descriptors for so many, or for as many as there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * count + 100
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(count, (wanted - 100) // 2)


async def many(count):
    threads = threading.active_count()
    room = asyncio.Semaphore(room_for(count))

    async def one(number):
        async with room:
            with pidhold.spawn(["sh", "-c", f"exit {number % 256}"]) as hold:
                return await hold

    codes = await asyncio.gather(*(one(number) for number in range(count)))
    check_equal(codes, [number % 256 for number in range(count)])
    check_equal(threading.active_count(), threads, "threads")


def in_thread(function):
    """Calls it in a thread; its exception is raised here."""
    caught = []

    def call():
        try:
            function()
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]


@test("await gives what wait gives, at once too when the process has ended, and again")
def awaited():
    async def run():
        hold = pidhold.spawn(["sh", "-c", "exit 7"])
        check_equal((await hold, await hold, hold.returncode), (7, 7, 7))
        hold.close()
        check_equal(await hold, 7)
        with sleeper() as other:
            other.kill()
            check_equal(await other, -9)
    asyncio.run(run())


@test("many processes are awaited in one loop outside the main thread", seconds=300)
def outside_main_thread():
    in_thread(lambda: asyncio.run(many(1000 if LONG else 50)))


@test("several tasks await one process, in several loops too, and one that is cancelled takes nothing from others")
def shared():
    async def run(hold):
        tasks = [asyncio.ensure_future(code(hold)) for _ in range(5)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
        ready.wait()
        hold.kill()
        check_equal(await asyncio.gather(*tasks[1:]), [-9] * 4)
        check(tasks[0].cancelled(), "the one is not cancelled")
        check_equal(watched(), {})

    ready = threading.Barrier(2)
    with sleeper() as hold:
        other = threading.Thread(target=lambda: asyncio.run(run(hold)))
        other.start()
        asyncio.run(run(hold))
        other.join()


@test("a wait with a limit of asyncio's ends, and the process can be awaited again")
def limited():
    async def run():
        with sleeper() as hold:
            for _ in range(3):
                try:
                    await asyncio.wait_for(hold, 0.01)
                    check(False, "no time-out")
                except asyncio.TimeoutError:
                    pass
                check_equal(watched(), {})
            hold.terminate()
            check_equal(await asyncio.wait_for(hold, PATIENCE), -15)
    asyncio.run(run())


@test("a hold that is closed while it is awaited gives the answer, and its descriptor leaves the loop first")
def closed():
    async def run(fate, wanted):
        hold = pidhold.spawn("cat", stdin=pidhold.PIPE, on_release=fate)
        task = asyncio.ensure_future(code(hold))
        await asyncio.sleep(0)
        hold.close()
        others = [pidhold.spawn("true") for _ in range(5)]  # which get the numbers of what was closed
        check_equal(await task, wanted)
        for other in others:
            check_equal(await other, 0)
            other.close()
    asyncio.run(run("stop", -15))
    asyncio.run(run("kill", -9))


@test("loops run meanwhile, and are left without a reader")
def loop_runs():
    async def run():
        ticks = 0
        with pidhold.spawn("cat", stdin=pidhold.PIPE) as hold:
            task = asyncio.ensure_future(code(hold))
            while ticks < 10:
                await asyncio.sleep(0.001)
                ticks += 1
            check(not task.done(), "it has ended")
            hold.stdin.close()
            check_equal(await task, 0)
            check_equal(watched(), {}, "a reader is left")
    asyncio.run(run())


@test("with SIGCHLD ignored and another that waits for any child, each code awaited is right or unknown")
def ignored():
    async def run():
        for _ in range(20):
            with pidhold.spawn(["sh", "-c", "exit 7"]) as hold:
                try:
                    check_equal(await hold, 7)
                except pidhold.StatusUnknown:
                    check_equal(hold.returncode, None)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asyncio.run(run())


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
