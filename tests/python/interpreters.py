#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Starts from subinterpreters: of the legacy kind, and with a lock (GIL) of their own where there are such."""
import os
import sys
import threading

import pidhold
from tap import check, check_equal, main, skip, test

try:
    import _interpreters as interpreters  # 3.13
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        interpreters = None

PROGRAM = """
import os, sys
sys.path[:0] = {path!r}
import pidhold, subprocess
with pidhold.spawn(["sh", "-c", "echo $0; exit 7", {word!r}], terminal=True) as hold:
    text = hold.terminal.readall().decode()
    try:
        pidhold.spawn("/no/such/program")
    except FileNotFoundError as error:
        text += error.step
    text += " " + str(hold.wait()) + " " + hold.status.how
try:
    pidhold.run(["sleep", "600"], timeout=0.01)
except subprocess.TimeoutExpired as error:
    text += " " + str(error.left)
if {awaits}:
    import asyncio
    with pidhold.spawn(["sh", "-c", "exit 5"]) as hold:
        async def code():
            return await hold
        text += " " + str(asyncio.run(code()))
os.write({fd}, text.encode())
"""


# Python 3.12 itself breaks down when threads run interpreters with a lock of their own, and when one imports asyncio.
IS_SOUND = sys.version_info >= (3, 13)


def config_of(kind):
    """What create() is to be called with for that kind; None: this interpreter has none."""
    if kind == "isolated":
        if sys.version_info >= (3, 13):
            return ("isolated",)
        if sys.version_info >= (3, 12):
            return ()  # create(isolated=True) is the default
        return None
    if sys.version_info >= (3, 13):
        return ("legacy",)
    return ()


def create(kind):
    config = config_of(kind)
    if interpreters is None or config is None:
        skip("this Python's interpreters have one lock for all" if kind == "isolated" else
             "this Python has no interpreters to be made")
    if kind == "legacy" and (3, 12) <= sys.version_info < (3, 13):
        return interpreters.create(isolated=False)
    return interpreters.create(*config)


def run(interpreter, word, awaits):
    reading, writing = os.pipe()
    failed = interpreters.run_string(interpreter, PROGRAM.format(path=sys.path, word=word, fd=writing, awaits=awaits))
    os.close(writing)
    with open(reading, "rb") as file:
        text = file.read().decode()
    check(not failed, failed)
    check_equal(text, f"{word}\r\nprogram 7 exited []" + (" 5" if awaits else ""))


def one_after_another(made, awaits):
    for interpreter in made:
        run(interpreter, f"word{interpreter}", awaits)


def at_once(made):
    failures = []

    def call(interpreter):
        try:
            run(interpreter, f"word{interpreter}", True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=call, args=(interpreter,)) for interpreter in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


def end(made):
    for interpreter in made:
        interpreters.destroy(interpreter)
    with pidhold.spawn(["sh", "-c", "exit 3"]) as hold:  # and here nothing has changed
        check_equal(hold.wait(), 3)


@test("a subinterpreter starts, awaits and stops processes")
def legacy():
    made = [create("legacy") for _ in range(3)]
    one_after_another(made, True)
    end(made)


@test("subinterpreters with a lock of their own start, await and stop processes, at once from Python 3.13 on")
def isolated():
    made = [create("isolated") for _ in range(3)]
    if IS_SOUND:
        at_once(made)
    else:
        one_after_another(made, False)
    end(made)


pidhold.reserve()  # what a start would do where many descriptors are open: they are not told as left behind
main()
