# SPDX-License-Identifier: Apache-2.0
"""Includes go only to libraries that the folder's CMakeLists.txt links, and links only go down (docs/architecture.md).

An include of a header without a source compiles without linking, so the linker does not find these."""

import glob
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from sandbox import REPOSITORY  # noqa: E402

# The layers from the bottom up. A folder links only folders of lower layers.
LAYERS = [
    ["common"],
    ["common/os", "proto"],
    ["daemon/async", "client/rpc"],
    ["daemon/process", "daemon/desktop", "client/terminal"],
    ["daemon/mint", "daemon/secrets", "daemon/notify", "daemon/state", "client/core", "client/service",
     "client/tui/model"],
    ["daemon/config", "client/tui"],
    ["daemon/health", "client/tui/update", "client/tui/view", "client/tui/terminal"],
    ["daemon/lifecycle", "daemon/launch"],
    ["daemon/ipc"],
    ["daemon/core"],
    ["daemon"],
    ["client/hook", "client/relay", "client/tui/app"],
    ["client/cli"],
]
# Folders whose libraries a folder may link although they are in a higher layer: the second library of client/cli.
EXCEPTIONS = {("client/hook", "client/cli")}
# Only command lines know the parser of command lines.
PARSER = re.compile(r"^\s*#include <CLI/|\bnamespace CLI\b", re.MULTILINE)
# The layers of the full-screen client that are pure: no gRPC, no terminal, no clock, no files, no environment.
PURE = ["client/tui/model", "client/tui", "client/tui/update", "client/tui/view"]
IMPURE = re.compile(r"_clock::now|\btime\(|getenv|std::(thread|[io]?fstream)|<(unistd\.h|sys/|grpc|termios)|ftxui/component")
MAY_PARSE = ["client/cli", "client/hook", "daemon", "daemon/core"]

PROJECT = ("common/", "daemon/", "client/", "proto/", "jackin/")


class Library:
    def __init__(self, folder, sources, links):
        self.folder, self.links = folder, links
        self.stems = {os.path.splitext(os.path.basename(source))[0] for source in sources}


def read_libraries():
    """The libraries of the project and, under the name of the folder, what its programs link."""
    libraries, programs = {}, {}
    for path in sorted(glob.glob(os.path.join(REPOSITORY, "**", "CMakeLists.txt"), recursive=True)):
        folder = os.path.relpath(os.path.dirname(path), REPOSITORY)
        if not (folder + "/").startswith(("common/", "daemon/", "client/", "proto/")):
            continue
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"#.*", "", file.read())
        for kind, arguments in re.findall(r"jackin_(library|program)\(([^()]*)\)", text):
            words = arguments.split()
            parts, part = {}, None
            for word in words[1:]:
                if word in ("SOURCES", "LINUX", "DARWIN", "LINKS", "PRIVATE", "INTO"):
                    part = word
                else:
                    parts.setdefault(part, []).append(word)
            links = parts.get("LINKS", []) + parts.get("PRIVATE", [])
            sources = parts.get("SOURCES", []) + parts.get("LINUX", []) + parts.get("DARWIN", [])
            if kind == "library":
                libraries[words[0]] = Library(folder, sources, links)
            else:
                programs.setdefault(folder, set()).update(links)
    libraries["messages"] = Library("proto", [], [])
    libraries["protocol"] = Library("proto", [], ["messages"])
    return libraries, programs


def layer_of(folder):
    return next(number for number, folders in enumerate(LAYERS) if folder in folders)


def includes_of(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r'\s*#include "([^"]+)"', line)
            if match and match.group(1).startswith(PROJECT):
                yield match.group(1)


def folder_of(header):
    return "proto" if header.startswith(("proto/", "jackin/")) else os.path.dirname(header)


class Arrows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.libraries, cls.programs = read_libraries()
        cls.sources = [os.path.relpath(path, REPOSITORY) for top in ("common", "daemon", "client", "proto")
                       for path in glob.glob(os.path.join(REPOSITORY, top, "**", "*.[ch]pp"), recursive=True)]

    def libraries_of(self, folder):
        return {name for name, library in self.libraries.items() if library.folder == folder}

    def target_folder(self, folder):
        """The folder whose CMakeLists.txt has the sources of `folder`."""
        while folder and not self.libraries_of(folder) and folder not in self.programs:
            folder = os.path.dirname(folder)
        return folder

    def reachable(self, names):
        found, ahead = set(), list(names)
        while ahead:
            name = ahead.pop()
            if name in self.libraries and name not in found:
                found.add(name)
                ahead += self.libraries[name].links
        return found

    def test_links_go_down(self):
        wrong = []
        for folder in sorted({library.folder for library in self.libraries.values()} | set(self.programs)):
            links = set(self.programs.get(folder, set()))
            for name in self.libraries_of(folder):
                links |= set(self.libraries[name].links)
            for name in sorted(links & set(self.libraries)):
                other = self.libraries[name].folder
                if other != folder and layer_of(other) >= layer_of(folder) and (folder, other) not in EXCEPTIONS:
                    wrong.append(f"{folder} links {name}")
        self.assertEqual(wrong, [])
        self.assertGreater(len(self.libraries), 15, "the CMake files are not read as they are written")

    def test_includes_follow_the_links(self):
        wrong, seen = [], 0
        for path in self.sources:
            folder = self.target_folder(os.path.dirname(path))
            own = self.libraries_of(folder)
            allowed = self.reachable(own | self.programs.get(folder, set()))
            for header in includes_of(os.path.join(REPOSITORY, path)):
                seen += 1
                other = folder_of(header)
                if self.target_folder(other) == folder:
                    continue
                names = {name for name in allowed if self.libraries[name].folder == other}
                # Part of a folder's libraries allows the headers of that part only.
                stem = os.path.splitext(os.path.basename(header))[0]
                if not names or (names != self.libraries_of(other) and other != "proto" and
                                 not any(stem in self.libraries[name].stems for name in names)):
                    wrong.append(f"{path} includes {header}")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertGreater(seen, 1000, "the sources are not read as they are written")

    def test_only_command_lines_know_the_parser(self):
        wrong = []
        for path in self.sources:
            folder = os.path.dirname(path)
            with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
                if PARSER.search(file.read()) and folder not in MAY_PARSE:
                    wrong.append(path)
        self.assertEqual(wrong, [])

    def test_what_clients_share_knows_no_terminal_and_no_command_line(self):
        shared = self.reachable(self.libraries_of("client/core"))
        folders = {self.libraries[name].folder for name in shared}
        self.assertEqual(folders, {"client/core", "client/rpc", "common", "common/os", "proto"})
        shown = {self.libraries[name].folder for name in self.reachable(self.libraries_of("client/terminal"))}
        self.assertEqual(shown, {"client/terminal", "common", "common/os", "proto"})

    def test_the_layers_of_the_full_screen_client_are_pure(self):
        for folder in PURE:
            linked = self.reachable(self.libraries_of(folder))
            self.assertLessEqual(linked, {"tui_model", "tui_keymap", "tui_update", "tui_view", "terminal_text", "common"}, folder)
            for path in glob.glob(os.path.join(REPOSITORY, folder, "*.[ch]pp")):
                with open(path, encoding="utf-8") as file:
                    self.assertIsNone(IMPURE.search(file.read()), path)
        self.assertEqual(self.reachable(["terminal_text"]), {"terminal_text", "common"})


if __name__ == "__main__":
    unittest.main()
