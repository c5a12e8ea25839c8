# SPDX-License-Identifier: Apache-2.0
"""Every command with a stand-in for claude: setup, probe, launch, status, doctor and the daemon."""

import fcntl
import json
import os
import re
import resource
import select
import signal
import stat
import subprocess
import sys
import time
import unicodedata
import unittest

from support import LIMIT, EndToEnd, enter_code, is_sanitized, new_token, pieces_in, state_of


def mappings_with(pid, token):
    """The mappings of a process in which a piece of the token is: those in locked memory, and the others."""
    pieces = [token[at:at + 12].encode() for at in range(13, len(token) - 12, 4)]
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="surrogateescape") as file:
        blocks = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r(.*)\n(?:.*\n)*?VmFlags:(.*)\n", file.read(), re.M)
    found = {True: [], False: []}
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for first, last, name, flags in blocks:
            try:
                memory.seek(int(first, 16))
                content = memory.read(int(last, 16) - int(first, 16))
            except (OSError, OverflowError):  # [vvar] and [vsyscall] cannot be read
                continue
            if any(piece in content for piece in pieces):
                found[" lo" in flags].append(name)
    return found[True], found[False]


class Setup(EndToEnd):
    def test_consent_in_the_browser(self):
        before = self.text()
        terminal = self.set_up()
        store, = self.stored()
        self.assertEqual(open(store, "rb").read(), self.token.encode())
        self.assertEqual(stat.S_IMODE(os.stat(store).st_mode), 0o600)
        self.assertTrue(self.text().startswith(before), self.text())
        self.assertIn('oauth_token = { file = "~/.local/share/jackind/tokens/', self.text())
        self.assert_token_only_in(store)
        self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertEqual(terminal.before, terminal.after)
        for label in ("workspace", "claude", "stored in", "fingerprint", "expires", "set in"):
            self.assertRegex(terminal.text, rf"(?m)^\s*{label}\s{{2,}}\S")
        self.assertIn("(365 days, estimated)", terminal.text)
        self.assertIn("workspaces/demo.toml  [claude] oauth_token", terminal.text)

    def test_consent_with_a_code(self):
        terminal = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        url = terminal.expect(r"(https://[^\s\x07]*state=[A-Za-z0-9_-]{8,})(?=[\s\x07&])").group(1)
        terminal.send(f"anycode#{state_of(url)}\r")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertEqual(len(self.stored()), 1)

    def test_every_width_captures_the_token(self):
        for columns in (40, 64, 80, 97, 110, 143, 300):
            with self.subTest(columns=columns):
                self.sandbox.workspace(f"w{columns}")
                terminal = self.setup_in_terminal(f"w{columns}", "--store", "file", columns=columns)
                self.assertEqual(terminal.wait(), 0, terminal.text)
                self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertEqual({open(path, "rb").read() for path in self.stored()}, {self.token.encode()})
        self.assertEqual(len(self.stored()), 7)

    def test_without_a_terminal_reads_the_code_from_stdin(self):
        process = self.sandbox.start("jackinctl", "setup", "demo", "--store", "file", "--format", "json",
                                     stdin=subprocess.PIPE)
        enter_code(process)
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, stderr)
        report = json.loads(stdout)
        store, = self.stored()
        self.assertEqual(set(report), {"scope", "store", "reference", "fingerprint", "expires_on", "days_left",
                                       "claude_version", "slot_file", "slot_style", "created", "deleted_old", "old_holders"})
        self.assertEqual(report["scope"], "demo")
        self.assertEqual(report["store"], "file")
        self.assertEqual(report["reference"], "file:~/.local/share/jackind/tokens/" + os.path.basename(store))
        self.assertEqual(report["days_left"], 365)
        self.assertIs(report["created"], True)
        self.assertIs(report["deleted_old"], False)
        self.assertEqual(report["slot_file"], "workspaces/demo.toml")
        self.assertEqual(report["slot_style"], "canonical")
        self.assertEqual(pieces_in(stdout + stderr, self.token, 6), [])

    def test_lifetime_of_claude_is_reported(self):
        self.claude_settings["VERSION"] = "2.1.332"
        for columns, said, shown, days in ((100, "90 days", "90 days", 90), (24, "less than a day", "less than a day", 0),
                                           (40, "400 days", "400 days", 400), (100, "1 year", "365 days", 365)):
            with self.subTest(said=said):
                self.claude_settings["VALID_FOR"] = said
                self.mode("")
                name = f"w{days}"
                self.sandbox.workspace(name)
                terminal = self.setup_in_terminal(name, "--store", "file", columns=columns)
                self.assertEqual(terminal.wait(), 0, terminal.text)
                self.assertIn(f"({shown})", terminal.text)
                self.assertEqual(self.probe(name)["days_left"], days)
        self.claude_settings["VALID_FOR"] = "30 days"
        self.mode("")
        self.assertIn("(30 days)", self.run_in_terminal("rotate", "w90").text)
        self.claude_settings["VALID_FOR"] = "ever"
        self.mode("")
        self.assertIn("(365 days, estimated)", self.run_in_terminal("rotate", "w400").text)

    def test_dumb_terminal_gets_plain_text(self):
        terminal = self.sandbox.terminal("jackinctl", "setup", "demo", "--store", "file", environment={"TERM": "dumb"})
        url = terminal.expect(r"open: (https://\S+)\s+then type the code").group(1)
        terminal.send(f"anycode#{state_of(url)}\n")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        self.assertNotIn(b"\x1b", terminal.output)

    def test_no_stdin_begins_nothing(self):
        done = subprocess.run([self.sandbox.program("jackinctl"), "setup", "demo", "--store", "file"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                              env=self.sandbox.environment)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("stdin is empty", done.stderr)
        self.assertFalse(os.path.exists(self.sandbox.runtime_dir))

    def test_end_of_stdin_ends_before_the_consent(self):
        before = self.snapshot()
        done = self.done(self.ctl("setup", "demo", "--store", "file"), 2)
        self.assertIn("stdin is empty", done.stderr)
        self.assertEqual(self.snapshot(), before)

    def test_role_and_global_scope(self):
        self.set_up("demo", "--role", "ns/reviewer", "--store", "file")
        self.assertIn('[roles."ns/reviewer".claude]', self.text())
        self.set_up("--global", "--store", "file")
        self.assertIn("oauth_token", self.text(os.path.join(self.sandbox.config_dir, "config.toml")))
        self.assertEqual(self.json(self.ctl("probe", "demo", "--role", "ns/reviewer", "--format", "json"))["scope"],
                         "demo:ns/reviewer")
        # The workspace has no token of its own, so the global one counts.
        self.assertEqual(self.probe()["verdict"], "ok")

    def test_existing_token_is_refused(self):
        self.set_up()
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--store", "file", "--format", "json"), "slot_exists")
        self.assertIn("rotate", error["remedy"])
        self.assertEqual(self.snapshot(), before)

    def test_unknown_workspace_is_refused(self):
        error = self.error(self.ctl("setup", "demi", "--store", "file", "--format", "json"), "unknown_workspace")
        self.assertIn("demo", error["message"] + error["remedy"])

    def test_contradictory_requests_are_wrong_usage(self):
        before = self.snapshot()
        for arguments in (("setup", "demo", "--plain", "--store", "file"),
                          ("setup", "demo", "--vault", "Work", "--store", "file"),
                          ("setup", "demo", "--reuse", "env:X", "--store", "file"),
                          ("setup", "demo", "--reuse", self.token),
                          ("setup", "demo", "--store", "file", "--workdir", self.sandbox.home),
                          ("setup", "--global", "--store", "file", "--create"),
                          ("revoke", "demo", "--force")):
            with self.subTest(arguments=arguments):
                ended = self.ctl(*arguments, "--format", "json")
                self.error(ended, "invalid_argument", 2)
                self.assertNotIn(self.token, ended.stdout + ended.stderr)
        self.assertEqual(self.snapshot(), before)

    def test_create_makes_the_workspace(self):
        self.set_up("fresh", "--store", "file", "--create", "--workdir", self.sandbox.home)
        text = self.text(os.path.join(self.sandbox.config_dir, "workspaces", "fresh.toml"))
        self.assertIn(f'workdir = "{self.sandbox.home}"', text)
        self.assertIn("[[mounts]]", text)
        self.assertIn("oauth_token", text)

    def test_plain_writes_the_token_into_the_file(self):
        os.chmod(self.demo, 0o644)
        self.set_up("demo", "--plain")
        self.assertIn(f'oauth_token = "{self.token}"', self.text())
        self.assertEqual(stat.S_IMODE(os.stat(self.demo).st_mode), 0o600)
        self.assertEqual(self.stored(), [])
        self.assert_token_only_in(self.demo)
        self.assertEqual(self.probe()["source"], "the configuration file itself")

    def test_rejected_token_changes_nothing(self):
        self.api.valid = set()
        before = self.snapshot()
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), 1, terminal.text)
        self.assertIn("error:", terminal.text)
        self.assertEqual(self.snapshot(), before)

    def test_no_verify_sends_no_request(self):
        self.api.valid = set()
        self.set_up("demo", "--store", "file", "--no-verify")
        self.assertEqual(self.api.requests, [])

    def test_wrong_usage(self):
        for arguments in (("setup",), ("setup", "demo", "--global"), ("setup", "demo", "--store", "cupboard"), ("nonsense",),
                          ("setup", "../x"), ("setup", "--role", "r"), ("probe",), ("setup", "demo", "--format", "xml")):
            with self.subTest(arguments=arguments):
                self.done(self.ctl(*arguments), 2)


