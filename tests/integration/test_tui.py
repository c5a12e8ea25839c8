# SPDX-License-Identifier: Apache-2.0
"""jackin-tui on a terminal, with the real daemon."""

import base64
import os
import re
import signal
import unittest

from support import BROWSER, EndToEnd, Op, state_of


class FullScreen(EndToEnd):
    def start(self, rows=24, columns=80, **environment):
        terminal = self.sandbox.terminal("jackin-tui", rows=rows, columns=columns,
                                         environment={"BROWSER": BROWSER, "DISPLAY": ":0", **environment})
        self.addCleanup(terminal.kill)
        terminal.expect_on_screen(r"live$")
        return terminal

    def start_on_demo(self, **options):
        """Starts with the row of `demo` selected."""
        terminal = self.start(**options)
        terminal.expect_on_screen(r"^ ▸ .* global ")
        terminal.send("j")
        terminal.expect_on_screen(r"^ ▸ .* demo ")
        return terminal

    def choose_file(self, terminal):
        terminal.send("g")
        terminal.expect_on_screen(r"A new token for demo: choose a store")
        terminal.expect_on_screen(r"F  file ")
        terminal.send("f")
        terminal.expect_on_screen(r"^ ▸ ?F  file ")
        terminal.send("\r")

    def quit(self, terminal, code=0):
        terminal.send("q")
        self.assert_left(terminal, code)

    def assert_left(self, terminal, code):
        self.assertEqual(terminal.wait(), code, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        self.assertFalse(terminal.screen.is_alternate)
        for mode in ("?2004", "?1000", "?1006", "?2026"):
            on, off = (terminal.output.rfind(f"\x1b[{mode}{final}".encode()) for final in "hl")
            self.assertLess(on, off, mode)
        self.assertTrue(terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l"))

    def token_text(self, path):
        """A workspace's file, without the name of the token's file."""
        return re.sub(r"tokens/[^\"']*", "tokens/NAME", self.text(path))

    def test_panel_shows_the_workspaces(self):
        self.sandbox.workspace("other")
        terminal = self.start()
        terminal.expect_on_screen(r"2 workspaces · ")
        for name in ("global", "demo", "other"):
            terminal.expect_on_screen(rf" · +{name} +sync ")
        terminal.expect_on_screen(r"\? help$")
        self.quit(terminal)

    def test_generate_into_a_file(self):
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        terminal.expect_on_screen(r"✓ done")
        for line in (r"✓ claude +\d", r"✓ consent", r"✓ captured", r"✓ checked", r"✓ stored", r"✓ read back", r"✓ written",
                     r"✓ recorded", r"workspace +demo", r"stored in +file\b", r"fingerprint +[0-9a-f]{12}",
                     r"slot +workspaces/demo\.toml"):
            terminal.expect_on_screen(line)
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +file ")
        terminal.expect_on_screen(r"fingerprint +[0-9a-f]{12} +not shared; no process uses it")
        self.quit(terminal)
        self.assertNotIn(self.token.encode(), terminal.output)
        self.assertEqual(self.launched(), self.token)
        self.assert_token_only_in(*self.stored())
        # As the command line would have left it.
        other = self.sandbox.workspace("other")
        self.mint_next()
        self.set_up("other", "--store", "file")
        self.assertEqual(self.token_text(self.demo), self.token_text(other).replace("other", "demo"))

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

    def test_generate_into_a_new_item_of_1password(self):
        op = Op(self.sandbox)
        terminal = self.start_on_demo()
        terminal.send("g")
        terminal.expect_on_screen(r"P  1Password ")
        terminal.send("p")
        terminal.expect_on_screen(r"^ ▸ ?P  1Password ")
        terminal.send("\r")
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
        self.assertEqual([item["title"] for item in op.world()["items"]], ["Claude code"])
        self.assertEqual(self.launched(), self.token)

    def test_new_workspace(self):
        terminal = self.start_on_demo()
        terminal.send("n")
        terminal.expect_on_screen(r"A workspace that has no file yet")
        terminal.send("shop\r/work\r")
        terminal.expect_on_screen(r"A new token for shop: choose a store")
        terminal.expect_on_screen(r"T  plain text")
        terminal.send("t")
        terminal.expect_on_screen(r"^ ▸ ?T  plain text")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ done")
        terminal.send("\r")
        terminal.expect_on_screen(r"✓ shop +oauth_token +plain text ")
        self.quit(terminal)
        self.assertIn(f'oauth_token = "{self.token}"', self.text(self.demo.replace("demo", "shop")))
        self.assertNotIn(self.token.encode(), terminal.output)

    def test_revoke_asks_with_no_preselected(self):
        self.set_up()
        before = self.snapshot()
        terminal = self.start_on_demo()
        terminal.send("x")
        terminal.expect_on_screen(r"Revoke the token of demo\?")
        terminal.expect_on_screen(r"▸ N  keep")
        terminal.expect_on_screen(r"\[ \] delete it there too: file ")
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

    def test_change_made_elsewhere_shows(self):
        terminal = self.start()
        terminal.expect_on_screen(r" · demo ")
        self.set_up()
        terminal.expect_on_screen(r" ✓ demo +oauth_token +file ")
        self.done(self.ctl("revoke", "demo"))
        terminal.expect_on_screen(r" · demo +ignore ")
        self.quit(terminal)

    def test_code_is_pasted_into_the_pane(self):
        terminal = self.start_on_demo(DISPLAY=None, BROWSER=None)
        self.choose_file(terminal)
        terminal.expect_on_screen(r"─ claude|claude ─")
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.send("\x07c")
        terminal.expect_on_screen(r"the link was sent")
        terminal.send(f"\x1b[200~anycode#{state_of(self.copied(terminal))}\x1b[201~")
        terminal.expect_on_screen(r"✓ done")
        terminal.send("\r")
        self.quit(terminal)
        self.assertEqual(self.launched(), self.token)

    @staticmethod
    def copied(terminal):
        """What the program put on the terminal's clipboard last."""
        return base64.b64decode(re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", terminal.output)[-1]).decode()

    def test_ctrl_c_asks_before_it_cancels(self):
        before = self.snapshot()
        terminal = self.start_on_demo(DISPLAY=None, BROWSER=None)
        self.choose_file(terminal)
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.send("\x03")
        terminal.expect_on_screen(r"▸X cancel")
        terminal.send("\x03")
        terminal.expect_on_screen(r"✗ failed")
        terminal.expect_on_screen(r"cancelled")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ · demo ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_quitting_while_claude_asks_asks_and_cancels(self):
        before = self.snapshot()
        terminal = self.start_on_demo(DISPLAY=None, BROWSER=None)
        self.choose_file(terminal)
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.send("\x07p")
        terminal.expect_on_screen(r"demo .*needs your consent")
        terminal.send("q")
        terminal.expect_on_screen(r"Quitting cancels it\.")
        terminal.send("y")
        self.assert_left(terminal, 0)
        self.assertIn("cancelled the new token of demo", terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.daemon_status()["operations"], [])

    def test_daemon_away_and_back(self):
        terminal = self.start_on_demo()
        self.sandbox.kill_daemon()
        terminal.expect_on_screen(r"daemon away")
        terminal.expect_on_screen(r"^ ▸ .* demo ")
        terminal.send("\r")
        terminal.expect_on_screen(r"● live$")
        self.quit(terminal)

    def test_operation_of_another_client_shows(self):
        terminal = self.start_on_demo()
        other = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect_on_screen(r"demo .*consent · jackinctl\[\d+\]")
        other.send(b"\x03")
        self.assertEqual(other.wait(), 5, other.text)
        terminal.expect_on_screen(r"^ ▸ · demo +sync +–")
        self.quit(terminal)

    def test_signals_restore_the_terminal(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=number):
                terminal = self.start()
                terminal.kill(number)
                self.assert_left(terminal, 5)

    def test_stopped_and_continued(self):
        terminal = self.start_on_demo()
        terminal.kill(signal.SIGTSTP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.wait_until_left()
        terminal.kill(signal.SIGCONT)
        terminal.expect_on_screen(r"^ ▸ .* demo ")
        self.quit(terminal)

    def test_small_window(self):
        terminal = self.start(rows=8, columns=40)
        terminal.expect_on_screen(r" demo\b")
        terminal.resize(24, 80)
        terminal.expect_on_screen(r"\? help$")
        self.quit(terminal)

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

    def test_without_a_terminal(self):
        refused = self.done(self.sandbox.run("jackin-tui"), 2)
        self.assertEqual(refused.stdout, "")
        self.assertIn("error: jackin-tui needs a terminal\ntry: jackinctl status\n", refused.stderr)
        self.done(self.sandbox.run("jackin-tui", "nonsense"), 2)
        self.assertRegex(self.done(self.sandbox.run("jackin-tui", "--version")).stdout, r"^jackin-tui \d+\.\d+\.\d+\n$")
        self.assertIn("--version", self.done(self.sandbox.run("jackin-tui", "--help")).stdout)

    def test_jackinctl_tui_becomes_it(self):
        terminal = self.sandbox.terminal("jackinctl", "tui", rows=24, columns=80)
        self.addCleanup(terminal.kill)
        terminal.expect_on_screen(r"live$")
        self.quit(terminal)


if __name__ == "__main__":
    unittest.main()
