# SPDX-License-Identifier: Apache-2.0
"""The complete life of a token in the Keychain: the real daemon, with the store of macOS, over the stand-in for
Security.framework. The tests inspect the stand-in's file."""

import json
import os
import unittest

from support import EndToEnd, build_dir, pieces_in

JACKIND = os.path.join(build_dir(), "tests/keychain/bin/jackind")


class KeychainTest(EndToEnd):
    def setUp(self):
        super().setUp()
        # Clients would start the jackind beside them, which has another store.
        self.sandbox.environment["JACKIN_NO_AUTOSTART"] = "1"
        self.items_file = os.path.join(self.sandbox.home, ".fake-keychain.json")
        self.state_file = os.path.join(self.sandbox.home, ".fake-keychain-state.json")
        self.state()
        self.done(self.sandbox.run(JACKIND))

    # --- the Keychain and its user ---

    def state(self, **changes):
        """Sets the state of the Keychain from now on: `locked`, `screen`, `default`, and how the `user` answers a
        prompt: `allows`, `mistypes`, or dismisses it."""
        self.write(self.state_file, {"dialogs": 0, **changes})

    def write(self, path, content):
        with open(path + "~", "w", encoding="utf-8") as out:
            json.dump(content, out)
        os.rename(path + "~", path)

    def dialogs(self):
        with open(self.state_file, encoding="utf-8") as file:
            return json.load(file)["dialogs"]

    def items(self):
        if not os.path.exists(self.items_file):
            return []
        with open(self.items_file, encoding="utf-8") as file:
            return json.load(file)

    def store_by_hand(self, service, account, value, is_accessible=True):
        self.write(self.items_file, [*self.items(), {
            "service": service, "account": account, "label": "kept by hand", "comment": "", "generic": "", "value": value,
            "keychain": "login", "is_accessible": is_accessible, "creator": 0}])

    def ours(self, scope="demo"):
        """The tokens in the items that jackind made for this scope."""
        prefix = scope + "-"
        return [item["value"] for item in self.items()
                if item["generic"].startswith("jackin:") and item["account"].startswith(prefix)]

    def everything(self):
        return self.snapshot(), self.items()

    # --- what is done ---

    def assert_changes_nothing(self, *command, reason="store_unavailable"):
        before = self.everything()
        error = self.error(self.ctl(*command, "--format", "json"), reason)
        self.assertTrue(error["remedy"])
        self.assertEqual(self.everything(), before)
        return error


class KeychainStore(KeychainTest):
    def test_is_the_default_and_the_only_place_of_the_token(self):
        terminal = self.set_up("demo")
        self.assertRegex(terminal.text, r"stored in\s+Keychain  jackin/demo-")
        self.assertIn('oauth_token = { os_store = "jackin", account = "demo-', self.text())
        item, = self.items()
        self.assertEqual((item["service"], item["value"], item["label"]),
                         ("jackin", self.token, "Claude token for demo (jackind)"))
        self.assertIn("Created by jackind, with claude", item["comment"])
        self.assertEqual(item["creator"].to_bytes(4, "big"), b"jknd")
        self.assertEqual((self.stored(), self.dialogs()), ([], 0))
        self.assert_token_only_in(self.items_file)
        self.assertEqual(pieces_in(terminal.output, self.token, 6), [])

    def test_setup_to_revoke(self):
        self.set_up("demo", "--store", "keychain")
        self.assertEqual(self.probe()["verdict"], "ok")
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["decision"], "allow")
        self.assertEqual(self.launched(), self.token)

        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertEqual(self.ours(), [second])
        self.assertEqual(pieces_in(rotated.output, second, 6), [])
        self.assertEqual(self.launched(), second)

        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertEqual(self.items(), [])
        self.assertIn('auth_forward = "ignore"', self.text())

    def test_revoke_keeps_the_item(self):
        self.set_up("demo")
        self.done(self.ctl("revoke", "demo", "--yes"))
        self.assertEqual(self.ours(), [self.token])

    def test_token_outlives_the_daemon(self):
        self.set_up("demo")
        self.sandbox.kill_daemon()
        self.done(self.sandbox.run(JACKIND))
        self.assertEqual(self.launched(), self.token)

    def test_adopted_item_stays_the_users(self):
        self.store_by_hand("my service", "my account", self.token)
        self.done(self.ctl("setup", "demo", "--reuse", "os-store:my service/my account"))
        self.assertEqual(self.launched(), self.token)

        # A rotation writes into the same item, and keeps the rest of it.
        before, = self.items()
        second = self.mint_next()
        rotated = self.run_in_terminal("rotate", "demo")
        self.assertEqual(rotated.code, 0, rotated.text)
        self.assertEqual(self.items(), [{**before, "value": second}])

        error = self.assert_changes_nothing("revoke", "demo", "--delete-item", "--yes", reason="not_ours")
        self.assertIn("--force", error["remedy"])
        self.done(self.ctl("revoke", "demo", "--delete-item", "--force", "--yes"))
        self.assertEqual(self.items(), [])

    def test_item_deleted_by_hand_blocks_the_launch(self):
        self.set_up("demo")
        self.write(self.items_file, [])
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"), 3)["verdict"], "gone")


