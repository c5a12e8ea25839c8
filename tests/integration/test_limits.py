"""When the system has nothing left to give: no pseudo-terminal, no place in the queue."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import unittest

from support import EndToEnd, LIMIT


@unittest.skipUnless(os.geteuid() == 0, "a file system of terminals of one's own needs root")
class NoTerminalLeft(EndToEnd):
    """The daemon runs where there is one pseudo-terminal, and somebody has it."""

    def setUp(self):
        super().setUp()
        ready, told = os.pipe()
        # The shell holds the only one; the daemon that it starts has no descriptor of it.
        world = ("mount -t devpts -o newinstance,max=1,ptmxmode=0666 devpts /dev/pts && "
                 "mount --bind /dev/pts/ptmx /dev/ptmx && exec 9<>/dev/ptmx || exit 1; "
                 f'"$@" --foreground --ready-fd {told} 9>&- & wait')
        self.world = subprocess.Popen(["unshare", "--mount", "sh", "-c", world, "sh", self.sandbox.program("jackind")],
                                      env=self.sandbox.environment, pass_fds=(told,), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.close(told)
        # Cleanups run last first: the daemon is stopped, and with it the shell ends.
        self.addCleanup(self.world.stderr.close)
        self.addCleanup(self.world.wait)
        self.addCleanup(self.ctl, "daemon", "stop")
        with os.fdopen(ready, "rb") as file:
            listens = file.readline()
        if not listens:
            self.skipTest("mounting is not allowed here")

    def test_nothing_is_changed_and_it_is_said(self):
        before = self.snapshot()
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertIn("no pseudo-terminal is left", terminal.text)
        self.assertIn("try: ", terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.json(self.ctl("daemon", "status", "--format", "json"))["operations"], [])


class FullQueue(EndToEnd):
    """More clients than the socket's queue takes."""

    def fill(self, path):
        """Connects until the queue is full; the connections."""
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

    def test_a_client_waits_its_turn(self):
        self.done(self.ctl("daemon", "start"))
        pid = self.sandbox.daemon_pid()
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.fill(os.path.join(self.sandbox.runtime_dir, "jackind.sock"))
        client = subprocess.Popen([self.sandbox.program("jackinctl"), "probe", "demo"], env=self.sandbox.environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.kill(pid, signal.SIGCONT)
        stdout, stderr = client.communicate(timeout=LIMIT)
        self.assertEqual(client.returncode, 0, stderr)
        self.assertIn("demo", stdout)

    def test_a_daemon_that_hangs_is_named_to_whoever_would_restart_it(self):
        self.done(self.ctl("daemon", "start"))
        pid = self.sandbox.daemon_pid()
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.fill(os.path.join(self.sandbox.runtime_dir, "jackind.sock"))
        for command in ("stop", "restart"):
            with self.subTest(command=command):
                completed = self.done(self.ctl("daemon", command), 1)
                self.assertIn(f"jackind (pid {pid}) does not answer", completed.stderr)
                self.assertIn(f"try: kill -9 {pid} && jackinctl daemon start", completed.stderr)

    def test_a_client_that_never_gets_its_turn_says_so(self):
        os.makedirs(self.sandbox.runtime_dir, mode=0o700)
        path = os.path.join(self.sandbox.runtime_dir, "jackind.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(0)
            self.fill(path)
            for program, arguments, code in ((self.ctl, ("probe", "demo"), 4), (self.hook, ("probe", "demo"), 4),
                                             (self.hook, ("exec", "demo", "--", "/bin/true"), 125)):
                with self.subTest(arguments=arguments):
                    completed = self.done(program(*arguments), code)
                    self.assertIn("its queue is full", completed.stderr)
                    self.assertIn("try: jackinctl daemon restart", completed.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
