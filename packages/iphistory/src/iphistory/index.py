"""An index for searching: which cells hold which three characters in a row.

It is a file of its own beside the history, made when somebody first searches, and of no value: any
doubt about it means that it is not used, or made anew. What it proposes is always compared with the
cells themselves, and cells that it does not know yet are looked through one by one.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

#: Cells taken up in one transaction.
_SLICE: Final = 5000

#: Cells that hold what is looked for at most; with more of them it is found as fast without an index.
_COMMON: Final = 20_000

#: Seconds to wait for another shell that writes the index.
_BUSY: Final = 0.2

#: Says which numbering of rows an index is made for; made anew where rows are numbered anew.
MARK: Final = "CREATE TABLE IF NOT EXISTS ipshell_mark (mark TEXT NOT NULL)"


def index_of(path: Path) -> Path:
    """Give the file of a history's index."""
    return path.with_name(f"{path.name}-index")


def is_possible() -> bool:
    """Tell whether this SQLite has such indexes."""
    if sqlite3.sqlite_version_info < (3, 34):
        return False
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(_TABLE)
        except sqlite3.Error:
            return False
    return True


_TABLE: Final = """CREATE VIRTUAL TABLE IF NOT EXISTS cells
    USING fts5(raw, content='', detail=none, columnsize=0, tokenize='trigram case_sensitive 1')"""


def update(history: sqlite3.Connection, path: Path, go_on: Callable[[], bool]) -> bool:
    """Take up the cells that the index does not know yet. For the writer's thread.

    :param history: the history, open for writing.
    :param path: its file.
    :param go_on: asked between slices; false ends it early.
    :returns: whether all are in it.
    :raises sqlite3.Error: if the index cannot be written; it is deleted if it is damaged.
    """
    file = index_of(path)
    mark = _mark_of(history, make=True)
    if not file.exists():
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY, isolation_level=None)) as index:
            index.execute("PRAGMA synchronous = off")
            index.execute("CREATE TABLE IF NOT EXISTS made_for (mark TEXT, last INTEGER)")
            index.execute(_TABLE)
            while go_on():
                if _take_up(history, index, mark):
                    return True
    except sqlite3.DatabaseError as error:
        if not isinstance(error, sqlite3.OperationalError):
            file.unlink(missing_ok=True)
        raise
    return False


def _take_up(history: sqlite3.Connection, index: sqlite3.Connection, mark: str) -> bool:
    """Take up one slice; true if there was nothing left."""
    index.execute("BEGIN IMMEDIATE")
    try:
        last = _last(index, mark)
        if last is None:  # for another numbering
            index.execute("INSERT INTO cells (cells) VALUES ('delete-all')")
            index.execute("DELETE FROM made_for")
            index.execute("INSERT INTO made_for VALUES (?, 0)", (mark,))
            last = 0
        rows = history.execute(
            "SELECT rowid, source_raw FROM history WHERE rowid > ? ORDER BY rowid LIMIT ?", (last, _SLICE)
        ).fetchall()
        index.executemany("INSERT INTO cells (rowid, raw) VALUES (?, ?)", rows)
        if rows:
            index.execute("UPDATE made_for SET last = ?", (rows[-1][0],))
        index.execute("COMMIT")
    except BaseException:
        index.execute("ROLLBACK")
        raise
    return len(rows) < _SLICE


def _mark_of(history: sqlite3.Connection, *, make: bool = False) -> str:
    if make:
        history.execute(MARK)
        history.execute(
            "INSERT INTO ipshell_mark SELECT ? WHERE NOT EXISTS (SELECT 1 FROM ipshell_mark)",
            (os.urandom(8).hex(),),
        )
    try:
        found = history.execute("SELECT mark FROM ipshell_mark").fetchone()
    except sqlite3.OperationalError:  # there is no such table: there never was an index
        return ""
    return str(found[0]) if found else ""


def _last(index: sqlite3.Connection, mark: str) -> int | None:
    """Give the newest row that an index knows; ``None`` if it is made for another numbering."""
    found = index.execute("SELECT mark, last FROM made_for").fetchone()
    return int(found[1]) if found and found[0] == mark else None


def forget(history: sqlite3.Connection) -> None:
    """Say that rows are about to be numbered anew."""
    history.execute("DROP TABLE IF EXISTS ipshell_mark")


class Candidates:
    """Cells that may match a pattern.

    :param rows: numbers of rows, as JSON.
    :param last: the newest row that the index knows; those behind it may match too.
    """

    def __init__(self, rows: str, last: int) -> None:
        self.rows = rows
        self.last = last


def candidates(history: sqlite3.Connection, path: Path, pattern: str) -> Candidates | None:
    """Ask the index which cells may match.

    :param history: the history.
    :param path: its file.
    :param pattern: with ``*``, ``?`` and ``[...]``.
    :returns: ``None`` where looking through all cells is as good: there is no index, the pattern is short, or
        what it holds is common.
    """
    trigrams = trigrams_of(pattern)
    file = index_of(path)
    if not trigrams or not file.exists():
        return None
    mark = _mark_of(history)
    try:
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, timeout=_BUSY, uri=True)) as index:
            last = _last(index, mark) if mark else None
            if last is None:
                return None
            wanted = " AND ".join('"' + each.replace('"', '""') + '"' for each in trigrams)
            count, rows = index.execute(
                f"""SELECT count(*), json_group_array(rowid) FROM
                    (SELECT rowid FROM cells WHERE cells MATCH ? LIMIT {_COMMON + 1})""",
                (wanted,),
            ).fetchone()
    except sqlite3.Error:
        return None
    return Candidates(rows, last) if count <= _COMMON else None


def trigrams_of(pattern: str) -> list[str]:
    """Give the pieces of three characters that every match of a pattern holds, each once."""
    found: dict[str, None] = {}
    for run in re.split(r"\[\]?[^]]*\]|[*?\[]", pattern):
        found.update((run[at : at + 3], None) for at in range(len(run) - 2))
    return list(found)[:32]
