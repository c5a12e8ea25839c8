# SPDX-License-Identifier: Apache-2.0
"""jackin-tui stores tokens in every store, and asks the user if a store or a file fails."""

import os
import unittest

from support import LIMIT, Op
from test_secret_service import SecretService
from tui_support import Tui


class FullScreenStores(Tui):
    @staticmethod
    def kinds(item):
        """The structure of an item, without its values and without the parts that name its operation and workspace."""
        fields = sorted((field["label"], field["type"]) for field in item["fields"])
        tags = sorted(tag.partition("=")[0] for tag in item["tags"])
        return item["title"], item["category"], tags, item["vault"], fields

    def test_create_in_a_file(self):
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        terminal.expect_on_screen(r"✓ done")
        for line in (r"✓ claude +\d", r"✓ consent", r"✓ captured", r"✓ checked", r"✓ stored", r"✓ read back", r"✓ written",
                     r"✓ recorded", r"workspace +demo", r"stored in +file\b", r"fingerprint +[0-9a-f]{12}",
                     r"set in +workspaces/demo\.toml"):
            terminal.expect_on_screen(line)
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +file ")
        terminal.expect_on_screen(r"fingerprint +[0-9a-f]{12} +not shared; no process uses it")
        self.quit(terminal)
        self.assertNotIn(self.token.encode(), terminal.output)
        self.assertEqual(self.launched(), self.token)
        self.assert_token_only_in(*self.stored())
        self.assert_as_command_line(["setup", "other", "--store", "file"])

    def test_create_in_a_new_item_of_1password(self):
        op = Op(self.sandbox)
        terminal = self.start_on_demo()
        self.choose(terminal, "p", "1Password ")
        terminal.expect_on_screen(r"^ ▸ +Personal")
        terminal.send("wor")
        terminal.expect_on_screen(r"^ ▸ +Work")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ \+ New item")
        terminal.send("\r")
        terminal.expect_on_screen(r"name +Claude")
        terminal.send(" code\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +1Password +Work/Claude code/credential")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +1P Work/Claude code ")
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)
        self.assert_as_command_line(["setup", "other", "--vault", "Work", "--item-name", "Claude code"])
        ours, theirs = op.world()["items"]
        self.assertEqual(ours["title"], "Claude code")
        self.assertEqual(self.kinds(ours), self.kinds(theirs))

    def test_create_with_a_new_workspace(self):
        terminal = self.start_on_demo()
        terminal.send("n")
        terminal.expect_on_screen(r"A new workspace")
        terminal.send("shop\r~/work\r")
        terminal.expect_on_screen(r"A new token for shop: choose a store")
        terminal.expect_on_screen(r"T  plain text")
        terminal.send("t")
        terminal.expect_on_screen(r"^ ▸ ?T  plain text")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ shop +oauth_token +plain text ")
        self.quit(terminal)
        shop, other = (self.demo.replace("demo", name) for name in ("shop", "other"))
        self.assertIn(f'oauth_token = "{self.token}"', self.text(shop))
        done = self.run_in_terminal("setup", "other", "--create", "--workdir", os.path.join(self.sandbox.home, "work"), "--plain", "--yes")
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(self.neutral(shop), self.neutral(other).replace("other", "shop"))
        self.assertNotIn(self.token.encode(), terminal.output)

    def test_create_in_a_field_of_an_item(self):
        notes = {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain", "value": "do not lose me"}
        op = Op(self.sandbox, {"title": "Mine", "vault": "Work", "category": "SECURE_NOTE", "fields": [notes]})
        terminal = self.start_on_demo()
        self.choose(terminal, "p", "1Password ")
        terminal.expect_on_screen(r"^ ▸ +Personal")
        terminal.send("wor\r")
        terminal.expect_on_screen(r"^ +Mine +secure note")
        terminal.send("mi\r")
        terminal.expect_on_screen(r"^ ▸ \+ New field")
        terminal.send("\r")
        terminal.expect_on_screen(r"name +credential")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        item, = op.world()["items"]
        self.assertEqual({field["label"]: field["value"] for field in item["fields"]},
                         {"notesPlain": "do not lose me", "credential": self.token})
        self.assertEqual(self.launched(), self.token)

    def test_create_as_plain_text(self):
        terminal = self.start_on_demo()
        self.choose(terminal, "t", "plain text")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +plain text ")
        self.quit(terminal)
        self.assertIn(f'oauth_token = "{self.token}"', self.text())
        self.assertNotIn(self.token.encode(), terminal.output)
        self.assert_token_only_in(self.demo)
        self.assert_as_command_line(["setup", "other", "--plain", "--yes"])

    def test_keys_typed_before_the_list_of_stores(self):
        terminal = self.start_on_demo()
        terminal.send("gf\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +file\b")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)

    def test_keys_typed_before_the_lists_of_1password(self):
        op = Op(self.sandbox)
        terminal = self.start_on_demo()
        terminal.send("gp\rwor\r\r code\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +1Password +Work/Claude code/credential")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual([item["title"] for item in op.world()["items"]], ["Claude code"])

    def test_unavailable_store_typed_ahead_starts_nothing(self):
        before = self.snapshot()
        terminal = self.start_on_demo()
        terminal.send("gp\r")
        terminal.expect_on_screen(r"the choice that you typed is not available")
        terminal.expect_on_screen(r"A new token for demo: choose a store")
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ ▸ · demo ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)


