# SPDX-License-Identifier: Apache-2.0
"""Every answer of the API, the route to it, and its failures."""

import json
import os
import re
import subprocess
import unittest

from health_support import HealthTest
from support import Api, LIMIT, TlsApi, new_token


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
        # The proxy answers in its place.
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
