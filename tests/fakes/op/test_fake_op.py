# SPDX-License-Identifier: Apache-2.0
"""Tests that the fake behaves as the real op does."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

OP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "op")
TOKEN = "ops_eyJzaWduSW5BZGRyZXNzIjoibXkuMXBhc3N3b3JkLmNvbSJ9"


def credential(**changes):
    template = {"title": "Claude", "category": "API_CREDENTIAL", "tags": ["jackin", "a"], "fields": [
        {"id": "credential", "type": "CONCEALED", "label": "credential", "value": "s3cret & <more>"},
        {"id": "expires", "type": "DATE", "label": "expires", "value": "2027-01-01"}]}
    template.update(changes)
    return template


class Case(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="fake-op-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.state = os.path.join(self.home, ".fake-op.d")

    def settings(self, *lines):
        with open(os.path.join(self.home, ".fake-op"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def world(self, **parts):
        os.makedirs(self.state, exist_ok=True)
        with open(os.path.join(self.state, "world.json"), "w", encoding="utf-8") as file:
            json.dump(parts, file)

    def start(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        given = {"HOME": self.home, "PATH": "/usr/bin:/bin", **environment}
        return subprocess.Popen([OP, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=given)

    def op(self, *arguments, stdin=subprocess.DEVNULL, template=None, **environment):
        """Returns (exit code, stdout, stderr)."""
        text = None
        if template is not None:
            stdin, text = subprocess.PIPE, (template if isinstance(template, bytes) else json.dumps(template).encode())
        process = self.start(*arguments, stdin=stdin, **environment)
        out, err = process.communicate(text, timeout=60)
        return process.returncode, out.decode(), err.decode()

    def json(self, *arguments, **more):
        code, out, err = self.op(*arguments, "--format", "json", **more)
        self.assertEqual((code, err), (0, ""))
        return json.loads(out)

    def fails(self, message, *arguments, code=1, **more):
        got, out, err = self.op(*arguments, **more)
        self.assertEqual((got, out), (code, ""), err)
        self.assertRegex(err, r"(?m)^\[ERROR\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")
        self.assertIn(message, err)
        return err

    def calls(self):
        with open(os.path.join(self.state, "calls.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def create(self, **changes):
        return self.json("item", "create", "-", "--vault", "Work", template=credential(**changes))

    def field(self, item, name):
        return next(field for field in item["fields"] if field["id"] == name)


class CommandLine(Case):
    def test_global_flags_before_and_after_the_command_are_accepted(self):
        for arguments in (["--format", "json", "vault", "list"], ["vault", "list", "--format=json"],
                          ["vault", "--format=json", "ls", "--cache=false"]):
            code, out, _ = self.op(*arguments)
            self.assertEqual((code, json.loads(out)[0]["name"]), (0, "Personal"))

    def test_unknown_flags_and_commands_are_refused_with_usage(self):
        self.assertIn("Usage:", self.fails("unknown flag: --bogus", "item", "list", "--bogus"))
        self.fails('unknown command "frobnicate" for "op"', "frobnicate")
        self.fails("unknown flag: --vault", "--vault", "Work", "item", "list")
        self.fails("strconv.ParseBool", "vault", "list", "--cache=maybe")
        self.fails("flag needs an argument: --vault", "item", "list", "--vault")
        self.fails("accepts 1 arg(s), received 0", "item", "get")

    def test_reveal_is_known_from_2_30(self):
        item = self.create()
        self.settings("VERSION=2.29.0", "CONCEAL=yes")
        self.fails("unknown flag: --reveal", "item", "get", item["id"], "--reveal")
        self.assertNotIn("s3cret", self.op("item", "get", item["id"], "--format", "json")[1])
        self.settings("VERSION=2.34.0", "CONCEAL=yes")
        self.assertEqual(self.field(self.json("item", "get", item["id"], "--reveal"), "credential")["value"],
                         "s3cret & <more>")

    def test_calls_are_recorded_without_their_input(self):
        self.create()
        begin, end = self.calls()
        self.assertEqual(begin["argv"], ["item", "create", "-", "--vault", "Work", "--format", "json"])
        self.assertEqual(begin["environment"], {"HOME": self.home, "PATH": "/usr/bin:/bin"})
        self.assertEqual((begin["stdin"], end["exit"], len(end["stdin"]["sha256"])), ("fifo", 0, 64))
        self.assertNotIn("s3cret", json.dumps([begin, end]))

    def test_token_in_argv_or_environment_ends_the_call(self):
        self.assertEqual(self.op("read", "op://a/b/sk-ant-oat01-x")[0], 98)
        self.assertEqual(self.op("vault", "list", OP_SESSION_x="sk-ant-oat01-x")[0], 98)
        self.assertEqual(self.op("item", "create", "credential[password]=x", "--category", "Login")[0], 98)

    def test_overlapping_calls_for_an_account_are_recorded(self):
        gate = os.path.join(self.home, "gate")
        os.mkfifo(gate)
        self.settings(f"KNOB vault.list@1=gate:{gate}")
        first = self.start("vault", "list")
        with open(gate, "wb"):
            self.op("whoami")
            self.op("whoami", "--account", "my.1password.com")
        first.communicate()
        self.assertEqual([call["overlaps"] for call in self.calls() if call["event"] == "begin"], [False, True, False])


class Accounts(Case):
    def test_account_list_needs_no_session(self):
        self.settings("SESSION=closed")
        self.assertEqual(self.json("account", "list")[0]["url"], "my.1password.com")
        self.world(accounts=[], vaults=[])
        self.assertEqual(self.op("account", "list", "--format", "json")[1], "[]\n")
        self.fails("No accounts configured for use with 1Password CLI.", "vault", "list")

    def test_several_accounts_need_a_named_one(self):
        self.world(accounts=[{"url": "my.1password.com"}, {"url": "work.1password.com", "shorthand": "work"}],
                   vaults=[{"name": "Personal"}, {"name": "Team", "account": "work"}])
        self.fails("multiple accounts found", "vault", "list")
        account = self.json("account", "list")[1]
        for name in ("work", "work.1password.com", account["account_uuid"], account["user_uuid"]):
            self.assertEqual([vault["name"] for vault in self.json("vault", "list", "--account", name)], ["Team"])
        self.assertEqual(self.json("whoami", OP_ACCOUNT="work")["account_uuid"], account["account_uuid"])
        self.fails('found no accounts for filter "wendy@example.com"', "vault", "list", "--account", "wendy@example.com")

    def test_prompts_for_commands_but_not_for_whoami(self):
        self.settings("SESSION=prompt:0:timeout")
        self.fails("account is not signed in", "whoami")
        self.fails("error initializing client: authorization timeout", "vault", "list")
        self.settings("SESSION=prompt:0:dismissed")
        self.fails("authorization prompt dismissed, please try again", "vault", "list")
        self.settings("SESSION=prompt:0:approve")
        self.json("vault", "list")

    def test_service_account_needs_a_named_vault(self):
        environment = {"OP_SERVICE_ACCOUNT_TOKEN": TOKEN}
        self.fails("a vault query must be provided", "item", "create", template=credential(), **environment)
        self.fails("a vault query must be provided", "item", "get", "x", **environment)
        self.fails('"Personal" isn\'t a vault in this account', "item", "get", "x", "--vault", "Personal", **environment)
        self.assertEqual([vault["name"] for vault in self.json("vault", "list", **environment)], ["Work"])
        self.assertEqual(self.json("whoami", **environment)["user_type"], "SERVICE_ACCOUNT")
        self.settings("VERSION=2.19.0")
        self.assertEqual(self.json("whoami", **environment)["ServiceAccountType"], "SERVICE_ACCOUNT")
        self.settings("KNOB *=sa-revoked")
        self.assertEqual(self.op("whoami", **environment)[0], 0)
        self.fails("Service Account Deleted", "vault", "list", **environment)

    def test_corrupt_service_account_token_panics(self):
        code, out, err = self.op("whoami", OP_SERVICE_ACCOUNT_TOKEN="nonsense")
        self.assertEqual((code, out, err[:6]), (2, "", "panic:"))


class Create(Case):
    def test_create_keeps_ids_adds_built_ins_sorts_tags_and_rounds_dates(self):
        item = self.create(sections=[{"id": "mine", "label": "Mine"}])
        self.assertRegex(item["id"], "^[a-z2-7]{25}[aeimquy4]$")
        self.assertEqual([field["id"] for field in item["fields"]],
                         ["notesPlain", "username", "credential", "type", "filename", "validFrom", "expires", "hostname"])
        self.assertEqual(item["tags"], ["a", "jackin"])
        self.assertEqual(self.field(item, "expires")["value"], "1798804860")
        self.assertNotIn("value", self.field(item, "notesPlain"))
        self.assertIn('"tags": ["a", "jackin"]', self.op("item", "get", item["id"], "--format", "json")[1])

    def test_template_is_read_only_from_a_fifo(self):
        path = os.path.join(self.home, "template")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(credential(), file)
        with open(path, "rb") as file:
            self.fails("provide the item category with '--category' flag", "item", "create", "-", stdin=file)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(json.dumps(credential()).encode())
            self.fails("provide the item category with '--category' flag", "item", "create", "-", stdin=theirs)
        self.fails("provide the item category", "item", "create", "-")
        self.assertEqual([call["stdin"] for call in self.calls() if call["event"] == "begin"], ["file", "socket", "null"])

    def test_category_is_required_exactly_once(self):
        self.fails("only specify the category in one location", "item", "create", "--category", "API Credential",
                   template=credential())
        self.fails("provide the item category", "item", "create", template=credential(category=""))
        self.fails("cannot create an item from template and stdin at the same time", "item", "create", "--template", "x",
                   template=credential())
        self.fails("invalid JSON in piped input", "item", "create", template=b"{not json")

    def test_twins_are_allowed_and_ambiguous(self):
        first, second = self.create(), self.create()
        error = self.fails('More than one item matches "Claude". Try again and specify the item by its ID: ', "item", "get",
                           "Claude", "--vault", "Work")
        self.assertIn(f'\n\t* for the item "Claude" in vault Work: {first["id"]}', error)
        self.assertEqual(len(self.json("item", "list", "--vault", "Work", "--tags", "jackin")), 2)
        self.assertNotEqual(first["id"], second["id"])

    def test_default_vault_is_the_personal_one(self):
        self.assertEqual(self.json("item", "create", template=credential())["vault"]["name"], "Personal")

    def test_knob_kills_after_the_item_was_created(self):
        self.settings("KNOB item.create@1=die-before-output")
        self.assertEqual(self.op("item", "create", "--vault", "Work", template=credential())[:2], (-signal.SIGKILL, ""))
        self.assertEqual(len(self.json("item", "list", "--vault", "Work")), 1)


class EditAndDelete(Case):
    def edit(self, item, **more):
        return self.json("item", "edit", item["id"], "--vault", "Work", **more)

    def test_edit_replaces_the_item(self):
        item = self.create(fields=[{"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "value": "note"},
                                   {"id": "credential", "type": "CONCEALED", "value": "old"},
                                   {"id": "mine", "type": "STRING", "label": "mine", "value": "x"}])
        got = self.json("item", "get", item["id"])
        fields = [field for field in got["fields"] if field["id"] not in ("mine", "notesPlain")]
        del self.field({"fields": fields}, "credential")["value"]
        edited = self.edit(item, template={**got, "fields": fields})
        self.assertEqual(edited["version"], 2)
        self.assertEqual(self.field(edited, "notesPlain")["value"], "note")
        self.assertNotIn("value", self.field(edited, "credential"))
        self.assertNotIn("mine", [field["id"] for field in edited["fields"]])
        self.assertRegex(edited["updated_at"], r"\d[+-]\d\d:\d\d$")

    def test_edit_with_the_unchanged_item_changes_nothing_else(self):
        item = self.create(sections=[{"id": "s", "label": "Section"}],
                           fields=[{"id": "credential", "type": "CONCEALED", "value": "v"},
                                   {"id": "mine", "section": {"id": "s"}, "type": "STRING", "value": "x"}])
        got = self.json("item", "get", item["id"])
        self.edit(item, template=got)
        again = self.json("item", "get", item["id"])
        for key in ("version", "updated_at"):
            del got[key], again[key]
        self.assertEqual(got, again)

    def test_edit_without_a_fifo_changes_nothing(self):
        item = self.create()
        self.assertEqual(self.edit(item)["version"], 2)
        self.assertEqual(self.field(self.json("item", "get", item["id"]), "credential")["value"], "s3cret & <more>")

    def test_template_of_another_item_is_refused(self):
        item = self.create()
        got = self.json("item", "get", item["id"])
        self.fails("identity inconsistencies", "item", "edit", item["id"], template={**got, "category": "LOGIN"})
        self.fails("could not find item to edit", "item", "edit", "nothing", template=got)
        del got["updated_at"]
        self.fails("Item updatedAt must be > 1970-01-01", "item", "edit", item["id"], template=got)

    def test_delete_is_silent_and_works_once(self):
        item = self.create()
        self.assertEqual(self.op("item", "delete", item["id"], "--vault", "Work", "--format", "json"), (0, "", ""))
        self.fails('isn\'t an item in the "Work" vault. Specify the item with its UUID, name, or domain.', "item", "delete",
                   item["id"], "--vault", "Work")

    def test_archived_item_is_found_only_by_id(self):
        item = self.create()
        self.op("item", "delete", item["id"], "--archive")
        self.fails("isn't an item", "item", "get", "Claude", "--vault", "Work")
        self.assertEqual(self.json("item", "get", item["id"])["state"], "ARCHIVED")
        self.assertEqual(self.json("item", "list"), [])

    def test_pipe_on_stdin_is_read_as_a_list_of_items(self):
        item = self.create()
        self.fails("invalid JSON in piped input", "item", "get", item["id"], template=b"")
        self.fails("invalid JSON in piped input", "item", "delete", item["id"], template=b"")


class Read(Case):
    def test_read_prints_the_value_with_or_without_a_newline(self):
        self.create()
        self.assertEqual(self.op("read", "op://work/claude/Credential")[:2], (0, "s3cret & <more>\n"))
        self.assertEqual(self.op("read", "-n", "op://Work/Claude/credential")[:2], (0, "s3cret & <more>"))
        self.assertEqual(self.op("read", "-n", "op://Work/Claude/username")[:2], (0, ""))
        self.assertEqual(self.op("read", "--no-newline", "op://Work/Claude/expires?attribute=type")[1], "DATE")

    def test_read_reports_what_is_wrong_with_a_reference(self):
        self.create()
        self.fails("too few '/'", "read", "op://Work/Claude")
        self.fails("too many '/'", "read", "op://a/b/c/d/e")
        self.fails("invalid character in secret reference: '('", "read", "op://Work/Claude (1)/credential")
        self.fails("item 'Work/Claude' does not have a field 'nope'", "read", "op://Work/Claude/nope")
        self.fails('could not get item Work/No: "No" isn\'t an item in the "Work" vault', "read", "op://Work/No/credential")
        self.fails('"No" isn\'t a vault in this account', "read", "op://No/Claude/credential")
        self.settings("VERSION=2.30.0")
        self.fails('"nope" isn\'t a field in the "Claude" item', "read", "op://Work/Claude/nope")

    def test_stale_read_returns_the_value_before_the_last_change(self):
        item = self.create()
        got = self.json("item", "get", item["id"])
        self.field(got, "credential")["value"] = "new"
        self.json("item", "edit", item["id"], template=got)
        self.settings("KNOB read=stale")
        reference = f"op://{item['vault']['id']}/{item['id']}/credential"
        self.assertEqual(self.op("read", "-n", reference)[1], "s3cret & <more>")
        self.assertEqual(self.op("read", "-n", reference, "--cache=false")[1], "new")


class Knobs(Case):
    def test_selector_matches_the_named_call(self):
        self.settings("KNOB vault.list@2=offline", "KNOB *@3=locked", "KNOB whoami=exit:4")
        self.json("vault", "list")
        self.fails("no such host", "vault", "list")
        self.fails("1Password app is locked", "vault", "list")
        self.json("vault", "list")
        self.fails("(400) Bad Request", "whoami", code=4)

    def test_wrong_output_with_exit_code_0(self):
        self.create()
        for knob, expected in (("garbage", "<html>"), ("empty", ""), ("truncated", "s3cret "), ("drip:0", "s3cret & <more>"),
                               ("noise", "s3cret & <more>"), ("wrong-value", "s3cret & <moreA"), ("empty-value", "")):
            self.settings(f"KNOB read={knob}")
            code, out, err = self.op("read", "-n", "op://Work/Claude/credential")
            self.assertEqual((code, err != ""), (0, knob == "noise"))
            self.assertTrue(out.startswith(expected) if knob == "garbage" else out == expected, (knob, out))

    def test_conflict_happens_once(self):
        self.settings("KNOB item.create@1=conflict")
        self.fails("(409) (Conflict)", "item", "create", template=credential())
        self.create()

    def test_killed_hanging_call_has_no_second_line(self):
        gate = os.path.join(self.home, "gate")
        os.mkfifo(gate)
        self.settings(f"KNOB vault.list=gate:{gate},hang")
        process = self.start("vault", "list")
        with open(gate, "wb"):
            self.assertIsNone(process.poll())
        process.kill()
        process.communicate()
        self.assertEqual([call["event"] for call in self.calls()], ["begin"])

    def test_every_session_knob_prints_ops_error(self):
        for knob in ("not-signed-in", "session-expired", "locked", "app-absent", "delegated-session", "several-accounts",
                     "no-accounts", "offline", "deadline", "rate-limited", "rate-limited-2023", "forbidden", "no-permission"):
            self.settings(f"KNOB vault.list={knob}")
            self.fails("", "vault", "list")


if __name__ == "__main__":
    unittest.main()
