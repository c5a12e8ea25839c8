# SPDX-License-Identifier: Apache-2.0
"""The daemon as a service. systemd-socket-activate and systemd-analyze are the real ones; the service manager is a
stand-in (`Manager`), since systemd would manage services of the machine that runs the tests."""

import json
import os
import plistlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time
import unittest

from support import EndToEnd, LIMIT, REPOSITORY

SYSTEMD = os.path.join(REPOSITORY, "systemd")
LAUNCHD = os.path.join(REPOSITORY, "launchd")


class Manager:
    """Does what systemd does with a service of `Type=notify` and `WatchdogSec=` (systemd.service(5)). It gives the main
    process NOTIFY_SOCKET and, with a `watchdog` in seconds, WATCHDOG_USEC and WATCHDOG_PID. It accepts messages only
    from that process (NotifyAccess=main). After READY=1 it sends SIGABRT, and SIGCONT as with every signal of its own,
    when that much time passes without WATCHDOG=1."""

    def __init__(self, test, watchdog=None, environment=None, arguments=("--foreground",), errors=subprocess.DEVNULL):
        self.path = test.sandbox.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.watchdog, self.fed_at = watchdog, None
        self.heartbeats = 0
        self.ignored = []
        given = test.sandbox.with_environment({"NOTIFY_SOCKET": self.path, **(environment or {})})
        script = 'export SYSTEMD_EXEC_PID=$$; exec "$@"'
        if watchdog:
            given["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))
            script = "export WATCHDOG_PID=$$; " + script
        self.process = subprocess.Popen(["sh", "-c", script, "sh", test.sandbox.program("jackind"), *arguments],
                                        env=given, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                                        cwd=test.sandbox.root)
        self.end = os.pidfd_open(self.process.pid)
        test.addCleanup(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT)
        os.close(self.end)
        self.socket.close()

    def next(self):
        """The next event: a message as a dictionary, or None for the end of the process."""
        deadline = time.monotonic() + LIMIT
        while True:
            until = deadline if self.fed_at is None else min(deadline, self.fed_at + self.watchdog)
            ready, _, _ = select.select([self.socket, self.end], [], [], max(0, until - time.monotonic()))
            if self.socket in ready:
                message = self._receive()
                if message is not None:
                    return message
            elif self.end in ready:
                return None
            elif self.fed_at is not None and time.monotonic() >= self.fed_at + self.watchdog:
                self.fed_at = None
                self.process.send_signal(signal.SIGABRT)
                self.process.send_signal(signal.SIGCONT)
            elif time.monotonic() >= deadline:
                raise AssertionError("nothing happens")

    def _receive(self):
        data, ancillary, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(12))
        pid = next(struct.unpack("iII", bytes(body[:12]))[0] for level, kind, body in ancillary
                   if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS))
        message = dict(line.split("=", 1) for line in data.decode().split("\n") if line)
        if pid != self.process.pid:
            self.ignored.append(message)
            return None
        if self.watchdog and ("WATCHDOG" in message or "READY" in message):
            self.fed_at = time.monotonic()
        if "WATCHDOG" in message:
            self.heartbeats += 1
        return message

    def expect(self, name):
        """Waits for a message that has `name`, and skips watchdog signals; returns it."""
        while True:
            message = self.next()
            if message is None:
                raise AssertionError(f"ended ({self.process.poll()}) before it said {name}")
            if name in message:
                return message
            if "WATCHDOG" not in message:
                raise AssertionError(f"{message} came before {name}")

    def wait(self):
        while self.next() is not None:
            pass
        return self.process.wait(LIMIT)


