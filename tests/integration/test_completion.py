# SPDX-License-Identifier: Apache-2.0
"""Completion in real shells, with names that are dangerous for a shell."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from sandbox import LIMIT, Sandbox, Terminal  # noqa: E402

HOSTILE = ["$(touch ran)", "`touch ran`", "with space", "quo'te", 'dou"ble', "größe", "semi;touch ran", "-dash", "a:b", "x=y", "c@d",
           "*", "~h", "#n", "{l,m}", "!v", "%p", "back&touch ran"]


def as_typed(name):
    """A name whose colon would divide it is typed with another colon at its end."""
    return name + ":" if re.search(r":[a-z0-9-]+$", name) else name


class ShellTest(unittest.TestCase):
    shell = ""

    def setUp(self):
        if not os.path.exists(f"/usr/bin/{self.shell}") and not os.path.exists(f"/bin/{self.shell}"):
            self.skipTest(f"there is no {self.shell}")
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)
        self.sandbox.workspace("my-app")
        self.sandbox.workspace("my-other")
        self.programs = os.path.dirname(self.sandbox.program("jackinctl"))
        self.environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "PS1": "ready> ", "TERM": "xterm", "LC_ALL": "C.UTF-8",
                            "JACKIN_NO_AUTOSTART": "1"}

    def interactive(self, *command):
        """A shell on a terminal."""
        terminal = Terminal(list(command), self.sandbox.with_environment(self.environment), self.sandbox.root, 40, 500)
        self.addCleanup(self.end, terminal)
        return terminal

    @staticmethod
    def end(terminal):
        if terminal.code is None:
            terminal.kill()
            terminal.wait()

    def completed(self, terminal, number, typed):
        """Returns the argument that jackinctl gets after `typed`, a tab, and the return key. A function with its name
        prints the arguments when the line is run."""
        terminal.send(typed + "\t")
        terminal.send(f"; echo end-{number}-$((1))\r")
        shown = terminal.expect(rf"got-{number}<(.*?)>tog.*end-{number}-1").group(1)
        return shown

    def nothing_ran(self):
        self.assertFalse(os.path.exists(os.path.join(self.sandbox.root, "ran")))
        self.assertFalse(os.path.exists(os.path.join(self.sandbox.runtime_dir, "jackind.sock")), "a daemon was started")


class Bash(ShellTest):
    shell = "bash"

    def start(self):
        terminal = self.interactive("bash", "--norc", "--noprofile", "-i")
        terminal.send("bind 'set bell-style none'; eval \"$(command jackinctl completion bash)\"; n=0; "
                      "jackinctl() { n=$((n+1)); printf 'got-%s<%s>tog\\n' $n \"$*\"; }; echo be''gin\r")
        terminal.expect("begin")
        return terminal

    def test_completes_commands_options_and_workspaces(self):
        terminal = self.start()
        for number, (typed, arguments) in enumerate((("jackinctl pro", "probe"), ("jackinctl probe my-a", "probe my-app"),
                                                     ("jackinctl setup --sto", "setup --store"),
                                                     ("jackinctl setup --store=f", "setup --store=file"),
                                                     ("jackinctl setup --reuse os", "setup --reuse os-store:"),
                                                     ("jackinctl probe 'my-a", "probe my-app"),
                                                     ("X=1 jackinctl dae", "daemon")), 1):
            self.assertEqual(self.completed(terminal, number, typed), arguments)
        self.nothing_ran()

    def test_several_candidates_are_listed(self):
        terminal = self.start()
        terminal.send("jackinctl probe my\t\t\t")
        terminal.expect(r"my-app\s+my-other")
        self.nothing_ran()

    def test_names_are_not_executed(self):
        for name in HOSTILE:
            self.sandbox.workspace("zz" + name)
        terminal = self.start()
        for number, name in enumerate(HOSTILE, 1):
            begun = "jackinctl probe zz" + "\\" * (not name[0].isalpha() and name[0] != "-") + name[0]
            self.assertEqual(self.completed(terminal, number, begun), "probe zz" + as_typed(name))
        self.nothing_ran()

    def test_word_break_characters_in_names_are_completed(self):
        for name in ("zza:b c", "zzx=y", "zzc@d"):
            self.sandbox.workspace(name)
        terminal = self.start()
        for number, (typed, name) in enumerate((("zza:", "zza:b c"), ("zzx=", "zzx=y"), ("zzc@", "zzc@d"),
                                                ("zza\\:", "zza:b c"), ("zza'", "zza:b c"), ("'zza':b", "zza:b c"),
                                                ("my'-a", "my-app")), 1):
            self.assertEqual(self.completed(terminal, number, "jackinctl probe " + typed), "probe " + name, typed)

    def test_without_word_breaks_names_are_completed(self):
        self.sandbox.workspace("zza:b c")
        terminal = self.start()
        terminal.send("COMP_WORDBREAKS=\"${COMP_WORDBREAKS//[:=]}\"; echo with''out\r")
        terminal.expect("without")
        self.assertEqual(self.completed(terminal, 1, "jackinctl probe zza:"), "probe zza:b c")
        self.assertEqual(self.completed(terminal, 2, "jackinctl setup --store=f"), "setup --store=file")
        os.mkdir(os.path.join(self.sandbox.root, "some $(touch ran)"))
        self.assertEqual(self.completed(terminal, 3, "jackinctl setup --workdir=so"),
                         "setup --workdir=some $(touch ran)/")
        self.nothing_ran()

    def test_paths_are_completed_where_expected(self):
        for folder in ("some folder", "$(touch ran)"):
            os.mkdir(os.path.join(self.sandbox.root, folder))
            os.mkdir(os.path.join(self.sandbox.root, folder, "inner"))
        with open(os.path.join(self.sandbox.root, "some file"), "w", encoding="ascii"):
            pass
        terminal = self.start()
        for number, (typed, arguments) in enumerate((
                ("setup --workdir some", "setup --workdir some folder/"),
                ("setup --workdir=some", "setup --workdir=some folder/"),
                ("setup --workdir some\\ folder/i", "setup --workdir some folder/inner/"),
                ("setup --workdir 'some f", "setup --workdir some folder/"),
                ("setup --workdir \\$", "setup --workdir $(touch ran)/"),
                ("setup --workdir \\$\\(touch\\ ran\\)/", "setup --workdir $(touch ran)/inner/"),
                ("setup --reuse file:some\\ fi", "setup --reuse file:some file")), 1):
            self.assertEqual(self.completed(terminal, number, "jackinctl " + typed), arguments, typed)
        self.nothing_ran()

    def test_works_with_the_bash_of_macos(self):
        os.mkdir(os.path.join(self.sandbox.root, "some folder"))
        terminal = self.start()
        terminal.send("enable -n compopt mapfile readarray; unset -f compopt; echo with''out\r")
        terminal.expect("without")
        self.assertEqual(self.completed(terminal, 1, "jackinctl setup --workdir some"), "setup --workdir some folder/")
        self.assertEqual(self.completed(terminal, 2, "jackinctl probe my-a"), "probe my-app")

    def test_missing_program_completes_nothing(self):
        terminal = self.start()
        terminal.send("PATH=/usr/bin:/bin; echo with''out\r")
        terminal.expect("without")
        self.assertEqual(self.completed(terminal, 1, "jackinctl pro"), "pro")
        self.assertNotIn("not found", terminal.text)


class Zsh(ShellTest):
    shell = "zsh"

    def start(self):
        self.environment["ZDOTDIR"] = self.sandbox.root
        terminal = self.interactive("zsh", "-f", "-i")
        terminal.send("unsetopt zle_bracketed_paste beep; unset zle_bracketed_paste; PROMPT='ready> '; autoload -U compinit; "
                      "compinit -u -D; source <(command jackinctl completion zsh); n=0; "
                      "jackinctl() { n=$((n+1)); printf 'got-%s<%s>tog\\n' $n \"$*\"; }; echo be''gin\r")
        terminal.expect("begin\\s.*ready> ")
        return terminal

    def test_completes_commands_options_and_workspaces(self):
        terminal = self.start()
        for number, (typed, arguments) in enumerate((("jackinctl pro", "probe"), ("jackinctl probe my-a", "probe my-app"),
                                                     ("jackinctl setup --sto", "setup --store"),
                                                     ("jackinctl setup --store=f", "setup --store=file"),
                                                     ("jackinctl setup --reuse os", "setup --reuse os-store:"),
                                                     ("jackinctl probe 'my-a", "probe my-app"),
                                                     ("X=1 jackinctl dae", "daemon")), 1):
            self.assertEqual(self.completed(terminal, number, typed), arguments)
        self.nothing_ran()

    def test_names_are_not_executed(self):
        for name in HOSTILE:
            self.sandbox.workspace("zz" + name)
        terminal = self.start()
        for number, name in enumerate(HOSTILE, 1):
            begun = "jackinctl probe zz" + "\\" * (not name[0].isalpha() and name[0] != "-") + name[0]
            self.assertEqual(self.completed(terminal, number, begun), "probe zz" + as_typed(name))
        self.nothing_ran()

    def test_paths_are_completed_where_expected(self):
        os.mkdir(os.path.join(self.sandbox.root, "some folder"))
        with open(os.path.join(self.sandbox.root, "some file"), "w", encoding="ascii"):
            pass
        terminal = self.start()
        # The slash is removed when no name follows it (AUTO_REMOVE_SLASH, zshoptions(1)).
        for number, (typed, arguments) in enumerate((
                ("setup --workdir so", "setup --workdir some folder"),
                ("setup --workdir=so", "setup --workdir=some folder"),
                ("setup --reuse file:some\\ fi", "setup --reuse file:some file")), 1):
            self.assertEqual(self.completed(terminal, number, "jackinctl " + typed), arguments, typed)


class Fish(ShellTest):
    shell = "fish"

    def candidates(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", "jackinctl completion fish | source; complete -C $argv[1]", line],
                              env=self.sandbox.with_environment(self.environment), capture_output=True, text=True, timeout=LIMIT,
                              check=True, cwd=self.sandbox.root)
        self.assertEqual(done.stderr, "")
        return sorted(row.split("\t")[0] for row in done.stdout.splitlines())

    def test_completes_commands_options_and_workspaces(self):
        self.assertEqual(self.candidates("jackinctl pro"), ["probe"])
        self.assertEqual(self.candidates("jackinctl probe my"), ["my-app", "my-other"])
        self.assertEqual(self.candidates("jackinctl setup --sto"), ["--store"])
        self.assertEqual(self.candidates("jackinctl setup --store "), ["file", "keychain", "op", "secret-service"])
        self.nothing_ran()

    def test_names_are_not_executed(self):
        for name in HOSTILE:
            self.sandbox.workspace("zz" + name)
        self.assertEqual(self.candidates("jackinctl probe zz"), sorted("zz" + as_typed(name) for name in HOSTILE))
        self.assertEqual(self.candidates("jackinctl probe zz\\$"), ["zz$(touch ran)"])
        self.nothing_ran()

    def test_program_after_variables_is_recognised(self):
        self.assertEqual(self.candidates("X=1 jackinctl probe my-a"), ["my-app"])

    def test_paths_are_completed_where_expected(self):
        os.mkdir(os.path.join(self.sandbox.root, "some folder"))
        with open(os.path.join(self.sandbox.root, "some file"), "w", encoding="ascii"):
            pass
        self.sandbox.workspace("folder")
        self.assertEqual(self.candidates("jackinctl probe fo"), ["folder"])
        self.assertEqual(self.candidates("jackinctl setup --workdir so"), ["some folder/"])
        self.assertEqual(self.candidates("jackinctl setup --workdir=so"), ["--workdir=some folder/"])
        self.assertEqual(self.candidates("jackinctl setup --reuse file:so"), ["file:some file", "file:some folder/"])


if __name__ == "__main__":
    unittest.main()
