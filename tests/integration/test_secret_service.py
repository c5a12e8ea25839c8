# SPDX-License-Identifier: Apache-2.0
"""A token's whole life in the real GNOME Keyring: what jackind leaves there is looked at from outside, with secret-tool."""

import json
import os
import signal
import subprocess
import sys
import unittest

from support import EndToEnd, pieces_in

from keyring import Keyring


class SecretService(EndToEnd):
    """The client and the daemon are on a session bus on which GNOME Keyring runs, with a user who answers it."""

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
        """The tokens in the keyring that are marked as this scope's."""
        found = self.keyring.search("application", "jackin", "scope", scope)
        return [line.removeprefix("secret = ") for line in found.splitlines() if line.startswith("secret = ")]


class LifeInTheSecretService(SecretService):
    def test_is_the_default_and_leaves_the_token_nowhere_else(self):
        terminal = self.set_up("demo")
        self.assertRegex(terminal.text, r"stored in\s+Secret Service  jackin/demo-")
        self.assertIn('oauth_token = { os_store = "jackin", account = "demo-', self.text())
        self.assertEqual(self.kept(), [self.token])
        self.assertEqual(self.stored(), [])
        self.assert_token_only_in()
        self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertIn("label = Claude token for demo (jackind)", self.keyring.search("application", "jackin"))

    def test_from_setup_to_revoke(self):
        self.set_up("demo", "--store", "secret-service")
        probe = self.json(self.ctl("probe", "demo", "--format", "json"))
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

    def test_revoke_alone_leaves_the_item(self):
        self.set_up("demo")
        self.done(self.ctl("revoke", "demo", "--yes"))
        self.assertEqual(self.kept(), [self.token])

    def test_scopes_do_not_get_into_each_others_way(self):
        self.set_up("demo")
        second = self.mint_next()
        self.set_up("demo", "--role", "ns/reviewer")
        self.assertEqual((self.kept(), self.kept("demo:ns/reviewer")), ([self.token], [second]))
        self.done(self.ctl("revoke", "demo", "--role", "ns/reviewer", "--delete-item", "--yes"))
        self.assertEqual((self.kept(), self.kept("demo:ns/reviewer")), ([self.token], []))

    def test_an_adopted_item_stays_the_users(self):
        self.keyring.store("my service", "my account", self.token)
        self.done(self.ctl("setup", "demo", "--reuse", "os-store:my service/my account"))
        self.assertIn('oauth_token = { os_store = "my service", account = "my account" }', self.text())
        self.assertEqual(self.launched(), self.token)

        # A rotation goes into the same item, and keeps all the rest of it.
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

    def test_a_token_that_is_deleted_by_hand_blocks_the_launch(self):
        self.set_up("demo")
        self.keyring.run("secret-tool", "clear", "application", "jackin")
        report = self.json(self.ctl("doctor", "demo", "--format", "json"), 3)
        self.assertEqual(report["verdict"], "gone")

    def test_what_a_failed_setup_stored_is_taken_back(self):
        # The folder of the configuration takes no new file, which shows only when it is tried: the token is stored, and
        # cannot be wired.
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
    def test_is_opened_by_the_user_before_anything_is_minted(self):
        self.keyring.lock()
        self.keyring.will_unlock()
        self.set_up("demo")
        self.assertTrue(self.keyring.was_asked())
        self.assertEqual(self.kept(), [self.token])

    def test_that_stays_locked_changes_nothing(self):
        self.keyring.lock()
        before, kept = self.snapshot(), self.keyring.files()
        self.keyring.will_dismiss()
        error = self.error(self.ctl("setup", "demo", "--format", "json"), "store_unavailable")
        self.assertIn("dismissed", error["message"])
        self.assertTrue(error["remedy"])
        self.assertEqual((self.snapshot(), self.keyring.files()), (before, kept))

    def test_that_stays_locked_stops_rotate_and_revoke_before_they_begin(self):
        self.set_up("demo")
        self.keyring.lock()
        before, kept = self.snapshot(), self.keyring.files()
        self.mint_next()
        self.keyring.will_dismiss()
        self.error(self.ctl("rotate", "demo", "--format", "json"), "store_unavailable")
        self.assertEqual((self.snapshot(), self.keyring.files()), (before, kept))

    def test_what_cannot_be_deleted_is_left_to_doctor(self):
        self.set_up("demo")
        self.keyring.lock()
        self.keyring.will_dismiss()
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"), 1)
        self.assertIn('auth_forward = "ignore"', self.text())
        found = self.json(self.ctl("doctor", "--format", "json"), 3)
        self.assertIn("secret-tool clear", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 1)


