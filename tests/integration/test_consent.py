# SPDX-License-Identifier: Apache-2.0
"""What jackinctl shows while claude asks for consent, and the forms of the code that it accepts."""

import base64
import os
import re
import signal
import subprocess
import unittest

from support import EndToEnd, state_of

SIZES = ((24, 80), (30, 90), (20, 60), (12, 40))
PROMPT = r"^ *Paste code here if prompted >"
REFUSED = "error: claude refused the code: Invalid code. Copy the whole code, including what follows #\n"


class Consent(EndToEnd):
    def begin_terminal(self, rows=24, columns=80, *options):
        terminal = self.sandbox.terminal("jackinctl", "setup", "demo", "--store", "file", "--no-browser", *options, rows=rows,
                                         columns=columns)
        self.addCleanup(terminal.kill)
        return terminal

    def begin_setup(self, *arguments):
        """Starts a setup and waits for the link. Returns the terminal and the link."""
        terminal = self.begin_terminal(*arguments)
        return terminal, self.link_of(terminal)

    def begin_qr(self):
        """Starts a setup and waits for the QR code."""
        terminal = self.begin_terminal(50, 100, "--qr")
        terminal.expect_on_screen(r"^Scan the code with a phone\. Any key returns to claude\.")
        return terminal

    @staticmethod
    def link_of(terminal):
        return terminal.expect(r"(https://[^\s\x07]*[?&]state=[A-Za-z0-9_-]{43})").group(1)

    def cancel(self, terminal):
        terminal.send("\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assert_left(terminal)

    def assert_left(self, terminal):
        self.assertEqual(terminal.before, terminal.after)
        self.assertFalse(terminal.screen.is_alternate)
        self.assertLess(terminal.output.rfind(b"\x1b[?2004h"), terminal.output.rfind(b"\x1b[?2004l"))

    @staticmethod
    def expect_link(terminal, link):
        """Waits until the screen shows the complete link, which may take several rows."""
        terminal.expect_screen(lambda screen: link in "".join("".join(line) for line in screen.lines),
                               "the screen does not show the complete link")

    def test_link_and_prompt_at_every_size(self):
        for rows, columns in SIZES:
            with self.subTest(rows=rows, columns=columns):
                terminal, link = self.begin_setup(rows, columns)
                terminal.expect_on_screen(PROMPT + "$")
                self.expect_link(terminal, link)
                terminal.expect_on_screen(r"^Ctrl-G, then C: copy ")
                terminal.send("x")
                terminal.expect_on_screen(PROMPT + r" \*$")
                self.expect_link(terminal, link)
                self.assertNotRegex(terminal.screen.text, "[░█]")
                self.cancel(terminal)

    def test_resize_keeps_the_link(self):
        terminal, link = self.begin_setup()
        for rows, columns in (*SIZES, (24, 80)):
            terminal.resize(rows, columns)
            terminal.expect_on_screen(PROMPT + "$")
            self.expect_link(terminal, link)
        self.cancel(terminal)

    def test_link_is_copied_by_keys(self):
        terminal, link = self.begin_setup()
        terminal.expect_on_screen(PROMPT + "$")
        terminal.send("\x07")
        terminal.expect_on_screen(r"^C: copy the link, Q: QR code")
        terminal.send("c")
        terminal.expect_on_screen(r"^The link was sent to the clipboard\.")
        sent = re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", terminal.output)
        self.assertEqual([base64.b64decode(text).decode() for text in sent], [link])
        terminal.expect_on_screen(PROMPT + "$")
        self.cancel(terminal)

    def test_qr_code_fills_the_screen_when_it_fits(self):
        terminal, link = self.begin_setup(24, 60, "--qr")
        terminal.expect_on_screen(r"^The QR code needs \d+ more rows and \d+ more columns\.$")
        self.expect_link(terminal, link)
        terminal.resize(50, 100)
        terminal.expect_on_screen(r"^Scan the code with a phone\. Any key returns to claude\.")
        self.assertTrue(terminal.screen.is_alternate)
        self.assertNotIn("https", terminal.screen.text)
        terminal.send("x")
        terminal.wait_until_left()
        terminal.expect_on_screen(PROMPT + "$")
        self.expect_link(terminal, link)
        terminal.send("\x07q")
        terminal.expect_on_screen(r"^Scan the code")
        self.cancel(terminal)

    def test_signals_restore_the_screen_of_the_qr_code(self):
        for number, code in ((signal.SIGTERM, 5), (signal.SIGHUP, 5), (signal.SIGQUIT, -signal.SIGQUIT)):
            with self.subTest(signal=number):
                terminal = self.begin_qr()
                terminal.kill(number)
                self.assertEqual(terminal.wait(), code, terminal.text)
                self.assert_left(terminal)

    def test_stop_and_continue_restore_the_screen(self):
        terminal = self.begin_qr()
        terminal.kill(signal.SIGTSTP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.wait_until_left()
        terminal.kill(signal.SIGCONT)
        terminal.expect_on_screen(r"^Scan the code")
        terminal.send("x")
        terminal.expect_on_screen(PROMPT + "$")
        self.expect_link(terminal, self.link_of(terminal))
        self.cancel(terminal)

    def test_each_form_of_the_code_is_accepted(self):
        for name, form in (("paste", "\x1b[200~c0de#{}\x1b[201~"), ("keys", "c0de#{}\r"),
                           ("address", "\x1b[200~https://platform.claude.com/oauth/code/callback?code=c0de&state={}\x1b[201~"),
                           ("typed-address", "https://platform.claude.com/oauth/code/callback?code=c0de&state={}\r"),
                           ("paste-and-enter", "\x1b[200~c0de#{}\x1b[201~\r")):
            with self.subTest(form=name):
                self.sandbox.workspace("demo")
                terminal, link = self.begin_setup()
                terminal.expect_on_screen(PROMPT + "$")
                terminal.send(form.format(state_of(link)))
                self.assertEqual(terminal.wait(), 0, terminal.text)
                self.assert_left(terminal)
                self.assertEqual(self.launched(), self.token)
                self.assertNotIn(b"c0de", terminal.output)

    def test_code_in_pieces_arrives_whole(self):
        terminal, link = self.begin_setup()
        terminal.expect_on_screen(PROMPT + "$")
        for character in f"c0de#{state_of(link)}\r":
            terminal.send(character)
        self.assertEqual(terminal.wait(), 0, terminal.text)

    def test_refused_code_ends_the_setup(self):
        for form in ("\x1b[200~wrong#code\x1b[201~", "wrong#code\r"):
            with self.subTest(form=form):
                before = self.snapshot()
                terminal, _ = self.begin_setup()
                terminal.expect_on_screen(PROMPT + "$")
                terminal.send(form)
                self.assertEqual(terminal.wait(5), 1, terminal.text)
                self.assertIn(REFUSED, terminal.text.replace("\r", ""))
                self.assert_left(terminal)
                self.assertEqual(self.snapshot(), before)

    def test_code_on_stdin(self):
        for code in ("\nc0de", "\r\n  \n\t c0de", "https://platform.claude.com/oauth/code/callback?code=c0de&state=", "wrong"):
            with self.subTest(code=code):
                self.sandbox.workspace("demo")
                process = self.begin("jackinctl", "setup", "demo", "--store", "file", "--no-browser", stdin=subprocess.PIPE)
                link = ""
                while not link.startswith("open: "):
                    link = process.stderr.readline()
                state = "other" if code == "wrong" else state_of(link.removeprefix("open: ").strip())
                separator = "" if code.endswith("=") else "#"
                _, error = process.communicate(f"{code}{separator}{state}\n", timeout=5)
                if code == "wrong":
                    self.assertEqual(process.returncode, 1, error)
                    self.assertIn(REFUSED, error)
                else:
                    self.assertEqual(process.returncode, 0, error)
                    self.assertEqual(self.launched(), self.token)


class ConsentInFullScreen(EndToEnd):
    def test_callback_address_is_pasted(self):
        terminal = self.sandbox.terminal("jackin-tui", rows=24, columns=80)
        self.addCleanup(terminal.kill)
        terminal.expect_on_screen(r"live$")
        terminal.send("g")
        terminal.expect_on_screen(r"A new token for demo: choose a store")
        terminal.expect_on_screen(r"F  file ")
        terminal.send("f")
        terminal.expect_on_screen(r"^ ▸ ?F  file ")
        terminal.send("\r")
        terminal.expect_on_screen(r"Open the link in a browser")
        terminal.send("\x07c")
        link = base64.b64decode(terminal.expect_output(rb"\x1b\]52;c;([^\x07]*)\x07").group(1)).decode()
        terminal.send(f"\x1b[200~https://platform.claude.com/oauth/code/callback?code=c0de&state={state_of(link)}\x1b[201~")
        terminal.expect_on_screen(r"✓ done")
        terminal.send("\x1b")
        terminal.expect_on_screen(r"^ jackin. auth  ")
        terminal.send("q")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(self.launched(), self.token)


if __name__ == "__main__":
    unittest.main()
