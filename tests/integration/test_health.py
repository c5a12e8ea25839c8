# SPDX-License-Identifier: Apache-2.0
"""The knowledge about tokens and its reports: every verdict, every answer of the API, tokens that are replaced
elsewhere, notices, `watch` and `lock`, through the real daemon."""

import contextlib
import datetime
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from support import Api, LIMIT, EndToEnd, Op, TlsApi, build_dir, credential, new_token, pieces_in
from keyring import Keyring  # support.py adds its folder

RAN = 7


def days_from_now(days):
    """A date as the state database has it: days since 1970, UTC."""
    return int(time.time()) // 86400 + days


class HealthTest(EndToEnd):
    """The background checks are off, so that every request to the API belongs to a command."""

    def setUp(self):
        super().setUp()
        self.settings('[health]\nrefresh = "off"\n')

    def settings(self, text):
        self.sandbox.settings(text)

    # --- sources ---

    def token_file_of(self, name):
        return self.sandbox.path("home", name + ".token")

    def put_token(self, name, text):
        """Replaces the file, as an editor does."""
        path = self.token_file_of(name)
        os.rename(self.sandbox.private_file(path + ".new", text), path)

    def from_file(self, name, text):
        self.put_token(name, text)
        self.sandbox.workspace(name, f'workdir = "/w"\n[claude]\noauth_token = {{ file = "~/{name}.token" }}\n')

    def put_op(self, token=None, expires=None, knobs=()):
        """Puts an `op` on PATH, with one item that holds `token`."""
        if not hasattr(self, "op"):
            self.op = Op(self.sandbox)
        expiry = [] if expires is None else [
            {"id": "expires", "label": "expires", "type": "DATE", "value": str(expires * 86400 + 43260)}]
        self.op.put_items(credential("Claude", token or self.token, fields=expiry))
        self.op.settings(*knobs)

    def from_op(self, name):
        self.sandbox.workspace(name, 'workdir = "/w"\n[claude]\noauth_token = { op = "op://Personal/Claude/credential" }\n')

    def op_reads(self):
        return sum(call["command"] == "read" for call in self.op.calls())

    def edit_state(self, *statements):
        """Changes the daemon's database while it is stopped."""
        self.done(self.ctl("daemon", "stop"))
        with contextlib.closing(sqlite3.connect(os.path.join(self.sandbox.state_dir, "jackind.db"))) as database:
            for statement in statements:
                self.assertGreater(database.execute(*statement).rowcount, 0, statement)
            database.commit()

    # --- answers ---

    def probe(self, scope, code=0):
        return self.json(self.ctl("probe", scope, "--format", "json"), code)

    def doctor(self, scope, *arguments, code=0):
        """doctor's report. Each finding has a message, and each fault a remedy."""
        report = self.json(self.ctl("doctor", scope, *arguments, "--format", "json"), code)
        for finding in report["findings"]:
            self.assertTrue(finding["message"], finding)
            if finding["severity"] != "info":
                self.assertRegex(finding.get("remedy", ""), r"\A(\$\{EDITOR:-vi\}|[a-z./]+) ", finding)
        return report

    def launch(self, scope):
        """The result of a launch, and the token of its command; None when the command did not run."""
        mark = self.sandbox.path("ran")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(mark)
        done = self.hook("exec", scope, "--", "/bin/sh", "-c",
                         f'umask 077; printf %s "$CLAUDE_CODE_OAUTH_TOKEN" >{mark}; exit {RAN}')
        if not os.path.exists(mark):
            return done, None
        token = self.text(mark)
        os.unlink(mark)
        return done, token

    def assert_launches(self, scope, token):
        done, given = self.launch(scope)
        self.assertEqual((done.code, given), (RAN, token), done)
        return done

    def assert_stopped(self, scope):
        done, given = self.launch(scope)
        self.assertEqual((done.code, given), (125, None), done)
        return done

    def assert_answer(self, scope, decision, verdict):
        """Every program gives this answer."""
        code = 3 if decision == "block" else 0
        answer = self.probe(scope, code)
        self.assertEqual((answer["decision"], answer["verdict"]), (decision, verdict), answer)
        said = self.done(self.hook("probe", scope), code)
        self.assertEqual(said.stdout, "")
        if decision == "allow":
            self.assertNotIn("\n", said.stderr.strip())
        else:
            self.assertTrue(said.stderr.strip(), said)
            self.assertTrue(answer["summary"] and answer["remedy"], answer)
        status = self.json(self.ctl("status", "--format", "json"))["scopes"]
        entry, = (one for one in status if one["scope"] == scope)
        self.assertEqual((entry["decision"], entry["verdict"]), (decision, verdict), entry)
        return answer


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


