"""One line of a cell as it stands on the screen: in as many rows as it takes.

Painting a character costs a microsecond, and a screen has thousands: lines that are the same as in the
last frame are not painted again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from prompt_toolkit.layout.screen import Char
from prompt_toolkit.utils import get_cwidth

from .languages import Fragments

#: Cells of one row by their column.
Cells = dict[int, Char]
#: Columns of a line, from and to, and the style that is laid over them.
Mark = tuple[int, int, str]
Marks = tuple[Mark, ...]
#: Pieces of a prompt, style and text; to be compared.
Prefix = tuple[tuple[str, str], ...]

#: Columns between tab stops, as Python and terminals have it.
TAB: Final = 8
#: Columns that a prompt leaves for the text, if the window has as many twice.
LEAST: Final = 10
#: Painted lines that are kept in each of two generations, characters in one style, and styles.
KEPT: Final = 150
_CHARACTERS: Final = 500
_STYLES: Final = 100

#: Characters of a line that are painted all at once; of a longer one only what is in view.
LONG: Final = 2000
#: Columns that a row may have: a place is kept as one number.
_WIDEST: Final = 1 << 16

#: What stands where nothing was painted, and in the second column of a wide character.
BLANK: Final = Char(" ", "[transparent]")
_SECOND: Final = Char("", "")


class Row(defaultdict[int, Char]):
    """A row of the screen, made of painted cells.

    prompt_toolkit compares every cell of a frame with the last frame's. Of a row that is known to be the
    same it finds nothing to compare, in either frame: its :meth:`items` are none.
    """

    __slots__ = ("hidden", "source")

    def __init__(self, cells: Cells) -> None:
        super().__init__(None, cells)
        #: The cells that this row is a copy of; nothing if it was painted over, by a menu.
        self.source: Cells | None = cells
        self.hidden = False

    def __missing__(self, column: int) -> Char:
        return BLANK

    def __setitem__(self, column: int, char: Char) -> None:
        self.source = None
        super().__setitem__(column, char)

    def items(self):  # type: ignore[no-untyped-def]  # as a dictionary's
        """Give columns and what stands there; nothing of a row that is hidden."""
        return () if self.hidden else super().items()


class _Characters(dict[str, Char]):
    """Characters in one style."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self.style = style

    def __missing__(self, character: str) -> Char:
        if len(self) > _CHARACTERS:
            self.clear()
        made = self[character] = Char(character, self.style)
        return made


class PaintedLine:
    """The rows of a line, and where each of its characters stands."""

    __slots__ = ("_places", "_rows", "escapes", "fragments")

    def __init__(self, fragments: Fragments) -> None:
        #: What was painted; kept so that its identity stays its own.
        self.fragments = fragments
        self._rows: list[Cells] = [{}]
        #: Row and column of every character, in one number, and of the place behind the last one.
        self._places: list[int] = []
        #: Sequences that a prompt has the terminal be sent: row, column, text.
        self.escapes: list[tuple[int, int, str]] = []

    @property
    def height(self) -> int:
        """How many rows it takes."""
        return len(self._rows)

    def row(self, number: int) -> Cells:
        """Give the cells of a row; the same object each time, not to be changed."""
        return self._rows[number]

    def put(self, x: int, character: str, char: Char) -> int:
        """Put a character that is not a tab into the last row. :returns: where the next one stands."""
        cells = self._rows[-1]
        if char.width == 1:
            cells[x] = char
        elif char.width == 0:
            _combine(cells, x, character)
        else:
            cells[x] = char
            for at in range(x + 1, x + char.width):
                cells[at] = _SECOND
        return x + char.width

    def wrap(self, cells: Cells) -> None:
        """Begin a row with what stands before the text."""
        self._rows.append(dict(cells))

    def add_place(self, x: int) -> None:
        """Say where the next character stands, in the last row."""
        self._places.append((len(self._rows) - 1) * _WIDEST + x)

    def place(self, column: int) -> tuple[int, int]:
        """Give row and column on the screen of a character; of what is beyond the end, the end's."""
        return divmod(self._places[min(column, len(self._places) - 1)], _WIDEST)

    def column_at(self, row: int, x: int) -> int:
        """Tell which character stands at a place, or else next to it in that row."""
        at = bisect_right(self._places, row * _WIDEST + x) - 1
        if at < 0 or self._places[at] < row * _WIDEST:
            at = self.first_column(row)
        return at

    def first_column(self, row: int) -> int:
        """Tell with which character a row begins."""
        return min(bisect_left(self._places, row * _WIDEST), len(self._places) - 1)


