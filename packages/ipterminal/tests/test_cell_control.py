"""What is seen of a cell: wrapped lines, wide characters, prompts, selections, clicks, scrolling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.application import Application
from prompt_toolkit.application.current import set_app
from prompt_toolkit.auto_suggest import Suggestion
from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.data_structures import Point, Size
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import DummyInput
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.containers import ConditionalContainer, Float, HSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Screen as Painting
from prompt_toolkit.layout.screen import WritePosition
from prompt_toolkit.mouse_events import MouseButton, MouseEvent, MouseEventType
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.selection import SelectionState, SelectionType

from ipcore.testing.control_sequences import Interpreter
from ipcore.testing.screen import Screen
from ipterminal import painted_lines
from ipterminal.buffer_control import CellControl
from ipterminal.cell_window import CellRenderer, CellWindow
from ipterminal.languages import Languages
from ipterminal.layout import Root
from ipterminal.lexing import Lexing
from ipterminal.painted_lines import LongLine, Painter, cut
from ipterminal.prompt_column import PromptColumn

PROMPT, CONTINUATION = "In [1]: ", "   ...: "


@pytest.fixture(scope="module")
def languages() -> Languages:
    loaded = Languages()
    loaded.load("python")
    return loaded


class Stream:
    """What prompt_toolkit writes to: a terminal's screen."""

    encoding = "utf-8"

    def __init__(self, rows: int, columns: int) -> None:
        self.screen = Screen(rows, columns)
        self._interpreter = Interpreter(self.screen, lambda *_: None)

    def write(self, text: str) -> None:
        self._interpreter.feed(text.replace("\r\n", "\n").replace("\n", "\r\n"))

    def flush(self) -> None: ...

    def fileno(self) -> int:
        return 1

    def isatty(self) -> bool:
        return True


class Cell:
    """A cell in a terminal: an application that is painted when it is told to."""

    def __init__(self, text: str = "", *, rows: int = 12, columns: int = 40, languages: Any = None) -> None:
        self.stream = Stream(rows, columns)
        stream: Any = self.stream
        self.buffer = Buffer(document=Document(text, len(text)))
        self.prompt: list[tuple[str, str]] = [("class:prompt", PROMPT)]
        self.numbers = ""
        self.control = CellControl(self.buffer, Lexing(languages))
        self.window = CellWindow(
            self.control,
            PromptColumn(
                lambda: self.prompt,
                lambda: [("class:prompt.continuation", CONTINUATION)],
                numbers=lambda: self.numbers,
            ),
        )
        self.menu = ""
        menu = ConditionalContainer(
            Window(FormattedTextControl(lambda: self.menu), char="."), Condition(lambda: bool(self.menu))
        )
        floats = [Float(menu, xcursor=True, ycursor=True)]
        output = Vt100_Output(stream, lambda: Size(rows, columns), enable_cpr=False)
        self.app: Application[None] = Application(
            layout=Layout(Root(HSplit([self.window]), floats=floats), focused_element=self.window),
            input=DummyInput(),
            output=output,
            color_depth=ColorDepth.DEPTH_1_BIT,
            mouse_support=True,
        )
        self.app.renderer = CellRenderer(self.app.renderer.style, output)
        self.app.renderer.report_absolute_cursor_row(1)  # all rows are there from the beginning
        self.rows, self.columns = rows, columns

    def paint(self) -> list[str]:
        """Paint a frame, and give the rows of the screen."""
        self.app.render_counter += 1
        with set_app(self.app):
            self.app.renderer.render(self.app, self.app.layout)
        return self.lines()

    def lines(self) -> list[str]:
        return [self.stream.screen.text(row).rstrip() for row in range(self.rows)]

    @property
    def cursor(self) -> tuple[int, int]:
        found = self.stream.screen.cursor
        return found.row, found.column

    def put(self, text: str, cursor: int | None = None) -> None:
        self.buffer.document = Document(text, len(text) if cursor is None else cursor)

    def styles(self) -> list[tuple[int, int, str, str]]:
        """Give row, column, character and style of everything on the screen that is not blank."""
        painting = Painting()
        self.onto(painting)
        return [
            (y, x, char.char, char.style)
            for y, row in sorted(painting.data_buffer.items())
            for x, char in sorted(row.items())
        ]

    def onto(self, painting: Painting) -> MouseHandlers:
        handlers = MouseHandlers()
        position = WritePosition(0, 0, self.columns, self.rows)
        with set_app(self.app):
            self.app.renderer.mouse_support = Condition(lambda: True)
            self.window.write_to_screen(painting, handlers, position, "", False, None)
        return handlers

    def marked(self, style: str) -> str:
        """Give the characters that have a style, in order."""
        return "".join(char for _, _, char, its in self.styles() if style in its.split())