class ApiAnswers(HealthTest):
    """Only a reply that refuses the token itself blocks. No reply deletes or replaces anything."""

    def api_error(self, kind, message):
        return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()

    def ask(self, name, decision, verdict):
        """doctor's findings, by their code."""
        self.from_file(name, self.token)
        before = self.snapshot()
        report = self.doctor(name, code=3 if decision == "block" else 0)
        self.assertEqual((report["decision"], report["verdict"]), (decision, verdict), report)
        self.assert_answer(name, decision, verdict)
        if decision == "block":
            self.assert_stopped(name)
        else:
            self.assert_launches(name, self.token)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.text(self.token_file_of(name)), self.token)
        return {finding["code"]: finding for finding in report["findings"]}

    def test_reply_that_refuses_the_token_blocks(self):
        for number, (status, kind, message) in enumerate((
                (401, "authentication_error", "Invalid bearer token"),
                (401, "authentication_error", "OAuth access token has expired"),
                (403, "permission_error", "OAuth token has been revoked. Please obtain a new token."))):
            with self.subTest(status=status, message=message):
                self.api.override = (status, self.api_error(kind, message), {})
                findings = self.ask(f"app{number}", "block", "rejected")
                self.assertIn(message.rstrip("."), findings["rejected"]["message"])
                self.assertIn("jackinctl rotate", findings["rejected"]["remedy"])

    def test_every_other_reply_is_reported_and_does_not_block(self):
        html = b"<!DOCTYPE html><html><body>Welcome to the hotel. Log in.</body></html>"
        for number, (code, status, payload, headers) in enumerate((
                ("not_supported", 401, self.api_error("authentication_error",
                                                  "OAuth authentication is currently not supported."), {}),
                ("unexpected_answer", 401, html, {"content-type": "text/html"}),
                ("organisation", 403, self.api_error("permission_error", "This organization has been disabled."), {}),
                ("organisation", 400, self.api_error("invalid_request_error", "This organization has been disabled."), {}),
                ("region", 403, self.api_error("forbidden", "Request not allowed"), {}),
                ("refused", 400, self.api_error("invalid_request_error", "something else"), {}),
                ("unexpected_answer", 403, html, {"content-type": "text/html"}),
                ("unexpected_answer", 404, self.api_error("not_found_error", "no such model"), {}),
                ("rate_limited", 429, self.api_error("rate_limit_error", "slow down"), {"retry-after": "60"}),
                ("server_error", 500, self.api_error("api_error", "Internal server error"), {}),
                ("server_error", 529, self.api_error("overloaded_error", "Overloaded"), {}),
                ("captive_portal", 200, html, {"content-type": "text/html"}),
                ("captive_portal", 302, b"", {"location": self.api.url + "/login"}),
                ("captive_portal", 307, b"", {"location": self.api.url + "/v1/models?limit=1"}))):
            with self.subTest(code=code, status=status):
                self.api.override = (status, payload, headers)
                self.api.requests.clear()
                findings = self.ask(f"app{number}", "allow", "ok")
                self.assertIn("upstream_" + code, findings)
                self.assertEqual(findings["upstream_" + code]["severity"], "warning")
                # No redirection is followed: the token goes nowhere else.
                self.assertEqual({path for _, path, _ in self.api.requests}, {"/v1/models?limit=1"})

    def test_refused_connection_does_not_block(self):
        self.api.stop()
        findings = self.ask("app", "allow", "ok")
        self.assertTrue([code for code in findings if code.startswith("upstream_")], findings)

    def test_earlier_rejection_outlives_api_failures(self):
        self.from_file("app", self.token)
        self.api.valid = set()
        self.doctor("app", code=3)
        self.api.override = (500, b"", {})
        self.assertEqual(self.doctor("app", code=3)["verdict"], "rejected")
        self.api.override = None
        self.api.valid = {self.token}
        self.assertEqual(self.doctor("app")["verdict"], "ok")


