# SPDX-License-Identifier: Apache-2.0
"""The consent in jackin-tui, its cancellation before the token is captured, and other operations at the same time."""

import os
import unittest

from support import Op, fake_claude, state_of
from tui_support import Tui


class FullScreenConsents(Tui):
    def test_code_is_pasted_into_the_pane(self):
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        self.paste_code(terminal)
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)

    def test_ctrl_c_asks_before_it_cancels(self):
        before = self.snapshot()
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x03")
        terminal.expect_on_screen(r"▸X cancel")
        terminal.send("\x03")
        terminal.expect_on_screen(r"· cancelled +● live$")
        terminal.expect_on_screen(r"cancelled; nothing was changed")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ · demo ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_quit_during_consent_asks_and_cancels(self):
        before = self.snapshot()
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x07p")
        terminal.expect_on_screen(r"demo .*needs your consent")
        terminal.send("q")
        terminal.expect_on_screen(r"Quitting cancels it\.")
        terminal.send("y")
        self.assert_left(terminal, 0)
        self.assertIn("asked jackind to stop the new token of demo", terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.daemon_status()["operations"], [])

    def test_operation_of_another_client_is_shown(self):
        terminal = self.start_on_demo()
        other = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect_on_screen(r"demo .*consent · jackinctl\[\d+\]")
        other.send(b"\x03")
        self.assertEqual(other.wait(), 5, other.text)
        terminal.expect_on_screen(r"^ ▸ · demo +sync +–")
        self.quit(terminal)

    def test_second_consent_waits_for_the_first(self):
        other = self.sandbox.workspace("other")
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x07p")
        terminal.expect_on_screen(r" » demo .*consent")
        self.select(terminal, "other")
        self.choose_file(terminal, "other")
        terminal.expect_on_screen(r"other starts when demo has your consent")
        self.assertEqual([one["scope"] for one in self.daemon_status()["operations"]], ["demo"])
        terminal.send("k\r")
        terminal.expect_on_screen(r"Paste code here")
        self.paste_code(terminal)
        terminal.expect_on_screen(r"✓ done")
        second = self.mint_next()
        terminal.send("\x1b")
        terminal.expect_on_screen(r"other › ")
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.expect_on_screen(r"Paste code here")
        self.paste_code(terminal)
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)
        self.assertIn(self.launched("other"), (self.token, second))
        self.assertEqual(self.neutral(), self.neutral(other).replace("other", "demo"))

    def test_quit_drops_the_queue(self):
        self.sandbox.workspace("other")
        before = self.snapshot()
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x07p")
        terminal.expect_on_screen(r" » demo .*consent")
        self.select(terminal, "other")
        self.choose_file(terminal, "other")
        terminal.expect_on_screen(r"other starts when demo has your consent")
        terminal.send("q")
        terminal.expect_on_screen(r"1 more in the queue will not start")
        terminal.send("y")
        self.assert_left(terminal, 0)
        self.assertIn("asked jackind to stop the new token of demo", terminal.text)
        self.assertIn("not started: the new token of other", terminal.text)
        self.wait_until_no_operation()
        self.assertEqual(self.snapshot(), before)

    def test_setup_during_a_setup_of_jackinctl(self):
        other = self.sandbox.workspace("other")
        terminal = self.start_on_demo()
        beside = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect_on_screen(r" » demo .*consent · jackinctl\[\d+\]")
        self.select(terminal, "other")
        self.choose_file(terminal, "other")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        terminal.expect_on_screen(r" ✓ other +oauth_token +file ")
        terminal.expect_on_screen(r" » demo .*consent · jackinctl\[\d+\]")
        state = beside.expect(r"https://[^\s\x07]*[?&]state=([A-Za-z0-9_-]{43})").group(1)
        beside.send(f"anycode#{state}\r")
        self.assertEqual(beside.wait(), 0, beside.text)
        terminal.expect_on_screen(r" ✓ demo +oauth_token +file ")
        self.quit(terminal)
        self.assertEqual((self.launched(), self.launched("other")), (self.token, self.token))
        self.assertEqual(self.neutral(), self.neutral(other).replace("other", "demo"))

    def test_operation_of_jackinctl_is_cancelled_in_the_panel(self):
        before = self.snapshot()
        terminal = self.start_on_demo()
        beside = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect_on_screen(r" » demo .*consent · jackinctl\[\d+\]")
        terminal.send("\r")
        terminal.expect_on_screen(r"demo › ")
        terminal.send("x")
        terminal.expect_on_screen(r"Y  cancel")
        terminal.send("y")
        self.assertNotEqual(beside.wait(), 0, beside.text)
        terminal.expect_on_screen(r"· cancelled +● live$")
        terminal.expect_on_screen(r"cancelled; nothing was changed")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_resize_during_consent(self):
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        for rows, columns in ((15, 60), (40, 120), (10, 40), (24, 80)):
            terminal.resize(rows, columns)
            # claude draws the whole link again at the width of the pane.
            terminal.expect_on_screen(r"Paste code here if prompted")
            terminal.expect_on_screen(r"\^G then")
        self.paste_code(terminal)
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)

    def test_qr_code_appears_when_the_window_is_large_enough(self):
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        link = self.copy_link(terminal)
        terminal.send("\x07q")
        missing = int(terminal.expect_on_screen(r"The QR code needs (\d+) more rows?\.").group(1))
        terminal.resize(24 + missing - 1, 80)
        terminal.expect_on_screen(r"The QR code needs 1 more row\.")
        terminal.resize(24 + missing, 80)
        terminal.expect_on_screen(r"The page shows a code: paste it here")
        terminal.expect_on_screen(r"█▀▀▀▀▀█")
        self.assertNotIn("Paste code here", terminal.screen.text)
        terminal.resize(24 + missing, 60)
        terminal.expect_on_screen(r"The QR code needs .*column")
        terminal.resize(24 + missing, 80)
        terminal.expect_on_screen(r"The page shows a code: paste it here")
        terminal.send("\x07")
        terminal.expect_on_screen(r"claude waits while the menu is open")
        terminal.send("q")
        terminal.expect_on_screen(r"Paste code here if prompted")
        terminal.send("\x07q")
        terminal.expect_on_screen(r"The page shows a code: paste it here")
        terminal.send(f"\x1b[200~anycode#{state_of(link)}\x1b[201~")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)


