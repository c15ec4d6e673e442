"""Long texts a screen at a time: rows, colours, search, keys."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from ipcore.testing import Terminal
from ipterminal.pages import LONGEST_LINE, Pages, Place, cleaned, plain

if TYPE_CHECKING:
    from conftest import StartEditor

posix = pytest.mark.skipif(sys.platform == "win32", reason="the pager knows the terminals of POSIX alone")


# -- rows ------------------------------------------------------------------------------


def test_lines_are_wrapped_at_the_width_and_wide_characters_kept_whole() -> None:
    pages = Pages("abcdef\n書書書\n\na\tb\n", 4)
    assert [pages.rows(line) for line in range(3)] == [["abcd", "ef"], ["書書", "書"], [""]]
    assert Pages("a\tb", 20).rows(0) == ["a       b"]
    assert Pages("\tb", 3).rows(0) == ["   ", "b"]
    assert pages.last == 3


def test_colours_go_on_in_the_next_row_and_line_and_end_with_each() -> None:
    pages = Pages("\x1b[31mabcd\nef\x1b[0m\ng", 2)
    assert pages.rows(0) == ["\x1b[31mab\x1b[0m", "\x1b[31mcd\x1b[0m"]
    assert pages.rows(1) == ["\x1b[31mef\x1b[0m\x1b[0m"]
    assert pages.rows(2) == ["g"]


def test_sequences_that_would_move_the_cursor_are_left_out() -> None:
    text = "a\x1b[2Jb\x1b]0;title\x07c\x1b[Hd\x1b_Gx\x1b\\e\x1bcf\x1b[31mg\r"
    assert cleaned(text) == "abcdef\x1b[31mg"
    assert plain(text) == "abcdefg"
    assert Pages("a\x00b", 10).rows(0) == ["a^@b"]


def test_a_very_long_line_is_cut() -> None:
    assert len("".join(Pages("x" * (LONGEST_LINE * 3), 100).rows(0))) == LONGEST_LINE + 1


def test_what_is_found_is_marked_and_case_counts_with_a_capital() -> None:
    pages = Pages("one\ntwo One\n\x1b[31mon\x1b[0me\nthree", 80)
    pages.search("one")
    assert pages.rows(1) == ["two \x1b[7mOne\x1b[0m"]
    assert pages.rows(2)[0].count("\x1b[7m") >= 1
    assert [pages.find(0, 1), pages.find(1, 1), pages.find(2, 1), pages.find(3, 1)] == [0, 1, 2, None]
    assert pages.find(3, -1) == 2
    pages.search("One")
    assert pages.find(0, 1) == 1
    pages.search("(")
    assert pages.find(0, 1) is None
    pages.search("t.*e$")
    assert pages.find(0, 1) == 1


def test_places_are_moved_by_rows_within_the_text() -> None:
    pages = Pages("abcdef\ng\nhijk", 2)
    assert pages.moved(Place(0, 0), 1) == Place(0, 1)
    assert pages.moved(Place(0, 0), 4) == Place(2, 0)
    assert pages.moved(Place(2, 0), -2) == Place(0, 2)
    assert pages.moved(Place(0, 1), -9) == Place(0, 0)
    assert pages.moved(Place(0, 0), 99) == Place(2, 1)
    assert pages.bottom(3) == Place(1, 0)
    assert pages.screen(Place(1, 0), 5) == ["g", "hi", "jk"]
    pages.resize(10)
    assert pages.bottom(3) == Place(0, 0)


@given(st.text(), st.integers(1, 12))
def test_no_row_is_wider_than_the_screen_and_none_is_lost(text: str, columns: int) -> None:
    pages = Pages(text, columns)
    for line in range(pages.last + 1):
        for row in pages.rows(line):
            width = sum(get_cwidth(char) for char in plain(row))
            assert width <= max(columns, 2)
    assert len(pages.screen(Place(0, 0), 10**6)) == sum(len(pages.rows(n)) for n in range(pages.last + 1))


# -- in the terminal -----------------------------------------------------------------------


@pytest.fixture
def paging(start_editor: StartEditor) -> Terminal:
    shell = start_editor("--InteractiveShell.pager=builtin", "--colors=dark", rows=10, columns=40)
    shell.type("text = '\\n'.join(f'line {n}' for n in range(100))\r")
    shell.wait_for_prompt(2)
    shell.type("get_ipython().hooks.page(text)\r")
    shell.wait_for("lines 1-9 of 100")
    return shell


@posix
def test_a_long_text_is_read_a_screen_at_a_time(paging: Terminal) -> None:
    shell = paging
    assert shell.modes.alternate_screen
    assert shell.screen[0] == "line 0"
    assert shell.screen[-1].startswith("lines 1-9 of 100 (9%)")
    for keys, top in (
        ([" "], 9), (["page-down"], 18), (["b"], 9), (["enter"], 10), (["k"], 9), (["up"], 8), (["down"], 9),
        (["G"], 91), (["g"], 0), (["end"], 91), (["home"], 0), (["d"], 4), (["u"], 0), (["up"], 0),
    ):  # fmt: skip
        shell.press(*keys)
        shell.wait_for(re.compile(rf"\Aline {top}$", re.MULTILINE), f"line {top} after {keys}")
    shell.press("q")
    shell.wait_for_prompt(3)
    assert not shell.modes.alternate_screen
    assert shell.modes.cursor_visible
    shell.type("6 * 7\r")
    shell.wait_for_prompt(4)
    assert "Out[3]: 42" in shell.lines


@posix
def test_a_search_goes_to_what_is_found_and_marks_it(paging: Terminal) -> None:
    shell = paging
    shell.type("/7$")
    shell.wait_for(lambda lines: lines[-1] == "/7$", "what is looked for")
    shell.press("enter")
    shell.wait_for(lambda lines: lines[0] == "line 7", "the first place")
    assert shell.style_of("7").reverse
    shell.press("n", "n")
    shell.wait_for(lambda lines: lines[0] == "line 27", "the third place")
    shell.press("N")
    shell.wait_for(lambda lines: lines[0] == "line 17", "the second place")
    shell.type("/nothing\r")
    shell.wait_for("it is not found below")
    shell.type("?line 3\r")
    shell.wait_for(lambda lines: lines[0] == "line 3", "the place above")
    shell.type("/x")
    shell.press("escape")
    shell.wait_for("lines 4-12 of 100")


@posix
def test_help_is_a_text_of_its_own_and_leads_back(paging: Terminal) -> None:
    shell = paging
    shell.press(" ", "h")
    shell.wait_for("Keys of the pager")
    shell.press("q")
    shell.wait_for(lambda lines: lines[0] == "line 9", "the text")
    shell.press("ctrl-c")
    shell.wait_for_prompt(3)
    assert not [line for line in shell.lines if "KeyboardInterrupt" in line]


@posix
def test_the_text_is_wrapped_anew_in_a_window_of_another_size(paging: Terminal) -> None:
    shell = paging
    shell.resize(6, 30)
    shell.wait_for("lines 1-5 of 100")
    shell.press("G")
    shell.wait_for(lambda lines: lines[4] == "line 99", "the end")
    shell.press("q")
    shell.wait_for_prompt(3)


@posix
def test_a_long_value_is_shown_by_the_pager_if_that_is_wanted(start_editor: StartEditor) -> None:
    shell = start_editor(
        "--InteractiveShell.pager=builtin", "--Terminal.page_long_values=True", rows=10, columns=60
    )
    shell.type("show = lambda self: chr(10).join(map(str, range(100)))\r")
    shell.wait_for_prompt(2)
    shell.type("Long = type('Long', (), {'__repr__': show})\r")
    shell.wait_for_prompt(3)
    shell.type("6 * 7\r")
    shell.wait_for_prompt(4)
    assert "Out[3]: 42" in shell.lines
    shell.type("Long()\r")
    shell.wait_for("lines 1-9 of 100")
    shell.press("q")
    lines = shell.wait_for_prompt(5)
    at = lines.index("Out[4]:")
    assert lines[at + 1 : at + 3] == ["0", "… 99 more lines"]
    shell.type("get_ipython().find('terminal').page_long_values = False\r")
    shell.wait_for_prompt(6)
    shell.type("Long()\r")
    shell.wait_for_prompt(7)
    assert "99" in shell.lines
