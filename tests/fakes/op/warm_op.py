# SPDX-License-Identifier: Apache-2.0
"""The stand-in for `op`, kept warm: for tests that call it thousands of times, where starting Python takes longer than
all the rest.

A small program (warm_op.cpp) stands on the PATH in its place. It hands its standard descriptors, arguments and
environment over a Unix socket to this server, which runs the same code as `op` itself: here, and in a process of its
own when a knob is set, since those can end or hold up whoever they are turned at. One call at a time. Argument: the
socket. Ends when its standard input is closed."""

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
    # Children are nobody's to wait for: each tells its end itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    # Calls get 0, 1 and 2; the server's own end is seen on another number.
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
        # Held until a process ends, and this one does not.
        os.close(Recorded.last.lock)
        connection.send(bytes([code]))
    elif os.fork() == 0:
        in_a_process_of_its_own(connection, arguments)
    os.dup2(own_errors, 2)
    os.close(own_errors)


def in_a_process_of_its_own(connection, arguments):
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Whoever called may be killed: then this ends as well, as `op` would with its group.
        fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(connection, fcntl.F_SETFL, fcntl.fcntl(connection, fcntl.F_GETFL) | os.O_ASYNC)
        code = main(arguments)
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        connection.send(bytes([code]))
    finally:
        os._exit(code)


class Recorded(settings.Recorder):
    """The recorder of the call that runs."""

    last = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        Recorded.last = self


if __name__ == "__main__":
    program.Recorder = Recorded
    main = program.main
    serve(sys.argv[1])
