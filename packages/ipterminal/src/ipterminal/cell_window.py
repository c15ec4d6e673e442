"""The window of the cell: scrolls, paints what is in view, and knows where everything stands.

What prompt_toolkit's window does for every key, of every line and character in view, is done here for
the lines that changed. Rows are kept from frame to frame, and a row that is the same is not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from prompt_toolkit.application import get_app
from prompt_toolkit.data_structures import Point, Size
from prompt_toolkit.filters import FilterOrBool
from prompt_toolkit.layout.containers import ScrollOffsets, Window, WindowRenderInfo
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.renderer import Renderer

from . import reflow
from .languages import Fragments
from .lexing import SLICE
from .painted_lines import Marks, PaintedLine, Painter, Row

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone
    from prompt_toolkit.layout import Layout
    from prompt_toolkit.layout.mouse_handlers import MouseHandlers
    from prompt_toolkit.layout.screen import Screen, WritePosition
    from prompt_toolkit.output import Output

    from .buffer_control import CellControl
    from .prompt_column import PromptColumn

#: Seconds that lexers are not imported after they were first wanted: the first keys come before them.
LOAD_AFTER: Final = 0.1
#: Seconds that a cell waits for them when it is handed over: as it is painted then it stays.
LOAD_WITHIN: Final = 0.2

#: A row of what could be shown: a line, and which of its rows.
_Place = tuple[int, int]
#: Tells where on the screen a line's column is, by row and column; ``KeyError`` if it is not in view.
_Find = Callable[[int, int], tuple[int, int]]


class _Shown(NamedTuple):
    """A line in view."""

    #: The row of the window that its first row stands in; negative if that is scrolled out of it.
    y: int
    row: int
    line: PaintedLine


class _Positions(dict[tuple[int, int], tuple[int, int]]):
    """Where on the screen a line's column stands, found when it is asked for."""

    def __init__(self, find: _Find) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, place: tuple[int, int]) -> tuple[int, int]:
        return self._find(*place)