class SecretServiceThatWasNotOpenedYet(SecretService):
    """After a login that opens no keyring: GNOME Keyring knows the items' attributes as hashes alone."""

    def restart_locked(self):
        self.keyring.stop_service()
        self.keyring.start_service_locked()

    def test_knows_what_is_ours_to_delete(self):
        self.set_up("demo")
        self.restart_locked()
        self.keyring.will_unlock()
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertTrue(self.keyring.was_asked())
        self.assertEqual(self.keyring.count("application", "jackin"), 0)

    def test_gets_the_next_token_beside_the_old_one(self):
        self.set_up("demo")
        first = self.text()
        self.restart_locked()
        self.keyring.will_unlock()
        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertNotEqual(self.text(), first)
        self.assertEqual(self.kept(), [second])

    def test_keeps_what_a_dead_daemon_had_begun_for_the_user_who_opens_it(self):
        self.set_up("demo")
        self.keyring.lock()
        self.keyring.will_wait()
        revoking = subprocess.Popen([self.sandbox.program("jackinctl"), "revoke", "demo", "--delete-item", "--yes"],
                                    env=self.sandbox.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.keyring.wait_until_asked()
        self.sandbox.kill_daemon()
        revoking.wait(30)
        self.keyring.stop_service()
        self.keyring.restart_user()
        self.keyring.start_service_locked()

        found = self.json(self.ctl("doctor", "--offline", "--format", "json"), 3)
        self.assertIn("secret-tool clear service jackin account demo-", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 1)
        # Doctor itself ends it, once somebody answers.
        self.keyring.will_unlock()
        found = self.json(self.ctl("doctor", "--format", "json"))
        self.assertIn("has been brought to its end", json.dumps(found["leftovers"]))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)
        self.assertEqual(self.json(self.ctl("doctor", "--format", "json"))["leftovers"], [])


class SecretServiceWithASecondKeyring(SecretService):
    def test_that_is_locked_does_not_hide_that_something_was_deleted(self):
        self.keyring.add_locked_keyring()
        self.set_up("demo")
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertEqual(self.keyring.count("application", "jackin"), 0)


class HungSecretService(SecretService):
    def test_is_not_replaced_by_a_file_that_nobody_asked_for(self):
        self.keyring.service.send_signal(signal.SIGSTOP)
        self.addCleanup(self.keyring.service.send_signal, signal.SIGCONT)
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--format", "json"), "store_unavailable")
        self.assertIn("--store file", error["remedy"])
        self.assertEqual(self.snapshot(), before)


class AskingSecretService(SecretService):
    def test_lets_go_of_a_setup_whose_user_does(self):
        self.keyring.lock()
        self.keyring.will_wait()
        before = self.snapshot()
        terminal = self.setup_in_terminal("demo")
        self.keyring.wait_until_asked()
        terminal.send("\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        # Nobody holds the scope any more.
        self.assertEqual(self.json(self.ctl("daemon", "status", "--format", "json"))["operations"], [])
        self.done(self.ctl("daemon", "stop"))


class AbsentSecretService(SecretService):
    SERVICE = False

    def test_is_told_when_it_is_asked_for(self):
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--store", "secret-service", "--format", "json"), "store_unavailable")
        self.assertIn("no Secret Service runs", error["message"])
        self.assertIn("gnome-keyring-daemon --start", error["remedy"])
        self.assertEqual(self.snapshot(), before)

    def test_leaves_files_as_the_default(self):
        self.set_up("demo")
        self.assertEqual(len(self.stored()), 1)

    def test_is_no_reason_to_block_a_launch(self):
        self.keyring.start_service()
        self.set_up("demo")
        self.keyring.stop_service()
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["verdict"], "unreachable")

    def test_without_a_bus_is_told_at_once(self):
        error = self.error(self.ctl("setup", "demo", "--store", "secret-service", "--format", "json",
                                    environment={"DBUS_SESSION_BUS_ADDRESS": None}), "store_unavailable")
        self.assertIn("DBUS_SESSION_BUS_ADDRESS", error["message"])

    @unittest.skipIf(sys.platform == "darwin", "the Keychain is here")
    def test_the_keychain_is_another_systems(self):
        error = self.error(self.ctl("setup", "demo", "--store", "keychain", "--format", "json"), "invalid_argument", 2)
        self.assertIn("secret-service", error["remedy"])


if __name__ == "__main__":
    unittest.main()
