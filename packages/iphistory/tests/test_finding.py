"""What a prompt asks the history, on a thread of its own."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ipcore.testing.fixtures import *  # noqa: F403
from iphistory.database import connect
from iphistory.finding import Finder
from iphistory.history import HistoryManager


def write(folder: Path, cells: list[str], *, ours: bool = True) -> Path:
    """Write a history of sessions of three cells."""
    path = folder / "history.sqlite"
    with closing(connect(path)) as connection:
        rows = [(1 + at // 3, 1 + at % 3, cell, cell) for at, cell in enumerate(cells)]
        connection.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", rows)
        for name in () if ours else ("ipshell_cells", "ipshell_folders", "ipshell_sessions"):
            connection.execute(f"DROP TABLE {name}")
    return path


def finder(path: Path, own: int = 0) -> Finder:
    return Finder(path, lambda: own)


def texts(found: Any) -> list[str]:
    return [cell.text for batch in found for cell in batch]


def test_the_last_cells_of_other_sessions(tmp_path: Path) -> None:
    path = write(tmp_path, ["a", "b", "c", "d", "e", "f"])
    assert finder(path).recent(4) == ["c", "d", "e", "f"]
    assert finder(path, own=2).recent(2) == ["b", "c"]


def test_cells_that_begin_with_a_text_each_once_and_the_newest_first(tmp_path: Path) -> None:
    path = write(tmp_path, ["import re", "x", "import os", "import re", "Import", "i*", "[i]"])
    assert finder(path).prefixed("import", 9) == ["import re", "import os"]
    assert finder(path).prefixed("import", 1) == ["import re"]
    assert finder(path).prefixed("i*", 9) == ["i*"]
    assert finder(path).prefixed("[i", 9) == ["[i]"]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("np", ["np.linspace", "NP", "no plot"]),
        ("n p", ["np.linspace", "NP", "no plot"]),
        ("NP", ["NP"]),
        ("", ["100%_!", "np.linspace", "NP", "no plot"]),
        ("%_!", ["100%_!"]),
        ("zz", []),
    ],
)
def test_cells_that_have_the_letters_in_this_order(tmp_path: Path, letters: str, expected: list[str]) -> None:
    path = write(tmp_path, ["no plot", "NP", "np.linspace", "100%_!"])
    assert texts(finder(path).matching(letters)) == expected


def test_many_cells_come_in_pieces_the_newest_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, [f"value = {number}" for number in range(30_000)])
    pieces = finder(path).matching("value")
    assert next(iter(pieces))[0].text == "value = 29999"
    found = texts(finder(path).matching("v=29"))
    assert found[0] == "value = 29999"
    assert "value = 129" in found


def test_folders_and_failures(tmp_path: Path) -> None:
    path = write(tmp_path, ["good", "bad", "elsewhere"])
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO ipshell_folders VALUES (1, '/here'), (2, '/there')")
        connection.executemany(
            "INSERT INTO ipshell_cells (session, line, folder, outcome) VALUES (1, ?, ?, ?)",
            [(1, 1, "ok"), (2, 1, "ValueError"), (3, 2, None)],
        )
    assert texts(finder(path).matching("", folder="/here")) == ["bad", "good"]
    assert texts(finder(path).matching("", failed=False)) == ["elsewhere", "good"]
    assert texts(finder(path).matching("o", folder="/here", failed=False)) == ["good"]
    assert texts(finder(path, own=1).matching("d", own=True)) == ["bad", "good"]
    assert texts(finder(path, own=2).matching("d", own=True)) == []


def test_a_file_of_ipython_is_searched_too(tmp_path: Path) -> None:
    path = write(tmp_path, ["a"], ours=False)
    assert texts(finder(path).matching("a")) == ["a"]
    assert texts(finder(path).matching("a", folder="/here")) == []


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert finder(tmp_path / "none").recent(3) == []
    assert texts(finder(tmp_path / "none").matching("a")) == []
    (tmp_path / "empty").touch()
    assert finder(tmp_path / "empty").prefixed("a", 3) == []


def test_in_a_file_that_is_being_made_there_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sessions (session integer primary key)")
    assert texts(finder(path).matching("a")) == []
    assert finder(path).prefixed("a", 5) == []


def test_stopped_it_ends_without_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, [f"value = {number}" for number in range(30_000)])
    found = finder(path)
    pieces = found.matching("value")
    next(pieces)
    found.stop()
    assert list(pieces) == []
    assert found.recent(3) == []


def test_what_is_wrong_with_the_file_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        finder(path).recent(3)


def test_it_serves_another_thread_while_the_shell_writes(make_shell: Any, tmp_path: Path) -> None:
    shell = make_shell()
    shell.history_file = str(tmp_path / "history.sqlite")
    shell.replace_part("history", HistoryManager(parent=shell, name="history"))
    shell.run_cell("first = 1", store_history=True)
    shell.history.writeout_cache()
    found: list[list[str]] = []

    def ask() -> None:
        one = shell.history.finder()
        found.append(one.prefixed("first", 3))
        found.append(shell.history.finder().recent(3))

    thread = threading.Thread(target=ask)
    thread.start()
    shell.run_cell("second = 2", store_history=True)
    thread.join(20)
    assert found == [["first = 1"], []]
