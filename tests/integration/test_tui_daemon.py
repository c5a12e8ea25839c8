# SPDX-License-Identifier: Apache-2.0
"""The daemon ends and starts again while jackin-tui runs."""

import unittest

from support import LIMIT, Op
from tui_support import Tui


class FullScreenDaemon(Tui):
    def test_killed_daemon_is_started_by_enter(self):
        terminal = self.start_on_demo()
        self.sandbox.kill_daemon()
        terminal.expect_on_screen(r"daemon away")
        terminal.expect_on_screen(r"^ ▸ .* demo ")
        terminal.send("\r")
        terminal.expect_on_screen(r"● live$")
        self.quit(terminal)

    def test_restart_reconnects(self):
        self.set_up()
        terminal = self.start_on_demo()
        terminal.expect_on_screen(r"^ ▸ ✓ demo ")
        self.done(self.ctl("daemon", "restart"))
        terminal.expect(r"daemon restarting")
        terminal.expect_on_screen(r"● live$")
        terminal.expect_on_screen(r"^ ▸ ✓ demo +oauth_token +file ")
        newer = self.mint_next()
        terminal.send("r")
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched(), newer)

    def test_stopped_daemon_stays_stopped(self):
        terminal = self.start_on_demo()
        self.done(self.ctl("daemon", "stop"))
        terminal.expect_on_screen(r"daemon restarting")
        terminal.expect_on_screen(r"daemon away")
        terminal.expect_on_screen(r"jackind ended at \d\d:\d\d:\d\d")
        self.quit(terminal)
        self.assertIsNone(self.sandbox.daemon_pid())

    def test_restart_during_consent(self):
        before = self.snapshot()
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        self.done(self.ctl("daemon", "restart"))
        terminal.expect_on_screen(r"· cancelled ")
        terminal.expect_on_screen(r"jackind ends")
        self.back(terminal)
        terminal.expect_on_screen(r"● live$")
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_restart_keeps_what_waits(self):
        self.sandbox.workspace("other")
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        terminal.send("\x07p")
        terminal.expect_on_screen(r" » demo .*consent")
        self.select(terminal, "other")
        self.choose_file(terminal, "other")
        terminal.expect_on_screen(r"other starts when demo has your consent")
        self.done(self.ctl("daemon", "restart"))
        terminal.expect_on_screen(r"^ ▸ » other .*needs your consent")
        terminal.send("\r")
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.expect_on_screen(r"Paste code here")
        self.paste_code(terminal)
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        self.quit(terminal)
        self.assertEqual(self.launched("other"), self.token)

    def test_killed_during_consent(self):
        before = self.snapshot()
        terminal = self.start_on_demo(**self.NO_BROWSER)
        self.begin_without_browser(terminal)
        self.sandbox.kill_daemon()
        terminal.expect_on_screen(r"✗ failed")
        self.back(terminal)
        terminal.expect_on_screen(r"daemon away")
        terminal.send("\r")
        terminal.expect_on_screen(r"● live$")
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def kill_during_the_check(self):
        """Kills the daemon while the API checks the captured token, which is only in the daemon's memory."""
        held = self.api.hold("/v1/models")
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        held.wait_for_request(LIMIT)
        terminal.expect_on_screen(r"» checked")
        self.sandbox.kill_daemon()
        terminal.expect_on_screen(r"daemon away")
        terminal.expect_on_screen(r"It reports the result when it answers again")
        held.release()
        return terminal

    def test_killed_after_the_capture(self):
        before = self.snapshot()
        terminal = self.kill_during_the_check()
        terminal.send("\x1b")
        terminal.expect_on_screen(r"The token of demo was captured: jackind reports the result")
        terminal.expect_on_screen(r"^ ▸ \? demo ")
        terminal.send("\r")
        terminal.expect_on_screen(r"● live$")
        terminal.expect_on_screen(r"demo: jackind ended during the operation: it was undone")
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_killed_while_the_operation_is_shown(self):
        before = self.snapshot()
        terminal = self.kill_during_the_check()
        # Another client starts the daemon.
        self.done(self.ctl("status"))
        terminal.expect_on_screen(r"✗ failed")
        terminal.expect_on_screen(r"jackind ended during the operation: it was undone")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        self.assertEqual(self.snapshot(), before)

    def test_killed_after_the_token_was_stored(self):
        op = Op(self.sandbox)
        op.settings("KNOB read@1=hang")
        terminal = self.start_on_demo()
        self.choose(terminal, "p", "1Password ")
        terminal.expect_on_screen(r"^ ▸ +Personal")
        terminal.send("\r")
        terminal.expect_on_screen(r"^ ▸ \+ New item")
        terminal.send("\r")
        terminal.expect_on_screen(r"name +Claude")
        terminal.send("\r")
        terminal.expect_on_screen(r"» read back")
        self.sandbox.kill_daemon()
        op.settings()
        self.done(self.ctl("status"))
        terminal.expect_on_screen(r"jackind ended during the operation: the new token is in\s+its\s+store,\s+and\s+not\s+configured")
        terminal.expect_on_screen(r"try +.*jackinctl doctor")
        self.back(terminal)
        terminal.expect_on_screen(r"^ ▸ · demo +sync ")
        self.quit(terminal)
        item, = op.world()["items"]
        self.assertEqual(item["title"], "Claude")
        self.assertIn("--reuse op://", self.done(self.ctl("doctor", "--offline")).stdout)


if __name__ == "__main__":
    unittest.main()
