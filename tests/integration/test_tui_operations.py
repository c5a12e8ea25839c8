# SPDX-License-Identifier: Apache-2.0
"""Operations of jackin-tui on existing tokens: rotate, revoke, doctor, a token for a role, and marked rows."""

import unittest

from tui_support import Tui


class FullScreenOperations(Tui):
    def test_rotate(self):
        self.set_up()
        (before,) = self.stored()
        newer = self.mint_next()
        terminal = self.start_on_demo()
        terminal.send("r")
        terminal.expect_on_screen(r"✓ done")
        terminal.expect_on_screen(r"✓ old deleted")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +file ")
        self.quit(terminal)
        self.assertEqual(self.launched(), newer)
        self.assertEqual(len(self.stored()), 1)
        self.assertNotEqual(self.stored(), [before])
        self.assert_as_command_line(["setup", "other", "--store", "file"], ["rotate", "other"])

    def test_revoke_asks_and_preselects_no(self):
        self.set_up()
        before = self.snapshot()
        terminal = self.start_on_demo()
        terminal.send("x")
        terminal.expect_on_screen(r"Revoke the token of demo\?")
        terminal.expect_on_screen(r"▸ N  keep")
        terminal.expect_on_screen(r"\[ \] delete the stored token too: file ")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ demo ")
        self.assertEqual(self.snapshot(), before)
        terminal.send("xy")
        terminal.expect_on_screen(r"token +removed from the configuration")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ · demo +ignore ")
        self.quit(terminal)
        self.assertIn("ignore", self.text())
        self.assertEqual(len(self.stored()), 1)
        self.assert_as_command_line(["setup", "other", "--store", "file"], ["revoke", "other", "--yes"])

    def test_doctor_and_lock(self):
        self.set_up()
        terminal = self.start_on_demo()
        terminal.send("d")
        terminal.expect_on_screen(r"demo › doctor")
        terminal.expect_on_screen(r"^ ▸ [·✓!✗] ")
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ ▸ ✓ demo ")
        terminal.send("l")
        terminal.expect_on_screen(r"cached tokens? w(as|ere) dropped|no token was cached")
        self.quit(terminal)

    def test_revoke_with_deletion(self):
        self.set_up()
        terminal = self.start_on_demo()
        terminal.send("x")
        terminal.expect_on_screen(r"\[ \] delete the stored token too: file ")
        terminal.expect_on_screen(r"│ +demo-\w+\.token +│")
        terminal.send(" ")
        terminal.expect_on_screen(r"\[x\] delete the stored token too")
        terminal.send("y")
        terminal.expect_on_screen(r"token +removed from the configuration")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +ignore ")
        self.quit(terminal)
        self.assertEqual(self.stored(), [])
        self.assert_as_command_line(["setup", "other", "--store", "file"], ["revoke", "other", "--delete-item", "--yes"])
        self.assertEqual(self.stored(), [])

    def test_token_of_the_user_is_not_offered_for_deletion(self):
        path = self.sandbox.private_file("home/mine.token", self.token)
        self.done(self.ctl("setup", "demo", "--reuse", f"file:{path}"))
        terminal = self.start_on_demo()
        terminal.expect_on_screen(r"fingerprint +[0-9a-f]{12} +not shared")
        terminal.send("x")
        terminal.expect_on_screen(r"Revoke the token of demo\?")
        terminal.send(" y")
        terminal.expect_on_screen(r"token +removed from the configuration")
        self.assertNotIn("delete it", terminal.text)
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.text(path), self.token)

    def test_doctor_finds_a_rejected_token(self):
        self.set_up()
        terminal = self.start_on_demo()
        terminal.expect_on_screen(r"^ ▸ ✓ demo ")
        self.api.valid.clear()
        terminal.send("d")
        terminal.expect_on_screen(r"^ ▸ ✗ the API does not accept the token")
        terminal.expect_on_screen(r"try +R rotate")
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ ▸ ✗ demo ")
        self.quit(terminal)
        self.assertEqual(self.probe(code=3)["verdict"], "rejected")

    def test_token_for_a_role(self):
        self.set_up()
        newer = self.mint_next()
        terminal = self.start_on_demo()
        terminal.expect_on_screen(r"^ ▸ ✓ demo ")
        terminal.send("a")
        terminal.expect_on_screen(r"A token for one role of demo")
        terminal.send("\r")
        terminal.expect_on_screen(r"type the name of a role")
        terminal.send("ns/reviewer\rf\r")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        terminal.expect_on_screen(r" ✓ +└ ns/reviewer +oauth_token +file ")
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)
        role = self.done(self.hook("exec", "demo", "--role", "ns/reviewer", "--quiet", "--", "sh", "-c",
                                   'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"'))
        self.assertEqual(role.stdout, newer)
        self.assert_as_command_line(["setup", "other", "--store", "file"],
                                    ["setup", "other", "--role", "ns/reviewer", "--store", "file"])


class FullScreenMarks(Tui):
    """Operations on marked rows."""

    def marked(self, **options):
        """Starts jackin-tui and marks `demo` and `other`, which both have a token."""
        self.other = self.sandbox.workspace("other")
        self.set_up("demo", "--store", "file")
        self.second = self.mint_next()
        self.set_up("other", "--store", "file")
        terminal = self.start_on_demo(**options)
        terminal.expect_on_screen(r" ✓ other ")
        terminal.send(" ")
        self.select(terminal, "other")
        terminal.send(" ")
        return terminal

    def test_rotate(self):
        terminal = self.marked()
        before = self.stored()
        newer = self.mint_next()
        terminal.send("r")
        terminal.expect_on_screen(r"demo › rotate|demo › .*rotat")
        terminal.expect_on_screen(r"✓ done")
        terminal.send("\r")
        terminal.expect_on_screen(r"other › .*rotat")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual((self.launched(), self.launched("other")), (newer, newer))
        self.assertEqual(len(self.stored()), 2)
        self.assertFalse(set(before) & set(self.stored()))

    def test_revoke_with_deletion(self):
        terminal = self.marked()
        terminal.send("x")
        terminal.expect_on_screen(r"Revoke the tokens of 2 rows\?")
        terminal.expect_on_screen(r"demo, other will start without a Claude token")
        terminal.send(" ")
        terminal.expect_on_screen(r"\[x\] delete the stored tokens that jackind created")
        terminal.send("y")
        terminal.expect_on_screen(r" · demo +ignore ")
        terminal.expect_on_screen(r" · other +ignore ")
        self.wait_until_no_operation()
        self.quit(terminal)
        self.assertEqual(self.stored(), [])
        self.assertEqual(self.neutral(), self.neutral(self.other).replace("other", "demo"))

    def test_doctor(self):
        terminal = self.marked()
        self.api.valid = {self.second}
        terminal.send("d")
        terminal.expect_on_screen(r"2 rows › doctor")
        terminal.expect_on_screen(r"^ ▸ ✗ demo: the API does not accept the token")
        terminal.send("\x1b")
        terminal.expect_on_screen(r"\*✗ demo ")
        terminal.expect_on_screen(r"\*✓ other ")
        self.quit(terminal)


if __name__ == "__main__":
    unittest.main()
