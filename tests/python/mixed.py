#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""One stream is read in several ways, one after the other: each goes on where the other has stopped."""
import asyncio
import contextlib
import itertools
import os

import pidhold
from tap import PATIENCE, check, check_equal, main, test


def first_line_by_file(hold):
    return hold.stdout.readline()


def first_line_by_lines(hold):
    return next(hold.lines())


def first_line_by_loop(hold):
    async def one():
        return await hold.stdout_async.readline()
    return asyncio.run(one())


def first_line_after_time_out(hold):
    expired(lambda: hold.communicate(timeout=0))
    return hold.stdout.readline()


def rest_by_file(hold):
    return hold.stdout.read()


def rest_by_iteration(hold):
    return joined(list(hold.stdout))


def rest_by_lines(hold):
    return joined(list(hold.lines()))


def rest_by_loop(hold):
    async def all_of_it():
        return await hold.stdout_async.read()
    return asyncio.run(all_of_it())


def rest_by_communicate(hold):
    return hold.communicate()[0]


FIRST = [first_line_by_file, first_line_by_lines, first_line_by_loop, first_line_after_time_out]
REST = [rest_by_file, rest_by_iteration, rest_by_lines, rest_by_loop, rest_by_communicate]


def joined(parts):
    return parts[0][:0].join(parts) if parts else b""


def expired(call):
    try:
        call()
    except pidhold.TimeoutExpired as error:
        return error
    check(False, "no time-out")


@contextlib.contextmanager
def written(*parts, **options):
    """A process that writes the first part, and each other when the function beside it is called."""
    script = "; read line; ".join("printf '%s'" % "".join("\\%03o" % byte for byte in part) for part in parts)
    reader, writer = os.pipe()
    options.setdefault("stdout", pidhold.PIPE)
    try:
        with pidhold.spawn(["sh", "-c", script], stdin=reader, **options) as hold:
            yield hold, lambda: os.write(writer, b"\n")
    finally:
        os.close(reader)
        os.close(writer)


@test("two lines by any two ways, and the rest by any third, are all that was printed: bytes and text")
def in_turn():
    for options, end in (({}, b""), ({"encoding": "utf-8"}, ""), ({"bufsize": 0}, b"")):
        for ways in itertools.product(FIRST, FIRST, REST):
            with written("é\nü\nß\n".encode(), "d".encode(), **options) as (hold, go_on):
                got = [ways[0](hold), ways[1](hold)]
                go_on()
                got.append(ways[2](hold))
                whole = "é\n|ü\n|ß\nd"
                check_equal(got, (whole.split("|") if end == "" else whole.encode().split(b"|")), ways)


@test("a character and an end of line that come in two parts are whole if the way to read changes between them")
def in_parts():
    for rest in REST:
        with written(b"a\r\nb\xc3", b"\xbc\n", encoding="utf-8") as (hold, go_on):
            first = hold.stdout.readline()
            go_on()
            check_equal((first, rest(hold)), ("a\n", "b\u00fc\n"), rest)
        with written(b"a\nb\r", b"\nc", text=True) as (hold, go_on):
            first = hold.stdout.readline()
            go_on()
            check_equal((first, rest(hold)), ("a\n", "b\nc"), rest)


@test("the files block as before after each way to read, and one that the caller made not block does not")
def blocking():
    for way in FIRST[1:]:
        for blocks in (True, False):
            with written(b"a\nb\n", b"c") as (hold, go_on):
                check(hold.stdout.peek(), "nothing came")
                os.set_blocking(hold.stdout.fileno(), blocks)
                check_equal(way(hold), b"a\n", way)
                check_equal(os.get_blocking(hold.stdout.fileno()), blocks, way)


@test("what a talk has captured when its time is over can be read from the file, from a terminal too")
def after_time_out():
    with written(b"x" * 20000 + b"\n", b"end\n") as (hold, go_on):
        begun = hold.stdout.peek()[:1]
        error = expired(lambda: hold.communicate(timeout=0.2))
        check_equal((begun, error.output[:1]), (b"x", b"x"))
        go_on()
        check_equal(hold.stdout.read(), b"x" * 20000 + b"\nend\n")
    with written(b"one\n", b"two\n", stdout=None, terminal=True, echo=False) as (hold, go_on):
        while not expired(lambda: hold.communicate(timeout=0.05)).output:
            pass
        check_equal(hold.terminal.read(4), b"one\r")
        go_on()
        check_equal(list(hold.lines()), [b"\n", b"two\r\n"])


@test("the rest of the input is written after a time-out, and the file of it blocks meanwhile")
def rest_of_input():
    with pidhold.spawn("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE) as hold:
        data = b"y" * 1000000
        hold.signal("STOP")
        expired(lambda: hold.communicate(data, timeout=0.1))
        check_equal(os.get_blocking(hold.stdin.fileno()), True)
        hold.signal("CONT")
        check_equal(hold.communicate(timeout=PATIENCE)[0], data)


@test("on_output gets first what the file had read")
def handed_on():
    for options in ({}, {"text": True}):
        with written(b"a\nb\n", b"c\n", **options) as (hold, go_on):
            hold.stdout.readline()
            go_on()
            got = []
            hold.communicate(on_output=lambda name, data: got.append(data))
            check_equal(b"".join(got), b"b\nc\n", options)


@test("communicate() gives again what it gave, takes no second input, and says that closed files cannot be read")
def again():
    with pidhold.spawn(["sh", "-c", "cat; echo err >&2"], stdin=pidhold.PIPE, stdout=pidhold.PIPE,
                       stderr=pidhold.PIPE, text=True) as hold:
        check_equal(hold.communicate("in"), ("in", "err\n"))
        check_equal(hold.communicate(), ("in", "err\n"))
        refused(lambda: hold.communicate("more"), "the input was given before")
    check_equal(hold.communicate(), ("in", "err\n"))
    with written(b"a") as (hold, go_on):
        hold.stdout.close()
        refused(hold.communicate, "closed")


def refused(call, words):
    try:
        call()
        check(False, "no error")
    except ValueError as error:
        check(words in str(error), error)


pidhold.reserve()
main()
