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
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .spool import Record, Spool, orphans

if TYPE_CHECKING:
    import sqlite3

    from .database import Cells
    from .faults import Fault

#: Seconds that the writer gathers records before it writes them.
PAUSE: Final = 0.05

#: Seconds between two attempts, from the first to the longest.
_FIRST, _LONGEST = 0.1, 5.0

#: Seconds that a batch that is not full waits.
_HOUR: Final = 3600.0

#: Seconds that a statement waits for another program. Attempts follow each other, and a fork and the end of
#: the shell wait for one.
_BUSY: Final = 0.25

#: Seconds that the end of a session waits for what is not yet in the database.
PATIENCE: Final = 2.0

#: Seconds that a fork waits for what the thread is doing.
_ENDING: Final = 3.0

#: Records kept in memory where there can be no spool; the oldest go.
_MOST: Final = 10_000

#: Bytes after which a spool whose records are all in the database is replaced by a new one.
_LARGE: Final = 1 << 20

#: Repairs of one file by one session; what is damaged again after that has a cause that stays.
_MOST_REPAIRS: Final = 3

Tell = Callable[[str], object]


class _Part:
    """What is kept of one session: in its spool, or in memory where there can be none."""

    def __init__(self) -> None:
        self.head = _new_head()
        self.spool: Spool | None = None
        self.moved = 0  # the offset in the spool up to which all is in the database
        self.memory: deque[Record] = deque()
        self.dropped = 0  # records that were the first of the memory, written or too many

    def rest(self) -> int:
        """Give the bytes, or records, that are not in the database."""
        return len(self.memory) + (self.spool.size - self.moved if self.spool is not None else 0)

    def drop(self, count: int) -> None:
        for _ in range(count):
            self.memory.popleft()
        self.dropped += count


