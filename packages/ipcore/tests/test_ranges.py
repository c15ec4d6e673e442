"""Ranges of cells, as users write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.ranges import Range, ranges

TABLE: dict[str, list[tuple[int, int, int | None]]] = {
    "": [(0, 1, None)],
    "4": [(0, 4, 5)],
    "4-6": [(0, 4, 7)],
    "4:6": [(0, 4, 6)],
    "4-": [(0, 4, None)],
    "4:": [(0, 4, None)],
    "-4": [(0, 1, 5)],
    "~2/": [(-2, 1, None)],
    "~2/7": [(-2, 7, 8)],
    "~4/4-": [(-4, 4, None)],
    "243/1-5": [(243, 1, 6)],
    "243/": [(243, 1, None)],
    "~8/1-~6/5": [(-8, 1, None), (-7, 1, None), (-6, 1, 6)],
    "~2/-~1/3": [(-2, 1, None), (-1, 1, 4)],
    "5/2-7/3": [(5, 2, None), (6, 1, None), (7, 1, 4)],
    "~1/3-~1/5": [(-1, 3, 6)],
    "4 6-7": [(0, 4, 5), (0, 6, 8)],
    "2 what 3": [(0, 2, 3), (0, 3, 4)],
    "~6/1-~8/2": [],
    "5/1-~1/2": [],
    "-": [],
    ":": [],
    "x": [],
    "4--5": [],
}


@pytest.mark.parametrize("text", TABLE)
def test_a_range_is_what_its_user_means(text: str) -> None:
    assert list(ranges(text)) == [Range(*each) for each in TABLE[text]]


@given(st.text(alphabet="0123456789~/-: ab", max_size=20))
def test_no_text_is_an_error(text: str) -> None:
    for session, start, stop in ranges(text):
        assert start >= 0
        assert stop is None or stop >= 0
        assert isinstance(session, int)
