# SPDX-License-Identifier: Apache-2.0
"""Parses the command line as cobra and pflag do."""

from .failure import Failure

VALUE, BOOL = "value", "bool"

GLOBALS = {"account": VALUE, "cache": BOOL, "config": VALUE, "debug": BOOL, "encoding": VALUE, "format": VALUE,
           "iso-timestamps": BOOL, "no-color": BOOL, "session": VALUE, "help": BOOL, "version": BOOL}
SHORT = {"h": "help", "v": "version"}

# name → (flags, minimum of arguments, maximum of arguments); None: any number.
COMMANDS = {
    "whoami": ({}, 0, 0),
    "account list": ({}, 0, 0),
    "vault list": ({"group": VALUE, "user": VALUE, "permission": VALUE}, 0, 0),
    "vault get": ({}, 1, 1),
    "item list": ({"vault": VALUE, "categories": VALUE, "tags": VALUE, "favorite": BOOL, "include-archive": BOOL,
                   "long": BOOL}, 0, 0),
    "item get": ({"vault": VALUE, "fields": VALUE, "include-archive": BOOL, "otp": BOOL, "share-link": BOOL,
                  "reveal": BOOL}, 1, 1),
    "item create": ({"vault": VALUE, "category": VALUE, "title": VALUE, "tags": VALUE, "url": VALUE, "template": VALUE,
                     "dry-run": BOOL, "favorite": BOOL, "reveal": BOOL, "ssh-generate-key": VALUE,
                     "generate-password": VALUE}, 0, None),
    "item edit": ({"vault": VALUE, "title": VALUE, "tags": VALUE, "url": VALUE, "template": VALUE, "dry-run": BOOL,
                   "favorite": BOOL, "reveal": BOOL, "generate-password": VALUE}, 1, None),
    "item delete": ({"vault": VALUE, "archive": BOOL}, 1, 1),
    "item template get": ({"force": BOOL, "out-file": VALUE, "file-mode": VALUE}, 1, 1),
    "read": ({"no-newline": BOOL, "out-file": VALUE, "file-mode": VALUE, "force": BOOL}, 1, 1),
    "service-account ratelimit": ({}, 0, 1),
}
SHORT_OF = {"read": {"n": "no-newline", "o": "out-file", "f": "force"}, "item template get": {"f": "force"}}
ALIASES = {"ls": "list", "remove": "delete", "rm": "delete", "new": "create"}
TRUE, FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


class Arguments:
    """A parsed command line. `command` is empty when the line has none."""

    def __init__(self):
        self.command, self.flags, self.words = "", {}, []

    def get(self, flag):
        return self.flags.get(flag)


def parse(argv, version):
    parsed = Arguments()
    path, flags, shorts = [], dict(GLOBALS), dict(SHORT)
    index, only_words = 0, False
    while index < len(argv):
        word = argv[index]
        index += 1
        if not only_words and word == "--":
            only_words = True
        elif not only_words and word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name not in flags or (name == "reveal" and version < (2, 30, 0)):
                raise Failure(f"unknown flag: --{name}", usage=_usage(parsed))
            index = _set(parsed, flags, name, f"--{name}", value if equals else None, argv, index)
        elif not only_words and word.startswith("-") and word != "-":
            for at, letter in enumerate(word[1:], start=1):
                name = shorts.get(letter)
                if name is None:
                    raise Failure(f"unknown shorthand flag: {letter!r} in {word}", usage=_usage(parsed))
                if flags[name] == VALUE:
                    rest = word[at + 1:].removeprefix("=")
                    index = _set(parsed, flags, name, f"-{letter}", rest or None, argv, index)
                    break
                parsed.flags[name] = True
        elif not parsed.command:
            path.append(ALIASES.get(word, word))
            name = " ".join(path)
            if name in COMMANDS:
                parsed.command = name
                flags.update(COMMANDS[name][0])
                shorts.update(SHORT_OF.get(name, {}))
            elif not any(known.startswith(name + " ") for known in COMMANDS):
                raise Failure(f'unknown command "{word}" for "{" ".join(["op", *path[:-1]])}"', usage="op [command]")
        else:
            parsed.words.append(word)
    if not parsed.command and path:
        raise Failure(f'unknown command "{path[-1]}" for "op"', usage="op [command]")
    if parsed.command and not parsed.get("help"):
        _count(parsed)
    if parsed.get("format") not in (None, "human-readable", "json"):
        raise Failure(f'invalid argument "{parsed.get("format")}" for "--format" flag: must be one of: human-readable, '
                      "json", usage=_usage(parsed))
    return parsed


def _set(parsed, flags, name, spelled, value, argv, index):
    if flags[name] == BOOL:
        if value is not None and value not in TRUE + FALSE:
            raise Failure(f'invalid argument "{value}" for "--{name}" flag: strconv.ParseBool: parsing "{value}": '
                          "invalid syntax", usage=_usage(parsed))
        parsed.flags[name] = value is None or value in TRUE
        return index
    if value is None:
        if index == len(argv):
            raise Failure(f"flag needs an argument: {spelled}", usage=_usage(parsed))
        value = argv[index]
        index += 1
    parsed.flags[name] = value
    return index


def _count(parsed):
    _, least, most = COMMANDS[parsed.command]
    count = len(parsed.words)
    if count < least or (most is not None and count > most):
        wanted = f"{least} arg(s)" if least == most else f"between {least} and {most} arg(s)"
        raise Failure(f"accepts {wanted}, received {count}", usage=_usage(parsed))


def _usage(parsed):
    return f"op {parsed.command} [flags]" if parsed.command else "op [command]"
