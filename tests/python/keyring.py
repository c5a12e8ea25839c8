# SPDX-License-Identifier: Apache-2.0
"""A real Secret Service in a folder of its own: a session bus, GNOME Keyring on it, and, in place of a user, the
prompter of GNOME's own tests (gcr_mock_prompter_* in libgcr-base). Nothing here waits by sleeping.

As a program, for tests in other languages: `keyring.py FOLDER [--no-service | --startable]` prints the bus' address.
Then it executes each line on stdin, answers each with a line, and ends when stdin is closed.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import time

PASSWORD = "the keyring's password"
SERVICE = "org.freedesktop.secrets"
LOGIN = "/org/freedesktop/secrets/collection/login"
LIMIT = 30

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus-socket</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

STARTED_BY_THE_BUS = f"""[D-BUS Service]
Name={SERVICE}
Exec=/usr/bin/gnome-keyring-daemon --foreground --components=secrets
"""


class Keyring:
    """`service`: GNOME Keyring runs, and its default keyring is open. `startable`: the bus can start it."""

    def __init__(self, folder, service=True, startable=False):
        self.folder = os.path.abspath(folder)
        self._processes = []
        for name in ("services", "home/.cache", "home/.local/share/keyrings", "run"):
            os.makedirs(os.path.join(self.folder, name), mode=0o700, exist_ok=True)
        self._write("bus.conf", BUS.format(folder=self.folder))
        if startable:
            self._write(f"services/{SERVICE}.service", STARTED_BY_THE_BUS)
        home = os.path.join(self.folder, "home")
        self.environment = {"HOME": home, "XDG_RUNTIME_DIR": os.path.join(self.folder, "run"), "PATH": "/usr/bin:/bin",
                            "XDG_DATA_HOME": home + "/.local/share", "LANG": "C.UTF-8"}
        self._start_bus()
        if service:
            self.start_service()

    def close(self):
        for process in reversed(self._processes):
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()
            process.terminate()
            process.wait(LIMIT)
        self._processes.clear()

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def _start(self, *command, **options):
        log = open(os.path.join(self.folder, "log"), "ab")
        process = subprocess.Popen(command, env=self.environment, stderr=log, cwd=self.folder, **options)
        log.close()
        self._processes.append(process)
        return process

    def _start_bus(self):
        read, write = os.pipe()
        self._start("dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", f"--print-address={write}",
                    stdout=subprocess.DEVNULL, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read, encoding="ascii") as file:
            self.address = file.readline().strip()
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.address

    def start_service(self):
        """Starts GNOME Keyring, which creates its default keyring and opens it."""
        self.service = self._start("gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock",
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.service.stdin.write(PASSWORD.encode())
        self.service.stdin.close()
        self.run("gdbus", "wait", "--session", "--timeout", str(LIMIT), SERVICE)

    def start_service_locked(self):
        """Starts it as a login without the keyring's password does: no keyring has been opened yet."""
        self.service = self._start("gnome-keyring-daemon", "--foreground", "--components=secrets",
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.run("gdbus", "wait", "--session", "--timeout", str(LIMIT), SERVICE)

    def add_locked_keyring(self):
        """Creates a second keyring, which is locked while the default one is open. Starts the service again."""
        self.stop_service()
        folder = os.path.join(self.folder, "home/.local/share/keyrings")
        shutil.copy(os.path.join(folder, "login.keyring"), os.path.join(folder, "second.keyring"))
        self.start_service()

    def stop_service(self):
        self._processes.remove(self.service)
        self.service.stdin.close()
        self.service.kill()
        self.service.wait(LIMIT)

    def keep_service_running(self):
        if self.service not in self._processes:
            self.start_service()

    def run(self, *command, input=None):
        """The output of a program on this bus."""
        return subprocess.run(command, env=self.environment, input=input, check=True, timeout=LIMIT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def _call(self, path, method, *arguments):
        return self.run("gdbus", "call", "--session", "--dest", SERVICE, "--object-path", path, "--method", method,
                        *arguments)

    # --- what a user does ---

    def lock(self):
        self._call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", f"['{LOGIN}']")

    def store(self, service, account, value, label="kept by hand"):
        self.run("secret-tool", "store", "--label", label, "service", service, "account", account, input=value)

    # --- what a user sees ---

    def lookup(self, *attributes):
        """The value of an item; None when there is none."""
        try:
            return self.run("secret-tool", "lookup", *attributes)
        except subprocess.CalledProcessError:
            return None

    def search(self, *attributes):
        """The output of `secret-tool search` for the items, locked ones too, with all details."""
        return subprocess.run(["secret-tool", "search", "--all", *attributes], env=self.environment, check=False,
                              timeout=LIMIT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    def count(self, *attributes):
        return sum(line.startswith("label = ") for line in self.search(*attributes).splitlines())

    def files(self):
        """Every byte of the service's files."""
        folder = os.path.join(self.folder, "home/.local/share/keyrings")
        return {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}

    # --- the user who answers prompts ---

    def with_user(self):
        """From the next start of the service on, the mock user answers its prompts."""
        self._user = self._start(sys.executable, "-B", os.path.abspath(__file__), "user", stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        self.environment["GNOME_KEYRING_TEST_PROMPTER"] = self._user.stdout.readline().strip()

    def restart_user(self):
        """Replaces the mock user at the next start of the service; the previous user's open prompts are discarded."""
        self._processes.remove(self._user)
        self._user.kill()
        self._user.wait(LIMIT)
        self._user.stdin.close()
        self._user.stdout.close()
        self.with_user()

    def _tell(self, what):
        self._user.stdin.write(what + "\n")
        self._user.stdin.flush()
        return self._user.stdout.readline().strip()

    def will_unlock(self):
        self._tell("unlock")

    def will_dismiss(self):
        self._tell("dismiss")

    def will_wait(self):
        """The prompt stays open."""
        self._tell("wait")

    def was_asked(self):
        """Whether the service has shown the prompts that were to be answered."""
        return self._tell("asked?") == "True"

    def wait_until_asked(self):
        deadline = time.monotonic() + LIMIT
        while not self.was_asked():
            if time.monotonic() > deadline:
                raise TimeoutError("the user was not prompted")


def be_the_user():
    """A process can have only one."""
    gcr = ctypes.CDLL("libgcr-base-3.so.1")
    gcr.gcr_mock_prompter_start.restype = ctypes.c_char_p
    gcr.gcr_mock_prompter_expect_password_ok.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    print(gcr.gcr_mock_prompter_start().decode(), flush=True)
    for line in sys.stdin:
        what = line.strip()
        if what == "wait":
            gcr.gcr_mock_prompter_set_delay_msec(3_600_000)
        if what in ("unlock", "wait"):
            gcr.gcr_mock_prompter_expect_password_ok(PASSWORD.encode(), None)
        elif what == "dismiss":
            gcr.gcr_mock_prompter_expect_password_cancel()
        print(not gcr.gcr_mock_prompter_is_expecting(), flush=True)
    os._exit(0)


def main():
    folder, *options = sys.argv[1:]
    if folder == "user":
        be_the_user()
    keyring = Keyring(folder, service=False, startable="--startable" in options)
    try:
        keyring.with_user()
        if not options:
            keyring.start_service()
        print(keyring.address, flush=True)
        for line in sys.stdin:
            name, *words = line.rstrip("\n").split("\t")
            answer = getattr(keyring, name)(*words)
            # The answer is always one line.
            print(repr(answer) if not (answer is None or isinstance(answer, str)) else
                  (answer or "").replace("\n", "\\n"), flush=True)
    finally:
        keyring.close()


if __name__ == "__main__":
    main()