class ServiceNotifications(EndToEnd):
    def settings(self, text):
        self.sandbox.settings(text)

    def base_url(self):
        return self.daemon_status()["base_url"]

    def test_ready_reload_and_stop_are_reported(self):
        manager = Manager(self)
        ready = manager.expect("READY")
        self.assertEqual(ready["STATUS"], "listens on " + os.path.join(self.sandbox.runtime_dir, "jackind.sock"))
        self.done(self.ctl("probe", "demo"))
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.assertEqual(self.base_url(), self.api.url)
        self.sandbox.ask_api_at("http://127.0.0.1:2")
        self.settings('[log]\nlevel = "debug"\n')
        manager.process.send_signal(signal.SIGHUP)
        reloading = manager.expect("RELOADING")
        self.assertGreaterEqual(int(reloading["MONOTONIC_USEC"]), before)
        self.assertIn("listens on", manager.expect("READY")["STATUS"])
        self.assertEqual(self.base_url(), "http://127.0.0.1:2")
        manager.process.send_signal(signal.SIGTERM)
        self.assertEqual(manager.expect("STOPPING")["STOPPING"], "1")
        self.assertEqual(manager.wait(), 0)
        self.assertEqual(manager.heartbeats, 0, "the manager requested no watchdog signals")
        self.assertEqual(manager.ignored, [])

    def test_broken_settings_keep_the_last_good_ones(self):
        self.settings('[store]\ndefault = "file"\n[health]\nrefresh = "off"\n')
        manager = Manager(self)
        manager.expect("READY")

        self.settings('[store]\ndefault = "op"\nflavour = "strong"\n')
        manager.process.send_signal(signal.SIGHUP)
        manager.expect("RELOADING")
        status = manager.expect("READY")["STATUS"]
        self.assertIn("cannot reload the settings", status)
        self.assertIn("flavour", status)
        found = self.ctl("doctor", "--offline", "--format", "json")
        self.assertIn("the earlier settings apply", found.stdout)
        # The last good settings still apply: without a named store, the token goes into a file.
        self.assertIn("file", self.set_up("demo").text)
        self.assertEqual(len(self.stored()), 1)

        self.settings('[log]\nlevel = "info"\n')
        manager.process.send_signal(signal.SIGHUP)
        manager.expect("RELOADING")
        self.assertIn("listens on", manager.expect("READY")["STATUS"])
        self.assertNotIn("the earlier settings apply", self.ctl("doctor", "--offline", "--format", "json").stdout)

    def test_children_do_not_inherit_its_variables(self):
        seen = self.sandbox.path("seen")
        source = self.sandbox.path("bin", "source")
        with open(source, "w", encoding="utf-8") as out:
            out.write(f"#!/bin/sh\nenv > {seen}\necho {self.token}\n")
        os.chmod(source, 0o700)
        self.sandbox.workspace("demo", f'[claude]\noauth_token = {{ command = ["{source}"] }}\n')
        manager = Manager(self, watchdog=LIMIT, environment={"JOURNAL_STREAM": "1:1", "INVOCATION_ID": "a" * 32,
                                                             "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x"})
        manager.expect("READY")
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        names = {line.split("=", 1)[0] for line in self.text(seen).splitlines()}
        self.assertIn("HOME", names)
        self.assertEqual({name for name in names if re.match("NOTIFY|WATCHDOG|LISTEN|JOURNAL|SYSTEMD|INVOCATION", name)},
                         set())


