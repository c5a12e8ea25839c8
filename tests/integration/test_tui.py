# SPDX-License-Identifier: Apache-2.0
"""The panel of jackin-tui and the start of the program."""

import unittest

from tui_support import Tui


class FullScreen(Tui):
    def test_panel_shows_the_workspaces(self):
        self.sandbox.workspace("other")
        terminal = self.start()
        terminal.expect_on_screen(r"2 workspaces · ")
        for name in ("global", "demo", "other"):
            terminal.expect_on_screen(rf" · +{name} +sync ")
        terminal.expect_on_screen(r"\? help$")
        self.quit(terminal)

    def test_change_by_another_client_is_shown(self):
        terminal = self.start()
        terminal.expect_on_screen(r" · demo ")
        self.set_up()
        terminal.expect_on_screen(r" ✓ demo +oauth_token +file ")
        self.done(self.ctl("revoke", "demo"))
        terminal.expect_on_screen(r" · demo +ignore ")
        self.quit(terminal)

    def test_small_window_grows(self):
        terminal = self.start(rows=8, columns=40)
        terminal.expect_on_screen(r" demo\b")
        terminal.resize(24, 80)
        terminal.expect_on_screen(r"\? help$")
        self.quit(terminal)

    def test_no_terminal_is_an_error(self):
        refused = self.done(self.sandbox.run("jackin-tui"), 2)
        self.assertEqual(refused.stdout, "")
        self.assertIn("error: jackin-tui needs a full-screen terminal on stdin and stdout\ntry: jackinctl status\n", refused.stderr)
        self.done(self.sandbox.run("jackin-tui", "nonsense"), 2)
        self.assertRegex(self.done(self.sandbox.run("jackin-tui", "--version")).stdout, r"^jackin-tui \d+\.\d+\.\d+\n$")
        self.assertIn("--version", self.done(self.sandbox.run("jackin-tui", "--help")).stdout)

    def test_jackinctl_tui_starts_jackin_tui(self):
        terminal = self.sandbox.terminal("jackinctl", "tui", rows=24, columns=80)
        self.addCleanup(terminal.kill)
        terminal.expect_on_screen(r"live$")
        self.quit(terminal)


if __name__ == "__main__":
    unittest.main()
