# SPDX-License-Identifier: Apache-2.0
"""Every verdict about a token, its reasons and remedies, and tokens that are replaced elsewhere."""

import contextlib
import json
import os
import signal
import subprocess
import time
import unittest

from health_support import HealthTest, days_from_now
from support import LIMIT, new_token, pieces_in


class Verdicts(HealthTest):
    """Every line of the probe's table."""

    def test_ok_allows(self):
        self.from_file("app", self.token)
        self.assertEqual(self.doctor("app")["verdict"], "ok")
        self.assert_answer("app", "allow", "ok")
        self.assert_launches("app", self.token)

    def test_unchecked_allows(self):
        # The daemon does not read a source in the background that could prompt the user.
        self.put_op()
        self.from_op("app")
        self.assert_answer("app", "allow", "unchecked")
        self.assert_launches("app", self.token)

    def test_not_managed_allows(self):
        for mode in ("sync", "api_key", "ignore"):
            self.sandbox.workspace(mode.replace("_", "-"), f'workdir = "/w"\n[claude]\nauth_forward = "{mode}"\n')
        for name in ("demo", "sync", "api-key", "ignore"):
            with self.subTest(name=name):
                self.assert_answer(name, "allow", "not_managed")
                self.assert_launches(name, "")

    def test_expiring_warns(self):
        self.set_up()
        for days in (30, 23, 1, 0):
            with self.subTest(days=days):
                self.edit_state(("UPDATE token SET expires_on = ?", (days_from_now(days),)))
                answer = self.assert_answer("demo", "warn", "expiring")
                self.assertEqual(answer["days_left"], days)
                self.assertEqual(answer["remedy"], "jackinctl rotate demo")
                self.assert_launches("demo", self.token)
        self.edit_state(("UPDATE token SET expires_on = ?", (days_from_now(31),)))
        self.assert_answer("demo", "allow", "ok")

    def test_expired_blocks(self):
        self.set_up()
        self.edit_state(("UPDATE token SET expires_on = ?", (days_from_now(-1),)),
                        ("UPDATE health SET upstream_at = ?", (int(time.time()) - 5 * 86400,)))
        # A blocking answer causes a background check, whose result could change it. Here the API is unavailable.
        self.api.override = (503, b"", {})
        answer = self.assert_answer("demo", "block", "expired")
        self.assertEqual(answer["days_left"], -1)
        self.assert_stopped("demo")

    def test_expired_but_accepted_by_the_api_allows(self):
        self.set_up()
        self.edit_state(("UPDATE token SET expires_on = ?", (days_from_now(-1),)),
                        ("UPDATE health SET upstream_at = ?", (int(time.time()) - 5 * 86400,)))
        self.doctor("demo")
        self.assert_answer("demo", "allow", "ok")
        self.assert_launches("demo", self.token)

    def test_changed_warns(self):
        self.set_up()
        other = new_token()
        with open(self.stored()[0], "w", encoding="ascii") as out:
            out.write(other)
        self.api.override = (503, b"", {})
        self.assertEqual(self.doctor("demo", "--offline")["verdict"], "changed")
        self.assert_answer("demo", "warn", "changed")
        self.assert_launches("demo", other)
        self.assert_answer("demo", "warn", "changed")

    def test_unreachable_warns(self):
        self.put_op(knobs=("KNOB *=offline",))
        self.from_op("app")
        self.assertEqual(self.doctor("app")["verdict"], "unreachable")
        self.assert_answer("app", "warn", "unreachable")
        # There is no token to launch with, and no verdict about one.
        self.assert_stopped("app")
        self.assert_answer("app", "warn", "unreachable")
        self.put_op()
        self.assert_launches("app", self.token)
        self.assert_answer("app", "allow", "ok")

    def test_missing_blocks(self):
        self.sandbox.workspace("app", 'workdir = "/w"\n[claude]\nauth_forward = "oauth_token"\n')
        self.assertEqual(self.assert_answer("app", "block", "missing")["remedy"], "jackinctl setup app")
        self.assert_stopped("app")

    def test_malformed_blocks(self):
        self.from_file("app", "this is no token")
        self.assertEqual(self.doctor("app", code=3)["verdict"], "malformed")
        self.assert_answer("app", "block", "malformed")
        self.assert_stopped("app")
        self.put_token("app", self.token)
        self.assert_launches("app", self.token)
        self.assert_answer("app", "allow", "ok")

    def test_rejected_blocks(self):
        self.from_file("app", self.token)
        self.api.valid = set()
        self.assertEqual(self.doctor("app", code=3)["verdict"], "rejected")
        self.assert_answer("app", "block", "rejected")
        self.assert_stopped("app")

    def test_gone_blocks(self):
        self.from_file("app", self.token)
        self.doctor("app")
        os.unlink(self.token_file_of("app"))
        self.assert_stopped("app")
        self.assert_answer("app", "block", "gone")
        self.put_token("app", self.token)
        self.assert_launches("app", self.token)


