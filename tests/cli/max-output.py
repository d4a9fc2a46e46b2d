#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run --max-output and --spill: the beginning and the end of an output, and all of it in a file."""
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys

from tap import HOLD, PATIENCE, check, check_equal, main, test, until

LINE = re.compile(rb"hold: (\d+) bytes? (?:is|are) left out here\r?\n")


def start(*words, **keywords):
    return subprocess.Popen([HOLD, "run", *words], stdin=subprocess.DEVNULL, **keywords)


def run(*words, status=0, **keywords):
    """Standard output, and standard error."""
    done = subprocess.run([HOLD, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=PATIENCE, check=False, **keywords)
    check_equal(done.returncode, status, f"exit status, said: {done.stderr!r}")
    return done.stdout, done.stderr


def report(file="report"):
    with open(file, encoding="utf-8") as text:
        return json.load(text)


def streams():
    return {one["stream"]: one for one in report()["output"]}


def shell(text):
    return ["sh", "-c", text]


def python(text):
    return [sys.executable, "-c", text]


def data(size):
    return b"".join(b"%7d\n" % i for i in range(size // 8))


def bounded(out, whole):
    """What was printed before the line and after it, which is checked to be the ends of the whole."""
    found = LINE.search(out)
    check(found, f"no line in {out[:200]!r}")
    head, tail = out[:found.start()], out[found.end():]
    if head.endswith(b"\n") and len(whole) - len(head) - len(tail) != int(found.group(1)):
        head = head[:-1]  # which the line begins with
    check(whole.startswith(head) and whole.endswith(tail), f"not the ends: {head[-50:]!r}, {tail[:50]!r}")
    check_equal(int(found.group(1)), len(whole) - len(head) - len(tail), "the number in the line")
    return head, tail


def write_file(content, name="data"):
    with open(name, "wb") as file:
        file.write(content)


@test("of an output that is too long the first half and the last half are passed on")
def halves():
    whole = data(1 << 20)
    write_file(whole)
    out, err = run("--max-output", "64K", "-o", "report", "--", "cat", "data")
    head, tail = bounded(out, whole)
    check_equal((len(head), len(tail), err), (32768, 32768, b""))
    check_equal(report()["truncated"], True)
    check_equal(streams()["stdout"], {"stream": "stdout", "bytes": len(whole), "kept": 65536,
                                      "left_out": len(whole) - 65536, "lost": 0})
    check_equal(streams()["stderr"], {"stream": "stderr", "bytes": 0, "kept": 0, "left_out": 0, "lost": 0})


@test("an output of exactly the size is passed on whole, and one byte more is not")
def at_the_limit():
    for size in (1, 2, 3, 1000, 65536):
        for more in (0, 1):
            write_file(b"x" * (size + more))
            out, _ = run("--max-output", str(size), "-o", "report", "--", "cat", "data")
            check_equal(report()["truncated"], bool(more), size)
            if more:
                head, tail = bounded(out, b"x" * (size + more))
                check_equal((len(head), len(tail)), (size - size // 2, size // 2))
            else:
                check_equal(out, b"x" * size)


@test("sizes from nothing to more than memory are taken, with a unit, or as head and tail")
def sizes():
    for size, head, tail in (("0", 0, 0), ("1", 1, 0), ("2K", 1024, 1024), ("0:10", 0, 10), ("10:0", 10, 0),
                             ("1K:3K", 1024, 3072)):
        write_file(data(8000))
        parts = bounded(run("--max-output", size, "--", "cat", "data")[0], data(8000))
        check_equal([len(part) for part in parts], [head, tail], size)
    for size in ("1M", "16777215T", "18446744073709551615", "16777215T:16777215T"):
        check_equal(run("--max-output", size, "--", "cat", "data")[0], data(8000), size)
    check_equal(run("--max-output", "0", "--", "true")[0], b"")
    for wrong in ("", "K", "-1", "1.5", "1k", "1KB", "18446744073709551616", "1:", ":1", "1:2:3", "1 K"):
        out, err = run("--max-output", wrong, "--", "touch", "started", status=125)
        check(b"not a size" in err and out == b"" and not os.path.exists("started"), (wrong, err))


@test("the two streams have a bound each, and stay apart")
def two_streams():
    _, err = run("--max-output", "100", "-o", "report", "--", *shell("seq 1000; seq 2000 3000 >&2; exit 3"), status=3)
    bounded(err, b"".join(b"%d\n" % i for i in range(2000, 3001)))
    check_equal([one["kept"] for one in report()["output"]], [100, 100])


@test("two streams that are one file have one bound and the order in which they were written")
def one_stream():
    script = "i=0; while [ $i -lt 300 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done"
    whole = b"".join(b"o%d\ne%d\n" % (i, i) for i in range(300))
    for size in ("1M", "200"):
        done = subprocess.run([HOLD, "run", "--max-output", size, "-o", "report", "--", *shell(script)], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if size == "1M":
            check_equal(done.stdout, whole)
        else:
            bounded(done.stdout, whole)
        check_equal([one["stream"] for one in report()["output"]], ["both"])


@test("that something is left out is an event, once for each stream")
def events():
    for size, streams_cut in (("100", ["stderr", "stdout"]), ("1M", [])):
        run("--max-output", size, "--events", "events", "--", *shell("seq 1000; seq 1000 >&2"))
        with open("events", encoding="utf-8") as file:
            told = [event["stream"] for event in map(json.loads, file) if event["event"] == "output-truncated"]
        check_equal(sorted(told), streams_cut)


@test("a file of --stdout is not bounded, and standard error is")
def beside_a_file():
    _, err = run("--max-output", "10", "--stdout", "file", "--", *shell("seq 100; seq 100 >&2"))
    with open("file", "rb") as file:
        check_equal(file.read().split()[-1], b"100")
    check(LINE.search(err), err)
    said = run("--max-output", "10", "--stdout", "file", "--stderr", "other", "--", "true", status=125)[1]
    check(b"--stdout and --stderr" in said, said)


UNITS = ["a", "\n", "é", "€", "😀", "\033[1;31m", "\033[0m", "\033]0;a title\a", "\033]8;;x\033\\", "\033(B", "\033M"]


def places(units):
    """The places between two units, in bytes."""
    at, found = 0, {0}
    for unit in units:
        at += len(unit.encode())
        found.add(at)
    return found


@test("no cut is within a character or an escape sequence, however the output is written")
def whole_units():
    chance = random.Random(1)
    for _ in range(25):
        units = [chance.choice(UNITS) for _ in range(chance.randrange(100, 3000))]
        whole = "".join(units).encode()
        write_file(whole)
        size = chance.choice([0, 1, 2, 3, 7, 50, 1000, 20000])
        pieces = chance.choice([1, 2, 5, 100, 5000])
        program = (f"import os\nwhole = open('data', 'rb').read()\nfor i in range(0, len(whole), {pieces}):"
                   f" os.write(1, whole[i:i + {pieces}])")
        out, _ = run("--max-output", str(size), "--", *python(program))
        if len(whole) <= size:
            check_equal(out, whole)
            continue
        head, tail = bounded(out, whole)
        check(len(head) in places(units), f"{head[-20:]!r} is cut")
        check(len(whole) - len(tail) in places(units), f"{tail[:20]!r} is cut")
        check(len(head) + len(tail) <= size, f"{len(head)} and {len(tail)} of {size}")
        check(size < 5000 or len(head) + len(tail) > size - 30, f"only {len(head)} and {len(tail)} of {size}")


@test("what looks like an endless sequence is cut")
def endless():
    whole = b"\033]" + b"x" * 100000
    write_file(whole)
    head, tail = bounded(run("--max-output", "20000", "--", "cat", "data")[0], whole)
    check_equal(len(head) + len(tail), 20000)


@test("the line begins on a line of its own")
def line_of_its_own():
    for content, before in ((b"abc", b"\n"), (b"ab\n", b"")):
        write_file(content + b"x" * 100)
        out, _ = run("--max-output", "3:3", "--", "cat", "data")
        check_equal(out, content + before + b"hold: 97 bytes are left out here\nxxx")


@test("nothing that is read after the head waits for a reader")
def is_drained():
    reader, writer = os.pipe()
    process = start("--max-output", "1M", "-o", "report", "--", *shell("head -c 524288 /dev/zero; cat /dev/zero |"
                    "head -c 30000000; touch done"), stdout=writer)
    os.close(writer)
    taken = 0
    while taken < 524288:
        taken += len(os.read(reader, 524288 - taken))
    until(lambda: os.path.exists("done"), "the command has written all")
    while piece := os.read(reader, 65536):
        taken += len(piece)
    os.close(reader)
    check_equal(process.wait(), 0)
    check_equal(streams()["stdout"]["left_out"], 30000000 + 524288 - (1 << 20))


@test("a slow reader makes the command wait while the head is passed on")
def waits():
    reader, writer = os.pipe()
    process = start("--max-output", "100M", "--", *shell("head -c 10000000 /dev/zero; touch done"), stdout=writer)
    os.close(writer)
    check_equal(len(os.read(reader, 1)), 1)
    check(not os.path.exists("done"), "it did not wait")
    taken = 1
    while piece := os.read(reader, 65536):
        taken += len(piece)
    os.close(reader)
    check_equal((process.wait(), taken), (0, 10000000))


def stalled(*words):
    """A run whose output nobody reads, and the other end of that."""
    reader, writer = os.pipe()
    process = start("--max-output", "10M", "-T", "300ms", "-o", "report", *words, "--", "cat", "/dev/zero",
                    stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    return process, reader


@test("a time limit acts though nobody reads")
def limit():
    process, reader = stalled()
    check(b"time limit" in process.stderr.readline(), "no message")
    while os.read(reader, 65536):
        pass
    os.close(reader)
    check_equal((process.communicate(timeout=PATIENCE)[1], process.returncode), (b"", 124))
    check_equal((report()["timed_out"], streams()["stdout"]["lost"]), (True, 0))


if os.environ.get("LONG"):
    @test("what nobody has read five seconds after a time limit is lost, and counted")
    def lost():
        process, reader = stalled()
        said = process.communicate(timeout=PATIENCE)[1]
        os.close(reader)
        check_equal(process.returncode, 124)
        stream = streams()["stdout"]
        check(b"nobody reads it" in said and stream["lost"] > 0, (said, stream))
        check_equal(stream["message"], "nobody reads it")
        check_equal(stream["bytes"], stream["kept"] + stream["left_out"] + stream["lost"])


@test("what is lost is counted to the byte, without hold's own line")
def counts_the_lost():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    reader, writer = os.pipe()
    with open("out", "wb") as out:
        status = subprocess.call([HOLD, "run", "--contain", "none", "--max-output", "1K:8K", "-o", f"/dev/fd/{writer}",
                                  "--", *shell("head -c 20000 /dev/zero")], stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.DEVNULL, preexec_fn=limit, pass_fds=[writer], timeout=PATIENCE)
    os.close(writer)
    with open(reader, encoding="utf-8") as file:
        stream = json.load(file)["output"][0]
    check_equal((status, os.path.getsize("out")), (125, 1024))
    check_equal([stream[key] for key in ("bytes", "kept", "left_out", "lost")], [20000, 1024, 20000 - 9216, 8192])


@test("if the reader has gone the command gets SIGPIPE, before and behind the head")
def reader_has_gone():
    for size in ("1M", "10"):
        reader, writer = os.pipe()
        process = start("--max-output", size, "-o", "report", "--", "yes", stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        os.read(reader, 2)
        os.close(reader)
        check_equal((process.communicate(timeout=PATIENCE)[1], process.returncode), (b"", 141), size)
        check_equal(report()["signal"], "SIGPIPE")


@test("a reader of standard error that has gone ends no command that writes to standard output")
def error_reader_has_gone():
    reader, writer = os.pipe()
    os.close(reader)
    process = start("--max-output", "1M", "--", *shell("sleep 0.1; echo out"), stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    check_equal((process.communicate(timeout=PATIENCE)[0], process.returncode), (b"out\n", 0))


@test("a standard output that is full, or closed, is told with what is lost, and the command runs on")
def cannot_be_written():
    for prepare, target, why in ((None, "/dev/full", b"No space left"), (lambda: os.close(1), None, b"Bad file")):
        with open(target or os.devnull, "wb") as file:
            done = subprocess.run([HOLD, "run", "--max-output", "1K", "-o", "report", "--",
                                   *shell("seq 10000; touch done")], stdout=file, stderr=subprocess.PIPE, check=False,
                                  preexec_fn=prepare, timeout=PATIENCE)
        check_equal(done.returncode, 125)
        check(why in done.stderr and b"bytes of the output are lost" in done.stderr, done.stderr)
        check(os.path.exists("done"), "it did not run on")
        os.unlink("done")
        check_equal([streams()["stdout"][key] for key in ("kept", "lost")], [0, 1024])


@test("an orphan's output is part of the output while it is waited for, and comes before the end of it")
def orphans():
    os.mkfifo("go")
    out, _ = run("--max-output", "20", "--orphans", "wait", "--", *shell(
        "(read -r x <go; seq 1000) & seq 100000 100100; echo >go"))
    check(out.endswith(b"\n999\n1000\n"), out)
    out, _ = run("--max-output", "1K", "--", *shell("setsid yes & sleep 0.1; echo end"))
    check(b"left out here\n" in out, out[:100])
    said = run("--max-output", "1K", "--orphans", "keep", "--", "true", status=125)[1]
    check(b"--orphans keep" in said, said)


@test("--spill has the whole output, and + appends to it")
def spill():
    whole = data(1 << 20)
    write_file(whole)
    for name, count in (("all", 1), ("+all", 2), ("all", 1)):
        bounded(run("--max-output", "1K", "--spill", name, "-o", "report", "--", "cat", "data")[0], whole)
        with open("all", "rb") as file:
            check_equal(file.read(), whole * count)
        check_equal(report()["spill"], {"file": "all", "bytes": len(whole)})


@test("a spill that cannot be written stops nothing, and is told in a line and in the report")
def spill_fails():
    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    for name, prepare, number, kept in (("/dev/full", None, 28, 0), ("all", limit_files, 27, 100000)):
        _, err = run("--max-output", "1K", "--spill", name, "-o", "report", "--", *shell("seq 100000; touch done"),
                     status=125, preexec_fn=prepare)
        check_equal([line for line in err.split(b"\n") if b"it ends early" in line and name.encode() in line] != [],
                    True, err)
        check(os.path.exists("done"), "the command was stopped")
        os.unlink("done")
        check_equal([report()["spill"][key] for key in ("file", "bytes", "errno")], [name, kept, number])
        check_equal(streams()["stdout"]["kept"], 1024)


@test("a spill is refused that cannot be made, or is of no use")
def spill_refused():
    for words, what in ((["--max-output", "1", "--spill", "none/all"], b"none/all"),
                        (["--spill", "all"], b"--max-output"),
                        (["--max-output", "1", "--spill", "-"], b"standard output"),
                        (["--max-output", "1", "--spill", "r", "-o", "./r"], b"another file")):
        said = run(*words, "--", "touch", "started", status=125)[1]
        check(what in said and not os.path.exists("started"), (words, said))


@test("the text report has what was kept")
def text():
    out, _ = run("--max-output", "10", "--spill", "all", "-o", "-", "--report-format", "text", "--", "seq", "100")
    check(b"stdout: 292 bytes, 10 kept, 282 left out, 0 lost" in out and b"all: 292 bytes" in out, out)


@test("without --max-output the report says nothing of an output that hold has not seen")
def unseen():
    run("-o", "report", "--", "echo", "x")
    check(not {"truncated", "output", "spill"} & set(report()), report())


main()