@pytest.fixture
def cell(languages: Languages) -> Cell:
    return Cell(languages=languages)


def stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines


# -- lines -----------------------------------------------------------------------------------


def test_each_line_has_its_prompt(cell: Cell) -> None:
    cell.put("def f():\n    pass\n")
    assert stripped(cell.paint()) == ["In [1]: def f():", "   ...:     pass", "   ...:"]
    assert cell.cursor == (2, 8)


def test_a_row_that_goes_on_with_a_line_is_marked(languages: Languages) -> None:
    cell = Cell("abcdefghijklmnopqrstuvwxyz", columns=20, languages=languages)
    assert stripped(cell.paint()) == ["In [1]: abcdefghijkl", "      ⋮ mnopqrstuvwx", "      ⋮ yz"]
    assert cell.cursor == (2, 10)


def test_behind_a_full_row_there_is_place_for_the_cursor(languages: Languages) -> None:
    cell = Cell("abcdefghijkl", columns=20, languages=languages)
    assert stripped(cell.paint()) == ["In [1]: abcdefghijkl", "      ⋮"]
    assert cell.cursor == (1, 8)


def test_a_wide_character_is_not_cut_at_the_edge(languages: Languages) -> None:
    cell = Cell("文文文文文文", columns=19, languages=languages)
    assert stripped(cell.paint()) == ["In [1]: 文文文文文", "      ⋮ 文"]
    assert cell.cursor == (1, 10)
    cell.put("文x", 1)
    cell.paint()
    assert cell.cursor == (0, 10)


def test_tabs_lead_to_the_next_stop_of_the_text(cell: Cell) -> None:
    cell.put("\tx\ty")
    assert cell.paint()[0] == PROMPT + "        x       y"
    assert cell.cursor == (0, 8 + 17)
    cell.put("\tx", 1)
    cell.paint()
    assert cell.cursor == (0, 16)


def test_control_characters_are_seen_and_marks_join_their_letter(cell: Cell) -> None:
    cell.put("a\x01b\x1b[31mc e\u0301!")
    assert cell.paint()[0] == PROMPT + "a^Ab^[[31mc e\u0301!"
    assert cell.cursor == (0, 8 + len("a^Ab^[[31mc e!"))


def test_a_wide_character_in_a_window_of_one_column_wastes_no_rows() -> None:
    line = Painter().paint([("", "文")], (), (), 1)
    assert (line.height, line.place(0), line.place(1)) == (2, (0, 0), (1, 0))


def test_in_a_narrow_window_the_prompt_leaves_place(languages: Languages) -> None:
    cell = Cell("x = 1\nfor", columns=10, languages=languages)
    assert stripped(cell.paint()) == ["In [1]: x", "   ⋮ = 1", "...: for"]


def test_line_numbers_stand_in_the_prompts(cell: Cell) -> None:
    cell.numbers = "{line}|{rel_line:+d}"
    cell.put("a\nb\nc\nd", 2)
    assert stripped(cell.paint()) == ["In [1]: a", "2|+0...: b", "3|+1...: c", "4|+2...: d"]
    cell.buffer.cursor_position = 4
    assert stripped(cell.paint()) == ["In [1]: a", "2|-1...: b", "3|+0...: c", "4|+1...: d"]
    cell.numbers = "{line}"
    assert stripped(cell.paint())[1:] == ["2  ...: b", "3  ...: c", "4  ...: d"]
    cell.numbers = "{nothing}"
    assert stripped(cell.paint())[1] == "   ...: b"