class ReplacedElsewhere(HealthTest):
    """Another program replaces the token in the store, and jackind is not notified."""

    def setUp(self):
        super().setUp()
        self.good, self.bad = new_token(), new_token()
        self.api.valid = {self.token, self.good}

    def in_a_file(self):
        self.from_file("app", self.token)
        return lambda token: self.put_token("app", token)

    def in_1password(self):
        self.settings('[health]\nrefresh = "off"\n[cache]\nttl = "0s"\n')
        self.put_op()
        self.from_op("app")
        return self.put_op

    def noticed_by_doctor(self, replace):
        self.doctor("app")
        fingerprint = self.probe("app")["fingerprint"]
        replace(self.good)
        self.assertEqual(self.doctor("app")["verdict"], "ok")
        self.assertNotEqual(self.assert_answer("app", "allow", "ok")["fingerprint"], fingerprint)
        replace(self.bad)
        self.assertEqual(self.doctor("app", code=3)["verdict"], "rejected")
        self.assert_answer("app", "block", "rejected")
        replace(self.token)
        self.assertEqual(self.doctor("app")["verdict"], "ok")

    def noticed_by_a_launch(self, replace):
        self.doctor("app")
        fingerprint = self.probe("app")["fingerprint"]
        self.api.requests.clear()
        self.assert_launches("app", self.token)
        self.assertEqual(self.api.requests, [])
        replace(self.good)
        self.assert_launches("app", self.good)
        self.assertEqual(self.api.bearers("/v1/models"), [self.good])
        self.assertNotEqual(self.assert_answer("app", "allow", "ok")["fingerprint"], fingerprint)
        replace(self.bad)
        done = self.assert_stopped("app")
        self.assertEqual(pieces_in(done.stderr, self.bad, 6), [])
        self.assert_answer("app", "block", "rejected")
        replace(self.good)
        self.assert_launches("app", self.good)

    def test_doctor_notices_a_replaced_file(self):
        self.noticed_by_doctor(self.in_a_file())

    def test_launch_notices_a_replaced_file(self):
        self.noticed_by_a_launch(self.in_a_file())

    def test_doctor_notices_a_replaced_item_of_1password(self):
        self.noticed_by_doctor(self.in_1password())

    def test_launch_notices_a_replaced_item_of_1password(self):
        self.noticed_by_a_launch(self.in_1password())

    def test_token_of_another_organisation_is_reported_and_works(self):
        self.set_up()
        self.assertNotIn("organisation_changed", {one["code"] for one in self.doctor("demo")["findings"]})
        with open(self.stored()[0], "w", encoding="ascii") as out:
            out.write(self.good)
        before, self.api.organization = self.api.organization, "22222222-3333-4444-5555-666666666666"
        found, = (one for one in self.doctor("demo")["findings"] if one["code"] == "organisation_changed")
        self.assertEqual(found["severity"], "warning")
        self.assertIn(before, found["message"])
        self.assertIn(self.api.organization, found["message"])
        self.assert_launches("demo", self.good)

    def test_replaced_token_is_changed_while_the_api_fails(self):
        self.set_up()
        with open(self.stored()[0], "w", encoding="ascii") as out:
            out.write(self.good)
        self.api.override = (500, b"", {})
        self.assert_launches("demo", self.good)
        self.assert_answer("demo", "warn", "changed")
        self.api.override = None
        self.assertEqual(self.doctor("demo")["verdict"], "ok")


