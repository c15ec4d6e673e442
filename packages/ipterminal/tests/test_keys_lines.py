"""What commands on lines do to the text: moving them, commenting them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipterminal.line_commands import Changed, commented, moved


def split(cell: str) -> tuple[str, int, int]:
    """Give text, cursor and anchor of a cell: the bar is the cursor, ^ where the selection began."""
    anchor = cell.replace("|", "").find("^")
    cursor = cell.replace("^", "").index("|")
    return cell.replace("|", "").replace("^", ""), cursor, cursor if anchor < 0 else anchor


def shown(changed: Changed | None, *, selected: bool) -> str | None:
    if changed is None:
        return None
    marks = sorted({(changed.cursor, "|"), *({(changed.anchor, "^")} if selected else ())}, reverse=True)
    text = changed.text
    for at, mark in marks:
        text = text[:at] + mark + text[at:]
    return text


MOVES = [
    ("a\nb|\nc", True, "a\nc\nb|"),
    ("a\nb|\nc", False, "b|\na\nc"),
    ("|a\nb", False, None),
    ("a\n|b", True, None),
    ("a\n^b\nc|\nd", True, "a\nd\n^b\nc|"),
    ("a\n^b\n|c\nd", True, "a\nc\n^b\n|d"),
    ("a\n|b\nc^", False, "|b\nc^\na"),
    ("|", True, None),
    ("a|\n", True, "\na|"),
]


@pytest.mark.parametrize(("cell", "down", "result"), MOVES)
def test_lines_are_moved(cell: str, down: bool, result: str | None) -> None:
    assert shown(moved(*split(cell), down=down), selected="^" in cell) == result


COMMENTS = [
    ("x = 1|", "# x = 1|"),
    ("|x = 1", "# |x = 1"),
    ("# x = 1|", "x = 1|"),
    ("#x|", "x|"),
    ("    y|", "    # y|"),
    ("  |  y", "  |  # y"),
    ("if a:|\n    b", "# if a:|\n    b"),
    ("^if a:\n    b|", "^# if a:\n#     b|"),
    ("^# if a:\n#     b|", "^if a:\n    b|"),
    ("^a\n\n# b|", "^# a\n\n# # b|"),
    ("^a\n|b", "^# a\n|b"),
    ("|", None),
    ("   |", None),
    ("#|", "|"),
    ("# |x", "|x"),
    ("#| x", "|x"),
]


@pytest.mark.parametrize(("cell", "result"), COMMENTS)
def test_lines_are_commented_out_and_back(cell: str, result: str | None) -> None:
    assert shown(commented(*split(cell)), selected="^" in cell) == result


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(st.text("ab #\n", max_size=30))
    place = st.integers(0, len(text))
    return text, draw(place), draw(place)


@given(places())
def test_moving_down_and_up_again_changes_nothing(at: tuple[str, int, int]) -> None:
    there = moved(*at, down=True)
    if there is not None:
        assert 0 <= min(there.cursor, there.anchor) <= max(there.cursor, there.anchor) <= len(there.text)
        back = moved(*there, down=False)
        assert back is not None
        if there.cursor - there.anchor == at[1] - at[2]:  # the selection could be kept
            assert back.text == at[0]


@given(places())
def test_commenting_twice_gives_the_text_back_and_the_cursor_stays_in_it(at: tuple[str, int, int]) -> None:
    text, _, _ = at
    once = commented(*at)
    if once is None:
        return
    assert 0 <= min(once.cursor, once.anchor) <= max(once.cursor, once.anchor) <= len(once.text)
    assert once.text.count("\n") == text.count("\n")
    if len(once.text) > len(text):  # it was commented out
        twice = commented(*once)
        assert twice is not None
        assert twice.text == text
