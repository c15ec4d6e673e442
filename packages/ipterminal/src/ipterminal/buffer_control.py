"""What is shown of the cell: its coloured lines, and what is laid over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from prompt_toolkit.application import get_app
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import FilterOrBool
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout.controls import BufferControl, UIContent
from prompt_toolkit.mouse_events import MouseButton, MouseEventType
from prompt_toolkit.selection import SelectionType

from .brackets import find_match
from .graphemes import boundary_at
from .languages import Fragments
from .lexing import SLICE, Lexing
from .painted_lines import Mark

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone
    from prompt_toolkit.mouse_events import MouseEvent

#: A style laid over part of a line: line, from column, to column, style.
LineMark = tuple[int, int, int, str]
#: Gives the marks of lines from one to another, this one included.
Marking = Callable[["Document", int, int], Iterable[LineMark]]

#: Seconds that reading lines may take before a cell is handed over: it stays on the screen as it is then.
LAST: Final = 0.03
#: Seconds between two clicks that are one double click.
_DOUBLE: Final = 0.3


class CellControl(BufferControl):
    """Shows a buffer line by line, and only the lines that are asked for.

    prompt_toolkit finds buffers by the class of their control, so this is a
    :class:`~prompt_toolkit.layout.controls.BufferControl`; of what that does to show a text nothing is
    used: neither its lexer nor its processors. What is laid over the text comes from :attr:`markings`.

    :param buffer: the buffer of the cell.
    :param lexing: its colours.
    :param highlight_brackets: tells whether the bracket at the cursor and its partner are marked.
    :param focusable: whether it can have the keyboard.
    """

    def __init__(
        self,
        buffer: Buffer,
        lexing: Lexing,
        *,
        highlight_brackets: Callable[[], bool] = lambda: True,
        focusable: FilterOrBool = True,
    ) -> None:
        super().__init__(buffer, focusable=focusable, include_default_input_processors=False)
        self.lexing = lexing
        self._highlight_brackets = highlight_brackets
        #: Styles laid over the text, later ones over earlier ones; for others to add to.
        self.markings: list[Marking] = [self._brackets, self._selection, self._cursors]
        #: Gives a text to be shown instead, while something is looked for; for others to set.
        self.preview: Callable[[], Document | None] = _none
        #: Gives what could come behind the cursor; for others to set.
        self.hint: Callable[[], str] = self._suggestion
        #: Is told what one of these raises; that one is not asked again.
        self.tell: Callable[[Exception, str], object] = _log
        self._hinted: tuple[Fragments, str, Fragments] | None = None
        self._hint_lines: tuple[str, list[Fragments]] = ("", [])
        self._hint_row, self._hint = 0, ""
        self._marked = False
        self._clicked = float("-inf")

    # -- text and colours ---------------------------------------------------------

    def document(self) -> Document:
        """Give what is to be shown now."""
        try:
            return self.preview() or self.buffer.document
        except Exception as error:
            failed, self.preview = self.preview, _none
            self.tell(error, f"the preview of {_name_of(failed)}")
            return self.buffer.document

    def take(self, document: Document) -> int:
        """Bring the colours up to date, for one frame. :returns: how many lines are to be shown."""
        finished = get_app().is_done
        self.lexing.update(document.lines, LAST if finished else SLICE)
        hint = "" if finished else self._hint_now()
        first, _, more = hint.partition("\n")
        self._hint_row = document.cursor_position_row
        self._hint = first
        if self._hint_row < document.line_count - 1:
            more = ""
        if more != self._hint_lines[0]:
            self._hint_lines = (more, [[("class:suggestion", line)] for line in more.split("\n") if more])
        return document.line_count + len(self._hint_lines[1])

    def fragments(self, row: int) -> Fragments:
        """Give a line in pieces; the same list as long as it is the same."""
        if row >= len(self.lexing):
            return self._hint_lines[1][row - len(self.lexing)]
        fragments = self.lexing.line(row)
        if not self._hint or row != self._hint_row:
            return fragments
        hinted = self._hinted
        if hinted is None or hinted[0] is not fragments or hinted[1] != self._hint:
            shown = [*fragments, ("class:suggestion", self._hint)]
            hinted = self._hinted = (fragments, self._hint, shown)
        return hinted[2]

    def shows_marks(self) -> bool:
        """Tell whether something is laid over the text that helps with editing and must not stay."""
        return self._marked

    def marks(self, document: Document, first: int, last: int) -> dict[int, tuple[Mark, ...]]:
        """Give what is laid over lines, by line."""
        marks: dict[int, tuple[Mark, ...]] = {}
        for marking in (*self.markings,):
            try:
                found = [*marking(document, first, last)]
            except Exception as error:  # it is done without, or it would fail at every key
                self.markings.remove(marking)
                self.tell(error, f"what {_name_of(marking)} marks in the cell")
                continue
            for row, start, end, style in found:
                if first <= row <= last and start < end:
                    marks[row] = (*marks.get(row, ()), (start, end, style))
        self._marked = bool(marks)
        return marks

    def _hint_now(self) -> str:
        try:
            return self.hint()
        except Exception as error:
            failed, self.hint = self.hint, str
            self.tell(error, f"the suggestion of {_name_of(failed)}")
            return ""

    def _suggestion(self) -> str:
        suggestion = self.buffer.suggestion
        if suggestion is None or not suggestion.text:
            return ""
        return suggestion.text if self.buffer.document.is_cursor_at_the_end_of_line else ""

    # -- what is laid over ---------------------------------------------------------

    def _brackets(self, document: Document, first: int, last: int) -> Sequence[LineMark]:
        if not self._highlight_brackets() or get_app().is_done:
            return ()
        column = document.cursor_position_col
        match = find_match(self.lexing, document.cursor_position_row, column)
        if match is None:
            return ()
        style = "class:match" if match.good else "class:match.bad"
        marks = [(match.row, match.column, match.column + 1, style)]
        if match.partner is not None:
            row, column = match.partner
            marks.append((row, column, column + 1, style))
        return marks

    def _selection(self, document: Document, first: int, last: int) -> Iterable[LineMark]:
        if document.selection is None:
            return
        for row in range(first, min(last + 1, document.line_count)):
            selected = document.selection_range_at_line(row)
            if selected is not None:
                start, end = selected
                if not document.lines[row]:
                    end = 1  # shown as one blank
                yield row, start, end, "class:selected"

    def _cursors(self, document: Document, first: int, last: int) -> Iterable[LineMark]:
        if get_app().vi_state.input_mode != InputMode.INSERT_MULTIPLE:
            return
        for position in self.buffer.multiple_cursor_positions:
            row, column = document.translate_index_to_position(position)
            yield row, column, column + 1, "class:multiple-cursors"

    # -- what prompt_toolkit asks ----------------------------------------------------

    def create_content(self, width: int, height: int, preview_search: bool = False) -> UIContent:
        """Tell what there is, for who asks for more than the window does."""
        if get_app().loop is not None:
            self.buffer.load_history_if_not_yet_loaded()
        document = self.document()
        texts = document.lines
        return UIContent(
            get_line=lambda row: [("", texts[row] + " ")],
            line_count=document.line_count,
            cursor_position=Point(x=document.cursor_position_col, y=document.cursor_position_row),
            menu_position=self.menu_place(),
        )

    def menu_place(self) -> Point | None:
        """Tell where a menu of completions begins: where the word does."""
        state = self.buffer.complete_state
        if state is None or get_app().layout.current_control is not self:
            return None
        start = state.original_document.cursor_position
        if state.completions:
            start += state.completions[0].start_position
        # A completion may have made the text shorter than it was.
        start = max(0, min(start, self.buffer.cursor_position))
        row, column = self.buffer.document.translate_index_to_position(start)
        return Point(x=column, y=row)

    def mouse_handler(self, mouse_event: MouseEvent) -> NotImplementedOrNone:
        """Put the cursor where it is clicked, select what is drawn over, and the word of a double click.

        :param mouse_event: its position is a column of the text, and a line.
        """
        buffer = self.buffer
        layout = get_app().layout
        if layout.current_control is not self:
            if not self.focus_on_click() or mouse_event.event_type != MouseEventType.MOUSE_UP:
                return NotImplemented
            layout.current_control = self
            return None
        place = mouse_event.position
        index = boundary_at(buffer.text, buffer.document.translate_row_col_to_index(place.y, place.x))
        match mouse_event.event_type:
            case MouseEventType.MOUSE_DOWN:
                buffer.exit_selection()
                buffer.cursor_position = index
            case MouseEventType.MOUSE_MOVE if mouse_event.button != MouseButton.NONE:
                self._select_to(index, 0)
            case MouseEventType.MOUSE_UP:
                # In vi's navigation mode the cursor cannot stand behind the text: one off is no movement.
                self._select_to(index, 1)
                now = time.monotonic()
                if now - self._clicked < _DOUBLE:
                    self._select_word()
                self._clicked = now
            case _:
                return NotImplemented
        return None

    def _select_to(self, index: int, slack: int) -> None:
        buffer = self.buffer
        if abs(buffer.cursor_position - index) > slack:
            if buffer.selection_state is None:
                buffer.start_selection(selection_type=SelectionType.CHARACTERS)
            buffer.cursor_position = index
        elif buffer.selection_state is not None:
            buffer.cursor_position = index

    def _select_word(self) -> None:
        buffer = self.buffer
        start, end = buffer.document.find_boundaries_of_current_word()
        buffer.cursor_position += start
        buffer.start_selection(selection_type=SelectionType.CHARACTERS)
        buffer.cursor_position += end - start


def _none() -> None:
    return None


def _name_of(function: object) -> str:
    return str(getattr(function, "__qualname__", function))


def _log(error: Exception, what: str) -> None:
    import logging

    logging.getLogger("ipshell.terminal").warning("%s: %s: %s", what, type(error).__name__, error)
