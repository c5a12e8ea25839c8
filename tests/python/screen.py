# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows: the escape sequences that the clients write (ctlseqs of xterm)."""

import re
import unicodedata

_SEQUENCE = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\\|\x1b[=>78]|[\r\n]|[^\x1b\r\n]")


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.row = self.column = 0
        self.is_alternate = False
        self.lines = self._blank()
        self._main = None

    def _blank(self):
        return [[" "] * self.columns for _ in range(self.rows)]

    def resize(self, rows, columns):
        """A new size. The alternate screen is empty until it is drawn again; the main screen keeps what fits."""
        self.rows, self.columns = rows, columns
        if self.is_alternate:
            lines, row, column = self._main
            self._main = self._fitted(lines), min(row, rows - 1), min(column, columns - 1)
            self.lines = self._blank()
        else:
            self.lines = self._fitted(self.lines)
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)
        return self

    def _fitted(self, lines):
        padded = [(line + [" "] * self.columns)[:self.columns] for line in lines]
        return (padded + self._blank())[:self.rows]

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
        elif final in ("A", "B", "C", "D"):
            self._move(final, int(parameters or 1))
        elif final == "J":
            self._erase(parameters or "0")
        elif final == "K":
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif final in ("h", "l"):
            if parameters == "?1049":
                self._switch(final == "h")
        elif text == "\r":
            self.column = 0
        elif text == "\n":
            self._line_feed()
        elif not text.startswith("\x1b"):
            self._put(text)

    def _move(self, direction, count):
        # After a character in the last column the cursor still is in that column (DECAWM).
        self.column = min(self.column, self.columns - 1)
        if direction in "AB":
            self.row = min(max(self.row + (count if direction == "B" else -count), 0), self.rows - 1)
        else:
            self.column = min(max(self.column + (count if direction == "C" else -count), 0), self.columns - 1)

    def _erase(self, what):
        if what == "2":
            self.lines = self._blank()
        elif what == "0":
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
            self.lines[self.row + 1:] = self._blank()[self.row + 1:]

    def _switch(self, to_alternate):
        if to_alternate == self.is_alternate:
            return
        self.is_alternate = to_alternate
        if to_alternate:
            self._main = self.lines, self.row, self.column
            self.lines = self._blank()
        else:
            self.lines, self.row, self.column = self._main

    def _line_feed(self):
        if self.row == self.rows - 1:
            self.lines = self.lines[1:] + [[" "] * self.columns]
        else:
            self.row += 1

    def _put(self, character):
        if unicodedata.combining(character):
            return
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > self.columns:
            self.column = 0
            self._line_feed()
        self.lines[self.row][self.column] = character
        if width == 2:
            self.lines[self.row][self.column + 1] = ""
        self.column += width

    @property
    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines)
