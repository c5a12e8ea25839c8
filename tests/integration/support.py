# SPDX-License-Identifier: Apache-2.0
"""The shared base of the end-to-end tests: a sandbox with the stand-in for claude, and the API on loopback."""

import contextlib
import faulthandler
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from http2 import Http2, call, request, socket_of  # noqa: E402,F401
from op import Op, credential  # noqa: E402,F401
from sandbox import (BROWSER, LIMIT, REPOSITORY, Sandbox, build_dir, enter_code, fake_claude,  # noqa: E402,F401
                     files_with_pieces, is_sanitized, pieces_in, program_of, state_of)
from stand_ins import Api, TlsApi, new_token  # noqa: E402,F401


class EndToEnd(unittest.TestCase):
    """Every test has a sandbox with a workspace `demo`, a claude that issues `self.token`, and an API that accepts only
    this token."""

    maxDiff = None

    def setUp(self):
        # A test that hangs ends with the stacks of its threads.
        faulthandler.dump_traceback_later(5 * LIMIT, exit=True)
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        self.sandbox = Sandbox(claude=fake_claude())
        self.addCleanup(self.sandbox.close)
        self.token = new_token()
        self.tokens = [self.token]
        self.token_file = self.sandbox.path("token-to-hand-out")
        with open(self.token_file, "w", encoding="ascii") as out:
            out.write(self.token)
        self.api = Api(valid={self.token})
        self.addCleanup(self.api.stop)
        self.claude_settings = {"TOKEN_FILE": self.token_file}
        self.mode("")
        self.sandbox.ask_api_at(self.api.url)
        self.demo = self.sandbox.workspace("demo")

    # --- running ---

    def begin(self, program, *arguments, **options):
        """Starts a program in the background. It is killed after the test if it still runs."""
        process = self.sandbox.start(program, *arguments, **options)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                # What was written to a program that has ended cannot be flushed.
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def begin_holder(self, scope="demo"):
        """Launches a command that runs until its stdin ends."""
        process = self.begin("jackin-hook", "exec", scope, "--quiet", "--", "/bin/sh", "-c", "echo ready; read line",
                             stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def ctl(self, *arguments, **options):
        return self.sandbox.run("jackinctl", *arguments, **options)

    def hook(self, *arguments, **options):
        return self.sandbox.run("jackin-hook", *arguments, **options)

    def done(self, completed, code=0):
        self.assertEqual(completed.code, code, completed)
        return completed

    def json(self, completed, code=0):
        return json.loads(self.done(completed, code).stdout)

    def probe(self, scope="demo", code=0):
        return self.json(self.ctl("probe", scope, "--format", "json"), code)

    def daemon_status(self, **options):
        return self.json(self.ctl("daemon", "status", "--format", "json", **options))

    def error(self, completed, reason, code=1):
        """The error object that a failed command with `--format json` wrote."""
        self.done(completed, code)
        error = json.loads(completed.stderr.strip().splitlines()[-1])["error"]
        self.assertEqual(error["reason"], reason, completed)
        return error

    def mode(self, mode):
        """Sets the behaviour of the stand-in for claude from now on. It reads the mode from its HOME, because the
        daemon passes it no unknown variable."""
        self.claude_settings["MODE"] = mode
        with open(os.path.join(self.sandbox.home, ".fake-claude"), "w", encoding="utf-8") as out:
            out.writelines(f"{name}={value}\n" for name, value in self.claude_settings.items() if value)

    def in_terminal(self, *arguments, columns=100, browser=BROWSER, **environment):
        """Starts jackinctl on a terminal, with consent in the browser."""
        return self.sandbox.terminal("jackinctl", *arguments, columns=columns,
                                     environment={"BROWSER": browser, "DISPLAY": ":0", **environment})

    def setup_in_terminal(self, *arguments, **options):
        return self.in_terminal("setup", *(arguments or ("demo", "--store", "file")), **options)

    def run_in_terminal(self, *arguments, **options):
        """Runs the command to its end, with consent in the browser."""
        terminal = self.in_terminal(*arguments, **options)
        terminal.wait()
        return terminal

    def mint_next(self):
        """Makes claude issue another token, which the API accepts too; returns it."""
        token = new_token()
        with open(self.token_file, "w", encoding="ascii") as out:
            out.write(token)
        self.api.valid.add(token)
        self.tokens.append(token)
        return token

    def launched(self, scope="demo"):
        """The token that a launch gets."""
        return self.done(self.hook("exec", scope, "--quiet", "--", "sh", "-c", 'printf %s "$CLAUDE_CODE_OAUTH_TOKEN"')).stdout

    def set_up(self, *arguments):
        terminal = self.setup_in_terminal(*arguments)
        self.assertEqual(terminal.wait(), 0, terminal.text)
        return terminal

    # --- the content of files and stores ---

    def text(self, path=None):
        with open(path or self.demo, encoding="utf-8") as file:
            return file.read()

    def snapshot(self):
        """Every byte of configuration and store."""
        found = {}
        for folder in (self.sandbox.config_dir, self.sandbox.tokens_dir):
            for base, _, names in os.walk(folder):
                for name in names:
                    if name == "config.lock":
                        continue
                    path = os.path.join(base, name)
                    with open(path, "rb") as file:
                        found[path] = (file.read(), os.stat(path).st_mode)
        return found

    def stored(self):
        folder = self.sandbox.tokens_dir
        return sorted(os.path.join(folder, name) for name in os.listdir(folder)) if os.path.isdir(folder) else []

    def assert_token_only_in(self, *allowed):
        self.assertEqual(files_with_pieces(self.sandbox.root, self.token, 12, allowed=(self.token_file, *allowed)), [])