class Remedies(HealthTest):
    """For every fault of a source doctor reports the fault, and a command that can be pasted."""

    def test_each_finding_has_a_command(self):
        def file(name, text, mode=0o600):
            self.sandbox.private_file(self.token_file_of(name), text, mode)
            return f'oauth_token = {{ file = "~/{name}.token" }}'

        os.symlink("/nowhere", self.token_file_of("link"))
        os.mkfifo(self.token_file_of("fifo"), 0o600)
        self.put_op()
        odd = {
            "lines": ("source_invalid", file("lines", self.token + "\n\n")),
            "empty": ("source_invalid", file("empty", "")),
            "open": ("source_denied", file("open", self.token, 0o644)),
            "link": ("source_denied", 'oauth_token = { file = "~/link.token" }'),
            "fifo": ("source_denied", 'oauth_token = { file = "~/fifo.token" }'),
            "absent": ("source_gone", 'oauth_token = { file = "~/absent.token" }'),
            "relative": ("source_invalid", 'oauth_token = { file = "token" }'),
            "fails": ("source_unreachable", 'oauth_token = { command = ["/bin/false"] }'),
            "endless": ("source_invalid", 'oauth_token = { command = ["/usr/bin/yes"] }'),
            "no-program": ("program_missing", 'oauth_token = { command = ["no-such-program"] }'),
            "unset": ("source_gone", 'oauth_token = { env = "NOT_THERE" }'),
            "cut": ("token_malformed", f'oauth_token = "{self.token[:60]}"'),
            "nothing": ("source_invalid", 'oauth_token = ""'),
            "reference": ("reference_as_literal", 'oauth_token = "op://Personal/Claude/credential"'),
            "beside": ("slot_overridden", f'auth_forward = "sync"\noauth_token = "{self.token}"'),
            "readable": ("literal_readable_by_others", f'auth_forward = "sync"\noauth_token = "{self.token}"'),
            "broken": ("config_invalid", "oauth_token = 3"),
            "short": ("source_invalid", 'oauth_token = { op = "op://x" }'),
            "no-item": ("source_gone", 'oauth_token = { op = "op://Personal/Nothing/credential" }'),
            "no-field": ("source_gone", 'oauth_token = { op = "op://Personal/Claude/nothing" }'),
        }
        for name, (_, line) in odd.items():
            self.sandbox.workspace(name, f"[claude]\n{line}\n")
        path = ":".join((self.sandbox.programs, self.sandbox.environment["PATH"]))
        report = self.json(self.ctl("doctor", "--all", "--format", "json"), 3)
        found = {one["scope"]: one["findings"] for one in report["scopes"]}
        for name, (code, _) in odd.items():
            with self.subTest(name=name):
                self.assertIn(code, [finding["code"] for finding in found[name]])
                for finding in found[name]:
                    self.assertEqual(pieces_in(json.dumps(finding), self.token, 6), [])
                    if finding["severity"] == "info":
                        continue
                    remedy = finding["remedy"]
                    self.assertNotIn("SCOPE", remedy)
                    # The shell can parse it, and knows its first command.
                    first = remedy.split()[0].replace("${EDITOR:-vi}", "true")
                    checked = subprocess.run(["/bin/bash", "-c", f"bash -n -c \"$1\" && command -v {first}", "sh", remedy],
                                             env={"PATH": path}, check=False, capture_output=True, text=True)
                    self.assertEqual((checked.returncode, checked.stderr), (0, ""), remedy)
        said, _ = self.launch("no-item")
        self.assertIn("try: jackinctl rotate no-item", said.stderr)

    def test_fault_visible_without_reading_blocks_before_any_check(self):
        def file(name, text, mode=0o600):
            self.sandbox.private_file(self.token_file_of(name), text, mode)
            return f'[claude]\noauth_token = {{ file = "~/{name}.token" }}\n'

        # The workspace's file, and the start of the remedy: never a new consent when a line is wrong.
        line = "${EDITOR:-vi} +2 "
        odd = {
            "nothing": ('[claude]\noauth_token = ""\n', line),
            "blanks": (f'[claude]\noauth_token = " {self.token}"\n', line),
            "reference": ('[claude]\noauth_token = "op://Personal/Claude/credential"\n', line),
            "variable": ('[claude]\noauth_token = { file = "$HOME/t" }\n', line),
            "short": ('[claude]\noauth_token = { op = "op://x" }\n', line),
            "tilde": ('[claude]\noauth_token = { command = ["~/bin/tok"] }\n', line),
            "key": ('[claude]\nOauth_token = { file = "~/t" }\n', line),
            "table": ('\n[Claude]\noauth_token = { file = "~/t" }\n', line),
            "unset": ('[claude]\noauth_token = { env = "NOT_THERE" }\n', "read -rs NOT_THERE"),
            "absent": ('[claude]\noauth_token = { file = "~/absent.token" }\n', "jackinctl rotate absent"),
            "open": (file("open", self.token, 0o644), "chmod 600 "),
            "empty": (file("empty", ""), "${EDITOR:-vi} "),
        }
        for name, (text, remedy) in odd.items():
            with self.subTest(name=name):
                self.sandbox.workspace(name, text)
                probed = self.hook("probe", name)
                self.assertEqual((probed.code, probed.stderr.count("\n")), (3, 1), probed)
                self.assertIn(f" · try: {remedy}", probed.stderr)
                self.assertEqual(pieces_in(probed.stderr, self.token, 6), [])
                said, _ = self.launch(name)
                self.assertEqual(said.code, 125, said)
                self.assertIn(f"try: {remedy}", said.stderr)


