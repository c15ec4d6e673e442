"""A long text as rows of a screen: wrapped, in its colours, with what was looked for. Knows no terminal."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from prompt_toolkit.utils import get_cwidth

#: What is kept of a text's own escape sequences: colours and attributes (SGR).
_LOOK: Final = re.compile(r"\x1b\[[0-9;:]*m")
#: All others, which would move the cursor or worse.
_OTHER: Final = re.compile(
    r"\x1b\[[0-9;:?<=>!]*[ -/]*[@-~]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]?"
)
#: Rows of lines that are kept.
_KEPT: Final = 4000
_TAB: Final = 8
#: Characters of a line that are looked at.
LONGEST_LINE: Final = 20_000

START: Final = "\x1b[7m"
END: Final = "\x1b[27m"


class Place(NamedTuple):
    """A row of the text: a line, and which of its rows."""

    line: int
    row: int


class Pages:
    """The rows of a text.

    :param text: the text, with escape sequences for colours.
    :param columns: the width of the screen.
    """

    def __init__(self, text: str, columns: int) -> None:
        self.lines = text.split("\n")
        if len(self.lines) > 1 and not self.lines[-1]:
            self.lines.pop()
        self._columns = max(columns, 1)
        self._rows: dict[int, list[str]] = {}
        self._pattern: re.Pattern[str] | None = None
        #: The look that each line begins with, found as far as has been looked.
        self._looks = [""]
        self._colorless = "\x1b" not in text

    @property
    def last(self) -> int:
        """The number of the last line, counted from 0."""
        return len(self.lines) - 1

    def resize(self, columns: int) -> None:
        """Wrap for another width."""
        self._columns = max(columns, 1)
        self._rows.clear()

    def search(self, text: str) -> str:
        """Mark what is looked for: a regular expression, or where it is none, the text itself.

        Case counts if the text has a capital.

        :returns: empty if it was found, else what to say.
        """
        if not text:
            self._pattern = None
        else:
            flags = re.RegexFlag(0) if any(each.isupper() for each in text) else re.IGNORECASE
            try:
                self._pattern = re.compile(text, flags)
            except re.error:
                self._pattern = re.compile(re.escape(text), flags)
        self._rows.clear()
        return ""

    def find(self, start: int, step: int) -> int | None:
        """Give the next line with what is looked for.

        :param start: the first line to look at.
        :param step: 1 for down, -1 for up.
        """
        line = start
        while self._pattern is not None and 0 <= line <= self.last:
            if self._matches(plain(self.lines[line])):
                return line
            line += step
        return None

    def _matches(self, text: str) -> list[tuple[int, int]]:
        if self._pattern is None:
            return []
        return [
            each.span() for each in self._pattern.finditer(text[:LONGEST_LINE]) if each.end() > each.start()
        ]

    # -- rows ----------------------------------------------------------------------

    def rows(self, line: int) -> list[str]:
        """Give the rows of a line, each with its colours and nothing of another row's."""
        found = self._rows.get(line)
        if found is None:
            if len(self._rows) > _KEPT:
                self._rows.clear()
            found = self._rows[line] = self._wrapped(line)
        return found

    def _wrapped(self, line: int) -> list[str]:
        look = self._look_of(line)
        text = cleaned(self.lines[line])
        marks = self._matches(plain(text))
        marked = {at for begin, end in marks for at in range(begin, end)}
        rows: list[list[str]] = [[look]]
        column = at = 0
        inside = False
        for piece in re.split(r"(\x1b\[[0-9;:]*m)", text):
            if piece.startswith("\x1b["):
                look = joined(look, piece)
                rows[-1].append(piece + (START if inside else ""))
                continue
            for char in piece:
                shown = char if char.isprintable() else f"^{chr(ord(char) ^ 64)}" if ord(char) < 128 else "?"
                if char == "\t":
                    shown = " " * (_TAB - column % _TAB)
                width = get_cwidth(shown)
                if column + width > self._columns and column:
                    rows.append([look, START if inside else ""])
                    column = 0
                if len(shown) > 1:  # a tab, or a control character
                    shown = shown[: self._columns]
                    width = len(shown)
                if (at in marked) != inside:
                    inside = not inside
                    rows[-1].append(START if inside else END)
                rows[-1].append(shown)
                column += width
                at += 1
        return ["".join(row) + ("\x1b[0m" if "\x1b" in "".join(row) else "") for row in rows]

    def _look_of(self, line: int) -> str:
        """Give the colours that the lines above leave."""
        if self._colorless:
            return ""
        while len(self._looks) <= line:
            look = self._looks[-1]
            for piece in _LOOK.findall(self.lines[len(self._looks) - 1]):
                look = joined(look, piece)
            self._looks.append(look)
        return self._looks[line]

    # -- moving --------------------------------------------------------------------

    def moved(self, place: Place, rows: int) -> Place:
        """Give the place so many rows below, or above, as far as there are any."""
        line, row = place
        row += rows
        while row < 0:
            if line == 0:
                return Place(0, 0)
            line -= 1
            row += len(self.rows(line))
        while row >= (count := len(self.rows(line))):
            if line == self.last:
                return Place(line, count - 1)
            row -= count
            line += 1
        return Place(line, row)

    def bottom(self, height: int) -> Place:
        """Give the place at the top of the last screen."""
        return self.moved(Place(self.last, len(self.rows(self.last)) - 1), 1 - height)

    def screen(self, top: Place, height: int) -> list[str]:
        """Give the rows of one screen; fewer at the end of the text."""
        found: list[str] = []
        line, row = top
        while len(found) < height and line <= self.last:
            found += self.rows(line)[row:]
            line, row = line + 1, 0
        return found[:height]


def cleaned(line: str) -> str:
    """Give a line without the escape sequences that are no colours, and in reasonable length."""
    if len(line) > LONGEST_LINE:
        line = line[:LONGEST_LINE] + "…"
    line = line.removesuffix("\r")
    if "\x1b" not in line:
        return line
    pieces = re.split(r"(\x1b\[[0-9;:]*m)", line)
    return "".join(each if at % 2 else _OTHER.sub("", each) for at, each in enumerate(pieces))


def plain(line: str) -> str:
    """Give a line as it is read: without its colours."""
    return _LOOK.sub("", cleaned(line))


def joined(look: str, more: str) -> str:
    """Give the sequences that stand for some and one more; a reset begins anew."""
    if more in ("\x1b[m", "\x1b[0m"):
        return ""
    return look + more if len(look) < 200 else more
