#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Characters of two, three and four bytes, written in pieces that end within them, through each way to read text."""
import codecs
import io
import os
import sys

import pidhold
from tap import check_equal, main, test

SIZE = 1 << 20 if "LONG" in os.environ else 1 << 15
TEXT = "\u00e9\u20ac\U0001f600" * (SIZE // 9 + 1)
# Writes it in chunks of 1 to 17 bytes, again and again; without a line's end, for a terminal to leave as it is.
WRITER = [sys.executable, "-c", """
import os, sys
data = sys.argv[1].encode() * (int(sys.argv[2]) // 9 + 1)
at, length = 0, 1
while at < len(data):
    at += os.write(1, data[at:at + length])
    length = length % 17 + 1
""", TEXT[:3], str(SIZE)]


def check_text(text):
    check_equal((len(text), text == TEXT), (len(TEXT), True))


@test("run() gives text whole, from a pipe and from a terminal", seconds=300)
def run():
    for options in (dict(capture_output=True), dict(terminal=True)):
        check_text(pidhold.run(WRITER, encoding="utf-8", **options).stdout)


@test("a pipe and a terminal give text whole through io.TextIOWrapper, read at once and in parts", seconds=300)
def wrapped():
    for options, name in ((dict(stdout=pidhold.PIPE), "stdout"), (dict(terminal=True), "terminal")):
        for size in (-1, 7):
            with pidhold.spawn(WRITER, **options) as hold:
                file = getattr(hold, name)
                if name == "terminal":
                    file = io.BufferedReader(file)
                text = io.TextIOWrapper(file, encoding="utf-8", newline="")
                check_text("".join(iter(lambda: text.read(size), "")))
                check_equal((text.read(), hold.wait()), ("", 0))
                text.close()


@test("raw reads of any size give every byte in order, for an incremental decoder", seconds=300)
def raw():
    for size in (1, 17, 4096) if SIZE <= 1 << 15 else (17, 4096):
        decoder = codecs.getincrementaldecoder("utf-8")()
        with pidhold.spawn(WRITER, terminal=True) as hold:
            text = [decoder.decode(data) for data in iter(lambda: hold.terminal.read(size), b"")]
            check_text("".join(text) + decoder.decode(b"", True))


@test("text typed into a terminal that is wrapped for reading and writing arrives", seconds=300)
def typed():
    with pidhold.spawn("cat", terminal=True, echo=False) as hold:
        file = io.TextIOWrapper(io.BufferedReader(hold.terminal), encoding="utf-8")
        for number in range(100):
            line = TEXT[number % 3:][:number + 1] + "\n"
            hold.terminal.write(line.encode())
            check_equal(file.readline(), line)


main()