class CellWindow(Window):
    """Shows a :class:`~ipterminal.buffer_control.CellControl`, wrapped, with its prompts.

    :param control: what is shown.
    :param prompts: what stands to the left of it.
    :param load: is called when lexers are wanted, with the seconds to wait for them: none after a frame.
    :param style: the style of all of it.
    """

    def __init__(
        self,
        control: CellControl,
        prompts: PromptColumn,
        *,
        load: Callable[[float], object] = lambda wait: None,
        style: str = "",
        always_hide_cursor: FilterOrBool = False,
    ) -> None:
        super().__init__(
            control,
            wrap_lines=True,
            dont_extend_height=True,
            style=style,
            always_hide_cursor=always_hide_cursor,
            get_line_prefix=lambda line, wraps: list(prompts.wrapped if wraps else prompts.before(line)),
        )
        self.control = control
        self.prompts = prompts
        self._load = load
        self._painter = Painter()
        self._width = 0
        self._carrying_on = self._loading = False
        self._all_style = ""
        #: Gives what stands at the right end of the first line, where there is place; for others to set.
        self.right_prompt: Callable[[], StyleAndTextTuples] = list

    def forget(self) -> None:
        """Forget what was painted: another cell begins."""
        self._painter.forget()

    def await_colours(self) -> None:
        """See to it that the cell can be painted in its colours, now that it is handed over.

        Of the first cell of a process, if it is typed at once, the lexer is not there yet.
        """
        lexing, texts = self.control.lexing, self.control.document().lines
        lexing.update(texts, SLICE)
        lexing.line(len(texts) - 1)
        if lexing.languages.wanted and "".join(texts).strip():
            self._load(LOAD_WITHIN)

    # -- heights -----------------------------------------------------------------

    def preferred_width(self, max_available_width: int) -> Dimension:
        """All there is: a line may be as long."""
        return Dimension()

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:
        """As many rows as the text takes; no more of its lines are looked at than fit."""
        document = self.control.document()
        count = self._begin(document, width)
        height = 0 if count < max_available_height else max_available_height
        row = 0
        while row < count and height < max_available_height:
            height += self._line(row).height
            row += 1
        height = max(1, min(height, max_available_height))
        return Dimension(min=1, preferred=height, max=height)

    def rows(self, width: int, most: int) -> int:
        """Tell how many rows the text takes, up to so many."""
        return self.preferred_height(width, most).preferred

    def _begin(self, document: Document, width: int) -> int:
        """Make ready for a frame. :returns: how many lines there are."""
        self._width = width
        self.prompts.begin(width, document.cursor_position_row)
        return self.control.take(document)

    def _line(self, row: int, marks: Marks = ()) -> PaintedLine:
        """Give the rows of a line; marks change no heights."""
        fragments, prompts = self.control.fragments(row), self.prompts
        return self._painter.paint(
            fragments, prompts.before(row), prompts.wrapped, self._width, marks, self._all_style
        )

    # -- scrolling -----------------------------------------------------------------

    def _top(self, document: Document, count: int, height: int) -> _Place:
        """Find the first row to be shown: the last frame's, as far as the cursor stays in view."""
        row, column = document.cursor_position_row, document.cursor_position_col
        cursor = (row, self._line(row).place(column)[0])
        top = (min(self.vertical_scroll, count - 1), self.vertical_scroll_2)
        if top[1] and top[1] >= self._line(top[0]).height:
            top = (top[0], self._line(top[0]).height - 1)
        if cursor < top:
            top = cursor
        elif cursor[0] - top[0] >= height:
            top = self._up(cursor, height - 1)
        else:
            top = max(top, self._up(cursor, height - 1))
        # No blank rows at the end while there is text above.
        if top > (0, 0):
            missing = height - self._rows_from(top, count, height)
            if missing > 0:
                top = self._up(top, missing)
        return top

    def _up(self, place: _Place, rows: int) -> _Place:
        """Go up so many rows, as far as there are any."""
        row, part = place
        while rows > part:
            if row == 0:
                return 0, 0
            rows -= part + 1
            row -= 1
            part = self._line(row).height - 1
        return row, part - rows

    def _rows_from(self, place: _Place, count: int, most: int) -> int:
        """Tell how many rows there are from one on, up to so many."""
        row, part = place
        rows = -part
        while row < count and rows < most:
            rows += self._line(row).height
            row += 1
        return rows

    # -- painting ------------------------------------------------------------------

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        """Paint what is in view."""
        width, height = write_position.width, write_position.height
        if width <= 0 or height <= 0:
            return
        app = get_app()
        document = self.control.document()
        style = self.style() if callable(self.style) else self.style
        self._all_style = f"{parent_style} {style}".strip()
        count = self._begin(document, width)
        top = self._top(document, count, height)
        self.vertical_scroll, self.vertical_scroll_2 = top
        shown = self._in_view(document, count, top, height)
        self._put(screen, write_position, shown)
        find = self._finder(shown, write_position)
        self._tell(document, write_position, shown, find)
        if app.layout.current_control is self.control:
            self._put_cursor(screen, document, find)
        menu = self.control.menu_place()
        if menu is not None and (place := _found(find, menu.y, menu.x)):
            screen.set_menu_position(self, place)
        if app.renderer.mouse_support():
            self._take_mouse(mouse_handlers, write_position, shown)
        screen.visible_windows_to_write_positions[self] = write_position
        screen.height = max(screen.height, write_position.ypos + height)
        self._go_on(app)

    def _in_view(self, document: Document, count: int, top: _Place, height: int) -> list[_Shown]:
        """Paint the lines in view."""
        row, y = top[0], -top[1]
        shown = []
        while row < count and y < height:
            line = self._line(row)
            shown.append(_Shown(y, row, line))
            y += line.height
            row += 1
        marks = self.control.marks(document, top[0], row - 1)
        for marked, over in marks.items():
            at = marked - top[0]
            shown[at] = shown[at]._replace(line=self._line(marked, over))
        return shown

    def _put(self, screen: Screen, position: WritePosition, shown: list[_Shown]) -> None:
        """Put rows onto the screen."""
        buffer = screen.data_buffer
        for y, _, line in shown:
            for part in _parts(y, line, position.height):
                cells = line.row(part)
                if position.xpos == 0:
                    buffer[position.ypos + y + part] = Row(cells)
                    continue
                into = buffer[position.ypos + y + part]
                for x, char in cells.items():
                    into[position.xpos + x] = char
            for part, x, text in line.escapes:
                if 0 <= y + part < position.height:
                    screen.zero_width_escapes[position.ypos + y + part][position.xpos + x] += text
        if shown and shown[0][1] == 0:
            self._put_right_prompt(screen, position, shown[0][0], shown[0][2])

    def _put_right_prompt(self, screen: Screen, position: WritePosition, y: int, line: PaintedLine) -> None:
        """Put the right prompt into the row that the text begins in, unless the text comes near it."""
        try:
            pieces = self.right_prompt()
        except Exception as error:
            pieces, self.right_prompt = [], list
            self.control.tell(error, "the right prompt")
        part = line.place(0)[0]
        if not pieces or not 0 <= y + part < position.height:
            return
        painted = self._painter.paint(_NOTHING, tuple((each[0], each[1]) for each in pieces), (), 10**6)
        size = painted.place(0)[1]
        # The last column stays free: some terminals wrap there.
        begin = position.width - 1 - size
        if begin <= max(line.row(part), default=0) + 1:
            return
        row = screen.data_buffer[position.ypos + y + part]
        for x, char in painted.row(0).items():
            row[position.xpos + begin + x] = char

    def _finder(self, shown: list[_Shown], position: WritePosition) -> _Find:
        lines = {row: (y, line) for y, row, line in shown}

        def find(row: int, column: int) -> tuple[int, int]:
            y, line = lines[row]
            part, x = line.place(column)
            if not 0 <= y + part < position.height:
                raise KeyError((row, column))
            return position.ypos + y + part, position.xpos + min(x, position.width - 1)

        return find

    def _put_cursor(self, screen: Screen, document: Document, find: _Find) -> None:
        place = _found(find, document.cursor_position_row, document.cursor_position_col)
        screen.set_cursor_position(self, place or Point(x=0, y=0))
        screen.show_cursor = not self.always_hide_cursor()
        # A key that waits for another one, and vi's digraphs, are shown in the cursor's place.
        self._highlight_digraph(screen)
        self._show_key_processor_key_buffer(screen)

    def _tell(self, document: Document, position: WritePosition, shown: list[_Shown], find: _Find) -> None:
        """Say what was painted, for key bindings that scroll."""
        rows = {}
        last = document.line_count - 1
        for y, row, line in shown:
            for part in _parts(y, line, position.height) if row <= last else ():
                rows[y + part] = (row, line.first_column(part) if part else 0)
        self.render_info = WindowRenderInfo(
            window=self,
            ui_content=self.control.create_content(position.width, position.height),
            horizontal_scroll=0,
            vertical_scroll=self.vertical_scroll,
            window_width=position.width,
            window_height=position.height,
            configured_scroll_offsets=_NO_OFFSETS,
            visible_line_to_row_col=rows,
            rowcol_to_yx=_Positions(find),
            x_offset=position.xpos,
            y_offset=position.ypos,
            wrap_lines=True,
        )

    # -- mouse ------------------------------------------------------------------------

    def _take_mouse(self, handlers: MouseHandlers, position: WritePosition, shown: list[_Shown]) -> None:
        """Have clicks within the window come to the control, with their place in the text."""
        app = get_app()
        last = len(self.control.lexing) - 1

        def handle(event: MouseEvent) -> NotImplementedOrNone:
            if self not in app.layout.walk_through_modal_area():
                return NotImplemented
            y, x = event.position.y - position.ypos, event.position.x - position.xpos
            place = Point(x=10**6, y=last)  # below the text: at its end
            for begin, row, line in shown:
                if begin <= y < begin + line.height and row <= last:
                    place = Point(x=line.column_at(y - begin, x), y=row)
            placed = MouseEvent(place, event.event_type, event.button, event.modifiers)
            answer = self.control.mouse_handler(placed)
            return self._scroll_by_mouse(event) if answer is NotImplemented else answer

        left, top = position.xpos, position.ypos
        handlers.set_mouse_handler_for_range(left, left + position.width, top, top + position.height, handle)

    def _scroll_by_mouse(self, event: MouseEvent) -> NotImplementedOrNone:
        buffer = self.control.buffer
        if event.event_type == MouseEventType.SCROLL_DOWN:
            buffer.cursor_position += buffer.document.get_cursor_down_position()
            return None
        if event.event_type == MouseEventType.SCROLL_UP:
            buffer.cursor_position += buffer.document.get_cursor_up_position()
            return None
        return NotImplemented

    # -- between frames ------------------------------------------------------------------

    def _go_on(self, app: Application[Any]) -> None:
        """See to colours that are not there yet: lines to be read, lexers to be loaded."""
        lexing = self.control.lexing
        loop = app.loop
        if loop is None:
            return

        def load() -> None:
            self._loading = False
            self._load(0.0)

        if lexing.languages.wanted and not self._loading:
            self._loading = True
            loop.call_later(LOAD_AFTER, load)
        if not lexing.behind or self._carrying_on:
            return

        def read() -> None:
            if lexing.carry_on(SLICE):
                self._carrying_on = False
                app.invalidate()
            else:
                loop.call_later(0.001, read)

        self._carrying_on = True
        loop.call_later(0.001, read)


