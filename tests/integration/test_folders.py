# SPDX-License-Identifier: Apache-2.0
"""The folders of jackind, and how clients find the one daemon of a user."""

import contextlib
import ctypes
import json
import os
import shutil
import sqlite3
import sys
import time
import unittest

from support import EndToEnd, LIMIT


def exchange(one, other):
    """Exchanges the files or folders of two paths in one step: the daemon cannot create anything in between."""
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    # RENAME_SWAP of renamex_np(2), AT_FDCWD and RENAME_EXCHANGE of renameat2(2).
    failed = (libc.renamex_np(*paths, 2) if sys.platform == "darwin"
              else libc.renameat2(-100, paths[0], -100, paths[1], 2))
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), one, None, other)


class OneDaemon(EndToEnd):
    """Sessions differ in their environment, and use the same daemon."""

    without_session = {"XDG_RUNTIME_DIR": None}

    def take_away(self, folder):
        """Removes a folder in one step, because the daemon creates it again at once."""
        gone = self.sandbox.path("gone")
        os.rename(folder, gone)
        shutil.rmtree(gone)

    def test_home_folder_behind_a_link_is_the_same(self):
        os.symlink(self.sandbox.root, self.sandbox.path("home", "link"))
        self.sandbox.environment["HOME"] = self.sandbox.path("home", "link", "home")
        self.set_up()
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        # The same folders by another path.
        self.done(self.hook("exec", "demo", "--", "/bin/true", environment={"HOME": self.sandbox.home}))

    def test_cron_and_desktop_use_the_same_daemon(self):
        for first, then in ((self.without_session, {}), ({}, self.without_session)):
            with self.subTest(first=first):
                self.done(self.ctl("daemon", "start", environment=first))
                before = self.daemon_status(environment=first)
                self.assertEqual(self.daemon_status(environment=then), before)
                self.done(self.ctl("daemon", "start", environment=then))
                self.assertEqual(self.daemon_status(environment=then)["pid"], before["pid"])
                self.done(self.ctl("daemon", "stop", environment=then))
                self.assertEqual(self.ctl("daemon", "status", environment=first).code, 4)

    @unittest.skipUnless(os.geteuid() == 0, "giving a folder to another user needs root")
    def test_foreign_runtime_folder_counts_as_unset(self):
        self.done(self.ctl("daemon", "start"))
        other = self.sandbox.folder("other-run")
        os.chown(other, 65534, 65534)
        self.assertEqual(self.daemon_status(environment={"XDG_RUNTIME_DIR": other}), self.daemon_status())
        self.done(self.ctl("daemon", "restart", environment={"XDG_RUNTIME_DIR": other}))
        self.assertEqual(self.daemon_status()["socket"], os.path.join(self.sandbox.state_dir, "run", "jackind.sock"))
        self.assertEqual(os.listdir(other), [])

    @unittest.skipUnless(os.geteuid() == 0, "only root can take another's home folder")
    def test_root_creates_nothing_in_a_foreign_home_folder(self):
        os.chown(self.sandbox.home, 65534, 65534)
        for program, arguments in (("jackinctl", ("daemon", "start")), ("jackind", ())):
            done = self.sandbox.run(program, *arguments)
            self.assertEqual(done.code, 1, done)
            self.assertIn("runs as root", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.sandbox.home, ".local")))

    def test_removed_socket_is_created_again(self):
        self.set_up()
        before = self.daemon_status()
        os.unlink(before["socket"])
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        self.assertEqual(self.daemon_status(), before)
        self.take_away(self.sandbox.runtime_dir)
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        self.assertEqual(self.daemon_status(), before)
        # When that folder cannot be created, the daemon listens elsewhere.
        session = os.path.dirname(self.sandbox.runtime_dir)
        file = self.sandbox.path("file")
        with open(file, "w", encoding="ascii"):
            pass
        exchange(session, file)
        shutil.rmtree(file)
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        after = self.daemon_status()
        self.assertEqual(after["pid"], before["pid"])
        self.assertEqual(after["socket"], os.path.join(self.sandbox.state_dir, "run", "jackind.sock"))

    def test_removed_lock_file_is_created_again(self):
        self.done(self.ctl("daemon", "start"))
        before = self.daemon_status()
        lock = os.path.join(self.sandbox.state_dir, "jackind.lock")
        os.unlink(lock)
        # Clients find it by its socket meanwhile; with its record again they find it from every session.
        self.done(self.ctl("daemon", "start"))
        deadline = time.monotonic() + LIMIT
        while not (os.path.exists(lock) and os.path.getsize(lock)):
            self.assertLess(time.monotonic(), deadline)
            self.daemon_status()
        self.assertEqual(self.daemon_status(environment=self.without_session), before)


