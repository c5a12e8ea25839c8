"""Where jackind keeps its things, and how clients find the one daemon of a user."""

import os
import shutil
import time
import unittest

from support import EndToEnd, LIMIT


class OneDaemon(EndToEnd):
    """Sessions differ in their environment; the daemon is the same."""

    without_session = {"XDG_RUNTIME_DIR": None}

    def status(self, **options):
        return self.json(self.ctl("daemon", "status", "--format", "json", **options))

    def test_a_home_folder_behind_a_link(self):
        os.symlink(self.sandbox.root, self.sandbox.path("home", "link"))
        self.sandbox.environment["HOME"] = self.sandbox.path("home", "link", "home")
        self.set_up()
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        # The same folders by another path.
        self.done(self.hook("exec", "demo", "--", "/bin/true", environment={"HOME": self.sandbox.home}))

    def test_cron_and_the_desktop_reach_the_same(self):
        for first, then in ((self.without_session, {}), ({}, self.without_session)):
            with self.subTest(first=first):
                self.done(self.ctl("daemon", "start", environment=first))
                before = self.status(environment=first)
                self.assertEqual(self.status(environment=then), before)
                self.done(self.ctl("daemon", "start", environment=then))
                self.assertEqual(self.status(environment=then)["pid"], before["pid"])
                self.done(self.ctl("daemon", "stop", environment=then))
                self.assertEqual(self.ctl("daemon", "status", environment=first).code, 4)

    @unittest.skipUnless(os.geteuid() == 0, "giving a folder to another user needs root")
    def test_a_runtime_folder_of_another_user_counts_as_unset(self):
        self.done(self.ctl("daemon", "start"))
        other = self.sandbox._folder("other-run")
        os.chown(other, 65534, 65534)
        self.assertEqual(self.status(environment={"XDG_RUNTIME_DIR": other}), self.status())
        self.done(self.ctl("daemon", "restart", environment={"XDG_RUNTIME_DIR": other}))
        self.assertEqual(self.status()["socket"], os.path.join(self.sandbox.state_dir, "run", "jackind.sock"))
        self.assertEqual(os.listdir(other), [])

    @unittest.skipUnless(os.geteuid() == 0, "only root can take another's home folder")
    def test_root_makes_nothing_in_the_home_folder_of_another_user(self):
        os.chown(self.sandbox.home, 65534, 65534)
        for program, arguments in (("jackinctl", ("daemon", "start")), ("jackind", ())):
            done = self.sandbox.run(program, *arguments)
            self.assertEqual(done.code, 1, done)
            self.assertIn("runs as root", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.sandbox.home, ".local")))

    def test_a_socket_that_was_removed_comes_back(self):
        self.set_up()
        before = self.status()
        os.unlink(before["socket"])
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        self.assertEqual(self.status(), before)
        shutil.rmtree(self.sandbox.runtime_dir)
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        self.assertEqual(self.status(), before)
        # Where no folder can be made any more it listens elsewhere.
        session = os.path.dirname(self.sandbox.runtime_dir)
        shutil.rmtree(session)
        with open(session, "w", encoding="ascii"):
            pass
        self.done(self.hook("exec", "demo", "--", "/bin/true"))
        after = self.status()
        self.assertEqual(after["pid"], before["pid"])
        self.assertEqual(after["socket"], os.path.join(self.sandbox.state_dir, "run", "jackind.sock"))

    def test_a_lock_file_that_was_removed_comes_back(self):
        self.done(self.ctl("daemon", "start"))
        before = self.status()
        lock = os.path.join(self.sandbox.state_dir, "jackind.lock")
        os.unlink(lock)
        # Found by its socket meanwhile; with its record again it is found from everywhere.
        self.done(self.ctl("daemon", "start"))
        deadline = time.monotonic() + LIMIT
        while not (os.path.exists(lock) and os.path.getsize(lock)):
            self.assertLess(time.monotonic(), deadline)
            self.status()
        self.assertEqual(self.status(environment=self.without_session), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
