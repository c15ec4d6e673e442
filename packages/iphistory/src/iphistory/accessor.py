"""Reading a history, of this shell or of any file, without a shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ipcore.ranges import ranges

from .database import connect

if TYPE_CHECKING:
    from types import TracebackType

    from .index import Candidates

#: A row as it is given: session, line, and the input or a pair of input and output.
Row = tuple[int, int, "str | tuple[str, str | None]"]

#: The newest cells are looked through before an index is asked: what is common is among them.
_RECENT: Final = 2000

#: Rows of one cross-session range at most.
MOST_ROWS: Final = 1_000_000


class HistoryAccessor:
    """Reads a history file, also one that IPython writes. To be used on one thread at a time.

    :param profile: the profile whose file it is, if none is given.
    :param hist_file: the file. It is opened at the first question, read only; one that is not there is
        an empty history.
    :raises ipcore.errors.UsageError: if there can be no profile of that name.
    """

    def __init__(self, profile: str = "default", hist_file: Path | str = "") -> None:
        self.path = Path(hist_file).expanduser() if hist_file else _file_of(profile)
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> HistoryAccessor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database.

        :raises sqlite3.Error: if it cannot be read; :mod:`iphistory.faults` tells what is wrong.
        """
        connection = self.connection
        if connection is None:
            return []
        try:
            return connection.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error:
            self.close()  # it may be another file by now
            raise

    @property
    def connection(self) -> sqlite3.Connection | None:
        """The open database; ``None`` if the file is not there, or still as empty as it is made.

        :raises sqlite3.Error: if it cannot be opened.
        """
        if self._connection is None and self.path.exists():
            connection = connect(self.path, write=False)
            try:
                made = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            except BaseException:
                connection.close()
                raise
            if made is None:
                connection.close()
                return None
            self._connection = connection
        return self._connection

    # -- sessions --------------------------------------------------------------

    def get_last_session_id(self) -> int | None:
        """Give the number of the newest session; ``None`` if there is none."""
        rows = self.query("SELECT max(session) FROM sessions")
        return rows[0][0] if rows else None

    def get_session_info(
        self, session: int
    ) -> tuple[int, datetime | None, datetime | None, int | None, str] | None:
        """Give a session's number, start, end, number of cells, and remark.

        :param session: its number; 0 or below count back from the newest.
        :returns: ``None`` if there is no such session.
        """
        number = self._absolute(session)
        rows = self.query(
            "SELECT session, start, end, num_cmds, remark FROM sessions WHERE session = ?", (number,)
        )
        if not rows:
            return None
        found, start, end, count, remark = rows[0]
        return found, moment(start), moment(end), count, remark or ""

    def _absolute(self, session: int) -> int:
        if session > 0:
            return session
        return (self.get_last_session_id() or 0) + session

    # -- cells -----------------------------------------------------------------

    def get_tail(
        self,
        n: int | None = 10,
        raw: bool = True,
        output: bool = False,
        include_latest: bool = False,
        *,
        without: int = 0,
    ) -> list[Row]:
        """Give the last cells of all sessions, the oldest of them first.

        :param n: how many; ``None`` for all.
        :param raw: as typed; else with escapes rewritten.
        :param output: with the text of their values.
        :param include_latest: also the very last one; in a shell, that is the call of this itself.
        :param without: the number of a session that is left out.
        """
        if n is not None:
            n = max(n, 0) + (not include_latest)
        condition = "history.session <> ? ORDER BY session DESC, line DESC LIMIT ?"
        rows = self._cells(condition, (without, MOST_ROWS if n is None else n), raw, output)
        return rows[::-1] if include_latest else rows[1:][::-1]

    def get_new(self, seen: int, without: int, most: int) -> tuple[list[Row], int]:
        """Give the cells that were written since another call, and a mark for the next one.

        :param seen: the mark that the last call gave; -1 for the first, which gives no cells.
        :param without: the number of a session that is left out.
        :param most: how many at most, the newest.
        """
        newest = self.query("SELECT max(rowid) FROM history")
        mark = int(newest[0][0] or 0) if newest else 0
        if seen < 0 or mark <= seen:
            return [], mark
        rows = self.query(
            """SELECT session, line, source_raw FROM history WHERE rowid > ? AND session <> ?
               ORDER BY rowid DESC LIMIT ?""",
            (seen, without, most),
        )
        return [(session, line, text) for session, line, text in reversed(rows)], mark

    def get_range(
        self,
        session: int = 0,
        start: int = 1,
        stop: int | None = None,
        raw: bool = True,
        output: bool = False,
    ) -> list[Row]:
        """Give cells of one session.

        :param session: its number; 0 or below count back from the newest.
        :param start: the first cell.
        :param stop: the one behind the last; ``None`` for all.
        """
        condition = "session = ? AND line >= ?"
        values: list[int] = [self._absolute(session), start]
        if stop is not None:
            condition += " AND line < ?"
            values.append(stop)
        return self._cells(f"{condition} ORDER BY line LIMIT {MOST_ROWS}", values, raw, output)

    def get_range_by_str(self, text: str, raw: bool = True, output: bool = False) -> Iterator[Row]:
        """Give cells of ranges as users write them, see :mod:`ipcore.ranges`."""
        for session, start, stop in ranges(text):
            yield from self.get_range(session, start, stop, raw, output)

    def search(
        self,
        pattern: str = "*",
        raw: bool = True,
        search_raw: bool = True,
        output: bool = False,
        n: int | None = None,
        unique: bool = False,
    ) -> list[Row]:
        """Give the cells of all sessions that match a pattern, oldest first.

        :param pattern: with ``*``, ``?`` and ``[...]``, for the whole cell.
        :param raw: give them as typed.
        :param search_raw: look at them as typed.
        :param n: how many at most, the newest; ``None`` for all.
        :param unique: of equal ones the last alone.
        """
        searched = "source_raw" if search_raw else "source"
        condition = f"{searched} GLOB ?"
        values: list[Any] = [pattern]
        recent = self._recent(condition, pattern, n) if n is not None and not unique else ()
        found = self._candidates(pattern) if search_raw and not recent else None
        if recent:
            condition += " AND (session, line) >= (?, ?)"
            values += recent
        elif found is not None:
            rows = "SELECT value FROM json_each(?) UNION SELECT rowid FROM history WHERE rowid > ?"
            condition += f" AND history.rowid IN ({rows})"
            values += [found.rows, found.last]
        if unique:
            condition += f" GROUP BY {'source_raw' if raw else 'source'}"
        condition += " ORDER BY session DESC, line DESC"
        if n is not None:
            condition += " LIMIT ?"
            values.append(n)
        return self._cells(condition, values, raw, output, newest=unique)[::-1]

    def _recent(self, condition: str, pattern: str, n: int) -> tuple[Any, ...]:
        """Give the place from which on there are enough matches, if they are common; else nothing."""
        rows = self.query(
            "SELECT session, line FROM history ORDER BY session DESC, line DESC LIMIT 1 OFFSET ?", (_RECENT,)
        )
        if not rows:
            return ()
        enough = self.query(
            f"SELECT count(*) FROM history WHERE (session, line) >= (?, ?) AND {condition}",
            (*rows[0], pattern),
        )
        return rows[0] if enough[0][0] >= n else ()

    def _candidates(self, pattern: str) -> Candidates | None:
        from .index import candidates

        connection = self.connection
        return candidates(connection, self.path, pattern) if connection is not None else None

    def _cells(
        self, condition: str, values: Iterable[Any], raw: bool, output: bool, *, newest: bool = False
    ) -> list[Row]:
        """Ask for cells; with ``newest`` each row of a group is that with the highest number."""
        # A text it is, whatever damage or another program has made of it.
        text = f"CAST(coalesce(history.{'source_raw' if raw else 'source'}, '') AS TEXT)"
        place = "history.session AS session, history.line AS line"
        if newest:  # where there is a max(), SQLite takes the other columns from its row
            place += ", max(history.session * 4294967296 + history.line)"
        tables = "history LEFT JOIN output_history USING (session, line)" if output else "history"
        shown = f", {text}" + (", output_history.output" if output else "")
        rows = self.query(f"SELECT {place}{shown} FROM {tables} WHERE {condition}", values)
        if newest:
            rows = [(session, line, *rest) for session, line, _, *rest in rows]
        if output:
            return [(session, line, (given, out)) for session, line, given, out in rows]
        return [(session, line, given) for session, line, given in rows]


def _file_of(profile: str) -> Path:
    from ipcore.configuration.directories import find_directories
    from ipcore.configuration.profiles import find_profile

    return find_profile(find_directories(), profile).history_file


def moment(value: object) -> datetime | None:
    """Give a time of the table as local time without a zone; ``None`` if it is none.

    IPython writes the start of a session in local time and its end in that of Greenwich with an offset.
    """
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo is None else read.astimezone().replace(tzinfo=None)
