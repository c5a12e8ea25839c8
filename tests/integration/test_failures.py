# SPDX-License-Identifier: Apache-2.0
"""Failures and concurrent operations, through the real daemon."""

import contextlib
import os
import signal
import subprocess
import unittest

from support import EndToEnd, LIMIT, Op, credential, pieces_in


class ConcurrentOperations(EndToEnd):
    def begin_silent(self):
        """A setup of `demo` whose claude prints nothing; it holds the scope until it is cancelled."""
        self.mode("silent")
        terminal = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        # claude runs, and so does the operation.
        terminal.expect("(?i)welcome|opening browser")
        self.mode("")
        return terminal

    def test_second_operation_on_the_scope_is_busy(self):
        first = self.begin_silent()
        error = self.error(self.ctl("setup", "demo", "--store", "file", "--format", "json"), "busy", 6)
        self.assertIn("setup", error["message"])
        first.send(b"\x03")
        self.assertEqual(first.wait(), 5, first.text)
        self.set_up()

    def test_operation_on_another_scope_runs(self):
        first = self.begin_silent()
        self.sandbox.workspace("other")
        self.set_up("other", "--store", "file")
        self.done(self.ctl("probe", "other"))
        first.send(b"\x03")
        self.assertEqual(first.wait(), 5, first.text)

    def test_status_lists_the_operation(self):
        first = self.begin_silent()
        operation, = self.daemon_status()["operations"]
        self.assertEqual((operation["kind"], operation["scope"], operation["step"]), ("setup", "demo", "mint"))
        first.send(b"\x03")
        first.wait()


class SharedItem(EndToEnd):
    """Two setups of different scopes that adopt one stored token."""

    def is_busy(self, first, second, item):
        self.sandbox.workspace("other")
        held = self.api.hold("/v1/models")
        running = self.begin("jackinctl", "setup", "demo", "--reuse", first, stderr=subprocess.STDOUT)
        held.wait_for_request(LIMIT)
        error = self.error(self.ctl("setup", "other", "--reuse", second, "--format", "json"), "busy", 6)
        self.assertIn(item, error["message"])
        self.assertRegex(error["message"], r"setup of 'demo' has been running since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
        self.assertIn(f"(pid {running.pid})", error["message"])
        held.release()
        output, _ = running.communicate(timeout=LIMIT)
        self.assertEqual(running.returncode, 0, output)
        self.json(self.ctl("setup", "other", "--reuse", second, "--format", "json"))
        scopes = {entry["scope"]: entry for entry in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual(scopes["demo"]["shared_with"], ["other"])

    def test_file_in_any_spelling(self):
        path = self.sandbox.private_file("home/mine.token", self.token)
        self.is_busy(f"file:{path}", "file:~/mine.token", "file:~/mine.token")

    def test_item_of_1password(self):
        Op(self.sandbox, credential("Claude", self.token))
        self.is_busy("op://Personal/Claude/credential", "op://Personal/Claude/credential", "op://")


class AfterCapture(EndToEnd):
    def test_setup_continues_without_its_client(self):
        # The API delays its answer until the client has been killed.
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
        """The verdict once no operation runs on the scope: a setup is refused for another reason than busy."""
        for _ in range(500):
            completed = self.ctl("setup", "demo", "--store", "file", "--format", "json")
            if completed.code != 6:
                break
        self.error(completed, "slot_exists")
        return self.probe()["verdict"]


class KilledDaemon(EndToEnd):
    """SIGKILL ends the daemon in the middle of a setup."""

    def test_kill_during_the_check_is_undone_by_the_next_daemon(self):
        before = self.snapshot()
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        self.sandbox.kill_daemon()
        self.assertNotEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        held.release()
        # The next daemon finds no token to keep, and reports none.
        self.assertEqual(self.probe()["verdict"], "not_managed")
        self.assertEqual(self.snapshot(), before)
        # The token stays valid at Anthropic, which doctor reports until the user acknowledges it.
        for _ in range(2):
            discarded, = self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"]
            self.assertEqual((discarded["severity"], discarded["code"]), ("warning", "token_discarded"))
            self.assertIn("the new token that the setup of 'demo' created was discarded", discarded["message"])
            self.assertEqual(discarded["remedy"], "jackinctl doctor --acknowledge  # when it is removed at "
                                                  "https://claude.ai/settings/claude-code")
            self.done(self.ctl("daemon", "restart"))
        self.done(self.ctl("doctor", "--offline", "--acknowledge"))
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])
        self.set_up()

    def test_leftover_of_a_killed_writer_is_removed_at_the_next_start(self):
        for name in (".demo.toml.1-0.jackind", ".fresh.toml.1-0.jackind"):
            path = self.sandbox.private_file(os.path.join(self.sandbox.config_dir, "workspaces", name), f'[claude]\noauth_token = "{self.token}"\n')
        self.done(self.ctl("daemon", "start"))
        for _ in range(500):
            if sorted(os.listdir(os.path.dirname(path))) == ["demo.toml"]:
                break
            self.done(self.ctl("probe", "demo"))
        self.assert_token_only_in()