class EarlierVersion(EndToEnd):
    """The state and the tokens are in jackin's folder."""

    def setUp(self):
        super().setUp()
        self.set_up()
        self.before = self.probe()
        self.done(self.ctl("daemon", "stop"))
        self.name = os.path.basename(self.stored()[0])
        for folder in ("state", "secrets"):
            os.makedirs(os.path.join(self.sandbox.home_dir, folder), mode=0o700)
        self.old = os.path.join(self.sandbox.home_dir, "secrets", self.name)
        os.rename(self.stored()[0], self.old)
        database = os.path.join(self.sandbox.home_dir, "state", "jackind.db")
        # With its write-ahead log: a daemon of that version leaves it at its end.
        for part in ("", "-wal", "-shm"):
            os.rename(os.path.join(self.sandbox.state_dir, "jackind.db" + part), database + part)
        shutil.rmtree(os.path.join(self.sandbox.home, ".local"))
        with open(os.path.join(self.sandbox.home_dir, "state", "jackind.lock"), "w", encoding="ascii"):
            pass
        self.reference = "~/.jackin/secrets/" + self.name
        text = self.text().replace("~/.local/share/jackind/tokens/" + self.name, self.reference)
        with open(self.demo, "w", encoding="utf-8") as out:
            out.write(text)
        self.first_text = text
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE token SET reference = ?", ("file:" + self.reference,))

    def test_state_and_tokens_are_moved_completely(self):
        token = self.launched()
        self.assertEqual(token, self.token)
        # Only calls that wait for the move are answered after it.
        self.ctl("doctor")
        self.assertEqual(self.text(), self.first_text.replace(self.reference, "~/.local/share/jackind/tokens/" + self.name))
        self.assertEqual([os.path.basename(path) for path in self.stored()], [self.name])
        self.assertFalse(os.path.exists(self.old))
        after = self.probe()
        self.assertEqual((after["fingerprint"], after["expires_on"]), (self.before["fingerprint"], self.before["expires_on"]))
        # As `jackin prune system --all` does.
        shutil.rmtree(self.sandbox.home_dir)
        self.assertEqual(self.launched(), self.token)
        self.done(self.ctl("daemon", "restart"))
        self.assertEqual(self.launched(), self.token)
        self.assert_token_only_in(*self.stored())

    def test_state_on_an_unmounted_disk_is_added_later(self):
        # ~/.jackin is a link to a disk that is not mounted yet.
        disk, mounted = self.sandbox.path("disk"), self.sandbox.path("mounted")
        os.rename(self.sandbox.home_dir, disk)
        os.symlink(mounted, self.sandbox.home_dir)
        self.done(self.ctl("daemon", "start"))
        finding, = json.loads(self.ctl("doctor", "--offline", "--format", "json").stdout)["leftovers"]
        self.assertEqual((finding["code"], finding["severity"]), ("earlier_state_away", "warning"))
        self.assertIn(mounted, finding["message"])
        self.assertNotIn("expires_on", json.loads(self.ctl("probe", "demo", "--format", "json").stdout))
        os.rename(disk, mounted)
        self.done(self.ctl("daemon", "restart"))
        self.assertEqual(json.loads(self.ctl("doctor", "--offline", "--format", "json").stdout)["leftovers"], [])
        after = self.json(self.ctl("probe", "demo", "--format", "json"))
        self.assertEqual((after["fingerprint"], after["expires_on"]), (self.before["fingerprint"], self.before["expires_on"]))
        self.assertEqual(self.launched(), self.token)


