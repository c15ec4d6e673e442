"""Histories of earlier sessions, for tests of the prompt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

_TABLES = """
    PRAGMA journal_mode = wal;
    CREATE TABLE sessions (session integer primary key autoincrement, start timestamp, end timestamp,
        num_cmds integer, remark text);
    CREATE TABLE history (session integer, line integer, source text, source_raw text,
        PRIMARY KEY (session, line));
    CREATE TABLE output_history (session integer, line integer, output text, PRIMARY KEY (session, line));
    INSERT INTO sessions (start) VALUES ('2026-01-01 00:00:00');
"""


def keep(folder: Path, cells: Iterable[str]) -> str:
    """Write a history of one earlier session; gives the word of the command line that has it used."""
    if find_spec("iphistory") is None:
        pytest.skip("what is kept between sessions is another distribution's")
    file = folder / "kept.sqlite"
    with closing(sqlite3.connect(file)) as history, history:
        history.executescript(_TABLES)
        rows = [(1, line, cell, cell) for line, cell in enumerate(cells, 1)]
        history.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", rows)
    return f"--HistoryManager.hist_file={file}"