class Watchdog(EndToEnd):
    def test_regular_signals_keep_the_daemon(self):
        manager = Manager(self, watchdog=6)
        manager.expect("READY")
        while manager.heartbeats < 4:
            manager.expect("WATCHDOG")
        self.assertIsNone(manager.process.poll())
        self.done(self.ctl("probe", "demo"))

    def test_missing_signals_end_the_daemon_and_the_next_one_serves(self):
        manager = Manager(self, watchdog=2)
        manager.expect("READY")
        manager.process.send_signal(signal.SIGSTOP)
        self.assertEqual(manager.wait(), -signal.SIGABRT)
        os.unlink(manager.path)
        again = Manager(self)
        again.expect("READY")
        self.done(self.ctl("probe", "demo"))

    def test_watchdog_of_another_process_gets_no_signals(self):
        manager = Manager(self, environment={"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})
        manager.expect("READY")
        manager.process.send_signal(signal.SIGTERM)
        manager.expect("STOPPING")
        self.assertEqual(manager.wait(), 0)
        self.assertEqual(manager.heartbeats, 0)


class ServiceLog(EndToEnd):
    def test_journal_gets_lines_with_priority(self):
        journal = self.sandbox.path("journal")
        with open(journal, "wb") as stream:
            found = os.fstat(stream.fileno())
            manager = Manager(self, environment={"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}, errors=stream)
            manager.expect("READY")
        self.sandbox.settings("nonsense\n")
        manager.process.send_signal(signal.SIGHUP)
        manager.expect("RELOADING")
        manager.expect("READY")
        lines = self.text(journal).splitlines()
        self.assertTrue(all(re.match(r"<[3467]>[a-zA-Z0-9]", line) for line in lines), lines)
        self.assertTrue(any(line.startswith("<6>listens on ") for line in lines), lines)
        self.assertTrue(any(line.startswith("<3>cannot reload the settings") for line in lines), lines)
        self.assertEqual(self.sandbox.log(), "")

    def test_without_a_journal_the_file_is_written(self):
        manager = Manager(self, environment={"JOURNAL_STREAM": "1:1"}, arguments=())
        manager.expect("READY")
        self.assertIn("listens on", self.sandbox.log())


@unittest.skipUnless(shutil.which("systemd-socket-activate"), "no systemd here")
class Activated(EndToEnd):
    def activate(self, **more):
        os.makedirs(self.sandbox.runtime_dir, mode=0o700)
        self.path = os.path.join(self.sandbox.runtime_dir, "jackind.sock")
        given = {**self.sandbox.environment, **more}
        names = [word for name in given for word in ("-E", name)]
        self.listener = subprocess.Popen(["systemd-socket-activate", "-l", self.path, *names,
                                          self.sandbox.program("jackind")], env=given, text=True,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.listener.stderr.close)
        self.addCleanup(self.listener.wait, LIMIT)
        self.addCleanup(self.listener.kill)
        self.assertIn("Listening on", self.listener.stderr.readline())

    def test_first_probe_starts_the_daemon(self):
        self.activate()
        self.assertFalse(os.path.exists(self.sandbox.state_dir))
        # No client starts a daemon here.
        answer = self.json(self.ctl("probe", "demo", "--format", "json", environment={"JACKIN_NO_AUTOSTART": "1"}))
        self.assertEqual(answer["decision"], "allow")
        self.assertEqual(self.sandbox.daemon_pid(), self.listener.pid)
        self.done(self.hook("probe", "demo", environment={"JACKIN_NO_AUTOSTART": "1"}))

    def test_second_daemon_reports_and_does_not_delay_clients(self):
        # As cron starts it: it holds the lock, and clients of a session do not find its socket.
        apart = {"XDG_RUNTIME_DIR": None, "JACKIN_RUNTIME_DIR": self.sandbox.path("apart")}
        first = self.json(self.ctl("daemon", "start", "--format", "json", environment=apart))
        self.addCleanup(self.ctl, "daemon", "stop", environment=apart)
        heard = self.sandbox.path("notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(heard)
            manager.settimeout(LIMIT)
            self.activate(NOTIFY_SOCKET=heard)
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(LIMIT)
                client.connect(self.path)
                self.assertEqual(client.recv(1), b"")
            said = manager.recv(4096).decode()
        self.assertIn("READY=1", said)
        self.assertIn(f"pid {first['pid']}", said)
        self.assertEqual(self.listener.wait(LIMIT), 0)

    def test_socket_of_the_manager_is_not_replaced(self):
        self.activate()
        before = os.lstat(self.path)
        done = self.ctl("daemon", "run")
        self.assertEqual(done.code, 1)
        self.assertIn("service manager", done.stderr)
        self.assertEqual(os.lstat(self.path).st_ino, before.st_ino)

    def test_socket_of_the_manager_is_kept_at_the_end(self):
        self.activate()
        self.done(self.ctl("probe", "demo"))
        before = os.lstat(self.path)
        self.done(self.ctl("daemon", "stop"))
        self.assertEqual(self.listener.wait(LIMIT), 0)
        self.assertEqual(os.lstat(self.path).st_ino, before.st_ino)


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
class Units(EndToEnd):
    def setUp(self):
        super().setUp()
        self.folder = self.sandbox.folder("units")
        with open(os.path.join(SYSTEMD, "jackind.service.in"), encoding="utf-8") as file:
            self.service = file.read()
        with open(os.path.join(SYSTEMD, "jackind.socket.in"), encoding="utf-8") as file:
            self.socket = file.read()
        for name, text in (("jackind.service", self.service.replace("@jackind@", self.sandbox.program("jackind"))
                            .replace("@environment@\n", "")),
                           ("jackind.socket", self.socket.replace("@socket@", "%t/jackin/jackind.sock"))):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
                out.write(text)

    def analyze(self, *arguments):
        return self.done(self.sandbox.run("/usr/bin/systemd-analyze", *arguments,
                                          environment={"SYSTEMD_UNIT_PATH": self.folder + ":"}))

    def test_systemd_analyze_verify_is_clean(self):
        # The man pages are found only after the installation.
        done = self.analyze("verify", "--user", "--man=no", os.path.join(self.folder, "jackind.service"),
                            os.path.join(self.folder, "jackind.socket"))
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_every_missing_protection_has_a_reason(self):
        done = self.analyze("security", "--user", "--offline=yes", "--json=short",
                            os.path.join(self.folder, "jackind.service"))
        rows = json.loads(done.stdout)
        missing = {name for row in rows if row["set"] is False for name in re.findall(r"\w+(?==)", row["name"])}
        missing -= {"RootImage", "DynamicUser"}  # other spellings of RootDirectory= and User=
        self.assertIn("NoNewPrivileges", missing)
        reasons = "".join(line for line in self.service.splitlines(keepends=True) if line.startswith("#"))
        self.assertEqual({name for name in missing if name + "=" not in reasons}, set())
        # A reason for a protection that is not missing would be wrong too.
        given = {row["name"].split("=")[0] for row in rows if row["set"]}
        self.assertIn("UMask", given)

    def test_socket_is_private_and_where_clients_look(self):
        self.assertIn("ListenStream=%t/jackin/jackind.sock\n", self.text(os.path.join(self.folder, "jackind.socket")))
        self.assertIn("SocketMode=0600\n", self.socket)
        self.assertIn("DirectoryMode=0700\n", self.socket)

    def test_stop_timeout_exceeds_the_daemons_limits(self):
        with open(os.path.join(REPOSITORY, "daemon/core/daemon.cpp"), encoding="utf-8") as file:
            minutes = [int(number) for number in re.findall(r"_limit = std::chrono::minutes\((\d+)\)", file.read())]
        self.assertTrue(minutes)
        stop = int(re.search(r"^TimeoutStopSec=(\d+)min$", self.service, re.M).group(1))
        self.assertGreater(stop, sum(minutes))


class Plist(unittest.TestCase):
    def test_plist_has_the_keys_of_launchd(self):
        with open(os.path.join(LAUNCHD, "dev.jackin.jackind.plist.in"), "rb") as file:
            text = file.read()
        plist = plistlib.loads(text.replace(b"@environment@", b""))
        self.assertEqual(plist["Label"], "dev.jackin.jackind")
        self.assertEqual(plist["Sockets"]["Listeners"]["SockPathMode"], 0o600)
        self.assertEqual(plist["Umask"], 0o077)
        self.assertEqual(plist["HardResourceLimits"]["Core"], 0)
        self.assertIs(plist["KeepAlive"]["SuccessfulExit"], False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
