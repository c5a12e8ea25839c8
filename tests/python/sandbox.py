# SPDX-License-Identifier: Apache-2.0
"""A sandbox in which the real jackind, jackinctl and jackin-hook run, with its own folders and environment.

Nothing here waits by sleeping: a test waits for output, an exit, or a descriptor that becomes ready.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import urllib.parse

from screen import Screen

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# No server listens at this address.
CLOSED_PORT = "http://127.0.0.1:1"
LIMIT = float(os.environ.get("JACKIN_TEST_LIMIT", "60"))
# A browser in which the user consents at once.
BROWSER = os.path.join(REPOSITORY, "tests/python/browser")


def build_dir():
    """The build whose programs are tested; ctest sets it."""
    return os.environ.get("JACKIN_BUILD_DIR") or os.path.join(REPOSITORY, "build", "debug")


def is_sanitized():
    """Whether the programs are built with a sanitizer. clang links its sanitizers statically."""
    with open(os.path.join(build_dir(), "CMakeCache.txt"), encoding="utf-8") as cache:
        return re.search(r"^JACKIN_SANITIZE:\w+=.", cache.read(), re.M) is not None


def fake_claude():
    """The stand-in for claude, in a folder of its own."""
    return os.path.join(build_dir(), "tests/fakes/bin/claude")


def state_of(url):
    """The parameter that ties the code of a consent to its authorize URL."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["state"]


def enter_code(process, code="anycode", before=None):
    """Reads the stderr of a setup without a terminal up to the authorize URL, calls `before`, and enters the code.
    Returns what it read; without a URL that is everything."""
    read = ""
    for line in process.stderr:
        read += line
        if line.startswith("open: "):
            if before:
                before()
            process.stdin.write(f"{code}#{state_of(line.removeprefix('open: ').strip())}\n")
            process.stdin.flush()
            break
    return read


def program_of(pid):
    """The program that a process runs. Only root can read this of a process that cannot be traced, such as jackind. For
    other users it is the program of the start command."""
    if os.geteuid() == 0:
        return os.readlink(f"/proc/{pid}/exe")
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
        return os.path.realpath(file.read().split("\0")[0])