class ProxiesAndCertificates(HealthTest):
    """The route to the API, as with curl: with and without proxies, and with the user's own certificates.

    The API is behind TLS here, with a certificate of an authority that this machine does not know.
    """

    HOST = "api.anthropic.com"

    def setUp(self):
        super().setUp()
        # The machine's own settings must not count.
        for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY"):
            self.sandbox.environment.pop(name, None)
        # Behind the proxy, which stands in for it.
        self.sandbox.ask_api_at(None)
        self.settings('[health]\nrefresh = "off"\n')
        self.proxy = TlsApi(self.sandbox.path("tls"), self.api)
        self.addCleanup(self.proxy.stop)
        self.authority = os.path.join(self.proxy.folder, "ca.pem")
        self.url = f"http://127.0.0.1:{self.proxy.port}"
        self.from_file("app", self.token)

    def ask(self, **environment):
        """The codes of doctor's findings, from a daemon with this environment."""
        self.ctl("daemon", "stop")
        report = self.json(self.ctl("doctor", "app", "--format", "json", environment=environment))
        return {finding["code"] for finding in report["findings"]}

    def assert_asked(self, **environment):
        before = len(self.api.requests)
        codes = self.ask(**environment)
        self.assertEqual([code for code in codes if code.startswith("upstream_")], [])
        self.assertEqual(self.api.bearers("/v1/models")[before:], [self.token])

    def test_proxy_variables_of_either_case_are_used(self):
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            with self.subTest(name=name):
                self.proxy.connects.clear()
                self.assert_asked(**{name: self.url, "SSL_CERT_FILE": self.authority})
                self.assertEqual(self.proxy.connects, [self.HOST + ":443"])

    def test_specific_and_lower_case_proxy_variables_take_precedence(self):
        nowhere = "http://127.0.0.1:1"
        self.assert_asked(https_proxy=self.url, HTTPS_PROXY=nowhere, ALL_PROXY=nowhere, SSL_CERT_FILE=self.authority)

    def test_no_proxy_of_either_case_bypasses_the_proxy(self):
        # Not through the proxy, but at the address itself, where no server speaks TLS.
        self.settings(f'[health]\nrefresh = "off"\n[upstream]\nbase_url = "https://localhost:{self.api.port}"\n')
        for name in ("no_proxy", "NO_PROXY"):
            for value in ("localhost", "example.com,localhost", "*"):
                with self.subTest(name=name, value=value):
                    codes = self.ask(**{name: value, "HTTPS_PROXY": self.url})
                    self.assertTrue([code for code in codes if code.startswith("upstream_")], codes)
                    self.assertEqual(self.proxy.connects, [])

    def test_no_proxy_reaches_the_api_directly(self):
        direct = TlsApi(self.sandbox.path("direct"), self.api, direct=True)
        self.addCleanup(direct.stop)
        self.settings(f'[health]\nrefresh = "off"\n[upstream]\nbase_url = "https://localhost:{direct.port}"\n')
        authority = os.path.join(direct.folder, "ca.pem")
        for name in ("no_proxy", "NO_PROXY"):
            with self.subTest(name=name):
                self.assert_asked(**{name: "localhost", "HTTPS_PROXY": self.url, "SSL_CERT_FILE": authority})
        self.assertEqual(self.proxy.connects, [])

    def test_own_authority_is_accepted(self):
        folder = self.sandbox.path("authorities")
        os.mkdir(folder)
        name = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", self.authority], check=True,
                              capture_output=True, text=True).stdout.strip()
        os.symlink(self.authority, os.path.join(folder, name + ".0"))
        for setting, value in (("SSL_CERT_FILE", self.authority), ("CURL_CA_BUNDLE", self.authority),
                               ("SSL_CERT_DIR", folder)):
            with self.subTest(setting=setting):
                self.assert_asked(HTTPS_PROXY=self.url, **{setting: value})

    def test_unknown_authority_gets_no_token_and_does_not_block(self):
        self.assertIn("upstream_certificate", self.ask(HTTPS_PROXY=self.url))
        self.assertEqual(self.api.requests, [])
        self.assert_answer("app", "allow", "ok")
        self.assert_launches("app", self.token)

    def test_no_variable_moves_the_api(self):
        elsewhere = Api(valid={self.token})
        self.addCleanup(elsewhere.stop)
        self.assert_asked(HTTPS_PROXY=self.url, SSL_CERT_FILE=self.authority, ANTHROPIC_BASE_URL=elsewhere.url)
        self.assertEqual(elsewhere.requests, [])

    def test_missing_proxy_does_not_block(self):
        codes = self.ask(HTTPS_PROXY="http://127.0.0.1:1")
        self.assertTrue([code for code in codes if code.startswith("upstream_")], codes)
        self.assert_answer("app", "allow", "ok")


