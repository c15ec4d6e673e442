"""Lists of completions: narrowed, joined, put into the text; and how the menu shows them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.data_structures import Point
from prompt_toolkit.mouse_events import MouseButton, MouseEvent, MouseEventType
from prompt_toolkit.utils import get_cwidth

from ipcore.types.completion import Completion
from ipterminal.columns import GAP, Grid
from ipterminal.menus import Look, Menu, MenuControl
from ipterminal.proposals import common, joined, matched, narrowed, put_in


def names(*texts: str, start: int = 0, end: int | None = None, type: str = "") -> list[Completion]:
    return [Completion(start, start if end is None else end, text, type) for text in texts]


def texts(found: list[Completion]) -> list[str]:
    return [each.text for each in found]


# -- lists -------------------------------------------------------------------------------


def test_what_is_shown_keeps_its_place_and_late_ones_come_behind() -> None:
    shown = names("b", "d")
    assert texts(joined(shown, names("a", "b", "c", "d"))) == ["b", "d", "a", "c"]


def test_a_late_one_that_tells_its_type_stands_in_the_same_place() -> None:
    found = joined(names("b", "d"), names("a", "d", type="function"))
    assert [(each.text, each.type) for each in found] == [("b", ""), ("d", "function"), ("a", "function")]


@pytest.mark.parametrize(
    ("matching", "typed", "kept"),
    [
        ("prefix", "pat", ["path", "pathsep"]),
        ("prefix", "PAT", []),
        ("case-insensitive", "PAT", ["path", "pathsep"]),
        ("substring", "at", ["path", "pathsep", "stat"]),
        ("fuzzy", "ps", ["pathsep", "posix"]),
        ("prefix", "", ["path", "pathsep", "posix", "stat"]),
    ],
)
def test_typing_on_narrows_the_list(matching: Any, typed: str, kept: list[str]) -> None:
    found = narrowed(
        names("path", "pathsep", "posix", "stat", start=3), 3, f"os.{typed}", 3 + len(typed), matching
    )
    assert texts(found) == kept
    assert all((each.start, each.end) == (3, 3 + len(typed)) for each in found)


@pytest.mark.parametrize(
    ("text", "found", "wanted"),
    [
        ("os.pa", names("path", "pathsep", start=3, end=5), ("os.path", 7)),
        ("os.path", names("path", "pathsep", start=3, end=7), None),
        ("os.", names("path", "name", start=3, end=3), None),
        ("x", names("xa", "xab", end=1) + names("ac", start=1), ("xa", 2)),
        ("x", names("xa", "xab", end=1) + names("b", start=1), None),
        ("f_m", names("frame_merge", "frame_move", end=3), None),
        ("a = 1\nb", names("bar", "baz", start=6, end=7), ("a = 1\nba", 8)),
        ("", [], None),
    ],
)
def test_what_all_have_in_common_is_completed(
    text: str, found: list[Completion], wanted: tuple[str, int] | None
) -> None:
    assert common(found, text, len(text)) == wanted


def test_what_all_have_in_common_may_be_in_other_case() -> None:
    found = names("PATH", "PATHSEP", end=2)
    assert common(found, "pa", 2) is None
    assert common(found, "pa", 2, folding=True) == ("PATH", 4)


@pytest.mark.parametrize(
    ("marked", "each", "wanted"),
    [
        ("os.pa|", Completion(3, 5, "path"), "os.path|"),
        ("os.pa| + 1", Completion(3, 5, "path"), "os.path| + 1"),
        ("os.pa|th", Completion(3, 5, "path"), "os.path|"),
        ("os.pa|th.join", Completion(3, 5, "path"), "os.path|.join"),
        ("os.pa|ram", Completion(3, 5, "path"), "os.path|ram"),
        ("os.|path", Completion(3, 3, "path"), "os.path|"),
        ("os.|h", Completion(3, 3, "path"), "os.path|"),
        ("d['a|']", Completion(3, 4, "abc"), "d['abc|']"),
        ("d['a|xyz']", Completion(3, 7, "abc"), "d['abc|']"),
        ("a\nb|\nc", Completion(2, 3, "bar"), "a\nbar|\nc"),
    ],
)
def test_a_completion_is_put_in_where_the_cursor_is(marked: str, each: Completion, wanted: str) -> None:
    cursor = marked.index("|")
    text, at = put_in(each, marked.replace("|", ""), cursor)
    assert f"{text[:at]}|{text[at:]}" == wanted


@pytest.mark.parametrize(
    ("name", "typed", "pointed_out"),
    [
        ("path", "pa", "<p><a>th"),
        ("PathSep", "sep", "Path<S><e><p>"),
        ("data_frame_merge", "dfm", "<d>ata_<f>ra<m>e_merge"),
        ("%timeit", "%mi", "%ti<m>e<i>t"),
        ("'abc'", "'bc", "'a<b><c>'"),
        ("path", "xyz", "path"),
        ("path", "", "path"),
    ],
)
def test_the_letters_that_match_are_pointed_out(name: str, typed: str, pointed_out: str) -> None:
    places = set(matched(name, typed))
    assert "".join(f"<{each}>" if at in places else each for at, each in enumerate(name)) == pointed_out


# -- columns -----------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    widths=st.lists(st.integers(1, 60), min_size=1, max_size=80),
    width=st.integers(1, 100),
    rows=st.integers(1, 12),
    selected=st.integers(0, 79),
    first=st.integers(0, 40),
)
def test_every_choice_is_in_view_and_nothing_is_wider_than_the_screen(
    widths: list[int], width: int, rows: int, selected: int, first: int
) -> None:
    selected %= len(widths)
    grid = Grid(len(widths), widths.__getitem__, width, rows)
    assert 1 <= grid.rows <= rows
    first = grid.scrolled(first, selected)
    columns = grid.visible(first)
    assert selected // grid.rows in [column.number for column in columns]
    for column in columns:
        assert column.x + column.width <= width
    for step in (-100, -2, -1, 1, 2, 100):
        assert 0 <= grid.beside(selected, step) < len(widths)


def test_as_few_rows_as_possible_are_taken() -> None:
    assert Grid(4, [4, 4, 4, 4].__getitem__, 4 * (4 + GAP) - GAP, 6).rows == 1
    assert Grid(4, [4, 4, 4, 4].__getitem__, 4 * (4 + GAP) - GAP - 1, 6).rows == 2


def test_of_many_names_only_those_in_view_are_measured() -> None:
    measured: list[int] = []

    def width_of(number: int) -> int:
        measured.append(number)
        return 10

    grid = Grid(100_000, width_of, 80, 6)
    grid.visible(grid.scrolled(0, None))
    grid.visible(grid.scrolled(0, 50_000))
    assert len(measured) < 300


# -- menus -------------------------------------------------------------------------------


class Shown:
    """A menu painted into lines of text."""

    def __init__(
        self, menu: Menu, width: int = 40, rows: int = 6, height: int | None = None, anchor: int = 0
    ) -> None:
        self.menu = menu
        self.clicked: list[int] = []
        self.turned: list[str] = []
        self.control = MenuControl(
            lambda: menu, lambda: rows, self.clicked.append, self.turned.append, lambda: anchor
        )
        self.width = width
        self.height = height

    @property
    def lines(self) -> list[str]:
        return ["".join(text for _, text, *_ in line) for line in self.fragments]

    @property
    def fragments(self) -> list[Any]:
        height = self.control.preferred_height(self.width, 24, False, None) or 0
        height = height if self.height is None else min(height, self.height)
        content = self.control.create_content(self.width, height)
        assert content.line_count <= height
        return [content.get_line(number) for number in range(content.line_count)]

    def of_style(self, style: str) -> list[str]:
        return [
            text
            for line in self.fragments
            for found, text, *_ in line
            if style in found.split() and text.strip()
        ]

    def click(self, x: int, y: int) -> None:
        event = MouseEvent(Point(x, y), MouseEventType.MOUSE_UP, MouseButton.LEFT, frozenset())
        self.control.mouse_handler(event)

    def turn(self, kind: MouseEventType) -> None:
        self.control.mouse_handler(MouseEvent(Point(0, 0), kind, MouseButton.NONE, frozenset()))


def menu_of(*texts: str, look: Look = "multicolumn", typed: str = "", type: str = "") -> Menu:
    return Menu(names(*texts, end=len(typed), type=type), typed, len(typed), look)


def test_names_stand_in_columns_with_a_row_that_counts_them() -> None:
    shown = Shown(menu_of("alpha", "beta", "gamma", "delta", "epsilon", "zeta"), width=24)
    assert [line.rstrip() for line in shown.lines] == [
        " alpha  gamma  epsilon",
        " beta   delta  zeta",
        " 6 completions",
    ]


@pytest.mark.parametrize(("anchor", "start"), [(6, 5), (50, 29)])
def test_the_row_that_counts_is_as_wide_as_the_names_and_stands_below_them(anchor: int, start: int) -> None:
    shown = Shown(menu_of("a_long_name", "a_longer_name"), width=57, anchor=anchor)
    names, count = shown.lines
    assert count == f"{' ' * start} 2 completions".ljust(len(names))
    assert names.index("a_long_name") == count.index("2 completions")


def test_what_is_told_of_a_name_takes_the_room_it_needs() -> None:
    each = Completion(0, 1, "join", "function", "(a, *p)", "", 0, "attributes")
    menu = Menu([each, *names("other")], "j", 1, "multicolumn")
    menu.selected = 0
    assert Shown(menu, width=50, anchor=9).lines[-1] == "         1/2  join(a, *p)  function, attributes "
    assert Shown(menu, width=42, anchor=30).lines[-1] == "   1/2  join(a, *p)  function, attributes "


def test_where_there_is_no_room_the_number_alone_is_told() -> None:
    assert Shown(menu_of("a", "b"), width=9).lines[-1].strip() == "2"


def test_the_row_below_tells_what_is_chosen_and_who_proposes_it() -> None:
    each = Completion(0, 1, "join", "function", "(a, *p)", "", 0, "attributes")
    menu = Menu([each, *names("other")], "j", 1, "multicolumn")
    menu.selected = 0
    shown = Shown(menu, width=60)
    assert shown.lines[-1] == " 1/2  join(a, *p)  function, attributes "
    assert shown.of_style("class:menu.current") == ["join()"]


def test_names_that_were_not_looked_into_are_marked() -> None:
    menu = menu_of("columns", type="property")
    menu.selected = 0
    shown = Shown(menu)
    assert "columns?" in shown.lines[0]
    assert "property, not read" in shown.lines[1]


def test_fuzzy_letters_are_pointed_out() -> None:
    shown = Shown(menu_of("data_frame_merge", "dfm_x", typed="dfm"))
    assert shown.of_style("class:menu.match") == ["d", "f", "m"]


def test_a_list_has_a_column_for_types_signatures_and_sources() -> None:
    entries = [
        Completion(0, 0, "join", "function", "(a, *p)", "", 0, "attributes"),
        Completion(0, 0, "sep", "instance", "", "", 0, "attributes"),
    ]
    shown = Shown(Menu(entries, "", 0, "column"), width=70)
    assert [line.split() for line in shown.lines] == [
        ["join()", "function", "(a,", "*p)", "attributes"],
        ["sep", "instance", "attributes"],
    ]


@pytest.mark.parametrize("look", ["multicolumn", "column", "readlinelike"])
@pytest.mark.parametrize("width", [1, 7, 8, 9, 20, 33, 80])
@pytest.mark.parametrize("height", [1, 2, 3, None])
def test_no_row_is_wider_than_the_screen(look: Look, width: int, height: int | None) -> None:
    words = ["名前", "a", "名前名前名前名前名前名前", "x" * 70, "bad\x1b[31m\ttext", "é", "zz"]
    menu = menu_of(*words, look=look)
    for selected in (None, *range(len(words))):
        menu.selected = selected
        shown = Shown(menu, width=width, height=height)
        for line in shown.lines:
            assert get_cwidth(line) <= width
            assert line.isprintable()


def test_the_choice_goes_down_and_over_to_the_next_column_and_round() -> None:
    menu = menu_of(*"abcdef")
    shown = Shown(menu, width=12, rows=2)
    assert [line.rstrip() for line in shown.lines[:2]] == [" a  c  e", " b  d  f"]
    found = []
    for direction in ("next", "next", "next", "right", "right", "next", "previous", "left", "left", "left"):
        menu.selected = shown.control.moved(menu, direction)
        found.append("abcdef"[menu.selected])
    assert found == ["a", "b", "c", "e", "e", "f", "e", "c", "a", "a"]
    menu.selected = 5
    assert shown.control.moved(menu, "next") == 0
    assert shown.control.moved(menu, "last") == 5
    menu.selected = None
    assert shown.control.moved(menu, "previous") == 5


def test_pages_of_a_long_list_follow_each_other() -> None:
    words = [f"name{number:04}" for number in range(1000)]
    menu = menu_of(*words, look="column")
    shown = Shown(menu, width=40)
    assert "name0000" in shown.lines[0]
    menu.selected = shown.control.moved(menu, "page down")
    menu.selected = shown.control.moved(menu, "page down")
    assert menu.selected == 5
    menu.selected = 999
    assert "name0999" in shown.lines[-1]
    assert len(shown.lines) == 6
    assert shown.of_style("class:menu.scroll") == ["|"]


def test_a_readline_like_list_tells_how_many_more_there_are_and_turns_its_page() -> None:
    menu = menu_of(*(f"name{number:04}" for number in range(500)), look="readlinelike")
    shown = Shown(menu, width=40)
    first = shown.lines
    assert first[-1].strip() == "500 completions, 452 more with Tab"
    assert shown.control.next_page(menu)
    assert "name0048" in shown.lines[0]


def test_the_mouse_chooses_and_scrolls() -> None:
    menu = menu_of("alpha", "beta", "gamma", "delta")
    shown = Shown(menu, width=16, rows=2)
    assert [line.rstrip() for line in shown.lines[:2]] == [" alpha  gamma", " beta   delta"]
    shown.click(9, 1)
    shown.click(0, 0)
    shown.click(0, 2)
    assert shown.clicked == [3, 0]
    shown.turn(MouseEventType.SCROLL_DOWN)
    shown.turn(MouseEventType.SCROLL_UP)
    assert shown.turned == ["next", "previous"]


class Counting(list[Completion]):
    """Tells how often something was taken from it."""

    taken = 0

    def __getitem__(self, at: Any) -> Any:
        self.taken += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("look", ["multicolumn", "column", "readlinelike"])
def test_of_a_menu_of_very_many_names_only_what_is_in_view_is_looked_at(look: Look) -> None:
    entries = Counting(names(*(f"name{number:06}" for number in range(100_000))))
    menu = Menu(entries, "", 0, look)
    shown = Shown(menu, width=80)
    assert shown.lines
    for selected in (50_000, 99_999, 0):
        menu.selected = selected
        assert shown.lines
    assert entries.taken < 5_000
