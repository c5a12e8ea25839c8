# SPDX-License-Identifier: Apache-2.0
"""A terminal's screen as SVG: monospace text, in the reader's light or dark theme."""

import re
from xml.sax.saxutils import escape

# The size of a cell in pixels. The width is that of common monospace fonts at this size. Each run of text states its
# length, so that other fonts keep the columns.
WIDTH, HEIGHT, SIZE = 8.4, 18, 14
MARGIN = 12
THEMES = {"light": {"fore": "#1f2328", "back": "#ffffff", "edge": "#d1d9e0", "red": "#cf222e", "green": "#1a7f37",
                    "brown": "#9a6700", "blue": "#0969da", "magenta": "#8250df", "cyan": "#1b7c83"},
          "dark": {"fore": "#e6edf3", "back": "#0d1117", "edge": "#3d444d", "red": "#ff7b72", "green": "#3fb950",
                   "brown": "#d29922", "blue": "#58a6ff", "magenta": "#bc8cff", "cyan": "#39c5cf"}}
# The directions in which a line leaves the middle of a cell: left, right, up, down.
LINES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu"}


class Cell:
    """A character; an empty one is the right half of a wide character."""

    def __init__(self, text=" ", color="default", bold=False, dim=False, reverse=False):
        self.text, self.color, self.bold, self.dim, self.reverse = text, color, bold, dim, reverse

    @property
    def style(self):
        return self.color, self.bold, self.dim, self.reverse


def number(value):
    return f"{value:.1f}".removesuffix(".0")


def _theme(name):
    colors = THEMES[name]
    rules = [f".fore{{fill:{colors['fore']}}}", f".back{{fill:{colors['back']}}}", f".frame{{stroke:{colors['edge']}}}",
             f".line{{stroke:{colors['fore']}}}"]
    rules += [f".{color}{{fill:{value}}}" for color, value in colors.items() if color not in ("fore", "back", "edge")]
    return "".join(rules)


def _runs(row):
    """First and last column of each run of cells in one style."""
    column = 0
    while column < len(row):
        end = column + 1
        while end < len(row) and row[end].style == row[column].style:
            end += 1
        yield column, end
        column = end


def _class(cell, back=False):
    known = cell.color if cell.color in THEMES["light"] else "fore"
    return "back" if back else known


def _texts(row, top):
    """The reverse parts of a row as rectangles, and its text in pieces. Two blanks end a piece."""
    out = []
    for start, end in _runs(row):
        if row[start].reverse:
            out.append(f'<rect class="{_class(row[start])}" x="{number(start * WIDTH)}" y="{top}" '
                       f'width="{number((end - start) * WIDTH)}" height="{HEIGHT}"/>')
    for start, end in _runs(row):
        cell = row[start]
        kinds = [_class(cell, cell.reverse), *(["bold"] if cell.bold else []), *(["dim"] if cell.dim else [])]
        fill = f' style="fill:#{cell.color}"' if re.fullmatch("[0-9a-f]{6}", cell.color) else ""
        # A NUL stands for the empty cell after a wide character, so that the columns stay right.
        text = "".join(cell.text or "\0" for cell in row[start:end])
        for piece in re.finditer(r"\S+( \S+)*", text):
            out.append(f'<text class="{" ".join(kinds)}"{fill} x="{number((start + piece.start()) * WIDTH)}" '
                       f'y="{number(top + 13.5)}" textLength="{number(len(piece.group()) * WIDTH)}">'
                       f'{escape(piece.group().replace(chr(0), ""))}</text>')
    return out


def _lines(rows):
    """The line characters as paths, one for each style."""
    paths = {}
    for row, cells in enumerate(rows):
        middle = (row + 0.5) * HEIGHT
        column = 0
        while column < len(cells):
            text, start = cells[column].text, column
            path = paths.setdefault("line dim" if cells[column].dim else "line", [])
            if text == "─":
                while column + 1 < len(cells) and (cells[column + 1].text, cells[column + 1].style) == (
                        text, cells[start].style):
                    column += 1
                path.append(f"M{number(start * WIDTH)} {number(middle)}H{number((column + 1) * WIDTH)}")
            elif text in LINES:
                center = (column + 0.5) * WIDTH
                for way in LINES[text]:
                    end = {"l": f"H{number(column * WIDTH)}", "r": f"H{number((column + 1) * WIDTH)}",
                           "u": f"V{number(row * HEIGHT)}", "d": f"V{number((row + 1) * HEIGHT)}"}[way]
                    path.append(f"M{number(center)} {number(middle)}{end}")
            column += 1
    return [f'<path class="{kind}" d="{"".join(path)}"/>' for kind, path in sorted(paths.items()) if path]


def _blocks(rows):
    """The blocks of bars as rectangles, since fonts leave gaps between blocks."""
    found = []
    for row, cells in enumerate(rows):
        for match in re.finditer("█+", "".join(cell.text or " " for cell in cells)):
            cell = cells[match.start()]
            found.append(f'<rect class="{_class(cell, cell.reverse)}" x="{number(match.start() * WIDTH)}" '
                         f'y="{row * HEIGHT + 4}" width="{number(len(match.group()) * WIDTH)}" height="{HEIGHT - 8}"/>')
    return found


def picture(rows, title, cursor=None):
    """`rows` are lists of Cell; `cursor` is a row and a column."""
    width = len(rows[0]) * WIDTH + 2 * MARGIN
    height = len(rows) * HEIGHT + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" height="{number(height)}" '
           f'viewBox="0 0 {number(width)} {number(height)}" role="img">',
           f"<title>{escape(title)}</title>",
           "<style>text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;"
           "white-space:pre}rect{shape-rendering:crispEdges}.bold{font-weight:bold}.dim{opacity:.6}.line{fill:none}%s"
           "@media(prefers-color-scheme:dark){%s}</style>" % (SIZE, _theme("light"), _theme("dark")),
           f'<rect class="back frame" x=".5" y=".5" width="{number(width - 1)}" height="{number(height - 1)}" rx="6"/>',
           f'<g transform="translate({MARGIN} {MARGIN})">']
    if cursor:
        out.append(f'<rect class="fore" x="{number(cursor[1] * WIDTH)}" y="{cursor[0] * HEIGHT}" '
                   f'width="{WIDTH}" height="{HEIGHT}"/>')
    drawn = set(LINES) | {"█"}
    for row, cells in enumerate(rows):
        out += _texts([Cell(" " if cell.text in drawn else cell.text, *cell.style) for cell in cells], row * HEIGHT)
    out += _blocks(rows) + _lines(rows)
    return "\n".join([*out, "</g>", "</svg>", ""])
