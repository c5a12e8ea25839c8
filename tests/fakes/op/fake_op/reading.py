# SPDX-License-Identifier: Apache-2.0
"""op read: secret references."""

from .failure import Failure
from .items import REFERENCE_CHARACTERS, tamper

ATTRIBUTES = ("type", "value", "id", "purpose", "otp")


def read(call):
    reference = call.arguments.words[0]
    if call.arguments.get("out-file"):
        call.exit_strictly("the value must not go into a file")
    parts, attribute = parse(reference)
    try:
        item, field = find(call, parts)
    except Failure as failure:
        raise Failure(f"could not read secret '{reference}': {failure.message}") from failure
    kept = {**item, "fields": [dict(field)]}
    tamper(call, kept)
    shown = kept["fields"][0].get(attribute) or ""
    call.write(shown if call.arguments.get("no-newline") or shown.endswith("\n") else shown + "\n")


def parse(reference):
    """Returns vault, item, section or None, field, and the attribute."""
    def bad(why):
        return Failure(f"invalid secret reference '{reference}': {why}")

    if not reference.startswith("op://"):
        raise bad("missing prefix 'op://'")
    path, _, query = reference[5:].partition("?")
    parts = path.split("/")
    if len(parts) < 3 or not all(parts):
        raise bad("too few '/': secret references should have at least vault, item and field specified")
    if len(parts) > 4:
        raise bad("too many '/': secret references should match op://<vault>/<item>[/<section>]/<field>")
    for letter in path:
        if letter not in REFERENCE_CHARACTERS and letter != "/":
            raise bad(f"invalid character in secret reference: '{letter}'")
    attribute = "value"
    if query:
        name, _, attribute = query.partition("=")
        if name not in ("attribute", "attr") or attribute not in ATTRIBUTES:
            raise bad(f"unknown query parameter '{query}'")
    return parts, attribute


def find(call, parts):
    vault_name, item_name, field_name = parts[0], parts[1], parts[-1]
    section_name = parts[2] if len(parts) == 4 else None
    where = f"{vault_name}/{item_name}"
    try:
        vault = call.view.vault(vault_name)
        item = call.view.item(item_name, vault)
    except Failure as failure:
        raise Failure(f"could not get item {where}: {failure.message}") from failure
    if item.get("state") == "ARCHIVED":
        raise Failure(f"could not find item {item_name} in vault {vault_name}, because it has been deleted or archived."
                      " Please restore the item if you want to use it with secret provisioning")
    found = []
    for field in item["fields"]:
        section = field.get("section") or {}
        if section_name is not None and not same(section_name, section.get("id"), section.get("label")):
            continue
        if same(field_name, field["id"], field["label"]):
            found.append(field)
    if not found:
        if call.version < (2, 31, 0):
            raise Failure(f'"{field_name}" isn\'t a field in the "{item_name}" item')
        raise Failure(f"item '{where}' does not have a field '{field_name}'")
    if len(found) > 1:
        raise Failure(f"item '{where}' has more than one field that matches '{field_name}'")
    return item, found[0]


def same(wanted, *names):
    return any(name and name.lower() == wanted.lower() for name in names)
