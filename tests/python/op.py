# SPDX-License-Identifier: Apache-2.0
"""The stand-in for `op` (tests/fakes/op) on a sandbox's PATH."""

import json
import os

from sandbox import REPOSITORY

PROGRAM = os.path.join(REPOSITORY, "tests/fakes/op/op")
ACCOUNT = "ACCOUNT2222222222222222224"
PERSONAL = "personal222222222222222224"
WORK = "work2222222222222222222224"


def credential(title, token, vault="Personal", fields=()):
    """An item with a token in the built-in field `credential`."""
    return {"title": title, "vault": vault, "fields": [
        {"id": "credential", "label": "credential", "type": "CONCEALED", "value": token}, *fields]}


class Op:
    """One account with the vaults Personal and Work, which contain `items`."""

    def __init__(self, sandbox, *items):
        self.path = os.path.join(sandbox.bin, "op")
        self._settings = os.path.join(sandbox.home, ".fake-op")
        self._state = sandbox.folder("home/.fake-op.d")
        self.world_file = os.path.join(self._state, "world.json")
        os.symlink(PROGRAM, self.path)
        self.put_items(*items)

    def settings(self, *lines):
        """Replaces the settings and knobs, in the syntax of README.md: "KNOB read@1=offline"."""
        with open(self._settings, "w", encoding="ascii") as out:
            out.writelines(line + "\n" for line in lines)

    def put_items(self, *items):
        """Replaces the items; no item was deleted yet."""
        world = {"accounts": [{"url": "my.1password.com", "email": "wendy@example.com", "account_uuid": ACCOUNT}],
                 "vaults": [{"name": "Personal", "id": PERSONAL}, {"name": "Work", "id": WORK}], "items": list(items)}
        with open(self.world_file, "w", encoding="utf-8") as out:
            json.dump(world, out)

    def world(self):
        with open(self.world_file, encoding="utf-8") as file:
            return json.load(file)

    def calls(self):
        """The record of every call that has started."""
        path = os.path.join(self._state, "calls.jsonl")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [record for record in map(json.loads, file) if record["event"] == "begin"]
