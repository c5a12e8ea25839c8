# SPDX-License-Identifier: Apache-2.0
"""op item create, edit, delete, get, list, and the format of an item."""

import copy
import json
import time

from .failure import CONFLICT, SERVICE_ACCOUNT_VAULT, Failure
from .world import PERSONAL, local_time, new_id, utc

NOTES = {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"}
BUILT_IN = {
    "API_CREDENTIAL": [
        NOTES,
        {"id": "username", "type": "STRING", "label": "username"},
        {"id": "credential", "type": "CONCEALED", "label": "credential"},
        {"id": "type", "type": "MENU", "label": "type"},
        {"id": "filename", "type": "STRING", "label": "filename"},
        {"id": "validFrom", "type": "DATE", "label": "valid from"},
        {"id": "expires", "type": "DATE", "label": "expires"},
        {"id": "hostname", "type": "STRING", "label": "hostname"}],
    "LOGIN": [
        {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username"},
        {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password"},
        NOTES],
    "PASSWORD": [{"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password"}, NOTES],
    "SECURE_NOTE": [NOTES],
    "SERVER": [NOTES, {"id": "username", "type": "STRING", "label": "username"}],
}
NAMES = {"API Credential": "API_CREDENTIAL", "Login": "LOGIN", "Password": "PASSWORD", "Secure Note": "SECURE_NOTE",
         "Server": "SERVER"}
FIELD_TYPES = ("STRING", "CONCEALED", "EMAIL", "URL", "DATE", "MONTH_YEAR", "PHONE", "OTP", "MENU", "ADDRESS", "SSHKEY",
               "REFERENCE", "FILE", "CREDIT_CARD_TYPE", "CREDIT_CARD_NUMBER", "GENDER")
CONCEALED = "[use 'op item get {id} --reveal' to reveal]"
REFERENCE_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ")


def invalid(detail):
    return Failure('unable to process line 1: Validation: (validateVaultItem failed to Validate), Couldn\'t validate '
                   f'the item: "[ItemValidator] has found 1 errors, 0 warnings: \nDetails:\nErrors:\n{{1. {detail}}}"')


# --- templates --------------------------------------------------------------------------------------------------------


def read_template(call):
    """The template on stdin; None when there is none. Only a FIFO is read; other kinds of stdin are ignored."""
    if call.stdin != "fifo" or "ignore-stdin" in call.knobs:
        return None
    data = call.recorder.read_stdin()
    if not data:
        return None
    if call.arguments.get("template"):
        verb = "create an item" if call.arguments.command == "item create" else "edit"
        raise Failure(f"cannot {verb} from template and stdin at the same time")
    try:
        template = json.loads(data.decode("utf-8"))
    except ValueError:
        template = None
    if not isinstance(template, dict):
        raise Failure("unable to process line 1: invalid JSON in piped input")
    return template


def stored_date(value):
    """A DATE is stored as the Unix second of 12:01 UTC of its day."""
    try:
        if len(value) == 10 and value[4] == value[7] == "-":
            day = time.strptime(value, "%Y-%m-%d")
            return str(days_from_civil(day.tm_year, day.tm_mon, day.tm_mday) * 86400 + 43260)
        return str(int(value) // 86400 * 86400 + 43260)
    except ValueError:
        raise invalid("Invalid date") from None


def days_from_civil(year, month, day):
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def fields_of(template, sections):
    """The template's fields in their stored form."""
    fields, known = [], {section["id"] for section in sections}
    given = template.get("fields")
    for field in given if isinstance(given, list) else []:
        if not isinstance(field, dict) or field.get("type", "STRING") not in FIELD_TYPES:
            raise invalid("Unknown field type")
        kept = {"id": field.get("id") or new_id()}
        section = field.get("section")
        if section:
            if section.get("id") not in known:
                raise invalid("Field refers to a section that does not exist")
            kept["section"] = next(dict(each) for each in sections if each["id"] == section["id"])
        kept["type"] = field.get("type", "STRING")
        if field.get("purpose"):
            kept["purpose"] = field["purpose"]
        kept["label"] = field.get("label") or kept["id"]
        value = field.get("value")
        if value not in (None, ""):
            if not isinstance(value, str):
                raise Failure("unable to process line 1: invalid JSON in piped input")
            kept["value"] = stored_date(value) if kept["type"] == "DATE" else value
        fields.append(kept)
    ids = [(field.get("section", {}).get("id"), field["id"]) for field in fields]
    if len(ids) != len(set(ids)):
        raise invalid("Duplicate field id")
    return fields


def with_built_ins(category, fields, notes=None):
    """The category's own fields first, then those of the template. Notes survive when the template has none."""
    own = []
    for built_in in BUILT_IN[category]:
        given = next((field for field in fields if field["id"] == built_in["id"] and "section" not in field), None)
        kept = dict(built_in)
        if given is not None:
            kept["label"] = given["label"]
            if "value" in given:
                kept["value"] = given["value"]
        elif built_in["id"] == "notesPlain" and notes:
            kept["value"] = notes
        own.append(kept)
    ids = {field["id"] for field in BUILT_IN[category]}
    return own + [field for field in fields if field["id"] not in ids or "section" in field]


def sections_of(template):
    given = template.get("sections")
    sections = []
    for section in given if isinstance(given, list) else []:
        kept = {"id": section.get("id") or "Section_" + new_id()}
        if section.get("label"):
            kept["label"] = section["label"]
        sections.append(kept)
    return sections


def tags_of(call, template):
    if call.arguments.get("tags") is not None:
        tags = call.arguments.get("tags").split(",")
    else:
        tags = template.get("tags") or []
    return sorted({tag.strip() for tag in tags if tag.strip()})


def text_assignments(call, words):
    if words:
        # The real op accepts this, and shows the value to every user of the machine.
        call.exit_strictly("assignments put values into argv")


# --- create, edit, delete ---------------------------------------------------------------------------------------------


def create(call):
    words = call.arguments.words
    text_assignments(call, words[1:] if words[:1] == ["-"] else words)
    template = read_template(call) or {}
    flag, in_template = call.arguments.get("category"), template.get("category")
    if flag and in_template:
        raise Failure("unable to process line 1: cannot provide the item category with both the JSON template and the "
                      "`--category` flag - only specify the category in one location")
    category = in_template or NAMES.get(flag, flag)
    if not category:
        raise Failure("provide the item category with '--category' flag")
    if category not in BUILT_IN:
        raise Failure(f'unable to process line 1: unknown item category "{category}"')
    vault = vault_to_create_in(call, template)
    sections = sections_of(template)
    fields = with_built_ins(category, fields_of(template, sections))
    if category == "PASSWORD" and not fields[0].get("value"):
        raise invalid("Password item requires ps value")
    if "conflict" in call.knobs:
        raise Failure(CONFLICT)
    now = time.time()
    item = {"id": new_id(), "title": call.arguments.get("title") or template.get("title") or category.title(),
            "tags": tags_of(call, template), "version": 1, "vault": {"id": vault["id"], "name": vault["name"]},
            "category": category, "last_edited_by": call.account["user_uuid"], "created_at": local_time(now),
            "updated_at": local_time(now), "sections": sections, "fields": fields}
    if call.arguments.get("dry-run"):
        call.print(shown(call, {**item, "id": ""}))
        return
    stored = copy.deepcopy(item)
    stored["created_at"] = stored["updated_at"] = utc(now)
    call.world.items.append(stored)
    call.world.data["before"][item["id"]] = None
    call.changed(vault)
    call.print(shown(call, item))


def vault_to_create_in(call, template):
    query = call.arguments.get("vault") or (template.get("vault") or {}).get("id")
    if query:
        return call.view.vault(query)
    if call.view.service_account:
        raise Failure(SERVICE_ACCOUNT_VAULT)
    for vault in call.view.vaults():
        if vault["name"].lower() in PERSONAL:
            return vault
    raise Failure("unable to process line 1: no default vault found")


def edit(call):
    words = call.arguments.words[1:]
    text_assignments(call, [word for word in words if word != "-"])
    template = read_template(call)
    vault = vault_of(call)
    try:
        item = call.view.item(call.arguments.words[0], vault)
    except Failure as failure:
        if template is None:
            raise
        raise Failure("unable to process line 1: could not find item to edit") from failure
    if "conflict" in call.knobs:
        raise Failure(CONFLICT)
    before = copy.deepcopy(item)
    now = time.time()
    if template is not None:
        apply(call, item, template)
    if call.arguments.get("title"):
        item["title"] = call.arguments.get("title")
    if call.arguments.get("tags") is not None:
        item["tags"] = tags_of(call, {})
    item["version"] += 1
    item["updated_at"] = utc(now)
    item["last_edited_by"] = call.account["user_uuid"]
    call.world.data["before"][item["id"]] = before
    call.changed(next(each for each in call.world.vaults if each["id"] == item["vault"]["id"]))
    call.print(shown(call, {**item, "updated_at": local_time(now), "last_edited_by": before["last_edited_by"]}))


def apply(call, item, template):
    """Replaces the item by the template, as op does: fields that the template lacks are removed, except notes."""
    category = template.get("category")
    if item["category"] == "CUSTOM" or category not in (None, item["category"]):
        raise Failure(f"failed to edit due to identity inconsistencies: for Category {category} found in the template "
                      f"was inconsistent with {item['category']} found in item to be edited")
    if template.get("id") not in (None, "", item["id"]):
        raise Failure(f"failed to edit due to identity inconsistencies: for ID {template['id']} found in the template "
                      f"was inconsistent with {item['id']} found in item to be edited")
    if not template.get("updated_at") and "lenient-edit" not in call.knobs:
        raise invalid("Item updatedAt must be > 1970-01-01")
    sections = sections_of(template)
    fields = fields_of(template, sections)
    notes = next((field.get("value") for field in item["fields"] if field["id"] == "notesPlain"), None)
    item["sections"] = sections
    item["fields"] = with_built_ins(item["category"], fields, notes)
    item.pop("passkey", None)
    if template.get("title"):
        item["title"] = template["title"]
    if "tags" in template:
        item["tags"] = tags_of(call, template)


def delete(call):
    refuse_pipe(call)
    item = call.view.item(call.arguments.words[0], vault_of(call))
    vault = next(each for each in call.world.vaults if each["id"] == item["vault"]["id"])
    if "conflict" in call.knobs:
        raise Failure(CONFLICT)
    if call.arguments.get("archive"):
        item["state"] = "ARCHIVED"
    else:
        call.world.items.remove(item)
        call.world.data["deleted"].append(item)
    call.changed(vault)


def vault_of(call):
    query = call.arguments.get("vault")
    if query:
        return call.view.vault(query)
    if call.view.service_account:
        raise Failure(SERVICE_ACCOUNT_VAULT)
    return None


def refuse_pipe(call):
    """A command with a pipe on stdin reads it as a list of items."""
    if call.stdin == "fifo":
        call.recorder.read_stdin()
        raise Failure("unable to process line 1: invalid JSON in piped input")


# --- get, list --------------------------------------------------------------------------------------------------------


def get(call):
    refuse_pipe(call)
    item = copy.deepcopy(call.view.item(call.arguments.words[0], vault_of(call)))
    tamper(call, item)
    if "local-times" in call.knobs:
        item["updated_at"] = "2023-08-22T15:17:40.152167-07:00"
        item["created_at"] = "2023-08-22T15:17:39.9521-07:00"
        item.pop("last_edited_by", None)
    whole = shown(call, item)
    wanted = call.arguments.get("fields")
    if not wanted:
        call.print(whole)
        return
    names = [each.removeprefix("label=") for each in wanted.split(",") if not each.startswith("type=")]
    types = [each.removeprefix("type=") for each in wanted.split(",") if each.startswith("type=")]
    fields = [field for field in whole["fields"]
              if field["label"] in names or field["id"] in names or field["type"].lower() in types]
    if not fields:
        raise Failure(f'"{wanted}" isn\'t a field in the "{item["title"]}" item')
    call.print(fields[0] if len(fields) == 1 else fields)


def tamper(call, item):
    """The wrong answers that a test requested."""
    for field in item["fields"]:
        if field["type"] == "CONCEALED" and field.get("value"):
            if "wrong-value" in call.knobs:
                field["value"] = field["value"][:-1] + ("A" if field["value"][-1] != "A" else "B")
            if "empty-value" in call.knobs:
                del field["value"]


def listing(call):
    vault = vault_of(call) if call.arguments.get("vault") else None
    categories = [each.strip().upper().replace(" ", "_") for each in split(call.arguments.get("categories"))]
    tags = split(call.arguments.get("tags"))
    listed = []
    for item in call.view.items(vault, bool(call.arguments.get("include-archive"))):
        if categories and item["category"] not in categories:
            continue
        if tags and not any(has == tag or has.startswith(tag + "/") for has in item.get("tags") or [] for tag in tags):
            continue
        if call.arguments.get("favorite") and not item.get("favorite"):
            continue
        whole = shown(call, item)
        listed.append({key: value for key, value in whole.items() if key not in ("fields", "sections")})
    call.print(listed)


def split(text):
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def shown(call, item):
    """The item as `--format json` shows it: keys in op's order, without empty values."""
    keys = ("id", "title", "favorite", "tags", "version", "state", "vault", "category", "last_edited_by", "created_at",
            "updated_at", "additional_information", "urls", "sections")
    item = dict(item)
    additional = {"API_CREDENTIAL": "type", "LOGIN": "username"}.get(item["category"])
    for field in item["fields"]:
        if field["id"] == additional and field.get("value"):
            item["additional_information"] = field["value"]
    output = {key: item[key] for key in keys if key in item and item[key] not in (None, "", [], False)}
    output["id"] = item["id"]
    output["fields"] = [shown_field(call, item, field) for field in item["fields"]]
    return output


def shown_field(call, item, field):
    output = {"id": field["id"]}
    if field.get("section"):
        output["section"] = field["section"]
    elif "section-null" in call.knobs:
        output["section"] = None
    output["type"] = field["type"]
    if field.get("purpose"):
        output["purpose"] = field["purpose"]
    output["label"] = field["label"]
    value = field.get("value")
    if value:
        hidden = call.conceals and field["type"] == "CONCEALED" and not call.arguments.get("reveal")
        output["value"] = CONCEALED.format(id=item["id"]) if hidden else value
        if field.get("purpose") == "PASSWORD":
            output["entropy"] = 64.5
    output["reference"] = reference(item, field)
    if field.get("purpose") == "PASSWORD" and value:
        output["password_details"] = {"entropy": 64, "generated": False, "strength": "VERY_GOOD"}
    return output


def reference(item, field):
    def part(name, fallback):
        return name if name and set(name) <= REFERENCE_CHARACTERS else fallback

    twins = [each for each in item["fields"] if each["label"] == field["label"]]
    parts = [part(item["vault"]["name"], item["vault"]["id"]), part(item["title"], item["id"])]
    if field.get("section") and field["section"].get("label"):
        parts.append(part(field["section"]["label"], field["section"]["id"]))
    parts.append(part(field["label"], field["id"]) if len(twins) == 1 else field["id"])
    return "op://" + "/".join(parts)


def template(call):
    category = NAMES.get(call.arguments.words[0], call.arguments.words[0])
    if category not in BUILT_IN:
        raise Failure(f'"{call.arguments.words[0]}" isn\'t a valid category')
    call.print({"title": "", "category": category, "fields": [{**each, "value": ""} for each in BUILT_IN[category]]})

