# SPDX-License-Identifier: Apache-2.0
"""Tokens in 1Password, with a stand-in for `op`: the output, the stored items, the configuration and the calls of
setup, rotate and revoke."""

import json
import os
import re
import subprocess
import unittest

from support import LIMIT, EndToEnd, Op, enter_code, files_with_pieces, pieces_in, state_of
from op import ACCOUNT, PERSONAL, WORK

MINE = "mine22222222222222222224aa"
TOKEN_KEYS = {"scope", "store", "reference", "fingerprint", "expires_on", "days_left", "claude_version", "slot_file", "slot_style",
              "created", "deleted_old", "old_holders"}


class WithOp(EndToEnd):
    """An `op` on PATH with one account and the vaults Personal and Work. After each test: no token was in argv or in
    the environment of a call, none is outside of op's state, and no two calls overlapped."""

    def setUp(self):
        super().setUp()
        self.op = Op(self.sandbox)
        self.seen = 0
        self.kept = []

    def tearDown(self):
        for call in self.op.calls():
            self.assertNotIn("sk-ant-", json.dumps([call["argv"], call["environment"]]))
            self.assertFalse(call["overlaps"], call)
        for token in self.tokens:
            self.assertEqual(files_with_pieces(self.sandbox.root, token, 12,
                                               allowed=(self.token_file, *self.may_hold_tokens())), [])
            self.assertEqual(pieces_in(self.sandbox.log(), token, 6), [])
        super().tearDown()

    def may_hold_tokens(self):
        return [self.op.world_file, *self.kept]

    # --- op's world ---

    def own_item(self, value):
        """An item of the user, with more in it than the token."""
        return {"title": "Mine", "id": MINE, "vault": "Work", "category": "SECURE_NOTE",
                "sections": [{"id": "sec", "label": "Keys"}],
                "fields": [{"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain",
                            "value": "do not lose me"},
                           {"id": "token", "section": {"id": "sec", "label": "Keys"}, "type": "CONCEALED",
                            "label": "Claude", "value": value}]}

    def items(self):
        """Title and token of every item."""
        return [(item["title"], next((field.get("value") for field in item["fields"] if field["type"] == "CONCEALED"), None))
                for item in self.op.world()["items"]]

    # --- op's calls ---

    def calls(self):
        """The calls since the last question, with names in place of ids; `ITEM1` is the first item that was created."""
        names = {ACCOUNT: "ACCOUNT", PERSONAL: "PERSONAL", WORK: "WORK", MINE: "MINE"}
        records = self.op.calls()
        lines = []
        for record in records:
            line = re.sub(r"operation=[a-z2-7]{26}", "operation=ID", " ".join(record["argv"]))
            line = line.replace(" --format json", "").replace(" --account " + ACCOUNT, "").replace(" --cache=false", "")
            for found in re.findall(r"\b[a-z2-7]{26}\b|\b[A-Z2-7]{26}\b", line):
                names.setdefault(found, f"ITEM{len(names) - 3}")
                line = line.replace(found, names[found])
            lines.append(line)
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def of_account(self):
        """Every call that depends on the account names it."""
        for record in self.op.calls():
            if record["command"] not in ("version", "account.list"):
                self.assertIn(ACCOUNT, record["argv"], record["argv"])

    # --- running ---

    def mint_next(self):
        self.token = super().mint_next()
        return self.token

    def by_code(self, *arguments, code=0):
        """Runs a command without a terminal that asks for codes, and enters them; returns the objects on stdout."""
        process = self.sandbox.start("jackinctl", *arguments, "--format", "json", stdin=subprocess.PIPE)
        self.errors = more = enter_code(process)
        while "open: " in more:
            more = enter_code(process, before=self.mint_next)
            self.errors += more
        stdout, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, self.errors)
        return [json.loads(line) for line in stdout.splitlines()]

    def lines(self, completed, code=0):
        return [json.loads(line) for line in self.done(completed, code).stdout.splitlines()]


