# SPDX-License-Identifier: Apache-2.0
"""The base class of the tests of jackin-tui."""

import os
import re

from support import EndToEnd
from tui_driver import TuiDriver


class Tui(TuiDriver, EndToEnd):
    """jackin-tui with the real daemon and with fakes of the other programs. `demo` is compared with `other`, which
    jackinctl changed."""

    def neutral(self, path=None):
        """The text of a workspace's file, with fixed words in place of the parts that differ between tokens."""
        text = re.sub(r"sk-ant-[\w-]+", "TOKEN", self.text(path))
        text = re.sub(r"tokens/[^\"']*", "tokens/NAME", text)
        text = re.sub(r"\b[a-z2-7]{26}\b", "ID", text)
        return re.sub(r'account = "(demo|other)[^"]*-[^"-]*"', r'account = "\1-ID"', text)

    def assert_as_command_line(self, *commands):
        """Checks that the file of `demo` equals the file of `other` after these commands. A command is a list of
        arguments; the browser gives consent."""
        other = self.demo.replace("demo", "other")
        if not os.path.exists(other):
            self.sandbox.workspace("other")
        for command in commands:
            if command[0] in ("setup", "rotate"):
                self.mint_next()
            done = self.run_in_terminal(*command)
            self.assertEqual(done.code, 0, done.text)
        self.assertEqual(self.neutral(), self.neutral(other).replace("other", "demo"))

    def wait_until_no_operation(self):
        """Waits until the daemon runs no operation."""
        for _ in range(500):
            if not self.daemon_status()["operations"]:
                return
        self.fail("an operation is still running")
