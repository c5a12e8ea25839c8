# SPDX-License-Identifier: Apache-2.0
"""The stand-in for `op` as a server, for tests that call it thousands of times. Starting Python for each call takes
longer than everything else.

A small program (warm_op.cpp) takes its place on the PATH. It sends its standard descriptors, arguments and environment
over a Unix socket to this server, which runs the same code as `op` itself. A call with a knob runs in a process of its
own, since a knob can kill or block the process. One call at a time. Argument: the socket. Ends when its standard input
is closed."""

import array
import fcntl
import os
import select
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from fake_op import main as program  # noqa: E402
from fake_op import settings  # noqa: E402

MOST = 1 << 20


def serve(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(16)
    os.chdir("/")
    # The server does not wait for its children: each reports its own end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    # Calls get descriptors 0, 1 and 2; the server watches a copy of its stdin to notice its own end.
    life, nothing = os.dup(0), os.open("/dev/null", os.O_RDWR)
    while True:
        for number in (0, 1):
            os.dup2(nothing, number)
        ready, _, _ = select.select([listener, life], [], [])
        if life in ready:
            return
        connection, _ = listener.accept()
        answer(connection)
        connection.close()


def answer(connection):
    message, ancillary, _, _ = connection.recvmsg(MOST, socket.CMSG_SPACE(3 * 4))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2][:3 * 4])
    own_errors = os.dup(2)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    count, *texts = (os.fsdecode(each) for each in message.split(b"\0")[:-1])
    arguments, environment = texts[:int(count)], texts[int(count):]
    given = dict(each.split("=", 1) for each in environment)
    os.environ.clear()
    os.environ.update(given)
    # /proc/self/environ is the server's.
    settings.environment = lambda: given
    if not settings.Settings(given.get("HOME", "/")).knob_lines:
        code = main(arguments)
        # The lock is held until a process ends, and this process does not end.
        os.close(Recorded.last.lock)
        connection.send(bytes([code]))
    elif os.fork() == 0:
        in_child_process(connection, arguments)
    os.dup2(own_errors, 2)
    os.close(own_errors)


def in_child_process(connection, arguments):
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # A test may kill the caller. Then this process ends as well, as `op` ends with its process group.
        fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(connection, fcntl.F_SETFL, fcntl.fcntl(connection, fcntl.F_GETFL) | os.O_ASYNC)
        code = main(arguments)
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        connection.send(bytes([code]))
    finally:
        os._exit(code)


class Recorded(settings.Recorder):
    """The recorder of the current call."""

    last = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        Recorded.last = self


if __name__ == "__main__":
    program.Recorder = Recorded
    main = program.main
    serve(sys.argv[1])
