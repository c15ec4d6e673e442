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
from functools import partial
from pathlib import Path
from typing import Any, Final

from .faults import Fault, NotAHistory, fault_of
from .folders import is_remote
from .schema import OURS, PEER
from .spool import Record

#: Seconds that one statement waits for whoever else writes.
BUSY: Final = 1.0

#: Where no file is wanted.
MEMORY: Final = ":memory:"


def connect(
    path: Path | str, *, busy: float = BUSY, write: bool = True, journal: str = ""
) -> sqlite3.Connection:
    """Open a database; make it, with its tables, if it is to be written to and is not there.

    The connection may be used from any thread, one at a time, and is in no transaction.

    :param path: the file, or :data:`MEMORY`, which all connections of this process share.
    :param busy: seconds that a statement waits for another program.
    :param journal: ``wal`` or ``delete``, SQLite's ways to keep a half-done write from doing harm; empty for
        the first, and for the second where the folder is on another machine.
    :raises sqlite3.Error: if it cannot be opened, is damaged, or is locked for longer.
    :raises OSError: if its folder cannot be made.
    """
    in_memory = str(path) == MEMORY
    if in_memory:
        _keep_memory()
        uri = _SHARED
    else:
        # What a link points to, as SQLite does it.
        path = Path(os.path.realpath(path))
        if write:
            _make_file(path)
        uri = f"{path.as_uri()}?mode={'rw' if write else 'ro'}"
    connection = _opened(uri, busy)
    try:
        if in_memory:  # there a reader waits for nobody
            connection.execute("PRAGMA read_uncommitted = on")
        if write:
            _prepare(connection, "" if in_memory else journal or _journal_for(Path(path)))
        elif not in_memory:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").close()
    except sqlite3.Error as error:
        connection.close()
        if write or fault_of(error) not in _UNSHARED:
            raise
        # To read along with others, SQLite has to write beside the file. Here nobody writes.
        return _opened(f"{uri}&immutable=1", busy)
    except BaseException:
        connection.close()
        raise
    return connection


_UNSHARED: Final = (Fault.READ_ONLY, Fault.UNREACHABLE, Fault.FAILING, Fault.FULL)


def _opened(uri: str, busy: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, timeout=busy, isolation_level=None, check_same_thread=False, uri=True)
    # A damaged byte is no reason to show nothing.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


def _journal_for(path: Path) -> str:
    # A write-ahead log needs memory that all writers share, which a network does not offer.
    return "delete" if is_remote(path) else "wal"


_SHARED: Final = "file:ipshell-history?mode=memory&cache=shared"
#: What is in memory is gone with the last connection: one stays.
_memory: list[sqlite3.Connection] = []


def _keep_memory() -> None:
    if not _memory:
        _memory.append(sqlite3.connect(_SHARED, uri=True, isolation_level=None, check_same_thread=False))