class Painter:
    """Paints lines, and remembers them. For one thread."""

    def __init__(self) -> None:
        self._painted: dict[object, PaintedLine] = {}
        self._older: dict[object, PaintedLine] = {}
        self._styles: dict[str, _Characters] = {}

    def paint(
        self,
        fragments: Fragments,
        first: Prefix,
        wrapped: Prefix,
        width: int,
        marks: Marks = (),
        style: str = "",
    ) -> PaintedLine:
        """Give the rows of a line.

        :param fragments: its pieces; a list that does not change, told apart by its identity.
        :param first: what stands before it.
        :param wrapped: what stands before its further rows.
        :param width: columns of a row.
        :param marks: styles to be laid over it.
        :param style: the style of all of it, below its own.
        """
        key = (id(fragments), first, wrapped, width, marks, style)
        found = self._painted.get(key)
        if found is None:
            found = self._older.get(key)
            if found is None:
                found = self._paint(fragments, first, wrapped, width, marks, style)
            if len(self._painted) >= KEPT:
                self._older, self._painted = self._painted, {}
            self._painted[key] = found
        return found

    def forget(self) -> None:
        """Forget all lines: others are painted from now on."""
        self._painted, self._older = {}, {}

    def _in_style(self, style: str) -> _Characters:
        found = self._styles.get(style)
        if found is None:
            if len(self._styles) > _STYLES:
                self._styles.clear()
            found = self._styles[style] = _Characters(style)
        return found

    def _paint(
        self, fragments: Fragments, first: Prefix, wrapped: Prefix, width: int, marks: Marks, style: str
    ) -> PaintedLine:
        line = PaintedLine(fragments)
        begin = self._paint_prompt(line, first, width, style)
        behind = PaintedLine([])
        further = self._paint_prompt(behind, wrapped, width, style), behind.row(behind.height - 1)
        pieces = [
            (self._in_style(f"{style} {its_style}" if style else its_style), text)
            for its_style, text in (marked(fragments, marks) if marks else fragments)
        ]
        if sum(len(text) for _, text in pieces) > LONG and all(
            text.isascii() and text.isprintable() for _, text in pieces
        ):
            return LongLine(line, pieces, begin, width, further)
        _paint_text(line, pieces, begin, width, further)
        return line

    def _paint_prompt(self, line: PaintedLine, prefix: Prefix, width: int, style: str) -> int:
        """Paint what stands before a line, over several rows if need be. :returns: where the line begins."""
        x = 0
        for its_style, text in prefix:
            if "[ZeroWidthEscape]" in its_style:
                line.escapes.append((line.height - 1, x, text))
                continue
            characters = self._in_style(f"{style} {its_style}" if style else its_style)
            for character in text:
                char = characters[character]
                if character == "\n" or (x + char.width > width and x):
                    line.wrap({})
                    x = 0
                if character != "\n":
                    x = line.put(x, character, char)
        return x


def _paint_text(
    line: PaintedLine,
    pieces: list[tuple[_Characters, str]],
    x: int,
    width: int,
    further: tuple[int, Cells],
) -> None:
    """Paint a text behind its prompt.

    :param x: where it begins.
    :param further: where it begins in further rows, and what stands before it there.
    """
    left = stops = x
    for characters, text in pieces:
        for character in text:
            char = characters[character]
            size = char.width if character != "\t" else TAB - (x - stops) % TAB
            if (x + size > width and x > left and character != "\t") or x >= width:
                line.wrap(further[1])
                x = left = stops = further[0]
                size = TAB if character == "\t" else size
            line.add_place(x)
            if character != "\t":
                x = line.put(x, character, char)
                continue
            for _ in range(min(size, max(1, width - x))):
                x = line.put(x, " ", characters[" "])
    if x >= width:  # the place behind the last character, where the cursor may stand
        line.wrap(further[1])
        x = further[0]
    line.add_place(x)


