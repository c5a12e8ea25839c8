# SPDX-License-Identifier: Apache-2.0
"""Controls jackin-tui on a terminal: a mixin for a test case with a `sandbox`. Each step waits for its text on the
screen."""

import base64
import re

from sandbox import BROWSER, state_of


class TuiDriver:
    NO_BROWSER = {"DISPLAY": None, "BROWSER": None}

    def start(self, rows=24, columns=80, **environment):
        terminal = self.sandbox.terminal("jackin-tui", rows=rows, columns=columns,
                                         environment={"BROWSER": BROWSER, "DISPLAY": ":0", **environment})
        self.addCleanup(terminal.kill)
        terminal.expect_on_screen(r"live$")
        return terminal

    def select(self, terminal, row):
        """Moves the selection down to the row."""
        for _ in range(10):
            shown = terminal.expect_on_screen(r"^ ▸[ *]\S +(?:└ )?(\S+) ").group(1)
            if shown == row:
                return
            terminal.send("j")
            terminal.expect_on_screen(rf"^ ▸[ *]\S +(?:└ )?(?!{re.escape(shown)} )\S+ ")
        self.fail(f"no row {row}\n{terminal.screen.text}")

    def start_on_demo(self, **options):
        """Starts jackin-tui and selects the row of `demo`."""
        terminal = self.start(**options)
        terminal.expect_on_screen(r"^ ▸ ")
        terminal.send("\x1b[H")
        terminal.expect_on_screen(r"^ ▸ .* global ")
        self.select(terminal, "demo")
        return terminal

    def choose(self, terminal, letter, name, subject="demo"):
        """Creates a token for the selected row, in the store of this letter."""
        terminal.send("g")
        terminal.expect_on_screen(rf"A new token for {subject}: choose a store")
        terminal.expect_on_screen(rf"{letter.upper()}  {name}")
        terminal.send(letter)
        terminal.expect_on_screen(rf"^ ▸ ?{letter.upper()}  {name}")
        terminal.send("\r")

    def choose_file(self, terminal, subject="demo"):
        self.choose(terminal, "f", "file ", subject)

    def begin_without_browser(self, terminal, subject="demo"):
        """Creates a token in a file, up to claude's question."""
        self.choose_file(terminal, subject)
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.expect_on_screen(r"Paste code here")

    def copy_link(self, terminal):
        """Copies the link and returns it from the terminal's clipboard."""
        terminal.send("\x07c")
        terminal.expect_on_screen(r"the link was sent")
        return self.copied(terminal)

    def paste_code(self, terminal):
        terminal.send(f"\x1b[200~anycode#{state_of(self.copy_link(terminal))}\x1b[201~")

    def back(self, terminal):
        """From a report back to the panel. Enter right behind a paste would belong to it."""
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ jackin. auth  ")

    def quit(self, terminal, code=0):
        terminal.send("q")
        self.assert_left(terminal, code)

    def assert_left(self, terminal, code):
        self.assertEqual(terminal.wait(), code, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        self.assert_modes_restored(terminal)

    def assert_modes_restored(self, terminal):
        self.assertFalse(terminal.screen.is_alternate)
        for mode in ("?2004", "?1000", "?1006", "?2026"):
            on, off = (terminal.output.rfind(f"\x1b[{mode}{final}".encode()) for final in "hl")
            self.assertLess(on, off, mode)
        self.assertTrue(terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l"))

    @staticmethod
    def copied(terminal):
        """What the program put on the terminal's clipboard last."""
        return base64.b64decode(re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", terminal.output)[-1]).decode()