class OpSetup(WithOp):
    def test_named_vault(self):
        report, = self.by_code("setup", "demo", "--vault", "work", "--item-name", "Claude {ws}")
        self.assertEqual(self.calls(), ["--version", "account list", "account list", "vault list", "item create - --vault WORK",
                                        "read op://WORK/ITEM1/credential --no-newline"])
        self.of_account()
        self.assertEqual(set(report), TOKEN_KEYS)
        self.assertEqual((report["store"], report["created"], report["deleted_old"], report["old_holders"]),
                         ("op", True, False, []))
        self.assertEqual(self.items(), [("Claude demo", self.token)])
        item, = self.op.world()["items"]
        self.assertEqual(report["reference"], f"op://{WORK}/{item['id']}/credential")
        self.assertIn(f'oauth_token = {{ op = "{report["reference"]}", path = "Work/Claude demo/credential", '
                      f'account = "{ACCOUNT}" }}', self.text())
        self.assertIn("jackin", item["tags"])
        self.assertEqual(self.probe()["source"], "1Password Work/Claude demo/credential")
        self.assertEqual(self.launched(), self.token)

    def test_own_vault_on_a_terminal(self):
        terminal = self.set_up("demo", "--store", "op")
        self.assertIn("1Password  Personal/Claude/credential", terminal.text)
        self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertEqual(self.items(), [("Claude", self.token)])

    def test_yes_retries_a_refusing_store_once(self):
        self.op.settings("KNOB item.create=forbidden")
        terminal = self.setup_in_terminal("demo", "--store", "op", "--vault", "Personal", "--yes")
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertEqual([call for call in self.calls() if call.startswith("item create")],
                         ["item create - --vault PERSONAL"] * 2)
        self.assertEqual(terminal.text.count("✗ storing the token"), 2)
        self.assertNotIn("detached", terminal.text)
        self.assertIn("error: ", terminal.text)
        self.assertNotIn("oauth_token", self.text())
        # The token is kept, so the user need not consent again.
        self.kept = self.stored()
        self.assertEqual(len(self.kept), 1)
        self.assertIn("is kept, not configured, in", terminal.text)
        self.assertIn(os.path.basename(self.kept[0]), terminal.text)

    def test_adopts_an_existing_item(self):
        self.op.put_items(self.own_item(self.token))
        before = self.op.world()["items"]
        report = self.json(self.ctl("setup", "demo", "--reuse", "op://Work/mine/Keys/Claude", "--format", "json"))
        self.assertEqual(set(report), TOKEN_KEYS - {"expires_on", "days_left", "claude_version"})
        self.assertEqual((report["reference"], report["created"]), (f"op://{WORK}/{MINE}/sec/token", False))
        self.assertIn('path = "Work/Mine/Keys/Claude"', self.text())
        self.assertEqual([item["id"] for item in self.op.world()["items"]], [MINE])
        self.assertEqual(self.op.world()["items"][0]["fields"], before[0]["fields"])
        self.assertFalse([call for call in self.calls() if call.startswith(("item create", "item edit", "item delete"))])

    def test_interactive_asks_step_by_step(self):
        self.op.put_items(self.own_item(""), {"title": "Bank", "vault": "Work", "category": "LOGIN"})
        terminal = self.setup_in_terminal("demo", "-i")
        terminal.expect(r"Where should jackind store the token\?.*1Password.*: $")
        terminal.send("1password\r")
        terminal.expect(r"The account is wendy@example\.com at my\.1password\.com.*Which vault\?.*: $")
        terminal.send("work\r")
        terminal.expect(r"Which item\?.*1\s+Mine.*Bank \(a login.*\+\s+new item.*: $")
        terminal.send("1\r")
        terminal.expect(r"Which section of 'Mine'\?.*-\s+no section.*1\s+Keys.*: $")
        terminal.send("keys\r")
        terminal.expect(r"Which field\?.*1\s+Claude.*: $")
        terminal.send("claude\r")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        self.assertIn("1Password  Work/Mine/Keys/Claude", terminal.text)
        item = next(item for item in self.op.world()["items"] if item["id"] == MINE)
        self.assertEqual([field.get("value") for field in item["fields"]], ["do not lose me", self.token])
        self.assertEqual(self.launched(), self.token)

    def test_interactive_without_colour(self):
        self.op.put_items(self.own_item(""))
        terminal = self.setup_in_terminal("demo", "-i", "--store", "op", NO_COLOR="1")
        terminal.expect(r"Which vault\?.*: $")
        terminal.send("work\r")
        terminal.expect(r"Which item\?.*: $")
        self.assertNotRegex(terminal.output, rb"\x1b\[[0-9;]*m")
        terminal.send("+\r")
        terminal.expect(r"Title of the new item.*: $")
        terminal.send("Mine too\r")
        terminal.expect(r"Section of the field.*: $")
        terminal.send("\r")
        terminal.expect(r"Field \[credential\]: $")
        terminal.send("\r")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertIn(("Mine too", self.token), self.items())

    def test_interactive_on_a_dumb_terminal(self):
        self.op.put_items(self.own_item(""))
        terminal = self.setup_in_terminal("demo", "-i", "--store", "op", "--no-browser", TERM="dumb")
        terminal.expect(r"Which vault\?.*: $")
        terminal.send("work\n")
        terminal.expect(r"Which item\?.*: $")
        terminal.send("+\n")
        terminal.expect(r"Title of the new item.*: $")
        terminal.send("Mine too\n")
        terminal.expect(r"Section of the field.*: $")
        terminal.send("\n")
        terminal.expect(r"Field \[credential\]: $")
        terminal.send("\n")
        url = terminal.expect(r"open: (https://\S+)\s+then type the code").group(1)
        terminal.send(f"anycode#{state_of(url)}\n")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertNotIn(b"\x1b", terminal.output)
        self.assertIn(("Mine too", self.token), self.items())

    def test_interactive_cancelled_changes_nothing(self):
        before = self.snapshot()
        terminal = self.setup_in_terminal("demo", "-i", "--store", "op")
        terminal.expect(r"Which vault\?.*: $")
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        terminal = self.setup_in_terminal("demo", "-i", "--store", "op")
        terminal.expect(r"Which vault\?.*: $")
        terminal.send(b"\x04")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.items(), [])

    def test_interactive_needs_a_terminal(self):
        self.error(self.ctl("setup", "demo", "-i", "--format", "json"), "needs_confirmation", 2)

    def test_interactive_reports_a_missing_session(self):
        self.op.settings("SESSION=closed")
        terminal = self.setup_in_terminal("demo", "-i", "--store", "op")
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertRegex(terminal.text, r"error: .*\n?.*try: ")