class SilentApi(HealthTest):
    def test_silent_api_does_not_block_or_delay(self):
        self.from_file("app", self.token)
        hold = self.api.hold("/v1/models")
        self.addCleanup(hold.release)
        asking = self.begin("jackinctl", "doctor", "app", "--format", "json")
        hold.wait_for_request(LIMIT)
        self.assert_answer("demo", "allow", "not_managed")
        self.probe("app")
        report, _ = asking.communicate(timeout=max(LIMIT, 60))
        report = json.loads(report)
        self.assertEqual((asking.returncode, report["verdict"]), (0, "ok"), report)
        self.assertTrue([one for one in report["findings"] if one["code"].startswith("upstream_")], report)
        self.assert_answer("app", "allow", "ok")


    def test_many_tokens_and_a_silent_api_delay_no_launch(self):
        tokens = [new_token() for _ in range(9)]
        for number, token in enumerate(tokens):
            self.from_file(f"app{number}", token)
        holds = [self.api.hold("/v1/models") for _ in range(4)]
        for hold in holds:
            self.addCleanup(hold.release)
        asking = self.begin("jackinctl", "doctor", "--all", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for hold in holds:
            hold.wait_for_request(LIMIT)
        self.assert_launches("app8", tokens[8])
        # The API has answered no request so far. A launch that waited would have waited for these.
        self.assertEqual(len(self.api.requests), 4)
        self.assertIsNone(asking.poll())


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
        self.assertIn(f"still runs with it: {holder.pid}  ", said)
        self.assertNotIn(str(another.pid), said)


class OtherOrganisation(HealthTest):
    def test_rotation_into_another_organisation_is_reported(self):
        self.set_up()
        before, self.api.organization = self.api.organization, "22222222-3333-4444-5555-666666666666"
        second = self.mint_next()
        terminal = self.run_in_terminal("rotate", "demo", columns=200)
        self.assertEqual(terminal.code, 0, terminal.text)
        warning = re.search(r"warning: the new token belongs to another organisation[^\n]*", terminal.text)
        self.assertTrue(warning, terminal.text)
        self.assertIn(before, warning.group())
        self.assertIn(self.api.organization, warning.group())
        self.assertIn("try: jackinctl rotate demo", terminal.text)
        self.assert_launches("demo", second)
        # The new organisation is recorded now, so it is not reported again.
        self.assertNotIn("organisation_changed", {one["code"] for one in self.doctor("demo")["findings"]})


class CheckSwitchedOff(HealthTest):
    def test_no_token_is_sent_to_the_api(self):
        self.settings('[health]\nrefresh = "off"\n[upstream]\ncheck = "off"\n')
        self.api.valid = set()
        self.set_up()
        self.from_file("app", new_token())
        for scope in ("demo", "app"):
            report = self.doctor(scope)
            self.assertEqual(report["verdict"], "ok")
            self.assertEqual([one for one in report["findings"] if one["code"].startswith("upstream_")], [])
        self.json(self.ctl("doctor", "--all", "--format", "json"))
        self.assert_launches("demo", self.token)
        replaced = new_token()
        self.put_token("app", replaced)
        self.assert_launches("app", replaced)
        self.assertEqual(self.api.requests, [])


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
        log.expect("the settings were read again")
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

    def test_contradictory_arguments_are_wrong_usage(self):
        for arguments in (("doctor", "demo", "--all"), ("lock", "demo"), ("status", "demo", "other"), ("probe",),
                          ("doctor", "--global", "demo"), ("watch", "demo", "--role", "UPPER"),
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
        def told():
            return [(one["severity"], one["code"], one["message"])
                    for one in self.json(self.ctl("doctor", "--offline", "--format", "json"))["programs"]]

        without = told()
        self.assertEqual([code for _, code, _ in without], ["claude", "program_missing", "jackin"])
        self.assertEqual({severity for severity, _, _ in without}, {"info"})
        self.put_op()
        jackin = self.sandbox.private_file("bin/jackin", "#!/bin/sh\necho jackin 0.6.1\n", 0o700)
        self.assertRegex(told()[1][2], r"\Aop 2\.39\.0 is /")
        self.assertEqual(told()[2], ("info", "jackin", f"jackin 0.6.1 is {jackin}"))


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
        log.expect("1 kept tokens are dropped: their time is over")
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
        self.assertIn(f"1 kept tokens are dropped: {why}", self.sandbox.log())
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
            self.assertTrue(ready, "nobody was told; log:\n" + self.sandbox.log())
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
        fingerprint = self.probe("demo")["fingerprint"]
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
        self.assertEqual((lambda told: (told["SCOPE"], told["DAYS_LEFT"]))(self.next_notice()), ("demo", "1"))
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
        told = self.sandbox.path("told")
        self.command(f"echo told >>{told}", "exit 1")
        self.from_file("app", self.token)
        self.api.valid = set()
        for _ in range(3):
            self.doctor("app", code=3)
        # The notice follows doctor's answer: later events on the same thread come after it.
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        log.expect("the user cannot be told: .*ended with 1")
        log.send(b"\x03")
        log.wait()
        for number in range(3):
            self.sandbox.workspace("demo", f'workdir = "/{number}"\n')
            self.doctor("app", code=3)
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.text(told), "told\n")

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
            self.assertIsNotNone(event, f"never told: {wanted}")
            if all(event.get(name) == value for name, value in wanted.items()):
                return event
        self.fail(f"never told: {wanted}")

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

    def test_unknown_workspace_is_refused(self):
        error = self.error(self.ctl("watch", "nowhere", "--format", "json"), "unknown_workspace")
        self.assertTrue(error["remedy"])

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
        terminal.expect(r"changed  demo  · not managed: mode \w+: no token of jackind's")
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
