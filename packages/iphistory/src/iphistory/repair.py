"""Repairing a damaged database: it is copied aside, and what can be read of it is put into a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from .database import connect, is_foreign
from .faults import Fault, NotAHistory, fault_of
from .locks import locked
from .pages import rows_in_pages
from .schema import COLUMNS

#: Seconds to wait while another shell repairs the same file.
PATIENCE: Final = 30.0

#: Files that belong to a database.
_BESIDE: Final = ("-wal", "-shm", "-journal")


def is_sound(path: Path) -> bool:
    """Tell whether a database can be read to its end, and has the tables of a history. Looks at all of it.

    :raises sqlite3.Error: if that cannot be found out, as where it is locked.
    """
    try:
        with closing(connect(path, write=False)) as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if is_foreign(connection, there):
                raise NotAHistory("it has none of the tables of a history")
            for table, columns in COLUMNS.items():
                if table.startswith("ipshell_") and table not in there:  # IPython has no such
                    continue
                connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")
    except (sqlite3.Error, UnicodeError) as error:
        if fault_of(error) in (Fault.CORRUPT, Fault.OTHER):  # the other: a table is missing
            return False
        raise
    return bool(said and said[0] == "ok")


def repair(path: Path) -> str:
    """Repair a database, unless another shell has just done it.

    :returns: what to tell the user; empty if there was nothing to do.
    :raises OSError, sqlite3.Error: if it cannot be repaired; the file is as it was.
    """
    path = Path(os.path.realpath(path))
    with locked(path.with_name(f"{path.name}-repair"), PATIENCE):
        if is_sound(path):
            return ""
        aside = _free_name(path)
        fresh = path.with_name(f"{path.name}-new-{os.getpid()}")
        try:
            for end in ("", *_BESIDE):
                with suppress(FileNotFoundError):
                    _put_aside(f"{path}{end}", f"{aside}{end}")
            saved = _salvage(aside, fresh)
        except BaseException:
            _delete(fresh)
            _delete(aside)
            raise
        try:
            # Beside a new file its old log would do harm.
            for end in _BESIDE:
                Path(f"{path}{end}").unlink(missing_ok=True)
            os.replace(fresh, path)
        except OSError:  # on Windows, where another program has it open; the copy has what was in the log
            _delete(fresh)
            raise
    return (
        f"the history {path} was damaged. A copy is in {aside}; "
        f"{saved} {'cell' if saved == 1 else 'cells'} could be read from it and are in the new one."
    )


def _put_aside(file: str, name: str) -> None:
    """Give a file a second name: what damaged it may be a full disk."""
    try:
        os.link(file, name)
    except FileNotFoundError:
        raise
    except OSError:  # this file system has no such names
        shutil.copy2(file, name)


def _delete(path: Path) -> None:
    for end in ("", *_BESIDE):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _free_name(path: Path) -> Path:
    stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    for number in range(1000):
        name = path.with_name(f"{path.stem}-corrupt-{stamp}{f'-{number}' if number else ''}{path.suffix}")
        if not name.exists():
            return name
    raise FileExistsError(17, os.strerror(17), str(name))


def _salvage(damaged: Path, fresh: Path) -> int:
    """Copy what can be read into a new file; give how many cells that are."""
    with closing(connect(fresh, journal="delete")) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("BEGIN")
        over: list[tuple[object, ...]] = []
        for table, row in rows_in_pages(damaged):
            marks = ", ".join("?" * len(row))
            with suppress(sqlite3.Error):  # a row of damaged values
                cursor.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)
                if table == "history" and not cursor.rowcount and not _is_known(cursor, row):
                    over.append(row)
        _add_apart(cursor, over)
        cursor.execute("COMMIT")
        count: int = cursor.execute("SELECT count(*) FROM history").fetchone()[0]
    return count


def _is_known(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> bool:
    sql = "SELECT 1 FROM history WHERE session = ? AND line = ? AND source IS ? AND source_raw IS ?"
    return cursor.execute(sql, row).fetchone() is not None


def _add_apart(cursor: sqlite3.Cursor, rows: list[tuple[object, ...]]) -> None:
    """Put cells whose numbers others have, as where a number is damaged, into a session of their own."""
    if not rows:
        return
    sql = """INSERT INTO sessions (session, remark)
             SELECT max(coalesce((SELECT max(session) FROM sessions), 0),
                        coalesce((SELECT max(session) FROM history WHERE session < 1 << 40), 0)) + 1, ?"""
    cursor.execute(sql, ("saved from damage: cells whose numbers others have",))
    session = cursor.lastrowid
    sql = "INSERT INTO history (session, line, source, source_raw) VALUES (?, ?, ?, ?)"
    cursor.executemany(sql, [(session, line, *row[2:]) for line, row in enumerate(rows, 1)])
