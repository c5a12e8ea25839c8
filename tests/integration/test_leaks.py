# SPDX-License-Identifier: Apache-2.0
"""Outputs that must not show a token or a code: programs under every debug switch of gRPC, and texts from outside that
contain a token in any form."""

import base64
import contextlib
import json
import os
import re
import subprocess
import threading
import unittest

from support import LIMIT, EndToEnd, build_dir, enter_code, pieces_in

# The switches that gRPC 1.51 reads (its doc/environment_variables.md and its sources), set to the most verbose value;
# and those of gRPC for Go, in which a launched program may be written.
SWITCHES = {
    "GRPC_VERBOSITY": "DEBUG",
    "GRPC_TRACE": "all",
    "GRPC_STACKTRACE_MINLOGLEVEL": "DEBUG",
    "GRPC_EXPERIMENTS": "no_such_experiment",
    "GRPC_POLL_STRATEGY": "poll",
    "GRPC_DNS_RESOLVER": "no_such_resolver",
    "GRPC_ENABLE_FORK_SUPPORT": "1",
    "GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS": "no number",
    "GRPC_ABORT_ON_LEAKS": "1",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "/nowhere",
    "GRPC_NOT_USE_SYSTEM_SSL_ROOTS": "1",
    "GRPC_SSL_CIPHER_SUITES": "none",
    "GRPC_ALTS_MAX_CONCURRENT_HANDSHAKES": "1",
    "GRPC_EXPERIMENTAL_XDS_CUSTOM_LB_CONFIG": "true",
    "GRPC_EXPERIMENTAL_XDS_FEDERATION": "true",
    "GRPC_EXPERIMENTAL_XDS_RLS_LB": "true",
    "GRPC_XDS_BOOTSTRAP": "/nowhere",
    "GRPC_XDS_BOOTSTRAP_CONFIG": "{",
    "GRPC_PROXY_EXP": "127.0.0.1:1",
    "GRPC_GO_LOG_SEVERITY_LEVEL": "info",
    "GRPC_GO_LOG_VERBOSITY_LEVEL": "99",
}
# Combinations that users type.
SETTINGS = [{name: value} for name, value in SWITCHES.items()]
SETTINGS += [{"GRPC_VERBOSITY": level, "GRPC_TRACE": tracers, "GRPC_STACKTRACE_MINLOGLEVEL": level}
             for level in ("DEBUG", "ERROR") for tracers in ("tcp", "http", "api,op_failure", "list_tracers")]
SETTINGS += [SWITCHES]


class DebugSwitches(EndToEnd):
    CODE = "ThePastedCode0123456789abcdefXyz"

    def silent(self, completed, code=0):
        """Its stdout; its stderr is empty."""
        self.assertEqual(completed.stderr, "", completed)
        return self.done(completed, code).stdout

    @contextlib.contextmanager
    def daemon_under(self, settings):
        """A daemon with the settings; it ends with the block, and shows nothing of gRPC or of a secret."""
        daemon = self.sandbox.start("jackind", "--foreground", environment=settings, stderr=subprocess.STDOUT)
        said = []
        listens = threading.Event()

        def read():
            for line in daemon.stdout:
                said.append(line)
                if "listens on" in line:
                    listens.set()

        reader = threading.Thread(target=read)
        reader.start()
        self.assertTrue(listens.wait(LIMIT), said)
        yield
        self.silent(self.ctl("daemon", "stop", environment=settings))
        self.assertEqual(daemon.wait(LIMIT), 0)
        reader.join(LIMIT)
        daemon.stdout.close()
        self.assert_shows_nothing("".join(said))

    def assert_shows_nothing(self, text):
        self.assertEqual(pieces_in(text, self.token, 6) + pieces_in(text, self.CODE, 6), [])
        self.assertNotRegex(text, r"grpc|chttp2|\.cc:\d")

    def set_up_under(self, settings):
        setup = self.sandbox.start("jackinctl", "setup", "demo", "--store", "file", stdin=subprocess.PIPE,
                                   environment=settings)
        first = enter_code(setup, self.CODE)
        stdout, stderr = setup.communicate(timeout=LIMIT)
        self.assertEqual(setup.returncode, 0, stderr)
        self.assert_shows_nothing(first + stdout + stderr)

    def test_no_program_prints_output_of_grpc(self):
        relay = os.path.join(build_dir(), "libexec", "jackin", "jackin-relay")
        with self.daemon_under(SWITCHES):
            self.set_up_under(SWITCHES)
            for settings in SETTINGS:
                with self.subTest(settings=settings):
                    # The command gets the variables unchanged; only the command writes output.
                    name, value = list(settings.items())[-1]
                    launched = self.hook("exec", "demo", "--quiet", "--", "sh", "-c", f'printf %s "${name}"',
                                         environment=settings)
                    self.assertEqual(self.silent(launched), value)
                    launched = self.ctl("exec", "demo", "--quiet", "--", "sh", "-c", f'printf %s "${name}"',
                                        environment=settings)
                    self.assertEqual(self.silent(launched), value)
                    self.silent(self.hook("probe", "demo", environment=settings))
                    self.silent(self.sandbox.run(relay, f"https://claude.ai/oauth/authorize?code={self.CODE}",
                                                 environment={
                        **settings, "JACKIN_RELAY_NONCE": self.CODE,
                        "JACKIN_RELAY_SOCKET": os.path.join(self.sandbox.runtime_dir, "jackind.sock")}), code=1)
                    for command in (("probe", "demo"), ("doctor", "demo", "--offline"), ("status",), ("daemon", "status")):
                        self.assert_shows_nothing(self.silent(self.ctl(*command, environment=settings)))
            self.assert_shows_nothing(self.silent(self.ctl("doctor", "demo", environment=SWITCHES)))
        self.assert_token_only_in(*self.stored())

    def test_neither_daemon_nor_setup_prints_output_of_grpc_under_one_switch(self):
        for name, value in SWITCHES.items():
            settings = {name: value}
            with self.subTest(settings=settings), self.daemon_under(settings):
                self.set_up_under(settings)
                revoked = self.done(self.ctl("revoke", "demo", "--delete-item", "--yes", environment=settings))
                self.assert_shows_nothing(revoked.stdout + revoked.stderr)


