"""The daemon is replaced while it is asked, and while an operation runs in it."""

import os
import select
import signal
import subprocess
import threading
import unittest

from support import EndToEnd, LIMIT, new_token


class Stream:
    """Clients that ask one probe after the other, each a process of its own, until the end of the `with`."""

    CLIENTS = (("jackin-hook", "probe", "steady"), ("jackin-hook", "probe", "steady"),
               ("jackinctl", "probe", "steady", "--format", "json"))

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.answered = 0
        self.failures = []
        self._ends = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._ask, args=client) for client in self.CLIENTS]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.go_on(10)
        return self

    def __exit__(self, *_):
        self._ends = True
        for thread in self._threads:
            thread.join()

    def _ask(self, program, *arguments):
        while not self._ends:
            done = self.sandbox.run(program, *arguments)
            with self._changed:
                self.answered += 1
                if done.code != 0:
                    self.failures.append(str(done))
                self._changed.notify_all()

    def go_on(self, count):
        """Waits until `count` more have been answered."""
        with self._changed:
            goal = self.answered + count
            if not self._changed.wait_for(lambda: self.answered >= goal, LIMIT):
                raise AssertionError("probes are not answered any more")


class Replaced(EndToEnd):
    def setUp(self):
        super().setUp()
        steady = new_token()
        self.api.valid.add(steady)
        path = self.sandbox.path("steady-token")
        with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(steady)
        self.sandbox.workspace("steady", f'[claude]\noauth_token = {{ file = "{path}" }}\n')
        self.assertEqual(self.json(self.ctl("doctor", "steady", "--format", "json"))["verdict"], "ok")

    def status(self):
        return self.json(self.ctl("daemon", "status", "--format", "json"))

    def wait_for(self, is_so):
        for _ in range(2000):
            status = self.status()
            if is_so(status):
                return status
        raise AssertionError(status)

    def restart(self, command="restart"):
        process = subprocess.Popen([self.sandbox.program("jackinctl"), "daemon", command], env=self.sandbox.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def no_leftovers(self):
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])

    def test_again_and_again_and_no_probe_fails(self):
        with Stream(self.sandbox) as stream:
            pids = {self.status()["pid"]}
            for _ in range(5):
                self.done(self.ctl("daemon", "restart"))
                pids.add(self.status()["pid"])
                stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertEqual(len(pids), 6)

    def test_what_has_a_token_ends_well_first(self):
        with Stream(self.sandbox) as stream:
            held = self.api.hold("/v1/models")
            terminal = self.setup_in_terminal()
            held.wait_for_request(LIMIT)
            old = self.status()["pid"]
            restart = self.restart()
            ending = self.wait_for(lambda status: status.get("ending"))
            self.assertEqual(ending["pid"], old)
            stream.go_on(10)
            self.assertIn("waits for setup demo", restart.stderr.readline())
            # Nothing new is begun meanwhile, also where nothing else stands in the way.
            self.sandbox.workspace("other")
            error = self.error(self.ctl("setup", "other", "--store", "file", "--format", "json"), "busy", 6)
            self.assertIn("ending", error["message"])
            held.release()
            self.assertEqual(terminal.wait(), 0, terminal.text)
            out, complaints = restart.communicate(timeout=LIMIT)
            self.assertEqual(restart.returncode, 0, complaints)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertNotEqual(self.status()["pid"], old)
        self.assertIn(str(self.status()["pid"]), out)
        self.assertEqual(self.json(self.ctl("probe", "demo", "--format", "json"))["verdict"], "ok")
        self.assert_token_only_in(*self.stored(), self.sandbox.path("steady-token"))
        self.no_leftovers()

    def test_what_has_none_yet_is_undone_and_says_so(self):
        self.mode("silent")
        with Stream(self.sandbox) as stream:
            before = self.snapshot()
            terminal = self.setup_in_terminal()
            self.wait_for(lambda status: any(each.get("step") == "mint" for each in status["operations"]))
            old = self.status()["pid"]
            self.done(self.ctl("daemon", "restart"))
            self.assertNotEqual(terminal.wait(), 0, terminal.text)
            self.assertRegex(terminal.text, r"jackind ends: [^\r\n]+\s+try: jackinctl setup demo")
            self.assertEqual(terminal.before, terminal.after)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertNotEqual(self.status()["pid"], old)
        self.assertEqual(self.snapshot(), before)
        self.no_leftovers()
        self.mode("")
        self.set_up()

    def test_a_second_signal_ends_it_at_once_and_the_next_takes_back(self):
        before = self.snapshot()
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        pid = self.status()["pid"]
        gone = os.pidfd_open(pid)
        self.addCleanup(os.close, gone)
        os.kill(pid, signal.SIGTERM)
        self.wait_for(lambda status: status.get("ending"))
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(select.select([gone], [], [], LIMIT)[0], [gone])
        self.assertNotEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        held.release()
        self.done(self.ctl("daemon", "start"))
        self.assertEqual(self.json(self.ctl("probe", "demo", "--format", "json"))["verdict"], "not_managed")
        self.assertEqual(self.snapshot(), before)
        self.no_leftovers()
        self.set_up()

    def test_killed_under_load_no_probe_fails_either(self):
        with Stream(self.sandbox) as stream:
            for _ in range(3):
                self.sandbox.kill_daemon()
                stream.go_on(5)
        self.assertEqual(stream.failures, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