class TwoConfigurations(EndToEnd):
    """Two configuration folders that share one state folder, each with a daemon of its own, one after the other."""

    def setUp(self):
        super().setUp()
        self.set_up()
        self.store, = self.stored()
        self.other = self.sandbox.folder("other")
        os.makedirs(os.path.join(self.other, "workspaces"))
        shutil.copy(os.path.join(self.sandbox.config_dir, "jackind.toml"), self.other)
        for name in ("x", "demo"):
            with open(os.path.join(self.other, "workspaces", name + ".toml"), "w", encoding="ascii") as out:
                out.write('workdir = "/work"\n')
        self.elsewhere = {"JACKIN_CONFIG_DIR": self.other}
        self.done(self.ctl("daemon", "stop"))

    def adopt(self):
        self.done(self.ctl("setup", "x", "--reuse", "file:" + self.store, environment=self.elsewhere))
        self.done(self.ctl("daemon", "stop", environment=self.elsewhere))

    def launched_elsewhere(self):
        return self.done(self.hook("exec", "x", "--quiet", "--", "sh", "-c", 'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"',
                                   environment=self.elsewhere)).stdout

    def test_revoke_keeps_a_token_of_another_configuration(self):
        self.adopt()
        error = self.error(self.ctl("revoke", "demo", "--yes", "--delete-item", "--format", "json"), "not_ours")
        self.assertIn(f"'x' of the configuration in {self.other} uses it too", error["message"])
        self.done(self.ctl("revoke", "demo", "--yes"))
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.launched_elsewhere(), self.token)
        # The other configuration adopted the token, and the first one released it.
        self.error(self.ctl("revoke", "x", "--yes", "--delete-item", "--format", "json", environment=self.elsewhere),
                   "not_ours")
        self.done(self.ctl("revoke", "x", "--yes", environment=self.elsewhere))
        self.done(self.ctl("daemon", "stop", environment=self.elsewhere))
        self.done(self.ctl("revoke", "demo", "--yes", "--delete-item"))
        self.assertEqual(self.stored(), [])

    def test_rotate_keeps_a_token_of_another_configuration(self):
        self.adopt()
        self.mint_next()
        terminal = self.run_in_terminal("rotate", "demo")
        self.assertIn("of the configuration in", terminal.text)
        self.assertIn(self.store, self.stored())
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.launched_elsewhere(), self.token)

    def test_unreadable_configuration_counts_until_it_is_gone(self):
        self.adopt()
        away = self.sandbox.path("away")
        os.rename(self.other, away)
        os.symlink(self.sandbox.path("nowhere"), self.other)
        error = self.error(self.ctl("revoke", "demo", "--yes", "--delete-item", "--format", "json"), "config_unreadable")
        self.assertIn(self.other, error["message"])
        self.assertEqual(error["remedy"], "ls -ld " + self.other)
        os.unlink(self.other)
        self.done(self.ctl("revoke", "demo", "--yes", "--delete-item"))
        self.assertEqual(self.stored(), [])

    def test_same_scope_name_in_two_configurations_is_independent(self):
        self.done(self.ctl("probe", "demo", environment=self.elsewhere))
        self.done(self.ctl("setup", "demo", "--reuse", "file:" + self.store, environment=self.elsewhere))
        self.done(self.ctl("revoke", "demo", "--yes", environment=self.elsewhere))
        self.done(self.ctl("daemon", "stop", environment=self.elsewhere))
        before = self.probe()
        self.assertEqual(before["verdict"], "ok")
        self.assertIn("expires_on", before)
        # Adopted there, created here.
        self.done(self.ctl("revoke", "demo", "--yes", "--delete-item"))
        self.assertEqual(self.stored(), [])


