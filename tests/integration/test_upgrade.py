# SPDX-License-Identifier: Apache-2.0
"""The daemon is replaced while clients call it, and while it runs an operation."""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import threading
import unittest

from support import EndToEnd, LIMIT, build_dir, new_token, program_of


class Stream:
    """Clients that probe one after the other until the end of the `with`: some as a new process each time, one on a
    connection that it keeps."""

    CLIENTS = (("jackin-hook", "probe", "steady"), ("jackin-hook", "probe", "steady"),
               ("jackinctl", "probe", "steady", "--format", "json"))

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.program = self._copy_client()
        self.answered = 0
        self.failures = []
        self._ends = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._ask, args=client) for client in self.CLIENTS]
        self._threads.append(threading.Thread(target=self._ask_on_one_connection))
        self.connections = 0
        self.kept = 0

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

    def _copy_client(self):
        """A copy, since it starts the daemon beside it, as every client does."""
        folder = self.sandbox.path("other")
        os.mkdir(folder)
        os.symlink(self.sandbox.program("jackind"), os.path.join(folder, "jackind"))
        return shutil.copy(os.path.join(build_dir(), "tests", "test_client"), folder)

    def _ask_on_one_connection(self):
        client = self.sandbox.start(self.program, "probe", "steady", stdin=subprocess.PIPE)
        with client:
            while not self._ends:
                client.stdin.write("\n")
                client.stdin.flush()
                answer = client.stdout.readline().split()
                with self._changed:
                    self.answered += 1
                    # On a loaded machine the daemon may not read the token file within the limit of a probe. That blocks
                    # no launch either.
                    if len(answer) != 2 or answer[0] not in ("ok", "unreachable"):
                        client.stdin.close()
                        self.failures.append(f"{answer} {client.stderr.read()}")
                        self._changed.notify_all()
                        break
                    self.kept += int(answer[1]) == self.connections
                    self.connections = int(answer[1])
                    self._changed.notify_all()
            client.stdin.close()

    def go_on(self, count):
        """Waits until `count` more probes have been answered."""
        with self._changed:
            goal = self.answered + count
            if not self._changed.wait_for(lambda: self.answered >= goal, LIMIT):
                raise AssertionError("probes are not answered any more")