class DefaultWorkspace(EndToEnd):
    """A command without a scope uses JACKIN_WORKSPACE, else the workspace whose workdir is the current folder."""

    SAYS = "using workspace 'here' (workdir is this folder)\n"

    def setUp(self):
        super().setUp()
        self.here = self.sandbox.folder("project")
        self.sandbox.workspace("here", f'workdir = "{self.here}"\n[claude]\nauth_forward = "oauth_token"\n')

    def ctl_here(self, *arguments, cwd=None, **options):
        return self.ctl(*arguments, cwd=cwd or self.here, **options)

    def test_workspace_of_the_folder(self):
        done = self.ctl_here("probe", "--json")
        self.assertEqual(self.json(done, 3)["scope"], "here")
        self.assertEqual(done.stderr, self.SAYS)
        done = self.done(self.sandbox.run("jackin-hook", "probe", cwd=self.here), 3)
        self.assertTrue(done.stderr.startswith(self.SAYS + "blocked: here: "), done)

    def test_link_to_the_folder(self):
        link = self.sandbox.path("link")
        os.symlink(self.here, link)
        self.sandbox.workspace("here", f'workdir = "{link}"\n')
        self.assertEqual(self.json(self.ctl_here("probe", "--json"))["scope"], "here")
        self.assertEqual(self.json(self.ctl_here("probe", "--json", cwd=link))["scope"], "here")

    def test_variable_takes_precedence(self):
        done = self.ctl_here("probe", "-o", "json", environment={"JACKIN_WORKSPACE": "demo:ops"})
        self.assertEqual(self.json(done)["scope"], "demo:ops")
        self.assertEqual(done.stderr, "using workspace 'demo:ops' (JACKIN_WORKSPACE)\n")

    def test_other_folder_has_no_default(self):
        for cwd in (os.path.dirname(self.here), self.sandbox.folder("project/below")):
            error = self.error(self.ctl_here("probe", "--json", cwd=cwd), "invalid_argument", 2)
            self.assertIn("name a workspace", error["message"])

    def test_two_workspaces_of_one_folder_are_named(self):
        self.sandbox.workspace("there", f'workdir = "{self.here}"\n')
        error = self.error(self.ctl_here("probe", "--json"), "invalid_argument", 2)
        self.assertIn("'here', 'there'", error["message"])

    def test_commands_with_a_meaning_of_their_own(self):
        scopes = self.json(self.ctl_here("status", "--json"))["scopes"]
        self.assertEqual([one["scope"] for one in scopes], ["global", "demo", "here"])
        self.assertIn("daemon", self.json(self.ctl_here("doctor", "--offline", "--json"), 3))

    def test_setup_launch_and_revoke(self):
        path = self.sandbox.private_file("home/mine.token", self.token)
        report = self.json(self.ctl_here("setup", "--reuse", f"file:{path}", "--json"))
        self.assertEqual(report["scope"], "here")
        done = self.done(self.sandbox.run("jackin-hook", "exec", "--quiet", "--", "sh", "-c",
                                          'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"', cwd=self.here))
        self.assertEqual((done.stdout, done.stderr), (self.token, ""))
        before = self.snapshot()
        error = self.error(self.ctl_here("revoke", "--json"), "needs_confirmation", 2)
        self.assertIn("'here'", error["message"])
        self.assertEqual(self.snapshot(), before)
        self.assertIs(self.json(self.ctl_here("revoke", "--yes", "--json"))["cleared"], True)


