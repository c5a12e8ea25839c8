# SPDX-License-Identifier: Apache-2.0
"""Uses the real claude for every step: create a token, store it, write the configuration, probe, launch.

Runs only with JACKIN_CONTRACT=1. The tests assert only the behaviour that claude's users rely on, and no wording of its
screen.
"""

import base64
import json
import os
import re
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from sandbox import (BROWSER, REPOSITORY, RecordingSocket, Sandbox, enter_code, files_with_pieces,  # noqa: E402
                     pieces_in, state_of)
from stand_ins import Api, OAuthEndpoint  # noqa: E402

CLAUDE = os.environ.get("JACKIN_CLAUDE") or os.path.join(REPOSITORY, "build/claude/node_modules/.bin/claude")

SIZES = ((24, 80), (30, 90), (20, 60), (12, 40))
CALLBACK = "https://platform.claude.com/oauth/code/callback"
# 2.1.332 draws a box below the words, and the words do not fit on 12 rows.
PROMPT = r"^ ?Paste code here if prompted >$|^ │ +│$"
PROMPT_WITH_X = r"^ ?Paste code here if prompted > x|^ │ x +│$"
INCOMPLETE = "claude refused the code: Invalid code. Copy the whole code, including what follows #"
# The first release that asks for another code of the same sign-in when a code is incomplete.
FIRST_TO_ASK_AGAIN = (2, 1, 332)

# The first release that states the validity of the created token; 2.1.197 states "1 year" for every token.
FIRST_WITH_LIFETIME = (2, 1, 330)


