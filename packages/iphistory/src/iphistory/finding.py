"""Finding cells for somebody who types: off the thread that runs cells, and to be stopped at any key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import sqlite3

#: Cells that are looked through at a time: few at first, so that something is there soon.
_SLICES: Final = (5_000, 20_000, 100_000)

#: Hits of one slice at most, the newest.
_MOST: Final = 1000

#: Seconds that a statement waits for who else writes.
_BUSY: Final = 0.2


class Found(NamedTuple):
    """A cell that was found."""

    session: int
    line: int
    text: str


class Finder:
    """Answers one question about a history, with a connection of its own, on any one thread.

    It takes what is in the file. What the running session has not written yet is in the shell's memory.

    :param path: the file; one that is not there is an empty history.
    :param own: gives the number of the running session, once what it has is in the file or cannot be soon.
    """

    def __init__(self, path: Path, own: Callable[[], int]) -> None:
        self._path = path
        self._own = own
        self._connection: sqlite3.Connection | None = None
        self._stopped = False

    def stop(self) -> None:
        """End what is being looked for, soon and without an error. For any thread, and for good."""
        self._stopped = True
        connection = self._connection
        if connection is not None:
            from sqlite3 import ProgrammingError

            try:
                connection.interrupt()
            except ProgrammingError:  # it has just been closed
                return

    def recent(self, n: int) -> list[str]:
        """Give the last cells of other sessions, the oldest of them first.

        :raises sqlite3.Error: if the history cannot be read; the other methods too.
        """
        sql = """SELECT CAST(coalesce(source_raw, '') AS TEXT) FROM history WHERE session <> ?
                 ORDER BY session DESC, line DESC LIMIT ?"""
        rows = [row for batch in self._ask(sql, lambda: [(self._own(), n)]) for row in batch]
        return [text for (text,) in reversed(rows)]

    def prefixed(self, prefix: str, n: int) -> list[str]:
        """Give the different cells of all sessions that begin with a text, the newest first."""
        escaped = "".join(f"[{each}]" if each in "*?[" else each for each in prefix)
        sql = """SELECT CAST(source_raw AS TEXT), max(rowid) AS newest FROM history WHERE source_raw GLOB ?
                 GROUP BY source_raw ORDER BY newest DESC LIMIT ?"""
        return [text for batch in self._ask(sql, lambda: [(f"{escaped}*", n)]) for text, _ in batch]

    def matching(
        self, letters: str, *, folder: str = "", failed: bool = True, own: bool = False
    ) -> Iterator[list[Found]]:
        """Give cells that have some letters in this order, whatever stands between, the newest first.

        :param letters: blanks count for nothing, nor does case where all are small; empty for all cells.
        :param folder: only cells that ran there.
        :param failed: also those that have failed.
        :param own: only those of this session.
        """
        wanted = letters.replace(" ", "")
        folds = wanted == wanted.lower()
        conditions = ["source_raw LIKE ? ESCAPE '!'" if folds else "source_raw GLOB ?"]
        values: list[Any] = [as_pattern(wanted, folds)]
        if folder:
            conditions.append("path = ?")
            values.append(folder)
        if not failed:
            conditions.append("coalesce(outcome, 'ok') = 'ok'")
        session = self._own() if own or folder or not failed else 0
        if own:
            conditions.append("history.session = ?")
            values.append(session)
        known = "LEFT JOIN ipshell_cells USING (session, line) LEFT JOIN ipshell_folders USING (folder)"
        sql = f"""SELECT history.session, history.line, CAST(source_raw AS TEXT)
                  FROM history {known if folder or not failed else ""}
                  WHERE history.rowid > ? AND history.rowid <= ? AND {" AND ".join(conditions)}
                  ORDER BY history.rowid DESC LIMIT {_MOST}"""
        for rows in self._ask(sql, lambda: ((*slice, *values) for slice in self._slices())):
            yield [Found(*row) for row in rows]

    def _slices(self) -> Iterator[tuple[int, int]]:
        """Give pieces of the history, by the numbers of rows, the newest first."""
        connection = self._connection
        high = (connection.execute("SELECT max(rowid) FROM history").fetchone()[0] or 0) if connection else 0
        turn = 0
        while high > 0:
            size = _SLICES[min(turn, len(_SLICES) - 1)]
            yield high - size, high
            high -= size
            turn += 1

    def _ask(self, sql: str, questions: Callable[[], Any]) -> Iterator[list[Any]]:
        """Ask the file the same with different values; gives the answers one by one."""
        try:
            import sqlite3
        except ImportError:  # the writer tells it
            return
        if self._stopped or not self._path.exists():
            return
        from .database import connect

        with closing(connect(self._path, write=False, busy=_BUSY)) as connection:
            self._connection = connection
            try:
                # The first shell of all makes its tables one by one.
                made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'history'").fetchone()
                if made is None:
                    return
                for values in questions():
                    if self._stopped:
                        return
                    rows = connection.execute(sql, values).fetchall()
                    if rows:
                        yield rows
            except sqlite3.OperationalError as error:
                if self._stopped or _knows_nothing(error):
                    return
                raise
            finally:
                self._connection = None


def as_pattern(wanted: str, folds: bool) -> str:
    """Give the pattern of SQL for letters in this order: of ``LIKE``, escaped by ``!``, or of ``GLOB``."""
    if folds:
        return "%" + "".join(f"!{each}%" if each in "%_!" else f"{each}%" for each in wanted)
    return "*" + "".join(f"[{each}]*" if each in "*?[" else f"{each}*" for each in wanted)


def _knows_nothing(error: sqlite3.OperationalError) -> bool:
    """Tell whether the file is one of IPython's, without folders and outcomes."""
    return "no such table: ipshell" in str(error)