class ReplacedDaemon(EndToEnd):
    def setUp(self):
        super().setUp()
        steady = new_token()
        self.api.valid.add(steady)
        path = self.sandbox.private_file("steady-token", steady)
        self.sandbox.workspace("steady", f'[claude]\noauth_token = {{ file = "{path}" }}\n')
        self.assertEqual(self.json(self.ctl("doctor", "steady", "--format", "json"))["verdict"], "ok")

    def wait_for(self, is_so):
        for _ in range(2000):
            status = self.daemon_status()
            if is_so(status):
                return status
        raise AssertionError(status)

    def restart(self):
        return self.begin("jackinctl", "daemon", "restart")

    def ended(self, process, code=0):
        out, complaints = process.communicate(timeout=LIMIT)
        self.assertEqual(process.returncode, code, complaints)
        return out, complaints

    def hold_lock(self):
        """Holds jackin's lock, as a jackin that writes does."""
        descriptor = os.open(os.path.join(self.sandbox.config_dir, "config.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor

    def at_step(self, step):
        return self.wait_for(lambda status: any(each.get("step") == step for each in status["operations"]))

    def no_leftovers(self):
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])

    def test_repeated_restarts_fail_no_probe(self):
        with Stream(self.sandbox) as stream:
            pids = {self.daemon_status()["pid"]}
            for _ in range(5):
                self.done(self.ctl("daemon", "restart"))
                pids.add(self.daemon_status()["pid"])
                stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertEqual(len(pids), 6)
        # The connection lasts as long as the daemon. A daemon that stops accepting may accept and close it a few times.
        self.assertGreater(stream.kept, 0)
        self.assertGreater(stream.connections, 1)
        self.assertLessEqual(stream.connections, 1 + 5 * 3)

    def test_operation_with_a_token_ends_first(self):
        with Stream(self.sandbox) as stream:
            held = self.api.hold("/v1/models")
            terminal = self.setup_in_terminal()
            held.wait_for_request(LIMIT)
            old = self.daemon_status()["pid"]
            restart = self.restart()
            ending = self.wait_for(lambda status: status.get("ending"))
            self.assertEqual(ending["pid"], old)
            stream.go_on(10)
            self.assertIn("waits for setup demo", restart.stderr.readline())
            # No new operation starts meanwhile, even when nothing else prevents it.
            self.sandbox.workspace("other")
            error = self.error(self.ctl("setup", "other", "--store", "file", "--format", "json"), "busy", 6)
            self.assertIn("is stopping", error["message"])
            held.release()
            self.assertEqual(terminal.wait(), 0, terminal.text)
            out, complaints = restart.communicate(timeout=LIMIT)
            self.assertEqual(restart.returncode, 0, complaints)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertNotEqual(self.daemon_status()["pid"], old)
        self.assertIn(str(self.daemon_status()["pid"]), out)
        self.assertEqual(self.probe()["verdict"], "ok")
        # The copied program contains the prefix of a token.
        self.assert_token_only_in(*self.stored(), self.sandbox.path("steady-token"), stream.program)
        self.no_leftovers()

    def test_operation_without_a_token_is_undone_and_reported(self):
        self.mode("silent")
        with Stream(self.sandbox) as stream:
            before = self.snapshot()
            terminal = self.setup_in_terminal()
            self.wait_for(lambda status: any(each.get("step") == "mint" for each in status["operations"]))
            old = self.daemon_status()["pid"]
            self.done(self.ctl("daemon", "restart"))
            self.assertNotEqual(terminal.wait(), 0, terminal.text)
            self.assertRegex(terminal.text, r"jackind ends: [^\r\n]+\s+try: jackinctl setup demo")
            self.assertEqual(terminal.before, terminal.after)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertNotEqual(self.daemon_status()["pid"], old)
        self.assertEqual(self.snapshot(), before)
        self.no_leftovers()
        self.mode("")
        self.set_up()

    def test_second_signal_ends_at_once_and_the_next_daemon_undoes(self):
        before = self.snapshot()
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        pid = self.daemon_status()["pid"]
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
        self.assertEqual(self.probe()["verdict"], "not_managed")
        self.assertEqual(self.snapshot(), before)
        # At Anthropic the token stays valid.
        report = self.json(self.ctl("doctor", "--offline", "--format", "json"))
        self.assertEqual([finding["code"] for finding in report["leftovers"]], ["token_discarded"])
        self.done(self.ctl("doctor", "--offline", "--acknowledge"))
        self.no_leftovers()
        self.set_up()

    def test_rotation_with_a_token_ends_first(self):
        self.set_up()
        first = self.probe()["fingerprint"]
        self.mint_next()
        with Stream(self.sandbox) as stream:
            held = self.api.hold("/v1/models")
            terminal = self.in_terminal("rotate", "demo")
            held.wait_for_request(LIMIT)
            old = self.daemon_status()["pid"]
            restart = self.restart()
            self.wait_for(lambda status: status.get("ending"))
            self.assertIn("waits for rotate demo", restart.stderr.readline())
            stream.go_on(10)
            held.release()
            self.assertEqual(terminal.wait(), 0, terminal.text)
            self.ended(restart)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertNotEqual(self.daemon_status()["pid"], old)
        answer = self.probe()
        self.assertEqual(answer["verdict"], "ok")
        self.assertNotEqual(answer["fingerprint"], first)
        self.assertEqual(len(self.stored()), 1, "the old token is deleted")
        self.no_leftovers()

    def test_setup_that_waits_for_the_lock_ends_first(self):
        held = self.api.hold("/v1/models")
        with Stream(self.sandbox) as stream:
            terminal = self.setup_in_terminal()
            held.wait_for_request(LIMIT)
            lock = self.hold_lock()
            held.release()
            self.at_step("write_config")
            restart = self.restart()
            self.wait_for(lambda status: status.get("ending") or not status["operations"])
            os.close(lock)
            self.assertEqual(terminal.wait(), 0, terminal.text)
            self.ended(restart)
            stream.go_on(5)
        self.assertEqual(stream.failures, [])
        self.assertEqual(self.probe()["verdict"], "ok")
        self.no_leftovers()

    def test_build_in_another_folder_replaces_the_daemon(self):
        moved = self.sandbox.path("moved")
        for folder in ("bin", "libexec"):
            source = os.path.join(build_dir(), folder)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(moved, folder), symlinks=True)
        old = self.daemon_status()["pid"]
        self.assertEqual(program_of(old), os.path.realpath(os.path.join(build_dir(), "bin", "jackind")))
        self.done(self.ctl("doctor", "--all", "--offline"))
        self.sandbox.programs = os.path.join(moved, "bin")
        self.done(self.ctl("daemon", "restart"))
        new = self.daemon_status()["pid"]
        self.assertNotEqual(new, old)
        self.assertEqual(program_of(new), os.path.join(moved, "bin", "jackind"))
        # The new one has the knowledge and the tokens of the old one, and works.
        self.assertEqual(self.probe("steady")["verdict"], "ok")
        self.set_up()
        self.no_leftovers()

    def test_watch_gets_every_change_and_does_not_delay(self):
        watch = self.begin("jackinctl", "watch", "--format", "json")
        # It runs once it reports a change.
        changes = 0
        while not select.select([watch.stdout], [], [], 0.2)[0]:
            changes += 1
            self.assertLess(changes, 300)
            # By default the mode is sync.
            self.sandbox.workspace("changing", "" if changes % 2 else '[claude]\nauth_forward = "ignore"\n')
        self.assertEqual(json.loads(watch.stdout.readline())["scope"], "changing")
        # Only now, since the setup waits at most 20 seconds for the API.
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        restart = self.restart()
        self.wait_for(lambda status: status.get("ending"))
        self.sandbox.workspace("late")
        heard = json.loads(watch.stdout.readline())
        while heard["scope"] == "changing":
            heard = json.loads(watch.stdout.readline())
        self.assertEqual((heard["event"], heard["scope"]), ("added", "late"))
        held.release()
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.ended(restart)
        _, complaints = self.ended(watch, 4)
        error = json.loads(complaints)["error"]
        self.assertEqual((error["reason"], error["message"]), ("daemon_unreachable", "jackind ends"))
        self.assertEqual(error["remedy"], "jackinctl daemon start")

    def test_doctor_ends_first(self):
        held = self.api.hold("/v1/models")
        doctor = self.begin("jackinctl", "doctor", "--all", "--format", "json")
        held.wait_for_request(LIMIT)
        old = self.daemon_status()["pid"]
        restart = self.restart()
        self.wait_for(lambda status: status.get("ending"))
        # A second one starts and is answered meanwhile.
        self.done(self.ctl("doctor", "--all", "--offline"))
        self.assertEqual(self.daemon_status()["pid"], old)
        held.release()
        out, _ = self.ended(doctor)
        self.assertEqual([each["verdict"] for each in json.loads(out)["scopes"] if each["scope"] == "steady"], ["ok"])
        self.ended(restart)
        self.assertNotEqual(self.daemon_status()["pid"], old)

    def test_kill_under_load_fails_no_probe(self):
        with Stream(self.sandbox) as stream:
            for _ in range(3):
                self.sandbox.kill_daemon()
                stream.go_on(5)
        self.assertEqual(stream.failures, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
