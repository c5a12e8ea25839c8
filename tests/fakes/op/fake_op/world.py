# SPDX-License-Identifier: Apache-2.0
"""Accounts, vaults and items: STATE/world.json. A test may write it before the first call, with names alone. The fake
adds the missing values, always the same ones for the same names."""

import base64
import hashlib
import os
import time

from .failure import NO_ACCOUNTS, SEVERAL_ACCOUNTS, Failure
from .settings import read_json, write_json

PERSONAL = ("personal", "private", "employee")
DEFAULT = {"accounts": [{"url": "my.1password.com", "email": "wendy@example.com"}],
           "vaults": [{"name": "Personal"}, {"name": "Work"}]}


def base32(data):
    return base64.b32encode(data[:16]).decode().rstrip("=").lower()


def id_of(what):
    """An id in op's format, 128 bits as 26 characters, always the same one for `what`."""
    return base32(hashlib.sha256(what.encode()).digest())


def new_id():
    return base32(os.urandom(16))


def utc(moment=None):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def local_time(moment):
    """The format that op uses for changes on this machine: local time, without trailing zeros in the fraction."""
    offset = time.strftime("%z", time.localtime(moment))
    fraction = f"{int(moment % 1 * 1e6):06d}".rstrip("0")
    return (time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(moment)) + (f".{fraction}" if fraction else "") +
            offset[:3] + ":" + offset[3:])


class World:
    def __init__(self, state):
        self.path = os.path.join(state, "world.json")
        self.data = read_json(self.path, None) or DEFAULT
        self._complete()

    def save(self):
        write_json(self.path, self.data)

    @property
    def accounts(self):
        return self.data["accounts"]

    @property
    def vaults(self):
        return self.data["vaults"]

    @property
    def items(self):
        return self.data["items"]

    def _complete(self):
        data = self.data
        for key in ("accounts", "vaults", "items", "deleted"):
            data.setdefault(key, [])
        data.setdefault("before", {})
        for account in data["accounts"]:
            account.setdefault("email", "wendy@example.com")
            account.setdefault("user_uuid", id_of("user " + account["url"]).upper())
            account.setdefault("account_uuid", id_of("account " + account["url"]).upper())
        first = data["accounts"][0]["account_uuid"] if data["accounts"] else ""
        for vault in data["vaults"]:
            account = vault.setdefault("account", first)
            named = next((known for known in data["accounts"] if account in (known["url"], known.get("shorthand"))), None)
            if named:
                vault["account"] = account = named["account_uuid"]
            vault.setdefault("id", id_of(f"vault {account if account != first else ''} {vault['name']}"))
            vault.setdefault("content_version", 1)
            vault.setdefault("service_account", vault["name"].lower() not in (*PERSONAL, "shared"))
        for item in data["items"]:
            vault = item.get("vault") or data["vaults"][0]["name"]
            if isinstance(vault, str):
                known = next(each for each in data["vaults"] if vault in (each["name"], each["id"]))
                item["vault"] = {"id": known["id"], "name": known["name"]}
            item.setdefault("id", id_of("item " + item["title"]))
            item.setdefault("version", 1)
            item.setdefault("category", "API_CREDENTIAL")
            item.setdefault("last_edited_by", data["accounts"][0]["user_uuid"] if data["accounts"] else "")
            item.setdefault("created_at", "2022-05-04T01:08:14Z")
            item.setdefault("updated_at", "2022-05-04T01:09:50Z")
            item.setdefault("fields", [])

    def select_account(self, wanted):
        """The account for `--account`/OP_ACCOUNT, selected as op does."""
        if not self.accounts:
            raise Failure("error initializing client: ", before=NO_ACCOUNTS)
        if not wanted:
            if len(self.accounts) > 1:
                raise Failure(SEVERAL_ACCOUNTS)
            return self.accounts[0]
        for account in self.accounts:
            if wanted in (account.get("shorthand"), account["url"], account["account_uuid"], account["user_uuid"]):
                return account
        raise Failure(f'error initializing client: found no accounts for filter "{wanted}"')


class View:
    """The part of the state that one call can access: one account's, or what a service account may access."""

    def __init__(self, world, account, service_account, knobs, cached):
        self.world, self.account, self.service_account, self.knobs = world, account, service_account, knobs
        self.cached = cached and "stale" in knobs

    def vaults(self):
        hidden = self.knobs.get("vault-missing")
        return [vault for vault in self.world.vaults
                if vault["account"] == self.account["account_uuid"]
                and (vault["service_account"] or not self.service_account)
                and not (hidden is not None and (not hidden or vault["name"] in hidden))]

    def vault(self, query):
        found = [vault for vault in self.vaults() if vault["id"] == query]
        found = found or [vault for vault in self.vaults() if vault["name"].lower() == query.lower()]
        if not found:
            raise Failure(f'"{query}" isn\'t a vault in this account. Specify the vault with its ID or name.')
        if len(found) > 1:
            lines = "".join(f'\n\t* for the vault "{query}": {vault["id"]}' for vault in found)
            raise Failure(f'More than one vault matches "{query}". Try again and specify the vault by its ID: {lines}')
        return found[0]

    def items(self, vault=None, archived=False):
        """The items of one vault, or of all. The cache has them as they were before the last change."""
        visible = {each["id"] for each in ([vault] if vault else self.vaults())}
        items = self.world.items
        if self.cached:
            before = self.world.data["before"]
            items = [before.get(item["id"], item) for item in items]
            items = [item for item in items if item is not None]
        return [item for item in items
                if item["vault"]["id"] in visible and (archived or item.get("state") != "ARCHIVED")]

    def item(self, query, vault):
        """The one item that `query` names. An archived item is found by its id alone."""
        for item in self.items(vault, archived=True):
            if item["id"] == query:
                return item
        found = [item for item in self.items(vault) if item["title"].lower() == query.lower()]
        if not found:
            where = f' in the "{vault["name"]}" vault' if vault else ""
            raise Failure(f'"{query}" isn\'t an item{where}. Specify the item with its UUID, name, or domain.')
        if len(found) > 1:
            lines = "".join(f'\n\t* for the item "{query}" in vault {item["vault"]["name"]}: {item["id"]}'
                            for item in reversed(found))
            raise Failure(f'More than one item matches "{query}". Try again and specify the item by its ID: {lines}')
        return found[0]