def _make_file(path: Path) -> None:
    """Make the file for its owner alone: SQLite would give it the permissions of any other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(connection: sqlite3.Connection, journal: str) -> None:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if is_foreign(connection, there):
        raise NotAHistory("it has none of the tables of a history")
    now = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if journal and now not in (journal, "memory"):
        connection.execute(f"PRAGMA journal_mode = {journal}")
    # With the log, a commit is safe from a crash of this program, and from one of the system once in a while.
    connection.execute("PRAGMA synchronous = normal")
    for statement in (*PEER, *OURS):
        name = statement.split("EXISTS ", 1)[1].split(" ", 1)[0]
        if name not in there:
            connection.execute(statement)


def is_foreign(connection: sqlite3.Connection, there: set[str]) -> bool:
    """Tell whether a database is another program's. One that is but damaged has something of a history.

    :param there: names of what is in it.
    """
    if not there or there <= {"ipshell_mark"}:
        return False
    if there.isdisjoint(("sessions", "history", "output_history", "ipshell_cells")):
        return True
    if "history" not in there:
        return False
    columns = {row[1] for row in connection.execute("PRAGMA table_info(history)")}
    return len(columns & {"session", "line", "source", "source_raw"}) < 2


class _Taken(Exception):
    """Another program has given the number of a session of ours to one of its own."""


class Cells:
    """Writes the records of spools into a database.

    :param connection: as :func:`connect` gives it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._numbers: dict[str, int] = {}
        #: What was wrong with records that no database takes; they are left out.
        self.refused: list[str] = []

    def write(self, head: Record, records: Iterable[Record]) -> int:
        """Write records of one session, all or none; what is there already is left alone.

        :param head: the record that says what session it is.
        :param records: looked at when nobody else can write, not before.
        :returns: the number of the session; 0 if there was nothing to write.
        :raises sqlite3.Error: if nothing was written.
        """
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                kept = [record for record in records if record.get("kind") != "head"]
                number = self._session(cursor, head) if kept else 0
                try:
                    self._write_all(cursor, number, kept)
                except _Taken:
                    number = self._new_session(cursor, head)
                    self._write_all(cursor, number, kept)
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    cursor.execute("ROLLBACK")
                raise
        if number:
            self._numbers = {head["uid"]: number}  # of the session that is alive; of orphans not for long
        return number

    def _session(self, cursor: sqlite3.Cursor, head: Record) -> int:
        uid = head["uid"]
        if (known := self._numbers.get(uid)) is not None:
            return known
        found = cursor.execute(
            """SELECT session FROM ipshell_sessions
               WHERE uid = ? AND session IN (SELECT session FROM sessions)""",
            (uid,),
        ).fetchone()
        return int(found[0]) if found is not None else self._new_session(cursor, head)

    def _new_session(self, cursor: sqlite3.Cursor, head: Record) -> int:
        cursor.execute("INSERT INTO sessions (start, remark) VALUES (?, '')", (time_text(head.get("at")),))
        number = cursor.lastrowid
        assert number is not None
        # A trimmed file may hold this number for a session that is no more.
        cursor.execute("DELETE FROM ipshell_cells WHERE session = ?", (number,))
        cursor.execute(
            "INSERT OR REPLACE INTO ipshell_sessions (session, uid, host, pid) VALUES (?, ?, ?, ?)",
            (number, head["uid"], head.get("host"), head.get("pid")),
        )
        return number

    def _write_all(self, cursor: sqlite3.Cursor, session: int, records: Iterable[Record]) -> None:
        for record in records:
            try:
                self._write(cursor, session, record)
            except (
                LookupError,
                TypeError,
                ValueError,
                OverflowError,
                sqlite3.DataError,
                sqlite3.InterfaceError,
                sqlite3.ProgrammingError,
            ) as error:
                # One that cannot be stored must not keep back all behind it.
                self.refused.append(f"{type(error).__name__}: {error}")

    def _write(self, cursor: sqlite3.Cursor, session: int, record: Record) -> None:
        kind = record["kind"]
        if kind == "input":
            self._write_input(cursor, session, record)
        elif kind == "done":
            cursor.execute(
                "UPDATE ipshell_cells SET duration = ?, outcome = ? WHERE session = ? AND line = ?",
                (record.get("seconds"), record.get("outcome"), session, record["line"]),
            )
        elif kind == "output":
            cursor.execute(
                "INSERT OR IGNORE INTO output_history (session, line, output) VALUES (?, ?, ?)",
                (session, record["line"], stored(record["text"])),
            )
        elif kind == "delete":
            for table in ("history", "output_history", "ipshell_cells"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE session = ? AND line = ?", (session, record["line"])
                )
        elif kind == "end":
            cursor.execute(
                "UPDATE sessions SET end = ?, num_cmds = ? WHERE session = ?",
                (time_text(record["at"]), record["count"], session),
            )
        elif kind == "remark":
            cursor.execute(
                "UPDATE sessions SET remark = ? WHERE session = ?", (stored(record["text"]), session)
            )

    def _write_input(self, cursor: sqlite3.Cursor, session: int, record: Record) -> None:
        line, raw = record["line"], stored(record["raw"])
        source = stored(record["source"]) if "source" in record else raw
        cursor.execute(
            "INSERT OR IGNORE INTO history (session, line, source, source_raw) VALUES (?, ?, ?, ?)",
            (session, line, source, raw),
        )
        if not cursor.rowcount:  # it is there already, or something else is
            found = cursor.execute(
                "SELECT source_raw FROM history WHERE session = ? AND line = ?", (session, line)
            ).fetchone()
            if found is None or found[0] != raw:
                raise _Taken
        cursor.execute(
            "INSERT OR IGNORE INTO ipshell_cells (session, line, folder, started) VALUES (?, ?, ?, ?)",
            (session, line, _folder(cursor, record.get("folder")), record.get("at")),
        )


def time_text(seconds: object) -> str | None:
    """Give a time as IPython writes the start of a session; ``None`` for one that no calendar has."""
    try:
        return datetime.fromtimestamp(float(str(seconds))).isoformat(" ")
    except (ValueError, OverflowError, OSError):
        return None


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
