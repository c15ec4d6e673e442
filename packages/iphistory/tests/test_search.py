"""Searching: the same cells with an index and without, those that the index does not know too."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iphistory.accessor import HistoryAccessor
from iphistory.database import connect
from iphistory.fuzzy import fuzzy
from iphistory.index import candidates, index_of, is_possible, trigrams_of, update
from iphistory.spool import decode, encode
from iphistory.upkeep import trim

pytestmark = pytest.mark.skipif(not is_possible(), reason="this SQLite is too old to make such an index")

CELLS = [
    "import numpy as np",
    "np.linspace(0, 1)",
    "def area(r):\n    return 3.14 * r ** 2",
    "print('größe', \"%d\")",
    "x = [1, 2]",
    "X = [1, 2]",
    "100 * 2",
]


def history(folder: Path, cells: list[str]) -> Path:
    path = folder / "history.sqlite"
    with closing(connect(path)) as connection:
        connection.executemany(
            "INSERT INTO history VALUES (?, ?, ?, ?)",
            [(1 + at // 3, 1 + at % 3, cell, cell) for at, cell in enumerate(cells)],
        )
    return path


def indexed(path: Path) -> None:
    with closing(connect(path)) as connection:
        assert update(connection, path, lambda: True)


PATTERNS = st.lists(
    st.sampled_from(["*", "?", "[ab]", "import", "np", "linspace", "x = [", "größe", "2", '"', "'", "zzz"]),
    min_size=1,
    max_size=4,
).map("".join)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATTERNS)
def test_an_index_changes_no_answer(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "history.sqlite"
    if not path.exists():
        history(tmp_path, CELLS)
        indexed(path)
    with HistoryAccessor(hist_file=path) as found:
        with_index = found.search(f"*{pattern}*")
    kept = index_of(path).rename(tmp_path / "away")
    try:
        with HistoryAccessor(hist_file=path) as found:
            assert found.search(f"*{pattern}*") == with_index
    finally:
        kept.rename(index_of(path))


def test_the_answer_of_a_plain_pattern_is_that_of_the_standard_library(tmp_path: Path) -> None:
    path = history(tmp_path, CELLS)
    indexed(path)
    with HistoryAccessor(hist_file=path) as found:
        for pattern in ("*np.lin*", "*return*", "import*", "*gr?ße*", "*100 [*] 2*", "*X = *"):
            wanted = [cell for cell in CELLS if fnmatchcase(cell, pattern)]
            assert [text for *_, text in found.search(pattern)] == wanted
            assert wanted


def test_cells_that_the_index_does_not_know_are_found(tmp_path: Path) -> None:
    path = history(tmp_path, CELLS)
    indexed(path)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO history VALUES (9, 1, 'np.linspace(9)', 'np.linspace(9)')")
    with HistoryAccessor(hist_file=path) as found:
        assert [session for session, *_ in found.search("*linspace*")] == [1, 9]


def test_an_index_of_other_rows_is_not_used(tmp_path: Path) -> None:
    path = history(tmp_path, [f"value_{number} = {number}" for number in range(50)])
    indexed(path)
    trim(path, 10)
    with closing(connect(path)) as connection:
        assert candidates(connection, path, "*value_45*") is None
        indexed(path)
        assert candidates(connection, path, "*value_45*") is not None
    with HistoryAccessor(hist_file=path) as found:
        assert [text for *_, text in found.search("*value_45*")] == ["value_45 = 45"]
        assert found.search("*value_5 *") == []


def test_a_damaged_index_is_done_without(tmp_path: Path) -> None:
    path = history(tmp_path, CELLS)
    indexed(path)
    index_of(path).write_bytes(b"no index at all" * 1000)
    with HistoryAccessor(hist_file=path) as found:
        assert len(found.search("*linspace*")) == 1
    with closing(connect(path)) as connection, pytest.raises(sqlite3.DatabaseError):
        update(connection, path, lambda: True)
    indexed(path)


def test_trigrams_are_those_of_every_match() -> None:
    assert trigrams_of("*abcd*ef*ghi?jkl*") == ["abc", "bcd", "ghi", "jkl"]
    assert trigrams_of("ab[cde]fgh") == ["fgh"]
    assert trigrams_of("ab[") == []
    assert trigrams_of("[]abc]def") == ["def"]


def test_the_closest_comes_first_and_each_text_once(tmp_path: Path) -> None:
    path = history(tmp_path, ["import numpy", "if it is nap", "imports()", "input()", "imports()", "IMP"])
    with closing(connect(path)) as connection:
        found = [hit.text for hit in itertools.islice(fuzzy(connection, "imp"), 10)]
        assert set(found) == {"import numpy", "imports()", "IMP"}
        assert len(found) == 3
        assert [hit.text for hit in fuzzy(connection, "IMP")] == ["IMP"]
        assert list(fuzzy(connection, "%_!")) == []
        assert list(fuzzy(connection, "  ")) == []


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=50), max_size=4), st.binary(max_size=40))
def test_a_record_is_read_back_and_noise_is_no_record(record: dict[str, str], noise: bytes) -> None:
    line = encode(record)
    assert line.count(b"\n") == 1
    assert list(decode(line)) == [record]
    read = list(decode(line + noise + b"\n" + line))
    assert read[0] == record
    assert read[-1] == record
    assert all(each is None or each == record for each in read)