class FailedSetup(EndToEnd):
    """A failure before the capture leaves configuration and store unchanged, byte for byte."""

    def fails(self, mode, code=1):
        self.mode(mode)
        before = self.snapshot()
        terminal = self.setup_in_terminal()
        self.assertEqual(terminal.wait(), code, terminal.text)
        self.assertIn("error:", terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(terminal.before, terminal.after)
        self.assertEqual(self.operations(), [])
        return terminal

    def operations(self):
        return self.daemon_status()["operations"]

    def test_refused_consent(self):
        self.fails("refuse")

    def test_claude_is_killed(self):
        self.fails("vanish")

    def test_garbage_output(self):
        self.fails("garbage")

    def test_disguised_token_is_shown_logged_and_stored_nowhere(self):
        for mode in ("spaced", "grouped", "full_width"):
            with self.subTest(mode=mode):
                terminal = self.fails(mode)
                for text in (terminal.text, self.sandbox.log()):
                    squeezed = re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", text).lower())
                    body = re.sub(r"[^a-z0-9]", "", self.token[13:].lower())
                    self.assertEqual([body[at:at + 8] for at in range(len(body) - 7) if body[at:at + 8] in squeezed], [])
                self.assert_token_only_in()

    def test_combining_marks_do_not_change_the_token(self):
        for mode in ("combining", "zero_width"):
            with self.subTest(mode=mode):
                self.sandbox.workspace(mode)
                self.mode(mode)
                terminal = self.set_up(mode, "--store", "file")
                self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
        self.assertEqual({open(path, "rb").read() for path in self.stored()}, {self.token.encode()})

    def test_unknown_screen_is_read(self):
        self.mode("changed_screen")
        self.set_up()
        self.assertEqual(open(self.stored()[0], "rb").read(), self.token.encode())

    def test_claude_missing(self):
        os.unlink(os.path.join(self.sandbox.bin, "claude"))
        error = self.error(self.ctl("setup", "demo", "--store", "file", "--format", "json"), "program_missing")
        self.assertTrue(error["remedy"])

    def test_ctrl_c_cancels(self):
        self.mode("silent")
        before = self.snapshot()
        terminal = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect("(?i)mint|consent|claude")
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(terminal.before, terminal.after)

    def test_endless_output_delays_no_other(self):
        self.mode("flood")
        before = self.snapshot()
        terminal = self.setup_in_terminal()
        terminal.expect("\u2022{50}")
        for _ in range(20):
            self.done(self.hook("probe", "demo"))
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(terminal.before, terminal.after)

    def test_client_killed_before_the_capture(self):
        self.mode("silent")
        before = self.snapshot()
        terminal = self.setup_in_terminal("demo", "--store", "file", "--no-browser")
        terminal.expect("(?i)mint|consent|claude")
        terminal.kill(signal.SIGKILL)
        terminal.wait()
        # Its end undoes the operation before the next operation of the scope starts.
        for _ in range(200):
            if not self.operations():
                break
        self.assertEqual(self.snapshot(), before)
        # The next setup of the scope can start: the lease of the first one ended with its client.
        self.mode("")
        for _ in range(200):
            again = self.setup_in_terminal()
            if again.wait() != 6:
                break
        self.assertEqual(again.code, 0, again.text)
        self.assertEqual(len(self.stored()), 1)
        self.assertNotEqual(self.snapshot(), before)

    def test_signals_to_the_client_leave_the_terminal_usable(self):
        # A signal that the client cannot catch leaves the terminal to the shell.
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGQUIT):
            with self.subTest(signal=number.name):
                self.mode("silent")
                shell = self.sandbox.terminal("/bin/bash", "--norc", "--noprofile", "-i")
                self.addCleanup(shell.kill)
                shell.send(self.sandbox.program("jackinctl") + " setup demo --store file --no-browser\n")
                shell.expect("(?i)consent|claude 2")
                shell.wait_until_raw()
                with open(f"/proc/{shell.process.pid}/task/{shell.process.pid}/children", encoding="ascii") as children:
                    client, = map(int, children.read().split())
                gone = os.pidfd_open(client)
                os.kill(client, number)
                select.select([gone], [], [], 30)
                os.close(gone)
                shell.send("stty -a; echo done-$((40 + 2))\n")
                shell.expect("done-42")
                modes = shell.text.split("speed")[-1].split()
                for mode in ("icanon", "echo", "isig", "icrnl"):
                    self.assertIn(mode, modes)
                for _ in range(200):
                    if not self.operations():
                        break


