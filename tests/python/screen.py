# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows: the escape sequences that jackin-tui writes (ctlseqs of xterm)."""

import re
import unicodedata

_SEQUENCE = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\\|\x1b[=>78]|[\r\n]|[^\x1b\r\n]")


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.row = self.column = 0
        self.is_alternate = False
        self.lines = self._blank()

    def _blank(self):
        return [[" "] * self.columns for _ in range(self.rows)]

    def resize(self, rows, columns):
        """A new size. What was shown is gone until it is drawn anew."""
        self.rows, self.columns = rows, columns
        self.lines = self._blank()
        return self

    def feed(self, data):
        """Takes output; a sequence that is cut off at the end has no effect."""
        for match in _SEQUENCE.finditer(data.decode("utf-8", "replace")):
            self._take(match)
        return self

    def _take(self, match):
        text, parameters, final = match.group(0), match.group(1) or "", match.group(2)
        if final == "H":
            row, _, column = parameters.partition(";")
            self.row = min(int(row or 1), self.rows) - 1
            self.column = min(int(column or 1), self.columns) - 1
        elif final == "J":
            self.lines = self._blank()
        elif final == "K":
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif final in ("h", "l"):
            if parameters == "?1049":
                self.is_alternate = final == "h"
                self.lines = self._blank()
                self.row = self.column = 0
        elif text == "\r":
            self.column = 0
        elif text == "\n":
            self.row = min(self.row + 1, self.rows - 1)
        elif not text.startswith("\x1b"):
            self._put(text)

    def _put(self, character):
        if unicodedata.combining(character):
            return
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.row < self.rows and self.column + width <= self.columns:
            self.lines[self.row][self.column] = character
            if width == 2:
                self.lines[self.row][self.column + 1] = ""
        self.column += width

    @property
    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines)