def test_a_format_of_line_numbers_that_is_wrong_is_told_once(
    cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell.numbers = "{wrong}"
    cell.put("a\nb\nc")
    cell.paint()
    cell.put("a\nb\nc\nd")
    assert stripped(cell.paint())[1] == "   ...: b"
    err = capsys.readouterr().err
    assert err.count("prompt_line_number_format: '{wrong}' cannot be filled in") == 1
    assert err.count("\n") == 1


def test_a_prompt_of_two_lines_stands_above_the_text(cell: Cell) -> None:
    cell.prompt = [("class:prompt", "~/work main\n"), ("class:prompt", "> ")]
    cell.put("x\ny")
    assert stripped(cell.paint()) == ["~/work main", "> x", "   ...: y"]
    assert cell.cursor == (2, 9)


def test_the_right_prompt_gives_way_to_the_text(cell: Cell) -> None:
    cell.window.right_prompt = lambda: [("class:right-prompt", "12:30")]
    cell.put("x")
    assert cell.paint()[0] == "In [1]: x".ljust(34) + "12:30"
    cell.put("x" * 26)
    assert cell.paint()[0] == "In [1]: " + "x" * 26
    cell.put("x")
    assert cell.paint()[0] == "In [1]: x".ljust(34) + "12:30"


# -- as prompt_toolkit paints it -----------------------------------------------------------------

_TEXT = st.text("ab(\n \x01文", max_size=60)


@settings(deadline=None, max_examples=50)
@given(_TEXT, st.integers(9, 30), st.data())
def test_every_text_is_painted_as_prompt_toolkit_does(
    languages: Languages, text: str, columns: int, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    cell = Cell(columns=columns, rows=80, languages=languages)
    cell.prompt = [("", "> ")]
    cell.window.prompts.continuation = lambda: [("", ". ")]
    cell.put(text, cursor)
    mine, theirs = Painting(), Painting()
    cell.onto(mine)
    window = Window(
        BufferControl(WithoutHistory(document=cell.buffer.document)),
        wrap_lines=True,
        get_line_prefix=lambda line, wraps: [("", "⋮ " if wraps else ". " if line else "> ")],
    )
    app: Application[None] = Application(layout=Layout(window), input=DummyInput(), output=cell.app.output)
    with set_app(app):
        window.write_to_screen(theirs, MouseHandlers(), WritePosition(0, 0, columns, 80), "", False, None)
    assert rows_of(mine, columns) == rows_of(theirs, columns)
    assert mine.get_cursor_position(cell.window) == theirs.get_cursor_position(window)
    cell.put(text)
    at_end = Painting()
    cell.onto(at_end)
    with set_app(cell.app):
        height = cell.window.preferred_height(columns, 80).preferred
    assert height == at_end.get_cursor_position(cell.window).y + 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["", "class:a"]), st.text("abc ", max_size=40)), max_size=4),
    st.sampled_from(["", "> ", "long prompt> ", "two\n: "]),
    st.integers(4, 20),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.just("class:mark")), max_size=2),
)
def test_a_long_line_is_painted_as_a_short_one(
    pieces: list[tuple[str, str]], prompt: str, width: int, marks: list[tuple[int, int, str]]
) -> None:
    first, wrapped = (("", prompt),), cut((("", ". "),), width)
    over = tuple((min(start, end), max(start, end), style) for start, end, style in marks if start != end)
    short = Painter().paint(pieces, first, wrapped, width, over)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painted_lines, "LONG", -1)
        long = Painter().paint(pieces, first, wrapped, width, over)
    assert isinstance(long, LongLine)
    assert long.height == short.height
    assert [long.row(row) for row in range(long.height)] == [short.row(row) for row in range(long.height)]
    size = sum(len(text) for _, text in pieces)
    assert [long.place(column) for column in range(size + 2)] == [
        short.place(column) for column in range(size + 2)
    ]
    for row in range(long.height):
        assert long.first_column(row) == short.first_column(row)
        assert [long.column_at(row, x) for x in range(width)] == [
            short.column_at(row, x) for x in range(width)
        ]


