"""The database file: opening it, and writing cells into it.

Nothing here waits longer than it is told to, and nothing decides what becomes of a failure: that is the
writer's business.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from .folders import is_remote
from .schema import OURS, PEER
from .spool import Record

#: Seconds that one statement waits for whoever else writes.
BUSY: Final = 1.0

#: Where no file is wanted.
MEMORY: Final = ":memory:"


def connect(path: Path | str, *, busy: float = BUSY, write: bool = True) -> sqlite3.Connection:
    """Open a database; make it, with its tables, if it is to be written to and is not there.

    The connection may be used from any thread, one at a time, and is in no transaction.

    :param path: the file, or :data:`MEMORY`.
    :param busy: seconds that a statement waits for another program.
    :raises sqlite3.Error: if it cannot be opened, is damaged, or is locked for longer.
    :raises OSError: if its folder cannot be made.
    """
    if str(path) == MEMORY:
        connection = sqlite3.connect(MEMORY, timeout=busy, isolation_level=None, check_same_thread=False)
    else:
        path = Path(path)
        if write:
            _make_file(path)
        uri = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
        connection = sqlite3.connect(
            uri, timeout=busy, isolation_level=None, check_same_thread=False, uri=True
        )
    try:
        if write:
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_file(path: Path) -> None:
    """Make the file for its owner alone: SQLite would give it the permissions of any other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path | str) -> None:
    # A write-ahead log needs memory that all writers share, which a network does not offer.
    wanted = "delete" if str(path) != MEMORY and is_remote(Path(path)) else "wal"
    now = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if now not in (wanted, "memory"):
        connection.execute(f"PRAGMA journal_mode = {wanted}")
    # With the log, a commit is safe from a crash of this program, and from one of the system once in a while.
    connection.execute("PRAGMA synchronous = normal")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for statement in (*PEER, *OURS):
        name = statement.split("EXISTS ", 1)[1].split(" ", 1)[0]
        if name not in there:
            connection.execute(statement)


class Cells:
    """Writes the records of spools into a database.

    :param connection: as :func:`connect` gives it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._numbers: dict[str, int] = {}

    def write(self, head: Record, records: Iterable[Record]) -> int:
        """Write records of one session, all or none; what is there already is left alone.

        :param head: the record that says what session it is.
        :returns: the number of the session; 0 if there was nothing to write.
        :raises sqlite3.Error: if nothing was written.
        """
        records = list(records)
        if not any(record["kind"] != "head" for record in records):
            return 0
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                number = self._session(cursor, head)
                for record in records:
                    self._write(cursor, number, record)
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    cursor.execute("ROLLBACK")
                raise
        self._numbers = {head["uid"]: number}  # of the session that is alive; of orphans not for long
        return number

    def _session(self, cursor: sqlite3.Cursor, head: Record) -> int:
        uid = head["uid"]
        if (known := self._numbers.get(uid)) is not None:
            return known
        found = cursor.execute("SELECT session FROM ipshell_sessions WHERE uid = ?", (uid,)).fetchone()
        if found is not None:
            return int(found[0])
        start = datetime.fromtimestamp(head["at"]).isoformat(" ")
        cursor.execute("INSERT INTO sessions (start, remark) VALUES (?, '')", (start,))
        number = cursor.lastrowid
        assert number is not None
        # A trimmed file may hold this number for a session that is no more.
        cursor.execute("DELETE FROM ipshell_cells WHERE session = ?", (number,))
        cursor.execute(
            "INSERT OR REPLACE INTO ipshell_sessions VALUES (?, ?, ?, ?)",
            (number, uid, head.get("host"), head.get("pid")),
        )
        return number

    def _write(self, cursor: sqlite3.Cursor, session: int, record: Record) -> None:
        kind = record["kind"]
        if kind == "input":
            raw = stored(record["raw"])
            source = stored(record["source"]) if "source" in record else raw
            cursor.execute(
                "INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", (session, record["line"], source, raw)
            )
            folder = _folder(cursor, record.get("folder"))
            cursor.execute(
                "INSERT OR IGNORE INTO ipshell_cells (session, line, folder, started) VALUES (?, ?, ?, ?)",
                (session, record["line"], folder, record.get("at")),
            )
        elif kind == "done":
            cursor.execute(
                "UPDATE ipshell_cells SET duration = ?, outcome = ? WHERE session = ? AND line = ?",
                (record.get("seconds"), record.get("outcome"), session, record["line"]),
            )
        elif kind == "output":
            cursor.execute(
                "INSERT OR IGNORE INTO output_history VALUES (?, ?, ?)",
                (session, record["line"], stored(record["text"])),
            )
        elif kind == "delete":
            for table in ("history", "output_history", "ipshell_cells"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE session = ? AND line = ?", (session, record["line"])
                )
        elif kind == "end":
            end = datetime.fromtimestamp(record["at"]).isoformat(" ")
            cursor.execute(
                "UPDATE sessions SET end = ?, num_cmds = ? WHERE session = ?",
                (end, record["count"], session),
            )
        elif kind == "remark":
            cursor.execute(
                "UPDATE sessions SET remark = ? WHERE session = ?", (stored(record["text"]), session)
            )


def _folder(cursor: sqlite3.Cursor, path: str | None) -> int | None:
    if path is None:
        return None
    path = stored(path)
    cursor.execute("INSERT OR IGNORE INTO ipshell_folders (path) VALUES (?)", (path,))
    row: Sequence[Any] = cursor.execute(
        "SELECT folder FROM ipshell_folders WHERE path = ?", (path,)
    ).fetchone()
    return int(row[0])


def stored(text: str) -> str:
    """Give a text as it can be stored: a half of a surrogate pair, which no file can hold, as an escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text
