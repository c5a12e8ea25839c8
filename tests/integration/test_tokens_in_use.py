# SPDX-License-Identifier: Apache-2.0
"""Tokens in processes and in memory: hand-outs, the secret cache, and what drops it."""

import contextlib
import os
import re
import subprocess
import time
import unittest

from health_support import HealthTest
from support import LIMIT, build_dir, new_token
from keyring import Keyring  # support.py adds its folder


class Handouts(HealthTest):
    """The processes with each token: in doctor, and in the reports of rotate and revoke."""

    def findings(self, scope):
        return {finding["code"]: finding for finding in self.doctor(scope)["findings"]}

    def test_doctor_lists_processes_and_distinguishes_old_tokens(self):
        self.from_file("app", self.token)
        holder = self.begin_holder("app")
        self.assertIn(f"(pid {holder.pid})", self.findings("app")["handed_out"]["message"])
        other = new_token()
        self.api.valid.add(other)
        self.put_token("app", other)
        found = self.findings("app")
        self.assertNotIn("handed_out", found)
        self.assertIn(f"(pid {holder.pid})", found["old_token_running"]["message"])
        self.assertTrue(found["old_token_running"]["remedy"].startswith(f"kill {holder.pid}  #"))
        holder.stdin.close()
        holder.wait(LIMIT)
        self.assertNotIn("old_token_running", self.findings("app"))

    def test_reused_pid_is_not_listed(self):
        self.from_file("app", self.token)
        holder = self.begin_holder("app")
        self.edit_state(("UPDATE handout SET start_time = start_time - 1 WHERE pid = ?", (holder.pid,)))
        self.assertNotIn("handed_out", self.findings("app"))
        self.assertNotIn(str(holder.pid), self.done(self.ctl("revoke", "app")).stdout)

    def test_revoke_lists_processes_that_still_run(self):
        self.from_file("app", self.token)
        self.from_file("other", self.token)
        holder, another = self.begin_holder("app"), self.begin_holder("other")
        said = self.done(self.ctl("revoke", "app")).stdout
        self.assertIn(f"still uses the token: {holder.pid}  ", said)
        self.assertNotIn(str(another.pid), said)


class CachedTokens(HealthTest):
    def setUp(self):
        super().setUp()
        self.put_op()
        self.from_op("app")

    def test_second_launch_reads_the_store_only_after_lock(self):
        self.assert_launches("app", self.token)
        reads = self.op_reads()
        self.assertEqual(reads, 1)
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), reads)
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 1})
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), reads + 1)

    def test_ttl_zero_caches_nothing(self):
        self.settings('[health]\nrefresh = "off"\n[cache]\nttl = "0s"\n')
        self.assert_launches("app", self.token)
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), 2)
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})

    def test_file_is_read_each_time(self):
        self.from_file("mine", self.token)
        self.assert_launches("mine", self.token)
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})

    def test_token_is_wiped_after_the_ttl(self):
        self.settings('[health]\nrefresh = "off"\n[cache]\nttl = "1s"\n')
        self.assert_launches("app", self.token)
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        log.expect("dropped 1 cached tokens: expired")
        log.send(b"\x03")
        log.wait()
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), 2)

    def test_lock_starts_no_daemon(self):
        self.done(self.ctl("lock"), 4)
        self.assertFalse(os.path.exists(self.sandbox.runtime_dir))


class SleepAndLock(HealthTest):
    """Cached tokens are dropped when the machine suspends and when the user's session is locked, as logind signals."""

    def setUp(self):
        super().setUp()
        bus = Keyring(self.sandbox.path("bus"), service=False)
        self.addCleanup(bus.close)
        self.logind = subprocess.Popen([os.path.join(build_dir(), "tests", "fake_logind"), bus.address], text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=bus.environment)
        self.addCleanup(self.end_logind)
        self.heard = []
        self.hear("ready")
        self.sandbox.environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        self.tell(f"session 1 {os.getuid()}")
        self.tell(f"session 2 {os.getuid() + 1}")
        self.put_op()
        self.from_op("app")
        self.done(self.ctl("daemon", "start"))
        self.hear("inhibited")
        self.assert_launches("app", self.token)
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), 1)

    def end_logind(self):
        self.logind.stdin.close()
        self.logind.wait(LIMIT)
        self.logind.stdout.close()

    def hear(self, what):
        # Other words are kept for the next caller that waits for them.
        if what in self.heard:
            self.heard.remove(what)
            return
        for line in self.logind.stdout:
            if line.strip() == what:
                return
            self.heard.append(line.strip())
        self.fail(f"the stand-in for logind never said {what}")

    def tell(self, what):
        self.logind.stdin.write(what + "\n")
        self.logind.stdin.flush()
        self.hear("done")

    def assert_dropped(self, why):
        self.assertIn(f"dropped 1 cached tokens: {why}", self.sandbox.log())
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), 2)
        self.assert_launches("app", self.token)
        self.assertEqual(self.op_reads(), 2)

    def until_logged(self, what, again):
        """Repeats it until the daemon, which may not know the session yet, has logged the event."""
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        deadline = time.monotonic() + LIMIT
        while what not in log.text and time.monotonic() < deadline:
            self.tell(again)
            with contextlib.suppress(AssertionError):
                log.expect(re.escape(what), 0.2)
        log.send(b"\x03")
        log.wait()

    def test_suspend_drops_tokens(self):
        # Answered when the daemon allows it: then nothing is cached any more.
        self.tell("sleep")
        self.assert_dropped("the machine suspends")
        self.tell("resume")
        self.hear("inhibited")
        self.tell("sleep")
        self.assertEqual(self.json(self.ctl("lock", "--format", "json")), {"dropped": 0})

    def test_lock_signal_drops_tokens(self):
        self.until_logged("the session is locked", "lock 1")
        self.assert_dropped("the session is locked")

    def test_locked_hint_drops_tokens(self):
        self.until_logged("the session is locked", "hint 1")
        self.assert_dropped("the session is locked")

    def test_lock_of_another_session_keeps_tokens(self):
        self.tell("lock 2")
        self.tell("hint 2")
        # A later event on the same bus: the others would have dropped what is dropped now.
        self.tell("sleep")
        self.assert_dropped("the machine suspends")
        self.assertNotIn("the session is locked", self.sandbox.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
