# SPDX-License-Identifier: Apache-2.0
"""jackin-tui in tmux. The tests use tmux's control mode (tmux(1), CONTROL MODE)."""

import re
import shutil
import subprocess
import unittest

from support import BROWSER
from tui_support import Tui


class ControlledTmux:
    """A separate tmux server with one window of 80x24, in which a program runs."""

    def __init__(self, test, program):
        environment = {**test.sandbox.environment, "BROWSER": BROWSER, "DISPLAY": ":0",
                       "TMUX_TMPDIR": test.sandbox.folder("tmux"), "TERM": "xterm-256color"}
        self.process = subprocess.Popen(["tmux", "-L", "jackin-test", "-f", "/dev/null", "-C", "new-session",
                                         "-x", "80", "-y", "24", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
                                        cwd=test.sandbox.root, errors="replace")
        test.addCleanup(self._end)
        self.shown = ""
        self._answer()

    def _end(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def _answer(self):
        """The lines of the next answer to a command."""
        lines = None
        for line in self.process.stdout:
            if line.startswith("%begin "):
                lines = []
            elif line.startswith("%end ") and lines is not None:
                return lines
            elif line.startswith("%error ") or line.startswith("%exit"):
                raise AssertionError(f"{lines} {line}")
            elif lines is not None:
                lines.append(line.rstrip("\n"))
        raise AssertionError("tmux has ended")

    def run(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._answer()

    def send(self, *keys):
        self.run("send-keys " + " ".join(keys))

    def expect(self, pattern):
        """Waits until the pattern is on the screen. Reads the screen after each output of the program."""
        while True:
            self.shown = "\n".join(self.run("capture-pane -p"))
            found = re.search(pattern, self.shown, re.M)
            if found:
                return found
            self._wait_for_output()

    def _wait_for_output(self):
        for line in self.process.stdout:
            if line.startswith("%output "):
                return
            if line.startswith("%exit"):
                break
        raise AssertionError(f"tmux has ended; the screen was\n{self.shown}")

    def wait(self):
        """Waits until the program ends; tmux ends with it."""
        for line in self.process.stdout:
            if line.startswith("%exit"):
                return
        raise AssertionError("tmux has ended")


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed: ./dev deps")
class FullScreenTmux(Tui):
    def test_create_and_revoke(self):
        tmux = ControlledTmux(self, self.sandbox.program("jackin-tui"))
        tmux.expect(r"live$")
        tmux.expect(r"^ ▸ · demo ")
        tmux.send("g")
        tmux.expect(r"F  file ")
        tmux.send("f", "Enter")
        tmux.expect(r"✓ done")
        tmux.send("Enter")
        tmux.expect(r"^ ▸ ✓ demo +oauth_token +file ")
        self.assertEqual(self.launched(), self.token)
        tmux.run("resize-window -x 60 -y 15")
        tmux.expect(r"^ ▸ ✓ demo ")
        tmux.send("x")
        tmux.expect(r"Revoke the token of demo\?")
        tmux.send("Space", "y")
        tmux.expect(r"removed from the configuration")
        tmux.send("Enter")
        tmux.expect(r"^ ▸ · demo +ignore")
        tmux.send("q")
        tmux.wait()
        self.assertEqual(self.stored(), [])
        self.assertIn("ignore", self.text())


if __name__ == "__main__":
    unittest.main()
