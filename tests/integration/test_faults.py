# SPDX-License-Identifier: Apache-2.0
"""SIGKILL ends the daemon while `op` works for it, at each of the calls of an operation. The next daemon finishes what
was begun. `integration.faults` tests every other point; here everything except op's vault is real."""

import contextlib
import os
import re
import select
import signal
import subprocess
import unittest

from support import LIMIT, enter_code
from op import PROGRAM, WORK
from test_op import WithOp


class KilledDuringOp(WithOp):
    # The real op is in a group of its own (setgid), and so does not end with its parent (prctl(2), PR_SET_PDEATHSIG).
    # Neither does this one.
    OUTLIVES = """#!/usr/bin/env -S python3 -IS
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 0)
os.execv({op!r}, sys.argv)
"""

    def setUp(self):
        super().setUp()
        self.gate = self.sandbox.path("gate")
        os.mkfifo(self.gate, 0o600)
        self.by_code("setup", "demo", "--vault", "Work")

    def keep_op_running(self):
        os.unlink(self.op.path)
        self.sandbox.private_file(self.op.path, self.OUTLIVES.format(op=PROGRAM), 0o700)

    # --- the operation, and its interruption ---

    def begin_operation(self, *arguments):
        return self.begin("jackinctl", *arguments, "--format", "json", stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL)

    def calls_of(self, *arguments):
        """The number of calls of the operation without a fault, by a daemon that has used op before."""
        self.start_again()
        before = len(self.op.calls())
        process = self.begin_operation(*arguments)
        enter_code(process)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        return len(self.op.calls()) - before

    def kill_at(self, number, *arguments):
        """Starts the operation, and kills the daemon while the call of that number runs. Then op continues, unless it
        was killed too."""
        self.op.settings(f"KNOB *@{len(self.op.calls()) + number}=gate:{self.gate}")
        process = self.begin_operation(*arguments)
        if arguments[0] == "rotate" and not self.is_before_the_mint(number):
            enter_code(process)
        gate = self.wait_at_the_gate()
        daemon = os.pidfd_open(self.sandbox.daemon_pid())
        signal.pidfd_send_signal(daemon, signal.SIGKILL)
        select.select([daemon], [], [])
        os.close(daemon)
        os.close(gate)
        self.wait_for_op()
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        self.op.settings()

    def wait_at_the_gate(self):
        """Waits until op is at the gate. It stays there until the descriptor is closed."""
        def never_came(*_):
            raise AssertionError(f"op never came so far: {self.calls()}")

        before = signal.signal(signal.SIGALRM, never_came)
        signal.alarm(int(LIMIT))
        try:
            return os.open(self.gate, os.O_WRONLY)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    def is_before_the_mint(self, number):
        return number <= self.calls_before_the_mint

    calls_before_the_mint = 1  # a rotation reads the old item first

    def wait_for_op(self):
        """Waits until the last call has ended, or was killed."""
        with contextlib.suppress(ProcessLookupError):
            op = os.pidfd_open(self.op.calls()[-1]["pid"])
            select.select([op], [], [])
            os.close(op)

    def start_again(self):
        """Starts the next daemon, and returns when it has finished every operation."""
        self.done(self.ctl("daemon", "start"))
        for _ in range(500):
            status = self.daemon_status()
            report = self.json(self.ctl("doctor", "--offline", "--format", "json"))
            # A discarded token stays listed, and a kept one.
            left = [finding for finding in report["leftovers"] if not finding["code"].startswith("token_")]
            if not status["operations"] and not left:
                self.kept = [item for finding in report["leftovers"] if finding["code"] == "token_kept"
                             for item in re.findall(rf"--reuse '?op://{WORK}/([a-z2-7]{{26}})/", finding["remedy"])]
                return
        self.fail(f"it comes to no end: {report['leftovers']}")

    def assert_consistent(self):
        # Every item in the vault is jackind's: each item is in a slot or doctor lists it, and each slot names an existing
        # item.
        wired = re.findall(rf"op://{WORK}/([a-z2-7]{{26}})/credential", self.text())
        self.assertEqual(sorted(item["id"] for item in self.op.world()["items"]), sorted(wired + self.kept))
        self.assertEqual(self.text().count("oauth_token"), len(wired))
        self.assertEqual(self.probe()["verdict"], "ok" if wired else "not_managed")
        if wired:
            self.assertIn(self.launched(), self.tokens)

    # --- the tests ---

    def interrupt_rotations(self):
        self.mint_next()
        for number in range(1, self.calls_of("rotate", "demo") + 1):
            with self.subTest(call=number):
                self.mint_next()
                self.kill_at(number, "rotate", "demo")
                self.start_again()
                self.assert_consistent()

    def interrupt_revocations(self):
        arguments = ("revoke", "demo", "--delete-item", "--yes")
        for number in range(1, self.calls_of(*arguments) + 1):
            with self.subTest(call=number):
                if "oauth_token = {" not in self.text():
                    self.by_code("setup", "demo", "--vault", "Work")
                self.kill_at(number, *arguments)
                self.start_again()
                self.assert_consistent()

    def test_rotation_is_finished_by_the_next_daemon(self):
        self.interrupt_rotations()

    def test_revocation_is_finished_by_the_next_daemon(self):
        self.interrupt_revocations()

    def test_rotation_with_surviving_op_is_finished_by_the_next_daemon(self):
        self.keep_op_running()
        self.interrupt_rotations()

    def test_revocation_with_surviving_op_is_finished_by_the_next_daemon(self):
        self.keep_op_running()
        self.interrupt_revocations()


del WithOp  # otherwise its tests would run here again

if __name__ == "__main__":
    unittest.main(verbosity=2)