class OpRotate(WithOp):
    def test_replaces_the_item(self):
        self.by_code("setup", "demo", "--vault", "Work", "--item-name", "Claude {ws}")
        old, first = self.probe(), self.token
        self.calls()
        new = self.mint_next()
        report, = self.by_code("rotate", "demo")
        # The checks: is the old item ours, does the new one hold the token, is the old one still ours, is it really
        # deleted.
        self.assertEqual(self.calls(), ["item get ITEM1 --vault WORK", "item create - --vault WORK",
                                        "read op://WORK/ITEM2/credential --no-newline", "item get ITEM1 --vault WORK",
                                        "item delete ITEM1 --vault WORK", "item get ITEM1 --vault WORK", "vault list"])
        self.assertEqual(set(report), TOKEN_KEYS)
        self.assertEqual((report["created"], report["deleted_old"]), (True, True))
        self.assertNotEqual(report["fingerprint"], old["fingerprint"])
        self.assertEqual(self.items(), [("Claude demo", new)])
        self.assertEqual(len(self.op.world()["deleted"]), 1)
        self.assertIn(report["reference"], self.text())
        self.assertEqual(self.text().count("oauth_token"), 1)
        self.assertEqual((self.probe()["verdict"], self.probe()["fingerprint"]), ("ok", report["fingerprint"]))
        self.assertEqual(self.launched(), new)
        self.assertNotEqual(first, new)
        self.of_account()

    def test_terminal_output_has_the_report(self):
        self.set_up("demo", "--store", "op")
        self.mint_next()
        terminal = self.in_terminal("rotate", "demo")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(terminal.before, terminal.after)
        for label in ("workspace", "claude", "stored in", "fingerprint", "expires", "set in"):
            self.assertRegex(terminal.text, rf"(?m)^\s*{label}\s{{2,}}\S")
        self.assertRegex(terminal.text, r"old item\s+deleted")
        self.assertIn("still works at Anthropic until you end it: claude.ai > Settings > Claude Code", terminal.text)
        for token in self.tokens:
            self.assertEqual(pieces_in(terminal.output, token, 6), [])

    def test_second_rotation_is_refused_at_once(self):
        self.set_up("demo", "--store", "op")
        self.mint_next()
        held = self.api.hold("/v1/models")
        first = self.in_terminal("rotate", "demo")
        held.wait_for_request(LIMIT)
        for command in (("rotate", "demo"), ("revoke", "demo", "--delete-item")):
            error = self.error(self.ctl(*command, "--format", "json", input="x"), "busy", 6)
            self.assertRegex(error["message"], r"rotate of 'demo' has been running since .* jackinctl \(pid \d+\)")
        self.assertEqual(self.probe()["verdict"], "ok")
        held.release()
        self.assertEqual(first.wait(), 0, first.text)

    def test_processes_with_the_old_token_are_listed(self):
        self.set_up("demo", "--store", "op")
        holder = self.begin_holder()
        self.mint_next()
        report, = self.by_code("rotate", "demo")
        self.assertEqual([(one["pid"], set(one)) for one in report["old_holders"]], [(holder.pid, {"pid", "command"})])

    def test_adopted_item_is_kept_with_the_new_token(self):
        self.op.put_items(self.own_item(self.token))
        self.json(self.ctl("setup", "demo", "--reuse", "op://Work/Mine/Keys/Claude", "--format", "json"))
        reference = self.text()
        new = self.mint_next()
        report, = self.by_code("rotate", "demo")
        self.assertEqual((report["created"], report["deleted_old"]), (True, False))
        item, = self.op.world()["items"]
        self.assertEqual([field.get("value") for field in item["fields"]], ["do not lose me", new])
        self.assertEqual(self.text(), reference)
        self.assertEqual(self.probe()["fingerprint"], report["fingerprint"])

    def test_rejected_token_changes_nothing(self):
        self.by_code("setup", "demo", "--store", "op")
        before, items = self.snapshot(), self.items()
        good = set(self.api.valid)
        self.mint_next()
        self.api.valid = good
        self.assertEqual(self.by_code("rotate", "demo", code=1), [])
        self.assertIn("token_rejected", self.errors)
        self.assertEqual((self.snapshot(), self.items()), (before, items))
        self.assertEqual(self.probe()["verdict"], "ok")

    def test_all_rotates_each_token_once(self):
        first, = self.by_code("setup", "demo", "--store", "op")
        self.sandbox.workspace("other")
        self.json(self.ctl("setup", "other", "--reuse", first["reference"], "--format", "json"))
        self.sandbox.workspace("alone")
        self.mint_next()
        self.by_code("setup", "alone", "--vault", "Work")
        self.sandbox.workspace("given", 'workdir = "/w"\n[claude]\noauth_token = { env = "SOME_TOKEN" }\n')
        self.mint_next()
        reports = self.by_code("rotate", "--all")
        self.assertEqual([report["scope"] for report in reports], ["alone", "demo"])
        self.assertEqual([report["deleted_old"] for report in reports], [True, True])
        self.assertIn("skipped: given: ", self.errors)
        self.assertIn("1 of 2  alone\n", self.errors)
        self.assertIn("2 of 2  demo (also other)\n", self.errors)
        self.assertEqual(len(self.items()), 2)
        self.assertEqual(self.probe()["fingerprint"], reports[1]["fingerprint"])
        self.assertEqual(self.probe("other")["fingerprint"], reports[1]["fingerprint"])
        self.assertEqual(self.launched("other"), self.launched("demo"))
        self.assertNotEqual(self.launched("alone"), self.launched("demo"))

    def test_all_continues_after_a_failure(self):
        self.by_code("setup", "demo", "--store", "op")
        self.sandbox.workspace("broken", "workdir = [\n")
        self.mint_next()
        report, = self.by_code("rotate", "--all", code=1)
        self.assertEqual(report["scope"], "demo")
        self.assertIn("broken", self.errors)