def _parts(y: int, line: PaintedLine, height: int) -> range:
    """Give the rows of a line that are in view."""
    return range(max(0, -y), min(line.height, height - y))


def _found(find: _Find, row: int, column: int) -> Point | None:
    try:
        y, x = find(row, column)
    except KeyError:
        return None
    return Point(x=x, y=y)


#: Seconds without a frame after which one is painted whole, if others may have written over the last one.
_PAUSE: Final = 0.5
_NO_OFFSETS: Final = ScrollOffsets()
_NOTHING: Final[Fragments] = []


class _Tall:
    """An output that has more rows than its terminal."""

    def __init__(self, output: Output, rows: int) -> None:
        self._output = output
        self._size = Size(rows=rows, columns=output.get_size().columns)

    def get_size(self) -> Size:
        """Give the size of what is painted."""
        return self._size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._output, name)


class CellRenderer(Renderer):
    """prompt_toolkit's renderer, that knows whether it compares a frame with the last one."""

    #: The frame that is painted replaces the last one; it is not a final one that stands for itself.
    compares = False
    #: The row of the terminal in which the frame begins, from 0, while that is known: at a click.
    first_row: int | None = None
    #: A cell has started programs: one that is left running writes to the terminal, and nobody tells of it.
    shared = False
    #: When the last frame was painted.
    _painted = 0.0
    #: Rows that the final frame may have, if they are more than the terminal's: it scrolls then.
    final_rows = 0

    @property
    def height_is_known(self) -> bool:
        """Whether it is known where on the terminal the frame stands."""
        return self.first_row is not None or super().height_is_known

    @property
    def rows_above_layout(self) -> int:
        """How many rows of the terminal stand above the frame."""
        return super().rows_above_layout if self.first_row is None else self.first_row

    def render(self, app: Application[Any], layout: Layout, is_done: bool = False) -> None:
        """Paint a frame."""
        if self._rows_broken() is not None:
            self.erase(leave_alternate_screen=False)  # the signal that tells of it is still to come
        now = monotonic()
        if self.shared and now - self._painted > _PAUSE and self.last_rendered_screen is not None:
            self.output.write_raw("\r")  # whatever has been written behind the cursor
            self.erase(leave_alternate_screen=False)
        self._painted = now
        self.compares = not is_done
        for row in self._rows():
            row.hidden = False  # whoever paints the next frame, and says nothing of rows that are the same
        output = self.output
        if is_done and self.final_rows > output.get_size().rows:
            self.erase(leave_alternate_screen=False)
            self.output = cast("Output", _Tall(output, self.final_rows))
        try:
            super().render(app, layout, is_done)
        finally:
            self.output = output

    def erase(self, leave_alternate_screen: bool = True) -> None:
        """Take away what is painted, from where it begins now."""
        rows = self._rows_broken()
        output = self.output
        output.cursor_backward(self._cursor_pos.x)
        output.cursor_up(self._cursor_pos.y if rows is None else rows)
        self._cursor_pos = Point(x=0, y=0)
        # tmux keeps what is erased from the very first place of the screen on: it would be seen above.
        output.cursor_forward(1)
        output.erase_down()
        output.cursor_backward(1)
        output.erase_end_of_line()
        super().erase(leave_alternate_screen)

    def _rows_broken(self) -> int | None:
        """Give how many rows are above the cursor since the terminal was made narrower and broke them."""
        last = self.last_rendered_screen
        if last is None or self._last_size is None or not reflow.is_known():
            return None
        columns = self.output.get_size().columns
        if columns >= self._last_size.columns:
            return None
        return reflow.rows_above(last, self._cursor_pos, columns)

    def _rows(self) -> list[Row]:
        """Give the rows of the last frame that a cell has painted."""
        last = self.last_rendered_screen
        return [] if last is None else [row for row in last.data_buffer.values() if isinstance(row, Row)]

    def skip_same_rows(self, screen: Screen) -> None:
        """Hide from the comparison the rows of a frame that are as in the last one.

        To be called when all is painted, floats included.
        """
        last = self.last_rendered_screen
        if last is None or not self.compares:
            return
        for y, row in last.data_buffer.items():
            new = screen.data_buffer.get(y)
            if isinstance(row, Row) and isinstance(new, Row) and new.source is not None:
                row.hidden = new.hidden = new.source is row.source
