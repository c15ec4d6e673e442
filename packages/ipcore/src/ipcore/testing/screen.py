"""What stands on a terminal's screen: cells, their styles, the cursor, the lines that have scrolled off.

The model is an xterm's as far as line editors and full-screen programs use one (ECMA-48 and the
DEC private modes); lines are not reflowed when the width changes. What the program writes is
taken apart in :mod:`ipcore.testing.control_sequences`, which calls the methods here.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

#: Zero-width characters kept in one cell, so that a cell stays bounded.
_COMBINED: Final = 30
_TAB: Final = 8


class Style(NamedTuple):
    """How a cell is painted.

    A colour is ``"default"``, one of the sixteen names (``"red"``, ``"bright red"``) or ``"#rrggbb"``.
    """

    #: The colour of the text.
    foreground: str = "default"
    #: The colour behind it.
    background: str = "default"
    #: Whether it is bold.
    bold: bool = False
    #: Whether it is fainter than other text.
    dim: bool = False
    #: Whether it is slanted.
    italic: bool = False
    #: Whether there is a line under it, of any kind.
    underline: bool = False
    #: Whether it blinks.
    blink: bool = False
    #: Whether the two colours are exchanged.
    reverse: bool = False
    #: Whether it is not shown.
    hidden: bool = False
    #: Whether there is a line through it.
    strike: bool = False
    #: The address that the cell is a link to.
    link: str = ""


class Cursor(NamedTuple):
    """Where the cursor stands."""

    #: The row, counted from 0.
    row: int
    #: The column, counted from 0.
    column: int


class Span(NamedTuple):
    """Neighbouring cells of one style."""

    #: What stands there.
    text: str
    #: How it is painted.
    style: Style


class Cell(NamedTuple):
    """One place on the screen; the second half of a wide character has an empty text."""

    text: str
    style: Style


PLAIN: Final = Style()


class Line(list[Cell]):
    """The cells of a row."""

    #: The text goes on in the next row because this one was full.
    wraps = False


@lru_cache(maxsize=4096)
def width_of(character: str) -> int:
    """Tell how many cells a character takes: 0, 1 or 2, by the tables of this Python's Unicode."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Cells(dict[str, Cell]):
    """The cells of one style, by their text."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = Cell(text, self.style)
        return cell


class Saved(NamedTuple):
    """What saving the cursor saves."""

    row: int = 0
    column: int = 0
    style: Style = PLAIN
    origin: bool = False


class Screen:
    """The cells of a terminal, its cursor and its modes.

    :param rows: height.
    :param columns: width.
    :param history: how many lines that have scrolled off are kept.
    """

    def __init__(self, rows: int, columns: int, history: int = 10_000) -> None:
        self.rows = rows
        self.columns = columns
        self.history: deque[Line] = deque(maxlen=history)
        self.reset()

    def reset(self) -> None:
        """Be as when switched on."""
        self.row = self.column = 0
        #: The last column has been written: the next character goes to the next row.
        self.wrapping = False
        self.style = PLAIN
        self._cells = _Cells(PLAIN)
        self.top, self.bottom = 0, self.rows - 1
        self.alternate = False
        self.lines: list[Line] = self._blank_lines(self.rows)
        self._main = self.lines
        #: The private modes that are set, by number: cursor (25), automatic wrap (7), ...
        self.private_modes = {7, 25}
        #: The modes of ECMA-48 that are set: insert (4), new line (20).
        self.modes: set[int] = set()
        self._saved = {False: Saved(), True: Saved()}
        self._tabs = set(range(_TAB, 1000, _TAB))

    # -- to be looked at ---------------------------------------------------------

    def text(self, row: int) -> str:
        """Give the text of a row."""
        return text_of(self.lines[row])

    def joined(self) -> str:
        """Give all rows; those that go on in the next are joined with it, the others end in a line feed."""
        rows = ((text_of(line), line.wraps) for line in self.lines)
        text = "".join(text if wraps else text.rstrip() + "\n" for text, wraps in rows)
        return text.rstrip("\n")

    def spans(self, row: int) -> list[Span]:
        """Give the text of a row in pieces of one style; blanks of no style at the end are left out."""
        found: list[Span] = []
        for cell in self.lines[row]:
            if found and found[-1].style == cell.style:
                found[-1] = Span(found[-1].text + cell.text, cell.style)
            else:
                found.append(Span(cell.text, cell.style))
        if found[-1].style == PLAIN:
            last = found.pop().text.rstrip(" ")
            if last:
                found.append(Span(last, PLAIN))
        return found

    @property
    def cursor(self) -> Cursor:
        """Where the cursor stands."""
        return Cursor(self.row, self.column)

    # -- writing -----------------------------------------------------------------

    def put(self, text: str) -> None:
        """Write printable text at the cursor."""
        if text.isascii() and 7 in self.private_modes and 4 not in self.modes:
            self._put_narrow(text)
            return
        for character in text:
            width = width_of(character)
            if width:
                self._put(character, width)
            else:
                self._combine(character)

    def _put_narrow(self, text: str) -> None:
        """Write characters of one cell each, as :meth:`_put` does, row by row: most output is such."""
        if self._cells.style != self.style:
            self._cells = _Cells(self.style)
        while text:
            if self.wrapping:
                self._wrap()
            end = min(self.column + len(text), self.columns)
            line = self.lines[self.row]
            _part(line, self.column)
            _part(line, end)
            count = end - self.column
            line[self.column : end] = [self._cells[character] for character in text[:count]]
            text = text[count:]
            self.wrapping = end == self.columns
            self.column = min(end, self.columns - 1)

    def _wrap(self) -> None:
        """Go on in the next row."""
        self.lines[self.row].wraps = True
        self.column = 0
        self.wrapping = False
        self.index()

    def _put(self, character: str, width: int) -> None:
        wraps = 7 in self.private_modes
        if wraps and (self.wrapping or self.column + width > self.columns):
            self._wrap()
        self.wrapping = False
        at = min(self.column, max(0, self.columns - width))
        line = self.lines[self.row]
        if 4 in self.modes:
            line[at:at] = self._blanks(width)
            del line[self.columns :]
        else:
            _part(line, at)
            _part(line, at + width)
        line[at] = Cell(character, self.style)
        if width == 2 and at + 1 < self.columns:
            line[at + 1] = Cell("", self.style)
        if 4 in self.modes:
            _mend(line)
        self.column = min(at + width, self.columns - 1)
        self.wrapping = at + width >= self.columns

    def _combine(self, character: str) -> None:
        at = self.column if self.wrapping else self.column - 1
        line = self.lines[self.row]
        if at > 0 and not line[at].text:
            at -= 1
        if at >= 0 and len(line[at].text) < _COMBINED:
            line[at] = line[at]._replace(text=line[at].text + character)

    # -- moving ------------------------------------------------------------------

    def move_to(self, row: int, column: int) -> None:
        """Put the cursor somewhere, counted from 0, within the screen."""
        first, last = 0, self.rows - 1
        if 6 in self.private_modes:
            first, last = self.top, self.bottom
            row += self.top
        self.row = min(max(row, first), last)
        self.column = min(max(column, 0), self.columns - 1)
        self.wrapping = False

    def move_by(self, rows: int, columns: int = 0) -> None:
        """Move the cursor; margins that it is inside of hold it."""
        first = self.top if self.row >= self.top else 0
        last = self.bottom if self.row <= self.bottom else self.rows - 1
        self.row = min(max(self.row + rows, first), last)
        self.column = min(max(self.column + columns, 0), self.columns - 1)
        self.wrapping = False

    def carriage_return(self) -> None:
        """Go to the first column."""
        self.column = 0
        self.wrapping = False

    def line_feed(self) -> None:
        """Go down a row; the screen scrolls at its end."""
        if 20 in self.modes:
            self.column = 0
        self.wrapping = False
        self.index()

    def index(self) -> None:
        """Go down a row in the same column; the screen scrolls at its end."""
        if self.row == self.bottom:
            self.scroll_up(1)
        elif self.row < self.rows - 1:
            self.row += 1

    def reverse_index(self) -> None:
        """Go up a row; the screen scrolls at its beginning."""
        if self.row == self.top:
            self.scroll_down(1)
        elif self.row > 0:
            self.row -= 1
        self.wrapping = False

    def tab(self, count: int = 1) -> None:
        """Go to a later stop."""
        for _ in range(min(count, self.columns)):
            later = (stop for stop in sorted(self._tabs) if stop > self.column)
            self.column = min(next(later, self.columns - 1), self.columns - 1)
        self.wrapping = False

    def back_tab(self, count: int = 1) -> None:
        """Go to an earlier stop."""
        for _ in range(min(count, self.columns)):
            self.column = max((stop for stop in self._tabs if stop < self.column), default=0)
        self.wrapping = False

    def set_tab(self) -> None:
        """Make a stop here."""
        self._tabs.add(self.column)

    def clear_tabs(self, how: int) -> None:
        """Take the stop here away (0), or all of them (3)."""
        if how == 0:
            self._tabs.discard(self.column)
        elif how == 3:
            self._tabs.clear()

    def save(self) -> None:
        """Save the cursor."""
        self._saved[self.alternate] = Saved(self.row, self.column, self.style, 6 in self.private_modes)

    def restore(self) -> None:
        """Put the cursor where it was saved."""
        saved = self._saved[self.alternate]
        self.style = saved.style
        self.private_modes.discard(6)
        self.move_to(saved.row, saved.column)
        if saved.origin:
            self.private_modes.add(6)

    def set_margins(self, top: int, bottom: int) -> None:
        """Let these rows alone scroll, counted from 0, the last included."""
        bottom = min(bottom, self.rows - 1)
        if 0 <= top < bottom:
            self.top, self.bottom = top, bottom
            self.move_to(0, 0)

    # -- scrolling and erasing ---------------------------------------------------

    def scroll_up(self, count: int) -> None:
        """Move what is between the margins up."""
        for _ in range(min(count, self.rows)):
            gone = self.lines.pop(self.top)
            if self.top == 0 and not self.alternate:
                self.history.append(gone)
            self.lines.insert(self.bottom, self._blanks(self.columns))

    def scroll_down(self, count: int) -> None:
        """Move what is between the margins down."""
        for _ in range(min(count, self.rows)):
            del self.lines[self.bottom]
            self.lines.insert(self.top, self._blanks(self.columns))

    def insert_lines(self, count: int) -> None:
        """Make empty rows at the cursor's."""
        if self.top <= self.row <= self.bottom:
            for _ in range(min(count, self.rows)):
                del self.lines[self.bottom]
                self.lines.insert(self.row, self._blanks(self.columns))
            self.carriage_return()

    def delete_lines(self, count: int) -> None:
        """Take the cursor's row out, and those after it."""
        if self.top <= self.row <= self.bottom:
            for _ in range(min(count, self.rows)):
                del self.lines[self.row]
                self.lines.insert(self.bottom, self._blanks(self.columns))
            self.carriage_return()

    def insert_characters(self, count: int) -> None:
        """Make empty cells at the cursor."""
        line = self.lines[self.row]
        _part(line, self.column)
        line[self.column : self.column] = self._blanks(min(count, self.columns))
        del line[self.columns :]
        _mend(line)
        self.wrapping = False

    def delete_characters(self, count: int) -> None:
        """Take the cursor's cell out, and those after it."""
        line = self.lines[self.row]
        count = min(count, self.columns - self.column)
        del line[self.column : self.column + count]
        line += self._blanks(count)
        _mend(line)
        self.wrapping = False

    def erase_characters(self, count: int) -> None:
        """Empty the cursor's cell, and those after it."""
        self._erase(self.row, self.column, min(self.column + count, self.columns))

    def erase_line(self, how: int) -> None:
        """Empty the cursor's row from the cursor on (0), up to the cursor (1), or whole (2)."""
        if how in (0, 1, 2):
            first = self.column if how == 0 else 0
            self._erase(self.row, first, self.column + 1 if how == 1 else self.columns)

    def erase_display(self, how: int) -> None:
        """Empty the screen from the cursor on (0), up to it (1), whole (2), or what has scrolled off (3)."""
        if how == 3:
            self.history.clear()
            return
        rows = {0: range(self.row + 1, self.rows), 1: range(self.row), 2: range(self.rows)}.get(how, range(0))
        for row in rows:
            self._erase(row, 0, self.columns)
        if how in (0, 1):
            self.erase_line(how)

    def _erase(self, row: int, first: int, end: int) -> None:
        line = self.lines[row]
        line[first:end] = self._blanks(end - first)
        line.wraps = line.wraps and end < self.columns
        _mend(line)
        self.wrapping = False

    def fill(self, character: str) -> None:
        """Write one character everywhere."""
        self.lines[:] = [Line([Cell(character, PLAIN)] * self.columns) for _ in range(self.rows)]

    # -- the alternate screen, the size --------------------------------------------

    def show_alternate(self, shown: bool) -> None:
        """Go to the alternate screen, which is empty then, or back to the main one."""
        if shown == self.alternate:
            return
        self.alternate = shown
        self.lines = self._blank_lines(self.rows) if shown else self._main
        self.wrapping = False

    def resize(self, rows: int, columns: int) -> None:
        """Change the size.

        Of a lower screen the empty rows below the cursor go first; then rows scroll off at the top.
        """
        for lines in [self._main, *([self.lines] if self.alternate else [])]:
            for line in lines:
                del line[columns:]
                line += [Cell(" ", PLAIN)] * (columns - len(line))
                _mend(line)
            shown = lines is self.lines
            cursor = self.row if shown else self._saved[False].row
            while len(lines) > rows and len(lines) > cursor + 1 and not text_of(lines[-1]).strip():
                lines.pop()
            gone = max(0, len(lines) - rows)
            if lines is self._main:
                self.history.extend(lines[:gone])
            del lines[:gone]
            if shown:
                self.row = max(0, self.row - gone)
            lines += [Line([Cell(" ", PLAIN)] * columns) for _ in range(rows - len(lines))]
        self.rows, self.columns = rows, columns
        self.top, self.bottom = 0, rows - 1
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)
        self.wrapping = False

    def _blanks(self, count: int) -> Line:
        """Give empty cells; they have the background that is set."""
        style = PLAIN
        if self.style.background != "default":
            style = Style(background=self.style.background)
        return Line([Cell(" ", style)] * count)

    def _blank_lines(self, count: int) -> list[Line]:
        return [self._blanks(self.columns) for _ in range(count)]


def text_of(line: Iterable[Cell]) -> str:
    """Give the text of a line of cells."""
    return "".join(cell.text for cell in line)


def _part(line: Line, at: int) -> None:
    """Let no wide character stand across the place where something is about to begin or end."""
    if 0 < at < len(line) and not line[at].text:
        line[at - 1] = Cell(" ", line[at - 1].style)
        line[at] = Cell(" ", line[at].style)


def _mend(line: Line) -> None:
    """Put blanks in the place of halves of wide characters."""
    for at, cell in enumerate(line):
        if not cell.text:
            whole = at > 0 and bool(line[at - 1].text) and width_of(line[at - 1].text[0]) == 2
        elif cell.text == " " or width_of(cell.text[0]) < 2:
            continue
        else:
            whole = at + 1 < len(line) and not line[at + 1].text
        if not whole:
            line[at] = Cell(" ", cell.style)