class Completed:
    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Sandbox:
    """`claude` is the program with that name on PATH; None: there is none."""

    def __init__(self, claude=None, environment=None):
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="jackin-sandbox-"))
        self.home = self.folder("home")
        self.config_dir = self.folder("home/.config/jackin")
        self.folder("home/.config/jackin/workspaces")
        self.state_dir = os.path.join(self.home, ".local/state/jackind")
        self.data_dir = os.path.join(self.home, ".local/share/jackind")
        self.tokens_dir = os.path.join(self.data_dir, "tokens")
        self.home_dir = os.path.join(self.home, ".jackin")
        self.runtime_dir = os.path.join(self.folder("run"), "jackin")
        self.bin = self.folder("bin")
        self.programs = os.path.join(build_dir(), "bin")
        if claude:
            os.symlink(claude, os.path.join(self.bin, "claude"))
        self.environment = {"HOME": self.home, "PATH": f"{self.bin}:/usr/bin:/bin", "LANG": "C.UTF-8",
                            "TERM": "xterm-256color", "XDG_RUNTIME_DIR": os.path.dirname(self.runtime_dir)}
        # No request reaches the real API, even when the settings are broken.
        self.environment["HTTPS_PROXY"] = CLOSED_PORT
        self.environment.update(environment or {})
        self.ask_api_at(CLOSED_PORT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(Exception):
            self.run("jackinctl", "daemon", "stop")
        shutil.rmtree(self.root, ignore_errors=True)

    def folder(self, name):
        """Creates a private folder, unless it exists; returns its path."""
        path = os.path.join(self.root, name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def path(self, *names):
        return os.path.join(self.root, *names)

    def private_file(self, path, text, mode=0o600):
        """Writes a file with this mode, also when it exists; returns its path. A relative path is below the sandbox."""
        path = self.path(path)
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            os.fchmod(out.fileno(), mode)
            out.write(text)
        return path

    def workspace(self, name, text=None):
        """Writes a workspace file; returns its path."""
        path = os.path.join(self.config_dir, "workspaces", name + ".toml")
        if text is None:
            text = f'# {name!a}: do not lose this comment\nworkdir = "/work"\n\n[[mounts]]\nsrc = "/work"\ndst = "/work"\n'
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def ask_api_at(self, url):
        """Sets the address of the API to `url`; None: the real one."""
        self.api_url = url
        self.settings("")

    def settings(self, text):
        """Writes jackind.toml: `text`, and the address of the API unless `text` sets it."""
        if self.api_url and "base_url" not in text:
            table = "[upstream]\n"
            address = f'base_url = "{self.api_url}"\n'
            text = text.replace(table, table + address) if table in text else f"{text}\n{table}{address}"
        with open(os.path.join(self.config_dir, "jackind.toml"), "w", encoding="utf-8") as out:
            out.write(text)

    def program(self, name):
        return os.path.join(self.programs, name) if os.sep not in name else name

    def with_environment(self, extra):
        environment = dict(self.environment)
        for name, value in (extra or {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        return environment

    def run(self, program, *arguments, input="", environment=None, pass_fds=(), cwd=None):
        """Runs one of our programs (or a path) without a terminal and waits until it ends. The default for `cwd` is a
        folder of no workspace."""
        done = subprocess.run([self.program(program), *arguments], input=input, text=True, capture_output=True,
                              timeout=LIMIT, env=self.with_environment(environment), cwd=cwd or self.root, pass_fds=pass_fds,
                              errors="surrogateescape", check=False)
        return Completed(done.returncode, done.stdout, done.stderr)

    def start(self, program, *arguments, environment=None, **options):
        """Starts one of our programs (or a path) without a terminal, by default with its output on pipes."""
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([self.program(program), *arguments], env=self.with_environment(environment), cwd=self.root,
                                **{**given, **options})

    def terminal(self, program, *arguments, rows=40, columns=120, environment=None):
        return Terminal([self.program(program), *arguments], self.with_environment(environment), self.root, rows, columns)

    def daemon_pid(self):
        match = re.search(r'"pid":\s*(\d+)', self.run("jackinctl", "daemon", "status", "--format", "json").stdout)
        return int(match.group(1)) if match else None

    def kill_daemon(self):
        """Kills the daemon and waits until its process and its socket are gone. Until then a client could reach it."""
        pid = self.daemon_pid()
        gone = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        select.select([gone], [], [], LIMIT)
        os.close(gone)

    def log(self):
        """The complete log of the daemon."""
        text = ""
        folder = os.path.join(self.state_dir, "log")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                text += file.read()
        return text


# Makes the terminal on stdin the controlling terminal of a new session, then becomes the program in the arguments. It is
# a program, because Python code between fork and exec can deadlock while another thread runs (`preexec_fn`). In the C
# locale Python sets LC_CTYPE (PEP 538), which the program must not inherit; `drop` or `keep` is the first argument.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if sys.argv[1] == "drop":
    os.environ.pop("LC_CTYPE", None)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Terminal:
    """A program on a pseudo-terminal, as for a user."""

    def __init__(self, command, environment, directory, rows, columns):
        self.output = b""
        self.code = None
        self._changed = threading.Condition()
        self._closed = False
        self._size = rows, columns
        self._resized_at = []
        master, slave = pty.openpty()
        self._master = master
        self._set_size(rows, columns)
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        locale = "keep" if "LC_CTYPE" in environment else "drop"
        self.process = subprocess.Popen([sys.executable, "-IS", "-c", TAKE_TERMINAL, locale, *command], stdin=slave,
                                        stdout=slave, stderr=slave, env=environment, cwd=directory)
        threading.Thread(target=self._read, daemon=True).start()

    def _set_size(self, rows, columns):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self):
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                if not data:
                    self._closed = True
                self.output += data
                self._changed.notify_all()
            if not data:
                return

    def resize(self, rows, columns):
        with self._changed:
            self._resized_at.append((len(self.output), rows, columns))
        self._set_size(rows, columns)
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGWINCH)

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self._master, data):]

    @property
    def text(self):
        return without_escapes(self.output)

    def expect(self, pattern, limit=LIMIT):
        """Waits until the output contains `pattern`, ignoring escape sequences and line ends; returns the match."""
        expression = re.compile(pattern, re.S)
        deadline = time.monotonic() + limit
        with self._changed:
            while True:
                found = expression.search(self.text)
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    raise AssertionError(f"never shown: {pattern}\n--- shown:\n{self.text}")
                self._changed.wait(left)

    def expect_output(self, pattern, limit=LIMIT):
        """Waits until the output contains `pattern`, in bytes; returns the match."""
        return self.expect_screen(lambda _: re.search(pattern, self.output), f"not written: {pattern}", limit)

    @property
    def screen(self):
        """What the terminal shows of a program that draws the whole screen."""
        screen, begin = Screen(*self._size), 0
        for end, rows, columns in self._resized_at:
            screen.feed(self.output[begin:end]).resize(rows, columns)
            begin = end
        return screen.feed(self.output[begin:])

    def expect_on_screen(self, pattern, limit=LIMIT):
        """Waits until the screen shows `pattern`, line by line; returns the match."""
        expression = re.compile(pattern, re.M)
        return self._expect_screen(lambda screen: expression.search(screen.text), f"not on the screen: {pattern}", limit)

    def wait_until_left(self, limit=LIMIT):
        """Waits until the program has left the alternate screen."""
        self._expect_screen(lambda screen: not screen.is_alternate, "the alternate screen is not left", limit)

    def _expect_screen(self, condition, problem, limit):
        deadline = time.monotonic() + limit
        with self._changed:
            while True:
                screen = self.screen
                found = condition(screen)
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    raise AssertionError(f"{problem}\n--- screen:\n{screen.text}")
                self._changed.wait(left)

    def expect_screen(self, condition, problem, limit=LIMIT):
        """Waits until `condition` holds for the screen; returns its value."""
        return self._expect_screen(condition, problem, limit)

    def wait(self, limit=LIMIT):
        """Waits until the program ends; returns its exit code."""
        self.code = self.process.wait(limit)
        self.after = termios.tcgetattr(self._slave)
        os.close(self._slave)
        with self._changed:
            self._changed.wait_for(lambda: self._closed, limit)
        os.close(self._master)
        return self.code

    def wait_until_raw(self, limit=LIMIT):
        """Waits until a program reads the terminal key by key (raw mode)."""
        deadline = time.monotonic() + limit
        while termios.tcgetattr(self._slave)[3] & termios.ICANON:
            if time.monotonic() > deadline:
                raise AssertionError(f"the terminal stays as it was:\n{self.text}")
            select.select([], [], [], 0.005)

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)


