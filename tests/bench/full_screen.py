# SPDX-License-Identifier: Apache-2.0
"""Measures jackin-tui on a terminal: its wake-ups while idle, the bytes it writes, and how fast it answers."""

import fcntl
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

from sandbox import Sandbox, build_dir

ROWS, COLUMNS = 24, 80
LIMIT = 60
MARK = "▸".encode()
FRAME_END = b"\x1b[?2026l"
WORKSPACES = 100
MANY = 1_000
CHANGES_A_SECOND = 20
KEYS = 100
CHANGED = 20


class Screen:
    """jackin-tui on a pseudo-terminal. The time of its start is measured from here on."""

    def __init__(self, sandbox):
        self.output = b""
        self.started = time.perf_counter()
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen([sandbox.program("jackin-tui")], stdin=slave, stdout=slave, stderr=slave,
                                        env={**sandbox.environment, "TERM": "xterm-256color"}, cwd=sandbox.root,
                                        start_new_session=True)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        while self._read(LIMIT):
            pass
        self.process.wait(LIMIT)
        os.close(self._master)

    def _read(self, limit):
        if not select.select([self._master], [], [], limit)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def wait(self, text, begin=0):
        """Waits for the end of the frame that writes `text` behind the offset `begin`; returns the time."""
        while True:
            found = self.output.find(text, begin)
            if found >= 0 and self.output.find(FRAME_END, found) >= 0:
                return time.perf_counter()
            if not self._read(LIMIT):
                sys.exit(f"bench: jackin-tui never wrote {text}: {self.output[begin:]}")

    def rest(self):
        """Reads until nothing is written for half a second."""
        while self._read(0.5):
            pass

    def send(self, keys):
        os.write(self._master, keys)


def wakeups(pid):
    """How often each thread has gone to sleep so far, by the number and the name of the thread. gRPC names its own."""
    found = {}
    for number, task in enumerate(sorted(os.listdir(f"/proc/{pid}/task"), key=int)):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
            status = file.read()
        name = re.search(r"^Name:\s+(.*)$", status, re.M).group(1)
        found[f"{number} {name}" if number else "main thread"] = int(
            re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M).group(1))
    return found


def per_minute(before, after, seconds):
    """The main thread, and the threads that woke up."""
    rates = {name: (count - before.get(name, 0)) * 60 / seconds for name, count in after.items()}
    return {name: rate for name, rate in rates.items() if rate or name == "main thread"}


def configure(sandbox, count):
    sandbox.folder("home/tokens")
    for number in range(count):
        sandbox.private_file(f"home/tokens/{number}", "sk-ant-oat01-" + f"{number:05}".ljust(93, "b") + "AA")
        sandbox.workspace(f"w-{number:04}", text_of(number, "oauth_token"))
    sandbox.settings('[health]\nrefresh = "off"\n[upstream]\ncheck = "off"\n')
    sandbox.run("jackinctl", "status")


def text_of(number, mode):
    token = f'oauth_token = {{ file = "~/tokens/{number}" }}\n'
    return f'workdir = "/w"\n[claude]\nauth_forward = "{mode}"\n{token if mode == "oauth_token" else ""}'


def quantile(values, fraction):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * fraction))]


def start_and_idle(seconds):
    with Sandbox() as sandbox:
        configure(sandbox, WORKSPACES)
        starts = []
        for _ in range(10):
            with Screen(sandbox) as screen:
                starts.append(screen.wait(b"w-0000") - screen.started)
        with Screen(sandbox) as screen:
            screen.wait(b"w-0000")
            screen.rest()
            daemon = sandbox.daemon_pid()
            before, daemon_before = wakeups(screen.process.pid), wakeups(daemon)
            written = len(screen.output)
            time.sleep(seconds)
            woken = per_minute(before, wakeups(screen.process.pid), seconds)
            daemon_woken = per_minute(daemon_before, wakeups(daemon), seconds)
            screen.rest()
            with open(f"/proc/{screen.process.pid}/status", encoding="ascii") as file:
                resident = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
            return {"start_ms": statistics.median(starts) * 1e3, "start_worst_ms": max(starts) * 1e3,
                    "wakeups_per_minute": woken, "daemon_wakeups_per_minute": daemon_woken,
                    "idle_bytes": len(screen.output) - written, "resident_kib": resident,
                    "bytes_per_changed_row": changed_rows(sandbox, screen)}


def changed_rows(sandbox, screen):
    """The bytes that are written when the mode of one visible row changes. It is not the selected row."""
    sizes = []
    for number in range(CHANGED):
        begin = len(screen.output)
        mode = "ignore" if number % 2 == 0 else "oauth_token"
        sandbox.workspace("w-0003", text_of(3, mode))
        screen.wait(b"ignore" if mode == "ignore" else b"oauth", begin)
        screen.rest()
        sizes.append(len(screen.output) - begin)
    return {"median": statistics.median(sizes), "most": max(sizes)}


def keys_beside_changes():
    """The time from a key to the frame that shows the selection elsewhere, while rows change."""
    with Sandbox() as sandbox:
        configure(sandbox, MANY)
        with Screen(sandbox) as screen:
            screen.wait(b"w-0000")
            # By name, so that rows stay in their places.
            screen.send(b"s")
            screen.wait(b"by name")
            screen.rest()
            ends = threading.Event()
            changer = threading.Thread(target=change_rows, args=(sandbox, ends))
            changer.start()
            times = []
            try:
                for number in range(KEYS):
                    screen._read(0.03)
                    begin = len(screen.output)
                    sent = time.perf_counter()
                    # Among the first rows the list does not scroll, so that the mark moves.
                    screen.send(b"k" if number // 3 % 2 else b"j")
                    times.append(screen.wait(MARK, begin) - sent)
            finally:
                ends.set()
                changer.join()
            return {"median_ms": statistics.median(times) * 1e3, "p99_ms": quantile(times, 0.99) * 1e3,
                    "worst_ms": max(times) * 1e3}


def change_rows(sandbox, ends):
    number = 0
    while not ends.wait(1 / CHANGES_A_SECOND):
        place = number % 10
        sandbox.workspace(f"w-{place:04}", text_of(place, "ignore" if number // 10 % 2 == 0 else "oauth_token"))
        number += 1


def is_built():
    return os.path.exists(os.path.join(build_dir(), "bin/jackin-tui"))


def measure(seconds):
    """`seconds` is how long it is idle."""
    return {**start_and_idle(seconds), "key": keys_beside_changes()}