class Mistakes(EndToEnd):
    def test_token_in_place_of_a_workspace_is_not_kept(self):
        for arguments in (("setup", self.token), ("doctor", self.token), ("probe", self.token)):
            completed = self.done(self.ctl(*arguments), 2)
            self.assertEqual(pieces_in(completed.stdout + completed.stderr, self.token, 8), [])
        self.done(self.ctl("daemon", "start"))
        self.assert_token_only_in()

    def test_no_consent_for_a_token_that_cannot_be_stored(self):
        folder = self.sandbox.path("gone")
        self.sandbox.workspace("demo", f'[claude]\noauth_token = {{ file = "{folder}/token" }}\n')
        done = self.done(self.ctl("rotate", "demo", "--yes"), 1)
        self.assertIn(f"cannot write {folder}/token: its folder does not exist", done.stderr)
        self.assertNotIn("open: ", done.stderr)


class BrokenFiles(EndToEnd):
    def test_broken_workspace_blocks_and_names_the_place(self):
        self.set_up()
        self.sandbox.workspace("broken", 'workdir = "/w"\nworkdir = [\n')
        for command in (("probe", "broken"), ("status", "broken")):
            with self.subTest(command=command):
                answer = self.json(self.ctl(*command, "--format", "json"), 3 if command[0] == "probe" else 0)
                answer = answer["scopes"][0] if "scopes" in answer else answer
                self.assertEqual((answer["scope"], answer["decision"], answer["verdict"]), ("broken", "block", "malformed"))
                self.assertNotIn("mode", answer)
                self.assertRegex(answer["summary"], r"workspaces/broken\.toml, line 2, column \d+")
        report = self.json(self.ctl("doctor", "broken", "--format", "json"), 3)
        self.assertEqual((report["decision"], report["verdict"]), ("block", "malformed"))
        self.assertEqual([finding["severity"] for finding in report["findings"]], ["error"])
        self.assertIn("broken.toml, line 2, ", self.done(self.hook("probe", "broken"), 3).stderr)
        launched = self.done(self.hook("exec", "broken", "--", "/bin/echo", "launched"), 125)
        self.assertEqual(launched.stdout, "")
        self.assertIn("broken.toml, line 2, ", launched.stderr)
        self.done(self.ctl("probe", "demo"))
        scopes = {entry["scope"]: entry for entry in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual((scopes["demo"]["verdict"], scopes["broken"]["verdict"]), ("ok", "malformed"))

    def test_broken_global_file_blocks_those_that_need_it(self):
        self.set_up()
        self.sandbox.workspace("plain")
        with open(os.path.join(self.sandbox.config_dir, "config.toml"), "w", encoding="ascii") as out:
            out.write("[claude\n")
        self.done(self.ctl("probe", "demo"))
        for scope in (("plain",), ("--global",)):
            answer = self.json(self.ctl("probe", *scope, "--format", "json"), 3)
            self.assertEqual((answer["decision"], answer["verdict"]), ("block", "malformed"))
            self.assertRegex(answer["summary"], r"config\.toml, line 1, column \d+")
        self.done(self.hook("exec", "plain", "--", "/bin/true"), 125)
        self.done(self.ctl("doctor", "plain"), 3)

    def test_doctor_reports_that_the_defaults_apply(self):
        self.sandbox.settings("[store]\nchekc = true\n")
        finding, = [finding for finding in self.json(self.ctl("doctor", "--offline", "--format", "json"), 3)["daemon"]
                    if finding["code"] == "config_invalid"]
        self.assertIn("jackind.toml:2:", finding["message"])
        self.assertTrue(finding["message"].endswith("; the defaults apply"), finding)


class NotUtf8(EndToEnd):
    """A name or value that is not UTF-8 affects only itself. (A surrogate stands for a byte, as in os.fsencode.)"""

    ODD = "caf\udce9"
    SHOWN = "caf\\xe9"

    def setUp(self):
        super().setUp()
        self.sandbox.settings('[upstream]\ncheck = "off"\n')

    def locales(self):
        for locale in ("C", "C.UTF-8", "caf\udce9"):
            self.sandbox.environment["LANG"] = locale
            with self.subTest(locale=locale):
                yield

    def assert_everything_works(self):
        status = self.done(self.ctl("status"))
        self.assertIn("demo", status.stdout)
        self.assertEqual(status.stderr, "")
        self.json(self.ctl("status", "--format", "json"))
        doctor = self.done(self.ctl("doctor", "--offline"))
        self.assertIn("demo", doctor.stdout)
        self.assertEqual(doctor.stderr, "")
        self.assertEqual(self.launched(), self.token)
        self.assertIn("demo", self.done(self.ctl("__complete", "zsh", "probe", "")).stdout)

    def test_workspace_name(self):
        self.set_up()
        self.sandbox.workspace(self.ODD)
        self.sandbox.workspace("caf")
        for _ in self.locales():
            self.assert_everything_works()
            scopes = [one["scope"] for one in self.json(self.ctl("status", "--format", "json"))["scopes"]]
            self.assertEqual(scopes, ["global", "caf", self.SHOWN, "demo"])
            self.assertIn(self.SHOWN, self.ctl("doctor", "--offline").stdout)
        # Unchanged, and in the form that is shown.
        for name in (self.ODD, self.SHOWN):
            self.assertEqual(self.probe(name)["scope"], self.SHOWN)
            self.done(self.hook("probe", name))

    def test_token_of_such_a_workspace(self):
        odd = self.sandbox.workspace(self.ODD)
        self.set_up(self.ODD, "--store", "file")
        self.assertIn("oauth_token", self.text(odd))
        done = self.done(self.hook("exec", self.SHOWN, "--", "sh", "-c", 'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"'))
        self.assertEqual(done.stdout, self.token)
        report = self.json(self.ctl("revoke", self.SHOWN, "--delete-item", "--format", "json"))
        self.assertEqual((report["scope"], report["deleted"]), (self.SHOWN, True))
        self.assertNotIn("oauth_token", self.text(odd))

    def test_invisible_names_are_refused(self):
        self.set_up()
        for name in ("de\u200bmo", "demo\u202e", "\ufeffdemo"):
            self.sandbox.workspace(name)
            self.assertIn("does not show", self.error(self.ctl("probe", name, "--format", "json"), "invalid_argument", 2)["message"])
        self.assert_everything_works()

    def test_folders_and_variables(self):
        folder = os.path.join(self.sandbox.root, self.ODD)
        os.mkdir(folder, 0o700)
        environment = self.sandbox.environment
        environment["PATH"] = f"{folder}:{environment['PATH']}"
        environment["LC_TIME"] = environment["XDG_DATA_DIRS"] = self.ODD
        self.set_up()
        for _ in self.locales():
            self.assert_everything_works()
        # A program in that folder is named.
        os.rename(os.path.join(self.sandbox.bin, "claude"), os.path.join(folder, "claude"))
        self.assertIn(os.path.join(self.sandbox.root, self.SHOWN, "claude"), self.ctl("doctor", "--offline").stdout)

    def test_value_that_no_configuration_can_hold_is_refused(self):
        for arguments in (("--reuse", f"file:/{self.ODD}"), ("--vault", self.ODD)):
            message = self.error(self.ctl("setup", "demo", *arguments, "--format", "json", input="x"), "invalid_argument", 2)
            self.assertIn("is not UTF-8", message["message"])


class UnmountedFiles(EndToEnd):
    """The file of a workspace is a link into a folder that is not mounted now."""

    def setUp(self):
        super().setUp()
        self.set_up()
        store, = self.stored()
        self.sandbox.workspace("linked")
        self.done(self.ctl("setup", "linked", "--reuse", f"file:{store}"))
        self.link = os.path.join(self.sandbox.config_dir, "workspaces", "linked.toml")
        self.target = self.sandbox.path("dots")
        os.rename(self.link, self.target)
        os.symlink(self.target, self.link)

    def away(self):
        os.rename(self.target, self.sandbox.path("away"))

    def back(self):
        os.rename(self.sandbox.path("away"), self.target)

    def test_shared_token_is_not_deleted(self):
        self.away()
        error = self.error(self.ctl("revoke", "demo", "--delete-item", "--yes", "--format", "json"), "config_unreadable")
        self.assertIn("'linked'", error["message"])
        self.back()
        launched = self.done(self.hook("exec", "linked", "--", "/bin/sh", "-c", "printenv CLAUDE_CODE_OAUTH_TOKEN"))
        self.assertEqual(launched.stdout.strip(), self.token)

    def test_status_shows_the_links_target(self):
        self.away()
        scopes = {each["scope"]: each for each in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual(scopes["linked"]["decision"], "block")
        self.assertIn(f"is a link to {self.target}, which does not exist", scopes["linked"]["summary"])
        self.assertEqual(scopes["demo"]["verdict"], "ok")


@unittest.skipUnless(os.geteuid() == 0, "mounting a small file system needs root")
class FullDisk(EndToEnd):
    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.sandbox.home, ".local")
        os.makedirs(self.disk, mode=0o700, exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", self.disk],
                                 capture_output=True, check=False)
        if mounted.returncode:
            self.skipTest("mounting is not allowed here")
        # Cleanups run in reverse order: the daemon is stopped before its file system is unmounted.
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)
        self.addCleanup(self.ctl, "daemon", "stop")

    def test_failed_write_is_reported_and_changes_nothing(self):
        self.done(self.ctl("daemon", "start"))
        before = self.text()
        with open(os.path.join(self.disk, "filler"), "wb", buffering=0) as out:
            with contextlib.suppress(OSError):
                while out.write(b"x" * 4096):
                    pass
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertIn("No space left", terminal.text)
        self.assertEqual(self.text(), before)
        os.unlink(os.path.join(self.disk, "filler"))
        self.set_up()


if __name__ == "__main__":
    unittest.main(verbosity=2)