class RecordingSocket:
    """A socket in a folder of its own that forwards to the daemon's socket and records what the client received."""

    def __init__(self, sandbox):
        self.runtime_dir = sandbox.folder("recorded")
        self.received = b""
        self.sent = b""
        self._target = os.path.join(sandbox.runtime_dir, "jackind.sock")
        path = os.path.join(self.runtime_dir, "jackind.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        os.chmod(path, 0o600)
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                threading.Thread(target=self._pump, args=(client, server), daemon=True).start()

    def _pump(self, client, server):
        with contextlib.suppress(OSError), client, server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is server:
                        self.received += data
                        client.sendall(data)
                    else:
                        self.sent += data
                        server.sendall(data)


_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]")


def without_escapes(data):
    return _ESCAPES.sub(b"", data).decode("utf-8", "replace")


def pieces_in(data, token, length):
    """The pieces of `token` of at least `length` characters that occur in `data`. The search is repeated without line
    ends and escapes, so that a wrapped or coloured piece counts."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    readings = [data, _ESCAPES.sub(b"", data)]
    readings.append(re.sub(rb"[\r\n]", b"", readings[1]))
    readings.append(re.sub(rb"[\r\n ]", b"", readings[1]))
    found = set()
    for start in range(len(token) - length + 1):
        piece = token[start:start + length].encode()
        if any(piece in reading for reading in readings):
            found.add(piece.decode())
    return sorted(found)


def files_with_pieces(folder, token, length, allowed=()):
    """The files below `folder` that hold a piece of `token`, except those in `allowed`."""
    found = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            if path in allowed or not os.path.isfile(path) or os.path.islink(path):
                continue
            with open(path, "rb") as file:
                data = file.read()
            if any(token[i:i + length].encode() in data for i in range(len(token) - length + 1)):
                found.append(path)
    return found
