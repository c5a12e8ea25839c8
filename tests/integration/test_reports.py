# SPDX-License-Identifier: Apache-2.0
"""What the daemon reports by itself and at a glance: notices, `watch`, `status`, many workspaces, and an idle daemon."""

import contextlib
import datetime
import json
import os
import re
import select
import signal
import threading
import time
import unittest

from health_support import HealthTest, days_from_now
from support import LIMIT, credential, new_token, pieces_in


class Notices(HealthTest):
    """The variables of `[notify] command`, and how often it runs."""

    NAMES = {"JACKIN_EVENT", "JACKIN_SCOPE", "JACKIN_SUMMARY", "JACKIN_REMEDY", "JACKIN_DAYS_LEFT", "JACKIN_EXPIRES_ON",
             "JACKIN_FINGERPRINT"}

    def setUp(self):
        super().setUp()
        path = self.sandbox.path("notices")
        os.mkfifo(path, 0o600)
        # Open for both: the command never waits for a reader, and a read never ends.
        self.notices = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, self.notices)
        program = self.sandbox.private_file("bin/tell-me", f'#!/bin/sh\n{{ echo "ARGUMENTS=$*"; env; echo END; }} | cat >{path}\n', 0o700)
        self.settings('[health]\nrefresh = "off"\n[notify]\ncommand = ["tell-me", "--loud"]\n')
        self.buffer = ""

    def next_notice(self):
        deadline = time.monotonic() + LIMIT
        while "END\n" not in self.buffer:
            ready, _, _ = select.select([self.notices], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, "no notice arrived; log:\n" + self.sandbox.log())
            self.buffer += os.read(self.notices, 65536).decode()
        text, _, self.buffer = self.buffer.partition("END\n")
        self.assertEqual(pieces_in(text, self.token, 6), [])
        self.assertNotIn("sk-ant", text)
        facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        self.assertEqual(facts.pop("ARGUMENTS"), "--loud")
        self.assertEqual({name for name in facts if "CLAUDE" in name or "TOKEN" in name or "ANTHROPIC" in name}, set())
        return {name.removeprefix("JACKIN_"): value for name, value in facts.items() if name in self.NAMES}

    def assert_nothing_more(self):
        ready, _, _ = select.select([self.notices], [], [], 0)
        self.assertEqual((self.buffer, ready), ("", []))

    def expire_in(self, workspace, days):
        self.edit_state(("UPDATE token SET expires_on = ? WHERE workspace = ?", (days_from_now(days), workspace)))
        self.done(self.ctl("daemon", "start"))

    def test_each_event_is_notified_once_across_restarts(self):
        self.set_up()
        fingerprint = self.probe()["fingerprint"]
        self.expire_in("demo", 6)
        notice = self.next_notice()
        date = (datetime.datetime.fromtimestamp(days_from_now(6) * 86400, datetime.timezone.utc)).strftime("%Y-%m-%d")
        self.assertEqual((notice["EVENT"], notice["SCOPE"], notice["DAYS_LEFT"], notice["EXPIRES_ON"],
                          notice["FINGERPRINT"], notice["REMEDY"]),
                         ("expiring", "demo", "6", date, fingerprint, "jackinctl rotate demo"))
        self.assertIn("expires in 6 days", notice["SUMMARY"])
        # At the next start demo comes first: a repeated notice would come before the other one.
        self.sandbox.workspace("other")
        second = new_token()
        self.api.valid.add(second)
        with open(self.token_file, "w", encoding="ascii") as out:
            out.write(second)
        self.set_up("other", "--store", "file")
        self.expire_in("other", 1)
        self.assertEqual(self.next_notice()["SCOPE"], "other")
        self.expire_in("demo", 1)
        self.assertEqual((lambda notice: (notice["SCOPE"], notice["DAYS_LEFT"]))(self.next_notice()), ("demo", "1"))
        self.assert_nothing_more()

    def test_rejection_is_notified(self):
        self.from_file("app", self.token)
        self.doctor("app")
        self.api.valid = set()
        self.doctor("app", code=3)
        notice = self.next_notice()
        self.assertEqual((notice["EVENT"], notice["SCOPE"]), ("rejected", "app"))
        self.assertNotIn("DAYS_LEFT", notice)
        self.doctor("app", code=3)
        self.assert_nothing_more()

    def command(self, *lines):
        """Replaces the program of the notifications."""
        with open(os.path.join(self.sandbox.bin, "tell-me"), "w", encoding="ascii") as out:
            out.write("\n".join(("#!/bin/sh", *lines, "")))

    def test_failing_command_is_not_run_at_every_check(self):
        sent = self.sandbox.path("sent")
        self.command(f"echo sent >>{sent}", "exit 1")
        self.from_file("app", self.token)
        self.api.valid = set()
        for _ in range(3):
            self.doctor("app", code=3)
        # The notice follows doctor's answer: later events on the same thread come after it.
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        log.expect("cannot notify the user: .*ended with 1")
        log.send(b"\x03")
        log.wait()
        for number in range(3):
            self.sandbox.workspace("demo", f'workdir = "/{number}"\n')
            self.doctor("app", code=3)
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.text(sent), "sent\n")

    def test_hanging_command_ends_with_the_daemon(self):
        path = self.sandbox.path("held")
        os.mkfifo(path, 0o600)
        held = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, held)
        self.command(f"exec 3>{path}", "echo begun >&3", "sleep 1000")
        self.from_file("app", self.token)
        self.api.valid = set()
        self.doctor("app", code=3)
        self.assertTrue(select.select([held], [], [], LIMIT)[0])
        self.assertEqual(os.read(held, 100), b"begun\n")
        self.done(self.ctl("daemon", "stop"))
        # Its end is visible once no process has it open for writing.
        self.assertTrue(select.select([held], [], [], LIMIT)[0], "something of it still runs")
        self.assertEqual(os.read(held, 100), b"")

    def test_expiry_of_an_adopted_1password_item_is_notified(self):
        self.put_op(expires=days_from_now(5))
        self.from_op("app")
        self.doctor("app")
        notice = self.next_notice()
        self.assertEqual((notice["EVENT"], notice["SCOPE"], notice["DAYS_LEFT"]), ("expiring", "app", "5"))
        self.assert_answer("app", "warn", "expiring")