class OtherClients(EndToEnd):
    """An operation that another client began is seen, followed and cancelled."""

    def operations(self):
        return self.json(self.ctl("operations", "--format", "json"))["operations"]

    def test_forgotten_mint_is_cancelled_elsewhere(self):
        before = self.snapshot()
        terminal = self.in_terminal("setup", "demo", "--store", "file", browser="false")
        terminal.expect("Paste code here")
        running, = self.operations()
        self.assertEqual((running["kind"], running["scope"], running["step"], running["waits_for"]),
                         ("setup", "demo", "mint", "consent"))
        self.assertEqual(running["started_by"], {"pid": terminal.process.pid, "command": "jackinctl"})
        self.assertNotIn("outcome", running)
        done = self.done(self.ctl("operations", "cancel", running["id"][:6]))
        self.assertEqual(done.stdout, "setup of demo: cancelled\n")
        self.assertEqual(terminal.wait(), 5, terminal.text)
        self.assertEqual(self.snapshot(), before)
        ended, = self.operations()
        self.assertEqual((ended["id"], ended["outcome"], ended["error"]["reason"]),
                         (running["id"], "failed", "cancelled"))
        self.error(self.ctl("operations", "cancel", running["id"], "--format", "json"), "unknown_operation")

    def test_watch_follows_a_setup_to_its_report(self):
        self.assertEqual(self.operations(), [])
        log = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f", columns=200)
        watch = self.begin("jackinctl", "operations", "watch", "--format", "json")
        log.expect("Operations.Watch by")
        self.set_up()
        seen = []
        for line in watch.stdout:
            seen.append(json.loads(line))
            if "outcome" in seen[-1]:
                break
        self.assertEqual({one["scope"] for one in seen}, {"demo"})
        self.assertEqual(seen[-1]["outcome"], "done")
        self.assertIn("record", [one.get("step") for one in seen])
        self.assertEqual(pieces_in(json.dumps(seen), self.token, 6), [])


