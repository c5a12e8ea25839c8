# SPDX-License-Identifier: Apache-2.0
"""A mount whose server does not answer: its effects, and on which clients. No test measures time: a call on the mount
returns when the test releases it, so every answer before that was not delayed by it."""

import json
import os
import select
import subprocess
import unittest

from support import EndToEnd, LIMIT, build_dir

LIBRARY = os.path.join(build_dir(), "tests/libhanging_mount.so")


class HangingMount(EndToEnd):
    """`self.mount` is on a file system that does not answer; `good` is a workspace that does not use it."""

    def start_daemon(self, mount=None, hanging=True, **settings):
        self.mount = mount or self.sandbox.folder("mount")
        gate, notices = self.sandbox.path("gate"), self.sandbox.path("notices")
        os.mkfifo(gate)
        os.mkfifo(notices)
        self.gate = gate
        self.notices = None
        if hanging:
            self.hang()
        token = self.sandbox.private_file("good-token", self.token)
        self.sandbox.workspace("good", f'[claude]\noauth_token = {{ file = "{token}" }}\n')
        ready, ready_end = os.pipe()
        environment = {"LD_PRELOAD": LIBRARY, "HANGING_MOUNT": self.mount, "HANGING_MOUNT_GATE": gate,
                       "HANGING_MOUNT_NOTICES": notices, **settings}
        self.daemon = self.sandbox.start("jackind", "--foreground", "--ready-fd", str(ready_end), environment=environment,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(ready_end,))
        self.addCleanup(self.end)
        os.close(ready_end)
        with open(ready, encoding="utf-8") as line:
            self.assertIn("ready", line.read())

    def end(self):
        self.release_calls()
        self.ctl("daemon", "stop")
        self.daemon.wait(LIMIT)

    def hang(self):
        """The server stops answering: later calls on the mount hang."""
        self.notices = os.open(self.sandbox.path("notices"), os.O_RDONLY | os.O_NONBLOCK)

    def release_calls(self):
        """The server answers again: hanging calls return, and no later call hangs."""
        if self.notices is None:
            return
        os.close(self.notices)
        self.notices = None
        # Non-blocking, because no call may be hanging any more.
        try:
            os.close(os.open(self.gate, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            pass

    def until_it_hangs(self):
        ready, _, _ = select.select([self.notices], [], [], LIMIT)
        self.assertTrue(ready, "nothing was asked of the mount")
        os.read(self.notices, 4096)

    def others_are_served(self):
        for _ in range(20):
            self.done(self.hook("probe", "good"))
        self.done(self.hook("exec", "good", "--quiet", "--", "/bin/true"))
        self.done(self.ctl("status"))

    def workspace_on_mount(self, name="away"):
        path = os.path.join(self.sandbox.folder(os.path.join("mount", name)), "token")
        with open(path, "w", encoding="ascii") as out:
            out.write(self.token)
        os.chmod(path, 0o600)
        self.sandbox.workspace(name, f'[claude]\noauth_token = {{ file = "{path}" }}\n')

    def from_good_token(self):
        return f'[claude]\noauth_token = {{ file = "{self.sandbox.path("good-token")}" }}\n'

    def linked_workspace(self, name="away"):
        """A workspace whose file is a link to one on the mount; returns the path there."""
        target = os.path.join(self.mount, name + ".toml")
        with open(target, "w", encoding="utf-8") as out:
            out.write(self.from_good_token())
        os.symlink(target, os.path.join(self.sandbox.config_dir, "workspaces", name + ".toml"))
        return target

    def assert_unreachable(self, name, path):
        answer = self.probe(name)
        self.assertEqual((answer["decision"], answer["verdict"]), ("warn", "unreachable"), answer)
        self.assertIn(f"{path} does not answer", answer["summary"])
        self.assertIn(f"{path} does not answer", self.done(self.hook("probe", name)).stderr)
        launch = self.done(self.hook("exec", name, "--quiet", "--", "/bin/true"), 125)
        self.assertIn(f"{path} does not answer", launch.stderr)
        self.assertIn(f"when {path} answers again", launch.stderr)

    def until_it_answers(self, name):
        for _ in range(1000):
            answer = self.probe(name)
            if answer["verdict"] != "unreachable":
                return answer
        return self.fail(f"{name} is not read again")

    def test_workspace_file_delays_only_its_workspace(self):
        self.start_daemon()
        self.set_up()
        target = self.linked_workspace()
        self.until_it_hangs()
        self.others_are_served()
        self.assert_unreachable("away", target)
        scopes = {one["scope"]: one for one in self.json(self.ctl("status", "--format", "json"))["scopes"]}
        self.assertEqual(scopes["away"]["verdict"], "unreachable")
        self.assertIn("workspaces/away.toml", scopes["away"]["summary"])
        for name in ("demo", "good"):
            self.assertNotEqual(scopes[name]["verdict"], "unreachable")
        before = self.text()
        revoke = self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"), 1)
        self.assertIn("the configuration of 'away' cannot be read and might still use it", revoke.stderr)
        self.assertEqual(self.text(), before)
        self.assertEqual(len(self.stored()), 1)
        self.release_calls()
        self.until_it_answers("away")
        with open(target, "w", encoding="utf-8") as out:
            out.write('[claude]\nauth_forward = "ignore"\n')
        self.assertEqual(self.probe("away")["mode"], "ignore")
        self.done(self.hook("exec", "away", "--quiet", "--", "/bin/true"))
        self.done(self.ctl("revoke", "demo", "--delete-item", "--yes"))
        self.assertEqual(self.stored(), [])

    def test_links_into_a_hanging_folder_take_one_thread(self):
        self.start_daemon(hanging=False)
        for number in range(200):
            self.linked_workspace(f"away{number}")
        self.hang()
        scopes = self.json(self.ctl("status", "--format", "json"))["scopes"]
        away = [one["verdict"] for one in scopes if one["scope"].startswith("away")]
        self.assertEqual(away, 200 * ["unreachable"])
        self.others_are_served()
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii") as status:
            threads = int(next(line for line in status if line.startswith("Threads:")).split()[1])
        self.assertLess(threads, 50)

    def test_workspace_file_that_is_a_mount_delays_only_its_workspace(self):
        file = self.sandbox.workspace("away")
        self.start_daemon(mount=file)
        self.until_it_hangs()
        self.others_are_served()
        self.assert_unreachable("away", file)
        self.release_calls()
        self.until_it_answers("away")

    def test_replaced_link_is_followed_at_once(self):
        self.start_daemon()
        target = self.linked_workspace()
        self.until_it_hangs()
        self.assert_unreachable("away", target)
        os.unlink(os.path.join(self.sandbox.config_dir, "workspaces/away.toml"))
        self.sandbox.workspace("away", self.from_good_token())
        self.assertNotEqual(self.probe("away")["verdict"], "unreachable")
        self.done(self.hook("exec", "away", "--quiet", "--", "/bin/true"))

    def test_configuration_folder_that_does_not_answer_blocks_no_probe(self):
        folder = self.sandbox.config_dir
        self.start_daemon(mount=folder, hanging=False)
        self.others_are_served()
        self.hang()
        self.assert_unreachable("good", folder)
        error = self.error(self.ctl("status", "--format", "json"), "timed_out")
        self.assertIn(f"{folder} does not answer", error["message"])
        self.done(self.ctl("daemon", "status"))
        self.release_calls()
        self.until_it_answers("good")
        self.others_are_served()

    def test_daemon_starts_while_the_configuration_folder_does_not_answer(self):
        folder = self.sandbox.config_dir
        self.done(self.ctl("daemon", "start"))  # which resolves the folder
        self.done(self.ctl("daemon", "stop"))
        self.start_daemon(mount=folder)
        self.assert_unreachable("good", folder)
        self.release_calls()
        self.until_it_answers("good")
        self.others_are_served()
        for _ in range(200):
            report = json.loads(self.ctl("doctor", "--format", "json").stdout)
            problems = [one for one in report["daemon"] if one["severity"] != "info"]
            if not problems:
                break
        self.assertEqual(problems, [], "the settings are read when their file answers")

    def test_path_folder_of_a_client_delays_only_that_client(self):
        self.start_daemon()
        doctor = self.begin("jackinctl", "doctor", "--format", "json",
                            environment={"PATH": f"{self.mount}:{self.sandbox.environment['PATH']}"})
        self.until_it_hangs()
        self.others_are_served()
        self.release_calls()
        self.assertIn("programs", json.loads(doctor.communicate(timeout=LIMIT)[0]))

    def test_file_source_delays_only_its_workspace(self):
        self.start_daemon()
        # More than the threads for other work, each in a folder of its own.
        launches = []
        for number in range(6):
            self.workspace_on_mount(f"away{number}")
            launches.append(self.begin("jackin-hook", "exec", f"away{number}", "--quiet", "--", "/bin/true"))
        self.until_it_hangs()
        self.others_are_served()
        self.release_calls()
        for launch in launches:
            self.assertIn(launch.wait(LIMIT), (0, 125))

    def test_file_sources_that_timed_out_keep_no_thread_from_others(self):
        self.start_daemon()
        launches = []
        for number in range(20):  # more than the threads for named files
            self.workspace_on_mount(f"away{number}")
            launches.append(self.begin("jackin-hook", "exec", f"away{number}", "--quiet", "--", "/bin/true"))
        for launch in launches:
            self.assertEqual(launch.wait(LIMIT), 125)
        self.others_are_served()

    def test_deletion_waits_only_for_a_file_source_and_deletes_nothing(self):
        self.start_daemon()
        self.set_up()
        before = self.text()
        self.workspace_on_mount()
        revoke = self.begin("jackinctl", "revoke", "demo", "--delete-item", "--yes")
        self.until_it_hangs()
        self.others_are_served()
        _, errors = revoke.communicate(timeout=LIMIT)
        self.assertEqual(revoke.returncode, 1, errors)
        self.assertIn("does not answer", errors)
        self.assertIn("might still use it", errors)
        self.assertEqual(self.text(), before)
        self.assertEqual(len(self.stored()), 1)

    def test_folder_named_by_a_client_delays_only_that_client(self):
        self.start_daemon()
        asking = self.begin("jackin-hook", "probe", "good",
                            environment={"JACKIN_CONFIG_DIR": os.path.join(self.mount, "jackin")})
        self.until_it_hangs()
        self.others_are_served()
        self.release_calls()
        self.assertNotEqual(asking.wait(LIMIT), 0)

    def test_hanging_call_times_out_and_names_the_place(self):
        self.start_daemon()
        self.workspace_on_mount()
        launch = self.begin("jackin-hook", "exec", "away", "--quiet", "--", "/bin/true")
        setup = self.begin("jackinctl", "setup", "demo", "--reuse", "file:" + self.sandbox.path("good-token"), "--format", "json",
                           environment={"PATH": f"{self.mount}:{self.sandbox.environment['PATH']}"})
        _, errors = launch.communicate(timeout=LIMIT)
        self.assertEqual(launch.returncode, 125, errors)
        self.assertIn("could not be read: it does not answer", errors)
        self.assertIn(f"when {self.mount}/away answers again", errors)
        _, errors = setup.communicate(timeout=LIMIT)
        error = json.loads(errors.strip().splitlines()[-1])["error"]
        self.assertEqual(error["reason"], "timed_out")
        self.assertIn(f"{self.mount} does not answer", error["message"])
        self.others_are_served()

    def test_program_that_cannot_start_delays_no_other(self):
        self.start_daemon(HANGING_MOUNT_EXEC="1")
        program = os.path.join(self.mount, "print-token")
        with open(program, "w", encoding="utf-8") as out:
            out.write(f"#!/bin/sh\necho {self.token}\n")
        os.chmod(program, 0o755)
        self.sandbox.workspace("away", f'[claude]\noauth_token = {{ command = ["{program}"] }}\n')
        launch = self.begin("jackin-hook", "exec", "away", "--quiet", "--", "/bin/true")
        self.until_it_hangs()
        self.others_are_served()
        self.release_calls()
        self.assertIn(launch.wait(LIMIT), (0, 125))


if __name__ == "__main__":
    unittest.main()