def test_of_a_very_long_line_only_what_is_in_view_is_painted(languages: Languages) -> None:
    cell = Cell("x" * 1_000_000, rows=5, columns=40, languages=languages)
    shown = cell.paint()
    assert shown[:4] == ["      ⋮ " + "x" * 32] * 4
    line = cell.window._line(0)
    assert isinstance(line, LongLine)
    assert len(line._made) < 10
    cell.buffer.cursor_position = 0
    assert cell.paint()[0] == "In [1]: " + "x" * 32


class WithoutHistory(Buffer):
    def load_history_if_not_yet_loaded(self) -> None:
        """It would need a running loop."""


def rows_of(painting: Painting, columns: int) -> list[str]:
    buffer = painting.data_buffer
    lines = ["".join(buffer[y][x].char for x in range(columns)).rstrip() for y in range(80)]
    return stripped(lines)


# -- from frame to frame ---------------------------------------------------------------------------

_FRAMES = st.lists(
    st.tuples(st.text("ab(\n文 '", max_size=60), st.integers(0, 60), st.sampled_from(["", "of\ntwo", "x"])),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=30)
@given(_FRAMES)
def test_after_any_frames_the_screen_is_as_if_painted_anew(
    languages: Languages, frames: list[tuple[str, int, str]]
) -> None:
    cell = Cell(languages=languages)
    for text, cursor, menu in frames:
        cell.put(text, min(cursor, len(text)))
        cell.menu = menu
        shown = cell.paint()
        anew = Cell(languages=languages)
        anew.put(text, min(cursor, len(text)))
        anew.menu = menu
        anew.window.vertical_scroll = cell.window.vertical_scroll
        anew.window.vertical_scroll_2 = cell.window.vertical_scroll_2
        assert stripped(shown) == stripped(anew.paint())
        assert cell.cursor == anew.cursor


def test_a_menu_over_the_text_comes_and_goes(cell: Cell) -> None:
    cell.put("one\ntwo\nthree", 0)
    plain = stripped(cell.paint())
    for _ in range(2):
        cell.menu = "menu"
        assert stripped(cell.paint()) == ["In [1]: one", "   ...: menu", "   ...: three"]
        cell.menu = ""
        assert stripped(cell.paint()) == plain


def test_nothing_stays_when_another_layout_takes_the_place(cell: Cell) -> None:
    cell.put("one\ntwo")
    cell.paint()
    cell.paint()
    layout = cell.app.layout
    cell.app.layout = Layout(Window(FormattedTextControl("other")))
    assert stripped(cell.paint()) == ["other"]
    cell.app.layout = layout
    assert stripped(cell.paint()) == ["In [1]: one", "   ...: two"]


def test_the_last_frame_is_whole_whatever_was_the_same(cell: Cell) -> None:
    cell.put("one\ntwo")
    cell.paint()
    assert stripped(cell.paint()) == ["In [1]: one", "   ...: two"]
    with set_app(cell.app):
        cell.app.renderer.render(cell.app, cell.app.layout, is_done=True)
    assert stripped(cell.lines()) == ["In [1]: one", "   ...: two"]


