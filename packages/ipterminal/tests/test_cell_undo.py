"""What one undo takes away: a word that was typed, and no more than one other change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.document import Document

from ipterminal.cell_buffer import CellBuffer


def typing(buffer: CellBuffer, text: str) -> None:
    """Type as keys do: each saves the text that it finds."""
    for character in text:
        buffer.save_to_undo_stack()
        buffer.insert_text(character)


def undone(buffer: CellBuffer) -> list[str]:
    """Give what is there after each undo, down to nothing."""
    texts = []
    while buffer.text:
        before = buffer.text
        buffer.undo()
        texts.append(buffer.text)
        assert buffer.text != before, "an undo did nothing"
    return texts


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("a", [""]),
        ("hello", [""]),
        ("hello world", ["hello ", ""]),
        ("x = f(1, 2)", ["x = f(1, ", "x = ", "x ", ""]),
        ("  indented", ["  ", ""]),
        ("日本語 é", ["日本語 ", ""]),
    ],
)
def test_undo_takes_typed_text_away_by_words(typed: str, expected: list[str]) -> None:
    buffer = CellBuffer()
    typing(buffer, typed)
    assert undone(buffer) == expected


def test_another_change_is_a_step_of_its_own() -> None:
    buffer = CellBuffer()
    typing(buffer, "print")
    buffer.save_to_undo_stack()
    buffer.insert_text("ing()")  # as a completion is
    typing(buffer, "ab")
    buffer.save_to_undo_stack()
    buffer.delete_before_cursor(4)
    assert undone(buffer) == ["printing()ab", "printing()", "print", ""]


def test_text_that_is_typed_elsewhere_is_a_step_of_its_own() -> None:
    buffer = CellBuffer()
    typing(buffer, "abc")
    buffer.save_to_undo_stack()
    buffer.cursor_position = 1
    typing(buffer, "xyz")
    assert undone(buffer) == ["abc", ""]


def test_text_that_is_typed_where_the_cursor_came_back_to_is_a_step_of_its_own() -> None:
    buffer = CellBuffer()
    typing(buffer, "abc")
    for place in (2, 3):  # Escape and a of vi
        buffer.save_to_undo_stack()
        buffer.cursor_position = place
    typing(buffer, "xyz")
    assert undone(buffer) == ["abc", ""]


def test_redo_brings_words_back() -> None:
    buffer = CellBuffer()
    typing(buffer, "one two")
    undone(buffer)
    buffer.redo()
    assert buffer.text == "one "
    buffer.redo()
    assert buffer.text == "one two"
    typing(buffer, "!")
    buffer.undo()
    assert buffer.text == "one two"


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("type"), st.text("ab (\n", min_size=1, max_size=6)),
        st.tuples(st.just("put"), st.text("xy \n", min_size=1, max_size=4)),
        st.tuples(st.just("go"), st.integers(0, 20)),
        st.tuples(st.just("undo"), st.none()),
    ),
    max_size=12,
)


@given(_STEPS)
def test_undo_leads_to_texts_that_were_there_and_to_the_first(steps: list[tuple[str, object]]) -> None:
    buffer, seen = CellBuffer(), {""}
    for what, given_ in steps:
        if what == "type":
            for character in str(given_):
                typing(buffer, character)
                seen.add(buffer.text)
        elif what == "undo":
            buffer.undo()
        else:
            buffer.save_to_undo_stack()
            if what == "go":
                assert isinstance(given_, int)
                buffer.cursor_position = min(given_, len(buffer.text))
            else:
                text, cursor = buffer.text, buffer.cursor_position
                buffer.set_document(Document(text[:cursor] + str(given_) + text[cursor:], cursor))
                seen.add(buffer.text)
    assert set(undone(buffer)) <= seen
