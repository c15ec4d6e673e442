from __future__ import annotations

import asyncio

import pytest
from editing import KeyBoard
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal.indentation import backspace, newline, newline_behind, shift_lines, shift_tab, tab, width

TEXTS = st.text("ab:()[]'\"\\#\t \n", max_size=60)


@pytest.mark.parametrize(
    ("before", "anchor", "key", "after"),
    [
        ("a\nb|", 0, "tab", "    a\n    b|"),
        ("a|\nb", 0, "tab", "    a|\nb"),
        ("a\n|b", 0, "tab", "    a\n|b"),
        ("|a\nb", 3, "tab", "|    a\n    b"),
        ("a\n\nb|", 0, "tab", "    a\n\n    b|"),
        ("\ta\nb|", 0, "tab", "\t\ta\n    b|"),
        ("    a\n      b|", 0, "s-tab", "a\n    b|"),
        ("a\n  b|", 0, "s-tab", "a\nb|"),
        ("\ta\n\t\tb|", 0, "s-tab", "a\n\tb|"),
    ],
)
def test_tab_moves_selected_lines(before: str, anchor: int, key: str, after: str) -> None:
    async def press() -> KeyBoard:
        board = KeyBoard()
        with board.at(before, selected_from=anchor):
            board.press(key)
        return board

    board = asyncio.run(press())
    assert board.cell == after
    assert board.buffer.selection_state is not None


def test_selected_lines_can_be_moved_again() -> None:
    async def press() -> str:
        board = KeyBoard()
        with board.at("a\nb|", selected_from=0):
            board.press("tab", "tab", "s-tab")
        return board.cell

    assert asyncio.run(press()) == "    a\n    b|"


@settings(deadline=None)
@given(TEXTS, st.data())
def test_moving_lines_changes_their_blanks_alone(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    anchor = data.draw(st.integers(0, len(text)))
    for back in (False, True):
        moved = shift_lines(text, cursor, anchor, back=back)
        lines = [line.strip(" \t") for line in text.split("\n")]
        assert [line.strip(" \t") for line in moved.text.split("\n")] == lines
        assert 0 <= moved.cursor <= len(moved.text)
        assert 0 <= moved.anchor <= len(moved.text)
        assert moved.text.count("\n", 0, moved.cursor) == text.count("\n", 0, cursor)


@settings(deadline=None)
@given(TEXTS, st.data())
def test_a_new_line_adds_nothing_but_blanks(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    for edit in (newline(text, cursor), newline_behind(text, cursor), newline(text, cursor, indent=False)):
        new = edit.of(text)
        assert "".join(new.split()) == "".join(text.split())
        assert not edit.text.strip()
        assert 0 <= edit.cursor <= len(new)
        assert new.count("\n") > text.count("\n")


@settings(deadline=None)
@given(TEXTS, st.data())
def test_blanks_are_put_in_and_taken_away_up_to_a_stop(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    more = tab(text, cursor)
    if more is not None:
        new = more.of(text)
        start = new.rfind("\n", 0, more.cursor) + 1
        assert "\t" in new[start : more.cursor] or width(new[start : more.cursor]) % 4 == 0
        less = backspace(new, more.cursor)
        assert less is not None
        assert less.cursor < more.cursor
    for edit in (backspace(text, cursor), shift_tab(text, cursor)):
        if edit is not None:
            assert edit.text == ""
            assert not text[edit.start : edit.end].strip(" \t")