class Adoption(EndToEnd):
    def test_file(self):
        path = self.sandbox.private_file("home/mine.token", self.token + "\n")
        report = self.json(self.ctl("setup", "demo", "--reuse", f"file:{path}", "--format", "json"))
        self.assertEqual(report["store"], "file")
        self.assertIs(report["created"], False)
        self.assertNotIn("expires_on", report)
        self.assertEqual(self.stored(), [])
        self.assertEqual(self.probe()["verdict"], "ok")

    def test_file_readable_by_others_is_refused(self):
        path = self.sandbox.path("home", "mine.token")
        with open(path, "w", encoding="ascii") as out:
            out.write(self.token)
        os.chmod(path, 0o644)
        before = self.snapshot()
        error = self.error(self.ctl("setup", "demo", "--reuse", f"file:{path}", "--format", "json"), "source_denied")
        self.assertIn("chmod 600", error["remedy"])
        self.assertEqual(self.snapshot(), before)

    def test_command(self):
        program = self.sandbox.private_file("bin/give-token", f"#!/bin/sh\ncat {self.token_file}\n", 0o700)
        self.json(self.ctl("setup", "demo", "--reuse", f"command:{program}", "--format", "json"))
        self.assertIn("command = [", self.text())

    def test_malformed_token_is_refused(self):
        path = self.sandbox.private_file("home/mine.token", self.token[:79])
        before = self.snapshot()
        completed = self.ctl("setup", "demo", "--reuse", f"file:{path}", "--format", "json")
        self.error(completed, "token_malformed")
        self.assertEqual(pieces_in(completed.stderr, self.token, 6), [])
        self.assertEqual(self.snapshot(), before)


