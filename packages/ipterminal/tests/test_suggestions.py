"""Suggestions: which there are, which keys take them, and that nothing of them is there when they are off."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import StartEditor
from editing import KeyBoard
from hypothesis import given
from hypothesis import strategies as st
from kept_cells import keep

from ipcore.testing import Terminal
from ipterminal.suggestions import first_token, first_word, rests

CELLS = ("import re", "import os", "def f(x):\n    return x + 1", "import os")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("imp", ["ort os", "ort re"]),
        ("    imp", ["ort os", "ort re"]),
        ("import ", ["os", "re"]),
        ("import os", []),
        ("ret", ["urn x + 1"]),
        ("return x +", [" 1"]),
        ("", []),
        ("    ", []),
        ("mport", []),
    ],
)
def test_the_rest_of_earlier_lines_is_suggested(line: str, expected: list[str]) -> None:
    assert list(rests(line, CELLS)) == expected


@given(st.text("ab \n", max_size=5), st.lists(st.text("ab \n", max_size=12)))
def test_a_suggestion_goes_on_with_a_line_that_was_typed(line: str, cells: list[str]) -> None:
    line = line.replace("\n", "")
    found = list(rests(line, cells))
    assert len(found) == len(set(found))
    lines = {each.strip() for cell in cells for each in cell.split("\n")}
    for rest in found:
        assert rest.strip()
        assert line.lstrip() + rest in lines


@pytest.mark.parametrize(
    ("typed", "suggestion", "token"),
    [
        ("", "def out(tag: str, n=50):", "def "),
        ("def", " out(tag: str, n=50):", " "),
        ("def ", "out(tag: str, n=50):", "out("),
        ("def out", "(tag: str, n=50):", "("),
        ("def out(", "tag: str, n=50):", "tag: "),
        ("def out(tag:", " str, n=50):", " "),
        ("def out(tag: ", "str, n=50):", "str, "),
        ("def out(tag: str, ", "n=50):", "n="),
        ("def out(tag: str, n=", "50):", "50)"),
        ("def out(tag: str, n=50", "):", "):"),
        ("", "", ""),
    ],
)
def test_a_token_is_taken_as_elsewhere(typed: str, suggestion: str, token: str) -> None:
    assert first_token(suggestion) == token


@given(st.text("ab1 ._(\n", min_size=1))
def test_word_by_word_and_token_by_token_all_is_taken(suggestion: str) -> None:
    for first in (first_word, first_token):
        left = suggestion
        while left:
            piece = first(left)
            assert piece
            assert left.startswith(piece)
            left = left[len(piece) :]


# -- in a terminal -------------------------------------------------------------------

terminals = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")

LOOP = "for number in range(3):\n    total = total + number"


def shown(shell: Terminal, row: str, number: int = 1) -> None:
    shell.wait_for(f"In [{number}]: {row}")


def column(shell: Terminal, row: str) -> None:
    """Wait until the cursor stands behind this row."""
    wanted = len(f"In [1]: {row}")
    shell.wait_for(lambda lines: shell.cursor.column == wanted, f"the cursor behind {row!r}")


@pytest.fixture
def shell(start_editor: StartEditor, tmp_path: Path) -> Terminal:
    """A shell with some earlier cells, whose suggestions are there."""
    word = keep(tmp_path, ["value = (1 + 2)", "value = compute(first, second)", "total = 1", LOOP])
    made = start_editor(word)
    made.press("page-up")  # when that has come, all cells are there
    made.wait_for("   ...:     total = total + number")
    made.press("page-down")
    shown(made, "")
    made.type("val")
    shown(made, "value = compute(first, second)")
    column(made, "val")
    return made


@terminals
def test_a_suggestion_is_not_part_of_the_cell(shell: Terminal) -> None:
    shell.type("\r")
    shell.wait_for("NameError: name 'val' is not defined")
    shell.wait_for_prompt(2)


@terminals
@pytest.mark.parametrize(
    ("key", "text", "behind"),
    [
        ("right", "value = compute(first, second)", "value = compute(first, second)"),
        ("end", "value = compute(first, second)", "value = compute(first, second)"),
        ("ctrl-e", "value = compute(first, second)", "value = compute(first, second)"),
        ("ctrl-f", "value = compute(first, second)", "value = compute(first, second)"),
        ("alt-f", "value = compute(first, second)", "value "),
        ("ctrl-right", "value = compute(first, second)", "value "),
        ("alt-right", "value = compute(first, second)", "valu"),
        ("alt-down", "value = compute(first, second)", "val"),
        ("ctrl-left", "value = compute(first, second)", "va"),
        ("ctrl-up", "value = (1 + 2)", "val"),
    ],
)
def test_a_key_takes_the_suggestion_or_another(shell: Terminal, key: str, text: str, behind: str) -> None:
    shell.press(key)
    shown(shell, text)
    column(shell, behind)


@terminals
@pytest.mark.parametrize("key", ["escape", "delete"])
def test_a_key_takes_it_away_until_something_is_typed(shell: Terminal, key: str) -> None:
    shell.press(key)
    shell.wait_for(lambda lines: lines[-1] == "In [1]: val", "no suggestion")
    shell.press("left", "right")
    shell.type("u")
    shown(shell, "value = compute(first, second)")
    column(shell, "valu")


@terminals
def test_typing_on_in_it_paints_nothing_but_what_is_typed(shell: Terminal) -> None:
    shell.forget_raw()
    shell.type("u")
    column(shell, "valu")
    shell.type("e")
    column(shell, "value")
    shown(shell, "value = compute(first, second)")
    assert b"compute" not in shell.raw
    assert b"\x1b[K" not in shell.raw
    assert b"\x1b[0K" not in shell.raw


@terminals
def test_the_cursor_leaves_it_and_comes_back(shell: Terminal) -> None:
    shell.press("left")
    shell.wait_for(lambda lines: lines[-1] == "In [1]: val", "no suggestion")
    shell.press("right")
    shown(shell, "value = compute(first, second)")
    shell.press("backspace", "backspace")
    column(shell, "v")
    shown(shell, "value = compute(first, second)")


@terminals
def test_lines_of_a_block_are_suggested_in_any_line(shell: Terminal) -> None:
    shell.press("ctrl-u")
    shell.type("for number in range(9):\r")
    shell.wait_for(lambda lines: lines[-1].strip() == "...:", "the second line")
    shell.type("tot")
    shell.wait_for("   ...:     total = total + number")
    shell.press("right")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-1].strip() == "...:", "the third line")
    shell.type("pass")
    shell.wait_for("   ...:     pass")
    shell.press("up", "ctrl-e", "ctrl-w", "ctrl-w")
    whole, typed = "   ...:     total = total + number", "   ...:     total = total "

    def suggested(lines: list[str]) -> bool:
        return lines[-2:] == [whole, "   ...:     pass"] and shell.cursor.column == len(typed)

    shell.wait_for(suggested, "the suggestion in the middle")
    shell.press("ctrl-f")
    shell.wait_for(lambda lines: shell.cursor.column == len(whole), "the end")


@terminals
def test_up_is_no_matter_of_suggestions(shell: Terminal) -> None:
    shell.press("up")
    shown(shell, "value = compute(first, second)")
    column(shell, "value = compute(first, second)")
    shell.press("up")
    shown(shell, "value = (1 + 2)")
    shell.press("down", "down")
    column(shell, "val")
    shown(shell, "value = compute(first, second)")


@terminals
def test_switched_off_there_are_none(start_editor: StartEditor, tmp_path: Path) -> None:
    word = keep(tmp_path, ["value = 1"])
    shell = start_editor(word, "--Terminal.autosuggestions_provider=None")
    shell.press("page-up")
    shown(shell, "value = 1")
    shell.press("page-down")
    shell.type("valx")
    shown(shell, "valx")
    shell.press("backspace", "right", "end", "ctrl-e", "ctrl-f")
    shell.type("\r")
    shell.wait_for("NameError: name 'val' is not defined")
    shell.wait_for_prompt(2)
    shell.type("%keys c-f\r")
    shell.wait_for_prompt(3)
    assert "suggestion" not in shell.text


def bound(*subjects: str, provider: str | None) -> list[tuple[tuple[str, ...], str, str]]:
    """Give the table of keys with some subjects."""
    board = KeyBoard(subjects=subjects, autosuggestions_provider=provider)
    return [(each.keys, each.command, each.when) for each in board.keys.bound]


def test_switched_off_the_table_of_keys_is_the_one_without_suggestions() -> None:
    others = ("key_conditions", "leaving", "entering", "indentation", "pairs", "pasting")
    without = bound(*others, provider=None)
    assert bound(*others, "suggestions", provider=None) == without
    assert bound(*others, "suggestions", provider="AutoSuggestFromHistory") != without