class OpRevoke(WithOp):
    def test_clears_the_slot_and_keeps_the_item(self):
        self.by_code("setup", "demo", "--store", "op")
        self.calls()
        self.assertEqual(self.lines(self.ctl("revoke", "demo", "--format", "json")),
                         [{"scope": "demo", "cleared": True, "deleted": False,
                           "remains_in": "1Password Personal/Claude/credential"}])
        self.assertEqual(self.calls(), [])
        self.assertNotIn("oauth_token", self.text())
        self.assertIn('auth_forward = "ignore"', self.text())
        self.assertIn("do not lose this comment", self.text())
        self.assertEqual(self.items(), [("Claude", self.token)])
        answer = self.probe()
        self.assertEqual((answer["verdict"], answer["mode"]), ("not_managed", "ignore"))
        self.assertNotIn("expires_on", answer)
        self.assertEqual(self.lines(self.ctl("revoke", "demo", "--format", "json")),
                         [{"scope": "demo", "cleared": False, "deleted": False,
                           "remains_in": "1Password Personal/Claude/credential"}])

    def test_kept_item_is_listed_and_deleted_later(self):
        self.by_code("setup", "demo", "--store", "op")
        said = self.done(self.ctl("revoke", "demo")).stdout
        command = "jackinctl revoke demo --delete-item"
        self.assertIn("demo: token removed from the configuration. It is still in 1Password Personal/Claude/credential\n"
                      f"try: {command}\n", said)
        self.sandbox.kill_daemon()
        leftover, = self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"]
        self.assertEqual((leftover["severity"], leftover["code"], leftover["remedy"]),
                         ("warning", "remaining_token", command))
        self.assertIn("1Password Personal/Claude/credential", leftover["message"])
        # Refused while another scope may use it.
        broken = self.sandbox.workspace("broken", "[claude\n")
        self.error(self.ctl("revoke", "demo", "--delete-item", "--format", "json"), "config_unreadable")
        self.assertEqual(self.items(), [("Claude", self.token)])
        os.unlink(broken)
        self.assertEqual(self.lines(self.ctl("revoke", "demo", "--delete-item", "--format", "json")),
                         [{"scope": "demo", "cleared": False, "deleted": True}])
        self.assertEqual(self.items(), [])
        self.assertEqual(self.json(self.ctl("doctor", "--offline", "--format", "json"))["leftovers"], [])

    def test_delete_item_deletes_it(self):
        self.by_code("setup", "demo", "--store", "op")
        self.calls()
        completed = self.done(self.ctl("workspace", "claude-token", "revoke", "demo", "--delete-op-item"))
        self.assertIn("the stored token is deleted", completed.stdout)
        self.assertIn("still works at Anthropic", completed.stdout)
        # Checked before any change, and again by the deletion itself; then whether it is really deleted.
        self.assertEqual(self.calls(), ["item get ITEM1 --vault PERSONAL", "item get ITEM1 --vault PERSONAL",
                                        "item delete ITEM1 --vault PERSONAL", "item get ITEM1 --vault PERSONAL",
                                        "vault list"])
        self.assertEqual(self.items(), [])
        self.assertEqual(len(self.op.world()["deleted"]), 1)
        self.assertNotIn("oauth_token", self.text())

    def test_adopted_item_is_deleted_only_with_force(self):
        self.op.put_items(self.own_item(self.token))
        self.json(self.ctl("setup", "demo", "--reuse", "op://Work/Mine/Keys/Claude", "--format", "json"))
        before = self.snapshot()
        error = self.error(self.ctl("revoke", "demo", "--delete-item", "--format", "json"), "not_ours")
        self.assertIn("--force", error["remedy"])
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.lines(self.ctl("revoke", "demo", "--delete-item", "--force", "--format", "json")),
                         [{"scope": "demo", "cleared": True, "deleted": True}])
        self.assertEqual(self.items(), [])

    def test_reference_without_an_item_deletes_nothing(self):
        references = ("op://Vault", "op://", "op://a/b", "op://a//field", "op://a/b/c/d/e", "claude")
        for number, reference in enumerate(references):
            with self.subTest(reference=reference):
                scope = f"odd-{number}"
                self.sandbox.workspace(scope, f'[claude]\noauth_token = {{ op = "{reference}" }}\n')
                before = self.snapshot()
                for force in ((), ("--force",)):
                    error = self.error(self.ctl("revoke", scope, "--delete-item", *force, "--format", "json"), "config_invalid")
                    self.assertEqual(error["remedy"], f"jackinctl revoke {scope}")
                    self.assertEqual(self.snapshot(), before)
                self.assertEqual(self.calls(), [])
                # Without the deletion the slot is cleared all the same.
                self.lines(self.ctl("revoke", scope, "--format", "json"))

    def test_item_named_in_another_way_is_kept(self):
        self.by_code("setup", "demo", "--store", "op")
        by_names = 'op = "op://personal/CLAUDE/credential"'
        another_field = self.text().split('oauth_token = { op = "')[1].split("/credential")[0] + "/username"
        for number, source in enumerate((by_names, f'op = "{another_field}"')):
            with self.subTest(source=source):
                other = self.sandbox.workspace(f"other-{number}", f"[claude]\noauth_token = {{ {source} }}\n")
                before = self.snapshot()
                error = self.error(self.ctl("revoke", "demo", "--delete-item", "--format", "json"), "not_ours")
                self.assertIn(f"'other-{number}' uses it too", error["message"])
                self.assertEqual(self.snapshot(), before)
                os.unlink(other)
        self.sandbox.workspace("other", f"[claude]\noauth_token = {{ {by_names} }}\n")
        first = self.token
        second = self.mint_next()
        self.by_code("rotate", "demo")
        self.assertEqual([value for _, value in self.items()], [first, second])

    def test_item_of_another_scope_is_kept(self):
        report, = self.by_code("setup", "demo", "--store", "op")
        self.sandbox.workspace("other")
        self.json(self.ctl("setup", "other", "--reuse", report["reference"], "--format", "json"))
        before = self.snapshot()
        error = self.error(self.ctl("revoke", "demo", "--delete-item", "--force", "--format", "json"), "not_ours")
        self.assertIn("other", error["message"])
        self.assertEqual(self.snapshot(), before)
        # The last scope deletes it.
        self.lines(self.ctl("revoke", "demo", "--format", "json"))
        self.assertEqual(self.lines(self.ctl("revoke", "other", "--delete-item", "--force", "--format", "json")),
                         [{"scope": "other", "cleared": True, "deleted": True}])
        self.assertEqual(self.items(), [])

    def test_all(self):
        report, = self.by_code("setup", "demo", "--store", "op")
        self.sandbox.workspace("other")
        self.json(self.ctl("setup", "other", "--reuse", report["reference"], "--format", "json"))
        self.sandbox.workspace("untouched")
        self.error(self.ctl("revoke", "--all", "--format", "json"), "needs_confirmation", 2)
        outcomes = self.lines(self.ctl("revoke", "--all", "--yes", "--delete-item", "--format", "json"))
        self.assertEqual(outcomes, [{"scope": "demo", "cleared": True, "deleted": True},
                                    {"scope": "other", "cleared": True, "deleted": True}])
        self.assertEqual(self.items(), [])
        scopes = {entry["scope"]: entry for entry in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual({scope: entry["mode"] for scope, entry in scopes.items() if scope in ("demo", "other")},
                         {"demo": "ignore", "other": "ignore"})
        self.assertNotEqual(scopes["untouched"]["mode"], "ignore")

    def test_all_asks_on_a_terminal(self):
        self.by_code("setup", "demo", "--store", "op")
        terminal = self.sandbox.terminal("jackinctl", "revoke", "--all")
        terminal.expect(r"demo.*Continue\? \[y/N\] $")
        terminal.send("\r")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertIn("oauth_token", self.text())
        terminal = self.sandbox.terminal("jackinctl", "revoke", "--all")
        terminal.expect(r"Continue\? \[y/N\] $")
        terminal.send("y\r")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertNotIn("oauth_token", self.text())

    def test_ctrl_c_during_a_prompt_cancels(self):
        self.by_code("setup", "demo", "--store", "op")
        before = self.snapshot()
        gate = self.sandbox.path("gate")
        os.mkfifo(gate)
        self.op.settings(f"KNOB *=gate:{gate}")
        terminal = self.sandbox.terminal("jackinctl", "revoke", "demo", "--delete-item")
        # Opens when op waits there.
        with open(gate, "wb"):
            terminal.send(b"\x03")
            self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertIn("cancelled; nothing was changed", terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.items(), [("Claude", self.token)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