class RemovedFiles(EndToEnd):
    """Files are removed while the daemon runs."""

    def test_removed_state_is_written_again(self):
        self.set_up()
        before = self.probe()
        # In one step, because the daemon creates it again at once.
        gone = self.sandbox.path("gone")
        os.rename(self.sandbox.state_dir, gone)
        shutil.rmtree(gone)
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        self.done(self.ctl("daemon", "stop"))
        self.assertTrue(os.path.exists(os.path.join(self.sandbox.state_dir, "jackind.db")))
        after = self.probe()
        for key in ("fingerprint", "expires_on", "verdict"):
            self.assertEqual(after[key], before[key])

    def remove_in_one_step(self, folder):
        """In one step, because the daemon creates it again at once."""
        gone = self.sandbox.path("gone")
        os.rename(folder, gone)
        shutil.rmtree(gone)

    def removed(self):
        report = self.json(self.ctl("doctor", "--offline", "--format", "json"))
        return [finding["message"] for finding in report["daemon"] if finding["code"] == "removed"]

    def test_removed_state_folder_is_reported_and_logged(self):
        self.set_up()
        self.assertEqual(self.removed(), [])
        log = os.path.join(self.sandbox.state_dir, "log")
        self.remove_in_one_step(self.sandbox.state_dir)
        answer = self.done(self.hook("exec", "demo", "--", "/bin/true")).stderr
        self.assertIn("the state database ~/.local/state/jackind/jackind.db was removed while jackind ran", answer)
        self.assertIn("the log in ~/.local/state/jackind/log was removed", answer)
        # The next command has nothing to report.
        self.assertNotIn("was removed", self.done(self.hook("exec", "demo", "--", "/bin/true")).stderr)
        self.assertEqual(len(self.removed()), 2)
        self.assertEqual(len(self.removed()), 2)
        self.assertIn("jackind.db was removed", self.sandbox.log())
        self.assertEqual(os.stat(log).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(os.path.join(log, "jackind.log")).st_mode & 0o777, 0o600)
        self.done(self.ctl("daemon", "restart"))
        self.assertEqual(self.removed(), [])

    def test_removed_log_folder_is_reported(self):
        self.set_up()
        log = os.path.join(self.sandbox.state_dir, "log")
        self.remove_in_one_step(log)
        answer = self.done(self.ctl("revoke", "demo"))
        self.assertIn("the log in ~/.local/state/jackind/log was removed", answer.stdout + answer.stderr)
        self.assertEqual(len(self.removed()), 1)
        self.assertIn("Tokens.Revoke", self.sandbox.log())

    def test_removed_socket_is_reported_by_doctor_only(self):
        self.set_up()
        self.remove_in_one_step(self.sandbox.runtime_dir)
        self.assertNotIn("was removed", self.done(self.hook("exec", "demo", "--", "/bin/true")).stderr)
        self.assertIn("the socket", " ".join(self.removed()))

    def test_removed_tokens_block_launches_until_rotated(self):
        self.set_up()
        self.remove_in_one_step(os.path.dirname(self.sandbox.tokens_dir))
        refused = self.hook("exec", "demo", "--", "/bin/true")
        self.assertEqual(refused.code, 125)
        self.assertIn("the token file of 'demo' is missing: ", refused.stderr)
        self.assertIn("try: jackinctl rotate demo", refused.stderr)
        self.mint_next()
        self.run_in_terminal("rotate", "demo")
        self.done(self.hook("exec", "demo", "--", "/bin/true"))

    def test_removed_home_folder_is_not_created_again(self):
        self.set_up()
        self.remove_in_one_step(self.sandbox.home)
        self.ctl("status")
        self.ctl("doctor", "--offline")
        self.assertFalse(os.path.exists(self.sandbox.home))

    def test_removal_of_jackins_folder_has_no_effect(self):
        self.set_up()
        self.assertFalse(os.path.exists(self.sandbox.home_dir))
        os.makedirs(self.sandbox.home_dir)
        shutil.rmtree(self.sandbox.home_dir)
        self.done(self.hook("exec", "demo", "--", "/bin/true"))

    def test_leftover_of_a_killed_writer_is_removed(self):
        self.set_up()
        self.done(self.ctl("daemon", "stop"))
        old = os.path.join(self.sandbox.tokens_dir, ".x.token.0123456789abcdef~")
        young = os.path.join(self.sandbox.tokens_dir, ".y.token.0123456789abcdef~")
        other = os.path.join(self.sandbox.tokens_dir, "demo-" + 26 * "a" + ".token")
        for path in (old, young, other):
            with open(path, "w", encoding="ascii"):
                pass
        os.utime(old, (1, 1))
        os.utime(other, (1, 1))
        self.ctl("doctor", "--offline")
        self.assertFalse(os.path.exists(old))
        # Another daemon may be writing it, and has made that token.
        self.assertTrue(os.path.exists(young))
        self.assertTrue(os.path.exists(other))


if __name__ == "__main__":
    unittest.main(verbosity=2)