class LongLine(PaintedLine):
    """A line of very many characters, each of one column, of which only the rows in view are painted.

    :param line: its prompt.
    """

    __slots__ = ("_before", "_begin", "_first", "_further", "_made", "_pieces", "_size", "_width")

    def __init__(
        self,
        line: PaintedLine,
        pieces: list[tuple[_Characters, str]],
        begin: int,
        width: int,
        further: tuple[int, Cells],
    ) -> None:
        super().__init__(line.fragments)
        self.escapes = line.escapes
        self._rows = line._rows
        #: The row that the text begins in, the column, and how many characters it has there.
        self._first, self._begin, self._before = line.height - 1, begin, max(0, width - begin)
        self._pieces = pieces
        self._size = sum(len(text) for _, text in pieces)
        self._width, self._further = width, further
        self._made: dict[int, Cells] = {}

    @property
    def height(self) -> int:
        """How many rows it takes."""
        return self.place(self._size)[0] + 1

    @property
    def _room(self) -> int:
        """Characters in a further row."""
        return max(1, self._width - self._further[0])

    def place(self, column: int) -> tuple[int, int]:
        """Give row and column on the screen of a character; of what is beyond the end, the end's."""
        column = min(column, self._size)
        if column < self._before:
            return self._first, self._begin + column
        row, x = divmod(column - self._before, self._room)
        return self._first + 1 + row, self._further[0] + x

    def column_at(self, row: int, x: int) -> int:
        """Tell which character stands at a place, or else next to it in that row."""
        if row < self._first:
            return 0
        begin = self._begin if row <= self._first else self._further[0]
        in_row = self._before if row <= self._first else self._room
        return min(self._size, self.first_column(row) + min(max(0, x - begin), max(0, in_row - 1)))

    def first_column(self, row: int) -> int:
        """Tell with which character a row begins."""
        if row <= self._first:
            return 0
        return min(self._size, self._before + (row - self._first - 1) * self._room)

    def row(self, number: int) -> Cells:
        """Give the cells of a row; the same object each time, not to be changed."""
        made = self._made.get(number)
        if made is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            made = self._made[number] = self._paint_row(number)
        return made

    def _paint_row(self, number: int) -> Cells:
        if number < self._first:
            return self._rows[number]
        begin, cells = self._further if number > self._first else (self._begin, self._rows[number])
        cells = dict(cells)
        start = self.first_column(number)
        end = start + (self._before if number == self._first else self._room)
        at = 0
        for characters, text in self._pieces:
            for column in range(max(start, at), min(end, at + len(text))):
                cells[begin + column - start] = characters[text[column - at]]
            at += len(text)
            if at >= end:
                break
        return cells


def cut(prefix: Prefix, width: int) -> Prefix:
    """Shorten a prompt from the left, so that there is place for text."""
    most = width - min(LEAST, max(1, width // 2))
    left = sum(get_cwidth(text) for _, text in prefix) - most
    if left <= 0:
        return prefix
    pieces = []
    for style, text in prefix:
        while text and left > 0:
            left -= get_cwidth(text[0])
            text = text[1:]
        if text:
            pieces.append((style, text))
    return tuple(pieces)


def _combine(cells: Cells, x: int, character: str) -> None:
    """Put a character that has no width of its own onto the one before it."""
    at = x - 1
    if at in cells and not cells[at].char:  # the second column of a wide one
        at -= 1
    if at in cells:
        cells[at] = Char(cells[at].char + character, cells[at].style)


def marked(fragments: Fragments, marks: Iterable[Mark]) -> Fragments:
    """Lay styles over parts of a line; a mark may reach one column beyond its end."""
    marks = list(marks)
    edges = sorted({edge for start, end, _ in marks for edge in (start, end)})
    size = sum(len(text) for _, text in fragments)
    if edges and edges[-1] > size:
        fragments = [*fragments, ("", " ")]
    pieces: Fragments = []
    column = 0
    for style, text in fragments:
        end = column + len(text)
        cuts = [column, *(edge for edge in edges if column < edge < end), end]
        for start, stop in pairwise(cuts):
            over = [mark for begin, until, mark in marks if begin <= start and stop <= until]
            pieces.append((" ".join([style, *over]).strip(), text[start - column : stop - column]))
        column = end
    return pieces