def test_a_key_has_one_line_painted(languages: Languages, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell("\n".join(f"name = {number}" for number in range(500)), languages=languages)
    cell.paint()
    painted = []
    paint = cell.window._painter._paint

    def counted(fragments: Any, *arguments: Any) -> Any:
        painted.append(fragments)
        return paint(fragments, *arguments)

    monkeypatch.setattr(cell.window._painter, "_paint", counted)
    cell.buffer.insert_text("7")
    cell.paint()
    assert len(painted) == 1
    cell.buffer.cursor_position -= 1
    cell.paint()
    assert len(painted) == 1


# -- scrolling ---------------------------------------------------------------------------------------


def numbered(count: int) -> str:
    return "\n".join(str(number) for number in range(count))


def shown_lines(cell: Cell) -> list[str]:
    return [line.rpartition(" ")[2] for line in cell.paint()]


def test_the_cursor_stays_in_view(cell: Cell) -> None:
    cell.put(numbered(100))
    assert shown_lines(cell) == [str(number) for number in range(88, 100)]
    cell.buffer.cursor_position = 0
    assert shown_lines(cell)[0] == "0"
    cell.buffer.cursor_position = cell.buffer.text.index("50")
    assert shown_lines(cell) == [str(number) for number in range(39, 51)]
    cell.buffer.cursor_position = cell.buffer.text.index("45")
    assert shown_lines(cell) == [str(number) for number in range(39, 51)]


def test_no_rows_are_wasted_when_lines_at_the_end_go(cell: Cell) -> None:
    cell.put(numbered(100))
    cell.paint()
    cell.put(numbered(90))
    assert shown_lines(cell) == [str(number) for number in range(78, 90)]
    cell.put(numbered(3))
    assert stripped(shown_lines(cell)) == ["0", "1", "2"]


def test_a_line_longer_than_the_screen_is_scrolled_through(languages: Languages) -> None:
    text = "".join(f"{number:04}" for number in range(30))
    cell = Cell(text, rows=4, columns=20, languages=languages)
    assert cell.paint()[-2:] == ["      ⋮ 002700280029", "      ⋮"]
    cell.buffer.cursor_position = 0
    assert cell.paint()[0] == "In [1]: 000000010002"
    cell.buffer.cursor_position = 16
    assert cell.paint()[0] == "In [1]: 000000010002"
    assert cell.cursor == (1, 12)


def test_what_is_not_in_view_has_no_place(languages: Languages) -> None:
    cell = Cell("x" * 200, rows=4, columns=20, languages=languages)
    cell.buffer.complete_state = CompletionState(Document("x" * 200, 0))
    painting = Painting()
    cell.onto(painting)
    assert cell.window not in painting.menu_positions
    cell.buffer.complete_state = CompletionState(cell.buffer.document)
    cell.onto(painting)
    assert painting.menu_positions[cell.window] == painting.get_cursor_position(cell.window)


# -- what is laid over the text ------------------------------------------------------------------------


def test_the_selection_is_seen(cell: Cell) -> None:
    cell.put("one\n\ntwo", 7)
    cell.buffer.selection_state = SelectionState(1, SelectionType.CHARACTERS)
    assert cell.marked("class:selected") == "ne tw"
    cell.buffer.selection_state = SelectionState(1, SelectionType.LINES)
    assert cell.marked("class:selected") == "one two"
    cell.buffer.selection_state = SelectionState(1, SelectionType.BLOCK)
    assert cell.marked("class:selected") == "nw"


def test_all_cursors_of_a_block_are_seen(cell: Cell) -> None:
    cell.put("abc\ndef")
    cell.app.vi_state.input_mode = InputMode.INSERT_MULTIPLE
    cell.buffer.multiple_cursor_positions = [1, 5]
    assert cell.marked("class:multiple-cursors") == "be"


def test_the_bracket_at_the_cursor_and_its_partner_are_marked(cell: Cell) -> None:
    cell.put("f(a[1], ')')")
    assert cell.marked("class:match") == "()"
    cell.put("f(a]")
    assert cell.marked("class:match.bad") == "(]"
    cell.put("f)")
    assert cell.marked("class:match.bad") == ")"
    cell.put("f(")
    assert cell.marked("class:match") == cell.marked("class:match.bad") == ""


def test_brackets_are_not_marked_if_that_is_not_wanted(languages: Languages) -> None:
    cell = Cell("f()", languages=languages)
    cell.control._highlight_brackets = lambda: False
    assert cell.marked("class:match") == ""


def test_a_suggestion_stands_behind_the_cursor(cell: Cell) -> None:
    cell.put("for x")
    cell.buffer.suggestion = Suggestion(" in y:\n    pass")
    assert stripped(cell.paint()) == ["In [1]: for x in y:", "   ...:     pass"]
    assert cell.cursor == (0, 13)
    assert cell.marked("class:suggestion") == " in y:    pass"
    cell.buffer.cursor_position = 0
    assert stripped(cell.paint()) == ["In [1]: for x"]


def test_the_text_before_a_suggestion_may_change(cell: Cell) -> None:
    cell.put("for x")
    cell.buffer.suggestion = Suggestion(" in y")
    cell.paint()
    cell.put("for z")
    cell.buffer.suggestion = Suggestion(" in y")
    assert stripped(cell.paint()) == ["In [1]: for z in y"]


def test_a_suggestion_within_the_text_shows_its_first_line(cell: Cell) -> None:
    cell.put("for x\ny", 5)
    cell.buffer.suggestion = Suggestion(" in y:\n    pass")
    assert stripped(cell.paint()) == ["In [1]: for x in y:", "   ...: y"]


def test_another_text_can_be_shown_meanwhile(cell: Cell) -> None:
    cell.put("mine")
    cell.control.preview = lambda: Document("found", 2)
    assert stripped(cell.paint()) == ["In [1]: found"]
    assert cell.cursor == (0, 10)


def test_what_fails_is_told_once_and_done_without(cell: Cell) -> None:
    told: list[str] = []
    cell.control.tell = lambda error, what: told.append(f"{what}: {error}")

    def fail(*arguments: object) -> Any:
        raise ValueError("broken")

    cell.control.markings.append(fail)
    cell.control.preview = cell.control.hint = cell.window.right_prompt = fail
    cell.put("f()")
    for _ in range(2):
        assert stripped(cell.paint()) == ["In [1]: f()"]
    assert len(told) == 4
    assert all(text.endswith(": broken") for text in told)
    assert cell.marked("class:match") == "()"


# -- the mouse -----------------------------------------------------------------------------------------


def mouse(cell: Cell, kind: MouseEventType, y: int, x: int) -> None:
    handlers = cell.onto(Painting())
    event = MouseEvent(Point(x, y), kind, MouseButton.LEFT, frozenset())
    with set_app(cell.app):
        handlers.mouse_handlers[y][x](event)


@pytest.mark.parametrize(
    ("y", "x", "index"),
    [(0, 8, 0), (0, 9, 1), (0, 39, 3), (0, 0, 0), (1, 9, 5), (1, 10, 5), (1, 11, 6), (9, 20, 7)],
)
def test_a_click_puts_the_cursor_there(cell: Cell, y: int, x: int, index: int) -> None:
    cell.put("abc\nx文y")
    mouse(cell, MouseEventType.MOUSE_DOWN, y, x)
    assert cell.buffer.cursor_position == index


def test_a_click_into_a_wrapped_line_finds_its_row(languages: Languages) -> None:
    cell = Cell("abcdefghijklmnop", columns=20, languages=languages)
    mouse(cell, MouseEventType.MOUSE_DOWN, 1, 9)
    assert cell.buffer.cursor_position == 13
    mouse(cell, MouseEventType.MOUSE_DOWN, 1, 2)
    assert cell.buffer.cursor_position == 12


def test_what_is_drawn_over_is_selected(cell: Cell) -> None:
    cell.put("one two")
    mouse(cell, MouseEventType.MOUSE_DOWN, 0, 8)
    mouse(cell, MouseEventType.MOUSE_MOVE, 0, 11)
    mouse(cell, MouseEventType.MOUSE_UP, 0, 11)
    assert cell.buffer.document.selection is not None
    assert cell.marked("class:selected") == "one"
    mouse(cell, MouseEventType.MOUSE_DOWN, 0, 13)
    assert cell.buffer.document.selection is None


def test_a_double_click_selects_a_word(cell: Cell) -> None:
    cell.put("one two three")
    for _ in range(2):
        mouse(cell, MouseEventType.MOUSE_DOWN, 0, 13)
        mouse(cell, MouseEventType.MOUSE_UP, 0, 13)
    assert cell.marked("class:selected") == "two"


def test_the_wheel_moves_through_the_text(cell: Cell) -> None:
    cell.put(numbered(50), 0)
    mouse(cell, MouseEventType.SCROLL_DOWN, 0, 8)
    assert cell.buffer.document.cursor_position_row == 1
    mouse(cell, MouseEventType.SCROLL_UP, 0, 8)
    assert cell.buffer.document.cursor_position_row == 0


@pytest.fixture(autouse=True)
def no_application_is_left() -> Iterator[None]:
    yield
    from prompt_toolkit.application import get_app_or_none

    assert get_app_or_none() is None
