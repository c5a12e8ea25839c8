# SPDX-License-Identifier: Apache-2.0
"""The real claude in the pane of jackin-tui: the token is captured completely and never shown, and a code arrives
completely."""

import secrets
import select
import string
import unittest

from test_real_claude import RecordingSocket, WithRealClaude
from sandbox import state_of
from tui_driver import TuiDriver

SIZES = ((24, 80), (15, 60))


class RealClaudeInPane(TuiDriver, WithRealClaude):
    def begin_setup(self, rows, columns, **environment):
        """jackin-tui creates a token for `demo` into a file. What the daemon sends is recorded."""
        self.doCleanups()
        self.setUp()
        self.sandbox.run("jackinctl", "daemon", "start")
        self.recorded = RecordingSocket(self.sandbox)
        self.addCleanup(self.recorded.stop)
        terminal = self.start(rows, columns, JACKIN_RUNTIME_DIR=self.recorded.runtime_dir, **environment)
        terminal.expect_on_screen(r" demo ")
        self.select(terminal, "demo")
        self.choose_file(terminal)
        return terminal

    def end_setup(self, terminal):
        terminal.expect_on_screen(r"✓ done")
        self.back(terminal)
        terminal.expect_on_screen(r"✓ demo +oauth_token ")
        self.quit(terminal)
        self.assertEqual(self.oauth.exchanges, 1)
        self.assert_whole_and_hidden(self.recorded.received, terminal.output)

    def code_for(self, terminal):
        """A code that begins with `c`. claude takes a first `c` for its key "copy"."""
        terminal.expect_on_screen(r"Open the link in a browser")
        alphabet = string.ascii_letters + string.digits + "-_"
        code = "c" + "".join(secrets.choice(alphabet) for _ in range(39))
        return code, state_of(self.copy_link(terminal))

    def assert_code_arrives(self, send):
        for rows, columns in SIZES:
            with self.subTest(rows=rows, columns=columns):
                terminal = self.begin_setup(rows, columns, **self.NO_BROWSER)
                code, state = self.code_for(terminal)
                send(terminal, f"{code}#{state}")
                self.end_setup(terminal)
                self.assertEqual(self.oauth.codes, [code])

    def test_browser(self):
        for rows, columns in SIZES:
            with self.subTest(rows=rows, columns=columns):
                self.end_setup(self.begin_setup(rows, columns))

    def test_code_in_one_chunk(self):
        self.assert_code_arrives(lambda terminal, code: (terminal.send(code), self.enter(terminal)))

    def test_code_as_a_bracketed_paste(self):
        self.assert_code_arrives(lambda terminal, code: terminal.send(f"\x1b[200~{code}\x1b[201~"))

    def test_code_in_forty_pieces(self):
        def send(terminal, code):
            pieces = 40
            for number in range(pieces):
                terminal.send(code[number * len(code) // pieces:(number + 1) * len(code) // pieces])
                select.select([], [], [], 0.001)
            self.enter(terminal)
        self.assert_code_arrives(send)

    @staticmethod
    def enter(terminal):
        """Presses Enter after claude shows the typed code. An Enter in the same chunk would be part of the code."""
        terminal.expect_on_screen(r"\*{10}")
        terminal.send("\r")

    def test_resize_during_consent(self):
        terminal = self.begin_setup(24, 80, **self.NO_BROWSER)
        code, state = self.code_for(terminal)
        for rows, columns in ((15, 60), (40, 120), (24, 80)):
            terminal.resize(rows, columns)
            terminal.expect_on_screen(r"\^G then")
        terminal.send(f"\x1b[200~{code}#{state}\x1b[201~")
        self.end_setup(terminal)
        self.assertEqual(self.oauth.codes, [code])


if __name__ == "__main__":
    unittest.main(verbosity=2)
