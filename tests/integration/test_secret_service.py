# SPDX-License-Identifier: Apache-2.0
"""The complete life of a token in the real GNOME Keyring. The tests inspect the keyring from outside, with secret-tool.
"""

import json
import os
import signal
import subprocess
import sys
import unittest

from support import EndToEnd, pieces_in

from keyring import Keyring


class SecretService(EndToEnd):
    """The client and the daemon are on a session bus with GNOME Keyring, and with a mock user who answers its prompts.
    """

    SERVICE = True

    def setUp(self):
        super().setUp()
        self.keyring = Keyring(self.sandbox.path("keyring"), service=False)
        self.addCleanup(self.keyring.close)
        self.keyring.with_user()
        if self.SERVICE:
            self.keyring.start_service()
        self.sandbox.environment["DBUS_SESSION_BUS_ADDRESS"] = self.keyring.address

    def kept(self, scope="demo"):
        """The tokens in the keyring that are marked for this scope."""
        found = self.keyring.search("application", "jackin", "scope", scope)
        return [line.removeprefix("secret = ") for line in found.splitlines() if line.startswith("secret = ")]


class SecretServiceStore(SecretService):
    def test_is_the_default_and_the_only_place_of_the_token(self):
        terminal = self.set_up("demo")
        self.assertRegex(terminal.text, r"stored in\s+Secret Service  jackin/demo-")
        self.assertIn('oauth_token = { os_store = "jackin", account = "demo-', self.text())
        self.assertEqual(self.kept(), [self.token])
        self.assertEqual(self.stored(), [])
        self.assert_token_only_in()
        self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertIn("label = Claude token for demo (jackind)", self.keyring.search("application", "jackin"))

    def test_setup_to_revoke(self):
        self.set_up("demo", "--store", "secret-service")
        probe = self.probe()
        self.assertEqual((probe["verdict"], probe["source"][:15]), ("ok", "Secret Service "))
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["decision"], "allow")
        self.assertEqual(self.launched(), self.token)

        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertEqual(self.kept(), [second])
        self.assertEqual(pieces_in(rotated.output, second, 6), [])
        self.assertEqual(self.launched(), second)

        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)
        self.assertIn('auth_forward = "ignore"', self.text())

    def test_revoke_keeps_the_item(self):
        self.set_up("demo")
        self.done(self.ctl("revoke", "demo", "--yes"))
        self.assertEqual(self.kept(), [self.token])

    def test_scopes_are_independent(self):
        self.set_up("demo")
        second = self.mint_next()
        self.set_up("demo", "--role", "ns/reviewer")
        self.assertEqual((self.kept(), self.kept("demo:ns/reviewer")), ([self.token], [second]))
        self.done(self.ctl("revoke", "demo", "--role", "ns/reviewer", "--delete-item", "--yes"))
        self.assertEqual((self.kept(), self.kept("demo:ns/reviewer")), ([self.token], []))

    def test_adopted_item_stays_the_users(self):
        self.keyring.store("my service", "my account", self.token)
        self.done(self.ctl("setup", "demo", "--reuse", "os-store:my service/my account"))
        self.assertIn('oauth_token = { os_store = "my service", account = "my account" }', self.text())
        self.assertEqual(self.launched(), self.token)

        # A rotation writes into the same item, and keeps the rest of it.
        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertEqual(self.keyring.lookup("service", "my service", "account", "my account"), second)
        self.assertIn("label = kept by hand", self.keyring.search("service", "my service"))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)

        before = self.snapshot()
        error = self.error(self.ctl("revoke", "demo", "--delete-item", "--yes", "--format", "json"), "not_ours")
        self.assertIn("--force", error["remedy"])
        self.assertEqual(self.snapshot(), before)
        self.done(self.ctl("revoke", "demo", "--delete-item", "--force", "--yes"))
        self.assertEqual(self.keyring.count("service", "my service"), 0)

    def test_item_deleted_by_hand_blocks_the_launch(self):
        self.set_up("demo")
        self.keyring.run("secret-tool", "clear", "application", "jackin")
        report = self.json(self.ctl("doctor", "demo", "--format", "json"), 3)
        self.assertEqual(report["verdict"], "gone")

    def test_failed_setup_removes_the_stored_item(self):
        # The configuration folder accepts no new file, which only the write detects: the token is stored, and the slot
        # cannot be written.
        workspaces = os.path.dirname(self.demo)
        self.run_chattr("+i", workspaces)
        terminal = self.setup_in_terminal("demo", "--store", "secret-service")
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertEqual(self.keyring.count("application", "jackin"), 0)

    def run_chattr(self, flag, path):
        if subprocess.run(["chattr", flag, path], capture_output=True, check=False).returncode != 0:
            self.skipTest("folders cannot be made immutable here")
        self.addCleanup(subprocess.run, ["chattr", "-i", path], check=False)


