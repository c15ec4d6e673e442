"""Brackets that belong together, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipterminal.brackets import OPENING, PARTNERS, Match, find_match
from ipterminal.languages import Languages
from ipterminal.lexing import Lexing


@pytest.fixture(scope="module")
def languages() -> Languages:
    loaded = Languages()
    loaded.load("python")
    return loaded


def match_at(languages: Languages, text: str) -> Match | None:
    """Find the match at the place of the sign ``|``."""
    before, _, after = text.partition("|")
    lexing = Lexing(languages)
    lines = (before + after).split("\n")
    lexing.update(lines)
    lexing.line(len(lines) - 1)
    return find_match(lexing, before.count("\n"), len(before.rpartition("\n")[2]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("|f", None),
        ("f|(x)", Match(0, 1, (0, 3), True)),
        ("f(x)|", Match(0, 3, (0, 1), True)),
        ("f(|x)", Match(0, 1, (0, 3), True)),
        ("f(x|)", Match(0, 3, (0, 1), True)),
        ("f|(g(x), [1])", Match(0, 1, (0, 11), True)),
        ("f|(x]", Match(0, 1, (0, 3), False)),
        ("f(x]|", Match(0, 3, (0, 1), False)),
        ("x)|", Match(0, 1, None, False)),
        ("f(|", None),  # to be closed yet
        ("f('(')|", Match(0, 5, (0, 1), True)),
        ("f(1 # )\n)|", Match(1, 0, (0, 1), True)),
        ("f|(\n [1,\n  2],\n)", Match(0, 1, (3, 0), True)),
        ("f(\n [1,\n  2],\n)|", Match(3, 0, (0, 1), True)),
        ("'f(|'", None),
        ("x = {\n'a': (1,\n2)}|", Match(2, 2, (0, 4), True)),
    ],
)
def test_the_partner_of_a_bracket_is_found(languages: Languages, text: str, found: Match | None) -> None:
    assert match_at(languages, text) == found


@settings(deadline=None)
@given(st.lists(st.text("([{}]) a", max_size=6), min_size=1, max_size=8), st.data())
def test_the_partner_is_the_one_that_counting_finds(
    languages: Languages, lines: list[str], data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[row])))
    lexing = Lexing(languages)
    lexing.update(lines)
    lexing.line(len(lines) - 1)
    match = find_match(lexing, row, column)
    char = lines[row][column : column + 1]
    if char not in PARTNERS or not char:
        column -= 1
        char = lines[row][column] if column >= 0 else ""
    if not char or char not in PARTNERS:
        assert match is None
        return
    flat = [(r, c, x) for r, line in enumerate(lines) for c, x in enumerate(line) if x in PARTNERS]
    at = flat.index((row, column, char))
    others = flat[at + 1 :] if char in OPENING else flat[:at][::-1]
    depth, partner = 1, None
    for r, c, other in others:
        depth += 1 if (other in OPENING) == (char in OPENING) else -1
        if not depth:
            partner = (r, c, other)
            break
    if partner is None:
        assert match == (None if char in OPENING else Match(row, column, None, False))
    else:
        assert match == Match(row, column, partner[:2], PARTNERS[char] == partner[2])


def test_lines_that_are_not_read_yet_are_not_guessed_at(languages: Languages) -> None:
    lexing = Lexing(languages)
    lexing.update(["f(", "x", ")"])
    lexing.line(1)
    assert find_match(lexing, 0, 1) is None
    lexing.line(2)
    assert find_match(lexing, 0, 1) == Match(0, 1, (2, 0), True)
