# SPDX-License-Identifier: Apache-2.0
"""Every remedy in the sources begins with a command that can be pasted, or is a comment for the command that failed.

Reads the sources, so that remedies without another test are checked too."""

import glob
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from sandbox import REPOSITORY  # noqa: E402

COMMANDS = r"""jackinctl|jackin-hook|op|systemctl|journalctl|launchctl|secret-tool|security|gnome-keyring-daemon|npm|command|export|readlink|sysctl|
               ls|df|cat|ps|rm|mv|kill|chmod|\$\{EDITOR:-vi\}|[A-Z_]+=""".replace("\n", "").replace(" ", "")
# A literal may end after its first word; the code then appends the rest of the text.
BEGINNING = re.compile(rf'"(#|({COMMANDS})( |$|"|=))')
ERROR = re.compile(r"(failure\(|(?:Error(?: \w+)?|return|)\s*\{)\s*(?:Reason::\w+|unreachable|unusable|[^{},;]*\? Reason::\w+[^,]*)\s*,")


def arguments_at(source, opening):
    """The arguments between the bracket at `opening` and its end, split at the commas of that level."""
    depth, found, start, at = 0, [], opening + 1, opening
    while at < len(source):
        character = source[at]
        if character == '"' and source[at - 1] == "R":
            mark = re.compile(r'"([^(]*)\(').match(source, at).group(1)
            at = source.index(f'){mark}"', at) + len(mark) + 1
        elif character == '"' or (character == "'" and not source[at - 1].isalnum()):
            at += 1
            while source[at] != character:
                at += 2 if source[at] == "\\" else 1
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return found + [source[start:at]]
        elif character == "," and depth == 1:
            found.append(source[start:at])
            start = at + 1
        at += 1
    return found


def remedies_in(source):
    """Line and expression of every remedy in an error."""
    for match in ERROR.finditer(source):
        opening = match.start() + re.search(r"[({]", match.group(1)).start()
        arguments = arguments_at(source, opening)
        if len(arguments) > 2:
            yield source.count("\n", 0, match.start()) + 1, arguments[2].strip()
    for match in re.finditer(r"\bremedy = ", source):
        yield source.count("\n", 0, match.start()) + 1, source[match.end():source.index(";", match.end())].strip()


def literals_that_begin(expression, source):
    """The literals with which the text may begin, including those of a named constant in the same file."""
    expression = re.sub(r"^[^?\"]*\?", "", expression) if "?" in expression.split('"')[0] else expression
    for part in re.split(r"\s:\s(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", expression):
        part = part.strip()
        name = re.fullmatch(r"(?:std::string\()?(\w+)\)?", part)
        value = name and re.search(rf'\b{name.group(1)} =\s*\n?\s*(".*?")', source)
        if part.startswith('"'):
            yield part
        elif value:
            yield value.group(1)


class Remedies(unittest.TestCase):
    def test_each_is_a_command_or_a_comment(self):
        seen, wrong = 0, []
        for folder in ("common", "daemon", "client"):
            for path in sorted(glob.glob(os.path.join(REPOSITORY, folder, "**", "*.cpp"), recursive=True)):
                with open(path, encoding="utf-8") as file:
                    source = file.read()
                for line, expression in remedies_in(source):
                    for literal in literals_that_begin(expression, source):
                        seen += 1
                        if literal != '""' and not BEGINNING.match(literal):
                            wrong.append(f"{os.path.relpath(path, REPOSITORY)}:{line}: {literal}")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertGreater(seen, 100, "the sources are not read as they are written")

    def test_prose_is_detected(self):
        for source in ('return failure(Reason::busy, "it runs", "wait");', 'return {Reason::busy, "it (runs)", "wait"};',
                       'error.remedy = may ? "op whoami" : "wait";', 'failure(Reason::busy, name(a, b), wait);\nwait = "wait";'):
            found = [literal for _, expression in remedies_in(source) for literal in literals_that_begin(expression, source)]
            self.assertTrue(any(not BEGINNING.match(literal) for literal in found), source)


if __name__ == "__main__":
    unittest.main()