class FullScreenQuestions(Tui):
    def refuse(self):
        """Starts a setup with 1Password, which refuses to create the item. Returns when the question is shown."""
        self.op = Op(self.sandbox)
        self.op.settings("KNOB item.create=forbidden")
        terminal = self.start_on_demo()
        self.choose(terminal, "p", "1Password ")
        terminal.expect_on_screen(r"^ ▸ +Personal")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ \+ New item")
        terminal.send("\r")
        terminal.expect_on_screen(r"name +Claude")
        terminal.send("\r")
        terminal.expect_on_screen(r"The token was created but not stored")
        terminal.expect_on_screen(r"^ ▸ try 1Password again")
        return terminal

    def test_try_again_stores_the_token(self):
        terminal = self.refuse()
        self.op.settings()
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +1Password +Personal/Claude/credential")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual([item["title"] for item in self.op.world()["items"]], ["Claude"])
        self.assertEqual(self.launched(), self.token)

    def test_other_store_gets_the_token(self):
        terminal = self.refuse()
        # The question stays open while the panel is shown.
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ ▸ » demo ")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ try 1Password again")
        terminal.send("j")
        terminal.expect_on_screen(r"^ ▸ keep it in .*file")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +file\b")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)
        self.assertEqual(self.op.world()["items"], [])
        self.assert_token_only_in(*self.stored())
        self.assert_as_command_line(["setup", "other", "--store", "file"])

    def test_give_up_changes_nothing(self):
        before = self.snapshot()
        terminal = self.refuse()
        terminal.send("jjjjjj")
        terminal.expect_on_screen(r"^ ▸ give up; the token is lost")
        terminal.send("\r")
        terminal.expect_on_screen(r"✗ failed")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.op.world()["items"], [])
        self.assert_token_only_in()

    def test_configuration_cannot_be_written(self):
        before = self.text()
        held = self.api.hold("/v1/models")
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        held.wait_for_request(LIMIT)
        os.unlink(self.demo)
        held.release()
        terminal.expect_on_screen(r"configuration cannot be written: no workspace 'demo'")
        terminal.expect_on_screen(r"^ ▸ try again to write the configuration")
        self.sandbox.workspace("demo", before)
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        terminal.expect_on_screen(r" ✓ demo +oauth_token +file ")
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)
        self.assert_as_command_line(["setup", "other", "--store", "file"])


class FullScreenSecretService(SecretService, Tui):
    def test_create_rotate_and_revoke(self):
        terminal = self.start_on_demo()
        # The Secret Service is the default.
        terminal.send("g")
        terminal.expect_on_screen(r"^ ▸ ?O  Secret Service .* default$")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"stored in +Secret Service +jackin/demo-")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +Secret Service")
        self.assertEqual(self.kept(), [self.token])
        self.assertEqual(self.stored(), [])
        self.assert_token_only_in()
        self.assert_as_command_line(["setup", "other", "--store", "secret-service"])

        newer = self.mint_next()
        terminal.send("r")
        terminal.expect_on_screen(r"✓ old deleted")
        self.back(terminal)
        self.assertEqual(self.kept(), [newer])
        self.assertEqual(self.launched(), newer)

        terminal.send("x")
        terminal.expect_on_screen(r"\[ \] delete the stored token too: Secret Service\b")
        terminal.send(" ")
        terminal.expect_on_screen(r"\[x\] delete the stored token too")
        terminal.send("y")
        terminal.expect_on_screen(r"token +removed from the configuration")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +ignore ")
        self.quit(terminal)
        self.assertEqual(self.kept(), [])
        self.assert_as_command_line(["revoke", "other", "--delete-item", "--yes"])


if __name__ == "__main__":
    unittest.main()
