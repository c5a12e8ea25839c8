# SPDX-License-Identifier: Apache-2.0
"""The manual pages: clean mdoc, and the same commands and options as the programs' own help."""

import glob
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from sandbox import LIMIT, REPOSITORY, build_dir  # noqa: E402

PAGES = sorted(glob.glob(os.path.join(REPOSITORY, "docs/man/*.[1-9]")))
# The options of every command; a page lists them once.
EVERYWHERE = {"--help", "-h"}


def output_of(*command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment}, check=False)
    return done.stdout


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Typesetting(unittest.TestCase):
    def test_every_program_and_the_settings_have_a_page(self):
        self.assertEqual([os.path.basename(page) for page in PAGES],
                         ["jackin-hook.1", "jackin-tui.1", "jackinctl.1", "jackind.1", "jackind.toml.5"])

    def test_mandoc_reports_nothing(self):
        for page in PAGES:
            with self.subTest(page=page):
                self.assertEqual(output_of("mandoc", "-T", "lint", "-W", "warning", page), "")

    @unittest.skipIf(sys.platform == "darwin", "macOS typesets with mandoc alone")
    def test_groff_reports_nothing(self):
        for page in PAGES:
            with self.subTest(page=page):
                self.assertEqual(output_of("groff", "-mdoc", "-ww", "-z", "-Tutf8", page), "")

    def test_man_renders_every_page(self):
        for page in PAGES:
            with self.subTest(page=page):
                shown = re.sub(".\b", "", output_of("man", "-P", "cat", "-l", page, MANWIDTH="80")
                               if sys.platform != "darwin" else output_of("mandoc", page))
                name = os.path.basename(page).rsplit(".", 1)[0]
                self.assertRegex(shown, rf"NAME\n\s+{re.escape(name)} (—|–|-) \w")
                self.assertIn("SEE ALSO", shown)

    def test_every_referenced_page_exists(self):
        there = {os.path.basename(page) for page in PAGES}
        for page in PAGES:
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", text_of(page), re.M):
                self.assertIn(f"{name}.{section}", there, page)


def help_of(program, *command):
    """The flags and the subcommands that a help text lists."""
    done = subprocess.run([os.path.join(build_dir(), "bin", program), *command, "--help"], capture_output=True, text=True,
                          timeout=LIMIT, env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}, check=True)
    flags, below, section = set(), [], ""
    for line in done.stdout.splitlines():
        if re.fullmatch(r"\w[\w ]*:", line):
            section = line[:-1]
        elif section == "Options" and re.match(r"  -", line):
            flags.update(line.split()[0].split(","))
        elif section == "Subcommands" and re.match(r"  \w", line):
            below.append(line.split()[0])
    return flags, below


def commands_of(program, *command):
    """Every command that performs an action, with its flags."""
    flags, below = help_of(program, *command)
    if not below:
        return {" ".join(command): flags}
    found = {}
    for word in below:
        found.update(commands_of(program, *command, word))
    return found


def flags_in(line):
    """The options of an mdoc line: `.Op Fl n | -lines Ar N` has -n and --lines."""
    line = re.sub(r"\b(Ar|Cm|Pa|Ev)\b(?:(?! Fl ).)*", "", line)
    found = set()
    for words in re.findall(r"\bFl ((?:[\w-]+(?: [|,] )?)+)", line):
        found.update("-" + word for word in re.split(r" [|,] ", words.strip()))
    return found


class Page:
    """The content of a page for each command: `uses` are the flags of its synopsis, `explains` those of its lists."""

    def __init__(self, program):
        self.uses, self.explains, self.common = {}, {}, set()
        section = part = ""
        synopsis = False
        for line in text_of(os.path.join(REPOSITORY, f"docs/man/{program}.1")).splitlines():
            if line.startswith(".Sh "):
                section, part = line[4:], ""
            elif line.startswith(".Ss "):
                part = line[4:]
                if section == "COMMANDS":
                    self.uses[part], self.explains[part] = set(), set()
            elif section == "COMMANDS" and part:
                if line == ".Nm":
                    synopsis = True
                elif line == ".Pp":
                    synopsis = False
                if synopsis:
                    self.uses[part] |= flags_in(line)
                elif line.startswith(".It "):
                    self.explains[part] |= flags_in(line)
            elif line.startswith(".It "):
                self.common |= flags_in(line)


class Commands(unittest.TestCase):
    maxDiff = None

    def check(self, program):
        page = Page(program)
        commands = commands_of(program)
        # The spelling for jackin has the options of the commands of that name.
        for name in [name for name in commands if name.startswith("workspace claude-token ")]:
            self.assertEqual(commands.pop(name), commands[name.split()[-1]])
            self.assertIn("workspace claude-token", page.uses)
        page.uses.pop("workspace claude-token", None)
        self.assertEqual(set(page.uses), set(commands))
        everything = set().union(page.common, *page.explains.values())
        for name, flags in commands.items():
            with self.subTest(command=name):
                self.assertEqual(page.uses[name], flags - EVERYWHERE)
                self.assertLessEqual(page.explains[name], flags)
                self.assertLessEqual(flags, everything)
        self.assertLessEqual(EVERYWHERE | {"--version"}, page.common)

    def test_jackinctl(self):
        self.check("jackinctl")

    def test_jackin_hook(self):
        self.check("jackin-hook")

    @unittest.skipUnless(os.path.exists(os.path.join(build_dir(), "bin/jackin-tui")), "it is not built")
    def test_jackin_tui(self):
        flags, below = help_of("jackin-tui")
        self.assertEqual(below, [])
        self.assertEqual(Page("jackin-tui").common, flags)

    def test_jackind(self):
        flags, below = help_of("jackind")
        self.assertEqual(below, [])
        text = text_of(os.path.join(REPOSITORY, "docs/man/jackind.1"))
        synopsis = text[text.index(".Sh SYNOPSIS"):text.index(".Sh DESCRIPTION")]
        self.assertEqual(set().union(*map(flags_in, synopsis.splitlines())), flags - {"-h"})
        listed = [line for line in text.splitlines() if line.startswith(".It Fl ")]
        self.assertEqual(set().union(*map(flags_in, listed)), flags)


if __name__ == "__main__":
    unittest.main()