def forms_of(token):
    """The token in the forms in which a program may return it, by name. The unit tests cover all forms
    (tests/support/token_forms)."""
    body = token.removeprefix("sk-ant-oat01-")
    raw = body.encode()
    return {
        "plain": token, "body": body, "upper": token.upper(),
        "percent": "".join(f"%{c:02X}" for c in raw), "twice": "".join(f"%25{c:02x}" for c in raw),
        "c": "".join(f"\\x{c:02x}" for c in raw), "json": "".join(f"\\u00{c:02x}" for c in raw),
        "entities": "".join(f"&#{c};" for c in raw),
        **{f"base64 {skip}": base64.b64encode(b"x" * skip + token.encode()).decode() for skip in range(3)},
        "hex": raw.hex(), "quoted": f'"{body}"', "wrapped": "\n".join(body[at:at + 30] for at in range(0, len(body), 30)),
        "spaced": " ".join(body), "full-width": "".join(chr(ord(c) + 0xfee0) for c in body), "piece": body[30:46],
    }


def squeezed(text):
    return re.sub(r"[^a-z0-9]", "", "".join(chr(ord(c) - 0xfee0) if 0xff01 <= ord(c) <= 0xff5e else c for c in text).lower())


class OutsideTexts(EndToEnd):
    def assert_shows_none(self, text, name, form):
        """`text` contains no 12 characters of that form, however they are split."""
        text, form = squeezed(text), squeezed(form.removeprefix("sk-ant-oat01-"))
        found = [form[at:at + 12] for at in range(len(form) - 11) if form[at:at + 12] in text]
        self.assertEqual(found, [], name)

    def kept(self):
        """Everything that the daemon keeps outside of the store, as text."""
        text = self.sandbox.log()
        for base, _, names in os.walk(self.sandbox.home):
            for name in names:
                if name.startswith("jackind.db"):
                    with open(os.path.join(base, name), "rb") as file:
                        text += file.read().decode("latin-1")
        return text

    def test_api_error_that_quotes_the_token_is_withheld(self):
        self.set_up()
        forms = forms_of(self.token)
        for name, form in forms.items():
            for status, kind in ((401, "authentication_error"), (403, "permission_error"), (429, "rate_limit_error")):
                body = json.dumps({"type": "error", "error": {"type": kind, "message": f"no: {form}"}}).encode()
                self.api.override = (status, body, {"anthropic-organization-id": self.token[20:80]})
                doctor = self.ctl("doctor", "demo")
                self.assertIn("not shown", doctor.stdout, name)
                self.assert_shows_none(doctor.stdout + doctor.stderr, name, form)
        status = self.ctl("status", "--format", "json")
        for name, form in forms.items():
            self.assert_shows_none(self.kept() + status.stdout, name, form)

    def test_command_that_prints_the_token_is_withheld(self):
        out, err = self.sandbox.path("out"), self.sandbox.path("token-err")
        with open(out, "w", encoding="ascii") as file:
            file.write(self.token + "\n")
        script = f"cat {out}; cat {err} >&2; exit 4"
        self.sandbox.workspace("demo", f'workdir = "/w"\n\n[claude]\nauth_forward = "oauth_token"\n'
                                       f'oauth_token = {{ command = ["/bin/sh", "-c", "{script}"] }}\n')
        forms = forms_of(self.token)
        for name, form in forms.items():
            with open(err, "w", encoding="utf-8") as file:
                file.write("no: " + form)
            for program, *arguments in (("jackinctl", "doctor", "demo"), ("jackin-hook", "exec", "demo", "--", "true"),
                                        ("jackinctl", "exec", "demo", "--", "true"), ("jackinctl", "show", "demo")):
                done = self.sandbox.run(program, *arguments)
                self.assertIn("not shown", done.stdout + done.stderr, name)
                self.assert_shows_none(done.stdout + done.stderr, name, form)
        for name, form in forms.items():
            self.assert_shows_none(self.kept(), name, form)

    def test_command_with_a_credential_in_its_arguments_is_hidden(self):
        secret = "hvs.CAESIJq3vzbcg7sxc5rmbyh5xs"
        self.sandbox.workspace("demo", 'workdir = "/w"\n')
        self.done(self.ctl("setup", "demo", "--reuse", f"command:/bin/sh -c 'cat {self.token_file} # {secret}'"))
        doctor = self.json(self.ctl("doctor", "demo", "--format", "json"))
        self.assertIn("credential_in_command", [finding["code"] for finding in doctor["findings"]])
        self.assertNotIn(secret, json.dumps(doctor))
        self.assertNotIn(secret, self.kept())
        # The records about the token are found by the digest.
        self.assertEqual(self.probe()["decision"], "allow")
        self.done(self.ctl("revoke", "demo", "--yes"))
        self.assertNotIn(secret, self.kept())


