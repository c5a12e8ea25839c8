# SPDX-License-Identifier: Apache-2.0
"""Signals end or stop jackin-tui. The terminal is restored, and no operation is damaged."""

import os
import signal
import unittest

from support import LIMIT
from tui_support import Tui


class FullScreenSignals(Tui):
    # The exit code for each signal. SIGSEGV stands for a crash.
    ENDING = {signal.SIGTERM: 5, signal.SIGHUP: 5, signal.SIGQUIT: 5, signal.SIGSEGV: -signal.SIGSEGV}

    def test_signals_restore_the_terminal(self):
        for number, code in self.ENDING.items():
            with self.subTest(signal=number):
                terminal = self.start()
                terminal.kill(number)
                self.assert_left(terminal, code)

    def test_stop_and_continue_restore_the_screen(self):
        terminal = self.start_on_demo()
        terminal.kill(signal.SIGTSTP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.wait_until_left()
        terminal.kill(signal.SIGCONT)
        terminal.expect_on_screen(r"^ ▸ .* demo ")
        self.quit(terminal)

    def test_before_the_capture(self):
        before = self.snapshot()
        for number, code in self.ENDING.items():
            with self.subTest(signal=number):
                terminal = self.start_on_demo(**self.NO_BROWSER)
                self.begin_without_browser(terminal)
                terminal.kill(number)
                self.assert_left(terminal, code)
                self.wait_until_no_operation()
                self.assertEqual(self.snapshot(), before)

    def test_after_the_capture(self):
        for number, code in self.ENDING.items():
            with self.subTest(signal=number):
                held = self.api.hold("/v1/models")
                terminal = self.start_on_demo()
                self.choose_file(terminal)
                held.wait_for_request(LIMIT)
                terminal.expect_on_screen(r"» checked")
                terminal.kill(number)
                self.assert_left(terminal, code)
                if code > 0:
                    self.assertIn("jackind finishes the new token of demo by itself", terminal.text)
                held.release()
                self.wait_until_no_operation()
                self.assertEqual(self.launched(), self.token)
                self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
                self.demo = self.sandbox.workspace("demo")

    def killed_in_a_shell(self, keys, shown):
        """Starts jackin-tui in a shell, sends `keys` and kills it when `shown` is on the screen. Starts it again and
        returns the terminal."""
        shell = self.sandbox.terminal("/bin/bash", "--norc", "--noprofile", "-i", rows=24, columns=80,
                                      environment={"PS1": "shell> ", **self.NO_BROWSER})
        self.addCleanup(shell.kill)
        if not os.path.isdir("/proc/self/task"):
            self.skipTest("the shell's children are found in /proc")
        command = self.sandbox.program("jackin-tui") + "\n"
        shell.expect(r"shell> ")
        shell.send(command)
        shell.expect_on_screen(r"live$")
        for key in keys:
            shell.send(key)
        shell.expect_on_screen(shown)
        with open(f"/proc/{shell.process.pid}/task/{shell.process.pid}/children", encoding="ascii") as file:
            child, = map(int, file.read().split())
        os.kill(child, signal.SIGKILL)
        shell.expect(r"Killed.*shell> ")
        self.assertTrue(shell.screen.is_alternate)
        shell.send(command)
        shell.expect_on_screen(r"^ jackin. auth  ")
        shell.expect_on_screen(r"live$")
        return shell

    def leave_shell(self, shell):
        shell.send("q")
        shell.wait_until_left()
        shell.send("exit\n")
        self.assert_left(shell, 0)

    def test_killed(self):
        shell = self.killed_in_a_shell("j", r"^ ▸ .* demo ")
        shell.expect_on_screen(r" · demo +sync ")
        self.leave_shell(shell)

    def test_killed_before_the_capture(self):
        before = self.snapshot()
        shell = self.killed_in_a_shell(["j", "gf\r"], r"Paste code here")
        shell.expect_on_screen(r" · demo +sync ")
        self.leave_shell(shell)
        self.wait_until_no_operation()
        self.assertEqual(self.snapshot(), before)

    def test_killed_after_the_capture(self):
        held = self.api.hold("/v1/models")
        terminal = self.start_on_demo()
        self.choose_file(terminal)
        held.wait_for_request(LIMIT)
        terminal.kill(signal.SIGKILL)
        terminal.wait()
        fresh = self.start()
        fresh.expect_on_screen(r" » demo ")
        held.release()
        fresh.expect_on_screen(r" ✓ demo +oauth_token +file ")
        self.quit(fresh)
        self.assertEqual(self.launched(), self.token)


if __name__ == "__main__":
    unittest.main()
