"""The writer: a thread that moves what a session has typed from its spool into the database.

Whatever state the database is in, the user's thread appends a line to the spool and goes on. The
writer gathers for :data:`PAUSE` seconds, writes all in one transaction, and deals with what fails: what is
locked is tried again, what is damaged is repaired, what cannot be written waits in the spool for the
next shell. It ends before a fork and comes back with the next cell.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .spool import Record, Spool, orphans

if TYPE_CHECKING:
    import sqlite3

    from .database import Cells

#: Seconds that the writer gathers records before it writes them.
PAUSE: Final = 0.05

#: Seconds between two attempts, from the first to the longest.
_FIRST, _LONGEST = 0.1, 5.0

#: Seconds that the end of a session waits for what is not yet in the database.
PATIENCE: Final = 2.0

#: Records kept in memory where there can be no spool; the oldest go.
_MOST: Final = 10_000

#: Bytes after which a spool whose records are all in the database is replaced by a new one.
_LARGE: Final = 1 << 20

#: Repairs of one file by one session; what is damaged again after that has a cause that stays.
_MOST_REPAIRS: Final = 3

Tell = Callable[[str], object]


class Writer:
    """Takes the records of one session, and sees to it that they arrive. For any thread.

    Making one touches no file; the first record does.

    :param path: the database.
    :param tell: is called, from any thread, with a line for the user.
    """

    def __init__(self, path: Path, tell: Tell) -> None:
        self.path = path
        self.spools = path.with_name(f"{path.name}-spool")
        #: The session's number in the database; 0 until its first cell is there.
        self.session = 0
        self._tell = tell
        self._told: set[str] = set()
        self._head = self._new_head()
        self._spool: Spool | None = None
        self._moved = 0  # the offset in the spool up to which all is in the database
        self._memory: deque[Record] = deque(maxlen=_MOST)
        self._last_line = 0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._wanted = 0  # records given
        self._arrived = 0  # of these, in the database
        self._stopping = False
        self._hurry = False
        self._connection: sqlite3.Connection | None = None
        self._cells: Cells | None = None
        self._file: os.stat_result | None = None
        self._repairs = 0
        self._looked_for_orphans = False
        self._forgotten = False
        #: Whether somebody searches, so that an index is worth its place.
        self.indexed = False
        #: How many records are gathered before they are moved; what is asked for is moved at once.
        self.batch = 0

    # -- the user's thread -----------------------------------------------------

    def put(self, record: Record) -> None:
        """Take a record; it survives this process when this returns. Never waits for the database."""
        if self._forgotten:
            return
        if record["kind"] == "input":
            if record["line"] <= self._last_line:
                self.new_session()  # counting began anew: the same number is another cell
            self._last_line = record["line"]
        with self._lock:
            self._keep(record)
            self._wanted += 1
            self._changed.notify_all()
        if self._thread is None:
            self._start()

    def _keep(self, record: Record) -> None:
        try:
            if self._spool is None:
                self._spool = Spool(self.spools, self._head)
                self._moved = 0
            self._spool.append(record)
        except OSError as error:
            self._memory.append(record)
            self._say(
                f"history cannot be kept in {self.spools}: {error.strerror or error}. "
                "Cells go straight into the database; those of the last moment are lost in a crash."
            )

    def new_session(self) -> None:
        """Let what follows be another session. Waits a moment for what came before."""
        self.flush(PATIENCE)
        with self._lock:
            spool, self._spool = self._spool, None
            arrived = self._wanted == self._arrived
            self._head = self._new_head()
            self._last_line = self.session = self._moved = 0
            self._memory.clear()
            self._wanted = self._arrived = 0
        if spool is not None:
            spool.close(delete=arrived)

    def flush(self, seconds: float) -> bool:
        """Wait until all is in the database.

        :param seconds: how long at most.
        :returns: whether it is.
        """
        deadline = time.monotonic() + seconds
        with self._lock:
            wanted = self._wanted
            self._hurry = self._arrived < wanted
            self._changed.notify_all()
            while self._arrived < wanted:
                left = deadline - time.monotonic()
                if left <= 0 or self._thread is None:
                    return False
                self._changed.wait(left)
        return True

    def close(self) -> None:
        """End the session: write what is left, within :data:`PATIENCE`, and end the thread."""
        arrived = self.flush(PATIENCE)
        self.pause()
        with self._lock:
            spool, self._spool = self._spool, None
        if spool is not None:
            spool.close(delete=arrived)
            if not arrived:
                self._say(
                    f"the history {self.path} could not be written to. What was typed in this session is in "
                    f"{spool.path}; the next shell moves it."
                )
        self._disconnect()

    def pause(self) -> None:
        """End the thread, as before a fork; the next record starts a new one."""
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        with self._lock:
            self._stopping = True
            self._changed.notify_all()
        thread.join(PATIENCE + _LONGEST)
        with self._lock:
            self._stopping = False
            self._thread = None
        # SQLite's connections must not be carried over a fork.
        self._disconnect()

    def forget(self) -> None:
        """Let go of everything in a forked child, whose cells are nobody's history."""
        self._forgotten = True
        self._connection = self._cells = self._thread = None
        if self._spool is not None:
            self._spool.forget()
            self._spool = None

    # -- the thread ------------------------------------------------------------

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="ipshell history", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending: the spool has it
            self._thread = None

    def _run(self) -> None:
        wait = _FIRST
        while True:
            with self._lock:
                while self._arrived == self._wanted and not self._stopping:
                    self._changed.wait(60)
                if self._arrived == self._wanted:
                    return
                while self._wanted - self._arrived < self.batch and not self._hurry and not self._stopping:
                    self._changed.wait(60)
                if not self._hurry and not self._stopping:
                    self._changed.wait_for(lambda: self._hurry or self._stopping, PAUSE)
                stopping = self._stopping
            if self._move():
                wait = _FIRST
                if self.indexed:
                    self._index()
                continue
            if stopping:
                return
            with self._lock:
                self._changed.wait_for(lambda: self._stopping, wait)
            wait = min(2 * wait, _LONGEST)

    def _move(self) -> bool:
        """Move what there is into the database; false if it has to be tried again."""
        with self._lock:
            spool, memory, wanted = self._spool, list(self._memory), self._wanted
        try:
            import sqlite3
        except ImportError:
            self._do_without(wanted)
            return True
        try:
            records, end = spool.read(self._moved) if spool is not None else ([], 0)
            cells = self._connected()
            number = cells.write(self._head, [*records, *memory])
            if not self._looked_for_orphans:
                self._looked_for_orphans = True
                self._adopt(cells)
        except (sqlite3.Error, OSError, UnicodeError) as error:
            return self._failed(error)
        with self._lock:
            self.session = number or self.session
            self._moved = end
            for _ in memory:
                self._memory.popleft()
            self._arrived = wanted
            self._hurry = False
            if spool is not None and end > _LARGE and self._arrived == self._wanted:
                spool.close(delete=True)
                self._spool = None
            self._changed.notify_all()
        return True

    def _do_without(self, wanted: int) -> None:
        """Keep nothing, where Python was built without SQLite."""
        self._say("this Python has no sqlite3: cells are forgotten when the shell ends.")
        self._forgotten = True
        with self._lock:
            self._arrived = wanted
            self._changed.notify_all()

    def _connected(self) -> Cells:
        """Give a connection to the file that has that name now: a repair elsewhere puts another there."""
        if self._cells is not None and not self._is_same_file():
            self._disconnect()
            self._moved = 0
        if self._cells is None:
            from .database import Cells, connect

            self._connection = connect(self.path)
            self._cells = Cells(self._connection)
            self._file = os.stat(self.path)
        return self._cells

    def _is_same_file(self) -> bool:
        try:
            return self._file is not None and os.path.samestat(self._file, os.stat(self.path))
        except OSError:
            return False

    def _index(self) -> None:
        """Keep the index up to date, as long as there is nothing else to do."""
        import sqlite3

        from .index import update

        if self._connection is None:
            return
        try:
            update(self._connection, self.path, lambda: self._arrived == self._wanted and not self._stopping)
        except (sqlite3.Error, OSError):  # searches do without it
            self.indexed = False

    def _disconnect(self) -> None:
        connection, self._connection, self._cells = self._connection, None, None
        if connection is not None:
            import sqlite3

            with suppress(sqlite3.Error):
                connection.close()

    def _adopt(self, cells: Cells) -> None:
        """Move what sessions that crashed, or found the database locked, have left behind."""
        found = damaged = 0
        for orphan in orphans(self.spools):
            moved = False
            try:
                records, bad = orphan.read()
                damaged += bad
                if records and records[0]["kind"] == "head":
                    cells.write(records[0], records)
                    found += sum(record["kind"] == "input" for record in records)
                moved = True
            finally:
                orphan.close(delete=moved)
        if damaged:
            self._say(f"{damaged} cells of a session that crashed were damaged and are lost.")

    def _failed(self, error: Exception) -> bool:
        """Deal with a failure; true if the next attempt may follow at once."""
        import sqlite3

        from .faults import Fault, fault_of
        from .repair import repair

        fault = fault_of(error)
        self._looked_for_orphans = self._looked_for_orphans and fault is not Fault.LOCKED
        if fault is Fault.LOCKED:
            return False
        self._disconnect()
        if fault is Fault.CORRUPT and self._repairs < _MOST_REPAIRS:
            self._repairs += 1
            try:
                said = repair(self.path)
            except (sqlite3.Error, OSError) as worse:
                error = worse
            else:
                self._moved = 0
                if said:
                    self._say(said)
                return False
        self._say(
            f"the history {self.path} cannot be written to: {fault.value} ({error}). "
            f"What is typed is kept in {self.spools} and moved when it can be."
        )
        return False

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)

    @staticmethod
    def _new_head() -> Record:
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
        return {
            "kind": "head",
            "uid": os.urandom(16).hex(),
            "at": time.time(),
            "host": host,
            "pid": os.getpid(),
        }