class FullScreenCancel(Tui):
    """Cancelling a setup at any step before the capture changes nothing."""

    def setUp(self):
        super().setUp()
        self.before = self.snapshot()

    def assert_nothing_changed(self, terminal):
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.daemon_status()["operations"], [])
        self.assertEqual(self.snapshot(), self.before)
        self.assert_token_only_in()

    def cancel(self, terminal, keys="x"):
        terminal.send(keys)
        terminal.expect_on_screen(r"· cancelled +● live$")
        terminal.expect_on_screen(r"cancelled; nothing was changed")
        self.back(terminal)

    def test_in_the_store_list(self):
        terminal = self.start_on_demo()
        terminal.send("g")
        terminal.expect_on_screen(r"F  file ")
        terminal.send("\x1b")
        self.assert_nothing_changed(terminal)

    def test_in_1password(self):
        op = Op(self.sandbox)
        terminal = self.start_on_demo()
        self.choose(terminal, "p", "1Password ")
        terminal.expect_on_screen(r"^ ▸ +Personal")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ \+ New item")
        terminal.send("\r")
        terminal.expect_on_screen(r"name +Claude")
        for shown in (r"^ ▸ \+ New item", r"^ ▸ +Personal", r"choose a store", r"^ jackin. auth  "):
            terminal.send("\x1b")
            terminal.expect_on_screen(shown)
        self.assert_nothing_changed(terminal)
        self.assertEqual(op.world()["items"], [])

    def test_during_the_check_of_claude(self):
        # The daemon asks claude for its version first.
        gate = self.sandbox.path("gate")
        os.mkfifo(gate)
        path = os.path.join(self.sandbox.bin, "claude")
        os.unlink(path)
        self.sandbox.private_file(path, f"""#!/bin/sh
[ "$1" != --version ] || read line <{gate}
exec {fake_claude()} "$@"
""", mode=0o700)
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        terminal.expect_on_screen(r"» claude")
        self.cancel(terminal)
        self.assert_nothing_changed(terminal)

    def test_before_the_prompt_of_claude(self):
        self.mode("silent")
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.choose_file(terminal)
        terminal.expect_on_screen(r"(?i)welcome|opening browser")
        self.cancel(terminal, "\x07x")
        self.assert_nothing_changed(terminal)

    def test_at_the_prompt_of_claude(self):
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        # The user has typed a part of a code.
        terminal.send("c")
        terminal.expect_on_screen(r"Paste code here if prompted > \*")
        self.cancel(terminal, "\x07x")
        self.assert_nothing_changed(terminal)

    def test_after_a_visit_to_the_panel(self):
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x07p")
        terminal.expect_on_screen(r" » demo .*consent")
        terminal.send("\r")
        terminal.expect_on_screen(r"Paste code here")
        self.cancel(terminal, "\x07x")
        self.assert_nothing_changed(terminal)


if __name__ == "__main__":
    unittest.main()