class Launch(EndToEnd):
    PROGRAM = "jackin-hook"

    def hook(self, *arguments, **options):
        return self.sandbox.run(self.PROGRAM, *arguments, **options)

    def setUp(self):
        super().setUp()
        self.set_up()

    def test_command_gets_the_token(self):
        for via in ("env", "fd"):
            with self.subTest(via=via):
                done = self.done(self.hook("exec", "demo", "--via", via, "--", "claude", "-p", "ping",
                                           environment={"ANTHROPIC_BASE_URL": self.api.url}))
                self.assertEqual(done.stdout.strip(), "PONG")
                self.assertEqual(self.api.bearers("/v1/messages"), [self.token])
                self.assertRegex(done.stderr, r"claude auth: oauth_token from .* · expires in 365 days")
                self.api.requests.clear()

    def test_pipe_keeps_the_token_out_of_the_environment(self):
        done = self.done(self.hook("exec", "demo", "--via", "fd", "--quiet", "--", "/bin/sh", "-c",
                                   'tr "\\0" "\\n" </proc/self/environ; eval "cat <&$CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"'))
        environment, _, token = done.stdout.rpartition("\n")
        self.assertEqual(token, self.token)
        self.assertEqual(pieces_in(environment, self.token, 12), [])
        self.assertEqual(done.stderr, "")

    def test_external_slot_sets_the_variable_that_jackin_reads(self):
        self.sandbox.settings('[slot]\nstyle = "external"\n')
        self.done(self.ctl("daemon", "restart"))
        self.assertIn("oauth_token = {", self.text())
        token = self.mint_next()
        terminal = self.run_in_terminal("rotate", "demo", "--yes")
        self.assertIn("jackin-hook exec demo -- jackin load", terminal.text)
        self.assertIn('CLAUDE_CODE_OAUTH_TOKEN = "$JACKIND_TOKEN_demo"', self.text())
        self.assertNotIn("oauth_token =", self.text().replace('auth_forward = "oauth_token"', ""))
        shown = 'printf "%s %s" "$CLAUDE_CODE_OAUTH_TOKEN" "$JACKIND_TOKEN_demo"'
        done = self.done(self.hook("exec", "demo", "--quiet", "--", "sh", "-c", shown,
                                   environment={"JACKIND_TOKEN_other": "inherited"}))
        self.assertEqual(done.stdout, f"{token} {token}")

    def test_variable_of_the_launch(self):
        self.sandbox.workspace("mine", 'workdir = "/w"\n[claude]\nauth_forward = "oauth_token"\n[env]\n'
                                       'CLAUDE_CODE_OAUTH_TOKEN = "$MY_TOKEN"\n')
        done = self.done(self.hook("exec", "mine", "--quiet", "--", "sh", "-c", 'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"',
                                   environment={"MY_TOKEN": self.token}))
        self.assertEqual(done.stdout, self.token)
        failed = self.hook("exec", "mine", "--quiet", "--", "true")
        self.assertEqual(failed.code, 125)
        self.assertIn("the variable MY_TOKEN is not set in the environment of the launch", failed.stderr)

    def test_provisioned_files(self):
        folder = self.sandbox.path("mounted")
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "credentials.json"), "w", encoding="ascii") as out:
            out.write("{}")
        self.done(self.hook("exec", "demo", "--provision", folder, "--", "/bin/true"))
        account = os.path.join(folder, "account.json")
        self.assertEqual(self.text(account), '{"hasCompletedOnboarding":true}')
        self.assertEqual(stat.S_IMODE(os.stat(account).st_mode), 0o600)
        self.assertEqual(os.listdir(folder), ["account.json"])
        before = os.stat(account)
        self.done(self.hook("exec", "demo", "--provision", folder, "--", "/bin/true"))
        self.assertEqual((os.stat(account).st_ino, os.stat(account).st_mtime_ns), (before.st_ino, before.st_mtime_ns))

    def test_large_login_is_passed_on_completely(self):
        with open(self.demo, "w", encoding="utf-8") as out:
            out.write('workdir = "/w"\n[claude]\nauth_forward = "sync"\n')
        account = json.dumps({"projects": {f"/p/{n}": {"history": ["x" * 1000]} for n in range(10 * 1024)}})
        self.assertGreater(len(account), 10 * 1024 * 1024)
        login = json.dumps({"claudeAiOauth": {"accessToken": new_token()}})
        os.makedirs(os.path.join(self.sandbox.home, ".claude"), exist_ok=True)
        for name, text in ((".claude.json", account), (".claude/.credentials.json", login)):
            with open(os.path.join(self.sandbox.home, name), "w", encoding="ascii") as out:
                out.write(text)
        folder = self.sandbox.path("provisioned")
        os.mkdir(folder)
        self.done(self.hook("exec", "demo", "--provision", folder, "--", "/bin/true"))
        self.assertEqual(self.text(os.path.join(folder, "account.json")), account)
        self.assertEqual(self.text(os.path.join(folder, "credentials.json")), login)

    def test_provisioning_where_docker_made_a_folder(self):
        folder = self.sandbox.path("mounted")
        # As docker does for a file that it is to mount and cannot find.
        os.makedirs(os.path.join(folder, "credentials.json"))
        self.done(self.hook("exec", "demo", "--provision", folder, "--", "/bin/true"))
        self.assertEqual(os.listdir(folder), ["account.json"])
        made = os.path.join(folder, "credentials.json")
        os.makedirs(os.path.join(made, "precious"))
        done = self.done(self.hook("exec", "demo", "--provision", folder, "--", "/bin/true"), 125)
        self.assertIn(f"{made} is a folder, not a file", done.stderr)
        self.assertIn(f"try: mv {made} {made}.old", done.stderr)
        self.assertEqual(os.listdir(made), ["precious"])

    def test_provisioning_follows_no_link(self):
        folder = self.sandbox.path("mounted")
        os.mkdir(folder, 0o700)
        target = self.sandbox.path("target")
        with open(target, "w", encoding="ascii") as out:
            out.write("precious")
        os.symlink(target, os.path.join(folder, "account.json"))
        done = self.hook("exec", "demo", "--provision", folder, "--", "/bin/true")
        self.assertIn(done.code, (0, 125))
        self.assertEqual(self.text(target), "precious")

    def test_exit_codes(self):
        self.assertEqual(self.hook("exec", "demo", "--", "/bin/sh", "-c", "exit 7").code, 7)
        self.assertEqual(self.hook("exec", "demo", "--", "no-such-program").code, 127)
        self.assertEqual(self.hook("exec", "demo", "--", self.demo).code, 126)
        self.assertEqual(self.hook("exec", "nowhere", "--", "/bin/true").code, 125)
        os.unlink(self.stored()[0])
        self.assertEqual(self.hook("exec", "demo", "--", "/bin/true").code, 125)
        self.assertEqual(self.hook("probe", "demo").code, 3)

    def test_other_mode_injects_nothing(self):
        self.sandbox.workspace("other", 'workdir = "/w"\n[claude]\nauth_forward = "ignore"\n')
        done = self.done(self.hook("exec", "other", "--", "/usr/bin/env",
                                   environment={"CLAUDE_CODE_OAUTH_TOKEN": "inherited",
                                                "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": "9"}))
        self.assertNotIn("CLAUDE_CODE_OAUTH_TOKEN", done.stdout)

    def test_env_on_a_descriptor(self):
        reader, writer = os.pipe()
        self.done(self.hook("env", "demo", "--fd", str(writer), pass_fds=(writer,)))
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            self.assertEqual(file.read(), f"CLAUDE_CODE_OAUTH_TOKEN={self.token}\0".encode())

    @unittest.skipUnless(sys.platform == "linux", "reads the limits of a process in /proc")
    def test_process_with_the_token_dumps_no_core(self):
        before = resource.getrlimit(resource.RLIMIT_CORE)
        if before[1] == 0:
            self.skipTest("no process here dumps a core")
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        process, writer, finish = self.begin_waiting_for_the_reader(
            # AddressSanitizer forbids core dumps by itself.
            environment={"ASAN_OPTIONS": "disable_coredump=0"})
        end = time.monotonic() + LIMIT
        limits = ""
        while not re.search(r"Max core file size\s+0\s", limits):
            self.assertLess(time.monotonic(), end, limits)
            with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
                limits = file.read()
        finish()

    def begin_waiting_for_the_reader(self, **options):
        """Starts `env` on a full pipe: the process waits for the reader, and holds the token. Returns the process, its
        descriptor, and a function that reads the pipe and checks what came."""
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        filler = b"x" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
        os.write(writer, filler)
        process = self.begin(self.PROGRAM, "env", "demo", "--fd", str(writer), pass_fds=(writer,), **options)
        os.close(writer)

        def finish():
            with os.fdopen(reader, "rb") as file:
                self.assertEqual(file.read().removeprefix(filler), f"CLAUDE_CODE_OAUTH_TOKEN={self.token}\0".encode())
            self.assertEqual(process.wait(LIMIT), 0)

        return process, writer, finish

    @unittest.skipUnless(sys.platform == "linux" and os.geteuid() == 0, "root reads the memory of a process in /proc")
    def test_token_is_in_locked_memory_only(self):
        if is_sanitized():
            self.skipTest("with a sanitizer no freed memory is wiped")
        process, writer, finish = self.begin_waiting_for_the_reader()
        end = time.monotonic() + LIMIT
        # The number of the call, its arguments (proc(5)): it writes to the pipe.
        call = []
        while call[1:2] != [hex(writer)] or call[3:4] != [hex(len(f"CLAUDE_CODE_OAUTH_TOKEN={self.token}") + 1)]:
            self.assertLess(time.monotonic(), end, call)
            with open(f"/proc/{process.pid}/syscall", encoding="ascii") as file:
                call = file.read().split()
        locked, elsewhere = mappings_with(process.pid, self.token)
        finish()
        self.assertNotEqual(locked, [], "the token is not found where it has to be")
        self.assertEqual(elsewhere, [])

    def test_api_key_beside_the_token_warns(self):
        done = self.done(self.hook("exec", "demo", "--", "/bin/true", environment={"ANTHROPIC_API_KEY": "sk-ant-api03-x"}))
        self.assertIn("ANTHROPIC_API_KEY", done.stderr)
        done = self.done(self.hook("exec", "demo", "--", "/bin/true", environment={"CLAUDE_CODE_USE_BEDROCK": "1"}))
        self.assertIn("CLAUDE_CODE_USE_BEDROCK is set", done.stderr)
        done = self.done(self.hook("exec", "demo", "--", "/bin/true", environment={"CLAUDE_CODE_USE_BEDROCK": "0"}))
        self.assertNotIn("CLAUDE_CODE_USE_BEDROCK", done.stderr)

    def test_settings_that_claude_prefers_warn(self):
        settings = os.path.join(self.sandbox.folder("home/.claude"), "settings.json")
        with open(settings, "w", encoding="ascii") as out:
            out.write('{"apiKeyHelper": "/bin/helper"}')
        said = f"warning: apiKeyHelper in {settings} is set; claude prefers it to the token\n"
        launched = self.hook("exec", "demo", "--", "claude", "-p", "ping", environment={"ANTHROPIC_BASE_URL": self.api.url})
        self.assertIn(said, self.done(launched).stderr)
        self.assertNotIn("apiKeyHelper", self.done(self.hook("exec", "demo", "--", "/bin/true")).stderr)

    def test_unknown_role_warns(self):
        done = self.done(self.hook("exec", "demo", "--role", "typo", "--", "/bin/true"))
        self.assertRegex(done.stderr, "warning: no role 'typo' in .*/demo.toml or config.toml; the token of 'demo' is used")
        self.assertNotIn("api03-x", done.stderr)