class Programs(HealthTest):
    def test_doctor_lists_programs_and_their_versions(self):
        def versions():
            return [(one["severity"], one["code"], one["message"])
                    for one in self.json(self.ctl("doctor", "--offline", "--format", "json"))["programs"]]

        without = versions()
        self.assertEqual([code for _, code, _ in without], ["claude", "program_missing", "jackin"])
        self.assertEqual({severity for severity, _, _ in without}, {"info"})
        self.put_op()
        jackin = self.sandbox.private_file("bin/jackin", "#!/bin/sh\necho jackin 0.6.1\n", 0o700)
        self.assertRegex(versions()[1][2], r"\Aop 2\.39\.0 is /")
        self.assertEqual(versions()[2], ("info", "jackin", f"jackin 0.6.1 is {jackin}"))


class UnusualRequests(HealthTest):
    """Unusual requests of users."""

    def test_max_age_decides_whether_an_answer_is_fresh(self):
        self.from_file("app", self.token)
        self.doctor("app")
        self.edit_state(("UPDATE health SET checked_at = checked_at - 7200", ()))
        for age, fresh in (("3h", True), ("1d", True), ("7300s", True), ("90m", False)):
            with self.subTest(age=age):
                answer = self.json(self.ctl("probe", "app", "--max-age", age, "--format", "json"))
                self.assertEqual((answer["fresh"], answer["verdict"]), (fresh, "ok"))
        for age in ("", "0s", "soon", "-1h", "1", "99999999999999999999h", "1h1h1h;"):
            with self.subTest(age=age):
                self.error(self.ctl("probe", "app", f"--max-age={age}", "--format", "json"), "invalid_argument", 2)

    def test_changed_refresh_setting_counts_after_reload(self):
        self.from_file("app", self.token)
        self.doctor("app")
        self.edit_state(("UPDATE health SET checked_at = checked_at - 7200", ()))
        self.assertTrue(self.probe("app")["fresh"])
        self.settings('[health]\nrefresh = "off"\nmax_age = "1h"\n')
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        os.kill(self.sandbox.daemon_pid(), signal.SIGHUP)
        log.expect("reloaded the settings")
        log.send(b"\x03")
        log.wait()
        self.assertFalse(self.probe("app")["fresh"])

    def test_offline_reads_the_store_and_not_the_api(self):
        self.from_file("app", self.token)
        self.from_file("bad", "no token")
        for arguments in (("app",), ("--all",), ()):
            with self.subTest(arguments=arguments):
                done = self.ctl("doctor", *arguments, "--offline", "--format", "json")
                self.assertEqual(done.code, 0 if arguments == ("app",) else 3, done)
        self.assertEqual(self.api.requests, [])

    def test_impossible_workspace_names_are_refused(self):
        for name in ("../demo", "de/mo", "..", "nowhere", "x" * 251, "x" * 4096, "\x1b[31mred", "d\u00e9mo\u202e", "de mo"):
            for command in ("doctor", "probe", "status", "watch"):
                with self.subTest(name=name, command=command):
                    done = self.ctl(command, name, "--format", "json")
                    self.assertIn(done.code, (1, 2), done)
                    self.assertEqual(done.stdout, "")
                    error = json.loads(done.stderr)["error"]
                    self.assertIn(error["reason"], ("unknown_workspace", "invalid_argument"))
                    self.assertTrue(error["message"].isprintable(), error)
                    self.assertNotIn("\u202e", error["message"])
                    if error["reason"] == "unknown_workspace":
                        self.assertTrue(error["remedy"], error)

    def test_contradictory_arguments_are_wrong_usage(self):
        for arguments in (("doctor", "demo", "--all"), ("lock", "demo"), ("status", "demo", "other"), ("probe",),
                          ("doctor", "--global", "demo"), ("watch", "demo", "--role", "no/role/"),
                          ("doctor", "--format", "xml"), ("status", "--max-age", "1h")):
            with self.subTest(arguments=arguments):
                done = self.ctl(*arguments)
                self.assertEqual((done.code, done.stdout), (2, ""), done)
                self.assertTrue(done.stderr.strip(), done)

    def test_watch_ends_with_its_reader(self):
        watching = self.begin("jackinctl", "watch")
        watching.stdout.close()
        number = 0
        while watching.poll() is None and number < 1000:
            number += 1
            self.sandbox.workspace("demo", f'workdir = "/w"\n[claude]\nauth_forward = "{("ignore", "sync")[number % 2]}"\n')
            with contextlib.suppress(subprocess.TimeoutExpired):
                watching.wait(0.2)
        self.assertEqual((watching.wait(LIMIT), watching.stderr.read()), (0, ""))

    def test_full_disk_on_stdout_is_reported(self):
        for arguments in (("status",), ("doctor", "demo"), ("probe", "demo")):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([self.sandbox.program("jackinctl"), *arguments, "--format", "json"], check=False,
                                      env=self.sandbox.environment, stdin=subprocess.DEVNULL, stdout=full,
                                      stderr=subprocess.PIPE, text=True, timeout=LIMIT)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn('"error"', done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
