"""When things go wrong, or two things at once: what is promised then, through the real daemon."""

import contextlib
import os
import signal
import subprocess
import unittest

from support import EndToEnd, LIMIT, pieces_in


class TwoAtOnce(EndToEnd):
    def begin_silent(self):
        """A setup of `demo` whose claude says nothing; it holds the scope until it is cancelled."""
        self.mode("silent")
        terminal = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        # claude runs, and with it the operation.
        terminal.expect("(?i)welcome|opening browser")
        self.mode("")
        return terminal

    def test_a_second_on_the_same_scope_is_busy_at_once(self):
        first = self.begin_silent()
        error = self.error(self.ctl("setup", "demo", "--store", "file", "--format", "json"), "busy", 6)
        self.assertIn("setup", error["message"])
        first.send(b"\x03")
        self.assertEqual(first.wait(), 5, first.text)
        self.set_up()

    def test_one_on_another_scope_runs(self):
        first = self.begin_silent()
        self.sandbox.workspace("other")
        self.set_up("other", "--store", "file")
        self.done(self.ctl("probe", "other"))
        first.send(b"\x03")
        self.assertEqual(first.wait(), 5, first.text)

    def test_status_names_what_runs(self):
        first = self.begin_silent()
        operation, = self.json(self.ctl("daemon", "status", "--format", "json"))["operations"]
        self.assertEqual((operation["kind"], operation["scope"], operation["step"]), ("setup", "demo", "mint"))
        first.send(b"\x03")
        first.wait()


class AfterTheCapture(EndToEnd):
    def test_the_setup_ends_though_the_client_is_gone(self):
        # The API holds its answer back until the client has been killed.
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        terminal.kill(signal.SIGKILL)
        terminal.wait()
        held.release()
        self.assertEqual(self.wait_for_verdict(), "ok")
        store, = self.stored()
        with open(store, "rb") as file:
            self.assertEqual(file.read(), self.token.encode())
        self.assert_token_only_in(store)

    def test_ctrl_c_detaches(self):
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        held.release()
        self.assertEqual(self.wait_for_verdict(), "ok")

    def wait_for_verdict(self):
        """The verdict once nothing runs on the scope any more: a setup of it is refused for another reason than busy."""
        for _ in range(500):
            completed = self.ctl("setup", "demo", "--store", "file", "--format", "json")
            if completed.code != 6:
                break
        self.error(completed, "slot_exists")
        return self.json(self.ctl("probe", "demo", "--format", "json"))["verdict"]


class Killed(EndToEnd):
    """The daemon dies by SIGKILL in the middle of a setup."""

    def test_while_the_api_is_asked(self):
        before = self.snapshot()
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        os.kill(self.sandbox.daemon_pid(), signal.SIGKILL)
        self.assertNotEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        held.release()
        # The next daemon finds nothing to keep, and says so of nothing.
        self.assertEqual(self.json(self.ctl("probe", "demo", "--format", "json"))["verdict"], "not_managed")
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])
        self.set_up()

    def test_what_a_killed_writer_left_aside_is_removed_at_the_next_start(self):
        for name in (".demo.toml.1-0.jackind", ".fresh.toml.1-0.jackind"):
            path = os.path.join(self.sandbox.config_dir, "workspaces", name)
            with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as out:
                out.write(f'[claude]\noauth_token = "{self.token}"\n')
        self.done(self.ctl("daemon", "start"))
        for _ in range(500):
            if sorted(os.listdir(os.path.dirname(path))) == ["demo.toml"]:
                break
            self.done(self.ctl("probe", "demo"))
        self.assert_token_only_in()


class Mistakes(EndToEnd):
    def test_a_token_typed_in_place_of_a_workspace_is_not_kept(self):
        for arguments in (("setup", self.token), ("doctor", self.token), ("probe", self.token)):
            completed = self.done(self.ctl(*arguments), 2)
            self.assertEqual(pieces_in(completed.stdout + completed.stderr, self.token, 8), [])
        self.done(self.ctl("daemon", "start"))
        self.assert_token_only_in()

    def test_a_file_spelled_in_two_ways_is_one(self):
        self.set_up()
        store, = self.stored()
        self.json(self.ctl("setup", "--global", "--reuse", f"file:{store}", "--format", "json"))
        scopes = {entry["scope"]: entry for entry in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual(scopes["global"]["shared_with"], ["demo"])


@unittest.skipUnless(os.geteuid() == 0, "mounting a small file system needs root")
class FullDisk(EndToEnd):
    def setUp(self):
        super().setUp()
        os.makedirs(self.sandbox.home_dir, mode=0o700, exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", self.sandbox.home_dir],
                                 capture_output=True, check=False)
        if mounted.returncode:
            self.skipTest("mounting is not allowed here")
        # Cleanups run last first: the daemon is stopped before its file system goes.
        self.addCleanup(subprocess.run, ["umount", "-l", self.sandbox.home_dir], check=False)
        self.addCleanup(self.ctl, "daemon", "stop")

    def test_nothing_is_changed_and_it_is_said(self):
        self.done(self.ctl("daemon", "start"))
        before = self.text()
        with open(os.path.join(self.sandbox.home_dir, "filler"), "wb", buffering=0) as out:
            with contextlib.suppress(OSError):
                while out.write(b"x" * 4096):
                    pass
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertIn("No space left", terminal.text)
        self.assertEqual(self.text(), before)
        os.unlink(os.path.join(self.sandbox.home_dir, "filler"))
        self.set_up()


if __name__ == "__main__":
    unittest.main(verbosity=2)