class LaunchByJackinctl(Launch):
    """`exec` and `env` of jackinctl do the same."""

    PROGRAM = "jackinctl"


class HealthCommands(EndToEnd):
    KEYS = {"scope", "decision", "verdict", "mode", "source", "summary", "fingerprint", "expires_on", "days_left",
            "checked_at", "fresh"}

    def test_probe(self):
        self.set_up()
        answer = self.probe()
        self.assertEqual(set(answer) - {"remedy"}, self.KEYS)
        self.assertEqual((answer["decision"], answer["verdict"], answer["mode"], answer["fresh"]),
                         ("allow", "ok", "oauth_token", True))

    def test_probe_after_restart_is_the_same(self):
        self.set_up()
        before = self.probe()
        self.done(self.ctl("daemon", "restart"))
        self.assertEqual(self.probe(), before)

    def test_edited_file_makes_the_probe_stale(self):
        self.set_up()
        other = self.sandbox.private_file("home/other.token", self.token)
        with open(self.demo, encoding="utf-8") as file:
            text = file.read()
        with open(self.demo, "w", encoding="utf-8") as out:
            out.write(text.replace(text[text.index("{ file"):text.index("}") + 1], f'{{ file = "{other}" }}'))
        answer = self.probe()
        self.assertEqual((answer["verdict"], answer["fresh"]), ("unchecked", False))

    def test_doctor(self):
        self.set_up()
        report = self.json(self.ctl("doctor", "demo", "--format", "json"))
        self.assertEqual((report["decision"], report["verdict"]), ("allow", "ok"))
        os.chmod(self.stored()[0], 0o640)
        report = self.json(self.ctl("doctor", "demo", "--format", "json"), 3)
        self.assertEqual((report["decision"], report["verdict"]), ("block", "denied"))
        self.assertIn("chmod 600", json.dumps(report))
        os.unlink(self.stored()[0])
        report = self.json(self.ctl("doctor", "demo", "--format", "json"), 3)
        self.assertEqual(report["verdict"], "gone")
        whole = self.json(self.ctl("doctor", "--format", "json"), 3)
        self.assertLessEqual({"daemon", "programs", "stores", "leftovers", "scopes"}, set(whole))

    def test_show(self):
        self.set_up()
        self.begin_holder()
        shown = self.json(self.ctl("show", "demo", "--format", "json"))
        self.assertEqual(set(shown) - {"remedy"}, self.KEYS | {
            "owner", "created_by_jackind", "expiry_estimated", "recorded_at", "slot_file", "shared_with", "findings", "history",
            "holders", "operations"})
        self.assertEqual((shown["verdict"], shown["owner"], shown["created_by_jackind"]), ("ok", "demo", True))
        self.assertEqual([holder["command"] for holder in shown["holders"]], ["sh"])
        self.assertEqual([entry["verdict"] for entry in shown["history"]], ["ok"])
        self.assertEqual([operation["kind"] for operation in shown["operations"]], ["setup"])
        text = self.done(self.ctl("show", "demo")).stdout
        self.assertIn("created by    jackind\n", text)
        self.assertEqual(pieces_in(text + json.dumps(shown), self.token, 6), [])
        self.error(self.ctl("show", "nowhere", "--format", "json"), "unknown_workspace")

    def test_status(self):
        self.set_up()
        self.sandbox.workspace("other")
        scopes = {entry["scope"]: entry for entry in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertLessEqual({"demo", "other"}, set(scopes))
        self.assertEqual(scopes["demo"]["verdict"], "ok")
        self.assertEqual(scopes["other"]["verdict"], "not_managed")
        self.assertIn("demo", self.done(self.ctl("status")).stdout)


class DaemonCommands(EndToEnd):
    def test_status_and_stop_start_no_daemon(self):
        self.assertEqual(self.ctl("daemon", "status").code, 4)
        self.assertEqual(self.ctl("daemon", "stop").code, 4)
        self.assertFalse(os.path.exists(self.sandbox.runtime_dir))

    def test_start_status_restart_stop(self):
        self.done(self.ctl("daemon", "start"))
        status = self.daemon_status()
        self.assertEqual(set(status), {"pid", "version", "protocol", "socket", "config_dir", "state_dir", "data_dir", "base_url",
                                       "started_at", "operations"})
        self.done(self.ctl("daemon", "restart"))
        again = self.daemon_status()
        self.assertNotEqual(status["pid"], again["pid"])
        self.done(self.ctl("daemon", "logs"))
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.ctl("daemon", "status").code, 4)
        self.assertTrue(has_ended(again["pid"]))

    def test_logs_follow_ends_with_ctrl_c(self):
        self.done(self.ctl("daemon", "start"))
        terminal = self.sandbox.terminal("jackinctl", "daemon", "logs", "-f")
        terminal.expect("listens on")
        self.done(self.ctl("doctor", "demo", "--offline"))
        terminal.expect("Health.Doctor demo")
        terminal.send(b"\x03")
        self.assertEqual(terminal.wait(), 5, terminal.text)

    def test_log_has_the_fingerprint_and_no_token(self):
        self.set_up()
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        fingerprint = self.probe()["fingerprint"]
        self.assertIn(fingerprint, self.sandbox.log())
        self.assertEqual(pieces_in(self.sandbox.log(), self.token, 6), [])

    def test_process_is_hardened(self):
        self.done(self.ctl("daemon", "start"))
        pid = self.sandbox.daemon_pid()
        with open(f"/proc/{pid}/limits", encoding="ascii") as file:
            self.assertRegex(file.read(), r"Max core file size\s+0\s+0")
        if os.geteuid() == 0:
            self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        else:
            with self.assertRaises(PermissionError):  # only root can read it
                os.readlink(f"/proc/{pid}/cwd")
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            self.assertRegex(file.read(), r"Umask:\s+0077")


def has_ended(pid):
    """It has ended, even when its parent has not reaped it yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


if __name__ == "__main__":
    unittest.main(verbosity=2)
