#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The socket of a detached run on a terminal, and those who say whatever they like there."""
import os
import select
import shutil
import signal
import socket
import struct

from peer import END, HELLO, KEYS, OUTPUT, REFUSED, SIZE, START, Peer, make_runtime, packet, size, socket_of
from runs import STORE, detach, ends, hold, pid, record, state, test
from tap import check, check_equal, main, skip, until

LONG = bool(os.environ.get("LONG"))


def begin(*words, name="it"):
    if not os.path.exists("runtime"):
        make_runtime()
    return detach(name, "-t", *(words or ["cat"]))


def listen_at(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen()
    return listener


def still_serves(name="it"):
    """Whether the run goes on and shows what is typed."""
    with Peer(name) as peer:
        peer.type("still here\n")
        peer.expect("still here\r\nstill here\r\n")


@test("a run on a terminal has a socket that is closed to others, and it is gone when the run has ended")
def is_private():
    os.umask(0)
    begin()
    check_equal(os.stat("runtime/pidhold").st_mode & 0o7777, 0o700)
    check_equal(os.stat(socket_of("it")).st_mode & 0o7077, 0)
    check_equal([os.path.abspath(socket_of("it"))],
                [os.path.abspath(f"runtime/pidhold/{name}") for name in os.listdir("runtime/pidhold")])
    hold("stop", "it")
    check_equal(os.listdir("runtime/pidhold"), [])


@test("a run without a terminal has none")
def has_none():
    make_runtime()
    detach("it", "sleep", "60")
    check_equal(os.listdir("runtime"), [])


@test("where XDG_RUNTIME_DIR cannot be trusted the socket is in the directory of the run")
def falls_back():
    os.mkdir("elsewhere", 0o700)
    os.mkdir("open", 0o755)
    for number, prepare in enumerate((lambda: os.environ.pop("XDG_RUNTIME_DIR"),
                                      lambda: os.environ.update(XDG_RUNTIME_DIR="runtime"),
                                      lambda: os.environ.update(XDG_RUNTIME_DIR=os.path.abspath("nothing")),
                                      lambda: (os.environ.update(XDG_RUNTIME_DIR=os.path.abspath("open")),
                                               os.mkdir("open/pidhold"), os.chmod("open/pidhold", 0o750)),
                                      lambda: (os.rmdir("open/pidhold"),
                                               os.symlink("../elsewhere", "open/pidhold")))):
        prepare()
        detach(f"it{number}", "-t", "cat")
        check_equal(socket_of(f"it{number}"), f"{STORE}/it{number}/socket")
        still_serves(f"it{number}")
        hold("stop", f"it{number}")
    check_equal(os.listdir("elsewhere"), [])


@test("a socket that was cleared away is made again when its process is continued")
def is_mended():
    begin()
    runner = pid(record("it")["hold"])
    shutil.rmtree("runtime/pidhold")
    os.kill(runner, signal.SIGCONT)
    until(lambda: os.path.exists(socket_of("it")), "it is there again")
    still_serves()
    shutil.rmtree("runtime")
    os.kill(runner, signal.SIGCONT)
    until(lambda: os.path.exists(f"{STORE}/it/socket"), "it is in the directory of the run")
    until(lambda: socket_of("it") == f"{STORE}/it/socket", "the record says so")
    still_serves()


@test("the socket of a run whose process was killed goes with its record, or with the next start")
def is_removed():
    make_runtime()
    os.mkdir("runtime/pidhold", 0o700)
    listen_at("runtime/pidhold/gone.2147483647").close()
    begin()
    check_equal([name.partition(".")[0] for name in os.listdir("runtime/pidhold")], ["it"])
    runner = pid(record("it")["hold"])
    os.kill(runner, signal.SIGKILL)
    ends(runner, "the process")
    until(lambda: state("it") == "unknown", "the state is unknown")
    check_equal(len(os.listdir("runtime/pidhold")), 1)
    hold("forget", "it")
    check_equal(os.listdir("runtime/pidhold"), [])


@test("files that are no sockets, and sockets at which another process listens, stay where a run looks for its own")
def are_others():
    make_runtime()
    os.mkdir("runtime/pidhold", 0o700)
    open("runtime/pidhold/file.2147483647", "w", encoding="utf-8").close()
    other = listen_at("runtime/pidhold/other.2147483646")  # as of a run in another PID namespace
    begin()
    path, runner = socket_of("it"), pid(record("it")["hold"])
    os.unlink(path)
    again = listen_at(path)
    os.kill(runner, signal.SIGCONT)
    until(lambda: socket_of("it") == f"{STORE}/it/socket", "the run has another place")
    still_serves()
    hold("stop", "it")
    hold("forget", "it")
    check_equal(sorted(os.listdir("runtime/pidhold")),
                sorted(["file.2147483647", "other.2147483646", os.path.basename(path)]))
    other.close()
    again.close()


@test("with a record no other socket is removed than that of its run, and only if nobody listens there")
def names_another():
    make_runtime()
    listen_at("stranger").close()
    for number, listens in enumerate((False, True)):
        name = f"it{number}"
        begin(name=name)
        path, runner = socket_of(name), pid(record(name)["hold"])
        os.kill(runner, signal.SIGKILL)
        until(lambda name=name: state(name) == "unknown", "the state is unknown")
        if listens:
            os.unlink(path)
            other = listen_at(path)
        else:
            with open(f"{STORE}/{name}/record", encoding="ascii") as file:
                text = file.read()
            with open(f"{STORE}/{name}/record", "w", encoding="ascii") as file:
                file.write(text.replace(f"socket {path}", f"socket {os.path.abspath('stranger')}"))
        hold("forget", name)
        check(os.path.exists("stranger") and os.path.exists(path), "it is gone")
    other.close()


@test("a viewer gets what was printed before, what is printed then, and the end")
def shows():
    begin("sh", "-c", "echo before; read line; echo got $line; exit 5")
    until(lambda: hold("logs", "it") == "before\r\n", "it is in the log")
    with Peer("it") as peer:
        check_equal(struct.unpack("<QL", peer.start[:12]), (0, 8))
        peer.expect("before\r\n")
        peer.type("a word\n")
        peer.expect("got a word\r\n")
        peer.hear(END)
        check_equal(record("it")["exit_status"], 5)
        check(peer.is_dropped(), "the connection goes on")


@test("of the output before a viewer gets the last 64 KiB, with the modes that were switched on earlier")
def replays():
    begin("sh", "-c", "printf '\\033[?1049h\\033[?25l'; seq 100000; cat")
    until(lambda: hold("logs", "--tail", "1", "it") == "100000\r\n", "it has printed all")
    with Peer("it") as peer:
        skipped, replayed = struct.unpack("<QL", peer.start[:12])
        check(0 < replayed <= 65536 and skipped == 0, (skipped, replayed))
        check_equal(peer.start[12:], b"\033[?1049h\033[?25l")
        peer.expect("\n100000\r\n")
        check_equal(len(peer.seen), replayed)
        first = peer.seen.split(b"\r\n")[0]
        check(first.isdigit() and int(first) > 80000, f"it begins with {first}")


@test("a viewer who takes nothing holds up neither the command nor another viewer, and is told what it missed")
def stalls():
    begin("sh", "-c", "read line; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo all is printed; exec cat")
    with Peer("it") as stalled, Peer("it") as other:
        other.type("go\n")
        other.expect("all is printed\r\n")
        still_serves()
        missed = 0
        while b"all is printed" not in stalled.seen:
            kind, body = stalled.hear_any()
            check(kind in (START, OUTPUT), f"{kind} was heard")
            stalled.seen += body if kind == OUTPUT else b""
            missed += struct.unpack("<Q", body[:8])[0] if kind == START else 0
        check(0 < missed < 3000000, f"{missed} bytes were missed")


@test("the terminal is as small as the smallest of those who type, and grows again when that one leaves")
def is_smallest():
    begin("sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do read line || :; done")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    with Peer("it", 50, 100) as one:
        one.expect("50 100\r\n")
        with Peer("it", 40, 120):
            one.expect("40 100\r\n")
        one.seen = b""
        one.expect("50 100\r\n")
        one.say(SIZE, size(30, 70))
        one.expect("30 70\r\n")
        with Peer("it", 10, 10, reads_only=True) as reader:
            reader.skip_replay()
            reader.expect("30 70\r\n")  # drawn anew, and not smaller
            check(b"10 10" not in reader.seen, reader.seen)


@test("a size that was asked for at the start stays")
def has_own_size():
    begin("--size", "91x23", "sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do read line || :; done")
    until(lambda: "ready" in hold("logs", "it"), "it is ready")
    with Peer("it", 50, 100) as one:
        one.skip_replay()
        one.expect("23 91\r\n")  # drawn anew, with the size that it had
        check(b"50 100" not in one.seen, one.seen)


@test("one who only reads cannot type")
def only_reads():
    begin()
    with Peer("it", reads_only=True) as reader:
        reader.type("typed\n")
        check(reader.is_dropped(), "it is still connected")
    still_serves()
    check("typed" not in hold("logs", "it"), "it was typed")


@test("keys that the command does not read yet are kept, also of one who has gone")
def keeps_keys():
    begin("sh", "-c", "stty raw -echo; echo ready; until test -e go; do sleep 0.01; done; exec head -c 20000 >typed")
    with Peer("it") as peer:
        peer.expect("ready")
        for _ in range(5):
            peer.say(KEYS, b"x" * 4000)
    open("go", "w", encoding="utf-8").close()
    check_equal(hold("wait", "it"), "it exited 0\n")
    check_equal(os.path.getsize("typed"), 20000)


@test("whatever a peer says, it is dropped or refused, and the run goes on")
def garbage():
    begin()
    good = packet(HELLO, size(24, 80) + b"\0")
    for said in (b"x", b"HA", good[:7], good + b"x", good[:-1], packet(HELLO), packet(KEYS, b"early"),
                 packet(OUTPUT, b"x"), packet(99), packet(0), packet(END), good[:8] + b"\xff" * 9, b"\0" * 8,
                 b"HA\1\2" + b"\xff" * 13, os.urandom(3000), b"x" * 100000):
        with Peer("it", hello=False) as peer:
            peer.socket.send(said)
            check(peer.is_dropped(), f"{said[:20]} is taken")
    for said in (good, packet(START, b"\0" * 12), packet(KEYS), packet(KEYS, b"x" * 4097),
                 packet(SIZE, b"\0" * 7), b"HA\2\3"):
        with Peer("it") as peer:
            peer.socket.send(said)
            check(peer.is_dropped(), f"{said[:20]} is taken after the hello")
    with Peer("it", hello=False) as peer:
        peer.socket.send(packet(HELLO, version=2))
        check_equal(peer.hear(REFUSED), b"\1")
        check(peer.is_dropped(), "another version is taken")
    still_serves()


@test("those who are silent, or have closed one half, hold up nobody")
def silent():
    begin()
    with Peer("it", hello=False), Peer("it") as half, Peer("it", hello=False) as early:
        half.socket.shutdown(socket.SHUT_WR)
        early.socket.shutdown(socket.SHUT_RD)
        check(half.is_dropped(), "it is still connected")
        still_serves()


@test("there is room for sixteen: others are refused, but not because of those who are silent")
def are_many():
    begin()
    peers = [Peer("it") for _ in range(15)]
    silent_ones = [Peer("it", hello=False) for _ in range(40)]
    peers.append(Peer("it"))
    last = Peer("it", hello=False)
    check_equal(last.hear(REFUSED), b"\2")
    peers[0].socket.close()
    until(lambda: Peer("it", hello=False).socket.send(packet(HELLO, size(1, 1) + b"\1")), "one more is let in")
    for peer in [*peers, *silent_ones, last]:
        peer.socket.close()
    still_serves()


@test("a peer of another user is dropped, also if the socket is open to it")
def is_anothers():
    if os.geteuid() != 0:
        skip("needs root")
    begin()
    path = os.path.abspath(socket_of("it"))
    for opened in (".", "runtime", "runtime/pidhold", path):
        os.chmod(opened, 0o777)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(1)
        os.setuid(1)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.settimeout(20)
            peer.connect(path)
            try:
                peer.send(packet(HELLO, size(24, 80) + b"\0"))
                os._exit(1 if peer.recv(100) else 0)
            except OSError as error:
                os._exit(0 if isinstance(error, (BrokenPipeError, ConnectionResetError)) else 2)
    check_equal(os.waitpid(child, 0)[1], 0)
    still_serves()


def is_dropped():
    begin("sh", "-c", "while :; do seq 1000; sleep 0.01; done")
    with Peer("it") as stalled:
        poller = select.poll()
        poller.register(stalled.socket, 0)
        told = poller.poll(120000)  # STALL_MS of viewers.c is 30 seconds
        check(told and told[0][1] & select.POLLHUP, "it is still connected")


if LONG:
    test("a viewer who takes nothing for a while is dropped", seconds=180)(is_dropped)

main()
