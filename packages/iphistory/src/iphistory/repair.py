"""Repairing a damaged database: it is copied aside, and what can be read of it is put into a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from .database import connect
from .faults import Fault, fault_of
from .locks import locked
from .pages import rows_in_pages

#: Seconds to wait while another shell repairs the same file.
PATIENCE: Final = 30.0

#: Files that belong to a database.
_BESIDE: Final = ("-wal", "-shm", "-journal")


def is_sound(path: Path) -> bool:
    """Tell whether a database can be read to its end.

    :raises sqlite3.Error: if that cannot be found out, as where it is locked.
    """
    try:
        with closing(connect(path, write=False)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()
            connection.execute("SELECT count(*), max(line) FROM history").fetchone()
    except (sqlite3.Error, UnicodeError) as error:
        if fault_of(error) is Fault.LOCKED:
            raise
        return False
    return bool(said and said[0] == "ok")


def repair(path: Path) -> str:
    """Repair a database, unless another shell has just done it.

    :returns: what to tell the user; empty if there was nothing to do.
    :raises OSError, sqlite3.Error: if it cannot be repaired; the file is as it was.
    """
    with locked(path.with_name(f"{path.name}-repair"), PATIENCE):
        if is_sound(path):
            return ""
        aside = _free_name(path)
        for end in ("", *_BESIDE):
            with suppress(FileNotFoundError):
                shutil.copy2(f"{path}{end}", f"{aside}{end}")
        fresh = path.with_name(f"{path.name}-new-{os.getpid()}")
        try:
            saved = _salvage(aside, fresh)
            for end in _BESIDE:
                Path(f"{path}{end}").unlink(missing_ok=True)
            os.replace(fresh, path)
        finally:
            for end in ("", *_BESIDE):
                Path(f"{fresh}{end}").unlink(missing_ok=True)
    return (
        f"the history {path} was damaged. A copy is in {aside}; "
        f"{saved} {'cell' if saved == 1 else 'cells'} could be read from it and are in the new one."
    )


def _free_name(path: Path) -> Path:
    stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    for number in range(1000):
        name = path.with_name(f"{path.stem}-corrupt-{stamp}{f'-{number}' if number else ''}{path.suffix}")
        if not name.exists():
            return name
    raise FileExistsError(17, os.strerror(17), str(name))


def _salvage(damaged: Path, fresh: Path) -> int:
    """Copy what can be read into a new file; give how many cells that are."""
    with closing(connect(fresh)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA journal_mode = delete")
        cursor.execute("BEGIN")
        for table, row in rows_in_pages(damaged):
            marks = ", ".join("?" * len(row))
            with suppress(sqlite3.Error):  # a row of damaged values
                cursor.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)
        cursor.execute("COMMIT")
        count: int = cursor.execute("SELECT count(*) FROM history").fetchone()[0]
    return count
