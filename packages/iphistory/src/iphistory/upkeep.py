"""Keeping a history small, and telling what is in it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from .database import connect
from .index import forget, index_of

#: Tables whose rows belong to a cell.
_OF_CELLS: Final = ("history", "output_history", "ipshell_cells")

#: Seconds to wait for another program.
PATIENCE: Final = 10.0


def count(path: Path) -> int:
    """Give the number of cells; 0 if there is no file."""
    if not path.exists():
        return 0
    with closing(connect(path, write=False)) as connection:
        found: int = connection.execute("SELECT count(*) FROM history").fetchone()[0]
    return found


def back_up(path: Path) -> Path:
    """Copy the file beside it, under the first free number; give the copy."""
    for number in range(1, 10_000):
        copy = path.with_name(f"{path.name}.{number}")
        if not copy.exists():
            with closing(connect(path, write=False)) as old, closing(sqlite3.connect(copy)) as new:
                old.backup(new)
            shutil.copymode(path, copy)
            return copy
    raise FileExistsError(17, "there are too many copies", str(path))


def trim(path: Path, keep: int) -> int:
    """Delete all cells but the newest, and what belongs to them. Other shells may go on writing.

    :param keep: how many stay.
    :returns: how many are gone.
    :raises sqlite3.Error: if another program holds the file for too long; nothing is deleted then.
    """
    with _deleting(path, "PRAGMA wal_checkpoint(truncate)", "VACUUM") as connection:
        before = connection.execute("SELECT count(*) FROM history").fetchone()[0]
        first = connection.execute(
            "SELECT session, line FROM history ORDER BY session DESC, line DESC LIMIT 1 OFFSET ?",
            (max(keep - 1, 0),),
        ).fetchone()
        if keep and first is None:
            return 0
        for table in _OF_CELLS:
            if keep:
                connection.execute(f"DELETE FROM {table} WHERE (session, line) < (?, ?)", first)
            else:
                connection.execute(f"DELETE FROM {table}")
        # Of a session that runs there may be cells to come.
        connection.execute(
            """DELETE FROM sessions WHERE session NOT IN (SELECT session FROM history)
               AND (end IS NOT NULL OR session < (SELECT max(session) - 100 FROM sessions))"""
        )
        after = connection.execute("SELECT count(*) FROM history").fetchone()[0]
    return int(before - after)


def delete(path: Path, cells: Iterable[tuple[int, int]]) -> int:
    """Delete single cells, and what belongs to them.

    :param cells: numbers of session and cell.
    :returns: how many there were.
    :raises sqlite3.Error: if another program holds the file for too long; nothing is deleted then.
    """
    rows = list(cells)
    gone = 0
    with _deleting(path, "PRAGMA wal_checkpoint(truncate)") as connection:
        for table in _OF_CELLS:
            for row in rows:
                found = connection.execute(f"DELETE FROM {table} WHERE session = ? AND line = ?", row)
                gone += found.rowcount if table == "history" else 0
    return gone


@contextmanager
def _deleting(path: Path, *afterwards: str) -> Iterator[sqlite3.Connection]:
    """Give a connection whose transaction is committed after the body; what is deleted in it is overwritten.

    :param afterwards: what is done then, if no other program has the file in use.
    """
    # The index holds pieces of what is deleted.
    index_of(path).unlink(missing_ok=True)
    with closing(connect(path, busy=PATIENCE)) as connection:
        # It may be a secret that somebody wants gone.
        connection.execute("PRAGMA secure_delete = on")
        connection.execute("BEGIN IMMEDIATE")
        try:
            forget(connection)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        # In use: its pages, and its log, are used again, and hold nothing.
        with suppress(sqlite3.OperationalError):
            for statement in afterwards:
                connection.execute(statement)


class Statistics(NamedTuple):
    """What is in a history."""

    cells: int
    sessions: int
    bytes: int
    """Size of the file with what belongs to it."""
    first: str | None
    """When the first session began, as it is written."""
    last: str | None
    failed: int
    """Cells that ended with an error, of those of which that is known."""
    known: int
    seconds: float
    """Time that these took."""
    common: list[tuple[str, int]]
    """The commonest cells of one line, and how often each was typed."""
    folders: list[tuple[str, int]]
    """The folders most cells were typed in."""


def statistics(path: Path, most: int = 5) -> Statistics:
    """Look through a history; takes about a second for a million cells."""
    with closing(connect(path, write=False)) as connection:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        ours = {name for (name,) in ask("SELECT name FROM sqlite_master")} >= {"ipshell_cells"}
        [(cells,)] = ask("SELECT count(*) FROM history")
        [(sessions, first, last)] = ask("SELECT count(*), min(start), max(start) FROM sessions")
        known = failed = 0
        seconds = 0.0
        folders: list[tuple[str, int]] = []
        if ours:
            [(known, failed, seconds)] = ask(
                """SELECT count(outcome), coalesce(sum(outcome <> 'ok'), 0), coalesce(sum(duration), 0)
                   FROM ipshell_cells"""
            )
            folders = ask(
                f"""SELECT path, count(*) AS n FROM ipshell_cells JOIN ipshell_folders USING (folder)
                    GROUP BY folder ORDER BY n DESC LIMIT {most}"""
            )
        common = ask(
            f"""SELECT source_raw, count(*) AS n FROM history WHERE instr(source_raw, char(10)) = 0
                GROUP BY source_raw HAVING n > 1 ORDER BY n DESC LIMIT {most}"""
        )
    size = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*") if each.is_file())
    return Statistics(
        cells, sessions, size, first, last, failed, known, seconds, [(t, n) for t, n in common], folders
    )


def exported(path: Path, form: str) -> Iterator[str]:
    """Give a history as lines of text, oldest first.

    :param form: ``json``, an object a line with all that is known; or ``python``, the cells as Python.
    """
    with closing(connect(path, write=False)) as connection:
        ours = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ipshell_cells'").fetchone()
        more = ", started, duration, outcome, path" if ours else ", NULL, NULL, NULL, NULL"
        tables = "history LEFT JOIN output_history USING (session, line)"
        if ours:
            tables += " LEFT JOIN ipshell_cells USING (session, line)"
            tables += " LEFT JOIN ipshell_folders USING (folder)"
        rows = connection.execute(
            f"SELECT session, line, source, source_raw, output{more} FROM {tables} ORDER BY session, line"
        )
        names = ("session", "line", "source", "raw", "output", "started", "seconds", "outcome", "folder")
        for row in rows:
            if form == "json":
                known = {name: value for name, value in zip(names, row, strict=True) if value is not None}
                yield json.dumps(known, ensure_ascii=False)
            else:
                yield f"# session {row[0]}, cell {row[1]}\n{row[2]}"
