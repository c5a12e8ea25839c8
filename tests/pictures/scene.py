# SPDX-License-Identifier: Apache-2.0
"""A sandbox with workspaces in several states. Runs differ only in times and random names."""

import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from keyring import Keyring  # noqa: E402
from op import Op  # noqa: E402
from sandbox import BROWSER, Sandbox, fake_claude  # noqa: E402
from stand_ins import Api  # noqa: E402

HOUR, DAY = 3600, 24 * 3600


class Scene:
    """A sandbox with fakes of 1Password, a keyring, claude and the API. The API rejects the token of `billing`."""

    def __init__(self):
        self.sandbox = Sandbox(claude=fake_claude())
        self.api = Api()
        self.sandbox.ask_api_at(self.api.url)
        self.keyring = Keyring(self.sandbox.path("keyring"), service=False)
        self.keyring.with_user()
        self.keyring.start_service()
        self.sandbox.environment.update(DBUS_SESSION_BUS_ADDRESS=self.keyring.address, TZ="UTC")
        Op(self.sandbox)
        self._token_file = self.sandbox.path("token")
        # A browser that starts but never gives consent.
        self.browser = os.path.join(self.sandbox.bin, "slow-browser")
        os.symlink("/bin/true", self.browser)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sandbox.close()
        self.keyring.close()
        self.api.stop()

    def claude(self, seed, valid_for="1 year"):
        """Sets the random seed and the validity of the tokens of the fake claude."""
        with open(os.path.join(self.sandbox.home, ".fake-claude"), "w", encoding="ascii") as out:
            out.write(f"SEED={seed}\nVALID_FOR={valid_for}\nTOKEN_OUT={self._token_file}\n")

    def set_up(self, scope, *arguments, valid_for="1 year"):
        """Creates a token for the scope and returns it."""
        self.claude(scope, valid_for)
        terminal = self.sandbox.terminal("jackinctl", "setup", scope, *arguments,
                                         environment={"BROWSER": BROWSER, "DISPLAY": ":0"})
        if terminal.wait() != 0:
            raise SystemExit(terminal.text)
        with open(self._token_file, encoding="ascii") as file:
            return file.read()

    def fill(self):
        """Creates the workspaces and their tokens, some of them months old. Stops the daemon afterwards."""
        for name in ("billing", "docs", "infra", "my-app", "website"):
            self.sandbox.workspace(name)
        self.sandbox.workspace("playground", 'workdir = "/work"\n\n[claude]\nauth_forward = "ignore"\n')
        self.set_up("billing", "--store", "op", "--vault", "Personal", "--item-name", "Billing", valid_for="190 days")
        accepted = {self.set_up("docs", "--store", "secret-service", valid_for="12 days"),
                    self.set_up("infra", "--store", "file", valid_for="80 days"),
                    self.set_up("my-app", "--store", "op", "--item-name", "Claude", valid_for="231 days"),
                    self.set_up("my-app:reviewer", "--store", "op", "--vault", "Work", "--item-name", "Claude CI",
                                valid_for="362 days")}
        self.api.valid = accepted
        self._checked(self.sandbox.run("jackinctl", "doctor", "billing"), 3)
        self.api.valid = None
        self._checked(self.sandbox.run("jackinctl", "daemon", "stop"))
        self._age({"billing": (175, 1.5 * HOUR), "docs": (353, 5.5 * HOUR), "infra": (285, 3.5 * HOUR),
                   "my-app": (134, 2.5 * HOUR), "my-app:reviewer": (3, 2.5 * HOUR)})

    @staticmethod
    def _checked(done, code=0):
        if done.code != code:
            raise SystemExit(repr(done))

    def _age(self, ages):
        """Sets for each scope how many days ago its token was created and how many seconds ago it was checked."""
        database = sqlite3.connect(os.path.join(self.sandbox.state_dir, "jackind.db"))
        with database:
            for scope, (days, seconds) in ages.items():
                workspace, _, role = scope.partition(":")
                row = "WHERE workspace = ? AND role = ?"
                (slot,), = database.execute(f"SELECT slot_key FROM health {row}", (workspace, role))
                database.execute(f"UPDATE token SET recorded_at = recorded_at - ? {row}", (days * DAY, workspace, role))
                database.execute(f"UPDATE operation SET begun_at = begun_at - ?, changed_at = changed_at - ? {row}",
                                 (days * DAY, days * DAY, workspace, role))
                database.execute("UPDATE history SET at = at - ? WHERE slot_key = ? AND verdict != 'rejected'",
                                 (days * DAY, slot))
                database.execute("UPDATE history SET at = at - ? WHERE slot_key = ? AND verdict = 'rejected'",
                                 (2 * DAY, slot))
                checked = int(time.time() - seconds)
                database.execute(f"UPDATE health SET checked_at = ?, upstream_at = ? {row}",
                                 (checked, checked, workspace, role))
        database.close()

    def start(self, rows, columns, **environment):
        """Starts jackin-tui on a terminal."""
        return self.sandbox.terminal("jackin-tui", rows=rows, columns=columns,
                                     environment={"BROWSER": self.browser, "DISPLAY": ":0", "JACKIN_NO_MOTION": "1",
                                                  **environment})
