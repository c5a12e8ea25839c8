# SPDX-License-Identifier: Apache-2.0
"""Resources that are used up: no pseudo-terminal, no place in the socket's queue, no descriptors. And clients that stop
reading, or get no answer."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
import unittest

from support import EndToEnd, Http2, LIMIT, call, request, socket_of


@unittest.skipUnless(os.geteuid() == 0, "a file system of terminals of one's own needs root")
class NoTerminalLeft(EndToEnd):
    """The daemon runs where only one pseudo-terminal exists, and another program has it."""

    def setUp(self):
        super().setUp()
        ready, ready_end = os.pipe()
        # The shell has the only one; the daemon that it starts has no descriptor of it.
        world = ("mount -t devpts -o newinstance,max=1,ptmxmode=0666 devpts /dev/pts && "
                 "mount --bind /dev/pts/ptmx /dev/ptmx && exec 9<>/dev/ptmx || exit 1; "
                 f'"$@" --foreground --ready-fd {ready_end} 9>&- & wait')
        self.world = subprocess.Popen(["unshare", "--mount", "sh", "-c", world, "sh", self.sandbox.program("jackind")],
                                      env=self.sandbox.environment, pass_fds=(ready_end,), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.close(ready_end)
        # Cleanups run in reverse order: the daemon is stopped, and with it the shell ends.
        self.addCleanup(self.world.stderr.close)
        self.addCleanup(self.world.wait)
        self.addCleanup(self.ctl, "daemon", "stop")
        with os.fdopen(ready, "rb") as file:
            listens = file.readline()
        if not listens:
            self.skipTest("mounting is not allowed here")

    def test_no_pseudo_terminal_is_reported_and_changes_nothing(self):
        before = self.snapshot()
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertIn("no pseudo-terminal is left", terminal.text)
        self.assertIn("try: ", terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.daemon_status()["operations"], [])


class FullQueue(EndToEnd):
    """More clients than the socket's queue holds."""

    def fill(self, path):
        """Connects until the queue is full; returns the connections."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with open("/proc/sys/net/core/somaxconn", encoding="ascii") as file:
            needed = int(file.read()) + 512
        if hard < needed:
            self.skipTest("not enough descriptors to fill the queue with")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
        crowd = contextlib.ExitStack()
        self.addCleanup(crowd.close)
        for _ in range(needed):
            one = crowd.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            try:
                one.connect(path)
            except BlockingIOError:
                return crowd
        self.fail("the queue is never full")

    def test_client_waits_for_a_place_in_the_queue(self):
        self.done(self.ctl("daemon", "start"))
        pid = self.sandbox.daemon_pid()
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.fill(os.path.join(self.sandbox.runtime_dir, "jackind.sock"))
        client = self.begin("jackinctl", "probe", "demo")
        os.kill(pid, signal.SIGCONT)
        stdout, stderr = client.communicate(timeout=LIMIT)
        self.assertEqual(client.returncode, 0, stderr)
        self.assertIn("demo", stdout)

    def test_restart_names_a_daemon_that_hangs(self):
        self.done(self.ctl("daemon", "start"))
        pid = self.sandbox.daemon_pid()
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.fill(os.path.join(self.sandbox.runtime_dir, "jackind.sock"))
        self.sandbox.environment["JACKIN_CONNECT_SECONDS"] = "1"
        for command in ("stop", "restart"):
            with self.subTest(command=command):
                completed = self.done(self.ctl("daemon", command), 1)
                self.assertIn(f"jackind (pid {pid}) does not answer", completed.stderr)
                self.assertIn(f"try: kill -9 {pid} && jackinctl daemon start", completed.stderr)

    def test_full_queue_is_reported_after_the_limit(self):
        os.makedirs(self.sandbox.runtime_dir, mode=0o700)
        path = os.path.join(self.sandbox.runtime_dir, "jackind.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(0)
            self.fill(path)
            self.sandbox.environment["JACKIN_CONNECT_SECONDS"] = "1"
            for program, arguments, code in ((self.ctl, ("probe", "demo"), 4), (self.hook, ("probe", "demo"), 4),
                                             (self.hook, ("exec", "demo", "--", "/bin/true"), 125)):
                with self.subTest(arguments=arguments):
                    completed = self.done(program(*arguments), code)
                    self.assertIn("its queue is full", completed.stderr)
                    self.assertIn("try: jackinctl daemon restart", completed.stderr)


class FewDescriptors(EndToEnd):
    """The hard limit on open descriptors."""

    def limited(self, number, *command):
        return self.sandbox.run("/bin/sh", "-c", f'ulimit -n {number} && exec "$@"', "sh", *command)

    def test_limit_too_low_is_reported(self):
        completed = self.done(self.limited(255, self.sandbox.program("jackinctl"), "daemon", "start"), 1)
        self.assertIn("jackind needs 256 open descriptors, the hard limit is 255", completed.stderr)

    def test_daemon_raises_its_limit_and_restores_it_for_children(self):
        hard = 2048
        seen = self.sandbox.path("seen")
        self.sandbox.workspace("limits", '[claude]\noauth_token = { command = ["/bin/sh", "-c", '
                               f'"ulimit -Sn >{seen}; ulimit -Hn >>{seen}; cat {self.token_file}"] }}\n')
        self.done(self.limited(hard, "/bin/sh", "-c", 'ulimit -Sn 300 && exec "$@"', "sh",
                               self.sandbox.program("jackinctl"), "daemon", "start"))
        with open(f"/proc/{self.sandbox.daemon_pid()}/limits", encoding="ascii") as file:
            self.assertRegex(file.read(), rf"Max open files\s+{hard}\s+{hard}")
        self.done(self.hook("exec", "limits", "--quiet", "--", "/bin/true"))
        self.assertEqual(self.text(seen).split(), ["300", str(hard)])


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number, value):
    """A field of bytes, text or a message (protobuf.dev/programming-guides/encoding)."""
    return varint(number << 3 | 2) + varint(len(value)) + value


class SlowReaders(EndToEnd):
    """Clients that stop reading, or disconnect, inside a reply that is larger than the socket's buffer."""

    WATCH_WITH_CURRENT = b"\x10\x01"
    DOCTOR_OF_ALL_OFFLINE = b"\x10\x01\x18\x01"
    STORE_FILE = b"\x08\x04"

    def setUp(self):
        super().setUp()
        # The long names make the replies long.
        for number in range(1000):
            self.sandbox.workspace(f"w{number}-" + "x" * 200)
        self.done(self.ctl("daemon", "start"))

    def assert_probed(self):
        # gRPC's poller sleeps 10 s; nothing else takes that long.
        begin = time.monotonic()
        self.done(self.hook("probe", "demo"))
        self.assertLess(time.monotonic() - begin, 8)

    def stop_inside(self, path, message, streams):
        reader = Http2(socket_of(self.sandbox))
        self.addCleanup(reader.close)
        for stream in range(1, 2 * streams, 2):
            reader.send(call(stream, path) + request(stream, message))
        reader.wait_until_full()
        return reader

    def test_other_clients_are_not_delayed(self):
        for path, message, streams in (("/jackin.v1.HealthService/Overview", b"", 1),
                                       ("/jackin.v1.HealthService/Doctor", self.DOCTOR_OF_ALL_OFFLINE, 4),
                                       ("/jackin.v1.HealthService/Watch", self.WATCH_WITH_CURRENT, 8)):
            with self.subTest(path=path):
                for reads_on in (True, True, False, True, True):
                    reader = self.stop_inside(path, message, streams)
                    self.assert_probed()
                    if reads_on:
                        reader.read_all()
                    reader.close()
                    self.assert_probed()

    def test_other_clients_are_not_delayed_by_a_setup(self):
        # claude draws without an end, and the client of this setup does not read its screen.
        self.mode("flood")
        variables = b"".join(field(1, field(1, name.encode()) + field(2, self.sandbox.environment[name].encode()))
                             for name in ("HOME", "PATH"))
        size = b"\x08" + varint(300) + b"\x10" + varint(400)
        self.sandbox.workspace("other")
        # An operation may still run when its client has disconnected.
        for workspace, reads_on in ((b"demo", True), (b"other", False)):
            token = field(1, field(1, workspace)) + field(2, variables) + field(3, size) + field(6, self.STORE_FILE)
            with Http2(socket_of(self.sandbox)) as reader:
                setup = call(1, "/jackin.v1.TokensService/Setup")
                reader.send(setup + request(1, field(1, field(1, token)), last=False) +
                            request(1, field(3, field(2, b"code#state")), last=False))
                reader.wait_until_full()
                self.assert_probed()
                if reads_on:
                    reader.read_all(enough=1 << 20)
                    self.assert_probed()
            self.assert_probed()

    def test_stop_is_not_delayed(self):
        self.stop_inside("/jackin.v1.HealthService/Overview", b"", 1)
        self.done(self.ctl("daemon", "stop"))


class StoppedDaemon(EndToEnd):
    """The daemon stops while launches wait for a source that does not answer."""

    def test_hanging_launches_are_cancelled(self):
        begun, silent = self.sandbox.path("begun"), self.sandbox.path("silent")
        for path in (begun, silent):
            os.mkfifo(path, 0o600)
        reading = os.open(begun, os.O_RDWR)
        self.addCleanup(os.close, reading)
        for name in ("one", "two", "three"):
            self.sandbox.workspace(name, '[claude]\noauth_token = { command = ["/bin/sh", "-c", '
                                   f'"echo {name} >{begun}; exec cat {silent}"] }}\n')
        launches = [self.begin("jackin-hook", "exec", name, "--", "/bin/true") for name in ("one", "two", "three")]
        names = b""
        while names.count(b"\n") < 3:
            names += os.read(reading, 100)
        stopped = self.done(self.ctl("daemon", "stop"))
        for launch in launches:
            self.assertIn(f"waits for Launch.Prepare of jackin-hook[{launch.pid}]", stopped.stderr)
            _, stderr = launch.communicate(timeout=LIMIT)
            self.assertEqual(launch.returncode, 125, stderr)
            self.assertIn("jackind ends: ", stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
