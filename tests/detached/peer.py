# SPDX-License-Identifier: ISC
"""One who attaches to a detached run, and says what the test wants. cli/attach/packet.h has the protocol."""
import os
import socket
import struct

from runs import STORE
from tap import PATIENCE, check

HELLO, KEYS, SIZE, START, OUTPUT, END, REFUSED = range(2, 9)


def packet(kind, body=b"", version=1):
    return b"HA" + struct.pack("<BBHH", version, kind, len(body), 0) + body


def size(rows, columns):
    return struct.pack("<HHHH", rows, columns, 0, 0)


def socket_of(name):
    with open(f"{STORE}/{name}/record", encoding="ascii") as file:
        path = dict(line.rstrip("\n").partition(" ")[::2] for line in file).get("socket")
    check(path, "the record has no socket")
    return path if path.startswith("/") else f"{STORE}/{name}/{path}"


class Peer:
    def __init__(self, name, rows=24, columns=80, reads_only=False, hello=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(socket_of(name))
        self.socket.settimeout(PATIENCE)
        self.seen = b""
        if hello:
            self.say(HELLO, size(rows, columns) + bytes([reads_only]))
            self.start = self.hear(START)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, kind, body=b""):
        self.socket.send(packet(kind, body))

    def type(self, text):
        self.say(KEYS, text.encode())

    def hear_any(self):
        """The next packet: its kind and its body. (None, b""): the connection has ended."""
        while True:
            try:
                data = self.socket.recv(1 << 17)
            except ConnectionResetError:  # what was said before comes after that
                continue
            except BrokenPipeError:
                data = b""
            if not data:
                return None, b""
            check(data[:3] == b"HA\1" and len(data) == 8 + struct.unpack("<H", data[4:6])[0], f"a packet {data[:8]!r}")
            return data[3], data[8:]

    def hear(self, kind):
        heard, body = self.hear_any()
        check(heard == kind, f"{heard} was heard, not {kind}")
        return body

    def expect(self, text):
        """Reads on until the text is among what was printed."""
        while text.encode() not in self.seen:
            kind, body = self.hear_any()
            check(kind in (START, OUTPUT), f"{kind} was heard, not {text!r}, after {self.seen!r}")
            self.seen += body if kind == OUTPUT else b""

    def skip_replay(self):
        """Reads on to the end of what was printed before."""
        replayed = struct.unpack("<L", self.start[8:12])[0]
        while len(self.seen) < replayed:
            self.seen += self.hear(OUTPUT)
        self.seen = self.seen[replayed:]

    def is_dropped(self):
        """Reads on to the end of the connection."""
        while True:
            kind, _ = self.hear_any()
            if kind in (None, END):
                return kind is None


def make_runtime():
    os.mkdir("runtime", 0o700)
