"""The buffer of the cell: prompt_toolkit's, whose history is that of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.cache import FastDictCache
from prompt_toolkit.document import Document
from prompt_toolkit.history import History
from prompt_toolkit.search import SearchDirection

from .earlier_cells import EarlierCells, Place
from .graphemes import CellDocument, boundary_at, boundary_before, next_boundary, steps

if TYPE_CHECKING:
    from prompt_toolkit.search import SearchState
    from prompt_toolkit.selection import SelectionState


class CellBuffer(Buffer):
    """Holds the text of the cell; earlier ones come from :attr:`earlier`.

    All of prompt_toolkit's own commands, those of vi too, go through the methods that are replaced here.
    """

    def __init__(self, **options: Any) -> None:
        #: Earlier cells; for others to fill.
        self.earlier = EarlierCells()
        #: Called with a number of cells that were asked for and are not at hand; for others to set.
        self.missing: Callable[[int], object] = _nothing
        self._documents: FastDictCache[tuple[str, int, SelectionState | None], Document] = FastDictCache(
            CellDocument, size=10
        )
        self._typed = ""
        super().__init__(history=_CellHistory(self.earlier), **options)

    @property
    def document(self) -> Document:
        """The text, the cursor and what is selected."""
        return self._documents[self.text, self.cursor_position, self.selection_state]

    @document.setter
    def document(self, value: Document) -> None:
        self.set_document(value)

    # -- undo -----------------------------------------------------------------------

    def save_to_undo_stack(self, clear_redo_stack: bool = True) -> None:
        """Save the text for undo. What is typed in one go is taken away by words, not by characters."""
        typed = bool(self._undo_stack) and _is_typed(*self._undo_stack[-1], self.text, self.cursor_position)
        same = bool(self._undo_stack) and self._undo_stack[-1] == (self.text, self.cursor_position)
        self._join_typed()
        if not same:
            self._typed = self.text if typed else ""
        super().save_to_undo_stack(clear_redo_stack)

    def undo(self) -> None:
        """Go back to the text before the last change, or before the last word that was typed."""
        self._join_typed()
        self._typed = ""
        super().undo()

    def _join_typed(self) -> None:
        """Drop the last text that was saved if it is within a word that is being typed."""
        if not self._undo_stack or not self._typed:
            return
        text, place = self._undo_stack[-1]
        if text != self._typed or not _is_typed(text, place, self.text, self.cursor_position):
            return
        begins_word = not self.text[place].isspace() and text[place - 1 : place].isspace()
        if not begins_word:
            self._undo_stack.pop()

    # -- whole characters, as a user sees them ---------------------------------------

    def delete(self, count: int = 1) -> str:
        """Delete behind the cursor, and no part of a cluster. :returns: what was deleted.

        :param count: of the string's characters; words and lines are counted so.
        """
        text, cursor = self.text, self.cursor_position
        end = min(len(text), cursor + count)
        start = boundary_at(text, end)
        return super().delete(count if start == end else next_boundary(text, start) - cursor)

    def delete_before_cursor(self, count: int = 1) -> str:
        """Delete before the cursor, and no part of a cluster. :returns: what was deleted.

        :param count: of the string's characters; words and lines are counted so.
        """
        text, cursor = self.text[: self.cursor_position], self.cursor_position
        return super().delete_before_cursor(cursor - boundary_at(text, max(0, cursor - count)))

    def delete_characters(self, count: int) -> str:
        """Delete as many clusters behind the cursor; before it for a negative count.

        :returns: what was deleted.
        """
        cursor = self.cursor_position
        distance = steps(self.text, cursor, count) - cursor
        return self.delete(distance) if distance > 0 else self.delete_before_cursor(-distance)

    def swap_characters_before_cursor(self) -> None:
        """Let the last two clusters before the cursor change places."""
        text, cursor = self.text, self.cursor_position
        middle = boundary_before(text, cursor)
        start = boundary_before(text, middle)
        self.text = text[:start] + text[middle:cursor] + text[start:middle] + text[cursor:]

    def leave_cluster(self) -> None:
        """Put a cursor that is within a cluster to where that begins."""
        cursor = self.cursor_position
        start = boundary_at(self.text, cursor)
        if start != cursor:
            self.cursor_position = start

    # -- earlier cells ------------------------------------------------------------------

    def reset(self, document: Document | None = None, append_to_history: bool = False) -> None:
        """Begin a new cell."""
        self.earlier.begin()
        super().reset(document)

    def load_history_if_not_yet_loaded(self) -> None:
        """Do nothing: earlier cells are not kept here."""

    def history_backward(self, count: int = 1) -> None:
        """Go to an earlier cell; with the option, to one that begins with what is before the cursor."""
        self.go_back(count, search=self.enable_history_search())

    def history_forward(self, count: int = 1) -> None:
        """Go to a later cell."""
        self.go_forward(count, search=self.enable_history_search())

    def go_back(self, count: int = 1, *, search: bool = False) -> None:
        """Go to an earlier cell, wherever the cursor is."""
        place, missing = self.earlier.back(self.text, self.cursor_position, count, search=search)
        self._show(place)
        if missing:
            self.missing(missing)

    def go_forward(self, count: int = 1, *, search: bool = False) -> None:
        """Go to a later cell, wherever the cursor is."""
        self._show(self.earlier.forward(self.text, self.cursor_position, count, search=search))

    def go_to_history(self, index: int) -> None:
        """Go to a cell by its number from the oldest."""
        self._show(self.earlier.go(index, self.text, self.cursor_position))

    def go_to_mark(self, mark: int) -> None:
        """Go to a cell that :meth:`EarlierCells.following` gave."""
        self._show(self.earlier.go_to(mark, self.text, self.cursor_position))

    def _show(self, place: Place | None) -> None:
        if place is not None:
            self.set_document(Document(place.text, place.cursor), bypass_readonly=True)

    # -- incremental search --------------------------------------------------------

    def document_for_search(self, search_state: SearchState) -> Document:
        """Give what would stand in the cell if the search ended now."""
        found = self._found(search_state, True, 1)
        return self.document if found is None else found[1]

    def get_search_position(
        self, search_state: SearchState, include_current_position: bool = True, count: int = 1
    ) -> int:
        """Give where the cursor would be."""
        found = self._found(search_state, include_current_position, count)
        return self.cursor_position if found is None or found[0] is not None else found[1].cursor_position

    def apply_search(
        self, search_state: SearchState, include_current_position: bool = True, count: int = 1
    ) -> None:
        """Go to what is found."""
        found = self._found(search_state, include_current_position, count)
        if found is None:
            return
        index, document = found
        if index is not None:
            self.go_to_history(index)
        self.set_document(Document(self.text, document.cursor_position), bypass_readonly=True)

    def _found(self, search_state: SearchState, here: bool, count: int) -> tuple[int | None, Document] | None:
        """Find a text in this cell, then in those before or behind it.

        :returns: the number of the cell, ``None`` for this one, and the document.
        """
        index: int | None = None
        document = self.document
        for _ in range(count):
            hit = self._next(search_state, index, document, here)
            if hit is None:
                return None
            index, document = hit
        return index, document

    def _next(
        self, state: SearchState, index: int | None, document: Document, here: bool
    ) -> tuple[int | None, Document] | None:
        cells, back = self.earlier.cells, state.direction == SearchDirection.BACKWARD
        at = self.earlier.index if index is None else index
        places: Iterable[int] = range(at - 1, -1, -1) if back else range(at + 1, len(cells))
        ignore_case = state.ignore_case()
        if back:
            found = document.find_backwards(state.text, ignore_case=ignore_case)
        else:
            found = document.find(state.text, include_current_position=here, ignore_case=ignore_case)
        if found is not None:
            return index, Document(document.text, document.cursor_position + found)
        for place in places:
            text = cells[place]
            other = Document(text, len(text) if back else 0)
            if back:
                found = other.find_backwards(state.text, ignore_case=ignore_case)
            else:
                found = other.find(state.text, include_current_position=True, ignore_case=ignore_case)
            if found is not None:
                return place, Document(text, other.cursor_position + found)
        return None


class _CellHistory(History):
    """Gives earlier cells to commands that take words from them."""

    def __init__(self, earlier: EarlierCells) -> None:
        super().__init__()
        self._earlier = earlier

    def get_strings(self) -> list[str]:
        return self._earlier.cells

    def load_history_strings(self) -> Iterable[str]:
        return ()

    def store_string(self, string: str) -> None:
        """Do nothing: cells are kept elsewhere."""


def _is_typed(before: str, place: int, text: str, cursor: int) -> bool:
    """Tell whether a text came of another by one character at the cursor, which is no line's end."""
    return (
        cursor == place + 1
        and len(text) == len(before) + 1
        and text[place] != "\n"
        and text[:place] == before[:place]
        and text[cursor:] == before[place:]
    )


def _nothing(_: int) -> None:
    return None
