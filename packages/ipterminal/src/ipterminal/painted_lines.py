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

    __slots__ = ("_places", "escapes", "fragments", "rows")

    def __init__(self, fragments: Fragments) -> None:
        #: What was painted; kept so that its identity stays its own.
        self.fragments = fragments
        self.rows: list[Cells] = [{}]
        #: Row and column of every character, in one number, and of the place behind the last one.
        self._places: list[int] = []
        #: Sequences that a prompt has the terminal be sent: row, column, text.
        self.escapes: list[tuple[int, int, str]] = []

    @property
    def height(self) -> int:
        """How many rows it takes."""
        return len(self.rows)

    def add_place(self, x: int) -> None:
        """Say where the next character stands, in the last row."""
        self._places.append((len(self.rows) - 1) * _WIDEST + x)

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
        rows = line.rows
        x = self._paint_prompt(line, first, width, style)
        begin, cells = x, rows[-1]
        behind = PaintedLine([])
        further_x = self._paint_prompt(behind, wrapped, width, style)
        further = behind.rows[-1]
        left = x
        for its_style, text in marked(fragments, marks) if marks else fragments:
            characters = self._in_style(f"{style} {its_style}" if style else its_style)
            for character in text:
                char = characters[character]
                size = char.width
                if character == "\t":
                    char = characters[" "]
                    size = min(TAB - (x - begin) % TAB, max(1, width - x))
                if x + size > width and x > left:
                    cells = dict(further)
                    rows.append(cells)
                    x = left = begin = further_x
                    if character == "\t":
                        size = min(TAB, max(1, width - x))
                line.add_place(x)
                if size == 1:
                    cells[x] = char
                    x += 1
                elif size == 0:
                    _combine(cells, x, character, char)
                else:
                    cells[x] = char
                    for at in range(x + 1, x + size):
                        cells[at] = char if character == "\t" else _SECOND
                    x += size
        if x >= width:  # the place behind the last character, where the cursor may stand
            rows.append(dict(further))
            x = further_x
        line.add_place(x)
        return line

    def _paint_prompt(self, line: PaintedLine, prefix: Prefix, width: int, style: str) -> int:
        """Paint what stands before a line, over several rows if need be. :returns: where the line begins."""
        x = 0
        for its_style, text in prefix:
            if "[ZeroWidthEscape]" in its_style:
                line.escapes.append((len(line.rows) - 1, x, text))
                continue
            characters = self._in_style(f"{style} {its_style}" if style else its_style)
            for character in text:
                if character == "\n":
                    line.rows.append({})
                    x = 0
                    continue
                char = characters[character]
                if x + char.width > width and x:
                    line.rows.append({})
                    x = 0
                if char.width == 0:
                    _combine(line.rows[-1], x, character, char)
                    continue
                line.rows[-1][x] = char
                for at in range(x + 1, x + char.width):
                    line.rows[-1][at] = _SECOND
                x += char.width
        return x


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


def _combine(cells: Cells, x: int, character: str, char: Char) -> None:
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
