from __future__ import annotations

import asyncio

import pytest
from editing import KeyBoard
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal.pairs import backspace, surroundings, typed, wrapped


def at(cell: str) -> tuple[str, int]:
    cursor = cell.index("|")
    return cell[:cursor] + cell[cursor + 1 :], cursor


#: The cell before, what is typed, the cell after; "" if the character is put in and nothing else happens.
TYPED = [
    # a bracket before the end of the line or something that closes
    ("|", "(", "(|)"),
    ("f|", "(", "f(|)"),
    ("|", "[", "[|]"),
    ("|", "{", "{|}"),
    ("f(|)", "(", "f((|))"),
    ("[|]", "(", "[(|)]"),
    ("{|}", "[", "{[|]}"),
    ("f(|, b)", "(", "f((|), b)"),
    ("|\nx", "(", "(|)\nx"),
    # before anything else it stands alone
    ("|x", "(", ""),
    ("| x", "[", ""),
    ("|'a'", "{", ""),
    ("f(|x)", "(", ""),
    # strings of other languages that are raw
    ('r"|"', "(", 'r"(|)"'),
    ("R'|'", "[", "R'[|]'"),
    ('r"|"', "{", 'r"{|}"'),
    ('R"--|"', "(", 'R"--(|)--"'),
    ('R"-|"', "[", 'R"-[|]-"'),
    ('R"---|"', "{", 'R"---{|}---"'),
    # quotes
    ("|", '"', '"|"'),
    ("|", "'", "'|'"),
    ("f(|)", '"', 'f("|")'),
    ("f(|, b)", "'", "f('|', b)"),
    ("x = 'a' + |", "'", "x = 'a' + '|'"),
    ("x = 'a' + |", '"', "x = 'a' + \"|\""),
    ("f|", '"', 'f"|"'),
    ("rb|", "'", "rb'|'"),
    ("x = 'it\\'s' + |", "'", "x = 'it\\'s' + '|'"),
    ("|x", '"', ""),
    ("|x", "'", ""),
    # in a string, a quote ends it or is part of it
    ("'a|", "'", ""),
    ("'a|", '"', ""),
    ('"a|', '"', ""),
    ('"it|', "'", ""),
    ('"""a|', '"', ""),
    ('"""a\n|\n', "'", ""),
    ("x = 'a\\'|", "'", ""),
    ("# don|", "'", ""),
    ("x = 1  # he said |", '"', ""),
    # docstrings
    ('""|', '"', '"""|"""'),
    ("''|", "'", "'''|'''"),
    ('def f():\n    ""|', '"', 'def f():\n    """|"""'),
    # stepped over
    ("(|)", ")", "()|"),
    ("[|]", "]", "[]|"),
    ("{|}", "}", "{}|"),
    ("f(g(|))", ")", "f(g()|)"),
    ('"|"', '"', '""|'),
    ("'a|'", "'", "'a'|"),
    ('"""a|"""', '"', '"""a"|""'),
    ("(|]", ")", ""),
    ("(|", ")", ""),
    ("|", "}", ""),
]


@pytest.mark.parametrize(("before", "character", "after"), TYPED)
def test_brackets_and_quotes_come_in_pairs(before: str, character: str, after: str) -> None:
    text, cursor = at(before)
    edit = typed(text, cursor, character)
    result = "" if edit is None else edit.of(text)[: edit.cursor] + "|" + edit.of(text)[edit.cursor :]
    assert result == after


@pytest.mark.parametrize(("before", "character", "after"), TYPED)
def test_the_keys_do_so_while_auto_match_is_on(before: str, character: str, after: str) -> None:
    async def press(auto_match: bool) -> str:
        board = KeyBoard(auto_match=auto_match)
        with board.at(before):
            board.press(character)
            return board.cell

    alone = before.replace("|", character + "|", 1)
    assert asyncio.run(press(True)) == (after or alone)
    assert asyncio.run(press(False)) == alone


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(|)", "|"),
        ("[|]", "|"),
        ("{|}", "|"),
        ('"|"', "|"),
        ("'|'", "|"),
        ("f((|))", "f(|)"),
        ("(|]", "|]"),
        ("( |)", "(|)"),
        ("(|", "|"),
        ("|)", "|)"),
        ("a(|)b", "a|b"),
    ],
)
def test_backspace_takes_both_of_a_pair(before: str, after: str) -> None:
    async def press() -> str:
        board = KeyBoard(auto_match=True)
        with board.at(before):
            board.press("backspace")
            return board.cell

    assert asyncio.run(press()) == after


@pytest.mark.parametrize(
    ("character", "after"),
    [("(", "a (b c)| d"), ("[", "a [b c]| d"), ("{", "a {b c}| d"), ('"', 'a "b c"| d'), ("'", "a 'b c'| d")],
)
def test_a_selection_is_put_between_them(character: str, after: str) -> None:
    async def press(before: str, anchor: int) -> str:
        board = KeyBoard(auto_match=True)
        with board.at(before, selected_from=anchor):
            board.press(character)
            assert board.buffer.selection_state is None
            return board.cell

    assert asyncio.run(press("a b c| d", 2)) == after
    assert asyncio.run(press("a |b c d", 5)) == after


def test_a_selection_is_put_between_them_in_one_step() -> None:
    edit = wrapped("abc", 3, 0, "(")
    assert edit.of("abc") == "(abc)"
    assert edit.cursor == 5


@pytest.mark.parametrize(
    ("before", "where"),
    [
        ("|", "code"),
        ("x = 'a'|", "code"),
        ("x = 'a|", "string"),
        ("x = '''a\n|", "string"),
        ("x = '''a'''|", "code"),
        ("x  # y|", "comment"),
        ("x  # y\n|", "code"),
        ("f(a,  # y\n  |", "code"),
        ("'#|", "string"),
    ],
)
def test_where_the_cursor_is(before: str, where: str) -> None:
    assert surroundings(*at(before)) == where


@settings(deadline=None)
@given(st.text("ab (){}[]'\"\\#\n"), st.data(), st.sampled_from("([{'\")]}"))
def test_nothing_but_pairs_is_put_in_and_backspace_undoes_it(
    text: str, data: st.DataObject, character: str
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    edit = typed(text, cursor, character)
    if edit is None:
        return
    new = edit.of(text)
    assert new.startswith(text[:cursor])
    assert new.endswith(text[cursor:])
    assert set(edit.text) <= {*"()", *"[]", *"{}", '"', "'", "-"}
    if len(edit.text) == 2:
        undone = backspace(new, edit.cursor)
        assert undone is not None
        assert undone.of(new) == text
