# SPDX-License-Identifier: Apache-2.0
"""jackinctl daemon install, uninstall and logs, with stand-ins for systemctl and journalctl: the real ones would act on
the machine that runs the tests. The socket that the stand-in opens is that of the real systemd-socket-activate."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

from support import EndToEnd, LIMIT, build_dir, is_sanitized, program_of

SYSTEMCTL = r'''
import json, os, select, shlex, signal, subprocess, sys

root = os.environ["HOME"] + "/systemd"
os.makedirs(root, exist_ok=True)
with open(root + "/calls", "a") as out:
    out.write(" ".join(sys.argv[1:]) + "\n")
units = os.environ.get("XDG_CONFIG_HOME", os.environ["HOME"] + "/.config") + "/systemd/user/"
on = root + "/on"


def setting(unit, key):
    with open(units + unit) as file:
        return [line[len(key) + 1:].strip() for line in file if line.startswith(key + "=")]


def expanded(text):
    return text.replace("%%", "\0").replace("%t", os.environ["XDG_RUNTIME_DIR"]).replace("\0", "%")


def listen():
    path = expanded(setting("jackind.socket", "ListenStream")[0])
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    given = dict(os.environ)
    for name in ("JACKIN_CONFIG_DIR", "JACKIND_STATE_DIR", "JACKIND_DATA_DIR", "JACKIN_RUNTIME_DIR", "JACKIN_HOME_DIR", "JACKIN_NO_AUTOSTART"):
        given.pop(name, None)
    for line in setting("jackind.service", "Environment"):
        for word in shlex.split(expanded(line)):
            given.update([word.split("=", 1)])
    program = shlex.split(expanded(setting("jackind.service", "ExecStart")[0]))
    names = [word for name in given for word in ("-E", name)]
    reading, writing = os.pipe()
    process = subprocess.Popen(["systemd-socket-activate", "-l", path, *names, *program], env=given,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing, start_new_session=True)
    os.close(writing)
    said = b""
    while b"Listening on" not in said:
        more = os.read(reading, 4096)
        if not more:
            sys.exit("nothing listens: " + said.decode())
        said += more
    # The daemon's later output needs a reader.
    subprocess.Popen(["cat"], stdin=reading, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    with open(on, "w") as out:
        json.dump({"pid": process.pid, "socket": path}, out)


def stop():
    if not os.path.exists(on):
        return
    with open(on) as file:
        state = json.load(file)
    try:
        end = os.pidfd_open(state["pid"])
        os.kill(state["pid"], signal.SIGTERM)
        select.select([end], [], [])
    except ProcessLookupError:
        pass
    os.unlink(on)
    if os.path.exists(state["socket"]):
        os.unlink(state["socket"])


assert sys.argv[1] == "--user", sys.argv
verb = sys.argv[2]
if os.path.exists(root + "/fail") and verb in open(root + "/fail").read().split():
    sys.exit("Failed to connect to bus: No medium found")
if verb in ("is-active", "is-enabled"):
    sys.exit(0 if os.path.exists(on) else 3)
if verb == "enable" and os.path.exists(root + "/race"):
    # A client starts a daemon before the socket exists, and the socket takes its place. That daemon cannot be reached,
    # and holds the lock, so that the service's daemon ends before it is ready.
    with open(root + "/race") as file:
        subprocess.run([file.read(), "daemon", "start"], check=True, stdout=subprocess.DEVNULL)
    os.unlink(root + "/race")
    os.unlink(expanded(setting("jackind.socket", "ListenStream")[0]))
    sys.exit("Job for jackind.service failed")
if verb == "enable":
    listen()
if verb == "disable":
    stop()
'''


class InstalledTree(EndToEnd):
    """The files that `cmake --install` installs, and that they work in their place."""

    def setUp(self):
        super().setUp()
        self.prefix = self.sandbox.path("a place", "usr")
        subprocess.run(["cmake", "--install", build_dir(), "--prefix", self.prefix], check=True, timeout=LIMIT,
                       stdout=subprocess.DEVNULL)
        self.sandbox.programs = os.path.join(self.prefix, "bin")

    def test_all_files_are_installed(self):
        there = {os.path.relpath(os.path.join(base, name), self.prefix)
                 for base, _, names in os.walk(self.prefix) for name in names}
        for path in ("bin/jackind", "bin/jackinctl", "bin/jackin-hook", "libexec/jackin/jackin-relay",
                     "share/man/man1/jackinctl.1", "share/man/man1/jackind.1", "share/man/man1/jackin-hook.1",
                     "share/man/man5/jackind.toml.5", "share/bash-completion/completions/jackinctl",
                     "share/fish/vendor_completions.d/jackinctl.fish"):
            self.assertIn(path, there)
        if os.path.exists(os.path.join(build_dir(), "bin/jackin-tui")):
            self.assertLessEqual({"bin/jackin-tui", "share/man/man1/jackin-tui.1"}, there)
        if sys.platform != "darwin":
            service = self.text(os.path.join(self.prefix, "lib/systemd/user/jackind.service"))
            self.assertIn(f'ExecStart="{self.prefix}/bin/jackind" --foreground\n', service)
            socket = self.text(os.path.join(self.prefix, "lib/systemd/user/jackind.socket"))
            self.assertIn("ListenStream=%t/jackin/jackind.sock\n", socket)
            self.assertNotRegex(service + socket, "@[a-z]+@")

    @unittest.skipUnless(sys.platform == "linux" and shutil.which("objdump"), "objdump lists the libraries")
    def test_programs_that_start_often_load_few_libraries(self):
        if is_sanitized():
            self.skipTest("sanitizers need the shared runtime of C++")
        libraries = {}
        for program in ("bin/jackin-hook", "bin/jackinctl", "libexec/jackin/jackin-relay"):
            listed = subprocess.run(["objdump", "-p", os.path.join(self.prefix, program)], check=True, timeout=LIMIT,
                                    stdout=subprocess.PIPE, text=True).stdout
            libraries[program] = set(re.findall(r"^\s+NEEDED\s+(\S+?)\.so", listed, re.M))
        # libc, its parts, and the loader.
        libc = {"libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"}
        self.assertEqual({name: found - libc for name, found in libraries.items()},
                         {"bin/jackin-hook": set(), "bin/jackinctl": {"libqrencode"},
                          "libexec/jackin/jackin-relay": set()})

    def test_programs_find_each_other(self):
        # Consent in the browser: jackin-relay opens it.
        self.set_up()
        if sys.platform != "darwin":
            self.assertEqual(program_of(self.sandbox.daemon_pid()), os.path.join(self.prefix, "bin/jackind"))
        self.done(self.hook("exec", "demo", "--quiet", "--", "/bin/true"))


class WithSystemctl(EndToEnd):
    def setUp(self):
        super().setUp()
        self.stand_in("systemctl", f"#!{sys.executable}\n" + SYSTEMCTL)
        self.units = os.path.join(self.sandbox.home, ".config/systemd/user")
        self.state = os.path.join(self.sandbox.home, "systemd")
        os.makedirs(self.state)
        self.addCleanup(self.end_service)

    def stand_in(self, name, text):
        path = os.path.join(self.sandbox.bin, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, 0o700)

    def end_service(self):
        subprocess.run([os.path.join(self.sandbox.bin, "systemctl"), "--user", "disable"], env=self.sandbox.environment,
                       timeout=LIMIT, check=False)

    def calls(self):
        path = os.path.join(self.state, "calls")
        if not os.path.exists(path):
            return []
        lines = self.text(path).splitlines()
        os.unlink(path)
        return [line.removeprefix("--user ") for line in lines]

    def service_pid(self):
        with open(os.path.join(self.state, "on"), encoding="utf-8") as file:
            return json.load(file)["pid"]

    def installed(self, *arguments, **options):
        return self.json(self.ctl("daemon", "install", "--format", "json", *arguments, **options))


@unittest.skipUnless(shutil.which("systemd-socket-activate"), "no systemd here")
class Install(WithSystemctl):
    def test_install_replaces_the_running_daemon_and_uninstall_restores_it(self):
        self.set_up("demo", "--store", "file")
        before = self.snapshot()
        old = self.sandbox.daemon_pid()

        report = self.installed()
        self.assertTrue(report["changed"])
        self.assertEqual(report["files"], [os.path.join(self.units, name) for name in ("jackind.service", "jackind.socket")])
        self.assertEqual(report["daemon"]["pid"], self.service_pid())
        self.assertNotEqual(report["daemon"]["pid"], old)
        self.assertEqual(self.calls(), ["daemon-reload", "daemon-reload", "enable --now jackind.socket jackind.service"])
        self.assertEqual(self.json(self.ctl("probe", "demo", "--format", "json",
                                            environment={"JACKIN_NO_AUTOSTART": "1"}))["verdict"], "ok")

        again = self.installed()
        self.assertFalse(again["changed"])
        self.assertEqual(again["daemon"]["pid"], report["daemon"]["pid"])
        self.assertNotIn("enable", " ".join(self.calls()).replace("is-enabled", ""))

        removed = self.json(self.ctl("daemon", "uninstall", "--format", "json"))
        self.assertEqual(removed, {"changed": True, "files": report["files"]})
        self.assertEqual(os.listdir(self.units), [])
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.ctl("daemon", "status").code, 4)
        # Without a service, a client starts the daemon that it needs.
        self.assertEqual(self.probe()["verdict"], "ok")
        said = self.done(self.ctl("daemon", "uninstall"))
        self.assertIn("is not installed", said.stdout)

    def test_install_waits_for_an_operation_with_a_token(self):
        held = self.api.hold("/v1/models")
        terminal = self.setup_in_terminal()
        held.wait_for_request(LIMIT)
        install = self.begin("jackinctl", "daemon", "install")
        self.assertIn("waits for setup demo", install.stderr.readline())
        held.release()
        self.assertEqual(terminal.wait(), 0, terminal.text)
        out, complaints = install.communicate(timeout=LIMIT)
        self.assertEqual(install.returncode, 0, complaints)
        self.assertIn(str(self.service_pid()), out)
        self.assertEqual(self.probe()["verdict"], "ok")

    def test_install_ends_a_daemon_started_meanwhile(self):
        with open(os.path.join(self.state, "race"), "w", encoding="utf-8") as out:
            out.write(self.sandbox.program("jackinctl"))
        report = self.installed()
        self.assertEqual(report["daemon"]["pid"], self.service_pid())
        # The manager answers `show`, so the failed `enable` is repeated.
        self.assertEqual(self.calls()[2:], ["enable --now jackind.socket jackind.service",
                                            "show --property=Version",
                                            "reset-failed jackind.socket jackind.service",
                                            "enable --now jackind.socket jackind.service"])

    def test_unreachable_manager_changes_nothing(self):
        self.done(self.ctl("daemon", "start"))
        old = self.sandbox.daemon_pid()
        with open(os.path.join(self.state, "fail"), "w", encoding="utf-8") as out:
            out.write("daemon-reload show")
        error = self.error(self.ctl("daemon", "install", "--format", "json"), "unsupported")
        self.assertEqual(error["message"], "no systemd user session here (container, sudo or su?)")
        self.assertEqual(error["remedy"], "jackinctl daemon start")
        self.assertFalse(os.path.exists(self.units) and os.listdir(self.units))
        self.assertEqual(self.sandbox.daemon_pid(), old)

    def test_edited_unit_is_kept(self):
        self.installed()
        path = os.path.join(self.units, "jackind.service")
        edited = self.text(path) + "# mine\n"
        with open(path, "w", encoding="utf-8") as out:
            out.write(edited)
        for command in ("install", "uninstall"):
            error = self.error(self.ctl("daemon", command, "--format", "json"), "not_ours")
            self.assertEqual(error["remedy"], f"mv {path} {path}.old")
            self.assertEqual(self.text(path), edited)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_systemd_parses_unusual_paths(self):
        programs = self.sandbox.path("50% of $HOME", "bin")
        os.makedirs(programs)
        for name in ("jackind", "jackinctl"):
            try:
                os.link(os.path.realpath(self.sandbox.program(name)), os.path.join(programs, name))
            except OSError:
                shutil.copy(self.sandbox.program(name), programs)
        home = self.sandbox.path("state of 100%t")
        runtime = self.sandbox.path("run $x;y %h")
        moved = {"JACKIND_STATE_DIR": home, "JACKIN_RUNTIME_DIR": runtime}
        done = self.sandbox.run(os.path.join(programs, "jackinctl"), "daemon", "install", "--format", "json",
                                environment=moved)
        report = self.json(done)
        self.assertEqual(report["daemon"]["state_dir"], home)
        self.assertEqual(report["daemon"]["socket"], os.path.join(runtime, "jackind.sock"))
        self.assertEqual(program_of(report["daemon"]["pid"]), os.path.join(programs, "jackind"))
        verified = self.sandbox.run("/usr/bin/systemd-analyze", "verify", "--user", "--man=no", *report["files"],
                                    environment={"SYSTEMD_UNIT_PATH": self.units + ":"})
        self.assertEqual((verified.code, verified.stdout, verified.stderr), (0, "", ""))


class Logs(WithSystemctl):
    def setUp(self):
        super().setUp()
        state = self.sandbox.state_dir
        os.makedirs(state, mode=0o700)
        with open(os.path.join(state, "jackind.lock"), "w", encoding="utf-8") as out:
            out.write("pid 1\nversion 0\nsocket /x\nconfig_dir /x\nlog journal\nstopping no\nend\n")

    def test_journal_is_shown_when_the_daemon_logs_there(self):
        self.stand_in("journalctl", '#!/bin/sh\necho "$*"\n')
        self.assertEqual(self.done(self.ctl("daemon", "logs", "-n", "7")).stdout,
                         "--user --unit=jackind.service --no-pager --quiet --lines=7\n")

    def test_follow_ends_with_ctrl_c(self):
        self.stand_in("journalctl", '#!/bin/sh\necho "$*"\nexec sleep 600\n')
        process = self.begin("jackinctl", "daemon", "logs", "-f")
        self.assertEqual(process.stdout.readline(),
                         "--user --unit=jackind.service --no-pager --quiet --lines=all --follow\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT), 5)
        self.assertEqual(process.stdout.read(), "")

    def test_file_is_shown_when_the_daemon_writes_one(self):
        self.stand_in("journalctl", "#!/bin/sh\nexit 9\n")
        self.done(self.ctl("daemon", "start"))
        self.assertIn("listens on", self.done(self.ctl("daemon", "logs")).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
