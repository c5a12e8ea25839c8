# SPDX-License-Identifier: Apache-2.0
"""One call of the fake, from its arguments to its exit."""

import json
import os
import signal
import sys
import time

from . import items, reading
from .arguments import Arguments, parse
from .failure import PANIC, SERVICE_ACCOUNT_DELETED, SERVICE_ACCOUNT_MALFORMED, SESSION_KNOBS, SIGNED_OUT, Failure
from .settings import Recorder, Settings, kind_of_stdin, locked
from .world import View, World, id_of

# The maximum time of a hang, so that a failed test leaves no process behind.
FOR_EVER = 120
STRICT = 98

HANDLERS = {"item create": items.create, "item edit": items.edit, "item delete": items.delete, "item get": items.get,
            "item list": items.listing, "item template get": items.template, "read": reading.read}


class Strict(Exception):
    """A call that jackind must never make."""


class Call:
    """The state that a command's handler works with."""

    def __init__(self, settings, arguments, knobs, recorder):
        self.settings, self.arguments, self.knobs, self.recorder = settings, arguments, knobs, recorder
        self.version = settings.version
        self.stdin = kind_of_stdin()
        self.conceals = settings.get("CONCEAL", "no") == "yes"
        self.output = ""
        self.world = self.view = self.account = None
        self.has_changed = False

    def write(self, text):
        self.output += text

    def print(self, value):
        """`value` as op prints it: JSON when requested, otherwise a text for users that no program should parse."""
        if (self.arguments.get("format") or os.environ.get("OP_FORMAT")) != "json":
            listed = value if isinstance(value, list) else [value]
            self.write("".join(f"{'ID:':<12}{each.get('id', '')}\n{'Title:':<12}{each.get('title', '')}\n"
                               for each in listed))
            return
        text = as_printed(value)
        # Go's encoder does this to every string.
        for letter, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
            text = text.replace(letter, escaped)
        self.write(text + "\n")

    def changed(self, vault):
        vault["content_version"] += 1
        self.has_changed = True

    def exit_strictly(self, why):
        raise Strict(why)


def as_printed(value, indent="", key=""):
    """JSON with an indent of two spaces, and tags on one line."""
    if not isinstance(value, (dict, list)) or not value or key == "tags":
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    if isinstance(value, list):
        lines = [deeper + as_printed(each, deeper) for each in value]
    else:
        lines = [f"{deeper}{json.dumps(name)}: {as_printed(each, deeper, name)}" for name, each in value.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}\n" + ",\n".join(lines) + f"\n{indent}{closing}"


def main(argv):
    os.umask(0o077)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    settings = Settings(os.environ.get("HOME", "/nonexistent"))
    arguments, failure = Arguments(), None
    try:
        arguments = parse(argv, settings.version)
    except Failure as caught:
        failure = caught
    account = str(arguments.get("account") or os.environ.get("OP_ACCOUNT", ""))
    recorder = Recorder(settings.state, argv, arguments.command, account)
    knobs = settings.knobs(arguments.command, recorder.nth, recorder.call)
    call = Call(settings, arguments, knobs, recorder)
    code = run(call, failure)
    recorder.end(code)
    return code


def run(call, failure):
    try:
        if call.recorder.secret_seen:
            raise Strict("a token stands in argv or in the environment")
        if failure is not None:
            raise failure
        before(call)
        perform(call)
        after(call)
        return 0
    except Failure as caught:
        emit(sys.stderr, caught.text())
        return caught.code
    except Strict as caught:
        emit(sys.stderr, f"fake op: {caught}\n")
        return STRICT


# --- knobs ------------------------------------------------------------------------------------------------------------


def before(call):
    """The faults that occur before the command does anything."""
    knobs = call.knobs
    if "gate" in knobs:
        # Opening for reading waits until the test opens the FIFO for writing, and unblocks the test.
        with open(knobs["gate"][0], "rb") as gate:
            gate.read()
    if "grandchild" in knobs or "hang-with-grandchild" in knobs:
        keep_pipes_open()
    if "hang" in knobs or "hang-with-grandchild" in knobs:
        time.sleep(FOR_EVER)
    if "flood" in knobs:
        for _ in range(1024):
            emit(sys.stdout, "0123456789abcdef" * 4096)
    if "panic" in knobs:
        raise Failure(PANIC, code=2, panic=True)
    if "exit" in knobs:
        raise Failure("(400) Bad Request: The structure of request was invalid.", code=int(knobs["exit"][0]))
    if "error" in knobs:
        raise Failure(":".join(knobs["error"]))


def keep_pipes_open():
    if os.fork() != 0:
        return
    os.closerange(3, 64)
    time.sleep(FOR_EVER)
    os._exit(0)


