# SPDX-License-Identifier: Apache-2.0
"""The shared base of the tests of jackin-tui."""

import os
import re

from support import EndToEnd
from tui_driver import TuiDriver


class Tui(TuiDriver, EndToEnd):
    """jackin-tui with the real daemon and the stand-ins. `demo` is compared with what jackinctl leaves of `other`."""

    def neutral(self, path=None):
        """A workspace's file, without what differs from one token to the next."""
        text = re.sub(r"sk-ant-[\w-]+", "TOKEN", self.text(path))
        text = re.sub(r"tokens/[^\"']*", "tokens/NAME", text)
        text = re.sub(r"\b[a-z2-7]{26}\b", "ID", text)
        return re.sub(r'account = "(demo|other)[^"]*-[^"-]*"', r'account = "\1-ID"', text)

    def assert_as_command_line(self, *commands):
        """The file of `demo` is as these commands leave that of `other`. Each is a list of arguments, with consent in the
        browser."""
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
        self.fail("the operation does not end")
