"""Which cells are found for the letters typed, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipterminal.fuzzy_ranking import MOST, Letters, Ranking
from ipterminal.history_picker import cut, line_of


def ranked(typed: str, *newest_first: str) -> list[str]:
    ranking = Ranking()
    ranking.add(Letters(typed).fitting(newest_first))
    return [hit.text for hit in ranking.hits]


@pytest.mark.parametrize(
    ("typed", "cells", "expected"),
    [
        ("", ["b", "a", " "], ["b", "a"]),
        ("ab", ["axb", "ab", "xab"], ["ab", "xab", "axb"]),
        ("ab", ["ab 2", "ab 1"], ["ab 2", "ab 1"]),
        ("ab", ["ab", "xab", "ab"], ["ab", "xab"]),
        ("np lin", ["x = 1", "np.linspace(0)"], ["np.linspace(0)"]),
        ("AB", ["ab", "AB"], ["AB"]),
        ("ab", ["AB"], ["AB"]),
        ("plot", ["p = lot", "import matplotlib", "plot(x)"], ["plot(x)", "import matplotlib", "p = lot"]),
        ("a.b*", ["a.b*", "axbx"], ["a.b*"]),
        ("zz", ["z"], []),
    ],
)
def test_the_closest_is_first_and_of_equals_the_newest(
    typed: str, cells: list[str], expected: list[str]
) -> None:
    assert ranked(typed, *cells) == expected


@given(st.text("abAB. \n", max_size=4), st.text("abAB. \n", max_size=12))
def test_what_is_found_has_the_letters_in_this_order(typed: str, text: str) -> None:
    fit = Letters(typed).fit(text)
    wanted = typed.replace(" ", "")
    if fit is None:
        at = 0
        folds = wanted == wanted.lower()
        for letter in wanted:
            at = (text.lower() if folds else text).find(letter, at) + 1
            if not at:
                return
        raise AssertionError("it was not found")
    places = fit[1]
    assert list(places) == sorted(set(places))
    assert "".join(text[place] for place in places).lower() == wanted.lower()


@given(st.lists(st.lists(st.text("ab", min_size=1, max_size=4), max_size=30)))
def test_in_whatever_pieces_they_come_the_order_is_the_same(batches: list[list[str]]) -> None:
    letters = Letters("ab")
    piecemeal, at_once = Ranking(), Ranking()
    for batch in batches:
        piecemeal.add(letters.fitting(batch))
    at_once.add(letters.fitting(text for batch in batches for text in batch))
    assert piecemeal.hits == at_once.hits


def test_hits_are_bounded() -> None:
    assert len(ranked("1", *(f"1 {number}" for number in range(MOST + 500)))) == MOST


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("a\n  b c  \nd", 5, (4, "b c")),
        ("a", 0, (0, "a")),
        ("\ta\tb", 3, (1, "a b")),
    ],
)
def test_the_line_that_is_shown(text: str, place: int, expected: tuple[int, str]) -> None:
    assert line_of(text, place) == expected


@pytest.mark.parametrize(
    ("line", "columns", "more_lines", "expected"),
    [
        ("abc", 3, 0, ("abc", "")),
        ("abcd", 3, 0, ("ab", "…")),
        ("abc", 5, 2, ("abc", " …")),
        ("abc", 4, 2, ("abc", "…")),
        ("日本語", 5, 0, ("日本", "…")),
        ("日本語", 4, 0, ("日", "…")),
    ],
)
def test_long_lines_are_cut(line: str, columns: int, more_lines: int, expected: tuple[str, str]) -> None:
    assert cut(line, columns, more_lines) == expected