def after(call):
    """The faults that occur after the command was executed; without one, returns the output."""
    knobs = call.knobs
    if "die-before-output" in knobs:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang-before-output" in knobs:
        time.sleep(FOR_EVER)
    if "fail-before-output" in knobs:
        raise Failure(SESSION_KNOBS["deadline"])
    if "noise" in knobs:
        emit(sys.stderr, "A newer version of 1Password CLI is available. Visit https://app-updates.example to update.\n")
    if "garbage" in knobs:
        call.output = "<html>\x1b[31mSign in to the captive portal</html>\n"
    if "truncated" in knobs:
        call.output = call.output[:len(call.output) // 2]
    if "empty" in knobs:
        call.output = ""
    if "drip" in knobs:
        pause = float(knobs["drip"][0]) / 1000 if knobs["drip"] else 0.002
        for start in range(0, len(call.output), 8):
            emit(sys.stdout, call.output[start:start + 8])
            time.sleep(pause)
    else:
        emit(sys.stdout, call.output)


def emit(stream, text):
    stream.buffer.write(text.encode("utf-8", "surrogateescape"))
    stream.buffer.flush()


# --- commands ---------------------------------------------------------------------------------------------------------


def perform(call):
    arguments = call.arguments
    if arguments.get("version") and not arguments.command:
        call.write(call.settings.version_text + "\n")
        return
    if arguments.get("help") or not arguments.command:
        call.write("1Password CLI brings 1Password to your terminal.\n")
        return
    with locked(call.settings.state):
        call.world = World(call.settings.state)
        if "no-accounts" in call.knobs:
            call.world.data["accounts"] = []
        if arguments.command == "account list":
            keys = ("url", "email", "user_uuid", "account_uuid", "shorthand")
            call.print([{key: each[key] for key in keys if key in each} for each in call.world.accounts])
            return
        token = os.environ.get("OP_SERVICE_ACCOUNT_TOKEN", "")
        if arguments.command == "whoami":
            whoami(call, token)
            return
    open_session(call, token)
    with locked(call.settings.state):
        # Read again: other calls may have changed the state while this one waited for the user.
        call.world = World(call.settings.state)
        cached = arguments.flags.get("cache", os.environ.get("OP_CACHE", "true") not in ("false", "0", "f"))
        call.view = View(call.world, call.account, bool(token), call.knobs, cached)
        command = arguments.command
        if command in HANDLERS:
            HANDLERS[command](call)
        elif command == "vault list":
            call.print([{"id": vault["id"], "name": vault["name"], "content_version": vault["content_version"]}
                        for vault in call.view.vaults()])
        elif command == "vault get":
            vault_get(call)
        elif command == "service-account ratelimit":
            ratelimit(call, token)
        if call.has_changed and "server-error" in call.knobs:
            # Before 2.32.1 op exited with success although the server had refused the change.
            call.output = ""
            return
        if call.has_changed or not os.path.exists(call.world.path):
            call.world.save()


def vault_get(call):
    vault = call.view.vault(call.arguments.words[0])
    call.print({"id": vault["id"], "name": vault["name"], "content_version": vault["content_version"],
                "attribute_version": 1, "items": len(call.view.items(vault)), "type": "USER_CREATED",
                "created_at": "2022-05-04T01:08:14Z", "updated_at": "2022-05-04T01:09:50Z"})


def ratelimit(call, token):
    if not token:
        raise Failure("this command needs a service account")
    call.print([{"type": "token", "action": "read", "limit": 1000, "used": 0, "remaining": 1000, "reset": 0}])


def whoami(call, token):
    """Never prompts the user. A revoked service account is not noticed; a corrupt one makes it panic."""
    if token:
        if not token.startswith("ops_"):
            raise Failure(PANIC, code=2, panic=True)
        if "sa-not-authenticated" in call.knobs:
            raise Failure("service account token set, but not authenticated yet")
        account = call.world.accounts[0]
        url = f"https://{account['url']}"
        if call.version < (2, 20, 0):
            call.print({"URL": url, "ServiceAccountType": "SERVICE_ACCOUNT"})
        else:
            call.print({"url": url, "user_uuid": id_of("service account").upper(),
                        "account_uuid": account["account_uuid"], "user_type": "SERVICE_ACCOUNT"})
        return
    account = call.world.select_account(call.arguments.get("account") or os.environ.get("OP_ACCOUNT"))
    if call.settings.get("SESSION", "open") != "open" or "not-signed-in" in call.knobs:
        raise Failure("account is not signed in")
    session_knobs(call)
    call.print({"url": f"https://{account['url']}/", "email": account["email"], "user_uuid": account["user_uuid"],
                "account_uuid": account["account_uuid"]})


def open_session(call, token):
    """Selects the account for a command that needs one. Prompts the user when the settings say so."""
    if token:
        session_knobs(call)
        if not token.startswith("ops_"):
            raise Failure(SERVICE_ACCOUNT_MALFORMED)
        if "sa-revoked" in call.knobs:
            raise Failure(SERVICE_ACCOUNT_DELETED)
        call.account = call.world.accounts[0]
        return
    call.account = call.world.select_account(call.arguments.get("account") or os.environ.get("OP_ACCOUNT"))
    session_knobs(call)
    session = call.settings.get("SESSION", "open")
    if session == "closed":
        raise Failure(SIGNED_OUT)
    prompt = call.knobs.get("prompt") or (session.split(":")[1:] if session.startswith("prompt") else None)
    if prompt is not None:
        ask_user(*prompt)


def session_knobs(call):
    for knob, message in SESSION_KNOBS.items():
        if knob in call.knobs:
            raise Failure(message)


def ask_user(seconds="0", answer="approve"):
    """The app's dialog: it is shown for a while, then the user answers."""
    time.sleep(FOR_EVER if seconds == "hang" else float(seconds))
    if answer == "timeout":
        raise Failure("error initializing client: authorization timeout")
    if answer == "dismissed":
        raise Failure("error initializing client: authorization prompt dismissed, please try again")