def version_of_claude():
    said = subprocess.run([CLAUDE, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)\.(\d+) \(Claude Code\)", said).groups())


def has_final_refusal():
    return version_of_claude() < FIRST_TO_ASK_AGAIN


def find_file_with(folder, token):
    return [path for path in files_with_pieces(folder, token, len(token))]


@unittest.skipUnless(os.environ.get("JACKIN_CONTRACT") == "1", "JACKIN_CONTRACT=1 runs the tests with the real claude")
class WithRealClaude(unittest.TestCase):
    """Every test has a sandbox with a workspace `demo`, the real claude, and stand-ins for the services that it uses."""

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(CLAUDE):
            subprocess.run([os.path.join(REPOSITORY, "tests/contract/install-claude"),
                            os.path.join(REPOSITORY, "build/claude")], check=True, stdout=subprocess.DEVNULL)

    def setUp(self):
        self.sandbox = Sandbox(claude=os.path.realpath(CLAUDE))
        self.addCleanup(self.sandbox.close)
        self.oauth = OAuthEndpoint(self.sandbox.path("oauth"))
        self.addCleanup(self.oauth.stop)
        self.token = self.oauth.token
        self.api = Api(valid={self.token})
        self.addCleanup(self.api.stop)
        self.sandbox.environment.update(self.oauth.environment())
        self.sandbox.ask_api_at(self.api.url)
        # These settings are for the claude that the test launches.
        self.sandbox.environment["ANTHROPIC_BASE_URL"] = self.api.url
        self.sandbox.workspace("demo")

    # These conditions hold after every setup, for every way of consent and every terminal width.
    def assert_whole_and_hidden(self, received, printed):
        store = find_file_with(self.sandbox.home, self.token)
        self.assertEqual(len(store), 1, store)
        with open(store[0], "rb") as file:
            self.assertEqual(file.read(), self.token.encode())
        self.assertEqual(stat.S_IMODE(os.stat(store[0]).st_mode), 0o600)
        self.assertEqual(files_with_pieces(self.sandbox.root, self.token, 12,
                                           allowed=(store[0], *self.stand_in_files())), [])
        self.assertEqual(pieces_in(received, self.token, 6), [])
        self.assertEqual(pieces_in(printed, self.token, 6), [])

    def stand_in_files(self):
        return ()


class RealClaude(WithRealClaude):
    def setup_in_terminal(self, columns, consent, resize=None):
        self.sandbox.run("jackinctl", "daemon", "start")
        recorded = RecordingSocket(self.sandbox)
        self.addCleanup(recorded.stop)
        environment = {"JACKIN_RUNTIME_DIR": recorded.runtime_dir, "DISPLAY": ":0",
                       "BROWSER": BROWSER if consent == "browser" else "/bin/true"}
        arguments = ["setup", "demo", "--store", "file"]
        if consent == "code":
            arguments.append("--no-browser")
        terminal = self.sandbox.terminal("jackinctl", *arguments, columns=columns, environment=environment)
        if resize:
            terminal.expect("mint|claude")
            terminal.resize(*resize)
        if consent == "code":
            state = self.state_in(terminal)
            terminal.send(f"anycode#{state}")
            terminal.send("\r")
        self.assertEqual(terminal.wait(), 0, terminal.text)
        return recorded, terminal

    @staticmethod
    def state_in(terminal):
        # The output shows the complete link at least once as one run of characters. The state is 32 bytes in base64url.
        found = terminal.expect(r"https://[^\s\x07]*[?&]state=([A-Za-z0-9_-]{43})")
        return found.group(1)

    def test_browser_at_every_width_captures_the_token(self):
        for columns in (40, 64, 80, 97, 110, 143, 300):
            with self.subTest(columns=columns):
                self.one_setup(columns, "browser")

    def test_code_at_every_width_captures_the_token(self):
        for columns in (40, 64, 80, 97, 110, 143, 300):
            with self.subTest(columns=columns):
                self.one_setup(columns, "code")

    def test_resize_during_setup_captures_the_token(self):
        for before, after in ((143, (40, 64)), (64, (30, 143)), (80, (24, 40))):
            for consent in ("browser", "code"):
                with self.subTest(before=before, after=after, consent=consent):
                    self.one_setup(before, consent, resize=after)

    def test_lifetime_of_claude_is_reported(self):
        tells = version_of_claude() >= FIRST_WITH_LIFETIME
        day = 24 * 3600
        for columns, expires_in, said in ((24, 10 * 3600, "less than a day"), (40, 400 * day, "400 days"),
                                          (64, day, "1 day"), (80, 90 * day, "90 days"), (110, 30 * day, "30 days"),
                                          (300, 365 * day, "365 days")):
            with self.subTest(columns=columns, expires_in=expires_in):
                terminal = self.one_setup(columns, "browser", expires_in=expires_in)
                self.assertIn(f"({said})" if tells else "(365 days, estimated)", terminal.text)

    def test_refused_code_is_reported_in_claudes_words(self):
        self.oauth.status = 400
        refused = "claude refused the code: (Request failed with status code 400|That code wasn't accepted)"
        terminal, state = self.setup_at(24, 80)
        terminal.send(f"anycode#{state}\r")
        self.assertEqual(terminal.wait(5), 1, terminal.text)
        self.assertRegex(terminal.text, refused)
        code, _, stderr = self.setup_with_stdin(lambda state: "anycode#nostate\n")
        self.assertEqual(code, 1, stderr)
        self.assertRegex(stderr, refused)

    def setup_at(self, rows, columns):
        """Starts a setup on a terminal, up to claude's prompt; returns the terminal and the state of the link."""
        terminal = self.sandbox.terminal("jackinctl", "setup", "demo", "--store", "file", "--no-browser", rows=rows,
                                         columns=columns)
        self.addCleanup(terminal.kill)
        state = self.state_in(terminal)
        terminal.expect_on_screen(PROMPT)
        return terminal, state

    def setup_with_stdin(self, text_for):
        """Runs a setup without a terminal. `text_for` is called with the state of the link and returns what comes on
        stdin, which stays open. The end comes within 5 seconds after it."""
        process = self.sandbox.start("jackinctl", "setup", "demo", "--store", "file", "--no-browser", stdin=subprocess.PIPE)
        self.addCleanup(process.kill)
        line = ""
        while not line.startswith("open: "):
            line = process.stderr.readline()
            self.assertNotEqual(line, "", "no link")
        process.stdin.write(text_for(state_of(line.removeprefix("open: ").strip())))
        process.stdin.flush()
        code = process.wait(5)
        return code, *process.communicate()

    def test_link_is_whole_at_every_size(self):
        for rows, columns in SIZES:
            with self.subTest(rows=rows, columns=columns):
                terminal, state = self.setup_at(rows, columns)
                terminal.send("\x07c")
                link = base64.b64decode(terminal.expect_output(rb"\x1b\]52;c;([^\x07]*)\x07").group(1)).decode()
                self.assertTrue(link.startswith("https://"), link)
                self.assertEqual(state_of(link), state)

                def shows_link(screen, link=link):
                    return link in "".join("".join(row) for row in screen.lines)

                terminal.expect_screen(shows_link, "the link is not whole")
                terminal.send("x")
                terminal.expect_on_screen(PROMPT_WITH_X)
                terminal.expect_screen(shows_link, "the link is not whole after a key")
                self.assertNotRegex(terminal.screen.text, "[░█]")
                terminal.send(b"\x03")
                self.assertEqual(terminal.wait(), 5, terminal.text)

    def test_refused_code_ends_at_once_at_every_size(self):
        for rows, columns in SIZES:
            for form in ("\x1b[200~nothing\x1b[201~", "nothing\r"):
                with self.subTest(rows=rows, columns=columns, form=form):
                    terminal, _ = self.setup_at(rows, columns)
                    terminal.send(form)
                    if has_final_refusal():
                        self.assertEqual(terminal.wait(5), 1, terminal.text)
                        self.assertIn(INCOMPLETE, terminal.text)
                    else:
                        terminal.expect_on_screen("That doesn't look like", 5)
                        terminal.send(b"\x03")
                        self.assertEqual(terminal.wait(), 5, terminal.text)

    def test_callback_address_is_taken_at_every_size(self):
        for rows, columns in SIZES:
            with self.subTest(rows=rows, columns=columns):
                self.sandbox.workspace("demo")
                terminal, state = self.setup_at(rows, columns)
                terminal.send(f"\x1b[200~{CALLBACK}?code=anycode&state={state}\x1b[201~")
                self.assertEqual(terminal.wait(5), 0, terminal.text)
                self.assertEqual(pieces_in(terminal.output, self.token, 6), [])
                self.assertNotIn(b"anycode", terminal.output)
        self.assertEqual(self.oauth.exchanges, len(SIZES))

    def test_every_first_line_of_stdin_ends_at_once(self):
        for name, text in (("blank line", "\n \r\nanycode#{}\n"), ("address", CALLBACK + "?code=anycode&state={}\n")):
            with self.subTest(name):
                self.sandbox.workspace("demo")
                code, _, stderr = self.setup_with_stdin(text.format)
                self.assertEqual(code, 0, stderr)
        self.sandbox.workspace("demo")
        code, _, stderr = self.setup_with_stdin(lambda state: "nothing\n")
        self.assertEqual(code, 1, stderr)
        self.assertIn(INCOMPLETE, stderr)

    def test_hook_warns_when_claude_prefers_other_credentials(self):
        self.setup_in_terminal(100, "browser")
        self.api.valid = None
        home = self.sandbox.folder("claude-home/.claude")
        with open(os.path.join(os.path.dirname(home), ".claude.json"), "w", encoding="ascii") as out:
            out.write('{"hasCompletedOnboarding":true}')
        settings = os.path.join(home, "settings.json")
        project = os.path.join(self.sandbox.folder(".claude"), "settings.json")
        helper = '{"apiKeyHelper": "/bin/echo helped"}'
        for environment, file, text in (
                ({}, None, None), ({"ANTHROPIC_API_KEY": "k"}, None, None), ({"ANTHROPIC_API_KEY": ""}, None, None),
                ({"ANTHROPIC_AUTH_TOKEN": "k"}, None, None), ({"CLAUDE_CODE_USE_BEDROCK": "1"}, None, None),
                ({"CLAUDE_CODE_USE_BEDROCK": "0"}, None, None), ({"CLAUDE_CODE_USE_VERTEX": "true"}, None, None),
                ({"CLAUDE_CODE_USE_FOUNDRY": "yes"}, None, None), ({"CLAUDE_CODE_USE_FOUNDRY": "2"}, None, None),
                ({}, settings, helper), ({}, project, helper), ({}, settings, '{"apiKeyHelper": ""}'),
                ({}, settings, '{"env": {"ANTHROPIC_API_KEY": "k"}}'),
                ({"ANTHROPIC_API_KEY": "k"}, project, '{"env": {"ANTHROPIC_API_KEY": ""}}')):
            with self.subTest(environment=environment, file=file, text=text):
                self.api.requests.clear()
                if file:
                    with open(file, "w", encoding="ascii") as out:
                        out.write(text)
                # A claude that cannot reach its cloud provider retries for minutes.
                asks_cloud = any(value in ("1", "true", "yes") for value in environment.values())
                bound = ("timeout", "15") if asks_cloud else ()
                done = self.sandbox.run("jackin-hook", "exec", "demo", "--", *bound, "claude", "-p", "ping",
                                        environment={**environment, "CLAUDE_CONFIG_DIR": home})
                if file:
                    os.unlink(file)
                taken = self.token in self.api.bearers("/v1/messages")
                self.assertEqual("claude prefers it to the token" in done.stderr, not taken, done)

    def one_setup(self, columns, consent, resize=None, expires_in=None):
        self.doCleanups()
        self.setUp()
        if expires_in is not None:
            self.oauth.expires_in = expires_in
        recorded, terminal = self.setup_in_terminal(columns, consent, resize)
        self.assert_whole_and_hidden(recorded.received, terminal.output)
        self.assertEqual(self.oauth.exchanges, 1)
        self.assertEqual(terminal.before, terminal.after, "the terminal's settings are not what they were")
        self.assertRegex(terminal.text, r"fingerprint\s+[0-9a-f]{12}")
        return terminal

    def test_without_a_terminal_reads_the_code_from_stdin(self):
        process = self.sandbox.start("jackinctl", "setup", "demo", "--store", "file", "--format", "json", "--no-browser",
                                     stdin=subprocess.PIPE)
        seen = enter_code(process)
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, seen + stderr)
        report = json.loads(stdout)
        self.assertEqual(report["scope"], "demo")
        self.assertEqual(report["days_left"], 365)
        self.assertRegex(report["fingerprint"], "^[0-9a-f]{12}$")
        self.assertRegex(report["claude_version"], r"^\d+\.\d+\.\d+$")
        self.assert_whole_and_hidden(stdout + stderr, stdout + stderr)

    def test_launched_claude_authenticates_with_the_token(self):
        self.setup_in_terminal(100, "browser")
        folder = self.sandbox.path("provisioned")
        os.makedirs(folder, mode=0o700)
        home = self.sandbox.folder("claude-home")
        for via in ("env", "fd"):
            with self.subTest(via=via):
                self.api.requests.clear()
                done = self.sandbox.run("jackin-hook", "exec", "demo", "--provision", folder, "--via", via, "--",
                                        "/bin/sh", "-c", f'cp {folder}/account.json {home}/.claude.json; '
                                        f'tr "\\0" "\\n" </proc/self/environ >{self.sandbox.path("environ-" + via)}; '
                                        f'HOME={home} exec claude -p ping')
                self.assertEqual(done.code, 0, done)
                self.assertEqual(done.stdout.strip(), "PONG")
                self.assertIn(self.token, self.api.bearers("/v1/messages"))
                self.assertEqual(pieces_in(done.stdout + done.stderr, self.token, 6), [])
                with open(self.sandbox.path("environ-" + via), encoding="utf-8") as file:
                    environ = file.read()
                os.unlink(self.sandbox.path("environ-" + via))
                self.assertEqual(f"CLAUDE_CODE_OAUTH_TOKEN={self.token}" in environ, via == "env")
                self.assertEqual(pieces_in(environ, self.token, 12) == [], via == "fd")

    def test_provisioned_claude_shows_no_login_wizard(self):
        self.setup_in_terminal(100, "browser")
        folder = self.sandbox.folder("provisioned")
        bare = self.sandbox.folder("bare-home")
        wizard = self.first_screen(bare, [])
        self.assertRegex(wizard, r"(?i)login|welcome|text style|let's get started")
        home = self.sandbox.folder("claude-home")
        done = self.sandbox.run("jackin-hook", "exec", "demo", "--provision", folder, "--quiet", "--", "/bin/true")
        self.assertEqual(done.code, 0, done)
        os.rename(os.path.join(folder, "account.json"), os.path.join(home, ".claude.json"))
        screen = self.first_screen(home, ["exec", "demo", "--quiet", "--"])
        self.assertNotRegex(screen, r"(?i)select login method|choose the text style|let's get started")

    # Returns the first screen of claude when it is started interactively with `home`.
    def first_screen(self, home, hook):
        if hook:
            terminal = self.sandbox.terminal("jackin-hook", *hook, "claude", environment={"HOME_FOR_CLAUDE": home,
                                             "JACKIN_CONFIG_DIR": self.sandbox.config_dir, "HOME": home,
                                             "JACKIND_STATE_DIR": self.sandbox.state_dir,
                                             "JACKIND_DATA_DIR": self.sandbox.data_dir})
        else:
            terminal = self.sandbox.terminal(os.path.join(self.sandbox.bin, "claude"), environment={"HOME": home})
        try:
            terminal.expect(r"(?i)login|trust|welcome|help|shortcuts|style")
            return terminal.text
        finally:
            terminal.kill()
            terminal.wait()

    def test_other_mode_injects_nothing(self):
        self.setup_in_terminal(100, "browser")
        self.sandbox.workspace("other", 'workdir = "/w"\n[[mounts]]\nsrc = "/w"\ndst = "/w"\n\n[claude]\nauth_forward = '
                               '"ignore"\n')
        done = self.sandbox.run("jackin-hook", "exec", "other", "--", "/usr/bin/env",
                                environment={"CLAUDE_CODE_OAUTH_TOKEN": "inherited-value"})
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("CLAUDE_CODE_OAUTH_TOKEN", done.stdout)

    @unittest.skipUnless(os.path.exists("/usr/bin/strace"), "strace shows what every exec is given")
    def test_token_is_in_no_argv(self):
        trace = self.sandbox.path("trace")
        # The test starts the daemon under strace, so that strace follows the daemon and all its children.
        daemon = subprocess.Popen(["strace", "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o", trace,
                                   self.sandbox.program("jackind"), "--foreground"], env=self.sandbox.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(daemon.kill)
        for line in daemon.stderr:
            if "listens" in line:
                break
        client_trace = self.sandbox.path("client-trace")
        self.sandbox.environment.update({"DISPLAY": ":0", "BROWSER": BROWSER, "JACKIN_NO_AUTOSTART": "1"})
        setup = self.sandbox.terminal("/usr/bin/strace", "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o",
                                      client_trace, self.sandbox.program("jackinctl"), "setup", "demo", "--store", "file")
        self.assertEqual(setup.wait(), 0, setup.text)
        launch = self.sandbox.run("/usr/bin/strace", "-f", "-qq", "-s", "100000", "-e", "trace=execve", "-o",
                                  client_trace + "-launch", self.sandbox.program("jackin-hook"), "exec", "demo", "--",
                                  "/bin/sh", "-c", "exec claude --version")
        self.assertEqual(launch.code, 0, launch)
        self.sandbox.run("jackinctl", "daemon", "stop")
        daemon.wait(60)
        seen = ""
        for path in (trace, client_trace, client_trace + "-launch"):
            with open(path, encoding="utf-8", errors="replace") as file:
                seen += file.read()
        self.assertRegex(seen, r"execve\(.*setup-token")
        self.assertRegex(seen, r"execve\(.*jackin-relay")
        self.assertEqual(pieces_in(seen, self.token, 12), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
