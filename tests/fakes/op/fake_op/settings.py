# SPDX-License-Identifier: Apache-2.0
"""The settings of the fake ($HOME/.fake-op) and its record of calls (STATE/calls.jsonl)."""

import fcntl
import hashlib
import json
import os
import stat
import sys

DEFAULT_VERSION = "2.39.0"


class Settings:
    """`$HOME/.fake-op`, lines NAME=VALUE and KNOB SELECTOR=KNOBS. Every call reads it again, so a test may change it.
    """

    def __init__(self, home):
        self.values, self.knob_lines = {}, []
        try:
            with open(os.path.join(home, ".fake-op"), encoding="utf-8") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            name, equals, value = line.strip().partition("=")
            if not equals or name.startswith("#"):
                continue
            if name.startswith("KNOB "):
                self.knob_lines.append((name[5:].strip(), value.strip()))
            else:
                self.values[name.strip()] = value.strip()
        self.state = self.values.get("STATE") or os.path.join(home, ".fake-op.d")
        self.version_text = self.values.get("VERSION", DEFAULT_VERSION)
        self.version = tuple(int(part) for part in self.version_text.partition("-")[0].split("."))

    def get(self, name, default=""):
        return self.values.get(name, default)

    def knobs(self, command, nth, nth_of_all):
        """The knobs for the `nth` call of `command`, which is the `nth_of_all` of all: name → its arguments."""
        name = command.replace(" ", ".") or "version"
        found = {}
        for selector, value in self.knob_lines:
            what, at, number = selector.partition("@")
            if what not in (name, "*"):
                continue
            if at and int(number) != (nth_of_all if what == "*" else nth):
                continue
            for knob in value.split(","):
                word, *arguments = knob.strip().split(":")
                found[word] = arguments
        return found


def environment():
    """The environment of the process at its start; Python may have added LC_CTYPE to os.environ."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
        pairs = (entry.partition(b"=") for entry in entries if entry)
        return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
    except OSError:
        return dict(os.environ)


def kind_of_stdin():
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return "closed"
    if stat.S_ISFIFO(mode):
        return "fifo"
    if stat.S_ISSOCK(mode):
        return "socket"
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISCHR(mode):
        return "tty" if os.isatty(0) else "null"
    return "other"


class Recorder:
    """Records each call: a line when it begins, a line when it ends. A call that was killed has no second line."""

    def __init__(self, state, argv, command, account):
        os.makedirs(state, mode=0o700, exist_ok=True)
        self.path = os.path.join(state, "calls.jsonl")
        self.stdin = None
        with locked(state):
            counts_path = os.path.join(state, "counts.json")
            counts = read_json(counts_path, {})
            name = command.replace(" ", ".") or "version"
            counts["*"] = counts.get("*", 0) + 1
            counts[name] = counts.get(name, 0) + 1
            write_json(counts_path, counts)
            self.call, self.nth = counts["*"], counts[name]
            given = environment()
            self._write({"event": "begin", "call": self.call, "command": name, "argv": argv, "environment": given,
                         "stdin": kind_of_stdin(), "pid": os.getpid(), "overlaps": not self._alone(state, account)})
        self.secret_seen = "".join(argv).find("sk-ant-") >= 0 or any("sk-ant-" in value for value in given.values())

    def _alone(self, state, account):
        """Whether no other call for the same account is running. The process holds the lock until it ends for any
        reason."""
        name = "running." + hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:8]
        self.lock = os.open(os.path.join(state, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        return alone

    def read_stdin(self):
        """All of stdin; only its length and SHA-256 are recorded."""
        data = sys.stdin.buffer.read()
        self.stdin = {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return data

    def end(self, code):
        self._write({"event": "end", "call": self.call, "exit": code, "stdin": self.stdin})

    def _write(self, record):
        line = json.dumps(record, ensure_ascii=True) + "\n"
        out = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.write(out, line.encode())
        os.close(out)


class locked:  # noqa: N801
    """`with locked(state):` lets only one call at a time change the state."""

    def __init__(self, state):
        self.path = os.path.join(state, "lock")

    def __enter__(self):
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        os.close(self.file)


def read_json(path, default):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def write_json(path, value):
    with open(path + "~", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    os.replace(path + "~", path)
