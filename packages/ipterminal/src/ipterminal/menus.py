"""The menu of completions: rows below the cell, of which only what is in view is put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseButton, MouseEventType
from prompt_toolkit.utils import get_cwidth

from .columns import Grid
from .parameters import cut, printable
from .proposals import matched

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone
    from prompt_toolkit.mouse_events import MouseEvent

    from ipcore.types.completion import Completion

#: How a menu looks. ``readlinelike`` is only shown, and nothing in it can be chosen.
Look = Literal["multicolumn", "column", "readlinelike"]

#: Which way the choice moves.
Direction = Literal["next", "previous", "left", "right", "page down", "page up", "first", "last"]

#: Columns of a screen on which there can be a menu.
NARROWEST: Final = 8

#: Names that are measured to find out how wide the column of names is.
_MEASURED: Final = 200

#: Columns of the screen from which on it is said who proposes a name.
_WITH_SOURCE: Final = 60


class Menu:
    """What is proposed, and which of it is chosen.

    :param entries: completions, in the order in which they are shown.
    :param text: the cell's text for which they were proposed.
    :param cursor: where the cursor was.
    """

    def __init__(self, entries: list[Completion], text: str, cursor: int, look: Look) -> None:
        self.entries = entries
        self.text = text
        self.cursor = cursor
        self.look: Look = look
        #: The number of the entry that is chosen; its text stands in the cell.
        self.selected: int | None = None
        #: The first column, or row, in view.
        self.first = 0
        #: Whether somebody who was asked has not answered yet.
        self.waiting = False
        #: Whether it has opened while one typed, and nobody has asked for it.
        self.by_itself = False

    @property
    def entry(self) -> Completion | None:
        """The entry that is chosen."""
        return None if self.selected is None else self.entries[self.selected]

    def typed(self, each: Completion) -> str:
        """Give what is typed of an entry."""
        return self.text[each.start : self.cursor]


def shown(each: Completion) -> str:
    """Give how a completion is shown: functions with ``()``, what was not looked into with ``?``."""
    name = printable(each.label or each.text)
    if each.type == "function" and not name.endswith(("(", ")")):
        return f"{name}()"
    return f"{name}?" if each.type == "property" else name


def kind_of(each: Completion) -> str:
    """Give what a completion is, in words."""
    return "property, not read" if each.type == "property" else printable(each.type)


class MenuControl(UIControl):
    """Paints a menu, and tells which entry stands where.

    :param menu: gives the menu; ``None`` if there is none.
    :param most_rows: gives the rows of names there are at most.
    :param chosen: called with the number of an entry that was clicked.
    :param turned: called when the wheel is turned, with ``next`` or ``previous``.
    :param anchor: gives the column of the screen below which the names stand, if they fit.
    """

    def __init__(
        self,
        menu: Callable[[], Menu | None],
        most_rows: Callable[[], int],
        chosen: Callable[[int], object],
        turned: Callable[[Direction], object],
        anchor: Callable[[], int] = lambda: 0,
    ) -> None:
        self._menu = menu
        self._most_rows = most_rows
        self._chosen = chosen
        self._turned = turned
        self._anchor = anchor
        self._size = (80, 6)
        self._grid: Grid | None = None
        self._grid_of: tuple[Any, ...] = ()
        #: Where entries stand on the screen: row, first column, column behind, number.
        self._places: list[tuple[int, int, int, int]] = []

    # -- how large it is -------------------------------------------------------

    def preferred_width(self, max_available_width: int) -> int | None:
        """Take all the width there is."""
        return max_available_width

    def preferred_height(
        self, width: int, max_available_height: int, wrap_lines: bool, get_line_prefix: Any
    ) -> int | None:
        """Give the rows that it would like to have."""
        menu = self._menu()
        if menu is None:
            return 0
        most = self._most(menu, max_available_height)
        if menu.look == "column":
            return min(len(menu.entries), most)
        return self._grid_for(menu, width, most).rows + 1

    def _most(self, menu: Menu, available: int) -> int:
        return max(3, available // 2) if menu.look == "readlinelike" else max(1, self._most_rows())

    def _grid_for(self, menu: Menu, width: int, rows: int) -> Grid:
        key = (id(menu.entries), len(menu.entries), width, rows)
        if self._grid is None or self._grid_of[1:] != key:
            entries = menu.entries
            inner = max(1, width - 2)
            self._grid = Grid(len(entries), lambda number: get_cwidth(shown(entries[number])), inner, rows)
            self._grid_of = (entries, *key)  # which keeps the list, and so its id
        return self._grid

    # -- painting --------------------------------------------------------------

    def create_content(self, width: int, height: int) -> UIContent:
        """Paint what is in view."""
        menu = self._menu()
        self._places = []
        lines: list[StyleAndTextTuples] = []
        if menu is not None and menu.entries and width >= NARROWEST and height > 0:
            self._size = (width, height)
            lines = self._as_list(menu) if menu.look == "column" else self._as_grid(menu)
        return UIContent(lambda number: lines[number], line_count=len(lines), show_cursor=False)

    def _as_grid(self, menu: Menu) -> list[StyleAndTextTuples]:
        width, height = self._size
        with_status = height > 1
        rows = max(1, min(self._most(menu, 2 * height), height - with_status))
        grid = self._grid_for(menu, width, rows)
        menu.first = grid.scrolled(menu.first, menu.selected)
        columns = grid.visible(menu.first)
        used = columns[-1].x + columns[-1].width + 2
        left = max(0, min(self._anchor() - 1, width - used))
        lines: list[StyleAndTextTuples] = []
        for row in range(grid.rows):
            line: StyleAndTextTuples = [("", " " * left)] if left else []
            for column in columns:
                number = column.number * grid.rows + row
                if number < grid.count:
                    at = left + column.x
                    self._places.append((row, at, at + column.width + 2, number))
                    line += self._cell(menu, number, column.width)
                else:
                    line.append(("class:menu", " " * (column.width + 2)))
            lines.append(line)
        if with_status:
            hidden = grid.count - min(grid.count, (columns[-1].number + 1) * grid.rows)
            lines.append(self._status(menu, width, hidden, left, used))
        return lines

    def _cell(self, menu: Menu, number: int, width: int) -> StyleAndTextTuples:
        """Give one name with a blank on each side."""
        style = "class:menu.current" if number == menu.selected else "class:menu"
        each = menu.entries[number]
        name = cut(shown(each), width)
        typed = menu.typed(each)
        # A name that simply begins with what is typed has nothing to point out.
        plain = bool(each.label) or each.text.startswith(typed)
        marked = set() if plain else {*matched(each.text, typed)}
        pieces: StyleAndTextTuples = [(style, " ")]
        pieces += _marked(name, marked, style)
        pieces.append((style, " " * (width - get_cwidth(name) + 1)))
        return pieces

    def _status(self, menu: Menu, width: int, hidden: int, left: int, used: int) -> StyleAndTextTuples:
        """Give the row below: what the chosen entry is and who proposes it, or how many there are.

        It stands below the names and is as wide as they are, so that it is seen to belong to them; what
        needs more room than that begins further to the left.
        """
        text = _how_many(menu, hidden) if menu.entry is None else _about(menu, menu.entry, width - 2)
        if get_cwidth(text) > width - 2:
            text = str(len(menu.entries))
        room = max(used, get_cwidth(text) + 2)
        left = max(0, min(left, width - room))
        text = f" {text}"
        line: StyleAndTextTuples = [("", " " * left)] if left else []
        return [*line, ("class:menu.type", text + " " * (min(room, width) - get_cwidth(text)))]

    def _as_list(self, menu: Menu) -> list[StyleAndTextTuples]:
        width, height = self._size
        entries = menu.entries
        rows = min(height, len(entries))
        menu.first = max(0, min(menu.first, len(entries) - rows))
        if menu.selected is not None:
            menu.first = min(max(menu.first, menu.selected - rows + 1), menu.selected)
        seen = range(menu.first, menu.first + rows)
        names, kinds, signatures, sources = self._widths(menu, seen)
        used = 2 + names + sum(each + 2 for each in (kinds, signatures, sources) if each) + 1
        left = max(0, min(self._anchor() - 1, width - used))
        thumb = _thumb(menu.first, rows, len(entries))
        lines: list[StyleAndTextTuples] = []
        for row, number in enumerate(seen):
            each = entries[number]
            style = "class:menu.current" if number == menu.selected else "class:menu"
            line: StyleAndTextTuples = [("", " " * left)] if left else []
            line += self._cell(menu, number, names)
            for room, text in ((kinds, kind_of(each)), (signatures, each.signature), (sources, each.source)):
                if room:
                    text = cut(printable(text), room)
                    line.append((f"class:menu.type {style}", f"{text}{' ' * (room - get_cwidth(text) + 2)}"))
            line.append(("class:menu.scroll", "|" if row in thumb else " "))
            self._places.append((row, left, left + used, number))
            lines.append(line)
        return lines

    def _widths(self, menu: Menu, seen: range) -> tuple[int, int, int, int]:
        """Tell how wide the names, their kinds, signatures and sources may be; 0 leaves one out."""
        width = max(1, self._size[0] - 3)
        measured = {*range(min(_MEASURED, len(menu.entries))), *seen}
        wanted = max(get_cwidth(shown(menu.entries[number])) for number in measured)
        visible = [menu.entries[number] for number in seen]
        kinds = max(get_cwidth(kind_of(each)) for each in visible)
        names = min(wanted, width if width < 30 else max(20, width // 2))
        left = width - names
        kinds = kinds if kinds and left >= kinds + 2 else 0
        left -= kinds + 2 if kinds else 0
        sources = 0
        if self._size[0] >= _WITH_SOURCE:
            sources = min(16, max(get_cwidth(printable(each.source)) for each in visible))
            sources = sources if left >= sources + 2 else 0
            left -= sources + 2 if sources else 0
        signatures = min(40, max(get_cwidth(printable(each.signature)) for each in visible))
        signatures = min(signatures, left - 2) if left >= 10 else 0
        return names, kinds, signatures, sources

    # -- moving ----------------------------------------------------------------

    def moved(self, menu: Menu, direction: Direction) -> int:
        """Give the number of the entry that a key leads to."""
        count, now = len(menu.entries), menu.selected
        if direction in ("first", "last"):
            return 0 if direction == "first" else count - 1
        if now is None:
            return count - 1 if direction in ("previous", "page up") else 0
        if direction == "next":
            return (now + 1) % count
        if direction == "previous":
            return (now - 1) % count
        if menu.look == "column" or self._grid is None:
            step = max(1, self._size[1] - 1)
            return max(0, min(count - 1, now + (step if direction in ("page down", "right") else -step)))
        grid = self._grid
        if direction in ("left", "right"):
            return grid.beside(now, 1 if direction == "right" else -1)
        page = max(1, len(grid.visible(menu.first)) - 1)
        return grid.beside(now, page if direction == "page down" else -page)

    def next_page(self, menu: Menu) -> bool:
        """Turn a list that does not fit to what follows; tell whether anything does."""
        if self._grid is None:
            return False
        last = self._grid.visible(menu.first)[-1].number
        if last + 1 >= self._grid.columns:
            menu.first = 0
            return False
        menu.first = last + 1
        return True

    def mouse_handler(self, mouse_event: MouseEvent) -> NotImplementedOrNone:
        """Take a click at an entry, and the wheel."""
        kind, position = mouse_event.event_type, mouse_event.position
        if kind == MouseEventType.SCROLL_DOWN:
            self._turned("next")
        elif kind == MouseEventType.SCROLL_UP:
            self._turned("previous")
        elif kind == MouseEventType.MOUSE_UP and mouse_event.button in (
            MouseButton.LEFT,
            MouseButton.UNKNOWN,
        ):
            for row, start, end, number in self._places:
                if row == position.y and start <= position.x < end:
                    self._chosen(number)
                    break
        else:
            return NotImplemented
        return None


def _how_many(menu: Menu, hidden: int) -> str:
    """Tell how many names there are while none is chosen."""
    count = len(menu.entries)
    text = f"{count} completion{'' if count == 1 else 's'}{'…' if menu.waiting else ''}"
    return f"{text}, {hidden} more with Tab" if menu.look == "readlinelike" and hidden else text


def _about(menu: Menu, entry: Completion, width: int) -> str:
    """Tell what the chosen name is, and who proposes it."""
    place = f"{(menu.selected or 0) + 1}/{len(menu.entries)}{'…' if menu.waiting else ''}"
    said = ", ".join(filter(None, (kind_of(entry), printable(entry.source))))
    if entry.signature:
        said = f"{printable(entry.text)}{printable(entry.signature)}  {said}"
    room = width - get_cwidth(place) - 2
    return f"{place}  {cut(said, room)}" if room > 3 else place


def _marked(name: str, places: set[int], style: str) -> StyleAndTextTuples:
    """Point letters out, without another background in the row that is chosen."""
    if not places:
        return [(style, name)]
    found: StyleAndTextTuples = []
    piece, is_in = "", False
    for number, character in enumerate(name):
        if (number in places) != is_in and piece:
            found.append((f"class:menu.match {style}" if is_in else style, piece))
            piece = ""
        is_in = number in places
        piece += character
    found.append((f"class:menu.match {style}" if is_in else style, piece))
    return found


def _thumb(first: int, rows: int, count: int) -> range:
    """Tell in which rows the bar stands that shows which part is in view; nowhere if all of it is."""
    if count <= rows:
        return range(0)
    size = max(1, rows * rows // count)
    at = first * (rows - size) // max(1, count - rows)
    return range(at, at + size)