class LockedKeychain(KeychainTest):
    def test_user_unlocks_before_the_mint(self):
        self.state(locked=True, user="allows")
        self.set_up("demo", "--store", "keychain")
        self.assertEqual((self.ours(), self.dialogs()), ([self.token], 1))

    def test_dismissed_prompt_changes_nothing(self):
        self.state(locked=True, user="dismisses")
        error = self.assert_changes_nothing("setup", "demo", "--store", "keychain")
        self.assertIn("dismissed", error["message"])
        self.assertEqual(self.dialogs(), 1)

    def test_wrong_password_changes_nothing(self):
        self.state(locked=True, user="mistypes")
        error = self.assert_changes_nothing("setup", "demo", "--store", "keychain")
        self.assertIn("wrong password", error["message"])
        self.assertIn("security unlock-keychain", error["remedy"])

    def test_dismissed_prompt_does_not_select_another_default(self):
        self.state(locked=True, user="dismisses")
        self.assert_changes_nothing("setup", "demo")

    def test_unattended_launch_fails_and_probe_does_not_block(self):
        self.set_up("demo")
        self.done(self.ctl("lock"))
        self.state(locked=True, screen=False)
        self.done(self.hook("exec", "demo", "--quiet", "--", "true"), 125)
        report = self.json(self.ctl("doctor", "demo", "--format", "json"))
        self.assertEqual((report["verdict"], report["decision"]), ("unreachable", "warn"))

    def test_without_a_screen_setup_fails_with_remedy(self):
        self.state(locked=True, screen=False, user="allows")
        error = self.assert_changes_nothing("setup", "demo", "--store", "keychain")
        self.assertIn("SSH", error["message"])
        self.assertIn("security unlock-keychain", error["remedy"])

    def test_dismissed_prompt_stops_a_rotation_before_it_begins(self):
        self.set_up("demo")
        self.mint_next()
        self.state(locked=True, user="dismisses")
        self.assert_changes_nothing("rotate", "demo")

    def test_item_that_cannot_be_deleted_is_left_to_doctor(self):
        self.set_up("demo")
        self.state(locked=True, user="dismisses")
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"), 1)
        self.assertIn('auth_forward = "ignore"', self.text())
        found = self.json(self.ctl("doctor", "--format", "json"), 3)
        # The remedy is the command of the system for which jackind was compiled.
        account = self.items()[0]["account"]
        self.assertIn(account, found["leftovers"][0]["message"])
        self.assertIn(account, found["leftovers"][0]["remedy"])
        self.assertEqual(self.ours(), [self.token])


class ForeignKeychainItem(KeychainTest):
    """The item belongs to another program, so that the Keychain prompts before jackind may use it."""

    def setUp(self):
        super().setUp()
        self.store_by_hand("my service", "my account", self.token, is_accessible=False)
        self.reuse = ("setup", "demo", "--reuse", "os-store:my service/my account")

    def test_user_allows(self):
        self.state(user="allows")
        self.done(self.ctl(*self.reuse))
        self.assertGreater(self.dialogs(), 0)

    def test_user_dismisses_changes_nothing(self):
        self.state(user="dismisses")
        self.assert_changes_nothing(*self.reuse, reason="source_unreachable")

    def test_wrong_password_changes_nothing(self):
        self.state(user="mistypes")
        error = self.assert_changes_nothing(*self.reuse, reason="source_denied")
        self.assertIn("Keychain Access", error["remedy"])

    def test_refusal_stops_a_rotation_before_it_begins(self):
        self.state(user="allows")
        self.done(self.ctl(*self.reuse))
        self.mint_next()
        for user in ("dismisses", "mistypes"):
            self.state(user=user)
            before = self.everything()
            self.assertEqual(self.run_in_terminal("rotate", "demo").code, 1)
            self.assertEqual(self.everything(), before)

    def test_refused_forced_deletion_keeps_the_item(self):
        self.state(user="allows")
        self.done(self.ctl(*self.reuse))
        self.state(user="mistypes")
        kept = self.items()
        self.done(self.ctl("revoke", "demo", "--delete-item", "--force", "--yes"), 1)
        self.assertEqual(self.items(), kept)
        self.assertIn('auth_forward = "ignore"', self.text())

    def test_unanswered_prompt_does_not_block(self):
        self.state(user="allows")
        self.done(self.ctl(*self.reuse))
        self.done(self.ctl("lock"))
        self.state(user="dismisses")
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["verdict"], "unreachable")


class AbsentKeychain(KeychainTest):
    def test_named_store_is_refused_with_remedy(self):
        self.state(default=False)
        error = self.assert_changes_nothing("setup", "demo", "--store", "keychain")
        self.assertIn("no default keychain", error["message"])
        self.assertIn("security list-keychains", error["remedy"])

    def test_default_is_the_file_store(self):
        self.state(default=False)
        self.set_up("demo")
        self.assertEqual((len(self.stored()), self.items()), (1, []))

    def test_keychain_removed_later_does_not_block(self):
        self.set_up("demo")
        self.write(self.items_file, [])
        self.state(default=False)
        self.assertEqual(self.json(self.ctl("doctor", "demo", "--format", "json"))["verdict"], "unreachable")

    def test_secret_service_is_refused(self):
        error = self.error(self.ctl("setup", "demo", "--store", "secret-service", "--format", "json"), "invalid_argument", 2)
        self.assertIn("keychain", error["remedy"])


if __name__ == "__main__":
    unittest.main()
