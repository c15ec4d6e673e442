"""Captured output of commands as lines, strings and paths."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

from ipcore.system.slist import LSString, SList

LINES = SList(["a 1 x", "B 20 y", "", "a 3"])


def test_list_gives_its_other_forms(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.touch()
    lines = SList([str(there), str(tmp_path / "gone"), "", "a\0b", "x" * 5000])
    assert lines.l is lines
    assert lines.list is lines
    assert SList(["a", "b"]).s == SList(["a", "b"]).spstr == "a b"
    assert SList(["a", "b"]).n == SList(["a", "b"]).nlstr == "a\nb"
    assert lines.p == lines.paths == [there]


def test_string_gives_its_other_forms(tmp_path: Path) -> None:
    text = LSString(f"{tmp_path}\nb\n")
    assert text == f"{tmp_path}\nb\n"
    assert text.l == text.list == [str(tmp_path), "b", ""]
    assert text.s == text.spstr == f"{tmp_path} b "
    assert text.n == text.nlstr == text
    assert text.p == text.paths == [tmp_path]


def test_grep_finds_lines_without_regard_to_case() -> None:
    assert LINES.grep("b|3") == ["B 20 y", "a 3"]
    assert LINES.grep("A", prune=True) == ["B 20 y", ""]
    assert LINES.grep("1", field=1) == ["a 1 x"]
    assert LINES.grep("x", field=9) == []
    assert LINES.grep("^$", field=1) == [""]
    assert LINES.grep(lambda line: line.endswith("y")) == ["B 20 y"]
    assert isinstance(LINES.grep("a").grep("1"), SList)
    with pytest.raises(re.error):
        LINES.grep("(")


def test_fields_picks_columns() -> None:
    assert LINES.fields(0) == ["a", "B", "a"]
    assert LINES.fields(1, 0) == ["1 a", "20 B", "3 a"]
    assert LINES.fields(0, 2) == ["a x", "B y", "a"]
    assert LINES.fields(-1) == ["x", "y", "3"]
    assert LINES.fields(7) == []
    assert LINES.fields() == [["a", "1", "x"], ["B", "20", "y"], [], ["a", "3"]]


def test_sort_gives_a_sorted_copy() -> None:
    before = list(LINES)
    assert LINES.sort() == ["", "B 20 y", "a 1 x", "a 3"]
    assert LINES.sort(1) == ["", "a 1 x", "B 20 y", "a 3"]
    assert LINES.sort(1, nums=True) == ["", "a 1 x", "a 3", "B 20 y"]
    assert SList(["v10", "v9", "x"]).sort(nums=True) == ["x", "v9", "v10"]
    assert isinstance(LINES.sort(), SList)
    assert before == LINES


def test_both_can_be_copied_and_pickled() -> None:
    for value in (LINES, LSString("a\nb")):
        for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert (type(twin), twin) == (type(value), value)
