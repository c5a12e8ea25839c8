# SPDX-License-Identifier: Apache-2.0
"""A minimal gRPC client, so that a test can stop reading, or disconnect, inside any reply (RFC 9113, RFC 7541, and
gRPC's PROTOCOL-HTTP2.md)."""

import fcntl
import os
import select
import socket
import struct
import termios
import time

DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
END_STREAM, END_HEADERS = 1, 4
LARGEST_WINDOW = 0x7fffffff


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header(index, value):
    """A header from the static table by its index; its value is literal and in no table."""
    return index + bytes([len(value)]) + value


def call(stream, path):
    block = (b"\x83\x86" + header(b"\x04", path.encode()) + header(b"\x01", b"jackind") +
             header(b"\x0f\x10", b"application/grpc") + header(b"\x00\x02te", b"trailers"))
    return frame(HEADERS, END_HEADERS, stream, block)


def request(stream, message=b"", last=True):
    return frame(DATA, END_STREAM if last else 0, stream, struct.pack(">BI", 0, len(message)) + message)


class Http2:
    """A connection that has sent the preface, and lets the daemon send without a limit."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, LARGEST_WINDOW)) +
                  frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", LARGEST_WINDOW - 65535)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def waiting(self):
        """The number of bytes that have arrived and are unread."""
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.FIONREAD, b"\0" * 4))[0]

    def read_all(self, enough=None):
        """Reads until no data arrives for a moment, or until `enough` bytes have come."""
        count = 0
        while (enough is None or count < enough) and select.select([self.socket], [], [], 0.02)[0]:
            data = self.socket.recv(1 << 20)
            if not data:
                break
            count += len(data)

    def wait_until_full(self, limit=60):
        """Waits until the daemon cannot write any more: the amount of received data stays the same for a while. The
        socket buffer holds much less data of many small writes than of few large ones."""
        before, since, began = -1, time.monotonic(), time.monotonic()
        while time.monotonic() - began < limit:
            now = self.waiting()
            if now != before:
                before, since = now, time.monotonic()
            elif now > 20_000 and time.monotonic() - since > 0.2:
                return now
            select.select([], [], [], 0.02)
        raise AssertionError(f"only {before} bytes have come")


def socket_of(sandbox):
    return os.path.join(sandbox.runtime_dir, "jackind.sock")