class Watching:
    """A running `jackinctl watch`, and its objects as they arrive."""

    def __init__(self, test, *arguments):
        self.test = test
        self.process = test.begin("jackinctl", "watch", *arguments, "--format", "json")
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def next(self, limit=LIMIT):
        """The next event; None when none arrives within the limit."""
        with self.changed:
            self.changed.wait_for(lambda: self.lines or self.ended, limit)
            return self.lines.pop(0) if self.lines else None

    def wait(self):
        code = self.process.wait(LIMIT)
        return code, self.process.stderr.read()


class Watch(HealthTest):
    def watch(self, *arguments):
        """Starts one, and returns when it has reported a change."""
        watching = Watching(self, *arguments)
        name = arguments[0] if arguments else "first"
        if not arguments:
            self.sandbox.workspace(name)
        number = 0
        while watching.next(0.2) is None:
            self.assertFalse(watching.ended, "the watch has ended")
            number += 1
            self.flip(name, number)
        return watching

    def flip(self, name, number):
        mode = ("ignore", "sync")[number % 2]
        self.sandbox.workspace(name, f'workdir = "/w"\n[claude]\nauth_forward = "{mode}"\n')

    def until(self, watching, **wanted):
        """Returns the next event with these values; skips those of earlier changes."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            event = watching.next()
            self.assertIsNotNone(event, f"no event with {wanted}")
            if all(event.get(name) == value for name, value in wanted.items()):
                return event
        self.fail(f"no event with {wanted}")

    def test_edited_file_shows_within_a_second_without_a_probe(self):
        watching = self.watch()
        took = []
        for number in range(5):
            name = f"app{number}"
            begun = time.monotonic()
            self.sandbox.workspace(name, 'workdir = "/w"\n[claude]\nauth_forward = "oauth_token"\n')
            event = self.until(watching, scope=name, verdict="missing")
            took.append(time.monotonic() - begun)
            self.assertIn(event["event"], ("added", "changed"))
            self.assertEqual((event["decision"], event["mode"], event["fresh"]), ("block", "oauth_token", True))
        # Five attempts, since other programs may use the processor.
        self.assertLess(min(took), 1, took)
        os.unlink(self.sandbox.workspace("app0"))
        self.until(watching, event="removed", scope="app0")

    def test_result_of_a_check_shows(self):
        self.from_file("app", self.token)
        self.doctor("app")
        watching = self.watch()
        self.api.valid = set()
        self.doctor("app", code=3)
        event = self.until(watching, scope="app", verdict="rejected")
        self.assertEqual((event["event"], event["decision"]), ("changed", "block"))
        self.assertLessEqual({"summary", "remedy", "fingerprint", "checked_at", "fresh", "source"}, set(event))

    def test_blocking_answer_is_checked_again(self):
        self.from_file("app", "this is no token")
        self.doctor("app", code=3)
        watching = self.watch()
        self.put_token("app", self.token)
        self.assertEqual(self.probe("app", 3)["verdict"], "malformed")
        self.until(watching, scope="app", decision="allow", verdict="ok")
        self.assertEqual(self.probe("app")["verdict"], "ok")

    def test_one_scope_shows_only_its_changes(self):
        watching = self.watch("demo")
        self.sandbox.workspace("other", 'workdir = "/w"\n[claude]\nauth_forward = "oauth_token"\n')
        self.sandbox.workspace("demo", 'workdir = "/w"\n[claude]\nauth_forward = "oauth_token"\n')
        self.until(watching, scope="demo", verdict="missing")
        with watching.changed:
            self.assertEqual([one for one in watching.lines if one["scope"] != "demo"], [])

    def test_ctrl_c_ends_it(self):
        watching = self.watch()
        watching.process.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(), (0, ""))

    def test_watch_ends_with_the_daemon_without_delay(self):
        watching = self.watch()
        begun = time.monotonic()
        self.done(self.ctl("daemon", "stop"))
        self.assertLess(time.monotonic() - begun, LIMIT)
        code, said = watching.wait()
        self.assertEqual(code, 4, said)
        self.assertEqual(json.loads(said)["error"]["reason"], "daemon_unreachable")

    def test_terminal_output_is_one_line_per_change(self):
        terminal = self.sandbox.terminal("jackinctl", "watch", "demo")
        number = 0
        while b"demo" not in terminal.output:
            number += 1
            self.flip("demo", number)
            with contextlib.suppress(AssertionError):
                terminal.expect("demo", 0.2)
        terminal.expect(r"changed  demo  · not managed: mode \w+: jackind manages no token")
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 0, terminal.text)


class Status(HealthTest):
    """The table on every kind of output."""

    def setUp(self):
        super().setUp()
        self.set_up()

    def table(self, columns=100, **environment):
        terminal = self.sandbox.terminal("jackinctl", "status", columns=columns, environment=environment)
        self.assertEqual(terminal.wait(), 0, terminal.text)
        return terminal.output.decode("utf-8").replace("\r\n", "\n")

    def test_terminal_has_colours_and_a_bar(self):
        text = self.table()
        self.assertIn("\x1b[", text)
        self.assertIn("██████████ 365", text)

    def test_no_colour(self):
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(environment=environment):
                text = self.table(**environment)
                self.assertNotIn("\x1b", text)
                self.assertIn("██████████ 365", text)

    def test_without_utf_8_is_ascii(self):
        text = self.table(LANG="C", NO_COLOR="1")
        self.assertTrue(text.isascii(), text)
        self.assertIn("########## 365", text)
        self.assertIn("+ ok", text)

    def test_width_is_limited_by_the_terminal(self):
        self.sandbox.workspace("a-workspace-with-a-name-of-some-length-as-people-have-them")
        for columns in (60, 80, 100, 200):
            with self.subTest(columns=columns):
                for line in self.table(columns=columns, NO_COLOR="1").splitlines():
                    self.assertLessEqual(len(line), columns, line)

    def test_pipe_gets_plain_complete_output(self):
        text = self.done(self.ctl("status")).stdout
        self.assertNotIn("\x1b", text)
        self.assertIn(os.path.basename(self.stored()[0]), text)


class ManyWorkspaces(HealthTest):
    """200 workspaces that share 20 items of 1Password: each item is read once, and the user sees the progress."""

    WORKSPACES = 200
    ITEMS = 20

    def setUp(self):
        super().setUp()
        self.put_op()
        tokens = [new_token() for _ in range(self.ITEMS)]
        self.api.valid = set(tokens)
        self.op.put_items(*(credential(f"Claude {number}", token) for number, token in enumerate(tokens)))
        os.unlink(self.demo)
        self.names = [f"app{number:03}" for number in range(self.WORKSPACES)]
        for number, name in enumerate(self.names):
            self.sandbox.workspace(name, 'workdir = "/w"\n[claude]\noauth_token = '
                                   f'{{ op = "op://Personal/Claude {number % self.ITEMS}/credential" }}\n')

    def assert_each_was_read_once(self):
        # Every call counts: one call returns the token and its expiry in 1Password.
        calls = self.op.calls()
        self.assertEqual(len(calls), self.ITEMS, [call["argv"] for call in calls])
        self.assertEqual({call["command"] for call in calls}, {"item.get"})
        self.assertEqual({call["argv"][2] for call in calls}, {f"Claude {number}" for number in range(self.ITEMS)})
        # The limit: one at a time for one account.
        self.assertEqual([call["argv"] for call in calls if call["overlaps"]], [])
        self.assertEqual(len(self.api.bearers("/v1/models")), self.ITEMS)
        self.assertEqual(set(self.api.bearers("/v1/models")), self.api.valid)

    def test_each_item_is_read_once_and_every_workspace_reported(self):
        report = self.json(self.ctl("doctor", "--all", "--format", "json"))
        found = {one["scope"]: one["verdict"] for one in report["scopes"]}
        self.assertEqual(found.pop("global"), "not_managed")
        self.assertEqual(found, dict.fromkeys(self.names, "ok"))
        self.assert_each_was_read_once()
        calls = len(self.op.calls())
        # Every scope has the result of the shared source.
        for one in self.json(self.ctl("status", "--format", "json"))["scopes"]:
            if one["scope"] != "global":
                self.assertEqual((one["verdict"], len(one["shared_with"])), ("ok", self.WORKSPACES // self.ITEMS - 1), one)
        self.assertEqual(len(self.op.calls()), calls)

    def test_progress_is_shown(self):
        # Each call takes half a second, as a real one does or longer.
        self.op.settings("SESSION=prompt:0.5:approve")
        begun = time.monotonic()
        terminal = self.sandbox.terminal("jackinctl", "doctor", "--all", columns=100)
        self.assertEqual(terminal.wait(), 0, terminal.text)
        steps = [int(number) for number in re.findall(rf"checking (\d+) of {self.ITEMS}: app\d\d\d", terminal.text)]
        self.assertEqual(len(steps), self.ITEMS, terminal.text)
        self.assertEqual(steps, sorted(steps))
        self.assertEqual(steps[0], 1)
        self.assert_each_was_read_once()
        took = time.monotonic() - begun
        self.assertGreater(took, self.ITEMS * 0.5)
        # The time of these calls and of other load, but not of twice as many calls.
        self.assertLess(took, self.ITEMS * 1.0 + 10)

    def test_unreadable_item_does_not_block_or_delay_others(self):
        self.op.settings("KNOB item.get@1=offline")
        report = self.json(self.ctl("doctor", "--all", "--format", "json"))
        verdicts = [one["verdict"] for one in report["scopes"] if one["scope"] != "global"]
        self.assertEqual(verdicts.count("unreachable"), self.WORKSPACES // self.ITEMS)
        self.assertEqual(verdicts.count("ok"), self.WORKSPACES - self.WORKSPACES // self.ITEMS)


class Idle(HealthTest):
    def switches(self, pid):
        """How often its threads went to sleep so far."""
        total = 0
        for thread in os.listdir(f"/proc/{pid}/task"):
            # A thread may end between the listing and the read.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                 open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
                total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))
        return total

    def threads(self, pid):
        names = []
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/comm", encoding="ascii") as file:
                names.append(file.read().strip())
        return names

    def test_idle_daemon_does_not_wake(self):
        self.settings("")
        self.set_up()
        self.from_file("app", self.token)
        self.doctor("app")
        pid = self.sandbox.daemon_pid()
        self.assertTrue([name for name in self.threads(pid) if "grpc" in name])
        gone = os.pidfd_open(pid)
        self.addCleanup(os.close, gone)
        # gRPC is kept for some seconds after the last client.
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            before = self.switches(pid)
            # The daemon is idle meanwhile, and does not end.
            self.assertEqual(select.select([gone], [], [], 3)[0], [])
            if self.switches(pid) == before:
                break
        else:
            self.fail("it wakes again and again")
        self.assertEqual([name for name in self.threads(pid) if "grpc" in name or "executor" in name], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