class Writer:
    """Takes the records of a session, and sees to it that they arrive. For any thread.

    Making one touches no file; the first record does.

    :param path: the database, or ``:memory:``.
    :param tell: is called, from any thread, with a line for the user.
    :param journal: as for :func:`iphistory.database.connect`.
    """

    def __init__(self, path: Path, tell: Tell, *, journal: str = "") -> None:
        self.path = path
        self.spools = path.with_name(f"{path.name}-spool")
        #: The session's number in the database; 0 until its first cell is there.
        self.session = 0
        #: Whether somebody searches, so that an index is worth its place.
        self.indexed = False
        #: How many records are gathered before they are moved, but for what is asked for; 0 for no number.
        self.batch = 0
        self._in_memory = str(path) == ":memory:"
        self._tell = tell
        self._told: set[str] = set()
        self._journal = journal
        self._process = os.getpid()
        self._parts = [_Part()]  # the last one is that of the session
        self._last_line = 0
        self._thread: threading.Thread | None = None
        # A signal's handler may run a cell while its thread is in here.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._moving = threading.Lock()  # a thread that was not waited for may still be at it
        self._wanted = 0  # records given
        self._arrived = 0  # of these, in the database
        self._idle = False  # whether the thread has nothing to do
        self._waiting = 0  # how many wait until all is in the database
        self._asked = 0  # how often somebody began to wait
        self._failures = 0
        self._fault: Fault | None = None  # what the last attempt met
        self._locked_out = False  # whether that was a lock
        self._connection: sqlite3.Connection | None = None
        self._cells: Cells | None = None
        self._file: os.stat_result | None = None
        self._log: os.stat_result | None = None
        self._repairs = 0
        self._no_spool = ""  # why there is none
        self._looked_for_orphans = False
        self._forgotten = False

    # -- the user's thread -----------------------------------------------------

    def put(self, record: Record) -> None:
        """Take a record; it survives this process when this returns. Never waits for the database."""
        if self._process != os.getpid():  # a child of a fork that Python was not told of
            self.forget()
        if self._forgotten:
            return
        with self._lock:
            if record["kind"] == "input":
                if record["line"] <= self._last_line:
                    self.new_session()  # counting began anew: the same number is another cell
                self._last_line = record["line"]
            # Counted first: where a signal breaks this off, one too many costs nothing.
            self._wanted += 1
            self._keep(self._parts[-1], record)
            if self._idle or self.batch:  # else it looks by itself, in a moment
                self._changed.notify_all()
                self._idle = False
            self._see_to_thread()

    def _keep(self, part: _Part, record: Record) -> None:
        if not self._in_memory:
            try:
                if part.spool is None:
                    part.spool, part.moved = Spool(self.spools, part.head), 0
                part.spool.append(record)
                return
            except OSError as error:
                self._no_spool = error.strerror or str(error)
        part.memory.append(record)
        if len(part.memory) > _MOST:
            part.drop(1)
            self.say(
                "dropped",
                f"more than {_MOST} cells could not be written to {self.path}: the oldest are lost.",
            )

    def new_session(self) -> None:
        """Let what follows be another session."""
        with self._lock:
            if self._parts[-1].spool is not None or self._parts[-1].memory:
                self._parts.append(_Part())
            self._last_line = self.session = 0

    def flush(self, seconds: float) -> bool:
        """Wait until all is in the database; not to the end where it is clear that this cannot be.

        :param seconds: how long at most.
        :returns: whether it is.
        """
        if self._forgotten:
            return True
        deadline = time.monotonic() + seconds
        with self._lock:
            wanted, failures = self._wanted, self._failures
            if self._arrived >= wanted:
                return True
            self._asked += 1
            self._waiting += 1
            try:
                self._see_to_thread()
                self._changed.notify_all()
                while self._arrived < wanted:
                    left = deadline - time.monotonic()
                    # Of two attempts one began after this was called.
                    hopeless = self._failures >= failures + 2 and not self._locked_out
                    if left <= 0 or hopeless or self._thread is None:
                        return False
                    self._changed.wait(left)
            finally:
                self._waiting -= 1
        return True

    def close(self) -> None:
        """End the session: write what is left, within :data:`PATIENCE`, and end the thread."""
        if self._forgotten:
            return
        self.flush(PATIENCE)
        self.pause()
        with self._lock:
            parts, self._parts = self._parts, [_Part()]
            self._last_line = 0
        for part in parts:
            self._leave(part)

    def _leave(self, part: _Part) -> None:
        rest = part.rest()
        if part.spool is not None:
            part.spool.close(delete=not rest)
        if rest and part.memory:
            count = sum(record["kind"] == "input" for record in part.memory)
            self.say(
                "trouble", f"{self.path} could not be written to: {count} cells of this session are lost."
            )
        elif rest and part.spool is not None:
            self.say(
                "trouble",
                f"the history {self.path} could not be written to. What was typed in this session is in "
                f"{part.spool.path}; the next shell moves it.",
            )

    def pause(self) -> None:
        """End the thread, as before a fork; the next record starts a new one."""
        from ipcore.hosts.forking import end_thread

        with self._lock:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            end_thread(thread, _ENDING)
            if thread.is_alive():  # it ends when it can, and closes what it has open
                return
        # SQLite's connections must not be carried over a fork.
        if self._moving.acquire(blocking=False):
            try:
                self._disconnect()
            finally:
                self._moving.release()

    def forget(self) -> None:
        """Let go of everything in a forked child, whose cells are nobody's history."""
        self._forgotten = True
        # Never closed here: SQLite would take its parent's log for its own.
        _of_the_parent.append((self._connection, self._cells))
        self._connection = self._cells = self._thread = None
        for part in self._parts:
            if part.spool is not None:
                part.spool.forget()

    # -- the thread ------------------------------------------------------------

    def _see_to_thread(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._run, name="ipshell history", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending: the spool has it
            self._thread = None

    def _run(self) -> None:
        me = threading.current_thread()
        wait = _FIRST
        while True:
            with self._lock:
                self._idle = True
                while self._arrived == self._wanted and self._thread is me:
                    self._changed.wait(60)
                self._idle = False
                self._changed.wait_for(partial(self._is_time, me), _HOUR if self.batch else PAUSE)
                if self._thread is not me:
                    return
                asked = self._asked
            with self._moving:
                moved = self._move()
                if moved and self.indexed:
                    self._index(me)
                if self._thread is not me:
                    self._disconnect()
            if moved:
                wait = _FIRST
                continue
            with self._lock:
                pause = _FIRST if self._waiting else wait
                self._changed.wait_for(partial(self._is_disturbed, me, asked), pause)
            wait = min(2 * wait, _LONGEST)

    def _is_time(self, me: threading.Thread) -> bool:
        full = 0 < self.batch <= self._wanted - self._arrived
        return full or self._waiting > 0 or self._thread is not me

    def _is_disturbed(self, me: threading.Thread, asked: int) -> bool:
        return self._thread is not me or self._asked != asked

    def _move(self) -> bool:
        """Move what there is into the database; false if it has to be tried again."""
        with self._lock:
            wanted, parts = self._wanted, list(self._parts)
        try:
            import sqlite3  # noqa: F401
        except ImportError:
            self._do_without(wanted)
            return True
        try:
            cells = self._connected()
            if not self._looked_for_orphans:  # before the first cell of this session: they are older
                self._adopt(cells)
            for part in parts:
                self._move_part(cells, part)
            if not self._is_same_file():  # a repair elsewhere has just put another there
                return False
        except Exception as error:  # SQLite's, the system's; whatever it is, this thread goes on
            return self._failed(error)
        with self._lock:
            self._arrived = wanted
            self._fault = None
            self._drop_spools()
            self._changed.notify_all()
        self._tell_what_was_hard(cells)
        return True

    def _move_part(self, cells: Cells, part: _Part) -> None:
        with self._lock:
            spool, end = part.spool, part.spool.size if part.spool is not None else 0
            memory, dropped = list(part.memory), part.dropped
        number = 0
        while spool is not None and part.moved < end:
            piece = _Piece(spool, part.moved, end)
            number = cells.write(part.head, piece) or number
            part.moved = piece.end
        if memory:
            number = cells.write(part.head, memory) or number
        with self._lock:
            part.drop(max(0, dropped + len(memory) - part.dropped))
            if number and part is self._parts[-1]:
                former, self.session = self.session, number
                if former not in (0, number):
                    self._tell_number(former)

    def _drop_spools(self) -> None:
        """Delete the spools of sessions that are over, and one that has grown."""
        for part in list(self._parts):
            over = part is not self._parts[-1]
            if part.spool is not None and not part.rest() and (over or part.moved > _LARGE):
                part.spool.close(delete=True)
                part.spool, part.moved = None, 0
            if over and not part.rest():
                self._parts.remove(part)

    def _do_without(self, wanted: int) -> None:
        """Keep nothing, where Python was built without SQLite."""
        self.say("without", "this Python has no sqlite3: cells are forgotten when the shell ends.")
        with self._lock:
            self._forgotten = True
            for part in self._parts:
                if part.spool is not None:
                    part.spool.close(delete=True)
            self._parts = [_Part()]
            self._arrived = wanted
            self._changed.notify_all()

    def _connected(self) -> Cells:
        """Give a connection to the file that has that name now: a repair elsewhere puts another there."""
        if self._cells is not None and not self._is_same_file():
            self._disconnect()
            self._remove_old_log()
            with self._lock:
                for part in self._parts:  # what that file has not got; what it has is left alone
                    part.moved = 0
        if self._cells is None:
            from .database import Cells, connect

            self._connection = connect(self.path, busy=_BUSY, journal=self._journal)
            self._cells = Cells(self._connection)
            if not self._in_memory:
                self._file, self._log = os.stat(self.path), _stat(self._log_name())
        return self._cells

    def _log_name(self) -> Path:
        path = Path(os.path.realpath(self.path))
        return path.with_name(f"{path.name}-wal")

    def _remove_old_log(self) -> None:
        """Remove the log of a file that is no more: SQLite would write it over the one that is there now."""
        name = self._log_name()
        there = _stat(name)
        if self._log is not None and there is not None and os.path.samestat(self._log, there):
            with suppress(OSError):
                name.unlink()
            with suppress(OSError):
                name.with_name(name.name.removesuffix("wal") + "shm").unlink()

    def _is_same_file(self) -> bool:
        if self._in_memory:
            return True
        there = _stat(self.path)
        return self._file is not None and there is not None and os.path.samestat(self._file, there)

    def _index(self, me: threading.Thread) -> None:
        """Keep the index up to date, as long as there is nothing else to do."""
        import sqlite3

        from .index import update

        if self._connection is None or self._in_memory:
            return
        try:
            update(self._connection, self.path, lambda: self._arrived == self._wanted and self._thread is me)
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
        import sqlite3

        from .faults import Fault, fault_of

        for orphan in () if self._in_memory else orphans(self.spools):
            moved, bad = False, 0
            try:
                records, bad = orphan.read()
                cells.write(records[0], records)
                moved = True
            except (sqlite3.Error, OSError) as error:
                if not isinstance(error, OSError) and fault_of(error) is not Fault.OTHER:
                    raise
                self.say("orphans", f"what a session has left in {orphan.path} cannot be moved: {error}.")
            finally:
                left = orphan.close(delete=moved, damaged=bool(bad))
            if bad:
                what = "a line" if bad == 1 else f"{bad} lines"
                self.say("damaged", f"{what} of a session that crashed cannot be read, see {left}.")
        self._looked_for_orphans = True

    def _failed(self, error: Exception) -> bool:
        """Deal with a failure; true if after that all is in the database, else it is to be tried again."""
        from .faults import Fault, fault_at

        fault = fault_at(error, self.path)
        if fault is not Fault.LOCKED:
            self._disconnect()
        # What is damaged in the schema is no damage for SQLite, but an error in what it is asked.
        damaged = fault is Fault.CORRUPT or fault is self._fault is Fault.OTHER
        if damaged and self._repairs < _MOST_REPAIRS:
            import sqlite3

            try:
                self._repair()
            except (sqlite3.Error, OSError) as worse:
                error = worse
            else:
                return self._move()
        with self._lock:
            again = self._fault is fault
            self._fault, self._locked_out = fault, fault is Fault.LOCKED
            self._failures += 1
            self._changed.notify_all()
        if fault is Fault.LOCKED or (fault is Fault.OTHER and not again):
            return False
        if self._no_spool:
            what = "What is typed is kept in memory; what cannot be written by the end of the shell is lost."
        else:
            what = f"What is typed is kept in {self.spools} and moved when it can be."
        self.say("trouble", f"the history {self.path} cannot be written to: {fault.value} ({error}). {what}")
        return False

    def _repair(self) -> None:
        from .repair import repair

        self._repairs += 1
        said = repair(self.path)
        with self._lock:
            for part in self._parts:
                part.moved = 0
        if said:
            self.say(f"repair {self._repairs}", said)

    def _tell_what_was_hard(self, cells: Cells) -> None:
        if cells.refused:
            self.say(
                "refused", f"{len(cells.refused)} records cannot be kept in the history: {cells.refused[0]}."
            )
            cells.refused.clear()
        if self._no_spool:
            self.say(
                "spool",
                f"cells cannot be kept in {self.spools}: {self._no_spool}. They go straight into the "
                "history; those of the last moment are lost in a crash.",
            )

    def _tell_number(self, former: int) -> None:
        self.say(
            f"number {self.session}",
            f"this session is number {self.session} of the history {self.path} from now on: number {former} "
            "is another program's there, or is there no more.",
        )

    def tell_what_is_missing(self) -> None:
        """Tell that the database lacks the last cells, unless it has been told already why it does."""
        if "trouble" not in self._told:
            self.say(
                "missing",
                f"the history {self.path} cannot be written to at the moment, perhaps because another "
                "program holds it. What was typed last is found there once that has ended.",
            )

    def say(self, key: str, text: str) -> None:
        """Tell the user something once.

        :param key: what it is about; ``trouble`` where the file cannot be used.
        """
        if key not in self._told:
            self._told.add(key)
            self._tell(text)


class _Piece:
    """Records of a spool, read when they are asked for: when the database lets nobody else write."""

    def __init__(self, spool: Spool, start: int, stop: int) -> None:
        self._spool = spool
        self._stop = stop
        #: The offset behind what was read.
        self.end = start

    def __iter__(self) -> Iterator[Record]:
        found, self.end = self._spool.read(self.end, self._stop)
        return iter(found)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


#: What a forked child has of its parent's.
_of_the_parent: list[object] = []


def _new_head() -> Record:
    host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return {
        "kind": "head",
        "uid": os.urandom(16).hex(),
        "at": time.time(),
        "host": host,
        "pid": os.getpid(),
    }