class LockedSecretService(SecretService):
    def test_user_unlocks_before_the_mint(self):
        self.keyring.lock()
        self.keyring.will_unlock()
        self.set_up("demo")
        self.assertTrue(self.keyring.was_asked())
        self.assertEqual(self.kept(), [self.token])

    def test_dismissed_prompt_changes_nothing(self):
        self.keyring.lock()
        before, kept = self.snapshot(), self.keyring.files()
        self.keyring.will_dismiss()
        error = self.error(self.ctl("setup", "demo", "--format", "json"), "store_unavailable")
        self.assertIn("dismissed", error["message"])
        self.assertTrue(error["remedy"])
        self.assertEqual((self.snapshot(), self.keyring.files()), (before, kept))

    def test_dismissed_prompt_stops_rotate_before_it_begins(self):
        self.set_up("demo")
        self.keyring.lock()
        before, kept = self.snapshot(), self.keyring.files()
        self.mint_next()
        self.keyring.will_dismiss()
        self.error(self.ctl("rotate", "demo", "--format", "json"), "store_unavailable")
        self.assertEqual((self.snapshot(), self.keyring.files()), (before, kept))

    def test_item_that_cannot_be_deleted_is_left_to_doctor(self):
        self.set_up("demo")
        self.keyring.lock()
        self.keyring.will_dismiss()
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"), 1)
        self.assertIn('auth_forward = "ignore"', self.text())
        found = self.json(self.ctl("doctor", "--format", "json"), 3)
        self.assertIn("secret-tool clear", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 1)


class UnopenedSecretService(SecretService):
    """After a login that opens no keyring: GNOME Keyring knows the items' attributes only as hashes."""

    def restart_locked(self):
        self.keyring.stop_service()
        self.keyring.start_service_locked()

    def test_own_item_is_recognised_and_deleted(self):
        self.set_up("demo")
        self.restart_locked()
        self.keyring.will_unlock()
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertTrue(self.keyring.was_asked())
        self.assertEqual(self.keyring.count("application", "jackin"), 0)

    def test_rotation_stores_a_new_item(self):
        self.set_up("demo")
        first = self.text()
        self.restart_locked()
        self.keyring.will_unlock()
        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertNotEqual(self.text(), first)
        self.assertEqual(self.kept(), [second])

    def test_deletion_of_a_killed_daemon_is_finished_when_unlocked(self):
        self.set_up("demo")
        self.keyring.lock()
        self.keyring.will_wait()
        revoking = self.begin("jackinctl", "revoke", "demo", "--delete-item", "--yes")
        self.keyring.wait_until_asked()
        self.sandbox.kill_daemon()
        revoking.wait(30)
        self.keyring.stop_service()
        self.keyring.restart_user()
        self.keyring.start_service_locked()

        found = self.json(self.ctl("doctor", "--offline", "--format", "json"), 3)
        self.assertIn("secret-tool clear service jackin account demo-", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 1)
        # Doctor finishes the operation, once a user answers.
        self.keyring.will_unlock()
        found = self.json(self.ctl("doctor", "--format", "json"))
        self.assertIn("which was unfinished, has now ended", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)
        self.assertEqual(self.json(self.ctl("doctor", "--format", "json"))["leftovers"], [])


class SecondKeyring(SecretService):
    def test_locked_second_keyring_does_not_hide_a_deletion(self):
        self.keyring.add_locked_keyring()
        self.set_up("demo")
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)


class HangingSecretService(SecretService):
    def test_file_store_is_not_used_instead(self):
        self.keyring.service.send_signal(signal.SIGSTOP)
        self.addCleanup(self.keyring.service.send_signal, signal.SIGCONT)
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--format", "json"), "store_unavailable")
        self.assertIn("--store file", error["remedy"])
        self.assertEqual(self.snapshot(), before)


class PromptingSecretService(SecretService):
    def test_cancelled_setup_releases_the_scope(self):
        self.keyring.lock()
        self.keyring.will_wait()
        before = self.snapshot()
        terminal = self.setup_in_terminal("demo")
        self.keyring.wait_until_asked()
        terminal.send("\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        # No operation holds the scope any more.
        self.assertEqual(self.daemon_status()["operations"], [])
        self.done(self.ctl("daemon", "stop"))


class AbsentSecretService(SecretService):
    SERVICE = False

    def test_named_store_is_refused_with_remedy(self):
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--store", "secret-service", "--format", "json"), "store_unavailable")
        self.assertIn("no Secret Service runs", error["message"])
        self.assertIn("gnome-keyring-daemon --start", error["remedy"])
        self.assertEqual(self.snapshot(), before)

    def test_default_is_the_file_store(self):
        self.set_up("demo")
        self.assertEqual(len(self.stored()), 1)

    def test_stopped_service_does_not_block(self):
        self.keyring.start_service()
        self.set_up("demo")
        self.keyring.stop_service()
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["verdict"], "unreachable")

    def test_missing_bus_is_reported_at_once(self):
        error = self.error(self.ctl("setup", "demo", "--store", "secret-service", "--format", "json",
                                    environment={"DBUS_SESSION_BUS_ADDRESS": None}), "store_unavailable")
        self.assertIn("DBUS_SESSION_BUS_ADDRESS", error["message"])

    @unittest.skipIf(sys.platform == "darwin", "the Keychain is here")
    def test_keychain_is_refused(self):
        error = self.error(self.ctl("setup", "demo", "--store", "keychain", "--format", "json"), "invalid_argument", 2)
        self.assertIn("secret-service", error["remedy"])


if __name__ == "__main__":
    unittest.main()