def arguments_of(program, *command):
    """Every command of a program with one list of arguments for each argument that takes a text, from the help texts.
    TOKEN stands for the text."""
    shown = subprocess.run([os.path.join(build_dir(), "bin", program), *command, "--help"], capture_output=True, text=True,
                           timeout=LIMIT, env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}, check=True).stdout
    below = re.findall(r"^  ([a-z][\w-]*)  ", shown.partition("\nSubcommands:\n")[2], re.M)
    for name in below:
        yield from arguments_of(program, *command, name)
    if below:
        return
    if "\nPositionals:\n" in shown:
        yield [*command, "TOKEN"]
    for option in re.findall(r"^  (?:-\w,)?(--[\w-]+) [A-Za-z]\S*(?:  |$)", shown, re.M):
        yield [*command, option, "TOKEN"]
        yield [*command, f"{option}=TOKEN"]


class TypedTokens(EndToEnd):
    """A token that the user typed or pasted as any argument reaches neither the daemon nor an output."""

    def refused(self, program, arguments, code, **options):
        forms = {"plain": self.token, "in a text": f"x:{self.token}", "spaced": " ".join(self.token)}
        for name, form in forms.items():
            words = [word.replace("TOKEN", form) for word in arguments]
            with self.subTest(program=program, arguments=arguments, form=name):
                done = self.done(self.sandbox.run(program, *words, **options), code)
                self.assertIn("counts as leaked", done.stderr)
                self.assertEqual(pieces_in(done.stdout + done.stderr, self.token, 6), [])
                self.assertNotIn(squeezed(self.token[13:])[:12], squeezed(done.stdout + done.stderr))

    def test_every_argument(self):
        lists = list(arguments_of("jackinctl"))
        for expected in (["setup", "TOKEN"], ["setup", "--vault", "TOKEN"], ["rotate", "--role", "TOKEN"],
                         ["status", "TOKEN"], ["show", "TOKEN"], ["exec", "--provision", "TOKEN"], ["env", "TOKEN"], ["probe", "--max-age=TOKEN"], ["workspace", "claude-token", "doctor", "TOKEN"]):
            self.assertIn(expected, lists)
        for arguments in [["TOKEN"], ["--TOKEN"], ["setup", "demo:TOKEN"], *lists]:
            self.refused("jackinctl", arguments, 125 if arguments[0] == "exec" else 2)
        for arguments in arguments_of("jackin-hook"):
            self.refused("jackin-hook", arguments, 125 if arguments[0] == "exec" else 2)
        for program in ("jackinctl", "jackin-hook"):
            self.refused(program, ["exec", "demo", "--", "TOKEN"], 125)
        for option in ("--log-level", "--config-dir", "--state-dir", "--data-dir", "--runtime-dir", "--home-dir"):
            self.refused("jackind", [option, "TOKEN"], 2)
        # No daemon was started.
        self.assertFalse(os.path.exists(self.sandbox.runtime_dir))
        self.assert_token_only_in()

    def test_variable(self):
        for program, arguments, code in (("jackinctl", ["probe"], 2), ("jackin-hook", ["probe"], 2),
                                         ("jackinctl", ["exec", "--", "true"], 125),
                                         ("jackin-hook", ["exec", "--", "true"], 125)):
            for form in (self.token, " ".join(self.token), "".join(f"\\x{ord(c):02x}" for c in self.token)):
                done = self.done(self.sandbox.run(program, *arguments, environment={"JACKIN_WORKSPACE": form}), code)
                self.assertIn("counts as leaked", done.stderr)
                self.assertEqual(pieces_in(done.stdout + done.stderr, self.token, 6), [])
                self.assertNotIn(squeezed(form)[-24:], squeezed(done.stdout + done.stderr))
        self.assertEqual(pieces_in(self.sandbox.log(), self.token, 6), [])
        self.assert_token_only_in()


if __name__ == "__main__":
    unittest.main()
