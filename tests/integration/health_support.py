# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of health: sources, checks and answers through the real daemon."""

import contextlib
import os
import sqlite3
import time

from support import EndToEnd, Op, credential


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
